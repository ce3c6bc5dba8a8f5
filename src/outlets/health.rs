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
use crate::store::{Overdue, Store, StoreError, insist};

/// How often it is looked whether a caller waits for a text in vain.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// So many looks after the last change of the store, two minutes, and nobody waits any more who has not been told of: a box in which
/// nothing happens rests.
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
            let trouble = match modem.reason() {
                Some(why) if looks_ill >= ILL_LOOKS => Some(why),
                _ if looks_ill >= ILL_LOOKS => Some("The modem is not ready.".to_owned()),
                why => self.overdue(why.as_deref()).await,
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

    /// Why callers wait in vain, as sentences; `modem` is what ails the modem.
    async fn overdue(&self, modem: Option<&str>) -> Option<String> {
        let look = async {
            let overdue = self.store.overdue(self.clock.wall()).await?;
            let own_zone = self.store.settings().await?.time_zone();
            let zone = own_zone.unwrap_or_else(|| self.store.zone().clone());
            Ok(overdue.map(|overdue| words(&overdue, zone, modem)))
        };
        look.await.unwrap_or_else(|error: StoreError| {
            warn!(%error, "could not look for callers without an outcome");
            None
        })
    }
}

/// `A call ended at 10:12, and its text has not left. The modem is gone from its port.`
fn words(overdue: &Overdue, zone: TimeZone, modem: Option<&str>) -> String {
    let at = overdue.since.to_zoned(zone).strftime("%H:%M").to_string();
    let why = modem.map(|why| format!(" {why}")).unwrap_or_default();
    match overdue.callers {
        0 | 1 => format!("A call ended at {at}, and its text has not left.{why}"),
        callers => {
            format!("{callers} calls have ended since {at}, and their texts have not left.{why}")
        }
    }
}
