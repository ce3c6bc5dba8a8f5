//! TP-VP: how long the network shall try (3GPP TS 23.040, 9.2.3.3 and 9.2.3.12). Knows no clock.

use std::time::Duration;

use super::reader::Reader;
use super::timestamp::from_swapped;
use super::{PduError, Problem, Timestamp};

/// How long the service centre keeps trying to deliver a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Validity {
    /// As long as the service centre likes.
    None,
    /// From the moment the service centre has it, in the code of 9.2.3.12.1: see [`Validity::at_least`].
    Relative(u8),
    /// Until then.
    Absolute(Timestamp),
    /// One of several formats in seven octets (9.2.3.12.3).
    Enhanced([u8; 7]),
}

const MINUTE: u32 = 60;
const DAY: u32 = 24 * 60 * MINUTE;

impl Validity {
    /// The shortest relative validity that is not shorter than `time`; 63 weeks if it is longer than all.
    pub fn at_least(time: Duration) -> Validity {
        let fits = |code: &u8| relative(*code) >= time;
        Validity::Relative((0..=u8::MAX).find(fits).unwrap_or(u8::MAX))
    }

    /// How long from the moment the service centre has it. `None` where the network decides or a date does.
    pub fn duration(&self) -> Option<Duration> {
        match self {
            Validity::None | Validity::Absolute(_) => None,
            Validity::Relative(code) => Some(relative(*code)),
            Validity::Enhanced([indicator, a, b, c, ..]) => match indicator & ENHANCED_MASK {
                ENHANCED_RELATIVE => Some(relative(*a)),
                ENHANCED_SECONDS => Some(Duration::from_secs(u64::from(*a))),
                ENHANCED_CLOCK => {
                    let [hours, minutes, seconds] =
                        [*a, *b, *c].map(|o| from_swapped(o).map(u64::from));
                    Some(Duration::from_secs(
                        (hours? * 60 + minutes?) * 60 + seconds?,
                    ))
                }
                _ => None,
            },
        }
    }

    /// TP-VPF, the two bits in the first octet.
    pub(super) fn format(&self) -> u8 {
        match self {
            Validity::None => FORMAT_NONE,
            Validity::Enhanced(_) => FORMAT_ENHANCED,
            Validity::Relative(_) => FORMAT_RELATIVE,
            Validity::Absolute(_) => FORMAT_ABSOLUTE,
        }
    }

    pub(super) fn read(reader: &mut Reader, first_octet: u8) -> Result<Validity, PduError> {
        Ok(match first_octet & FORMAT_MASK {
            FORMAT_RELATIVE => Validity::Relative(reader.octet("TP-VP")?),
            FORMAT_ABSOLUTE => Validity::Absolute(Timestamp::read(reader, "TP-VP")?),
            FORMAT_ENHANCED => {
                let octets = reader.array::<7>("TP-VP")?;
                if octets[0] & ENHANCED_MASK == ENHANCED_CLOCK {
                    for (back, octet) in [(6, octets[1]), (5, octets[2]), (4, octets[3])] {
                        if from_swapped(octet).is_none() {
                            return Err(reader.error("TP-VP", back, Problem::NotDecimal(octet)));
                        }
                    }
                }
                Validity::Enhanced(octets)
            }
            _ => Validity::None,
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Validity::None => {}
            Validity::Relative(code) => out.push(*code),
            Validity::Absolute(until) => out.extend(until.octets()),
            Validity::Enhanced(octets) => out.extend(octets),
        }
    }
}

const FORMAT_MASK: u8 = 0b0001_1000;
const FORMAT_NONE: u8 = 0b0000_0000;
const FORMAT_ENHANCED: u8 = 0b0000_1000;
const FORMAT_RELATIVE: u8 = 0b0001_0000;
const FORMAT_ABSOLUTE: u8 = 0b0001_1000;

/// Format and extension bits of the functionality indicator: with an extension, which nobody has defined yet, what
/// follows cannot be understood.
const ENHANCED_MASK: u8 = 0b1000_0111;
const ENHANCED_RELATIVE: u8 = 0b001;
const ENHANCED_SECONDS: u8 = 0b010;
const ENHANCED_CLOCK: u8 = 0b011;

/// 9.2.3.12.1: steps of 5 minutes, then 30 minutes, days, weeks.
fn relative(code: u8) -> Duration {
    let code = u32::from(code);
    let seconds = match code {
        0..=143 => (code + 1) * 5 * MINUTE,
        144..=167 => DAY / 2 + (code - 143) * 30 * MINUTE,
        168..=196 => (code - 166) * DAY,
        _ => (code - 192) * 7 * DAY,
    };
    Duration::from_secs(seconds.into())
}
