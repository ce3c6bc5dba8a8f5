//! Calls: written down when it is known who calls, closed with the decision about them.

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{Connection, Transaction, params};

use super::fences::{self, Periods};
use super::follow_ups;
use super::outgoing::{self, NewText};
use super::people::Known;
use super::settings::zone_of;
use super::{Store, StoreError, alerts, millis, moment, open_to_read, outlets, people, settings};
use crate::events::Event;
use crate::phone::{PhoneNumber, Region};
use crate::rules::{self, Caller, Decision, Facts, SkipReason};
use crate::settings::Settings;
use crate::text::AlertKind;

/// An operator stamps its text when it gives up on a call: so near to a call of the same number that rang here, it is that one.
const SAME_CALL_WITHIN_MS: i64 = 120_000;
/// Such a text comes soon after its call: so many calls back it is looked for.
const CALLS_LOOKED_THROUGH: u32 = 100;

/// As often as a caller rings who is not in a hurry.
const RINGS_REHEARSED: u32 = 3;

/// The row of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallRow(i64);

/// A call that rang when the program last stopped, or that an operator told of: no decision has been made about it yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndecidedCall {
    /// Its row.
    pub row: CallRow,
    /// Who called, as he was known.
    pub caller: Caller,
    /// When it began to ring.
    pub started_at: Timestamp,
    /// How often it rang, as far as that was written down; 0 for one that an operator told of.
    pub rings: u32,
}

/// A call that is over, as the store needs to know it.
#[derive(Debug, Clone)]
pub struct EndedCall {
    /// Its row, if it has one already.
    pub row: Option<CallRow>,
    /// Who called.
    pub caller: Caller,
    /// When it began to ring.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// How often it rang.
    pub rings: u32,
    /// Somebody talked to the caller.
    pub picked_up: bool,
    /// When this is decided: at its end, or at the next start for a call that was cut short.
    pub decided_at: Timestamp,
    /// The SIM's own number, if it tells: none or one.
    pub sim_number: Vec<PhoneNumber>,
    /// The country that counts as home, from the SIM; the owner's setting goes before it.
    pub sim_region: Option<Region>,
}

/// What was decided, and what to text if so.
pub type Verdict = (Decision, Option<NewText>);

