//! A disk that fails under the daemon, and a file that is damaged: the store goes into memory, and back.

use std::fs;
use std::os::unix::fs::FileExt;

use super::*;
use crate::rules::Keyword;
use crate::store::ground::Ground;
use crate::store::rescue::{self, Rescued};
use crate::store::tables;
use crate::store::trouble::Cause;

const LATER: &str = "2026-03-02T12:10:00Z";
const TODAY: &str = "2026-03-02T00:00:00Z";

fn daemon() -> Fixture {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open_for_daemon(dir.path()).unwrap();
    Fixture { store, dir }
}

async fn pragma(store: &Store, name: &str, value: i64) {
    let mut ground = store.ground.lock().await;
    let set = format!("PRAGMA {name} = {value}");
    ground
        .connection()
        .query_row(&set, [], |_| Ok(()))
        .optional()
        .unwrap();
}

/// The disk has no room for another page.
async fn fill(store: &Store) {
    pragma(store, "max_page_count", 1).await;
}

/// The disk has turned read-only.
async fn make_read_only(store: &Store) {
    pragma(store, "query_only", 1).await;
}

fn words(store: &Store) -> Option<String> {
    let trouble = store.trouble();
    let trouble = trouble.borrow();
    trouble.as_ref().map(Trouble::words)
}

/// A call that is texted with more than fits into one page.
async fn long_text(store: &Store, to: &'static str, when: &str) {
    let judge = move |_: &Facts<'_>, _: &Settings| {
        let body = "long ".repeat(600);
        (
            Decision::Text(Occasion::MissedCall),
            Some(NewText { body, ..sorry(to) }),
        )
    };
    store.end_call(ended(to, when), judge).await.unwrap();
}

async fn writes(store: &Store, pdu: &str, keyword: Keyword) {
    let join = move |pdus: &[Option<String>]| NewReply {
        keyword: Some(keyword),
        ..reply(pdus)
    };
    store.receive(pdu, None, at(NOON), join).await.unwrap();
}

/// What the rules are told of a caller.
async fn facts_of(store: &Store, caller: &'static str) -> (bool, Option<Timestamp>) {
    let (sender, receiver) = std::sync::mpsc::channel();
    let judge = move |facts: &Facts<'_>, _: &Settings| {
        sender.send((facts.opted_out, facts.last_text_at)).unwrap();
        (Decision::Skip(SkipReason::TooLate), None)
    };
    store.end_call(ended(caller, LATER), judge).await.unwrap();
    receiver.recv().unwrap()
}

fn integrity(dir: &Path) -> String {
    let file = Connection::open(file_in(dir)).unwrap();
    file.query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap()
}

fn exported(dir: &Path) -> (usize, usize) {
    let everything = read_everything(dir).unwrap();
    (everything.calls.len(), everything.texts.len())
}

