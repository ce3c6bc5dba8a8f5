//! vCards: 2.1 (versit, 1996), 3.0 (RFC 2426) and 4.0 (RFC 6350), as phones and programs write them. Read for numbers and a name;
//! everything else in a card is passed over.

use super::{Gathering, Unusable, encoding};

/// Parts of a name in the order in which people say them, as places in the value of N: prefix, given, additional, family, suffix
/// (RFC 6350 clause 6.2.2).
const NAME_ORDER: [usize; 5] = [3, 1, 2, 0, 4];

pub(super) fn is_one(file: &[u8]) -> bool {
    lines(file)
        .find(|(_, line)| !line.trim_ascii().is_empty())
        .is_some_and(|(_, line)| is_mark(line, b"BEGIN"))
}

/// Reads all cards. One that the end of the file cuts off is left out: so may be its last number.
pub(super) fn read(file: &[u8], gathering: &mut Gathering) -> Result<(), Unusable> {
    let mut open: Option<Card> = None;
    for (line, content) in unfolded(file) {
        if is_mark(&content, b"BEGIN") {
            // A card within a card (AGENT of 2.1).
            finish(open.replace(Card::at(line)), gathering)?;
        } else if is_mark(&content, b"END") {
            finish(open.take(), gathering)?;
        } else if let (Some(card), Some(property)) = (&mut open, Property::parse(&content)) {
            card.take(line, &property);
        }
    }
    if let Some(card) = open {
        let why = "the file ends in the middle of this card";
        gathering.leave_out(card.line, card.name(), why);
    }
    Ok(())
}

fn finish(card: Option<Card>, gathering: &mut Gathering) -> Result<(), Unusable> {
    let Some(card) = card else { return Ok(()) };
    if card.numbers.is_empty() {
        gathering.book.without_number += 1;
    }
    for (line, number) in &card.numbers {
        gathering.take(*line, card.name(), number)?;
    }
    Ok(())
}

/// What is wanted of a card.
#[derive(Default)]
struct Card {
    line: usize,
    /// FN.
    formatted: String,
    /// N.
    name: String,
    /// ORG.
    organisation: String,
    numbers: Vec<(usize, String)>,
}

impl Card {
    fn at(line: usize) -> Self {
        Self {
            line,
            ..Self::default()
        }
    }

    fn take(&mut self, line: usize, property: &Property<'_>) {
        let keep = |kept: &mut String, value: String| {
            if kept.trim().is_empty() {
                *kept = value;
            }
        };
        match property.name.as_str() {
            "FN" => keep(&mut self.formatted, unescaped(&property.value())),
            "N" => keep(&mut self.name, spoken(&property.value())),
            "ORG" => {
                let units = components(&property.value());
                keep(&mut self.organisation, joined(units));
            }
            "TEL" => {
                let number = unescaped(&property.value());
                if !number.trim().is_empty() {
                    self.numbers.push((line, number));
                }
            }
            _ => {}
        }
    }

    fn name(&self) -> &str {
        [&self.formatted, &self.name, &self.organisation]
            .into_iter()
            .find(|name| !name.trim().is_empty())
            .map_or("", String::as_str)
    }
}

/// A line of a card: `item1.TEL;TYPE=CELL:+1 202 555 0143`.
struct Property<'a> {
    /// In capitals, without its group.
    name: String,
    /// Whether the value is quoted-printable (RFC 2045 clause 6.7), as 2.1 allows.
    quoted: bool,
    value: &'a [u8],
}

impl<'a> Property<'a> {
    fn parse(line: &'a [u8]) -> Option<Self> {
        let (head, value) = line.split_at_checked(end_of_head(line)?)?;
        let named = head.split(|&byte| byte == b';').next()?;
        let name = named.rsplit(|&byte| byte == b'.').next()?;
        Some(Self {
            name: encoding::text(name.trim_ascii()).to_ascii_uppercase(),
            quoted: says_quoted(head),
            value: value.get(1..)?,
        })
    }

