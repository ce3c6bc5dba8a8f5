//! SQLite: migrations, one file a table family, every query in here and nowhere else.
//!
//! One connection writes. Its jobs run on tokio's blocking threads, one at a time and in the order they were asked
//! for, so the event loop never waits for a disk, and a test that has paused tokio's clock never sees time jump while a
//! commit is under way (tokio holds a paused clock still while blocking work runs).
//!
//! Every write is one transaction, on disk (`synchronous=EXTRA`) before its caller goes on: durable before visible.
//!
//! # What is synced
//!
//! A commit appends the pages it touched to the log (`-wal`) and syncs that, once; the first commit into a new log syncs the folder
//! too. When 1000 pages are in the log, a commit also moves them into the file: log synced, file written, file synced, and the log
//! begins anew. Nothing else is synced, and a transaction that changed no row writes nothing. `-shm` is an index of the log, made
//! anew at need, and never synced. A backup is synced before it gets its name, and the folder with it (see `copies`).
//!
//! # When the disk fails
//!
//! A daemon whose disk is full, has turned read-only or fails, or whose database is damaged, must text callers all the same. So its
//! store ([`Store::open_for_daemon`]) goes into memory (`ground`): a job that fails for such a reason is done again on a copy of what
//! can still be read, and those after it too. From then on nothing is durable, knowingly: a caller who is texted is better off than
//! one who waits for a disk. [`Store::trouble`] tells it, and the page, `/healthz` and the log pass it on. [`Store::return_to_disk`],
//! which the service calls every ten seconds then, writes what differs back into the file in one transaction, and goes on there.
//! What is never done: writing to a damaged file, or where something could not be read; and texting while nobody knows who must
//! not be. `export`, `backup`, `settings list` and `people list`, which are processes of their own, see the file as of before; what
//! `settings set` and `people add` write into it meanwhile counts from the return on, and stands.

mod alerts;
mod calls;
mod conversations;
mod copies;
mod digests;
mod door;
mod error;
mod export;
mod fences;
mod follow_ups;
mod ground;
mod healing;
mod outage;
mod outgoing;
mod outlets;
mod people;
mod received;
mod reports;
mod rescue;
mod settings;
mod setup;
mod steering;
mod tables;
#[cfg(test)]
mod tests;
mod thinning;
mod threads;
mod trouble;
mod view;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use tokio::sync::{Mutex, watch};
use tracing::{debug, error, info};

pub use alerts::{About, Alert, AlertView, Untold};
pub use calls::{CallRow, EndedCall, UndecidedCall, Verdict, rehearse};
pub use copies::{CopyError, Counts, backup, free_bytes, restore};
pub use digests::DigestFacts;
pub use door::{SESSION_LASTS, TOKENS_MAX, TokenRow, device_mark, salt};
pub use error::StoreError;
pub use export::{Exported, ExportedCall, ExportedText, read as read_everything};
pub use follow_ups::DueFollowUp;
use ground::Ground;
pub use healing::{HEALINGS_MAX, HealingRow};
pub use outage::{Overdue, Pending};
pub use outgoing::{NewText, Next, Outgoing};
pub use outlets::{DeadLetter, Delivery, NextDelivery, OutletView};
pub use people::{Imported, List, ListFull, Listed, Person, read_people};
pub use received::{NewPart, NewReply, NoticedCall, Stored};
pub use reports::ReportMatch;
pub use settings::{EARLIER_MAX, EarlierMessage, read_settings};
pub use setup::{Mark, Marks, NoCode, TestCall};
pub use thinning::Thinned;
pub use threads::{CannotAnswer, LeadOutcome, Thread, ThreadLine};
pub use trouble::Trouble;
pub use view::{CallCount, CallView, Fate, Overview, ReplyView, TextView, Totals};

