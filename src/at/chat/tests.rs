//! Answers, URCs and pieces of both, and what the arbiter must make of them.

use bytes::BytesMut;
use proptest::prelude::*;
use tokio_util::codec::Decoder;

use super::*;
use crate::at::parameter::Memory;
use crate::at::urc::{Domain, LineNumber};
use crate::at::{Frame, LineCodec};

const PDU: &str = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07";
const REPORT: &str = "07919890400202306400C91197909913764511090718384225110907183252200";

/// What came of `bytes` with `command` open: URCs and the answer, in their order.
fn told(command: Option<&Command>, bytes: &[u8]) -> Vec<Heard> {
    let mut codec = LineCodec::default();
    let mut chat = Chat::default();
    if let Some(command) = command {
        codec.await_prompt(command.prompts());
        chat.open(command);
    }
    let mut buffer = BytesMut::from(bytes);
    while let Some(frame) = codec.decode(&mut buffer).unwrap() {
        match frame {
            Frame::Line(line) => chat.hear(&line),
            Frame::Prompt => {
                codec.await_prompt(false);
                chat.prompted();
            }
        }
    }
    std::iter::from_fn(|| chat.next_heard()).collect()
}

fn split(heard: Vec<Heard>) -> (Vec<Urc>, Vec<Heard>) {
    let mut urcs = Vec::new();
    let mut rest = Vec::new();
    for heard in heard {
        match heard {
            Heard::Urc(urc) => urcs.push(urc),
            heard => rest.push(heard),
        }
    }
    (urcs, rest)
}

/// Commands with answers as they come down the wire.
fn dialogues() -> Vec<(Command, Vec<u8>)> {
    let cmgl =
        format!("\r\n+CMGL: 1,1,,30\r\n{PDU}\r\n+CMGL: 12,0,\"Bob\",30\r\n{PDU}\r\n\r\nOK\r\n");
    let cmgr = format!("AT+CMGR=7\r\r\n+CMGR: 0,,30\r\n{PDU}\r\n\r\nOK\r\n");
    let fixed: [(Command, &str); 15] = [
        (Command::attention(), "AT\r\r\nOK\r\n"),
        (
            Command::send_message(23),
            "AT+CMGS=23\r\r\n> \r\n+CMGS: 17\r\n\r\nOK\r\n",
        ),
        (
            Command::send_message(23),
            "\r\n>\r\n+CMGS: 240\r\n\r\nOK\r\n",
        ),
        (
            Command::sim_state(),
            "AT+CPIN?\r\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n",
        ),
        (Command::signal(), "\r\n+CSQ: 17,99\r\n\r\nOK\r\n"),
        (
            Command::registration(Domain::Circuit),
            "\r\n+CREG: 2,1,\"00C3\",\"0000AB12\",7\r\n\r\nOK\r\n",
        ),
        (
            Command::registration(Domain::Lte),
            "\r\n+CEREG: 0,5\r\n\r\nOK\r\n",
        ),
        (
            Command::manufacturer(),
            "AT+CGMI\r\r\nQuectel\r\n\r\nOK\r\n",
        ),
        (Command::imsi(), "\r\n262011234567890\r\n\r\nOK\r\n"),
        (
            Command::operator(),
            "\r\n+COPS: 0,0,\"OKTEL\",2\r\n\r\nOK\r\n",
        ),
        (
            Command::current_calls(),
            "\r\n+CLCC: 1,1,4,0,0,\"+12345640362\",145\r\n+CLCC: 2,1,5,0,0\r\n\r\nOK\r\n",
        ),
        (Command::current_calls(), "\r\nOK\r\n"),
        (
            Command::message_memory(Memory::Sim, 3),
            "\r\n+CPMS: 1,50,1,50,1,50\r\n\r\nOK\r\n",
        ),
        (Command::pdu_mode(), "\r\nERROR\r\n"),
        (Command::pdu_mode(), "\r\nCOMMAND NOT SUPPORT\r\n"),
    ];
    let mut dialogues: Vec<_> = fixed.map(|(c, t)| (c, t.as_bytes().to_vec())).into();
    dialogues.push((Command::list_messages(), cmgl.into_bytes()));
    dialogues.push((Command::read_message(7), cmgr.into_bytes()));
    dialogues
}

