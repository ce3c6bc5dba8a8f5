//! What the owner changes: every key, its default, what it accepts, and the typed view that the other rooms read.
//!
//! It knows texts as they are stored and typed. It does not know where they are stored, nor who changed them.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::phone::{PhoneNumber, Region};
use crate::wording::{self, Placeholder, Template};

/// The name of the business.
pub const BUSINESS_NAME: &str = "business.name";
/// The country whose numbers are from home.
pub const BUSINESS_COUNTRY: &str = "business.country";
/// The text for a missed call.
pub const MESSAGE_MISSED_CALL: &str = "message.missed_call";
/// The owner's own phone.
pub const OWNER_NUMBER: &str = "owner.number";
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
/// Whether callers from abroad are texted.
pub const TEXTS_ALLOW_FOREIGN: &str = "texts.allow_foreign";
/// Whether the owner's contacts are left alone.
pub const TEXTS_ONLY_STRANGERS: &str = "texts.only_strangers";
/// Days after which calls and texts are removed.
pub const DATA_KEEP_DAYS: &str = "data.keep_days";

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
    Message,
    Number,
    Whole {
        range: RangeInclusive<u32>,
        unit: &'static str,
    },
    YesNo,
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
        key: MESSAGE_MISSED_CALL,
        default: "",
        help: "The text for a missed call. Empty: the built-in one.",
        kind: Kind::Message,
    },
    Setting {
        key: OWNER_NUMBER,
        default: "",
        help: "The owner's own phone, {owner} in messages. It hears of callers whom no text reached, and is never texted as a caller.",
        kind: Kind::Number,
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

/// Why a change is refused, in a sentence that says what would be good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such setting.
    #[error("there is no setting {key:?}; did you mean {nearest}?")]
    UnknownKey {
        /// What was asked for.
        key: String,
        /// The setting whose name is nearest.
        nearest: &'static str,
    },
    /// The setting does not take this value.
    #[error("{key}: {why}")]
    BadValue {
        /// The setting.
        key: &'static str,
        /// What is wrong, and what would be good.
        why: String,
    },
}

impl Setting {
    /// What it takes, in words.
    #[must_use]
    pub fn accepts(&self) -> String {
        match &self.kind {
            Kind::Name => format!(
                "up to {} characters on one line, or empty",
                wording::VALUE_CHARS_MAX
            ),
            Kind::Country => "two letters such as US, CA or GB, or empty".to_owned(),
            Kind::Message => format!("a message of up to {} texts, or empty", wording::PARTS_MAX),
            Kind::Number => "a phone number such as +1 202 555 0143, or empty".to_owned(),
            Kind::Whole { range, unit } => format!("{} to {} {unit}", range.start(), range.end()),
            Kind::YesNo => "yes or no".to_owned(),
        }
    }

    /// The value as it is stored, or what is wrong with it. A phone number without a plus is one of `home`.
    fn normalise(&self, value: &str, home: Option<Region>) -> Result<String, String> {
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
            Kind::Message => Template::parse(value)
                .map(|template| template.source().to_owned())
                .map_err(|e| e.to_string()),
            Kind::Number => PhoneNumber::parse(value, home)
                .map(|number| number.to_string())
                .map_err(|e| e.to_string()),
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
        }
    }
}

/// The setting of that name.
///
/// # Errors
///
/// When there is none; the refusal names the nearest.
pub fn find(key: &str) -> Result<&'static Setting, Refusal> {
    let key = key.trim();
    ALL.iter()
        .find(|setting| setting.key == key)
        .ok_or_else(|| Refusal::UnknownKey {
            key: key.to_owned(),
            nearest: nearest(key, ALL.iter().map(|setting| setting.key)),
        })
}

/// Checks one value by itself and returns it as it is stored.
///
/// # Errors
///
/// When there is no such setting, or it does not take this value.
pub fn check(key: &str, value: &str) -> Result<String, Refusal> {
    check_for(find(key)?, value, None)
}

/// Checks one change to `current`, the settings as they are, and returns the value as it is stored.
///
/// # Errors
///
/// As [`check`], and when the change would have us text callers without the name of the business: the text comes from a
/// number they did not dial.
pub fn check_change(current: &Settings, key: &str, value: &str) -> Result<String, Refusal> {
    let setting = find(key)?;
    let value = check_for(setting, value, current.country)?;
    let names = |message: &Template| message.has(Placeholder::Business);
    let why = match setting.key {
        MESSAGE_MISSED_CALL if current.business_name.is_some() => Template::parse(&value)
            .is_ok_and(|message| !names(&message))
            .then_some("the message must say {business}, because callers do not know the number it comes from"),
        BUSINESS_NAME if !value.is_empty() => current
            .missed_call_message
            .as_ref()
            .is_some_and(|message| !names(message))
            .then_some("message.missed_call does not say {business} yet; put it in there first, or empty that message"),
        _ => None,
    };
    match why {
        Some(why) => Err(Refusal::BadValue {
            key: setting.key,
            why: why.to_owned(),
        }),
        None => Ok(value),
    }
}

