//! Whom we text and why not: one pure decision with its reason; and STOP and its kin.
//!
//! It knows what is known about a call and a caller. It does not know where that came from, nor what time it is.

mod keyword;
mod reason;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};

use crate::phone::{LineKind, PhoneNumber, Region};
use crate::settings::Settings;

pub use keyword::{Keyword, keyword};
pub use reason::{CannotReceive, SkipReason};

/// How long after the call a text still helps: after an hour the caller has found somebody else, and is only puzzled.
pub const HELPS_FOR: SignedDuration = SignedDuration::from_mins(60);

/// Who called, as far as the network told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A number that can be dialled.
    Number(PhoneNumber),
    /// What was shown is no number that can be dialled: a short code, a name, digits of an unknown country.
    Unreadable(String),
    /// The caller hid the number.
    Withheld,
    /// The network had no number to show.
    Unavailable,
}

/// How long a number that failed for good is left alone: a number given back goes to somebody else within 90 days (47 CFR
/// 52.15(f)(1)(ii)), and a landline may have become a mobile by then.
const FAILED_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A text to a number failed for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedBefore {
    /// When.
    pub at: Timestamp,
    /// In the network's words.
    pub said: String,
}

/// All that the decision on one ended call rests on.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// Who called.
    pub caller: Caller,
    /// Whether somebody took the call.
    pub picked_up: bool,
    /// Whether the caller opted out of texts.
    pub opted_out: bool,
    /// Whether the caller is on the owner's never-text list.
    pub never_text: bool,
    /// Numbers of our own, such as the SIM's; the owner's from the settings need not be among them.
    pub own_numbers: &'a [PhoneNumber],
    /// An earlier text to the caller failed for good.
    pub failed_before: Option<FailedBefore>,
    /// When the caller was last sent a text for a missed call.
    pub last_text_at: Option<Timestamp>,
    /// Texts that went out today, to anybody.
    pub texts_today: u32,
    /// When the call ended.
    pub ended_at: Timestamp,
    /// The present: the same, or later for a call that the box could not see the end of.
    pub now: Timestamp,
    /// The home country: the one set, or else the SIM's.
    pub home: Option<Region>,
}

/// Whether a call is answered by a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The caller gets a text.
    Text,
    /// The caller gets none, and this is why.
    Skip(SkipReason),
}

/// Decides on one call.
///
/// The first rule that forbids a text gives the reason. They are asked in the order of [`SkipReason`]: first whether there
/// is somebody to text, then what people asked for, then what the number can do, and last what passes with time. So the
/// reason shown is the one that will still hold at the next call.
#[must_use]
pub fn decide(facts: &Facts<'_>, settings: &Settings) -> Decision {
    match skip_reason(facts, settings) {
        Some(reason) => Decision::Skip(reason),
        None => Decision::Text,
    }
}

fn skip_reason(facts: &Facts<'_>, settings: &Settings) -> Option<SkipReason> {
    if facts.picked_up {
        return Some(SkipReason::PickedUp);
    }
    let number = match &facts.caller {
        Caller::Number(number) => number,
        Caller::Unreadable(_) => {
            return Some(SkipReason::CannotReceive(CannotReceive::NotDialable));
        }
        Caller::Withheld => return Some(SkipReason::Withheld),
        Caller::Unavailable => return Some(SkipReason::NoCallerId),
    };
    if facts.own_numbers.contains(number) || settings.owner_number() == Some(number) {
        return Some(SkipReason::OwnNumber);
    }
    if facts.opted_out {
        return Some(SkipReason::OptedOut);
    }
    if facts.never_text {
        return Some(SkipReason::NeverText);
    }
    cannot_receive(number.line_kind())
        .or_else(|| failed_before(facts))
        .map(SkipReason::CannotReceive)
        .or_else(|| foreign(number, facts.home, settings))
        .or_else(|| cooldown(facts, settings))
        .or_else(|| {
            (facts.now.duration_since(facts.ended_at) > HELPS_FOR).then_some(SkipReason::TooLate)
        })
        .or_else(|| (facts.texts_today >= settings.max_per_day()).then_some(SkipReason::DayCap))
}

/// In doubt a number can: one text that fails is remembered, a customer not texted is lost.
///
/// What only calls get to, by the plans, is left alone: a personal number passes on calls, a company's number ends at a
/// switchboard, and both are landlines or as dear as premium ones. Of numbers over the internet no plan says whether texts
/// reach them, and some providers see to it that they do.
fn cannot_receive(kind: LineKind) -> Option<CannotReceive> {
    match kind {
        LineKind::FixedLine => Some(CannotReceive::FixedLine),
        LineKind::Premium => Some(CannotReceive::Premium),
        LineKind::SharedCost => Some(CannotReceive::SharedCost),
        LineKind::TollFree => Some(CannotReceive::TollFree),
        LineKind::Personal => Some(CannotReceive::Personal),
        LineKind::Company => Some(CannotReceive::Company),
        LineKind::Machine => Some(CannotReceive::Machine),
        LineKind::Mobile
        | LineKind::FixedLineOrMobile
        | LineKind::Voip
        | LineKind::Other
        | LineKind::Unknown => None,
    }
}

/// A failure that lies ahead counts by how far it lies off, as a last text does.
fn failed_before(facts: &Facts<'_>) -> Option<CannotReceive> {
    let FailedBefore { at, said } = facts.failed_before.as_ref()?;
    let since = facts.now.duration_since(*at);
    (since.abs() < FAILED_FOR).then(|| CannotReceive::FailedBefore {
        failed_s_ago: u64::try_from(since.as_secs()).unwrap_or(0),
        said: said.clone(),
    })
}

/// While home is unknown nothing is foreign: a job is worth more than a text abroad.
fn foreign(number: &PhoneNumber, home: Option<Region>, settings: &Settings) -> Option<SkipReason> {
    let home = home.filter(|_| !settings.allow_foreign())?;
    let region = number.region();
    let is_home = region.is_some_and(|region| Region::is_home(home, region));
    (!is_home).then_some(SkipReason::Foreign(region))
}

/// A last text that lies ahead (the clock was set back) counts by how far it lies off, so that a clock that was once
/// years wrong silences nobody for years.
fn cooldown(facts: &Facts<'_>, settings: &Settings) -> Option<SkipReason> {
    let since = facts.now.duration_since(facts.last_text_at?);
    let cooldown = SignedDuration::from_hours(i64::from(settings.cooldown_h()));
    (since.abs() < cooldown).then(|| SkipReason::Cooldown {
        texted_s_ago: u64::try_from(since.as_secs()).unwrap_or(0),
    })
}
