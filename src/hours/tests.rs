//! What people write and what comes of it; moments around changes of clocks; the official lists of holidays.

mod clocks;
mod holidays;
mod reference;
mod writing;

use super::*;

fn weekly(text: &str) -> WeeklyHours {
    text.parse().unwrap()
}

fn dates(text: &str) -> OwnDates {
    text.parse().unwrap()
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

/// `2026-03-08T06:59Z` there.
fn at(moment: &str, zone_name: &str) -> Zoned {
    utc(moment).to_zoned(zone(zone_name))
}

fn utc(moment: &str) -> Timestamp {
    moment.parse().unwrap()
}

fn hours(text: &str) -> Schedule {
    Schedule {
        weekly: Some(weekly(text)),
        ..Schedule::default()
    }
}
