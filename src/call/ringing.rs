//! One call that rings: what has been seen of it, and when its silence ends it. Knows no other call.

use std::time::Duration;

use super::{Action, CallId, EndedCall};
use crate::at::urc::{CallerId, LineNumber, Presentation};
use crate::phone;

/// Cadences run from 1.07 s (EP06-E) to 6 s (u-blox LARA), so while a call's own is unknown the silence that ends it is
/// twice the longest (measured on LARA-R6: a 5 s timer fired between every two rings).
const SILENCE_WHILE_CADENCE_UNKNOWN: Duration = Duration::from_secs(12);
/// After a known cadence, this many of them without a sign mean that the caller has gone.
const SILENT_CADENCES: u32 = 2;
/// A ring after one that was lost comes two cadences after the last; so much later it would still count.
const SILENCE_SLACK: Duration = Duration::from_millis(300);
/// Two `RING`s closer than this are one, said twice (seen where two channels of a modem are open).
const SAME_RING_WITHIN: Duration = Duration::from_millis(800);
/// A hang-up that failed is tried again; sooner than this the modem is likely still at what kept it.
const HANG_UP_AGAIN_AFTER: Duration = Duration::from_secs(5);
/// An ML307A lists a call 3 s after its first RING (sms_forwarding pull 21, measured).
const LISTED_WITHIN: Duration = Duration::from_secs(4);
/// A single empty `+CLCC` races the set-up of the call; three in a row are an end (measured on LARA-R6).
const EMPTY_POLLS_UNTIL_ENDED: u8 = 3;

/// What has been seen of it.
#[derive(Debug)]
pub(super) struct Ringing {
    pub(super) id: CallId,
    pub(super) since: Duration,
    pub(super) last_sign: Duration,
    pub(super) last_ring: Option<Duration>,
    pub(super) cadence: Option<Duration>,
    pub(super) rings: u32,
    pub(super) caller: Option<CallerId>,
    /// It may be a late word on the call before.
    pub(super) doubtful: bool,
    /// [`Action::Started`] has been told.
    started_told: bool,
    /// What of it [`Action::Identified`] has told.
    pub(super) announced: Option<CallerId>,
    /// A number that differs from the caller's, until `+CLCC` tells whether a second call or line noise brought it.
    pub(super) contender: Option<CallerId>,
    /// `AT+CLCC` has shown it.
    pub(super) listed: bool,
    pub(super) index: Option<u8>,
    pub(super) waiting: bool,
    pub(super) picked_up: bool,
    pub(super) empty_polls: u8,
    pub(super) hang_up_asked: bool,
    /// A hang-up failed: not again before then.
    hang_up_not_before: Duration,
    pub(super) hung_up: bool,
}

impl Ringing {
    pub(super) fn new(id: CallId, now: Duration, caller: Option<CallerId>) -> Self {
        Self {
            id,
            since: now,
            last_sign: now,
            last_ring: None,
            cadence: None,
            rings: 0,
            caller,
            doubtful: false,
            started_told: false,
            announced: None,
            contender: None,
            listed: false,
            index: None,
            waiting: false,
            picked_up: false,
            empty_polls: 0,
            hang_up_asked: false,
            hang_up_not_before: now,
            hung_up: false,
        }
    }

    pub(super) fn tell_started(&mut self, actions: &mut Vec<Action>) {
        if !std::mem::replace(&mut self.started_told, true) {
            actions.push(Action::Started(self.id));
        }
    }

    pub(super) fn rang(&mut self, now: Duration) {
        self.last_sign = now;
        self.empty_polls = 0;
        match self.last_ring.map(|last| now.saturating_sub(last)) {
            Some(gap) if gap < SAME_RING_WITHIN => return,
            Some(gap) => self.cadence = self.cadence.max(Some(gap)),
            None => {}
        }
        self.rings += 1;
        self.last_ring = Some(now);
    }

