//! Hexadecimal text to octets and back. Knows nothing of what the octets mean.

use std::fmt::Write as _;

use super::{PduError, Problem, Tpdu};

/// Octets we read at most. A SIM keeps 176 octets per message (3GPP TS 51.011, 10.5.3) and a TPDU with its service
/// centre address has fewer; the rest is room for modems that pad.
pub(super) const MAX_OCTETS: usize = 512;

/// A PDU ready for the modem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdu {
    /// Upper-case hexadecimal digits, the service centre's address (or `00` for the one on the SIM) in front.
    pub hex: String,
    /// Octets without the service centre's address: the number that `AT+CMGS=`, `+CMT:` and `+CMGR:` want.
    pub tpdu_length: usize,
}

impl Pdu {
    pub(super) fn new(smsc: &[u8], tpdu: &[u8]) -> Pdu {
        let mut hex = String::with_capacity(2 * (smsc.len() + tpdu.len()));
        for octet in smsc.iter().chain(tpdu) {
            write!(hex, "{octet:02X}").expect("writing to a String cannot fail");
        }
        Pdu {
            hex,
            tpdu_length: tpdu.len(),
        }
    }
}

pub(super) fn decode(tpdu: Tpdu, text: &str) -> Result<Vec<u8>, PduError> {
    let text = text.trim_ascii();
    let fail = |offset, problem| PduError {
        tpdu,
        field: "hexadecimal text",
        offset,
        problem,
    };
    let mut digits = Vec::with_capacity(text.len());
    for c in text.chars() {
        match c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()) {
            Some(digit) => digits.push(digit),
            None => return Err(fail(digits.len() / 2, Problem::NotHex(c))),
        }
    }
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(fail(pairs.len(), Problem::HalfOctet));
    }
    if pairs.len() > MAX_OCTETS {
        let problem = Problem::TooLong {
            octets: pairs.len(),
            limit: MAX_OCTETS,
        };
        return Err(fail(MAX_OCTETS, problem));
    }
    Ok(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}
