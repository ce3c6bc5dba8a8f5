//! Holds the simulated modem to what real ones do, in raw bytes: a rule of strictness, a dialogue.

#![expect(clippy::unwrap_used, reason = "the helpers are tests too")]

use std::time::Duration;

use textback::sim::{
    CallEnd, Caller, ClipForm, CnmiSupport, EarlyBytes, EndStyle, Fate, NumberForm, Options,
    Outcome, PromptForm, Quirks, Registration, ReportMemory, SendFault, Sim,
};
use textback::sms::{Address, Deliver, Submit, join, segment};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};

const S: fn(u64) -> Duration = Duration::from_secs;
/// Silence after which an answer counts as whole.
const QUIET: Duration = Duration::from_millis(20);

/// SMSC omitted, SRR set, to +12025550123, "hello", written down from 23.040 by hand.
const HELLO: &str = "0021000B912120550521F3000005E8329BFD06";
const HELLO_LEN: usize = 18;

/// A host that says what it is told to say.
struct Host<L = DuplexStream>(L);

impl<L: AsyncRead + AsyncWrite + Unpin> Host<L> {
    async fn write(&mut self, bytes: &str) {
        self.0.write_all(bytes.as_bytes()).await.unwrap();
    }

    /// What comes until the line is quiet.
    async fn hear(&mut self) -> String {
        self.hear_for(QUIET).await
    }

    async fn hear_for(&mut self, quiet: Duration) -> String {
        let (mut heard, mut buffer) = (Vec::new(), [0; 1024]);
        while let Ok(read) = tokio::time::timeout(quiet, self.0.read(&mut buffer)).await {
            match read.unwrap() {
                0 => break,
                count => heard.extend(&buffer[..count]),
            }
        }
        String::from_utf8(heard).unwrap()
    }

    async fn ask(&mut self, bytes: &str) -> String {
        self.write(bytes).await;
        self.hear().await
    }

    /// A dialogue: what is said, and what must come back, byte for byte.
    async fn talk(&mut self, dialogue: &[(&str, &str)]) {
        for (said, expected) in dialogue {
            assert_eq!(self.ask(said).await, *expected, "answer to {said:?}");
        }
    }
}

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";

/// A modem with the echo off and PDU mode on.
async fn ready(options: Options) -> (Sim, Host) {
    let sim = Sim::new(options);
    let mut host = Host(sim.line().unwrap());
    host.ask("ATE0\r").await;
    host.talk(&[
        ("AT+CMEE=1\r", OK),
        ("AT+CMGF=0\r", OK),
        ("AT+CLIP=1\r", OK),
        ("AT+CNMI=2,1,0,1,0\r", OK),
    ])
    .await;
    (sim, host)
}

/// Writes a message and returns the answer behind the prompt.
async fn send(host: &mut Host) -> String {
    let command = format!("AT+CMGS={HELLO_LEN}\r");
    host.talk(&[(&command, "\r\n> ")]).await;
    host.ask(&format!("{HELLO}\x1a")).await
}

