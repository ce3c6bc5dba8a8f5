//! Times, numbers and strangers' texts as people read them. Every text that comes from outside goes through [`shown`]; that
//! it cannot become markup is maud's affair.

use std::fmt::Display;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, Zoned};

use crate::phone::{PhoneNumber, Region};
use crate::wording;

/// Lines of a stranger's text that are shown.
const LINES_SHOWN: usize = 12;

/// A text from outside, fit to be shown: no control characters, nothing that turns the direction of writing around it, at
/// most `most` characters and [`LINES_SHOWN`] lines; an ellipsis where it was cut.
pub(super) fn shown(text: &str, most: usize) -> String {
    let clean = wording::without_controls(text);
    let clean = clean.trim();
    let lines = clean.split('\n').take(LINES_SHOWN);
    let mut cut: String = lines
        .collect::<Vec<_>>()
        .join("\n")
        .chars()
        .take(most)
        .collect();
    if cut.len() < clean.len() {
        cut.truncate(cut.trim_end().len());
        cut.push('…');
    }
    cut
}

/// A number as people at home write it.
pub(super) fn number(number: &PhoneNumber, home: Option<Region>) -> String {
    match home {
        Some(_) => number.format_for(home),
        None => number.national_format(),
    }
}

/// `10:12`.
pub(super) fn time_of_day(at: &Zoned) -> String {
    at.strftime("%H:%M").to_string()
}

/// `10:12` on the day that is being talked about, `10:12 on Friday` on another.
pub(super) fn time_seen_from(at: Timestamp, now: &Zoned, day: Date) -> String {
    let at = at.to_zoned(now.time_zone().clone());
    let time = time_of_day(&at);
    if at.date() == day {
        return time;
    }
    match day_name(at.date(), now.date()).as_str() {
        "Today" => format!("{time} today"),
        "Yesterday" => format!("{time} yesterday"),
        other => format!("{time} on {other}"),
    }
}

/// `Today`, `Yesterday`, `Friday`, `Friday 6 November`, `Thursday 6 November 2025`.
pub(super) fn day_name(day: Date, today: Date) -> String {
    let days_ago = |days: i64| today.checked_sub(days.days()).ok();
    if day == today {
        "Today".to_owned()
    } else if days_ago(1) == Some(day) {
        "Yesterday".to_owned()
    } else if day < today && days_ago(7).is_some_and(|week_ago| day > week_ago) {
        day.strftime("%A").to_string()
    } else if day.year() == today.year() {
        day.strftime("%A %-d %B").to_string()
    } else {
        day.strftime("%A %-d %B %Y").to_string()
    }
}

/// `1 text`, `2 texts`.
pub(super) fn count<N: Copy + Display + PartialEq + From<u8>>(number: N, one: &str) -> String {
    let plural = if number == N::from(1) { "" } else { "s" };
    format!("{number} {one}{plural}")
}

/// A message of another room as a sentence of its own: a capital first, a full stop last.
pub(super) fn sentence(words: &str) -> String {
    let words = words.trim();
    let mut chars = words.chars();
    let Some(first) = chars.next() else {
        return String::new();
    };
    let mut sentence: String = first.to_uppercase().chain(chars).collect();
    if !sentence.ends_with(['.', '?', '!', '…']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_write_cannot_turn_the_page_around() {
        let many_lines = "a\n".repeat(40);
        for (text, most, expected) in [
            ("my sink is leaking", 40, "my sink is leaking"),
            ("first\r\nsecond\tend", 40, "first\nsecond end"),
            ("pay \u{202e}0001$\u{202c} now", 40, "pay 0001$ now"),
            ("\u{2066}a\u{2069}\u{200f}b\u{61c}c", 40, "abc"),
            ("bell\u{7} and \u{1b}[31mred\u{0}", 40, "bell and [31mred"),
            ("12345", 5, "12345"),
            ("123456", 5, "12345…"),
            ("1234 678", 5, "1234…"),
            ("👩‍🔧👩‍🔧", 3, "👩‍🔧…"),
            ("  \n ", 5, ""),
            (&many_lines, 400, "a\na\na\na\na\na\na\na\na\na\na\na…"),
        ] {
            assert_eq!(shown(text, most), expected, "{text:?}");
        }
    }

    #[test]
    fn days_have_the_names_people_use() {
        let today: Date = "2026-03-02".parse().unwrap();
        for (day, name) in [
            ("2026-03-02", "Today"),
            ("2026-03-01", "Yesterday"),
            ("2026-02-24", "Tuesday"),
            ("2026-02-23", "Monday 23 February"),
            ("2026-03-03", "Tuesday 3 March"),
            ("2025-12-31", "Wednesday 31 December 2025"),
        ] {
            assert_eq!(day_name(day.parse().unwrap(), today), name, "{day}");
        }
    }

    #[test]
    fn times_name_the_day_only_where_it_is_another() {
        let now: Zoned = "2026-03-02T18:00:00[America/New_York]".parse().unwrap();
        for (at, day, expected) in [
            ("2026-03-02T15:12:00Z", "2026-03-02", "10:12"),
            ("2026-03-02T15:12:00Z", "2026-03-01", "10:12 today"),
            ("2026-03-01T15:12:00Z", "2026-02-28", "10:12 yesterday"),
            ("2026-02-27T15:12:00Z", "2026-02-26", "10:12 on Friday"),
        ] {
            let seen = time_seen_from(at.parse().unwrap(), &now, day.parse().unwrap());
            assert_eq!(seen, expected, "{at} told on {day}");
        }
    }

    #[test]
    fn other_rooms_messages_become_sentences() {
        for (words, expected) in [
            ("the message is empty", "The message is empty."),
            (
                "{x} stands for nothing; there are {business}",
                "{x} stands for nothing; there are {business}.",
            ),
            ("Is it activated?", "Is it activated?"),
            ("", ""),
        ] {
            assert_eq!(sentence(words), expected);
        }
    }
}
