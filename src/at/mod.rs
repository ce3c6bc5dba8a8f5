//! The AT language (3GPP TS 27.005 and 27.007): bytes to lines and prompts, commands and answers, URCs to typed
//! events, error codes to plain words, and what families of modems do differently in all of that. Pure: no I/O, no clock,
//! and nothing of the floors above.

mod answer;
mod args;
mod chat;
mod codec;
mod command;
mod error;
pub mod family;
mod parameter;
mod time;
pub mod urc;

pub use answer::{Answer, Signal, SimState};
pub use chat::{Chat, Heard};
pub use codec::{Frame, LineCodec, Outgoing};
pub use command::{Command, PROMPT_TIMEOUT};
pub use error::{AtError, Cause, Outlook};
pub use parameter::{Memory, NewMessages, PduHex, Pin, ServiceCentre};
pub use time::ModemTime;
pub use urc::Urc;
