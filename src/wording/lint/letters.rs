//! Characters that make a text dearer than it has to be, and what could stand in their place.

use crate::sms::{self, Alphabet, gsm7_contains};

/// Letters that GSM 7-bit (3GPP TS 23.038 clause 6.2.1) lacks and the ones it has that people write where a keyboard lacks them
/// too: those that the Unicode Character Database decomposes them to, and for đ, ł, ı, œ and the like the usual ones.
const LETTERS: &[(&str, &str)] = &[
    ("áâãāăąǎ", "a"),
    ("ÀÁÂÃĀĂĄǍ", "A"),
    ("çćĉċč", "c"),
    ("ĆĈĊČ", "C"),
    ("ďđ", "d"),
    ("ÐĎĐ", "D"),
    ("êëēĕėęě", "e"),
    ("ÈÊËĒĔĖĘĚ", "E"),
    ("ĝğġģ", "g"),
    ("ĜĞĠĢ", "G"),
    ("ĥħ", "h"),
    ("ĤĦ", "H"),
    ("íîïĩīĭįı", "i"),
    ("ÌÍÎÏĨĪĬĮİ", "I"),
    ("ĵ", "j"),
    ("Ĵ", "J"),
    ("ķ", "k"),
    ("Ķ", "K"),
    ("ĺļľŀł", "l"),
    ("ĹĻĽĿŁ", "L"),
    ("ńņňŉ", "n"),
    ("ŃŅŇ", "N"),
    ("óôõōŏő", "o"),
    ("ÒÓÔÕŌŎŐ", "O"),
    ("œ", "oe"),
    ("Œ", "OE"),
    ("ŕŗř", "r"),
    ("ŔŖŘ", "R"),
    ("śŝşšș", "s"),
    ("ŚŜŞŠȘ", "S"),
    ("ẞ", "SS"),
    ("ţťŧț", "t"),
    ("ŢŤŦȚ", "T"),
    ("úûũūŭůűų", "u"),
    ("ÙÚÛŨŪŬŮŰŲ", "U"),
    ("ŵ", "w"),
    ("Ŵ", "W"),
    ("ýÿŷ", "y"),
    ("ÝŶŸ", "Y"),
    ("źżž", "z"),
    ("ŹŻŽ", "Z"),
    ("ª", "a"),
    ("º", "o"),
];

/// Signs that take two septets (3GPP TS 23.038 clause 6.2.1.1) and what says the same in one. € stays: "EUR" takes three.
const SIGNS: &[(&str, &str)] = &[
    ("[{", "("),
    ("]}", ")"),
    ("\\|", "/"),
    ("~", "-"),
    ("^", ""),
];

/// Nothing to see by themselves: the joiners and variants that emoji are made with, and combining marks.
const INVISIBLE: [std::ops::RangeInclusive<char>; 3] = [
    '\u{200b}'..='\u{200f}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{300}'..='\u{36f}',
];

/// A text and what makes it dear.
pub(super) struct Dear {
    /// Each once, with what could stand in its place; empty: nothing could.
    pub(super) chars: Vec<(char, &'static str)>,
    /// The text without them.
    pub(super) plain: String,
}

/// The characters that keep a text out of GSM 7-bit, or else those that take two septets there; `None` if there are none, or if a
/// letter is among them that nothing could stand for, as in Greek or Cyrillic writing.
pub(super) fn dear(text: &str) -> Option<Dear> {
    let outside = sms::measure(text).alphabet != Alphabet::Gsm7;
    let mut dear = Dear {
        chars: Vec::new(),
        plain: String::new(),
    };
    for c in text.chars() {
        let plain = if outside && !gsm7_contains(c) {
            Some(in_gsm7(c)?)
        } else if outside {
            None
        } else {
            stands_for(SIGNS, c)
        };
        let Some(plain) = plain else {
            dear.plain.push(c);
            continue;
        };
        dear.plain.push_str(plain);
        let seen = dear.chars.iter().any(|(seen, _)| *seen == c);
        if !seen && !is_invisible(c) {
            dear.chars.push((c, plain));
        }
    }
    (!dear.chars.is_empty()).then_some(dear)
}

/// Lower case, without accents: as words are compared.
pub(super) fn bare(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .filter(|c| !is_invisible(*c))
        .map(|c| match c {
            // These GSM 7-bit has, so the table lacks them.
            'à' | 'ä' | 'å' => 'a',
            'è' | 'é' => 'e',
            'ì' => 'i',
            'ñ' => 'n',
            'ò' | 'ö' => 'o',
            'ù' | 'ü' => 'u',
            other => stands_for(LETTERS, other)
                .and_then(|plain| plain.chars().next())
                .unwrap_or(other),
        })
        .collect()
}

/// What could stand for a character that GSM 7-bit lacks; empty for signs and pictures, `None` for letters of other scripts.
fn in_gsm7(c: char) -> Option<&'static str> {
    stands_for(LETTERS, c).or_else(|| (!c.is_alphanumeric()).then_some(""))
}

fn stands_for(table: &[(&'static str, &'static str)], c: char) -> Option<&'static str> {
    let row = table.iter().find(|(dear, _)| dear.contains(c));
    row.map(|&(_, plain)| plain)
}

fn is_invisible(c: char) -> bool {
    INVISIBLE.iter().any(|range| range.contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_dear_characters_are_replaced_and_only_by_cheap_ones() {
        let cost = |text: &str| {
            let measure = sms::measure(text);
            (measure.alphabet, measure.units)
        };
        for (table, lacking) in [(LETTERS, true), (SIGNS, false)] {
            for (all, plain) in table {
                for c in all.chars() {
                    assert_eq!(!gsm7_contains(c), lacking, "{c}");
                    assert!(lacking || cost(&c.to_string()).1 == 2, "{c}");
                }
                let chars = plain.chars().count();
                assert_eq!(cost(plain), (Alphabet::Gsm7, chars), "{plain}");
            }
        }
    }

    #[test]
    fn what_is_dear_about_a_text() {
        for (text, chars, plain) in [
            ("más información", Some("áó"), "mas informacion"),
            ("Hi 👩\u{200d}🔧!", Some("👩🔧"), "Hi !"),
            ("a [b] é", Some("[]"), "a (b) é"),
            ("[ú]", Some("ú"), "[u]"),
            ("5 €", None, ""),
            ("plain", None, ""),
            ("Привет ú", None, ""),
        ] {
            let found = dear(text);
            let named = found.as_ref().map(|dear| {
                let named: String = dear.chars.iter().map(|(c, _)| *c).collect();
                named
            });
            assert_eq!(named.as_deref(), chars, "{text}");
            let without = found.map(|dear| dear.plain).unwrap_or_default();
            assert_eq!(without, plain, "{text}");
        }
    }

    #[test]
    fn words_are_compared_bare() {
        assert_eq!(
            bare("DÓLARES Año cafe\u{301} Œuvre"),
            "dolares ano cafe ouvre"
        );
    }
}
