//! The store on a real file: migrations, and the queries that other rooms' promises rest on.

mod copies;
mod disk;
mod fences;
mod outage;
mod outlets;
mod people;
mod reports;
mod settings;
mod thinning;
mod writing;

use rusqlite::OptionalExtension;

use super::*;
use crate::phone::PhoneNumber;
use crate::rules::{Caller, Decision, Facts, SkipReason};
use crate::settings::Settings;
use crate::text::{Failure, Report, ReportOutcome, Suspicion, TextKind, TextState, Transition};
use crate::wording::Occasion;

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
    }
}

fn sorry(to: &str) -> NewText {
    NewText {
        kind: TextKind::MissedCall,
        number: number(to),
        body: "Sorry".into(),
        late: Some("Sorry, late".into()),
    }
}

const ANNA: &str = "+12025550143";
const BEN: &str = "+12025550188";
/// The first copy, in time.
const SEND: Transition = Transition::Send {
    again: false,
    late: false,
};
const NOON: &str = "2026-03-02T12:00:00Z";

async fn text(store: &Store, to: &'static str, when: &str) {
    let judge =
        move |_: &Facts<'_>, _: &Settings| (Decision::Text(Occasion::MissedCall), Some(sorry(to)));
    store.end_call(ended(to, when), judge).await.unwrap();
}

