//! Days and moments that the owner types: his own holidays, and until when he is away.

use std::fmt;
use std::str::FromStr;

use jiff::Zoned;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::{Mistake, moments};

/// Holidays of one's own: two a week, all year.
const ENTRIES_MAX: usize = 100;

/// A longer holiday is a slip in the year.
const RANGE_DAYS_MAX: i32 = 366;

/// A leap year, so that 02-29 can be written.
const ANY_YEAR: i16 = 2000;

const GOOD: &str = "write 2026-12-24 for a day, 12-25 for a day of every year, 2026-12-27..2027-01-02 for several days";
const GOOD_UNTIL: &str = "write a day such as 2026-12-24, or with the time 2026-12-24 08:00";

/// Days on which the business is closed, besides those of a calendar.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnDates(Vec<Entry>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    /// First and last.
    Once(Date, Date),
    /// First and last of every year; past the turn of the year where the last comes first.
    Yearly(DayOfYear, DayOfYear),
}

/// Month and day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct DayOfYear(i8, i8);

impl OwnDates {
    /// Whether it is one of them.
    #[must_use]
    pub fn contains(&self, date: Date) -> bool {
        self.0.iter().any(|entry| entry.contains(date))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Entry {
    fn contains(self, date: Date) -> bool {
        match self {
            Self::Once(first, last) => (first..=last).contains(&date),
            Self::Yearly(first, last) => {
                let day = DayOfYear(date.month(), date.day());
                if first <= last {
                    first <= day && day <= last
                } else {
                    first <= day || day <= last
                }
            }
        }
    }
}

impl FromStr for OwnDates {
    type Err = Mistake;

    /// Reads entries parted by commas, semicolons or lines; one that is there twice is kept once.
    fn from_str(text: &str) -> Result<Self, Mistake> {
        let mut entries: Vec<Entry> = Vec::new();
        for piece in text.split([',', ';', '\n']).map(str::trim) {
            if piece.is_empty() {
                continue;
            }
            let entry = piece.parse()?;
            if entries.contains(&entry) {
                continue;
            }
            if entries.len() == ENTRIES_MAX {
                let what = format!("is one too many: {ENTRIES_MAX} days or times off are the most");
                let good = "draw days together, such as 2026-12-27..2027-01-02";
                return Err(Mistake::new(piece, what, good));
            }
            entries.push(entry);
        }
        Ok(Self(entries))
    }
}

impl FromStr for Entry {
    type Err = Mistake;

    fn from_str(piece: &str) -> Result<Self, Mistake> {
        let wrong = |what: &str| Mistake::new(piece, what, GOOD);
        let ends = ["..", "–", "…", " to ", " - "]
            .iter()
            .find_map(|between| piece.split_once(between));
        let (first, last) = ends.unwrap_or((piece, piece));
        let (first, last) = (first.trim(), last.trim());
        if let (Some(first), Some(last)) = (day_of_year(first), day_of_year(last)) {
            return Ok(Self::Yearly(first, last));
        }
        let (Some(first), Some(last)) = (date(first), date(last)) else {
            return Err(wrong("is no date"));
        };
        if last < first {
            return Err(wrong("ends before it begins"));
        }
        if (last - first).get_days() >= RANGE_DAYS_MAX {
            return Err(wrong("is longer than a year"));
        }
        Ok(Self::Once(first, last))
    }
}

/// `2026-12-24` and nothing else, so that day and month cannot be mixed up.
fn date(text: &str) -> Option<Date> {
    let shape = text
        .bytes()
        .map(|b| if b.is_ascii_digit() { b'0' } else { b });
    shape.eq(*b"0000-00-00").then(|| text.parse().ok())?
}

fn day_of_year(text: &str) -> Option<DayOfYear> {
    let day = date(&format!("{ANY_YEAR}-{text}"))?;
    Some(DayOfYear(day.month(), day.day()))
}

impl fmt::Display for OwnDates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, entry) in self.0.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{entry}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Once(first, last) if first == last => write!(f, "{first}"),
            Self::Once(first, last) => write!(f, "{first}..{last}"),
            Self::Yearly(first, last) if first == last => write!(f, "{first}"),
            Self::Yearly(first, last) => write!(f, "{first}..{last}"),
        }
    }
}

impl fmt::Display for DayOfYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.0, self.1)
    }
}

/// When the owner is back: from the beginning of a day, or from a time of it, as clocks show there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Until {
    back: DateTime,
    /// Whether it was written as a day.
    is_day: bool,
}

impl Until {
    /// The day on which he is back.
    #[must_use]
    pub fn date(&self) -> Date {
        self.back.date()
    }

    /// The time of that day at which he is back; `None` where a day was written.
    #[must_use]
    pub fn time(&self) -> Option<jiff::civil::Time> {
        (!self.is_day).then(|| self.back.time())
    }

    /// Whether he is back at that moment. Once over, it stays over, also when clocks are turned back.
    #[must_use]
    pub fn is_over(&self, at: &Zoned) -> bool {
        self.moment(at.time_zone())
            .is_none_or(|back| back <= at.timestamp())
    }

    /// The first moment at which he is back; `None` past the end of time.
    pub(super) fn moment(&self, zone: &TimeZone) -> Option<jiff::Timestamp> {
        moments(self.back, zone).next()
    }
}

impl FromStr for Until {
    type Err = Mistake;

    fn from_str(text: &str) -> Result<Self, Mistake> {
        let text = text.trim();
        let wrong = || Mistake::new(text, "is no day to be back", GOOD_UNTIL);
        let (day, time) = match text.split_once([' ', 'T']) {
            Some((day, time)) => (day, Some(time.trim())),
            None => (text, None),
        };
        let day = date(day).ok_or_else(wrong)?;
        let Some(time) = time else {
            return Ok(Self {
                back: day.to_datetime(jiff::civil::Time::midnight()),
                is_day: true,
            });
        };
        // 8:00 as well as 08:00.
        let (hour, minute) = time.split_once(':').ok_or_else(wrong)?;
        let is_short =
            |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if !is_short(hour) || minute.len() != 2 || !is_short(minute) {
            return Err(wrong());
        }
        let part = |text: &str| text.parse().map_err(|_| wrong());
        let time = jiff::civil::Time::new(part(hour)?, part(minute)?, 0, 0).map_err(|_| wrong())?;
        Ok(Self {
            back: day.to_datetime(time),
            is_day: false,
        })
    }
}

impl fmt::Display for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = if self.is_day {
            "%Y-%m-%d"
        } else {
            "%Y-%m-%d %H:%M"
        };
        write!(f, "{}", self.back.strftime(form))
    }
}
