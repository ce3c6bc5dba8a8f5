//! Texts on their way out. The rows, and the transitions between their states, which `outbox` decides.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::calls::CallRow;
use super::{Store, StoreError, millis, moment, people, settings};
use crate::phone::PhoneNumber;
use crate::settings::Settings;
use crate::sms;

/// A report that comes later than this belongs to another text: TP-MR has wrapped by then, and no service centre keeps a
/// message longer than the day of validity we ask for.
const REPORTS_COME_WITHIN: SignedDuration = SignedDuration::from_hours(72);
/// So many last digits must agree between a text's number and a report's, which may come back national while the text
/// went out international, or the reverse (seen by ofono and sms-gate).
const TRAILING_DIGITS: usize = 7;
/// Rows looked at in one claim; a hindrance that moves more than these aside lets the others of the store go on first.
const CLAIMS_AT_ONCE: usize = 100;

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// Tells a missed caller that we are sorry.
    MissedCall,
    /// Confirms STOP.
    OptOut,
    /// Confirms START.
    OptIn,
}

impl TextKind {
    fn token(self) -> &'static str {
        match self {
            Self::MissedCall => "missed_call",
            Self::OptOut => "opt_out",
            Self::OptIn => "opt_in",
        }
    }

    fn from_token(token: &str) -> Self {
        match token {
            "opt_out" => Self::OptOut,
            "opt_in" => Self::OptIn,
            _ => Self::MissedCall,
        }
    }
}

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextState {
    /// It waits for its turn, or for a passing error to pass.
    Queued,
    /// It is with the modem.
    Sending,
    /// The network has taken it.
    Sent,
    /// The network says that it has arrived.
    Delivered,
    /// It will not be sent; the row says why.
    Failed,
    /// It was handed over, and nothing has confirmed it yet.
    Unconfirmed,
    /// It came in.
    Received,
}

impl TextState {
    /// The word in the store and in an export.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Unconfirmed => "unconfirmed",
            Self::Received => "received",
        }
    }

    pub(super) fn from_token(token: &str) -> Self {
        match token {
            "queued" => Self::Queued,
            "sending" => Self::Sending,
            "sent" => Self::Sent,
            "delivered" => Self::Delivered,
            "unconfirmed" => Self::Unconfirmed,
            "received" => Self::Received,
            _ => Self::Failed,
        }
    }
}

/// A text to be queued.
#[derive(Debug, Clone)]
pub struct NewText {
    /// What it is for.
    pub kind: TextKind,
    /// To whom.
    pub number: PhoneNumber,
    /// What it says.
    pub body: String,
    /// The call it answers.
    pub call: Option<CallRow>,
}

/// A text on its way out, as its row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its row.
    pub id: i64,
    /// What it is for.
    pub kind: TextKind,
    /// To whom, E.164.
    pub number: String,
    /// What it says.
    pub body: String,
    /// Where it stands.
    pub state: TextState,
    /// How often it was given to the modem.
    pub attempts: u32,
    /// Whether a second copy has been sent already.
    pub resent: bool,
    /// When it was queued.
    pub created_at: Timestamp,
    /// The sequence numbers (from 1) of the parts that the network has taken.
    pub parts_taken: Vec<u32>,
    /// Its recipient wants no texts.
    pub opted_out: bool,
}

/// What becomes of a text that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transition {
    /// It goes to the modem now.
    Send {
        /// It is a second copy, because nothing could confirm the first.
        again: bool,
    },
    /// It waits.
    Wait {
        /// Until then at least.
        until: Timestamp,
        /// Why, if something went wrong.
        error: Option<String>,
    },
    /// It was handed over, and nothing has confirmed it.
    Unconfirmed {
        /// How long a status report is awaited.
        until: Timestamp,
        /// What happened.
        error: String,
    },
    /// It will not be sent.
    Fail {
        /// Why, in plain words.
        error: String,
    },
}