/// The file in the data directory.
const FILE_NAME: &str = "textback.db";
/// The shape of the database, oldest first; `PRAGMA user_version` counts how many a file has seen.
const MIGRATIONS: [&str; 17] = [
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_healing.sql"),
    include_str!("migrations/0003_notices.sql"),
    include_str!("migrations/0004_ways.sql"),
    include_str!("migrations/0005_thinning.sql"),
    include_str!("migrations/0006_contacts.sql"),
    include_str!("migrations/0007_fences.sql"),
    include_str!("migrations/0008_conversations.sql"),
    include_str!("migrations/0009_handed_over.sql"),
    include_str!("migrations/0010_outlets.sql"),
    include_str!("migrations/0011_digests.sql"),
    include_str!("migrations/0012_outage.sql"),
    include_str!("migrations/0013_digest_days.sql"),
    include_str!("migrations/0014_door.sql"),
    include_str!("migrations/0015_setup.sql"),
    include_str!("migrations/0016_replies.sql"),
    include_str!("migrations/0017_earlier_messages.sql"),
];
/// Another process (`textback settings set`, `textback people`) may hold the write lock for a moment.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// See [`insist`].
const INSIST_FIRST: Duration = Duration::from_secs(1);
/// See [`insist`].
const INSIST_LONGEST: Duration = Duration::from_secs(30);
/// In KiB. The daemon's working set is a few dozen pages; SQLite's own default would let the cache grow to 2 MiB.
const CACHE_KIB: i32 = 128;

/// A call asks a dozen questions, and its text a dozen more; rusqlite keeps 16, and would prepare them anew for each call.
const STATEMENTS_KEPT: usize = 64;

/// In bytes, for a new file. Every commit appends the pages it touched, whole, and most rows are short: a texted call writes
/// half of what it would with SQLite's own 4 KiB.
const PAGE_SIZE: u32 = 1024;

/// The store: cheap to clone, shared by all.
#[derive(Debug, Clone)]
pub struct Store {
    ground: Arc<Mutex<Ground>>,
    data_dir: Arc<Path>,
    /// Where the owner's days begin and end.
    zone: TimeZone,
    /// Whether it goes into memory when the disk fails.
    may_leave_disk: bool,
    trouble: watch::Sender<Option<Trouble>>,
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
    /// Opens the store in `data_dir`, makes it if there is none, and brings it to today's shape. When the disk fails, so does
    /// what is asked of it.
    ///
    /// # Errors
    /// When the directory or the file cannot be used, and when a newer textback wrote it: that file is left as it is.
    pub fn open(data_dir: &Path) -> Result<Self, StoreError> {
        copies::refuse_half_restored(data_dir)?;
        let disk = open_on_disk(&file_in(data_dir))?;
        Ok(Self::on(Ground::Disk(disk), data_dir, false))
    }

    /// The same for the daemon, which must go on when the disk fails: from memory, then; see the head of this file. Whoever
    /// calls holds the lock of the data directory.
    ///
    /// # Errors
    /// When the directory is not there, when this user lacks rights, and when a newer textback wrote the file.
    pub fn open_for_daemon(data_dir: &Path) -> Result<Self, StoreError> {
        copies::finish_restore(data_dir)?;
        let store = Self::on(Ground::find(data_dir)?, data_dir, true);
        if let Some(trouble) = &*store.trouble.borrow() {
            error!("{}", trouble.words());
        }
        Ok(store)
    }

    fn on(ground: Ground, data_dir: &Path, may_leave_disk: bool) -> Self {
        Self {
            trouble: watch::Sender::new(ground.trouble().cloned()),
            ground: Arc::new(Mutex::new(ground)),
            data_dir: data_dir.into(),
            zone: TimeZone::UTC,
            may_leave_disk,
            changes: watch::Sender::new(0),
            write_failed: Arc::default(),
        }
    }

    /// The same store for an owner who lives in this time zone; without it his days are those of UTC.
    #[must_use]
    pub fn in_zone(self, zone: TimeZone) -> Self {
        Self { zone, ..self }
    }

