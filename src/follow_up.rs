//! One more text to callers who have not answered, at the time that the owner set, if he wants that: [`FollowUpTask`] looks once a minute
//! what is due. Whether it goes out is decided in `rules`, in the transaction that queues it.

use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::clock::Clock;
use crate::modem::Modem;
use crate::phone::Region;
use crate::settings::Settings;
use crate::store::{DueFollowUp, NewText, Store};
use crate::text::TextKind;
use crate::wording::{self, Occasion};

/// A minute more or less is nothing to somebody who called yesterday.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Texts those who have not answered.
#[derive(Debug)]
pub struct FollowUpTask {
    store: Store,
    clock: Clock,
    modem: watch::Receiver<Option<Modem>>,
}

impl FollowUpTask {
    /// A task that writes numbers and times as the country of `modem`'s SIM does, unless the owner set another.
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
            // A clock that is wrong would text at night.
            if self.clock.doubt().is_some() {
                continue;
            }
            let region = self.modem.borrow().as_ref().and_then(Modem::region);
            sim_region = region.or(sim_region);
            self.look(sim_region).await;
        }
    }

    async fn look(&self, sim_region: Option<Region>) {
        let zone = self.store.zone().clone();
        let write = move |due: &DueFollowUp, settings: &Settings| {
            let zone = settings.time_zone().unwrap_or_else(|| zone.clone());
            text(due, settings, settings.country().or(sim_region), &zone)
        };
        match self.store.follow_up(self.clock.wall(), write).await {
            Ok(0) => {}
            Ok(count) => info!(count, "callers who have not answered are texted once more"),
            Err(error) => warn!(%error, "could not look who has not answered"),
        }
    }
}

fn text(
    due: &DueFollowUp,
    settings: &Settings,
    home: Option<Region>,
    zone: &jiff::tz::TimeZone,
) -> NewText {
    let called_at = due.called_at.to_zoned(zone.clone());
    let filling = settings.filling(&due.number, Some(&called_at), home);
    let values = filling.values();
    let own = settings.message(Occasion::FollowUp);
    NewText {
        kind: TextKind::FollowUp,
        number: due.number.clone(),
        body: wording::text(Occasion::FollowUp, own, settings.language(home), &values),
        late: None,
    }
}
