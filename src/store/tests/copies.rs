//! Backups and what is put in place of what.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::store::copies::CopyError;
use crate::store::rescue::beside;

fn counts(calls: u32, texts: u32) -> Counts {
    Counts { calls, texts }
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A backup with one call in it.
async fn backup_of_one(folder: &Path) -> PathBuf {
    let Fixture { store, dir } = fixture();
    text(&store, ANNA, NOON).await;
    let file = folder.join("backup");
    assert_eq!(backup(dir.path(), &file).unwrap(), counts(1, 1));
    file
}

#[tokio::test]
async fn a_backup_is_whole_private_and_made_beside_a_daemon() {
    let Fixture { store, dir } = fixture();
    text(&store, ANNA, NOON).await;
    // A write under way is not in it and does not hold it up.
    let other = Connection::open(file_in(dir.path())).unwrap();
    let removed = "BEGIN IMMEDIATE; UPDATE calls SET text_id = NULL; DELETE FROM texts";
    other.execute_batch(removed).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it's a backup");
    assert_eq!(backup(dir.path(), &file).unwrap(), counts(1, 1));
    assert_eq!(names(folder.path()), ["it's a backup"], "in one file");
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // Nothing is written over.
    let before = fs::read(&file).unwrap();
    let refusal = backup(dir.path(), &file).unwrap_err();
    assert!(matches!(refusal, CopyError::Exists { .. }), "{refusal}");
    assert!(fs::read(&file).unwrap() == before);
    let nothing = backup(folder.path(), &folder.path().join("x")).unwrap_err();
    assert!(matches!(nothing, CopyError::Nothing { .. }), "{nothing}");
    // Nor is a folder made.
    let nowhere = folder.path().join("none/x");
    let nowhere = backup(dir.path(), &nowhere).unwrap_err().to_string();
    assert!(nowhere.contains("No such file"), "{nowhere}");
}

#[tokio::test]
async fn a_damaged_database_gives_no_backup() {
    let Fixture { store, dir } = fixture();
    text(&store, ANNA, NOON).await;
    drop(store);
    let path = file_in(dir.path());
    let mut bytes = fs::read(&path).unwrap();
    let size = usize::try_from(PAGE_SIZE).unwrap();
    for byte in &mut bytes[size..] {
        *byte = 0xAA;
    }
    fs::write(&path, bytes).unwrap();
    let folder = tempfile::tempdir().unwrap();
    backup(dir.path(), &folder.path().join("backup")).unwrap_err();
    assert_eq!(names(folder.path()), [""; 0]);
}

#[tokio::test]
async fn a_backup_takes_the_place_of_the_database_which_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = backup_of_one(folder.path()).await;
    // What is there has a log that must not meet the backup.
    let Fixture { store, dir } = fixture();
    for _ in 0..3 {
        text(&store, BEN, NOON).await;
    }
    std::mem::forget(store);
    assert!(beside(&file_in(dir.path()), "-wal").exists());
    let (restored, kept) = restore(&file, dir.path(), at(NOON)).unwrap();
    assert_eq!(restored, counts(1, 1));
    let kept = kept.unwrap();
    let name = "textback.db.2026-03-02T12-00-00Z";
    assert_eq!(kept, dir.path().join(name));
    let expected = ["textback.db", name, &format!("{name}-wal")];
    assert_eq!(names(dir.path()), expected);
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(store.overview(vec![]).await.unwrap().calls.len(), 1);
    let mode = fs::metadata(file_in(dir.path())).unwrap().permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    // With its log it is whole.
    let kept = Connection::open(kept).unwrap();
    let calls = "SELECT count(*) FROM calls";
    let calls: u32 = kept.query_row(calls, [], |row| row.get(0)).unwrap();
    assert_eq!(calls, 3);
}

#[tokio::test]
async fn a_copy_of_a_card_is_restored_with_its_log() {
    let Fixture { store, dir } = fixture();
    text(&store, ANNA, NOON).await;
    let empty = tempfile::tempdir().unwrap();
    let (restored, kept) = restore(&file_in(dir.path()), empty.path(), at(NOON)).unwrap();
    assert_eq!((restored, kept), (counts(1, 1), None));
    assert_eq!(names(empty.path()), ["textback.db"]);
    drop(store);
}

#[tokio::test]
async fn what_is_no_whole_backup_of_ours_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let good = fs::read(backup_of_one(folder.path()).await).unwrap();
    let changed = |change: &dyn Fn(&Path)| {
        let path = folder.path().join("changed");
        fs::write(&path, &good).unwrap();
        change(&path);
        path
    };
    let sql = |sql: &'static str| {
        move |path: &Path| Connection::open(path).unwrap().execute_batch(sql).unwrap()
    };
    let Fixture { store, dir } = fixture();
    text(&store, BEN, NOON).await;
    drop(store);
    let before = fs::read(file_in(dir.path())).unwrap();
    type Change<'a> = &'a dyn Fn(&Path);
    let table: [(Change<'_>, &str); 7] = [
        (&|path| fs::remove_file(path).unwrap(), "No such file"),
        (
            &|path| fs::write(path, "no database at all").unwrap(),
            "no backup of textback",
        ),
        (&|path| fs::write(path, "").unwrap(), "another program's"),
        (&sql("PRAGMA user_version = 0"), "another program's"),
        (&sql("PRAGMA user_version = 99"), "newer textback"),
        (&sql("DROP TABLE opted_out"), "no such table"),
        (
            &|path| {
                let mut bytes = fs::read(path).unwrap();
                let half = bytes.len() / 2;
                bytes[half..].fill(0xAA);
                fs::write(path, bytes).unwrap();
            },
            "is damaged",
        ),
    ];
    for (change, why) in table {
        let file = changed(change);
        let refusal = restore(&file, dir.path(), at(NOON))
            .unwrap_err()
            .to_string();
        assert!(refusal.contains(why), "{why}: {refusal}");
        assert!(refusal.contains("changed"), "it names the file: {refusal}");
        assert_eq!(names(dir.path()), ["textback.db"], "{why}");
        assert!(fs::read(file_in(dir.path())).unwrap() == before, "{why}");
    }
}

#[tokio::test]
async fn a_restore_that_was_cut_short_is_ended_by_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = backup_of_one(folder.path()).await;
    let Fixture { store, dir } = fixture();
    for _ in 0..3 {
        text(&store, BEN, NOON).await;
    }
    std::mem::forget(store);
    // Decided, and then the power went.
    let path = file_in(dir.path());
    fs::copy(&file, beside(&path, ".restored")).unwrap();
    let refusal = Store::open(dir.path()).unwrap_err();
    assert!(
        matches!(refusal, StoreError::HalfRestored { .. }),
        "{refusal}"
    );
    let store = Store::open_for_daemon(dir.path()).unwrap();
    assert_eq!(store.overview(vec![]).await.unwrap().calls.len(), 1);
    drop(store);
    assert_eq!(names(dir.path()), ["textback.db"]);
}
