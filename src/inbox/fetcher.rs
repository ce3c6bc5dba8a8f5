//! Fetches messages from the modem's memories. Its announcements are hints only: they come late, twice, with a wrong place or not at
//! all. So its memory is listed at the start, when an announcement points nowhere, and on a timer.

use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tracing::warn;

use super::keeper::Keeper;
use crate::modem::{Memory, Modem, StoredSms};
use crate::sms::{Deliver, StatusReport};

/// Some modems never say that a message came when their memory is full (E1750, SIM800): so the SIM is listed anyway.
const LIST_EVERY: Duration = Duration::from_secs(600);
/// How often a modem that has just come is asked for its messages before texts go out without: one that cannot list at all
/// must not keep every caller waiting.
const SWEEPS: u32 = 3;
/// How soon again; a busy SIM takes about so long.
const SWEEP_AGAIN_AFTER: Duration = Duration::from_secs(2);
/// How soon again where that failed.
const LIST_AGAIN_AFTER: Duration = Duration::from_secs(5);
/// How often a message that looks damaged is read again at once.
const READINGS: u32 = 4;
/// `<stat>` (3GPP TS 27.005 3.1): 0 is received and unread, 1 received and read; above that are drafts and copies of ours.
const READ: u8 = 1;

/// Where there is something to fetch, perhaps.
#[derive(Debug)]
pub(super) enum Hint {
    /// See [`super::InboxEvent::Stored`].
    Stored {
        memory: Option<Memory>,
        index: Option<u16>,
        report: bool,
    },
    /// See [`super::InboxEvent::Full`].
    Full,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Fetcher<'a> {
    pub(super) keeper: &'a Keeper,
    pub(super) attached: watch::Receiver<Option<Modem>>,
    pub(super) swept: watch::Sender<Option<Modem>>,
    pub(super) hints: mpsc::UnboundedReceiver<Hint>,
}

