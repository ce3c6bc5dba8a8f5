//! The GSM 7-bit default alphabet, its extension, and septets in octets (3GPP TS 23.038, 6.1.2.1 and 6.2.1). Knows no
//! message.

use super::national;

/// The septet that fetches the next one from the extension or a national single shift table.
pub(super) const ESCAPE: u8 = 0x1B;

/// 23.038, 6.2.1. The escape stands for itself; as a character it never leaves this file.
#[rustfmt::skip]
pub(super) const DEFAULT: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å',
    'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\x1B', 'Æ', 'æ', 'ß', 'É',
    ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
    '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§',
    '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];

/// 23.038, 6.2.1.1.
#[rustfmt::skip]
pub(super) const EXTENSION: [(u8, char); 10] = [
    (0x0A, '\x0C'), (0x14, '^'), (0x28, '{'), (0x29, '}'), (0x2F, '\\'),
    (0x3C, '['), (0x3D, '~'), (0x3E, ']'), (0x40, '|'), (0x65, '€'),
];

/// Whether the character has a code in the GSM 7-bit default alphabet or its extension. A text of such characters
/// alone has 160 septets in an SMS; one other character and it has 70 UTF-16 units.
pub fn gsm7_contains(c: char) -> bool {
    septets(c).is_some()
}

/// The code of a character: one septet, or the escape and one.
pub(super) fn septets(c: char) -> Option<(Option<u8>, u8)> {
    let plain = DEFAULT.iter().position(|d| *d == c && c != '\x1B');
    let plain = plain.and_then(|place| u8::try_from(place).ok());
    plain.map(|septet| (None, septet)).or_else(|| {
        let extended = EXTENSION.iter().find(|(_, e)| *e == c);
        extended.map(|(septet, _)| (Some(ESCAPE), *septet))
    })
}

/// The septets of a text, or `None` if a character has none.
pub(super) fn encode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        let (escape, septet) = septets(c)?;
        out.extend(escape);
        out.push(septet);
    }
    Some(out)
}

/// The text of septets in the default alphabet.
pub(super) fn decode(septets: &[u8]) -> String {
    let mut decoder = Decoder::default();
    let mut text = String::new();
    decoder.push(septets, (0, 0), &mut text);
    decoder.finish(&mut text);
    text
}

/// Reads septets; remembers an escape at the end of one part for the first septet of the next.
#[derive(Default)]
pub(super) struct Decoder {
    escaped: bool,
}

impl Decoder {
    /// `languages` are those of the locking and the single shift.
    pub(super) fn push(&mut self, septets: &[u8], languages: (u8, u8), out: &mut String) {
        let (locking, single) = languages;
        for septet in septets {
            if std::mem::take(&mut self.escaped) {
                if *septet == ESCAPE {
                    // An escape to a further table, which does not exist: a space (23.038, 6.2.1.1, note 1).
                    out.push(' ');
                } else {
                    // A code that the shifted table lacks is shown as in the main table (same place).
                    let shifted = national::single_shift(single, *septet);
                    out.push(shifted.unwrap_or_else(|| national::locking_shift(locking, *septet)));
                }
            } else if *septet == ESCAPE {
                self.escaped = true;
            } else {
                out.push(national::locking_shift(locking, *septet));
            }
        }
    }

    /// An escape that nothing followed is a space.
    pub(super) fn finish(&mut self, out: &mut String) {
        if std::mem::take(&mut self.escaped) {
            out.push(' ');
        }
    }
}

/// The first `count` septets in `octets`; those beyond the end are left out.
pub(super) fn unpack(octets: &[u8], count: usize) -> Vec<u8> {
    (0..count)
        .map_while(|i| {
            let (place, shift) = (i * 7 / 8, i * 7 % 8);
            let low = u16::from(*octets.get(place)?);
            let high = u16::from(octets.get(place + 1).copied().unwrap_or(0));
            let [septet, _] = ((high << 8 | low) >> shift & 0x7F).to_le_bytes();
            Some(septet)
        })
        .collect()
}

/// Appends septets to `out`, the first one starting that many bits into it. Bits skipped or left over are zero.
pub(super) fn pack(septets: &[u8], first_bit: usize, out: &mut Vec<u8>) {
    out.resize((first_bit + septets.len() * 7).div_ceil(8), 0);
    for (i, septet) in septets.iter().enumerate() {
        let bit = first_bit + i * 7;
        let [low, high] = (u16::from(*septet) << (bit % 8)).to_le_bytes();
        out[bit / 8] |= low;
        if high != 0 {
            out[bit / 8 + 1] |= high;
        }
    }
}
