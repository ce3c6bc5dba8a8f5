//! The two lists of people: opted out (the caller's right) and never to be texted (the owner's choice).

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, params};

use super::{Store, StoreError, millis};
use crate::phone::PhoneNumber;

impl Store {
    /// Puts a number on the never-text list, or changes the name beside it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn never_text(&self, number: &PhoneNumber, name: &str) -> Result<(), StoreError> {
        let (number, name) = (number.to_string(), name.to_owned());
        self.write("keeping the never-text list", move |transaction| {
            transaction.execute(
                "INSERT INTO never_text (number, name) VALUES (?1, ?2)
                 ON CONFLICT (number) DO UPDATE SET name = excluded.name",
                params![number, name],
            )?;
            Ok(())
        })
        .await
    }
}

pub(super) fn is_opted_out(connection: &Connection, number: &str) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM opted_out WHERE number = ?1")?
        .exists(params![number])
}

pub(super) fn is_never_texted(connection: &Connection, number: &str) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM never_text WHERE number = ?1")?
        .exists(params![number])
}

/// Says whether this changed anything.
pub(super) fn opt_out(
    transaction: &Transaction<'_>,
    number: &str,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let added = transaction.execute(
        "INSERT OR IGNORE INTO opted_out (number, since) VALUES (?1, ?2)",
        params![number, millis(now)],
    )?;
    Ok(added > 0)
}

/// Says whether this changed anything.
pub(super) fn opt_in(transaction: &Transaction<'_>, number: &str) -> rusqlite::Result<bool> {
    let removed =
        transaction.execute("DELETE FROM opted_out WHERE number = ?1", params![number])?;
    Ok(removed > 0)
}
