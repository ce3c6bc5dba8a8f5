//! Sierra Wireless, and Wavecom, which is Sierra now.

use super::plain::PLAIN_3GPP;
use super::{Family, Lines, Maker, Voice, numbered};

pub(super) const MAKER: Maker = Maker {
    families: &[
        // sierra-wireless-modems issue 14.
        Family {
            name: "Sierra without voice",
            makers: &["SIERRA"],
            models: &["EM7", "EM9"],
            voice: Voice::Never,
            ..PLAIN_3GPP
        },
        Family {
            name: "Sierra",
            makers: &["SIERRA", "WAVECOM"],
            usb: &[
                numbered("1199", &["9071", "9079", "9091", "68c0"], 3, None),
                numbered("1199", &["c001"], 0, None),
            ],
            ..PLAIN_3GPP
        },
    ],
    lines: Lines {
        says: &[],
        restarts: &[],
        // A Wavecom beside the NO CARRIER that ends a call (python-gsmmodem).
        noise: &["+WIND: 6,1"],
    },
};

#[cfg(test)]
mod tests {
    use crate::at::family::tests::known;

    #[test]
    fn its_modems_are_known() {
        let maker = "Sierra Wireless, Incorporated";
        known(&[
            (maker, "MC7455", "Sierra"),
            (maker, "EM7565", "Sierra without voice"),
            ("WAVECOM MODEM", "900E1800", "Sierra"),
        ]);
    }
}
