//! What is told over the ways out besides the modem: written with what it tells of, in one transaction, and only for those that are
//! switched on; kept until it is delivered or given up.
//!
//! A delivery holds the later ones of its conversation back and no others.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{Store, StoreError, millis, moment};
use crate::delivery::Verdict;
use crate::events::{Event, Outlet, Told};

/// Deliveries that wait for one outlet. A busy day has some hundreds; beyond this the oldest is given up for the newest.
const QUEUED_MAX: u32 = 10_000;
/// Nothing waits longer than this between two attempts; see `delivery`, whose longest is an hour and a tenth. A longer wait comes from
/// a clock that was set back, and counts as over.
const WAITS_AT_MOST: SignedDuration = SignedDuration::from_hours(2);
/// Given-up deliveries that are shown of one outlet.
const DEAD_SHOWN: u32 = 20;
/// Events removed in one batch.
const THINNED_AT_ONCE: u32 = 50;

/// Something to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    row: i64,
    /// What the receiver knows the event by: the same at every attempt.
    pub name: String,
    /// When it happened.
    pub at: Timestamp,
    /// What happened, as JSON.
    pub body: String,
    /// What it belongs to.
    pub conversation: String,
    /// Attempts so far.
    pub attempts: u32,
}

/// The answer to "what is to be delivered next?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextDelivery {
    /// This.
    Deliver(Delivery),
    /// Nothing before then.
    Wait(Timestamp),
    /// Nothing at all, until something happens.
    Nothing,
}

/// How an outlet is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutletView {
    /// Which.
    pub outlet: Outlet,
    /// Why nothing is sent there any more.
    pub stopped: Option<String>,
    /// When something was last delivered.
    pub delivered_at: Option<Timestamp>,
    /// How much waits.
    pub waiting: u32,
    /// What went wrong last with the oldest that waits and was tried.
    pub error: Option<String>,
    /// How many were given up.
    pub given_up: u32,
    /// The newest of them, newest first.
    pub dead: Vec<DeadLetter>,
}

/// A delivery that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// What the event is known by.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// When it happened.
    pub at: Timestamp,
    /// What went wrong last.
    pub error: String,
}

