//! Opening hours as people write them. What can be read in two ways is refused: hours that were misread send texts at night.

use super::Mistake;
use super::weekly::{DAY, DAYS, SPANS_IN_A_DAY_MAX, Span, WeeklyHours};

/// The words, with their sources.
const TABLE: &str = include_str!("words.tsv");

/// Room for the longest canonical text, seven days with six spans each, and for what people put around it.
const CHARS_MAX: usize = 1000;

/// An hour from 1 to this one without am or pm is an afternoon as often as a night.
const DOUBTFUL_OPENING_H: u16 = 5;

const GOOD: &str = "write hours such as Mo-Fr 08:00-12:00, 13:00-17:00; Sa 09:00-12:00, or 24/7";
const CLEAR: &str = "write am or pm at both ends, or the hours of a day as 00:00 to 24:00";
const ONCE: &str = "write each day with all its hours once, such as Fr 08:00-12:00, 13:00-17:00";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// First and last, 0 for Monday.
    Days(usize, usize),
    /// Minutes since midnight.
    Time(u16),
    Am,
    Pm,
    To,
    And,
    Closed,
    Always,
    Filler,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Word(Meaning),
    Number(Number),
    /// The end of a rule.
    End,
}

/// An hour as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Number {
    hour: u16,
    minute: u16,
    /// Written as on a clock of 24 hours: `08`, `12:00`.
    two_digits: bool,
}

/// A time of day, and how sure we are of it.
#[derive(Debug, Clone, Copy)]
struct Moment {
    minutes: u16,
    has_suffix: bool,
    /// Neither half of the day can be meant but the one read.
    clear: bool,
}

/// A token and where it stands in the text.
type Placed = (Token, std::ops::Range<usize>);

/// Where a span stands in the text, for complaints.
type Written<'a> = (Span, &'a str);

pub(super) fn weekly_hours(text: &str) -> Result<WeeklyHours, Mistake> {
    let text = text.trim();
    if text.chars().count() > CHARS_MAX {
        let what = format!("is part of a text with more than {CHARS_MAX} characters");
        return Err(Mistake::new(text, what, GOOD));
    }
    let folded: String = text.chars().map(fold).collect();
    if rows().any(|(word, meaning)| word == folded && meaning == Meaning::Always) {
        return Ok(WeeklyHours::new(
            [(); 7].map(|()| vec![Span { from: 0, to: DAY }]),
        ));
    }
    let mut rules = Rules {
        text,
        tokens: tokens(text)?,
        at: 0,
        days: Default::default(),
        closed: [false; 7],
    };
    rules.read()?;
    rules.check()?;
    let days = rules
        .days
        .map(|spans| spans.into_iter().map(|(span, _)| span).collect());
    Ok(WeeklyHours::new(days))
}

fn tokens(text: &str) -> Result<Vec<Placed>, Mistake> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let (token, length) = match fold(c) {
            '0'..='9' => {
                let (number, length) = number(rest)?;
                (Some(Token::Number(number)), length)
            }
            ';' | '\n' => (Some(Token::End), c.len_utf8()),
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' => {
                (Some(Token::Word(Meaning::To)), c.len_utf8())
            }
            ',' | '&' | '+' | '/' => (Some(Token::Word(Meaning::And)), c.len_utf8()),
            // Between days and hours, as in "Mon: 8-12".
            ':' | '.' => (None, c.len_utf8()),
            c if c.is_whitespace() => (None, c.len_utf8()),
            c if c.is_alphabetic() => {
                let (meaning, length) = word(rest)?;
                (Some(Token::Word(meaning)), length)
            }
            _ => {
                let piece = &rest[..c.len_utf8()];
                return Err(Mistake::new(piece, "has no meaning in opening hours", GOOD));
            }
        };
        found.extend(token.map(|token| (token, at..at + length)));
        at += length;
    }
    found.retain(|(token, _)| *token != Token::Word(Meaning::Filler));
    Ok(found)
}

