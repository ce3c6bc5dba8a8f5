//! Telit: HE910, LE910 and their kin.

use super::plain::PLAIN_3GPP;
use super::{Family, Lines, Maker, Says, call, numbered};
use crate::at::urc::CallState;

pub(super) const MAKER: Maker = Maker {
    families: &[
        // Telit AT guide, #ECAM.
        Family {
            name: "Telit",
            makers: &["TELIT"],
            usb: &[
                numbered("1bc7", &["1031", "1101"], 1, None),
                numbered("1bc7", &["1201", "1040", "1050", "7010"], 4, None),
                numbered("1bc7", &["7020"], 6, None),
            ],
            extra: &[&["#ECAM=1"]],
            ..PLAIN_3GPP
        },
    ],
    lines: Lines {
        says: &[
            // <ccid>,<status>,<type>,…; its ids are not those of `+CLCC` (Telit AT guide, #ECAM).
            Says::Fields("#ECAM", |args| {
                let state = match args.number::<u8>(1)? {
                    0 => CallState::Disconnected,
                    1 | 2 => CallState::Dialing,
                    3 => CallState::Active,
                    4 => CallState::Held,
                    5 => CallState::Waiting,
                    6 => CallState::Incoming,
                    _ => return None,
                };
                Some(call(None, true, state, true, None))
            }),
        ],
        // No source tells what it says when it starts.
        restarts: &[],
        noise: &[],
    },
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::family::tests::{in_list, known, told};
    use crate::at::urc::Reading;

    #[test]
    fn its_modems_are_known() {
        known(&[("Telit", "HE910", "Telit")]);
    }

    #[test]
    fn its_lines_are_read() {
        use CallState::{Disconnected, Incoming};
        told(&[
            ("#ECAM: 0,6,1,,,", in_list(None, Incoming, None)),
            ("#ECAM: 0,0,1,,,", in_list(None, Disconnected, None)),
            ("#ECAM: 0,9,1,,,", Reading::Unknown),
        ]);
    }
}
