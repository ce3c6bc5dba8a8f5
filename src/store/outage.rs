//! When the box cannot text callers: told elsewhere at once, and to the owner's phone once it can again, if that took long.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use super::{Store, StoreError, alerts, millis, moment, outlets, settings};
use crate::events::Event;
use crate::rules::HELPS_FOR;
use crate::text::{AlertKind, TextKind};
use crate::wording;

/// A call is over, and so long after it there is neither a text with the network nor a reason why not: something is wrong, whatever
/// else seems to work.
const OUTCOME_WITHIN: SignedDuration = SignedDuration::from_secs(60);
/// No call rings for so long, with all the time that its modem has to say that it has ended (`call`): nothing decides on it any more.
const RINGS_AT_MOST: SignedDuration = SignedDuration::from_mins(10);
/// Calls looked through, the newest: older ones than these have not just begun to ring.
const CALLS_LOOKED_THROUGH: u32 = 100;
/// An outage that the owner is told of by text when it is over; shorter ones heal before anybody could have done anything.
const WORTH_A_TEXT: SignedDuration = SignedDuration::from_mins(15);

/// Callers who wait for what the box does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// Those whose text is not with the network, and those who ring.
    pub callers: u32,
    /// Those of them who wait in vain.
    pub overdue: Option<Overdue>,
}

/// Callers without an outcome, which they should have by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overdue {
    /// Their text has not left.
    NotTexted {
        /// When the text of the first of them was decided on, at the end of the call.
        since: Timestamp,
        /// How many they are.
        callers: u32,
    },
    /// It has not been decided whether they are texted.
    Undecided {
        /// When the call of the first of them began.
        since: Timestamp,
        /// How many they are.
        callers: u32,
    },
}

impl Store {
    /// Callers without an outcome, and which of them should have one: a minute after their call the text has left. Those whom the fence
    /// of a minute holds have a reason, those whose text may have left wait for its report, and after an hour no text helps any more.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn pending(&self, now: Timestamp) -> Result<Pending, StoreError> {
        let before = |by: SignedDuration| millis(now.checked_sub(by).unwrap_or(Timestamp::MIN));
        let (helps, late, stuck) = (
            before(HELPS_FOR),
            before(OUTCOME_WITHIN),
            before(RINGS_AT_MOST),
        );
        let found = |row: &Row<'_>| -> rusqlite::Result<(u32, Option<Timestamp>, u32)> {
            Ok((
                row.get(0)?,
                row.get::<_, Option<i64>>(1)?.map(moment),
                row.get(2)?,
            ))
        };
        self.read("looking for callers without an outcome", move |connection| {
            let (waiting, text_since, texts) = connection
                .prepare_cached(
                    "SELECT count(*), min(created_at) FILTER (WHERE late), count(*) FILTER (WHERE late)
                     FROM (SELECT created_at, created_at <= ?3
                                AND NOT (state = 'queued' AND error IS NULL AND attempts = 0 AND not_before > ?4) AS late
                           FROM texts INDEXED BY texts_waiting
                           WHERE state IN ('queued', 'sending', 'unconfirmed') AND state <> 'unconfirmed' AND kind = ?1
                             AND created_at BETWEEN ?2 AND ?4)",
                )?
                .query_row(
                    params![TextKind::MissedCall.token(), helps, late, millis(now)],
                    found,
                )?;
            let (ringing, call_since, calls) = connection
                .prepare_cached(
                    "SELECT count(*), min(started_at) FILTER (WHERE started_at <= ?2), count(*) FILTER (WHERE started_at <= ?2)
                     FROM (SELECT outcome, started_at FROM calls ORDER BY id DESC LIMIT ?4)
                     WHERE outcome = 'ringing' AND started_at BETWEEN ?1 AND ?3",
                )?
                .query_row(params![helps, stuck, millis(now), CALLS_LOOKED_THROUGH], found)?;
            let not_texted = text_since.map(|since| Overdue::NotTexted { since, callers: texts });
            let undecided = call_since.map(|since| Overdue::Undecided { since, callers: calls });
            Ok(Pending {
                callers: waiting.saturating_add(ringing),
                overdue: not_texted.or(undecided),
            })
        })
        .await
    }

    /// Tells that the box can text callers, or why not, if that is news: a box that has told nothing was well. The owner's phone is
    /// told of an outage of more than a quarter of an hour once it is over.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn tell_health(
        &self,
        healthy: bool,
        reason: Option<String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let zone = self.zone.clone();
        self.write("telling how the box is doing", move |transaction| {
            let outage: Option<(Timestamp, Option<String>)> = transaction
                .prepare_cached("SELECT since, reason FROM outage")?
                .query_row([], |row| Ok((moment(row.get(0)?), row.get(1)?)))
                .optional()?;
            match (&outage, healthy) {
                (None, true) | (Some(_), false) => return Ok(()),
                (None, false) => {
                    transaction
                        .prepare_cached(
                            "INSERT INTO outage (only, since, reason) VALUES (1, ?1, ?2)",
                        )?
                        .execute(params![millis(now), reason])?;
                }
                (Some((since, why)), true) => {
                    transaction.execute("DELETE FROM outage", [])?;
                    if now.duration_since(*since) >= WORTH_A_TEXT {
                        let owners = settings::load(transaction)?;
                        let zone = settings::zone_of(&owners, &zone);
                        let (from, to) = (since.to_zoned(zone.clone()), now.to_zoned(zone));
                        let words = wording::outage(&from, &to, why.as_deref(), owners.country());
                        alerts::raise(transaction, AlertKind::BoxWasIll, None, Some(&words), now)?;
                    }
                }
            }
            let reason = reason.clone();
            outlets::tell(transaction, now, || {
                Ok(Event::BoxHealth { healthy, reason })
            })
        })
        .await
    }
}
