//! Looks after the store: once a day old rows go, and while a failed disk keeps it in memory, the way back is tried.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::clock::Clock;
use crate::store::{Store, Thinned};

/// How often the way back to the disk is tried.
const RETURN_EVERY: Duration = Duration::from_secs(10);
/// Old rows wait until the box is armed: there is time enough, and a call may ring now.
const FIRST_AFTER: Duration = Duration::from_secs(5 * 60);
/// How often old rows go.
const THIN_EVERY: Duration = Duration::from_hours(24);
/// Between two batches: others use the store as well, and a slow card has to write the rows that it lost.
const PAUSE: Duration = Duration::from_millis(200);

pub(super) struct Caretaker {
    pub(super) store: Store,
    pub(super) clock: Clock,
}

impl Caretaker {
    /// Runs until `stop`.
    pub(super) async fn run(self, stop: CancellationToken) {
        let (returning, thinning) = (self.return_to_disk(), self.thin_daily());
        tokio::select! {
            () = stop.cancelled() => {}
            () = returning => {}
            () = thinning => {}
        }
    }

    async fn return_to_disk(&self) {
        let mut trouble = self.store.trouble();
        while trouble.wait_for(Option::is_some).await.is_ok() {
            tokio::time::sleep(RETURN_EVERY).await;
            self.store.return_to_disk().await;
        }
    }

    async fn thin_daily(&self) {
        tokio::time::sleep(FIRST_AFTER).await;
        loop {
            // A clock that is years ahead would make everything old.
            if self.clock.doubt().is_none() {
                self.thin().await;
            }
            tokio::time::sleep(THIN_EVERY).await;
        }
    }

    async fn thin(&self) {
        let mut thinned = Thinned::default();
        while !thinned.done {
            match self.store.thin(self.clock.wall(), thinned).await {
                Ok(more) => thinned = more,
                Err(error) => {
                    warn!(%error, "old calls and texts were not removed; tried again tomorrow");
                    return;
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        if thinned.calls + thinned.texts > 0 {
            info!(
                calls = thinned.calls,
                texts = thinned.texts,
                "old calls and texts were removed (data.keep_days)"
            );
        }
    }
}
