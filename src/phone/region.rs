//! Countries, and which one a SIM comes from. It knows nothing of calls or texts.

use std::fmt;

use super::plan;

/// A country or territory that has telephone numbers, as its two letters of ISO 3166-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region([u8; 2]);

impl Region {
    /// Reads two letters in either case; `None` where no such country has telephone numbers.
    ///
    /// `UK` is taken for `GB`: ISO 3166 reserves it for the United Kingdom, and people write it.
    #[must_use]
    pub fn parse(letters: &str) -> Option<Self> {
        let letters = letters.trim().to_ascii_uppercase();
        let letters = if letters == "UK" { "GB" } else { &letters };
        let [first, second] = *letters.as_bytes() else {
            return None;
        };
        let region = Self([first, second]);
        plan::country_code(region.in_plan()?).map(|_| region)
    }

    /// The two letters, upper case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII letters get in, see `parse` and `from_plan`.
        str::from_utf8(&self.0).unwrap_or("??")
    }

    /// Whether a number of `other` counts as a call from home for a SIM of `home`.
    ///
    /// Those of a group in `home.tsv` are home to each other, for the reason beside them: the United States with their
    /// territories and Canada, the United Kingdom with its islands. The Caribbean is not, because a text there costs what a
    /// text abroad costs.
    #[must_use]
    pub fn is_home(home: Self, other: Self) -> bool {
        home == other || home_groups().any(|group| is_in(group, home) && is_in(group, other))
    }

    /// The same country in the numbering plans' own type.
    pub(super) fn in_plan(self) -> Option<rlibphonenumber::Region> {
        rlibphonenumber::Region::from_code(self.as_str()).ok()
    }

    /// `None` for the "world", which stands for numbers of no country such as `+800`.
    pub(super) fn from_plan(region: rlibphonenumber::Region) -> Option<Self> {
        match *region.as_region_str().as_bytes() {
            [first, second] => Some(Self([first, second])),
            _ => None,
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Mobile country codes and their countries, with the source in the file.
const MOBILE_COUNTRY_CODES: &str = include_str!("mcc.tsv");

/// Countries that are home to each other, with the reason in the file.
const HOME: &str = include_str!("home.tsv");

/// Each group as its countries' letters with spaces between.
fn home_groups() -> impl Iterator<Item = &'static str> {
    let lines = HOME.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t').map(|(group, _why)| group))
}

fn is_in(group: &str, region: Region) -> bool {
    group.split(' ').any(|letters| letters == region.as_str())
}

/// Digits that an IMSI has: 3 of country, 2 or 3 of network, the rest of the subscriber; ITU-T E.212 clause 5.
const IMSI_DIGITS: std::ops::RangeInclusive<usize> = 6..=15;

/// The country whose network gave out the SIM, read from the first three digits of its IMSI.
///
/// `None` for what is no IMSI, and for networks of no country (tests, satellites, worldwide SIMs).
#[must_use]
pub fn region_of_imsi(imsi: &str) -> Option<Region> {
    let imsi = imsi.trim();
    if !IMSI_DIGITS.contains(&imsi.len()) || !imsi.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let code = imsi.get(..3)?;
    // Not by `Region::parse`: a test holds the table to the plans instead, once and for all.
    rows().find_map(|(mcc, region)| match *region.as_bytes() {
        [first, second] if mcc == code => Some(Region([first, second])),
        _ => None,
    })
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    MOBILE_COUNTRY_CODES
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(letters: &str) -> Region {
        Region::parse(letters).unwrap()
    }

    #[test]
    fn reads_the_letters_people_write() {
        assert_eq!(region("us").as_str(), "US");
        assert_eq!(region(" De ").to_string(), "DE");
        assert_eq!(region("UK"), region("GB"));
        for nonsense in ["", "U", "USA", "ZZ", "1A", "Ü", "001"] {
            assert_eq!(Region::parse(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn every_country_of_the_table_has_telephone_numbers() {
        let unknown: Vec<_> = rows()
            .filter(|(_, letters)| Region::parse(letters).is_none())
            .collect();
        assert_eq!(unknown, []);
    }

    #[test]
    fn neighbours_are_home_to_each_other_and_the_caribbean_is_not() {
        for (home, other, is_home) in [
            ("US", "US", true),
            ("US", "CA", true),
            ("CA", "US", true),
            ("US", "JM", false),
            ("JM", "US", false),
            ("CA", "DO", false),
            ("US", "PR", true),
            ("PR", "VI", true),
            ("GU", "CA", true),
            ("PR", "DO", false),
            ("GB", "JE", true),
            ("IM", "GG", true),
            ("GB", "IE", false),
            ("GB", "US", false),
            ("RU", "KZ", false),
            ("DE", "DE", true),
            ("DE", "AT", false),
        ] {
            let found = Region::is_home(region(home), region(other));
            assert_eq!(found, is_home, "{home} {other}");
        }
    }

    #[test]
    fn a_country_is_in_one_group_of_neighbours_and_has_numbers() {
        let mut all: Vec<&str> = home_groups().flat_map(|group| group.split(' ')).collect();
        let lines = HOME.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(home_groups().count(), lines.count());
        let unknown: Vec<_> = all
            .iter()
            .filter(|letters| Region::parse(letters).is_none())
            .collect();
        assert!(unknown.is_empty(), "{unknown:?}");
        all.sort_unstable();
        assert!(all.is_sorted_by(|a, b| a < b), "none twice");
    }

    #[test]
    fn a_sim_tells_its_country() {
        for (imsi, expected) in [
            ("310260123456789", Some("US")),
            ("302720123456789", Some("CA")),
            ("262011234567890", Some("DE")),
            ("23415123456789", Some("GB")),
            ("505013456789012", Some("AU")),
            ("001010123456789", None),
            ("901700000000001", None),
            ("31026", None),
            ("3102601234567890", None),
            ("31026012345678x", None),
            ("", None),
        ] {
            assert_eq!(region_of_imsi(imsi), expected.map(region), "{imsi}");
        }
    }

    #[test]
    fn every_row_is_one_code_of_a_country_that_has_numbers() {
        let codes: Vec<&str> = rows().map(|(code, _)| code).collect();
        assert!(codes.is_sorted_by(|a, b| a < b), "sorted, none twice");
        for (code, letters) in rows() {
            assert!(code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit()));
            assert!(Region::parse(letters).is_some(), "{code} {letters}");
        }
    }
}
