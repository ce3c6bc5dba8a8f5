//! What becomes of a text, case by case.

use jiff::Timestamp;

use super::life::{after, due};
use super::suspects;
use crate::at::{AtError, Cause};
use crate::modem::SendError;
use crate::settings::Settings;
use crate::store::Outgoing;
use crate::text::{TextKind, TextState, Transition};

fn noon() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

fn minutes_after_noon(minutes: i64) -> Timestamp {
    noon() + jiff::SignedDuration::from_mins(minutes)
}

fn text() -> Outgoing {
    Outgoing {
        id: 1,
        kind: TextKind::MissedCall,
        number: "+12025550143".into(),
        body: "Sorry".into(),
        state: TextState::Queued,
        attempts: 1,
        resent: false,
        created_at: noon(),
        parts_taken: vec![],
        opted_out: false,
        late: Some("Sorry, late".to_owned()),
    }
}

/// Says in a word what becomes of it.
fn word(transition: &Transition) -> &'static str {
    match transition {
        Transition::Send {
            again: false,
            late: false,
        } => "send",
        Transition::Send { again: true, .. } => "send again",
        Transition::Send {
            again: false,
            late: true,
        } => "send late",
        Transition::Wait { .. } => "wait",
        Transition::Unconfirmed { .. } => "unconfirmed",
        Transition::Fail(_) => "fail",
        Transition::Taken { .. } | Transition::Delivered { .. } => "the network's word",
    }
}

#[test]
fn what_becomes_of_a_text_that_is_due() {
    let unconfirmed = || Outgoing {
        state: TextState::Unconfirmed,
        ..text()
    };
    let stop = || Outgoing {
        kind: TextKind::OptOut,
        opted_out: true,
        late: None,
        ..text()
    };
    let alert = || Outgoing {
        kind: TextKind::Alert,
        late: None,
        ..text()
    };
    let table = [
        ("a fresh one", text(), 0, "send"),
        ("before anybody wonders", text(), 4, "send"),
        ("when they do", text(), 5, "send late"),
        (
            "when a part of it is out",
            Outgoing {
                parts_taken: vec![1],
                ..text()
            },
            5,
            "send",
        ),
        ("at the last minute that helps", text(), 60, "send late"),
        ("too late to help", text(), 61, "fail"),
        (
            "opted out meanwhile",
            Outgoing {
                opted_out: true,
                ..text()
            },
            0,
            "fail",
        ),
        (
            "the confirmation of STOP goes to one who opted out",
            stop(),
            61,
            "send",
        ),
        (
            "the confirmation of START does not, after another STOP",
            Outgoing {
                kind: TextKind::OptIn,
                ..stop()
            },
            0,
            "fail",
        ),
        ("a confirmation a day late", stop(), 24 * 60 + 1, "fail"),
        ("an alert after an outage", alert(), 24 * 60, "send"),
        ("an alert a day late", alert(), 24 * 60 + 1, "fail"),
        ("no report came", unconfirmed(), 3, "send again"),
        (
            "no report came, and it is too late",
            unconfirmed(),
            61,
            "fail",
        ),
        (
            "sent twice already",
            Outgoing {
                resent: true,
                ..unconfirmed()
            },
            3,
            "fail",
        ),
        (
            "no report came, but STOP did",
            Outgoing {
                opted_out: true,
                ..unconfirmed()
            },
            3,
            "fail",
        ),
    ];
    for (name, text, minutes, expected) in table {
        let transition = due(
            &text,
            &Settings::default(),
            &[],
            minutes_after_noon(minutes),
        );
        assert_eq!(word(&transition), expected, "{name}: {transition:?}");
    }
}

#[test]
fn the_cap_per_minute_delays_and_loses_nothing() {
    let pairs = [("texts.max_per_minute".to_owned(), "2".to_owned())];
    let settings = Settings::from_pairs(pairs.into_iter());
    let recent = [minutes_after_noon(0), minutes_after_noon(0)];
    assert_eq!(word(&due(&text(), &settings, &recent[..1], noon())), "send");
    let alert = Outgoing {
        kind: TextKind::Alert,
        ..text()
    };
    assert_eq!(word(&due(&alert, &settings, &recent, noon())), "send");
    for kind in [TextKind::Relay, TextKind::Answer, TextKind::Note] {
        let between_people = Outgoing {
            kind,
            opted_out: true,
            ..text()
        };
        let becomes = due(&between_people, &settings, &recent, noon());
        assert_eq!(word(&becomes), "send", "{kind:?}");
    }
    let held = due(&text(), &settings, &recent, noon());
    assert_eq!(
        held,
        Transition::Wait {
            until: minutes_after_noon(1),
            error: None
        }
    );
}

#[test]
fn what_becomes_of_a_text_that_the_modem_did_not_take() {
    let refused = |code| {
        SendError::Refused(AtError::Cms(Cause {
            code: Some(code),
            words: String::new(),
        }))
    };
    let why = || "the modem went silent".to_owned();
    let table = [
        ("unassigned number", refused(1), "fail"),
        ("network out of order", refused(38), "wait"),
        ("no network service", refused(331), "wait"),
        ("not taken", SendError::NotTaken { why: why() }, "wait"),
        (
            "handed over, then silence",
            SendError::Unconfirmed { why: why() },
            "unconfirmed",
        ),
    ];
    for (name, error, expected) in table {
        assert_eq!(word(&after(&text(), &error, noon())), expected, "{name}");
    }
}

#[test]
fn what_is_the_number_s_fault_marks_it_and_what_is_ours_does_not() {
    use crate::text::Suspicion::{Certain, Possible};
    let by_refusal = |code| {
        let cause = Cause {
            code: Some(code),
            words: String::new(),
        };
        suspects::by_refusal(&AtError::Cms(cause))
    };
    for (code, expected) in [
        (1, Some(Certain)),
        (8, None),
        (10, None),
        (21, Some(Possible)),
        (28, Some(Possible)),
        (38, None),
        (69, None),
        (195, Some(Certain)),
        (304, None),
        (310, None),
        (330, None),
        (500, None),
    ] {
        assert_eq!(by_refusal(code), expected, "+CMS ERROR: {code}");
    }
    assert_eq!(suspects::by_refusal(&AtError::Plain), None);
    for (status, expected) in [
        (0x00, None),
        (0x40, None),
        (0x41, Some(Certain)),
        (0x42, Some(Possible)),
        (0x46, None),
        (0x50, None),
        (0x62, None),
    ] {
        assert_eq!(suspects::by_report(status), expected, "TP-ST {status:02X}");
    }
}

#[test]
fn waits_grow_up_to_a_bound_and_differ_between_texts() {
    let wait = |id, attempts| {
        let text = Outgoing {
            id,
            attempts,
            ..text()
        };
        match after(&text, &SendError::NotTaken { why: String::new() }, noon()) {
            Transition::Wait { until, .. } => until.duration_since(noon()).as_secs(),
            other => panic!("{other:?}"),
        }
    };
    let growing: Vec<_> = (1..12).map(|attempts| wait(1, attempts)).collect();
    assert!(growing.is_sorted(), "{growing:?}");
    assert!(growing[0] < 15 && growing[10] <= 375, "{growing:?}");
    assert_ne!(wait(1, 10), wait(2, 10));
}
