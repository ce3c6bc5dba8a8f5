//! Words that smell of danger in what a caller writes: gas, smoke, sparks, water that does not stop. What follows from them is decided
//! elsewhere.

use std::sync::LazyLock;

use super::keyword::words;

/// A danger that a caller writes of, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hazard {
    /// A smell of gas, or a leak.
    Gas,
    /// Carbon monoxide, or its alarm.
    CarbonMonoxide,
    /// Fire, smoke, a burning smell.
    Fire,
    /// Sparks, shocks, water where current is.
    Sparks,
    /// Water that does not stop.
    Flood,
    /// No heat.
    NoHeat,
}

impl Hazard {
    /// All of them, the worst first.
    pub const ALL: [Self; 6] = [
        Self::Gas,
        Self::CarbonMonoxide,
        Self::Fire,
        Self::Sparks,
        Self::Flood,
        Self::NoHeat,
    ];

    /// The word in the table and in what is told elsewhere.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Gas => "gas",
            Self::CarbonMonoxide => "carbon_monoxide",
            Self::Fire => "fire",
            Self::Sparks => "sparks",
            Self::Flood => "flood",
            Self::NoHeat => "no_heat",
        }
    }

    /// As the owner is told.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gas => "gas",
            Self::CarbonMonoxide => "carbon monoxide",
            Self::Fire => "fire or smoke",
            Self::Sparks => "electricity",
            Self::Flood => "water",
            Self::NoHeat => "no heat",
        }
    }
}

/// A danger, and in which language it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Danger {
    /// The worst that is written of.
    pub hazard: Hazard,
    /// The code of ISO 639-1.
    pub language: &'static str,
}

/// The phrases, with their sources.
const TABLE: &str = include_str!("danger.tsv");
/// Words that a text is looked through for; the longest that a caller can send has fewer.
const WORDS_SEARCHED: usize = 2000;
/// Words that `..` stands for, at most.
const GAP_MAX: usize = 3;

/// Any of these words, or a gap.
type Pattern = Vec<Option<Vec<&'static str>>>;

/// A line of the table; no hazard where it is none though it sounds like one.
struct Row {
    pattern: Pattern,
    hazard: Option<Hazard>,
    language: &'static str,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(row).collect()
});

fn row(line: &'static str) -> Option<Row> {
    let mut columns = line.split('\t');
    let (phrase, hazard, language) = (columns.next()?, columns.next()?, columns.next()?);
    let word = |word: &'static str| (word != "..").then(|| word.split('|').collect());
    let hazard = match hazard {
        "none" => None,
        token => Some(Hazard::ALL.into_iter().find(|it| it.token() == token)?),
    };
    Some(Row {
        pattern: phrase.split(' ').map(word).collect(),
        hazard,
        language,
    })
}

/// The worst danger that somebody writes of, if any.
#[must_use]
pub fn danger(body: &str) -> Option<Danger> {
    let mut words: Vec<String> = words(body).take(WORDS_SEARCHED).collect();
    for row in ROWS.iter().filter(|row| row.hazard.is_none()) {
        for at in 0..words.len() {
            if let Some(length) = matched(&row.pattern, &words[at..]) {
                words[at..at + length].fill(String::new());
            }
        }
    }
    let is_written =
        |row: &&Row| (0..words.len()).any(|at| matched(&row.pattern, &words[at..]).is_some());
    let found = ROWS
        .iter()
        .filter(|row| row.hazard.is_some())
        .filter(is_written);
    found
        .filter_map(|row| {
            Some(Danger {
                hazard: row.hazard?,
                language: row.language,
            })
        })
        .min_by_key(|danger| danger.hazard)
}

