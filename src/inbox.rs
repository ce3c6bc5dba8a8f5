//! Texts on their way in: stored here before they are deleted from the SIM, joined from their parts, shown without those that do not
//! come within a day, STOP and START obeyed, passed on to the owner's people, whose own texts steer.
//!
//! The modem's announcements are hints only: they come late, twice, with a wrong place or not at all. So the SIM is
//! listed at the start, when an announcement points nowhere, and on a timer. A call that an operator's text tells of is written
//! down with it; what follows from that call is `reception`'s affair.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tracing::{info, warn};

use crate::call::{self, NoticeOf};
use crate::clock::Clock;
use crate::modem::{Memory, Modem, ModemState, StoredSms};
use crate::outbox;
use crate::phone::{self, PhoneNumber, Region};
use crate::reception::ReceptionEvent;
use crate::rules::{self, Keyword};
use crate::settings::Settings;
use crate::sms::{self, Deliver, MmsNotice, StatusReport};
use crate::steering;
use crate::store::{NewPart, NewReply, NewText, NoticedCall, Store, Stored, insist};
use crate::text::TextKind;
use crate::wording::{self, Occasion};

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
/// Type of number international or unknown, with the ISDN plan or none (3GPP TS 24.008 clause 10.5.4.7, with the extension bit).
const INTERNATIONAL_TYPE: u8 = 145;
const UNKNOWN_TYPE: u8 = 129;
/// What a message says that nobody could read; its bytes are kept with it.
const UNREADABLE: &str = "(a message that could not be read)";

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
    store: Store,
    clock: Clock,
    attached: watch::Receiver<Option<Modem>>,
    state: watch::Receiver<ModemState>,
    swept: watch::Sender<Option<Modem>>,
    events: mpsc::UnboundedReceiver<InboxEvent>,
    reception: mpsc::UnboundedSender<ReceptionEvent>,
    /// The SIM's country, remembered while the modem is away: some replies come without their country code.
    sim_region: Option<Region>,
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
            store,
            clock,
            attached,
            state,
            swept,
            events,
            reception,
            sim_region: None,
        }
    }

    /// Runs until nobody can tell it anything any more, and has then taken in all it was told.
    pub async fn run(mut self) {
        let mut list_at = tokio::time::interval(LIST_EVERY);
        list_at.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut may_attach = true;
        loop {
            let listed = tokio::select! {
                biased;
                event = self.events.recv() => match event {
                    Some(event) => self.on(event).await,
                    None => return,
                },
                changed = self.attached.changed(), if may_attach => {
                    may_attach = changed.is_ok();
                    self.attach().await
                }
                _ = list_at.tick() => {
                    self.show_incomplete().await;
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
        self.sim_region = modem.region().or(self.sim_region);
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

    /// False if the SIM has to be listed again.
    async fn on(&self, event: InboxEvent) -> bool {
        match event {
            InboxEvent::Came { pdu } => {
                insist(|| self.keep(&pdu)).await;
                true
            }
            InboxEvent::Taken { reference } => {
                outbox::take_late_answer(&self.store, reference, self.clock.wall()).await;
                true
            }
            InboxEvent::Full => self.take_all().await,
            InboxEvent::Stored {
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

    /// Why a call missed now would not be texted, as far as the modem is concerned.
    fn hindrance(&self) -> Option<String> {
        self.state.borrow().reason()
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

    /// Long texts of which a part has not come for a day are shown without it.
    async fn show_incomplete(&self) {
        let shown = async {
            let settings = self.store.settings().await?;
            let home = settings.country().or(self.sim_region);
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
        if let Err(error) = self.keep(&pdu).await {
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
                let unreadable = |_: &[Option<String>]| NewReply {
                    sender: None,
                    body: UNREADABLE.to_owned(),
                    keyword: None,
                    confirmation: None,
                    notice: None,
                    is_picture: false,
                    home: None,
                    hindrance: None,
                };
                self.store.receive(pdu, None, now, unreadable).await?;
                return Ok(());
            }
        };
        let stamp = deliver.timestamp.to_jiff();
        if let Some(stamp) = stamp {
            self.clock.hear_stamp(stamp);
        }
        let settings = self.store.settings().await?;
        let home = settings.country().or(self.sim_region);
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

/// Who sent a message.
struct Sender {
    /// E.164 where it is a number one could answer, else as the network gave it.
    name: String,
    number: Option<PhoneNumber>,
}

impl Sender {
    fn of(deliver: &Deliver, home: Option<Region>) -> Self {
        let address = &deliver.originator;
        let shown = address.number();
        let number = (!address.is_alphanumeric())
            .then(|| PhoneNumber::from_line(&shown, address.type_of_address(), home))
            .flatten();
        let name = match &number {
            Some(number) => number.to_string(),
            // A name that poses as a number of ours: anybody can send under any name.
            None if PhoneNumber::from_e164(&shown).is_some() => format!("name {shown}"),
            None => shown,
        };
        Self { name, number }
    }

    /// Who sent a picture, as the operator's notice of it says.
    fn in_notice(from: &str, home: Option<Region>) -> Option<Self> {
        let kind = if from.starts_with('+') {
            INTERNATIONAL_TYPE
        } else {
            UNKNOWN_TYPE
        };
        let number = PhoneNumber::from_line(from, kind, home)?;
        Some(Self {
            name: number.to_string(),
            number: Some(number),
        })
    }
}

/// The message from its parts, and what it asks of us. Where a part is missing a mark stands in its place, and as that has words, a
/// keyword counts only as a first line that came whole: `STOP` and a line break. What else is missing may be "that water".
fn reply(slots: &[Option<String>], home: Option<Region>, settings: &Settings) -> NewReply {
    let parts: Vec<Option<Deliver>> = slots
        .iter()
        .map(|pdu| Deliver::from_hex(pdu.as_deref()?).ok())
        .collect();
    let here: Vec<Deliver> = parts.iter().flatten().cloned().collect();
    let picture = MmsNotice::of(&here);
    let sender = here.first().map(|deliver| Sender::of(deliver, home));
    let sender = match picture.as_ref().and_then(|picture| picture.from.as_deref()) {
        Some(from) => Sender::in_notice(from, home).or(sender),
        None => sender,
    };
    let body = match picture {
        Some(_) => steering::PICTURE.to_owned(),
        None => body(&parts),
    };
    let keyword = rules::keyword(&body);
    let number = sender.as_ref().and_then(|sender| sender.number.clone());
    let confirmation = match (keyword, number) {
        (Some(keyword), Some(number)) => confirmation(keyword, number, home, settings),
        _ => None,
    };
    NewReply {
        sender: sender.map(|sender| sender.name),
        body,
        keyword,
        confirmation,
        notice: None,
        is_picture: picture.is_some(),
        home,
        hindrance: None,
    }
}

/// `Water under (part 2 of 3 is missing) sink.`
fn body(parts: &[Option<Deliver>]) -> String {
    let total = parts.len();
    let mut pieces = Vec::new();
    let mut first = 1;
    for run in parts.chunk_by(|a, b| a.is_some() == b.is_some()) {
        let here: Vec<Deliver> = run.iter().flatten().cloned().collect();
        let last = first + run.len() - 1;
        pieces.push(match here.is_empty() {
            false => sms::join(&here),
            true if first == last => format!("(part {first} of {total} is missing)"),
            true => format!("(parts {first} to {last} of {total} are missing)"),
        });
        first = last + 1;
    }
    pieces.join(" ")
}

/// The call that an operator's text tells of. Operators write from short codes and names, or as if they were the caller; a text from
/// any other number is somebody's who quotes one.
fn noticed_call(
    body: &str,
    sender: &Sender,
    at: Timestamp,
    home: Option<Region>,
) -> Option<NoticedCall> {
    let number = match (call::notice(body)?, &sender.number) {
        (NoticeOf::Number(digits), None) => PhoneNumber::parse(&digits, home).ok(),
        (NoticeOf::Sender, number) => number.clone(),
        (NoticeOf::Number(_), Some(_)) => None,
    };
    Some(NoticedCall {
        number: number?,
        at,
    })
}

/// The text that answers a keyword, if it is one to be answered.
fn confirmation(
    keyword: Keyword,
    number: PhoneNumber,
    home: Option<Region>,
    settings: &Settings,
) -> Option<NewText> {
    let mut filling = settings.filling(&number, None, home);
    if keyword == Keyword::Help {
        // Who asks who we are is told the number that he knows.
        let known = settings.business_number();
        filling.owner = known
            .map(|number| number.format_for(home))
            .or(filling.owner);
    }
    let values = filling.values();
    let (kind, occasion) = match keyword {
        Keyword::Stop | Keyword::StopOrJob => (TextKind::OptOut, Occasion::OptOut),
        Keyword::Start => (TextKind::OptIn, Occasion::OptIn),
        Keyword::Help => (TextKind::Help, Occasion::Help),
        Keyword::PerhapsStop => return None,
    };
    let (own, language) = (settings.message(occasion), settings.language(home));
    let write = match kind {
        TextKind::OptOut => wording::opt_out_confirmation,
        TextKind::OptIn => wording::opt_in_confirmation,
        _ => wording::help_text,
    };
    let body = write(own, language, &values);
    Some(NewText {
        kind,
        number,
        body,
        late: None,
    })
}
