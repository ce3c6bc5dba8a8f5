//! What is wrong with the disk, and how people are told. Knows SQLite's errors and the directory, no table.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use rusqlite::ErrorCode;

/// What [`probe`] writes: more than fits into what a file system keeps beside a file's name.
const PROBE_BYTES: usize = 4096;

/// Why the store is in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub(super) cause: Cause,
    /// Who must not be texted could not be read.
    pub(super) blind: bool,
}

/// What the disk, or the file on it, has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cause {
    /// No space is left.
    Full,
    /// The file system takes no writes.
    ReadOnly,
    /// Anything else a disk does; what SQLite said.
    Failing(String),
    /// The file holds something else than was written to it.
    Damaged,
}

impl Trouble {
    /// What is wrong, what it means and what to do, in sentences for people.
    #[must_use]
    pub fn words(&self) -> String {
        let wrong = match &self.cause {
            Cause::Full => "The disk is full.".to_owned(),
            Cause::ReadOnly => {
                "The disk has turned read-only, as an SD card does that is dying.".to_owned()
            }
            Cause::Failing(said) => format!("The disk does not do as it is asked ({said})."),
            Cause::Damaged => "The database is damaged, and is left as it is.".to_owned(),
        };
        let means = match self.blind {
            true => {
                "Who must not be texted cannot be read out of it, so nobody is texted. What happens now is kept in memory alone: \
                 it is lost when the box stops or loses power."
            }
            false => {
                "Callers are still texted, from memory: what happens now is lost when the box stops or loses power."
            }
        };
        let to_do = match &self.cause {
            Cause::Full => "Free some space on it: all of it is then written down within a minute.",
            Cause::ReadOnly | Cause::Failing(_) => {
                "Copy the card and replace it. If it takes writes again, all of it is written down within a minute."
            }
            Cause::Damaged => {
                "Stop textback, put a backup in its place with `textback restore FILE`, and start it again."
            }
        };
        format!("{wrong} {means} {to_do}")
    }

    /// Nobody may be texted, because nobody knows who must not be.
    pub(super) fn forbids_texts(&self) -> bool {
        self.blind
    }
}

impl Cause {
    /// What an error of a query says about the disk in `dir`; `None` where it says nothing about any disk.
    pub(super) fn of(error: &rusqlite::Error, dir: &Path) -> Option<Self> {
        let said = || Self::Failing(error.to_string());
        let cause = match error.sqlite_error_code()? {
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => return Some(Self::Damaged),
            ErrorCode::DiskFull => Self::Full,
            ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::SystemIoFailure => said(),
            _ => return None,
        };
        Some(Self::found(probe(dir)).unwrap_or(cause))
    }

    /// The same for the database that could not be opened; `None` as well where it lacks rights, or the directory: such a box
    /// is not set up.
    pub(super) fn at_start(error: &rusqlite::Error, dir: &Path) -> Option<Self> {
        match (error.sqlite_error_code()?, probe(dir)) {
            (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => Some(Self::Damaged),
            (ErrorCode::CannotOpen | ErrorCode::ReadOnly, probed) => Self::found(probed),
            (_, _) => Self::of(error, dir),
        }
    }

    fn found(probed: io::Result<()>) -> Option<Self> {
        let error = probed.err()?;
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some(Self::Full),
            io::ErrorKind::ReadOnlyFilesystem => Some(Self::ReadOnly),
            io::ErrorKind::PermissionDenied
            | io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory => None,
            _ => Some(Self::Failing(error.to_string())),
        }
    }
}

/// Writes a small file and removes it: SQLite's word for a full disk can be one for a failing one, depending on where it noticed.
fn probe(dir: &Path) -> io::Result<()> {
    let path = dir.join(format!(".textback-probe-{}", std::process::id()));
    let written = File::create(&path).and_then(|mut file| {
        file.write_all(&[0; PROBE_BYTES])?;
        file.sync_all()
    });
    // It may not be there.
    let _ = fs::remove_file(&path);
    written
}
