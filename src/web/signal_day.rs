//! How well the modem has heard its network over the last day. Kept in memory: an idle box writes nothing to its card.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::modem::{ModemState, Signal};

/// Minutes of one column.
pub(super) const EVERY_MIN: usize = 10;
/// Columns of a day.
pub(super) const COLUMNS: usize = 24 * 60 / EVERY_MIN;

/// What was heard in ten minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// The program did not run, or the modem cannot tell.
    Unknown,
    /// No network, for a while at least.
    Nothing,
    /// In dBm, at its weakest.
    Dbm(i16),
}

impl Heard {
    fn of(state: &ModemState) -> Self {
        match state {
            ModemState::Armed { signal, .. } => {
                signal.map_or(Self::Unknown, |signal| Self::Dbm(Signal::dbm(signal)))
            }
            ModemState::Down { .. }
            | ModemState::BringingUp { .. }
            | ModemState::Healing { .. } => Self::Nothing,
        }
    }

    fn weaker(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, _) | (_, Self::Nothing) => Self::Nothing,
            (Self::Dbm(one), Self::Dbm(two)) => Self::Dbm(one.min(two)),
            (Self::Unknown, known) | (known, Self::Unknown) => known,
        }
    }
}

/// A loss that is over sooner is none: the modem was being set up, or its cable was moved.
const BRIEF: SignedDuration = SignedDuration::from_mins(1);

/// Ten minutes in which something changed.
#[derive(Debug, Clone, Copy)]
struct Column {
    number: i64,
    /// Of what is over.
    weakest: Heard,
    /// What holds until the next change, and since when.
    last: Heard,
    since: Timestamp,
}

impl Column {
    fn shown(&self) -> Heard {
        self.weakest.weaker(self.last)
    }

    /// Of what was heard in it until `now`, when something else began.
    fn over(&self, now: Timestamp) -> Heard {
        match self.last {
            Heard::Nothing if now.duration_since(self.since) < BRIEF => self.weakest,
            _ => self.shown(),
        }
    }
}

/// The last day; clones share it.
#[derive(Debug, Clone, Default)]
pub struct SignalDay(Arc<Mutex<VecDeque<Column>>>);

impl SignalDay {
    /// Watches the modem until `stop`. Wakes when its state changes, and never otherwise.
    pub(super) async fn watch(
        self,
        mut modem: watch::Receiver<ModemState>,
        clock: Clock,
        stop: CancellationToken,
    ) {
        loop {
            let heard = Heard::of(&modem.borrow_and_update());
            self.hear(clock.wall(), heard);
            tokio::select! {
                () = stop.cancelled() => return,
                changed = modem.changed() => if changed.is_err() { return },
            }
        }
    }

    fn hear(&self, at: Timestamp, heard: Heard) {
        let number = column(at);
        let mut columns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back has said something else before.
        columns.retain(|column| column.number <= number);
        let before = columns.back().copied();
        let weakest = match before {
            Some(column) if column.number == number => {
                columns.pop_back();
                column.over(at)
            }
            // It held on into this one.
            Some(column) => Column {
                weakest: Heard::Unknown,
                ..column
            }
            .over(at),
            None => Heard::Unknown,
        };
        let goes_on = before.filter(|column| column.last == heard);
        columns.push_back(Column {
            number,
            weakest,
            last: heard,
            since: goes_on.map_or(at, |column| column.since),
        });
        while columns.len() > COLUMNS {
            columns.pop_front();
        }
    }

    /// [`COLUMNS`] columns, the last of them at `now`.
    #[must_use]
    pub(super) fn until(&self, now: Timestamp) -> Vec<Heard> {
        let columns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = column(now);
        let oldest = newest - COLUMNS as i64 + 1;
        let mut holds = Heard::Unknown;
        let mut known = columns.iter().peekable();
        (oldest..=newest)
            .map(|number| {
                while let Some(before) = known.next_if(|column| column.number < number) {
                    holds = before.last;
                }
                match known.next_if(|column| column.number == number) {
                    Some(column) => {
                        holds = column.last;
                        column.shown()
                    }
                    None => holds,
                }
            })
            .collect()
    }
}

fn column(at: Timestamp) -> i64 {
    at.as_second().div_euclid(EVERY_MIN as i64 * 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Heard::{Dbm, Nothing, Unknown};

    fn at(text: &str) -> Timestamp {
        format!("2026-03-{text}Z").parse().unwrap()
    }

    #[test]
    fn the_weakest_of_ten_minutes_is_shown_and_the_last_holds_on() {
        let day = SignalDay::default();
        assert_eq!(day.until(at("02T12:00:00")), [Unknown; COLUMNS]);
        for (when, heard) in [
            ("02T12:01:00", Dbm(-80)),
            ("02T12:02:00", Dbm(-99)),
            ("02T12:09:00", Dbm(-70)),
            ("02T12:35:00", Nothing),
            ("02T12:36:00", Dbm(-75)),
        ] {
            day.hear(at(when), heard);
        }
        let shown = day.until(at("02T12:55:00"));
        assert_eq!(shown.len(), COLUMNS);
        let newest = &shown[COLUMNS - 7..];
        let expected = [
            Unknown,
            Dbm(-99),
            Dbm(-70),
            Dbm(-70),
            Nothing,
            Dbm(-75),
            Dbm(-75),
        ];
        assert_eq!(newest, expected);
        // A day later only what holds is left.
        assert_eq!(day.until(at("03T13:00:00")), [Dbm(-75); COLUMNS]);
        // The clock is set back.
        day.hear(at("02T12:05:00"), Dbm(-60));
        assert_eq!(day.until(at("02T12:06:00"))[COLUMNS - 1], Dbm(-99));
        assert_eq!(day.until(at("02T12:40:00"))[COLUMNS - 1], Dbm(-60));
    }

    #[test]
    fn a_modem_that_is_being_set_up_has_lost_nothing() {
        let day = SignalDay::default();
        day.hear(at("02T12:00:00"), Nothing);
        assert_eq!(
            day.until(at("02T12:00:10"))[COLUMNS - 1],
            Nothing,
            "while it lasts"
        );
        day.hear(at("02T12:00:20"), Nothing);
        day.hear(at("02T12:00:30"), Dbm(-75));
        assert_eq!(day.until(at("02T12:00:40"))[COLUMNS - 1], Dbm(-75));
        // Across the end of a column, and long enough.
        day.hear(at("02T12:19:50"), Nothing);
        day.hear(at("02T12:20:10"), Dbm(-70));
        assert_eq!(day.until(at("02T12:21:00"))[COLUMNS - 1], Dbm(-70));
        day.hear(at("02T12:39:00"), Nothing);
        day.hear(at("02T12:40:10"), Dbm(-70));
        assert_eq!(day.until(at("02T12:41:00"))[COLUMNS - 1], Nothing);
    }

    #[test]
    fn no_more_than_a_day_is_kept() {
        let day = SignalDay::default();
        for minute in 0..COLUMNS as i64 * 30 {
            let when = at("02T00:00:00") + SignedDuration::from_mins(minute);
            day.hear(when, Dbm(-80));
        }
        assert_eq!(day.0.lock().unwrap().len(), COLUMNS);
    }
}
