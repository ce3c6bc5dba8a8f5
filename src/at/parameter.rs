//! What goes into commands, typed so that no quote, CR, Ctrl-Z or ESC can get in. Knows no command.

use std::fmt;

/// A SIM's PIN: four to eight digits (3GPP TS 31.101 9.5.1). Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Pin(String);

impl Pin {
    /// `None` if `text`, spaces around it aside, is not four to eight digits.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let good = (4..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        good.then(|| Self(text.to_owned()))
    }

    /// The digits.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(…)")
    }
}

/// The number of a network's service centre: up to 20 digits (23.040 9.1.2.5), perhaps behind a plus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceCentre(String);

impl ServiceCentre {
    /// `None` if `text` is no number.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        let good = (1..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        good.then(|| Self(text.to_owned()))
    }

    /// As `AT+CSCA` wants it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `<tosca>`: 145 international, 129 unknown (27.005 3.1).
    #[must_use]
    pub fn kind(&self) -> u8 {
        if self.0.starts_with('+') { 145 } else { 129 }
    }
}

/// A PDU in hexadecimal digits, service centre address included, as it goes out behind a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PduHex(String);

impl PduHex {
    /// `None` unless `text` is a whole number of octets in hexadecimal digits, and at least one.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let good = !text.is_empty()
            && text.len().is_multiple_of(2)
            && text.bytes().all(|b| b.is_ascii_hexdigit());
        good.then(|| Self(text.to_owned()))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where messages are kept (27.005 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// `SM`: the SIM.
    Sim,
    /// `ME`: the modem itself.
    Modem,
    /// `SR`: status reports, where they are kept apart.
    Reports,
}

impl Memory {
    /// Every memory that a message for us can lie in.
    pub const ALL: [Self; 3] = [Self::Sim, Self::Modem, Self::Reports];

    /// The memory that a `+CMTI` or `+CDSI` names; `None` for one of several (`MT`) and what nobody knows.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|memory| memory.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sim => "SM",
            Self::Modem => "ME",
            Self::Reports => "SR",
        }
    }
}

/// The parameters of `AT+CNMI` (27.005 3.4.1), `<mode>,<mt>,<bm>,<ds>,<bfr>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewMessages {
    /// What happens to URCs while the line is busy: 1 drops them when the line is reserved, 2 keeps them back.
    pub mode: u8,
    /// 1: a message is stored and `+CMTI` tells where.
    pub message: u8,
    /// 0: no cell broadcast.
    pub broadcast: u8,
    /// Status reports: 0 none, 1 by `+CDS`, 2 stored and told by `+CDSI`.
    pub report: u8,
    /// What happens to the URCs kept back when `mode` changes: 0 they come, 1 they are dropped.
    pub buffer: u8,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pdu_is_whole_octets_and_nothing_that_ends_a_prompt() {
        assert!(PduHex::new("00aF").is_some());
        for bad in ["", "0", "0g", "00\u{1a}0", "00\r\n", "00\u{1b}a"] {
            assert_eq!(PduHex::new(bad), None, "{bad:?}");
        }
    }
}
