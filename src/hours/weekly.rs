//! The hours of a week, and their one spelling. It knows weekdays and the clock on the wall; dates and zones are its callers'.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Time, Weekday};

use super::Mistake;
use super::reading;

/// Minutes of a day on the wall.
pub(super) const DAY: u16 = 24 * 60;

/// Spans a day: early, late and night shifts with a break in each are six.
pub(super) const SPANS_IN_A_DAY_MAX: usize = 6;

/// The days in the spelling that `Display` writes, Monday first as in ISO 8601.
pub(super) const DAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

/// When a business is open in any week, to the minute, as the clock on its wall shows.
///
/// A span belongs to the day it begins on; one that passes midnight ends on the next day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeeklyHours {
    /// By day, Monday first: sorted, without overlaps, at least one in the week.
    days: [Vec<Span>; 7],
}

/// A time of opening, in minutes since the midnight at which its day begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    /// 0 to 1439.
    pub(super) from: u16,
    /// Exclusive; above 1440 on the next day, and less than a day after `from`, but for 0 to 1440.
    pub(super) to: u16,
}

impl Span {
    /// How far it reaches into the next day, in minutes.
    fn tail(self) -> u16 {
        self.to.saturating_sub(DAY)
    }
}

impl WeeklyHours {
    /// Seven lists that `reading` has checked.
    pub(super) fn new(days: [Vec<Span>; 7]) -> Self {
        Self { days }
    }

    /// Whether it is open within the span of the day before that has passed midnight.
    pub(super) fn is_late(&self, day: Weekday, at: Time) -> bool {
        let minute = minute(at);
        self.of(day.previous())
            .iter()
            .any(|span| minute < span.tail())
    }

    /// Whether it is open within a span that begins on that day.
    pub(super) fn is_open(&self, day: Weekday, at: Time) -> bool {
        let minute = minute(at);
        self.of(day)
            .iter()
            .any(|span| (span.from..span.to).contains(&minute))
    }

    /// The times at which it opens on that day.
    pub(super) fn openings(&self, day: Weekday) -> impl Iterator<Item = Time> {
        self.of(day).iter().filter_map(|span| time(span.from))
    }

    fn of(&self, day: Weekday) -> &[Span] {
        let index = usize::try_from(day.to_monday_zero_offset()).unwrap_or_default();
        &self.days[index]
    }

    fn is_always(&self) -> bool {
        let whole = [Span { from: 0, to: DAY }];
        self.days.iter().all(|spans| *spans == whole)
    }
}

/// Minutes since midnight on the wall.
fn minute(at: Time) -> u16 {
    u16::from(at.hour().unsigned_abs()) * 60 + u16::from(at.minute().unsigned_abs())
}

fn time(minute: u16) -> Option<Time> {
    let part = |value: u16| i8::try_from(value).ok();
    Time::new(part(minute / 60)?, part(minute % 60)?, 0, 0).ok()
}

impl FromStr for WeeklyHours {
    type Err = Mistake;

    /// Reads hours as people write them: `Mo-Fr 08:00-12:00, 13:00-17:00; Sa 9-12`, `Mon to Fri 8am-5pm`, `24/7`.
    fn from_str(text: &str) -> Result<Self, Mistake> {
        reading::weekly_hours(text)
    }
}

impl fmt::Display for WeeklyHours {
    /// Days with the same hours together: `Mo-Tu, Th 08:00-17:00; We 09:00-12:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_always() {
            return f.write_str("24/7");
        }
        let mut separator = "";
        for (first, spans) in self.days.iter().enumerate() {
            let said = self.days[..first].contains(spans);
            if said || spans.is_empty() {
                continue;
            }
            write!(f, "{separator}{} ", self.days_with(spans))?;
            separator = "; ";
            for (index, span) in spans.iter().enumerate() {
                let comma = if index > 0 { ", " } else { "" };
                let to = if span.to > DAY {
                    span.to - DAY
                } else {
                    span.to
                };
                write!(f, "{comma}{}-{}", clock(span.from), clock(to))?;
            }
        }
        Ok(())
    }
}

impl WeeklyHours {
    /// The days that have these spans, neighbours drawn together: `Mo-Tu, Th`.
    fn days_with(&self, spans: &[Span]) -> String {
        let has = |day: usize| self.days.get(day).is_some_and(|of| of == spans);
        let mut runs: Vec<String> = Vec::new();
        let mut day = 0;
        while day < 7 {
            let end = (day..).find(|&next| !has(next)).unwrap_or(7);
            match end - day {
                0 => {}
                1 => runs.push(DAYS[day].to_owned()),
                _ => runs.push(format!("{}-{}", DAYS[day], DAYS[end - 1])),
            }
            day = end + 1;
        }
        runs.join(", ")
    }
}

fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}