/// The answer to "what is next?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Send this; its row says `sending` on disk.
    Send(Outgoing),
    /// Nothing before then.
    Wait(Timestamp),
    /// Nothing at all, until something is queued.
    Nothing,
}

/// A status report, as far as it tells which text it is about.
#[derive(Debug, Clone)]
pub struct Report {
    /// TP-MR.
    pub reference: u8,
    /// TP-RA, as the network wrote it.
    pub recipient: String,
    /// Whether it has arrived; `Err` says in plain words why it never will.
    pub outcome: Result<(), String>,
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
    /// Takes the next text that is due. `judge` says what becomes of each that is; the first it wants sent is written
    /// down as `sending` and handed out.
    ///
    /// # Errors
    /// When the store cannot be written; then nothing was taken.
    pub async fn claim_next(
        &self,
        now: Timestamp,
        judge: impl Fn(&Outgoing, &Settings, &[Timestamp]) -> Transition + Send + 'static,
    ) -> Result<Next, StoreError> {
        self.write("taking the next text to send", move |transaction| {
            let settings = settings::load(transaction)?;
            for _ in 0..CLAIMS_AT_ONCE {
                let Some((text, not_before)) = first_waiting(transaction)? else {
                    return Ok(Next::Nothing);
                };
                if not_before > now {
                    return Ok(Next::Wait(not_before));
                }
                let recent = sent_since(transaction, now, settings.max_per_minute())?;
                let transition = judge(&text, &settings, &recent);
                apply(transaction, text.id, &transition)?;
                if matches!(transition, Transition::Send { .. }) {
                    return Ok(Next::Send(text));
                }
            }
            Ok(Next::Wait(now))
        })
        .await
    }

    /// Writes down what became of a text after an attempt.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn settle(&self, text_id: i64, transition: Transition) -> Result<(), StoreError> {
        self.write("writing down what became of a text", move |transaction| {
            apply(transaction, text_id, &transition)
        })
        .await
    }

    /// The network took part `sequence` of `total`; with the last one the text is sent.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn part_taken(
        &self,
        text_id: i64,
        sequence: u32,
        total: u32,
        reference: Option<u8>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write("writing down that a text was sent", move |transaction| {
            transaction
                .prepare_cached(
                    "INSERT OR REPLACE INTO text_parts (text_id, sequence, reference, sent_at) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![text_id, sequence, reference, millis(now)])?;
            if sequence == total {
                transaction
                    .prepare_cached(
                        "UPDATE texts SET state = 'sent', sent_at = ?2, not_before = NULL, error = NULL WHERE id = ?1",
                    )?
                    .execute(params![text_id, millis(now)])?;
            }
            Ok(())
        })
        .await
    }

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
            let text_id = match part_reported(transaction, &report, now)? {
                Some((text_id, sequence)) => {
                    transaction.execute(
                        "UPDATE text_parts SET report = ?3 WHERE text_id = ?1 AND sequence = ?2",
                        params![text_id, sequence, report_token(&report)],
                    )?;
                    text_id
                }
                None => match unconfirmed_to(transaction, &report.recipient)? {
                    Some(text_id) => text_id,
                    None => return Ok(None),
                },
            };
            let state = apply_report(transaction, text_id, &report, now)?;
            Ok(Some(ReportMatch { text_id, state }))
        })
        .await
    }

    /// What was with the modem when the program last stopped: nobody knows whether it left, so a status report is awaited
    /// `until` then. Says how many.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn recover(&self, until: Timestamp) -> Result<usize, StoreError> {
        self.write(
            "looking for texts that were being sent",
            move |transaction| {
                transaction.execute(
                    "UPDATE texts SET state = 'unconfirmed', not_before = ?1,
                        error = 'the box stopped before the network confirmed it'
                 WHERE state = 'sending'",
                    params![millis(until)],
                )
            },
        )
        .await
    }
}

