//! From words to a command. Forgiving of case, spaces and typing errors; where words may be a command and are none, they go to
//! nobody before he has said so.

use super::{Command, Situation, Understood, Verb, time};
use crate::phone::PhoneNumber;
use crate::rules;
use crate::settings::PIN_DIGITS;
use crate::wording;

const VERBS: [(&str, Verb); 19] = [
    ("status", Verb::Status),
    ("help", Verb::Help),
    ("info", Verb::Help),
    ("list", Verb::List),
    ("pause", Verb::Pause),
    ("away", Verb::Away),
    ("resume", Verb::Resume),
    ("unpause", Verb::Resume),
    ("msg", Verb::Message),
    ("message", Verb::Message),
    ("yes", Verb::Yes),
    ("y", Verb::Yes),
    ("no", Verb::No),
    ("n", Verb::No),
    ("skip", Verb::Skip),
    ("unskip", Verb::Unskip),
    ("stop", Verb::Stop),
    ("start", Verb::Start),
    ("won", Verb::Won),
];
/// What people put behind a command.
const POLITE: [&str; 14] = [
    "please", "pls", "plz", "now", "thanks", "thx", "thank", "you", "box", "me", "it", "again",
    "all", "textback",
];
/// How phones tell by SMS that a text was liked: this word, and the text in quotes.
const REACTIONS: [&str; 7] = [
    "liked",
    "loved",
    "disliked",
    "laughed at",
    "emphasized",
    "questioned",
    "reacted",
];
/// Digits of a tag at most.
const TAG_DIGITS_MAX: usize = 4;
/// Digits from which a number is a phone's and not a tag.
const PHONE_DIGITS_MIN: usize = 7;

/// What a text of one of the owner's people means.
#[must_use]
pub fn understand(text: &str, situation: &Situation<'_>) -> Understood {
    let text = wording::without_controls(text);
    let text = text.trim();
    let (pin, rest) = match behind_pin(text) {
        Some((pin, rest)) => (pin, rest),
        None => return without_pin(command(text, situation), text),
    };
    let found = command(rest, situation);
    let is_the_pin = situation.settings.pin() == Some(pin);
    match found {
        // A house number, a time: words begin with digits too.
        None if is_the_pin => Understood {
            pin: Some(pin.to_owned()),
            command: Command::UnclearBehindPin,
        },
        None => without_pin(command(text, situation), text),
        Some(command) => Understood {
            pin: Some(pin.to_owned()),
            command,
        },
    }
}

fn without_pin(command: Option<Command>, text: &str) -> Understood {
    Understood {
        pin: None,
        command: command.unwrap_or_else(|| Command::Words(text.to_owned())),
    }
}

fn behind_pin(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (pin, rest) = text.split_at(end);
    let rest =
        rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | '.' | '-'));
    PIN_DIGITS.contains(&pin.len()).then_some((pin, rest))
}

/// `None` for words.
fn command(text: &str, situation: &Situation<'_>) -> Option<Command> {
    if is_reaction(text) {
        return Some(Command::Reaction);
    }
    if let Some((tag, words)) = tagged(text) {
        return Some(of_tag(tag, words, situation));
    }
    if let Some(tag) = bare_tag(text)
        && (situation.kept_words.is_some() || situation.kept_unclear.is_some())
        && situation.tagged(tag).is_some()
    {
        return Some(Command::Choose(tag));
    }
    if text == "?" {
        return Some(Command::Help);
    }
    let by_verb = first_word(text).and_then(|(first, rest)| {
        let (verb, guess) = verb(&first)?;
        let unclear = Command::Unclear {
            verb,
            words: text.to_owned(),
        };
        match (fitting(verb, guess, rest, situation), guess) {
            (Some(_), Guess::Torn) => Some(unclear),
            (Some(command), Guess::Sure | Guess::Likely) => Some(command),
            (None, Guess::Sure) if is_no_sentence(verb, rest, situation) => Some(unclear),
            (None, Guess::Likely | Guess::Torn) if rest.is_empty() => Some(unclear),
            (None, _) => None,
        }
    });
    by_verb.or_else(|| is_stop(text).then_some(Command::OwnStop))
}

/// STOP and its kin, as a caller would have to write them.
fn is_stop(text: &str) -> bool {
    rules::keyword(text).is_some_and(rules::Keyword::opts_out)
}