/// How many words at the front of `words` the pattern covers.
fn matched(pattern: &[Option<Vec<&str>>], words: &[String]) -> Option<usize> {
    match pattern.split_first() {
        None => Some(0),
        Some((Some(any), rest)) => {
            let (first, others) = words.split_first()?;
            let is_one = any.contains(&first.as_str());
            is_one
                .then(|| matched(rest, others))
                .flatten()
                .map(|length| length + 1)
        }
        Some((None, rest)) => (0..=GAP_MAX.min(words.len()))
            .find_map(|gap| matched(rest, &words[gap..]).map(|length| length + gap)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a person would say of each.
    const SENTENCES: &[(&str, &str)] = &[
        ("I smell gas in my kitchen", "gas"),
        (
            "There's a strong smell of gas near the water heater!",
            "gas",
        ),
        ("i think we have a gas leak pls call asap", "gas"),
        ("Smells like rotten eggs by the furnace", "gas"),
        ("gas odor in the basement", "gas"),
        ("My contractor hit a gas line, it is hissing", "gas"),
        ("Propane leaking from the tank outside", "gas"),
        ("we SMELLED GAS!!", "gas"),
        ("Huele a gas en la cocina", "gas"),
        ("Tenemos una fuga de gas", "gas"),
        ("I smell a little gas when the stove is off", "gas"),
        ("no heat and I smell gas", "gas"),
        ("carbon monoxide alarm went off twice", "carbon_monoxide"),
        ("The CO detector keeps going off", "carbon_monoxide"),
        ("co alarm is beeping 4 times", "carbon_monoxide"),
        (
            "could be carbon monoxide, we all have headaches",
            "carbon_monoxide",
        ),
        ("Creo que es monóxido de carbono", "carbon_monoxide"),
        ("The outlet caught fire", "fire"),
        ("my dryer is on fire", "fire"),
        ("There is smoke coming out of the panel", "fire"),
        ("smoke from the furnace!!", "fire"),
        ("outlet is smoking", "fire"),
        ("burning smell from the breaker box", "fire"),
        ("Smells like something burning behind the wall", "fire"),
        ("The wire melted", "fire"),
        ("smoke alarm going off and I see smoke", "fire"),
        ("there's a fire in the kitchen", "fire"),
        ("sale humo del calentador", "fire"),
        ("huele a quemado", "fire"),
        ("no heat and smoke everywhere", "fire"),
        ("Sparks flying from the outlet", "sparks"),
        ("the socket is sparking", "sparks"),
        ("I got shocked when I touched the faucet", "sparks"),
        ("got a shock from the washing machine", "sparks"),
        ("live wires hanging from the ceiling", "sparks"),
        ("power line fell in the yard", "sparks"),
        ("Water is dripping into the breaker panel", "sparks"),
        ("salen chispas del enchufe", "sparks"),
        ("My basement is flooding", "flood"),
        ("burst pipe in the garage", "flood"),
        ("Pipe burst! Water everywhere", "flood"),
        ("Water is gushing from under the sink", "flood"),
        ("the water heater exploded", "flood"),
        ("can't turn off the water", "flood"),
        ("the water won't stop", "flood"),
        ("Sewage is backing up into the tub", "flood"),
        ("ceiling is falling down from the leak", "flood"),
        (
            "water pouring through the light, the ceiling collapsed",
            "flood",
        ),
        ("se inundó el sótano", "flood"),
        ("Se reventó un tubo", "flood"),
        ("hay agua por todas partes", "flood"),
        ("We have no heat", "no_heat"),
        ("no heat since last night, it's 20 degrees", "no_heat"),
        ("Heat is out and we have a newborn", "no_heat"),
        ("our furnace died", "no_heat"),
        ("the boiler won't start", "no_heat"),
        ("heater not working", "no_heat"),
        ("estamos sin calefacción", "no_heat"),
        ("No tenemos calefacción", "no_heat"),
        ("my sink is leaking", ""),
        ("My kitchen sink is leaking, can you come today?", ""),
        ("Toilet keeps running", ""),
        ("need a quote for a gas boiler", ""),
        ("Do you install gas lines for a dryer?", ""),
        ("I'm at the gas station, call you later", ""),
        ("gas bill is too high, want a heat pump", ""),
        ("Can you install a new fireplace?", ""),
        ("we want a fire pit in the yard", ""),
        ("smoke detector battery chirping", ""),
        ("Need two smoke detectors installed", ""),
        ("replace carbon monoxide detector", ""),
        ("want a carbon monoxide alarm", ""),
        ("need new flood lights", ""),
        ("We had the pipe fixed, all good now", ""),
        ("There is no smoke, just a noise", ""),
        ("no gas smell, pilot is just out", ""),
        ("I don't smell gas", ""),
        ("not a gas leak, just checking", ""),
        ("spark plug for the mower", ""),
        ("no huele a gas", ""),
        ("the heat is fine, it's the AC", ""),
        ("AC not cooling", ""),
        ("Faucet drips", ""),
        ("please call me back", ""),
        ("Yes 3pm works", ""),
        ("STOP", ""),
        ("you're fired", ""),
        ("How much for a new water heater?", ""),
        ("water pressure is low", ""),
        ("fire department already came, thanks", ""),
        ("smoke free apartment, please no smoking", ""),
        ("The disposal is stuck", ""),
        ("My dog's name is Sparky", ""),
        ("", ""),
        ("🔥🔥🔥", ""),
    ];

    #[test]
    fn what_people_write_of_danger_is_seen_and_what_only_sounds_like_it_is_not() {
        assert!(SENTENCES.len() >= 80);
        let mut wrong = Vec::new();
        for (sentence, expected) in SENTENCES {
            let found = danger(sentence).map_or("", |danger| danger.hazard.token());
            if found != *expected {
                wrong.push(format!("{sentence:?} is {expected:?}, not {found:?}"));
            }
        }
        assert_eq!(wrong, [""; 0]);
    }

    #[test]
    fn it_is_answered_in_the_language_it_was_written_in() {
        let language = |body| danger(body).map(|danger| danger.language);
        assert_eq!(language("Huele a gas"), Some("es"));
        assert_eq!(language("I smell gas"), Some("en"));
    }

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        for line in lines.clone() {
            let row = row(line).unwrap_or_else(|| panic!("{line}"));
            for word in row.pattern.iter().flatten().flatten() {
                let plain: Vec<String> = words(word).collect();
                assert_eq!(plain, [*word], "{line}: written as it is looked for");
            }
            assert!(["en", "es"].contains(&row.language), "{line}");
        }
        assert_eq!(ROWS.len(), lines.count());
    }

    #[test]
    fn nothing_that_anybody_writes_takes_long() {
        let body = "smoke not no leak of the gas ".repeat(400);
        assert_eq!(danger(&body).map(|danger| danger.hazard), Some(Hazard::Gas));
    }
}
