//! Strangers' texts and other rooms' messages as people read them. Every text that comes from outside goes through [`shown`]; that
//! it cannot become markup is maud's affair.

use jiff::Zoned;

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

/// `10:12`.
pub(super) fn time_of_day(at: &Zoned) -> String {
    at.strftime("%H:%M").to_string()
}

/// A message of another room as a sentence of its own: a capital first, a full stop last.
pub(super) fn sentence(words: &str) -> String {
    let mut sentence = capitalised(words.trim());
    if !sentence.is_empty() && !sentence.ends_with(['.', '?', '!', '…']) {
        sentence.push('.');
    }
    sentence
}

/// With a capital first.
pub(super) fn capitalised(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next();
    first
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(chars)
        .collect()
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
