//! STOP, START and their kin: whether a reply is one of them. What follows from it is decided elsewhere.

/// What a caller asks of us with one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyword {
    /// No more texts.
    Stop,
    /// Texts again.
    Start,
}

/// The words, with their sources.
const TABLE: &str = include_str!("keywords.tsv");

/// Words in the longest line worth looking at: the longest keyword with politeness on both sides.
const WORDS_MAX: usize = 12;

/// The keyword that a text is, if it is one: alone, or as the whole first line, or with please, now, texting me around it.
///
/// A keyword inside a sentence ("cancel my appointment") is none.
#[must_use]
pub fn keyword(body: &str) -> Option<Keyword> {
    let all = words(body);
    let first_line = body.lines().map(words).find(|words| !words.is_empty());
    of_words(&all).or_else(|| of_words(&first_line?))
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
    Start,
    Polite,
}

impl Kind {
    fn keyword(self) -> Option<Keyword> {
        match self {
            Self::Stop => Some(Keyword::Stop),
            Self::Start => Some(Keyword::Start),
            Self::Polite => None,
        }
    }
}

fn rows() -> impl Iterator<Item = (Vec<String>, Kind)> {
    TABLE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut columns = line.split('\t');
            let phrase = words(columns.next()?);
            let kind = match columns.next()? {
                "stop" => Kind::Stop,
                "start" => Kind::Start,
                "polite" => Kind::Polite,
                _ => return None,
            };
            Some((phrase, kind))
        })
}

/// Lower case, without accents and apostrophes; whatever else is no letter or digit parts words.
fn words(text: &str) -> Vec<String> {
    let plain: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .filter(|c| !matches!(c, '\'' | '’' | '\u{300}'..='\u{36f}'))
        .map(without_accent)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    plain
        .split(' ')
        .filter(|word| !word.is_empty())
        .take(WORDS_MAX + 1)
        .map(str::to_owned)
        .collect()
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
            "CANCEL",
            "End",
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
            "HELP",
            "cancel my appointment",
            "Please cancel my appointment",
            "stop by at 3?",
            "can you stop the leak",
            "the end unit",
            "end of the week",
            "I quit smoking",
            "don't stop",
            "non stop",
            "stop start",
            "start with the kitchen",
            "when can you start",
            "When can you start?",
            "remove the tree",
            "the water won't stop\nSTOP",
            "baja california",
            "stop me if it is too much",
            "STOPPED",
            "stops",
            "My sink is leaking. Stop",
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
            let expected = match columns[1] {
                "stop" => Some(Keyword::Stop),
                "start" => Some(Keyword::Start),
                _ => None,
            };
            assert_eq!(keyword(&columns[0].to_uppercase()), expected, "{line}");
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