impl Store {
    /// Says which outlets are switched on, each with a word that changes with where it leads. What waits for one that is not any more
    /// is dropped; one that was stopped begins anew once it leads elsewhere.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn switch_outlets(&self, on: Vec<(Outlet, String)>) -> Result<(), StoreError> {
        self.write("switching the ways out", move |transaction| {
            for known in names(transaction, false)? {
                if on.iter().any(|(outlet, _)| outlet.token() == known) {
                    continue;
                }
                transaction.execute("DELETE FROM outlets WHERE name = ?1", params![known])?;
                transaction.execute(
                    "DELETE FROM deliveries WHERE outlet = ?1 AND state = 'queued'",
                    params![known],
                )?;
            }
            for (outlet, target) in &on {
                transaction.execute(
                    "INSERT INTO outlets (name, target) VALUES (?1, ?2)
                     ON CONFLICT (name) DO UPDATE SET target = excluded.target, stopped = NULL WHERE target <> excluded.target",
                    params![outlet.token(), target],
                )?;
            }
            Ok(())
        })
        .await
    }

    /// What is to be delivered next to an outlet: the oldest whose time has come and that waits for no other.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn next_delivery(
        &self,
        outlet: Outlet,
        now: Timestamp,
    ) -> Result<NextDelivery, StoreError> {
        self.read("looking for what is to be delivered", move |connection| {
            let beyond = now.checked_add(WAITS_AT_MOST).unwrap_or(Timestamp::MAX);
            let due = connection
                .prepare_cached(&format!(
                    "SELECT d.id, e.name, e.at, e.body, d.conversation, d.attempts
                     FROM deliveries d JOIN events e ON e.id = d.event_id WHERE d.id = (
                       SELECT min(id) FROM ({HEADS}) WHERE not_before <= ?2 OR not_before > ?3)"
                ))?
                .query_row(
                    params![outlet.token(), millis(now), millis(beyond)],
                    delivery,
                )
                .optional()?;
            if let Some(delivery) = due {
                return Ok(NextDelivery::Deliver(delivery));
            }
            let next: Option<i64> = connection
                .prepare_cached(&format!("SELECT min(not_before) FROM ({HEADS})"))?
                .query_row(params![outlet.token()], |row| row.get(0))?;
            Ok(next.map_or(NextDelivery::Nothing, |at| NextDelivery::Wait(moment(at))))
        })
        .await
    }

    /// Writes down what became of an attempt that ended at `now`: `error` says what went wrong; `away` that the receiver could not be
    /// reached at all. Once it takes something again, all that only waited for that has its time.
    ///
    /// # Errors
    /// When the store cannot be written; the delivery is tried again then.
    pub async fn delivery_tried(
        &self,
        outlet: Outlet,
        delivery: &Delivery,
        verdict: Verdict,
        error: Option<String>,
        away: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let row = delivery.row;
        self.write("writing down what was delivered", move |transaction| {
            let outlet = outlet.token();
            match &verdict {
                Verdict::Delivered => delivered(transaction, outlet, row, now),
                Verdict::Again(wait) => {
                    let wait = SignedDuration::try_from(*wait).unwrap_or(WAITS_AT_MOST);
                    let until = now.checked_add(wait).unwrap_or(Timestamp::MAX);
                    transaction
                        .prepare_cached(
                            "UPDATE deliveries SET attempts = attempts + 1, not_before = ?2, error = ?3, away = ?4 WHERE id = ?1",
                        )?
                        .execute(params![row, millis(until), error, away])
                        .map(drop)
                }
                Verdict::Dead => {
                    transaction.execute("UPDATE deliveries SET attempts = attempts + 1 WHERE id = ?1", params![row])?;
                    bury(transaction, "id = ?3", params![error, millis(now), row])
                }
                Verdict::Stopped => {
                    transaction.execute(
                        "UPDATE outlets SET stopped = ?2 WHERE name = ?1",
                        params![outlet, error],
                    )?;
                    bury(transaction, "outlet = ?3", params![error, millis(now), outlet])
                }
            }
        })
        .await
    }

    /// Has an outlet tell again what was given up, as if it had just happened but for its ids and its order; the newest, if that is more
    /// than may wait. Gives how many wait again: none where nothing is sent any more.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn deliver_again(&self, outlet: Outlet, now: Timestamp) -> Result<usize, StoreError> {
        self.write("trying again what was given up", move |transaction| {
            let name = outlet.token();
            if !names(transaction, true)?.iter().any(|on| on == name) {
                return Ok(0);
            }
            let room = QUEUED_MAX.saturating_sub(waiting(transaction, name)?);
            transaction.execute(
                "UPDATE deliveries SET state = 'queued', attempts = 0, not_before = ?2, away = 0, error = NULL, done_at = NULL
                 WHERE id IN (SELECT id FROM deliveries INDEXED BY deliveries_dead
                   WHERE outlet = ?1 AND state = 'dead' ORDER BY id DESC LIMIT ?3)",
                params![name, millis(now), room],
            )
        })
        .await
    }

    /// How each outlet that is switched on is doing.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn outlets(&self) -> Result<Vec<OutletView>, StoreError> {
        self.read("reading what was delivered", |connection| {
            let mut views = Vec::new();
            for outlet in Outlet::ALL {
                views.extend(view(connection, outlet)?);
            }
            Ok(views)
        })
        .await
    }
}

/// The deliveries of outlet `?1` that wait for their time alone, each the oldest of its conversation.
const HEADS: &str = "SELECT d.id, d.not_before FROM deliveries d WHERE d.id IN (
       SELECT min(id) FROM deliveries INDEXED BY deliveries_queued WHERE outlet = ?1 AND state = 'queued' GROUP BY conversation)
     AND EXISTS (SELECT 1 FROM outlets WHERE name = ?1 AND stopped IS NULL)";

