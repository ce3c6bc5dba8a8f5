//! Until when: `2H`, `UNTIL MON`, `DEC 24`, `5PM`. What can be read in two ways is not read.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::{Span, ToSpan, Zoned};

use crate::hours::Until;

/// A longer absence is a mistake in writing.
const DAYS_MAX: i64 = 366;

/// Words that say nothing here.
const FILLERS: [&str; 15] = [
    "for", "until", "till", "til", "to", "the", "next", "on", "at", "of", "and", "please", "pls",
    "plz", "thanks",
];
const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const NUMBERS: [&str; 12] = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
];

/// Until when he is away or paused, if that is what the words say and it lies ahead, no further than a year.
pub(super) fn until(words: &str, now: &Zoned) -> Option<Until> {
    let tokens = tokens(words);
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let tokens: Vec<&str> = tokens
        .into_iter()
        .filter(|word| !FILLERS.contains(word))
        .collect();
    let until: Until = match duration(&tokens) {
        Some((span, whole_days)) => after(now, span, whole_days)?,
        None => moment(&tokens, now)?,
    };
    let beyond = now.checked_add(DAYS_MAX.days()).ok()?;
    (!until.is_over(now) && until.date() <= beyond.date()).then_some(until)
}

/// Lower case; numbers and letters are parted (`2h`), and so is what is neither, but for what stands in dates and times.
fn tokens(words: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let class = |c: char| match c {
        '0'..='9' | ':' | '-' => 1,
        c if c.is_alphabetic() => 2,
        _ => 0,
    };
    let mut last = 0;
    // "p.m." is pm.
    let words = words
        .to_lowercase()
        .replace("a.m", "am")
        .replace("p.m", "pm");
    for c in words.chars() {
        let this = class(c);
        match tokens.last_mut() {
            Some(token) if this == last && this != 0 => token.push(c),
            _ if this != 0 => tokens.push(c.to_string()),
            _ => {}
        }
        last = this;
    }
    tokens.retain(|token| token.chars().any(char::is_alphanumeric));
    tokens
}

/// `2 h`, `1 h 30 m`, `an hour`; and whether it is of days alone.
fn duration(tokens: &[&str]) -> Option<(Span, bool)> {
    let mut span = Span::new();
    let mut whole_days = true;
    let mut rest = tokens;
    if let ["half", "an" | "a", "hour" | "hr", after @ ..] = rest {
        (span, whole_days, rest) = (span.minutes(30), false, after);
    }
    while let [count, unit, after @ ..] = rest {
        let count = count_of(count)?;
        let days = match *unit {
            "m" | "min" | "mins" | "minute" | "minutes" => None,
            "h" | "hr" | "hrs" | "hour" | "hours" | "std" => Some(0),
            "d" | "day" | "days" => Some(1),
            "w" | "wk" | "week" | "weeks" => Some(7),
            _ => return None,
        };
        span = match days {
            None => span.try_minutes(span.get_minutes() + count).ok()?,
            Some(0) => span.try_hours(i64::from(span.get_hours()) + count).ok()?,
            Some(days) => span
                .try_days(i64::from(span.get_days()) + count * days)
                .ok()?,
        };
        whole_days &= days.is_some_and(|days| days > 0);
        rest = after;
    }
    (rest.is_empty() && !span.is_zero()).then_some((span, whole_days))
}

fn count_of(word: &str) -> Option<i64> {
    if matches!(word, "a" | "an") {
        return Some(1);
    }
    let named = NUMBERS.iter().position(|name| *name == word);
    let count = named.map_or_else(|| word.parse().ok(), |at| i64::try_from(at + 1).ok())?;
    (1..=10_000).contains(&count).then_some(count)
}

/// Days end when days end; what is shorter lasts as long as it says, to the full minute.
fn after(now: &Zoned, span: Span, whole_days: bool) -> Option<Until> {
    let end = now.checked_add(span).ok()?;
    if whole_days {
        return end.date().to_string().parse().ok();
    }
    let end = match end.second() > 0 || end.subsec_nanosecond() > 0 {
        true => end.checked_add(1.minute()).ok()?,
        false => end,
    };
    end.strftime("%Y-%m-%d %H:%M").to_string().parse().ok()
}

/// A day, a time, or both.
fn moment(tokens: &[&str], now: &Zoned) -> Option<Until> {
    let today = now.date();
    let (day, rest) = day(tokens, today).map_or((None, tokens), |(day, rest)| (Some(day), rest));
    let (time, rest) = time(rest).map_or((None, rest), |(time, rest)| (Some(time), rest));
    // "5pm tomorrow".
    let (day, rest) = match day {
        None if time.is_some() => match self::day(rest, today) {
            Some((day, rest)) => (Some(day), rest),
            None => (None, rest),
        },
        day => (day, rest),
    };
    if !rest.is_empty() {
        return None;
    }
    match (day, time) {
        (Some(day), None) => day.to_string().parse().ok(),
        (Some(day), Some(time)) => written(day.to_datetime(time)),
        (None, Some(time)) if time > now.time() => written(today.to_datetime(time)),
        (None, Some(time)) => written(today.tomorrow().ok()?.to_datetime(time)),
        (None, None) => None,
    }
}

