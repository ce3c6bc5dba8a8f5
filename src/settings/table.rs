//! Every setting: its key, its default, what it accepts, and what it does.

use std::ops::RangeInclusive;

use jiff::civil::Time;

use super::keys::*;
use crate::hours::{self, Calendar, OwnDates, Until, WeeklyHours};
use crate::phone::{PhoneNumber, Region};
use crate::wording::{self, Language, Occasion, Template};

/// What [`HOURS_WEEKLY`] and the hours of a person take.
const HOURS_OF_A_WEEK: Kind = Kind::Hours {
    spell: |value| Ok(value.parse::<WeeklyHours>()?.to_string()),
    accepts: "hours such as Mo-Fr 08:00-12:00, 13:00-17:00; Sa 09:00-12:00, or 24/7, or empty",
};

/// Digits of [`OWNER_PIN`].
pub const PIN_DIGITS: RangeInclusive<usize> = 4..=8;

/// What switches something off that has a time.
const OFF: &str = "off";

/// One thing the owner can change.
#[derive(Debug)]
pub struct Setting {
    /// Its name, as in `textback settings set KEY VALUE`.
    pub key: &'static str,
    /// Its value until the owner changes it.
    pub default: &'static str,
    /// What it does, in one line.
    pub help: &'static str,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Name,
    Country,
    Language,
    Message(Occasion),
    Number,
    Pin,
    Whole {
        range: RangeInclusive<u32>,
        unit: &'static str,
    },
    YesNo,
    Choice(&'static [&'static str]),
    TimeOfDay,
    TimeOfDayOrOff,
    /// One of `hours.*`: how it is read into the spelling that is stored, and what it takes in words.
    Hours {
        spell: fn(&str) -> Result<String, hours::Mistake>,
        accepts: &'static str,
    },
}