/// Blocks of one URC each, as they come down the wire.
fn blocks() -> Vec<Vec<u8>> {
    let routed = format!("\r\n+CMT: ,30\r\n{PDU}\r\n");
    let report = format!("\r\n+CDS: 25\r\n{REPORT}0\r\n");
    [
        "\r\nRING\r\n",
        "\r\n+CLIP: \"+353860000001\",145,,,,0\r\n",
        "\r\n+CMTI: \"SM\",7\r\n",
        "\r\nNO CARRIER\r\n",
        "RING\r\r\n",
        &routed,
        &report,
    ]
    .map(|text| text.as_bytes().to_vec())
    .into()
}

#[test]
fn an_answer_that_comes_before_the_prompt_is_of_an_earlier_message() {
    let late = "\r\n+CMGS: 16\r\n\r\nOK\r\n\r\n> \r\n+CMGS: 17\r\n\r\nOK\r\n";
    let (urcs, rest) = split(told(Some(&Command::send_message(23)), late.as_bytes()));
    assert_eq!(urcs, [Urc::SmsTaken { reference: 16 }]);
    let [Heard::Stray, Heard::Answered(Ok(answer))] = &rest[..] else {
        panic!("{rest:?}");
    };
    assert_eq!(answer.message_reference(), Some(17));
}

#[test]
fn a_urc_between_any_two_bytes_of_an_answer_changes_nothing() {
    for (command, answer) in dialogues() {
        let (none, whole) = split(told(Some(&command), &answer));
        assert_eq!((none.len(), whole.len()), (0, 1), "{command}");
        for block in blocks() {
            let (urc, _) = split(told(None, &block));
            assert_eq!(urc.len(), 1);
            for at in 0..=answer.len() {
                let bytes = [&answer[..at], &block, &answer[at..]].concat();
                let (urcs, rest) = split(told(Some(&command), &bytes));
                // A URC without a line end in front of it is no URC by itself; no modem does that inside a line.
                if !block.starts_with(b"\r") && at > 0 && !matches!(answer[at - 1], b'\r' | b'\n') {
                    continue;
                }
                let text = String::from_utf8_lossy(&bytes);
                assert_eq!(urcs, urc, "{text}");
                assert_eq!(rest, whole, "{text}");
            }
        }
    }
}

#[test]
fn two_urcs_in_one_answer_change_nothing_either() {
    for (command, answer) in dialogues() {
        // The PDUs of a list would make it long and are all alike.
        if answer.len() > 64 {
            continue;
        }
        let (_, whole) = split(told(Some(&command), &answer));
        for first in 0..=answer.len() {
            for second in first..=answer.len() {
                // The first two letters of OKTEL on a line by themselves are what they seem, and a space is a blank line.
                if [&b"OK"[..], b" "].contains(&&answer[first..second]) {
                    continue;
                }
                let ring = b"\r\nRING\r\n";
                let bytes = [
                    &answer[..first],
                    ring,
                    &answer[first..second],
                    ring,
                    &answer[second..],
                ]
                .concat();
                let (urcs, rest) = split(told(Some(&command), &bytes));
                let text = String::from_utf8_lossy(&bytes);
                assert_eq!(urcs, [Urc::Ring, Urc::Ring], "{text}");
                assert_eq!(rest, whole, "{text}");
            }
        }
    }
}

