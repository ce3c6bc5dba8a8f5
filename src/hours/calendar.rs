//! National holidays: the rules of `calendars.tsv`, and which day of a year each one means.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::Mistake;
use super::weekly::DAYS;

/// The rules, with their sources.
const TABLE: &str = include_str!("calendars.tsv");

/// Months as the rules write them.
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The public holidays of a country, or of a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    code: &'static str,
    name: &'static str,
    /// The calendar whose holidays it has besides its own.
    base: Option<&'static str>,
}

impl Calendar {
    /// Every calendar there is, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        rows().filter_map(|row| match *row.as_slice() {
            ["calendar", code, name, base, _source] => Some(Self {
                code,
                name,
                base: (base != "-").then_some(base),
            }),
            _ => None,
        })
    }

    /// Its code, such as `US` or `DE-BY`: ISO 3166-1, and 3166-2 for a part of a country.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Its name in English.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What is celebrated on that date, in a language of the country; `None` on a day that is no holiday.
    #[must_use]
    pub fn holiday(&self, date: Date) -> Option<&'static str> {
        self.rules()
            .find(|holiday| holiday.is_on(date))
            .map(|holiday| holiday.name)
    }

    /// The rules that are its own or its base's.
    fn rules(self) -> impl Iterator<Item = &'static Holiday> {
        let its = move |codes: &str| {
            let mut codes = codes.split(' ');
            codes.any(|code| code == self.code || Some(code) == self.base)
        };
        RULES
            .iter()
            .filter(move |(codes, _)| its(codes))
            .map(|(_, holiday)| holiday)
    }
}

impl FromStr for Calendar {
    type Err = Mistake;

    /// Reads a code in either case; `UK` is taken for `GB`, as `business.country` does.
    fn from_str(code: &str) -> Result<Self, Mistake> {
        let code = code.trim();
        let upper = code.to_ascii_uppercase().replace("UK", "GB");
        Self::all()
            .find(|calendar| calendar.code == upper)
            .ok_or_else(|| {
                let codes: Vec<&str> = Self::all().map(|calendar| calendar.code).collect();
                let good = format!(
                    "write one of {}, or add your days to hours.holidays",
                    codes.join(" ")
                );
                Mistake::new(code, "is no calendar we have", good)
            })
    }
}

impl fmt::Display for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

/// Every rule that can be read, with the calendars it belongs to: read once, for a call is not to wait for a table.
static RULES: LazyLock<Vec<(&'static str, Holiday)>> = LazyLock::new(|| {
    rows()
        .filter_map(|row| Some((*row.first()?, Holiday::read(&row)?)))
        .collect()
});

fn rows() -> impl Iterator<Item = Vec<&'static str>> {
    TABLE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
}

/// A row of the table.
#[derive(Debug)]
struct Holiday {
    day: Day,
    shift: Shift,
    name: &'static str,
    years: &'static str,
}

/// The day a rule means in a year.
#[derive(Debug, Clone, Copy)]
enum Day {
    Once(Date),
    /// Month and day.
    Fixed(i8, i8),
    /// Days from Easter Sunday.
    Easter(i32),
    /// The nth such weekday of a month; -1 for the last.
    Nth(i8, Weekday, i8),
    /// The last such weekday before a month and day.
    Before(Weekday, i8, i8),
    /// The first such weekday after a month and day.
    After(Weekday, i8, i8),
}

/// What becomes of a day that falls on certain weekdays.
#[derive(Debug, Default)]
struct Shift {
    by: Vec<(Weekday, i32)>,
    /// Whether it is a holiday on the day itself no longer.
    moves: bool,
}

