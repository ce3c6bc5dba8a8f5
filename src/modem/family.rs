//! What families of modems do differently, as rows of data: how to know one, what to tell it at the start, how it rejects a call,
//! what it can never do. Adding a family is adding a row. Knows no line.
//!
//! What is not here is the same for all: the lines that families send by themselves are read whoever sends them
//! (`at/urc/vendor.rs`), for no two mean different things by one name, and what can be found out by trying is tried.
//!
//! There is no pause between commands: u-blox (20 ms, data sheet) and some drivers (100 ms) leave one so that URCs
//! kept back get out, but ours are read at any time, and nothing shows that a modem loses any. There is no list of noise:
//! what nobody knows is passed over wherever it stands. `+CCWA` is left alone: it has wedged sticks for good (chan_dongle-bg
//! issues 132 and 244), and nothing shows for which families it is harmless.

use crate::at::{Memory, NewMessages};

/// One family.
#[derive(Debug, PartialEq, Eq)]
pub struct Family {
    /// What people call it.
    pub name: &'static str,
    /// Words of which `AT+CGMI` or `AT+CGMM` holds one, in capitals …
    makers: &'static [&'static str],
    /// … and words of which `AT+CGMM` holds one, in capitals; none if all models of the maker are meant.
    models: &'static [&'static str],
    /// Commands sent once the common ones are through; of each list the first that is accepted. Refusals do not matter.
    pub(super) extra: &'static [&'static [&'static str]],
    /// Where messages are kept: the first that the modem accepts, with how many of the three memories are named.
    pub(super) memories: &'static [(Memory, u8)],
    /// How new messages are told: the first that the modem accepts.
    pub(super) new_messages: &'static [NewMessages],
    /// How a ringing call is rejected: one after the other until one is accepted.
    pub(super) hang_up: &'static [&'static str],
    /// Whether it is known to ring.
    pub(super) voice: Voice,
}

/// What is known of a family's calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    /// It rings where the network lets it.
    Rings,
    /// It rings unless this question, by the prefix and field of its answer, is answered with `silent`.
    Asks {
        question: &'static str,
        prefix: &'static str,
        field: usize,
        silent: u8,
        /// Whether that alone keeps it from ringing, or only on LTE.
        on_lte_only: bool,
        why: &'static str,
    },
    /// It is not made for calls: no network and no setting will make it ring.
    Never,
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
    name: "plain 3GPP",
    makers: &[],
    models: &[],
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

/// Mode 1 first: these "advertise mode 2, but return an error if we use it" (ofono, `build_cnmi_string`).
const MODE_1_FIRST: &[NewMessages] = &[
    cnmi(1, 1, 0),
    cnmi(2, 1, 0),
    cnmi(1, 1, 1),
    cnmi(2, 1, 1),
    cnmi(1, 2, 0),
    cnmi(2, 2, 0),
    cnmi(1, 0, 0),
    cnmi(2, 0, 0),
];

/// Buffer 1 first, which some insist on (MC75i: gammu pull 1207).
const BUFFER_1_FIRST: &[NewMessages] = &[
    cnmi(2, 1, 1),
    cnmi(2, 1, 0),
    cnmi(1, 1, 1),
    cnmi(1, 1, 0),
    cnmi(2, 2, 1),
    cnmi(2, 2, 0),
    cnmi(2, 0, 1),
    cnmi(1, 0, 0),
];

