//! The store on a real file: migrations, and the queries that other rooms' promises rest on.

use super::*;
use crate::phone::PhoneNumber;
use crate::rules::{Caller, Decision, Facts};
use crate::settings::Settings;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text, None).unwrap()
}

struct Fixture {
    store: Store,
    dir: tempfile::TempDir,
}

fn fixture() -> Fixture {
    let dir = tempfile::tempdir().unwrap();
    Fixture {
        store: Store::open(dir.path()).unwrap(),
        dir,
    }
}

fn ended(caller: &str, when: &str) -> EndedCall {
    EndedCall {
        row: None,
        caller: Caller::Number(number(caller)),
        started_at: at(when),
        ended_at: at(when),
        rings: 2,
        picked_up: false,
        decided_at: at(when),
        sim_number: vec![],
        sim_region: None,
        day_began_at: at("2026-03-02T00:00:00Z"),
    }
}

fn sorry(to: &str) -> NewText {
    NewText {
        kind: TextKind::MissedCall,
        number: number(to),
        body: "Sorry".into(),
    }
}

const ANNA: &str = "+12025550143";
const BEN: &str = "+12025550188";
const NOON: &str = "2026-03-02T12:00:00Z";

async fn text(store: &Store, to: &'static str, when: &str) {
    let judge = move |_: &Facts<'_>, _: &Settings| (Decision::Text, Some(sorry(to)));
    store.end_call(ended(to, when), judge).await.unwrap();
}

async fn claim(store: &Store, when: &str) -> Next {
    store
        .claim_next(at(when), |_, _, _| Transition::Send { again: false })
        .await
        .unwrap()
}

async fn claimed(store: &Store, when: &str) -> Outgoing {
    match claim(store, when).await {
        Next::Send(text) => text,
        other => panic!("nothing to send at {when}: {other:?}"),
    }
}

#[test]
fn a_database_from_a_newer_version_is_refused_and_left_as_it_is() {
    let Fixture { store, dir } = fixture();
    drop(store);
    let path = file_in(dir.path());
    Connection::open(&path)
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let before = std::fs::read(&path).unwrap();
    let refusal = Store::open(dir.path()).unwrap_err();
    assert!(
        matches!(refusal, StoreError::Newer { found: 99, .. }),
        "{refusal}"
    );
    assert!(refusal.to_string().contains("left as it is"), "{refusal}");
    assert_eq!(
        std::fs::read(&path).unwrap(),
        before,
        "not a byte of it was changed"
    );
}

#[test]
fn something_that_is_no_database_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = file_in(dir.path());
    std::fs::write(
        &path,
        "this was a database once, before the card died".repeat(50),
    )
    .unwrap();
    let before = std::fs::read(&path).unwrap();
    let refusal = Store::open(dir.path()).unwrap_err();
    assert!(
        refusal.to_string().contains("restore a backup"),
        "{refusal}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_missing_directory_is_an_error_that_says_what_to_do() {
    let error = Store::open(Path::new("/nowhere/at/all"))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("/nowhere/at/all") && error.contains("data directory"),
        "{error}"
    );
}

#[tokio::test]
async fn commits_are_synchronous_and_in_wal_mode() {
    let Fixture { store, .. } = fixture();
    let pragmas = store
        .read("test", |connection| {
            let mode: String = connection.pragma_query_value(None, "journal_mode", |r| r.get(0))?;
            let sync: i64 = connection.pragma_query_value(None, "synchronous", |r| r.get(0))?;
            Ok((mode, sync))
        })
        .await
        .unwrap();
    assert_eq!(pragmas, ("wal".to_owned(), 2), "2 is FULL");
}

#[tokio::test]
async fn the_facts_know_the_last_text_and_a_failed_one_does_not_count() {
    let Fixture { store, .. } = fixture();
    text(&store, ANNA, NOON).await;
    let facts_of = |caller: &'static str| {
        let store = store.clone();
        async move {
            let (sender, receiver) = std::sync::mpsc::channel();
            let judge = move |facts: &Facts<'_>, _: &Settings| {
                sender
                    .send((facts.last_text_at, facts.texts_today))
                    .unwrap();
                (Decision::Text, None)
            };
            store
                .end_call(ended(caller, "2026-03-02T13:00:00Z"), judge)
                .await
                .unwrap();
            receiver.recv().unwrap()
        }
    };
    assert_eq!(facts_of(ANNA).await, (Some(at(NOON)), 1));
    assert_eq!(facts_of(BEN).await, (None, 1));
    let text = claimed(&store, NOON).await;
    store
        .settle(
            text.id,
            Transition::Fail {
                error: "no such number".into(),
            },
        )
        .await
        .unwrap();
    assert_eq!(facts_of(ANNA).await, (None, 0));
}