/// Letters, with the full stops of "a.m." and "Mo.".
fn word(text: &str) -> Result<(Meaning, usize), Mistake> {
    let length = text
        .find(|c: char| !c.is_alphabetic() && !is_silent(c))
        .unwrap_or(text.len());
    let folded: String = text[..length]
        .chars()
        .filter(|&c| !is_silent(c))
        .map(fold)
        .collect();
    rows()
        .find(|(word, meaning)| *word == folded && *meaning != Meaning::Always)
        .map(|(_, meaning)| (meaning, length))
        .ok_or_else(|| Mistake::new(&text[..length], "is no word for days or hours", GOOD))
}

/// `8`, `08`, `8:30`, `8.30`, `8h30`, `0830`.
fn number(text: &str) -> Result<(Number, usize), Mistake> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(text);
    let separated = text[whole..].starts_with([':', '.', 'h', 'H']);
    let after = if separated {
        digits(&text[whole + 1..])
    } else {
        0
    };
    let (hour, minute, length) = match (whole, after) {
        (4, 0) => (&text[..2], &text[2..4], 4),
        (1 | 2, 0) => (&text[..whole], "0", whole),
        (1 | 2, 2) => (&text[..whole], &text[whole + 1..whole + 3], whole + 3),
        _ => ("", "", if after > 0 { whole + 1 + after } else { whole }),
    };
    let (Ok(hour_read), Ok(minute_read)) = (hour.parse::<u16>(), minute.parse::<u16>()) else {
        return Err(no_time(&text[..length]));
    };
    if hour_read * 60 + minute_read > DAY || minute_read > 59 {
        return Err(no_time(&text[..length]));
    }
    let number = Number {
        hour: hour_read,
        minute: minute_read,
        two_digits: hour.len() == 2 && (hour.starts_with('0') || length > 2),
    };
    Ok((number, length))
}

fn no_time(piece: &str) -> Mistake {
    Mistake::new(
        piece,
        "is no time of day",
        "write one such as 08:30, 17:00 or 5pm",
    )
}

struct Rules<'a> {
    text: &'a str,
    tokens: Vec<Placed>,
    at: usize,
    /// What was read, by day.
    days: [Vec<Written<'a>>; 7],
    closed: [bool; 7],
}

impl<'a> Rules<'a> {
    fn read(&mut self) -> Result<(), Mistake> {
        loop {
            while matches!(self.peek(0), Some(Token::End | Token::Word(Meaning::And))) {
                self.at += 1;
            }
            if self.peek(0).is_none() {
                return Ok(());
            }
            self.rule()?;
        }
    }

    /// Days, and their hours or that they have none.
    fn rule(&mut self) -> Result<(), Mistake> {
        let start = self.at;
        let days = self.days()?;
        if self.takes(Meaning::Closed) {
            self.closed
                .iter_mut()
                .zip(days)
                .for_each(|(closed, on)| *closed |= on);
            return Ok(());
        }
        if !self.is_time(0) {
            return Err(Mistake::new(self.piece(start), "says no hours", GOOD));
        }
        let mut previous_end = 0;
        while self.is_time(0) {
            let (span, piece) = self.span(previous_end)?;
            previous_end = span.to;
            for (spans, _) in self.days.iter_mut().zip(days).filter(|(_, on)| *on) {
                spans.push((span, piece));
            }
            if self.peek(0) == Some(Token::Word(Meaning::And)) && self.is_time(1) {
                self.at += 1;
            }
        }
        match self.peek(0) {
            None | Some(Token::End | Token::Word(Meaning::And | Meaning::Days(..))) => Ok(()),
            Some(_) => Err(Mistake::new(
                self.piece(start),
                "does not end as hours do",
                GOOD,
            )),
        }
    }