impl Store {
    /// Writes down a call that rings, or what has become known of it since.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn call_rings(
        &self,
        row: Option<CallRow>,
        caller: Caller,
        started_at: Timestamp,
    ) -> Result<CallRow, StoreError> {
        self.write("writing down a call that rings", move |transaction| {
            ensure_row(transaction, row, &caller, started_at)
        })
        .await
    }

    /// Closes a call: `judge` decides from the facts of the store, and the decision and the text it asks for are
    /// written with the call in one transaction. Says what was decided.
    ///
    /// # Errors
    /// When the store cannot be written; then nothing has been decided.
    pub async fn end_call(
        &self,
        call: EndedCall,
        judge: impl Fn(&Facts<'_>, &Settings) -> Verdict + Send + 'static,
    ) -> Result<Decision, StoreError> {
        let zone = self.zone.clone();
        self.write("writing down a call and its decision", move |transaction| {
            let settings = settings::load(transaction)?;
            let facts = gather(transaction, &call, &settings, &zone)?;
            let (decision, text) = judge(&facts, &settings);
            let row = ensure_row(transaction, call.row, &call.caller, call.started_at)?;
            let now = call.decided_at;
            let periods = Periods::at(now, &zone_of(&settings, &zone));
            let text_id = match text {
                Some(text) => {
                    fences::count_text(transaction, text.number.as_str(), periods)?;
                    Some(outgoing::queue(transaction, &text, Some(row.0), now)?)
                }
                None => None,
            };
            for (fence, fullness, count) in rules::fullness_after(&facts, &decision, &settings) {
                fences::note(transaction, fence, fullness, count, &settings, periods, now)?;
            }
            let (outcome, reason, detail) = match &decision {
                Decision::Text(occasion) => ("text", None, Some(occasion.token().to_owned())),
                Decision::Skip(reason) => ("skip", Some(reason.token()), reason.detail()),
            };
            transaction
                .prepare_cached(
                    "UPDATE calls SET ended_at = ?2, rings = ?3, outcome = ?4, reason = ?5, detail = ?6, text_id = ?7
                     WHERE id = ?1",
                )?
                .execute(params![
                    row.0,
                    millis(call.ended_at),
                    call.rings,
                    outcome,
                    reason,
                    detail,
                    text_id
                ])?;
            if !call.picked_up {
                outlets::tell(transaction, now, || {
                    Ok(missed(row, &call, &decision, text_id))
                })?;
            }
            if let (Decision::Text(_), Caller::Number(number)) = (&decision, &call.caller)
                && let Some(due_at) = rules::follow_up_due(&settings, &facts.ended_at)
            {
                follow_ups::plan(transaction, number.as_str(), row.0, now, due_at)?;
            }
            match &decision {
                Decision::Skip(SkipReason::TooLate) => {
                    alerts::raise(transaction, AlertKind::TooLate, Some(row.0), None, now)?;
                }
                Decision::Skip(SkipReason::Cooldown { .. }) => {
                    alerts::raise_trying_again(transaction, row.0, &facts, now)?;
                }
                Decision::Text(_) | Decision::Skip(_) => {}
            }
            Ok(decision)
        })
        .await
    }

    /// Every call after row `after` that was not answered by a text, oldest first: its row's number and why, in a sentence.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn skipped_since(&self, after: i64) -> Result<Vec<(i64, String)>, StoreError> {
        self.read("looking for calls that were not texted", move |connection| {
            connection
                .prepare_cached("SELECT id, reason, detail FROM calls WHERE outcome = 'skip' AND id > ?1 ORDER BY id")?
                .query_map(params![after], |row| {
                    let (token, detail): (String, Option<String>) = (row.get(1)?, row.get(2)?);
                    let reason = SkipReason::from_stored(&token, detail.as_deref());
                    Ok((row.get(0)?, reason.map_or(token, |reason| reason.sentence())))
                })?
                .collect()
        })
        .await
    }

    /// Calls without a decision, oldest first; while the program runs, those that ring are among them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn undecided_calls(&self) -> Result<Vec<UndecidedCall>, StoreError> {
        self.read("looking for calls without a decision", |connection| {
            connection
                .prepare("SELECT id, caller, shown, started_at, rings FROM calls WHERE outcome = 'ringing' ORDER BY id")?
                .query_map([], |row| {
                    Ok(UndecidedCall {
                        row: CallRow(row.get(0)?),
                        caller: caller(row.get(1)?, &row.get::<_, String>(2)?),
                        started_at: moment(row.get(3)?),
                        rings: row.get(4)?,
                    })
                })?
                .collect()
        })
        .await
    }
}

