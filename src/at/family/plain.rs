//! Plain 3GPP: what 27.005 and 27.007 promise of any modem, and so what a family is where its row says nothing else. Its lines are
//! those of `at/urc.rs`.

use super::{Family, Voice};
use crate::at::{Memory, NewMessages};

/// What 27.005 and 27.007 promise.
pub(super) const PLAIN_3GPP: Family = Family {
    name: "plain 3GPP",
    makers: &[],
    models: &[],
    usb: &[],
    without_port: &[],
    extra: &[],
    // One memory for everything; some have no messages on the SIM, some refuse three arguments (python-gsmmodem, smstools3).
    memories: &[
        (Memory::Sim, 3),
        (Memory::Modem, 3),
        (Memory::Sim, 2),
        (Memory::Modem, 2),
    ],
    // Stored messages told by `+CMTI`, reports by `+CDS` if possible, for the index of `+CDSI` is wrong on some (Quectel EC25). Many
    // Qualcomm claim reports and refuse them (ModemManager); Cinterion MC75i wants buffer 1 (gammu pull 1207).
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
    voice: Voice::Rings,
};

/// Mode 1 first, for several makers: they "advertise mode 2, but return an error if we use it" (ofono's `build_cnmi_string`, of
/// Huawei, SIMCom, ZTE and others).
pub(super) const MODE_1_FIRST: &[NewMessages] = &[
    cnmi(1, 1, 0),
    cnmi(2, 1, 0),
    cnmi(1, 1, 1),
    cnmi(2, 1, 1),
    cnmi(1, 2, 0),
    cnmi(2, 2, 0),
    cnmi(1, 0, 0),
    cnmi(2, 0, 0),
];

/// `AT+CNMI` with messages stored and told, and no cell broadcasts.
pub(super) const fn cnmi(mode: u8, report: u8, buffer: u8) -> NewMessages {
    NewMessages {
        mode,
        message: 1,
        broadcast: 0,
        report,
        buffer,
    }
}
