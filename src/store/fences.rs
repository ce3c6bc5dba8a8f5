//! What the fences have let through, counted as texts are queued, so that a decision looks at a few rows and not at a month of them;
//! and what the owner was told of each, once.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{alerts, millis, moment};
use crate::phone::PhoneNumber;
use crate::rules::{Counts, Fence, Fullness};
use crate::settings::Settings;
use crate::text::AlertKind;

/// The window of neighbours and of odd calls.
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// Digits at the end that neighbours may differ in.
const NEIGHBOURS_DIFFER_IN: usize = 2;
/// So many of the newest calls are looked through for those of the last hour: more than a fence of the night can be set to.
const CALLS_LOOKED_THROUGH: u32 = 1100;
/// A day or month that seems to begin only later comes from a clock that was set back. By so much it is believed: what was counted goes on
/// counting, or a cap could be passed twice. Beyond it, the clock was wrong then.
const SET_BACK_AT_MOST: SignedDuration = SignedDuration::from_hours(3 * 24);
/// How often the owner hears of a fence by the minute or hour, at most.
const TOLD_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// The fences whose counts a text adds to.
const BY_PERIOD: [Fence; 3] = [Fence::Day, Fence::Month, Fence::Recipients];

/// When the running day and month began where the owner lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Periods {
    now: Timestamp,
    day: Timestamp,
    month: Timestamp,
}

impl Periods {
    pub(super) fn at(now: Timestamp, zone: &TimeZone) -> Self {
        let there = now.to_zoned(zone.clone());
        let day = there.start_of_day().map_or(now, |start| start.timestamp());
        let first = there.checked_sub(i64::from(there.day() - 1).days());
        let month = first.and_then(|first| first.start_of_day());
        Self {
            now,
            day,
            month: month.map_or(day, |start| start.timestamp()),
        }
    }

    pub(super) fn day(self) -> Timestamp {
        self.day
    }

    fn of(self, fence: Fence) -> Timestamp {
        match fence {
            Fence::Month | Fence::Recipients => self.month,
            Fence::Minute | Fence::Day | Fence::Neighbours | Fence::Night => self.day,
        }
    }

    /// Whether what began then is the running one of this fence.
    fn is_running(self, fence: Fence, began: Timestamp) -> bool {
        let set_back_over = self.now < began && began.duration_since(self.now) <= SET_BACK_AT_MOST;
        began == self.of(fence) || set_back_over
    }
}

/// What the fences have let through, as far as it matters for a call of `caller`; odd calls are counted only if `at_night`.
pub(super) fn counts(
    connection: &Connection,
    caller: Option<&PhoneNumber>,
    periods: Periods,
    now: Timestamp,
    at_night: bool,
) -> rusqlite::Result<Counts> {
    let mut counts = Counts {
        odd_calls: match at_night {
            true => odd_calls(connection, now)?,
            false => 0,
        },
        ..Counts::default()
    };
    if let Some(number) = caller {
        [counts.day, counts.month, counts.recipients] = by_period(connection, periods)?;
        counts.is_recipient = is_recipient(connection, number.as_str(), periods)?;
        counts.neighbours = neighbours(connection, number.as_str(), now)?;
    }
    Ok(counts)
}

/// What one of the fences by the day or month has let through.
pub(super) fn count(
    connection: &Connection,
    fence: Fence,
    periods: Periods,
) -> rusqlite::Result<u32> {
    let found = tally(connection, fence)?;
    Ok(found.map_or(0, |tally| tally.count_in(fence, periods)))
}

/// The same of [`BY_PERIOD`], read at once: a call waits for it.
fn by_period(connection: &Connection, periods: Periods) -> rusqlite::Result<[u32; 3]> {
    let mut counts = [0; 3];
    let mut all = connection.prepare_cached("SELECT began, count, told, fence FROM tallies")?;
    let mut rows = all.query([])?;
    while let Some(row) = rows.next()? {
        let token: String = row.get(3)?;
        for (fence, count) in BY_PERIOD.into_iter().zip(&mut counts) {
            if fence.token() == token {
                *count = Tally::read(row)?.count_in(fence, periods);
            }
        }
    }
    Ok(counts)
}

/// A text to somebody else than the owner was queued.
pub(super) fn count_text(
    transaction: &Transaction<'_>,
    number: &str,
    periods: Periods,
) -> rusqlite::Result<()> {
    for fence in [Fence::Day, Fence::Month] {
        add(transaction, fence, periods)?;
    }
    if !is_recipient(transaction, number, periods)? {
        add(transaction, Fence::Recipients, periods)?;
        transaction
            .prepare_cached(
                "INSERT INTO recipients (number, month) VALUES (?1, ?2)
                 ON CONFLICT (number) DO UPDATE SET month = excluded.month",
            )?
            .execute(params![number, millis(periods.month)])?;
    }
    Ok(())
}

/// A text that was queued then failed, with no part of it sent: it does not count.
pub(super) fn uncount_text(
    transaction: &Transaction<'_>,
    queued_at: Timestamp,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "UPDATE tallies SET count = max(count - 1, 0) WHERE fence IN (?1, ?2) AND began <= ?3",
        )?
        .execute(params![
            Fence::Day.token(),
            Fence::Month.token(),
            millis(queued_at)
        ])?;
    Ok(())
}

