//! What is removed by its age, and what never is.

use super::*;

const NOW: &str = "2027-06-01T12:00:00Z";
/// 400 days before, and a minute more or less.
const KEPT: &str = "2026-04-27T12:01:00Z";
const OLD: &str = "2026-04-27T11:59:00Z";

async fn thin(store: &Store, now: &str) -> (u64, u64) {
    let mut thinned = Thinned::default();
    while !thinned.done {
        thinned = store.thin(at(now), thinned).await.unwrap();
    }
    (thinned.calls, thinned.texts)
}

/// A call whose text has left.
async fn texted(store: &Store, to: &'static str, when: &str) {
    text(store, to, when).await;
    let text = claimed(store, when).await;
    let taken = store.part_taken(text.id, 1, 1, Some(7), at(when));
    taken.await.unwrap();
}

async fn skipped(store: &Store, when: &str) {
    let skip = |_: &Facts<'_>, _: &Settings| (Decision::Skip(SkipReason::Withheld), None);
    store.end_call(ended(ANNA, when), skip).await.unwrap();
}

async fn count(store: &Store, what: &str) -> u32 {
    let count = format!("SELECT count(*) FROM {what}");
    let mut ground = store.ground.lock().await;
    let count = ground.connection().query_row(&count, [], |row| row.get(0));
    count.unwrap()
}

#[tokio::test]
async fn what_is_older_than_the_owner_keeps_goes_and_nothing_else() {
    let Fixture { store, dir } = fixture();
    let stop = |pdus: &[Option<String>]| NewReply {
        keyword: Some(crate::rules::Keyword::Stop),
        ..reply(pdus)
    };
    let part = NewPart {
        sender: ANNA.into(),
        reference: 9,
        bits: 8,
        total: 3,
        sequence: 1,
    };
    for when in [OLD, KEPT] {
        texted(&store, BEN, when).await;
        skipped(&store, when).await;
        store.receive(when, None, at(when), stop).await.unwrap();
        let part = Some(part.clone());
        let pdu = format!("{when}, a part");
        store.receive(&pdu, part, at(when), reply).await.unwrap();
        for list in List::ALL {
            let anna = number(ANNA);
            let listed = store.list_person(list, &anna, "", at(when));
            listed.await.unwrap().unwrap();
        }
    }
    // A clock that was wrong for a moment, and the newest rows of all.
    texted(&store, BEN, OLD).await;
    skipped(&store, OLD).await;
    assert_eq!(count(&store, "calls").await, 6);
    assert_eq!(thin(&store, NOW).await, (2, 2));
    assert_eq!(count(&store, "calls").await, 4);
    assert_eq!(count(&store, "texts").await, 3);
    assert_eq!(count(&store, "text_parts").await, 2);
    assert_eq!(count(&store, "received").await, 2);
    for list in ["opted_out", "never_text", "contacts"] {
        assert_eq!(count(&store, list).await, 1, "{list}");
    }
    let left = read_everything(dir.path()).unwrap();
    assert!(
        left.calls
            .iter()
            .take(2)
            .all(|call| call.started_at == at(KEPT))
    );
    assert_eq!(thin(&store, NOW).await, (0, 0));
    // The owner keeps less.
    store
        .change_setting("data.keep_days", "35", Timestamp::UNIX_EPOCH)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(thin(&store, NOW).await, (2, 2));
    assert_eq!(
        count(&store, "calls").await,
        2,
        "numbers are never given twice"
    );
    assert_eq!(count(&store, "pragma_foreign_key_check").await, 0);
}

#[tokio::test]
async fn what_is_under_way_or_still_spoken_of_stays() {
    let Fixture { store, .. } = fixture();
    // Rings, waits, is with the modem, is unconfirmed.
    let rings = store.call_rings(None, Caller::Withheld, at(OLD));
    rings.await.unwrap();
    for _ in 0..3 {
        text(&store, BEN, OLD).await;
    }
    claimed(&store, OLD).await;
    let text = claimed(&store, OLD).await;
    let unconfirmed = Transition::Unconfirmed {
        until: at(KEPT),
        error: "it fell silent".to_owned(),
    };
    store.settle(text.id, unconfirmed, at(OLD)).await.unwrap();
    // Told of late: the call is old, what tells of it and its text are not.
    let late = |pdus: &[Option<String>]| NewReply {
        notice: Some(NoticedCall {
            number: number(ANNA),
            at: at(OLD),
        }),
        ..reply(pdus)
    };
    let noticed = store.receive("AA", None, at(KEPT), late).await.unwrap();
    let Stored::Reply {
        call: Some(call), ..
    } = noticed
    else {
        panic!("it tells of a call");
    };
    let call = EndedCall {
        row: Some(call.row),
        decided_at: at(KEPT),
        ..ended(ANNA, OLD)
    };
    let judge = move |_: &Facts<'_>, _: &Settings| {
        (Decision::Text(Occasion::MissedCall), Some(sorry(ANNA)))
    };
    store.end_call(call, judge).await.unwrap();
    // The same, and nothing is decided about that call.
    let told = |pdus: &[Option<String>]| NewReply {
        notice: Some(NoticedCall {
            number: number("+12025550166"),
            at: at(OLD),
        }),
        ..reply(pdus)
    };
    store.receive("BB", None, at(OLD), told).await.unwrap();
    skipped(&store, NOW).await;
    super::text(&store, BEN, NOW).await;
    assert_eq!(thin(&store, NOW).await, (0, 0));
}

#[tokio::test]
async fn a_message_that_may_still_lie_on_the_sim_is_remembered() {
    let Fixture { store, .. } = fixture();
    for pdu in ["AA", "BB"] {
        store.receive(pdu, None, at(OLD), reply).await.unwrap();
    }
    // Read at a time when the clock was right again.
    let read = format!("UPDATE received SET received_at = {}", millis(at(KEPT)));
    let mut ground = store.ground.lock().await;
    ground.connection().execute_batch(&read).unwrap();
    drop(ground);
    assert_eq!(thin(&store, NOW).await, (0, 0));
    let again = store.receive("AA", None, at(NOW), reply).await.unwrap();
    assert_eq!(again, Stored::Twice);
}

#[tokio::test]
async fn more_than_a_batch_goes_in_batches() {
    let Fixture { store, .. } = fixture();
    for _ in 0..101 {
        skipped(&store, OLD).await;
    }
    skipped(&store, NOW).await;
    let first = store.thin(at(NOW), Thinned::default()).await.unwrap();
    assert_eq!((first.calls, first.done), (50, false));
    assert_eq!(thin(&store, NOW).await, (51, 0));
    assert_eq!(count(&store, "calls").await, 1);
}
