//! ZTE: sticks, K3565-Z and others on Qualcomm M6280.

use super::plain::{MODE_1_FIRST, PLAIN_3GPP};
use super::{Family, Lines, Maker, Says};
use crate::at::Urc;

pub(super) const MAKER: Maker = Maker {
    families: &[
        // Sticks that come up offline (gammu), or with their voice switched off (MF192: homeassistant-gsm-call issue 26). Their ports
        // vary from stick to stick (hardware.md).
        Family {
            name: "ZTE",
            makers: &["ZTE"],
            extra: &[&["+ZOPRT=5"], &["%ICSCALL=1,0"]],
            new_messages: MODE_1_FIRST,
            ..PLAIN_3GPP
        },
    ],
    lines: Lines {
        says: &[
            // python-gsmmodem's K3565-Z. Nothing that we send is answered by CONNECT.
            Says::Words("CONNECT", Urc::PickedUp { index: None }),
            Says::Fields("HANGUP", |_| Some(Urc::CallEnded { index: None })),
        ],
        restarts: &[],
        // ModemManager's ZTE plugin, gammu's `at.c`.
        noise: &[
            "+ZUSIMR:2",
            "+ZPASR: \"UMTS\"",
            "+ZDONR:",
            "+ZEND:",
            "#STN: 150,1,\"\"",
        ],
    },
};

#[cfg(test)]
mod tests {
    use crate::at::family::tests::{ended, known, picked_up, told};
    use crate::at::urc::Reading;

    #[test]
    fn its_modems_are_known() {
        known(&[("ZTE CORPORATION", "MF626", "ZTE")]);
    }

    #[test]
    fn its_lines_are_read() {
        told(&[
            ("CONNECT", picked_up(None)),
            ("CONNECT 9600", Reading::Unknown),
            ("HANGUP: 1", ended(None)),
            ("HANGUP:", ended(None)),
        ]);
    }
}
