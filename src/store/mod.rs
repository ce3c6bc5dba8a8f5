//! SQLite: migrations, one file a table family, every query in here and nowhere else.
//!
//! One connection writes. Its jobs run on tokio's blocking threads, one at a time and in the order they were asked
//! for, so the event loop never waits for a disk, and a test that has paused tokio's clock never sees time jump while a
//! commit is under way (tokio holds a paused clock still while blocking work runs).
//!
//! Every write is one transaction, on disk (`synchronous=EXTRA`) before its caller goes on: durable before visible.

mod alerts;
mod calls;
mod error;
mod export;
mod healing;
mod outgoing;
mod people;
mod received;
mod reports;
mod settings;
#[cfg(test)]
mod tests;
mod view;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use tokio::sync::{Mutex, watch};
use tracing::error;

pub use alerts::{Alert, AlertView, Untold};
pub use calls::{CallRow, EndedCall, UndecidedCall, Verdict};
pub use error::StoreError;
pub use export::{Exported, ExportedCall, ExportedText, read as read_everything};
pub use healing::{HEALINGS_MAX, HealingRow};
pub use outgoing::{NewText, Next, Outgoing};
pub use received::{NewPart, NewReply, NoticedCall, Stored};
pub use reports::ReportMatch;
pub use settings::read_settings;
pub use view::{CallView, DayCount, Fate, Overview, ReplyView, TextView};

/// The file in the data directory.
const FILE_NAME: &str = "textback.db";
/// The shape of the database, oldest first; `PRAGMA user_version` counts how many a file has seen.
const MIGRATIONS: [&str; 4] = [
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_healing.sql"),
    include_str!("migrations/0003_notices.sql"),
    include_str!("migrations/0004_ways.sql"),
];
/// Another process (`textback settings set`) may hold the write lock for a moment.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// See [`insist`].
const INSIST_FIRST: Duration = Duration::from_secs(1);
/// See [`insist`].
const INSIST_LONGEST: Duration = Duration::from_secs(30);
/// In KiB. The daemon's working set is a few dozen pages; SQLite's own default would let the cache grow to 2 MiB.
const CACHE_KIB: i32 = 256;

/// In bytes, for a new file. Every commit appends the pages it touched, whole, and most rows are short: a texted call writes
/// half of what it would with SQLite's own 4 KiB.
const PAGE_SIZE: u32 = 1024;

/// The store: cheap to clone, shared by all.
#[derive(Debug, Clone)]
pub struct Store {
    connection: Arc<Mutex<Connection>>,
    changes: watch::Sender<u64>,
    /// Nothing has been written since a write failed.
    write_failed: Arc<AtomicBool>,
}

/// Where the database of a data directory is.
#[must_use]
pub fn file_in(data_dir: &Path) -> PathBuf {
    data_dir.join(FILE_NAME)
}

impl Store {
    /// Opens the store in `data_dir`, makes it if there is none, and brings it to today's shape.
    ///
    /// # Errors
    /// When the directory or the file cannot be used, and when a newer textback wrote it: that file is left as it is.
    pub fn open(data_dir: &Path) -> Result<Self, StoreError> {
        let path = file_in(data_dir);
        let mut connection =
            Connection::open(&path).map_err(|source| StoreError::open(&path, source))?;
        prepare(&mut connection, &path)?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
            changes: watch::Sender::new(0),
            write_failed: Arc::default(),
        })
    }

    /// Counts up whenever something was written by this process, and whenever writing begins or ceases to fail.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Runs one transaction; when it comes back, what it wrote is on disk.
    async fn write<T: Send + 'static>(
        &self,
        what: &'static str,
        job: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let written = self
            .on_connection(what, move |connection| {
                let before = connection.total_changes();
                let done = in_transaction(connection, job)?;
                Ok((done, connection.total_changes() != before))
            })
            .await;
        match written {
            Ok((done, changed)) => {
                // A transaction that wrote nothing says nothing about the disk.
                if changed {
                    self.write_failed.store(false, Ordering::Relaxed);
                    self.tell_of_change();
                }
                Ok(done)
            }
            Err(error) => {
                if !self.write_failed.swap(true, Ordering::Relaxed) {
                    self.tell_of_change();
                }
                Err(error)
            }
        }
    }

    fn tell_of_change(&self) {
        self.changes
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Makes sure that a failed write was not the last word: tries once more, and only then puts anything on the disk.
    async fn ensure_writable(&self) -> Result<(), StoreError> {
        if !self.write_failed.load(Ordering::Relaxed) {
            return Ok(());
        }
        // The same number again changes nothing, and yet the page that holds it is written.
        self.write("trying to write to the disk", |transaction| {
            let same: i64 =
                transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
            transaction.pragma_update(None, "user_version", same)
        })
        .await?;
        if self.write_failed.swap(false, Ordering::Relaxed) {
            self.tell_of_change();
        }
        Ok(())
    }

    /// Runs one job that only reads.
    async fn read<T: Send + 'static>(
        &self,
        what: &'static str,
        job: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.on_connection(what, move |connection| job(connection))
            .await
    }

    async fn on_connection<T: Send + 'static>(
        &self,
        what: &'static str,
        job: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        // tokio's mutex is fair: jobs run in the order they were asked for.
        let mut connection = Arc::clone(&self.connection).lock_owned().await;
        tokio::task::spawn_blocking(move || job(&mut connection))
            .await
            .map_err(|_| StoreError::Stopped { what })?
            .map_err(|source| StoreError::Query { what, source })
    }
}