/// Tells of what happens in this transaction; `event` is asked only if anybody listens.
pub(super) fn tell(
    transaction: &Transaction<'_>,
    at: Timestamp,
    event: impl FnOnce() -> rusqlite::Result<Event>,
) -> rusqlite::Result<()> {
    let on = names(transaction, true)?;
    if on.is_empty() {
        return Ok(());
    }
    let event = event()?;
    let (kind, conversation) = (event.kind(), event.conversation());
    let mut outlets = on.iter().filter_map(|name| Outlet::from_token(name));
    let told = Told {
        timestamp: at,
        event,
    };
    let mut event_id = None;
    for outlet in outlets.by_ref().filter(|outlet| outlet.wants(&told.event)) {
        let id = match event_id {
            Some(id) => id,
            None => *event_id.insert(keep(transaction, kind, &told)?),
        };
        make_room(transaction, outlet, at)?;
        transaction
            .prepare_cached(
                "INSERT INTO deliveries (event_id, outlet, conversation, state, not_before) VALUES (?1, ?2, ?3, 'queued', ?4)",
            )?
            .execute(params![id, outlet.token(), conversation, millis(at)])?;
    }
    Ok(())
}

/// Tells of a text; `event` makes one of its row.
pub(super) fn tell_of_text(
    transaction: &Transaction<'_>,
    text_id: i64,
    at: Timestamp,
    event: impl FnOnce(&Row<'_>) -> rusqlite::Result<Event>,
) -> rusqlite::Result<()> {
    tell(transaction, at, || {
        transaction
            .prepare_cached(
                "SELECT id, kind, number, body, parts, call_id FROM texts WHERE id = ?1",
            )?
            .query_row(params![text_id], event)
    })
}

/// The event of a text that the network has taken, of [`tell_of_text`]'s row.
pub(super) fn sent(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event::TextSent {
        text_id: row.get(0)?,
        kind: row.get(1)?,
        number: row.get(2)?,
        body: row.get(3)?,
        parts: row.get(4)?,
        call_id: row.get(5)?,
    })
}

/// The event of a text that failed for good.
pub(super) fn failed(row: &Row<'_>, error: String) -> rusqlite::Result<Event> {
    Ok(Event::TextFailed {
        text_id: row.get(0)?,
        kind: row.get(1)?,
        number: row.get(2)?,
        body: row.get(3)?,
        call_id: row.get(5)?,
        error,
    })
}

/// The random part makes the name one of a kind, also beside those of other boxes and after a restored backup.
fn keep(transaction: &Transaction<'_>, kind: &str, told: &Told) -> rusqlite::Result<i64> {
    transaction
        .prepare_cached(
            "INSERT INTO events (name, kind, at, body) VALUES ('msg_' || lower(hex(randomblob(16))), ?1, ?2, ?3)",
        )?
        .execute(params![kind, millis(told.timestamp), told.json()])?;
    Ok(transaction.last_insert_rowid())
}

fn make_room(
    transaction: &Transaction<'_>,
    outlet: Outlet,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let (count, oldest): (u32, Option<i64>) = transaction
        .prepare_cached(
            "SELECT count(*), min(id) FROM deliveries INDEXED BY deliveries_queued WHERE outlet = ?1 AND state = 'queued'",
        )?
        .query_row(params![outlet.token()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if count < QUEUED_MAX {
        return Ok(());
    }
    let error = format!("more than {QUEUED_MAX} were waiting");
    bury(transaction, "id = ?3", params![error, millis(now), oldest])
}

fn names(connection: &Connection, only_running: bool) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare_cached("SELECT name FROM outlets WHERE stopped IS NULL OR NOT ?1")?
        .query_map(params![only_running], |row| row.get(0))?
        .collect()
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    Ok(Delivery {
        row: row.get(0)?,
        name: row.get(1)?,
        at: moment(row.get(2)?),
        body: row.get(3)?,
        conversation: row.get(4)?,
        attempts: row.get(5)?,
    })
}

fn delivered(
    transaction: &Transaction<'_>,
    outlet: &str,
    row: i64,
    now: Timestamp,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "UPDATE deliveries SET state = 'delivered', attempts = attempts + 1, error = NULL, away = 0, done_at = ?2
             WHERE id = ?1",
        )?
        .execute(params![row, millis(now)])?;
    transaction
        .prepare_cached(
            "UPDATE deliveries INDEXED BY deliveries_queued SET not_before = ?2, away = 0
             WHERE outlet = ?1 AND state = 'queued' AND away = 1",
        )?
        .execute(params![outlet, millis(now)])?;
    transaction
        .prepare_cached("UPDATE outlets SET delivered_at = ?2 WHERE name = ?1")?
        .execute(params![outlet, millis(now)])
        .map(drop)
}

