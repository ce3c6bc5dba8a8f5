//! Addresses of TPDUs and of service centres (3GPP TS 23.040, 9.1.2.5). Knows no numbering plan: whether a number can
//! exist is for others to say.

use super::reader::Reader;
use super::{PduError, Problem, gsm7};

/// Half-octets of an address at most: ten octets of address value (23.040, 9.1.2.5).
const MAX_HALF_OCTETS: usize = 20;
/// Septets of an alphanumeric address that fit into these.
const MAX_SEPTETS: usize = 11;
const INTERNATIONAL: u8 = 0x91;
const UNKNOWN: u8 = 0x81;
const ALPHANUMERIC: u8 = 0xD0;

/// Who sent a message or shall have it: digits, or a name that cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    type_of_address: u8,
    value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Value {
    /// `0`–`9`, `*`, `#`, `a`–`c`.
    Digits(String),
    /// GSM 7-bit default alphabet.
    Septets(Vec<u8>),
}

/// A text that cannot stand in an address field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing there.
    #[error("the number is empty; give digits, with + in front for an international number")]
    Empty,
    /// Something that is not dialled, at this place.
    #[error(
        "{0:?} in {1:?} cannot be dialled; give digits only, with + in front for an international number"
    )]
    NotDialable(char, String),
    /// More than an address field holds.
    #[error("{0:?} is too long for an address: 20 digits or 11 characters fit")]
    TooLong(String),
    /// A name with a character outside the GSM 7-bit default alphabet.
    #[error("{0:?} has characters outside the GSM 7-bit alphabet")]
    NotGsm7(String),
}

impl Address {
    /// The address of a number as one dials it: `+` in front makes it international (0x91), else its type is unknown
    /// (0x81). `*` and `#` count as digits.
    ///
    /// # Errors
    /// When it is empty, longer than 20 digits, or has anything else in it.
    pub fn from_dialable(number: &str) -> Result<Address, AddressError> {
        let (type_of_address, digits) = match number.strip_prefix('+') {
            Some(digits) => (INTERNATIONAL, digits),
            None => (UNKNOWN, number),
        };
        if digits.is_empty() {
            return Err(AddressError::Empty);
        }
        if let Some(c) = digits
            .chars()
            .find(|c| !c.is_ascii_digit() && !matches!(c, '*' | '#'))
        {
            return Err(AddressError::NotDialable(c, number.to_owned()));
        }
        if digits.len() > MAX_HALF_OCTETS {
            return Err(AddressError::TooLong(number.to_owned()));
        }
        Ok(Address {
            type_of_address,
            value: Value::Digits(digits.to_owned()),
        })
    }

    /// The address of a sender that goes by a name, as banks and operators do.
    ///
    /// # Errors
    /// When the name is longer than 11 septets or has a character outside the GSM 7-bit default alphabet.
    pub fn from_name(name: &str) -> Result<Address, AddressError> {
        let septets = gsm7::encode(name).ok_or_else(|| AddressError::NotGsm7(name.to_owned()))?;
        if septets.len() > MAX_SEPTETS {
            return Err(AddressError::TooLong(name.to_owned()));
        }
        Ok(Address {
            type_of_address: ALPHANUMERIC,
            value: Value::Septets(septets),
        })
    }

    /// The number as one would dial it, `+` in front of an international one; the name of an alphanumeric address.
    /// May be empty.
    pub fn number(&self) -> String {
        match &self.value {
            Value::Septets(septets) => gsm7::decode(septets),
            Value::Digits(digits) if self.type_of_address & TON_MASK == TON_INTERNATIONAL => {
                format!("+{digits}")
            }
            Value::Digits(digits) => digits.clone(),
        }
    }

    /// The type-of-address octet: type of number and numbering plan.
    pub fn type_of_address(&self) -> u8 {
        self.type_of_address
    }

    /// Whether it is a name rather than a number.
    pub fn is_alphanumeric(&self) -> bool {
        matches!(self.value, Value::Septets(_))
    }

