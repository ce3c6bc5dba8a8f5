//! Tells when the modem can text callers no more, and when it can again.

use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::modem::ModemState;
use crate::store::{Store, insist};

/// A modem that is replugged, or looks for its network, is back sooner. Who is told of that comes not to listen.
const ILL_AFTER: Duration = Duration::from_mins(2);

/// Watches the modem for `box.health`.
#[derive(Debug)]
pub struct HealthTask {
    store: Store,
    clock: Clock,
    modem: watch::Receiver<ModemState>,
}

impl HealthTask {
    /// A task that watches this modem.
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
    async fn watch(mut self) -> () {
        loop {
            let armed = self.modem.wait_for(ModemState::is_armed);
            let in_time = tokio::time::timeout(ILL_AFTER, armed).await.is_ok();
            if !in_time {
                let reason = self.modem.borrow().reason();
                self.tell(false, reason).await;
            }
            if self.modem.wait_for(ModemState::is_armed).await.is_err() {
                return;
            }
            self.tell(true, None).await;
            let ill = self.modem.wait_for(|state| !state.is_armed()).await;
            if ill.is_err() {
                return;
            }
        }
    }

    async fn tell(&self, healthy: bool, reason: Option<String>) {
        let now = self.clock.wall();
        insist(|| self.store.tell_health(healthy, reason.clone(), now)).await;
    }
}