#[tokio::test]
async fn a_full_disk_keeps_nobody_waiting_and_gets_everything_back() {
    let Fixture { store, dir } = daemon();
    text(&store, ANNA, NOON).await;
    writes(&store, "AA", Keyword::Stop).await;
    store
        .change_setting("business.name", "Acme", Timestamp::UNIX_EPOCH)
        .await
        .unwrap()
        .unwrap();
    let mut changes = store.changes();
    changes.mark_unchanged();
    fill(&store).await;
    long_text(&store, BEN, NOON).await;
    assert!(changes.has_changed().unwrap(), "open pages look again");
    let said = words(&store).unwrap();
    for told in [
        "The disk is full.",
        "Callers are still texted",
        "lost",
        "Free some space",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
    // All that was there, and all that comes.
    writes(&store, "BB", Keyword::Start).await;
    store
        .change_setting("texts.cooldown_h", "3", Timestamp::UNIX_EPOCH)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(store.texts_left(at(TODAY)).await.unwrap()[0].1, 198);
    assert_eq!(claimed(&store, LATER).await.number, ANNA);
    assert_eq!(claimed(&store, LATER).await.number, BEN);
    assert_eq!(exported(dir.path()), (1, 2), "the file is as before");

    // Beside us the owner changes what we have not touched, and what we have.
    let beside = Store::open(dir.path()).unwrap();
    for (key, value) in [
        ("business.name", "Acme Plumbing"),
        ("texts.cooldown_h", "4"),
    ] {
        beside
            .change_setting(key, value, Timestamp::UNIX_EPOCH)
            .await
            .unwrap()
            .unwrap();
    }
    drop(beside);
    changes.mark_unchanged();
    store.return_to_disk().await;
    assert_eq!(words(&store), None);
    assert!(changes.has_changed().unwrap(), "open pages look again");
    assert!(matches!(*store.ground.lock().await, Ground::Disk(_)));
    assert_eq!(exported(dir.path()), (2, 4));
    let everything = read_everything(dir.path()).unwrap();
    assert_eq!(everything.texts[0].state, "sending");
    let settings = read_settings(dir.path()).unwrap();
    assert_eq!(settings.business_name(), Some("Acme Plumbing"));
    assert_eq!(settings.cooldown_h(), 4);
    assert!(!facts_of(&store, ANNA).await.0, "START has lifted STOP");
    drop(store);
    assert_eq!(integrity(dir.path()), "ok");
}

#[tokio::test]
async fn a_disk_that_turns_read_only_is_left_alone() {
    let Fixture { store, dir } = daemon();
    text(&store, ANNA, NOON).await;
    make_read_only(&store).await;
    let before = fs::read(rescue::beside(&file_in(dir.path()), "-wal")).unwrap();
    text(&store, BEN, NOON).await;
    let said = words(&store).unwrap();
    assert!(
        said.contains("does not do as it is asked") && said.contains("Copy the card"),
        "{said}"
    );
    assert_eq!(facts_of(&store, ANNA).await, (false, Some(at(NOON))));
    let after = fs::read(rescue::beside(&file_in(dir.path()), "-wal")).unwrap();
    assert!(before == after);
    store.return_to_disk().await;
    assert_eq!((words(&store), exported(dir.path())), (None, (3, 2)));
    // Another time.
    make_read_only(&store).await;
    text(&store, BEN, LATER).await;
    assert!(words(&store).is_some());
    store.return_to_disk().await;
    assert_eq!((words(&store), exported(dir.path())), (None, (4, 3)));
}

#[tokio::test]
async fn another_process_that_holds_the_lock_is_no_failing_disk() {
    let Fixture { store, dir } = daemon();
    let mut ground = store.ground.lock().await;
    ground.connection().busy_timeout(Duration::ZERO).unwrap();
    drop(ground);
    let other = Connection::open(file_in(dir.path())).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    store.recover(at(NOON)).await.unwrap_err();
    assert_eq!(words(&store), None);
}

#[tokio::test]
async fn a_return_that_fails_loses_nothing() {
    let Fixture { store, dir } = daemon();
    make_read_only(&store).await;
    text(&store, ANNA, NOON).await;
    let aside = dir.path().join("aside");
    let file = file_in(dir.path());
    fs::rename(&file, &aside).unwrap();
    fs::create_dir(&file).unwrap();
    store.return_to_disk().await;
    assert!(words(&store).is_some());
    assert_eq!(facts_of(&store, ANNA).await, (false, Some(at(NOON))));
    fs::remove_dir(&file).unwrap();
    fs::rename(&aside, &file).unwrap();
    store.return_to_disk().await;
    assert_eq!((words(&store), exported(dir.path())), (None, (2, 1)));
}

#[tokio::test]
async fn only_the_daemon_s_store_goes_into_memory() {
    let Fixture { store, .. } = fixture();
    make_read_only(&store).await;
    let error = store
        .change_setting("business.name", "Acme", Timestamp::UNIX_EPOCH)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("read-only"), "{error}");
    assert_eq!(words(&store), None);
}

/// A closed database in which Anna was texted and opted out, with so much in it that each table has pages of its own.
async fn busy_year() -> tempfile::TempDir {
    let Fixture { store, dir } = daemon();
    // So many that the first half of the file has the first page of every table.
    for n in 0..500 {
        let when = at("2026-02-01T12:00:00Z") + jiff::SignedDuration::from_mins(n);
        text(&store, BEN, &when.to_string()).await;
    }
    text(&store, ANNA, NOON).await;
    writes(&store, "AA", Keyword::Stop).await;
    drop(store);
    assert!(!rescue::beside(&file_in(dir.path()), "-wal").exists());
    dir
}

fn first_page(table: &str) -> String {
    format!("SELECT rootpage FROM sqlite_schema WHERE name = '{table}'")
}

/// Overwrites the first page of a table.
fn damage(dir: &Path, table: &str) {
    overwrite(
        dir,
        &first_page(table),
        0,
        &vec![0xAA; PAGE_SIZE.try_into().unwrap()],
    );
}

/// The page is the one that `query` finds.
fn overwrite(dir: &Path, query: &str, offset: u64, with: &[u8]) {
    let path = file_in(dir);
    let connection = Connection::open(&path).unwrap();
    let page: u64 = connection
        .query_row(query, [], |row| row.get::<_, u32>(0))
        .unwrap()
        .into();
    drop(connection);
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.write_all_at(with, (page - 1) * u64::from(PAGE_SIZE) + offset)
        .unwrap();
}

fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                fs::read(entry.path()).unwrap(),
            )
        })
        // The index of the log, which SQLite makes anew whenever it likes.
        .filter(|(name, bytes)| {
            !(name.ends_with("-shm") || name.ends_with("-wal") && bytes.is_empty())
        })
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn a_damaged_page_is_met_in_service_and_the_rest_goes_on() {
    let dir = busy_year().await;
    damage(dir.path(), "calls");
    let before = files(dir.path());
    let store = Store::open_for_daemon(dir.path()).unwrap();
    assert_eq!(words(&store), None, "nobody has looked there yet");
    assert_eq!(facts_of(&store, ANNA).await, (true, Some(at(NOON))));
    let said = words(&store).unwrap();
    for told in [
        "is damaged",
        "left as it is",
        "Callers are still texted",
        "textback restore FILE",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
    text(&store, BEN, LATER).await;
    assert_eq!(store.overview(vec![]).await.unwrap().calls.len(), 2);
    for _ in 0..2 {
        store.return_to_disk().await;
    }
    assert!(words(&store).is_some());
    drop(store);
    assert!(files(dir.path()) == before, "not a byte is written to it");
}

#[tokio::test]
async fn of_a_table_with_a_gap_both_sides_are_read() {
    let dir = busy_year().await;
    let page = "SELECT pageno FROM dbstat WHERE name = 'texts' AND pagetype = 'leaf' ORDER BY path DESC LIMIT 1";
    overwrite(dir.path(), page, 0, &[0xAA; 100]);
    let store = Store::open_for_daemon(dir.path()).unwrap();
    assert!(facts_of(&store, ANNA).await.0);
    text(&store, ANNA, LATER).await;
    assert!(words(&store).unwrap().contains("is damaged"));
    let (_, texted_at) = facts_of(&store, BEN).await;
    assert!(texted_at.is_some(), "what is older than the gap");
}

#[tokio::test]
async fn what_could_not_be_read_is_never_written_over() {
    let dir = busy_year().await;
    let file = fs::File::options().write(true).open(file_in(dir.path()));
    file.unwrap().write_all_at(b"no database", 0).unwrap();
    let before = files(dir.path());
    let rescued = Rescued::from_file(&file_in(dir.path()), false).unwrap();
    assert!(rescued.unread && rescued.blind());
    let mut ground = Ground::in_memory(rescued, Cause::Full, false);
    let said = ground.trouble().unwrap().words();
    assert!(said.contains("damaged"), "{said}");
    ground.return_to_disk(dir.path()).unwrap();
    assert!(ground.trouble().is_some());
    assert!(files(dir.path()) == before);
}

#[tokio::test]
async fn nobody_is_texted_who_may_have_asked_for_no_more() {
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 5] = [
        ("the list", |dir| damage(dir, "opted_out")),
        ("another page, and the list says it is empty", |dir| {
            damage(dir, "calls");
            // The number of rows on a page (SQLite's file format, 1.6).
            overwrite(dir, &first_page("opted_out"), 3, &[0, 0]);
        }),
        ("the schema", |dir| {
            let file = fs::File::options().write(true).open(file_in(dir)).unwrap();
            file.write_all_at(&[0xAA; 900], 100).unwrap();
        }),
        ("the header", |dir| {
            let file = fs::File::options().write(true).open(file_in(dir)).unwrap();
            file.write_all_at(b"no database", 0).unwrap();
        }),
        ("all but the beginning", |dir| {
            let file = fs::File::options().write(true).open(file_in(dir)).unwrap();
            file.set_len(2048).unwrap();
        }),
    ];
    for (what, damage) in damages {
        let dir = busy_year().await;
        damage(dir.path());
        let before = files(dir.path());
        let store = Store::open_for_daemon(dir.path()).unwrap();
        // Anna's row is what she is asked for here, and then it is known that nobody knows.
        facts_of(&store, ANNA).await;
        let said = words(&store).unwrap_or_default();
        assert!(said.contains("nobody is texted"), "{what}: {said}");
        text(&store, BEN, LATER).await;
        assert_eq!(claim(&store, LATER).await, Next::Nothing, "{what}");
        let why = store.texts_left(at(TODAY)).await.unwrap_err();
        assert!(matches!(why, StoreError::Blind), "{what}: {why}");
        store.return_to_disk().await;
        drop(store);
        assert!(
            files(dir.path()) == before,
            "{what}: not a byte is written to it"
        );
    }
}

