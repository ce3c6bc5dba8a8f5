//! How something is delivered over a network that others hold: signed ([`Secret`]), tried again ([`after`]), and never where it
//! must not go ([`may_reach`]).
//!
//! Decisions alone: it opens no connection and knows no receiver.

mod again;
mod reach;
mod signature;

pub use again::{GIVEN_UP_AFTER, Outcome, TRIES_AT_LEAST, Verdict, after};
pub use reach::{Forbidden, is_private, may_reach};
pub use signature::{BadSecret, Secret};