fn written(at: DateTime) -> Option<Until> {
    at.strftime("%Y-%m-%d %H:%M").to_string().parse().ok()
}

fn day<'a, 'b>(tokens: &'a [&'b str], today: Date) -> Option<(Date, &'a [&'b str])> {
    let day_of_month = |text: &str| text.parse::<i8>().ok().filter(|day| (1..=31).contains(day));
    match tokens {
        ["today" | "tonight"] => Some((today.tomorrow().ok()?, &[])),
        ["today" | "tonight", rest @ ..] => Some((today, rest)),
        ["tomorrow" | "tmrw" | "tomorow", rest @ ..] => Some((today.tomorrow().ok()?, rest)),
        [iso, rest @ ..] if iso.len() == 10 && iso.contains('-') => Some((iso.parse().ok()?, rest)),
        [name, rest @ ..] if weekday(name).is_some() => {
            let mut day = today.tomorrow().ok()?;
            while day.weekday() != weekday(name)? {
                day = day.tomorrow().ok()?;
            }
            Some((day, rest))
        }
        [name, number, rest @ ..] if month(name).is_some() => {
            let (day, rest) = (day_of_month(number)?, without_ordinal(rest));
            in_the_next_year(month(name)?, day, rest, today)
        }
        [number, rest @ ..] if day_of_month(number).is_some() => match without_ordinal(rest) {
            [name, rest @ ..] if month(name).is_some() => {
                in_the_next_year(month(name)?, day_of_month(number)?, rest, today)
            }
            _ => None,
        },
        _ => None,
    }
}

/// `24th`.
fn without_ordinal<'a, 'b>(tokens: &'a [&'b str]) -> &'a [&'b str] {
    match tokens {
        ["st" | "nd" | "rd" | "th", rest @ ..] => rest,
        tokens => tokens,
    }
}

/// That day of the year named behind it, or else of this year or the next.
fn in_the_next_year<'a, 'b>(
    month: i8,
    day: i8,
    rest: &'a [&'b str],
    today: Date,
) -> Option<(Date, &'a [&'b str])> {
    if let [year, after @ ..] = rest
        && year.len() == 4
        && let Ok(year) = year.parse::<i16>()
    {
        return Some((Date::new(year, month, day).ok()?, after));
    }
    let this = Date::new(today.year(), month, day)
        .ok()
        .filter(|date| *date > today);
    let date = this.or_else(|| Date::new(today.year() + 1, month, day).ok())?;
    Some((date, rest))
}

/// By its name or its first letters, two at least; the long ones with one mistake.
fn weekday(word: &str) -> Option<Weekday> {
    let found = WEEKDAYS.iter().find(|(name, _)| {
        (word.len() >= 2 && name.starts_with(word))
            || (word.len() >= 5 && strsim::damerau_levenshtein(word, name) <= 1)
    });
    let thurs = matches!(word, "weds" | "thur" | "thurs" | "tues").then(|| &word[..3]);
    found
        .or_else(|| {
            WEEKDAYS
                .iter()
                .find(|(name, _)| thurs.is_some_and(|it| name.starts_with(it)))
        })
        .map(|(_, day)| *day)
}

fn month(word: &str) -> Option<i8> {
    let at = MONTHS.iter().position(|name| {
        (word.len() >= 3 && name.starts_with(word))
            || (word.len() >= 6 && strsim::damerau_levenshtein(word, name) <= 1)
            || (word == "sept" && *name == "september")
    })?;
    i8::try_from(at + 1).ok()
}

/// `5 pm`, `17:00`, `5:30 pm`, `noon`. A bare `5` may be either.
fn time<'a, 'b>(tokens: &'a [&'b str]) -> Option<(Time, &'a [&'b str])> {
    let clock = |text: &str| -> Option<(i8, i8)> {
        match text.split_once(':') {
            Some((hour, minute)) if minute.len() == 2 => {
                Some((hour.parse().ok()?, minute.parse().ok()?))
            }
            Some(_) => None,
            None => Some((text.parse().ok()?, 0)),
        }
    };
    match tokens {
        ["noon", rest @ ..] => Some((Time::new(12, 0, 0, 0).ok()?, rest)),
        ["midnight", rest @ ..] => Some((Time::midnight(), rest)),
        [at, half @ ("am" | "pm" | "a" | "p"), rest @ ..] => {
            let (hour, minute) = clock(at)?;
            if !(1..=12).contains(&hour) {
                return None;
            }
            let hour = hour % 12 + if half.starts_with('p') { 12 } else { 0 };
            Some((Time::new(hour, minute, 0, 0).ok()?, rest))
        }
        [at, rest @ ..] if at.contains(':') => {
            let (hour, minute) = clock(at)?;
            Some((Time::new(hour, minute, 0, 0).ok()?, rest))
        }
        _ => None,
    }
}
