//! Old rows go: calls that were decided, with their texts, what came in, and what was told of them elsewhere, once they are older than the owner keeps them.
//!
//! In small batches, for others wait while one is removed. Kept for ever: settings, those who opted out, the never-text list. Kept
//! as long as they are needed: what is still under way, and all that a rule or a report may ask for, whose times are shorter
//! than the least number of days that can be set. The newest call and text stay, so that their numbers are never given twice. The
//! file does not shrink; its free pages are used again.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Transaction, params};

use super::outgoing::NOT_DONE;
use super::{Store, StoreError, conversations, millis, outlets, settings};

/// Rows looked at in one batch. Where all of them go, it takes some 6 ms with 100,000 calls in the store (debug build, virtual machine).
const ROWS_AT_ONCE: u32 = 50;

/// How far the old rows have been removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Thinned {
    /// Calls removed.
    pub calls: u64,
    /// Texts removed.
    pub texts: u64,
    /// Nothing is left to remove.
    pub done: bool,
    /// Calls up to this row have been looked at.
    call: i64,
    calls_done: bool,
    /// The same for texts.
    text: i64,
    texts_done: bool,
}

impl Store {
    /// Removes one batch of old rows. Goes on where `so_far` ended, which begins with the default.
    ///
    /// # Errors
    /// When the store cannot be written; then nothing was removed.
    pub async fn thin(&self, now: Timestamp, so_far: Thinned) -> Result<Thinned, StoreError> {
        self.write("removing old calls and texts", move |transaction| {
            let keep = settings::load(transaction)?.keep_days();
            let before = now.checked_sub(SignedDuration::from_hours(24 * i64::from(keep)));
            let before = millis(before.unwrap_or(Timestamp::MIN));
            // A call and its text refer to each other.
            transaction.pragma_update(None, "defer_foreign_keys", true)?;
            let mut thinned = so_far;
            if !thinned.calls_done {
                thin_calls(transaction, before, &mut thinned)?;
            } else if !thinned.texts_done {
                thin_texts(transaction, before, &mut thinned)?;
            } else {
                thinned.done =
                    thin_parts(transaction, before)? && outlets::thin(transaction, before)?;
            }
            Ok(thinned)
        })
        .await
    }
}

/// Ids grow with time, so the oldest rows come first, and the first batch without an old one is the last.
fn thin_calls(
    transaction: &Transaction<'_>,
    before: i64,
    thinned: &mut Thinned,
) -> rusqlite::Result<()> {
    let old = looked_at(transaction, "calls", "started_at", before, thinned.call)?;
    thinned.calls_done = old.is_empty();
    for id in old {
        thinned.call = id;
        let decided = transaction
            .prepare_cached(
                "SELECT 1 FROM calls WHERE id = ?1 AND outcome <> 'ringing' AND coalesce(ended_at, 0) < ?2",
            )?
            .exists(params![id, before])?;
        let texts: Vec<i64> = transaction
            .prepare_cached(
                "SELECT id FROM texts WHERE call_id = ?1
                 UNION SELECT text_id FROM calls WHERE id = ?1 AND text_id IS NOT NULL",
            )?
            .query_map(params![id], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let mut done = decided;
        for text in &texts {
            done &= is_old_and_done(transaction, *text, before)?;
        }
        if !done {
            continue;
        }
        for text in &texts {
            remove_text(transaction, *text)?;
            thinned.texts += 1;
        }
        for remove in [
            "DELETE FROM alerts WHERE call_id = ?1",
            "DELETE FROM follow_ups WHERE call_id = ?1",
            "DELETE FROM calls WHERE id = ?1",
        ] {
            transaction.prepare_cached(remove)?.execute(params![id])?;
        }
        thinned.calls += 1;
    }
    Ok(())
}

/// Those that belong to no call that is still there.
fn thin_texts(
    transaction: &Transaction<'_>,
    before: i64,
    thinned: &mut Thinned,
) -> rusqlite::Result<()> {
    let old = looked_at(transaction, "texts", "created_at", before, thinned.text)?;
    thinned.texts_done = old.is_empty();
    for id in old {
        thinned.text = id;
        let needed = transaction
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM texts WHERE id = ?1 AND call_id IS NOT NULL)
                     OR EXISTS (SELECT 1 FROM calls WHERE text_id = ?1)
                     OR EXISTS (SELECT 1 FROM calls WHERE notice_id = ?1)
                     OR EXISTS (SELECT 1 FROM received WHERE (text_id = ?1 OR shown_as = ?1) AND received_at >= ?2)",
            )?
            .query_row(params![id, before], |row| row.get::<_, bool>(0))?;
        if !needed && is_old_and_done(transaction, id, before)? {
            remove_text(transaction, id)?;
            thinned.texts += 1;
        }
    }
    Ok(())
}

/// Parts of messages that never became whole. True when there are no more.
fn thin_parts(transaction: &Transaction<'_>, before: i64) -> rusqlite::Result<bool> {
    let removed = transaction
        .prepare_cached(
            "DELETE FROM received WHERE pdu IN (
               SELECT pdu FROM received INDEXED BY received_waiting
               WHERE text_id IS NULL AND received_at < ?1 LIMIT ?2)",
        )?
        .execute(params![before, ROWS_AT_ONCE])?;
    if removed == 0 {
        conversations::thin(transaction, before)?;
    }
    Ok(removed == 0)
}

/// The old ones among the next rows. The newest row of all is not looked at.
fn looked_at(
    transaction: &Transaction<'_>,
    table: &str,
    column: &str,
    before: i64,
    after: i64,
) -> rusqlite::Result<Vec<i64>> {
    transaction
        .prepare_cached(&format!(
            "SELECT id FROM (SELECT id, {column} AS at FROM {table}
                             WHERE id > ?1 AND id < (SELECT max(id) FROM {table}) ORDER BY id LIMIT ?2)
             WHERE at < ?3 ORDER BY id"
        ))?
        .query_map(params![after, ROWS_AT_ONCE, before], |row| row.get(0))?
        .collect()
}

fn is_old_and_done(
    transaction: &Transaction<'_>,
    text: i64,
    before: i64,
) -> rusqlite::Result<bool> {
    let newest_or_under_way = transaction
        .prepare_cached(&format!(
            "SELECT created_at >= ?2 OR {NOT_DONE} OR id = (SELECT max(id) FROM texts) FROM texts WHERE id = ?1"
        ))?
        .query_row(params![text, before], |row| row.get::<_, bool>(0))
        .optional()?;
    Ok(!newest_or_under_way.unwrap_or(false))
}

fn remove_text(transaction: &Transaction<'_>, id: i64) -> rusqlite::Result<()> {
    for remove in [
        "DELETE FROM alerts WHERE text_id = ?1",
        "DELETE FROM received WHERE text_id = ?1",
        "DELETE FROM received WHERE shown_as = ?1",
        "DELETE FROM text_parts WHERE text_id = ?1",
        "DELETE FROM texts WHERE id = ?1",
    ] {
        transaction.prepare_cached(remove)?.execute(params![id])?;
    }
    Ok(())
}
