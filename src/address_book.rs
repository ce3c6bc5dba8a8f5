//! Address books: a vCard or CSV file in, names and numbers out, and what was left out and why.
//!
//! What is in such a file is hostile. It knows files as bytes; it does not know where they come from, nor what the numbers are for.
//! The vCards are read here and not by a crate: of a card we want the numbers and a name, the crate that also reads the old ones
//! (`calcard`) brings a dozen others along, time zones among them.

mod encoding;
mod table;
#[cfg(test)]
mod tests;
mod vcard;

use std::collections::HashMap;
use std::collections::hash_map;

use crate::phone::{PhoneError, PhoneNumber, Region};
use crate::wording;

/// Bytes of a file at most. A thousand contacts as vCards take some 200 KB without their pictures.
pub const FILE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Numbers of a file at most. A phone's address book has hundreds; what fits in memory and takes a small Pi a second is this.
pub const ENTRIES_MAX: usize = 20_000;
/// So many of those left out are told of one by one.
pub const LEFT_OUT_TOLD: usize = 20;
/// Of a name so many characters are read, at most: a hostile one goes with thousands of numbers.
const NAME_CHARS_READ: usize = 10 * wording::VALUE_CHARS_MAX;
/// Digits from which on something may be a number, see `phone`: the shortest whole number has 7 with its country code, and some
/// countries' national ones have 6. Only words in a table are told from numbers by it.
const DIGITS_MIN: usize = 6;

/// A number and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The number.
    pub number: PhoneNumber,
    /// As [`name`] leaves it; may be empty.
    pub name: String,
}

/// What is in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressBook {
    /// Each number once, in the order of the file.
    pub entries: Vec<Entry>,
    /// The first [`LEFT_OUT_TOLD`] of what was left out.
    pub left_out: Vec<LeftOut>,
    /// How much was left out in all.
    pub left_out_count: usize,
    /// People in it who have no phone number.
    pub without_number: usize,
}

/// Something that is no number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}{}: {why}", whose(.name))]
pub struct LeftOut {
    /// In the file, from 1.
    pub line: usize,
    /// Beside it; may be empty.
    pub name: String,
    /// What is wrong with it.
    pub why: String,
}

/// Why nothing of a file is taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// More than [`FILE_BYTES_MAX`].
    #[error(
        "the file is larger than {} MB, the most that is taken: leave the pictures out, or export fewer contacts at a time",
        FILE_BYTES_MAX / 1024 / 1024
    )]
    TooLarge,
    /// Nothing in it.
    #[error("the file is empty: choose a vCard (.vcf) or CSV file with your contacts")]
    Empty,
    /// An Excel or LibreOffice file.
    #[error("the file is a spreadsheet: save it as CSV in your spreadsheet program, and take that")]
    Spreadsheet,
    /// Bytes that are no text.
    #[error("the file is neither a vCard nor a CSV file: export your contacts as one of these")]
    NotText,
    /// More than [`ENTRIES_MAX`].
    #[error(
        "the file has more than {ENTRIES_MAX} numbers, the most that is taken: export fewer contacts at a time"
    )]
    TooMany,
    /// No number at all, or none that can be read.
    #[error("the file has no phone number that can be used{}", first_of(.first))]
    NoNumber {
        /// What looked most like one.
        first: Option<LeftOut>,
    },
}

fn whose(name: &str) -> String {
    match name {
        "" => String::new(),
        name => format!(" ({name})"),
    }
}

fn first_of(first: &Option<LeftOut>) -> String {
    match first {
        Some(first) => format!("; {first}"),
        None => String::new(),
    }
}

/// Reads a vCard file (2.1, 3.0 or 4.0) or a table (CSV; commas, semicolons or tabs). Numbers without a plus are taken for ones
/// of `home`.
///
/// # Errors
/// When there is no number to be had from it.
pub fn read(file: &[u8], home: Option<Region>) -> Result<AddressBook, Unusable> {
    if file.len() > FILE_BYTES_MAX {
        return Err(Unusable::TooLarge);
    }
    if encoding::is_spreadsheet(file) {
        return Err(Unusable::Spreadsheet);
    }
    let file = encoding::without_mark(file);
    if file.contains(&0) {
        return Err(Unusable::NotText);
    }
    if file.trim_ascii().is_empty() {
        return Err(Unusable::Empty);
    }
    let mut gathering = Gathering::new(home);
    if vcard::is_one(&file) {
        vcard::read(&file, &mut gathering)?;
    } else {
        table::read(&encoding::text(&file), &mut gathering)?;
    }
    let mut book = gathering.book;
    if book.entries.is_empty() {
        let first = (!book.left_out.is_empty()).then(|| book.left_out.swap_remove(0));
        return Err(Unusable::NoNumber { first });
    }
    Ok(book)
}

