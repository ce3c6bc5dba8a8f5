//! Whether a change is taken: by itself, and beside the settings as they are.

use super::{ALL, BUSINESS_NAME, Setting, Settings};
use crate::phone::Region;
use crate::wording::{Placeholder, Template};

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
    let nameless = |message: &Template| !message.has(Placeholder::Business);
    let why = match setting.key {
        BUSINESS_NAME if !value.is_empty() => ALL
            .iter()
            .filter(|text| text.is_unasked_text())
            .find(|text| text.occasion().and_then(|of| current.message(of)).is_some_and(nameless))
            .map(|text| {
                format!(
                    "{} does not say {{business}} yet; put it in there first, or empty that message",
                    text.key
                )
            }),
        _ if setting.is_unasked_text() && current.business_name().is_some() => {
            Template::parse(&value).is_ok_and(|message| nameless(&message)).then(|| {
                "the message must say {business}, because callers do not know the number it comes from".to_owned()
            })
        }
        _ => None,
    };
    match why {
        Some(why) => Err(Refusal::BadValue {
            key: setting.key,
            why,
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
