//! Modems that people have, as far as it is known how they behave: a table of options. Where a fact has no source beside it, it is one of
//! the family's fake modem in python-gsmmodem (`test/fakemodems.py`) or of ModemManager's tests for its plugin.

use std::time::Duration;

use super::options::{
    ClipForm, CnmiSupport, EndStyle, NumberForm, Options, OwnLines, PromptForm, Quirks,
    Registration, ReportMemory,
};

/// A modem with its name.
#[derive(Debug, Clone)]
pub struct Preset {
    /// What people call it.
    pub name: &'static str,
    /// How it behaves.
    pub options: Options,
}

/// Every modem of this table.
#[must_use]
pub fn presets() -> Vec<Preset> {
    vec![
        plain(),
        cheap_stick(),
        huawei_e1752(),
        huawei_me909(),
        sim800(),
        sim5320(),
        sim7600(),
        a7670(),
        ec25(),
        ep06(),
        lara(),
        he910(),
        cinterion(),
        zte(),
        wavecom(),
        huawei_e3372(),
        sim7000(),
        bg96(),
        sierra_em(),
    ]
}

/// The modem of that name.
#[must_use]
pub fn preset(name: &str) -> Option<Preset> {
    presets().into_iter().find(|preset| preset.name == name)
}

fn made_by(manufacturer: &str, model: &str, revision: &str) -> Options {
    Options {
        manufacturer: manufacturer.to_owned(),
        model: model.to_owned(),
        revision: revision.to_owned(),
        ..Options::default()
    }
}