#[test]
fn damage_seen_in_the_field_is_mended() {
    let cases: [(Command, &[u8]); 5] = [
        (
            Command::send_message(9),
            b"> \r\n+CM\r\nRING\r\nGS: 17\r\n\r\nOK\r\n",
        ),
        (
            Command::send_message(9),
            b"> \r\n+CMGS: 1\r\nRING\r\n7\r\n\r\nO\r\nRING\r\nK\r\n",
        ),
        // A vendor's URC, and the echo without its first byte (MBM); `AT*EMRDY?` stands for any command.
        (
            Command::manufacturer(),
            b"T+CG\r\n*EMRDY: 0\r\nMI\r\nEricsson\r\n\r\nOK\r\n",
        ),
        (
            Command::own_number(),
            b"\r\nERROR+CNUM: ,\"+12025550143\",145\r\n\r\nOK\r\n",
        ),
        (
            Command::send_message(9),
            b"> \r\n+CMGS: 17\r\nRING\r\n^RSSI:18\r\n+CLIP: \"+49\r\n\r\nOK\r\n",
        ),
    ];
    let answers: Vec<_> = cases
        .iter()
        .map(
            |(command, bytes)| match split(told(Some(command), bytes)).1.as_slice() {
                [Heard::Answered(Ok(answer))] => answer.clone(),
                other => panic!("{command}: {other:?}"),
            },
        )
        .collect();
    assert_eq!(answers[0].message_reference(), Some(17));
    assert_eq!(answers[1].message_reference(), Some(17));
    assert_eq!(answers[2].text().as_deref(), Some("Ericsson"));
    assert_eq!(answers[4].message_reference(), Some(17));
    assert_eq!(answers[3].own_number().as_deref(), Some("+12025550143"));
}

#[test]
fn no_carrier_ends_calls_and_no_command() {
    let heard = told(
        Some(&Command::current_calls()),
        b"\r\nNO CARRIER\r\n\r\nOK\r\n",
    );
    assert_eq!(
        heard,
        [
            Heard::Urc(Urc::CallEnded { index: None }),
            Heard::Answered(Ok(Answer::default()))
        ]
    );
}

#[test]
fn a_registration_by_itself_while_asked_for_goes_up_as_a_urc() {
    let heard = told(
        Some(&Command::registration(Domain::Circuit)),
        b"\r\n+CREG: 2\r\n\r\n+CREG: 2,1\r\n\r\nOK\r\n",
    );
    let (urcs, rest) = split(heard);
    let searching = Registration {
        domain: Domain::Circuit,
        stat: 2,
        access_technology: None,
    };
    assert_eq!(urcs, [Urc::Registration(searching)]);
    let [Heard::Answered(Ok(answer))] = rest.as_slice() else {
        panic!("{rest:?}");
    };
    assert_eq!(answer.registration().unwrap().stat, 1);
    // What is left of a RING does not turn the answer into a URC.
    let heard = told(
        Some(&Command::registration(Domain::Circuit)),
        b"\r\n+CREG: 2,1\r\n\r\nRING\r\nR\r\n\r\nOK\r\n",
    );
    let (urcs, rest) = split(heard);
    assert_eq!(urcs, [Urc::Ring]);
    assert!(
        matches!(rest.as_slice(), [Heard::Answered(Ok(answer))] if answer.registration().unwrap().stat == 1)
    );
}

#[test]
fn finals_of_earlier_commands_are_strays() {
    let sim = Command::sim_state();
    let heard = told(
        Some(&sim),
        b"\r\nOK\r\n\r\n+CPIN: READY\r\n\r\nOK\r\n\r\nOK\r\n",
    );
    assert!(
        matches!(
            heard.as_slice(),
            [Heard::Stray, Heard::Answered(Ok(_)), Heard::Stray]
        ),
        "{heard:?}"
    );
    let heard = told(Some(&Command::send_message(9)), b"\r\nOK\r\n");
    assert_eq!(heard, [Heard::Stray]);
}

#[test]
fn a_pdu_of_the_wrong_length_is_kept_and_waits_for_nobody() {
    let list = Command::list_messages();
    let bytes =
        b"+CMGL: 1,1,,30\r\n0791\r\n+CMGL: 2,1,,3\r\n00112233FFFF\r\n+CMGL: 3,1,,30\r\n\r\nOK\r\n";
    let heard = told(Some(&list), bytes);
    let [Heard::Answered(Ok(answer))] = heard.as_slice() else {
        panic!("{heard:?}");
    };
    let pdus: Vec<_> = answer.messages().into_iter().map(|m| m.pdu).collect();
    assert_eq!(pdus, ["0791", "00112233FFFF"]);
    let heard = told(Some(&list), b"+CDS: 25\r\n07FF\r\n\r\nOK\r\n");
    let report = Urc::StatusReport { pdu: "07FF".into() };
    assert_eq!(heard[0], Heard::Urc(report));
}