async fn claim(store: &Store, when: &str) -> Next {
    store.claim_next(at(when), |_, _, _| SEND).await.unwrap()
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
        refusal.to_string().contains("textback restore"),
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
    assert_eq!(pragmas, ("wal".to_owned(), 3), "3 is EXTRA");
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
                sender.send((facts.last_text_at, facts.counts.day)).unwrap();
                (Decision::Text(Occasion::MissedCall), None)
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
        .settle(text.id, Transition::Fail(Failure::TooLate), at(NOON))
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
async fn of_those_that_are_due_the_oldest_goes_first_however_long_it_was_held() {
    let Fixture { store, .. } = fixture();
    for (to, until) in [
        (ANNA, "2026-03-02T12:05:00Z"),
        (BEN, "2026-03-02T12:01:00Z"),
    ] {
        text(&store, to, NOON).await;
        let text = claimed(&store, NOON).await;
        let held = Transition::Wait {
            until: at(until),
            error: None,
        };
        store.settle(text.id, held, at(NOON)).await.unwrap();
    }
    assert_eq!(
        claim(&store, "2026-03-02T12:00:30Z").await,
        Next::Wait(at("2026-03-02T12:01:00Z"))
    );
    assert_eq!(claimed(&store, "2026-03-02T12:06:00Z").await.number, ANNA);
    assert_eq!(claimed(&store, "2026-03-02T12:06:00Z").await.number, BEN);
}

#[tokio::test]
async fn the_minute_counts_what_left_whatever_waits_behind_it() {
    let Fixture { store, .. } = fixture();
    store
        .change_setting("texts.max_per_minute", "2", Timestamp::UNIX_EPOCH)
        .await
        .unwrap()
        .unwrap();
    for second in 0..5 {
        let when = format!("2026-03-02T12:00:0{second}Z");
        let judge = move |_: &Facts<'_>, _: &Settings| {
            (Decision::Text(Occasion::MissedCall), Some(sorry(ANNA)))
        };
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
        SEND
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

fn reply(pdus: &[Option<String>]) -> NewReply {
    NewReply {
        sender: Some(ANNA.to_owned()),
        body: pdus
            .iter()
            .map(|pdu| pdu.as_deref().unwrap_or("?"))
            .collect::<Vec<_>>()
            .join("+"),
        keyword: None,
        confirmation: None,
        danger: None,
        advice: None,
        notice: None,
        is_picture: false,
        home: None,
        hindrance: None,
    }
}

#[tokio::test]
async fn a_message_read_twice_is_stored_once() {
    let Fixture { store, .. } = fixture();
    let first = store.receive("00AA", None, at(NOON), reply).await.unwrap();
    assert_eq!(
        first,
        Stored::Reply {
            confirmed: false,
            call: None
        }
    );
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
    assert_eq!(
        whole,
        Stored::Reply {
            confirmed: false,
            call: None
        }
    );
    let everything = read_everything(dir.path()).unwrap();
    let bodies: Vec<_> = everything
        .texts
        .iter()
        .map(|text| text.body.as_str())
        .collect();
    assert_eq!(bodies, ["A1+B2+C3"]);
}

#[tokio::test]
async fn a_number_is_left_alone_for_a_quarter_of_a_year_after_it_failed_for_good() {
    let Fixture { store, .. } = fixture();
    text(&store, ANNA, NOON).await;
    let text = claimed(&store, NOON).await;
    let refused = Failure::Refused {
        said: "+CMS ERROR 1: unassigned number".to_owned(),
        number: Some(Suspicion::Certain),
    };
    store
        .settle(text.id, Transition::Fail(refused), at(NOON))
        .await
        .unwrap();
    let decide = async |when: &str| {
        let judge =
            |facts: &Facts<'_>, settings: &Settings| (crate::rules::decide(facts, settings), None);
        store.end_call(ended(ANNA, when), judge).await.unwrap()
    };
    let Decision::Skip(reason) = decide("2026-03-05T12:00:00Z").await else {
        panic!("it is left alone");
    };
    assert_eq!(
        reason.sentence(),
        "Not texted: a text to this number failed for good 3 days ago. The network said: unassigned number."
    );
    let stored = SkipReason::from_stored(reason.token(), reason.detail().as_deref());
    assert_eq!(stored, Some(reason));
    assert!(matches!(
        decide("2026-05-31T11:59:59Z").await,
        Decision::Skip(_)
    ));
    assert_eq!(
        decide("2026-05-31T12:00:00Z").await,
        Decision::Text(Occasion::MissedCall)
    );
}

#[tokio::test]
async fn a_report_read_twice_settles_one_text() {
    let Fixture { store, .. } = fixture();
    text(&store, ANNA, NOON).await;
    let first = claimed(&store, NOON).await;
    store
        .part_taken(first.id, 1, 1, Some(7), at(NOON))
        .await
        .unwrap();
    let report = Report {
        reference: 7,
        recipient: ANNA.to_owned(),
        stamp: Some(at(NOON)),
        outcome: ReportOutcome::Delivered,
    };
    let found = store.reported(report.clone(), at(NOON)).await.unwrap();
    assert_eq!(found.unwrap().state, TextState::Delivered);
    text(&store, ANNA, NOON).await;
    let second = claimed(&store, NOON).await;
    let silence = Transition::Unconfirmed {
        until: at(NOON),
        error: "silence".to_owned(),
    };
    store.settle(second.id, silence, at(NOON)).await.unwrap();
    let again = store.reported(report, at(NOON)).await.unwrap();
    assert_eq!(again.unwrap().text_id, first.id);
    assert_eq!(claimed_again(&store).await, second.id);
}

async fn claimed_again(store: &Store) -> i64 {
    let judge = |_: &Outgoing, _: &Settings, _: &[Timestamp]| Transition::Send {
        again: true,
        late: false,
    };
    match store
        .claim_next(at("2026-03-02T12:04:00Z"), judge)
        .await
        .unwrap()
    {
        Next::Send(text) => text.id,
        other => panic!("nothing to send: {other:?}"),
    }
}

#[tokio::test]
async fn days_are_counted_by_their_beginnings() {
    let Fixture { store, .. } = fixture();
    for (caller, when) in [
        (ANNA, "2026-02-27T10:00:00Z"),
        (BEN, "2026-03-01T23:59:59Z"),
        (ANNA, "2026-03-02T00:00:00Z"),
        (ANNA, NOON),
    ] {
        text(&store, caller, when).await;
    }
    let wrote = store.receive("AA", None, at("2026-03-02T11:00:00Z"), reply);
    wrote.await.unwrap();
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
        .map(|day| (day.calls, day.texted, day.answered))
        .collect();
    assert_eq!(counts, [(1, 1, 0), (2, 1, 1)], "the last text still waits");
    let weeks = vec![at("2026-02-23T00:00:00Z"), at("2026-03-02T00:00:00Z")];
    let weeks = store.count_calls(weeks).await.unwrap();
    let calls: Vec<u32> = weeks.iter().map(|week| week.calls).collect();
    assert_eq!(calls, [2, 2]);
    assert_eq!(overview.calls.len(), 4);
    assert_eq!(overview.calls[0].started_at, at(NOON), "newest first");
}

#[tokio::test]
async fn a_clock_set_back_holds_nothing() {
    let Fixture { store, .. } = fixture();
    text(&store, ANNA, NOON).await;
    assert_eq!(claimed(&store, "2026-03-02T09:00:00Z").await.number, ANNA);
}

#[tokio::test]
async fn a_call_long_past_that_an_operator_tells_of_hides_no_later_one_from_the_week() {
    let Fixture { store, .. } = fixture();
    text(&store, ANNA, NOON).await;
    let told_late = |pdus: &[Option<String>]| NewReply {
        notice: Some(NoticedCall {
            number: number(BEN),
            at: at("2026-02-01T12:00:00Z"),
        }),
        ..reply(pdus)
    };
    let stored = store.receive("AA", None, at(NOON), told_late).await;
    let Stored::Reply {
        call: Some(call), ..
    } = stored.unwrap()
    else {
        panic!("it tells of a call");
    };
    let too_late = EndedCall {
        row: Some(call.row),
        ..ended(BEN, "2026-02-01T12:00:00Z")
    };
    let skip = |_: &Facts<'_>, _: &Settings| (Decision::Skip(SkipReason::TooLate), None);
    store.end_call(too_late, skip).await.unwrap();
    let overview = store.overview(vec![at("2026-03-01T00:00:00Z")]).await;
    assert_eq!(overview.unwrap().days[0].calls, 1);
}

#[tokio::test]
async fn once_a_text_got_through_the_others_wait_no_longer() {
    let Fixture { store, .. } = fixture();
    for caller in [ANNA, BEN] {
        text(&store, caller, NOON).await;
    }
    let (anna, ben) = (claimed(&store, NOON).await, claimed(&store, NOON).await);
    let until = at("2026-03-02T12:05:00Z");
    let wait = Transition::Wait {
        until,
        error: Some("no network".to_owned()),
    };
    store.settle(anna.id, wait, at(NOON)).await.unwrap();
    // An ill modem that is tried again tells nothing yet.
    let now = at("2026-03-02T12:00:30Z");
    store.modem_is_back(now, now, true).await.unwrap();
    assert_eq!(
        claim(&store, "2026-03-02T12:00:30Z").await,
        Next::Wait(until)
    );
    store.part_taken(ben.id, 1, 1, Some(1), now).await.unwrap();
    assert_eq!(claimed(&store, "2026-03-02T12:00:30Z").await.id, anna.id);
}
