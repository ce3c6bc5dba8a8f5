//! What can go wrong with the store, in words that say what to do.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why the store could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file could not be opened or brought to today's shape.
    #[error("opening the database {}: {source}. {}", path.display(), advice(source))]
    Open {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file was written by a newer textback. It has not been touched.
    #[error(
        "the database {} was written by a newer textback (its shape is number {found}, this program knows {known}). \
         It was left as it is: install the newer version again, or restore an older backup",
        path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// The shape found.
        found: i64,
        /// The newest shape this program knows.
        known: usize,
    },
    /// The file is older than this program and was opened for reading alone.
    #[error(
        "the database {} was made by an older textback: start `textback run` once, it will bring it up to date",
        path.display()
    )]
    Older {
        /// The database.
        path: PathBuf,
    },
    /// A query failed.
    #[error("{what}: {source}. {}", advice(source))]
    Query {
        /// What was being done.
        what: &'static str,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The store is in memory, and who must not be texted is not in it.
    #[error("who must not be texted cannot be read out of the database, so nobody is texted")]
    Blind,
    /// A restore was cut short, or is under way.
    #[error(
        "a backup is being put in the place of the database {}: wait for `textback restore` to end, or start `textback run`, \
         which finishes what was cut short",
        path.display()
    )]
    HalfRestored {
        /// The database.
        path: PathBuf,
    },
    /// A restore could not be ended.
    #[error("putting a backup in the place of the database {}: {source}. Check the disk, and try again", path.display())]
    Restoring {
        /// The database.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system had no random bytes for a secret.
    #[error(
        "asking the system for random bytes: {source}. Try again; if it stays so, start the computer anew"
    )]
    Random {
        /// What the system said.
        source: getrandom::Error,
    },
    /// The program is stopping and took no more work.
    #[error("{what}: the program is stopping")]
    Stopped {
        /// What was being done.
        what: &'static str,
    },
}

impl StoreError {
    pub(super) fn open(path: &Path, source: rusqlite::Error) -> Self {
        Self::Open {
            path: path.to_owned(),
            source,
        }
    }
}

/// What the reader can do about an error of SQLite.
fn advice(source: &rusqlite::Error) -> &'static str {
    match source.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "Free some space on this disk",
        Some(ErrorCode::ReadOnly) => {
            "The disk is read-only: an SD card that turns so is dying, copy it and replace it"
        }
        Some(ErrorCode::CannotOpen) => {
            "Does the data directory exist, and may this user write to it?"
        }
        Some(ErrorCode::PermissionDenied) => "May this user write to the data directory?",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "Another program holds the database: is a second textback running?"
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "The file is damaged: stop textback, and put a backup in its place with `textback restore FILE`"
        }
        Some(ErrorCode::SystemIoFailure) => {
            "The disk did not do as it was asked: check the SD card"
        }
        _ => "This is a fault of textback itself: please report it",
    }
}
