//! The owner's sentences in another language than English: the code has them in English, a language's file has what each of them is
//! there.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Display;

/// Letters that an English phrase with values in it has beside them, at least, to be known again in a finished sentence: with fewer it
/// would be seen everywhere.
const LETTERS_TO_KNOW: usize = 4;
/// Sentences that are looked through in one text; a longer one is none of ours.
const SENTENCES_MOST: usize = 40;
/// What the name of a value ends in that is a phrase itself.
const SAID: &str = "_said";
/// Sentences that are one phrase, at most.
const SENTENCES_TOGETHER: usize = 8;

/// The phrases of a file by what they are in English.
#[derive(Debug, Default)]
pub(super) struct Phrases {
    by_english: BTreeMap<String, String>,
    /// Those with values in them: first those that begin with words of their own, and of these the ones with the most letters.
    shapes: Vec<Shape>,
}

impl Phrases {
    pub(super) fn new(by_english: BTreeMap<String, String>) -> Self {
        let shape = |(english, translation): (&String, &String)| Shape {
            english: pieces(english).map(Piece::to_owned).collect(),
            translation: translation.clone(),
        };
        let mut shapes: Vec<Shape> = by_english.iter().map(shape).collect();
        shapes.retain(|shape| shape.english.len() > 1 && shape.letters() >= LETTERS_TO_KNOW);
        shapes.sort_by_key(|shape| (shape.begins_with_value(), Reverse(shape.letters())));
        Self { by_english, shapes }
    }

    pub(super) fn say<'a>(&'a self, english: &'a str) -> &'a str {
        self.by_english.get(english).map_or(english, String::as_str)
    }

    pub(super) fn retell<'a>(&self, english: &'a str) -> Cow<'a, str> {
        if self.by_english.is_empty() {
            return Cow::Borrowed(english);
        }
        let sentences = sentences(english);
        if sentences.len() > SENTENCES_MOST {
            return Cow::Borrowed(english);
        }
        let mut told = Vec::new();
        let mut rest = &sentences[..];
        while let [first, after @ ..] = rest {
            let most = rest.len().min(SENTENCES_TOGETHER);
            let runs = || (1..=most).rev().map(|many| rest.split_at(many));
            let known = |values_within_sentences| {
                runs().find_map(|(run, after)| {
                    Some((self.known(&run.join(" "), values_within_sentences)?, after))
                })
            };
            // Mr. Smith is two sentences to the eye of a program.
            let known = known(true).or_else(|| known(false));
            let (words, after) = known.unwrap_or_else(|| ((*first).to_owned(), after));
            told.push(words);
            rest = after;
        }
        Cow::Owned(told.join(" "))
    }

    /// A finished sentence in the language, if the file has it.
    fn known(&self, english: &str, values_within_sentences: bool) -> Option<String> {
        if let Some(translation) = self.by_english.get(english) {
            return Some(translation.clone());
        }
        let sentences_alone = self.shapes.iter().filter(|shape| shape.is_sentence());
        self.filled_in(english, values_within_sentences, sentences_alone)
    }

    /// A phrase in the midst of a sentence, if the file has it, be it as a sentence of its own.
    pub(super) fn known_part(&self, english: &str) -> Option<String> {
        if let Some(translation) = self.by_english.get(english) {
            return Some(translation.clone());
        }
        if let Some(translation) = self.filled_in(english, true, self.shapes.iter()) {
            return Some(translation);
        }
        let sentence = format!("{}.", with_first(english, char::to_uppercase));
        let told = self.retell(&sentence);
        let told = Some(told.trim_end_matches('.')).filter(|_| told != sentence)?;
        Some(match english.starts_with(char::is_lowercase) {
            true => with_first(told, char::to_lowercase),
            false => told.to_owned(),
        })
    }

    fn filled_in<'a>(
        &self,
        english: &str,
        values_within_sentences: bool,
        mut shapes: impl Iterator<Item = &'a Shape>,
    ) -> Option<String> {
        shapes.find_map(|shape| {
            let values = shape.values(english)?;
            let within = values.iter().all(|(_, value)| sentences(value).len() == 1);
            if values_within_sentences && !within {
                return None;
            }
            let told = |(name, value): (&'a str, &str)| match name.ends_with(SAID) {
                true => (
                    name,
                    self.known_part(value).unwrap_or_else(|| value.to_owned()),
                ),
                false => (name, value.to_owned()),
            };
            let values: Vec<(&str, String)> = values.into_iter().map(told).collect();
            let values: Vec<(&str, &dyn Display)> = values
                .iter()
                .map(|(name, value)| (*name, value as &dyn Display))
                .collect();
            Some(filled(&shape.translation, &values))
        })
    }
}

