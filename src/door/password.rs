//! What a password must be, and how it is kept: by Argon2id, which makes each guess cost memory and time.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

/// Characters of a password at least. With the throttle before it, a list of the commonest passwords is what is left to guess with;
/// NIST SP 800-63B (3.1.1.2) asks for eight where there is a second lock, and for fifteen where there is none and no throttle counts.
pub const CHARS_MIN: usize = 10;
/// Characters at most, so that nobody has us hash a book.
pub const CHARS_MAX: usize = 200;
/// Different characters at least.
const DIFFERENT_MIN: usize = 5;
/// Bytes of a salt (RFC 9106, section 3.1).
pub const SALT_BYTES: usize = 16;

/// 19 MiB, two passes, one lane: the first choice of the OWASP Password Storage Cheat Sheet for Argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// Long enough, and yet among the first that are tried (from the lists of common passwords that are published each year, and ours).
const COMMON: [&str; 16] = [
    "1234567890",
    "0987654321",
    "12345678910",
    "123123123123",
    "qwertyuiop",
    "qwerty12345",
    "1q2w3e4r5t",
    "1qaz2wsx3edc",
    "password12",
    "password123",
    "password1234",
    "passw0rd123",
    "iloveyou123",
    "textback123",
    "textback1234",
    "raspberrypi",
];

/// Why a password does not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    /// Fewer than [`CHARS_MIN`] characters.
    #[error(
        "a password needs at least {CHARS_MIN} characters; three words that belong together for you alone are good"
    )]
    Short,
    /// More than [`CHARS_MAX`] characters.
    #[error("a password has at most {CHARS_MAX} characters")]
    Long,
    /// One of the first that are tried.
    #[error("this password is one of the first that are tried; take one that is yours alone")]
    Common,
}

/// Checks a new password.
///
/// # Errors
/// Why it does not do.
fn check(password: &str) -> Result<(), BadPassword> {
    let chars = password.chars().count();
    if chars < CHARS_MIN {
        return Err(BadPassword::Short);
    }
    if chars > CHARS_MAX {
        return Err(BadPassword::Long);
    }
    let mut different: Vec<char> = password.chars().collect();
    different.sort_unstable();
    different.dedup();
    let lower = password.to_lowercase();
    if different.len() < DIFFERENT_MIN || COMMON.contains(&lower.as_str()) {
        return Err(BadPassword::Common);
    }
    Ok(())
}

/// A new password as it is kept: a PHC string. Takes some 0.1 s of a fast machine and [`MEMORY_KIB`].
///
/// # Errors
/// Why it does not do.
pub fn hash(password: &str, salt: &[u8; SALT_BYTES]) -> Result<String, BadPassword> {
    check(password)?;
    let hash = argon2().hash_password_with_salt(password.as_bytes(), salt);
    Ok(hash
        .expect("the salt and the password are as long as Argon2 takes them")
        .to_string())
}

/// Whether this is the password that is kept as `hash`. Takes as long as [`hash`]. Nothing is right where the hash is none.
#[must_use]
pub fn verify(password: &str, hash: &str) -> bool {
    password.chars().count() <= CHARS_MAX
        && PasswordHash::new(hash)
            .is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Whether two secrets are the same, in a time that does not tell how much of them is.
#[must_use]
pub fn is_right(presented: &str, kept: &str) -> bool {
    // Digests of the same length are compared, and what a byte of one tells, nobody can choose.
    super::digest(presented, "") == super::digest(kept, "")
}

fn argon2() -> Argon2<'static> {
    let params =
        Params::new(MEMORY_KIB, PASSES, 1, None).expect("the parameters are in Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_kept_so_that_it_opens_and_cannot_be_read() {
        let hash = hash("three wet socks", &[7; SALT_BYTES]).unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(!hash.contains("socks"));
        assert!(verify("three wet socks", &hash));
        for wrong in ["three wet sock", "Three wet socks", "", "three wet socks "] {
            assert!(!verify(wrong, &hash), "{wrong:?}");
        }
        assert!(!verify("three wet socks", "no hash"));
        assert!(!verify(&"a".repeat(CHARS_MAX + 1), &hash));
    }

    #[test]
    fn what_is_guessed_first_is_refused() {
        for (password, expected) in [
            ("", Err(BadPassword::Short)),
            ("nine char", Err(BadPassword::Short)),
            ("ten chars!", Ok(())),
            ("öäüöäüßéè1", Ok(())),
            ("aaaaaaaaaaaaaa", Err(BadPassword::Common)),
            ("1212121212", Err(BadPassword::Common)),
            ("Password123", Err(BadPassword::Common)),
            ("TextBack1234", Err(BadPassword::Common)),
        ] {
            assert_eq!(check(password), expected, "{password:?}");
        }
        let long = "correct horse ".repeat(20);
        assert_eq!(check(&long[..CHARS_MAX]), Ok(()));
        assert_eq!(check(&long[..=CHARS_MAX]), Err(BadPassword::Long));
    }
}
