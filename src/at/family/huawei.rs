//! Huawei: sticks of all ages, ME909, and MT5700, which is made after them.

use super::plain::{MODE_1_FIRST, PLAIN_3GPP};
use super::{Family, Interface, Lines, Maker, Says, UsbPorts, Voice, WithoutPort, numbered};
use crate::at::Urc;

pub(super) const MAKER: Maker = Maker {
    families: &[
        // A stick without voice (chan_dongle-bg issue 267, openwrt forum 126018).
        Family {
            name: "Huawei data stick",
            makers: &["HUAWEI"],
            models: &["E3372", "E3531", "E8372"],
            // Openwrt forum 126018: a stick out of the box, and one whose firmware is a router of its own.
            without_port: &[
                WithoutPort {
                    vendor: "12d1",
                    product: "1f01",
                    why: "A Huawei stick (12d1:1f01) is plugged in that still poses as a CD drive and has no serial port: install usb-modeswitch and plug it in again. If it is 12d1:14db then, it is of no use here.",
                },
                WithoutPort {
                    vendor: "12d1",
                    product: "14db",
                    why: "A Huawei stick (12d1:14db) is plugged in that is a router of its own (HiLink) and has no serial port: textback cannot use it. Use another modem; hardware.md of textback lists those that ring.",
                },
            ],
            new_messages: MODE_1_FIRST,
            voice: Voice::Never,
            ..PLAIN_3GPP
        },
        // `^CURC=1`: the lines that end its calls are its own, and another program may have silenced them (ModemManager).
        // `^CVOICE: 1` is a stick whose voice is locked: callers hear busy and it says nothing (chan_dongle issue 52).
        Family {
            name: "Huawei",
            makers: &["HUAWEI"],
            // By product where a list has it (chan_dongle's `pdiscovery.c`), else by kind; the modem port rings without a number
            // (python-gsmmodem issue 44), and some sticks say the rest there too.
            usb: &[
                numbered("12d1", &["1001"], 2, Some(0)),
                numbered("12d1", &["140c", "1506"], 3, Some(0)),
                numbered("12d1", &["14ac", "1436"], 4, Some(0)),
                UsbPorts {
                    vendor: "12d1",
                    products: &[],
                    at: Interface::Kind(&[[0xff, 1, 2], [0xff, 2, 2]]),
                    second: Some(Interface::Kind(&[[0xff, 1, 1], [0xff, 2, 1]])),
                },
            ],
            extra: &[&["^CURC=1"]],
            new_messages: MODE_1_FIRST,
            voice: Voice::Asks {
                question: "^CVOICE?",
                prefix: "^CVOICE:",
                field: 0,
                silent: 1,
                on_lte_only: false,
                why: "Voice is locked in this modem: callers hear the busy tone. Its maker's unlocking tool or a newer firmware may open it; otherwise use another modem.",
            },
            ..PLAIN_3GPP
        },
    ],
    lines: Lines {
        says: &[
            // <idx>,<duration>,<end_status>[,<cause>], and <idx>,<call_type> (chan_dongle issue 82, ModemManager's Huawei plugin).
            // The duration does not tell that somebody talked: E1752's fake in python-gsmmodem gives one without a `^CONN`.
            Says::Fields("^CEND", |args| {
                let index = Some(args.number(0)?);
                Some(Urc::CallEnded { index })
            }),
            Says::Fields("^CONN", |args| {
                let index = Some(args.number(0)?);
                Some(Urc::PickedUp { index })
            }),
            // MT5700: a call over IMS rings so (luci-app-mt5700m).
            Says::Words("IRING", Urc::Ring),
            Says::Fields("^IRING", |_| Some(Urc::Ring)),
            // Said again and again, after a start and at other times: only the settings tell whether it has started anew (gammu's
            // `at.c`, ModemManager's Huawei plugin).
            Says::Fields("^BOOT", |_| Some(Urc::PerhapsRestarted)),
            // E1750: it stops telling of messages (chan_dongle issue 47).
            Says::Fields("^SMMEMFULL", |_| Some(Urc::SmsMemoryFull)),
        ],
        restarts: &[],
        // Gammu's `at.c` (SpecialAnswers) and ModemManager's Huawei plugin.
        noise: &[
            "^SIMST:1",
            "^SRVST:2",
            "^RSSI:18",
            "^HCSQ:\"LTE\",59,50,161,24",
            "^DSFLOWRPT:",
            "^MODE:3,3",
            "^CSNR:-93,-23",
            "^STIN: 7,0,0",
            "^NWTIME:",
            "^RSSILVL:",
            "^LWURC:",
            "^CERSSI:",
            "^EONS:",
        ],
    },
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::family::tests::{ended, known, picked_up, told};
    use crate::at::urc::Reading;

    #[test]
    fn its_modems_are_known() {
        known(&[
            ("huawei", "E1752", "Huawei"),
            ("Huawei Technologies Co., Ltd.", "ME909s-120", "Huawei"),
            ("huawei", "E3372", "Huawei data stick"),
        ]);
    }

    #[test]
    fn its_lines_are_read() {
        told(&[
            ("^CEND:1,0,104,16", ended(Some(1))),
            ("^CEND: 1,0, 67, 21", ended(Some(1))),
            ("^CEND:1,5,29", ended(Some(1))),
            ("^CEND:", Reading::Unknown),
            ("^CEND", Reading::Unknown),
            ("^CENDX:1", Reading::Foreign),
            ("^CONN:1,0", picked_up(Some(1))),
            ("IRING", Reading::Urc(Urc::Ring)),
            ("IRINGS", Reading::Unknown),
            ("^IRING: 1", Reading::Urc(Urc::Ring)),
            ("^SMMEMFULL: \"SM\"", Reading::Urc(Urc::SmsMemoryFull)),
            (
                "^BOOT:27710117,0,0,0,75",
                Reading::Urc(Urc::PerhapsRestarted),
            ),
        ]);
    }
}