fn owned(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// "Advertise mode 2, but return an error if we use it" (ofono, `build_cnmi_string`).
fn mode_1_only() -> CnmiSupport {
    CnmiSupport {
        mode: vec![0, 1],
        ..CnmiSupport::default()
    }
}

const NOTHING: OwnLines = OwnLines {
    switched_on_by: None,
    rings: &[],
    answered: &[],
    missed: &[],
    over: &[],
};

fn plain() -> Preset {
    Preset {
        name: "plain 3GPP",
        options: Options::default(),
    }
}

/// RING, and then nothing more (stackoverflow 36808851); starts offline (D-Link DWM-157: gammu issue 395) and refuses `ATE0`.
fn cheap_stick() -> Preset {
    Preset {
        name: "cheap stick",
        options: Options {
            end: EndStyle::Silent,
            functionality_at_start: 4,
            quirks: Quirks {
                echo_stays: true,
                ..Quirks::default()
            },
            ..made_by("D-Link", "DWM-157", "01.02")
        },
    }
}

const HUAWEI_CALLS: &[OwnLines] = &[OwnLines {
    answered: &["^CONN:{index},0"],
    missed: &["^CEND:{index},0,104,16"],
    over: &["^CEND:{index},82,29,16"],
    ..NOTHING
}];

fn huawei_e1752() -> Preset {
    Preset {
        name: "Huawei E1752",
        options: Options {
            end: EndStyle::Silent,
            own_lines: HUAWEI_CALLS,
            accepted: owned(&["^CURC=1"]),
            answers: &[("^CVOICE?", "^CVOICE:0,8000,16,20")],
            // gammu at.c, SpecialAnswers; `^BOOT` keeps coming.
            noise: &[
                "^RSSI:18",
                "^BOOT:27710117,0,0,0,75",
                "^MODE:3,3\r",
                "^DSFLOWRPT:00000000,00000000,00000000,0000000000000000,0000000000000000,00000000,00000000",
            ],
            start_lines: owned(&["^SIMST:1", "^SRVST:2"]),
            cnmi: mode_1_only(),
            quirks: Quirks {
                unknown_command: Some("COMMAND NOT SUPPORT".to_owned()),
                memory_full_line: Some("^SMMEMFULL: \"SM\"".to_owned()),
                ..Quirks::default()
            },
            ..made_by("huawei", "E1752", "11.126.85.00.209")
        },
    }
}

fn huawei_me909() -> Preset {
    Preset {
        name: "Huawei ME909",
        options: Options {
            end: EndStyle::Silent,
            own_lines: HUAWEI_CALLS,
            accepted: owned(&["^CURC=1"]),
            answers: &[("^CVOICE?", "^CVOICE:0")],
            noise: &[
                "^HCSQ:\"LTE\",59,50,161,24\r",
                "^RSSILVL:80\r",
                "^CERSSI:-93,-23",
            ],
            start_lines: owned(&["^SYSSTART"]),
            cnmi: mode_1_only(),
            ..made_by(
                "Huawei Technologies Co., Ltd.",
                "ME909s-120",
                "11.617.01.00.00",
            )
        },
    }
}

/// `+CLIP` comes first, fields are quoted, lines by themselves end in CR CR LF (TinyGSM issue 721, python-gsmmodem issue 24).
fn sim800() -> Preset {
    Preset {
        name: "SIM800",
        options: Options {
            hang_up_works: false,
            start_lines: owned(&["RDY", "+CFUN: 1", "+CPIN: READY", "Call Ready", "SMS Ready"]),
            noise: &["*PSUTTZ: 2026,1,1,12,0,0,\"+4\",0", "DST: 0", "+CTZV: 4,0"],
            cnmi: mode_1_only(),
            quirks: Quirks {
                clip_before_ring: true,
                doubled_cr: true,
                clip: ClipForm::QuotedFields,
                memory_full_line: Some("+SMS FULL".to_owned()),
                ..Quirks::default()
            },
            ..made_by("SIMCOM_Ltd", "SIMCOM_SIM800L", "1418B05SIM800L24")
        },
    }
}

const SIMCOM_CALLS: &[OwnLines] = &[
    OwnLines {
        answered: &["VOICE CALL: BEGIN"],
        // Alone: no `NO CARRIER` and no `VOICE CALL` (Phone.cpp, measured).
        missed: &["MISSED_CALL: 11:53AM {digits}"],
        over: &["VOICE CALL: END: 000041"],
        ..NOTHING
    },
    OwnLines {
        switched_on_by: Some("+CLCC=1"),
        rings: &["+CLCC: {index},1,4,0,0,{number}"],
        answered: &["+CLCC: {index},1,0,0,0,{number}"],
        over: &["+CLCC: {index},1,6,0,0,{number}"],
        ..NOTHING
    },
];

/// As a SIM7600 by the same plugin of ModemManager; no record of one.
fn sim5320() -> Preset {
    Preset {
        name: "SIM5320",
        options: Options {
            end: EndStyle::Silent,
            own_lines: SIMCOM_CALLS,
            start_lines: owned(&[
                "START",
                "+CPIN: READY",
                "OPL UPDATING",
                "PB DONE",
                "SMS DONE",
            ]),
            cnmi: mode_1_only(),
            quirks: Quirks {
                ath_needs_cvhu: true,
                // gammu issue 408.
                report_memory: ReportMemory::Own,
                ..Quirks::default()
            },
            ..made_by("SIMCOM INCORPORATED", "SIMCOM_SIM5320E", "SIM5320E_V1.5")
        },
    }
}

/// Numbers come with type 128 and without the plus (Phone.cpp).
fn sim7600() -> Preset {
    Preset {
        name: "SIM7600",
        options: Options {
            end: EndStyle::Silent,
            own_lines: SIMCOM_CALLS,
            start_lines: owned(&["RDY", "+CPIN: READY", "SMS DONE", "PB DONE"]),
            noise: &["+CNSMOD: 8", "+CSQ: 21,99"],
            cnmi: mode_1_only(),
            quirks: Quirks {
                ath_needs_cvhu: true,
                number: NumberForm::National {
                    country_code: "1".to_owned(),
                    trunk_prefix: String::new(),
                    kind: 128,
                },
                ..Quirks::default()
            },
            ..made_by(
                "SIMCOM INCORPORATED",
                "SIMCOM_SIM7600E-H",
                "LE20B03SIM7600M22",
            )
        },
    }
}

/// Its SIM fails for 2 to 3 s after a start (LilyGo-Modem-Series issues 332, 79, 138); the duration has a colon (issue 240).
fn a7670() -> Preset {
    Preset {
        name: "A7670",
        options: Options {
            end: EndStyle::Silent,
            own_lines: &[
                OwnLines {
                    answered: &["VOICE CALL: BEGIN"],
                    missed: &["VOICE CALL: END: 0:00"],
                    over: &["VOICE CALL: END: 0:41"],
                    ..NOTHING
                },
                OwnLines {
                    switched_on_by: Some("+CLCC=1"),
                    rings: &["+CLCC: {index},1,4,0,0,{number},\"\""],
                    missed: &["+CLCC: {index},1,6,0,0,{number},\"\""],
                    over: &["+CLCC: {index},1,6,0,0,{number},\"\""],
                    ..NOTHING
                },
            ],
            sim_takes: Duration::from_secs(3),
            start_lines: owned(&["*ATREADY: 1", "+CPIN: READY", "SMS DONE", "PB DONE"]),
            noise: &[
                "+MSTK: 11, \"D07B\"",
                "*COPN:0,\"KT\"",
                "*ISIMAID: \"A0\"",
                "+CGEV: ME PDN ACT 1",
            ],
            cnmi: mode_1_only(),
            quirks: Quirks {
                sim_not_ready: Some(13),
                ..Quirks::default()
            },
            ..made_by("INCORPORATED", "A7670E-FASE", "A7670M7_V1.11.1")
        },
    }
}

const QUECTEL_CALLS: &[OwnLines] = &[OwnLines {
    switched_on_by: Some("+QINDCFG=\"ccinfo\",1,0"),
    rings: &["+QIND: \"ccinfo\",{index},1,4,0,0,{number}"],
    answered: &["+QIND: \"ccinfo\",{index},1,3,0,0,{number}"],
    missed: &["+QIND: \"ccinfo\",{index},1,-1,0,0,{number}"],
    over: &["+QIND: \"ccinfo\",{index},1,-1,0,0,{number}"],
}];
const QUECTEL_NOISE: &[&str] = &[
    "+QIND: \"csq\",27,99",
    "+QIND: \"act\",\"FDD LTE\"",
    "+QGPSURC: \"x\"",
];

/// Nothing comes by itself before it is told on which port (serialport-gsm issue 12), and a report lies in SR whatever `+CDSI` says
/// (chan_quectel pull 75).
fn ec25() -> Preset {
    Preset {
        name: "Quectel EC25",
        options: Options {
            own_lines: QUECTEL_CALLS,
            urcs_need: Some("+QURCCFG=\"urcport\",\"usbat\""),
            accepted: owned(&["+QCFG=\"urc/cache\",0"]),
            answers: &[("+QCFG=\"ims\"", "+QCFG: \"ims\",1,1")],
            start_lines: owned(&["RDY", "+QUSIM: 1", "+CPIN: READY"]),
            noise: QUECTEL_NOISE,
            cnmi: CnmiSupport {
                // "Many Qualcomm claim ds=1 and refuse it" (ModemManager).
                ds: vec![0, 2],
                ..CnmiSupport::default()
            },
            quirks: Quirks {
                report_memory: ReportMemory::OwnButMisnamed,
                ..Quirks::default()
            },
            ..made_by("Quectel", "EC25", "EC25EFAR06A06M4G")
        },
    }
}

/// It rings every 1.07 s (sms-gate, measured).
fn ep06() -> Preset {
    Preset {
        name: "Quectel EP06",
        options: Options {
            own_lines: QUECTEL_CALLS,
            urcs_need: Some("+QURCCFG=\"urcport\",\"all\""),
            answers: &[("+QCFG=\"ims\"", "+QCFG: \"ims\",1,1")],
            start_lines: owned(&["RDY"]),
            noise: QUECTEL_NOISE,
            cadence: Duration::from_millis(1070),
            ..made_by("Quectel", "EP06", "EP06ELAR04A04M4G")
        },
    }
}

/// No RING ever (rusp_firmware, measured on a LARA-R6).
fn lara() -> Preset {
    Preset {
        name: "u-blox LARA-R6",
        options: Options {
            end: EndStyle::Silent,
            own_lines: &[OwnLines {
                switched_on_by: Some("+UCALLSTAT=1"),
                rings: &["+UCALLSTAT: {index},4"],
                answered: &["+UCALLSTAT: {index},7"],
                missed: &["+UCALLSTAT: {index},6"],
                over: &["+UCALLSTAT: {index},6"],
            }],
            cadence: Duration::from_millis(5500),
            start_lines: owned(&["+PACSP1"]),
            start_takes: Duration::from_secs(8),
            noise: &["+CIEV: 2,4", "+UUPSDD: 0"],
            quirks: Quirks {
                no_ring: true,
                number: NumberForm::National {
                    country_code: "1".to_owned(),
                    trunk_prefix: String::new(),
                    kind: 129,
                },
                ..Quirks::default()
            },
            ..made_by("u-blox", "LARA-R6001D", "00.13")
        },
    }
}

/// It wants to be asked up to 14 times (ModemManager), and says `+CRING` (gammu issue 376).
fn he910() -> Preset {
    Preset {
        name: "Telit HE910",
        options: Options {
            own_lines: &[OwnLines {
                switched_on_by: Some("#ECAM=1"),
                rings: &["#ECAM: 0,6,1,,,"],
                answered: &["#ECAM: 0,3,1,,,"],
                missed: &["#ECAM: 0,0,1,,,"],
                over: &["#ECAM: 0,0,1,,,"],
            }],
            start_takes: Duration::from_secs(7),
            start_lines: Vec::new(),
            noise: &["#QSS: 1", "#STN: 150,1,\"\""],
            send_takes: Duration::from_secs(23),
            quirks: Quirks {
                cring_always: true,
                clip: ClipForm::QuotedFields,
                ..Quirks::default()
            },
            ..made_by("Telit", "HE910", "12.00.004")
        },
    }
}

/// Its list of calls, closed by an empty line. Buffer 1 is a must (gammu pull 1207).
fn cinterion() -> Preset {
    Preset {
        name: "Cinterion PLS8",
        options: Options {
            end: EndStyle::Silent,
            own_lines: &[OwnLines {
                switched_on_by: Some("^SLCC=1"),
                rings: &["^SLCC: {index},1,4,0,0,0,{number}", "^SLCC: "],
                answered: &["^SLCC: {index},1,0,0,0,1,{number}", "^SLCC: "],
                missed: &["^SLCC: "],
                over: &["^SLCC: "],
            }],
            start_lines: owned(&["^SYSSTART"]),
            cnmi: CnmiSupport {
                bfr: vec![1],
                ..CnmiSupport::default()
            },
            quirks: Quirks {
                cring_always: true,
                ..Quirks::default()
            },
            ..made_by("Cinterion", "PLS8-E", "REVISION 03.017")
        },
    }
}

/// K3565-Z: `CONNECT` where somebody answers, and a flood that fills buffers (ModemManager).
fn zte() -> Preset {
    Preset {
        name: "ZTE K3565-Z",
        options: Options {
            end: EndStyle::Silent,
            own_lines: &[OwnLines {
                answered: &["CONNECT"],
                missed: &["HANGUP: 1"],
                over: &["HANGUP: 1"],
                ..NOTHING
            }],
            accepted: owned(&["+ZOPRT=5"]),
            start_lines: owned(&["+ZUSIMR:2"]),
            noise: &[
                "+ZUSIMR:2",
                "+ZPASR: \"UMTS\"",
                "+ZDONR: \"Simnet\",310,410,\"CS_PS\",\"ROAM_OFF\"",
            ],
            noise_every: Duration::from_secs(2),
            cnmi: mode_1_only(),
            quirks: Quirks {
                cring_always: true,
                comma_in_report: true,
                ..Quirks::default()
            },
            ..made_by("ZTE CORPORATION", "K3565-Z", "BD_K3565ZP671A1V1.0.0B02")
        },
    }
}

/// Two fields of a number, and no OK behind `+CPIN: READY`.
fn wavecom() -> Preset {
    Preset {
        name: "Wavecom Q24",
        options: Options {
            own_lines: &[OwnLines {
                missed: &["+WIND: 6,1"],
                over: &["+WIND: 6,1"],
                ..NOTHING
            }],
            start_lines: owned(&["+WIND: 1", "+WIND: 3", "+WIND: 4"]),
            registration: Registration { circuit: 1, lte: 0 },
            quirks: Quirks {
                cring_always: true,
                clip: ClipForm::TwoFields,
                no_ok_behind_sim_state: true,
                ..Quirks::default()
            },
            ..made_by("WAVECOM MODEM", "MULTIBAND  900E  1800", "641b09gg.Q2403A")
        },
    }
}

// Those that never ring: the caller hears that the line cannot be reached, and the modem shows nothing.

fn huawei_e3372() -> Preset {
    Preset {
        name: "Huawei E3372",
        options: Options {
            voice: false,
            accepted: owned(&["^CURC=1"]),
            cnmi: mode_1_only(),
            ..made_by("huawei", "E3372", "21.180.01.00.00")
        },
    }
}

fn sim7000() -> Preset {
    Preset {
        name: "SIM7000G",
        options: Options {
            voice: false,
            registration: Registration { circuit: 1, lte: 1 },
            start_lines: owned(&["RDY", "+CPIN: READY", "SMS Ready"]),
            cnmi: mode_1_only(),
            quirks: Quirks {
                prompt: PromptForm::Bare,
                ..Quirks::default()
            },
            ..made_by("SIMCOM INCORPORATED", "SIM7000G", "1529B11V01SIM7000G")
        },
    }
}

fn bg96() -> Preset {
    Preset {
        name: "Quectel BG96",
        options: Options {
            voice: false,
            start_lines: owned(&["RDY", "APP RDY"]),
            ..made_by("Quectel", "BG96", "BG96MAR02A07M1G")
        },
    }
}

fn sierra_em() -> Preset {
    Preset {
        name: "Sierra EM7565",
        options: Options {
            voice: false,
            ..made_by(
                "Sierra Wireless, Incorporated",
                "EM7565",
                "SWI9X50C_01.14.03.00",
            )
        },
    }
}