/// A name as it is kept: one line of at most [`wording::VALUE_CHARS_MAX`] characters, without control characters, and without what
/// a spreadsheet would take for the beginning of a formula.
#[must_use]
pub fn name(typed: &str) -> String {
    let beginning: String = typed.chars().take(NAME_CHARS_READ).collect();
    let clean = wording::without_controls(&beginning);
    let words: Vec<&str> = clean.split_whitespace().collect();
    let line = words.join(" ");
    let plain = line.trim_start_matches(|c: char| "=+-@".contains(c) || c == ' ');
    let cut: String = plain.chars().take(wording::VALUE_CHARS_MAX).collect();
    cut.trim_end().to_owned()
}

/// A number as address books write it: perhaps as an address (`tel:`), with an extension or a word behind it, in quotes that keep
/// spreadsheets from counting with it, or with 00 for the plus.
fn number(typed: &str, home: Option<Region>) -> Result<PhoneNumber, PhoneError> {
    let clean: String = typed.chars().filter(|&c| !wording::is_control(c)).collect();
    let clean = clean.trim_matches(|c: char| c.is_whitespace() || "='\"".contains(c));
    let bare = match clean.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => &clean[4..],
        _ => clean,
    };
    let bare = without_extension(bare);
    PhoneNumber::parse(bare, home).or_else(|error| match bare.strip_prefix("00") {
        Some(international) => PhoneNumber::parse(&format!("+{international}"), None),
        None => Err(error),
    })
}

/// `ext. 12`, `;ext=12`, `x12`, `(home)`, a pause and what is dialled then: whatever follows a whole number and is none.
fn without_extension(typed: &str) -> &str {
    let mut digits = 0;
    for (at, c) in typed.char_indices() {
        if c.is_ascii_digit() {
            digits += 1;
        } else if digits >= DIGITS_MIN && (c.is_alphabetic() || ";,#*".contains(c)) {
            return typed[..at].trim_end_matches(['(', ' ']);
        }
    }
    typed
}

/// A book that is being read.
struct Gathering {
    home: Option<Region>,
    book: AddressBook,
    /// Where in the book a number stands.
    places: HashMap<PhoneNumber, usize>,
    tried: usize,
}

impl Gathering {
    fn new(home: Option<Region>) -> Self {
        Self {
            home,
            book: AddressBook::default(),
            places: HashMap::new(),
            tried: 0,
        }
    }

    /// Takes what should be a number in. Of a number that is there twice the first name stays.
    fn take(&mut self, line: usize, owner: &str, typed: &str) -> Result<(), Unusable> {
        // Each takes its time, whether it is one or not.
        self.tried += 1;
        if self.tried > ENTRIES_MAX {
            return Err(Unusable::TooMany);
        }
        let name = name(owner);
        let number = match number(typed, self.home) {
            Ok(number) => number,
            Err(error) => {
                self.leave_out(line, owner, &error.to_string());
                return Ok(());
            }
        };
        match self.places.entry(number) {
            hash_map::Entry::Occupied(place) => {
                let entry = self.book.entries.get_mut(*place.get());
                if let Some(entry) = entry.filter(|entry| entry.name.is_empty()) {
                    entry.name = name;
                }
            }
            hash_map::Entry::Vacant(place) => {
                let number = place.key().clone();
                place.insert(self.book.entries.len());
                self.book.entries.push(Entry { number, name });
            }
        }
        Ok(())
    }

    fn leave_out(&mut self, line: usize, owner: &str, why: &str) {
        self.book.left_out_count += 1;
        if self.book.left_out.len() < LEFT_OUT_TOLD {
            self.book.left_out.push(LeftOut {
                line,
                name: name(owner),
                why: wording::without_controls(why),
            });
        }
    }
}
