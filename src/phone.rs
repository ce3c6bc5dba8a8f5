//! Phone numbers: E.164, the country they belong to, and what kind of line they are.
//!
//! Every number in the house is a [`PhoneNumber`], so that one caller is one caller however the modem writes the
//! number. This room knows the numbering plans of the world (through rlibphonenumber) and nothing of calls or texts.

mod plan;
mod range;
mod region;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rlibphonenumber::{ParseError, PhoneNumberFormat, PhoneNumberType};

use crate::wording;

use plan::Plans;
use range::Use;

pub use region::{Region, region_of_imsi};

/// Digits, country code included, of a number that the plans know nothing about. The longest is ITU-T E.164 clause 6's;
/// below the shortest there are service numbers and little else. A number that a plan does know may be shorter.
const DIGITS_UNCHARTED: RangeInclusive<usize> = 8..=15;

/// The fewest digits of a number written in full, country code included: those of Niue and St Helena.
const DIGITS_MIN: usize = 7;

/// Digits up to which a number without its country code is a short code and not a subscriber: US short codes have five
/// or six, and most other countries' no more.
const SHORT_CODE_DIGITS_MAX: usize = 6;

/// Digits from which a number without a plus, and which the home plan does not know, may be one with its country code.
/// Ten digits are too often a national number of a plan younger than our tables: `6591234567` is one of Alabama, and
/// with a plus it is one of Singapore.
const BARE_INTERNATIONAL_DIGITS_MIN: usize = 11;

/// Characters that a person may type for one number, separators included.
const TYPED_CHARS_MAX: usize = 40;

/// A phone number that can be texted: `+`, country code, national number (ITU-T E.164).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

/// What kind of line a number leads to, as far as its numbering plan tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineKind {
    /// A mobile phone.
    Mobile,
    /// A landline.
    FixedLine,
    /// The plan does not keep the two apart, as in the whole of North America.
    FixedLineOrMobile,
    /// Free for whoever calls it.
    TollFree,
    /// Dear for whoever calls it.
    Premium,
    /// The cost is shared by the two ends.
    SharedCost,
    /// A line over the internet.
    Voip,
    /// A personal number: calls to it are passed on to wherever its owner is, dear for whoever calls.
    Personal,
    /// A company's number for all its places, or one that a plan keeps for the calls companies make.
    Company,
    /// A machine's, such as a lift, a meter or a car.
    Machine,
    /// A pager, a mailbox.
    Other,
    /// The plan does not know the number.
    Unknown,
}

/// Why what a person typed is no phone number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Something other than digits, a plus and the usual separators.
    #[error(
        "{0:?} is not a phone number: write digits, with or without spaces, such as +1 202 555 0143"
    )]
    NotDigits(String),
    /// No plus, and no country to read it in.
    #[error(
        "{0:?} lacks its country: write it with a plus and the country code, such as +1 202 555 0143"
    )]
    NoCountry(String),
    /// Digits that no country has, too many or too few of them.
    #[error(
        "{0:?} is not a whole phone number: write it with its area code, or with a plus and the country code"
    )]
    NotANumber(String),
}

/// The upper half of a type-of-address octet (3GPP TS 24.008 clause 10.5.4.7: type of number in bits 5 to 7).
fn type_of_number(type_of_address: u8) -> u8 {
    (type_of_address >> 4) & 0b111
}

/// Type of number: international (so 145 has it).
const TON_INTERNATIONAL: u8 = 1;
/// Type of number: alphanumeric, the sender is a name (3GPP TS 23.040 clause 9.1.2.5).
const TON_ALPHANUMERIC: u8 = 5;

