//! The built-in texts, a file a language. What stands in a file is said in `languages/en.toml`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{LazyLock, OnceLock};

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::phrases::{Phrases, filled};
use super::{Occasion, Placeholder, Template, Values};
use crate::phone::Region;
use crate::rules::Hazard;

/// Every file of `languages/` by its name, as build.rs found them.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/languages.rs"));

static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let read = |&(name, text): &(&'static str, &'static str)| Language {
        file: (name, text),
        ..read(name, text)
    };
    FILES.iter().map(read).collect()
});

fn read<T: for<'de> Deserialize<'de>>(name: &str, text: &str) -> T {
    match toml::from_str(text) {
        Ok(read) => read,
        Err(error) => panic!("{name}: {error}; the tests read every language"),
    }
}

/// A language, and what the box says in it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    code: String,
    name: String,
    countries: Vec<String>,
    texts: Texts,
    advice: AdviceTexts,
    pub(super) look_for: LookFor,
    /// Read when it is first spoken: most boxes speak one language.
    #[serde(default, rename = "page")]
    _page: IgnoredAny,
    #[serde(skip)]
    file: (&'static str, &'static str),
    #[serde(skip)]
    phrases: OnceLock<Phrases>,
}

/// There is one of each code.
impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Language {}

/// The part of a file that is for the owner.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Page {
    page: BTreeMap<String, String>,
}

/// Every text that the box has by itself.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    missed_call: Template,
    missed_call_with_name: Template,
    held: Template,
    held_with_name: Template,
    follow_up: Template,
    follow_up_with_name: Template,
    opt_out: Template,
    opt_out_with_name: Template,
    opt_in: Template,
    opt_in_with_name: Template,
    help: Template,
    help_with_owner: Template,
    help_with_name: Template,
    help_with_name_and_owner: Template,
}

/// What answers words of danger. `{emergency}` in them is no placeholder of the owner's: these texts are not his to change.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct AdviceTexts {
    /// What stands for the emergency number where none is known.
    emergency: String,
    gas: String,
    carbon_monoxide: String,
    fire: String,
    sparks: String,
    flood: String,
    no_heat: String,
}

/// The emergency numbers, with their sources.
const EMERGENCY: &str = include_str!("emergency.tsv");

/// The number that callers in this country ring in an emergency; `None` where the table does not say.
fn emergency_number(country: Region) -> Option<&'static str> {
    let lines = EMERGENCY.lines().filter(|line| !line.starts_with('#'));
    let mut rows = lines.filter_map(|line| line.split_once('\t'));
    let of_country =
        |(_, countries): &(&str, &str)| countries.split(' ').any(|it| it == country.as_str());
    rows.find(of_country).map(|(number, _)| number)
}

/// What the owner's messages are looked through for; each entry is one or several words.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LookFor {
    /// The way out, as it is proposed.
    pub(super) way_out: String,
    /// Words that opt out.
    pub(super) stop: Vec<String>,
    /// What stands before such a word.
    pub(super) reply: Vec<String>,
    /// What makes a price of the figure before it.
    pub(super) money: Vec<String>,
    /// Offers.
    pub(super) offers: Vec<String>,
    /// What sounds like one and is none.
    pub(super) no_offers: Vec<String>,
}

impl Language {
    /// All there are, in the order of their codes.
    #[must_use]
    pub fn all() -> &'static [Self] {
        &LANGUAGES
    }

    /// The language of a code of ISO 639-1 in either case; `None` where the box does not speak it.
    #[must_use]
    pub fn parse(code: &str) -> Option<&'static Self> {
        let code = code.trim();
        Self::all()
            .iter()
            .find(|language| language.code.eq_ignore_ascii_case(code))
    }

    /// The language of a country, if one names it.
    #[must_use]
    pub fn for_country(country: Region) -> Option<&'static Self> {
        let names_it = |language: &&Self| language.countries.iter().any(|c| c == country.as_str());
        Self::all().iter().find(names_it)
    }

    /// The one where nothing says otherwise.
    #[must_use]
    pub fn english() -> &'static Self {
        Self::parse("en").expect("en.toml is there: the tests say so")
    }

    /// Its code of ISO 639-1, lower case.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What its speakers call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A phrase of the page, which the code has in English; what the language's file lacks stays so.
    #[must_use]
    pub fn say<'a>(&'a self, english: &'a str) -> &'a str {
        self.phrases().say(english)
    }

    /// A phrase with values, each in the place of its name in braces: `{calls} missed calls today.`
    #[must_use]
    pub fn fill(&self, english: &str, values: &[(&str, &dyn Display)]) -> String {
        filled(self.say(english), values)
    }

    /// What another room, or an earlier day, has put into English sentences, values and all. What is not in the language's file stays
    /// as it is, a sentence at a time.
    #[must_use]
    pub fn retell<'a>(&self, english: &'a str) -> Cow<'a, str> {
        self.phrases().retell(english)
    }

    /// The same for words in the midst of a sentence, such as a reason behind a colon.
    #[must_use]
    pub fn retell_part(&self, english: &str) -> String {
        let part = self.phrases().known_part(english);
        part.unwrap_or_else(|| english.to_owned())
    }

    fn phrases(&self) -> &Phrases {
        self.phrases.get_or_init(|| {
            let (name, text) = self.file;
            Phrases::new(read::<Page>(name, text).page)
        })
    }

    /// The text that the box has by itself, the one that says as much as there are values for. Outside the hours and on holidays
    /// it is the one for a missed call.
    #[must_use]
    pub fn built_in(&self, occasion: Occasion, values: &Values<'_>) -> &Template {
        let texts = &self.texts;
        let named = values.get(Placeholder::Business).is_some();
        let reachable = values.get(Placeholder::Owner).is_some();
        let (without, with_name) = match occasion {
            Occasion::MissedCall | Occasion::AfterHours | Occasion::Holiday => {
                (&texts.missed_call, &texts.missed_call_with_name)
            }
            Occasion::Held => (&texts.held, &texts.held_with_name),
            Occasion::FollowUp => (&texts.follow_up, &texts.follow_up_with_name),
            Occasion::OptOut => (&texts.opt_out, &texts.opt_out_with_name),
            Occasion::OptIn => (&texts.opt_in, &texts.opt_in_with_name),
            Occasion::Help if reachable => {
                (&texts.help_with_owner, &texts.help_with_name_and_owner)
            }
            Occasion::Help => (&texts.help, &texts.help_with_name),
        };
        if named { with_name } else { without }
    }

    /// What a caller is told at once who writes of danger: to ring the emergency number of `country`.
    #[must_use]
    pub fn advice(&self, hazard: Hazard, country: Option<Region>) -> String {
        let texts = &self.advice;
        let text = match hazard {
            Hazard::Gas => &texts.gas,
            Hazard::CarbonMonoxide => &texts.carbon_monoxide,
            Hazard::Fire => &texts.fire,
            Hazard::Sparks => &texts.sparks,
            Hazard::Flood => &texts.flood,
            Hazard::NoHeat => &texts.no_heat,
        };
        let number = country.and_then(emergency_number);
        text.replace("{emergency}", number.unwrap_or(&texts.emergency))
    }

    /// Whether these words are its own for the occasion, with or without a name.
    #[must_use]
    pub fn has_built_in(&self, occasion: Occasion, words: &str) -> bool {
        [None, Some("name")].into_iter().any(|business| {
            let values = Values {
                business,
                ..Values::default()
            };
            self.built_in(occasion, &values).source() == words
        })
    }
}

#[cfg(test)]
mod tests;
