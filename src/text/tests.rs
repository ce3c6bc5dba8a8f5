//! Every state against everything that can happen; and which text a report is about.

use jiff::Timestamp;

use super::*;
use TextState::{Delivered, Failed, Queued, Received, Sending, Sent, Unconfirmed};

fn noon() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

/// Everything that can happen, in the order of the columns below.
fn transitions() -> [Transition; 10] {
    let said = || "no".to_owned();
    let (until, at, number) = (noon(), noon(), None);
    [
        Transition::Send {
            again: false,
            late: false,
        },
        Transition::Send {
            again: true,
            late: false,
        },
        Transition::Wait { until, error: None },
        Transition::Unconfirmed {
            until,
            error: said(),
        },
        Transition::Taken { at, left: 1 },
        Transition::Taken { at, left: 0 },
        Transition::Delivered { at },
        Transition::Fail(Failure::TooLate),
        Transition::Fail(Failure::Refused {
            said: said(),
            number,
        }),
        Transition::Fail(Failure::NotDelivered {
            said: said(),
            number,
        }),
    ]
}

#[test]
fn every_state_and_everything_that_can_happen() {
    const NO: Option<TextState> = None;
    const FAILED: Option<TextState> = Some(Failed);
    let (queued, sending) = (Some(Queued), Some(Sending));
    let (sent, delivered, unconfirmed) = (Some(Sent), Some(Delivered), Some(Unconfirmed));
    #[rustfmt::skip]
    let table = [
        // send, again, wait, unconfirmed, a part, the last part, delivered, too late, refused, not delivered
        (Queued,      [sending, NO, queued, NO, NO, NO, NO, FAILED, FAILED, FAILED]),
        (Sending,     [NO, NO, queued, unconfirmed, sending, sent, NO, FAILED, FAILED, FAILED]),
        (Sent,        [NO, NO, NO, NO, NO, NO, delivered, NO, NO, FAILED]),
        (Delivered,   [NO, NO, NO, NO, NO, NO, NO, NO, NO, FAILED]),
        (Failed,      [NO, NO, NO, NO, NO, NO, NO, NO, NO, NO]),
        (Unconfirmed, [NO, sending, NO, NO, queued, sent, NO, FAILED, FAILED, FAILED]),
        (Received,    [NO, NO, NO, NO, NO, NO, NO, NO, NO, NO]),
    ];
    for (state, expected) in table {
        for (transition, expected) in transitions().iter().zip(expected) {
            assert_eq!(
                state.after(transition),
                expected,
                "{state:?}, {transition:?}"
            );
        }
    }
}

#[test]
fn tokens_are_taken_back() {
    for state in [
        Queued,
        Sending,
        Sent,
        Delivered,
        Failed,
        Unconfirmed,
        Received,
    ] {
        assert_eq!(TextState::from_token(state.token()), state);
    }
    for kind in [
        TextKind::MissedCall,
        TextKind::OptOut,
        TextKind::OptIn,
        TextKind::Help,
        TextKind::Alert,
        TextKind::Relay,
        TextKind::Answer,
        TextKind::Note,
    ] {
        assert_eq!(TextKind::from_token(kind.token()), kind);
    }
    for kind in AlertKind::ALL {
        assert_eq!(AlertKind::from_token(kind.token()), Some(kind));
    }
}

const ANNA: &str = "+12025550143";
const BEN: &str = "+12025550188";

fn part(text_id: i64, number: &str, stamp: Option<Timestamp>) -> KnownPart {
    KnownPart {
        text_id,
        sequence: 1,
        number: number.to_owned(),
        reported: stamp.is_some(),
        stamp,
    }
}

#[test]
fn which_text_a_report_is_about() {
    let (noon, later) = (noon(), noon() + jiff::SignedDuration::from_mins(5));
    let hour = jiff::SignedDuration::from_hours(1);
    let open = [
        (7, BEN, noon),
        (8, ANNA, noon - hour),
        (9, ANNA, noon + hour),
    ];
    let open = open.map(|(text_id, number, handed_over)| OpenText {
        text_id,
        number: number.to_owned(),
        handed_over: Some(handed_over),
    });
    let is_part = |text_id| {
        Some(About::Part {
            text_id,
            sequence: 1,
        })
    };
    let table = [
        ("its own", vec![part(1, ANNA, None)], is_part(1)),
        (
            "the newest of those under its reference",
            vec![part(3, ANNA, None), part(1, ANNA, None)],
            is_part(3),
        ),
        (
            "the one to its recipient",
            vec![part(3, BEN, None), part(1, ANNA, None)],
            is_part(1),
        ),
        (
            "the one given to the modem last, where nothing is under its reference",
            vec![part(3, BEN, None)],
            Some(About::UnknownPart { text_id: 9 }),
        ),
        (
            "what it was about when it was read first",
            vec![part(1, ANNA, Some(noon))],
            Some(About::Again { text_id: 1 }),
        ),
        (
            "not what had its report before the reference came round",
            vec![part(1, ANNA, Some(later))],
            Some(About::UnknownPart { text_id: 9 }),
        ),
    ];
    let report = |recipient: &str| Report {
        reference: 200,
        recipient: recipient.to_owned(),
        stamp: Some(noon),
        outcome: ReportOutcome::Delivered,
    };
    for (name, parts, expected) in table {
        assert_eq!(about(&report(ANNA), &parts, &open), expected, "{name}");
        // As networks write it too.
        assert_eq!(about(&report("2025550143"), &parts, &open), expected);
    }
    let s = jiff::SignedDuration::from_secs;
    for (of_9, stamp, expected, name) in [
        (
            Some(s(-2)),
            true,
            9,
            "the one given to the modem just before the network took it",
        ),
        (
            Some(s(60)),
            true,
            9,
            "the same where our clock is a little ahead",
        ),
        (
            Some(s(-301)),
            true,
            9,
            "the one given last where the stamp is of none: our clock is wrong",
        ),
        (
            Some(s(-2)),
            false,
            9,
            "the one given last where there is no stamp",
        ),
        (
            None,
            true,
            8,
            "the other where nobody knows when the last was given",
        ),
    ] {
        let mut open = open.clone();
        open[2].handed_over = of_9.map(|off| noon + off);
        let mut report = report(ANNA);
        report.stamp = report.stamp.filter(|_| stamp);
        let found = about(&report, &[], &open);
        let expected = About::UnknownPart { text_id: expected };
        assert_eq!(found, Some(expected), "{name}");
        open[1].handed_over = Some(noon - s(1));
        let nearer = about(&report, &[], &open);
        assert_eq!(nearer, Some(About::UnknownPart { text_id: 8 }), "{name}");
    }
    let stranger = about(&report("+12025559999"), &[part(1, ANNA, None)], &open);
    assert_eq!(stranger, None);
}

#[test]
fn an_alert_comes_of_every_failure_but_the_callers_own_wish() {
    let (said, number) = (
        "failed for good: the number cannot be reached".to_owned(),
        Some(Suspicion::Certain),
    );
    let failure = Failure::NotDelivered { said, number };
    assert_eq!(failure.alert(), Some(AlertKind::NotThrough));
    let of_number = (Suspicion::Certain, "the number cannot be reached");
    assert_eq!(failure.of_number(), Some(of_number));
    assert_eq!(Failure::OptedOut.alert(), None);
    assert_eq!(Failure::TooLate.alert(), Some(AlertKind::TooLate));
    assert_eq!(Failure::TooLate.of_number(), None);
}