#[tokio::test]
async fn texts_are_claimed_oldest_first_and_one_by_one() {
    let Fixture { store, .. } = fixture();
    text(&store, ANNA, NOON).await;
    text(&store, BEN, "2026-03-02T12:00:05Z").await;
    assert_eq!(
        claim(&store, "2026-03-02T11:55:00Z").await,
        Next::Wait(at(NOON))
    );
    assert_eq!(claimed(&store, "2026-03-02T12:01:00Z").await.number, ANNA);
    assert_eq!(claimed(&store, "2026-03-02T12:01:00Z").await.number, BEN);
    assert_eq!(claim(&store, "2026-03-02T12:01:00Z").await, Next::Nothing);
}

#[tokio::test]
async fn the_minute_counts_what_left_whatever_waits_behind_it() {
    let Fixture { store, .. } = fixture();
    store
        .change_setting("texts.max_per_minute", "2")
        .await
        .unwrap()
        .unwrap();
    for second in 0..5 {
        let when = format!("2026-03-02T12:00:0{second}Z");
        let judge = move |_: &Facts<'_>, _: &Settings| (Decision::Text, Some(sorry(ANNA)));
        store.end_call(ended(ANNA, &when), judge).await.unwrap();
    }
    for _ in 0..3 {
        let text = claimed(&store, "2026-03-02T12:00:05Z").await;
        let sent_at = at(NOON) + jiff::SignedDuration::from_secs(10 * text.id);
        store
            .part_taken(text.id, 1, 1, None, sent_at)
            .await
            .unwrap();
    }
    let now = at("2026-03-02T12:00:59Z");
    let judge = move |_: &Outgoing, _: &Settings, recent: &[Timestamp]| {
        let expected = [at("2026-03-02T12:00:30Z"), at("2026-03-02T12:00:20Z")];
        assert_eq!(recent, expected);
        Transition::Send { again: false }
    };
    store.claim_next(now, judge).await.unwrap();
}

#[tokio::test]
async fn what_was_being_sent_at_a_restart_awaits_a_report() {
    let Fixture { store, dir } = fixture();
    text(&store, ANNA, NOON).await;
    claimed(&store, NOON).await;
    drop(store);
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(store.recover(at("2026-03-02T12:03:00Z")).await.unwrap(), 1);
    assert_eq!(
        claim(&store, NOON).await,
        Next::Wait(at("2026-03-02T12:03:00Z"))
    );
}

