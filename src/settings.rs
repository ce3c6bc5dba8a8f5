//! What the owner changes: every key, its default, what it accepts, and the typed view that the other rooms read.
//!
//! It knows texts as they are stored and typed. It does not know where they are stored, nor who changed them.

mod check;
mod keys;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Zoned;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::hours::{self, Schedule, Until};
use crate::phone::{PhoneNumber, Region};
use crate::wording::{self, Language, Occasion, Template, Values};

pub(crate) use check::nearest;
pub use check::{Refusal, check, check_change, find};
pub use keys::*;
pub use table::*;

/// What the placeholders stand for in a text to a caller, as people of the home country write it.
#[derive(Debug, Clone)]
pub struct Filling<'a> {
    business: Option<&'a str>,
    caller: String,
    time: Option<String>,
    /// The owner's number.
    pub owner: Option<String>,
}

impl Filling<'_> {
    /// The same, as templates take it.
    #[must_use]
    pub fn values(&self) -> Values<'_> {
        Values {
            business: self.business,
            caller: Some(&self.caller),
            time: self.time.as_deref(),
            owner: self.owner.as_deref(),
        }
    }
}

/// All settings, typed. What was never set, or is stored and makes no sense, is at its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Every value as it is stored, by its key. What is read from it at once, such as a number, is not kept beside it.
    values: BTreeMap<&'static str, String>,
    country: Option<Region>,
    business_number: Option<PhoneNumber>,
    language: Option<&'static Language>,
    owner_language: Option<&'static Language>,
    /// The owner's own.
    messages: BTreeMap<Occasion, Template>,
    owner_number: Option<PhoneNumber>,
    desk_number: Option<PhoneNumber>,
    owner_hours: Schedule,
    desk_hours: Schedule,
    schedule: Schedule,
    paused_until: Option<Until>,
    time_zone: Option<TimeZone>,
}

impl Default for Settings {
    fn default() -> Self {
        Self::from_pairs(std::iter::empty())
    }
}

impl Settings {
    /// Reads what is stored. Never fails: a box with one bad value must still text.
    pub fn from_pairs(pairs: impl Iterator<Item = (String, String)>) -> Self {
        let mut settings = Self {
            values: BTreeMap::new(),
            country: None,
            business_number: None,
            language: None,
            owner_language: None,
            messages: BTreeMap::new(),
            owner_number: None,
            desk_number: None,
            owner_hours: Schedule::default(),
            desk_hours: Schedule::default(),
            schedule: Schedule::default(),
            paused_until: None,
            time_zone: None,
        };
        for setting in ALL {
            settings.take(setting, setting.default);
        }
        for (key, stored) in pairs {
            if let (Ok(setting), Ok(value)) = (find(&key), check(&key, &stored)) {
                settings.take(setting, &value);
            }
        }
        settings
    }

    /// What they become by these changes; one that makes no sense changes nothing.
    #[must_use]
    pub fn with(&self, changes: &[(&str, &str)]) -> Self {
        let current = self
            .values
            .iter()
            .map(|(&key, value)| (key, value.as_str()));
        let changes = current.chain(changes.iter().copied());
        Self::from_pairs(changes.map(|(key, value)| (key.to_owned(), value.to_owned())))
    }

    /// Takes a value that was checked.
    fn take(&mut self, setting: &Setting, value: &str) {
        self.values.insert(setting.key, value.to_owned());
        if let Some(occasion) = setting.occasion() {
            match Template::parse(value) {
                Ok(message) => self.messages.insert(occasion, message),
                Err(_) => self.messages.remove(&occasion),
            };
        }
        let filled = (!value.is_empty()).then_some(value);
        match setting.key {
            BUSINESS_COUNTRY => self.country = Region::parse(value),
            BUSINESS_NUMBER => self.business_number = PhoneNumber::from_e164(value),
            MESSAGE_LANGUAGE => self.language = Language::parse(value),
            OWNER_NUMBER => self.owner_number = PhoneNumber::from_e164(value),
            OWNER_LANGUAGE => self.owner_language = Language::parse(value),
            DESK_NUMBER => self.desk_number = PhoneNumber::from_e164(value),
            OWNER_HOURS => self.owner_hours.weekly = filled.and_then(|value| value.parse().ok()),
            DESK_HOURS => self.desk_hours.weekly = filled.and_then(|value| value.parse().ok()),
            HOURS_WEEKLY => self.schedule.weekly = filled.and_then(|value| value.parse().ok()),
            HOURS_HOLIDAYS => self.schedule.own_dates = value.parse().unwrap_or_default(),
            HOURS_CALENDAR => self.schedule.calendar = filled.and_then(|value| value.parse().ok()),
            HOURS_AWAY_UNTIL => {
                self.schedule.away_until = filled.and_then(|value| value.parse().ok());
            }
            HOURS_TIME_ZONE => {
                self.time_zone = filled.and_then(|value| hours::time_zone(value).ok());
            }
            TEXTS_PAUSED_UNTIL => self.paused_until = filled.and_then(|value| value.parse().ok()),
            _ => {}
        }
    }