/// An English phrase with values in it, and what it is in the other language.
#[derive(Debug)]
struct Shape {
    english: Vec<Piece<String>>,
    translation: String,
}

impl Shape {
    fn begins_with_value(&self) -> bool {
        matches!(self.english.first(), Some(Piece::Value(_)))
    }

    /// A label such as "Call {number}" is none: it would be seen in sentences that begin like it.
    fn is_sentence(&self) -> bool {
        self.english.iter().any(|piece| match piece {
            Piece::Words(words) => words.contains(['.', '?', ':']),
            Piece::Value(_) => false,
        })
    }

    /// Letters of its own.
    fn letters(&self) -> usize {
        let words = self.english.iter().filter_map(|piece| match piece {
            Piece::Words(words) => Some(words),
            Piece::Value(_) => None,
        });
        words
            .map(|words| words.chars().filter(|c| c.is_alphabetic()).count())
            .sum()
    }

    /// The values of a sentence of this shape; `None` if it is none.
    fn values<'a, 's>(&'a self, sentence: &'s str) -> Option<Vec<(&'a str, &'s str)>> {
        let mut found: Vec<(&'a str, &'s str)> = Vec::new();
        let mut rest = sentence;
        let mut pieces = self.english.iter().peekable();
        while let Some(piece) = pieces.next() {
            match (piece, pieces.peek()) {
                (Piece::Words(words), _) => rest = rest.strip_prefix(words.as_str())?,
                (Piece::Value(name), Some(Piece::Words(words))) => {
                    let last = pieces.len() == 1;
                    let length = match last {
                        true => rest.len().checked_sub(words.len())?,
                        false => rest.find(words.as_str())?,
                    };
                    found.push((name, rest.get(..length)?));
                    rest = rest.get(length..)?;
                }
                (Piece::Value(name), _) => {
                    found.push((name, rest));
                    rest = "";
                }
            }
        }
        let whole = rest.is_empty() && found.iter().all(|(_, value)| !value.is_empty());
        whole.then_some(found)
    }
}

/// A part of a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<S> {
    /// As it stands.
    Words(S),
    /// The name of a value, which stands in braces.
    Value(S),
}

impl Piece<&str> {
    fn to_owned(self) -> Piece<String> {
        match self {
            Self::Words(words) => Piece::Words(words.to_owned()),
            Self::Value(name) => Piece::Value(name.to_owned()),
        }
    }
}