impl Fetcher<'_> {
    /// Runs until nobody can give it a hint any more, and has then followed all of them.
    pub(super) async fn run(mut self) {
        let mut list_at = tokio::time::interval(LIST_EVERY);
        list_at.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut may_attach = true;
        loop {
            let listed = tokio::select! {
                biased;
                hint = self.hints.recv() => match hint {
                    Some(hint) => self.on(hint).await,
                    None => return,
                },
                changed = self.attached.changed(), if may_attach => match changed {
                    Ok(()) => self.attach().await,
                    // Nobody attaches one any more: the end is near.
                    Err(_) => {
                        may_attach = false;
                        true
                    }
                },
                _ = list_at.tick() => {
                    self.keeper.show_incomplete().await;
                    self.take_all().await
                }
            };
            // A modem that was busy is asked again soon: a STOP may lie there.
            if !listed {
                list_at.reset_after(LIST_AGAIN_AFTER);
            }
        }
    }

    /// A modem that has just come (back) may hold what came meanwhile.
    async fn attach(&mut self) -> bool {
        let modem = self.attached.borrow_and_update().clone();
        let Some(modem) = modem else {
            self.swept.send_replace(None);
            return true;
        };
        self.keeper.remember_region(modem.region());
        let mut listed = self.take_all().await;
        for _ in 1..SWEEPS {
            if listed {
                break;
            }
            tokio::time::sleep(SWEEP_AGAIN_AFTER).await;
            listed = self.take_all().await;
        }
        self.take_elsewhere(&modem).await;
        self.swept.send_replace(Some(modem));
        listed
    }

    /// What lies in memories that are not the usual one: it came while the modem stored elsewhere, or its announcement was heard by
    /// nobody. A report among it settles a text that would go out again.
    async fn take_elsewhere(&self, modem: &Modem) {
        let Some(usual) = modem.memory() else { return };
        for other in Memory::ALL.into_iter().filter(|other| *other != usual) {
            self.take_from(modem, other).await;
        }
    }

    /// The same as [`Self::take_listed`], of another memory; `None` also if the modem has none such.
    async fn take_from(&self, modem: &Modem, other: Memory) -> Option<(usize, bool)> {
        modem.look_into(Some(other)).await.ok()?;
        let taken = self.take_listed(modem).await;
        if let Err(error) = modem.look_into(None).await {
            warn!(%error, "the modem would not go back to its usual memory; it is set again at its next start");
        }
        taken
    }

    /// False if the memory has to be listed again.
    async fn on(&self, hint: Hint) -> bool {
        match hint {
            Hint::Full => self.take_all().await,
            Hint::Stored {
                memory,
                index,
                report,
            } => match self.modem() {
                Some(modem) => self.find(&modem, memory, index, report).await,
                None => true,
            },
        }
    }

    /// Takes the message that was announced from wherever it lies.
    async fn find(
        &self,
        modem: &Modem,
        named: Option<Memory>,
        index: Option<u16>,
        report: bool,
    ) -> bool {
        let usual = modem.memory();
        let at_home = named.is_none() || usual.is_none() || named == usual;
        if at_home && let Some(index) = index {
            // Where it fails, the place named is empty, or in another memory.
            if let Ok(Some(message)) = modem.read(index).await {
                let found = !report || StatusReport::from_hex(&message.pdu).is_ok();
                let taken = self.take(modem, &message).await;
                if found {
                    return taken;
                }
            }
        }
        if at_home {
            match self.take_listed(modem).await {
                Some((0, true)) => {}
                Some((_, all)) if !report => return all,
                Some(_) => {}
                None => return false,
            }
        }
        let others = named.into_iter().chain(Memory::ALL);
        let mut looked_into = usual.filter(|_| at_home).into_iter().collect::<Vec<_>>();
        let mut all = true;
        for other in others {
            if looked_into.contains(&other) {
                continue;
            }
            looked_into.push(other);
            match self.take_from(modem, other).await {
                Some((0, _)) | None => {}
                Some((_, taken)) => {
                    all &= taken;
                    break;
                }
            }
        }
        all
    }

    fn modem(&self) -> Option<Modem> {
        self.attached.borrow().clone()
    }

    /// False if some of it could not be taken.
    async fn take_all(&self) -> bool {
        let Some(modem) = self.modem() else {
            return true;
        };
        self.take_listed(&modem).await.is_some_and(|(_, all)| all)
    }

    /// How many messages lay in the memory looked into, and whether all could be taken; `None` if it could not be listed.
    async fn take_listed(&self, modem: &Modem) -> Option<(usize, bool)> {
        let messages = match modem.stored().await {
            Ok(messages) => messages,
            Err(error) => {
                warn!(%error, "could not list the messages on the SIM; they stay there for the next time");
                return None;
            }
        };
        let (mut count, mut all) = (0, true);
        for message in messages.iter().filter(|message| message.status <= READ) {
            count += 1;
            all &= self.take(modem, message).await;
        }
        Some((count, all))
    }

    /// Keeps a message and deletes it from the SIM, in that order.
    async fn take(&self, modem: &Modem, message: &StoredSms) -> bool {
        let Some(pdu) = self.undamaged(modem, message).await else {
            warn!(
                index = message.index,
                "a message reads differently each time; it stays on the SIM for the next time"
            );
            return false;
        };
        if let Err(error) = self.keeper.keep(&pdu).await {
            warn!(%error, "a message stays on the SIM until the store can keep it");
            return false;
        }
        if let Err(error) = modem.delete(message.index).await {
            warn!(%error, index = message.index, "a message is kept but still on the SIM; reading it again changes nothing");
        }
        true
    }

    /// What the message says. One that looks damaged is read until two readings agree: bytes can be lost on the line, and once it is
    /// deleted no other copy exists. `None` if no two do.
    async fn undamaged(&self, modem: &Modem, message: &StoredSms) -> Option<String> {
        let reads =
            |pdu: &str| Deliver::from_hex(pdu).is_ok() || StatusReport::from_hex(pdu).is_ok();
        let mut last = message.pdu.clone();
        if message.whole && reads(&last) {
            return Some(last);
        }
        let mut refused = 0;
        for _ in 0..READINGS {
            match modem.read(message.index).await {
                Ok(Some(again)) if again.pdu == last => return Some(last),
                Ok(Some(again)) => last = again.pdu,
                // The answer itself was damaged, or the modem cannot do that.
                Ok(None) | Err(_) => refused += 1,
            }
        }
        // It cannot be read by itself: what the list gave is all there is.
        (refused == READINGS).then_some(last)
    }
}