#[tokio::test]
async fn reports_find_their_text_by_reference_and_number() {
    let Fixture { store, .. } = fixture();
    text(&store, ANNA, NOON).await;
    text(&store, BEN, NOON).await;
    for _ in 0..2 {
        let text = claimed(&store, NOON).await;
        // The reference wraps: both texts have the same one.
        store
            .part_taken(text.id, 1, 1, Some(7), at(NOON))
            .await
            .unwrap();
    }
    let report = |recipient: &str, reference, outcome| Report {
        reference,
        recipient: recipient.to_owned(),
        outcome,
    };
    let later = at("2026-03-02T12:00:30Z");
    let stranger = store
        .reported(report("+12025559999", 7, ReportOutcome::Delivered), later)
        .await
        .unwrap();
    assert_eq!(stranger, None);
    let other = store
        .reported(report(ANNA, 8, ReportOutcome::Delivered), later)
        .await
        .unwrap();
    assert_eq!(other, None);
    // Sent international, reported national.
    let anna = store
        .reported(report("2025550143", 7, ReportOutcome::Delivered), later)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((anna.text_id, anna.state), (1, TextState::Delivered));
    let no = ReportOutcome::Failed("the phone number is not in use".to_owned());
    let ben = store
        .reported(report(BEN, 7, no), later)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((ben.text_id, ben.state), (2, TextState::Failed));
    let late = at("2026-03-06T12:00:30Z");
    assert_eq!(
        store
            .reported(report(ANNA, 7, ReportOutcome::Delivered), late)
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn a_report_settles_an_unconfirmed_text_by_its_recipient() {
    let Fixture { store, .. } = fixture();
    text(&store, ANNA, NOON).await;
    let text = claimed(&store, NOON).await;
    let unconfirmed = Transition::Unconfirmed {
        until: at(NOON),
        error: "silence".into(),
    };
    store.settle(text.id, unconfirmed).await.unwrap();
    let report = Report {
        reference: 200,
        recipient: ANNA.into(),
        outcome: ReportOutcome::Delivered,
    };
    let found = store.reported(report, at(NOON)).await.unwrap().unwrap();
    assert_eq!(found.state, TextState::Delivered);
    assert_eq!(claim(&store, "2026-03-02T13:00:00Z").await, Next::Nothing);
}

#[tokio::test]
async fn a_report_that_overtakes_the_modems_answer_stands() {
    let Fixture { store, .. } = fixture();
    let no = ReportOutcome::Failed("the phone number is not in use".to_owned());
    for (outcome, state) in [
        (ReportOutcome::Delivered, TextState::Delivered),
        (no.clone(), TextState::Failed),
    ] {
        for answered in [true, false] {
            text(&store, ANNA, NOON).await;
            let text = claimed(&store, NOON).await;
            let reference = u8::try_from(text.id).unwrap();
            let report = Report {
                reference,
                recipient: ANNA.into(),
                outcome: outcome.clone(),
            };
            let found = store.reported(report, at(NOON)).await.unwrap();
            let expected = ReportMatch {
                text_id: text.id,
                state,
            };
            assert_eq!(found, Some(expected));
            if answered {
                let taken = store.part_taken(text.id, 1, 1, Some(reference), at(NOON));
                taken.await.unwrap();
            } else {
                let until = at(NOON);
                let error = "silence".to_owned();
                let silence = Transition::Unconfirmed { until, error };
                store.settle(text.id, silence).await.unwrap();
            }
            let kept: String = store
                .read("test", |c| {
                    c.query_row(
                        "SELECT state FROM texts ORDER BY id DESC LIMIT 1",
                        [],
                        |r| r.get(0),
                    )
                })
                .await
                .unwrap();
            assert_eq!(kept, state.token(), "answered: {answered}");
        }
    }
}

#[tokio::test]
async fn the_first_part_does_not_speak_for_one_that_may_be_lost() {
    let Fixture { store, .. } = fixture();
    text(&store, ANNA, NOON).await;
    let text = claimed(&store, NOON).await;
    store
        .write("test", |t| {
            t.execute("UPDATE texts SET parts = 2", []).map(|_| ())
        })
        .await
        .unwrap();
    store
        .part_taken(text.id, 1, 2, Some(1), at(NOON))
        .await
        .unwrap();
    let silence = Transition::Unconfirmed {
        until: at(NOON),
        error: "silence".into(),
    };
    store.settle(text.id, silence).await.unwrap();
    let report = |reference| Report {
        reference,
        recipient: ANNA.into(),
        outcome: ReportOutcome::Delivered,
    };
    let first = store.reported(report(1), at(NOON)).await.unwrap().unwrap();
    assert_eq!(first.state, TextState::Unconfirmed);
    let last = store.reported(report(2), at(NOON)).await.unwrap().unwrap();
    assert_eq!(last.state, TextState::Delivered);
}

#[tokio::test]
async fn the_last_part_speaks_for_the_whole() {
    let Fixture { store, .. } = fixture();
    text(&store, ANNA, NOON).await;
    let text = claimed(&store, NOON).await;
    store
        .write("test", |t| {
            t.execute("UPDATE texts SET parts = 2", []).map(|_| ())
        })
        .await
        .unwrap();
    store
        .part_taken(text.id, 1, 2, Some(1), at(NOON))
        .await
        .unwrap();
    store
        .part_taken(text.id, 2, 2, Some(2), at(NOON))
        .await
        .unwrap();
    let report = |reference| Report {
        reference,
        recipient: ANNA.into(),
        outcome: ReportOutcome::Delivered,
    };
    let first = store.reported(report(1), at(NOON)).await.unwrap().unwrap();
    assert_eq!(first.state, TextState::Sent, "half of it has arrived");
    let last = store.reported(report(2), at(NOON)).await.unwrap().unwrap();
    assert_eq!(last.state, TextState::Delivered);
}

fn reply(pdus: &[String]) -> NewReply {
    NewReply {
        sender: Some(ANNA.to_owned()),
        body: pdus.join("+"),
        keyword: None,
        confirmation: None,
    }
}

#[tokio::test]
async fn a_message_read_twice_is_stored_once() {
    let Fixture { store, .. } = fixture();
    let first = store.receive("00AA", None, at(NOON), reply).await.unwrap();
    assert_eq!(first, Stored::Reply { confirmed: false });
    assert_eq!(
        store.receive("00AA", None, at(NOON), reply).await.unwrap(),
        Stored::Twice
    );
}

#[tokio::test]
async fn parts_wait_for_each_other_across_a_restart_in_any_order_and_twice() {
    let Fixture { store, dir } = fixture();
    let part = |sequence| {
        Some(NewPart {
            sender: ANNA.into(),
            reference: 9,
            bits: 8,
            total: 3,
            sequence,
        })
    };
    for (pdu, sequence) in [("C3", 3), ("A1", 1), ("A1-again", 1)] {
        let stored = store
            .receive(pdu, part(sequence), at(NOON), reply)
            .await
            .unwrap();
        assert_eq!(stored, Stored::PartOfMore);
    }
    // Another sender with the same reference is another message.
    let stranger = NewPart {
        sender: BEN.into(),
        ..part(2).unwrap()
    };
    let stored = store
        .receive("X2", Some(stranger), at(NOON), reply)
        .await
        .unwrap();
    assert_eq!(stored, Stored::PartOfMore);
    drop(store);
    let store = Store::open(dir.path()).unwrap();
    let whole = store.receive("B2", part(2), at(NOON), reply).await.unwrap();
    assert_eq!(whole, Stored::Reply { confirmed: false });
    let everything = read_everything(dir.path()).unwrap();
    let bodies: Vec<_> = everything
        .texts
        .iter()
        .map(|text| text.body.as_str())
        .collect();
    assert_eq!(bodies, ["A1+B2+C3"]);
}

#[tokio::test]
async fn a_setting_is_checked_kept_and_read_beside_the_daemon() {
    let Fixture { store, dir } = fixture();
    store
        .change_setting("business.name", "Acme Plumbing")
        .await
        .unwrap()
        .unwrap();
    let refusal = store
        .change_setting("texts.cooldown_h", "soon")
        .await
        .unwrap()
        .unwrap_err();
    assert!(
        refusal.to_string().contains("720"),
        "says what would be good: {refusal}"
    );
    let beside = read_settings(dir.path()).unwrap();
    assert_eq!(beside.value("business.name"), Ok("Acme Plumbing"));
}

#[tokio::test]
async fn only_a_write_that_changed_something_counts_as_a_change() {
    let Fixture { store, .. } = fixture();
    let mut changes = store.changes();
    assert_eq!(claim(&store, NOON).await, Next::Nothing);
    assert!(!changes.has_changed().unwrap());
    text(&store, ANNA, NOON).await;
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();
}

#[tokio::test]
async fn days_are_counted_by_their_beginnings() {
    let Fixture { store, .. } = fixture();
    for when in [
        "2026-02-27T10:00:00Z",
        "2026-03-01T23:59:59Z",
        "2026-03-02T00:00:00Z",
        NOON,
    ] {
        text(&store, ANNA, when).await;
    }
    for _ in 0..3 {
        let text = claimed(&store, NOON).await;
        store
            .part_taken(text.id, 1, 1, None, at(NOON))
            .await
            .unwrap();
    }
    let days = vec![at("2026-03-01T00:00:00Z"), at("2026-03-02T00:00:00Z")];
    let overview = store.overview(days).await.unwrap();
    let counts: Vec<_> = overview
        .days
        .iter()
        .map(|day| (day.calls, day.texted))
        .collect();
    assert_eq!(counts, [(1, 1), (2, 1)], "the last text still waits");
    assert_eq!(overview.calls.len(), 4);
    assert_eq!(overview.calls[0].started_at, at(NOON), "newest first");
}

#[tokio::test]
async fn a_network_that_still_tries_has_the_text() {
    let Fixture { store, .. } = fixture();
    text(&store, ANNA, NOON).await;
    let text = claimed(&store, NOON).await;
    let unconfirmed = Transition::Unconfirmed {
        until: at(NOON),
        error: "silence".into(),
    };
    store.settle(text.id, unconfirmed).await.unwrap();
    let report = |outcome| Report {
        reference: 9,
        recipient: ANNA.into(),
        outcome,
    };
    let tries = store
        .reported(report(ReportOutcome::Taken), at(NOON))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(tries.state, TextState::Sent);
    assert_eq!(
        claim(&store, "2026-03-02T12:30:00Z").await,
        Next::Nothing,
        "no second copy"
    );
    let arrived = store
        .reported(report(ReportOutcome::Delivered), at(NOON))
        .await
        .unwrap();
    assert_eq!(arrived.map(|found| found.state), Some(TextState::Delivered));
}

#[tokio::test]
async fn a_clock_set_back_holds_nothing() {
    let Fixture { store, .. } = fixture();
    text(&store, ANNA, NOON).await;
    assert_eq!(claimed(&store, "2026-03-02T09:00:00Z").await.number, ANNA);
}

#[tokio::test]
async fn unconfirmed_texts_wait_for_reports_from_the_modem_that_came_back() {
    let Fixture { store, .. } = fixture();
    text(&store, ANNA, NOON).await;
    let text = claimed(&store, NOON).await;
    let unconfirmed = Transition::Unconfirmed {
        until: at(NOON),
        error: "silence".into(),
    };
    store.settle(text.id, unconfirmed).await.unwrap();
    let until = at("2026-03-02T12:08:00Z");
    store.await_reports(until).await.unwrap();
    assert_eq!(
        claim(&store, "2026-03-02T12:05:00Z").await,
        Next::Wait(until)
    );
}