    /// `Mo-Fr`, `Sa-Mo`, `Mo, We and Fr`.
    fn days(&mut self) -> Result<[bool; 7], Mistake> {
        let start = self.at;
        let mut days = [false; 7];
        while let Some(Token::Word(Meaning::Days(first, mut last))) = self.peek(0) {
            self.at += 1;
            if self.peek(0) == Some(Token::Word(Meaning::To))
                && let Some(Token::Word(Meaning::Days(_, to))) = self.peek(1)
            {
                self.at += 2;
                last = to;
            }
            // Sa-Mo passes Sunday.
            let steps = (last + 7 - first) % 7;
            (0..=steps).for_each(|step| days[(first + step) % 7] = true);
            let and = self.peek(0) == Some(Token::Word(Meaning::And));
            if and && matches!(self.peek(1), Some(Token::Word(Meaning::Days(..)))) {
                self.at += 1;
            }
        }
        if days.contains(&true) {
            Ok(days)
        } else {
            self.at += 1;
            Err(Mistake::new(
                self.piece(start),
                "does not say on which days",
                GOOD,
            ))
        }
    }

    /// `8-12`, and where it stands. `previous_end`: of the span before it in its rule.
    fn span(&mut self, previous_end: u16) -> Result<Written<'a>, Mistake> {
        let start = self.at;
        let from = self.moment()?;
        if !self.takes(Meaning::To) || !self.is_time(0) {
            let what = "says when it opens and not until when";
            return Err(Mistake::new(self.piece(start), what, GOOD));
        }
        let to = self.moment()?;
        let piece = self.piece(start);
        if from.minutes == DAY || from.minutes == to.minutes {
            let good = "for the whole day write 00:00-24:00";
            return Err(Mistake::new(piece, "has no length", good));
        }
        if is_doubtful(from, to, previous_end) {
            return Err(Mistake::new(piece, "can be read in two ways", CLEAR));
        }
        let past_midnight = if to.minutes < from.minutes { DAY } else { 0 };
        let span = Span {
            from: from.minutes,
            to: to.minutes + past_midnight,
        };
        Ok((span, piece))
    }

    fn moment(&mut self) -> Result<Moment, Mistake> {
        let start = self.at;
        let token = self.peek(0);
        self.at += 1;
        let number = match token {
            Some(Token::Number(number)) => number,
            Some(Token::Word(Meaning::Time(minutes))) => {
                return Ok(Moment {
                    minutes,
                    has_suffix: true,
                    clear: true,
                });
            }
            _ => return Err(Mistake::new(self.piece(start), "is no time of day", GOOD)),
        };
        let half = if self.takes(Meaning::Am) {
            Some(0)
        } else if self.takes(Meaning::Pm) {
            Some(DAY / 2)
        } else {
            None
        };
        let Some(half) = half else {
            return Ok(Moment {
                minutes: number.hour * 60 + number.minute,
                has_suffix: false,
                clear: number.two_digits || !(1..=12).contains(&number.hour),
            });
        };
        if !(1..=12).contains(&number.hour) {
            return Err(no_time(self.piece(start)));
        }
        Ok(Moment {
            minutes: number.hour % 12 * 60 + number.minute + half,
            has_suffix: true,
            clear: true,
        })
    }

    /// Overlaps, days both open and closed, too many spans, none at all.
    fn check(&mut self) -> Result<(), Mistake> {
        self.days
            .iter_mut()
            .for_each(|spans| spans.sort_by_key(|(span, _)| *span));
        for (day, spans) in self.days.iter().enumerate() {
            if let (Some((_, piece)), true) = (spans.first(), self.closed[day]) {
                let what = format!("opens on {}, which is closed as well", DAYS[day]);
                return Err(Mistake::new(piece, what, ONCE));
            }
            let next_day = self.days[(day + 1) % 7].iter();
            let next_day = next_day.map(|&(Span { from, to }, piece)| {
                (
                    Span {
                        from: from + DAY,
                        to: to + DAY,
                    },
                    piece,
                )
            });
            let in_order: Vec<Written<'_>> =
                spans.iter().copied().chain(next_day.take(1)).collect();
            for pair in in_order.windows(2) {
                if let [(one, piece), (other, other_piece)] = pair
                    && one.to > other.from
                {
                    let what = format!("and {other_piece:?} overlap on {}", DAYS[day]);
                    return Err(Mistake::new(piece, what, ONCE));
                }
            }
            if let Some((_, piece)) = spans.get(SPANS_IN_A_DAY_MAX) {
                let what = format!("is one time too many on {}", DAYS[day]);
                return Err(Mistake::new(
                    piece,
                    what,
                    "a day has at most 6 times of opening",
                ));
            }
        }
        if self.days.iter().all(Vec::is_empty) {
            return Err(Mistake::new(self.text, "never opens", GOOD));
        }
        Ok(())
    }

    fn peek(&self, ahead: usize) -> Option<Token> {
        self.tokens.get(self.at + ahead).map(|(token, _)| *token)
    }

    fn is_time(&self, ahead: usize) -> bool {
        matches!(
            self.peek(ahead),
            Some(Token::Number(_) | Token::Word(Meaning::Time(_)))
        )
    }

    fn takes(&mut self, meaning: Meaning) -> bool {
        let taken = self.peek(0) == Some(Token::Word(meaning));
        self.at += usize::from(taken);
        taken
    }

    /// What was written from the token `start` to the one just read.
    fn piece(&self, start: usize) -> &'a str {
        let from = self.tokens.get(start).map(|(_, place)| place.start);
        let to = self.tokens[..self.at.min(self.tokens.len())].last();
        match (from, to) {
            (Some(from), Some((_, place))) if from < place.end => &self.text[from..place.end],
            (Some(from), _) => &self.text[from..],
            (None, _) => self.text,
        }
    }
}

