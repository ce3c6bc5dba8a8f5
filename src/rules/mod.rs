//! Whom we text and why not: one pure decision with its reason; and STOP and its kin.
//!
//! It knows what is known about a call and a caller. It does not know where that came from, nor what time it is.

mod danger;
mod digest;
mod fence;
mod follow_up;
mod keyword;
mod reason;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp, Zoned};

use crate::hours::Standing;
use crate::phone::{LineKind, PhoneNumber, Region};
use crate::settings::Settings;
use crate::wording::Occasion;

pub use danger::{Danger, Hazard, danger};
pub use digest::{Digest, DueDigest};
pub use fence::{Counts, Fence, Fullness, is_night};
pub use follow_up::{FollowUp, FollowUpFacts, follow_up, follow_up_due};
pub use keyword::{Keyword, keyword};
pub use reason::{CannotReceive, Closed, SkipReason};

/// How long after the call a text still helps: after an hour the caller has found somebody else, and is only puzzled.
pub const HELPS_FOR: SignedDuration = SignedDuration::from_mins(60);

/// A text that goes out so long after its call says that it is late. Those that a busy minute holds are out before.
pub const LATE_AFTER: SignedDuration = SignedDuration::from_mins(5);

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
    /// The caller is on the owner's never-text list: the name there, which may be empty.
    pub never_text: Option<String>,
    /// The caller is among the owner's contacts: the name there, which may be empty.
    pub contact: Option<String>,
    /// Numbers of our own, such as the SIM's; the owner's from the settings need not be among them.
    pub own_numbers: &'a [PhoneNumber],
    /// An earlier text to the caller failed for good.
    pub failed_before: Option<FailedBefore>,
    /// When the caller was last sent a text for a missed call.
    pub last_text_at: Option<Timestamp>,
    /// How often it rang.
    pub rings: u32,
    /// The caller has written or been texted before; only asked at night.
    pub is_known: bool,
    /// What the fences have let through.
    pub counts: Counts,
    /// When the call ended, by the clock of where the owner lives.
    pub ended_at: Zoned,
    /// The present: the same, or later for a call that the box could not see the end of.
    pub now: Timestamp,
    /// The home country: the one set, or else the SIM's.
    pub home: Option<Region>,
}

impl Facts<'_> {
    /// A missed call of which no more is known than this: nothing speaks against a text.
    #[must_use]
    pub fn of_call(
        caller: Caller,
        rings: u32,
        ended_at: Zoned,
        now: Timestamp,
        home: Option<Region>,
    ) -> Self {
        Self {
            caller,
            picked_up: false,
            opted_out: false,
            never_text: None,
            contact: None,
            own_numbers: &[],
            failed_before: None,
            last_text_at: None,
            rings,
            is_known: false,
            counts: Counts::default(),
            ended_at,
            now,
            home,
        }
    }
}

/// Whether a call is answered by a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The caller gets a text: the one for this occasion.
    Text(Occasion),
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
        None => Decision::Text(occasion(facts, settings)),
    }
}

/// The message that fits the hour; where the owner has none for a holiday, the one for other closed hours does, and where he has
/// none for those, the usual one.
fn occasion(facts: &Facts<'_>, settings: &Settings) -> Occasion {
    let fitting: &[Occasion] = match settings.schedule().standing(&facts.ended_at) {
        Standing::Open => &[],
        Standing::Closed => &[Occasion::AfterHours],
        Standing::Holiday { .. } | Standing::Away { .. } => {
            &[Occasion::Holiday, Occasion::AfterHours]
        }
    };
    let written = |occasion: &&Occasion| settings.message(**occasion).is_some();
    let fitting = fitting.iter().find(written);
    fitting.copied().unwrap_or(Occasion::MissedCall)
}

/// Outside the hours, with no message for that, if the owner wants silence then.
fn outside_hours(facts: &Facts<'_>, settings: &Settings) -> Option<SkipReason> {
    if settings.texts_without_message() {
        return None;
    }
    let why = match settings.schedule().standing(&facts.ended_at) {
        Standing::Open => return None,
        Standing::Closed => Closed::Hours,
        Standing::Holiday { name } => Closed::Holiday(name),
        Standing::Away { until } => Closed::Away(until),
    };
    let silent = occasion(facts, settings) == Occasion::MissedCall;
    silent.then_some(SkipReason::OutsideHours(why))
}