/// Every setting, in the order in which people are shown them.
pub const ALL: &[Setting] = &[
    Setting {
        key: BUSINESS_NAME,
        default: "",
        help: "The name of the business, {business} in messages.",
        kind: Kind::Name,
    },
    Setting {
        key: BUSINESS_COUNTRY,
        default: "",
        help: "The country whose callers are from home. Empty: the SIM's.",
        kind: Kind::Country,
    },
    Setting {
        key: BUSINESS_NUMBER,
        default: "",
        help: "The number that customers call, for those who ask with HELP. It is never texted as a caller.",
        kind: Kind::Number,
    },
    Setting {
        key: BUSINESS_JOB_VALUE,
        default: "0",
        help: "What a job is worth on average, so that the page can say what those who wrote back may bring. 0: it does not.",
        kind: Kind::Whole {
            range: 0..=1_000_000,
            unit: "of your money",
        },
    },
    Setting {
        key: MESSAGE_MISSED_CALL,
        default: "",
        help: "The text for a missed call. Empty: the built-in one.",
        kind: Kind::Message(Occasion::MissedCall),
    },
    Setting {
        key: MESSAGE_LANGUAGE,
        default: "",
        help: "The language of the built-in texts. Empty: that of the home country, or English.",
        kind: Kind::Language,
    },
    Setting {
        key: MESSAGE_AFTER_HOURS,
        default: "",
        help: "The text for a missed call outside the hours.",
        kind: Kind::Message(Occasion::AfterHours),
    },
    Setting {
        key: MESSAGE_HOLIDAY,
        default: "",
        help: "The text for a missed call on a holiday.",
        kind: Kind::Message(Occasion::Holiday),
    },
    Setting {
        key: MESSAGE_HELD,
        default: "",
        help: "The text for a missed call that goes out late. {time} is when the call came. Empty: the built-in one.",
        kind: Kind::Message(Occasion::Held),
    },
    Setting {
        key: MESSAGE_FOLLOW_UP,
        default: "",
        help: "The text for a caller who has not answered the first. Empty: the built-in one.",
        kind: Kind::Message(Occasion::FollowUp),
    },
    Setting {
        key: MESSAGE_OPT_OUT,
        default: "",
        help: "The text that answers STOP, without advertisement. Empty: the built-in one.",
        kind: Kind::Message(Occasion::OptOut),
    },
    Setting {
        key: MESSAGE_OPT_IN,
        default: "",
        help: "The text that answers START. Empty: the built-in one.",
        kind: Kind::Message(Occasion::OptIn),
    },
    Setting {
        key: MESSAGE_HELP,
        default: "",
        help: "The text that answers HELP. Empty: the built-in one.",
        kind: Kind::Message(Occasion::Help),
    },
    Setting {
        key: OWNER_NUMBER,
        default: "",
        help: "The owner's own phone, {owner} in messages. It gets what callers write, answers them and steers by text (HELP says how), hears of callers whom no text reached, and is never texted as a caller.",
        kind: Kind::Number,
    },
    Setting {
        key: OWNER_LANGUAGE,
        default: "",
        help: "The language of the page. Empty: that of the built-in texts.",
        kind: Kind::Language,
    },
    Setting {
        key: OWNER_HOURS,
        default: "",
        help: "When what callers write is passed on to the owner's phone. Empty: at all hours.",
        kind: HOURS_OF_A_WEEK,
    },
    Setting {
        key: OWNER_PIN,
        default: "",
        help: "What has to stand in front of a command by text that changes something, as a sender can be faked. Empty: nothing.",
        kind: Kind::Pin,
    },
    Setting {
        key: DESK_NUMBER,
        default: "",
        help: "A second phone, such as that of the front desk, that gets what callers write and may answer and steer as the owner's does.",
        kind: Kind::Number,
    },
    Setting {
        key: DESK_HOURS,
        default: "",
        help: "When what callers write is passed on to that phone. Empty: at all hours.",
        kind: HOURS_OF_A_WEEK,
    },
    Setting {
        key: CALLS_HANG_UP_AFTER_S,
        default: "15",
        help: "How long a caller rings before we hang up. 0: let it ring (the SIM's voicemail may take the call).",
        kind: Kind::Whole {
            range: 0..=60,
            unit: "seconds",
        },
    },
    // Off: whoever can write under an operator's name could have us text anybody.
    Setting {
        key: CALLS_OPERATOR_NOTICES,
        default: "no",
        help: "Whether your operator's texts about calls that did not get through count as missed calls.",
        kind: Kind::YesNo,
    },
    Setting {
        key: TEXTS_COOLDOWN_H,
        default: "24",
        help: "How long a caller who was texted gets no second text. 0: every missed call is texted.",
        kind: Kind::Whole {
            range: 0..=720,
            unit: "hours",
        },
    },
    // 15 to 60 a minute is what CTIA's Messaging Principles (2019) call typical for a consumer; a SIM has to stay inside.
    Setting {
        key: TEXTS_MAX_PER_MINUTE,
        default: "30",
        help: "Texts that go out in a minute; the rest wait.",
        kind: Kind::Whole {
            range: 1..=60,
            unit: "texts",
        },
    },
    // 200 a day from one number was a carriers' trigger for blocking; CTIA's bound for a consumer is 1,000.
    Setting {
        key: TEXTS_MAX_PER_DAY,
        default: "200",
        help: "Texts that go out in a day; callers beyond are not texted.",
        kind: Kind::Whole {
            range: 1..=1000,
            unit: "texts",
        },
    },
    // Four texts to each of the recipients below. Plans are sold with less (capcom6 issue 34: 100 a day), and then say so.
    Setting {
        key: TEXTS_MAX_PER_MONTH,
        default: "1000",
        help: "Texts that go out in a calendar month; callers beyond are not texted.",
        kind: Kind::Whole {
            range: 1..=20_000,
            unit: "texts",
        },
    },
    // "Unlimited" plans allow 99 to 250 different people a month (capcom6/android-sms-gateway issues 148 and 270).
    Setting {
        key: TEXTS_MAX_RECIPIENTS_PER_MONTH,
        default: "250",
        help: "Different people who are texted in a calendar month; new callers beyond are not texted.",
        kind: Kind::Whole {
            range: 1..=10_000,
            unit: "people",
        },
    },
    // Machines call from whole blocks of numbers. Not stricter, because fifty callers within minutes must all be texted, and those of
    // one town or firm can be neighbours.
    Setting {
        key: TEXTS_MAX_NEIGHBOURS_PER_HOUR,
        default: "60",
        help: "Texts in an hour to numbers that differ in their last two digits only, as machines call; callers beyond are not texted.",
        kind: Kind::Whole {
            range: 1..=100,
            unit: "numbers",
        },
    },
    Setting {
        key: TEXTS_MAX_ODD_CALLS_AT_NIGHT,
        default: "60",
        help: "Calls in an hour, between 22:00 and 6:00, that hide their number or ring once, as machines call; strangers beyond who ring once are not texted.",
        kind: Kind::Whole {
            range: 1..=1000,
            unit: "calls",
        },
    },
    Setting {
        key: TEXTS_ALLOW_FOREIGN,
        default: "no",
        help: "Whether callers from abroad are texted, which may cost more.",
        kind: Kind::YesNo,
    },
    Setting {
        key: TEXTS_ONLY_STRANGERS,
        default: "no",
        help: "Whether callers among your contacts are left alone, so that only strangers are texted.",
        kind: Kind::YesNo,
    },
    Setting {
        key: HOURS_WEEKLY,
        default: "",
        help: "When the business is open in a week. Empty: at all hours.",
        kind: HOURS_OF_A_WEEK,
    },
    Setting {
        key: HOURS_HOLIDAYS,
        default: "",
        help: "Days on which the business is closed, besides those of hours.calendar.",
        kind: Kind::Hours {
            spell: |value| Ok(value.parse::<OwnDates>()?.to_string()),
            accepts: "days such as 2026-12-24, 12-25 (every year), 2026-12-27..2027-01-02, or empty",
        },
    },
    Setting {
        key: HOURS_CALENDAR,
        default: "",
        help: "The country whose public holidays the business keeps. Empty: none.",
        kind: Kind::Hours {
            spell: |value| Ok(value.parse::<Calendar>()?.to_string()),
            accepts: "a country such as US, CA or GB, or a part of one such as GB-SCT or DE-BY, or empty",
        },
    },
    Setting {
        key: HOURS_AWAY_UNTIL,
        default: "",
        help: "Out of office until the beginning of that day, or until that time. Empty: not away.",
        kind: Kind::Hours {
            spell: |value| Ok(value.parse::<Until>()?.to_string()),
            accepts: "a day such as 2026-12-24, or with the time 2026-12-24 08:00, or empty",
        },
    },
    Setting {
        key: HOURS_TIME_ZONE,
        default: "",
        help: "The time zone in which the business is. Empty: the computer's.",
        kind: Kind::Hours {
            spell: |value| {
                let zone = hours::time_zone(value)?;
                Ok(zone.iana_name().unwrap_or(value).to_owned())
            },
            accepts: "a time zone such as America/New_York, or empty",
        },
    },
    // A job is worth more than a night's rest of the box: who hears nothing calls the next one on the list.
    Setting {
        key: HOURS_WITHOUT_MESSAGE,
        default: "usual",
        help: "What callers outside the hours or on a holiday get while the message for that is empty: the usual text, or none.",
        kind: Kind::Choice(&["usual", "none"]),
    },
    Setting {
        key: TEXTS_PAUSED_UNTIL,
        default: "",
        help: "Until then no caller is texted, whatever the hours. Empty: not paused.",
        kind: Kind::Hours {
            spell: |value| value.parse().map(|until: Until| until.to_string()),
            accepts: "a date and a time such as 2026-12-24 08:00, or empty",
        },
    },
    // Off: a reply to an inquiry is exempt where a second text is not (Canada: CASL, GIC regulations s.3(b)), and callers count.
    Setting {
        key: FOLLOW_UP_SEND,
        default: "no",
        help: "Whether a caller who has not answered the text gets one more on the next day that is open. Never after STOP, an answer or a call that was taken.",
        kind: Kind::YesNo,
    },
    Setting {
        key: FOLLOW_UP_AT,
        default: "10:00",
        help: "At what time of day that goes out, or as soon after it as the business is open.",
        kind: Kind::TimeOfDay,
    },
    Setting {
        key: DIGEST_DAILY_AT,
        default: "18:00",
        help: "At what time of day owner.number gets a text about the last 24 hours, if anything happened in them.",
        kind: Kind::TimeOfDayOrOff,
    },
    Setting {
        key: DIGEST_WEEKLY_AT,
        default: "08:00",
        help: "At what time on Monday owner.number gets a text about the last seven days, also if nothing happened: it shows that the box lives.",
        kind: Kind::TimeOfDayOrOff,
    },
    // A year, and the same month of the last one. Not fewer than the longest time that a rule looks back, a month of cooldown.
    Setting {
        key: DATA_KEEP_DAYS,
        default: "400",
        help: "How long calls and texts are kept. Who asked for no more texts is kept for ever.",
        kind: Kind::Whole {
            range: 35..=3650,
            unit: "days",
        },
    },
];

