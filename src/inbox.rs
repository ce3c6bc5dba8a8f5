//! Texts on their way in: stored here before they are deleted from the SIM, joined from their parts, STOP and START obeyed.
//!
//! The modem's announcements are hints only: they come late, twice, with a wrong place or not at all. So the SIM is
//! listed at the start, when an announcement points nowhere, and on a timer. Nothing here knows how calls come about.

use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::clock::Clock;
use crate::modem::{Modem, StoredSms};
use crate::outbox;
use crate::phone::{self, PhoneNumber, Region};
use crate::rules::{self, Keyword};
use crate::settings::Settings;
use crate::sms::{self, Deliver, StatusReport};
use crate::store::{NewPart, NewReply, NewText, Store, Stored, TextKind, insist};
use crate::wording;

/// Some modems never say that a message came when their memory is full (E1750, SIM800): so the SIM is listed anyway.
const LIST_EVERY: Duration = Duration::from_secs(600);
/// `<stat>` (3GPP TS 27.005 3.1): 0 is received and unread, 1 received and read; above that are drafts and copies of ours.
const READ: u8 = 1;
/// What a message says that nobody could read; its bytes are kept with it.
const UNREADABLE: &str = "(a message that could not be read)";

/// What can happen to the inbox.
#[derive(Debug)]
pub enum InboxEvent {
    /// A message lies in the modem's memory, there if the modem says where.
    Stored {
        /// Its place.
        index: Option<u16>,
    },
    /// A message or a status report came straight through, in hexadecimal digits; no other copy exists.
    Came {
        /// The PDU.
        pdu: String,
    },
}

/// Takes messages from the modem into the store.
#[derive(Debug)]
pub struct InboxTask {
    /// Where they are kept.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// The modem, while there is one.
    pub modem: watch::Receiver<Option<Modem>>,
    /// What happens.
    pub events: mpsc::UnboundedReceiver<InboxEvent>,
}

impl InboxTask {
    /// Runs until `stop`, or until nobody can tell it anything any more.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut list_at = tokio::time::interval(LIST_EVERY);
        list_at.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                event = self.events.recv() => match event {
                    Some(event) => self.on(event).await,
                    None => return,
                },
                // A modem that has just come (back) may hold what came meanwhile.
                changed = self.modem.changed() => match changed {
                    Ok(()) => self.take_all().await,
                    Err(_) => return,
                },
                _ = list_at.tick() => self.take_all().await,
            }
        }
    }

    async fn on(&mut self, event: InboxEvent) {
        match event {
            InboxEvent::Came { pdu } => insist(|| self.keep(&pdu)).await,
            InboxEvent::Stored { index: Some(index) } => {
                let Some(modem) = self.attached() else { return };
                match modem.read(index).await {
                    Ok(Some(message)) => self.take(&modem, &message).await,
                    // The place named is empty, or in another memory: the list tells.
                    Ok(None) | Err(_) => self.take_all().await,
                }
            }
            InboxEvent::Stored { index: None } => self.take_all().await,
        }
    }

    fn attached(&self) -> Option<Modem> {
        self.modem.borrow().clone()
    }

    async fn take_all(&mut self) {
        let Some(modem) = self.modem.borrow_and_update().clone() else {
            return;
        };
        match modem.stored().await {
            Ok(messages) => {
                for message in messages.iter().filter(|message| message.status <= READ) {
                    self.take(&modem, message).await;
                }
            }
            Err(error) => {
                warn!(%error, "could not list the messages on the SIM; they stay there for the next time");
            }
        }
    }

    /// Keeps a message and deletes it from the SIM, in that order.
    async fn take(&self, modem: &Modem, message: &StoredSms) {
        if let Err(error) = self.keep(&message.pdu).await {
            warn!(%error, "a message stays on the SIM until the store can keep it");
            return;
        }
        if let Err(error) = modem.delete(message.index).await {
            warn!(%error, index = message.index, "a message is kept but still on the SIM; reading it again changes nothing");
        }
    }

    async fn keep(&self, pdu: &str) -> Result<(), crate::store::StoreError> {
        let now = self.clock.wall();
        let deliver = match Deliver::from_hex(pdu) {
            Ok(deliver) => deliver,
            Err(not_a_message) => {
                if let Ok(report) = StatusReport::from_hex(pdu) {
                    outbox::take_report(&self.store, &report, now).await;
                    return Ok(());
                }
                warn!(error = %not_a_message, "a message could not be read; its bytes are kept");
                let unreadable = |_: &[String]| NewReply {
                    sender: None,
                    body: UNREADABLE.to_owned(),
                    keyword: None,
                    confirmation: None,
                };
                self.store.receive(pdu, None, now, unreadable).await?;
                return Ok(());
            }
        };
        let settings = self.store.settings().await?;
        let sender = Sender::of(&deliver, &settings);
        let from = phone::for_log(&sender.name).to_string();
        let part = deliver.concat().map(|part| NewPart {
            sender: sender.name.clone(),
            reference: part.reference,
            bits: part.bits,
            total: part.total,
            sequence: part.sequence,
        });
        let stored = self
            .store
            .receive(pdu, part, now, move |pdus| reply(pdus, &sender, &settings))
            .await?;
        match stored {
            Stored::Twice => {}
            Stored::PartOfMore => info!(%from, "part of a longer text came in"),
            Stored::Reply { confirmed } => info!(%from, confirmed, "text came in"),
        }
        Ok(())
    }
}

/// Who sent a message.
struct Sender {
    /// E.164 where it is a number one could answer, else as the network gave it.
    name: String,
    number: Option<PhoneNumber>,
}

impl Sender {
    fn of(deliver: &Deliver, settings: &Settings) -> Self {
        let address = &deliver.originator;
        let shown = address.number();
        let number = (!address.is_alphanumeric())
            .then(|| PhoneNumber::from_line(&shown, address.type_of_address(), home(settings)))
            .flatten();
        let name = number.as_ref().map_or(shown, ToString::to_string);
        Self { name, number }
    }
}

/// Replies mostly come with their country code; the owner's country helps with those that do not.
fn home(settings: &Settings) -> Option<Region> {
    settings.country()
}

/// The whole message from its parts, and what it asks of us.
fn reply(pdus: &[String], sender: &Sender, settings: &Settings) -> NewReply {
    let parts: Vec<Deliver> = pdus
        .iter()
        .filter_map(|pdu| Deliver::from_hex(pdu).ok())
        .collect();
    let body = sms::join(&parts);
    let keyword = rules::keyword(&body);
    let confirmation = match (keyword, &sender.number) {
        (Some(keyword), Some(number)) => Some(confirmation(keyword, number.clone(), settings)),
        _ => None,
    };
    NewReply {
        sender: Some(sender.name.clone()),
        body,
        keyword,
        confirmation,
    }
}

fn confirmation(keyword: Keyword, number: PhoneNumber, settings: &Settings) -> NewText {
    let business = settings.business_name();
    let (kind, body) = match keyword {
        Keyword::Stop => (TextKind::OptOut, wording::opt_out_confirmation(business)),
        Keyword::Start => (TextKind::OptIn, wording::opt_in_confirmation(business)),
    };
    NewText { kind, number, body }
}
