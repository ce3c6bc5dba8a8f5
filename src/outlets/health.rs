//! Tells when callers can be texted no more, and when they can again: of a modem that is away for too long, and of a call that is over
//! and has no outcome, whatever seems well. It goes out by the ways besides the modem, as that may be what is broken.

use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::clock::Clock;
use crate::modem::ModemState;
use crate::store::{Overdue, Pending, Store, insist};

/// How often it is looked whether a caller waits for a text in vain.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// So many looks after the last change of the store while no caller waits, two minutes: a box in which nothing happens rests.
const RESTS_AFTER: u32 = 8;
/// So many looks in a row, two minutes, at a modem that cannot text, and it is told of. One that is replugged, or looks for its
/// network, is back sooner; who is told of that comes not to listen.
const ILL_LOOKS: u32 = 8;

/// Watches for `box.health`.
#[derive(Debug)]
pub struct HealthTask {
    store: Store,
    clock: Clock,
    modem: watch::Receiver<ModemState>,
}

impl HealthTask {
    /// A task that watches this modem, and what is stored.
    #[must_use]
    pub fn new(store: Store, clock: Clock, modem: watch::Receiver<ModemState>) -> Self {
        Self {
            store,
            clock,
            modem,
        }
    }

    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.watch() => stop.cancelled().await,
        }
    }

    /// Ends when the modem's task has.
    async fn watch(mut self) {
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut changes = self.store.changes();
        let (mut looks_ill, mut looks_quiet) = (0, 0);
        let mut told = None;
        loop {
            let is_look = tokio::select! {
                changed = changes.changed(), if looks_quiet > 0 => match changed {
                    Ok(()) => {
                        looks_quiet = 0;
                        continue;
                    }
                    Err(_) => return,
                },
                changed = self.modem.changed() => match changed {
                    Ok(()) => false,
                    Err(_) => return,
                },
                _ = look.tick(), if looks_quiet < RESTS_AFTER || told == Some(false) => true,
            };
            looks_quiet += u32::from(is_look);
            let modem = self.modem.borrow_and_update().clone();
            looks_ill = match modem.is_armed() {
                true => 0,
                false => {
                    looks_quiet = 0;
                    looks_ill + u32::from(is_look)
                }
            };
            let why = modem.reason();
            let trouble = match looks_ill >= ILL_LOOKS {
                true => Some(why.unwrap_or_else(|| "The modem is not ready.".to_owned())),
                false => {
                    // What cannot be read now is no news in either way.
                    let Some(pending) = self.pending().await else {
                        looks_quiet = 0;
                        continue;
                    };
                    if pending.callers > 0 {
                        looks_quiet = 0;
                    }
                    match pending.overdue {
                        Some(overdue) => Some(words(&overdue, self.zone().await, why.as_deref())),
                        None => None,
                    }
                }
            };
            let healthy = trouble.is_none();
            // A modem that is away for a moment is no news in either way.
            if (healthy && !modem.is_armed()) || told == Some(healthy) {
                continue;
            }
            let now = self.clock.wall();
            insist(|| self.store.tell_health(healthy, trouble.clone(), now)).await;
            told = Some(healthy);
        }
    }

    /// `None` where it cannot be read now.
    async fn pending(&self) -> Option<Pending> {
        let pending = self.store.pending(self.clock.wall()).await;
        pending
            .inspect_err(|error| warn!(%error, "could not look for callers without an outcome"))
            .ok()
    }

    /// In which the owner reads times.
    async fn zone(&self) -> TimeZone {
        let settings = self.store.settings().await.ok();
        let own = settings.and_then(|settings| settings.time_zone());
        own.unwrap_or_else(|| self.store.zone().clone())
    }
}

/// `A call ended at 10:12, and its text has not left. The modem is gone from its port.`
fn words(overdue: &Overdue, zone: TimeZone, modem: Option<&str>) -> String {
    let (Overdue::NotTexted { since, callers } | Overdue::Undecided { since, callers }) = *overdue;
    let at = since.to_zoned(zone).strftime("%H:%M").to_string();
    let why = modem.map(|why| format!(" {why}")).unwrap_or_default();
    let what = match (overdue, callers) {
        (Overdue::NotTexted { .. }, 0 | 1) => {
            format!("A call ended at {at}, and its text has not left.")
        }
        (Overdue::NotTexted { .. }, callers) => {
            format!("{callers} calls have ended since {at}, and their texts have not left.")
        }
        (Overdue::Undecided { .. }, 0 | 1) => {
            format!("A call came at {at}, and nothing has come of it.")
        }
        (Overdue::Undecided { .. }, callers) => {
            format!("{callers} calls have come since {at}, and nothing has come of them.")
        }
    };
    format!("{what}{why}")
}