impl Setting {
    /// What the text is for, if it is one.
    #[must_use]
    pub fn occasion(&self) -> Option<Occasion> {
        match self.kind {
            Kind::Message(occasion) => Some(occasion),
            _ => None,
        }
    }

    /// The one that holds the owner's message for an occasion.
    #[must_use]
    pub fn of_message(occasion: Occasion) -> &'static Self {
        ALL.iter()
            .find(|setting| setting.occasion() == Some(occasion))
            .expect("each occasion has a message: a test says so")
    }

    /// What to choose from, if it takes one of a few: each as it is stored, and as it is called in English, or in itself.
    #[must_use]
    pub fn choices(&self) -> Vec<(&'static str, &'static str)> {
        match self.kind {
            Kind::YesNo => vec![("yes", "yes"), ("no", "no")],
            Kind::Choice(words) => words.iter().map(|&word| (word, word)).collect(),
            Kind::Language => {
                let languages = Language::all().iter();
                let named = languages.map(|language| (language.code(), language.name()));
                [("", "empty")].into_iter().chain(named).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether it is a text that comes unasked, which has to say who it is from.
    pub(super) fn is_unasked_text(&self) -> bool {
        self.occasion().is_some_and(Occasion::is_unasked)
    }

    /// What it takes, in words.
    #[must_use]
    pub fn accepts(&self) -> String {
        match &self.kind {
            Kind::Name => format!(
                "up to {} characters on one line, or empty",
                wording::VALUE_CHARS_MAX
            ),
            Kind::Country => "two letters such as US, CA or GB, or empty".to_owned(),
            Kind::Language => "the two letters of a language such as en or es, or empty".to_owned(),
            Kind::Message(_) => {
                format!("a message of up to {} texts, or empty", wording::PARTS_MAX)
            }
            Kind::Number => "a phone number such as +1 202 555 0143, or empty".to_owned(),
            Kind::Pin => format!(
                "{} to {} digits, or empty",
                PIN_DIGITS.start(),
                PIN_DIGITS.end()
            ),
            Kind::Whole { range, unit } => format!("{} to {} {unit}", range.start(), range.end()),
            Kind::YesNo => "yes or no".to_owned(),
            Kind::Choice(words) => words.join(" or "),
            Kind::TimeOfDay => "a time of day such as 10:00".to_owned(),
            Kind::TimeOfDayOrOff => format!("a time of day such as 18:00, or {OFF}"),
            Kind::Hours { accepts, .. } => (*accepts).to_owned(),
        }
    }

    /// The value as it is stored, or what is wrong with it. A phone number without a plus is one of `home`.
    pub(super) fn normalise(&self, value: &str, home: Option<Region>) -> Result<String, String> {
        let value = value.trim();
        if value.is_empty() || value == self.default {
            return Ok(self.default.to_owned());
        }
        match &self.kind {
            Kind::Name if value.chars().any(wording::is_control) => {
                Err("a name is one line of letters, without control characters".to_owned())
            }
            Kind::Name if value.chars().count() > wording::VALUE_CHARS_MAX => Err(format!(
                "the name has {} characters, and at most {} fit",
                value.chars().count(),
                wording::VALUE_CHARS_MAX
            )),
            Kind::Name => Ok(value.to_owned()),
            Kind::Country => Region::parse(value)
                .map(|region| region.to_string())
                .ok_or_else(|| format!("{value:?} is no country; write {}", self.accepts())),
            Kind::Language => Language::parse(value)
                .map(|language| language.code().to_owned())
                .ok_or_else(|| {
                    format!(
                        "{value:?} is no language that the box speaks; there are {}",
                        languages()
                    )
                }),
            Kind::Message(_) => Template::parse(value)
                .map(|template| template.source().to_owned())
                .map_err(|e| e.to_string()),
            Kind::Number => PhoneNumber::parse(value, home)
                .map(|number| number.to_string())
                .map_err(|e| e.to_string()),
            Kind::Pin => Some(value)
                .filter(|pin| pin.bytes().all(|b| b.is_ascii_digit()))
                .filter(|pin| PIN_DIGITS.contains(&pin.len()))
                .map(str::to_owned)
                .ok_or_else(|| format!("that does not do as a PIN; write {}", self.accepts())),
            Kind::Whole { range, .. } => value
                .parse()
                .ok()
                .filter(|number| range.contains(number))
                .map(|number| number.to_string())
                .ok_or_else(|| {
                    format!(
                        "{value:?} does not do; write a whole number, {}",
                        self.accepts()
                    )
                }),
            Kind::YesNo => match value.to_ascii_lowercase().as_str() {
                "yes" | "true" | "on" | "1" => Ok("yes".to_owned()),
                "no" | "false" | "off" | "0" => Ok("no".to_owned()),
                _ => Err(format!("{value:?} does not do; write yes or no")),
            },
            Kind::Choice(words) => words
                .iter()
                .find(|word| word.eq_ignore_ascii_case(value))
                .map(|word| (*word).to_owned())
                .ok_or_else(|| format!("{value:?} does not do; write {}", self.accepts())),
            Kind::TimeOfDayOrOff if value.eq_ignore_ascii_case(OFF) => Ok(OFF.to_owned()),
            Kind::TimeOfDay | Kind::TimeOfDayOrOff => time_of_day(value)
                .map(|time| time.strftime("%H:%M").to_string())
                .ok_or_else(|| format!("{value:?} does not do; write {}", self.accepts())),
            Kind::Hours { spell, .. } => spell(value).map_err(|e| e.to_string()),
        }
    }
}

/// `en (English), es (Español)`.
fn languages() -> String {
    let named = |language: &Language| format!("{} ({})", language.code(), language.name());
    let all: Vec<String> = Language::all().iter().map(named).collect();
    all.join(", ")
}

/// `10:00`, `9:30`.
pub(super) fn time_of_day(value: &str) -> Option<Time> {
    let (hour, minute) = value.split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}
