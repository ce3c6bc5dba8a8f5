//! What the store stands on: the file, or, where the disk under it fails, a copy in memory, until the disk takes writes again.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::rescue::Rescued;
use super::trouble::{Cause, Trouble};
use super::{StoreError, file_in, in_transaction, open_on_disk, tables, write_same_again};

/// Where the rows are.
#[derive(Debug)]
pub(super) enum Ground {
    /// In the file.
    Disk(Connection),
    /// In memory.
    Memory(Memory),
}

/// The rows in memory, and why.
#[derive(Debug)]
pub(super) struct Memory {
    connection: Connection,
    trouble: Trouble,
    partial: Vec<String>,
    /// There was no file.
    new: bool,
}

impl Ground {
    /// The file in `data_dir`, or what can be read of it.
    ///
    /// # Errors
    /// When the directory or the file cannot be used, whatever the disk does, and when a newer textback wrote it.
    pub(super) fn find(data_dir: &Path) -> Result<Self, StoreError> {
        let path = file_in(data_dir);
        let source = match open_on_disk(&path) {
            Ok(connection) => return Ok(Self::Disk(connection)),
            Err(StoreError::Open { source, .. }) => source,
            Err(error) => return Err(error),
        };
        let Some(cause) = Cause::at_start(&source, data_dir) else {
            return Err(StoreError::Open { path, source });
        };
        let rescued = Rescued::from_file(&path, cause == Cause::Damaged)?;
        // Nothing of it, and no name either: it is not there yet.
        let new = rescued.unread && cause != Cause::Damaged && !path.exists();
        let rescued = if new { Rescued::empty()? } else { rescued };
        Ok(Self::in_memory(rescued, cause, new))
    }

    /// `new`: there is no file.
    pub(super) fn in_memory(rescued: Rescued, cause: Cause, new: bool) -> Self {
        Self::Memory(Memory {
            trouble: Trouble {
                blind: rescued.blind(),
                // What cannot be read is as good as damaged: written over, it would be lost for good.
                cause: if rescued.unread {
                    Cause::Damaged
                } else {
                    cause
                },
            },
            connection: rescued.connection,
            partial: rescued.partial,
            new,
        })
    }

    pub(super) fn connection(&mut self) -> &mut Connection {
        match self {
            Self::Disk(connection) => connection,
            Self::Memory(memory) => &mut memory.connection,
        }
    }

    pub(super) fn trouble(&self) -> Option<&Trouble> {
        match self {
            Self::Disk(_) => None,
            Self::Memory(memory) => Some(&memory.trouble),
        }
    }

    /// Goes into memory if `error`, of the last job, says that the disk fails; false if it stays where it is.
    pub(super) fn leave_disk(&mut self, error: &rusqlite::Error, data_dir: &Path) -> bool {
        let Self::Disk(disk) = self else {
            return false;
        };
        let Some(cause) = Cause::of(error, data_dir) else {
            return false;
        };
        let damaged = cause == Cause::Damaged;
        // What the connection sees is what was committed; a log whose sync failed may hold more.
        let seen = (!damaged)
            .then(|| Rescued::all_of(disk))
            .and_then(Result::ok);
        // A last checkpoint is no help to a disk like that, and forbidden on a damaged file.
        let _ = disk.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        let rescued = match seen {
            Some(seen) => Ok(seen),
            None => {
                // Closed before the file is opened without locks: that would lose this one's.
                let Ok(nothing) = Connection::open_in_memory() else {
                    return false;
                };
                drop(std::mem::replace(disk, nothing));
                Rescued::from_file(&file_in(data_dir), damaged).or_else(|_| Rescued::nothing())
            }
        };
        match rescued {
            Ok(rescued) => {
                *self = Self::in_memory(rescued, cause, false);
                true
            }
            // There is no memory for it.
            Err(_) => false,
        }
    }

    /// Writes what is in memory into the file, and goes on there.
    ///
    /// # Errors
    /// When the disk does not take it yet; all stays in memory. A file that turns out to be damaged is never written to.
    pub(super) fn return_to_disk(&mut self, data_dir: &Path) -> Result<(), StoreError> {
        let Self::Memory(memory) = self else {
            return Ok(());
        };
        if memory.trouble.cause == Cause::Damaged {
            return Ok(());
        }
        match memory.write_back(data_dir) {
            Ok(disk) => {
                *self = Self::Disk(disk);
                Ok(())
            }
            Err(error) => {
                if let StoreError::Open { source, .. } | StoreError::Query { source, .. } = &error
                    && let Some(cause) = Cause::of(source, data_dir)
                {
                    memory.trouble.cause = cause;
                }
                Err(error)
            }
        }
    }
}

impl Memory {
    fn write_back(&mut self, data_dir: &Path) -> Result<Connection, StoreError> {
        let path = file_in(data_dir);
        let failed = |source| StoreError::Query {
            what: "writing down what was kept in memory",
            source,
        };
        let mut disk = open_on_disk(&path)?;
        // First the smallest write: reading through a large file for a disk that is still full would wear on everybody.
        in_transaction(&mut disk, |transaction| {
            write_same_again(transaction, "main")
        })
        .map_err(failed)?;
        super::quick_check(&disk).map_err(failed)?;
        tables::write_back(&mut self.connection, &path, &self.partial, self.new).map_err(failed)?;
        Ok(disk)
    }
}
