//! The tables of the database as a whole, whatever is in them: their names, columns and keys, and how what is in memory is written
//! back into the file.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::write_same_again;

/// Other processes write these too (`textback settings set`, `textback people`, `textback password`): what they changed there while we were in memory
/// stands. A table that another process comes to write belongs here.
const SHARED: [&str; 5] = ["settings", "opted_out", "never_text", "contacts", "door"];
/// What another process has removed from these meanwhile stays removed. Not so for who asked for no more texts: he may have asked
/// again, and that leaves no trace where he is on the list already.
const SHARED_REMOVALS: [&str; 2] = ["never_text", "contacts"];

/// A table.
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    /// Its primary key, in order.
    pub(super) key: Vec<String>,
}

/// Every table of ours.
pub(super) fn of(connection: &Connection) -> rusqlite::Result<Vec<Table>> {
    let names: Vec<String> = connection
        .prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY rowid",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let table = |name: String| {
        Ok(Table {
            columns: columns(connection, &name)?,
            key: connection
                .prepare("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk")?
                .query_map([&name], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?,
            name,
        })
    };
    names.into_iter().map(table).collect()
}

/// The columns of a table; none if it is not there.
pub(super) fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare("SELECT name FROM pragma_table_info(?1)")?
        .query_map([table], |row| row.get(0))?
        .collect()
}

/// Keeps the shared tables as they are now, for [`write_back`].
pub(super) fn remember_shared(memory: &Connection) -> rusqlite::Result<()> {
    for table in SHARED {
        memory.execute_batch(&format!(
            "DROP TABLE IF EXISTS temp.{table}_before;
             CREATE TEMP TABLE {table}_before AS SELECT * FROM main.{table}"
        ))?;
    }
    Ok(())
}

/// Makes the file at `path` hold what is in memory, in one transaction. Only rows that differ are written: a disk that was full has
/// little room. Rows are removed from no table that is `partial` in memory. `new`: there was no file when the copy was made, so
/// one that holds calls or texts by now is not ours to write to.
pub(super) fn write_back(
    memory: &mut Connection,
    path: &Path,
    partial: &[String],
    new: bool,
) -> rusqlite::Result<()> {
    // Left over from a try after which it could not be done.
    let _ = memory.execute_batch("DETACH disk");
    memory.execute("ATTACH ?1 AS disk", [path.to_string_lossy()])?;
    let written = write_back_attached(memory, partial, new);
    let _ = memory.execute_batch("DETACH disk");
    written
}

fn write_back_attached(
    memory: &mut Connection,
    partial: &[String],
    new: bool,
) -> rusqlite::Result<()> {
    let transaction = memory.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if new {
        let strange: bool = transaction.query_row(
            "SELECT EXISTS (SELECT 1 FROM disk.calls) OR EXISTS (SELECT 1 FROM disk.texts)",
            [],
            |row| row.get(0),
        )?;
        if strange {
            return Err(rusqlite::Error::SqliteFailure(
                rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN),
                Some("another database lies there now".to_owned()),
            ));
        }
    }
    // Rows come before those they refer to.
    transaction.pragma_update(None, "defer_foreign_keys", true)?;
    for table in SHARED {
        transaction.execute_batch(&format!(
            "INSERT OR REPLACE INTO main.{table} SELECT * FROM disk.{table} EXCEPT SELECT * FROM temp.{table}_before"
        ))?;
    }
    for list in SHARED_REMOVALS {
        transaction.execute_batch(&format!(
            "DELETE FROM main.{list} WHERE number IN
             (SELECT number FROM temp.{list}_before EXCEPT SELECT number FROM disk.{list})"
        ))?;
    }
    for table in of(&transaction)? {
        let may_remove = !partial.contains(&table.name);
        transaction.execute_batch(&table.write_back(may_remove))?;
    }
    // Even where no row differs: a disk that takes no writes must not pass for one that does.
    write_same_again(&transaction, "disk")?;
    transaction.commit()
}

impl Table {
    fn write_back(&self, may_remove: bool) -> String {
        let Self { name, columns, key } = self;
        let same = |columns: &[String], operator: &str| {
            let pairs: Vec<_> = columns
                .iter()
                .map(|column| format!("d.{column} {operator} m.{column}"))
                .collect();
            pairs.join(" AND ")
        };
        let (same_key, same_row) = (same(key, "="), same(columns, "IS"));
        let changes: Vec<_> = columns
            .iter()
            .map(|column| format!("{column} = excluded.{column}"))
            .collect();
        let (changes, columns, key) = (changes.join(", "), columns.join(", "), key.join(", "));
        let remove = match may_remove {
            true => format!(
                "DELETE FROM disk.{name} AS d WHERE NOT EXISTS (SELECT 1 FROM main.{name} AS m WHERE {same_key});"
            ),
            false => String::new(),
        };
        format!(
            "{remove}
             INSERT INTO disk.{name} ({columns}) SELECT {columns} FROM main.{name} AS m
             WHERE NOT EXISTS (SELECT 1 FROM disk.{name} AS d WHERE {same_key} AND {same_row})
             ON CONFLICT ({key}) DO UPDATE SET {changes};"
        )
    }
}
