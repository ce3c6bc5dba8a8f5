//! Short messages as they travel between modem and network: 3GPP TS 23.040 (TPDUs) with the alphabets of 3GPP TS 23.038.
//!
//! Texts become [`Segment`]s ([`segment`], [`measure`]), segments become [`Submit`]s, and what the modem hands us is
//! read as [`Deliver`] or [`StatusReport`]. PDUs are hexadecimal text with the service centre's address in front, as
//! `AT+CMGS`, `+CMGR` and `+CDS` carry them in PDU mode.
//!
//! This room must not know about modems, AT commands, clocks or storage.

mod address;
mod dcs;
mod deliver;
mod error;
mod gsm7;
mod header;
mod hex;
mod mms;
mod national;
mod reader;
mod segment;
mod split;
mod status_report;
mod submit;
#[cfg(test)]
mod tests;
mod text;
mod timestamp;
mod validity;

pub use address::{Address, AddressError};
pub use dcs::{Alphabet, Dcs, MessageWaiting, Waiting};
pub use deliver::Deliver;
pub use error::{PduError, Problem, Tpdu};
pub use gsm7::gsm7_contains;
pub use header::{Concatenation, InformationElement, Ports};
pub use hex::Pdu;
pub use mms::MmsNotice;
pub use segment::Segment;
pub use split::{MAX_PARTS, Measure, Reference, TooManyParts, measure, segment};
pub use status_report::{Outcome, Parameters, StatusReport};
pub use submit::Submit;
pub use text::join;
pub use timestamp::Timestamp;
pub use validity::Validity;
