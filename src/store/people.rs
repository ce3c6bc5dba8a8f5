//! The lists of people: opted out (the caller's right), never to be texted (the owner's choice), and numbers that texts failed
//! for, for good.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{Store, StoreError, millis, moment};
use crate::phone::PhoneNumber;
use crate::rules::FailedBefore;
use crate::text::Suspicion;

/// So many of the newest texts are looked at for one that left in between.
const LOOKS_BACK: u32 = 200;

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

/// Whether anything was ever texted to this number or came from it.
pub(super) fn is_known(connection: &Connection, number: &str) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM texts INDEXED BY texts_by_number WHERE number = ?1")?
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

/// A text to this number failed for good, in these words. Words that may speak of us as well count the second time, if a text to
/// somebody else left meanwhile.
pub(super) fn suspect(
    transaction: &Transaction<'_>,
    number: &str,
    suspicion: Suspicion,
    said: &str,
    now: Timestamp,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO unreachable (number, since, said, certain) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (number) DO UPDATE SET since = ?2, said = ?3, certain = ?4 OR certain OR EXISTS (
               SELECT 1 FROM (SELECT number, sent_at FROM texts WHERE direction = 'out' ORDER BY id DESC LIMIT ?5) newest
               WHERE newest.number <> ?1 AND newest.sent_at > unreachable.since)",
        )?
        .execute(params![
            number,
            millis(now),
            said,
            suspicion == Suspicion::Certain,
            LOOKS_BACK
        ])?;
    Ok(())
}

/// Whether, when and in which words a text to this number failed for good.
pub(super) fn failed_before(
    connection: &Connection,
    number: &str,
) -> rusqlite::Result<Option<FailedBefore>> {
    connection
        .prepare_cached("SELECT since, said FROM unreachable WHERE number = ?1 AND certain")?
        .query_row(params![number], |row| {
            Ok(FailedBefore {
                at: moment(row.get(0)?),
                said: row.get(1)?,
            })
        })
        .optional()
}

/// A text from this number came in: it can text after all.
pub(super) fn is_reachable(transaction: &Transaction<'_>, number: &str) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("DELETE FROM unreachable WHERE number = ?1")?
        .execute(params![number])?;
    Ok(())
}
