//! Texts on their way out. The rows, and the transitions between their states, which `outbox` decides.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{Store, StoreError, millis, moment, people, settings};
use crate::phone::PhoneNumber;
use crate::settings::Settings;
use crate::sms;

/// So many of the newest texts that left are looked at for those of the last minute: well more than may leave in one, for an
/// older text that was held can leave after newer ones.
const MINUTE_LOOKS_AT: u32 = 200;
/// No text waits longer than this between two attempts; see `outbox/life.rs`, whose longest is six minutes.
const WAITS_AT_MOST: SignedDuration = SignedDuration::from_mins(10);
/// The window of `texts.max_per_minute`.
const MINUTE: SignedDuration = SignedDuration::from_secs(60);
/// Rows looked at in one claim; a hindrance that moves more than these aside lets the others of the store go on first.
const CLAIMS_AT_ONCE: usize = 100;

/// The texts that are not done with. SQLite uses the partial index `texts_waiting` only where its condition stands word by word;
/// else it looks at every text there ever was, 20 ms at 100,000. `INDEXED BY` has it refuse to.
pub(super) const NOT_DONE: &str = "state IN ('queued', 'sending', 'unconfirmed')";

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
        if self.forbids_texts() {
            return Ok(Next::Nothing);
        }
        self.write("taking the next text to send", move |transaction| {
            let settings = settings::load(transaction)?;
            for _ in 0..CLAIMS_AT_ONCE {
                let Some((text, not_before)) = first_waiting(transaction)? else {
                    return Ok(Next::Nothing);
                };
                // A wait longer than any we decide on comes from a clock that was set back.
                if not_before > now && not_before.duration_since(now) <= WAITS_AT_MOST {
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

    /// Writes down what became of a text after an attempt. What a status report has told meanwhile stands.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn settle(&self, text_id: i64, transition: Transition) -> Result<(), StoreError> {
        self.write("writing down what became of a text", move |transaction| {
            let under_way = transaction
                .prepare_cached("SELECT 1 FROM texts WHERE id = ?1 AND state = 'sending'")?
                .exists(params![text_id])?;
            if under_way {
                apply(transaction, text_id, &transition)?;
            }
            Ok(())
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
                        "UPDATE texts SET state = 'sent', sent_at = ?2, not_before = NULL, error = NULL
                         WHERE id = ?1 AND state = 'sending'",
                    )?
                    .execute(params![text_id, millis(now)])?;
            }
            Ok(())
        })
        .await
    }

    /// Gives the reports on texts that nobody has confirmed time `until` then, at least.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn await_reports(&self, until: Timestamp) -> Result<(), StoreError> {
        self.write("waiting for status reports", move |transaction| {
            let update = format!(
                "UPDATE texts INDEXED BY texts_waiting SET not_before = max(not_before, ?1)
                 WHERE {NOT_DONE} AND state = 'unconfirmed'"
            );
            transaction.execute(&update, params![millis(until)])?;
            Ok(())
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
                let update = format!(
                    "UPDATE texts INDEXED BY texts_waiting SET state = 'unconfirmed', not_before = ?1,
                            error = 'the box stopped before the network confirmed it'
                     WHERE {NOT_DONE} AND state = 'sending'"
                );
                transaction.execute(
                    &update,
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
    call_id: Option<i64>,
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
            call_id,
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
    let since = millis(now.checked_sub(MINUTE).unwrap_or(Timestamp::MIN));
    connection
        .prepare_cached(
            "SELECT sent_at FROM (SELECT sent_at FROM texts WHERE direction = 'out' AND sent_at IS NOT NULL
                                  ORDER BY id DESC LIMIT ?2)
             WHERE sent_at > ?1 AND sent_at <= ?4 ORDER BY sent_at DESC LIMIT ?3",
        )?
        .query_map(params![since, MINUTE_LOOKS_AT, most, millis(now)], |row| row.get(0).map(moment))?
        .collect()
}

/// The waiting text whose time comes first.
fn first_waiting(transaction: &Transaction<'_>) -> rusqlite::Result<Option<(Outgoing, Timestamp)>> {
    let found = transaction
        .prepare_cached(&format!(
            "SELECT id, kind, number, body, state, attempts, resent, created_at, not_before
             FROM texts INDEXED BY texts_waiting
             WHERE {NOT_DONE} AND state <> 'sending' ORDER BY not_before, id LIMIT 1",
        ))?
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