impl Holiday {
    fn read(row: &[&'static str]) -> Option<Self> {
        let [_codes, rule, name, years] = *row else {
            return None;
        };
        let mut words = rule.split(' ');
        let day = Day::read(&mut words)?;
        let shift = Shift::read(words)?;
        Some(Self {
            day,
            shift,
            name,
            years,
        })
    }

    fn is_on(&self, date: Date) -> bool {
        // The day in lieu of New Year's Day may be in the year before.
        (date.year().saturating_sub(1)..=date.year().saturating_add(1))
            .filter(|&year| self.counts_in(year))
            .filter_map(|year| self.day.in_year(year))
            .any(|day| self.shift.holidays(day).any(|holiday| holiday == date))
    }

    /// Empty: every year; `2021-`; `2024,2030`.
    fn counts_in(&self, year: i16) -> bool {
        let years = self.years;
        if years.is_empty() {
            return true;
        }
        match years.split_once('-') {
            Some((from, _)) => from.parse().is_ok_and(|from: i16| from <= year),
            None => years.split(',').any(|one| one.parse() == Ok(year)),
        }
    }
}

impl Day {
    fn read(words: &mut std::str::Split<'static, char>) -> Option<Self> {
        let first = words.next()?;
        if let Some(days) = first.strip_prefix("easter") {
            return Some(Self::Easter(days.parse().ok()?));
        }
        if let Ok(date) = first.parse() {
            return Some(Self::Once(date));
        }
        if let Some((month, day)) = month_and_day(first) {
            return Some(Self::Fixed(month, day));
        }
        let nth = match first {
            "1st" => 1,
            "2nd" => 2,
            "3rd" => 3,
            "4th" => 4,
            "last" => -1,
            _ => {
                let weekday = weekday(first)?;
                let side = words.next()?;
                let (month, day) = month_and_day(words.next()?)?;
                return match side {
                    "before" => Some(Self::Before(weekday, month, day)),
                    "after" => Some(Self::After(weekday, month, day)),
                    _ => None,
                };
            }
        };
        let weekday = weekday(words.next()?)?;
        let name = words.next()?;
        let month = MONTHS.iter().position(|month| *month == name)? + 1;
        Some(Self::Nth(nth, weekday, i8::try_from(month).ok()?))
    }

    fn in_year(self, year: i16) -> Option<Date> {
        let on = |month, day| Date::new(year, month, day).ok();
        match self {
            Self::Once(date) => (date.year() == year).then_some(date),
            Self::Fixed(month, day) => on(month, day),
            Self::Easter(days) => easter(year)?.checked_add(days.days()).ok(),
            Self::Nth(nth, weekday, month) => on(month, 1)?.nth_weekday_of_month(nth, weekday).ok(),
            Self::Before(weekday, month, day) => on(month, day)?.nth_weekday(-1, weekday).ok(),
            Self::After(weekday, month, day) => on(month, day)?.nth_weekday(1, weekday).ok(),
        }
    }
}

impl Shift {
    fn read(mut words: std::str::Split<'static, char>) -> Option<Self> {
        let moves = match words.next() {
            None => return Some(Self::default()),
            Some("also") => false,
            Some("moves") => true,
            Some(_) => return None,
        };
        let by = words
            .map(|word| {
                let (name, days) = word.split_at_checked(2)?;
                Some((weekday(name)?, days.parse().ok()?))
            })
            .collect::<Option<Vec<_>>>()?;
        (!by.is_empty()).then_some(Self { by, moves })
    }

    /// The days on which people are off for that day.
    fn holidays(&self, day: Date) -> impl Iterator<Item = Date> {
        let by = self
            .by
            .iter()
            .find(|(weekday, _)| *weekday == day.weekday());
        let moved = by.and_then(|(_, days)| day.checked_add(days.days()).ok());
        let stays = !(self.moves && moved.is_some());
        stays.then_some(day).into_iter().chain(moved)
    }
}

fn month_and_day(text: &str) -> Option<(i8, i8)> {
    let (month, day) = text.split_once('-')?;
    Some((month.parse().ok()?, day.parse().ok()?))
}

fn weekday(name: &str) -> Option<Weekday> {
    let offset = DAYS.iter().position(|day| *day == name)?;
    Weekday::from_monday_zero_offset(i8::try_from(offset).ok()?).ok()
}

/// Easter Sunday of the Gregorian calendar, as in Meeus, Astronomical Algorithms, chapter 8 (there from Butcher's Ecclesiastical
/// Calendar, 1876).
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    Date::new(
        year,
        i8::try_from(n / 31).ok()?,
        i8::try_from(n % 31 + 1).ok()?,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        let codes: Vec<&str> = Calendar::all().map(|calendar| calendar.code).collect();
        for row in rows() {
            if row[0] == "calendar" {
                assert!(codes.contains(&row[1]), "{row:?}");
                assert!(row[3] == "-" || codes.contains(&row[3]), "{row:?}");
                assert!(row[4].len() > 10, "no source: {row:?}");
                continue;
            }
            assert!(Holiday::read(&row).is_some(), "{row:?}");
            assert!(
                row[0].split(' ').all(|code| codes.contains(&code)),
                "{row:?}"
            );
        }
        let mut sorted = codes.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), codes.len(), "a code stands twice");
    }

    /// Dates from the United States Naval Observatory, "The Date of Easter"; 2285 and 1818 are the earliest and one late.
    #[test]
    fn easter_is_where_the_tables_say() {
        for (year, month, day) in [
            (1818, 3, 22),
            (1943, 4, 25),
            (2000, 4, 23),
            (2008, 3, 23),
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2027, 3, 28),
            (2038, 4, 25),
            (2049, 4, 18),
            (2285, 3, 22),
        ] {
            assert_eq!(easter(year), Date::new(year, month, day).ok(), "{year}");
        }
    }
}