impl PhoneNumber {
    /// Reads a number as a modem shows it, for instance in `+CLIP: "<digits>",<type_of_address>`.
    ///
    /// Modems are careless with the type: 145 comes without the plus, and 129, 128 or 161 come with national digits, with
    /// or without the trunk prefix, or with international ones. So the type is a hint only; what the numbering plans
    /// know goes first. `None` for short codes, names and garbage, and for national digits while `home` is unknown.
    #[must_use]
    pub fn from_line(digits: &str, type_of_address: u8, home: Option<Region>) -> Option<Self> {
        let digits = without_separators(digits)?;
        let number_type = type_of_number(type_of_address);
        if number_type == TON_ALPHANUMERIC {
            return None;
        }
        if digits.starts_with('+') {
            // No country code begins with 0: there the plus was put on by the modem, whatever the number.
            return match digits.strip_prefix("+0") {
                None => read(&digits, None).map(Reading::into_number),
                Some(rest) => read_national(&format!("0{rest}"), home).map(Reading::into_number),
            };
        }
        let national = read_national(&digits, home);
        let international = read_international(&digits);
        let said_international = number_type == TON_INTERNATIONAL;
        let long_enough = digits.len() >= BARE_INTERNATIONAL_DIGITS_MIN;
        let known = |reading: &Reading| reading.known;
        // Germany's plan is so open that `4915123456789` might be a landline of Leer, area code 0491.
        let has_own_code = long_enough && begins_with_code_of(&digits, home);
        let (first, second) =
            if said_international || has_own_code && international.as_ref().is_some_and(known) {
                (&international, &national)
            } else {
                (&national, &international)
            };
        let second_may_win = said_international || long_enough || digits.starts_with("00");
        first
            .clone()
            .filter(known)
            .or_else(|| second.clone().filter(known).filter(|_| second_may_win))
            .or_else(|| first.clone())
            // It cannot be one of home, so it may be from abroad and younger than our tables.
            .or_else(|| {
                let second = second.clone().filter(|_| second_may_win);
                second.filter(Reading::is_whole)
            })
            .map(Reading::into_number)
    }

    /// Reads a number as a person types it. Without a plus it is taken for one of `home`.
    ///
    /// # Errors
    ///
    /// When it is no phone number, or a national one while `home` is unknown; the message says what to write.
    pub fn parse(typed: &str, home: Option<Region>) -> Result<Self, PhoneError> {
        let shown = || typed.chars().take(TYPED_CHARS_MAX).collect::<String>();
        if typed.chars().count() > TYPED_CHARS_MAX {
            return Err(PhoneError::NotANumber(shown()));
        }
        let digits = without_separators(typed).ok_or_else(|| PhoneError::NotDigits(shown()))?;
        let reading = if digits.starts_with('+') {
            read(&digits, None)
        } else if home.is_some() {
            read_national(&digits, home)
        } else {
            return Err(PhoneError::NoCountry(shown()));
        };
        reading
            .map(Reading::into_number)
            .ok_or_else(|| PhoneError::NotANumber(shown()))
    }

    /// Takes back what [`as_str`](Self::as_str) gave, exactly; for what we stored ourselves.
    #[must_use]
    pub fn from_e164(stored: &str) -> Option<Self> {
        let digits = stored.strip_prefix('+')?;
        let whole = (DIGITS_MIN..=*DIGITS_UNCHARTED.end()).contains(&digits.len());
        let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        (whole && plain).then(|| Self(stored.to_owned()))
    }

