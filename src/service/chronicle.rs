//! Writes down what is done for an ill modem, and reminds the modem's task of it after a start. Decides nothing.

use std::time::Duration;

use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::modem::{Healed, HealingStep, ModemTask, Ports, Rung, Written};
use crate::store::{HEALINGS_MAX, Store, insist};

#[derive(Debug, Clone)]
pub(super) struct Chronicle {
    store: Store,
    clock: Clock,
}

impl Chronicle {
    pub(super) fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }

    /// Writes until there is nothing more to write.
    pub(super) async fn run(self, mut steps: mpsc::UnboundedReceiver<(HealingStep, Written)>) {
        while let Some((step, written)) = steps.recv().await {
            match step {
                HealingStep::Begun { rung, why } => {
                    let now = self.clock.wall();
                    insist(|| self.store.healing_begun(now, rung.token(), &why)).await;
                }
                HealingStep::Ended(healed) => {
                    let outcome = match healed {
                        Healed::Helped => "helped".to_owned(),
                        Healed::Useless => "useless".to_owned(),
                        Healed::Skipped(why) => why,
                    };
                    insist(|| self.store.healing_ended(&outcome)).await;
                }
            }
            written.done();
        }
    }

    /// What was done before this start still counts: a restart of ours is no reason to restart the modem again.
    pub(super) async fn remind<P: Ports>(&self, mut modem: ModemTask<P>) -> ModemTask<P> {
        // A store that cannot be read says so elsewhere; the modem must work all the same.
        let rows = self.store.healings(HEALINGS_MAX).await.unwrap_or_default();
        let now = self.clock.wall();
        for row in rows {
            if let Some(rung) = Rung::from_token(&row.rung) {
                // A clock that was set back, or a box without one, counts as no time at all.
                let ago = Duration::try_from(now.duration_since(row.at)).unwrap_or_default();
                modem = modem.remembering(rung, ago);
            }
        }
        modem
    }
}