fn is_reaction(text: &str) -> bool {
    let lower = text.to_lowercase();
    REACTIONS.iter().any(|word| {
        let rest = lower.strip_prefix(word).map(str::trim_start);
        rest.is_some_and(|rest| rest.starts_with(['"', '“', '«']) || rest.starts_with("an image"))
    })
}

/// `#7 on my way`, `# 7: on my way`.
fn tagged(text: &str) -> Option<(u32, &str)> {
    let rest = text.strip_prefix(['#', '＃'])?.trim_start();
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (tag, words) = rest.split_at(end);
    if tag.len() > TAG_DIGITS_MAX || words.starts_with(char::is_alphanumeric) {
        return None;
    }
    let words =
        words.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | '.' | '-'));
    Some((tag.parse().ok()?, words))
}

fn bare_tag(text: &str) -> Option<u32> {
    let digits = text.trim_end_matches(['.', '!']);
    let is_tag = digits.len() <= TAG_DIGITS_MAX && digits.bytes().all(|b| b.is_ascii_digit());
    is_tag.then(|| digits.parse().ok())?
}

/// Words for that conversation; or SKIP, UNSKIP and WON, which people write on either side of the tag.
fn of_tag(tag: u32, words: &str, situation: &Situation<'_>) -> Command {
    let Some(conversation) = situation.tagged(tag) else {
        return Command::NoSuchTag {
            tag,
            words: words.to_owned(),
        };
    };
    if words.is_empty() {
        return Command::Choose(tag);
    }
    let number = conversation.number.clone();
    if let Some((first, rest)) = first_word(words)
        && let Some((verb, Guess::Sure)) = verb(&first)
    {
        match verb {
            Verb::Skip if is_polite(rest) => return Command::Skip(number),
            Verb::Unskip if is_polite(rest) => return Command::Unskip(number),
            Verb::Won if rest.is_empty() || amount(rest).is_some() => {
                return Command::Won {
                    number,
                    amount: amount(rest),
                };
            }
            _ => {}
        }
    }
    Command::Answer {
        tag,
        words: words.to_owned(),
    }
}

/// The first word in small letters, and what follows it. `PAUSE2H` and `SKIP#7` are two.
fn first_word(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start_matches(['"', '“', '*', '(']);
    let ends = |c: char| {
        c.is_whitespace() || c.is_ascii_digit() || matches!(c, '#' | '＃' | ':' | '+' | '$')
    };
    let end = text.find(ends).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let word = word.trim_end_matches(['.', ',', '!', '?', ';', '"', '”', '*', ')']);
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ':');
    (!word.is_empty() && word.chars().all(char::is_alphabetic)).then(|| (word.to_lowercase(), rest))
}

/// How a verb is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guess {
    /// It is written as it should be.
    Sure,
    /// It has a slip in it.
    Likely,
    /// It is as near to another verb, `nskip`, or to what is no verb: `mag`.
    Torn,
}

/// The verb that a word is meant as. One of three letters is too short to guess at: he is asked.
fn verb(word: &str) -> Option<(Verb, Guess)> {
    if let Some((_, verb)) = VERBS.iter().find(|(name, _)| *name == word) {
        return Some((*verb, Guess::Sure));
    }
    let slips = |name: &str| match name.len() {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    };
    let near: Vec<(usize, Verb, bool)> = VERBS
        .iter()
        .map(|(name, verb)| (strsim::damerau_levenshtein(name, word), name, *verb))
        .filter(|(distance, name, _)| *distance <= slips(name))
        .map(|(distance, name, verb)| (distance, verb, name.len() == 3))
        .collect();
    let (least, verb, _) = near
        .iter()
        .copied()
        .min_by_key(|(distance, ..)| *distance)?;
    let torn = near
        .iter()
        .any(|(distance, other, is_short)| *distance == least && (*other != verb || *is_short));
    Some((verb, if torn { Guess::Torn } else { Guess::Likely }))
}