/// The families, the special ones of a maker before the rest of it; the first that fits is taken.
const FAMILIES: &[Family] = &[
    // A stick without voice (chan_dongle-bg issue 267, openwrt forum 126018).
    Family {
        name: "Huawei data stick",
        makers: &["HUAWEI"],
        models: &["E3372", "E3531", "E8372"],
        new_messages: MODE_1_FIRST,
        voice: Voice::Never,
        ..PLAIN_3GPP
    },
    // `^CURC=1`: the lines that end its calls are its own, and another program may have silenced them (ModemManager). `^CVOICE: 1`
    // is a stick whose voice is locked: callers hear busy and it says nothing (chan_dongle issue 52).
    Family {
        name: "Huawei",
        makers: &["HUAWEI"],
        extra: &[&["^CURC=1"], &["+CVHU=0"]],
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
    // No voice at all: callers hear that the line cannot be reached (LilyGo-Modem-Series issue 131, T-SIM7000G issues 142 and
    // 192). The SIM7070 and 7080 by class, without a source of their own.
    Family {
        name: "SIMCom without voice",
        makers: &["SIMCOM"],
        models: &[
            "SIM7000", "SIM7020", "SIM7070", "SIM7080", "SIM7090", "SIM7670", "SIM7672",
        ],
        new_messages: MODE_1_FIRST,
        voice: Voice::Never,
        ..PLAIN_3GPP
    },
    // `+CLCC=1` has it tell of its calls; `ATH` does nothing to a call without `+CVHU=0` (T-SIM7600X issues 44 and 65).
    Family {
        name: "SIMCom 5300, 7000, A7600",
        makers: &["SIMCOM", "A7600", "A7670"],
        models: &[
            "SIM53", "SIM71", "SIM75", "SIM76", "A7600", "A7602", "A7608", "A7670", "A7672",
        ],
        extra: &[&["+CVHU=0"], &["+CLCC=1"]],
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
    // LTE-M and NB-IoT: by class, without a source of their own.
    Family {
        name: "Quectel without voice",
        makers: &["QUECTEL"],
        models: &["BG95", "BG96", "BG77", "BC66", "BC95"],
        voice: Voice::Never,
        ..PLAIN_3GPP
    },
    // Without a URC port that is ours nothing rings, and it is forgotten at every start: EG25 takes "all", EC25 and EP06 one port
    // (pinephone_modem_sdk issues 2 and 6, serialport-gsm issue 12). "ccinfo" ends calls by name (chan_quectel). `"urc/cache"`
    // off: no line is kept back (eg25-manager). IMS off means no VoLTE (pinephone_modem_sdk issue 250).
    Family {
        name: "Quectel",
        makers: &["QUECTEL"],
        extra: &[
            &[
                "+QURCCFG=\"urcport\",\"all\"",
                "+QURCCFG=\"urcport\",\"usbat\"",
            ],
            &["+QINDCFG=\"ccinfo\",1,0"],
            &["+QCFG=\"urc/cache\",0"],
        ],
        voice: Voice::Asks {
            question: "+QCFG=\"ims\"",
            prefix: "+QCFG:",
            field: 1,
            silent: 0,
            on_lte_only: true,
            why: "VoLTE is switched off in this modem (AT+QCFG=\"ims\"): on LTE a call rings only if the network hands it down to 2G or 3G. Ring the SIM once to be sure.",
        },
        ..PLAIN_3GPP
    },
    // Some of its calls are told by `+UCALLSTAT` and never by RING (rusp_firmware, measured on a LARA-R6).
    Family {
        name: "u-blox",
        makers: &["U-BLOX", "UBLOX"],
        extra: &[&["+UCALLSTAT=1"]],
        ..PLAIN_3GPP
    },
    // Telit AT guide, #ECAM.
    Family {
        name: "Telit",
        makers: &["TELIT"],
        extra: &[&["#ECAM=1"]],
        ..PLAIN_3GPP
    },
    // `^SLCC=1`: the end of a call is a list without it (ModemManager's Cinterion plugin).
    Family {
        name: "Cinterion",
        makers: &["CINTERION", "GEMALTO", "THALES", "SIEMENS"],
        extra: &[&["^SLCC=1"]],
        new_messages: BUFFER_1_FIRST,
        ..PLAIN_3GPP
    },
    // Sticks that come up offline (gammu), or with their voice switched off (MF192: homeassistant-gsm-call issue 26).
    Family {
        name: "ZTE",
        makers: &["ZTE"],
        extra: &[&["+ZOPRT=5"], &["%ICSCALL=1,0"]],
        new_messages: MODE_1_FIRST,
        ..PLAIN_3GPP
    },
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
        ..PLAIN_3GPP
    },
];

impl Family {
    /// The family of a modem by what it calls itself (`AT+CGMI`, `AT+CGMM`); plain 3GPP if nothing is known of it.
    pub(super) fn of(manufacturer: Option<&str>, model: Option<&str>) -> &'static Self {
        let maker = manufacturer.unwrap_or_default().to_uppercase();
        let model = model.unwrap_or_default().to_uppercase();
        let fits = |family: &&Self| {
            let made = |word: &&str| maker.contains(*word) || model.contains(*word);
            let meant = |word: &&str| model.contains(*word);
            family.makers.iter().any(made)
                && (family.models.is_empty() || family.models.iter().any(meant))
        };
        FAMILIES.iter().find(fits).unwrap_or(&PLAIN_3GPP)
    }
}

