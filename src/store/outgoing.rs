//! Texts on their way out: their rows. What moves them `outbox` decides, and where that leads `text` knows.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::fences::{self, Periods};
use super::{Store, StoreError, alerts, millis, moment, outlets, people, settings};
use crate::phone::PhoneNumber;
use crate::rules::Fence;
use crate::settings::Settings;
use crate::sms;
use crate::text::{Failure, TextKind, TextState, Transition};

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

/// A text to be queued.
#[derive(Debug, Clone)]
pub struct NewText {
    /// What it is for.
    pub kind: TextKind,
    /// To whom.
    pub number: PhoneNumber,
    /// What it says.
    pub body: String,
    /// What it says instead if it goes out late, where that differs.
    pub late: Option<String>,
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
    /// What it says instead if it goes out late.
    pub late: Option<String>,
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
        let zone = self.zone.clone();
        self.write("taking the next text to send", move |transaction| {
            let settings = settings::load(transaction)?;
            for _ in 0..CLAIMS_AT_ONCE {
                let mut text = match first_due(transaction, now)? {
                    Ok(text) => text,
                    Err(Some(later)) => return Ok(Next::Wait(later)),
                    Err(None) => return Ok(Next::Nothing),
                };
                let recent = sent_since(transaction, now, settings.max_per_minute())?;
                note_minute(transaction, &recent, &settings, &zone, now)?;
                let transition = judge(&text, &settings, &recent);
                apply(transaction, text.id, &transition, now)?;
                if let Transition::Send { late, .. } = transition {
                    if let Some(body) = text.late.take_if(|_| late) {
                        text.body = body;
                    }
                    return Ok(Next::Send(text));
                }
            }
            Ok(Next::Wait(now))
        })
        .await
    }

    /// Writes down what became of a text after an attempt, at `now`. What a status report has told meanwhile stands.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn settle(
        &self,
        text_id: i64,
        transition: Transition,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write("writing down what became of a text", move |transaction| {
            apply(transaction, text_id, &transition, now).map(drop)
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
                    "INSERT INTO text_parts (text_id, sequence, reference, sent_at) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT DO UPDATE SET reference = coalesce(excluded.reference, reference)",
                )?
                .execute(params![text_id, sequence, reference, millis(now)])?;
            let left = total.saturating_sub(sequence);
            if left == 0 {
                apply(transaction, text_id, &Transition::Taken { at: now, left }, now)?;
                // What held the others may be over too.
                end_back_off(transaction, now)?;
            }
            Ok(())
        })
        .await
    }

    /// A modem has come (back): what a passing error holds has nothing to wait for any more, and goes out by age, unless the modem
    /// is `ill` and comes back for one try at a time: the oldest would have them all. The reports on texts that nobody has confirmed
    /// get time `until` then, at least.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn modem_is_back(
        &self,
        now: Timestamp,
        until: Timestamp,
        ill: bool,
    ) -> Result<(), StoreError> {
        self.write(
            "looking for texts that waited for the modem",
            move |transaction| {
                transaction.execute(
                    &format!(
                        "UPDATE texts INDEXED BY texts_waiting SET not_before = max(not_before, ?1)
                     WHERE {NOT_DONE} AND state = 'unconfirmed'"
                    ),
                    params![millis(until)],
                )?;
                if !ill {
                    end_back_off(transaction, now)?;
                }
                Ok(())
            },
        )
        .await
    }

    /// What was with the modem when the program last stopped: nobody knows whether it left, so a status report is awaited
    /// `until` then. Says how many.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn recover(&self, until: Timestamp) -> Result<usize, StoreError> {
        self.write("looking for texts that were being sent", move |transaction| {
            let under_way = transaction
                .prepare(&format!(
                    "SELECT id FROM texts INDEXED BY texts_waiting WHERE {NOT_DONE} AND state = 'sending'"
                ))?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<i64>>>()?;
            let cut_off = Transition::Unconfirmed {
                until,
                error: "the box stopped before the network confirmed it".to_owned(),
            };
            for id in &under_way {
                apply(transaction, *id, &cut_off, until)?;
            }
            Ok(under_way.len())
        })
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
            "INSERT INTO texts (direction, kind, number, body, state, parts, call_id, created_at, not_before, late_body)
             VALUES ('out', ?1, ?2, ?3, 'queued', ?4, ?5, ?6, ?6, ?7)",
        )?
        .execute(params![
            text.kind.token(),
            text.number.as_str(),
            text.body,
            parts(&text.body),
            call_id,
            millis(now),
            text.late
        ])?;
    Ok(transaction.last_insert_rowid())
}

fn parts(body: &str) -> i64 {
    i64::try_from(sms::measure(body).parts).unwrap_or(i64::MAX)
}

