//! What the page shows: the newest calls with what became of each, the newest replies, a count for every day, and whether
//! the next call would be texted.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::alerts::{self, AlertView};
use super::fences::{self, Periods};
use super::outgoing::NOT_DONE;
use super::received::PERHAPS_STOP;
use super::{Store, StoreError, calls, millis, moment, settings};
use crate::rules::{Caller, Fence, SkipReason};
use crate::text::TextState;
use crate::wording::Occasion;

/// More calls than that on one page are not read by anybody on a phone.
const CALLS_SHOWN: u32 = 60;
/// The same for replies.
const REPLIES_SHOWN: u32 = 30;

/// All that the page shows of the store.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    /// What the owner has to see to, since the first of the days asked for, newest first.
    pub alerts: Vec<AlertView>,
    /// The newest calls, newest first.
    pub calls: Vec<CallView>,
    /// The newest replies, newest first.
    pub replies: Vec<ReplyView>,
    /// One count for each day asked for, in that order.
    pub days: Vec<CallCount>,
    /// Texted callers who wrote back since the first of them.
    pub wrote_back: u32,
}

/// A call for people.
#[derive(Debug, Clone)]
pub struct CallView {
    /// When it began to ring.
    pub started_at: Timestamp,
    /// Who called.
    pub caller: Caller,
    /// How often it rang.
    pub rings: u32,
    /// It did not ring here: the operator told of it.
    pub noticed: bool,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a call.
#[derive(Debug, Clone)]
pub enum Fate {
    /// It rings.
    Ringing,
    /// The caller was texted, or is about to be.
    Texted(TextView),
    /// The caller was not texted; the reason is there unless a newer textback wrote it.
    Skipped(Option<SkipReason>),
}

/// The text that answered a call.
#[derive(Debug, Clone)]
pub struct TextView {
    /// Where it stands.
    pub state: TextState,
    /// Which message it was; `None` where an older textback decided.
    pub occasion: Option<Occasion>,
    /// When the network took it.
    pub sent_at: Option<Timestamp>,
    /// What went wrong last.
    pub error: Option<String>,
}

/// A text that came in.
#[derive(Debug, Clone)]
pub struct ReplyView {
    /// When.
    pub at: Timestamp,
    /// From whom; `None` where it could not be read.
    pub number: Option<String>,
    /// What it says.
    pub body: String,
    /// It may be a request for no more texts: a person has to tell.
    pub perhaps_stop: bool,
}

/// What a day or a week brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallCount {
    /// Calls that ended.
    pub calls: u32,
    /// Calls whose text has left.
    pub texted: u32,
    /// Those of them whose callers have written since.
    pub answered: u32,
}

impl Store {
    /// How many more texts the day and the month of `now` allow, each, for a call missed now: 0 when they are used up.
    ///
    /// # Errors
    /// When the store cannot be read, or could not be written the last time and still cannot: such a call would be lost.
    pub async fn texts_left(&self, now: Timestamp) -> Result<[(Fence, u32); 2], StoreError> {
        if self.forbids_texts() {
            return Err(StoreError::Blind);
        }
        self.ensure_writable().await?;
        let zone = self.zone.clone();
        self.read(
            "reading the settings and what went out",
            move |connection| {
                let settings = settings::load(connection)?;
                let periods = Periods::at(now, &settings::zone_of(&settings, &zone));
                let left = |fence: Fence| -> rusqlite::Result<(Fence, u32)> {
                    let count = fences::count(connection, fence, periods)?;
                    Ok((fence, fence.most(&settings).saturating_sub(count)))
                };
                Ok([left(Fence::Day)?, left(Fence::Month)?])
            },
        )
        .await
    }

    /// The calls from each of `starts`, oldest first, to the next of them, the last one to now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn count_calls(&self, starts: Vec<Timestamp>) -> Result<Vec<CallCount>, StoreError> {
        self.read("counting calls", move |connection| {
            count_calls(connection, &starts)
        })
        .await
    }

    /// What the page shows. `day_starts` are the beginnings of the days to count, oldest first; the last one is today's.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn overview(&self, day_starts: Vec<Timestamp>) -> Result<Overview, StoreError> {
        self.read("reading what the page shows", move |connection| {
            let since = day_starts.first().copied().unwrap_or(Timestamp::MAX);
            Ok(Overview {
                alerts: alerts::newest(connection, since)?,
                calls: newest_calls(connection)?,
                replies: newest_replies(connection)?,
                days: count_calls(connection, &day_starts)?,
                wrote_back: count_wrote_back(connection, since)?,
            })
        })
        .await
    }
}

/// Numbers for graphs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Calls that were ever seen, those thinned out since included.
    pub calls: i64,
    /// The same for texts, in and out.
    pub texts: i64,
    /// Texts that have not gone out yet, or of which nobody knows whether they have.
    pub waiting: i64,
}

impl Store {
    /// What there is and was.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn totals(&self) -> Result<Totals, StoreError> {
        self.read("counting calls and texts", |connection| {
            // Numbers are never given twice, so the last one is how many there were.
            let count = |select: &str| {
                connection
                    .prepare_cached(select)?
                    .query_row([], |row| row.get(0))
            };
            Ok(Totals {
                calls: count("SELECT coalesce(max(id), 0) FROM calls")?,
                texts: count("SELECT coalesce(max(id), 0) FROM texts")?,
                waiting: count(&format!("SELECT count(*) FROM texts WHERE {NOT_DONE}"))?,
            })
        })
        .await
    }
}

