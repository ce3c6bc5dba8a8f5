//! Status reports: the rows that `text` looks through for the one a report is about, and what it makes of that.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Transaction, params};

use super::outgoing::{NOT_DONE, apply};
use super::{Store, StoreError, millis, moment};
use crate::text::{
    self, About, Failure, KnownPart, OpenText, Report, ReportOutcome, TextState, Transition,
};

/// A report that comes later than this belongs to another text: TP-MR has wrapped by then, and no service centre keeps a
/// message longer than the day of validity we ask for.
const REPORTS_COME_WITHIN: SignedDuration = SignedDuration::from_hours(72);

/// Which text a report was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportMatch {
    /// The text's row.
    pub text_id: i64,
    /// Where the text stands now.
    pub state: TextState,
}

impl Store {
    /// Takes in a status report; `None` when no text of ours fits.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn reported(
        &self,
        report: Report,
        now: Timestamp,
    ) -> Result<Option<ReportMatch>, StoreError> {
        self.write("writing down a status report", move |transaction| {
            let known = parts_under(transaction, report.reference, now)?;
            let open = open_texts(transaction)?;
            let (text_id, sequence) = match text::about(&report, &known, &open) {
                None => return Ok(None),
                Some(About::Again { text_id }) => {
                    let state = state(transaction, text_id)?;
                    return Ok(Some(ReportMatch { text_id, state }));
                }
                Some(About::Part { text_id, sequence }) => (text_id, sequence),
                Some(About::UnknownPart { text_id }) => {
                    (text_id, take_next_part(transaction, text_id, report.reference, now)?)
                }
            };
            if let Some(token) = token(&report.outcome) {
                transaction
                    .prepare_cached(
                        "UPDATE text_parts SET report = ?3, report_stamp = ?4 WHERE text_id = ?1 AND sequence = ?2",
                    )?
                    .execute(params![text_id, sequence, token, report.stamp.map(millis)])?;
            }
            let state = match &report.outcome {
                ReportOutcome::Taken => state(transaction, text_id)?,
                ReportOutcome::Failed { said, number } => {
                    let failure = Failure::NotDelivered {
                        said: said.clone(),
                        number: *number,
                    };
                    apply(transaction, text_id, &Transition::Fail(failure), now)?
                }
                // Some networks report the last part alone (measured by sms-gate): it speaks for the whole.
                ReportOutcome::Delivered if sequence == parts(transaction, text_id)? => {
                    apply(transaction, text_id, &Transition::Delivered { at: now }, now)?
                }
                ReportOutcome::Delivered => state(transaction, text_id)?,
            };
            Ok(Some(ReportMatch { text_id, state }))
        })
        .await
    }

    /// The modem's answer on a message came after nobody waited for it any more: the network has a part under `reference`. Gives the
    /// text's row: the one that was handed over last of those whose answer is missing, as a modem takes the next only after it is
    /// done with the one before; `None` if there is none.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn taken_late(
        &self,
        reference: u8,
        now: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        self.write("writing down a late answer", move |transaction| {
            let last: Option<i64> = transaction
                .prepare_cached(&format!(
                    "SELECT id FROM texts INDEXED BY texts_waiting
                     WHERE {NOT_DONE} AND state = 'unconfirmed' ORDER BY handed_over_at DESC LIMIT 1"
                ))?
                .query_row([], |row| row.get(0))
                .optional()?;
            if let Some(text_id) = last {
                take_next_part(transaction, text_id, reference, now)?;
            }
            Ok(last)
        })
        .await
    }
}

/// The parts that the network took under this reference, newest first.
fn parts_under(
    transaction: &Transaction<'_>,
    reference: u8,
    now: Timestamp,
) -> rusqlite::Result<Vec<KnownPart>> {
    let since = now.checked_sub(REPORTS_COME_WITHIN);
    transaction
        .prepare_cached(
            "SELECT p.text_id, p.sequence, t.number, p.report IS NOT NULL, p.report_stamp
             FROM text_parts p JOIN texts t ON t.id = p.text_id
             WHERE p.reference = ?1 AND p.sent_at >= ?2 ORDER BY p.sent_at DESC",
        )?
        .query_map(
            params![reference, millis(since.unwrap_or(Timestamp::MIN))],
            |row| {
                Ok(KnownPart {
                    text_id: row.get(0)?,
                    sequence: row.get(1)?,
                    number: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
                    reported: row.get(3)?,
                    stamp: row.get::<_, Option<i64>>(4)?.map(moment),
                })
            },
        )?
        .collect()
}

/// The texts that wait for word on a part whose reference nobody knows, oldest first.
fn open_texts(transaction: &Transaction<'_>) -> rusqlite::Result<Vec<OpenText>> {
    transaction
        .prepare_cached(&format!(
            "SELECT id, number, handed_over_at FROM texts INDEXED BY texts_waiting
             WHERE {NOT_DONE} AND state IN ('unconfirmed', 'sending')
               AND parts > (SELECT count(*) FROM text_parts WHERE text_id = texts.id)
             ORDER BY id"
        ))?
        .query_map([], |row| {
            Ok(OpenText {
                text_id: row.get(0)?,
                number: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
                handed_over: row.get::<_, Option<i64>>(2)?.map(moment),
            })
        })?
        .collect()
}

/// This is about the first part of which nothing is known: the network has it. Gives which one that is.
fn take_next_part(
    transaction: &Transaction<'_>,
    text_id: i64,
    reference: u8,
    now: Timestamp,
) -> rusqlite::Result<u32> {
    let taken: u32 = transaction
        .prepare_cached("SELECT count(*) FROM text_parts WHERE text_id = ?1")?
        .query_row(params![text_id], |row| row.get(0))?;
    let sequence = taken + 1;
    transaction
        .prepare_cached(
            "INSERT INTO text_parts (text_id, sequence, reference, sent_at) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![text_id, sequence, reference, millis(now)])?;
    let left = parts(transaction, text_id)?.saturating_sub(sequence);
    let taken = Transition::Taken { at: now, left };
    apply(transaction, text_id, &taken, now)?;
    Ok(sequence)
}

fn parts(transaction: &Transaction<'_>, text_id: i64) -> rusqlite::Result<u32> {
    transaction
        .prepare_cached("SELECT parts FROM texts WHERE id = ?1")?
        .query_row(params![text_id], |row| row.get(0))
}

fn state(transaction: &Transaction<'_>, text_id: i64) -> rusqlite::Result<TextState> {
    transaction
        .prepare_cached("SELECT state FROM texts WHERE id = ?1")?
        .query_row(params![text_id], |row| {
            Ok(TextState::from_token(&row.get::<_, String>(0)?))
        })
}

/// How the part's row keeps it, if it is the last word.
fn token(outcome: &ReportOutcome) -> Option<&'static str> {
    match outcome {
        ReportOutcome::Delivered => Some("delivered"),
        ReportOutcome::Failed { .. } => Some("failed"),
        ReportOutcome::Taken => None,
    }
}
