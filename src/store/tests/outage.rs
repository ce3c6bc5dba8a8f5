//! Which callers wait for what the box does next, and which of them in vain.

use super::*;

async fn pending(store: &Store, when: &str) -> Pending {
    store.pending(at(when)).await.unwrap()
}

fn not_texted(since: &str, callers: u32) -> Pending {
    let since = at(since);
    Pending {
        callers,
        overdue: Some(Overdue::NotTexted { since, callers }),
    }
}

const NOBODY: Pending = Pending {
    callers: 0,
    overdue: None,
};

#[tokio::test]
async fn a_text_that_has_not_left_is_late_after_a_minute_and_for_an_hour() {
    let Fixture { store, .. } = fixture();
    assert_eq!(pending(&store, NOON).await, NOBODY);
    text(&store, ANNA, NOON).await;
    text(&store, BEN, "2026-03-02T12:00:30Z").await;
    let in_time = Pending {
        callers: 2,
        overdue: None,
    };
    assert_eq!(pending(&store, "2026-03-02T12:00:59Z").await, in_time);
    let first = Overdue::NotTexted {
        since: at(NOON),
        callers: 1,
    };
    let one_late = Pending {
        callers: 2,
        overdue: Some(first),
    };
    assert_eq!(pending(&store, "2026-03-02T12:01:00Z").await, one_late);
    let both = not_texted(NOON, 2);
    assert_eq!(pending(&store, "2026-03-02T12:01:30Z").await, both);
    // With the modem, it has not left either.
    let with_modem = claimed(&store, "2026-03-02T12:01:30Z").await;
    assert_eq!(pending(&store, "2026-03-02T12:01:40Z").await, both);
    let taken = store.part_taken(with_modem.id, 1, 1, Some(7), at("2026-03-02T12:01:50Z"));
    taken.await.unwrap();
    let ben = not_texted("2026-03-02T12:00:30Z", 1);
    assert_eq!(pending(&store, "2026-03-02T12:02:00Z").await, ben);
    assert_eq!(pending(&store, "2026-03-02T13:00:31Z").await, NOBODY);
}

#[tokio::test]
async fn what_the_fence_of_a_minute_holds_has_a_reason_and_what_an_error_holds_has_none() {
    for (error, expected) in [
        (None, None),
        (
            Some("busy"),
            Some(Overdue::NotTexted {
                since: at(NOON),
                callers: 1,
            }),
        ),
    ] {
        let Fixture { store, .. } = fixture();
        text(&store, ANNA, NOON).await;
        let wait = move |_: &_, _: &_, _: &[_]| Transition::Wait {
            until: at("2026-03-02T12:03:00Z"),
            error: error.map(str::to_owned),
        };
        store.claim_next(at(NOON), wait).await.unwrap();
        let found = pending(&store, "2026-03-02T12:02:00Z").await;
        assert_eq!((found.callers, found.overdue), (1, expected), "{error:?}");
    }
}

#[tokio::test]
async fn a_call_that_rings_for_ten_minutes_has_been_forgotten() {
    let Fixture { store, .. } = fixture();
    let caller = Caller::Number(number(ANNA));
    let row = store.call_rings(None, caller, at(NOON)).await.unwrap();
    let rings = Pending {
        callers: 1,
        overdue: None,
    };
    assert_eq!(pending(&store, "2026-03-02T12:09:59Z").await, rings);
    let forgotten = Pending {
        callers: 1,
        overdue: Some(Overdue::Undecided {
            since: at(NOON),
            callers: 1,
        }),
    };
    assert_eq!(pending(&store, "2026-03-02T12:10:00Z").await, forgotten);
    let call = EndedCall {
        row: Some(row),
        ..ended(ANNA, NOON)
    };
    let skip = |_: &Facts<'_>, _: &Settings| (Decision::Skip(SkipReason::PickedUp), None);
    store.end_call(call, skip).await.unwrap();
    assert_eq!(pending(&store, "2026-03-02T12:10:00Z").await, NOBODY);
}
