//! The fences: how much may go out, so that neither a flood of calls nor a fraud costs the owner his SIM or his money.
//!
//! A fence knows how full it is and when the owner is to be told. What is counted, and over what time, the store knows; the numbers are
//! settings, with their sources beside them.

use crate::settings::Settings;

/// Something that may not grow without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fence {
    /// Texts in a minute. What is beyond it waits and is not skipped.
    Minute,
    /// Texts in a day.
    Day,
    /// Texts in a calendar month.
    Month,
    /// Different people texted in a calendar month.
    Recipients,
    /// Texts in an hour to numbers that differ in the last two digits only.
    Neighbours,
    /// Calls in an hour of the night that hid their number or rang once: the sign of a machine that wants to be called back.
    Night,
}

/// How full a fence is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fullness {
    /// Nobody needs to know.
    #[default]
    Roomy,
    /// Four fifths are used: the owner can still do something about it.
    Near,
    /// Nothing is left.
    Closed,
}

impl Fence {
    /// Every fence.
    pub const ALL: [Self; 6] = [
        Self::Minute,
        Self::Day,
        Self::Month,
        Self::Recipients,
        Self::Neighbours,
        Self::Night,
    ];

    /// The word in the store and in the reasons for a skip.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Minute => "minute_cap",
            Self::Day => "day_cap",
            Self::Month => "month_cap",
            Self::Recipients => "recipients_cap",
            Self::Neighbours => "neighbours_cap",
            Self::Night => "night_burst",
        }
    }

    /// Takes back what [`token`](Self::token) gave; `None` for what it never gives.
    #[must_use]
    pub fn from_token(token: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fence| fence.token() == token)
    }

    /// How much it lets through.
    #[must_use]
    pub fn most(self, settings: &Settings) -> u32 {
        match self {
            Self::Minute => settings.max_per_minute(),
            Self::Day => settings.max_per_day(),
            Self::Month => settings.max_per_month(),
            Self::Recipients => settings.max_recipients_per_month(),
            Self::Neighbours => settings.max_neighbours_per_hour(),
            Self::Night => settings.max_odd_calls_at_night(),
        }
    }

    /// How full it is when `count` are through of the `most` it lets.
    #[must_use]
    pub fn fullness(count: u32, most: u32) -> Fullness {
        if count >= most {
            Fullness::Closed
        } else if u64::from(count) * 5 >= u64::from(most) * 4 {
            Fullness::Near
        } else {
            Fullness::Roomy
        }
    }

    /// What the owner is told when it is that full; `None` while there is nothing to tell.
    #[must_use]
    pub fn sentence(self, fullness: Fullness, count: u32, most: u32) -> Option<String> {
        let near = match fullness {
            Fullness::Roomy => return None,
            Fullness::Near => true,
            Fullness::Closed => false,
        };
        let texts = |count| of(count, "text");
        Some(match (self, near) {
            (Self::Minute, true) => format!(
                "{} went out within a minute; beyond {most} they wait their turn",
                texts(count)
            ),
            (Self::Minute, false) => format!(
                "{} went out within a minute, so the next ones wait their turn",
                texts(most)
            ),
            (Self::Day, true) => {
                format!(
                    "{count} of the {} allowed a day have gone out today",
                    texts(most)
                )
            }
            (Self::Day, false) => format!(
                "{} went out today, as many as your settings allow, so callers are not texted until midnight",
                texts(most)
            ),
            (Self::Month, true) => {
                format!(
                    "{count} of the {} allowed a month have gone out",
                    texts(most)
                )
            }
            (Self::Month, false) => format!(
                "{} went out this month, as many as your settings allow, so callers are not texted until it ends",
                texts(most)
            ),
            (Self::Recipients, true) => {
                format!("{count} of the {most} people allowed a month have been texted")
            }
            (Self::Recipients, false) => format!(
                "Texts went to {most} people this month, as many as your settings allow, so new callers are not texted until it ends"
            ),
            (Self::Neighbours, true) => format!(
                "{} that are nearly alike were texted within an hour; from {most} on they are not",
                of(count, "number")
            ),
            (Self::Neighbours, false) => format!(
                "{} that are nearly alike were texted within an hour, so the next ones are not: machines call like that",
                of(most, "number")
            ),
            (Self::Night, true) => format!(
                "{} within an hour of this night hid their number or rang once; from {most} on such callers are not texted",
                of(count, "call")
            ),
            (Self::Night, false) => format!(
                "{} within an hour of this night hid their number or rang once, so such callers are not texted: machines call like that",
                of(most, "call")
            ),
        })
    }
}

/// `1 text`, `2 texts`.
fn of(count: u32, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// What the fences have let through so far, as far as it matters for one call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Texts of today, to anybody but the owner.
    pub day: u32,
    /// Texts of this calendar month.
    pub month: u32,
    /// People texted this month.
    pub recipients: u32,
    /// The caller is one of these.
    pub is_recipient: bool,
    /// Neighbours of the caller that were texted within the last hour.
    pub neighbours: u32,
    /// Calls of the last hour that hid their number or rang once, this one not counted; only counted at night.
    pub odd_calls: u32,
}

/// Hours of the day in which calls that ring once come from machines more often than from people. The field's record of such calls:
/// bursts between midnight and the early morning.
#[must_use]
pub fn is_night(hour: i8) -> bool {
    !(6..22).contains(&hour)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_fifths_are_near_and_all_is_closed() {
        for (count, most, expected) in [
            (0, 1, Fullness::Roomy),
            (1, 1, Fullness::Closed),
            (3, 4, Fullness::Roomy),
            (4, 5, Fullness::Near),
            (159, 200, Fullness::Roomy),
            (160, 200, Fullness::Near),
            (199, 200, Fullness::Near),
            (200, 200, Fullness::Closed),
            (u32::MAX, 200, Fullness::Closed),
            (u32::MAX - 1, u32::MAX, Fullness::Near),
        ] {
            assert_eq!(Fence::fullness(count, most), expected, "{count} of {most}");
        }
    }

    #[test]
    fn each_fence_has_a_word_and_sentences_of_its_own() {
        for fence in Fence::ALL {
            assert_eq!(Fence::from_token(fence.token()), Some(fence));
            assert_eq!(fence.sentence(Fullness::Roomy, 1, 200), None);
            let near = fence.sentence(Fullness::Near, 160, 200).unwrap();
            let closed = fence.sentence(Fullness::Closed, 200, 200).unwrap();
            assert!(near.contains("160") && near.contains("200"), "{near}");
            assert!(closed.contains("200") && closed != near, "{closed}");
        }
        assert_eq!(Fence::from_token("no_fence"), None);
    }

    #[test]
    fn the_night_is_from_ten_to_six() {
        let night: Vec<i8> = (0..24).filter(|hour| is_night(*hour)).collect();
        assert_eq!(night, [0, 1, 2, 3, 4, 5, 22, 23]);
    }
}
