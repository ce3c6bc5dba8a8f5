//! The families, a row each, with the source of each fact. Adding a family is adding a row. Knows no line.
//!
//! USB ids and interfaces are those of ModemManager's `77-mm-*-port-types.rules`, unless a row says otherwise; hardware.md has the
//! same for people, and a test holds the two together.

use super::{Family, Interface, UsbPorts, Voice};
use crate::at::{Memory, NewMessages};

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
pub(in crate::modem) const PLAIN_3GPP: Family = Family {
    name: "plain 3GPP",
    makers: &[],
    models: &[],
    usb: &[],
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

const fn numbered(
    vendor: &'static str,
    products: &'static [&'static str],
    at: u8,
    second: Option<u8>,
) -> UsbPorts {
    UsbPorts {
        vendor,
        products,
        at: Interface::Number(at),
        second: match second {
            Some(second) => Some(Interface::Number(second)),
            None => None,
        },
    }
}

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
pub(super) const FAMILIES: &[Family] = &[
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
        usb: &[numbered("1e0e", &["9205", "9206"], 2, None)],
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
        // A SIM5360 rang on both of two channels (Open-Vehicle-Monitoring-System-3 issue 172).
        usb: &[
            numbered("1e0e", &["9001"], 2, Some(3)),
            numbered("1e0e", &["9011"], 4, None),
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
        // An EP06-E takes commands on one and says `+CDS` and RING on the other (sms-gate docs/modem.md, measured).
        usb: &[numbered(
            "2c7c",
            &[
                "0125", "0121", "0191", "0195", "0296", "0306", "0512", "0800",
            ],
            2,
            Some(3),
        )],
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
        usb: &[
            numbered("1546", &["1102", "1104", "1107", "110a"], 0, None),
            numbered("1546", &["1010"], 6, None),
            numbered("05c6", &["908b"], 1, None),
        ],
        extra: &[&["+UCALLSTAT=1"]],
        ..PLAIN_3GPP
    },
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
        usb: &[
            numbered("1199", &["9071", "9079", "9091", "68c0"], 3, None),
            numbered("1199", &["c001"], 0, None),
        ],
        ..PLAIN_3GPP
    },
];
