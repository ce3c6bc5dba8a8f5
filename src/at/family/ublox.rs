//! u-blox: LARA, TOBY, SARA.

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
    use crate::at::urc::Reading;

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
}
