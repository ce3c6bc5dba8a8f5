//! STOP, START, HELP and their kin: whether a reply is one of them. What follows from it is decided elsewhere.

/// What a caller asks of us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyword {
    /// No more texts.
    Stop,
    /// The same, in a word that people also use for a job (CANCEL): the owner has to know.
    StopOrJob,
    /// Texts again.
    Start,
    /// Who we are.
    Help,
    /// It may be a request for no more texts, and it may be about the job: only a person can tell.
    PerhapsStop,
}

impl Keyword {
    /// Whether it opts the caller out.
    #[must_use]
    pub fn opts_out(self) -> bool {
        matches!(self, Self::Stop | Self::StopOrJob)
    }
}

/// The words, with their sources.
const TABLE: &str = include_str!("keywords.tsv");

/// Words in the longest line worth looking at: the longest keyword with politeness on both sides.
const WORDS_MAX: usize = 12;
/// Words in which a request is looked for; the longest text that a caller can send has fewer.
const WORDS_SEARCHED: usize = 2000;

/// The keyword that a text is, if it is one: alone, or as the whole first line, or with please, now, texting me around it.
///
/// A keyword inside a sentence ("cancel my appointment") is none, but may be meant as one: [`Keyword::PerhapsStop`].
#[must_use]
pub fn keyword(body: &str) -> Option<Keyword> {
    let all: Vec<String> = words(body).take(WORDS_MAX + 1).collect();
    let lines = body
        .lines()
        .map(|line| words(line).take(WORDS_MAX + 1).collect());
    let first_line: Option<Vec<String>> =
        lines.into_iter().find(|words: &Vec<_>| !words.is_empty());
    of_words(&all)
        .or_else(|| of_words(&first_line?))
        .or_else(|| perhaps(&words(body).take(WORDS_SEARCHED).collect::<Vec<_>>()))
}

fn perhaps(words: &[String]) -> Option<Keyword> {
    rows()
        .filter(|(_, kind)| *kind == Kind::PerhapsStop)
        .any(|(phrase, _)| words.windows(phrase.len()).any(|part| part == phrase))
        .then_some(Keyword::PerhapsStop)
}

fn of_words(words: &[String]) -> Option<Keyword> {
    if words.is_empty() || words.len() > WORDS_MAX {
        return None;
    }
    rows()
        .filter_map(|(phrase, kind)| Some((phrase, kind.keyword()?)))
        .find(|(phrase, _)| {
            (0..words.len()).any(|at| {
                let (before, rest) = words.split_at(at);
                rest.strip_prefix(phrase.as_slice())
                    .is_some_and(|after| is_polite(before) && is_polite_or_again(after, phrase))
            })
        })
        .map(|(_, keyword)| keyword)
}

/// Nothing but words of politeness.
fn is_polite(words: &[String]) -> bool {
    words.is_empty()
        || rows()
            .filter(|(_, kind)| *kind == Kind::Polite)
            .any(|(phrase, _)| words.strip_prefix(phrase.as_slice()).is_some_and(is_polite))
}

/// "STOP STOP please": the word once more, or politeness.
fn is_polite_or_again(words: &[String], phrase: &[String]) -> bool {
    is_polite(words)
        || words
            .strip_prefix(phrase)
            .is_some_and(|rest| is_polite_or_again(rest, phrase))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Stop,
    StopOrJob,
    Start,
    Help,
    Polite,
    PerhapsStop,
}

impl Kind {
    fn keyword(self) -> Option<Keyword> {
        match self {
            Self::Stop => Some(Keyword::Stop),
            Self::StopOrJob => Some(Keyword::StopOrJob),
            Self::Start => Some(Keyword::Start),
            Self::Help => Some(Keyword::Help),
            Self::Polite | Self::PerhapsStop => None,
        }
    }
}

fn rows() -> impl Iterator<Item = (Vec<String>, Kind)> {
    TABLE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut columns = line.split('\t');
            let phrase = words(columns.next()?).collect();
            let kind = match columns.next()? {
                "stop" => Kind::Stop,
                "stop-or-job" => Kind::StopOrJob,
                "start" => Kind::Start,
                "help" => Kind::Help,
                "polite" => Kind::Polite,
                "perhaps-stop" => Kind::PerhapsStop,
                _ => return None,
            };
            Some((phrase, kind))
        })
}

/// Lower case, without accents and apostrophes; whatever else is no letter or digit parts words.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    let plain: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .filter(|c| !matches!(c, '\'' | '’' | '\u{300}'..='\u{36f}'))
        .map(without_accent)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let words: Vec<String> = plain
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.into_iter()
}

