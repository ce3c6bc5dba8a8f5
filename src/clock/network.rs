//! What the mobile network says of the time, compared with what the system's clock says. Pure: both come in.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::at::ModemTime;

/// Clocks that are less apart than this agree: the network's own may be minutes off, and nothing here depends on one.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(10);
/// Modems that no network has told the time begin somewhere in the past, or in 2070 or 2080: what is not within the life of this program
/// is no time.
const FIRST: &str = "2026-01-01T00:00:00Z";
const YEARS: i64 = 20;

/// A moment of the network's clock, and what our own monotonic one read then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Heard {
    wall: Timestamp,
    at: Duration,
}

impl Heard {
    /// What it has become since.
    fn by_now(self, monotonic: Duration) -> Option<Timestamp> {
        let since = SignedDuration::try_from(monotonic.saturating_sub(self.at)).ok()?;
        self.wall.checked_add(since).ok()
    }
}

/// See the module.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Network {
    told: Option<Heard>,
    /// The last time stamp that was later than all that we knew.
    stamped: Option<Heard>,
}

/// What speaks against the system's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// It is so far behind the network's, which counts in its place.
    Behind(SignedDuration),
    /// A text from the network bears a time so far ahead of it; one text is too little to go by.
    Stamped(SignedDuration),
    /// It is so far ahead of the network's, and counts all the same: a modem that lost the time is likelier than a computer that is early.
    Ahead(SignedDuration),
}

impl Doubt {
    /// The same in plain words, with what to do.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Behind(by) => format!(
                "This computer's clock is {} behind the mobile network's, so the network's time is used. Connect the computer to the internet once, or set its clock.",
                span(*by)
            ),
            Self::Stamped(by) => format!(
                "This computer's clock seems to be {} behind: a text came in with a later time on it. Until the clock is set, the times shown and the day's count may be wrong.",
                span(*by)
            ),
            Self::Ahead(by) => format!(
                "This computer's clock is {} ahead of the modem's. If it is this computer's that is wrong, the times shown and the day's count are wrong too: set its clock.",
                span(*by)
            ),
        }
    }
}

/// `3 days`, `5 hours`, `12 minutes`.
fn span(time: SignedDuration) -> String {
    let minutes = time.as_mins();
    let (count, unit) = match minutes {
        0..120 => (minutes, "minutes"),
        120..2880 => (minutes / 60, "hours"),
        _ => (minutes / 1440, "days"),
    };
    format!("{count} {unit}")
}

/// Whether one of the moments that it may mean is a time.
pub(super) fn is_sane(time: ModemTime) -> bool {
    let moments = time.moments();
    moments.is_some_and(|moments| moments.into_iter().any(may_be))
}

fn may_be(time: Timestamp) -> bool {
    let first: Option<Timestamp> = FIRST.parse().ok();
    let last = first.and_then(|first| first.checked_add((YEARS * 365 * 24).hours()).ok());
    first.is_some_and(|first| time >= first) && last.is_some_and(|last| time < last)
}

impl Network {
    /// The modem has said what time it is. False if that is none.
    pub(super) fn hear(&mut self, time: ModemTime, system: Timestamp, monotonic: Duration) -> bool {
        let Some([meant, greenwich]) = time.moments() else {
            return false;
        };
        let agrees = |moment: &Timestamp| system.duration_since(*moment).abs() <= TOLERANCE;
        let wall = Some(greenwich).filter(agrees).unwrap_or(meant);
        // What it said before was true then, and our monotonic clock has not stood still.
        let sane = may_be(wall);
        if sane {
            self.told = Some(Heard {
                wall,
                at: monotonic,
            });
        }
        sane
    }

    /// A text that came just now bears this time.
    pub(super) fn hear_stamp(&mut self, stamp: Timestamp, system: Timestamp, monotonic: Duration) {
        let late = stamp.duration_since(self.wall(system, monotonic)) > TOLERANCE;
        if late && may_be(stamp) {
            self.stamped = Some(Heard {
                wall: stamp,
                at: monotonic,
            });
        }
    }

    /// The later of the two, if they differ: a clock that has stood still is behind, and never ahead.
    pub(super) fn wall(&self, system: Timestamp, monotonic: Duration) -> Timestamp {
        match self.told.and_then(|heard| heard.by_now(monotonic)) {
            Some(network) if network.duration_since(system) > TOLERANCE => network,
            _ => system,
        }
    }

