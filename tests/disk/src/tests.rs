//! SQLite on this disk.

use super::*;
use rusqlite::Connection;

/// Numbers below any other, the same ones each time.
fn choices(mut seed: u64) -> impl FnMut(usize) -> usize {
    move |below| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(seed >> 33).unwrap_or(0) % below
    }
}

fn open(folder: &str, synchronous: &str) -> Connection {
    let database = Connection::open(format!("{folder}/a.db")).unwrap();
    database.pragma_update(None, "journal_mode", "WAL").unwrap();
    database
        .pragma_update(None, "synchronous", synchronous)
        .unwrap();
    database
}

fn sound(database: &Connection) -> bool {
    let found: String = database
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap_or_default();
    found == "ok"
}

/// Writes row after row and has the power cut before the n-th operation; says how many had been promised, and how many are left.
fn cut_at(operation: usize, synchronous: &str, seed: u64) -> (i64, i64) {
    let folder = format!("/disk/{synchronous}/{operation}/{seed}");
    let disk = Disk::in_folder(Path::new(&folder));
    let left = Arc::new(Mutex::new(operation));
    let (watched, cut) = (Arc::clone(&left), disk.clone());
    disk.watch(Arc::new(move |_| {
        let mut left = watched.lock().unwrap();
        if *left == 0 {
            cut.power_off(choices(seed));
        }
        *left = left.wrapping_sub(1);
    }));
    let mut promised = 0;
    let run = |promised: &mut i64| -> rusqlite::Result<()> {
        let database = Connection::open(format!("{folder}/a.db"))?;
        database.pragma_update(None, "synchronous", synchronous)?;
        database.pragma_update(None, "journal_mode", "WAL")?;
        database.execute_batch("CREATE TABLE IF NOT EXISTS t (n INTEGER, words TEXT) STRICT")?;
        for n in 1..=40 {
            database.execute("INSERT INTO t VALUES (?1, ?2)", (n, "x".repeat(700)))?;
            *promised = n;
            if n % 16 == 0 {
                database
                    .pragma_update(None, "wal_checkpoint", "TRUNCATE")
                    .ok();
            }
        }
        Ok(())
    };
    let _ = run(&mut promised);
    disk.watch(Arc::new(|_| {}));
    disk.power_off(choices(seed));
    disk.power_on();
    let database = Connection::open(format!("{folder}/a.db")).unwrap();
    let count = "SELECT count(*) FROM t WHERE n <= ?1";
    let kept = database.query_row(count, [promised], |row| row.get(0));
    // A file that nobody synced may be no database any more.
    let kept = kept.ok().filter(|_| sound(&database));
    (promised, kept.unwrap_or(0))
}

#[test]
fn what_was_synced_outlives_a_power_cut_at_any_operation_and_what_was_not_does_not() {
    let (mut cuts, mut lost) = (0, 0);
    for operation in 0..260 {
        for seed in 0..3 {
            let (promised, kept) = cut_at(operation, "EXTRA", seed);
            assert_eq!(promised, kept, "operation {operation}, seed {seed}");
            cuts += i32::from(promised < 40);
            let (promised, kept) = cut_at(operation, "OFF", seed);
            lost += i32::from(kept < promised);
        }
    }
    assert!(cuts > 100, "{cuts} power cuts in the midst of it");
    assert!(lost > 100, "without syncs {lost} lost something");
}

#[test]
fn two_who_have_it_open_see_each_other_and_wait_for_each_other() {
    let disk = Disk::in_folder(Path::new("/disk/two"));
    let (one, two) = (open("/disk/two", "EXTRA"), open("/disk/two", "EXTRA"));
    one.execute_batch("CREATE TABLE t (n INTEGER); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)")
        .unwrap();
    two.busy_timeout(std::time::Duration::ZERO).unwrap();
    let busy = two.execute("INSERT INTO t VALUES (2)", []).unwrap_err();
    assert_eq!(
        busy.sqlite_error_code(),
        Some(rusqlite::ErrorCode::DatabaseBusy)
    );
    one.execute_batch("COMMIT").unwrap();
    two.execute("INSERT INTO t VALUES (2)", []).unwrap();
    let sum: i64 = one
        .query_row("SELECT sum(n) FROM t", [], |row| row.get(0))
        .unwrap();
    assert_eq!(sum, 3);
    drop((one, two));
    let again = open("/disk/two", "EXTRA");
    assert!(sound(&again));
    drop(disk);
}

#[test]
fn a_disk_fails_as_it_is_told_to() {
    let disk = Disk::in_folder(Path::new("/disk/fails"));
    let database = open("/disk/fails", "EXTRA");
    database
        .execute_batch("CREATE TABLE t (n INTEGER)")
        .unwrap();
    let insert = || database.execute("INSERT INTO t VALUES (1)", []);
    for (failure, code) in [
        (Failure::Full, rusqlite::ErrorCode::DiskFull),
        (Failure::ReadOnly, rusqlite::ErrorCode::SystemIoFailure),
    ] {
        disk.fail(failure);
        assert_eq!(insert().unwrap_err().sqlite_error_code(), Some(code));
        disk.fail(Failure::None);
        insert().unwrap();
    }
    assert!(Connection::open("/elsewhere/a.db").is_err());
    assert!(sound(&database));
}

#[test]
fn a_kill_loses_nothing_that_was_written_and_ends_who_wrote_it() {
    let disk = Disk::in_folder(Path::new("/disk/killed"));
    let database = open("/disk/killed", "OFF");
    database
        .execute_batch("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1)")
        .unwrap();
    disk.end_users();
    assert!(!disk.is_unused());
    assert!(database.execute("INSERT INTO t VALUES (2)", []).is_err());
    drop(database);
    assert!(disk.is_unused());
    let again = open("/disk/killed", "OFF");
    let count: i64 = again
        .query_row("SELECT count(*) FROM t", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 1);
    assert!(sound(&again));
}
