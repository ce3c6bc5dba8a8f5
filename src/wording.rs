//! What we say: a template and a caller in, a text out, in clean words whatever is unset.
//!
//! It knows the texts and nothing of who gets them, when, or how they travel.

mod alert;
mod fold;
mod language;
mod lint;
mod phrases;
mod template;
#[cfg(test)]
mod tests;
mod time;

use std::fmt;

use crate::sms;

pub use alert::{CALLERS_NAMED, alert_text, outage};
pub use fold::fold;
pub use language::Language;
pub use lint::{Advice, advice};
pub use phrases::{Piece, pieces};
pub use template::{Template, WordingError};
pub use time::{sample_time, time_of_day};

/// Parts above which a text is refused. A concatenation may have 255 (3GPP TS 23.040 clause 9.2.3.24.1), but each one is
/// paid for, and networks cut what is far shorter.
pub const PARTS_MAX: usize = 10;

/// Parts that arrive everywhere as one text: 6 × 153 = 918 septets. What the refusal of a longer one suggests.
pub const PARTS_ADVISED: usize = 6;

/// Characters of one value in a text; what is longer is cut. As many as a business name may have.
pub const VALUE_CHARS_MAX: usize = 60;

/// What stands for the caller in a preview: a number that belongs to nobody (47 CFR 52.15, the 555-01xx of every area).
pub const SAMPLE_CALLER: &str = "(202) 555-0143";

/// What a text is written for. The owner may have a message of his own for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Occasion {
    /// A missed call.
    MissedCall,
    /// A missed call outside the hours.
    AfterHours,
    /// A missed call on a holiday.
    Holiday,
    /// A missed call whose text goes out late.
    Held,
    /// A caller who was texted and has not answered.
    FollowUp,
    /// STOP.
    OptOut,
    /// START.
    OptIn,
    /// HELP.
    Help,
}

impl Occasion {
    /// The word in the store, and in the setting's key: `message.after_hours`.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::MissedCall => "missed_call",
            Self::AfterHours => "after_hours",
            Self::Holiday => "holiday",
            Self::Held => "held",
            Self::FollowUp => "follow_up",
            Self::OptOut => "opt_out",
            Self::OptIn => "opt_in",
            Self::Help => "help",
        }
    }

    /// Takes back what [`token`](Self::token) gave; `None` for what it never gives.
    #[must_use]
    pub fn from_token(token: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|occasion| occasion.token() == token)
    }

    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::MissedCall,
        Self::AfterHours,
        Self::Holiday,
        Self::Held,
        Self::FollowUp,
        Self::OptOut,
        Self::OptIn,
        Self::Help,
    ];

    /// Whether the caller has not written to us: the text comes from a number he did not dial, so it has to say who we are and
    /// how to get no more of them.
    #[must_use]
    pub fn is_unasked(self) -> bool {
        match self {
            Self::MissedCall | Self::AfterHours | Self::Holiday | Self::Held | Self::FollowUp => {
                true
            }
            Self::OptOut | Self::OptIn | Self::Help => false,
        }
    }
}

/// What stands in braces in a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// The name of the business.
    Business,
    /// The caller's number.
    Caller,
    /// When the call came.
    Time,
    /// The owner's number.
    Owner,
}

impl Placeholder {
    /// All of them, in the order in which people are told.
    pub const ALL: [Self; 4] = [Self::Business, Self::Caller, Self::Time, Self::Owner];

    /// The word between the braces.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::Caller => "caller",
            Self::Time => "time",
            Self::Owner => "owner",
        }
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}", self.name())
    }
}

/// What goes in place of the placeholders; `None` or blank leaves clean text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Values<'a> {
    /// The name of the business.
    pub business: Option<&'a str>,
    /// The caller's number as people write it.
    pub caller: Option<&'a str>,
    /// When the call came, in local time as people write it.
    pub time: Option<&'a str>,
    /// The owner's number as people write it.
    pub owner: Option<&'a str>,
}

impl Values<'_> {
    /// The value, fit to stand in a text: on one line, no longer than [`VALUE_CHARS_MAX`]; `None` if that leaves nothing.
    fn get(&self, placeholder: Placeholder) -> Option<String> {
        let value = match placeholder {
            Placeholder::Business => self.business,
            Placeholder::Caller => self.caller,
            Placeholder::Time => self.time,
            Placeholder::Owner => self.owner,
        };
        let cut: String = without_controls(value?)
            .chars()
            .take(VALUE_CHARS_MAX)
            .collect();
        let cut = cut.split_whitespace().collect::<Vec<_>>().join(" ");
        (!cut.is_empty()).then_some(cut)
    }
}

/// The text for an occasion: the owner's own message, or the built-in one where there is none, nothing is left of it, or the values
/// make it longer than [`PARTS_MAX`] (a name in another script takes twice the room it was checked for). No marketing may be in the
/// one that answers STOP (47 CFR 64.1200(a)(12)).
#[must_use]
pub fn text(
    occasion: Occasion,
    own: Option<&Template>,
    language: &Language,
    values: &Values<'_>,
) -> String {
    match own.map(|own| own.render(values)) {
        Some(own) if !own.is_empty() && sms::measure(&own).parts <= PARTS_MAX => own,
        _ => language.built_in(occasion, values).render(values),
    }
}

/// A sum of money that is given in hundredths, not below 0: `450`, `1450.50`.
#[must_use]
pub fn sum(hundredths: i64) -> String {
    match hundredths % 100 {
        0 => format!("{}", hundredths / 100),
        cents => format!("{}.{cents:02}", hundredths / 100),
    }
}

/// Drops what could garble a screen, a log or a text: control characters other than the line break, and those that turn
/// the direction of writing. Line breaks become `\n`, tabs spaces.
#[must_use]
pub fn without_controls(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| match c {
            '\r' | '\u{2028}' | '\u{2029}' => '\n',
            '\t' => ' ',
            other => other,
        })
        .filter(|&c| c == '\n' || !is_control(c))
        .collect()
}

/// Control characters (Unicode category Cc) and the marks that turn the direction of writing (Unicode annex 9).
#[must_use]
pub fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