fn newest_calls(connection: &Connection) -> rusqlite::Result<Vec<CallView>> {
    connection
        .prepare_cached(
            "SELECT c.started_at, c.caller, c.shown, c.rings, c.outcome, c.reason, c.detail, t.state, t.sent_at, t.error, c.notice_id IS NOT NULL
             FROM calls c LEFT JOIN texts t ON t.id = c.text_id ORDER BY c.id DESC LIMIT ?1",
        )?
        .query_map(params![CALLS_SHOWN], |row| {
            Ok(CallView {
                started_at: moment(row.get(0)?),
                caller: calls::caller(row.get(1)?, &row.get::<_, String>(2)?),
                rings: row.get(3)?,
                noticed: row.get(10)?,
                fate: fate(row)?,
            })
        })?
        .collect()
}

fn fate(row: &Row<'_>) -> rusqlite::Result<Fate> {
    let outcome: String = row.get(4)?;
    if outcome == "skip" {
        let token: String = row.get::<_, Option<String>>(5)?.unwrap_or_default();
        let detail: Option<String> = row.get(6)?;
        return Ok(Fate::Skipped(SkipReason::from_stored(
            &token,
            detail.as_deref(),
        )));
    }
    let Some(state) = row.get::<_, Option<String>>(7)? else {
        return Ok(Fate::Ringing);
    };
    Ok(Fate::Texted(TextView {
        state: TextState::from_token(&state),
        occasion: row
            .get::<_, Option<String>>(6)?
            .and_then(|token| Occasion::from_token(&token)),
        sent_at: row.get::<_, Option<i64>>(8)?.map(moment),
        error: row.get(9)?,
    }))
}

fn newest_replies(connection: &Connection) -> rusqlite::Result<Vec<ReplyView>> {
    connection
        .prepare_cached(
            "SELECT created_at, number, body, flag IS ?2 FROM texts
             WHERE direction = 'in' AND kind <> 'command' ORDER BY id DESC LIMIT ?1",
        )?
        .query_map(params![REPLIES_SHOWN, PERHAPS_STOP], |row| {
            Ok(ReplyView {
                at: moment(row.get(0)?),
                number: row.get(1)?,
                body: row.get(2)?,
                perhaps_stop: row.get(3)?,
            })
        })?
        .collect()
}

/// People who were texted about a call and wrote after it.
fn count_wrote_back(connection: &Connection, since: Timestamp) -> rusqlite::Result<u32> {
    connection
        .prepare_cached(
            "SELECT count(DISTINCT i.number) FROM texts i
             WHERE i.direction = 'in' AND i.kind <> 'command' AND i.created_at >= ?1 AND i.id >
               coalesce((SELECT id FROM texts WHERE created_at < ?1 ORDER BY id DESC LIMIT 1), 0)
               AND EXISTS (SELECT 1 FROM texts o WHERE o.number = i.number AND o.kind = 'missed_call'
                           AND o.state IN ('sent', 'delivered') AND o.created_at <= i.created_at)",
        )?
        .query_row(params![millis(since)], |row| row.get(0))
}

/// Ids grow with time, so the search for the first call of a day starts at the newest and stops at the first older one. What an
/// operator tells of can be long past.
pub(super) fn count_calls(
    connection: &Connection,
    starts: &[Timestamp],
) -> rusqlite::Result<Vec<CallCount>> {
    let Some(oldest) = starts.first() else {
        return Ok(Vec::new());
    };
    let wrote_last = wrote_last(connection, *oldest)?;
    let mut counts = vec![CallCount::default(); starts.len()];
    let mut statement = connection.prepare_cached(
        "SELECT c.started_at, coalesce(t.state IN ('sent', 'delivered', 'unconfirmed'), 0), t.number, t.created_at
         FROM calls c LEFT JOIN texts t ON t.id = c.text_id
         WHERE c.outcome <> 'ringing' AND c.started_at >= ?1 AND c.id >
           coalesce((SELECT id FROM calls WHERE started_at < ?1 AND notice_id IS NULL ORDER BY id DESC LIMIT 1), 0)",
    )?;
    let mut rows = statement.query(params![millis(*oldest)])?;
    while let Some(row) = rows.next()? {
        let (at, texted): (i64, bool) = (row.get(0)?, row.get(1)?);
        let span = starts
            .partition_point(|start| millis(*start) <= at)
            .saturating_sub(1);
        let Some(count) = counts.get_mut(span) else {
            continue;
        };
        count.calls += 1;
        if texted {
            let (number, texted_at): (String, i64) = (row.get(2)?, row.get(3)?);
            let wrote = wrote_last.get(&number).is_some_and(|at| *at >= texted_at);
            count.texted += 1;
            count.answered += u32::from(wrote);
        }
    }
    Ok(counts)
}

/// When each number wrote last, of those that have since then.
fn wrote_last(connection: &Connection, since: Timestamp) -> rusqlite::Result<HashMap<String, i64>> {
    connection
        .prepare_cached(
            "SELECT number, max(created_at) FROM texts
             WHERE direction = 'in' AND kind <> 'command' AND number IS NOT NULL AND created_at >= ?1 AND id >
               coalesce((SELECT id FROM texts WHERE created_at < ?1 ORDER BY id DESC LIMIT 1), 0)
             GROUP BY number",
        )?
        .query_map(params![millis(since)], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}
