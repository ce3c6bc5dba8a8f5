//! When the owner gets his summary: each evening and on Monday, at the hours he set.

use jiff::civil::{Date, Time, Weekday};
use jiff::{SignedDuration, ToSpan, Zoned};

/// A summary that a box which was off at its hour sends after all; later it would be mistaken for the next one.
const LATE_AT_MOST: SignedDuration = SignedDuration::from_hours(3);

/// A summary for the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digest {
    /// Of the last 24 hours, each day on which anything happened.
    Daily,
    /// Of the last seven days, each Monday: a week without it says that the box is silent.
    Weekly,
}

/// A summary that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDigest {
    /// Which.
    pub digest: Digest,
    /// The day it is of; one goes out for a day.
    pub day: Date,
    /// What happened after this,
    pub from: Zoned,
    /// and up to this.
    pub to: Zoned,
}

impl Digest {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Daily, Self::Weekly];

    /// The word in the store.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
        }
    }

    /// The one whose hour, `at`, was within the last three hours before `now`, in the zone of `now`.
    #[must_use]
    pub fn due(self, at: Time, now: &Zoned) -> Option<DueDigest> {
        let yesterday = now.date().yesterday().ok();
        [Some(now.date()), yesterday]
            .into_iter()
            .flatten()
            .find_map(|day| {
                if self == Self::Weekly && day.weekday() != Weekday::Monday {
                    return None;
                }
                // On the night of a change of clocks an hour that is left out counts as the next one.
                let to = day.to_datetime(at).to_zoned(now.time_zone().clone()).ok()?;
                let late = now.duration_since(&to);
                if late < SignedDuration::ZERO || late > LATE_AT_MOST {
                    return None;
                }
                let days = match self {
                    Self::Daily => 1,
                    Self::Weekly => 7,
                };
                let from = to.checked_sub(days.days()).ok()?;
                Some(DueDigest {
                    digest: self,
                    day,
                    from,
                    to,
                })
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_due_at_its_hour_and_a_while_after_whatever_the_clocks_do() {
        let table = [
            // A Monday.
            (Digest::Daily, "18:00", "2026-03-02T17:59:59", None),
            (
                Digest::Daily,
                "18:00",
                "2026-03-02T18:00:00",
                Some(("2026-03-02", 24)),
            ),
            (
                Digest::Daily,
                "18:00",
                "2026-03-02T21:00:00",
                Some(("2026-03-02", 24)),
            ),
            (Digest::Daily, "18:00", "2026-03-02T21:00:01", None),
            (
                Digest::Daily,
                "23:30",
                "2026-03-03T01:00:00",
                Some(("2026-03-02", 24)),
            ),
            (
                Digest::Weekly,
                "08:00",
                "2026-03-02T08:10:00",
                Some(("2026-03-02", 7 * 24)),
            ),
            (Digest::Weekly, "08:00", "2026-03-03T08:10:00", None),
            (
                Digest::Weekly,
                "23:00",
                "2026-03-03T00:10:00",
                Some(("2026-03-02", 7 * 24)),
            ),
            // Clocks go forward on the 8th at two, and back on 1 November.
            (
                Digest::Daily,
                "02:30",
                "2026-03-08T03:40:00",
                Some(("2026-03-08", 23)),
            ),
            (
                Digest::Daily,
                "18:00",
                "2026-03-08T18:00:00",
                Some(("2026-03-08", 23)),
            ),
            (
                Digest::Daily,
                "18:00",
                "2026-11-01T18:00:00",
                Some(("2026-11-01", 25)),
            ),
            (
                Digest::Weekly,
                "08:00",
                "2026-03-09T08:00:00",
                Some(("2026-03-09", 7 * 24 - 1)),
            ),
        ];
        for (digest, at, now, expected) in table {
            let now: Zoned = format!("{now}[America/New_York]").parse().unwrap();
            let at: Time = format!("{at}:00").parse().unwrap();
            let due = digest.due(at, &now);
            let told = due.map(|due| {
                let hours = due.to.duration_since(&due.from).as_hours();
                (due.day.to_string(), hours)
            });
            let expected = expected.map(|(day, hours)| (day.to_owned(), hours));
            assert_eq!(told, expected, "{digest:?} {at} {now}");
        }
    }
}
