//! SIMCom: SIM800 and SIM900 on 2G, SIM5300 and SIM7600 on 3G and LTE, A7600 and A7670, and the modules without voice.

use super::plain::{MODE_1_FIRST, PLAIN_3GPP};
use super::{Family, Lines, Maker, Says, Voice, numbered};
use crate::at::Urc;
use crate::at::urc::{LineNumber, Reading};

pub(super) const MAKER: Maker = Maker {
    families: &[
        // No voice at all: callers hear that the line cannot be reached (LilyGo-Modem-Series issue 131, T-SIM7000G issues 142 and
        // 192). The SIM7070 and 7080 by class, without a source of their own.
        Family {
            name: "SIMCom without voice",
            makers: &["SIMCOM"],
            models: &[
                "SIM7000", "SIM7020", "SIM7070", "SIM7080", "SIM7090", "SIM7670", "SIM7672",
            ],
            usb: &[numbered("1e0e", &["9205", "9206"], 2, None)],
            new_messages: MODE_1_FIRST,
            voice: Voice::Never,
            ..PLAIN_3GPP
        },
        // `+CLCC=1` has it tell of its calls (T-SIM7600X issue 65).
        Family {
            name: "SIMCom 5300, 7000, A7600",
            makers: &["SIMCOM", "A7600", "A7670"],
            models: &[
                "SIM53", "SIM71", "SIM75", "SIM76", "A7600", "A7602", "A7608", "A7670", "A7672",
            ],
            // A SIM5360 rang on both of two channels (Open-Vehicle-Monitoring-System-3 issue 172).
            usb: &[
                numbered("1e0e", &["9001"], 2, Some(3)),
                numbered("1e0e", &["9011"], 4, None),
            ],
            extra: &[&["+CLCC=1"]],
            new_messages: MODE_1_FIRST,
            ..PLAIN_3GPP
        },
        // SIM800 and SIM900 reject by `ATH` (SIM800 manual V1.09).
        Family {
            name: "SIMCom 800, 900",
            makers: &["SIMCOM"],
            new_messages: MODE_1_FIRST,
            hang_up: &["H", "+CHUP"],
            ..PLAIN_3GPP
        },
    ],
    lines: Lines {
        says: &[
            // ModemManager's simtech tests.
            Says::Words("VOICE CALL: BEGIN", Urc::PickedUp { index: None }),
            Says::Words("VOICE CALL: END", Urc::CallEnded { index: None }),
            // With a duration: `VOICE CALL: END: 000041` (ModemManager's simtech tests), and `0:41` on an A7670.
            Says::Text("VOICE CALL", |text| {
                if text.starts_with(" END:") {
                    Reading::Urc(Urc::CallEnded { index: None })
                } else {
                    Reading::Foreign
                }
            }),
            // A call that nobody took; SIM7600 says it and nothing else (ModemManager's simtech tests).
            Says::Text("MISSED_CALL", |text| {
                missed(text).map_or(Reading::Unknown, Reading::Urc)
            }),
            // SIM800 (a public driver in Rust, found without the name of its repository).
            Says::Words("+SMS FULL", Urc::SmsMemoryFull),
        ],
        // SIM800 (TinyGSM), SIM7670 (LilyGo-Modem-Series issue 388), A7670 (issues 332, 79 and 138).
        restarts: &["RDY", "QCRDY", "*ATREADY: 1"],
        noise: &[
            // SIM800 (TinyGSM, ofono's sim900 driver); the last to `AT+CPOWD=1`.
            "+CFUN: 1",
            "Call Ready",
            "SMS Ready",
            "*PSUTTZ:",
            "DST:",
            "NORMAL POWER DOWN",
            // SIM5360, SIM7600, A7670 (TinyGSM, ModemManager's simtech plugin, LilyGo-Modem-Series issue 79).
            "SMS DONE",
            "PB DONE",
            "+CNSMOD:",
            "+CSQ:",
            // A7670 (LilyGo-Modem-Series issues 332 and 496).
            "+MSTK: 14",
            "*COPN:0,\"KT\"",
            "*ISIMAID:",
        ],
    },
};

/// `MISSED_CALL: 11:53AM 08020866256`. The time has no date and no seconds: ours is better.
fn missed(text: &str) -> Option<Urc> {
    let mut words = text.split_whitespace();
    let time = words.next()?;
    let half = |end: &&str| time.ends_with(*end);
    if !time.contains(':') || !["AM", "PM"].iter().any(half) {
        return None;
    }
    let number = LineNumber::parse(words.next(), None);
    Some(Urc::MissedCall { number })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::family::tests::{ended, known, number, picked_up, told};

    #[test]
    fn its_modems_are_known() {
        let later = "SIMCom 5300, 7000, A7600";
        known(&[
            ("SIMCOM_Ltd", "SIMCOM_SIM800L", "SIMCom 800, 900"),
            ("SIMCOM_Ltd", "SIMCOM_SIM900", "SIMCom 800, 900"),
            ("SIMCOM INCORPORATED", "SIMCOM_SIM7600E-H", later),
            ("SIMCOM INCORPORATED", "SIMCOM_SIM5320E", later),
            ("INCORPORATED", "A7670E-FASE", later),
            ("", "A7670SA", later),
            ("SIMCOM INCORPORATED", "SIM7000G", "SIMCom without voice"),
            (
                "SIMCOM INCORPORATED",
                "SIM7670G-LNGV",
                "SIMCom without voice",
            ),
        ]);
    }

    #[test]
    fn its_lines_are_read() {
        let missed = |number| Reading::Urc(Urc::MissedCall { number });
        told(&[
            ("VOICE CALL: BEGIN", picked_up(None)),
            ("VOICE CALL: END", ended(None)),
            ("VOICE CALL: END: 000041", ended(None)),
            ("VOICE CALL: END: 0:41", ended(None)),
            ("VOICE CALL: HELD", Reading::Foreign),
            ("VOICE CALL", Reading::Unknown),
            (
                "MISSED_CALL: 11:01AM 07712345678",
                missed(number("07712345678", 129)),
            ),
            ("MISSED_CALL: 11:53PM", missed(None)),
            ("MISSED_CALL:", Reading::Unknown),
            ("MISSED_CALL: 1 2", Reading::Unknown),
            ("+SMS FULL", Reading::Urc(Urc::SmsMemoryFull)),
            ("*ATREADY: 1", Reading::Urc(Urc::Restarted)),
            ("*ATREADY: 0", Reading::Foreign),
        ]);
    }
}