/// The fence is that full now: the owner is told if that is news.
pub(super) fn note(
    transaction: &Transaction<'_>,
    fence: Fence,
    fullness: Fullness,
    count: u32,
    settings: &Settings,
    periods: Periods,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let Some(words) = fence.sentence(fullness, count, fence.most(settings)) else {
        return Ok(());
    };
    let level = match fullness {
        Fullness::Roomy => return Ok(()),
        Fullness::Near => 1,
        Fullness::Closed => 2,
    };
    let told = match tally(transaction, fence)? {
        Some(tally) if still_told(fence, &tally, periods, now) => tally.told,
        _ => 0,
    };
    if told >= level {
        return Ok(());
    }
    let began = match fence {
        Fence::Day | Fence::Month | Fence::Recipients => periods.of(fence),
        Fence::Minute | Fence::Neighbours | Fence::Night => now,
    };
    transaction
        .prepare_cached(
            "INSERT INTO tallies (fence, began, count, told) VALUES (?1, ?2, 0, ?3)
             ON CONFLICT (fence) DO UPDATE SET told = excluded.told,
               began = CASE WHEN ?4 THEN excluded.began ELSE tallies.began END",
        )?
        .execute(params![fence.token(), millis(began), level, told == 0])?;
    alerts::raise(transaction, AlertKind::Fence, None, Some(&words), now)
}

/// A row of `tallies`.
struct Tally {
    began: Timestamp,
    count: u32,
    told: u32,
}

impl Tally {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            began: moment(row.get(0)?),
            count: row.get(1)?,
            told: row.get(2)?,
        })
    }

    /// Nothing, once its day or month is over.
    fn count_in(&self, fence: Fence, periods: Periods) -> u32 {
        match periods.is_running(fence, self.began) {
            true => self.count,
            false => 0,
        }
    }
}

fn tally(connection: &Connection, fence: Fence) -> rusqlite::Result<Option<Tally>> {
    connection
        .prepare_cached("SELECT began, count, told FROM tallies WHERE fence = ?1")?
        .query_row(params![fence.token()], Tally::read)
        .optional()
}

fn add(transaction: &Transaction<'_>, fence: Fence, periods: Periods) -> rusqlite::Result<()> {
    let began = periods.of(fence);
    let running = tally(transaction, fence)?;
    let running = running.is_some_and(|tally| periods.is_running(fence, tally.began));
    transaction
        .prepare_cached(
            "INSERT INTO tallies (fence, began, count, told) VALUES (?1, ?2, 1, 0)
             ON CONFLICT (fence) DO UPDATE SET
               count = CASE WHEN ?3 THEN tallies.count + 1 ELSE 1 END,
               told = CASE WHEN ?3 THEN tallies.told ELSE 0 END,
               began = CASE WHEN ?3 THEN tallies.began ELSE excluded.began END",
        )?
        .execute(params![fence.token(), millis(began), running])?;
    Ok(())
}

fn still_told(fence: Fence, tally: &Tally, periods: Periods, now: Timestamp) -> bool {
    match fence {
        Fence::Day | Fence::Month | Fence::Recipients => periods.is_running(fence, tally.began),
        Fence::Minute | Fence::Neighbours | Fence::Night => {
            now.duration_since(tally.began).abs() < TOLD_AGAIN_AFTER
        }
    }
}

fn is_recipient(connection: &Connection, number: &str, periods: Periods) -> rusqlite::Result<bool> {
    let last: Option<i64> = connection
        .prepare_cached("SELECT month FROM recipients WHERE number = ?1")?
        .query_row(params![number], |row| row.get(0))
        .optional()?;
    Ok(last.is_some_and(|last| periods.is_running(Fence::Recipients, moment(last))))
}

/// How many others, that differ in the last digits only, were texted for a missed call within the hour.
fn neighbours(connection: &Connection, number: &str, now: Timestamp) -> rusqlite::Result<u32> {
    let kept = number.len().saturating_sub(NEIGHBOURS_DIFFER_IN);
    let Some(head) = number.get(..kept) else {
        return Ok(0);
    };
    let block_end = |digit: &str| format!("{head}{}", digit.repeat(NEIGHBOURS_DIFFER_IN));
    let (first, last) = (block_end("0"), block_end("9"));
    let since = now.checked_sub(HOUR).unwrap_or(Timestamp::MIN);
    connection
        .prepare_cached(
            "SELECT count(DISTINCT number) FROM texts INDEXED BY texts_by_number
             WHERE number BETWEEN ?1 AND ?2 AND length(number) = length(?1) AND number <> ?3
               AND created_at >= ?4 AND created_at <= ?5
               AND direction = 'out' AND kind = 'missed_call' AND state <> 'failed'",
        )?
        .query_row(
            params![first, last, number, millis(since), millis(now)],
            |row| row.get(0),
        )
}

/// How many calls of the last hour hid their number or rang once, and were not taken.
fn odd_calls(connection: &Connection, now: Timestamp) -> rusqlite::Result<u32> {
    let since = now.checked_sub(HOUR).unwrap_or(Timestamp::MIN);
    connection
        .prepare_cached(
            "SELECT count(*) FROM (SELECT shown, rings, ended_at, reason FROM calls
                                   WHERE outcome <> 'ringing' ORDER BY id DESC LIMIT ?3)
             WHERE ended_at >= ?1 AND ended_at <= ?2 AND (shown = 'withheld' OR rings <= 1) AND reason IS NOT 'picked_up'",
        )?
        .query_row(params![millis(since), millis(now), CALLS_LOOKED_THROUGH], |row| row.get(0))
}