/// When this number was texted for a missed call, of all times the one nearest to `now`: where the clock was set back, the latest one
/// may lie far ahead and hide those that count. A text that failed for good does not count.
pub(super) fn last_missed_call_text(
    connection: &Connection,
    number: &str,
    now: Timestamp,
) -> rusqlite::Result<Option<Timestamp>> {
    // Each walks the index by number and time from `now` on, and stops at the first; sorting them all takes longer.
    let nearest = |sql: &str| {
        connection
            .prepare_cached(sql)?
            .query_row(params![number, millis(now)], |row| row.get(0).map(moment))
            .optional()
    };
    let before = nearest(
        "SELECT created_at FROM texts INDEXED BY texts_by_number
         WHERE number = ?1 AND created_at <= ?2 AND direction = 'out' AND kind = 'missed_call' AND state <> 'failed'
         ORDER BY created_at DESC LIMIT 1",
    )?;
    let after = nearest(
        "SELECT created_at FROM texts INDEXED BY texts_by_number
         WHERE number = ?1 AND created_at > ?2 AND direction = 'out' AND kind = 'missed_call' AND state <> 'failed'
         ORDER BY created_at LIMIT 1",
    )?;
    let distance = |at: &Timestamp| at.duration_since(now).abs();
    Ok(before.into_iter().chain(after).min_by_key(distance))
}

/// When the newest texts left, no further back than a minute before `now` and no more than `most`, newest first.
fn sent_since(
    connection: &Connection,
    now: Timestamp,
    most: u32,
) -> rusqlite::Result<Vec<Timestamp>> {
    let since = millis(now.checked_sub(MINUTE).unwrap_or(Timestamp::MIN));
    let counted = TextKind::COUNTED.map(TextKind::token).join("', '");
    connection
        .prepare_cached(&format!(
            "SELECT sent_at FROM (SELECT sent_at FROM texts WHERE direction = 'out' AND sent_at IS NOT NULL
                                  AND kind IN ('{counted}')
                                  ORDER BY id DESC LIMIT ?2)
             WHERE sent_at > ?1 AND sent_at <= ?4 ORDER BY sent_at DESC LIMIT ?3"
        ))?
        .query_map(params![since, MINUTE_LOOKS_AT, most, millis(now)], |row| row.get(0).map(moment))?
        .collect()
}

/// The time of every text that a passing error holds has come.
fn end_back_off(transaction: &Transaction<'_>, now: Timestamp) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(&format!(
            "UPDATE texts INDEXED BY texts_waiting SET not_before = ?1
             WHERE {NOT_DONE} AND state = 'queued' AND not_before > ?1 AND error IS NOT NULL"
        ))?
        .execute(params![millis(now)])?;
    Ok(())
}

/// The oldest text whose time has come, or else when the next one's comes. A wait longer than any we decide on comes from a clock
/// that was set back, and counts as over.
fn first_due(
    transaction: &Transaction<'_>,
    now: Timestamp,
) -> rusqlite::Result<Result<Outgoing, Option<Timestamp>>> {
    let beyond = now.checked_add(WAITS_AT_MOST).unwrap_or(Timestamp::MAX);
    let found = transaction
        .prepare_cached(&format!(
            "SELECT id, kind, number, body, state, attempts, resent, created_at, late_body
             FROM texts INDEXED BY texts_waiting
             WHERE {NOT_DONE} AND state <> 'sending' AND (not_before <= ?1 OR not_before > ?2) ORDER BY id LIMIT 1",
        ))?
        .query_row(params![millis(now), millis(beyond)], outgoing)
        .optional()?;
    let Some(mut text) = found else {
        let next: Option<i64> = transaction
            .prepare_cached(&format!(
                "SELECT min(not_before) FROM texts INDEXED BY texts_waiting WHERE {NOT_DONE} AND state <> 'sending'"
            ))?
            .query_row([], |row| row.get(0))?;
        return Ok(Err(next.map(moment)));
    };
    text.opted_out = people::is_opted_out(transaction, &text.number)?;
    text.parts_taken = transaction
        .prepare_cached("SELECT sequence FROM text_parts WHERE text_id = ?1")?
        .query_map(params![text.id], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Ok(text))
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
        late: row.get(8)?,
        parts_taken: Vec::new(),
        opted_out: false,
    })
}