    /// The number as `+12025550143`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The country the number belongs to; `None` for numbers of no country, such as `+800`.
    ///
    /// A number that no plan knows belongs to the main country behind its country code: for `+1` the United States.
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        self.place().0
    }

    /// What kind of line it is.
    #[must_use]
    pub fn line_kind(&self) -> LineKind {
        self.place().1
    }

    /// Its country and kind. A plan takes a while to be asked, and one call asks it several times of one number: the last answer is
    /// remembered.
    fn place(&self) -> (Option<Region>, LineKind) {
        type Place = (Option<Region>, LineKind);
        static LAST: Mutex<Option<(PhoneNumber, Place)>> = Mutex::new(None);
        // A panic leaves nothing half done in here.
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((number, place)) = &*last
            && number == self
        {
            return *place;
        }
        let place = self.place_in_plan();
        *last = Some((self.clone(), place));
        place
    }

    fn place_in_plan(&self) -> (Option<Region>, LineKind) {
        let kept_for = match range::use_of(self.digits()) {
            Some(Use::Kind(kind)) => Some(kind),
            Some(Use::Nobody) | None => None,
        };
        let Some((plans, number)) = self.in_plan() else {
            return (None, kept_for.unwrap_or(LineKind::Unknown));
        };
        let region = plans
            .get_region_for_number(&number)
            .or_else(|| plans.get_region_for_country_code(number.country_code))
            .and_then(Region::from_plan);
        let kind = || match plans.get_number_type(&number) {
            PhoneNumberType::Mobile => LineKind::Mobile,
            PhoneNumberType::FixedLine => LineKind::FixedLine,
            PhoneNumberType::FixedLineOrMobile => LineKind::FixedLineOrMobile,
            PhoneNumberType::TollFree => LineKind::TollFree,
            PhoneNumberType::PremiumRate => LineKind::Premium,
            PhoneNumberType::SharedCost => LineKind::SharedCost,
            PhoneNumberType::VoIP => LineKind::Voip,
            PhoneNumberType::PersonalNumber => LineKind::Personal,
            PhoneNumberType::UAN => LineKind::Company,
            PhoneNumberType::Pager | PhoneNumberType::VoiceMail => LineKind::Other,
            PhoneNumberType::Unknown => LineKind::Unknown,
        };
        (region, kept_for.unwrap_or_else(kind))
    }

    /// As people in its own country write it: `(202) 555-0143`.
    #[must_use]
    pub fn national_format(&self) -> String {
        self.formatted(PhoneNumberFormat::National)
    }

    /// As people in `home` write it: `(202) 555-0143` for a number from home, `+49 1512 3456789` for one from abroad.
    #[must_use]
    pub fn format_for(&self, home: Option<Region>) -> String {
        match (home, self.region()) {
            (Some(home), Some(own)) if Region::is_home(home, own) => self.national_format(),
            _ => self.formatted(PhoneNumberFormat::International),
        }
    }

    /// For the log: `+1202…43`, or the whole number once [`show_full_numbers_in_logs`] says so.
    #[must_use]
    pub fn for_log(&self) -> ForLog<'_> {
        for_log(&self.0)
    }

    fn formatted(&self, format: PhoneNumberFormat) -> String {
        self.in_plan().map_or_else(
            || self.0.clone(),
            |(plans, number)| plans.format(&number, format).into_owned(),
        )
    }

    /// The digits alone, without the plus.
    fn digits(&self) -> &str {
        self.0.strip_prefix('+').unwrap_or(&self.0)
    }

    /// The number as its plans see it, and these plans.
    fn in_plan(&self) -> Option<(Plans, rlibphonenumber::PhoneNumber)> {
        let plans = plan::of_code(plan::leading_code(self.digits())?)?;
        let number = plans.parse(&self.0, None).ok()?;
        Some((plans, number))
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

static FULL_NUMBERS_IN_LOGS: AtomicBool = AtomicBool::new(false);

/// Whether the log of this process shows numbers in full. Callers' numbers are theirs, so not unless asked for.
pub fn show_full_numbers_in_logs(show: bool) {
    FULL_NUMBERS_IN_LOGS.store(show, Ordering::Relaxed);
}

/// So many last digits tell two lines apart; what stands in front differs with the way a number is written.
const TELLING_DIGITS: usize = 7;

/// Whether two ways to write a number lead to the same line. Modems and networks write one and the same number now
/// nationally, now internationally, with or without the plus.
#[must_use]
pub fn same_line(a: &str, b: &str) -> bool {
    let last_digits = |number: &str| -> Vec<u8> {
        let digits = number.bytes().filter(u8::is_ascii_digit);
        digits.rev().take(TELLING_DIGITS).collect()
    };
    last_digits(a) == last_digits(b)
}

/// Who somebody is, as a modem or the store says it, shortened for the log as [`PhoneNumber::for_log`] does. Texts come from
/// names too, chosen by whoever sent them: no line break of theirs begins a line of ours.
#[must_use]
pub fn for_log(number: &str) -> ForLog<'_> {
    ForLog(number)
}

/// A number on its way into the log, see [`PhoneNumber::for_log`].
#[derive(Clone, Copy)]
pub struct ForLog<'a>(&'a str);

/// Characters at the beginning, with the country in them, that the log shows at most; and at the end.
const LOGGED_HEAD_MAX: usize = 5;
const LOGGED_TAIL: usize = 2;

impl fmt::Display for ForLog<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if FULL_NUMBERS_IN_LOGS.load(Ordering::Relaxed) {
            return f.write_str(&on_one_line(self.0));
        }
        f.write_str(&shortened(self.0))
    }
}

/// A number as the log has it by default: `+1202…43`.
#[must_use]
pub fn shortened(number: &str) -> String {
    let clean = on_one_line(number);
    let count = clean.chars().count();
    // A short code is nobody's own number.
    if count <= SHORT_CODE_DIGITS_MAX {
        return clean;
    }
    let head = LOGGED_HEAD_MAX.min((count - LOGGED_TAIL) / 2);
    let head: String = clean.chars().take(head).collect();
    let tail: String = clean.chars().skip(count - LOGGED_TAIL).collect();
    format!("{head}…{tail}")
}

fn on_one_line(text: &str) -> String {
    wording::without_controls(text).replace('\n', "")
}

impl fmt::Debug for ForLog<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One way to understand some digits.
#[derive(Clone)]
struct Reading {
    number: PhoneNumber,
    /// Whether its numbering plan knows such a number. Plans change faster than boxes are updated, so a number that it
    /// does not know is still one.
    known: bool,
}