#[test]
fn a_report_between_a_header_and_its_pdu_is_the_reports_own() {
    let bytes = format!("+CMGL: 4,1,,30\r\n+CDS: 25\r\n{REPORT}0\r\n{PDU},0\r\n\r\nOK\r\n");
    let (urcs, rest) = split(told(Some(&Command::list_messages()), bytes.as_bytes()));
    let pdu = format!("{REPORT}0");
    assert_eq!(urcs, [Urc::StatusReport { pdu }]);
    let [Heard::Answered(Ok(answer))] = rest.as_slice() else {
        panic!("{rest:?}");
    };
    assert_eq!(answer.messages()[0].pdu, PDU);
}

#[test]
fn a_broadcast_between_a_header_and_its_pdu_is_no_message() {
    // A page of a broadcast has 88 octets and no service centre address (23.041 9.4.1.2).
    let page = "0C".repeat(88);
    let bytes = format!("+CMGL: 4,1,,30\r\n+CBM: 88\r\n{page}\r\n{PDU}\r\n\r\nOK\r\n");
    let (urcs, rest) = split(told(Some(&Command::list_messages()), bytes.as_bytes()));
    let (about, text) = (Notice::CellBroadcast, page);
    assert_eq!(urcs, [Urc::Notice { about, text }]);
    let [Heard::Answered(Ok(answer))] = rest.as_slice() else {
        panic!("{rest:?}");
    };
    assert_eq!(answer.messages()[0].pdu, PDU);
}

#[test]
fn giving_up_hands_over_what_came() {
    let mut chat = Chat::default();
    chat.open(&Command::sim_state());
    chat.hear("+CPIN: READY");
    assert!(chat.give_up().sim_state().is_some());
    chat.hear("OK");
    assert_eq!(chat.next_heard(), Some(Heard::Stray));
}

#[test]
fn a_pdu_that_never_came_does_not_swallow_an_imsi() {
    let mut chat = Chat::default();
    chat.hear("+CMT: ,30");
    chat.open(&Command::imsi());
    chat.hear("262011234567890");
    chat.hear("OK");
    let heard = chat.next_heard();
    let Some(Heard::Answered(Ok(answer))) = heard else {
        panic!("{heard:?}");
    };
    assert_eq!(answer.imsi().as_deref(), Some("262011234567890"));
}

#[test]
fn a_caller_cut_in_two_by_a_ring_is_one_caller() {
    let (urcs, _) = split(told(
        None,
        b"\r\n+CLIP: \"+35386\r\nRING\r\n0000001\",145,,,,0\r\n",
    ));
    let [Urc::Ring, Urc::CallerId(caller)] = urcs.as_slice() else {
        panic!("{urcs:?}");
    };
    let number = LineNumber {
        digits: "+353860000001".into(),
        type_of_address: 145,
    };
    assert_eq!(caller.number, Some(number));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever comes, an answer at its end is still heard, and no memory is piled up.
    #[test]
    fn noise_ends_no_command_for_ever(
        lines in prop::collection::vec("(\\+CM[TGL]{1,2}: |\\+CDS: |\\+CREG: |RING)?[ -~]{0,12}", 0..24),
    ) {
        let mut chat = Chat::default();
        chat.open(&Command::list_messages());
        for line in &lines {
            chat.hear(line);
            prop_assert!(chat.headers.len() <= MAX_HEADERS);
        }
        chat.give_up();
        chat.open(&Command::attention());
        chat.hear("OK");
        let heard: Vec<_> = std::iter::from_fn(|| chat.next_heard()).collect();
        prop_assert!(matches!(heard.last(), Some(Heard::Answered(Ok(_)))));
    }
}
