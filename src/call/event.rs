//! What happens to calls, and what is to be done about it. Knows no call's life.

use crate::at::Urc;
use crate::at::urc::{CallerId, CurrentCall};

/// Names one call from its first sign to its end; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub(super) u64);

/// What can happen to the calls.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// The modem said something by itself.
    Urc(&'a Urc),
    /// The answer to [`Action::PollCurrentCalls`].
    CurrentCalls(&'a [CurrentCall]),
    /// [`Action::PollCurrentCalls`] had no answer: nothing is known.
    PollFailed,
    /// The modem took the hang-up of [`Action::HangUp`].
    HungUp,
    /// It did not, or there was nobody to ask.
    NotHungUp,
    /// The modem is gone. Who rings on is seen again once it is back; who does not falls silent.
    ModemLost,
}

/// What is to be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A call has begun to ring.
    Started(CallId),
    /// It is known who calls, or that it is hidden: write it down. Comes again when a hidden number shows itself.
    Identified(CallId, CallerId),
    /// Ask `AT+CLCC`, answer with [`Event::CurrentCalls`] or [`Event::PollFailed`].
    PollCurrentCalls,
    /// The caller has rung long enough: hang up, before the SIM's own voicemail takes the call.
    HangUp,
    /// The call is over.
    Ended(EndedCall),
}

/// A call that is over, with all that was seen of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedCall {
    /// Which one.
    pub id: CallId,
    /// Who called, as far as the line told; `None` when nothing was ever said about it.
    pub caller: Option<CallerId>,
    /// How often it rang (a number shown without any `RING` counts as one).
    pub rings: u32,
    /// Somebody talked to the caller: not a missed call.
    pub picked_up: bool,
}
