//! What is told elsewhere: webhook, push and e-mail, each with a task of its own, which takes one delivery after the other from the
//! store.
//!
//! Nothing here can hold a text up. The store has what is to be told already, written with what it tells of; a receiver is spoken to on
//! a thread of its own, with a limit on its time and none of its answer kept; and no room waits for this one. What is tried again and
//! when, `delivery` says; what is said, `events`.

mod health;
mod http;
mod mail;
mod receiver;
mod secret;

use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

pub use health::HealthTask;
pub use receiver::{Receiver, Receivers};

use crate::clock::Clock;
use crate::delivery::{Outcome, Verdict, after};
use crate::events::Outlet;
use crate::store::{Delivery, NextDelivery, Store, StoreError, insist};

/// After a receiver could not be reached nobody knocks for so long: what waits in other conversations would find nobody either.
const REST: Duration = Duration::from_secs(5);
/// The same after the store failed.
const REST_OF_STORE: Duration = Duration::from_secs(30);

/// Tells what there is to tell.
#[derive(Debug)]
pub struct OutletsTask {
    receivers: Receivers,
    store: Store,
    clock: Clock,
}

impl OutletsTask {
    /// A task for these receivers; it has nothing to do where there are none.
    #[must_use]
    pub fn new(receivers: Receivers, store: Store, clock: Clock) -> Self {
        Self {
            receivers,
            store,
            clock,
        }
    }

    /// Runs until `stop`. An attempt that is under way then is given up, and made again after the next start.
    pub async fn run(self, stop: CancellationToken) {
        let on = self.receivers.targets();
        insist(|| self.store.switch_outlets(on.clone())).await;
        let mut tasks = JoinSet::new();
        for (outlet, receiver) in self.receivers.each() {
            let teller = Teller {
                outlet,
                receiver,
                store: self.store.clone(),
                clock: self.clock.clone(),
            };
            tasks.spawn(teller.run());
        }
        // They end with the set.
        stop.cancelled().await;
    }
}

/// Speaks to one receiver.
struct Teller {
    outlet: Outlet,
    receiver: Receiver,
    store: Store,
    clock: Clock,
}

impl Teller {
    async fn run(self) {
        let mut changes = self.store.changes();
        let mut away = false;
        loop {
            changes.mark_unchanged();
            let now = self.clock.wall();
            let rest = match self.store.next_delivery(self.outlet, now).await {
                Ok(NextDelivery::Deliver(delivery)) => self.deliver(delivery, &mut away).await,
                Ok(NextDelivery::Wait(until)) => {
                    let wait = until.duration_since(now).try_into().unwrap_or_default();
                    // Nothing that changes meanwhile is lost: it is there at the next look.
                    let _ = tokio::time::timeout(wait, changes.changed()).await;
                    Ok(Duration::ZERO)
                }
                Ok(NextDelivery::Nothing) => {
                    if changes.changed().await.is_err() {
                        return;
                    }
                    Ok(Duration::ZERO)
                }
                Err(error) => Err(error),
            };
            match rest {
                Ok(rest) => tokio::time::sleep(rest).await,
                Err(error) => {
                    warn!(%error, outlet = self.outlet.token(), "the store failed");
                    tokio::time::sleep(REST_OF_STORE).await;
                }
            }
        }
    }

    /// Makes one attempt and writes down what came of it; says how long to rest.
    async fn deliver(&self, delivery: Delivery, away: &mut bool) -> Result<Duration, StoreError> {
        let at = self.clock.wall();
        let (receiver, given) = (self.receiver.clone(), delivery.clone());
        let sent = tokio::task::spawn_blocking(move || receiver.send(&given, at)).await;
        let outcome = sent.unwrap_or_else(|_| Outcome::Away("the attempt broke off".to_owned()));
        let now = self.clock.wall();
        let verdict = self.judge(&delivery, &outcome, now, away);
        let (error, is_away) = match outcome {
            Outcome::Taken => (None, false),
            Outcome::Away(why) => (Some(why), true),
            Outcome::Refused(why) | Outcome::Gone(why) => (Some(why), false),
        };
        self.store
            .delivery_tried(self.outlet, &delivery, verdict, error, is_away, now)
            .await?;
        Ok(if is_away { REST } else { Duration::ZERO })
    }

    /// What becomes of it, told in the log where that is news.
    fn judge(
        &self,
        delivery: &Delivery,
        outcome: &Outcome,
        now: Timestamp,
        away: &mut bool,
    ) -> Verdict {
        let attempts = delivery.attempts.saturating_add(1);
        let age = now.duration_since(delivery.at);
        let verdict = after(outcome, attempts, age, &delivery.name);
        let (outlet, event) = (self.outlet.token(), delivery.name.as_str());
        match outcome {
            Outcome::Taken if *away => info!(outlet, "what happens is told there again"),
            Outcome::Away(why) if !*away => {
                warn!(outlet, %why, "cannot be reached; what happens waits");
            }
            Outcome::Refused(why) if attempts == 1 => {
                warn!(outlet, event, %why, "it was not taken; tried again");
            }
            Outcome::Gone(why) => warn!(outlet, %why, "nothing is sent there any more"),
            _ => {}
        }
        if verdict == Verdict::Dead {
            warn!(outlet, event, attempts, "given up");
        }
        match outcome {
            Outcome::Taken => *away = false,
            Outcome::Away(_) => *away = true,
            Outcome::Refused(_) | Outcome::Gone(_) => {}
        }
        verdict
    }
}
