//! The user data header and the elements in it that we act on (3GPP TS 23.040, 9.2.3.24). Knows nothing of the text
//! that follows.

use super::{MessageWaiting, Waiting};

/// One information element, as it came.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InformationElement {
    /// Its identifier (23.040, 9.2.3.24).
    pub identifier: u8,
    /// Its octets.
    pub data: Vec<u8>,
}

/// Which part of a long message this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Concatenation {
    /// The same in all parts; the sender starts again after 256 or 65536 messages.
    pub reference: u16,
    /// Bits of the reference, 8 or 16: references of different width are different references.
    pub bits: u8,
    /// Parts of the message, 1 to 255.
    pub total: u8,
    /// This part, 1 to `total`.
    pub sequence: u8,
}

/// Ports of an application: such a message is for a program (a WAP push, say) and not for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ports {
    /// To which.
    pub destination: u16,
    /// From which.
    pub source: u16,
    /// Bits of each, 8 or 16.
    pub bits: u8,
}

const CONCATENATION_8: u8 = 0x00;
const MESSAGE_WAITING: u8 = 0x01;
const PORTS_8: u8 = 0x04;
const PORTS_16: u8 = 0x05;
const CONCATENATION_16: u8 = 0x08;
const SINGLE_SHIFT: u8 = 0x24;
const LOCKING_SHIFT: u8 = 0x25;

impl Concatenation {
    /// Total 0 and sequences outside the total are to be ignored (9.2.3.24.1).
    fn from_element(element: &InformationElement) -> Option<Concatenation> {
        let (reference, bits, total, sequence) = match (element.identifier, &element.data[..]) {
            (CONCATENATION_8, &[reference, total, sequence]) => {
                (u16::from(reference), 8, total, sequence)
            }
            (CONCATENATION_16, &[high, low, total, sequence]) => {
                (u16::from_be_bytes([high, low]), 16, total, sequence)
            }
            _ => return None,
        };
        (1..=total).contains(&sequence).then_some(Concatenation {
            reference,
            bits,
            total,
            sequence,
        })
    }

    pub(super) fn to_element(self) -> InformationElement {
        let [high, low] = self.reference.to_be_bytes();
        let (identifier, data) = if self.bits == 16 {
            (CONCATENATION_16, vec![high, low, self.total, self.sequence])
        } else {
            (CONCATENATION_8, vec![low, self.total, self.sequence])
        };
        InformationElement { identifier, data }
    }
}

/// Reads the elements of a header, its length octet left out. One that runs over the end spoils the header, not the
/// text: it and what follows it are dropped.
pub(super) fn read(mut octets: &[u8]) -> Vec<InformationElement> {
    let mut elements = Vec::new();
    while let [identifier, length, rest @ ..] = octets {
        let Some((data, after)) = rest.split_at_checked(usize::from(*length)) else {
            break;
        };
        elements.push(InformationElement {
            identifier: *identifier,
            data: data.to_vec(),
        });
        octets = after;
    }
    elements
}

/// The header with its length octet; nothing at all if there are no elements.
pub(super) fn write(elements: &[InformationElement]) -> Vec<u8> {
    if elements.is_empty() {
        return Vec::new();
    }
    let mut out = vec![0];
    for element in elements {
        out.push(element.identifier);
        out.push(octet_count(element.data.len()));
        out.extend(&element.data);
    }
    out[0] = octet_count(out.len() - 1);
    out
}

fn octet_count(octets: usize) -> u8 {
    u8::try_from(octets)
        .expect("read from a field with an octet for its length, or made for 140 octets")
}

// Where an element comes twice, or two contradict each other, the last one counts (9.2.3.24).

pub(super) fn concatenation(elements: &[InformationElement]) -> Option<Concatenation> {
    elements.iter().rev().find_map(Concatenation::from_element)
}

pub(super) fn ports(elements: &[InformationElement]) -> Option<Ports> {
    elements.iter().rev().find_map(|element| {
        let (destination, source, bits) = match (element.identifier, &element.data[..]) {
            (PORTS_8, &[destination, source]) => (destination.into(), source.into(), 8),
            (PORTS_16, &[d0, d1, s0, s1]) => (
                u16::from_be_bytes([d0, d1]),
                u16::from_be_bytes([s0, s1]),
                16,
            ),
            _ => return None,
        };
        Some(Ports {
            destination,
            source,
            bits,
        })
    })
}

/// The special message indication (9.2.3.24.2).
pub(super) fn message_waiting(elements: &[InformationElement]) -> Option<MessageWaiting> {
    elements.iter().rev().find_map(|element| {
        let (MESSAGE_WAITING, &[kind, count]) = (element.identifier, &element.data[..]) else {
            return None;
        };
        Some(MessageWaiting {
            store: kind & 0x80 != 0,
            active: count > 0,
            waiting: Waiting::from_bits(kind & 0x1F),
        })
    })
}

/// The national languages of locking and single shift (9.2.3.24.15 and 16); 0 is the default alphabet.
pub(super) fn shift_languages(elements: &[InformationElement]) -> (u8, u8) {
    let language = |identifier| {
        let mut wanted = elements.iter().rev().filter(|e| e.identifier == identifier);
        wanted.find_map(|e| e.data.first().copied()).unwrap_or(0)
    };
    (language(LOCKING_SHIFT), language(SINGLE_SHIFT))
}
