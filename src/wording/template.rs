//! A message with placeholders: how it is read, what is refused, and how it becomes a text that shows no seams.

use serde::Deserialize;

use super::{
    PARTS_ADVISED, PARTS_MAX, Placeholder, VALUE_CHARS_MAX, Values, fold, without_controls,
};
use crate::sms;

/// Why a message is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordingError {
    /// Nothing is left of it.
    #[error("the message is empty")]
    Empty,
    /// Braces with a word that nothing stands for.
    #[error("{{{name}}} stands for nothing; there are {}", list_of_placeholders())]
    UnknownPlaceholder {
        /// The word between the braces.
        name: String,
    },
    /// A brace without its other half.
    #[error(
        "a curly bracket is not closed; they are only for {}",
        list_of_placeholders()
    )]
    LoneBrace,
    /// Above [`PARTS_MAX`].
    #[error(
        "the message would go out as {parts} texts, and more than {PARTS_MAX} are not sent; \
         up to {PARTS_ADVISED} ({} plain characters) arrive as one everywhere",
        PARTS_ADVISED * SEPTETS_IN_PART
    )]
    TooLong {
        /// Parts it would take.
        parts: usize,
    },
}

fn list_of_placeholders() -> String {
    Placeholder::ALL.map(|p| p.to_string()).join(" ")
}

/// A message with placeholders, checked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Template {
    source: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Words(String),
    Value(Placeholder),
}

impl Template {
    /// Checks a message as the owner wrote it. Control characters other than line breaks are dropped.
    ///
    /// # Errors
    ///
    /// When it is empty, has a placeholder that does not exist, or is too long.
    pub fn parse(source: &str) -> Result<Self, WordingError> {
        let source = without_controls(source).trim().to_owned();
        if source.is_empty() {
            return Err(WordingError::Empty);
        }
        let pieces = pieces(&source)?;
        let template = Self { source, pieces };
        let longest = "x".repeat(VALUE_CHARS_MAX);
        let parts = sms::measure(&template.render(&Values {
            business: Some(&longest),
            caller: Some(&longest),
            time: Some(&longest),
            owner: Some(&longest),
        }))
        .parts;
        if parts > PARTS_MAX {
            return Err(WordingError::TooLong { parts });
        }
        Ok(template)
    }

    /// The message as it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether the message says this.
    #[must_use]
    pub fn has(&self, placeholder: Placeholder) -> bool {
        self.pieces.contains(&Piece::Value(placeholder))
    }

    /// The text, with typography folded to what GSM 7-bit can carry (see [`fold`]).
    ///
    /// An unset value takes with it what would dangle: spaces, a comma, or the words that lead up to it when a sentence
    /// ends with it ("Call us at {owner}.").
    #[must_use]
    pub fn render(&self, values: &Values<'_>) -> String {
        let mut text = String::new();
        let mut gap = false;
        for (i, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Words(words) if gap => {
                    close_gap(&mut text, words);
                    gap = false;
                }
                Piece::Words(words) => text.push_str(words),
                Piece::Value(placeholder) => match values.get(*placeholder) {
                    Some(value) => text.push_str(&value),
                    None => {
                        if ends_sentence(self.pieces.get(i + 1)) {
                            drop_clause(&mut text);
                        }
                        gap = true;
                    }
                },
            }
        }
        if gap {
            close_gap(&mut text, "");
        }
        fold(text.trim())
    }
}

impl TryFrom<String> for Template {
    type Error = WordingError;

    fn try_from(source: String) -> Result<Self, WordingError> {
        Self::parse(&source)
    }
}

fn pieces(source: &str) -> Result<Vec<Piece>, WordingError> {
    let mut pieces = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['{', '}']) {
        let (words, braced) = rest.split_at(at);
        let inner = braced.strip_prefix('{').ok_or(WordingError::LoneBrace)?;
        let (name, after) = inner.split_once('}').ok_or(WordingError::LoneBrace)?;
        let wanted = name.trim().to_lowercase();
        let placeholder = Placeholder::ALL.into_iter().find(|p| p.name() == wanted);
        if !words.is_empty() {
            pieces.push(Piece::Words(words.to_owned()));
        }
        pieces.push(Piece::Value(placeholder.ok_or_else(|| {
            WordingError::UnknownPlaceholder {
                name: name.chars().take(VALUE_CHARS_MAX).collect(),
            }
        })?));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest.to_owned()));
    }
    Ok(pieces)
}

fn ends_sentence(next: Option<&Piece>) -> bool {
    match next {
        None => true,
        Some(Piece::Words(words)) => words.starts_with(['.', '!', '?', '\n']),
        Some(Piece::Value(_)) => false,
    }
}

/// Drops the words since the last punctuation: those that led up to a value which is not there. Punctuation inside a word
/// ("24-hour", "5:30") parts nothing.
fn drop_clause(text: &mut String) {
    const BREAKS: [char; 10] = ['.', '…', ',', ';', ':', '!', '?', '-', '–', '—'];
    let mut kept = 0;
    let mut after_break = false;
    for (at, c) in text.char_indices() {
        if c == '\n' || (after_break && c.is_whitespace()) {
            kept = at + c.len_utf8();
        }
        after_break = BREAKS.contains(&c);
    }
    if !after_break {
        text.truncate(kept);
    }
}

/// Goes on with `words` where a value is missing, so that the seam does not show.
fn close_gap(text: &mut String, words: &str) {
    const DANGLING: [char; 8] = [',', ';', ':', '-', '–', '—', '(', ' '];
    const ENDS: [char; 4] = ['.', '!', '?', '\n'];
    let all_words = words;
    let had_space = text.ends_with(' ');
    let own_line = text.is_empty() || text.ends_with('\n');
    let mut words = words.trim_start_matches(' ');
    if text.ends_with('(') {
        words = words.strip_prefix(')').unwrap_or(words);
    }
    if own_line || text.trim_end_matches(' ').ends_with(ENDS) {
        words = words.trim_start_matches([',', ';', ':', '.', '!', '?', ' ']);
        if own_line {
            words = words.strip_prefix('\n').unwrap_or(words);
        }
    } else if words.is_empty() || words.starts_with(ENDS) || words.starts_with([',', ';', ':', ')'])
    {
        let kept = text.trim_end_matches(DANGLING).len();
        text.truncate(kept);
    }
    let kept = text.trim_end_matches([' ', '(']).len();
    text.truncate(kept);
    let closes = words.starts_with(['.', ',', ';', ':', '!', '?', ')', '\n']);
    let skipped = all_words.strip_suffix(words).unwrap_or_default();
    let spaced = had_space || skipped.contains(' ');
    if spaced && !closes && !text.is_empty() && !text.ends_with('\n') {
        text.push(' ');
    }
    text.push_str(words);
}

/// Septets in one of several parts: 160 less the 7 that the concatenation header takes (3GPP TS 23.040 clause 9.2.3.24.1).
const SEPTETS_IN_PART: usize = 153;
