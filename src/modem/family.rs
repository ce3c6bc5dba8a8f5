//! What families of modems do differently, as rows of data. Knows no line.
//!
//! There is no pause between commands here: u-blox (20 ms, data sheet) and some drivers (100 ms) leave one so that URCs
//! kept back get out, but ours are read at any time, and nothing shows that a plain 3GPP modem loses any.

use crate::at::{Memory, NewMessages};

/// One family.
#[derive(Debug)]
pub(super) struct Family {
    /// Commands sent once the common ones are through; refusals do not matter.
    pub(super) extra: &'static [&'static str],
    /// Where messages are kept: the first that the modem accepts, with how many of the three memories are named.
    pub(super) memories: &'static [(Memory, u8)],
    /// How new messages are told: the first that the modem accepts.
    pub(super) new_messages: &'static [NewMessages],
    /// How a ringing call is rejected: one after the other until one is accepted.
    pub(super) hang_up: &'static [&'static str],
}

const fn cnmi(mode: u8, report: u8, buffer: u8) -> NewMessages {
    NewMessages {
        mode,
        message: 1,
        broadcast: 0,
        report,
        buffer,
    }
}

/// What 27.005 and 27.007 promise.
pub(super) const PLAIN_3GPP: Family = Family {
    extra: &[],
    // One memory for everything; some have no messages on the SIM, some refuse three arguments (python-gsmmodem, smstools3).
    memories: &[
        (Memory::Sim, 3),
        (Memory::Modem, 3),
        (Memory::Sim, 2),
        (Memory::Modem, 2),
    ],
    // Stored messages told by `+CMTI`, reports by `+CDS` if possible, for the index of `+CDSI` is wrong on some (Quectel EC25). Many
    // Qualcomm claim reports and refuse them (ModemManager); Huawei, ZTE, SIMCom refuse mode 2 (ofono); Cinterion MC75i wants
    // buffer 1 (gammu pull 1207).
    new_messages: &[
        cnmi(2, 1, 0),
        cnmi(1, 1, 0),
        cnmi(2, 1, 1),
        cnmi(1, 1, 1),
        cnmi(2, 2, 0),
        cnmi(1, 2, 0),
        cnmi(2, 0, 0),
        cnmi(1, 0, 0),
        cnmi(2, 0, 1),
    ],
    // 27.007 6.5; `ATH` (V.250) hangs up voice calls only while `+CVHU=0`.
    hang_up: &["+CHUP", "H"],
};
