//! Status reports: which text each is about, and what it makes of it.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Transaction, params};

use super::outgoing::{NOT_DONE, TextState};
use super::{Store, StoreError, millis};
use crate::phone;

/// A report that comes later than this belongs to another text: TP-MR has wrapped by then, and no service centre keeps a
/// message longer than the day of validity we ask for.
const REPORTS_COME_WITHIN: SignedDuration = SignedDuration::from_hours(72);

/// A status report, as far as it tells which text it is about.
#[derive(Debug, Clone)]
pub struct Report {
    /// TP-MR.
    pub reference: u8,
    /// TP-RA, as the network wrote it.
    pub recipient: String,
    /// What it says.
    pub outcome: ReportOutcome,
}

/// What a status report says of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportOutcome {
    /// It has arrived.
    Delivered,
    /// The network has it; it may arrive yet.
    Taken,
    /// It will not arrive; why, in plain words.
    Failed(String),
}

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
            let known = part_reported(transaction, &report, now)?;
            let text_id = match known {
                Some((text_id, sequence)) => {
                    if let Some(token) = report.outcome.token() {
                        transaction.execute(
                            "UPDATE text_parts SET report = ?3 WHERE text_id = ?1 AND sequence = ?2",
                            params![text_id, sequence, token],
                        )?;
                    }
                    text_id
                }
                None => match unconfirmed_to(transaction, &report.recipient)? {
                    Some(text_id) => {
                        take_part(transaction, text_id, &report, now)?;
                        text_id
                    }
                    None => return Ok(None),
                },
            };
            let state = apply_report(transaction, text_id, &report, now)?;
            Ok(Some(ReportMatch { text_id, state }))
        })
        .await
    }
}

/// The part of ours that a report is about: the same reference, an agreeing number, the newest.
fn part_reported(
    transaction: &Transaction<'_>,
    report: &Report,
    now: Timestamp,
) -> rusqlite::Result<Option<(i64, u32)>> {
    let since = millis(
        now.checked_sub(REPORTS_COME_WITHIN)
            .unwrap_or(Timestamp::MIN),
    );
    let candidates = transaction
        .prepare_cached(
            "SELECT p.text_id, p.sequence, t.number FROM text_parts p JOIN texts t ON t.id = p.text_id
             WHERE p.report IS NULL AND p.reference = ?1 AND p.sent_at >= ?2 ORDER BY p.sent_at DESC",
        )?
        .query_map(params![report.reference, since], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<String>>(2)?.unwrap_or_default()))
        })?
        .collect::<rusqlite::Result<Vec<(i64, u32, String)>>>()?;
    Ok(candidates
        .into_iter()
        .find(|(_, _, number)| phone::same_line(number, &report.recipient))
        .map(|(text_id, sequence, _)| (text_id, sequence)))
}

/// The oldest text to that recipient whose reference is not known, only to whom it went: unconfirmed, or with its last part at
/// the modem still, whose answer the report can overtake.
fn unconfirmed_to(transaction: &Transaction<'_>, recipient: &str) -> rusqlite::Result<Option<i64>> {
    let candidates = transaction
        .prepare_cached(&format!(
            "SELECT id, number FROM texts INDEXED BY texts_waiting
             WHERE {NOT_DONE} AND (state = 'unconfirmed'
                OR state = 'sending' AND parts = 1 + (SELECT count(*) FROM text_parts WHERE text_id = texts.id))
             ORDER BY id"
        ))?
        .query_map([], |row| {
            Ok((
                row.get(0)?,
                row.get::<_, Option<String>>(1)?.unwrap_or_default(),
            ))
        })?
        .collect::<rusqlite::Result<Vec<(i64, String)>>>()?;
    Ok(candidates
        .into_iter()
        .find(|(_, number)| phone::same_line(number, recipient))
        .map(|(id, _)| id))
}

/// The report is about the part of which nothing else is known: the network has it. A text of which parts are left goes on
/// with them.
fn take_part(
    transaction: &Transaction<'_>,
    text_id: i64,
    report: &Report,
    now: Timestamp,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO text_parts (text_id, sequence, reference, sent_at, report)
             SELECT ?1, 1 + count(*), ?2, ?3, ?4 FROM text_parts WHERE text_id = ?1",
        )?
        .execute(params![
            text_id,
            report.reference,
            millis(now),
            report.outcome.token()
        ])?;
    transaction
        .prepare_cached(
            "UPDATE texts SET error = NULL,
                    state = CASE WHEN left = 0 THEN 'sent' ELSE 'queued' END,
                    sent_at = CASE WHEN left = 0 THEN ?2 END,
                    not_before = CASE WHEN left = 0 THEN NULL ELSE ?2 END
             FROM (SELECT parts - (SELECT count(*) FROM text_parts WHERE text_id = ?1) AS left
                   FROM texts WHERE id = ?1)
             WHERE id = ?1",
        )?
        .execute(params![text_id, millis(now)])?;
    Ok(())
}

/// Moves a text on by a report about one of its parts. Some networks report the last part alone (measured by sms-gate), so
/// that one speaks for the whole; a failed part fails the text.
fn apply_report(
    transaction: &Transaction<'_>,
    text_id: i64,
    report: &Report,
    now: Timestamp,
) -> rusqlite::Result<TextState> {
    match &report.outcome {
        ReportOutcome::Taken => {}
        ReportOutcome::Failed(why) => {
            transaction
                .prepare_cached(
                    "UPDATE texts SET state = 'failed', not_before = NULL, error = ?2 WHERE id = ?1",
                )?
                .execute(params![text_id, why])?;
        }
        ReportOutcome::Delivered => {
            transaction
                .prepare_cached(
                    "UPDATE texts SET state = 'delivered', delivered_at = ?2 WHERE id = ?1 AND state = 'sent' AND (
                       EXISTS (SELECT 1 FROM text_parts WHERE text_id = ?1 AND sequence = parts AND report = 'delivered')
                       OR NOT EXISTS (SELECT 1 FROM text_parts WHERE text_id = ?1 AND report IS NULL))",
                )?
                .execute(params![text_id, millis(now)])?;
        }
    }
    transaction
        .prepare_cached("SELECT state FROM texts WHERE id = ?1")?
        .query_row(params![text_id], |row| {
            Ok(TextState::from_token(&row.get::<_, String>(0)?))
        })
}

impl ReportOutcome {
    /// How the part's row keeps it, if it is the last word.
    fn token(&self) -> Option<&'static str> {
        match self {
            Self::Delivered => Some("delivered"),
            Self::Failed(_) => Some("failed"),
            Self::Taken => None,
        }
    }
}
