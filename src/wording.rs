//! What we say: a template and a caller in, a text out, in clean words whatever is unset.
//!
//! It knows the texts and nothing of who gets them, when, or how they travel.

mod alert;
mod fold;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::sms;

pub use alert::{CALLERS_NAMED, alert_text};
pub use fold::fold;

/// The first text while the business has no name.
pub const MISSED_CALL: &str =
    "Sorry we missed your call. What can we help you with? Reply STOP to opt out.";

/// The first text once it has one. The caller did not dial the number the text comes from, so the name goes first.
pub const MISSED_CALL_WITH_NAME: &str = "Hi, this is {business}. Sorry we missed your call. \
     What can we help you with? Reply STOP to opt out.";

/// Parts above which a text is refused. A concatenation may have 255 (3GPP TS 23.040 clause 9.2.3.24.1), but each one is
/// paid for, and networks cut what is far shorter.
pub const PARTS_MAX: usize = 10;

/// Parts that arrive everywhere as one text: 6 × 153 = 918 septets. What the refusal of a longer one suggests.
pub const PARTS_ADVISED: usize = 6;

/// Characters of one value in a text; what is longer is cut. As many as a business name may have.
pub const VALUE_CHARS_MAX: usize = 60;

/// What stands in braces in a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// The name of the business.
    Business,
    /// The caller's number.
    Caller,
    /// When the call came.
    Time,
    /// The owner's number.
    Owner,
}

impl Placeholder {
    /// All of them, in the order in which people are told.
    pub const ALL: [Self; 4] = [Self::Business, Self::Caller, Self::Time, Self::Owner];

    /// The word between the braces.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::Caller => "caller",
            Self::Time => "time",
            Self::Owner => "owner",
        }
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}", self.name())
    }
}

/// What goes in place of the placeholders; `None` or blank leaves clean text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Values<'a> {
    /// The name of the business.
    pub business: Option<&'a str>,
    /// The caller's number as people write it.
    pub caller: Option<&'a str>,
    /// When the call came, in local time as people write it.
    pub time: Option<&'a str>,
    /// The owner's number as people write it.
    pub owner: Option<&'a str>,
}

impl Values<'_> {
    /// The value, fit to stand in a text: on one line, no longer than [`VALUE_CHARS_MAX`]; `None` if that leaves nothing.
    fn get(&self, placeholder: Placeholder) -> Option<String> {
        let value = match placeholder {
            Placeholder::Business => self.business,
            Placeholder::Caller => self.caller,
            Placeholder::Time => self.time,
            Placeholder::Owner => self.owner,
        };
        let cut: String = without_controls(value?)
            .chars()
            .take(VALUE_CHARS_MAX)
            .collect();
        let cut = cut.split_whitespace().collect::<Vec<_>>().join(" ");
        (!cut.is_empty()).then_some(cut)
    }
}

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
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// The text for a missed call: the owner's own message, or the built-in one where there is none, nothing is left of it, or
/// the values make it longer than [`PARTS_MAX`] (a name in another script takes twice the room it was checked for).
#[must_use]
pub fn missed_call_text(own: Option<&Template>, values: &Values<'_>) -> String {
    match own.map(|own| own.render(values)) {
        Some(own) if !own.is_empty() && sms::measure(&own).parts <= PARTS_MAX => own,
        _ => built_in_missed_call(values),
    }
}

fn built_in_missed_call(values: &Values<'_>) -> String {
    let source = match values.get(Placeholder::Business) {
        Some(_) => MISSED_CALL_WITH_NAME,
        None => MISSED_CALL,
    };
    built_in(source).render(values)
}

/// The one text that answers STOP. No marketing may be in it (47 CFR 64.1200(a)(12)).
#[must_use]
pub fn opt_out_confirmation(business: Option<&str>) -> String {
    confirmation(
        business,
        "You will get no more texts from {business}. Reply START to get them again.",
        "You will get no more texts from us. Reply START to get them again.",
    )
}

/// The text that answers START.
#[must_use]
pub fn opt_in_confirmation(business: Option<&str>) -> String {
    confirmation(
        business,
        "You will get texts from {business} again. Reply STOP to opt out.",
        "You will get texts from us again. Reply STOP to opt out.",
    )
}

fn confirmation(business: Option<&str>, with_name: &str, without_name: &str) -> String {
    let values = Values {
        business,
        ..Values::default()
    };
    let source = if values.business.is_some() {
        with_name
    } else {
        without_name
    };
    built_in(source).render(&values)
}

fn built_in(source: &str) -> Template {
    Template::parse(source).expect("the built-in texts are tested")
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

/// Drops what could garble a screen, a log or a text: control characters other than the line break, and those that turn
/// the direction of writing. Line breaks become `\n`, tabs spaces.
#[must_use]
pub fn without_controls(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| match c {
            '\r' | '\u{2028}' | '\u{2029}' => '\n',
            '\t' => ' ',
            other => other,
        })
        .filter(|&c| c == '\n' || !is_control(c))
        .collect()
}

/// Control characters (Unicode category Cc) and the marks that turn the direction of writing (Unicode annex 9).
#[must_use]
pub fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Septets in one of several parts: 160 less the 7 that the concatenation header takes (3GPP TS 23.040 clause 9.2.3.24.1).
const SEPTETS_IN_PART: usize = 153;
