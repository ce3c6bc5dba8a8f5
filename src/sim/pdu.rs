//! The few PDUs the network reads and writes (3GPP TS 23.040), and nothing else of the simulation.

use super::network::{Sent, SentPart};

/// A message as the network reads it out of a SUBMIT PDU.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    pub(super) to: String,
    pub(super) text: String,
    pub(super) status_report_requested: bool,
    pub(super) part: Option<SentPart>,
}

/// The octets behind the service centre's address: what `AT+CMGS` counts.
pub(super) fn tpdu_len(pdu: &str) -> Option<usize> {
    let octets = octets(pdu)?;
    octets.len().checked_sub(1 + usize::from(*octets.first()?))
}

fn octets(hex: &str) -> Option<Vec<u8>> {
    if !hex.len().is_multiple_of(2) {
        return None;
    }
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok())
        .collect()
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02X}")).collect()
}

const GSM7: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1b}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const GSM7_EXTENSION: &[(u8, char)] = &[
    (0x0a, '\u{c}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2f, '\\'),
    (0x3c, '['),
    (0x3d, '~'),
    (0x3e, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn octet(&mut self) -> Result<u8, String> {
        Ok(self.octets(1)?[0])
    }

    fn octets(&mut self, count: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or("it ends too early")?;
        self.0 = rest;
        Ok(taken)
    }
}

/// Takes a SUBMIT PDU apart.
pub(super) fn read_submit(pdu: &str) -> Result<Taken, String> {
    let octets = octets(pdu).ok_or("not whole octets")?;
    let mut rest = Reader(&octets);
    let centre = rest.octet()?;
    rest.octets(centre.into())?;
    let first = rest.octet()?;
    if first & 0x03 != 1 {
        return Err("no SUBMIT".into());
    }
    rest.octet()?;
    let to = read_address(&mut rest)?;
    rest.octet()?;
    let coding = rest.octet()?;
    rest.octets(match first >> 3 & 0x03 {
        0 => 0,
        2 => 1,
        _ => 7,
    })?;
    let length = rest.octet()?;
    let data = rest.0;
    let ucs2 = match coding {
        0x00 => false,
        0x08 => true,
        other => return Err(format!("data coding {other:02X} is not expected")),
    };
    let expected = if ucs2 {
        usize::from(length)
    } else {
        (usize::from(length) * 7).div_ceil(8)
    };
    if data.len() != expected {
        return Err(format!(
            "{} octets of user data where {expected} were announced",
            data.len()
        ));
    }
    let header = if first & 0x40 == 0 {
        &[][..]
    } else {
        let mut data = Reader(data);
        let length = data.octet()?;
        data.octets(length.into())?
    };
    let header_octets = if first & 0x40 == 0 {
        0
    } else {
        header.len() + 1
    };
    let text = if ucs2 {
        let body = data.get(header_octets..).unwrap_or_default();
        if !body.len().is_multiple_of(2) {
            return Err("half a UCS-2 character".into());
        }
        let units: Vec<u16> = body
            .chunks_exact(2)
            .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
            .collect();
        String::from_utf16(&units).map_err(|error| error.to_string())?
    } else {
        read_septets(data, (header_octets * 8).div_ceil(7), length.into())?
    };
    Ok(Taken {
        to,
        text,
        status_report_requested: first & 0x20 != 0,
        part: read_part(header),
    })
}

fn read_address(rest: &mut Reader<'_>) -> Result<String, String> {
    let digits = usize::from(rest.octet()?);
    let kind = rest.octet()?;
    let mut number = String::new();
    for octet in rest.octets(digits.div_ceil(2))? {
        for digit in [octet & 0x0f, octet >> 4] {
            number.extend(char::from_digit(digit.into(), 10));
        }
    }
    if number.len() != digits {
        return Err("the recipient's digits do not match their count".into());
    }
    Ok(if kind & 0x70 == 0x10 {
        format!("+{number}")
    } else {
        number
    })
}

fn read_septets(data: &[u8], from: usize, count: usize) -> Result<String, String> {
    let alphabet: Vec<char> = GSM7.chars().collect();
    let mut text = String::new();
    let mut escaped = false;
    for at in from..count {
        let bit = at * 7;
        let low = u16::from(data[bit / 8]);
        let high = u16::from(data.get(bit / 8 + 1).copied().unwrap_or(0));
        let septet = u8::try_from((high << 8 | low) >> (bit % 8) & 0x7f).unwrap_or_default();
        if escaped {
            let known = GSM7_EXTENSION.iter().find(|(code, _)| *code == septet);
            text.push(
                known
                    .ok_or(format!("no extension character {septet:02X}"))?
                    .1,
            );
            escaped = false;
        } else if septet == 0x1b {
            escaped = true;
        } else {
            text.extend(alphabet.get(usize::from(septet)));
        }
    }
    if escaped {
        return Err("a lone escape at the end".into());
    }
    Ok(text)
}

/// The concatenation element, 8 or 16 bits (9.2.3.24.1 and .8).
fn read_part(header: &[u8]) -> Option<SentPart> {
    let mut rest = Reader(header);
    loop {
        let kind = rest.octet().ok()?;
        let length = rest.octet().ok()?;
        let (reference, total, number) = match (kind, rest.octets(length.into()).ok()?) {
            (0x00, &[reference, total, number]) => (reference.into(), total, number),
            (0x08, &[high, low, total, number]) => (u16::from_be_bytes([high, low]), total, number),
            _ => continue,
        };
        return Some(SentPart {
            reference,
            total,
            number,
        });
    }
}

fn write_address(number: &str) -> Vec<u8> {
    let digits: Vec<u8> = number
        .bytes()
        .filter(u8::is_ascii_digit)
        .map(|digit| digit - b'0')
        .collect();
    let kind = if number.starts_with('+') { 0x91 } else { 0x81 };
    let mut octets = vec![u8::try_from(digits.len()).unwrap_or(u8::MAX), kind];
    octets.extend(
        digits
            .chunks(2)
            .map(|pair| pair.get(1).unwrap_or(&0x0f) << 4 | pair[0]),
    );
    octets
}

fn write_centre(number: &str) -> Vec<u8> {
    let mut octets = write_address(number);
    octets[0] = u8::try_from(octets.len() - 1).unwrap_or(u8::MAX);
    octets
}

fn write_time(time: jiff::Timestamp) -> Vec<u8> {
    let time = time.to_zoned(jiff::tz::TimeZone::UTC);
    let fields = [
        time.year().rem_euclid(100).unsigned_abs(),
        time.month().unsigned_abs().into(),
        time.day().unsigned_abs().into(),
        time.hour().unsigned_abs().into(),
        time.minute().unsigned_abs().into(),
        time.second().unsigned_abs().into(),
        0,
    ];
    fields
        .iter()
        .map(|field| u8::try_from(((field % 10) << 4) | (field / 10)).unwrap_or_default())
        .collect()
}

/// UTF-16 units of one part of a long message.
const UNITS_PER_PART: usize = 67;
const UNITS_ALONE: usize = 70;

/// The DELIVER PDUs of a text, in UCS-2.
pub(super) fn deliver(
    centre: &str,
    from: &str,
    text: &str,
    at: jiff::Timestamp,
    reference: u8,
) -> Vec<String> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let parts: Vec<&[u16]> = if units.len() <= UNITS_ALONE {
        vec![&units]
    } else {
        units.chunks(UNITS_PER_PART).collect()
    };
    let total = u8::try_from(parts.len()).unwrap_or(u8::MAX);
    (1..=total)
        .zip(&parts)
        .map(|(number, part)| {
            let mut data = Vec::new();
            if total > 1 {
                data.extend([5, 0, 3, reference, total, number]);
            }
            data.extend(part.iter().flat_map(|unit| unit.to_be_bytes()));
            let mut pdu = write_centre(centre);
            pdu.push(if total > 1 { 0x44 } else { 0x04 });
            pdu.extend(write_address(from));
            pdu.extend([0x00, 0x08]);
            pdu.extend(write_time(at));
            pdu.push(u8::try_from(data.len()).unwrap_or(u8::MAX));
            pdu.extend(data);
            hex(&pdu)
        })
        .collect()
}

/// The STATUS-REPORT PDU for a message.
pub(super) fn status_report(
    centre: &str,
    sent: &Sent,
    taken_at: jiff::Timestamp,
    done_at: jiff::Timestamp,
    status: u8,
) -> String {
    let mut pdu = write_centre(centre);
    pdu.extend([0x06, sent.reference]);
    pdu.extend(write_address(&sent.to));
    pdu.extend(write_time(taken_at));
    pdu.extend(write_time(done_at));
    pdu.push(status);
    hex(&pdu)
}
