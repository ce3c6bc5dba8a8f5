//! What one short message carries: TP-DCS and TP-UD with its header (3GPP TS 23.040, 9.2.3.16 and 9.2.3.24). Knows
//! nothing of the TPDU around it.

use super::reader::Reader;
use super::text::Joiner;
use super::{
    Alphabet, Concatenation, Dcs, InformationElement, MessageWaiting, PduError, Ports, Problem,
    gsm7, header,
};

/// The content of one short message: a whole text or one part of it, with the data coding scheme and the user data
/// header that go with it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Segment {
    dcs: Dcs,
    header: Vec<InformationElement>,
    body: Body,
}

/// User data behind the header, in code units.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Body {
    Septets(Vec<u8>),
    Octets(Vec<u8>),
    Utf16(Vec<u16>),
}

impl Segment {
    /// A part as [`segment`](super::segment) cuts it: it fits into 140 octets.
    pub(super) fn new(dcs: Dcs, header: Vec<InformationElement>, body: Body) -> Segment {
        Segment { dcs, header, body }
    }

    /// The data coding scheme: alphabet, class, message waiting.
    pub fn dcs(&self) -> Dcs {
        self.dcs
    }

    /// The elements of the user data header, in order.
    pub fn header(&self) -> &[InformationElement] {
        &self.header
    }

    /// Which part of a long message this is, if it is one. Headers that make no sense (part 3 of 2) are ignored.
    pub fn concatenation(&self) -> Option<Concatenation> {
        header::concatenation(&self.header)
    }

    /// The ports of a message between programs. What has ports is not for people to read.
    pub fn ports(&self) -> Option<Ports> {
        header::ports(&self.header)
    }

    /// A message-waiting indication, from the header or the data coding scheme.
    pub fn message_waiting(&self) -> Option<MessageWaiting> {
        header::message_waiting(&self.header).or(self.dcs.message_waiting())
    }

    /// The text. Half a character at the end of a part reads as a space (GSM 7-bit) or U+FFFD (UCS-2): see
    /// [`join`](super::join) for whole messages. 8-bit data is shown as text if it is UTF-8 without control
    /// characters, else as a note that says how much there is.
    pub fn text(&self) -> String {
        let mut joiner = Joiner::default();
        joiner.push(self);
        joiner.finish()
    }

    pub(super) fn body(&self) -> &Body {
        &self.body
    }

    /// The national languages of its locking and single shifts.
    pub(super) fn shift_languages(&self) -> (u8, u8) {
        header::shift_languages(&self.header)
    }

    /// Whether TP-UDHI has to be set.
    pub(super) fn has_header(&self) -> bool {
        !self.header.is_empty()
    }

    /// TP-UDL: septets or octets of the user data, the header included.
    pub fn user_data_length(&self) -> u8 {
        let header = header::write(&self.header).len();
        let length = match &self.body {
            Body::Septets(septets) => septets_in(header) + septets.len(),
            Body::Octets(octets) => header + octets.len(),
            Body::Utf16(units) => header + units.len() * 2,
        };
        u8::try_from(length)
            .expect("140 octets are at most 160 septets, and more are neither read nor cut")
    }

    /// Reads TP-UDL and TP-UD.
    pub(super) fn read(reader: &mut Reader, dcs: Dcs, udhi: bool) -> Result<Segment, PduError> {
        let length = usize::from(reader.octet("TP-UDL")?);
        let octets = match dcs.alphabet() {
            Alphabet::Gsm7 => (length * 7).div_ceil(8),
            Alphabet::EightBit | Alphabet::Ucs2 => length,
        };
        if octets > USER_DATA {
            return Err(reader.error("TP-UDL", 1, Problem::LongUserData(octets)));
        }
        let user_data = reader.take("TP-UD", octets)?;
        let header_octets = match user_data.first() {
            Some(length) if udhi => usize::from(*length) + 1,
            _ => 0,
        };
        let Some((header, rest)) = user_data.split_at_checked(header_octets) else {
            let problem = Problem::HeaderOverrun {
                header: header_octets,
                user_data: octets,
            };
            return Err(reader.error("TP-UDHL", octets, problem));
        };
        let body = match dcs.alphabet() {
            Alphabet::Gsm7 => {
                let mut septets = gsm7::unpack(&user_data, length);
                septets.drain(..septets_in(header_octets).min(septets.len()));
                Body::Septets(septets)
            }
            Alphabet::EightBit => Body::Octets(rest.to_vec()),
            Alphabet::Ucs2 => {
                let (pairs, odd) = rest.as_chunks::<2>();
                if !odd.is_empty() {
                    return Err(reader.error("TP-UD", rest.len(), Problem::OddUcs2(rest.len())));
                }
                Body::Utf16(pairs.iter().copied().map(u16::from_be_bytes).collect())
            }
        };
        let header = header::read(header.get(1..).unwrap_or_default());
        let segment = Segment { dcs, header, body };
        match &segment.body {
            // Other parts cannot bring the second half, so this text was cut short on its way.
            Body::Utf16(units) if segment.concatenation().is_none() => match units.last() {
                Some(unit @ 0xD800..=0xDBFF) => {
                    Err(reader.error("TP-UD", 2, Problem::HalfSurrogate(*unit)))
                }
                _ => Ok(segment),
            },
            _ => Ok(segment),
        }
    }

    /// Writes TP-UDL and TP-UD.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(self.user_data_length());
        let mut user_data = header::write(&self.header);
        match &self.body {
            Body::Septets(septets) => {
                gsm7::pack(septets, septets_in(user_data.len()) * 7, &mut user_data);
            }
            Body::Octets(octets) => user_data.extend(octets),
            Body::Utf16(units) => user_data.extend(units.iter().flat_map(|u| u.to_be_bytes())),
        }
        out.extend(user_data);
    }
}

/// Octets of user data that a message can have (23.040, 9.2.3.16).
pub(super) const USER_DATA: usize = 140;

/// Septets that so many octets of header take up, fill bits included.
pub(super) fn septets_in(header_octets: usize) -> usize {
    (header_octets * 8).div_ceil(7)
}