fn paused(facts: &Facts<'_>, settings: &Settings) -> Option<SkipReason> {
    let until = settings.paused_until()?;
    let now = facts.now.to_zoned(facts.ended_at.time_zone().clone());
    (!until.is_over(&now)).then_some(SkipReason::Paused(until))
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
    let ours = [
        settings.owner_number(),
        settings.desk_number(),
        settings.business_number(),
    ];
    if facts.own_numbers.contains(number) || ours.contains(&Some(number)) {
        return Some(SkipReason::OwnNumber);
    }
    if facts.opted_out {
        return Some(SkipReason::OptedOut);
    }
    if let Some(name) = &facts.never_text {
        return Some(SkipReason::NeverText { name: name.clone() });
    }
    if settings.only_strangers()
        && let Some(name) = &facts.contact
    {
        return Some(SkipReason::Contact { name: name.clone() });
    }
    cannot_receive(number.line_kind())
        .or_else(|| failed_before(facts))
        .map(SkipReason::CannotReceive)
        .or_else(|| foreign(number, facts.home, settings))
        .or_else(|| paused(facts, settings))
        .or_else(|| cooldown(facts, settings))
        .or_else(|| {
            let since = facts.now.duration_since(facts.ended_at.timestamp());
            (since > HELPS_FOR).then_some(SkipReason::TooLate)
        })
        .or_else(|| outside_hours(facts, settings))
        .or_else(|| closed_fence(facts, settings))
}

/// The fences that a call meets, each with what it has let through, in the order in which they are asked.
fn fences<'a>(facts: &'a Facts<'_>) -> impl Iterator<Item = (Fence, u32)> + 'a {
    let counts = &facts.counts;
    let recipients = (Fence::Recipients, counts.recipients);
    [
        Some((Fence::Neighbours, counts.neighbours)),
        (is_odd(facts) && !facts.is_known).then_some((Fence::Night, counts.odd_calls)),
        Some((Fence::Day, counts.day)),
        Some((Fence::Month, counts.month)),
        Some(recipients).filter(|_| !counts.is_recipient),
    ]
    .into_iter()
    .flatten()
}

fn closed_fence(facts: &Facts<'_>, settings: &Settings) -> Option<SkipReason> {
    let closed = |(fence, count): &(Fence, u32)| *count >= fence.most(settings);
    let (fence, _) = fences(facts).find(closed)?;
    Some(SkipReason::Fence {
        fence,
        most: Some(fence.most(settings)),
    })
}

/// A call of the night that looks like a machine's.
fn is_odd(facts: &Facts<'_>) -> bool {
    let rang_once = facts.rings <= 1 && !facts.picked_up;
    is_night(facts.ended_at.hour()) && (rang_once || facts.caller == Caller::Withheld)
}

/// How full the fences are once the decision is carried out: what the owner may have to be told of.
pub fn fullness_after<'a>(
    facts: &'a Facts<'_>,
    decision: &'a Decision,
    settings: &'a Settings,
) -> impl Iterator<Item = (Fence, Fullness, u32)> + 'a {
    let odd = is_odd(facts).then_some((Fence::Night, facts.counts.odd_calls.saturating_add(1)));
    let touched: Vec<(Fence, u32)> = match decision {
        Decision::Text(_) => fences(facts)
            .filter(|(fence, _)| *fence != Fence::Night)
            .map(|(fence, count)| (fence, count.saturating_add(1)))
            .collect(),
        // One that was closed by a smaller setting: nobody was told yet.
        Decision::Skip(SkipReason::Fence { fence, .. }) => fences(facts)
            .filter(|(met, _)| met == fence && *fence != Fence::Night)
            .collect(),
        Decision::Skip(_) => Vec::new(),
    };
    touched.into_iter().chain(odd).map(|(fence, count)| {
        let fullness = Fence::fullness(count, fence.most(settings));
        (fence, fullness, count)
    })
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