#[tokio::test(start_paused = true)]
async fn commands_are_echoed_and_end_at_cr() {
    let sim = Sim::new(Options::default());
    let mut host = Host(sim.line().unwrap());
    host.talk(&[
        ("AT\r", "AT\r\r\nOK\r\n"),
        ("A", "A"),
        ("t", "t"),
        ("\r", "\r\r\nOK\r\n"),
        ("AT+WHAT\r", "AT+WHAT\r\r\nERROR\r\n"),
        ("ate0\r", "ate0\r\r\nOK\r\n"),
        ("AT\r", OK),
        ("\x1bAT\r", OK),
        ("AT+CMEE=1;+CREG?\r", "\r\n+CREG: 0,1\r\n\r\nOK\r\n"),
        ("ATE0V1S0=0;+CLIP?\r", "\r\n+CLIP: 0,1\r\n\r\nOK\r\n"),
        ("ATI\r", "\r\ntextback\r\nSimModem\r\n1.0\r\n\r\nOK\r\n"),
    ])
    .await;
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn the_modem_tells_about_itself_and_its_sim() {
    let (_sim, mut host) = ready(Options {
        own_number: Some("+12025550199".into()),
        ..Options::default()
    })
    .await;
    host.talk(&[
        ("AT+CGMI\r", "\r\ntextback\r\n\r\nOK\r\n"),
        ("AT+CIMI\r", "\r\n310410123456789\r\n\r\nOK\r\n"),
        (
            "AT+CNUM\r",
            "\r\n+CNUM: \"\",\"+12025550199\",145\r\n\r\nOK\r\n",
        ),
        ("AT+CSQ\r", "\r\n+CSQ: 21,99\r\n\r\nOK\r\n"),
        (
            "AT+CSCA?\r",
            "\r\n+CSCA: \"+12025550100\",145\r\n\r\nOK\r\n",
        ),
        ("AT+COPS?\r", "\r\n+COPS: 0,0,\"Simnet\",7\r\n\r\nOK\r\n"),
        (
            "AT+COPS=3,2;+COPS?\r",
            "\r\n+COPS: 0,2,\"310410\",7\r\n\r\nOK\r\n",
        ),
        ("AT+CFUN=1,1\r", "\r\nOK\r\n\r\nRDY\r\n"),
        ("AT+CLIP?\r", "AT+CLIP?\r\r\n+CLIP: 0,1\r\n\r\nOK\r\n"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn errors_have_numbers_only_once_asked_for() {
    let sim = Sim::new(Options {
        sim_present: false,
        ..Options::default()
    });
    let mut host = Host(sim.line().unwrap());
    host.ask("ATE0\r").await;
    host.talk(&[
        ("AT+CPIN?\r", ERROR),
        ("AT+CMEE=1\r", OK),
        ("AT+CPIN?\r", "\r\n+CME ERROR: 10\r\n"),
        ("AT+CMEE=2\r", OK),
        ("AT+CPIN?\r", "\r\n+CME ERROR: SIM not inserted\r\n"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_sim_wants_its_pin() {
    let sim = Sim::new(Options {
        pin: Some("1234".into()),
        ..Options::default()
    });
    let mut host = Host(sim.line().unwrap());
    host.ask("ATE0\r").await;
    host.talk(&[
        ("AT+CMEE=1\r", OK),
        ("AT+CPIN?\r", "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"),
        ("AT+CLIP=1\r", "\r\n+CME ERROR: 11\r\n"),
        ("AT+CMGF=0\r", "\r\n+CMS ERROR: 311\r\n"),
        ("AT+CREG?\r", "\r\n+CREG: 0,0\r\n\r\nOK\r\n"),
        ("AT+CPIN=\"1111\"\r", "\r\n+CME ERROR: 16\r\n"),
        ("AT+CPIN=\"1234\"\r", OK),
        ("AT+CPIN?\r", "\r\n+CPIN: READY\r\n\r\nOK\r\n"),
        ("AT+CREG?\r", "\r\n+CREG: 0,1\r\n\r\nOK\r\n"),
        ("AT+CPIN=\"1234\"\r", "\r\n+CME ERROR: 3\r\n"),
    ])
    .await;
    assert_eq!(sim.pin_attempts_left(), 3);
    sim.restart();
    host.hear().await;
    host.ask("ATE0\r").await;
    host.talk(&[("AT+CPIN?\r", "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n")])
        .await;
}

#[tokio::test(start_paused = true)]
async fn three_wrong_pins_block_the_sim_through_restarts() {
    let sim = Sim::new(Options {
        pin: Some("1234".into()),
        ..Options::default()
    });
    let mut host = Host(sim.line().unwrap());
    host.ask("ATE0\r").await;
    host.talk(&[
        ("AT+CMEE=1\r", OK),
        ("AT+CPIN=1111\r", "\r\n+CME ERROR: 16\r\n"),
        ("AT+CPIN=1111\r", "\r\n+CME ERROR: 16\r\n"),
        ("AT+CPIN=2222\r", "\r\n+CME ERROR: 12\r\n"),
        ("AT+CPIN=1234\r", "\r\n+CME ERROR: 12\r\n"),
    ])
    .await;
    assert_eq!(sim.violations().len(), 1, "the same wrong PIN twice");
    sim.restart();
    assert_eq!(host.hear().await, "\r\nRDY\r\n");
    host.ask("ATE0\r").await;
    host.talk(&[("AT+CPIN?\r", "\r\n+CPIN: SIM PUK\r\n\r\nOK\r\n")])
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_restart_and_a_replug_forget_every_setting() {
    let (sim, mut host) = ready(Options::default()).await;
    sim.restart();
    assert_eq!(host.hear().await, "\r\nRDY\r\n");
    host.talk(&[("AT+CLIP?\r", "AT+CLIP?\r\r\n+CLIP: 0,1\r\n\r\nOK\r\n")])
        .await;

    let (sim, mut host) = ready(Options::default()).await;
    sim.unplug();
    assert_eq!(host.0.read(&mut [0; 8]).await.unwrap(), 0, "end of file");
    assert!(sim.line().is_err());
    sim.replug().unwrap();
    let mut host = Host(sim.line().unwrap());
    host.talk(&[("AT+CNMI?\r", "AT+CNMI?\r\r\n+CNMI: 0,0,0,0,0\r\n\r\nOK\r\n")])
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_new_host_finds_the_modem_as_the_last_one_left_it() {
    let (sim, mut host) = ready(Options::default()).await;
    host.talk(&[("AT+CMGS=18\r", "\r\n> ")]).await;
    let mut next = Host(sim.line().unwrap());
    assert_eq!(host.0.read(&mut [0; 8]).await.unwrap(), 0, "end of file");
    // The prompt is still open and eats whatever comes but ESC.
    next.talk(&[("AT\r", ""), ("\x1b", OK), ("AT\r", OK)]).await;
    assert!(sim.violations()[0].contains("written into an open prompt"));
}

#[tokio::test(start_paused = true)]
async fn registration_takes_its_time_and_is_announced() {
    let options = Options {
        registration_takes: S(3),
        ..Options::default()
    };
    let (sim, mut host) = ready(options).await;
    host.talk(&[
        ("AT+CREG=2;+CEREG=1\r", OK),
        ("AT+CREG?\r", "\r\n+CREG: 2,2\r\n\r\nOK\r\n"),
    ])
    .await;
    assert_eq!(
        host.hear_for(S(4)).await,
        "\r\n+CREG: 1,\"8B37\",\"0A265185\",7\r\n\r\n+CEREG: 1\r\n"
    );
    host.talk(&[
        ("AT+CFUN=4\r", "\r\n+CREG: 0\r\n\r\n+CEREG: 0\r\n\r\nOK\r\n"),
        ("AT+CFUN?\r", "\r\n+CFUN: 4\r\n\r\nOK\r\n"),
        ("AT+CSQ\r", "\r\n+CSQ: 99,99\r\n\r\nOK\r\n"),
        ("AT+CMGS=18\r", "\r\n+CMS ERROR: 331\r\n"),
    ])
    .await;
    let unreachable = sim.call(Caller::new("+12025550123"));
    assert_eq!(unreachable.ended().await, CallEnd::Unreachable);
    sim.set_network(Registration { circuit: 3, lte: 5 });
    assert_eq!(host.hear().await, "", "CFUN=4 hears of no network");
    host.ask("AT+CFUN=1\r").await;
    host.hear_for(S(4)).await;
    host.talk(&[
        ("AT+CREG?\r", "\r\n+CREG: 2,3\r\n\r\nOK\r\n"),
        ("AT+CEREG?\r", "\r\n+CEREG: 1,5\r\n\r\nOK\r\n"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_call_rings_is_listed_and_ends() {
    let (sim, mut host) = ready(Options::default()).await;
    let call = sim.call(Caller::new("+12025550123").rings(2));
    let ring = "\r\nRING\r\n\r\n+CLIP: \"+12025550123\",145,,,,0\r\n";
    assert_eq!(host.hear().await, ring);
    host.talk(&[(
        "AT+CLCC\r",
        "\r\n+CLCC: 1,1,4,0,0,\"+12025550123\",145\r\n\r\nOK\r\n",
    )])
    .await;
    assert_eq!(
        host.hear_for(S(6)).await,
        format!("{ring}\r\nNO CARRIER\r\n")
    );
    assert_eq!(call.ended().await, CallEnd::GaveUp);
    host.talk(&[("AT+CLCC\r", OK)]).await;
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn ring_and_caller_id_follow_settings_and_quirks() {
    let usual = "\r\nRING\r\n\r\n+CLIP: \"+12025550123\",145,,,,0\r\n";
    let number = Caller::new("+12025550123");
    let quirks = Quirks::default;
    let cases = [
        ("AT+CLIP=0\r", number.clone(), quirks(), "\r\nRING\r\n"),
        (
            "AT+CRC=1\r",
            number.clone(),
            quirks(),
            "\r\n+CRING: VOICE\r\n\r\n+CLIP: \"+12025550123\",145,,,,0\r\n",
        ),
        (
            "AT\r",
            Caller::withheld(),
            quirks(),
            "\r\nRING\r\n\r\n+CLIP: \"\",128,,,,1\r\n",
        ),
        (
            "AT\r",
            Caller::unavailable("5550123"),
            quirks(),
            "\r\nRING\r\n\r\n+CLIP: \"5550123\",129,,,,2\r\n",
        ),
        (
            "AT\r",
            Caller::withheld(),
            Quirks {
                no_clip_when_withheld: true,
                ..quirks()
            },
            "\r\nRING\r\n",
        ),
        (
            "AT\r",
            number.clone(),
            Quirks {
                no_clip: true,
                ..quirks()
            },
            "\r\nRING\r\n",
        ),
        (
            "AT\r",
            number.clone(),
            Quirks {
                clip_before_ring: true,
                clip: ClipForm::QuotedFields,
                number: NumberForm::Bare145,
                ..quirks()
            },
            "\r\n+CLIP: \"12025550123\",145,\"\",0,\"\",0\r\n\r\nRING\r\n",
        ),
        (
            "AT\r",
            Caller::new("+491701234567"),
            Quirks {
                doubled_cr: true,
                clip: ClipForm::TwoFields,
                number: NumberForm::National {
                    country_code: "49".into(),
                    trunk_prefix: "0".into(),
                    kind: 129,
                },
                ..quirks()
            },
            "\r\nRING\r\r\n\r\n+CLIP: \"01701234567\",129\r\r\n",
        ),
        (
            "AT\r",
            number.clone(),
            Quirks {
                no_ring: true,
                ..quirks()
            },
            "\r\n+CLIP: \"+12025550123\",145,,,,0\r\n",
        ),
        (
            "AT\r",
            number,
            Quirks {
                ring_split_by: Some(Duration::from_millis(4)),
                ..quirks()
            },
            usual,
        ),
    ];
    for (command, caller, quirks, expected) in cases {
        let options = Options {
            quirks,
            ..Options::default()
        };
        let (sim, mut host) = ready(options).await;
        host.talk(&[(command, OK)]).await;
        sim.call(caller);
        assert_eq!(host.hear().await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn calls_end_as_the_family_ends_them() {
    let line = EndStyle::Line("MISSED_CALL: 11:01AM {number}".into());
    let cases = [
        (EndStyle::NoCarrier, "\r\nNO CARRIER\r\n"),
        (EndStyle::Silent, ""),
        (line, "\r\nMISSED_CALL: 11:01AM 07712345678\r\n"),
    ];
    for (end, expected) in cases {
        let (sim, mut host) = ready(Options::default()).await;
        sim.call(Caller::new("07712345678").rings_for(S(1)).ends(end));
        host.hear().await;
        assert_eq!(host.hear_for(S(2)).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_modem_may_notice_late_that_the_caller_has_gone() {
    let (sim, mut host) = ready(Options::default()).await;
    let caller = Caller::new("+12025550123").rings_for(S(1));
    let call = sim.call(caller.end_noticed_after(S(5)));
    host.hear().await;
    assert_eq!(call.ended().await, CallEnd::GaveUp);
    assert!(host.ask("AT+CLCC\r").await.contains("+CLCC: 1,1,4"));
    let heard = host.hear_for(S(6)).await;
    assert!(heard.contains("RING") && heard.ends_with("\r\nNO CARRIER\r\n"));
}

#[tokio::test(start_paused = true)]
async fn the_host_can_hang_up() {
    for command in ["AT+CHUP\r", "ATH\r", "AT+CHLD=11\r", "AT+CHLD=0\r"] {
        let (sim, mut host) = ready(Options::default()).await;
        let call = sim.call(Caller::new("+12025550123").rings(9));
        host.hear().await;
        host.talk(&[(command, OK), ("AT+CLCC\r", OK)]).await;
        assert_eq!(call.end(), Some(CallEnd::HungUp));
        assert_eq!(host.hear_for(S(20)).await, "");
    }
    let deaf = Options {
        hang_up_works: false,
        ..Options::default()
    };
    let (sim, mut host) = ready(deaf).await;
    let call = sim.call(Caller::new("+12025550123").rings(2));
    host.hear().await;
    host.talk(&[("AT+CHUP\r", OK)]).await;
    assert_eq!(call.ended().await, CallEnd::GaveUp);
}

#[tokio::test(start_paused = true)]
async fn another_phone_can_answer() {
    let (sim, mut host) = ready(Options::default()).await;
    let call = sim.call(Caller::new("+12025550123"));
    host.hear().await;
    call.pick_up();
    let answer = host.ask("AT+CLCC\r").await;
    assert!(answer.starts_with("\r\n+CLCC: 1,1,0,0,0"), "{answer}");
    assert_eq!(host.hear_for(S(60)).await, "");
    call.give_up();
    assert_eq!(host.hear().await, "\r\nNO CARRIER\r\n");
    assert_eq!(call.end(), Some(CallEnd::Talked));
}

#[tokio::test(start_paused = true)]
async fn a_second_caller_hears_busy_or_waits() {
    let (sim, mut host) = ready(Options::default()).await;
    sim.call(Caller::new("+12025550123").rings(3));
    host.hear().await;
    let second = sim.call(Caller::new("+12025550124"));
    assert_eq!(second.end(), Some(CallEnd::Busy));
    assert_eq!(host.hear().await, "");
    host.talk(&[("AT+CCWA=1\r", ERROR)]).await;

    let options = Options {
        call_waiting: true,
        ..Options::default()
    };
    let (sim, mut host) = ready(options).await;
    host.talk(&[("AT+CCWA=1\r", OK)]).await;
    let first = sim.call(Caller::new("+12025550123").rings(1));
    host.hear().await;
    let second = sim.call(Caller::new("+12025550124").rings_for(S(12)));
    assert_eq!(
        host.hear().await,
        "\r\n+CCWA: \"+12025550124\",145,1,,0\r\n"
    );
    let list = host.ask("AT+CLCC\r").await;
    assert!(list.contains("\r\n+CLCC: 2,1,5,0,0,\"+12025550124\",145\r\n"));
    first.ended().await;
    let heard = host.hear().await;
    assert_eq!(
        heard,
        "\r\nNO CARRIER\r\n\r\nRING\r\n\r\n+CLIP: \"+12025550124\",145,,,,0\r\n"
    );
    assert_eq!(second.ended().await, CallEnd::GaveUp);
}

#[tokio::test(start_paused = true)]
async fn answering_is_a_violation() {
    for command in ["ATS0=1\r", "ATA\r"] {
        let (sim, mut host) = ready(Options::default()).await;
        let call = sim.call(Caller::new("+12025550123"));
        host.hear().await;
        host.talk(&[(command, OK)]).await;
        host.hear_for(S(6)).await;
        assert!(host.ask("AT+CLCC\r").await.contains("+CLCC: 1,1,0"));
        assert_eq!(call.end(), None);
        assert_eq!(sim.violations().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_is_taken_and_reported() {
    let (sim, mut host) = ready(Options::default()).await;
    assert_eq!(send(&mut host).await, "\r\n+CMGS: 0\r\n\r\nOK\r\n");
    let sent = sim.wait_sent(1).await;
    assert_eq!(sent[0].to, "+12025550123");
    assert_eq!(sent[0].text, "hello");
    assert_eq!(sent[0].pdu, HELLO);
    assert!(sent[0].status_report_requested && sent[0].part.is_none());
    let report = host.hear_for(S(3)).await;
    assert!(report.starts_with("\r\n+CDS: 25\r\n07912120550501F006000B912120550521F3"));
    assert!(report.ends_with("00\r\n"), "{report}");

    sim.set_outcome("+12025550123", Outcome::Failed);
    assert_eq!(send(&mut host).await, "\r\n+CMGS: 1\r\n\r\nOK\r\n");
    assert!(host.hear_for(S(3)).await.ends_with("41\r\n"));
    sim.set_outcome("+12025550123", Outcome::NoReport);
    send(&mut host).await;
    assert_eq!(host.hear_for(S(9)).await, "");
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn long_texts_travel_in_parts_both_ways() {
    let (sim, mut host) = ready(Options::default()).await;
    let text = "Die Rohrzange liegt im Keller 🔧 ".repeat(4);
    let to = Address::from_dialable("+491701234567").unwrap();
    for part in segment(&text, 7u8).unwrap() {
        let pdu = Submit::new(to.clone(), part).to_pdu();
        let command = format!("AT+CMGS={}\r", pdu.tpdu_length);
        host.talk(&[(&command, "\r\n> ")]).await;
        host.ask(&format!("{}\x1a", pdu.hex)).await;
    }
    let sent = sim.sent();
    assert_eq!(
        sent.iter().map(|part| &*part.text).collect::<String>(),
        text
    );
    let numbers = sent.iter().map(|sent| {
        let part = sent.part.unwrap();
        (part.reference, part.total, part.sequence)
    });
    assert_eq!(numbers.collect::<Vec<_>>(), [(7, 2, 1), (7, 2, 2)]);

    host.hear_for(S(3)).await;
    host.talk(&[("AT+CNMI=2,2,0,1,0\r", OK)]).await;
    sim.text_in("Bank", &text).unwrap();
    let heard = host.hear().await;
    let pdus = heard.lines().filter(|line| line.starts_with("0791"));
    let parts: Vec<Deliver> = pdus.map(|pdu| Deliver::from_hex(pdu).unwrap()).collect();
    assert_eq!((parts.len(), join(&parts)), (2, text));
    assert_eq!(parts[0].originator.number(), "Bank");
    assert!(sim.text_in("Not a name and no number", "hi").is_err());
}

#[tokio::test(start_paused = true)]
async fn everything_at_the_prompt_is_text() {
    let cases = [
        ("AT+CLCC\r", "written into an open prompt"),
        (&HELLO[..HELLO.len() - 2], "but the TPDU has 17 octets"),
        ("0021ZZ", "AT+CMGS=18, but the TPDU has 2 octets"),
        (
            "0021000B912120550521F3000005E8329BFDZZ",
            "not a hexadecimal digit",
        ),
        ("0021000B912120550521F3000004E8329BFD06", "1 octets behind"),
        // As many octets, but a DELIVER.
        ("0020000B912120550521F3000005E8329BFD06", "SMS-SUBMIT"),
    ];
    for (text, violation) in cases {
        let (sim, mut host) = ready(Options::default()).await;
        host.talk(&[
            ("AT+CMGS=18\r", "\r\n> "),
            (&format!("{text}\x1a"), "\r\n+CMS ERROR: 304\r\n"),
            ("AT\r", OK),
        ])
        .await;
        assert!(sim.sent().is_empty());
        let found = sim.violations();
        assert!(found[0].contains(violation), "{found:?}");
    }
    let (sim, mut host) = ready(Options::default()).await;
    host.talk(&[("AT+CMGS=18\r", "\r\n> "), ("00\x1b", OK), ("AT\r", OK)])
        .await;
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn prompts_have_two_shapes() {
    let mut options = Options::default();
    options.quirks.prompt = PromptForm::Bare;
    let (_sim, mut host) = ready(options).await;
    host.talk(&[("AT+CMGS=18\r", "\r\n>\r\n")]).await;
}

#[tokio::test(start_paused = true)]
async fn text_mode_is_not_pdu_mode() {
    let (_sim, mut host) = ready(Options::default()).await;
    host.talk(&[
        ("AT+CMGF=1\r", OK),
        ("AT+CMGL=4\r", "\r\n+CMS ERROR: 305\r\n"),
        ("AT+CMGS=18\r", "\r\n+CMS ERROR: 305\r\n"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn sends_fail_as_scripted() {
    let (sim, mut host) = ready(Options::default()).await;
    let taken = "\r\n+CMGS: 0\r\n\r\nOK\r\n";
    sim.fail_sends([
        SendFault::CmsError(500),
        SendFault::None,
        SendFault::Silence(Fate::Taken),
        SendFault::Silence(Fate::Lost),
        SendFault::Delay(S(14)),
    ]);
    assert_eq!(send(&mut host).await, "\r\n+CMS ERROR: 500\r\n");
    assert_eq!(send(&mut host).await, taken);
    assert_eq!(send(&mut host).await, "");
    assert_eq!(sim.sent().len(), 2);
    host.hear_for(S(3)).await;
    assert_eq!(send(&mut host).await, "");
    assert_eq!(sim.sent().len(), 2);
    assert_eq!(send(&mut host).await, "");
    assert!(
        host.hear_for(S(13))
            .await
            .ends_with("\r\n+CMGS: 2\r\n\r\nOK\r\n")
    );

    sim.fail_sends([SendFault::Restart(Fate::Lost)]);
    assert_eq!(send(&mut host).await, "\r\nRDY\r\n");
    assert_eq!(sim.sent().len(), 3);
    host.ask("ATE0\r").await;
    host.talk(&[("AT+CMGF=0\r", OK)]).await;

    sim.fail_sends([SendFault::NoPrompt, SendFault::Unplug(Fate::Taken)]);
    host.talk(&[("AT+CMGS=18\r", ""), ("AT\r", ""), ("\x1b", OK)])
        .await;
    assert_eq!(send(&mut host).await, "");
    assert_eq!(sim.sent().len(), 4);
    assert!(!sim.is_plugged());
}

#[tokio::test(start_paused = true)]
async fn commands_wait_for_each_other() {
    let slow = Options {
        answer_takes: Duration::from_millis(100),
        ..Options::default()
    };
    let sim = Sim::new(slow.clone());
    let mut host = Host(sim.line().unwrap());
    host.write("ATE0\r").await;
    host.hear_for(S(1)).await;
    host.write("AT+CREG?\r").await;
    host.hear().await;
    host.write("AT+CEREG?\r").await;
    assert_eq!(
        host.hear_for(S(1)).await,
        "\r\n+CREG: 0,1\r\n\r\nOK\r\n\r\n+CEREG: 0,1\r\n\r\nOK\r\n"
    );
    assert!(sim.violations()[0].contains("came while AT+CREG? was at work"));

    let sim = Sim::new(Options {
        quirks: Quirks {
            early_bytes: EarlyBytes::Abort,
            ..Quirks::default()
        },
        ..slow
    });
    let mut host = Host(sim.line().unwrap());
    host.write("ATE0\r").await;
    host.hear_for(S(1)).await;
    host.write("AT+CREG?\r").await;
    host.hear().await;
    host.write("AT\r").await;
    assert_eq!(host.hear_for(S(1)).await, ERROR);

    // Who opens the port while a command is at work cannot know of it.
    let sim = Sim::new(Options {
        answer_takes: Duration::from_secs(5),
        ..Options::default()
    });
    let mut host = Host(sim.line().unwrap());
    host.write("AT+CREG?\r").await;
    host.hear_for(S(1)).await;
    let mut next = Host(sim.line().unwrap());
    next.write("AT\r").await;
    next.hear_for(S(20)).await;
    assert_eq!(sim.violations(), [""; 0]);

    let (sim, mut host) = ready(Options::default()).await;
    let both = host.ask("AT\rAT+CSQ\r").await;
    assert!(both.starts_with("\r\nOK\r\n\r\n+CSQ:"), "{both}");
    assert_eq!(sim.violations().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn bytes_break_into_answers() {
    let sim = Sim::new(Options::default());
    let mut host = Host(sim.line().unwrap());
    sim.inject(6, b"\r\n*EMRDY: 1\r\n");
    host.talk(&[(
        "AT+CREG?\r",
        "AT+CRE\r\n*EMRDY: 1\r\nG?\r\r\n+CREG: 0,1\r\n\r\nOK\r\n",
    )])
    .await;
    sim.say("^RSSI:18");
    sim.noise(b"\0\0");
    assert_eq!(host.hear().await, "\r\n^RSSI:18\r\n\0\0");

    let mut options = Options::default();
    options.quirks.ring_glued_to_final = true;
    let (sim, mut host) = ready(options).await;
    sim.call(Caller::withheld());
    assert_eq!(host.hear().await, "");
    host.write("AT\r").await;
    let mut one_read = [0; 100];
    let count = host.0.read(&mut one_read).await.unwrap();
    assert_eq!(
        &one_read[..count],
        b"\r\nOK\r\n\r\nRING\r\n\r\n+CLIP: \"\",128,,,,1\r\n"
    );
    assert!(
        host.hear_for(S(6)).await.starts_with("\r\nRING"),
        "without a command it comes by itself"
    );
}

#[tokio::test(start_paused = true)]
async fn a_hanging_modem_answers_all_late() {
    let (sim, mut host) = ready(Options::default()).await;
    let call = sim.call(Caller::new("+12025550123").rings(3));
    host.hear().await;
    sim.hang(S(30));
    host.talk(&[("AT\r", ""), ("AT+CSQ\r", "")]).await;
    assert_eq!(call.ended().await, CallEnd::GaveUp);
    assert_eq!(host.hear().await, "", "not even the end gets out");
    assert_eq!(
        host.hear_for(S(30)).await,
        "\r\nNO CARRIER\r\n\r\nOK\r\n\r\n+CSQ: 21,99\r\n\r\nOK\r\n"
    );
}

#[tokio::test(start_paused = true)]
async fn messages_are_stored_announced_read_and_deleted() {
    let (sim, mut host) = ready(Options::default()).await;
    sim.text_in("+12025550123", "hi").unwrap();
    assert_eq!(host.hear().await, "\r\n+CMTI: \"SM\",1\r\n");
    assert!(host.ask("AT+CMGR=1\r").await.contains("+CMGR: 0,,"));
    assert!(host.ask("AT+CMGR=1\r").await.contains("+CMGR: 1,,"));
    let pdu = "07912120550501F0040B912120550521F300006210102100000002E834";
    host.talk(&[
        (
            "AT+CPMS?\r",
            "\r\n+CPMS: \"SM\",1,20,\"SM\",1,20,\"SM\",1,20\r\n\r\nOK\r\n",
        ),
        (
            "AT+CMGL=4\r",
            &format!("\r\n+CMGL: 1,1,,21\r\n{pdu}\r\n\r\nOK\r\n"),
        ),
        (
            "AT+CMGR=1\r",
            &format!("\r\n+CMGR: 1,,21\r\n{pdu}\r\n\r\nOK\r\n"),
        ),
        ("AT+CMGL=0\r", OK),
        ("AT+CMGR=2\r", OK),
        ("AT+CMGR=21\r", "\r\n+CMS ERROR: 321\r\n"),
        ("AT+CMGD=0\r", "\r\n+CMS ERROR: 321\r\n"),
        ("AT+CMGD=1\r", OK),
        ("AT+CMGL=4\r", OK),
        ("AT+CNMI=2,2,0,1,0\r", OK),
    ])
    .await;
    sim.text_in("+12025550123", "hi").unwrap();
    let heard = host.hear().await;
    assert!(
        heard.starts_with("\r\n+CMT: ,21\r\n07912120550501F0"),
        "{heard}"
    );
    assert_eq!(sim.stored(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_full_sim_leaves_messages_in_the_network() {
    let mut options = Options {
        sms_slots: 2,
        ..Options::default()
    };
    options.quirks.memory_full_line = Some("^SMMEMFULL: \"SM\"".into());
    let (sim, mut host) = ready(options).await;
    // Three parts of 153 septets each at most.
    sim.text_in("+12025550123", &"x".repeat(310)).unwrap();
    assert_eq!(
        host.hear().await,
        "\r\n+CMTI: \"SM\",1\r\n\r\n+CMTI: \"SM\",2\r\n\r\n^SMMEMFULL: \"SM\"\r\n"
    );
    assert_eq!((sim.stored(), sim.waiting()), (2, 1));
    host.talk(&[("AT+CMGD=1\r", OK)]).await;
    assert!(
        host.hear_for(S(2))
            .await
            .starts_with("\r\n+CMTI: \"SM\",1\r\n")
    );
    assert_eq!((sim.stored(), sim.waiting()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn announcements_are_a_ladder() {
    let options = Options {
        cnmi: CnmiSupport {
            mode: vec![1],
            ds: vec![2],
            ..CnmiSupport::default()
        },
        quirks: Quirks {
            report_memory: ReportMemory::OwnButMisnamed,
            ..Quirks::default()
        },
        ..Options::default()
    };
    let sim = Sim::new(options);
    let mut host = Host(sim.line().unwrap());
    host.ask("ATE0\r").await;
    host.talk(&[
        ("AT+CMGF=0\r", OK),
        ("AT+CNMI=2,1,0,1,0\r", "\r\n+CMS ERROR: 303\r\n"),
        ("AT+CNMI=1,1,0,1,0\r", "\r\n+CMS ERROR: 303\r\n"),
        ("AT+CNMI=1,1,0,2,0\r", OK),
    ])
    .await;
    send(&mut host).await;
    assert_eq!(host.hear_for(S(3)).await, "\r\n+CDSI: \"SM\",1\r\n");
    host.talk(&[("AT+CMGR=1\r", OK)]).await;
    host.ask("AT+CPMS=\"SR\"\r").await;
    let report = host.ask("AT+CMGR=1\r").await;
    assert!(report.starts_with("\r\n+CMGR: 0,,25\r\n"), "{report}");
}

#[tokio::test]
async fn a_pseudo_terminal_comes_back_behind_the_same_path() {
    use tokio_serial::SerialPortBuilderExt;

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("modem");
    let sim = Sim::new(Options::default());
    sim.pty(&path).unwrap();
    let open = || {
        let name = path.to_str().unwrap();
        Host(
            tokio_serial::new(name, 115_200)
                .open_native_async()
                .unwrap(),
        )
    };
    let mut host = open();
    host.write("AT\r").await;
    let mut answer = [0; 9];
    host.0.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"AT\r\r\nOK\r\n");

    sim.unplug();
    assert!(
        matches!(host.0.read(&mut answer).await, Ok(0) | Err(_)),
        "the old tty is dead"
    );
    assert!(!path.is_symlink());
    drop(host);
    sim.replug().unwrap();
    let mut host = open();
    host.write("AT\r").await;
    host.0.read_exact(&mut answer).await.unwrap();
}