fn check_for(setting: &Setting, value: &str, home: Option<Region>) -> Result<String, Refusal> {
    setting
        .normalise(value, home)
        .map_err(|why| Refusal::BadValue {
            key: setting.key,
            why,
        })
}

/// All settings, typed. What was never set, or is stored and makes no sense, is at its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Every value as it is stored, by its key.
    values: BTreeMap<&'static str, String>,
    business_name: Option<String>,
    country: Option<Region>,
    missed_call_message: Option<Template>,
    owner_number: Option<PhoneNumber>,
    hang_up_after_s: u32,
    operator_notices: bool,
    cooldown_h: u32,
    max_per_minute: u32,
    max_per_day: u32,
    allow_foreign: bool,
    only_strangers: bool,
    keep_days: u32,
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
            business_name: None,
            country: None,
            missed_call_message: None,
            owner_number: None,
            hang_up_after_s: 0,
            operator_notices: false,
            cooldown_h: 0,
            max_per_minute: 0,
            max_per_day: 0,
            allow_foreign: false,
            only_strangers: false,
            keep_days: 0,
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

    /// Takes a value that was checked.
    fn take(&mut self, setting: &Setting, value: &str) {
        self.values.insert(setting.key, value.to_owned());
        let whole = || value.parse().unwrap_or_default();
        match setting.key {
            BUSINESS_NAME => self.business_name = (!value.is_empty()).then(|| value.to_owned()),
            BUSINESS_COUNTRY => self.country = Region::parse(value),
            MESSAGE_MISSED_CALL => self.missed_call_message = Template::parse(value).ok(),
            OWNER_NUMBER => self.owner_number = PhoneNumber::from_e164(value),
            CALLS_HANG_UP_AFTER_S => self.hang_up_after_s = whole(),
            CALLS_OPERATOR_NOTICES => self.operator_notices = value == "yes",
            TEXTS_COOLDOWN_H => self.cooldown_h = whole(),
            TEXTS_MAX_PER_MINUTE => self.max_per_minute = whole(),
            TEXTS_MAX_PER_DAY => self.max_per_day = whole(),
            TEXTS_ALLOW_FOREIGN => self.allow_foreign = value == "yes",
            TEXTS_ONLY_STRANGERS => self.only_strangers = value == "yes",
            DATA_KEEP_DAYS => self.keep_days = whole(),
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
        self.business_name.as_deref()
    }

    /// `business.country`; `None`: the SIM's.
    #[must_use]
    pub fn country(&self) -> Option<Region> {
        self.country
    }

    /// `message.missed_call`; `None`: the built-in one.
    #[must_use]
    pub fn missed_call_message(&self) -> Option<&Template> {
        self.missed_call_message.as_ref()
    }

    /// `owner.number`.
    #[must_use]
    pub fn owner_number(&self) -> Option<&PhoneNumber> {
        self.owner_number.as_ref()
    }

    /// `calls.hang_up_after_s`, in seconds; `None`: let it ring.
    #[must_use]
    pub fn hang_up_after_s(&self) -> Option<u32> {
        (self.hang_up_after_s > 0).then_some(self.hang_up_after_s)
    }

    /// `calls.operator_notices`.
    #[must_use]
    pub fn operator_notices(&self) -> bool {
        self.operator_notices
    }

    /// `texts.cooldown_h`, in hours; 0: none.
    #[must_use]
    pub fn cooldown_h(&self) -> u32 {
        self.cooldown_h
    }

    /// `texts.max_per_minute`.
    #[must_use]
    pub fn max_per_minute(&self) -> u32 {
        self.max_per_minute
    }

    /// `texts.max_per_day`.
    #[must_use]
    pub fn max_per_day(&self) -> u32 {
        self.max_per_day
    }

    /// `texts.allow_foreign`.
    #[must_use]
    pub fn allow_foreign(&self) -> bool {
        self.allow_foreign
    }

    /// `texts.only_strangers`.
    #[must_use]
    pub fn only_strangers(&self) -> bool {
        self.only_strangers
    }

    /// `data.keep_days`.
    #[must_use]
    pub fn keep_days(&self) -> u32 {
        self.keep_days
    }
}

/// The known name that is most like `name`, for "did you mean"; the section before the dot may be missing.
pub(crate) fn nearest(name: &str, known: impl Iterator<Item = &'static str>) -> &'static str {
    let name = name.to_lowercase();
    known
        .min_by_key(|&candidate| {
            let bare = candidate.rsplit('.').next().unwrap_or(candidate);
            let whole = strsim::damerau_levenshtein(&name, candidate);
            whole.min(strsim::damerau_levenshtein(&name, bare))
        })
        .expect("there are names to choose from")
}
