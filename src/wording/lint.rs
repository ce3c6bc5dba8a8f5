//! What is worth saying about a message before it goes out: what networks and callers take ill, what costs more than it has to,
//! and how to mend it. It advises; what is refused is refused by [`Template::parse`].

mod letters;
mod offer;
mod reading;

#[cfg(test)]
mod tests;

use super::{Language, Occasion, Placeholder, Template, Values};
use crate::sms::{self, Alphabet};
use letters::Dear;

/// Characters of a find that are quoted.
const FOUND_CHARS: usize = 40;

/// Dear characters that are named; the rest is counted.
const DEAR_NAMED: usize = 5;

/// One thing to mend in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advice {
    /// Callers are not told who writes.
    NoBusinessName {
        /// The message says {business}, and there is no name yet.
        only_unset: bool,
    },
    /// Callers are not told how to get no more texts.
    NoWayToStop {
        /// A sentence that does, in the language of the texts.
        way_out: String,
    },
    /// There is a web address in it.
    Link {
        /// The address, as it stands there.
        found: String,
    },
    /// There is a price or an offer in it.
    Price {
        /// The words, as they stand there.
        found: String,
    },
    /// Characters that GSM 7-bit lacks, or for which it takes two septets, make it take more parts.
    DearCharacters {
        /// Each once, in the order of the text, with what could stand in its place; empty: it is best left out.
        chars: Vec<(char, &'static str)>,
        /// Parts it takes with them.
        parts: usize,
        /// Parts it would take without.
        would_be_parts: usize,
    },
    /// It takes more than one part, whatever the characters.
    MoreParts {
        /// Parts it takes.
        parts: usize,
        /// Characters (units of its alphabet) to be left out, beside those that are dear, until it takes one.
        over: usize,
    },
}

impl Advice {
    /// What is the matter and how to mend it, in plain words.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::NoBusinessName { only_unset: true } => {
                "Callers do not know the number that the text comes from. Fill in the name of your business, so that {business} \
                 says who you are."
                    .to_owned()
            }
            Self::NoBusinessName { only_unset: false } => {
                "Callers do not know the number that the text comes from. Write {business} where it should say who you are."
                    .to_owned()
            }
            Self::NoWayToStop { way_out } => format!(
                "The text does not say how to get no more of them. Add, for example: {way_out}"
            ),
            Self::Link { found } => format!(
                "“{found}” is a web address, and a link from a number that people do not know looks like fraud, to networks too. \
                 Leave it out; you can send it once they have answered."
            ),
            Self::Price { found } => format!(
                "“{found}” can make the text an advertisement, for which stricter laws hold. Leave it out; you can speak of it \
                 once they have answered."
            ),
            Self::DearCharacters {
                chars,
                parts,
                would_be_parts,
            } => format!(
                "The text goes out as {parts} texts, and only because of {} it is not {would_be_parts}. {}",
                quoted(chars.iter().map(|(dear, _)| dear.to_string())),
                how_to_replace(chars)
            ),
            Self::MoreParts { parts, over } => format!(
                "The text goes out as {parts} texts, and each of them is paid for. It is 1 once it is {over} {} shorter.",
                if *over == 1 { "character" } else { "characters" }
            ),
        }
    }
}

