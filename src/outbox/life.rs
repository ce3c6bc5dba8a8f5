//! The life of a text as pure decisions: what becomes of one that is due, and of one that was tried. No I/O, no clock.

use jiff::{SignedDuration, Timestamp};

use crate::at::Outlook;
use crate::modem::SendError;
use crate::rules::{HELPS_FOR, LATE_AFTER};
use crate::settings::Settings;
use crate::store::Outgoing;
use crate::text::{Failure, TextKind, TextState, Transition};

use super::suspects;

/// How long a confirmation of STOP or START is worth sending.
const CONFIRMS_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How long a follow-up may wait: it was to come within the opening hours.
const FOLLOWS_UP_FOR: SignedDuration = SignedDuration::from_hours(2);
/// How long a summary is of its day.
const DIGESTS_FOR: SignedDuration = SignedDuration::from_hours(3);
/// How long advice in danger helps.
const ADVISES_FOR: SignedDuration = SignedDuration::from_hours(1);
/// How long the owner is better told late than never.
const ALERTS_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How long what people write to each other is worth passing on; whose words came too late is told of it.
const PASSED_ON_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How long a status report may take to settle a text that nothing confirmed. Reports come within seconds while the
/// phone is on; a caller who waits longer than this is better served by a second copy.
pub(super) const REPORT_AWAITED_FOR: SignedDuration = SignedDuration::from_mins(3);
/// The first wait after a passing error. Most pass at once: a message just coming in, a busy SIM.
const FIRST_BACK_OFF: SignedDuration = SignedDuration::from_secs(4);
/// The longest wait between two attempts.
const LONGEST_BACK_OFF: SignedDuration = SignedDuration::from_mins(5);
/// The window of `texts.max_per_minute`.
const MINUTE: SignedDuration = SignedDuration::from_secs(60);

/// What becomes of a text whose time has come. `recent` are the moments at which the newest texts left, newest first, none
/// older than a minute and no more of them than the cap.
pub(super) fn due(
    text: &Outgoing,
    settings: &Settings,
    recent: &[Timestamp],
    now: Timestamp,
) -> Transition {
    if text.opted_out && !text.kind.passes_opt_out() {
        return Transition::Fail(Failure::OptedOut);
    }
    let helps_for = match text.kind {
        TextKind::MissedCall => HELPS_FOR,
        TextKind::OptOut | TextKind::OptIn | TextKind::Help => CONFIRMS_FOR,
        TextKind::FollowUp => FOLLOWS_UP_FOR,
        TextKind::Advice => ADVISES_FOR,
        TextKind::Digest => DIGESTS_FOR,
        TextKind::Alert => ALERTS_FOR,
        TextKind::Relay | TextKind::Answer | TextKind::Note => PASSED_ON_FOR,
    };
    let too_late = now.duration_since(text.created_at) > helps_for;
    if text.state == TextState::Unconfirmed {
        // No status report came in time.
        return match (text.resent, too_late) {
            (twice @ true, _) | (twice @ false, true) => {
                Transition::Fail(Failure::NeverConfirmed { twice })
            }
            (false, false) => Transition::Send {
                again: true,
                late: false,
            },
        };
    }
    if too_late {
        return Transition::Fail(Failure::TooLate);
    }
    // Bounded by themselves, and somebody waits for them.
    if !text.kind.is_counted() {
        return first_copy(text, now);
    }
    let cap = usize::try_from(settings.max_per_minute()).unwrap_or(usize::MAX);
    match recent.last() {
        Some(oldest) if recent.len() >= cap => Transition::Wait {
            until: later(*oldest, MINUTE),
            error: None,
        },
        _ => first_copy(text, now),
    }
}

/// A caller who has waited for so long is told that we know. What a phone joins from parts must be of one text.
fn first_copy(text: &Outgoing, now: Timestamp) -> Transition {
    let waited = now.duration_since(text.created_at);
    Transition::Send {
        again: false,
        late: waited >= LATE_AFTER && text.late.is_some() && text.parts_taken.is_empty(),
    }
}

/// What becomes of a text that the modem did not take; its row counts the attempts before this one.
pub(super) fn after(text: &Outgoing, error: &SendError, now: Timestamp) -> Transition {
    match error {
        SendError::Refused(error) if error.outlook() == Outlook::ForGood => {
            Transition::Fail(Failure::Refused {
                said: error.to_string(),
                number: suspects::by_refusal(error),
            })
        }
        SendError::Unconfirmed { why } => Transition::Unconfirmed {
            until: later(now, REPORT_AWAITED_FOR),
            error: why.clone(),
        },
        SendError::Refused(_) | SendError::NotTaken { .. } => Transition::Wait {
            until: later(now, back_off(text.id, text.attempts)),
            error: Some(error.to_string()),
        },
    }
}

/// Doubles with each attempt, up to a bound, and differs by up to a quarter between texts, so that those held by one outage do
/// not come back in one moment for ever.
fn back_off(id: i64, attempts: u32) -> SignedDuration {
    let doubled = FIRST_BACK_OFF.saturating_mul(1 << attempts.min(10));
    let bounded = doubled.min(LONGEST_BACK_OFF);
    // Spread by the golden ratio: neighbours in the queue end far apart, and a test gets the same wait each time.
    let spread = id.wrapping_mul(0x9E37_79B9).rem_euclid(256);
    bounded + bounded / 4 * i32::try_from(spread).unwrap_or(0) / 256
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
