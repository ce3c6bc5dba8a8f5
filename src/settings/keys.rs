//! The names of the settings, as they are stored and typed.

/// The name of the business.
pub const BUSINESS_NAME: &str = "business.name";
/// The country whose numbers are from home.
pub const BUSINESS_COUNTRY: &str = "business.country";
/// The number that customers call.
pub const BUSINESS_NUMBER: &str = "business.number";
/// What a job is worth on average.
pub const BUSINESS_JOB_VALUE: &str = "business.job_value";
/// The text for a missed call.
pub const MESSAGE_MISSED_CALL: &str = "message.missed_call";
/// The language of the built-in texts.
pub const MESSAGE_LANGUAGE: &str = "message.language";
/// The text for a missed call outside the hours.
pub const MESSAGE_AFTER_HOURS: &str = "message.after_hours";
/// The text for a missed call on a holiday.
pub const MESSAGE_HOLIDAY: &str = "message.holiday";
/// The text for a missed call that goes out late.
pub const MESSAGE_HELD: &str = "message.held";
/// The text for a caller who has not answered the first.
pub const MESSAGE_FOLLOW_UP: &str = "message.follow_up";
/// The text that answers STOP.
pub const MESSAGE_OPT_OUT: &str = "message.opt_out";
/// The text that answers START.
pub const MESSAGE_OPT_IN: &str = "message.opt_in";
/// The text that answers HELP.
pub const MESSAGE_HELP: &str = "message.help";
/// The owner's own phone.
pub const OWNER_NUMBER: &str = "owner.number";
/// The language that the page speaks.
pub const OWNER_LANGUAGE: &str = "owner.language";
/// When the owner's phone gets what callers write.
pub const OWNER_HOURS: &str = "owner.hours";
/// What stands in front of a command by text that changes something.
pub const OWNER_PIN: &str = "owner.pin";
/// The phone of the front desk.
pub const DESK_NUMBER: &str = "desk.number";
/// When that phone gets what callers write.
pub const DESK_HOURS: &str = "desk.hours";
/// Seconds after which a ringing call is hung up.
pub const CALLS_HANG_UP_AFTER_S: &str = "calls.hang_up_after_s";
/// Whether an operator's text about a missed call counts as one.
pub const CALLS_OPERATOR_NOTICES: &str = "calls.operator_notices";
/// Hours in which a caller gets no second text.
pub const TEXTS_COOLDOWN_H: &str = "texts.cooldown_h";
/// Texts in a minute.
pub const TEXTS_MAX_PER_MINUTE: &str = "texts.max_per_minute";
/// Texts in a day.
pub const TEXTS_MAX_PER_DAY: &str = "texts.max_per_day";
/// Texts in a calendar month.
pub const TEXTS_MAX_PER_MONTH: &str = "texts.max_per_month";
/// Different people texted in a calendar month.
pub const TEXTS_MAX_RECIPIENTS_PER_MONTH: &str = "texts.max_recipients_per_month";
/// Texts in an hour to numbers that are almost the same.
pub const TEXTS_MAX_NEIGHBOURS_PER_HOUR: &str = "texts.max_neighbours_per_hour";
/// Calls in an hour of the night that look like a machine's.
pub const TEXTS_MAX_ODD_CALLS_AT_NIGHT: &str = "texts.max_odd_calls_at_night";
/// Whether callers from abroad are texted.
pub const TEXTS_ALLOW_FOREIGN: &str = "texts.allow_foreign";
/// Whether the owner's contacts are left alone.
pub const TEXTS_ONLY_STRANGERS: &str = "texts.only_strangers";
/// The hours of a week in which the business is open.
pub const HOURS_WEEKLY: &str = "hours.weekly";
/// Its own holidays.
pub const HOURS_HOLIDAYS: &str = "hours.holidays";
/// The national holidays it keeps.
pub const HOURS_CALENDAR: &str = "hours.calendar";
/// Until when the owner is out of office.
pub const HOURS_AWAY_UNTIL: &str = "hours.away_until";
/// The time zone in which it lives.
pub const HOURS_TIME_ZONE: &str = "hours.time_zone";
/// What a caller outside the hours gets where there is no message for that.
pub const HOURS_WITHOUT_MESSAGE: &str = "hours.without_message";
/// Until when nobody is texted.
pub const TEXTS_PAUSED_UNTIL: &str = "texts.paused_until";
/// Whether a caller who has not answered is texted once more.
pub const FOLLOW_UP_SEND: &str = "follow_up.send";
/// At what time of the next day.
pub const FOLLOW_UP_AT: &str = "follow_up.at";
/// When the owner gets the summary of a day.
pub const DIGEST_DAILY_AT: &str = "digest.daily_at";
/// When he gets that of a week.
pub const DIGEST_WEEKLY_AT: &str = "digest.weekly_at";
/// Days after which calls and texts are removed.
pub const DATA_KEEP_DAYS: &str = "data.keep_days";