/// Writes until it is written: for what must not be lost and has no second copy anywhere. Each failure is logged; the
/// waits grow from a second to half a minute, for a full disk does not empty itself in a second.
pub async fn insist<T, F>(mut attempt: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut wait = INSIST_FIRST;
    loop {
        match attempt().await {
            Ok(done) => return done,
            Err(error) => error!(%error, retry_in_s = wait.as_secs(), "the store failed"),
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(INSIST_LONGEST);
    }
}

fn in_transaction<T>(
    connection: &mut Connection,
    job: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let result = job(&transaction)?;
    transaction.commit()?;
    Ok(result)
}

/// Opens what is there for reading alone: for `export` and `settings list` beside a running daemon.
/// Looks through the database for damage, changing nothing and making none; false if there is no database yet. Takes as long as it
/// takes to read it all.
///
/// # Errors
/// What is wrong with it and what to do.
pub fn look_through(data_dir: &Path) -> Result<bool, StoreError> {
    let path = file_in(data_dir);
    if !path.exists() {
        return Ok(false);
    }
    let failed = |source| StoreError::open(&path, source);
    let connection = open_to_read(data_dir)?;
    let mut damage = connection
        .prepare("PRAGMA quick_check(1)")
        .map_err(failed)?;
    let found: String = damage.query_row([], |row| row.get(0)).map_err(failed)?;
    if found == "ok" {
        return Ok(true);
    }
    let corrupt = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(failed(rusqlite::Error::SqliteFailure(corrupt, Some(found))))
}

fn open_to_read(data_dir: &Path) -> Result<Connection, StoreError> {
    let path = file_in(data_dir);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let failed = |source| StoreError::open(&path, source);
    let connection = Connection::open_with_flags(&path, flags).map_err(failed)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    if version_of(&connection, &path)? < MIGRATIONS.len() {
        return Err(StoreError::Older { path });
    }
    Ok(connection)
}

fn prepare(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::open(path, source);
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    // Before anything is set or written: a newer file must stay as it is.
    let version = version_of(connection, path)?;
    // Without effect on a file that is there already. It must come before WAL, which fixes it.
    connection
        .pragma_update(None, "page_size", PAGE_SIZE)
        .map_err(failed)?;
    // EXTRA: in WAL mode the same as FULL, and before it the rollback journal's end is on disk as well; one that comes back after a power
    // cut would undo what was committed since. So it must come before WAL.
    connection
        .pragma_update(None, "synchronous", "EXTRA")
        .map_err(failed)?;
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .map_err(failed)?;
    connection
        .pragma_update(None, "foreign_keys", true)
        .map_err(failed)?;
    connection
        .pragma_update(None, "cache_size", -CACHE_KIB)
        .map_err(failed)?;
    for (number, migration) in (1_u32..).zip(MIGRATIONS).skip(version) {
        in_transaction(connection, |transaction| {
            transaction.execute_batch(migration)?;
            transaction.pragma_update(None, "user_version", number)
        })
        .map_err(failed)?;
    }
    Ok(())
}

/// How many migrations the file has seen.
fn version_of(connection: &Connection, path: &Path) -> Result<usize, StoreError> {
    let version: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(|source| StoreError::open(path, source))?;
    match usize::try_from(version) {
        Ok(version) if version <= MIGRATIONS.len() => Ok(version),
        _ => Err(StoreError::Newer {
            path: path.to_owned(),
            found: version,
            known: MIGRATIONS.len(),
        }),
    }
}

/// How the store keeps a moment.
fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// Reads a moment back; one that no calendar has (only a damaged file holds one) becomes the epoch.
fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}
