//! Secrets that are handed out: sessions, tokens, the code of the first start, and the mark of a browser that has signed in before. Kept are
//! digests alone, so that a stolen backup opens nothing.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Random bytes of a secret: nobody tries so many.
pub const SECRET_BYTES: usize = 32;
/// Digits of the code with which the first password is set. The throttle lets a stranger try some 17,000 of them a day.
pub const CODE_DIGITS: usize = 8;
/// As many codes are there.
const CODES: u64 = 100_000_000;
/// Random bytes of the mark of a browser.
const DEVICE_BYTES: usize = 16;

/// A secret as it is handed out.
#[must_use]
pub fn secret(random: &[u8; SECRET_BYTES]) -> String {
    URL_SAFE_NO_PAD.encode(random)
}

/// A code of [`CODE_DIGITS`] digits.
#[must_use]
pub fn code(random: &[u8; SECRET_BYTES]) -> String {
    let mut number = 0_u64;
    for byte in &random[..8] {
        number = number << 8 | u64::from(*byte);
    }
    // What the remainder favours is one part in 10^11.
    format!("{:0CODE_DIGITS$}", number % CODES)
}

/// The code as people read it: `1234 5678`.
#[must_use]
pub fn shown_code(code: &str) -> String {
    match code.split_at_checked(CODE_DIGITS / 2) {
        Some((first, second)) => format!("{first} {second}"),
        None => code.to_owned(),
    }
}

/// How a secret is kept. `under`: what makes all of them void once it changes.
#[must_use]
pub fn digest(secret: &str, under: &str) -> String {
    let mut sha = Sha256::new();
    sha.update(under.as_bytes());
    sha.update([0]);
    sha.update(secret.as_bytes());
    let mut hex = String::new();
    for byte in sha.finalize() {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// The mark of a browser that has signed in: random bytes, and that they are from us. It opens nothing, but gives the browser tries of its own
/// (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
#[must_use]
pub fn device(random: &[u8; SECRET_BYTES], key: &str) -> String {
    let name = URL_SAFE_NO_PAD.encode(&random[..DEVICE_BYTES]);
    let seal = URL_SAFE_NO_PAD.encode(mac(&name, key).finalize().into_bytes());
    format!("{name}.{seal}")
}

/// Whether [`device`] made this mark with this key.
#[must_use]
pub fn is_device(mark: &str, key: &str) -> bool {
    mark.split_once('.').is_some_and(|(name, seal)| {
        URL_SAFE_NO_PAD
            .decode(seal)
            .is_ok_and(|seal| mac(name, key).verify_slice(&seal).is_ok())
    })
}

fn mac(name: &str, key: &str) -> Hmac<Sha256> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(b"device\0");
    mac.update(name.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_digits_whatever_was_drawn() {
        assert_eq!(code(&[0; SECRET_BYTES]), "00000000");
        assert_eq!(code(&[255; SECRET_BYTES]), "09551615");
        assert_eq!(shown_code("00001234"), "0000 1234");
        assert_eq!(shown_code(""), "");
    }

    #[test]
    fn a_digest_tells_nothing_and_is_void_under_another_word() {
        let secret = secret(&[1; SECRET_BYTES]);
        assert_eq!(secret.len(), 43);
        assert_ne!(digest(&secret, "a"), digest(&secret, "b"));
        assert_ne!(digest("b", "a"), digest("", "ab"));
        assert_eq!(digest(&secret, "a").len(), 64);
    }

    #[test]
    fn only_our_marks_are_known() {
        let mark = device(&[3; SECRET_BYTES], "key");
        assert!(is_device(&mark, "key"));
        assert!(!is_device(&mark, "another key"));
        for forged in ["", ".", "a.b", &mark[1..], &mark[..mark.len() - 2]] {
            assert!(!is_device(forged, "key"), "{forged:?}");
        }
    }
}