    /// Reads TP-OA, TP-DA or TP-RA: the length counts half-octets of the value.
    pub(super) fn read(reader: &mut Reader, field: &'static str) -> Result<Address, PduError> {
        let half_octets = usize::from(reader.octet(field)?);
        if half_octets > MAX_HALF_OCTETS {
            return Err(reader.error(field, 1, Problem::LongAddress(half_octets)));
        }
        let type_of_address = reader.octet(field)?;
        let value = reader.take(field, half_octets.div_ceil(2))?;
        Ok(Address::from_value(type_of_address, &value, half_octets))
    }

    /// Reads the service centre's address: the length counts octets, the type of address included; none is 0.
    pub(super) fn read_service_centre(reader: &mut Reader) -> Result<Option<Address>, PduError> {
        let field = "service centre address";
        let octets = usize::from(reader.octet(field)?);
        let half_octets = octets.saturating_sub(1) * 2;
        if half_octets > MAX_HALF_OCTETS {
            return Err(reader.error(field, 1, Problem::LongAddress(half_octets)));
        }
        let address = reader.take(field, octets)?;
        Ok(address.split_first().map(|(type_of_address, value)| {
            Address::from_value(*type_of_address, value, half_octets)
        }))
    }

    fn from_value(type_of_address: u8, value: &[u8], half_octets: usize) -> Address {
        let value = if type_of_address & TON_MASK == TON_ALPHANUMERIC {
            let mut septets = gsm7::unpack(value, half_octets * 4 / 7);
            // Seven characters leave room for an eighth septet. Senders that count whole octets claim it, and it
            // reads as '@'. Elsewhere an '@' at the end is meant (CPHS voicemail: "_@").
            if septets.len().is_multiple_of(8) && septets.last() == Some(&0) {
                septets.pop();
            }
            Value::Septets(septets)
        } else {
            Value::Digits(
                value
                    .iter()
                    .flat_map(|octet| [octet & 0x0F, octet >> 4])
                    .take(half_octets)
                    .map_while(|nibble| DIGITS.get(usize::from(nibble)).copied())
                    .map(char::from)
                    .collect(),
            )
        };
        Address {
            type_of_address,
            value,
        }
    }

    /// As TP-OA, TP-DA or TP-RA.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let (half_octets, value) = self.to_value();
        out.extend([count(half_octets), self.type_of_address]);
        out.extend(value);
    }

    /// As a service centre's address; none is a single zero: the modem takes the one on the SIM.
    pub(super) fn service_centre_octets(address: Option<&Address>) -> Vec<u8> {
        let Some(address) = address else {
            return vec![0];
        };
        let (_, value) = address.to_value();
        let mut out = vec![count(value.len() + 1), address.type_of_address];
        out.extend(value);
        out
    }

    /// Half-octets and the octets that hold them.
    fn to_value(&self) -> (usize, Vec<u8>) {
        match &self.value {
            Value::Septets(septets) => {
                let mut octets = Vec::new();
                gsm7::pack(septets, 0, &mut octets);
                ((septets.len() * 7).div_ceil(4), octets)
            }
            Value::Digits(digits) => {
                let nibbles: Vec<u8> = digits.bytes().map(nibble).collect();
                let octets = nibbles
                    .chunks(2)
                    .map(|pair| pair.get(1).unwrap_or(&FILLER) << 4 | pair[0])
                    .collect();
                (nibbles.len(), octets)
            }
        }
    }
}

fn count(length: usize) -> u8 {
    u8::try_from(length).expect("an address has 20 half-octets at most, read or made")
}

/// Type of number, within the type of address (23.040, 9.1.2.5).
const TON_MASK: u8 = 0x70;
const TON_INTERNATIONAL: u8 = 0x10;
const TON_ALPHANUMERIC: u8 = 0x50;

/// The digits of half-octets 0 to 14 (23.040, 9.1.2.3); 15 fills up the last octet.
const DIGITS: &[u8; 15] = b"0123456789*#abc";
const FILLER: u8 = 0x0F;

fn nibble(digit: u8) -> u8 {
    let place = DIGITS.iter().position(|d| *d == digit);
    place
        .and_then(|place| u8::try_from(place).ok())
        .unwrap_or(FILLER)
}