/// What would be decided on calls of these people that ended at `now` after a few rings, each as if it were the only one; changes
/// nothing. `zone` is the computer's. Read beside a running daemon.
///
/// # Errors
/// When the store cannot be read.
pub fn rehearse(
    data_dir: &Path,
    callers: &[Caller],
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Vec<Decision>, StoreError> {
    let what = "rehearsing a decision";
    let connection = open_to_read(data_dir)?;
    let decide = |caller: &Caller| {
        // All of it as of one moment, as for a call that is closed.
        let connection = connection.unchecked_transaction()?;
        let settings = settings::load(&connection)?;
        let call = EndedCall {
            row: None,
            caller: caller.clone(),
            started_at: now,
            ended_at: now,
            rings: RINGS_REHEARSED,
            picked_up: false,
            decided_at: now,
            sim_number: Vec::new(),
            sim_region: None,
        };
        let facts = gather(&connection, &call, &settings, zone)?;
        Ok(rules::decide(&facts, &settings))
    };
    let decisions: rusqlite::Result<Vec<_>> = callers.iter().map(decide).collect();
    decisions.map_err(|source| StoreError::Query { what, source })
}

/// Writes down a call that an operator's text tells of; `None` if it rang here too.
pub(super) fn noticed(
    transaction: &Transaction<'_>,
    number: &PhoneNumber,
    at: Timestamp,
    text_id: i64,
) -> rusqlite::Result<Option<UndecidedCall>> {
    let rang_here = transaction
        .prepare_cached(
            "SELECT 1 FROM (SELECT caller, started_at, ended_at FROM calls ORDER BY id DESC LIMIT ?4)
             WHERE caller = ?1 AND started_at - ?3 <= ?2 AND coalesce(ended_at, ?2) + ?3 >= ?2",
        )?
        .exists(params![number.as_str(), millis(at), SAME_CALL_WITHIN_MS, CALLS_LOOKED_THROUGH])?;
    if rang_here {
        return Ok(None);
    }
    let caller = Caller::Number(number.clone());
    let (number, shown) = columns(&caller);
    transaction
        .prepare_cached(
            "INSERT INTO calls (caller, shown, started_at, rings, outcome, notice_id) VALUES (?1, ?2, ?3, 0, 'ringing', ?4)",
        )?
        .execute(params![number, shown, millis(at), text_id])?;
    Ok(Some(UndecidedCall {
        row: CallRow(transaction.last_insert_rowid()),
        caller,
        started_at: at,
        rings: 0,
    }))
}

/// All that the rules want to know about a call.
fn gather<'a>(
    connection: &Connection,
    call: &'a EndedCall,
    settings: &Settings,
    zone: &TimeZone,
) -> rusqlite::Result<Facts<'a>> {
    let zone = zone_of(settings, zone);
    let ended_at = call.ended_at.to_zoned(zone.clone());
    let at_night = rules::is_night(ended_at.hour());
    let mut facts = Facts {
        picked_up: call.picked_up,
        own_numbers: &call.sim_number,
        ..Facts::of_call(
            call.caller.clone(),
            call.rings,
            ended_at,
            call.decided_at,
            settings.country().or(call.sim_region),
        )
    };
    let number = match &call.caller {
        Caller::Number(number) => Some(number),
        _ => None,
    };
    let periods = Periods::at(call.decided_at, &zone);
    facts.counts = fences::counts(connection, number, periods, call.decided_at, at_night)?;
    if let Some(number) = number {
        let number = number.as_str();
        let known = Known::of(connection, number)?;
        facts.opted_out = known.opted_out;
        facts.never_text = known.never_text;
        facts.contact = known.contact;
        facts.failed_before = known.failed_before;
        facts.last_text_at = outgoing::last_missed_call_text(connection, number, call.decided_at)?;
        facts.is_known = at_night && people::is_known(connection, number)?;
    }
    Ok(facts)
}

fn ensure_row(
    transaction: &Transaction<'_>,
    row: Option<CallRow>,
    caller: &Caller,
    started_at: Timestamp,
) -> rusqlite::Result<CallRow> {
    let (number, shown) = columns(caller);
    if let Some(row) = row {
        transaction
            .prepare_cached("UPDATE calls SET caller = ?2, shown = ?3 WHERE id = ?1")?
            .execute(params![row.0, number, shown])?;
        return Ok(row);
    }
    transaction
        .prepare_cached(
            "INSERT INTO calls (caller, shown, started_at, rings, outcome) VALUES (?1, ?2, ?3, 1, 'ringing')",
        )?
        .execute(params![number, shown, millis(started_at)])?;
    Ok(CallRow(transaction.last_insert_rowid()))
}

fn missed(row: CallRow, call: &EndedCall, decision: &Decision, text_id: Option<i64>) -> Event {
    let (caller, shown) = columns(&call.caller);
    let skipped = match decision {
        Decision::Text(_) => None,
        Decision::Skip(reason) => Some(reason),
    };
    Event::CallMissed {
        call_id: row.0,
        caller: caller.map(str::to_owned),
        shown: shown.to_owned(),
        started_at: call.started_at,
        ended_at: call.ended_at,
        rings: call.rings,
        texted: skipped.is_none(),
        reason: skipped.map(|reason| reason.token().to_owned()),
        explanation: skipped.map(SkipReason::sentence),
        text_id,
    }
}

/// How a caller is kept.
fn columns(caller: &Caller) -> (Option<&str>, &'static str) {
    match caller {
        Caller::Number(number) => (Some(number.as_str()), "number"),
        Caller::Unreadable(digits) => (Some(digits), "unreadable"),
        Caller::Withheld => (None, "withheld"),
        Caller::Unavailable => (None, "unavailable"),
    }
}

/// The reverse of [`columns`].
pub(super) fn caller(number: Option<String>, shown: &str) -> Caller {
    match (number, shown) {
        (Some(number), "number") => {
            PhoneNumber::from_e164(&number).map_or(Caller::Unreadable(number), Caller::Number)
        }
        (Some(digits), _) => Caller::Unreadable(digits),
        (None, "withheld") => Caller::Withheld,
        (None, _) => Caller::Unavailable,
    }
}
