//! Texts on their way out, each owned by a durable row until the network has taken it.
//!
//! [`OutboxTask`] takes one due text at a time from the store, which writes `sending` before it hands it out, gives
//! its parts to the modem, and writes down what the network said. What becomes of a text is decided in `life`; nothing here
//! knows how calls or replies come about.

mod life;
mod suspects;
#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::clock::Clock;
use crate::modem::{Modem, ModemState, SendError};
use crate::phone;
use crate::sms::{self, Address, Outcome, Pdu, StatusReport, Submit, Validity};
use crate::store::{Next, Outgoing, Store, insist};
use crate::text::{Failure, Report, ReportOutcome, Transition};

/// How long the network shall try to reach the caller's phone: who switches it on a day later has found another plumber.
const TRIED_FOR: Duration = Duration::from_hours(24);

/// Sends what is due. One at a time: the modem takes one message after the other anyway.
#[derive(Debug)]
pub struct OutboxTask {
    store: Store,
    clock: Clock,
    modem: watch::Receiver<Option<Modem>>,
    state: watch::Receiver<ModemState>,
}

impl OutboxTask {
    /// A task that sends through whatever `modem` holds, and waits while it holds none. `state` is how that modem is doing.
    #[must_use]
    pub fn new(
        store: Store,
        clock: Clock,
        modem: watch::Receiver<Option<Modem>>,
        state: watch::Receiver<ModemState>,
    ) -> Self {
        Self {
            store,
            clock,
            modem,
            state,
        }
    }

    /// Runs until `stop`. A text that is with the modem then is finished first: half a message helps nobody.
    pub async fn run(mut self, stop: CancellationToken) {
        self.recover().await;
        let mut changes = self.store.changes();
        while !stop.is_cancelled() {
            // Marked before the look, so that what is queued during it wakes us again.
            changes.mark_unchanged();
            if self.modem.has_changed().unwrap_or(false) && self.modem.borrow_and_update().is_some()
            {
                self.modem_is_back().await;
            }
            let Some(modem) = self.modem.borrow().clone() else {
                tokio::select! {
                    () = stop.cancelled() => return,
                    changed = self.modem.changed() => match changed {
                        Ok(()) => self.modem.mark_changed(),
                        Err(_) => return,
                    },
                }
                continue;
            };
            let wake_at = match self.next().await {
                Next::Send(text) => {
                    self.send(&modem, &text).await;
                    continue;
                }
                Next::Wait(until) => Some(until),
                Next::Nothing => None,
            };
            tokio::select! {
                () = stop.cancelled() => return,
                changed = self.modem.changed() => match changed {
                    // The next turn of the loop looks at it.
                    Ok(()) => self.modem.mark_changed(),
                    Err(_) => return,
                },
                _ = changes.changed() => {}
                () = sleep_until(&self.clock, wake_at) => {}
            }
        }
    }

    /// What the modem's absence held has nothing to wait for any more if it is well, and it may still bring the report on a text that nobody
    /// confirmed.
    async fn modem_is_back(&self) {
        let now = self.clock.wall();
        let until = now + life::REPORT_AWAITED_FOR;
        let ill = matches!(*self.state.borrow(), ModemState::Healing { .. });
        insist(|| self.store.modem_is_back(now, until, ill)).await;
    }

    async fn recover(&self) {
        let until = self.clock.wall() + life::REPORT_AWAITED_FOR;
        let cut_short = insist(|| self.store.recover(until)).await;
        if cut_short > 0 {
            warn!(
                cut_short,
                "texts were with the modem when the box stopped: waiting for the network's word on them"
            );
        }
    }

    async fn next(&self) -> Next {
        let now = self.clock.wall();
        insist(|| {
            self.store.claim_next(now, move |text, settings, recent| {
                life::due(text, settings, recent, now)
            })
        })
        .await
    }

    async fn send(&self, modem: &Modem, text: &Outgoing) {
        let to = phone::for_log(&text.number);
        let transition = match submits(text) {
            Ok(parts) => match self.send_parts(modem, text, &parts).await {
                Ok(()) => {
                    info!(%to, text = text.id, "text sent");
                    return;
                }
                Err(error) => life::after(text, &error, self.clock.wall()),
            },
            Err(why) => Transition::Fail(Failure::Unsendable(why)),
        };
        warn!(%to, text = text.id, ?transition, "text not sent");
        let now = self.clock.wall();
        insist(|| self.store.settle(text.id, transition.clone(), now)).await;
    }

    async fn send_parts(
        &self,
        modem: &Modem,
        text: &Outgoing,
        parts: &[Pdu],
    ) -> Result<(), SendError> {
        let total = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        for (sequence, part) in (1..).zip(parts) {
            if text.parts_taken.contains(&sequence) {
                continue;
            }
            let reference = modem.send(&part.hex, part.tpdu_length).await?;
            let now = self.clock.wall();
            insist(|| {
                self.store
                    .part_taken(text.id, sequence, total, reference, now)
            })
            .await;
        }
        Ok(())
    }
}

async fn sleep_until(clock: &Clock, at: Option<Timestamp>) {
    let Some(at) = at else {
        return std::future::pending().await;
    };
    let wait = at.duration_since(clock.wall());
    tokio::time::sleep(wait.try_into().unwrap_or_default()).await;
}

/// The SMS-SUBMITs of a text, in order.
fn submits(text: &Outgoing) -> Result<Vec<Pdu>, String> {
    let destination = Address::from_dialable(&text.number).map_err(|error| error.to_string())?;
    // Texts to one number get different references, so that a phone never joins parts of two of them.
    let reference = u8::try_from(text.id.rem_euclid(256)).unwrap_or_default();
    let segments = sms::segment(&text.body, reference).map_err(|error| error.to_string())?;
    let submit = |segment| Submit {
        validity: Validity::at_least(TRIED_FOR),
        ..Submit::new(destination.clone(), segment)
    };
    Ok(segments
        .into_iter()
        .map(|segment| submit(segment).to_pdu())
        .collect())
}

/// Takes in that the network has a message under this reference, told when nobody waited for it any more.
pub async fn take_late_answer(store: &Store, reference: u8, now: Timestamp) {
    match insist(|| store.taken_late(reference, now)).await {
        Some(text) => info!(text, reference, "the modem's answer on a text came late"),
        None => {
            warn!(
                reference,
                "a late answer fits none of our texts: left aside"
            );
        }
    }
}

/// Takes in a status report as the modem gave it, in hexadecimal digits.
pub async fn take_report(store: &Store, report: &StatusReport, now: Timestamp) {
    let outcome = match report.outcome() {
        Outcome::Delivered => ReportOutcome::Delivered,
        Outcome::Failed => ReportOutcome::Failed {
            said: report.description().to_owned(),
            number: suspects::by_report(report.status),
        },
        // It goes on trying, or passed the message on without proof that it arrived; it has it in any case.
        Outcome::StillTrying | Outcome::Forwarded => ReportOutcome::Taken,
    };
    let recipient = report.recipient.number();
    let to = phone::for_log(&recipient).to_string();
    let report = Report {
        reference: report.reference,
        recipient,
        stamp: report.timestamp.to_jiff(),
        outcome,
    };
    match insist(|| store.reported(report.clone(), now)).await {
        Some(found) => {
            info!(%to, text = found.text_id, state = found.state.token(), "status report");
        }
        None => {
            warn!(%to, reference = report.reference, "a status report fits none of our texts: left aside");
        }
    }
}
