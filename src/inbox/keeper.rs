//! Takes messages and reports into the store, from wherever they came.

use std::sync::{Mutex, PoisonError};

use tokio::sync::{mpsc, watch};
use tracing::{info, warn};

use super::reply::{Sender, noticed_call, reply, unreadable};
use crate::clock::Clock;
use crate::modem::ModemState;
use crate::outbox;
use crate::phone::{self, Region};
use crate::reception::ReceptionEvent;
use crate::sms::{Deliver, StatusReport};
use crate::store::{NewPart, NewReply, Store, StoreError, Stored};

/// See the module.
#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) store: Store,
    pub(super) clock: Clock,
    state: watch::Receiver<ModemState>,
    reception: mpsc::UnboundedSender<ReceptionEvent>,
    /// The SIM's country, remembered while the modem is away: some replies come without their country code.
    sim_region: Mutex<Option<Region>>,
}

impl Keeper {
    pub(super) fn new(
        store: Store,
        clock: Clock,
        state: watch::Receiver<ModemState>,
        reception: mpsc::UnboundedSender<ReceptionEvent>,
    ) -> Self {
        Self {
            store,
            clock,
            state,
            reception,
            sim_region: Mutex::new(None),
        }
    }

    /// The SIM that lies in the modem now is of this country, if it says so.
    pub(super) fn remember_region(&self, region: Option<Region>) {
        if region.is_some() {
            *self
                .sim_region
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = region;
        }
    }

    fn sim_region(&self) -> Option<Region> {
        *self
            .sim_region
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Why a call missed now would not be texted, as far as the modem is concerned.
    fn hindrance(&self) -> Option<String> {
        self.state.borrow().reason()
    }

    /// Long texts of which a part has not come for a day are shown without it.
    pub(super) async fn show_incomplete(&self) {
        let shown = async {
            let settings = self.store.settings().await?;
            let home = settings.country().or(self.sim_region());
            let now = self.clock.wall();
            let hindrance = self.hindrance();
            self.store
                .show_incomplete(now, move |slots| NewReply {
                    hindrance: hindrance.clone(),
                    ..reply(slots, home, &settings)
                })
                .await
        };
        match shown.await {
            Ok(0) => {}
            Ok(count) => info!(count, "texts are shown without the parts that did not come"),
            Err(error) => warn!(%error, "could not look for texts of which parts are missing"),
        }
    }

    /// Takes in a message or a report, in hexadecimal digits.
    pub(super) async fn keep(&self, pdu: &str) -> Result<(), StoreError> {
        let now = self.clock.wall();
        let deliver = match Deliver::from_hex(pdu) {
            Ok(deliver) => deliver,
            Err(not_a_message) => {
                if let Ok(report) = StatusReport::from_hex(pdu) {
                    outbox::take_report(&self.store, &report, now).await;
                    return Ok(());
                }
                warn!(error = %not_a_message, "a message could not be read; its bytes are kept");
                self.store.receive(pdu, None, now, |_| unreadable()).await?;
                return Ok(());
            }
        };
        let stamp = deliver.timestamp.to_jiff();
        if let Some(stamp) = stamp {
            self.clock.hear_stamp(stamp);
        }
        let settings = self.store.settings().await?;
        let home = settings.country().or(self.sim_region());
        let sender = Sender::of(&deliver, home);
        let sent_at = stamp.map_or(now, |stamp| stamp.min(now));
        let from = phone::for_log(&sender.name).to_string();
        let part = deliver.concat().map(|part| NewPart {
            sender: sender.name.clone(),
            reference: part.reference,
            bits: part.bits,
            total: part.total,
            sequence: part.sequence,
        });
        let hindrance = self.hindrance();
        let stored = self
            .store
            .receive(&alone(deliver), part, now, move |slots| {
                let mut reply = reply(slots, home, &settings);
                reply.hindrance.clone_from(&hindrance);
                let whole = slots.iter().all(Option::is_some);
                if whole && !reply.is_picture && settings.operator_notices() {
                    reply.notice = noticed_call(&reply.body, &sender, sent_at, home);
                }
                reply
            })
            .await?;
        match stored {
            Stored::Twice => {}
            Stored::PartOfMore => info!(%from, "part of a longer text came in"),
            Stored::Reply { confirmed, call } => {
                info!(%from, confirmed, tells_of_a_call = call.is_some(), "text came in");
                // A reception that has stopped finds the call in the store when it starts.
                if let Some(call) = call {
                    let _ = self.reception.send(ReceptionEvent::Noticed(call));
                }
            }
        }
        Ok(())
    }
}

/// The PDU as it tells the message from others: without what differs between two ways to read it (the service centre's number, which
/// some modems leave out of `+CMT`; more to come, which a second delivery says otherwise; octets behind its end).
fn alone(deliver: Deliver) -> String {
    let alone = Deliver {
        smsc: None,
        more_messages: false,
        ..deliver
    };
    alone.to_hex()
}