/// The command, if what follows the verb fits it.
fn fitting(verb: Verb, guess: Guess, rest: &str, situation: &Situation<'_>) -> Option<Command> {
    let alone = without_politeness(rest);
    let whom = || whom(alone, guess, situation);
    match verb {
        Verb::Status => is_polite(rest).then_some(Command::Status),
        Verb::Help => is_polite(rest).then_some(Command::Help),
        Verb::List => is_polite(rest).then_some(Command::List),
        Verb::Resume => is_polite(rest).then_some(Command::Resume),
        Verb::Pause => time::until(alone, &situation.now).map(Command::Pause),
        Verb::Away => time::until(alone, &situation.now).map(Command::Away),
        Verb::Message if is_polite(rest) => Some(Command::ShowMessage),
        Verb::Message => Some(Command::Message(rest.to_owned())),
        Verb::Yes | Verb::No if situation.kept_message.is_none() || !is_polite(rest) => None,
        Verb::Yes => Some(Command::Yes),
        Verb::No => Some(Command::No),
        Verb::Skip => whom().map(Command::Skip),
        Verb::Unskip => whom().map(Command::Unskip),
        Verb::Stop => whom().map(Command::OptOut),
        Verb::Start => whom().map(Command::OptIn),
        Verb::Won => won(alone, situation),
    }
}

/// Whether words behind such a verb, which do not fit it, are no sentence for a caller either: then he is asked. HELP IS ON THE WAY,
/// LIST THE PARTS and YES, AT THREE are sentences.
fn is_no_sentence(verb: Verb, rest: &str, situation: &Situation<'_>) -> bool {
    match verb {
        Verb::Pause | Verb::Away | Verb::Message | Verb::Unskip | Verb::Won => true,
        Verb::Skip | Verb::Start if rest.is_empty() => true,
        Verb::Skip | Verb::Stop | Verb::Start => {
            rest.contains(|c: char| c.is_ascii_digit() || c == '#')
        }
        Verb::Yes | Verb::No => situation.kept_message.is_some(),
        Verb::Status | Verb::Help | Verb::List | Verb::Resume => false,
    }
}

fn is_polite(rest: &str) -> bool {
    rest.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .all(|word| POLITE.contains(&word.to_lowercase().as_str()))
}

/// Without the polite words at its end.
fn without_politeness(mut text: &str) -> &str {
    loop {
        text = text.trim_end_matches(|c: char| !c.is_alphanumeric() && !"$£€".contains(c));
        let start = text.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        match text.get(start..) {
            Some(word) if !word.is_empty() && is_polite(word) => text = &text[..start],
            _ => return text,
        }
    }
}

/// `#7`, `7`, `+1 202 555 0143`, `(202) 555-0143`.
fn whom(rest: &str, guess: Guess, situation: &Situation<'_>) -> Option<PhoneNumber> {
    let rest = rest.trim_end_matches(|c: char| !c.is_ascii_digit());
    if let Some((tag, "")) = tagged(rest) {
        return Some(situation.tagged(tag)?.number.clone());
    }
    let digits = rest.chars().filter(char::is_ascii_digit).count();
    if digits >= PHONE_DIGITS_MIN {
        return PhoneNumber::parse(rest, situation.home).ok();
    }
    let tag = bare_tag(rest).filter(|_| guess == Guess::Sure)?;
    Some(situation.tagged(tag)?.number.clone())
}

/// `#7 450`, `7 $450`, `#7`.
fn won(rest: &str, situation: &Situation<'_>) -> Option<Command> {
    let rest = rest.trim_start_matches(['#', '＃']).trim_start();
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (tag, sum) = rest.split_at(end);
    let number = situation.tagged(bare_tag(tag)?)?.number.clone();
    let sum = sum.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '-'));
    let amount = match sum.is_empty() {
        true => None,
        false => Some(amount(sum)?),
    };
    Some(Command::Won { number, amount })
}

/// `450`, `$1,200.50`, `450 eur`: in hundredths; `None` if it is no sum.
#[must_use]
pub fn amount(text: &str) -> Option<i64> {
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '!' | '?'));
    let text = text
        .trim_start()
        .trim_start_matches(['$', '£', '€'])
        .trim_start();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, ',' | '.')))
        .unwrap_or(text.len());
    let (sum, unit) = text.split_at(end);
    let units = [
        "", "$", "£", "€", "usd", "cad", "eur", "gbp", "dollars", "bucks", "euro", "euros",
    ];
    if !units.contains(&unit.trim().to_lowercase().as_str()) {
        return None;
    }
    let sum = sum.trim_end_matches(['.', ',']);
    // A mark with two digits behind it parts the hundredths; any other parts thousands.
    let (whole, hundredths) = match sum.rsplit_once(['.', ',']) {
        Some((whole, cents)) if cents.len() == 2 => (whole, cents),
        _ => (sum, "00"),
    };
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    let whole: i64 = whole.parse().ok()?;
    whole
        .checked_mul(100)?
        .checked_add(hundredths.parse().ok()?)
}
