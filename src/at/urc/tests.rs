//! URC lines as modems write them, and the events they are.

use super::*;

fn number(digits: &str, type_of_address: u8) -> Option<LineNumber> {
    Some(LineNumber {
        digits: digits.into(),
        type_of_address,
    })
}

fn shown(digits: &str, type_of_address: u8) -> CallerId {
    CallerId {
        number: number(digits, type_of_address),
        presentation: Presentation::Shown,
    }
}

fn hidden(presentation: Presentation) -> CallerId {
    CallerId {
        number: None,
        presentation,
    }
}

/// Lines as families of modems really send them; see the rooms' sources in the notes on modems.
#[test]
fn callers_are_read_in_every_form_met() {
    use Presentation::{Unavailable, Withheld};
    let cases = [
        (r#""+0123456789",145,,,,0"#, shown("+0123456789", 145)),
        (r#""+353860000001",145"#, shown("+353860000001", 145)),
        ("82882690,129,,,,0", shown("82882690", 129)),
        (r#""79085009275",145,"",0,"",0"#, shown("79085009275", 145)),
        (r#""08020866256",128"#, shown("08020866256", 128)),
        (r#""+49171",145,,,"Bob",0"#, shown("+49171", 145)),
        (r#""+49171",,,,"Bob",0"#, shown("+49171", 145)),
        (r#""",128,"",0,"",1"#, hidden(Withheld)),
        (r#""",128,,,,1"#, hidden(Withheld)),
        (r#""+49171",145,,,,2"#, hidden(Unavailable)),
        (r#""",128"#, hidden(Unavailable)),
        (r#""anonymous",128,,,,0"#, hidden(Unavailable)),
        (
            r#""+123456789012345678901234567890123",145"#,
            hidden(Unavailable),
        ),
    ];
    for (text, wanted) in cases {
        let line = format!("+CLIP:{text}");
        assert_eq!(read(&line), Reading::Urc(Urc::CallerId(wanted)), "{line}");
    }
    let waiting = [
        (r#""123456789",129,1"#, shown("123456789", 129)),
        (r#""123456789",129,1,,0,,,"#, shown("123456789", 129)),
        (r#""",128,1,,1"#, hidden(Withheld)),
    ];
    for (text, wanted) in waiting {
        let line = format!("+CCWA: {text}");
        assert_eq!(
            read(&line),
            Reading::Urc(Urc::CallWaiting(wanted)),
            "{line}"
        );
    }
}

#[test]
fn lines_without_a_caller_are_read_too() {
    let stored = |memory: &str, index| {
        let memory = memory.into();
        Reading::Urc(Urc::SmsStored { memory, index })
    };
    let cases = [
        ("RING", Reading::Urc(Urc::Ring)),
        ("+CRING: VOICE", Reading::Urc(Urc::Ring)),
        ("NO CARRIER", Reading::Urc(Urc::CallEnded { index: None })),
        ("BUSY", Reading::Urc(Urc::CallEnded { index: None })),
        ("NO ANSWER", Reading::Urc(Urc::CallEnded { index: None })),
        ("RDY", Reading::Urc(Urc::Restarted)),
        (r#"+CMTI: "SM",7"#, stored("SM", Some(7))),
        (r#"+CMTI: "SM",-1"#, stored("SM", None)),
        ("+CMTI: 0,111", stored("0", Some(111))),
        (
            r#"+CDSI: "SR",0"#,
            Reading::Urc(Urc::StatusReportStored {
                memory: "SR".into(),
                index: Some(0),
            }),
        ),
        ("+CDS: 25", Reading::PduFollows(Routed::Report, 25)),
        ("+CDS: ,25", Reading::PduFollows(Routed::Report, 25)),
        ("+CMT: ,59", Reading::PduFollows(Routed::Message, 59)),
        (
            r#"+CMT: "Bob",59"#,
            Reading::PduFollows(Routed::Message, 59),
        ),
        ("+CMGS: 240", Reading::Urc(Urc::SmsTaken { reference: 240 })),
        ("+CMGS:", Reading::Unknown),
        ("+CMGS: 256", Reading::Unknown),
        (
            "+CPIN: SIM PIN",
            Reading::Urc(Urc::SimState("SIM PIN".into())),
        ),
        (
            "+CSSU: 0",
            Reading::Urc(Urc::Notice {
                about: Notice::SupplementaryService,
                text: "+CSSU: 0".into(),
            }),
        ),
        (
            "+CUSD: 0,\"Credit: 5.00, valid\",15",
            Reading::Urc(Urc::Notice {
                about: Notice::Ussd,
                text: "+CUSD: 0,\"Credit: 5.00, valid\",15".into(),
            }),
        ),
        ("+CBM: 88", Reading::PduFollows(Routed::Broadcast, 88)),
        (
            "+CBM: 1,50,1,1,1",
            Reading::Urc(Urc::Notice {
                about: Notice::CellBroadcast,
                text: "+CBM: 1,50,1,1,1".into(),
            }),
        ),
        ("^RSSI:18", Reading::Foreign),
        ("*EMRDY: 1", Reading::Foreign),
        ("Call Ready", Reading::Foreign),
        ("+CCWA: 1,1", Reading::Unknown),
        ("+CMT: ,256", Reading::Unknown),
        ("+CMTI: \"SM\"", Reading::Unknown),
        ("+CLIP: \"+4917", Reading::Unknown),
        ("+CRING:", Reading::Unknown),
        ("RIN", Reading::Unknown),
        ("no urc: at all", Reading::Unknown),
    ];
    for (line, wanted) in cases {
        assert_eq!(read(line), wanted, "{line}");
    }
}

#[test]
fn current_calls_are_read_with_and_without_a_number() {
    let call = |index, state, number| CurrentCall {
        index: Some(index),
        incoming: true,
        state,
        voice: true,
        number,
    };
    let cases = [
        (
            r#"+CLCC: 1,1,4,0,0,"+12345640362",145"#,
            Some(call(1, CallState::Incoming, number("+12345640362", 145))),
        ),
        (
            r#"+CLCC: 4,1,6,0,0,"0802086",128,"""#,
            Some(call(4, CallState::Disconnected, number("0802086", 128))),
        ),
        ("+CLCC: 2,1,5,0,1", Some(call(2, CallState::Waiting, None))),
        ("+CLCC: 0,1,4,0,0", None),
        ("+CLCC: 1,1,7,0,0", None),
        ("+CLCC: 256,1,4,0,0", None),
    ];
    for (line, wanted) in cases {
        assert_eq!(CurrentCall::parse(line), wanted, "{line}");
    }
    assert!(!CurrentCall::parse("+CLCC: 1,0,4,1,0").unwrap().voice);
}

#[test]
fn registrations_are_told_apart_by_form() {
    use Form::{Answer, Bare, Urc};
    let cases = [
        ("+CREG: 0,1", Domain::Circuit, 1, None, Answer),
        (
            r#"+CREG: 2,6,"8B37","0A265185",7"#,
            Domain::Circuit,
            6,
            Some(7),
            Answer,
        ),
        (
            "+CREG: 2,1,000B,2816, B, C2816",
            Domain::Circuit,
            1,
            None,
            Answer,
        ),
        ("+CREG: 2,1,  0 5, 2715", Domain::Circuit, 1, None, Answer),
        (r#"+CREG: 2,1,"000B,2816"#, Domain::Circuit, 1, None, Answer),
        ("+CEREG: 0,11", Domain::Lte, 11, None, Answer),
        ("+CREG: 2", Domain::Circuit, 2, None, Bare),
        (
            r#"+CREG: 5,"00C3","0000AB12",7"#,
            Domain::Circuit,
            5,
            Some(7),
            Urc,
        ),
        ("+CREG: 1,000B,2816", Domain::Circuit, 1, None, Urc),
        ("+CEREG: 3,,,,0,15", Domain::Lte, 3, None, Urc),
    ];
    for (line, domain, stat, access_technology, form) in cases {
        let it = Registration {
            domain,
            stat,
            access_technology,
        };
        assert_eq!(Registration::parse(line), Some((it, form)), "{line}");
    }
    for line in ["+CREG: ", "+CREG: 12", "+CREG: x", "+CGREG: 1"] {
        assert_eq!(Registration::parse(line), None, "{line}");
    }
}

#[test]
fn what_is_left_of_a_damaged_line_is_the_caller_s_number_or_none() {
    for line in [
        "+CLIP: \"+12025550143\",145,,,,0",
        "+CLCC: 1,1,4,0,0,\"+12025550143\",145",
    ] {
        for lost in 1..12 {
            for at in 0..line.len() - lost {
                let mut left = line.to_owned();
                left.replace_range(at..at + lost, "");
                let number = match read(&left) {
                    Reading::Urc(Urc::CallerId(caller)) => caller.number,
                    Reading::Urc(Urc::CurrentCall(call)) => call.number,
                    _ => None,
                };
                let Some(number) = number else { continue };
                // In order, and none that was not there.
                let mut whole = "+12025550143".chars();
                let is_part = number.digits.chars().all(|c| whole.any(|w| w == c));
                assert!(is_part, "{left} reads as {}", number.digits);
            }
        }
    }
}
