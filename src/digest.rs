//! The owner's summary of a day and of a week, by text. When one is due `rules` decides, what it counts and that it goes out once is the
//! store's, and its words are those of `steering`, as it names callers by their tags.

use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::clock::Clock;
use crate::modem::Modem;
use crate::rules::DueDigest;
use crate::settings::Settings;
use crate::steering::{self, DigestCounts};
use crate::store::{DigestFacts, Store};
use crate::wording;

/// How often it is looked whether one is due.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Sends them.
#[derive(Debug)]
pub struct DigestTask {
    store: Store,
    clock: Clock,
    modem: watch::Receiver<Option<Modem>>,
}

impl DigestTask {
    /// A task that writes numbers as the country of `modem`'s SIM does, unless the owner set another.
    #[must_use]
    pub fn new(store: Store, clock: Clock, modem: watch::Receiver<Option<Modem>>) -> Self {
        Self {
            store,
            clock,
            modem,
        }
    }

    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut sim_region = None;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            // By a clock that is wrong it would come at night.
            if self.clock.doubt().is_some() {
                continue;
            }
            let region = self.modem.borrow().as_ref().and_then(Modem::region);
            sim_region = region.or(sim_region);
            let write = move |due: &DueDigest, facts: &DigestFacts, settings: &Settings| {
                let counts = DigestCounts {
                    calls: facts.calls,
                    texted: facts.texted,
                    wrote: facts.wrote,
                    won: facts.won,
                    amount: facts.amount,
                    open: &facts.open,
                };
                let home = settings.country().or(sim_region);
                wording::fold(&steering::digest(due.digest, &counts, home))
            };
            match self.store.send_digests(self.clock.wall(), write).await {
                Ok(0) => {}
                Ok(count) => info!(count, "the owner gets his summary"),
                Err(error) => warn!(%error, "could not look whether a summary is due"),
            }
        }
    }
}
