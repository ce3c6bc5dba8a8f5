//! When the box cannot text callers: told elsewhere at once, and to the owner's phone once it can again, if that took long.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError, alerts, millis, moment, outlets, settings};
use crate::events::Event;
use crate::rules::HELPS_FOR;
use crate::text::{AlertKind, TextKind};
use crate::wording;

/// A call is over, and so long after it there is neither a text with the network nor a reason why not: something is wrong, whatever
/// else seems to work.
const OUTCOME_WITHIN: SignedDuration = SignedDuration::from_secs(60);
/// An outage that the owner is told of by text when it is over; shorter ones heal before anybody could have done anything.
const WORTH_A_TEXT: SignedDuration = SignedDuration::from_mins(15);

/// Callers who should have been texted by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overdue {
    /// When the text of the first of them was decided on, at the end of the call.
    pub since: Timestamp,
    /// How many they are.
    pub callers: u32,
}

impl Store {
    /// Callers whose text has not left a minute after their call; those whom the fence of a minute holds have a reason, and those
    /// whose text may have left wait for its report.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn overdue(&self, now: Timestamp) -> Result<Option<Overdue>, StoreError> {
        let decided_before = now.checked_sub(OUTCOME_WITHIN).unwrap_or(Timestamp::MIN);
        let still_helps = now.checked_sub(HELPS_FOR).unwrap_or(Timestamp::MIN);
        self.read("looking for callers without an outcome", move |connection| {
            let (since, callers): (Option<i64>, u32) = connection
                .prepare_cached(
                    "SELECT min(created_at), count(*) FROM texts INDEXED BY texts_waiting
                     WHERE state IN ('queued', 'sending', 'unconfirmed') AND state <> 'unconfirmed' AND kind = ?1
                       AND created_at BETWEEN ?2 AND ?3
                       AND NOT (state = 'queued' AND error IS NULL AND attempts = 0 AND not_before > ?4)",
                )?
                .query_row(
                    params![
                        TextKind::MissedCall.token(),
                        millis(still_helps),
                        millis(decided_before),
                        millis(now)
                    ],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )?;
            Ok(since.map(|since| Overdue {
                since: moment(since),
                callers,
            }))
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
