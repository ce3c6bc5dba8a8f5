//! Texts on their way in: stored here before they are deleted from the SIM, joined from their parts, shown without those that do not
//! come within a day, STOP and START obeyed, passed on to the owner's people, whose own texts steer.
//!
//! What the modem passes straight through has no other copy, and a report is what keeps a text from going out twice: these are written
//! down at once, while `fetcher` may have to wait for the modem. A call that an operator's text tells of is written down with it; what
//! follows from that call is `reception`'s affair.

mod fetcher;
mod keeper;
mod reply;

use tokio::sync::{mpsc, watch};

use self::fetcher::{Fetcher, Hint};
use self::keeper::Keeper;
use crate::clock::Clock;
use crate::modem::{Memory, Modem, ModemState};
use crate::outbox;
use crate::reception::ReceptionEvent;
use crate::store::{Store, insist};

/// What can happen to the inbox.
#[derive(Debug)]
pub enum InboxEvent {
    /// A message lies in a memory of the modem, there if the modem says where. Which memory and place it names can be
    /// wrong: SIM7600 names the SIM for what lies in the modem, EC25 for reports that lie apart (python-gsmmodem issue 106,
    /// chan_quectel pull 75).
    Stored {
        /// The memory named.
        memory: Option<Memory>,
        /// The place in it.
        index: Option<u16>,
        /// A status report, it says.
        report: bool,
    },
    /// The answer on a message that nobody waits for any more: the network has taken it under this reference.
    Taken {
        /// TP-MR.
        reference: u8,
    },
    /// The memory is full.
    Full,
    /// A message or a status report came straight through, in hexadecimal digits; no other copy exists.
    Came {
        /// The PDU.
        pdu: String,
    },
}

/// Takes messages from the modem into the store.
#[derive(Debug)]
pub struct InboxTask {
    keeper: Keeper,
    attached: watch::Receiver<Option<Modem>>,
    swept: watch::Sender<Option<Modem>>,
    events: mpsc::UnboundedReceiver<InboxEvent>,
}

impl InboxTask {
    /// A task that reads through whatever `attached` holds, which is doing as `state` says, and shows it in `swept` once what lay there has been read; calls
    /// that operators tell of go to `reception`.
    #[must_use]
    pub fn new(
        store: Store,
        clock: Clock,
        attached: watch::Receiver<Option<Modem>>,
        state: watch::Receiver<ModemState>,
        swept: watch::Sender<Option<Modem>>,
        events: mpsc::UnboundedReceiver<InboxEvent>,
        reception: mpsc::UnboundedSender<ReceptionEvent>,
    ) -> Self {
        Self {
            keeper: Keeper::new(store, clock, state, reception),
            attached,
            swept,
            events,
        }
    }

    /// Runs until nobody can tell it anything any more, and has then taken in all it was told.
    pub async fn run(self) {
        let (hinted, hints) = mpsc::unbounded_channel();
        let fetcher = Fetcher {
            keeper: &self.keeper,
            attached: self.attached,
            swept: self.swept,
            hints,
        };
        tokio::join!(listen(&self.keeper, self.events, hinted), fetcher.run());
    }
}

/// Writes down what needs no modem for it, in its order, and passes on the rest.
async fn listen(
    keeper: &Keeper,
    mut events: mpsc::UnboundedReceiver<InboxEvent>,
    hinted: mpsc::UnboundedSender<Hint>,
) {
    while let Some(event) = events.recv().await {
        let hint = match event {
            InboxEvent::Came { pdu } => {
                insist(|| keeper.keep(&pdu)).await;
                continue;
            }
            InboxEvent::Taken { reference } => {
                outbox::take_late_answer(&keeper.store, reference, keeper.clock.wall()).await;
                continue;
            }
            InboxEvent::Full => Hint::Full,
            InboxEvent::Stored {
                memory,
                index,
                report,
            } => Hint::Stored {
                memory,
                index,
                report,
            },
        };
        // The fetcher runs for as long as it can be hinted at.
        let _ = hinted.send(hint);
    }
}
