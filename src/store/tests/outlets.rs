//! What is told elsewhere, on a real file: written with what it tells of, handed out in order, kept until it is done with.

use std::time::Duration;

use super::*;
use crate::delivery::Verdict;
use crate::events::Outlet;

const HOOK: Outlet = Outlet::Webhook;

async fn switched_on(store: &Store, outlets: &[Outlet]) {
    let on = outlets.iter().map(|outlet| (*outlet, "here".to_owned()));
    store.switch_outlets(on.collect()).await.unwrap();
}

async fn next(store: &Store, outlet: Outlet, when: &str) -> Option<Delivery> {
    match store.next_delivery(outlet, at(when)).await.unwrap() {
        NextDelivery::Deliver(delivery) => Some(delivery),
        NextDelivery::Wait(_) | NextDelivery::Nothing => None,
    }
}

/// Its kind, and whom it is about.
fn what(delivery: &Delivery) -> (String, &str) {
    let body: serde_json::Value = serde_json::from_str(&delivery.body).unwrap();
    let kind = body["type"].as_str().unwrap().to_owned();
    (kind, delivery.conversation.as_str())
}

async fn tried(store: &Store, delivery: &Delivery, verdict: Verdict, away: bool, when: &str) {
    let error = (verdict != Verdict::Delivered).then(|| "no".to_owned());
    let written = store.delivery_tried(HOOK, delivery, verdict, error, away, at(when));
    written.await.unwrap();
}

/// Takes and delivers everything that is due.
async fn drain(store: &Store, outlet: Outlet, when: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    while let Some(delivery) = next(store, outlet, when).await {
        let (kind, whom) = what(&delivery);
        all.push((kind, whom.to_owned()));
        let done =
            store.delivery_tried(outlet, &delivery, Verdict::Delivered, None, false, at(when));
        done.await.unwrap();
    }
    all
}

async fn taken(store: &Store, when: &str) {
    let text = claimed(store, when).await;
    store
        .part_taken(text.id, 1, 1, Some(7), at(when))
        .await
        .unwrap();
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(kind, whom): &(&str, &str)| ((*kind).to_owned(), (*whom).to_owned());
    expected.iter().map(owned).collect()
}