    pub(super) fn identify(&mut self, now: Duration, caller: &CallerId) {
        self.last_sign = now;
        self.empty_polls = 0;
        self.contender = None;
        let unknown = self
            .caller
            .as_ref()
            .is_none_or(|c| c.presentation == Presentation::Unavailable);
        let damaged = match (self.number(), &caller.number) {
            (Some(own), Some(number)) => has_lost_bytes(own, number),
            _ => false,
        };
        if unknown || damaged {
            self.caller = Some(caller.clone());
        }
    }

    /// Whether `caller` may be this call's: the same, or one of the two says nothing.
    pub(super) fn is_from(&self, caller: &CallerId) -> bool {
        match &self.caller {
            None => true,
            Some(own) => {
                own == caller
                    || own.presentation == Presentation::Unavailable
                    || caller.presentation == Presentation::Unavailable
                    || matches!((&own.number, &caller.number), (Some(a), Some(b)) if may_be_same(a, b))
            }
        }
    }

    /// The list names a number: it settles whether another one was noise, or is itself the other one.
    pub(super) fn judge_contender(&mut self, listed: &LineNumber) {
        match self.number() {
            Some(own) if has_lost_bytes(own, listed) => {
                self.caller = Some(shown(listed.clone()));
                self.contender = None;
            }
            Some(own) if may_be_same(own, listed) => self.contender = None,
            Some(_) => self.contender = Some(shown(listed.clone())),
            None => {}
        }
    }

    pub(super) fn number(&self) -> Option<&LineNumber> {
        self.caller.as_ref()?.number.as_ref()
    }

    /// Whether the modem counts it under this index.
    pub(super) fn has_index(&self, index: Option<u8>) -> bool {
        index.is_some() && self.index == index
    }

    pub(super) fn silent_at(&self) -> Duration {
        let silence = match self.cadence {
            Some(cadence) => cadence * SILENT_CADENCES + SILENCE_SLACK,
            None => SILENCE_WHILE_CADENCE_UNKNOWN,
        };
        self.last_sign + silence
    }

    /// A waiting call is not ours to drop: `AT+CHUP` would end the other one.
    pub(super) fn wants_hang_up(&self) -> bool {
        !self.hang_up_asked && !self.waiting
    }

    /// When we hang up on a caller who may ring for so long.
    pub(super) fn hang_up_at(&self, after: Duration) -> Duration {
        (self.since + after).max(self.hang_up_not_before)
    }

    pub(super) fn ask_hang_up_again(&mut self, now: Duration) {
        self.hang_up_asked = false;
        self.hang_up_not_before = now + HANG_UP_AGAIN_AFTER;
    }

    /// It was listed, and was not the last time.
    pub(super) fn has_left_the_list(&self) -> bool {
        self.listed && self.empty_polls > 0
    }

    /// Whether a list without it tells anything.
    pub(super) fn should_be_listed(&self, now: Duration) -> bool {
        self.listed || self.hung_up || now.saturating_sub(self.since) >= LISTED_WITHIN
    }

    pub(super) fn empty_polls_until_ended(&self) -> u8 {
        // Nothing races a call that we ended ourselves.
        if self.hung_up {
            1
        } else {
            EMPTY_POLLS_UNTIL_ENDED
        }
    }

    pub(super) fn into_ended(self) -> EndedCall {
        EndedCall {
            id: self.id,
            rings: self.rings.max(1),
            caller: self.caller,
            picked_up: self.picked_up,
        }
    }
}

/// A caller whose number is shown.
pub(super) fn shown(number: LineNumber) -> CallerId {
    CallerId {
        number: Some(number),
        presentation: Presentation::Shown,
    }
}

/// The same line written in two ways, or with some of its digits lost.
pub(super) fn may_be_same(a: &LineNumber, b: &LineNumber) -> bool {
    phone::same_line(&a.digits, &b.digits) || has_lost_bytes(a, b) || has_lost_bytes(b, a)
}

/// Whether `part` is what is left of `whole`: an overrun line loses bytes (seen on LARA-R6: `+U`, `1,0`), and never makes any.
fn has_lost_bytes(part: &LineNumber, whole: &LineNumber) -> bool {
    let mut rest = whole.digits.bytes();
    part.digits.len() < whole.digits.len()
        && part.digits.bytes().all(|byte| rest.any(|b| b == byte))
}
