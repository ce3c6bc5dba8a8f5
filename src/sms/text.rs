//! Code units to text, across the borders of parts. Knows no octets.

use super::segment::Body;
use super::{Deliver, Segment, gsm7};

/// The text of a message from its parts, in any order; a part that is there twice counts once.
///
/// Some phones cut a long message in the middle of a character, so code units are joined before they become text.
/// Parts that are missing are simply not there: whether the message is whole is for the caller to know.
pub fn join(parts: &[Deliver]) -> String {
    let sequence = |part: &&Deliver| part.concat().map_or(0, |concat| concat.sequence);
    let mut sorted: Vec<&Deliver> = parts.iter().collect();
    sorted.sort_by_key(sequence);
    sorted.dedup_by(|b, a| a.concat().is_some() && sequence(a) == sequence(b));
    let mut joiner = Joiner::default();
    for part in sorted {
        joiner.push(&part.segment);
    }
    joiner.finish()
}

/// Takes segments in order and keeps what is left over at their ends.
#[derive(Default)]
pub(super) struct Joiner {
    text: String,
    septets: gsm7::Decoder,
    /// A high surrogate that waits for its other half.
    high: Option<u16>,
}

impl Joiner {
    pub(super) fn push(&mut self, segment: &Segment) {
        match segment.body() {
            Body::Septets(septets) => {
                self.flush_surrogate();
                self.septets
                    .push(septets, segment.shift_languages(), &mut self.text);
            }
            Body::Utf16(units) => {
                self.septets.finish(&mut self.text);
                let mut units: Vec<u16> = self
                    .high
                    .take()
                    .into_iter()
                    .chain(units.iter().copied())
                    .collect();
                self.high = units.pop_if(|unit| (0xD800..=0xDBFF).contains(unit));
                self.text.push_str(&String::from_utf16_lossy(&units));
            }
            Body::Octets(octets) => {
                self.flush_surrogate();
                self.septets.finish(&mut self.text);
                self.text.push_str(&data_as_text(octets));
            }
        }
    }

    pub(super) fn finish(mut self) -> String {
        self.flush_surrogate();
        self.septets.finish(&mut self.text);
        self.text
    }

    fn flush_surrogate(&mut self) {
        if self.high.take().is_some() {
            self.text.push(char::REPLACEMENT_CHARACTER);
        }
    }
}

fn data_as_text(octets: &[u8]) -> String {
    let readable =
        |text: &&str| !text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    match std::str::from_utf8(octets).ok().filter(readable) {
        Some(text) => text.to_owned(),
        None => format!("(8-bit data, {} octets)", octets.len()),
    }
}
