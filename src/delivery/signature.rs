//! The signature of a webhook, as Standard Webhooks 1.0.0 has it
//! (github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): HMAC-SHA256 over `id.timestamp.body`.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What a symmetric secret begins with (Standard Webhooks, "Signature scheme").
const PREFIX: &str = "whsec_";
/// Bytes of a secret (the same: "between 24 bytes (192 bits) and 64 bytes (512 bits)").
const BYTES_MIN: usize = 24;
/// The same.
const BYTES_MAX: usize = 64;

/// What a webhook is signed with. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// A secret that does not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "should hold whsec_ and then 24 to 64 random bytes in base64, as `echo whsec_$(head -c 32 /dev/urandom | base64)` makes it"
)]
pub struct BadSecret;

impl Secret {
    /// Reads a secret as it is written; space around it does not count.
    ///
    /// # Errors
    /// When it is none. The error does not repeat it.
    pub fn parse(text: &str) -> Result<Self, BadSecret> {
        let base64 = text.trim().strip_prefix(PREFIX).ok_or(BadSecret)?;
        let bytes = STANDARD.decode(base64).map_err(|_| BadSecret)?;
        match bytes.len() {
            BYTES_MIN..=BYTES_MAX => Ok(Self(bytes)),
            _ => Err(BadSecret),
        }
    }

    /// The value of `webhook-signature` for a message that is sent at `timestamp`, in seconds since 1970 UTC.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the reference implementations of Standard Webhooks are tested with.
    #[test]
    fn the_example_of_the_reference_implementations_is_signed_alike() {
        let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
        let signature = secret.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_has_24_to_64_bytes_after_its_prefix() {
        let of = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
        for (text, good) in [
            (of(23), false),
            (of(24), true),
            (of(64), true),
            (of(65), false),
            (of(32).replace("whsec_", ""), false),
            ("whsec_not base64".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(Secret::parse(&text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::parse(&format!("whsec_{}", STANDARD.encode([65; 32]))).unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }
}
