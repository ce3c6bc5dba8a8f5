//! Typography to the look-alikes that GSM 7-bit has, so that one curly quote does not halve what fits into a text.

/// Characters without a place in GSM 7-bit (3GPP TS 23.038 clause 6.2.1) and what looks the same there. Only faithful
/// look-alikes: letters stay as they are.
const LOOKALIKES: &[(&str, &str)] = &[
    // Quotes, primes, and the accents that stand alone.
    ("‘’‚‛′‹›`´ʼ", "'"),
    ("“”„‟″«»", "\""),
    // Hyphens, dashes, the minus.
    ("‐‑‒–—―−", "-"),
    ("…", "..."),
    // Spaces: no-break, en, em, thin, figure, narrow, ideographic.
    (
        "\u{a0}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}\u{202f}\u{205f}\u{3000}",
        " ",
    ),
    // Nothing to see: soft hyphen, zero-width space, word joiner, byte order mark.
    ("\u{ad}\u{200b}\u{2060}\u{feff}", ""),
];

/// Replaces typographic quotes, dashes, ellipses and spaces by what GSM 7-bit has.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match LOOKALIKES.iter().find(|(from, _)| from.contains(c)) {
            Some((_, to)) => folded.push_str(to),
            None => folded.push(c),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sms::{Alphabet, gsm7_contains, measure};

    #[test]
    fn typography_becomes_plain_and_letters_stay() {
        for (text, folded) in [
            ("“We’ll call – soon…”", "\"We'll call - soon...\""),
            ("9\u{a0}am\u{2009}—\u{202f}5\u{a0}pm", "9 am - 5 pm"),
            ("Jo\u{ad}iner\u{200b}y", "Joinery"),
            ("Café Ñandú çğ Ω € {x}", "Café Ñandú çğ Ω € {x}"),
            ("Привет 👋", "Привет 👋"),
        ] {
            assert_eq!(fold(text), folded);
        }
    }

    /// What a character is to a reader. The apostrophe of modifier letters is one to everybody but Unicode.
    fn class(c: char) -> &'static str {
        match c {
            '\u{2bc}' => "sign",
            c if c.is_alphabetic() => "letter",
            c if c.is_numeric() => "digit",
            c if c.is_whitespace() => "space",
            _ => "sign",
        }
    }

    #[test]
    fn what_gsm_7_bit_has_is_left_alone_and_the_rest_keeps_its_kind() {
        let mut in_gsm7 = 0;
        for c in '\0'..='\u{ffff}' {
            let folded = fold(&c.to_string());
            if gsm7_contains(c) {
                in_gsm7 += 1;
                assert_eq!(folded, c.to_string());
            } else if folded != c.to_string() {
                assert!(class(c) != "letter" && class(c) != "digit", "{c:?}");
                for to in folded.chars() {
                    assert_eq!(class(to), class(c), "{c:?} became {to:?}");
                    assert!(gsm7_contains(to), "{c:?} became {to:?}");
                }
            }
        }
        // 128 with their escape left out, and ten behind it.
        assert_eq!(in_gsm7, 137);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn once_is_enough(text in "([‘“–…\\u{a0}\\u{ad}é]|\\PC){0,40}") {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }

        #[test]
        fn a_text_keeps_its_letters_and_figures(text in "([‘“–…\\u{a0}\\u{ad}éñÜ€]|[a-z0-9 ]|\\PC){0,200}") {
            let folded = fold(&text);
            let told = |text: &str| -> String {
                text.chars().filter(|c| matches!(class(*c), "letter" | "digit")).collect()
            };
            prop_assert_eq!(told(&folded), told(&text));
            if measure(&text).alphabet == Alphabet::Gsm7 {
                prop_assert_eq!(&folded, &text);
            }
        }
    }
}
