//! TP-SCTS and its kin: a moment in seven octets (3GPP TS 23.040, 9.2.3.11). Knows no clock.

use std::fmt;

use jiff::tz::Offset;

use super::reader::Reader;
use super::{PduError, Problem};

/// The standard writes two digits of the year and leaves the century open. The first short message was sent in 1992.
const FIRST_YEAR: i16 = 1990;

fn full_year(digits: u8) -> i16 {
    let year = 1900 + i16::from(digits);
    if year < FIRST_YEAR { year + 100 } else { year }
}

/// A moment as a service centre wrote it, with the zone it was written in.
///
/// Kept as its seven octets: a date that does not exist (`00-00-00`) is kept as it came and has no
/// [`to_jiff`](Timestamp::to_jiff).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timestamp([u8; 7]);

impl Timestamp {
    /// `at`, written in a zone of that many quarters of an hour east of Greenwich.
    ///
    /// `None` outside the years 1990 to 2089 there, or for a zone beyond 79 quarters: seven octets cannot say it.
    pub fn new(at: jiff::Timestamp, zone_quarters: i8) -> Option<Timestamp> {
        if zone_quarters.unsigned_abs() > 79 {
            return None;
        }
        let offset = Offset::from_seconds(i32::from(zone_quarters) * 15 * 60).ok()?;
        let there = offset.to_datetime(at);
        let year = u8::try_from(there.year().rem_euclid(100)).ok()?;
        if full_year(year) != there.year() {
            return None;
        }
        let zone = to_swapped(zone_quarters.unsigned_abs());
        Some(Timestamp([
            to_swapped(year),
            to_swapped(there.month().unsigned_abs()),
            to_swapped(there.day().unsigned_abs()),
            to_swapped(there.hour().unsigned_abs()),
            to_swapped(there.minute().unsigned_abs()),
            to_swapped(there.second().unsigned_abs()),
            if zone_quarters < 0 {
                zone | ZONE_SIGN
            } else {
                zone
            },
        ]))
    }

    pub(super) fn read(reader: &mut Reader, field: &'static str) -> Result<Timestamp, PduError> {
        let octets = reader.array::<7>(field)?;
        for (i, octet) in octets.iter().take(6).enumerate() {
            if from_swapped(*octet).is_none() {
                return Err(reader.error(field, 7 - i, Problem::NotDecimal(*octet)));
            }
        }
        // The zone is not checked: service centres write half-octets above 9 there and mean them (12 quarters as C).
        Ok(Timestamp(octets))
    }

    pub(super) fn octets(&self) -> [u8; 7] {
        self.0
    }

    /// Quarters of an hour east of Greenwich; west is negative.
    pub fn zone_quarters(&self) -> i8 {
        let octet = self.0[6];
        let quarters = i8::try_from((octet & 0x07) * 10 + (octet >> 4))
            .expect("seven tens and fifteen are far below 127");
        if octet & ZONE_SIGN == 0 {
            quarters
        } else {
            -quarters
        }
    }

    /// Whether the zone is written in decimal digits, as it should be.
    pub fn zone_is_decimal(&self) -> bool {
        self.0[6] >> 4 < 10
    }

    /// The moment, or `None` where the date does not exist.
    pub fn to_jiff(&self) -> Option<jiff::Timestamp> {
        let [year, date @ ..] = self.digits();
        let [month, day, hour, minute, second] = date.map(u8::cast_signed);
        let year = full_year(year);
        let there = jiff::civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
        let offset = Offset::from_seconds(i32::from(self.zone_quarters()) * 15 * 60).ok()?;
        offset.to_timestamp(there).ok()
    }

    /// Year of the century, month, day, hour, minute, second.
    fn digits(&self) -> [u8; 6] {
        let [date @ .., _zone] = self.0;
        date.map(|octet| from_swapped(octet).expect("checked when read, decimal when made"))
    }
}

impl fmt::Display for Timestamp {
    /// ISO 8601 with the zone it was written in, also for a date that does not exist.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [year, month, day, hour, minute, second] = self.digits();
        let zone = self.zone_quarters();
        let (sign, quarters) = (if zone < 0 { '-' } else { '+' }, zone.unsigned_abs());
        write!(
            f,
            "{:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{sign}{:02}:{:02}",
            full_year(year),
            quarters / 4,
            quarters % 4 * 15
        )
    }
}

/// The algebraic sign within the zone octet: bit 3, the top of the tens (9.2.3.11).
const ZONE_SIGN: u8 = 0x08;

/// The value of two decimal half-octets, tens in the lower one; `None` if one of them is no decimal digit.
pub(super) fn from_swapped(octet: u8) -> Option<u8> {
    let (tens, ones) = (octet & 0x0F, octet >> 4);
    (tens < 10 && ones < 10).then_some(tens * 10 + ones)
}

/// Two decimal half-octets, tens in the lower one. `value` is below 100.
fn to_swapped(value: u8) -> u8 {
    ((value % 10) << 4) | (value / 10)
}
