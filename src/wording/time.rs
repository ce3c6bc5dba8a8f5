//! The hour as the people of a country write it.

use jiff::Zoned;
use jiff::civil::{Time, time};

use crate::phone::Region;

/// Countries that write AM and PM, with the source in the file.
const TWELVE_HOURS: &str = include_str!("twelve_hours.txt");

/// When the caller of a preview called.
const SAMPLE: Time = time(10, 12, 0, 0);

/// `10:12 AM` where people count to twelve, `10:12` elsewhere and where the country is not known.
#[must_use]
pub fn time_of_day(at: &Zoned, home: Option<Region>) -> String {
    written(at.time(), home)
}

/// What stands for `{time}` in a preview.
#[must_use]
pub fn sample_time(home: Option<Region>) -> String {
    written(SAMPLE, home)
}

fn written(at: Time, home: Option<Region>) -> String {
    let twelve = home.is_some_and(|home| countries().any(|country| country == home.as_str()));
    let format = if twelve { "%-I:%M %p" } else { "%H:%M" };
    at.strftime(format).to_string()
}

fn countries() -> impl Iterator<Item = &'static str> {
    TWELVE_HOURS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_country_has_its_own_hours() {
        for (country, at, expected) in [
            ("US", "2026-03-02T10:12:00[UTC]", "10:12 AM"),
            ("US", "2026-03-02T00:05:00[UTC]", "12:05 AM"),
            ("US", "2026-03-02T12:00:00[UTC]", "12:00 PM"),
            ("AU", "2026-03-02T09:00:00[UTC]", "9:00 AM"),
            ("MX", "2026-03-02T23:59:00[UTC]", "11:59 PM"),
            ("GB", "2026-03-02T09:05:00[UTC]", "09:05"),
            ("DE", "2026-03-02T00:05:00[UTC]", "00:05"),
            ("ES", "2026-03-02T22:12:00[UTC]", "22:12"),
            ("", "2026-03-02T22:12:00[UTC]", "22:12"),
        ] {
            let told = time_of_day(&at.parse().unwrap(), Region::parse(country));
            assert_eq!(told, expected, "{country} {at}");
        }
        // The hour that counts is the one of the zone.
        let there = "2026-03-02T10:12:00-05:00[America/New_York]"
            .parse()
            .unwrap();
        assert_eq!(time_of_day(&there, Region::parse("US")), "10:12 AM");
    }

    #[test]
    fn every_country_of_the_list_is_one_and_stands_once() {
        let all: Vec<&str> = countries().collect();
        assert!(all.is_sorted_by(|a, b| a < b), "sorted, none twice");
        for country in all {
            let read = Region::parse(country);
            assert_eq!(read.as_ref().map(Region::as_str), Some(country));
        }
    }
}
