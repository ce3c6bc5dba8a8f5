//! The AT language (3GPP TS 27.005 and 27.007): bytes to lines and prompts, commands and answers, URCs to typed
//! events, error codes to plain words. Pure: no I/O, no clock, and nothing of the floors above.

pub mod urc;

pub use urc::Urc;
