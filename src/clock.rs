//! The only place that asks what time it is.
//!
//! Wall time dates rows and pages and may jump; monotonic time measures waits and never does. Every other room gets
//! time as an argument or through a [`Clock`]; `.clippy.toml` holds everybody to that.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::at::ModemTime;

mod network;

pub use network::Doubt;
use network::Network;

/// A clock to hand around. Cheap to clone; clones agree with each other.
///
/// Most Raspberry Pis have none that runs without power: until the internet has set it, if there is any, the system's time is that of
/// the last shutdown, or 1970. The mobile network knows the time. What that says is compared with the system's, and where the
/// system's is behind, the network's counts.
#[derive(Debug, Clone)]
pub struct Clock {
    started: Instant,
    /// The system's wall time at `started`; a clock without it asks the system.
    simulated_start: Option<Arc<Mutex<Timestamp>>>,
    network: Arc<Mutex<Network>>,
}

impl Clock {
    /// The machine's own clock.
    #[must_use]
    pub fn system() -> Self {
        Self {
            started: now(),
            simulated_start: None,
            network: Arc::default(),
        }
    }

    /// A clock whose wall time starts at `start` and moves with tokio's time, which a test may pause and turn by hand.
    #[must_use]
    pub fn simulated(start: Timestamp) -> Self {
        Self {
            simulated_start: Some(Arc::new(Mutex::new(start))),
            ..Self::system()
        }
    }

    /// Sets the simulated system's clock, as the internet does with a real one.
    pub fn set_simulated(&self, wall: Timestamp) {
        if let Some(start) = &self.simulated_start {
            let elapsed = SignedDuration::try_from(self.monotonic()).unwrap_or_default();
            *lock(start) = wall.checked_sub(elapsed).unwrap_or(wall);
        }
    }

    /// Time since this clock was made; never goes backwards.
    #[must_use]
    pub fn monotonic(&self) -> Duration {
        now().saturating_duration_since(self.started)
    }

    /// Wall time, in whole milliseconds as the store keeps it: the system's, or the network's where the system's is well behind that.
    #[must_use]
    pub fn wall(&self) -> Timestamp {
        let exact = lock(&self.network).wall(self.system_wall(), self.monotonic());
        Timestamp::from_millisecond(exact.as_millisecond()).unwrap_or(exact)
    }

    /// The modem has just said what time it is. False if that is no time: no network has told it any.
    pub fn hear_network(&self, time: ModemTime) -> bool {
        let (system, monotonic) = (self.system_wall(), self.monotonic());
        let mut network = lock(&self.network);
        let before = network.doubt(system, monotonic);
        let sane = network.hear(time, system, monotonic);
        tell(before, network.doubt(system, monotonic));
        sane
    }

    /// Whether what a modem says is a time at all, and not where it begins to count while no network has told it.
    #[must_use]
    pub fn is_sane(time: ModemTime) -> bool {
        network::is_sane(time)
    }

    /// The network has put this time on a text that came just now: it is never later than that.
    pub fn hear_stamp(&self, stamp: Timestamp) {
        let (system, monotonic) = (self.system_wall(), self.monotonic());
        let mut network = lock(&self.network);
        let before = network.doubt(system, monotonic);
        network.hear_stamp(stamp, system, monotonic);
        tell(before, network.doubt(system, monotonic));
    }

    /// What speaks against the system's clock, as far as the network has told.
    #[must_use]
    pub fn doubt(&self) -> Option<Doubt> {
        lock(&self.network).doubt(self.system_wall(), self.monotonic())
    }

    fn system_wall(&self) -> Timestamp {
        match &self.simulated_start {
            Some(start) => SignedDuration::try_from(self.monotonic())
                .ok()
                .and_then(|elapsed| lock(start).checked_add(elapsed).ok())
                .unwrap_or(Timestamp::MAX),
            #[expect(clippy::disallowed_methods, reason = "this is the one place")]
            None => Timestamp::now(),
        }
    }

    /// The moment of tokio's clock at which [`Clock::monotonic`] will read `at`, for `sleep_until`.
    #[must_use]
    pub fn instant_at(&self, at: Duration) -> Instant {
        self.started + at
    }
}

fn tell(before: Option<Doubt>, now: Option<Doubt>) {
    match now {
        Some(doubt) if before.is_none() => tracing::warn!("{}", doubt.words()),
        None if before.is_some() => tracing::info!("this computer's clock is right again"),
        _ => {}
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(clippy::disallowed_methods, reason = "this is the one place")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn simulated_wall_time_moves_with_tokio_time() {
        let start: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let clock = Clock::simulated(start);
        tokio::time::sleep(Duration::from_secs(90)).await;
        assert_eq!(clock.wall().to_string(), "2026-03-02T09:01:30Z");
        assert_eq!(clock.monotonic(), Duration::from_secs(90));
    }
}
