//! The database in memory: a copy of the file as it can still be read, whole or table by table. Writes to memory alone.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, OpenFlags, Statement, params_from_iter};

use super::settings;
use super::tables::{self, Table};
use super::{BUSY_TIMEOUT, StoreError, migrate, open_to_look, version_of};

/// A database in memory is no larger than this, for the service may use 256 MB in all (`MemoryMax` of the unit); so many are
/// the calls of ten years of fifty a day. Of a larger one the newest rows are taken.
const BYTES_IN_MEMORY: i64 = 64 * 1024 * 1024;
/// So many rows of a table are taken then, or where the file is damaged: a month, which is the longest cooldown, at more than
/// three times the default daily cap.
const NEWEST_ROWS: usize = 20_000;
/// Taken to the last row: what the owner set, and who must not be texted.
const ALWAYS_WHOLE: [&str; 4] = ["settings", "opted_out", "never_text", "contacts"];
/// Unless these are whole, nobody may be texted.
const LISTS: [&str; 2] = ["opted_out", "never_text"];
/// Nor unless this is, while only strangers are to be texted.
const CONTACTS: &str = "contacts";

/// A database in memory.
pub(super) struct Rescued {
    pub(super) connection: Connection,
    /// Of these tables rows are missing.
    pub(super) partial: Vec<String>,
    /// Rows are missing because they could not be read.
    pub(super) unread: bool,
}

impl Rescued {
    /// An empty one, where there is no file.
    pub(super) fn empty() -> Result<Self, StoreError> {
        Self::up_to_date(in_memory(), Vec::new(), false)
    }

    /// All that a connection sees. Of a large database the newest rows.
    pub(super) fn all_of(disk: &Connection) -> Result<Self, StoreError> {
        Self::up_to(disk, BYTES_IN_MEMORY)
    }

    pub(super) fn up_to(disk: &Connection, most: i64) -> Result<Self, StoreError> {
        let number = |name| disk.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let bytes = number("page_count").and_then(|pages| Ok(pages * number("page_size")?));
        if bytes.map_err(failed)? > most {
            return Self::table_by_table(disk);
        }
        let copy = in_memory().and_then(|mut copy| {
            let step = Backup::new(disk, &mut copy)?.step(-1)?;
            match step {
                StepResult::Done => Ok(copy),
                _ => Err(rusqlite::Error::SqliteFailure(
                    rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
                    None,
                )),
            }
        });
        Self::up_to_date(copy, Vec::new(), false)
    }

    /// What can be read of a file on a disk that takes no writes; of a `damaged` one, table by table. Writes nothing to it.
    ///
    /// # Errors
    /// When a newer textback wrote it.
    pub(super) fn from_file(path: &Path, damaged: bool) -> Result<Self, StoreError> {
        // The first sees what another process may be writing, and makes a file beside it for that; the second does neither.
        let mut ways = [open_to_look, open_at_rest];
        if damaged {
            ways.reverse();
        }
        let mut readable = None;
        for way in ways {
            let Ok(file) = way(path) else { continue };
            // Else a file that has lost its end is not read at all.
            let _ = file.pragma_update(None, "writable_schema", damaged);
            match version_of(&file, path) {
                Err(error @ StoreError::Newer { .. }) => return Err(error),
                Err(_) => continue,
                Ok(_) => {}
            }
            if damaged {
                return Self::table_by_table(&file);
            }
            if let Ok(whole) = Self::all_of(&file) {
                return Ok(whole);
            }
            readable = readable.or(Some(file));
        }
        match readable {
            Some(file) => Self::table_by_table(&file),
            None => Self::nothing(),
        }
    }

    /// Nothing of a file that is there.
    pub(super) fn nothing() -> Result<Self, StoreError> {
        let empty = Self::empty()?;
        let tables = tables::of(&empty.connection).map_err(failed)?;
        Ok(Self {
            partial: tables.into_iter().map(|table| table.name).collect(),
            unread: true,
            ..empty
        })
    }

    /// Who must not be texted is not wholly known.
    pub(super) fn blind(&self) -> bool {
        let only_strangers =
            || settings::load(&self.connection).is_ok_and(|settings| settings.only_strangers());
        LISTS.iter().any(|list| self.lacks(list)) || self.lacks(CONTACTS) && only_strangers()
    }

    fn lacks(&self, table: &str) -> bool {
        self.partial.iter().any(|partial| partial == table)
    }

    fn table_by_table(file: &Connection) -> Result<Self, StoreError> {
        let mut rescued = Self::empty()?;
        let memory = &rescued.connection;
        // Parents may be missing, and rows come in any order.
        memory
            .pragma_update(None, "foreign_keys", false)
            .map_err(failed)?;
        for table in tables::of(memory).map_err(failed)? {
            let end = copy_table(file, memory, &table).map_err(failed)?;
            if end != End::Whole {
                rescued.partial.push(table.name);
            }
            rescued.unread |= end == End::Unread;
        }
        let Self {
            connection,
            partial,
            unread,
        } = rescued;
        Self::up_to_date(Ok(connection), partial, unread)
    }