impl Default for &'static Family {
    fn default() -> Self {
        &PLAIN_3GPP
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modem_is_known_by_what_it_calls_itself() {
        let cases = [
            ("huawei", "E1752", "Huawei"),
            ("Huawei Technologies Co., Ltd.", "ME909s-120", "Huawei"),
            ("huawei", "E3372", "Huawei data stick"),
            ("SIMCOM_Ltd", "SIMCOM_SIM800L", "SIMCom 800, 900"),
            ("SIMCOM_Ltd", "SIMCOM_SIM900", "SIMCom 800, 900"),
            (
                "SIMCOM INCORPORATED",
                "SIMCOM_SIM7600E-H",
                "SIMCom 5300, 7000, A7600",
            ),
            (
                "SIMCOM INCORPORATED",
                "SIMCOM_SIM5320E",
                "SIMCom 5300, 7000, A7600",
            ),
            ("INCORPORATED", "A7670E-FASE", "SIMCom 5300, 7000, A7600"),
            ("SIMCOM INCORPORATED", "SIM7000G", "SIMCom without voice"),
            (
                "SIMCOM INCORPORATED",
                "SIM7670G-LNGV",
                "SIMCom without voice",
            ),
            ("Quectel", "EC25", "Quectel"),
            ("Quectel", "BG96", "Quectel without voice"),
            ("u-blox", "LARA-R6001D", "u-blox"),
            ("Telit", "HE910", "Telit"),
            ("Cinterion", "PLS8-E", "Cinterion"),
            ("SIEMENS", "MC55i", "Cinterion"),
            ("ZTE CORPORATION", "MF626", "ZTE"),
            ("Sierra Wireless, Incorporated", "MC7455", "Sierra"),
            (
                "Sierra Wireless, Incorporated",
                "EM7565",
                "Sierra without voice",
            ),
            ("WAVECOM MODEM", "900E1800", "Sierra"),
            ("Acme", "M1", "plain 3GPP"),
        ];
        for (maker, model, name) in cases {
            let family = Family::of(Some(maker), Some(model));
            assert_eq!(family.name, name, "{maker} {model}");
        }
        assert_eq!(Family::of(None, None).name, "plain 3GPP");
        assert_eq!(
            Family::of(None, Some("A7670SA")).name,
            "SIMCom 5300, 7000, A7600"
        );
    }

    #[test]
    fn every_family_can_text_and_reject_and_the_later_rows_are_reached() {
        for (at, family) in FAMILIES.iter().enumerate() {
            assert!(
                !family.makers.is_empty() && !family.hang_up.is_empty(),
                "{family:?}"
            );
            assert!(!family.memories.is_empty() && !family.new_messages.is_empty());
            let words = family.makers.iter().chain(family.models);
            for word in words {
                assert_eq!(*word, word.to_uppercase(), "{}", family.name);
            }
            let hidden = FAMILIES[..at].iter().any(|before| {
                before.models.is_empty() && family.makers.iter().all(|m| before.makers.contains(m))
            });
            assert!(!hidden, "{} is never reached", family.name);
        }
    }
}