#[tokio::test]
async fn a_file_of_which_half_is_gone_gives_what_it_has() {
    let dir = busy_year().await;
    let path = file_in(dir.path());
    let length = fs::metadata(&path).unwrap().len();
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_len(length / 2).unwrap();
    let before = files(dir.path());
    let store = Store::open_for_daemon(dir.path()).unwrap();
    text(&store, BEN, LATER).await;
    let said = words(&store).unwrap();
    assert!(said.contains("is damaged"), "{said}");
    assert!(facts_of(&store, ANNA).await.0, "opted out");
    drop(store);
    assert!(files(dir.path()) == before);
}

#[tokio::test]
async fn a_newer_file_is_refused_by_the_daemon_too() {
    let dir = busy_year().await;
    let file = Connection::open(file_in(dir.path())).unwrap();
    file.pragma_update(None, "user_version", 99).unwrap();
    drop(file);
    let refusal = Store::open_for_daemon(dir.path()).unwrap_err();
    assert!(matches!(refusal, StoreError::Newer { .. }), "{refusal}");
    let missing = Store::open_for_daemon(&dir.path().join("none")).unwrap_err();
    assert!(missing.to_string().contains("data directory"), "{missing}");
}

#[tokio::test]
async fn a_file_is_read_with_its_log_and_without_a_file_beside_it() {
    let Fixture { store, dir } = daemon();
    text(&store, ANNA, NOON).await;
    let other = tempfile::tempdir().unwrap();
    let (from, to) = (file_in(dir.path()), file_in(&other.path().join("50%?#")));
    fs::create_dir(to.parent().unwrap()).unwrap();
    for suffix in ["", "-wal"] {
        fs::copy(rescue::beside(&from, suffix), rescue::beside(&to, suffix)).unwrap();
    }
    let names = || fs::read_dir(to.parent().unwrap()).unwrap().count();
    for _ in 0..2 {
        let rescued = Rescued::from_file(&to, true).unwrap();
        assert!(!rescued.unread && !rescued.blind() && rescued.partial.is_empty());
        let texts = "SELECT count(*) FROM texts";
        let texts: u32 = rescued
            .connection
            .query_row(texts, [], |row| row.get(0))
            .unwrap();
        assert_eq!(texts, 1);
        // The second time without a log.
        let left = names();
        if left == 2 {
            let whole = Connection::open(&to).unwrap();
            let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
            whole.query_row(checkpoint, [], |_| Ok(())).unwrap();
            drop(whole);
        }
        assert!(left <= 2 && names() == 1, "{left}");
    }
}

#[tokio::test]
async fn of_a_large_database_the_newest_rows_are_taken_and_nothing_is_removed_from_it() {
    let Fixture { store, dir } = daemon();
    writes(&store, "AA", Keyword::Stop).await;
    let many = "INSERT INTO calls (shown, started_at, rings, outcome)
                WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20001)
                SELECT 'withheld', n, 1, 'skip' FROM n";
    let mut ground = store.ground.lock().await;
    ground.connection().execute_batch(many).unwrap();
    let path = file_in(dir.path());
    let rescued = Rescued::up_to(ground.connection(), 1).unwrap();
    assert_eq!(
        (rescued.partial.as_slice(), rescued.unread),
        (&["calls".to_owned()][..], false)
    );
    assert!(!rescued.blind());
    let mut memory = rescued.connection;
    let oldest = "SELECT min(id) FROM calls";
    let oldest: u32 = memory.query_row(oldest, [], |row| row.get(0)).unwrap();
    assert_eq!(oldest, 2);
    memory
        .execute("UPDATE calls SET rings = 7 WHERE id = 20001", [])
        .unwrap();
    memory.execute("DELETE FROM opted_out", []).unwrap();
    tables::write_back(&mut memory, &path, &rescued.partial, false).unwrap();
    let count = |what: &str| {
        let count = format!("SELECT count(*) FROM {what}");
        Connection::open(&path)
            .unwrap()
            .query_row(&count, [], |row| row.get::<_, u32>(0))
            .unwrap()
    };
    assert_eq!(count("calls"), 20_001);
    assert_eq!(count("calls WHERE rings = 7"), 1);
    assert_eq!(count("opted_out"), 0);
    // One that came while there was none is not ours to write to.
    let mut empty = Rescued::empty().unwrap().connection;
    let refused = tables::write_back(&mut empty, &path, &[], true).unwrap_err();
    assert!(
        refused.to_string().contains("another database"),
        "{refused}"
    );
    assert_eq!(count("calls"), 20_001);
}
