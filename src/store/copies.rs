//! Backups: a copy of the database, made beside a running daemon, and such a copy put in the database's place.
//!
//! A copy gets its name when it is whole, checked and on the disk. A restore is decided at one moment, too: once the checked copy
//! lies beside the database as [`RESTORED`], whoever starts next finishes what is left to do. In between, the database must never
//! be without its log, nor the copy beside the log of the other.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};

use super::rescue::beside;
use super::{Store, StoreError, file_in, open_to_look, version_of};

/// A checked copy that is to take the database's place.
const RESTORED: &str = ".restored";
/// One that is not whole yet.
const PART: &str = ".part";
/// One on its way to a browser.
const DOWNLOAD: &str = "download.db";
/// What makes a database one of ours.
const OUR_TABLES: [&str; 4] = ["settings", "calls", "texts", "opted_out"];

/// What is in a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Calls.
    pub calls: u32,
    /// Texts, out and in.
    pub texts: u32,
}

/// Why no copy was made, or none put in place.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// There is something of that name.
    #[error("{} is there already, and is left as it is: name a file that is not", path.display())]
    Exists {
        /// The name.
        path: PathBuf,
    },
    /// Nothing to copy.
    #[error("there is no database {}: is this the right data directory?", path.display())]
    Nothing {
        /// The database.
        path: PathBuf,
    },
    /// It is a database of something else, or none.
    #[error("{} is no backup of textback: {why}", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// What it is.
        why: String,
    },
    /// It is one of ours, and is damaged.
    #[error("{} is damaged ({found}): take an older backup", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        found: String,
    },
    /// The store could not be read, or the copy is newer than this program.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Whoever made the copy ended before it was done.
    #[error("making a copy ended half way: try again")]
    Ended,
    /// A file could not be read or written.
    #[error("{what} {}: {source}", path.display())]
    File {
        /// What was being done.
        what: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Bytes left on the disk of this directory for those who are not root.
///
/// # Errors
/// When the system does not tell.
pub fn free_bytes(dir: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(dir)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Copies the database of `data_dir` into the new file `to`, as it is at one moment, whoever uses it meanwhile.
///
/// # Errors
/// When `to` is there already, when there is no database or it is damaged, and when the disk fails. No `to` is left then.
pub fn backup(data_dir: &Path, to: &Path) -> Result<Counts, CopyError> {
    let path = file_in(data_dir);
    if to.symlink_metadata().is_ok() {
        return Err(CopyError::Exists { path: to.into() });
    }
    if !path.exists() {
        return Err(CopyError::Nothing { path });
    }
    let failed = |source| StoreError::open(&path, source);
    let source = open_to_look(&path)?;
    let part = Part::new(beside(to, PART))?;
    // Compact, in one file without a log, and each row of it was read.
    source
        .execute("VACUUM INTO ?1", [part.0.to_string_lossy()])
        .map_err(failed)?;
    let copy = open_to_look(&part.0)?;
    let counts = check(&copy, &part.0)?;
    drop(copy);
    part.becomes(to)?;
    Ok(counts)
}

impl Store {
    /// A copy of the database as it is now, and its size in bytes. The file has no name any more: it is gone once it is closed.
    ///
    /// # Errors
    /// As [`backup`], and while everything is in memory for want of a disk.
    pub async fn copy(&self) -> Result<(File, u64), CopyError> {
        let data_dir = self.data_dir.clone();
        let copied = tokio::task::spawn_blocking(move || {
            let to = data_dir.join(DOWNLOAD);
            // One that a crash left.
            let _ = fs::remove_file(&to);
            backup(&data_dir, &to)?;
            let failed = |source| CopyError::File {
                what: "reading the copy",
                path: to.clone(),
                source,
            };
            let opened = File::open(&to).and_then(|file| {
                let bytes = file.metadata()?.len();
                fs::remove_file(&to)?;
                Ok((file, bytes))
            });
            opened.map_err(failed)
        });
        copied.await.unwrap_or(Err(CopyError::Ended))
    }
}

/// Checks the backup `from` and puts it in the place of the database in `data_dir`. That is kept under the name returned, if there
/// was one. Whoever calls holds the lock of the directory.
///
/// # Errors
/// When `from` is no whole backup, or is newer than this program, and when the disk fails. The database is as it was then, or
/// the next start ends what was begun.
pub fn restore(
    from: &Path,
    data_dir: &Path,
    now: Timestamp,
) -> Result<(Counts, Option<PathBuf>), CopyError> {
    finish_restore(data_dir)?;
    let path = file_in(data_dir);
    let part = Part::new(beside(&path, PART))?;
    copy_into(from, &part.0)?;
    // A copy of a card, say, has the log beside it.
    let log = beside(from, "-wal");
    if log.exists() {
        make(&beside(&part.0, "-wal"))?;
        copy_into(&log, &beside(&part.0, "-wal"))?;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let ours = |source: rusqlite::Error| CopyError::NotOurs {
        path: from.into(),
        why: source.to_string(),
    };
    let copy = Connection::open_with_flags(&part.0, flags).map_err(ours)?;
    let counts = check(&copy, from)?;
    // Takes the log in, and leaves none.
    copy.pragma_update(None, "journal_mode", "DELETE")
        .map_err(ours)?;
    drop(copy);
    let kept = keep(&path, now)?;
    part.becomes(&beside(&path, RESTORED))?;
    finish_restore(data_dir)?;
    Ok((counts, kept))
}

/// Ends a restore that was decided. Whoever calls holds the lock of the directory.
pub(super) fn finish_restore(data_dir: &Path) -> Result<(), StoreError> {
    let path = file_in(data_dir);
    let restored = beside(&path, RESTORED);
    if !restored.exists() {
        return Ok(());
    }
    // The log of the other database first, and for good: this one must never meet it.
    let finished = ["-wal", "-shm"]
        .iter()
        .map(|suffix| beside(&path, suffix))
        .try_for_each(|stale| match fs::remove_file(&stale) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
        .and_then(|()| sync_folder_of(&path))
        .and_then(|()| fs::rename(&restored, &path))
        .and_then(|()| sync_folder_of(&path));
    finished.map_err(|source| StoreError::Restoring { path, source })
}

/// For those who do not hold the lock of the directory.
pub(super) fn refuse_half_restored(data_dir: &Path) -> Result<(), StoreError> {
    let path = file_in(data_dir);
    match beside(&path, RESTORED).exists() {
        true => Err(StoreError::HalfRestored { path }),
        false => Ok(()),
    }
}

/// What is in a whole database of ours.
fn check(copy: &Connection, name: &Path) -> Result<Counts, CopyError> {
    let not_ours = |source: rusqlite::Error| CopyError::NotOurs {
        path: name.into(),
        why: source.to_string(),
    };
    let count = |table: &str| {
        let count = format!("SELECT count(*) FROM {table}");
        copy.query_row(&count, [], |row| row.get(0))
    };
    // The first look at the file.
    copy.pragma_query_value(None, "schema_version", |_| Ok(()))
        .map_err(not_ours)?;
    if version_of(copy, name)? == 0 {
        return Err(CopyError::NotOurs {
            path: name.into(),
            why: "it is another program's database".to_owned(),
        });
    }
    let found: String = copy
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .unwrap_or_else(|error| error.to_string());
    if found != "ok" {
        return Err(CopyError::Damaged {
            path: name.into(),
            found,
        });
    }
    for table in OUR_TABLES {
        count(table).map_err(not_ours)?;
    }
    Ok(Counts {
        calls: count("calls").map_err(not_ours)?,
        texts: count("texts").map_err(not_ours)?,
    })
}

/// Gives the database, and its log, a second name.
fn keep(path: &Path, now: Timestamp) -> Result<Option<PathBuf>, CopyError> {
    if !path.exists() {
        return Ok(None);
    }
    let kept = beside(path, &now.strftime(".%Y-%m-%dT%H-%M-%SZ").to_string());
    for suffix in ["", "-wal"] {
        let (old, new) = (beside(path, suffix), beside(&kept, suffix));
        if !old.exists() {
            continue;
        }
        // Not every file system has second names.
        if fs::hard_link(&old, &new).is_err() {
            make(&new)?;
            copy_into(&old, &new)?;
        }
    }
    sync_folder_of(path).map_err(|source| CopyError::File {
        what: "keeping",
        path: path.into(),
        source,
    })?;
    Ok(Some(kept))
}

/// A file that is not whole yet; it goes unless it becomes something.
struct Part(PathBuf);

impl Part {
    fn new(path: PathBuf) -> Result<Self, CopyError> {
        // What another try left must not be taken for its log, say.
        let part = Self(path);
        part.remove();
        make(&part.0)?;
        Ok(part)
    }

    fn remove(&self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            // Most were never there, and one that cannot be removed is in the way of the next try, which says so.
            let _ = fs::remove_file(beside(&self.0, suffix));
        }
    }

    /// It is on the disk under this name when this returns, or not at all.
    fn becomes(self, name: &Path) -> Result<(), CopyError> {
        File::open(&self.0)
            .and_then(|file| file.sync_all())
            .and_then(|()| fs::rename(&self.0, name))
            .and_then(|()| sync_folder_of(name))
            .map_err(|source| CopyError::File {
                what: "writing",
                path: name.into(),
                source,
            })
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Makes an empty file, for this user alone: callers' numbers will be in it.
fn make(path: &Path) -> Result<(), CopyError> {
    let file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    file.and_then(|file| give_to_owner_of_folder(path, &file))
        .map_err(|source| CopyError::File {
            what: "making",
            path: path.into(),
            source,
        })
}

/// What root puts into the service's directory is the service's.
fn give_to_owner_of_folder(path: &Path, file: &File) -> io::Result<()> {
    let folder = folder_of(path).metadata()?;
    let file = file.metadata()?;
    let owner = |meta: &fs::Metadata| (meta.uid(), meta.gid());
    if file.uid() == 0 && owner(&file) != owner(&folder) {
        chown(path, Some(folder.uid()), Some(folder.gid()))?;
    }
    Ok(())
}

fn copy_into(from: &Path, to: &Path) -> Result<(), CopyError> {
    let copied = File::open(from).and_then(|mut from| {
        let mut to = File::options().write(true).open(to)?;
        io::copy(&mut from, &mut to)?;
        to.sync_all()
    });
    copied.map_err(|source| CopyError::File {
        what: "copying",
        path: from.into(),
        source,
    })
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}