/// What a phrase is made of, in order.
pub fn pieces(phrase: &str) -> impl Iterator<Item = Piece<&str>> {
    let mut rest = phrase;
    std::iter::from_fn(move || {
        if let Some((name, after)) = rest.strip_prefix('{').and_then(|it| it.split_once('}')) {
            rest = after;
            return Some(Piece::Value(name));
        }
        let end = rest.char_indices().skip(1).find(|(_, c)| *c == '{');
        let (words, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        rest = after;
        (!words.is_empty()).then_some(Piece::Words(words))
    })
}

/// A phrase with its values; a name that has none stands there as it is.
pub(super) fn filled(phrase: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut text = String::new();
    for piece in pieces(phrase) {
        match piece {
            Piece::Words(words) => text.push_str(words),
            Piece::Value(name) => match values.iter().find(|(of, _)| *of == name) {
                Some((_, value)) => text.push_str(&value.to_string()),
                None => text.push_str(&format!("{{{name}}}")),
            },
        }
    }
    text
}

fn with_first<I: Iterator<Item = char>>(words: &str, case: fn(char) -> I) -> String {
    let mut chars = words.chars();
    let first = chars.next();
    first.into_iter().flat_map(case).chain(chars).collect()
}

/// The sentences of a text, without the spaces between them.
fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut from = 0;
    let ends = text.match_indices(' ').map(|(at, _)| at).filter(|at| {
        let before = text.get(..*at).unwrap_or_default();
        let after = text.get(at + 1..).unwrap_or_default();
        before.ends_with(['.', '?', '…']) && !after.starts_with(char::is_lowercase)
    });
    for end in ends {
        sentences.extend(text.get(from..end));
        from = end + 1;
    }
    sentences.extend(text.get(from..));
    sentences
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wording::Language;

    fn phrases(pairs: &[(&str, &str)]) -> Phrases {
        let pairs = pairs
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        Phrases::new(pairs.collect())
    }

    #[test]
    fn a_phrase_is_told_with_its_values_wherever_they_stand() {
        let spanish = phrases(&[
            ("Back", "Volver"),
            (
                "{calls} calls, {texted} texted.",
                "{texted} de {calls} llamadas.",
            ),
            ("It failed: {why}.", "No pudo ser: {why}."),
            ("It failed: no {what}.", "Falta {what}."),
            ("The disk is full.", "El disco está lleno."),
            ("{day} {month}", "{day} de {month}"),
            ("Say {business}.", "Diga {business}."),
            ("{n} more", "{n} más"),
            ("Call {number}", "Llamar al {number}"),
            ("No sooner than {time_said}.", "No antes de {time_said}."),
            ("{typed} is no number.", "{typed} no es un número."),
            ("Line {line}: {why_said}.", "Línea {line}: {why_said}."),
            ("Ask {whom} for it.", "Pregunte a {whom}."),
            ("Late by {time_said}.", "Tarde: {time_said}."),
        ]);
        assert_eq!(spanish.say("Back"), "Volver");
        assert_eq!(spanish.say("Forth"), "Forth");
        for (english, expected) in [
            ("Back", "Volver"),
            ("4 calls, 3 texted.", "3 de 4 llamadas."),
            // The one with more words of its own is meant.
            ("It failed: no room.", "Falta room."),
            // A value with sentences in it.
            ("Mr. X, of late, failed.", "Mr. X, of late, failed."),
            (
                "It failed: OK. Or not. Yes.",
                "No pudo ser: OK. Or not. Yes.",
            ),
            ("Late by 3 more.", "Tarde: 3 más."),
            ("Ask Back for it.", "Pregunte a Back."),
            ("Ask Mr. Smith for it.", "Pregunte a Mr. Smith."),
            (
                "The disk is full. 4 calls, 3 texted.",
                "El disco está lleno. 3 de 4 llamadas.",
            ),
            (
                "Who knows. The disk is full.",
                "Who knows. El disco está lleno.",
            ),
            (
                "The disk is full. who knows.",
                "The disk is full. who knows.",
            ),
            // Too little of its own to be known again.
            ("6 November", "6 November"),
            ("Say {business}.", "Diga {business}."),
            // No sentences: those that begin like them are left alone.
            ("3 more", "3 more"),
            ("Call back once.", "Call back once."),
            ("Line 3: “5” is no number.", "Línea 3: “5” no es un número."),
            (
                "No sooner than the disk is full.",
                "No antes de el disco está lleno.",
            ),
            ("It failed: .", "It failed: ."),
            ("", ""),
        ] {
            assert_eq!(spanish.retell(english), expected, "{english:?}");
        }
        assert_eq!(phrases(&[]).retell("Back"), "Back");
    }

    #[test]
    fn what_stands_in_braces_is_a_value_and_nothing_is_lost() {
        for phrase in [
            "", "a", "{a}", "a{b}c{d}", "{a}{b}", "a{b", "}a{", "{", "é{ü}ß",
        ] {
            let back: String = pieces(phrase)
                .map(|piece| match piece {
                    Piece::Words(words) => words.to_owned(),
                    Piece::Value(name) => format!("{{{name}}}"),
                })
                .collect();
            assert_eq!(back, phrase);
        }
        assert_eq!(filled("a{b}c{d}", &[("b", &1)]), "a1c{d}");
    }

    proptest! {
        #[test]
        fn whatever_stands_in_a_sentence_it_is_told(text in "[a-z .?{}:]{0,60}|\\PC{0,80}") {
            let spanish = Language::parse("es").unwrap();
            let name = text.replace(['{', '}'], "");
            let sentence = format!("Not texted: {name} is on your never-text list.");
            let told = spanish.retell(&sentence);
            let alone = name.trim() == name && !name.is_empty() && !name.contains(". ") && !name.contains("? ");
            prop_assert!(!alone || told.contains(&name), "{told}");
            // Whatever it is: no panic, and no English is lost.
            prop_assert_eq!(Language::english().retell(&text), text.as_str());
            let _ = (spanish.retell(&text), spanish.retell_part(&text), filled(&text, &[]));
        }
    }
}
