//! Prices and offers in a text.

use super::reading::{Word, places, words};
use crate::wording::Language;

/// The signs of money: those of Latin-1, and the block of Unicode that has the others.
const SIGNS: [std::ops::RangeInclusive<char>; 3] =
    ['$'..='$', '\u{a2}'..='\u{a5}', '\u{20a0}'..='\u{20cf}'];

/// The first price or offer, as it stands in the text.
pub(super) fn find(text: &str) -> Option<&str> {
    let words = words(text);
    price_with_sign(text, &words)
        .or_else(|| price_with_word(text, &words))
        .or_else(|| offer(text, &words))
}

/// `$50`, `50 €`: a sign with a figure beside it, at most a space between.
fn price_with_sign<'a>(text: &'a str, words: &[Word<'_>]) -> Option<&'a str> {
    text.char_indices().find_map(|(at, c)| {
        if !SIGNS.iter().any(|signs| signs.contains(&c)) {
            return None;
        }
        let end = at + c.len_utf8();
        let is_beside = |from: usize, to: usize| {
            let between = text.get(from..to);
            between.is_some_and(|between| matches!(between, "" | " "))
        };
        let figure = words.iter().find(|word| {
            let beside = is_beside(end, word.at) || is_beside(word.end(), at);
            beside && word.bare.starts_with(|c: char| c.is_ascii_digit())
        })?;
        Some(whole(text, at.min(figure.at), end.max(figure.end())))
    })
}

/// `50 dollars`, `50USD`, `USD 50`.
fn price_with_word<'a>(text: &'a str, words: &[Word<'_>]) -> Option<&'a str> {
    let is_money = |word: &str| {
        let looks = Language::all().iter().map(|language| &language.look_for);
        looks
            .flat_map(|look| &look.money)
            .any(|money| money == word)
    };
    let is_figure = |word: &Word<'_>| word.bare.bytes().all(|b| b.is_ascii_digit());
    let glued = words.iter().find(|word| {
        let unit = word.bare.trim_start_matches(|c: char| c.is_ascii_digit());
        unit.len() < word.bare.len() && is_money(unit)
    });
    if let Some(word) = glued {
        return Some(whole(text, word.at, word.end()));
    }
    words.windows(2).find_map(|pair| match pair {
        [first, second]
            if (is_figure(first) && is_money(&second.bare))
                || (first.is_capital() && is_money(&first.bare) && is_figure(second)) =>
        {
            Some(whole(text, first.at, second.end()))
        }
        _ => None,
    })
}

fn offer<'a>(text: &'a str, words: &[Word<'_>]) -> Option<&'a str> {
    let looks = || Language::all().iter().map(|language| &language.look_for);
    let harmless: Vec<_> = looks()
        .flat_map(|look| &look.no_offers)
        .flat_map(|phrase| places(words, phrase))
        .collect();
    let offers = looks().flat_map(|look| &look.offers);
    let found = offers
        .flat_map(|phrase| places(words, phrase))
        .find(|found| {
            let inside = |other: &std::ops::Range<usize>| {
                other.start <= found.start && found.end <= other.end
            };
            !harmless.iter().any(inside)
        })?;
    let (first, last) = (words.get(found.start)?, words.get(found.end - 1)?);
    Some(whole(text, first.at, last.end()))
}

/// The find with all of the figure that it begins or ends with: `$1,200.50`, `20% off`.
fn whole(text: &str, from: usize, to: usize) -> &str {
    let of_figure = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    let (before, rest) = text.split_at(from);
    let from = match rest.starts_with(|c: char| c.is_ascii_digit() || c == '%') {
        true => before.trim_end_matches(of_figure).len(),
        false => from,
    };
    let found = text.get(..to).unwrap_or(text);
    let after = text.get(to..).unwrap_or_default();
    let to = match found.ends_with(|c: char| c.is_ascii_digit()) {
        true => text.len() - after.trim_start_matches(of_figure).len(),
        false => to,
    };
    let whole = text.get(from..to).unwrap_or_default();
    whole.trim_matches(['.', ','])
}