pub(super) fn queue(
    transaction: &Transaction<'_>,
    text: &NewText,
    now: Timestamp,
) -> rusqlite::Result<i64> {
    transaction
        .prepare_cached(
            "INSERT INTO texts (direction, kind, number, body, state, parts, call_id, created_at, not_before)
             VALUES ('out', ?1, ?2, ?3, 'queued', ?4, ?5, ?6, ?6)",
        )?
        .execute(params![
            text.kind.token(),
            text.number.as_str(),
            text.body,
            i64::try_from(sms::measure(&text.body).parts).unwrap_or(i64::MAX),
            text.call.map(CallRow::id),
            millis(now)
        ])?;
    Ok(transaction.last_insert_rowid())
}

/// When this number was last texted for a missed call; a text that failed for good does not count.
pub(super) fn last_missed_call_text(
    connection: &Connection,
    number: &str,
) -> rusqlite::Result<Option<Timestamp>> {
    connection
        .prepare_cached(
            "SELECT created_at FROM texts
             WHERE number = ?1 AND direction = 'out' AND kind = 'missed_call' AND state <> 'failed'
             ORDER BY created_at DESC LIMIT 1",
        )?
        .query_row(params![number], |row| row.get(0).map(moment))
        .optional()
}

/// How many texts were queued since then, counted no further than `most`. Ids grow with time, so the newest rows tell.
pub(super) fn count_since(
    connection: &Connection,
    since: Timestamp,
    most: u32,
) -> rusqlite::Result<u32> {
    connection
        .prepare_cached(
            "SELECT count(*) FROM (SELECT created_at FROM texts WHERE direction = 'out' AND state <> 'failed'
                                   ORDER BY id DESC LIMIT ?2) WHERE created_at >= ?1",
        )?
        .query_row(params![millis(since), most], |row| row.get(0))
}

/// When the newest texts left, no further back than a minute before `now` and no more than `most`, newest first.
fn sent_since(
    connection: &Connection,
    now: Timestamp,
    most: u32,
) -> rusqlite::Result<Vec<Timestamp>> {
    let since = millis(now) - 60_000;
    connection
        .prepare_cached(
            "SELECT sent_at FROM (SELECT sent_at FROM texts WHERE direction = 'out' ORDER BY id DESC LIMIT ?2)
             WHERE sent_at > ?1 ORDER BY sent_at DESC",
        )?
        .query_map(params![since, most], |row| row.get(0).map(moment))?
        .collect()
}

/// The waiting text whose time comes first.
fn first_waiting(transaction: &Transaction<'_>) -> rusqlite::Result<Option<(Outgoing, Timestamp)>> {
    let found = transaction
        .prepare_cached(
            "SELECT id, kind, number, body, state, attempts, resent, created_at, not_before FROM texts
             WHERE state IN ('queued', 'unconfirmed') ORDER BY not_before, id LIMIT 1",
        )?
        .query_row([], |row| Ok((outgoing(row)?, moment(row.get(8)?))))
        .optional()?;
    let Some((mut text, not_before)) = found else {
        return Ok(None);
    };
    text.opted_out = people::is_opted_out(transaction, &text.number)?;
    text.parts_taken = transaction
        .prepare_cached("SELECT sequence FROM text_parts WHERE text_id = ?1")?
        .query_map(params![text.id], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Some((text, not_before)))
}

fn outgoing(row: &Row<'_>) -> rusqlite::Result<Outgoing> {
    Ok(Outgoing {
        id: row.get(0)?,
        kind: TextKind::from_token(&row.get::<_, String>(1)?),
        number: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
        body: row.get(3)?,
        state: TextState::from_token(&row.get::<_, String>(4)?),
        attempts: row.get(5)?,
        resent: row.get(6)?,
        created_at: moment(row.get(7)?),
        parts_taken: Vec::new(),
        opted_out: false,
    })
}