/// Lower-case Latin letters without their accents, as far as the words of the table need it.
fn without_accent(c: char) -> char {
    match c {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn these_opt_out() {
        for body in [
            "STOP",
            "stop",
            "Stop.",
            " stop ",
            "STOP!!!",
            "\"STOP\"",
            "'stop'",
            "(stop)",
            "Stop 🛑",
            "STOPALL",
            "stop all",
            "Stop-All",
            "unsubscribe",
            "quit",
            "Revoke",
            "optout",
            "opt out",
            "OPT-OUT",
            "remove",
            "ARRET",
            "Arrêt",
            "arre\u{302}t",
            "td",
            "please stop",
            "Stop please",
            "STOP, please!",
            "stop now",
            "Please stop now",
            "stop texting me",
            "Please stop texting me.",
            "STOP TEXTING ME NOW",
            "please opt me out",
            "Remove me",
            "remove me please",
            "unsubscribe me",
            "No más",
            "NO MAS",
            "alto",
            "Baja",
            "Stopp",
            "Bitte stopp",
            "abmelden",
            "arrêt s’il vous plaît",
            "STOP STOP STOP",
            "stop, thank you",
            "STOP\nSent from my phone",
            "\n\nStop.\n\nJane Doe\nAcme Ltd",
            "st\u{301}op",
        ] {
            assert_eq!(keyword(body), Some(Keyword::Stop), "{body:?}");
        }
        for body in ["CANCEL", "End", "cancel please"] {
            let found = keyword(body);
            assert_eq!(found, Some(Keyword::StopOrJob), "{body:?}");
            assert!(found.unwrap().opts_out());
        }
    }

    #[test]
    fn these_want_to_know_who_we_are() {
        for body in ["HELP", "help please", "Info", "ayuda"] {
            assert_eq!(keyword(body), Some(Keyword::Help), "{body:?}");
        }
        assert!(!Keyword::Help.opts_out());
    }

    #[test]
    fn a_person_has_to_tell_what_these_mean() {
        for body in [
            "cancel my appointment",
            "Please cancel my appointment",
            "stop by at 3?",
            "can you stop the leak",
            "don't stop",
            "non stop",
            "stop start",
            "stop me if it is too much",
            "the water won't stop\nSTOP",
            "My sink is leaking. Stop",
            "I never asked for this, so please do not text this phone, it is my mother's",
            "You have the wrong number",
            "número equivocado",
        ] {
            assert_eq!(keyword(body), Some(Keyword::PerhapsStop), "{body:?}");
            assert!(!Keyword::PerhapsStop.opts_out());
        }
        let long = format!("{} stop", "leak ".repeat(300));
        assert_eq!(keyword(&long), Some(Keyword::PerhapsStop));
    }

    #[test]
    fn these_opt_in_again() {
        for body in [
            "START",
            "start",
            "Start!",
            "unstop",
            "UNSTOP please",
            "please start texting me",
        ] {
            assert_eq!(keyword(body), Some(Keyword::Start), "{body:?}");
        }
    }

    #[test]
    fn these_are_about_the_job() {
        for body in [
            "",
            " ",
            "!!!",
            "please",
            "now",
            "please now",
            "texting me",
            "YES",
            "yes please",
            "ok",
            "no",
            "the end unit",
            "end of the week",
            "I quit smoking",
            "start with the kitchen",
            "when can you start",
            "When can you start?",
            "remove the tree",
            "baja california",
            "STOPPED",
            "stops",
            "unstoppable",
            "end table",
        ] {
            assert_eq!(keyword(body), None, "{body:?}");
        }
    }

    #[test]
    fn every_row_of_the_table_is_read() {
        let written = TABLE.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(written.clone().count(), rows().count());
        for line in written {
            let columns: Vec<&str> = line.split('\t').collect();
            assert_eq!(columns.len(), 4, "{line}");
            let found = keyword(&columns[0].to_uppercase());
            let as_expected = match columns[1] {
                "stop" => found == Some(Keyword::Stop),
                "stop-or-job" => found == Some(Keyword::StopOrJob),
                "start" => found == Some(Keyword::Start),
                "help" => found == Some(Keyword::Help),
                "polite" => found.is_none(),
                "perhaps-stop" => {
                    let inside = format!("well {} then", columns[0]);
                    found.is_some() && keyword(&inside) == Some(Keyword::PerhapsStop)
                }
                _ => false,
            };
            assert!(as_expected, "{line}: {found:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_is_looked_at(body in "(\\PC|\n|stop |please |now ){0,60}") {
            let _ = keyword(&body);
        }
    }
}
