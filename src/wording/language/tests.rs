//! What every language is held to.

use super::*;
use crate::rules::{self, Hazard, Keyword};
use crate::sms::{self, Alphabet};
use crate::wording::{Advice, advice, sample_time};

/// As long as most names of businesses are.
const NAME: &str = "Thirty Characters Plumbing Ltd";
/// An owner's number as long as it is written abroad.
const OWNER: &str = "+49 1512 3456789";

const NO_VALUES: Values<'_> = Values {
    business: None,
    caller: None,
    time: None,
    owner: None,
};

/// Every text of every language, with each set of values that chooses another.
fn every_text(mut look: impl FnMut(&Language, Occasion, &Values<'_>, &Template)) {
    let time = sample_time(Region::parse("US"));
    for language in Language::all() {
        for occasion in Occasion::ALL {
            for business in [None, Some(NAME)] {
                for owner in [None, Some(OWNER)] {
                    let values = Values {
                        business,
                        owner,
                        caller: None,
                        time: Some(&time),
                    };
                    let template = language.built_in(occasion, &values);
                    look(language, occasion, &values, template);
                }
            }
        }
    }
}

#[test]
fn every_language_is_found_by_its_code_and_its_countries() {
    let codes: Vec<&str> = Language::all().iter().map(Language::code).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
    assert_eq!(Language::english().code(), "en");
    for ((file, _), language) in FILES.iter().zip(Language::all()) {
        assert_eq!(*file, format!("{}.toml", language.code));
        assert!(language.code.len() == 2 && language.code == language.code.to_lowercase());
        assert!(!language.name.is_empty());
        assert_eq!(
            Language::parse(&language.code.to_uppercase()),
            Some(language)
        );
        for letters in &language.countries {
            let country = Region::parse(letters);
            assert_eq!(country.as_ref().map(Region::as_str), Some(letters.as_str()));
            let found = country.and_then(Language::for_country);
            assert_eq!(found, Some(language), "{letters} is named twice");
        }
    }
    assert_eq!(Language::parse("xx"), None);
    for (country, code) in [("US", Some("en")), ("MX", Some("es")), ("IO", None)] {
        let language = Region::parse(country).and_then(Language::for_country);
        assert_eq!(language.map(Language::code), code, "{country}");
    }
}

#[test]
fn every_built_in_text_is_one_part_of_plain_letters() {
    every_text(|language, occasion, values, template| {
        let text = template.render(values);
        let measure = sms::measure(&text);
        let of = language.code();
        assert_eq!(
            measure.alphabet,
            Alphabet::Gsm7,
            "{of} {occasion:?}: {text}"
        );
        assert_eq!(
            measure.parts, 1,
            "{of} {occasion:?}: {} {text}",
            measure.units
        );
    });
}

#[test]
fn every_built_in_text_says_who_when_and_how_to_stop_and_sells_nothing() {
    every_text(|language, occasion, values, template| {
        let of = format!("{} {occasion:?}: {template:?}", language.code());
        let named = values.business.is_some();
        let placeholders = Placeholder::ALL.map(|p| template.has(p));
        let held = occasion == Occasion::Held;
        let tells_owner = occasion == Occasion::Help && values.owner.is_some();
        assert_eq!(placeholders, [named, false, held, tells_owner], "{of}");
        let unnamed = |advice: &Advice| !named && matches!(advice, Advice::NoBusinessName { .. });
        let mut advice = advice(template, occasion, language, values);
        advice.retain(|advice| !unnamed(advice));
        assert_eq!(advice, [], "{of}");
        let start = template.source().contains("START");
        assert_eq!(start, occasion == Occasion::OptOut, "{of}");
        let stop = template.source().contains("STOP");
        assert_eq!(stop, occasion != Occasion::OptOut, "{of}");
    });
}

#[test]
fn no_text_stands_for_two_occasions_or_in_two_languages() {
    let mut seen: Vec<String> = Vec::new();
    every_text(|_, occasion, values, template| {
        let again = matches!(occasion, Occasion::AfterHours | Occasion::Holiday)
            || (occasion != Occasion::Help && values.owner.is_some());
        if !again {
            seen.push(template.source().to_owned());
        }
    });
    let texts = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), texts);
    assert_eq!(texts, Language::all().len() * 14);
}

#[test]
fn the_words_for_stop_are_those_that_stop() {
    for language in Language::all() {
        for word in &language.look_for.stop {
            let keyword = rules::keyword(word);
            assert!(keyword.is_some_and(Keyword::opts_out), "{word}");
        }
    }
}

#[test]
fn the_built_in_text_is_known_again() {
    let english = Language::english();
    let words = english.built_in(Occasion::MissedCall, &NO_VALUES).source();
    assert!(english.has_built_in(Occasion::MissedCall, words));
    assert!(!english.has_built_in(Occasion::Held, words));
    let spanish = Language::parse("es").unwrap();
    assert!(!spanish.has_built_in(Occasion::MissedCall, words));
}

#[test]
fn the_advice_names_the_emergency_number_in_one_part_and_promises_nothing() {
    let number = |country: &str| emergency_number(Region::parse(country).unwrap());
    for (country, expected) in [
        ("US", Some("911")),
        ("GB", Some("999")),
        ("IE", Some("112")),
        ("AU", Some("000")),
        ("NZ", Some("111")),
        ("BR", None),
    ] {
        assert_eq!(number(country), expected, "{country}");
    }
    for line in EMERGENCY.lines().filter(|line| !line.starts_with('#')) {
        let (digits, countries) = line.split_once('\t').unwrap();
        assert!(
            digits.len() == 3 && digits.bytes().all(|it| it.is_ascii_digit()),
            "{line}"
        );
        for country in countries.split(' ') {
            assert!(Region::parse(country).is_some(), "{country}");
        }
    }
    for language in Language::all() {
        for hazard in Hazard::ALL {
            for (country, said) in [("US", "911"), ("BR", language.advice.emergency.as_str())] {
                let text = language.advice(hazard, Region::parse(country));
                assert!(text.contains(said) && !text.contains('{'), "{text}");
                // As it is sent.
                let folded = crate::wording::fold(&text);
                let measure = sms::measure(&folded);
                assert_eq!(
                    (measure.parts, measure.alphabet),
                    (1, Alphabet::Gsm7),
                    "{text}"
                );
            }
        }
    }
}
