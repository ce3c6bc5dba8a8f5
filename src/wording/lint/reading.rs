//! Words and web addresses in a text, and whether it says how to get no more.

use super::letters::bare;
use crate::wording::Language;

/// Last labels of web addresses, with the source in the file.
const DOMAINS: &str = include_str!("domains.txt");

/// A word as it stands in a text. A percent sign is one too.
#[derive(Debug)]
pub(super) struct Word<'a> {
    pub(super) written: &'a str,
    /// Where it begins, in bytes.
    pub(super) at: usize,
    /// Lower case, without accents and apostrophes.
    pub(super) bare: String,
}

impl Word<'_> {
    /// Where it ends, in bytes.
    pub(super) fn end(&self) -> usize {
        self.at + self.written.len()
    }

    /// Whether it is shouted, as the words that callers are to answer with are.
    pub(super) fn is_capital(&self) -> bool {
        self.written.chars().any(char::is_uppercase)
            && !self.written.chars().any(char::is_lowercase)
    }
}

/// The words of a text in their order.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut begun: Option<usize> = None;
    let mut take = |from: usize, to: usize| {
        let written = text.get(from..to).unwrap_or_default();
        let bare: String = bare(written)
            .chars()
            .filter(|c| !is_apostrophe(*c))
            .collect();
        if !bare.is_empty() {
            words.push(Word {
                written,
                at: from,
                bare,
            });
        }
    };
    for (at, c) in text.char_indices() {
        let goes_on = c.is_alphanumeric() || matches!(c, '\u{300}'..='\u{36f}');
        if goes_on || (begun.is_some() && is_apostrophe(c)) {
            begun.get_or_insert(at);
            continue;
        }
        if let Some(from) = begun.take() {
            take(from, at);
        }
        if c == '%' {
            take(at, at + c.len_utf8());
        }
    }
    if let Some(from) = begun {
        take(from, text.len());
    }
    words
}

/// Where the words of a phrase stand, as positions among `words`.
pub(super) fn places<'a>(
    words: &'a [Word<'_>],
    phrase: &str,
) -> impl Iterator<Item = std::ops::Range<usize>> + use<'a> {
    let phrase: Vec<String> = self::words(phrase)
        .into_iter()
        .map(|word| word.bare)
        .collect();
    let length = phrase.len();
    let here = move |at: usize| {
        let found = words.get(at..at + length)?;
        let same = length > 0 && found.iter().zip(&phrase).all(|(a, b)| a.bare == *b);
        same.then_some(at..at + length)
    };
    (0..words.len()).filter_map(here)
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’')
}

/// Whether a text says how to get no more: a word that opts out, in capitals ("STOP to opt out") or behind one that says to
/// answer with it ("reply stop").
pub(super) fn says_how_to_stop(text: &str) -> bool {
    let words = words(text);
    // Where all is in capitals, they make nothing stand out.
    let shouted = !text.chars().any(char::is_lowercase);
    let looks = || Language::all().iter().map(|language| &language.look_for);
    let asked_for = |at: usize| {
        let before = at.checked_sub(1).and_then(|before| words.get(before));
        before.is_some_and(|before| looks().any(|look| look.reply.contains(&before.bare)))
    };
    looks().flat_map(|look| &look.stop).any(|stop| {
        places(&words, stop).any(|found| {
            let capital = !shouted && words[found.clone()].iter().all(Word::is_capital);
            capital || asked_for(found.start)
        })
    })
}

/// The first web address of a text, with or without its scheme.
pub(super) fn link(text: &str) -> Option<&str> {
    text.split_whitespace().find_map(|token| {
        let token = token.trim_matches(|c: char| !c.is_alphanumeric() && c != '/');
        let lower = token.to_ascii_lowercase();
        let has_scheme = lower
            .split_once("://")
            .is_some_and(|(before, after)| !before.is_empty() && !after.is_empty());
        if has_scheme || lower.starts_with("www.") {
            return Some(token);
        }
        // A mail address is none.
        if token.contains('@') {
            return None;
        }
        token
            .split([',', ';', ':', '(', ')', '<', '>', '"', '!', '|'])
            .map(|piece| piece.trim_matches(|c: char| !c.is_alphanumeric() && c != '/'))
            .find(|piece| is_address(piece))
    })
}

/// `acme.com`, `acme.com/book`, `acme.plumbing/book`; not `8.30pm`, `St.Mary`, `e.g` nor `you.We`.
fn is_address(word: &str) -> bool {
    let (host, path) = match word.find(['/', '?', '#']) {
        Some(at) => word.split_at(at),
        None => (word, ""),
    };
    let Some((before, last)) = host.rsplit_once('.') else {
        return false;
    };
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    let owner = before.rsplit('.').next().unwrap_or_default();
    let sound = before.split('.').all(is_label)
        && owner.chars().any(char::is_alphabetic)
        && last.len() >= 2
        && last.bytes().all(|b| b.is_ascii_alphabetic());
    // "Sorry we missed you.It is late": a sentence begins.
    let begins_sentence = last.len() == 2
        && last.starts_with(|c: char| c.is_ascii_uppercase())
        && last.ends_with(|c: char| c.is_ascii_lowercase());
    let known = !begins_sentence && domains().any(|domain| last.eq_ignore_ascii_case(domain));
    let leads_on =
        path.chars().any(char::is_alphanumeric) && last.bytes().all(|b| b.is_ascii_lowercase());
    sound && (known || leads_on)
}

fn domains() -> impl Iterator<Item = &'static str> {
    DOMAINS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
}