#[tokio::test]
async fn nothing_is_written_while_no_outlet_is_on() {
    let Fixture { store, .. } = fixture();
    store.switch_outlets(vec![]).await.unwrap();
    text(&store, ANNA, NOON).await;
    taken(&store, NOON).await;
    store.receive("pdu", None, at(NOON), reply).await.unwrap();
    store.tell_health(false, None, at(NOON)).await.unwrap();
    let mut ground = store.ground.lock().await;
    let count = "SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM deliveries)";
    let count: u32 = ground
        .connection()
        .query_row(count, [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 0);
}

#[tokio::test]
async fn each_outlet_is_told_what_it_wants_to_know_in_order() {
    let Fixture { store, .. } = fixture();
    switched_on(&store, &[Outlet::Webhook, Outlet::Push]).await;
    text(&store, ANNA, NOON).await;
    taken(&store, NOON).await;
    store.receive("pdu", None, at(NOON), reply).await.unwrap();
    text(&store, BEN, NOON).await;
    let failing = claimed(&store, NOON).await;
    let failure = Transition::Fail(Failure::Unsendable("too long".to_owned()));
    store.settle(failing.id, failure, at(NOON)).await.unwrap();
    assert_eq!(
        drain(&store, Outlet::Webhook, NOON).await,
        pairs(&[
            ("call.missed", ANNA),
            ("text.sent", ANNA),
            ("reply.received", ANNA),
            ("call.missed", BEN),
            ("text.failed", BEN),
        ])
    );
    assert_eq!(
        drain(&store, Outlet::Push, NOON).await,
        pairs(&[
            ("call.missed", ANNA),
            ("reply.received", ANNA),
            ("call.missed", BEN),
            ("text.failed", BEN),
        ])
    );
}

#[tokio::test]
async fn a_call_that_somebody_took_is_not_told_of_as_missed() {
    let Fixture { store, .. } = fixture();
    switched_on(&store, &[HOOK]).await;
    let call = EndedCall {
        picked_up: true,
        ..ended(ANNA, NOON)
    };
    let skip = |_: &Facts<'_>, _: &Settings| (Decision::Skip(SkipReason::PickedUp), None);
    store.end_call(call, skip).await.unwrap();
    assert_eq!(next(&store, HOOK, NOON).await, None);
}

#[tokio::test]
async fn a_delivery_that_fails_holds_its_own_conversation_back_and_no_other() {
    let Fixture { store, .. } = fixture();
    switched_on(&store, &[HOOK]).await;
    text(&store, ANNA, NOON).await;
    store.receive("pdu", None, at(NOON), reply).await.unwrap();
    text(&store, BEN, NOON).await;
    let first = next(&store, HOOK, NOON).await.unwrap();
    assert_eq!(
        (what(&first), first.attempts),
        (("call.missed".to_owned(), ANNA), 0)
    );
    tried(
        &store,
        &first,
        Verdict::Again(Duration::from_secs(60)),
        false,
        NOON,
    )
    .await;
    assert_eq!(
        drain(&store, HOOK, NOON).await,
        pairs(&[("call.missed", BEN)])
    );
    let due = at("2026-03-02T12:01:00Z");
    assert_eq!(
        store.next_delivery(HOOK, at(NOON)).await.unwrap(),
        NextDelivery::Wait(due)
    );
    let again = next(&store, HOOK, "2026-03-02T12:01:00Z").await.unwrap();
    assert_eq!((&again.name, again.attempts), (&first.name, 1));
    // A clock that was set back must not hold it for years.
    assert!(next(&store, HOOK, "2020-01-01T00:00:00Z").await.is_some());
    tried(&store, &again, Verdict::Dead, false, "2026-03-02T12:01:00Z").await;
    assert_eq!(
        drain(&store, HOOK, "2026-03-02T12:01:00Z").await,
        pairs(&[("reply.received", ANNA)])
    );
    let view = store.outlets().await.unwrap().remove(0);
    assert_eq!((view.waiting, view.dead.len()), (0, 1));
    assert_eq!(
        (view.dead[0].kind.as_str(), view.dead[0].error.as_str()),
        ("call.missed", "no")
    );
}

#[tokio::test]
async fn what_was_given_up_is_delivered_again_in_its_order_when_somebody_says_so() {
    const LATER: &str = "2026-03-04T12:00:00Z";
    let Fixture { store, .. } = fixture();
    switched_on(&store, &[HOOK, Outlet::Push]).await;
    text(&store, ANNA, NOON).await;
    store.receive("pdu", None, at(NOON), reply).await.unwrap();
    let mut given_up = Vec::new();
    while let Some(delivery) = next(&store, HOOK, NOON).await {
        tried(&store, &delivery, Verdict::Dead, true, NOON).await;
        given_up.push(delivery.name);
    }
    let view = store.outlets().await.unwrap().remove(0);
    assert_eq!((view.given_up, view.dead.len(), view.waiting), (2, 2, 0));

    assert_eq!(store.deliver_again(HOOK, at(LATER)).await.unwrap(), 2);
    assert_eq!(store.deliver_again(HOOK, at(LATER)).await.unwrap(), 0);
    let view = store.outlets().await.unwrap().remove(0);
    assert_eq!((view.given_up, view.waiting, view.error), (0, 2, None));
    let first = next(&store, HOOK, LATER).await.unwrap();
    assert_eq!((&first.name, first.attempts), (&given_up[0], 0));
    assert_eq!(
        drain(&store, HOOK, LATER).await,
        pairs(&[("call.missed", ANNA), ("reply.received", ANNA)])
    );
    // Nobody else is told again.
    assert_eq!(drain(&store, Outlet::Push, LATER).await.len(), 2);

    text(&store, BEN, LATER).await;
    let last = next(&store, HOOK, LATER).await.unwrap();
    tried(&store, &last, Verdict::Stopped, false, LATER).await;
    assert_eq!(store.deliver_again(HOOK, at(LATER)).await.unwrap(), 0);
    let elsewhere = vec![(HOOK, "there".to_owned())];
    store.switch_outlets(elsewhere).await.unwrap();
    assert_eq!(store.deliver_again(HOOK, at(LATER)).await.unwrap(), 1);
    store.switch_outlets(vec![]).await.unwrap();
    assert_eq!(store.deliver_again(HOOK, at(LATER)).await.unwrap(), 0);
}

#[tokio::test]
async fn once_a_receiver_is_back_what_only_waited_for_that_waits_no_longer() {
    let Fixture { store, .. } = fixture();
    switched_on(&store, &[HOOK]).await;
    let hour = Verdict::Again(Duration::from_secs(3600));
    for (caller, away) in [(ANNA, true), (BEN, false), ("+12025550199", true)] {
        text(&store, caller, NOON).await;
        let delivery = next(&store, HOOK, NOON).await.unwrap();
        tried(&store, &delivery, hour.clone(), away, NOON).await;
    }
    text(&store, "+12025550111", NOON).await;
    assert_eq!(
        drain(&store, HOOK, NOON).await,
        pairs(&[
            ("call.missed", "+12025550111"),
            ("call.missed", ANNA),
            ("call.missed", "+12025550199"),
        ])
    );
}

#[tokio::test]
async fn an_outlet_that_is_stopped_or_off_is_told_nothing_until_it_leads_elsewhere() {
    let Fixture { store, .. } = fixture();
    switched_on(&store, &[HOOK]).await;
    text(&store, ANNA, NOON).await;
    text(&store, BEN, NOON).await;
    let first = next(&store, HOOK, NOON).await.unwrap();
    tried(&store, &first, Verdict::Stopped, false, NOON).await;
    text(&store, "+12025550199", NOON).await;
    // The same place after a restart.
    switched_on(&store, &[HOOK]).await;
    assert_eq!(next(&store, HOOK, NOON).await, None);
    let view = store.outlets().await.unwrap().remove(0);
    assert_eq!(
        (view.stopped.as_deref(), view.waiting, view.dead.len()),
        (Some("no"), 0, 2)
    );
    let elsewhere = vec![(HOOK, "there".to_owned())];
    store.switch_outlets(elsewhere).await.unwrap();
    text(&store, "+12025550111", NOON).await;
    assert_eq!(
        drain(&store, HOOK, NOON).await,
        pairs(&[("call.missed", "+12025550111")])
    );
    text(&store, "+12025550112", NOON).await;
    store.switch_outlets(vec![]).await.unwrap();
    assert_eq!(store.outlets().await.unwrap(), []);
    switched_on(&store, &[HOOK]).await;
    assert_eq!(next(&store, HOOK, NOON).await, None);
}

#[tokio::test]
async fn how_the_box_is_doing_is_told_when_it_is_news() {
    let Fixture { store, .. } = fixture();
    switched_on(&store, &[HOOK]).await;
    for (healthy, told) in [(true, 0), (false, 1), (false, 0), (true, 1), (true, 0)] {
        let why = (!healthy).then(|| "No modem.".to_owned());
        store.tell_health(healthy, why, at(NOON)).await.unwrap();
        assert_eq!(drain(&store, HOOK, NOON).await.len(), told, "{healthy}");
    }
}

#[tokio::test]
async fn a_long_text_that_is_completed_late_is_told_of_again() {
    let Fixture { store, .. } = fixture();
    switched_on(&store, &[HOOK]).await;
    let part = |sequence| {
        Some(NewPart {
            sender: ANNA.into(),
            reference: 9,
            bits: 8,
            total: 2,
            sequence,
        })
    };
    store
        .receive("one", part(1), at(NOON), reply)
        .await
        .unwrap();
    assert_eq!(next(&store, HOOK, NOON).await, None);
    let tomorrow = "2026-03-03T12:00:01Z";
    assert_eq!(store.show_incomplete(at(tomorrow), reply).await.unwrap(), 1);
    store
        .receive("two", part(2), at(tomorrow), reply)
        .await
        .unwrap();
    let mut told = Vec::new();
    while let Some(delivery) = next(&store, HOOK, tomorrow).await {
        let body: serde_json::Value = serde_json::from_str(&delivery.body).unwrap();
        let data = &body["data"];
        told.push((
            data["text_id"].clone(),
            data["body"].clone(),
            data["complete"].clone(),
        ));
        tried(&store, &delivery, Verdict::Delivered, false, tomorrow).await;
    }
    let expected = [
        (1.into(), "one+?".into(), false.into()),
        (1.into(), "one+two".into(), true.into()),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn old_events_go_with_their_deliveries() {
    let Fixture { store, .. } = fixture();
    switched_on(&store, &[HOOK]).await;
    text(&store, ANNA, NOON).await;
    text(&store, BEN, "2027-05-01T12:00:00Z").await;
    let mut thinned = Thinned::default();
    while !thinned.done {
        thinned = store
            .thin(at("2027-06-01T12:00:00Z"), thinned)
            .await
            .unwrap();
    }
    let left = drain(&store, HOOK, "2027-06-01T12:00:00Z").await;
    assert_eq!(left, pairs(&[("call.missed", BEN)]));
}

/// More than may wait: the oldest is given up, and is there to be seen.
#[tokio::test]
async fn when_too_much_waits_the_oldest_is_given_up() {
    let Fixture { store, .. } = fixture();
    switched_on(&store, &[HOOK]).await;
    text(&store, ANNA, NOON).await;
    {
        let mut ground = store.ground.lock().await;
        let fill = "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
             INSERT INTO deliveries (event_id, outlet, conversation, state, not_before)
             SELECT 1, 'webhook', i, 'queued', 0 FROM n";
        ground.connection().execute(fill, []).unwrap();
    }
    let waiting = || async { store.outlets().await.unwrap().remove(0) };
    assert_eq!(
        (waiting().await.waiting, waiting().await.dead.len()),
        (10_000, 0)
    );
    text(&store, BEN, NOON).await;
    let view = waiting().await;
    assert_eq!((view.waiting, view.dead.len()), (10_000, 1));
    assert_eq!(view.dead[0].error, "more than 10000 were waiting");
    // There is room for none of them.
    assert_eq!(store.deliver_again(HOOK, at(NOON)).await.unwrap(), 0);
}

/// In memory while the disk fails, and back.
#[tokio::test]
async fn what_is_to_be_told_survives_a_disk_that_fails() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open_for_daemon(dir.path()).unwrap();
    switched_on(&store, &[HOOK]).await;
    text(&store, ANNA, NOON).await;
    {
        let mut ground = store.ground.lock().await;
        let full = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
        let full = rusqlite::Error::SqliteFailure(full, None);
        assert!(ground.leave_disk(&full, dir.path()));
        store.tell_of_trouble(&ground);
    }
    text(&store, BEN, NOON).await;
    store.return_to_disk().await;
    assert!(store.trouble().borrow().is_none());
    drop(store);
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(
        drain(&store, HOOK, NOON).await,
        pairs(&[("call.missed", ANNA), ("call.missed", BEN)])
    );
}
