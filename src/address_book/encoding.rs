//! The bytes of a file as text: UTF-8, UTF-16 with its mark, or else Windows-1252, as old exports have it.

use std::borrow::Cow;

/// Windows-1252 from 0x80 to 0x9F; elsewhere it is Latin-1, whose bytes are Unicode's numbers.
/// <https://encoding.spec.whatwg.org/index-windows-1252.txt>
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// How the files of spreadsheet programs begin: a ZIP (.xlsx, .ods; APPNOTE.TXT 4.3.7), a compound file (.xls; MS-CFB 2.2).
const SPREADSHEETS: [&[u8]; 2] = [b"PK\x03\x04", b"\xD0\xCF\x11\xE0"];

pub(super) fn is_spreadsheet(file: &[u8]) -> bool {
    SPREADSHEETS.iter().any(|magic| file.starts_with(magic))
}

/// The file in an encoding in which ASCII is ASCII, without the mark that tells the encoding.
pub(super) fn without_mark(file: &[u8]) -> Cow<'_, [u8]> {
    match file {
        [0xEF, 0xBB, 0xBF, rest @ ..] => Cow::Borrowed(rest),
        [0xFF, 0xFE, rest @ ..] => Cow::Owned(from_utf16(rest, u16::from_le_bytes)),
        [0xFE, 0xFF, rest @ ..] => Cow::Owned(from_utf16(rest, u16::from_be_bytes)),
        _ => Cow::Borrowed(file),
    }
}

fn from_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Vec<u8> {
    let (pairs, _) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let text: String = char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    text.into_bytes()
}

/// UTF-8 if it is, else Windows-1252.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|&byte| windows_1252(byte)).collect()),
    }
}

fn windows_1252(byte: u8) -> char {
    let special = usize::from(byte)
        .checked_sub(0x80)
        .and_then(|at| WINDOWS_1252.get(at));
    special.copied().unwrap_or(char::from(byte))
}
