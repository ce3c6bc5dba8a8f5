//! What a write tells the others, and what one that failed means.

use super::*;
use crate::text::Failure;

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
async fn what_changes_nothing_writes_nothing() {
    let Fixture { store, dir } = fixture();
    let log = dir.path().join("textback.db-wal");
    text(&store, ANNA, NOON).await;
    let claimed = claimed(&store, NOON).await;
    let taken = store.part_taken(claimed.id, 1, 1, Some(7), at(NOON));
    taken.await.unwrap();
    let receive = |body| store.receive(body, None, at(NOON), reply);
    receive("AA").await.unwrap();
    let written = std::fs::read(&log).unwrap();
    for _ in 0..3 {
        assert_eq!(claim(&store, NOON).await, Next::Nothing);
        assert_eq!(store.recover(at(NOON)).await.unwrap(), 0);
        assert_eq!(receive("AA").await.unwrap(), Stored::Twice);
        let late = Transition::Fail(Failure::TooLate);
        store.settle(claimed.id, late, at(NOON)).await.unwrap();
        store.healing_ended("helped").await.unwrap();
        let mut thinned = Thinned::default();
        while !thinned.done {
            thinned = store.thin(at(NOON), thinned).await.unwrap();
        }
        store.overview(vec![at(NOON)]).await.unwrap();
    }
    assert!(std::fs::read(&log).unwrap() == written);
}

#[tokio::test]
async fn a_store_that_could_not_be_written_is_tried_again_and_only_then_written() {
    let Fixture { store, dir } = fixture();
    let log = dir.path().join("textback.db-wal");
    let today = at("2026-03-02T00:00:00Z");
    let mut changes = store.changes();
    let bytes = || std::fs::read(&log).unwrap();
    let written = bytes();
    assert_eq!(store.texts_left(today).await.unwrap()[0].1, 200);
    assert!(bytes() == written, "well: nothing written");

    // Another process that holds the lock for ever.
    let at_once = Duration::ZERO;
    let mut ground = store.ground.lock().await;
    ground.connection().busy_timeout(at_once).unwrap();
    drop(ground);
    let other = Connection::open(file_in(dir.path())).unwrap();
    let hold = |on: bool| {
        let begin_or_end = if on { "BEGIN IMMEDIATE" } else { "ROLLBACK" };
        other.execute_batch(begin_or_end).unwrap();
    };
    hold(true);
    assert!(store.recover(at(NOON)).await.is_err());
    assert!(changes.has_changed().unwrap(), "open pages look again");
    changes.mark_unchanged();
    for _ in 0..2 {
        let why = store.texts_left(today).await.unwrap_err().to_string();
        assert!(why.contains("Another program holds the database"), "{why}");
    }
    assert!(!changes.has_changed().unwrap(), "once is enough");

    hold(false);
    assert_eq!(claim(&store, NOON).await, Next::Nothing);
    assert!(!changes.has_changed().unwrap(), "nothing was written yet");
    assert_eq!(store.texts_left(today).await.unwrap()[0].1, 200);
    assert!(changes.has_changed().unwrap());
    let tried = bytes();
    assert!(tried != written, "a try is a write");
    assert_eq!(store.texts_left(today).await.unwrap()[0].1, 200);
    assert!(bytes() == tried);

    hold(true);
    assert!(store.recover(at(NOON)).await.is_err());
    hold(false);
    text(&store, ANNA, NOON).await;
    let tried = bytes();
    assert_eq!(store.texts_left(today).await.unwrap()[0].1, 199);
    assert!(bytes() == tried, "a write was proof enough");
}