/// What is worth saying about a message for `occasion`, the weightiest first; nothing about a good one. `values` are the ones it
/// will go out with, as far as they are known; `language` is that of the built-in texts.
///
/// A price or a way to stop is looked for in the words of every language, for owners write in more than one.
#[must_use]
pub fn advice(
    template: &Template,
    occasion: Occasion,
    language: &Language,
    values: &Values<'_>,
) -> Vec<Advice> {
    let text = template.render(values);
    // A name may have any word in it: STOP LEAKS, Free Flow Plumbing.
    let unnamed = template.render(&Values {
        business: values.business.and(Some("NAME")),
        ..*values
    });
    // What an unset value takes with it now goes out once there is one.
    let whole = template.render(&Values {
        business: Some("NAME"),
        caller: Some("NUMBER"),
        time: Some("TIME"),
        owner: Some("NUMBER"),
    });
    let mut advice = Vec::new();
    advice.extend(no_business_name(template, occasion, values, &text));
    if occasion.is_unasked() && !reading::says_how_to_stop(&unnamed) {
        advice.push(Advice::NoWayToStop {
            way_out: language.look_for.way_out.clone(),
        });
    }
    advice.extend(reading::link(&whole).map(|found| Advice::Link {
        found: short(found),
    }));
    advice.extend(offer::find(&whole).map(|found| Advice::Price {
        found: short(found),
    }));
    advice.extend(parts(&text));
    advice
}

fn no_business_name(
    template: &Template,
    occasion: Occasion,
    values: &Values<'_>,
    text: &str,
) -> Option<Advice> {
    let name = values.get(Placeholder::Business);
    let said = name.is_some_and(|name| text.to_lowercase().contains(&name.to_lowercase()));
    let wanted = occasion.is_unasked() || occasion == Occasion::Help;
    (wanted && !said).then(|| Advice::NoBusinessName {
        only_unset: template.has(Placeholder::Business),
    })
}

/// What the text costs more than one part for.
fn parts(text: &str) -> Vec<Advice> {
    let measure = sms::measure(text);
    if measure.parts == 1 {
        return Vec::new();
    }
    let mut advice = Vec::new();
    // What it comes to once the dear characters are gone.
    let mut mended = measure;
    if let Some(Dear { chars, plain }) = letters::dear(text) {
        let without = sms::measure(&plain);
        if without.parts < measure.parts {
            mended = without;
            advice.push(Advice::DearCharacters {
                chars,
                parts: measure.parts,
                would_be_parts: without.parts,
            });
        }
    }
    if mended.parts > 1 {
        advice.push(Advice::MoreParts {
            parts: measure.parts,
            over: mended.units.saturating_sub(units_in_one(mended.alphabet)),
        });
    }
    advice
}

/// Septets or UTF-16 units of a text that is one part: what an empty one has left.
fn units_in_one(alphabet: Alphabet) -> usize {
    let shortest = if alphabet == Alphabet::Gsm7 {
        "a"
    } else {
        "я"
    };
    let measure = sms::measure(shortest);
    measure.units + measure.units_left_in_last_part
}

fn short(found: &str) -> String {
    match found.char_indices().nth(FOUND_CHARS) {
        Some((end, _)) => format!("{}…", found.get(..end).unwrap_or(found)),
        None => found.to_owned(),
    }
}

/// `“á”, “ó”`, and an ellipsis where there are more. No word is in it: it stands in a sentence of any language.
fn quoted(words: impl ExactSizeIterator<Item = String>) -> String {
    let more = words.len() > DEAR_NAMED;
    let named = words.take(DEAR_NAMED).map(|word| format!("“{word}”"));
    let named = named.chain(more.then(|| "…".to_owned()));
    named.collect::<Vec<_>>().join(", ")
}

/// `In their place: “á” → “a”. Leave out “👋”.`
fn how_to_replace(chars: &[(char, &'static str)]) -> String {
    let named = chars.iter().take(DEAR_NAMED);
    let (gone, replaced): (Vec<_>, Vec<_>) = named.partition(|(_, plain)| plain.is_empty());
    let mut ways = Vec::new();
    if !replaced.is_empty() {
        let pairs = replaced
            .iter()
            .map(|(dear, plain)| format!("“{dear}” → “{plain}”"));
        let pairs = pairs.collect::<Vec<_>>().join(", ");
        ways.push(format!("In their place: {pairs}."));
    }
    if !gone.is_empty() {
        let gone = quoted(gone.iter().map(|(dear, _)| dear.to_string()));
        ways.push(format!("Leave out {gone}."));
    }
    ways.join(" ")
}
