//! Whether the business is open at a moment: the hours of its week, its holidays, and the days its owner is away.
//!
//! It reads what the clock on the wall shows, so on a day with a change of clocks a span lasts as long as people are there: it
//! opens when the hour that is left out has passed, and the hour that comes twice counts twice. It knows neither what time it
//! is nor what follows from being open.

mod calendar;
mod dates;
mod reading;
#[cfg(test)]
mod tests;
mod weekly;
mod zone;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, Zoned};

pub use calendar::Calendar;
pub use dates::{OwnDates, Until};
pub use weekly::WeeklyHours;
pub use zone::time_zone;

/// Days that [`Schedule::next_open_day_moment`] looks ahead: longer than any holiday, and past every run of closed weeks that a
/// text would still help after.
pub const LOOK_AHEAD_DAYS: i32 = 60;

/// Characters of a piece that a complaint repeats.
const PIECE_CHARS_MAX: usize = 60;

/// What is wrong with a text: the piece of it, and what would be good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{piece:?} {what}; {good}")]
pub struct Mistake {
    piece: String,
    what: String,
    good: String,
}

impl Mistake {
    fn new(piece: &str, what: impl Into<String>, good: impl Into<String>) -> Self {
        Self {
            piece: piece.chars().take(PIECE_CHARS_MAX).collect(),
            what: what.into(),
            good: good.into(),
        }
    }
}

/// What the business is at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Within its hours.
    Open,
    /// Outside its hours.
    Closed,
    /// A day on which it does not open.
    Holiday {
        /// As the calendar calls it; `None` for one of the owner's own dates.
        name: Option<String>,
    },
    /// The owner is out of office.
    Away {
        /// When he is back.
        until: Until,
    },
}

impl Standing {
    /// Whether it is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self == Self::Open
    }
}

/// All that says when a business is open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schedule {
    /// `None`: at all hours.
    pub weekly: Option<WeeklyHours>,
    /// Holidays of its own.
    pub own_dates: OwnDates,
    /// National holidays.
    pub calendar: Option<Calendar>,
    /// Out of office until then.
    pub away_until: Option<Until>,
}

impl Schedule {
    /// What the business is at that moment, in the zone of `at`.
    ///
    /// Being away counts before holidays, holidays before hours. A span that has passed midnight is of the day it began on: the
    /// night into a holiday is open to its end, and the night out of one is not.
    #[must_use]
    pub fn standing(&self, at: &Zoned) -> Standing {
        if let Some(until) = self.away_until
            && !until.is_over(at)
        {
            return Standing::Away { until };
        }
        let (today, time) = (at.date(), at.time());
        let weekly = self.weekly.as_ref();
        let is_late = weekly.is_some_and(|weekly| weekly.is_late(today.weekday(), time));
        let day = if is_late {
            today.yesterday().unwrap_or(today)
        } else {
            today
        };
        if let Some(holiday) = self.holiday(day) {
            holiday
        } else if is_late || weekly.is_none_or(|weekly| weekly.is_open(today.weekday(), time)) {
            Standing::Open
        } else {
            Standing::Closed
        }
    }

    fn holiday(&self, date: Date) -> Option<Standing> {
        let name = self.calendar.and_then(|calendar| calendar.holiday(date));
        (name.is_some() || self.own_dates.contains(date)).then(|| Standing::Holiday {
            name: name.map(str::to_owned),
        })
    }

    /// The first moment of that day, with a time on the wall of `not_before` or later, at which the business is open.
    ///
    /// `None` when there is none, as on a holiday, after closing time, or on a day that a zone has left out.
    #[must_use]
    pub fn first_open_moment(
        &self,
        date: Date,
        not_before: Time,
        zone: &TimeZone,
    ) -> Option<Timestamp> {
        let day_begins = moments(date.to_datetime(Time::midnight()), zone).next()?;
        let openings = self
            .weekly
            .iter()
            .flat_map(|weekly| weekly.openings(date.weekday()));
        let mut candidates: Vec<Timestamp> = [Time::midnight(), not_before]
            .into_iter()
            .chain(openings)
            .flat_map(|time| moments(date.to_datetime(time), zone))
            .chain(self.away_until.and_then(|until| until.moment(zone)))
            // Where clocks change, the wall may show an open hour at once.
            .chain(
                zone.following(day_begins)
                    .map(|change| change.timestamp())
                    .take_while(|&change| zone.to_datetime(change).date() <= date),
            )
            .collect();
        candidates.sort_unstable();
        candidates.into_iter().find(|&moment| {
            let there = moment.to_zoned(zone.clone());
            there.date() == date
                && there.time() >= not_before
                && self.standing(&there) == Standing::Open
        })
    }

    /// When to do on the next day with hours what should be done at the time `at`: then if it is open, else when it opens after,
    /// else, with `at` past closing time, when it opens first on that day.
    ///
    /// `None` when it stays closed for [`LOOK_AHEAD_DAYS`] after the day of `after`.
    #[must_use]
    pub fn next_open_day_moment(&self, after: &Zoned, at: Time) -> Option<Timestamp> {
        let zone = after.time_zone();
        let days = std::iter::successors(after.date().tomorrow().ok(), |day| day.tomorrow().ok());
        days.take(usize::try_from(LOOK_AHEAD_DAYS).unwrap_or_default())
            .find_map(|day| {
                self.first_open_moment(day, at, zone)
                    .or_else(|| self.first_open_moment(day, Time::midnight(), zone))
            })
    }
}

/// The moments at which the wall shows that time: one, two where clocks are turned back over it, and where they are turned
/// forward over it the moment at which they are.
fn moments(wall: DateTime, zone: &TimeZone) -> impl Iterator<Item = Timestamp> {
    let found = zone.to_ambiguous_timestamp(wall);
    let (first, second) = match found.offset() {
        AmbiguousOffset::Unambiguous { offset } => (offset.to_timestamp(wall).ok(), None),
        AmbiguousOffset::Fold { before, after } => (
            before.to_timestamp(wall).ok(),
            after.to_timestamp(wall).ok(),
        ),
        AmbiguousOffset::Gap { before, .. } => {
            // Read with the offset from before the change, the time lies at or behind the change.
            let behind = before.to_timestamp(wall).ok();
            let change = behind
                .and_then(|behind| behind.checked_add(jiff::SignedDuration::from_nanos(1)).ok())
                .and_then(|behind| zone.preceding(behind).next())
                .map(|change| change.timestamp());
            (change.or(behind), None)
        }
    };
    first.into_iter().chain(second)
}
