//! u-blox: LARA, TOBY, SARA.
//!
//! SARA-R4 and N4 can tell of a call that is being set up by `+CIEV: 10,1`, and of its end by `+CIEV: 10,0`, once they are told
//! `AT+CMER=1,0,0,1,0` (UBX-17003787 p. 33). We neither tell them nor read it so: `+CIEV` counts indicators in the order of the
//! modem's own `AT+CIND=?` (27.007 8.9), so the number alone says nothing. In ModemManager's tests a call is `+CIEV: 7,1`, and
//! what is 10 here may be the signal elsewhere; a line that is read on every modem must not make a call of it. It stays a notice,
//! and so does `+CIEV: 8,1` of the same list, the full memory: messages are listed every ten minutes whatever is told.

use super::plain::PLAIN_3GPP;
use super::{Family, Lines, Maker, Says, call, numbered};
use crate::at::urc::CallState;

pub(super) const MAKER: Maker = Maker {
    families: &[
        // Some of its calls are told by `+UCALLSTAT` and never by RING (rusp_firmware, measured on a LARA-R6).
        Family {
            name: "u-blox",
            makers: &["U-BLOX", "UBLOX"],
            usb: &[
                numbered("1546", &["1102", "1104", "1107", "110a"], 0, None),
                numbered("1546", &["1010"], 6, None),
                numbered("05c6", &["908b"], 1, None),
            ],
            extra: &[&["+UCALLSTAT=1"]],
            ..PLAIN_3GPP
        },
    ],
    lines: Lines {
        says: &[
            // <call_id>,<call_stat>; 7 is "connected", said once (rusp_firmware, ModemManager's u-blox plugin).
            Says::Fields("+UCALLSTAT", |args| {
                let state = match args.number(1)? {
                    7 => CallState::Active,
                    state => CallState::read(state)?,
                };
                Some(call(args.number(0), true, state, true, None))
            }),
        ],
        // With its profile, once after power-up and not after a start of the computer (rusp_firmware `lara.cpp`).
        restarts: &["+PACSP1"],
        // A data connection was closed (rusp_firmware).
        noise: &["+UUPSDD:"],
    },
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::Urc;
    use crate::at::family::tests::{in_list, known, told};
    use crate::at::urc::{Notice, Reading};

    #[test]
    fn its_modems_are_known() {
        known(&[("u-blox", "LARA-R6001D", "u-blox")]);
    }

    #[test]
    fn its_lines_are_read() {
        use CallState::{Active, Disconnected, Incoming, Waiting};
        told(&[
            ("+UCALLSTAT: 1,4", in_list(Some(1), Incoming, None)),
            ("+UCALLSTAT: 1,5", in_list(Some(1), Waiting, None)),
            ("+UCALLSTAT: 1,6", in_list(Some(1), Disconnected, None)),
            ("+UCALLSTAT: 1,7", in_list(Some(1), Active, None)),
            ("+UCALLSTAT: 1", Reading::Unknown),
            ("+UCALLSTAT: 1,8", Reading::Unknown),
            ("+PACSP1", Reading::Urc(Urc::Restarted)),
        ]);
    }

    #[test]
    fn an_indicator_is_no_call() {
        for line in ["+CIEV: 10,1", "+CIEV: 10,0", "+CIEV: 8,1"] {
            let notice = Urc::Notice {
                about: Notice::Indicator,
                text: line.into(),
            };
            told(&[(line, Reading::Urc(notice))]);
        }
    }
}
