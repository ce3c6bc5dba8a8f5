//! The only place that asks what time it is.
//!
//! Wall time dates rows and pages and may jump; monotonic time measures waits and never does. Every other room gets
//! time as an argument or through a [`Clock`]; `.clippy.toml` holds everybody to that.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// A clock to hand around. Cheap to clone; clones agree with each other.
#[derive(Debug, Clone)]
pub struct Clock {
    started: Instant,
    /// Wall time at `started`; a clock without it asks the system.
    simulated_start: Option<Timestamp>,
}

impl Clock {
    /// The machine's own clock.
    #[must_use]
    pub fn system() -> Self {
        Self {
            started: now(),
            simulated_start: None,
        }
    }

    /// A clock whose wall time starts at `start` and moves with tokio's time, which a test may pause and turn by hand.
    #[must_use]
    pub fn simulated(start: Timestamp) -> Self {
        Self {
            started: now(),
            simulated_start: Some(start),
        }
    }

    /// Time since this clock was made; never goes backwards.
    #[must_use]
    pub fn monotonic(&self) -> Duration {
        now().saturating_duration_since(self.started)
    }

    /// Wall time, in whole milliseconds as the store keeps it.
    #[must_use]
    pub fn wall(&self) -> Timestamp {
        let exact = match self.simulated_start {
            Some(start) => SignedDuration::try_from(self.monotonic())
                .ok()
                .and_then(|elapsed| start.checked_add(elapsed).ok())
                .unwrap_or(Timestamp::MAX),
            #[expect(clippy::disallowed_methods, reason = "this is the one place")]
            None => Timestamp::now(),
        };
        Timestamp::from_millisecond(exact.as_millisecond()).unwrap_or(exact)
    }

    /// The moment of tokio's clock at which [`Clock::monotonic`] will read `at`, for `sleep_until`.
    #[must_use]
    pub fn instant_at(&self, at: Duration) -> Instant {
        self.started + at
    }
}

/// When the day of `at` began where the owner lives.
#[must_use]
pub fn start_of_day(at: Timestamp, zone: &TimeZone) -> Timestamp {
    let there = at.to_zoned(zone.clone());
    there.start_of_day().map_or(at, |start| start.timestamp())
}

#[expect(clippy::disallowed_methods, reason = "this is the one place")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_the_owner_s_midnight() {
        let zone = TimeZone::fixed(jiff::tz::offset(-5));
        let at = "2026-03-02T03:00:00Z".parse().unwrap();
        assert_eq!(start_of_day(at, &zone).to_string(), "2026-03-01T05:00:00Z");
    }

    #[tokio::test(start_paused = true)]
    async fn simulated_wall_time_moves_with_tokio_time() {
        let start: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let clock = Clock::simulated(start);
        tokio::time::sleep(Duration::from_secs(90)).await;
        assert_eq!(clock.wall().to_string(), "2026-03-02T09:01:30Z");
        assert_eq!(clock.monotonic(), Duration::from_secs(90));
    }
}