impl Reading {
    fn into_number(self) -> PhoneNumber {
        self.number
    }

    /// Whether its plan has numbers of this length.
    fn is_whole(&self) -> bool {
        self.number.in_plan().is_some_and(|(plans, number)| {
            plans.is_possible_number_with_reason(&number)
                == Ok(rlibphonenumber::NumberLengthType::IsPossible)
        })
    }
}

/// Digits with their country code, with or without the international prefix `00`, which no number begins with.
fn read_international(digits: &str) -> Option<Reading> {
    let digits = digits.strip_prefix("00").unwrap_or(digits);
    read(&format!("+{digits}"), None)
}

/// Digits as one dials them at home: national, or with the prefix for calls abroad, or with home's own country code.
fn read_national(digits: &str, home: Option<Region>) -> Option<Reading> {
    if digits.len() <= SHORT_CODE_DIGITS_MAX {
        return None;
    }
    read(digits, Some(home?)).filter(|reading| reading.known || reading.is_whole())
}

fn begins_with_code_of(digits: &str, home: Option<Region>) -> bool {
    home.and_then(Region::in_plan)
        .and_then(plan::country_code)
        .is_some_and(|code| digits.starts_with(&code.to_string()))
}

fn read(digits: &str, home: Option<Region>) -> Option<Reading> {
    let (plans, number) = match home {
        None => parsed_in_full(digits)?,
        Some(home) => parsed_at_home(digits, home.in_plan()?)?,
    };
    let known = plans.is_valid_number(&number);
    // Where calls within the country begin with 0, no number does: the digits are too many or too few.
    if !known && number.italian_leading_zero() && plan::has_trunk_zero(number.country_code) {
        return None;
    }
    let e164 = plans.format(&number, PhoneNumberFormat::E164);
    let number = PhoneNumber::from_e164(&e164)?;
    let known = match range::use_of(number.digits()) {
        Some(Use::Nobody) => return None,
        Some(Use::Kind(_)) => true,
        None => known,
    };
    let length = number.digits().len();
    (known || DIGITS_UNCHARTED.contains(&length)).then_some(Reading { number, known })
}

/// Digits with a plus and their country code.
fn parsed_in_full(digits: &str) -> Option<(Plans, rlibphonenumber::PhoneNumber)> {
    let digits = digits.strip_prefix('+')?;
    let today = range::without_gone_prefix(digits);
    let digits = today.as_deref().unwrap_or(digits);
    let plans = plan::of_code(plan::leading_code(digits)?)?;
    let number = plans.parse(format!("+{digits}"), None).ok()?;
    Some((plans, number))
}

/// Digits that a prefix for calls abroad has: 2 such as `00`, up to 5 where it chooses a carrier, as in Korea.
const PREFIX_ABROAD_DIGITS: RangeInclusive<usize> = 2..=5;

fn parsed_at_home(
    digits: &str,
    home: rlibphonenumber::Region,
) -> Option<(Plans, rlibphonenumber::PhoneNumber)> {
    let own_code = plan::country_code(home)?;
    // Without a 0 in front it may be a number from abroad just as well: `1` is a country code.
    let today = Some(format!("{own_code}{digits}"))
        .filter(|_| digits.starts_with('0'))
        .and_then(|digits| range::without_gone_prefix(&digits));
    if let Some(today) = today {
        return parsed_in_full(&format!("+{today}"));
    }
    let plans = plan::of_code(own_code)?;
    match plans.parse(digits, Some(home)) {
        Ok(number) => Some((plans, number)),
        // Home's plan sees its prefix for calls abroad, and behind it a country whose plan it does not have.
        Err(ParseError::InvalidCountryCode) => {
            let abroad = PREFIX_ABROAD_DIGITS
                .filter_map(|count| digits.get(count..))
                .filter_map(plan::leading_code);
            let codes: Vec<i32> = abroad.chain([own_code]).collect();
            let plans = plan::of_codes_once(&codes)?;
            let number = plans.parse(digits, Some(home)).ok()?;
            Some((plans, number))
        }
        Err(_) => None,
    }
}

/// Drops what people and modems put between digits. `None` if there is anything that belongs in no number.
fn without_separators(text: &str) -> Option<String> {
    let mut digits = String::new();
    for c in text.trim().chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() => digits.push(c),
            ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}' | '\u{2011}' | '\u{2013}' => {}
            _ => return None,
        }
    }
    digits
        .ends_with(|c: char| c.is_ascii_digit())
        .then_some(digits)
}
