//! National language tables, for reading only (3GPP TS 23.038, annex A). Knows no message; what it cannot tell it
//! leaves to the default alphabet.
//!
//! The tables of the languages of India and of Urdu share one frame each, locking and single, with places left free
//! for the language. Nine of them fill the locking frame with their Unicode block in order. So that is how they stand
//! here; the frame and the fillings together are the annex's tables.

use super::gsm7::{DEFAULT, ESCAPE, EXTENSION};

/// What a code means under the locking shift of `language` (23.038, 6.2.1.2.4 numbers them). Unknown languages read
/// as the default alphabet; a code that a table leaves void is U+FFFD.
pub(super) fn locking_shift(language: u8, septet: u8) -> char {
    let changed = |changes: &[(u8, char)]| find(changes, septet);
    let default = DEFAULT[usize::from(septet & 0x7F)];
    let Some(script) = script(language) else {
        return match language {
            1 => changed(&TURKISH_LOCKING),
            3 => changed(&PORTUGUESE_LOCKING),
            _ => None,
        }
        .unwrap_or(default);
    };
    match septet {
        0x28 => ')',
        0x29 => '(',
        b'\n' | b'\r' | ESCAPE | b' ' | b'!' | b',' | b'.' | b'0'..=b';' | b'?' | b'a'..=b'z' => {
            default
        }
        _ => script
            .locking(free_places_before(septet, LOCKING_FREE))
            .unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

/// What a code means after an escape, under the single shift of `language`; `None` where its table is void.
pub(super) fn single_shift(language: u8, septet: u8) -> Option<char> {
    let national = match language {
        1 => find(&TURKISH_SINGLE, septet),
        2 => find(&SPANISH_SINGLE, septet),
        3 => find(&PORTUGUESE_SINGLE, septet),
        _ => script(language).and_then(|script| match septet {
            b'A'..=b'Z' => Some(char::from(septet)),
            _ if SINGLE_FREE.iter().any(|free| free.contains(&septet)) => {
                nth(script.single, free_places_before(septet, SINGLE_FREE))
            }
            _ => find(&SCRIPTS_SINGLE, septet),
        }),
    };
    national.or_else(|| find(&EXTENSION, septet))
}

/// Inclusive ranges of codes.
type Codes = [std::ops::RangeInclusive<u8>];
/// Inclusive ranges of Unicode code points; (0, 0) is a void place.
type Characters = [(u16, u16)];

/// Places of the locking frame that are the language's own.
#[rustfmt::skip]
const LOCKING_FREE: &Codes = &[
    0x00..=0x09, 0x0B..=0x0C, 0x0E..=0x1A, 0x1C..=0x1F, 0x22..=0x27, 0x2A..=0x2B, 0x2D..=0x2D, 0x2F..=0x2F,
    0x3C..=0x3E, 0x40..=0x60, 0x7B..=0x7F,
];

/// Places of the single shift frame that are the language's own.
const SINGLE_FREE: &Codes = &[
    0x19..=0x1A,
    0x1C..=0x27,
    0x2A..=0x2E,
    0x30..=0x3B,
    0x3F..=0x3F,
];

/// The rest of the single shift frame, beside the capitals and the default extension.
#[rustfmt::skip]
const SCRIPTS_SINGLE: [(u8, char); 24] = [
    (0x00, '@'), (0x01, '£'), (0x02, '$'), (0x03, '¥'), (0x04, '¿'), (0x05, '"'), (0x06, '¤'), (0x07, '%'),
    (0x08, '&'), (0x09, '\''), (0x0B, '*'), (0x0C, '+'), (0x0E, '-'), (0x0F, '/'), (0x10, '<'), (0x11, '='),
    (0x12, '>'), (0x13, '¡'), (0x14, '^'), (0x15, '¡'), (0x16, '_'), (0x17, '#'), (0x18, '*'), (0x0D, '\r'),
];

struct Script {
    locking: Locking,
    /// The locking frame's last six places: 0x60 and 0x7B to 0x7F.
    last: &'static Characters,
    single: &'static Characters,
}

enum Locking {
    /// A Unicode block in order, some of its offsets unassigned.
    Block(u16, &'static [u16]),
    List(&'static Characters),
}

/// Places of the locking frame before 0x60.
const BLOCK_PLACES: usize = 74;

impl Script {
    fn locking(&self, place: usize) -> Option<char> {
        if let Some(place) = place.checked_sub(BLOCK_PLACES) {
            return nth(self.last, place);
        }
        match self.locking {
            Locking::List(characters) => nth(characters, place),
            Locking::Block(start, void) => {
                // Offsets 01 to 4D without 04, 3A and 3B, which these blocks use otherwise or not at all.
                let offset = (0x01..=0x4D)
                    .filter(|offset| !matches!(offset, 0x04 | 0x3A | 0x3B))
                    .nth(place)?;
                let void = void.contains(&offset);
                char::from_u32(u32::from(start + offset)).filter(|_| !void)
            }
        }
    }
}

fn free_places_before(septet: u8, free: &Codes) -> usize {
    let before = free.iter().cloned().flatten();
    before.take_while(|place| *place < septet).count()
}

fn find(table: &[(u8, char)], septet: u8) -> Option<char> {
    let entry = table.iter().find(|(code, _)| *code == septet);
    entry.map(|(_, c)| *c)
}

fn nth(characters: &Characters, place: usize) -> Option<char> {
    let mut all = characters.iter().flat_map(|(first, last)| *first..=*last);
    all.nth(place)
        .filter(|c| *c != 0)
        .and_then(|c| char::from_u32(u32::from(c)))
}

/// A.3.1: where it differs from the default alphabet.
#[rustfmt::skip]
const TURKISH_LOCKING: [(u8, char); 8] = [
    (0x04, '€'), (0x07, 'ı'), (0x0B, 'Ğ'), (0x0C, 'ğ'), (0x1C, 'Ş'), (0x1D, 'ş'), (0x40, 'İ'), (0x60, 'ç'),
];

/// A.3.3: where it differs from the default alphabet.
#[rustfmt::skip]
const PORTUGUESE_LOCKING: [(u8, char); 30] = [
    (0x04, 'ê'), (0x06, 'ú'), (0x07, 'í'), (0x08, 'ó'), (0x09, 'ç'), (0x0B, 'Ô'), (0x0C, 'ô'), (0x0E, 'Á'),
    (0x0F, 'á'), (0x12, 'ª'), (0x13, 'Ç'), (0x14, 'À'), (0x15, '∞'), (0x16, '^'), (0x17, '\\'), (0x18, '€'),
    (0x19, 'Ó'), (0x1A, '|'), (0x1C, 'Â'), (0x1D, 'â'), (0x1E, 'Ê'), (0x24, 'º'), (0x40, 'Í'), (0x5B, 'Ã'),
    (0x5C, 'Õ'), (0x5D, 'Ú'), (0x60, '~'), (0x7B, 'ã'), (0x7C, 'õ'), (0x7D, '`'),
];

/// A.2.1: what it adds to the default extension.
#[rustfmt::skip]
const TURKISH_SINGLE: [(u8, char); 7] = [
    (0x47, 'Ğ'), (0x49, 'İ'), (0x53, 'Ş'), (0x63, 'ç'), (0x67, 'ğ'), (0x69, 'ı'), (0x73, 'ş'),
];

/// A.2.2: what it adds to the default extension.
#[rustfmt::skip]
const SPANISH_SINGLE: [(u8, char); 9] = [
    (0x09, 'ç'), (0x41, 'Á'), (0x49, 'Í'), (0x4F, 'Ó'), (0x55, 'Ú'), (0x61, 'á'), (0x69, 'í'), (0x6F, 'ó'),
    (0x75, 'ú'),
];

/// A.2.3: what it adds to the default extension.
#[rustfmt::skip]
const PORTUGUESE_SINGLE: [(u8, char); 27] = [
    (0x05, 'ê'), (0x09, 'ç'), (0x0B, 'Ô'), (0x0C, 'ô'), (0x0E, 'Á'), (0x0F, 'á'), (0x12, 'Φ'), (0x13, 'Γ'),
    (0x15, 'Ω'), (0x16, 'Π'), (0x17, 'Ψ'), (0x18, 'Σ'), (0x19, 'Θ'), (0x1F, 'Ê'), (0x41, 'À'), (0x49, 'Í'),
    (0x4F, 'Ó'), (0x55, 'Ú'), (0x5B, 'Ã'), (0x5C, 'Õ'), (0x61, 'Â'), (0x69, 'í'), (0x6F, 'ó'), (0x75, 'ú'),
    (0x7B, 'ã'), (0x7C, 'õ'), (0x7F, 'â'),
];

/// A.2.4 to A.2.13 and A.3.4 to A.3.13.
#[rustfmt::skip]
fn script(language: u8) -> Option<&'static Script> {
    Some(match language {
        // Bengali
        4 => &Script {
            locking: Locking::Block(0x0980, &[
                0x0D, 0x0E, 0x11, 0x12, 0x29, 0x31, 0x33, 0x34, 0x35, 0x45, 0x46, 0x49, 0x4A,
            ]),
            last: &[(0x09CE, 0x09CE), (0x09D7, 0x09D7), (0x09DC, 0x09DD), (0x09F0, 0x09F1)],
            single: &[(0x09E6, 0x09EF), (0x09DF, 0x09E3), (0x09F2, 0x09FA)],
        },
        // Gujarati
        5 => &Script {
            locking: Locking::Block(0x0A80, &[0x0E, 0x12, 0x29, 0x31, 0x34, 0x46, 0x4A]),
            last: &[(0x0AD0, 0x0AD0), (0x0AE0, 0x0AE3), (0x0AF1, 0x0AF1)],
            single: &[(0x0964, 0x0965), (0x0AE6, 0x0AEF)],
        },
        // Hindi
        6 => &Script {
            locking: Locking::Block(0x0900, &[]),
            last: &[(0x0950, 0x0950), (0x0972, 0x0972), (0x097B, 0x097C), (0x097E, 0x097F)],
            single: &[(0x0964, 0x096F), (0x0951, 0x0954), (0x0958, 0x0963), (0x0970, 0x0971)],
        },
        // Kannada
        7 => &Script {
            locking: Locking::Block(0x0C80, &[0x01, 0x0D, 0x11, 0x29, 0x34, 0x45, 0x49]),
            last: &[(0x0CD5, 0x0CD6), (0x0CE0, 0x0CE3)],
            single: &[(0x0964, 0x0965), (0x0CE6, 0x0CEF), (0x0CDE, 0x0CDE), (0x0CF1, 0x0CF2)],
        },
        // Malayalam
        8 => &Script {
            locking: Locking::Block(0x0D00, &[0x01, 0x0D, 0x11, 0x29, 0x3C, 0x45, 0x49]),
            last: &[(0x0D57, 0x0D57), (0x0D60, 0x0D63), (0x0D79, 0x0D79)],
            single: &[(0x0964, 0x0965), (0x0D66, 0x0D75), (0x0D7A, 0x0D7F)],
        },
        // Oriya
        9 => &Script {
            locking: Locking::Block(0x0B00, &[
                0x0D, 0x0E, 0x11, 0x12, 0x29, 0x31, 0x34, 0x45, 0x46, 0x49, 0x4A,
            ]),
            last: &[(0x0B56, 0x0B57), (0x0B60, 0x0B63)],
            single: &[(0x0964, 0x0965), (0x0B66, 0x0B6F), (0x0B5C, 0x0B5D), (0x0B5F, 0x0B5F), (0x0B70, 0x0B71)],
        },
        // Punjabi
        10 => &Script {
            locking: Locking::Block(0x0A00, &[
                0x0B, 0x0C, 0x0D, 0x0E, 0x11, 0x12, 0x29, 0x31, 0x34, 0x37, 0x3D, 0x43, 0x44, 0x45, 0x46, 0x49, 0x4A,
            ]),
            last: &[(0x0A51, 0x0A51), (0x0A70, 0x0A74)],
            single: &[(0x0964, 0x0965), (0x0A66, 0x0A6F), (0x0A59, 0x0A5C), (0x0A5E, 0x0A5E), (0x0A75, 0x0A75)],
        },
        // Tamil
        11 => &Script {
            locking: Locking::Block(0x0B80, &[
                0x01, 0x0B, 0x0C, 0x0D, 0x11, 0x16, 0x17, 0x18, 0x1B, 0x1D, 0x20, 0x21, 0x22, 0x25, 0x26, 0x27, 0x2B,
                0x2C, 0x2D, 0x3C, 0x3D, 0x43, 0x44, 0x45, 0x49,
            ]),
            last: &[(0x0BD0, 0x0BD0), (0x0BD7, 0x0BD7), (0x0BF0, 0x0BF2), (0x0BF9, 0x0BF9)],
            single: &[(0x0964, 0x0965), (0x0BE6, 0x0BEF), (0x0BF3, 0x0BF8), (0x0BFA, 0x0BFA)],
        },
        // Telugu
        12 => &Script {
            locking: Locking::Block(0x0C00, &[0x0D, 0x11, 0x29, 0x34, 0x3C, 0x45, 0x49]),
            last: &[(0x0C55, 0x0C56), (0x0C60, 0x0C63)],
            single: &[(0, 0), (0, 0), (0x0C66, 0x0C6F), (0x0C58, 0x0C59), (0x0C78, 0x0C7F)],
        },
        // Urdu
        13 => &Script {
            locking: Locking::List(&[
                (0x0627, 0x0627), (0x0622, 0x0622), (0x0628, 0x0628), (0x067B, 0x067B), (0x0680, 0x0680),
                (0x067E, 0x067E), (0x06A6, 0x06A6), (0x062A, 0x062A), (0x06C2, 0x06C2), (0x067F, 0x067F),
                (0x0679, 0x0679), (0x067D, 0x067D), (0x067A, 0x067A), (0x067C, 0x067C), (0x062B, 0x062C),
                (0x0681, 0x0681), (0x0684, 0x0684), (0x0683, 0x0683), (0x0685, 0x0687), (0x062D, 0x062F),
                (0x068C, 0x068C), (0x0688, 0x068A), (0x068F, 0x068F), (0x068D, 0x068D), (0x0630, 0x0631),
                (0x0691, 0x0691), (0x0693, 0x0693), (0x0699, 0x0699), (0x0632, 0x0632), (0x0696, 0x0696),
                (0x0698, 0x0698), (0x069A, 0x069A), (0x0633, 0x0639), (0x0641, 0x0642), (0x06A9, 0x06AB),
                (0x06AF, 0x06AF), (0x06B3, 0x06B3), (0x06B1, 0x06B1), (0x0644, 0x0646), (0x06BA, 0x06BC),
                (0x0648, 0x0648), (0x06C4, 0x06C4), (0x06D5, 0x06D5), (0x06C1, 0x06C1), (0x06BE, 0x06BE),
                (0x0621, 0x0621), (0x06CC, 0x06CC), (0x06D0, 0x06D0), (0x06D2, 0x06D2), (0x064D, 0x064D),
                (0x0650, 0x0650), (0x064F, 0x064F), (0x0657, 0x0657),
            ]),
            last: &[(0x0654, 0x0655), (0x0651, 0x0651), (0x0653, 0x0653), (0x0656, 0x0656), (0x0670, 0x0670)],
            single: &[
                (0x0600, 0x0601), (0x06F0, 0x06F9), (0x060C, 0x0614), (0x061B, 0x061B), (0x061F, 0x061F),
                (0x0640, 0x0640), (0x0652, 0x0652), (0x0658, 0x0658), (0x066B, 0x066C), (0x0672, 0x0673),
                (0x06CD, 0x06CD), (0x06D4, 0x06D4),
            ],
        },
        _ => return None,
    })
}