    fn up_to_date(
        connection: rusqlite::Result<Connection>,
        partial: Vec<String>,
        unread: bool,
    ) -> Result<Self, StoreError> {
        let mut connection = connection.map_err(failed)?;
        let path = Path::new(":memory:");
        let version = version_of(&connection, path)?;
        migrate(&mut connection, version).map_err(failed)?;
        tables::remember_shared(&connection).map_err(failed)?;
        connection
            .pragma_update(None, "foreign_keys", true)
            .map_err(failed)?;
        Ok(Self {
            connection,
            partial,
            unread,
        })
    }
}

fn failed(source: rusqlite::Error) -> StoreError {
    StoreError::Query {
        what: "copying the database into memory",
        source,
    }
}

fn in_memory() -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

/// How a table was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// To the last row.
    Whole,
    /// Its newest rows, for there are too many.
    Newest,
    /// As far as it could be read.
    Unread,
}

fn copy_table(file: &Connection, memory: &Connection, table: &Table) -> rusqlite::Result<End> {
    let there = tables::columns(file, &table.name).unwrap_or_default();
    let columns: Vec<&str> = table
        .columns
        .iter()
        .map(String::as_str)
        .filter(|column| there.iter().any(|other| other == column))
        .collect();
    if columns.is_empty() {
        return Ok(End::Unread);
    }
    let (name, columns, marks) = (
        &table.name,
        columns.join(", "),
        vec!["?"; columns.len()].join(", "),
    );
    let insert = format!("INSERT OR IGNORE INTO {name} ({columns}) VALUES ({marks})");
    let mut insert = memory.prepare(&insert)?;
    let always_whole = ALWAYS_WHOLE.contains(&name.as_str());
    let most = if always_whole {
        usize::MAX
    } else {
        NEWEST_ROWS
    };
    let newest_first = table.key.join(" DESC, ");
    let select = format!("SELECT {columns} FROM {name} ORDER BY {newest_first} DESC");
    let mut end = copy_rows(file, &select, most, &mut insert);
    if end == End::Unread {
        // Up to the gap from the other side.
        let select = format!(
            "SELECT {columns} FROM {name} ORDER BY {}",
            table.key.join(", ")
        );
        copy_rows(file, &select, most, &mut insert);
    }
    // A page that lost its rows reads as an empty one.
    let sound = |table: &str| {
        file.query_row("SELECT * FROM pragma_quick_check(?1)", [table], |row| {
            row.get::<_, String>(0)
        })
        .is_ok_and(|found| found == "ok")
    };
    if always_whole && !sound(name) {
        end = End::Unread;
    }
    Ok(end)
}

fn copy_rows(file: &Connection, select: &str, most: usize, insert: &mut Statement<'_>) -> End {
    let Ok(mut statement) = file.prepare(select) else {
        return End::Unread;
    };
    let columns = statement.column_count();
    let Ok(mut rows) = statement.query([]) else {
        return End::Unread;
    };
    let mut end = End::Whole;
    for _ in 0..most {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => return end,
            Err(_) => return End::Unread,
        };
        // The bytes as they are: text of a damaged file may be no text.
        let values: rusqlite::Result<Vec<_>> = (0..columns)
            .map(|column| row.get_ref(column).map(ToSqlOutput::Borrowed))
            .collect();
        let kept = values.and_then(|values| insert.execute(params_from_iter(values)));
        // A row that breaks the table's own rules is none that we wrote.
        if !matches!(kept, Ok(1)) {
            end = End::Unread;
        }
    }
    match rows.next() {
        Ok(None) => end,
        Ok(Some(_)) if end == End::Whole => End::Newest,
        _ => End::Unread,
    }
}

/// For reading a file that nobody writes to, whoever calls holds the lock of the data directory: without locks, and without
/// the `-shm` file that a disk which takes no writes has no room for.
fn open_at_rest(path: &Path) -> Result<Connection, StoreError> {
    at_rest(path).map_err(|source| StoreError::open(path, source))
}

fn at_rest(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let log = fs::metadata(beside(path, "-wal"));
    if log.is_ok_and(|log| log.len() > 0) {
        // The index of the log is made in memory then.
        let connection = Connection::open_with_flags_and_vfs(path, flags, "unix-none")?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        return Ok(connection);
    }
    let path = path.to_string_lossy();
    let path = path
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    let flags = flags | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(format!("file:{path}?immutable=1"), flags)
}

/// The name of a file that SQLite keeps beside a database.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}
