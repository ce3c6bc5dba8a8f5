//! What the numbering plans tell and the metadata do not: what some ranges are for, and prefixes that are gone.

use std::sync::LazyLock;

use super::LineKind;

/// The ranges, with their sources in the file.
const RANGES: &str = include_str!("ranges.tsv");

/// Prefixes that are gone, with their sources in the file.
const GONE: &str = include_str!("gone.tsv");

/// What a range is kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Lines of this kind.
    Kind(LineKind),
    /// Nothing: the plan has no such number.
    Nobody,
}

/// What the range that a number lies in is kept for. `digits` are those of E.164, without the plus.
pub(super) fn use_of(digits: &str) -> Option<Use> {
    static READ: LazyLock<Vec<Range>> = LazyLock::new(|| ranges().collect());
    READ.iter().find_map(|range| {
        let whole = range.fewest <= digits.len() && digits.len() <= range.most;
        (whole && digits.starts_with(range.first)).then_some(range.kept_for)
    })
}

/// The number without a prefix that is gone, if it has one. `digits` are those of E.164, without the plus.
pub(super) fn without_gone_prefix(digits: &str) -> Option<String> {
    static READ: LazyLock<Vec<Gone>> = LazyLock::new(|| gone().collect());
    READ.iter().find_map(|prefix| {
        let national = digits.strip_prefix(prefix.first)?;
        let country_code = prefix.first.get(..prefix.kept)?;
        (digits.len() == prefix.count).then(|| format!("{country_code}{national}"))
    })
}

struct Range {
    first: &'static str,
    fewest: usize,
    most: usize,
    kept_for: Use,
}

struct Gone {
    first: &'static str,
    count: usize,
    kept: usize,
}

fn rows(table: &'static str) -> impl Iterator<Item = std::str::Split<'static, char>> {
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| line.split('\t'))
}

/// Rows that cannot be read are left out; a test rules them out.
fn ranges() -> impl Iterator<Item = Range> {
    rows(RANGES).filter_map(|mut fields| {
        Some(Range {
            first: fields.next()?,
            fewest: fields.next()?.parse().ok()?,
            most: fields.next()?.parse().ok()?,
            kept_for: match fields.next()? {
                "fixed_line" => Use::Kind(LineKind::FixedLine),
                "shared_cost" => Use::Kind(LineKind::SharedCost),
                "company" => Use::Kind(LineKind::Company),
                "machine" => Use::Kind(LineKind::Machine),
                "other" => Use::Kind(LineKind::Other),
                "nobody" => Use::Nobody,
                _ => return None,
            },
        })
    })
}

fn gone() -> impl Iterator<Item = Gone> {
    rows(GONE).filter_map(|mut fields| {
        Some(Gone {
            first: fields.next()?,
            count: fields.next()?.parse().ok()?,
            kept: fields.next()?.parse().ok()?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_can_be_read_and_names_its_source() {
        assert_eq!(ranges().count(), rows(RANGES).count());
        assert_eq!(gone().count(), rows(GONE).count());
        let digits = |first: &str| first.bytes().all(|b| b.is_ascii_digit());
        assert!(ranges().all(|range| digits(range.first)));
        assert!(
            ranges().all(|range| range.first.len() < range.fewest && range.fewest <= range.most)
        );
        assert!(gone().all(|prefix| digits(prefix.first) && prefix.kept < prefix.first.len()));
        for (mut row, fields) in rows(RANGES)
            .map(|row| (row, 5))
            .chain(rows(GONE).map(|row| (row, 4)))
        {
            assert!(row.nth(fields - 1).is_some_and(|source| !source.is_empty()));
            assert_eq!(row.next(), None);
        }
    }

    #[test]
    fn a_range_ends_where_its_digits_end() {
        for (digits, expected) in [
            ("3197012345678", Some(Use::Kind(LineKind::Machine))),
            ("319701234567", None),
            ("31970123456789", None),
            ("31612345678", None),
            ("10000000000", Some(Use::Nobody)),
            ("116126246517", Some(Use::Nobody)),
            ("", None),
        ] {
            assert_eq!(use_of(digits), expected, "{digits}");
        }
    }

    #[test]
    fn a_prefix_is_gone_only_before_a_whole_number() {
        for (digits, expected) in [
            ("5215512345678", Some("525512345678")),
            ("520445512345678", Some("525512345678")),
            ("521551234567", None),
            ("525512345678", None),
        ] {
            assert_eq!(without_gone_prefix(digits).as_deref(), expected, "{digits}");
        }
    }
}