    fn value(&self) -> String {
        if self.quoted {
            encoding::text(&unquoted(self.value)).into_owned()
        } else {
            encoding::text(self.value).into_owned()
        }
    }
}

/// Where the colon is that ends the parameters; one in quotes is none.
fn end_of_head(line: &[u8]) -> Option<usize> {
    let mut in_quotes = false;
    line.iter().position(|&byte| {
        in_quotes ^= byte == b'"';
        byte == b':' && !in_quotes
    })
}

fn says_quoted(head: &[u8]) -> bool {
    head.split(|&byte| byte == b';' || byte == b'=')
        .any(|word| word.trim_ascii().eq_ignore_ascii_case(b"QUOTED-PRINTABLE"))
}

fn unquoted(value: &[u8]) -> Vec<u8> {
    let hex = |byte: &u8| {
        char::from(*byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let mut plain = Vec::with_capacity(value.len());
    let mut rest = value;
    while let [first, behind @ ..] = rest {
        rest = behind;
        if let (b'=', [high, low, behind @ ..]) = (first, behind)
            && let (Some(high), Some(low)) = (hex(high), hex(low))
        {
            plain.push(high << 4 | low);
            rest = behind;
        } else {
            plain.push(*first);
        }
    }
    plain
}

/// A whole value without its backslashes (RFC 6350 clause 3.4).
fn unescaped(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => plain.push(' '),
                Some(other) => plain.push(other),
                None => {}
            },
            other => plain.push(other),
        }
    }
    plain
}

/// The parts of a value between semicolons.
fn components(value: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in value.chars() {
        let ends = c == ';' && !escaped;
        escaped = c == '\\' && !escaped;
        match parts.last_mut() {
            Some(part) if !ends => part.push(c),
            _ => parts.push(String::new()),
        }
    }
    parts.iter().map(|part| unescaped(part)).collect()
}

fn spoken(value: &str) -> String {
    let parts = components(value);
    let in_order = NAME_ORDER.iter().filter_map(|&place| parts.get(place));
    joined(in_order.cloned())
}

fn joined(parts: impl IntoIterator<Item = String>) -> String {
    let parts = parts.into_iter();
    let said: Vec<String> = parts.filter(|part| !part.trim().is_empty()).collect();
    said.join(" ")
}

/// `BEGIN:VCARD` or `END:VCARD`.
fn is_mark(line: &[u8], word: &[u8]) -> bool {
    let mut halves = line.splitn(2, |&byte| byte == b':');
    let half_is = |half: Option<&[u8]>, word: &[u8]| {
        half.is_some_and(|half| half.trim_ascii().eq_ignore_ascii_case(word))
    };
    half_is(halves.next(), word) && half_is(halves.next(), b"VCARD")
}

/// Lines as they are in the file, each with its number from 1, whatever ends them.
fn lines(file: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    // Between CR and LF there is an empty one, which is passed over and not counted.
    let bare_cr = !file.contains(&b'\n');
    let end = if bare_cr { b'\r' } else { b'\n' };
    (1..).zip(
        file.split(move |&byte| byte == end)
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line)),
    )
}

/// Lines of a card: what was folded is one again, bytes first, for a letter may be torn (RFC 6350 clause 3.2).
fn unfolded(file: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    let mut lines = lines(file).peekable();
    std::iter::from_fn(move || {
        let (number, first) = lines.next()?;
        let mut whole = first.to_vec();
        // Found out once, for a hostile head may be as long as the file.
        let mut quoted = None;
        loop {
            let quoted_goes_on = whole.ends_with(b"=")
                && *quoted.get_or_insert_with(|| {
                    end_of_head(&whole).is_some_and(|end| says_quoted(&whole[..end]))
                });
            if quoted_goes_on {
                whole.pop();
                let Some((_, next)) = lines.next() else { break };
                whole.extend_from_slice(next);
            } else if let Some((_, [b' ' | b'\t', folded @ ..])) = lines.peek() {
                whole.extend_from_slice(folded);
                lines.next();
            } else {
                break;
            }
        }
        Some((number, whole))
    })
}