/// Gives up those that wait and are meant; the parameters begin with why and when.
fn bury(
    transaction: &Transaction<'_>,
    which: &str,
    parameters: impl rusqlite::Params,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(&format!(
            "UPDATE deliveries SET state = 'dead', error = ?1, done_at = ?2 WHERE state = 'queued' AND {which}"
        ))?
        .execute(parameters)
        .map(drop)
}

fn view(connection: &Connection, outlet: Outlet) -> rusqlite::Result<Option<OutletView>> {
    let name = outlet.token();
    let row = connection
        .prepare_cached("SELECT stopped, delivered_at FROM outlets WHERE name = ?1")?
        .query_row(params![name], |row| {
            let at: Option<i64> = row.get(1)?;
            Ok((row.get(0)?, at.map(moment)))
        })
        .optional()?;
    let Some((stopped, delivered_at)) = row else {
        return Ok(None);
    };
    let waiting = waiting(connection, name)?;
    let given_up = connection
        .prepare_cached("SELECT count(*) FROM deliveries INDEXED BY deliveries_dead WHERE outlet = ?1 AND state = 'dead'")?
        .query_row(params![name], |row| row.get(0))?;
    let error = connection
        .prepare_cached(
            "SELECT error FROM deliveries INDEXED BY deliveries_queued
             WHERE outlet = ?1 AND state = 'queued' AND error IS NOT NULL ORDER BY id LIMIT 1",
        )?
        .query_row(params![name], |row| row.get(0))
        .optional()?;
    let dead = connection
        .prepare_cached(
            "SELECT e.name, e.kind, e.at, coalesce(d.error, '')
             FROM deliveries d INDEXED BY deliveries_dead JOIN events e ON e.id = d.event_id
             WHERE d.outlet = ?1 AND d.state = 'dead' ORDER BY d.id DESC LIMIT ?2",
        )?
        .query_map(params![name, DEAD_SHOWN], |row| {
            Ok(DeadLetter {
                name: row.get(0)?,
                kind: row.get(1)?,
                at: moment(row.get(2)?),
                error: row.get(3)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Some(OutletView {
        outlet,
        stopped,
        delivered_at,
        waiting,
        error,
        given_up,
        dead,
    }))
}

fn waiting(connection: &Connection, outlet: &str) -> rusqlite::Result<u32> {
    connection
        .prepare_cached("SELECT count(*) FROM deliveries INDEXED BY deliveries_queued WHERE outlet = ?1 AND state = 'queued'")?
        .query_row(params![outlet], |row| row.get(0))
}

/// Old events go with their deliveries, whatever became of them. True when there are no more.
pub(super) fn thin(transaction: &Transaction<'_>, before: i64) -> rusqlite::Result<bool> {
    let old: Vec<i64> = transaction
        .prepare_cached(
            "SELECT id FROM (SELECT id, at FROM events ORDER BY id LIMIT ?1) WHERE at < ?2",
        )?
        .query_map(params![THINNED_AT_ONCE, before], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for id in &old {
        for remove in [
            "DELETE FROM deliveries WHERE event_id = ?1",
            "DELETE FROM events WHERE id = ?1",
        ] {
            transaction.prepare_cached(remove)?.execute(params![id])?;
        }
    }
    Ok(old.is_empty())
}