    /// The time zone that the owner lives in.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Bytes left on the disk that the database lies on.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn free_bytes(&self) -> std::io::Result<u64> {
        free_bytes(&self.data_dir)
    }

    /// What is wrong with the disk, while the store is in memory.
    #[must_use]
    pub fn trouble(&self) -> watch::Receiver<Option<Trouble>> {
        self.trouble.subscribe()
    }

    /// Nobody may be texted, because who must not be could not be read.
    fn forbids_texts(&self) -> bool {
        let trouble = self.trouble.borrow();
        trouble.as_ref().is_some_and(Trouble::forbids_texts)
    }

    /// Writes what is in memory down, if the store is in memory and the disk takes writes again.
    pub async fn return_to_disk(&self) {
        if self.trouble.borrow().is_none() {
            return;
        }
        let mut ground = Arc::clone(&self.ground).lock_owned().await;
        let store = self.clone();
        let tried = tokio::task::spawn_blocking(move || {
            let returned = ground.return_to_disk(&store.data_dir);
            store.tell_of_trouble(&ground);
            returned
        });
        if let Ok(Err(error)) = tried.await {
            debug!(%error, "the disk does not take what is in memory yet");
        }
    }

    /// Tells everybody where the store is now, if that is news.
    fn tell_of_trouble(&self, ground: &Ground) {
        let news = self.trouble.send_if_modified(|told| {
            let news = told.as_ref() != ground.trouble();
            *told = ground.trouble().cloned();
            news
        });
        if !news {
            return;
        }
        match ground.trouble() {
            Some(trouble) => error!("{}", trouble.words()),
            None => info!("the disk takes writes again, and all that was in memory is on it"),
        }
        self.tell_of_change();
    }

    /// Counts up whenever something was written by this process, and whenever writing begins or ceases to fail.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Runs one transaction; when it comes back, what it wrote is on disk. Where the disk fails, it is run again on memory.
    async fn write<T: Send + 'static>(
        &self,
        what: &'static str,
        job: impl Fn(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let written = self
            .on_connection(what, move |connection| {
                let before = connection.total_changes();
                let done = in_transaction(connection, &job)?;
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
        self.write("trying to write to the disk", |transaction| {
            write_same_again(transaction, "main")
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
        job: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.on_connection(what, move |connection| job(connection))
            .await
    }

    async fn on_connection<T: Send + 'static>(
        &self,
        what: &'static str,
        job: impl Fn(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        // tokio's mutex is fair: jobs run in the order they were asked for.
        let mut ground = Arc::clone(&self.ground).lock_owned().await;
        let store = self.clone();
        let on_ground = move || match job(ground.connection()) {
            Err(error) if store.may_leave_disk && ground.leave_disk(&error, &store.data_dir) => {
                store.tell_of_trouble(&ground);
                job(ground.connection())
            }
            done => done,
        };
        tokio::task::spawn_blocking(on_ground)
            .await
            .map_err(|_| StoreError::Stopped { what })?
            .map_err(|source| StoreError::Query { what, source })
    }
}

/// Writes until it is written: for what must not be lost and has no second copy anywhere. A disk that fails does not come to this in
/// the daemon, whose store goes into memory then; another process that holds the lock does. Each failure is logged; the waits grow
/// from a second to half a minute.
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
    quick_check(&open_to_read(data_dir)?).map_err(|source| StoreError::open(&path, source))?;
    Ok(true)
}

/// Damage is an error as if it had been met on the way.
fn quick_check(connection: &Connection) -> rusqlite::Result<()> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        return Ok(());
    }
    let corrupt = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(rusqlite::Error::SqliteFailure(corrupt, Some(found)))
}

/// A write that changes nothing and yet goes to the disk, for the page that holds this number is written.
fn write_same_again(transaction: &Transaction<'_>, schema: &str) -> rusqlite::Result<()> {
    let number = "user_version";
    let same: i64 = transaction.pragma_query_value(Some(schema), number, |row| row.get(0))?;
    transaction.pragma_update(Some(schema), number, same)
}

/// Opens the file for reading and writing, makes it if there is none, and brings it to today's shape.
fn open_on_disk(path: &Path) -> Result<Connection, StoreError> {
    let mut connection = Connection::open(path).map_err(|source| StoreError::open(path, source))?;
    prepare(&mut connection, path)?;
    Ok(connection)
}

/// Opens what is there for reading alone: for `export` and `settings list` beside a running daemon.
fn open_to_read(data_dir: &Path) -> Result<Connection, StoreError> {
    let path = file_in(data_dir);
    let connection = open_to_look(&path)?;
    if version_of(&connection, &path)? < MIGRATIONS.len() {
        return Err(StoreError::Older { path });
    }
    Ok(connection)
}

/// The same, whatever shape it has.
fn open_to_look(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let failed = |source| StoreError::open(path, source);
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    keep_statements(&connection).map_err(failed)?;
    Ok(connection)
}

/// Has statements prepared once, whatever is bound to them. SQLite is built with its statistics of columns, and would prepare each
/// that compares with a bound value anew at every use, in case there are some: a third of a decision.
fn keep_statements(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map(drop)
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
    keep_statements(connection).map_err(failed)?;
    migrate(connection, version).map_err(failed)
}

/// Brings a database of that shape to today's.
fn migrate(connection: &mut Connection, version: usize) -> rusqlite::Result<()> {
    for (number, migration) in (1_u32..).zip(MIGRATIONS).skip(version) {
        in_transaction(connection, |transaction| {
            transaction.execute_batch(migration)?;
            transaction.pragma_update(None, "user_version", number)
        })?;
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