/// Moves a text on, if `text` says that this moves it; gives where it stands now.
pub(super) fn apply(
    transaction: &Transaction<'_>,
    id: i64,
    transition: &Transition,
    now: Timestamp,
) -> rusqlite::Result<TextState> {
    let state = transaction
        .prepare_cached("SELECT state FROM texts WHERE id = ?1")?
        .query_row(params![id], |row| {
            Ok(TextState::from_token(&row.get::<_, String>(0)?))
        })?;
    let Some(next) = state.after(transition) else {
        return Ok(state);
    };
    let unconfirmed = state == TextState::Unconfirmed;
    let to = next.token();
    match transition {
        Transition::Send { again, late } => {
            if *late {
                reword(transaction, id)?;
            }
            transaction
                .prepare_cached(
                    "UPDATE texts SET state = ?2, attempts = attempts + 1, resent = resent OR ?3, handed_over_at = ?4 WHERE id = ?1",
                )?
                .execute(params![id, to, again, millis(now)])?
        }
        Transition::Wait { until, error } => transaction
            .prepare_cached(
                "UPDATE texts SET state = ?2, not_before = ?3, error = coalesce(?4, error) WHERE id = ?1",
            )?
            .execute(params![id, to, millis(*until), error])?,
        Transition::Unconfirmed { until, error } => transaction
            .prepare_cached("UPDATE texts SET state = ?2, not_before = ?3, error = ?4 WHERE id = ?1")?
            .execute(params![id, to, millis(*until), error])?,
        Transition::Taken { at, left: 0 } => transaction
            .prepare_cached(
                "UPDATE texts SET state = ?2, sent_at = ?3, not_before = NULL, error = NULL WHERE id = ?1",
            )?
            .execute(params![id, to, millis(*at)])?,
        Transition::Taken { at, .. } => transaction
            .prepare_cached("UPDATE texts SET state = ?2, not_before = ?3, error = NULL WHERE id = ?1")?
            .execute(params![id, to, millis(*at)])?,
        Transition::Delivered { at } => transaction
            .prepare_cached("UPDATE texts SET state = ?2, delivered_at = ?3 WHERE id = ?1")?
            .execute(params![id, to, millis(*at)])?,
        Transition::Fail(failure) => {
            transaction
                .prepare_cached("UPDATE texts SET state = ?2, not_before = NULL, error = ?3 WHERE id = ?1")?
                .execute(params![id, to, failure.to_string()])?;
            failed(transaction, id, failure, unconfirmed, now)?;
            outlets::tell_of_text(transaction, id, now, |row| {
                outlets::failed(row, failure.to_string())
            })?;
            1
        }
    };
    let has_left = |state| matches!(state, TextState::Sent | TextState::Delivered);
    if has_left(next) && !has_left(state) {
        outlets::tell_of_text(transaction, id, now, outlets::sent)?;
    }
    Ok(next)
}

/// It says now what it says if it goes out late.
fn reword(transaction: &Transaction<'_>, id: i64) -> rusqlite::Result<()> {
    let late: Option<String> = transaction
        .prepare_cached("SELECT late_body FROM texts WHERE id = ?1")?
        .query_row(params![id], |row| row.get(0))?;
    if let Some(body) = late {
        transaction
            .prepare_cached(
                "UPDATE texts SET body = ?2, parts = ?3, late_body = NULL WHERE id = ?1",
            )?
            .execute(params![id, body, parts(&body)])?;
    }
    Ok(())
}

/// Texts that wait for the minute to pass are told of once a day.
fn note_minute(
    transaction: &Transaction<'_>,
    recent: &[Timestamp],
    owners: &Settings,
    zone: &TimeZone,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let count = u32::try_from(recent.len()).unwrap_or(u32::MAX);
    let fullness = Fence::fullness(count, Fence::Minute.most(owners));
    let periods = Periods::at(now, &settings::zone_of(owners, zone));
    fences::note(
        transaction,
        Fence::Minute,
        fullness,
        count,
        owners,
        periods,
        now,
    )
}

/// What a failed text leaves behind: what it tells of the number, and what the owner has to see to. Its last attempt was
/// `unconfirmed`.
fn failed(
    transaction: &Transaction<'_>,
    id: i64,
    failure: &Failure,
    unconfirmed: bool,
    now: Timestamp,
) -> rusqlite::Result<()> {
    type Found = (Option<String>, String, Option<i64>, i64, bool);
    // An earlier copy, or a part, may have left before this one failed.
    let (number, kind, call_id, created_at, earlier): Found = transaction
        .prepare_cached(
            "SELECT number, kind, call_id, created_at,
                    resent OR EXISTS (SELECT 1 FROM text_parts WHERE text_id = texts.id)
             FROM texts WHERE id = ?1",
        )?
        .query_row(params![id], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            ))
        })?;
    let kind = TextKind::from_token(&kind);
    let may_have_left = unconfirmed || earlier || failure.may_have_left();
    if let (Some(number), Some((suspicion, said))) = (&number, failure.of_number()) {
        people::suspect(transaction, number, suspicion, said, now)?;
    }
    if kind.is_counted() && !may_have_left {
        fences::uncount_text(transaction, moment(created_at))?;
    }
    match (kind, failure.alert()) {
        (TextKind::MissedCall, Some(alert)) => {
            alerts::raise(transaction, alert, call_id, None, now)
        }
        // Whoever wrote it believes that the caller has it.
        (TextKind::Answer, Some(alert)) => {
            alerts::raise(transaction, alert, None, number.as_deref(), now)
        }
        _ => Ok(()),
    }
}