/// Whether the other half of the day may be meant, as in `8-5`, `1-5pm` or the second span of `8-12, 1-5`.
fn is_doubtful(from: Moment, to: Moment, previous_end: u16) -> bool {
    const NOON_HOUR_ENDS: u16 = 13 * 60;
    let half = DAY / 2;
    let backwards = to.minutes < from.minutes && to.minutes > 0;
    let early = from.minutes < (DOUBTFUL_OPENING_H + 1) * 60 || from.minutes < previous_end;
    let end = if to.minutes == 0 { DAY } else { to.minutes };
    let both_fit = to.has_suffix && from.minutes < half && from.minutes + half < end;
    (!from.clear && (backwards || early || both_fit))
        || (!to.clear && backwards && (from.has_suffix || from.minutes < NOON_HOUR_ENDS))
}

fn rows() -> impl Iterator<Item = (&'static str, Meaning)> {
    TABLE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut columns = line.split('\t');
            Some((columns.next()?, meaning(columns.next()?)?))
        })
}

fn meaning(written: &str) -> Option<Meaning> {
    let day = |name: &str| DAYS.iter().position(|day| *day == name);
    Some(match written {
        "am" => Meaning::Am,
        "pm" => Meaning::Pm,
        "to" => Meaning::To,
        "and" => Meaning::And,
        "closed" => Meaning::Closed,
        "always" => Meaning::Always,
        "filler" => Meaning::Filler,
        _ => match (written.split_once('-'), written.split_once(':')) {
            (Some((first, last)), _) => Meaning::Days(day(first)?, day(last)?),
            (_, Some((hour, minute))) => {
                Meaning::Time(hour.parse::<u16>().ok()? * 60 + minute.parse::<u16>().ok()?)
            }
            _ => Meaning::Days(day(written)?, day(written)?),
        },
    })
}

/// The full stops of abbreviations, and accents that are characters of their own.
fn is_silent(c: char) -> bool {
    matches!(c, '.' | '\u{300}'..='\u{36f}')
}

/// Lower case and without the accents of the words in the table.
fn fold(c: char) -> char {
    match c.to_lowercase().next().unwrap_or(c) {
        'á' => 'a',
        'é' => 'e',
        'í' => 'i',
        'ó' => 'o',
        'ú' => 'u',
        lower => lower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read_and_no_word_stands_twice() {
        let written = TABLE.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(written.count(), rows().count());
        let mut words: Vec<&str> = rows().map(|(word, _)| word).collect();
        words.sort_unstable();
        assert!(words.is_sorted_by(|a, b| a < b), "a word stands twice");
        for (word, _) in rows() {
            assert_eq!(word, word.chars().map(fold).collect::<String>());
        }
    }
}