    pub(super) fn doubt(&self, system: Timestamp, monotonic: Duration) -> Option<Doubt> {
        let ahead_of_system = |heard: Option<Heard>| {
            let network = heard?.by_now(monotonic)?;
            Some(network.duration_since(system))
        };
        match (ahead_of_system(self.told), ahead_of_system(self.stamped)) {
            (Some(by), _) if by > TOLERANCE => Some(Doubt::Behind(by)),
            (_, Some(by)) if by > TOLERANCE => Some(Doubt::Stamped(by)),
            (Some(by), _) if by < -TOLERANCE => Some(Doubt::Ahead(by.abs())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::{Answer, Chat, Command, Heard as Said};

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// As the modem says it.
    fn modem_says(text: &str) -> ModemTime {
        let mut chat = Chat::default();
        chat.open(&Command::time());
        chat.hear(&format!("+CCLK: \"{text}\""));
        chat.hear("OK");
        match chat.next_heard() {
            Some(Said::Answered(Ok(answer))) => Answer::time(&answer).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_network_s_time_counts_where_the_system_s_is_behind_and_people_are_told_either_way() {
        let noon = "2026-11-24T12:00:00Z";
        for (modem, system, wall, doubt) in [
            ("26/11/24,07:00:00-20", noon, noon, None),
            ("26/11/24,13:09:00+04", noon, noon, None),
            ("26/11/24,12:00:00-20", noon, noon, None),
            (
                "26/11/24,07:00:00-20",
                "2026-11-24T11:00:00Z",
                noon,
                Some("60 minutes behind"),
            ),
            (
                "26/11/24,07:00:00-20",
                "1970-01-01T00:00:10Z",
                noon,
                Some("20781 days behind"),
            ),
            (
                "26/11/24,07:00:00-20",
                "2026-11-25T15:00:00Z",
                "2026-11-25T15:00:00Z",
                Some("27 hours ahead"),
            ),
            ("80/01/06,00:00:12+00", noon, noon, None),
            ("04/01/01,00:00:12+00", noon, noon, None),
            (
                "70/01/01,00:00:12+00",
                "1970-01-01T00:00:10Z",
                "1970-01-01T00:00:10Z",
                None,
            ),
        ] {
            let mut network = Network::default();
            network.hear(modem_says(modem), time(system), Duration::ZERO);
            assert_eq!(
                network.wall(time(system), Duration::ZERO),
                time(wall),
                "{modem}"
            );
            let said = network.doubt(time(system), Duration::ZERO);
            let said = said.map(|doubt| doubt.words());
            match doubt {
                None => assert_eq!(said, None, "{modem} {system}"),
                Some(words) => assert!(
                    said.as_ref().is_some_and(|it| it.contains(words)),
                    "{said:?}"
                ),
            }
        }
    }

    #[test]
    fn nothing_jumps_when_the_system_s_clock_is_set_later() {
        let mut network = Network::default();
        let behind = time("2026-11-20T12:00:00Z");
        network.hear(modem_says("26/11/24,07:00:00-20"), behind, Duration::ZERO);
        let later = Duration::from_secs(3600);
        let before = network.wall(time("2026-11-20T13:00:00Z"), later);
        let after = network.wall(time("2026-11-24T13:00:04Z"), later);
        assert_eq!(before, time("2026-11-24T13:00:00Z"));
        assert_eq!(after, time("2026-11-24T13:00:04Z"));
        assert_eq!(network.doubt(after, later), None);
    }

    #[test]
    fn a_time_stamp_raises_a_doubt_and_moves_nothing() {
        let mut network = Network::default();
        let now = time("2026-11-24T12:00:00Z");
        for (stamp, doubt) in [
            ("2026-11-24T12:09:00Z", None),
            ("2026-11-20T12:00:00Z", None),
            ("2089-11-24T12:00:00Z", None),
            (
                "2026-11-24T17:00:00Z",
                Some(Doubt::Stamped(SignedDuration::from_hours(5))),
            ),
        ] {
            network.hear_stamp(time(stamp), now, Duration::ZERO);
            assert_eq!(network.doubt(now, Duration::ZERO), doubt, "{stamp}");
            assert_eq!(network.wall(now, Duration::ZERO), now);
        }
        let set = time("2026-11-24T16:59:00Z");
        assert_eq!(network.doubt(set, Duration::ZERO), None);
    }
}
