//! The door of the page: what a password must be and how it is kept, the secrets that are handed out at the door, and how often somebody may try.
//!
//! It draws no random bytes and asks for no time: both are given to it.

mod password;
mod secret;
mod throttle;

pub use password::{BadPassword, CHARS_MAX, CHARS_MIN, SALT_BYTES, hash, is_right, verify};
pub use secret::{CODE_DIGITS, SECRET_BYTES, code, device, digest, is_device, secret, shown_code};
pub use throttle::{Throttle, Who};