    /// The value of any setting as it is stored.
    ///
    /// # Errors
    ///
    /// When there is no such setting; the refusal names the nearest.
    pub fn value(&self, key: &str) -> Result<&str, Refusal> {
        let setting = find(key)?;
        Ok(self
            .values
            .get(setting.key)
            .map_or(setting.default, String::as_str))
    }

    /// `business.name`; `None` while it is empty.
    #[must_use]
    pub fn business_name(&self) -> Option<&str> {
        Some(self.stored(BUSINESS_NAME)).filter(|name| !name.is_empty())
    }

    /// `business.country`; `None`: the SIM's.
    #[must_use]
    pub fn country(&self) -> Option<Region> {
        self.country
    }

    /// `message.missed_call`; `None`: the built-in one.
    #[must_use]
    pub fn missed_call_message(&self) -> Option<&Template> {
        self.message(Occasion::MissedCall)
    }

    /// The owner's own message for an occasion, such as `message.help`; `None` while it is empty.
    #[must_use]
    pub fn message(&self, occasion: Occasion) -> Option<&Template> {
        self.messages.get(&occasion)
    }

    /// The language of the built-in texts: `message.language`, or that of the country `home`, or English.
    #[must_use]
    pub fn language(&self, home: Option<Region>) -> &'static Language {
        self.language
            .or_else(|| home.and_then(Language::for_country))
            .unwrap_or_else(Language::english)
    }

    /// The language that the owner is spoken to in on the page: `owner.language`, or that of the built-in texts.
    #[must_use]
    pub fn owner_language(&self, home: Option<Region>) -> &'static Language {
        self.owner_language.unwrap_or_else(|| self.language(home))
    }

    /// `business.number`.
    #[must_use]
    pub fn business_number(&self) -> Option<&PhoneNumber> {
        self.business_number.as_ref()
    }

    /// `owner.number`.
    #[must_use]
    pub fn owner_number(&self) -> Option<&PhoneNumber> {
        self.owner_number.as_ref()
    }

    /// `desk.number`.
    #[must_use]
    pub fn desk_number(&self) -> Option<&PhoneNumber> {
        self.desk_number.as_ref()
    }

    /// The phones of those who answer callers, each with when it gets what callers write: `owner.number` with `owner.hours`, and
    /// `desk.number` with `desk.hours`.
    pub fn staff(&self) -> impl Iterator<Item = (&PhoneNumber, &Schedule)> {
        let owner = self.owner_number.iter().map(|it| (it, &self.owner_hours));
        let desk = self.desk_number.iter().map(|it| (it, &self.desk_hours));
        owner.chain(desk.filter(|(it, _)| Some(*it) != self.owner_number.as_ref()))
    }

    /// `owner.pin`; `None` while it is empty.
    #[must_use]
    pub fn pin(&self) -> Option<&str> {
        Some(self.stored(OWNER_PIN)).filter(|pin| !pin.is_empty())
    }

    /// What the placeholders stand for in a text to `caller`, who called then, if he called.
    #[must_use]
    pub fn filling(
        &self,
        caller: &PhoneNumber,
        called_at: Option<&Zoned>,
        home: Option<Region>,
    ) -> Filling<'_> {
        Filling {
            business: self.business_name(),
            caller: caller.format_for(home),
            time: called_at.map(|at| wording::time_of_day(at, home)),
            owner: self.owner_number().map(|owner| owner.format_for(home)),
        }
    }

    /// `calls.hang_up_after_s`, in seconds; `None`: let it ring.
    #[must_use]
    pub fn hang_up_after_s(&self) -> Option<u32> {
        Some(self.whole(CALLS_HANG_UP_AFTER_S)).filter(|seconds| *seconds > 0)
    }

    /// `calls.operator_notices`.
    #[must_use]
    pub fn operator_notices(&self) -> bool {
        self.is_yes(CALLS_OPERATOR_NOTICES)
    }

    /// `texts.cooldown_h`, in hours; 0: none.
    #[must_use]
    pub fn cooldown_h(&self) -> u32 {
        self.whole(TEXTS_COOLDOWN_H)
    }

    /// `texts.max_per_minute`.
    #[must_use]
    pub fn max_per_minute(&self) -> u32 {
        self.whole(TEXTS_MAX_PER_MINUTE)
    }

    /// `texts.max_per_day`.
    #[must_use]
    pub fn max_per_day(&self) -> u32 {
        self.whole(TEXTS_MAX_PER_DAY)
    }

    /// `texts.max_per_month`.
    #[must_use]
    pub fn max_per_month(&self) -> u32 {
        self.whole(TEXTS_MAX_PER_MONTH)
    }

    /// `texts.max_recipients_per_month`.
    #[must_use]
    pub fn max_recipients_per_month(&self) -> u32 {
        self.whole(TEXTS_MAX_RECIPIENTS_PER_MONTH)
    }

    /// `texts.max_neighbours_per_hour`.
    #[must_use]
    pub fn max_neighbours_per_hour(&self) -> u32 {
        self.whole(TEXTS_MAX_NEIGHBOURS_PER_HOUR)
    }

    /// `texts.max_odd_calls_at_night`.
    #[must_use]
    pub fn max_odd_calls_at_night(&self) -> u32 {
        self.whole(TEXTS_MAX_ODD_CALLS_AT_NIGHT)
    }

    /// `texts.allow_foreign`.
    #[must_use]
    pub fn allow_foreign(&self) -> bool {
        self.is_yes(TEXTS_ALLOW_FOREIGN)
    }

    /// `hours.weekly`, `hours.holidays`, `hours.calendar` and `hours.away_until`.
    #[must_use]
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// `hours.time_zone`; `None`: the computer's.
    #[must_use]
    pub fn time_zone(&self) -> Option<TimeZone> {
        self.time_zone.clone()
    }

    /// `hours.without_message`: whether callers outside the hours get the usual text where there is none for them.
    #[must_use]
    pub fn texts_without_message(&self) -> bool {
        self.stored(HOURS_WITHOUT_MESSAGE) == "usual"
    }

    /// `texts.paused_until`.
    #[must_use]
    pub fn paused_until(&self) -> Option<Until> {
        self.paused_until
    }

    /// `follow_up.send` and `follow_up.at`: the time of day at which a caller who has not answered is texted once more, if at all.
    #[must_use]
    pub fn follow_up_at(&self) -> Option<Time> {
        let at = time_of_day(self.stored(FOLLOW_UP_AT));
        at.filter(|_| self.is_yes(FOLLOW_UP_SEND))
    }

    /// `digest.daily_at`; `None` while it is off.
    #[must_use]
    pub fn daily_digest_at(&self) -> Option<Time> {
        time_of_day(self.stored(DIGEST_DAILY_AT))
    }

    /// `digest.weekly_at`; `None` while it is off.
    #[must_use]
    pub fn weekly_digest_at(&self) -> Option<Time> {
        time_of_day(self.stored(DIGEST_WEEKLY_AT))
    }

    /// `texts.only_strangers`.
    #[must_use]
    pub fn only_strangers(&self) -> bool {
        self.is_yes(TEXTS_ONLY_STRANGERS)
    }

    /// `data.keep_days`.
    #[must_use]
    pub fn keep_days(&self) -> u32 {
        self.whole(DATA_KEEP_DAYS)
    }

    fn stored(&self, key: &'static str) -> &str {
        self.values.get(key).map_or("", String::as_str)
    }

    /// Zero for what is no number; every number has a default.
    /// `business.job_value`, in whole units of the owner's money; 0: he has not said.
    #[must_use]
    pub fn job_value(&self) -> u32 {
        self.whole(BUSINESS_JOB_VALUE)
    }

    fn whole(&self, key: &'static str) -> u32 {
        self.stored(key).parse().unwrap_or_default()
    }

    fn is_yes(&self, key: &'static str) -> bool {
        self.stored(key) == "yes"
    }
}
