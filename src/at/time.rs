//! What a modem says of the time: `+CCLK` (27.007 8.15), which it has from its network (`+CTZU`), if at all. Knows no clock of ours.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// `+CCLK`: local time, and how far that is from Greenwich.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModemTime {
    local: DateTime,
    /// Quarters of an hour east.
    zone: i8,
}

impl ModemTime {
    /// Reads `yy/MM/dd,hh:mm:ss±zz`. `None` if that is not what it is: without a zone nobody can tell what time it means.
    #[must_use]
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (time, zone) = text.split_at(text.rfind(['+', '-'])?);
        let zone = zone.parse().ok().filter(|zone| (-56..=56).contains(zone))?;
        let mut numbers = time.split(['/', ',', ':']).map(|number| {
            let good = number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit());
            good.then(|| number.parse::<i8>().ok()).flatten()
        });
        let mut next = || numbers.next().flatten();
        let [year, month, day, hour, minute, second] =
            [next()?, next()?, next()?, next()?, next()?, next()?];
        if numbers.next().is_some() {
            return None;
        }
        let local = DateTime::new(2000 + i16::from(year), month, day, hour, minute, second, 0);
        Some(Self {
            local: local.ok()?,
            zone,
        })
    }

    /// The moment it means by the standard, and the one that those mean who say the time of Greenwich and a zone with it.
    #[must_use]
    pub fn moments(&self) -> Option<[Timestamp; 2]> {
        let local = Offset::from_seconds(i32::from(self.zone) * 15 * 60).ok()?;
        let moment = |offset: Offset| offset.to_timestamp(self.local).ok();
        Some([moment(local)?, moment(Offset::UTC)?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_read_as_the_standard_has_it_and_nothing_else_is() {
        let moments = |text: &str| {
            let moments = ModemTime::parse(text)?.moments()?;
            Some(moments.map(|it| it.to_string()).join(" "))
        };
        for (text, read) in [
            (
                "26/11/24,07:00:05-20",
                "2026-11-24T12:00:05Z 2026-11-24T07:00:05Z",
            ),
            (
                "18/12/05,08:51:13+04",
                "2018-12-05T07:51:13Z 2018-12-05T08:51:13Z",
            ),
            (
                "80/01/06,00:00:12+00",
                "2080-01-06T00:00:12Z 2080-01-06T00:00:12Z",
            ),
            (
                "26/02/28,23:59:59+22",
                "2026-02-28T18:29:59Z 2026-02-28T23:59:59Z",
            ),
        ] {
            assert_eq!(moments(text).as_deref(), Some(read));
        }
        for text in [
            "",
            "+",
            "26/11/24,07:00:05",
            "26/02/30,07:00:05+04",
            "26/11/24,24:00:05+04",
            "2026/11/24,07:00:05+04",
            "26/11/24,07:00+04",
            "26/11/24,07:00:05:06+04",
            "26/11/24,07:00:05+99",
            "-6/11/24,07:00:05+04",
            "26/11/24,07:00:05+\u{665}",
        ] {
            assert_eq!(moments(text), None, "{text}");
        }
    }
}
