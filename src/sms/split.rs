//! Text to segments: which alphabet, how many parts, where to cut (3GPP TS 23.040, 9.2.3.24.1 and 9.2.3.24.8). Knows
//! no TPDU.

use super::segment::{Body, USER_DATA, septets_in};
use super::{Alphabet, Concatenation, Dcs, Segment, gsm7, header};

/// Parts of one message at most: the header counts them in one octet.
pub const MAX_PARTS: usize = 255;

/// Septets that fit into the octets of one message (23.040, 9.2.3.16).
const USER_DATA_SEPTETS: usize = 160;

/// What a text will take on its way, with the 8-bit references that this daemon uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// GSM 7-bit if every character has a code there, else UCS-2.
    pub alphabet: Alphabet,
    /// Septets (an extension character has two) or UTF-16 units (an emoji mostly has two) of the text.
    pub units: usize,
    /// Messages it takes, 1 for an empty text. May be more than [`MAX_PARTS`], which [`segment`] refuses.
    pub parts: usize,
    /// Units that still fit into the last part.
    pub units_left_in_last_part: usize,
}

/// The number that tells the parts of one long message from those of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// What every phone understands; parts hold 153 septets or 67 UTF-16 units.
    Eight(u8),
    /// One octet longer: 152 septets or 66 UTF-16 units.
    Sixteen(u16),
}

impl From<u8> for Reference {
    fn from(reference: u8) -> Reference {
        Reference::Eight(reference)
    }
}

impl From<u16> for Reference {
    fn from(reference: u16) -> Reference {
        Reference::Sixteen(reference)
    }
}

/// A text that does not fit into a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text would take {parts} messages and {MAX_PARTS} can be joined; shorten it")]
pub struct TooManyParts {
    /// Messages it would take.
    pub parts: usize,
}

/// Counts a text out without cutting it.
pub fn measure(text: &str) -> Measure {
    let (alphabet, costs) = costs(text);
    let cut = cut(alphabet, costs, Reference::Eight(0));
    let left = |capacity: usize| capacity - cut.lengths.last().copied().unwrap_or(0);
    Measure {
        alphabet,
        units: cut.lengths.iter().sum(),
        parts: cut.lengths.len(),
        units_left_in_last_part: left(cut.capacity),
    }
}

/// Cuts a text into the parts that carry it: GSM 7-bit if every character has a code there, else UCS-2. No part ends
/// within a character. A single part has no header, and the reference is not used.
///
/// # Errors
/// When it would take more than [`MAX_PARTS`].
pub fn segment(text: &str, reference: impl Into<Reference>) -> Result<Vec<Segment>, TooManyParts> {
    let reference = reference.into();
    let (alphabet, costs) = costs(text);
    let lengths = cut(alphabet, costs, reference).lengths;
    let parts = lengths.len();
    let total = u8::try_from(parts).map_err(|_| TooManyParts { parts })?;
    let (dcs, bodies) = match gsm7::encode(text) {
        Some(septets) => (Dcs::GSM7, pieces(&septets, &lengths, Body::Septets)),
        None => {
            let units: Vec<u16> = text.encode_utf16().collect();
            (Dcs::UCS2, pieces(&units, &lengths, Body::Utf16))
        }
    };
    let header = |sequence| match total {
        1 => Vec::new(),
        _ => vec![concatenation(reference, total, sequence).to_element()],
    };
    Ok((1..=total)
        .zip(bodies)
        .map(|(sequence, body)| Segment::new(dcs, header(sequence), body))
        .collect())
}

fn concatenation(reference: Reference, total: u8, sequence: u8) -> Concatenation {
    let (reference, bits) = match reference {
        Reference::Eight(reference) => (reference.into(), 8),
        Reference::Sixteen(reference) => (reference, 16),
    };
    Concatenation {
        reference,
        bits,
        total,
        sequence,
    }
}

/// The alphabet of a text and the units of each of its characters.
fn costs(text: &str) -> (Alphabet, Vec<usize>) {
    let gsm7 = text.chars().map(|c| {
        let (escape, _) = gsm7::septets(c)?;
        Some(1 + usize::from(escape.is_some()))
    });
    match gsm7.collect::<Option<Vec<usize>>>() {
        Some(costs) => (Alphabet::Gsm7, costs),
        None => (Alphabet::Ucs2, text.chars().map(char::len_utf16).collect()),
    }
}

struct Cut {
    /// Units in each part; at least one part.
    lengths: Vec<usize>,
    /// Units that each part can hold.
    capacity: usize,
}

fn cut(alphabet: Alphabet, costs: Vec<usize>, reference: Reference) -> Cut {
    let header = header::write(&[concatenation(reference, 1, 1).to_element()]).len();
    let (whole, capacity) = if alphabet == Alphabet::Gsm7 {
        (USER_DATA_SEPTETS, USER_DATA_SEPTETS - septets_in(header))
    } else {
        (USER_DATA / 2, (USER_DATA - header) / 2)
    };
    let units = costs.iter().sum();
    if units <= whole {
        return Cut {
            lengths: vec![units],
            capacity: whole,
        };
    }
    let mut lengths = vec![0];
    for cost in costs {
        match lengths.last_mut() {
            Some(length) if *length + cost <= capacity => *length += cost,
            _ => lengths.push(cost),
        }
    }
    Cut { lengths, capacity }
}

fn pieces<T: Clone>(units: &[T], lengths: &[usize], body: fn(Vec<T>) -> Body) -> Vec<Body> {
    let mut rest = units;
    lengths
        .iter()
        .map(|length| {
            let (piece, after) = rest.split_at(*length);
            rest = after;
            body(piece.to_vec())
        })
        .collect()
}