fn apply(transaction: &Transaction<'_>, id: i64, transition: &Transition) -> rusqlite::Result<()> {
    match transition {
        Transition::Send { again } => transaction
            .prepare_cached(
                "UPDATE texts SET state = 'sending', attempts = attempts + 1, resent = resent OR ?2 WHERE id = ?1",
            )?
            .execute(params![id, again])?,
        Transition::Wait { until, error } => transaction
            .prepare_cached(
                "UPDATE texts SET state = 'queued', not_before = ?2, error = coalesce(?3, error) WHERE id = ?1",
            )?
            .execute(params![id, millis(*until), error])?,
        Transition::Unconfirmed { until, error } => transaction
            .prepare_cached(
                "UPDATE texts SET state = 'unconfirmed', not_before = ?2, error = ?3 WHERE id = ?1",
            )?
            .execute(params![id, millis(*until), error])?,
        Transition::Fail { error } => transaction
            .prepare_cached(
                "UPDATE texts SET state = 'failed', not_before = NULL, error = ?2 WHERE id = ?1",
            )?
            .execute(params![id, error])?,
    };
    Ok(())
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
        .find(|(_, _, number)| same_line(number, &report.recipient))
        .map(|(text_id, sequence, _)| (text_id, sequence)))
}

/// The oldest unconfirmed text to that recipient: its reference is not known, only to whom it went.
fn unconfirmed_to(transaction: &Transaction<'_>, recipient: &str) -> rusqlite::Result<Option<i64>> {
    let candidates = transaction
        .prepare_cached("SELECT id, number FROM texts WHERE state = 'unconfirmed' ORDER BY id")?
        .query_map([], |row| {
            Ok((
                row.get(0)?,
                row.get::<_, Option<String>>(1)?.unwrap_or_default(),
            ))
        })?
        .collect::<rusqlite::Result<Vec<(i64, String)>>>()?;
    Ok(candidates
        .into_iter()
        .find(|(_, number)| same_line(number, recipient))
        .map(|(id, _)| id))
}

/// Moves a text on by a report about it. Some networks report the last part alone (measured by sms-gate), so that one
/// speaks for the whole; a failed part fails the text.
fn apply_report(
    transaction: &Transaction<'_>,
    text_id: i64,
    report: &Report,
    now: Timestamp,
) -> rusqlite::Result<TextState> {
    match &report.outcome {
        Err(why) => transaction
            .prepare_cached(
                "UPDATE texts SET state = 'failed', not_before = NULL, error = ?2
                 WHERE id = ?1 AND state IN ('sent', 'unconfirmed', 'delivered')",
            )?
            .execute(params![text_id, why])?,
        Ok(()) => transaction
            .prepare_cached(
                "UPDATE texts SET state = 'delivered', sent_at = coalesce(sent_at, ?2), delivered_at = ?2,
                        not_before = NULL, error = NULL
                 WHERE id = ?1 AND (state = 'unconfirmed' OR state = 'sent' AND (
                   EXISTS (SELECT 1 FROM text_parts WHERE text_id = ?1 AND sequence = parts AND report = 'delivered')
                   OR NOT EXISTS (SELECT 1 FROM text_parts WHERE text_id = ?1 AND report IS NULL)))",
            )?
            .execute(params![text_id, millis(now)])?,
    };
    transaction
        .prepare_cached("SELECT state FROM texts WHERE id = ?1")?
        .query_row(params![text_id], |row| {
            Ok(TextState::from_token(&row.get::<_, String>(0)?))
        })
}

fn report_token(report: &Report) -> &'static str {
    if report.outcome.is_ok() {
        "delivered"
    } else {
        "failed"
    }
}

fn same_line(a: &str, b: &str) -> bool {
    let last_digits = |number: &str| -> Vec<u8> {
        number
            .bytes()
            .filter(u8::is_ascii_digit)
            .rev()
            .take(TRAILING_DIGITS)
            .collect()
    };
    last_digits(a) == last_digits(b)
}
