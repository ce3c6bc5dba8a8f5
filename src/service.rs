//! Wires the rooms together, starts and supervises their tasks, stops them in order.
//!
//! ```text
//! modem ──ModemEvent──▶ switchboard ──▶ reception ──▶ store ──▶ outbox ──▶ modem
//!                            └────────▶ inbox ──────▶ store        ▲
//!                                         └──the modem, once read──┘
//! ```
//!
//! A modem that has come (back) may hold the report on a text that nobody confirmed, or a STOP: so the outbox gets it from
//! the inbox, once that has read what lay there.
//!
//! The tasks speak through the store (what is queued is on disk first) and through channels that carry the modem's
//! words; nothing here decides anything.

mod caretaker;
mod chronicle;
pub mod systemd;

use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use crate::alerts::AlertTask;
use crate::at::Urc;
use crate::clock::Clock;
use crate::digest::DigestTask;
use crate::follow_up::FollowUpTask;
use crate::inbox::{InboxEvent, InboxTask};
use crate::modem::{
    self, HealingStep, Memory, Modem, ModemEvent, ModemState, ModemTask, PinSource, Ports, Pulse,
    Written,
};
use crate::outbox::OutboxTask;
use crate::outlets::{HealthTask, OutletsTask, Receivers};
use crate::reception::{ReceptionEvent, ReceptionTask};
use crate::store::Store;
use caretaker::Caretaker;
use chronicle::Chronicle;

/// How long a text that is with the modem may take to finish when we stop. A text cut off here is settled by its status
/// report after the next start.
const FINISH_WITHIN: Duration = Duration::from_secs(15);
/// How long the rooms may take to write down what the modem said last; only a disk that fails takes so long.
const LAST_WORDS_WITHIN: Duration = Duration::from_secs(5);
/// How long writing down what a failed disk kept in memory may take, if it can be done at all.
const LAST_TRY_WITHIN: Duration = Duration::from_secs(10);
/// A stop takes no longer than this, so systemd must not kill before (`TimeoutStopSec` of the unit).
pub const STOPS_WITHIN: Duration = Duration::from_secs(
    FINISH_WITHIN.as_secs()
        + modem::STOP_GRACE.as_secs()
        + LAST_WORDS_WITHIN.as_secs()
        + LAST_TRY_WITHIN.as_secs(),
);

/// What the service needs from outside.
pub struct House<P> {
    /// Where everything is kept.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// Where the modem is.
    pub ports: P,
    /// Where the SIM's PIN is.
    pub pin: PinSource,
    /// Who else is told what happens.
    pub receivers: Receivers,
}

/// The running service.
#[derive(Debug)]
pub struct Service {
    /// How the modem is doing; for the page, for `/healthz`, for systemd.
    pub modem: watch::Receiver<ModemState>,
    /// Whether the modem's task lives; for systemd's watchdog.
    pub pulse: Pulse,
    /// Outbox, alerts and follow-up stop first: the outbox finishes the text that is with the modem.
    outbox: JoinSet<&'static str>,
    /// Stops next.
    port: JoinSet<&'static str>,
    /// Switchboard, reception, inbox and chronicle end by themselves, once they have taken in the last that the modem said; the
    /// caretaker, outlets and health when they are told to.
    rooms: JoinSet<&'static str>,
    store: Store,
    stop_port: CancellationToken,
}

/// A task ended that should have gone on: the process must end too, for systemd to start it afresh.
#[derive(Debug, thiserror::Error)]
#[error("the {task} task ended by itself; the service cannot go on without it")]
pub struct TaskEnded {
    task: String,
}

impl Service {
    /// Starts everything. `stop` ends it; then wait for [`Service::finish`].
    pub fn start<P: Ports>(house: House<P>, stop: &CancellationToken) -> Self {
        let House {
            store,
            clock,
            ports,
            pin,
            receivers,
        } = house;
        let (event_sender, events) = mpsc::unbounded_channel();
        let (state_sender, state) = watch::channel(ModemState::default());
        let (attached_sender, attached) = watch::channel(None);
        let (swept_sender, swept) = watch::channel(None);
        let (reception_sender, reception_events) = mpsc::unbounded_channel();
        let (inbox_sender, inbox_events) = mpsc::unbounded_channel();
        let (step_sender, steps) = mpsc::unbounded_channel();

        let pulse = Pulse::default();
        let modem = ModemTask::new(ports, pin, pulse.clone());
        let switchboard = Switchboard {
            events,
            state: state.clone(),
            modem: None,
            attached: attached_sender,
            reception: reception_sender.clone(),
            inbox: inbox_sender,
            chronicle: step_sender,
            clock: clock.clone(),
        };
        let chronicle = Chronicle::new(store.clone(), clock.clone());
        let outbox = OutboxTask::new(store.clone(), clock.clone(), swept, state.clone());
        let alerts = AlertTask::new(store.clone(), clock.clone(), attached.clone());
        let follow_up = FollowUpTask::new(store.clone(), clock.clone(), attached.clone());
        let digest = DigestTask::new(store.clone(), clock.clone(), attached.clone());
        let reception = ReceptionTask::new(store.clone(), clock.clone(), reception_events);
        let outlets = OutletsTask::new(receivers, store.clone(), clock.clone());
        let health = HealthTask::new(store.clone(), clock.clone(), state.clone());
        let caretaker = Caretaker {
            store: store.clone(),
            clock: clock.clone(),
        };
        let inbox = InboxTask::new(
            store.clone(),
            clock,
            attached,
            state.clone(),
            swept_sender,
            inbox_events,
            reception_sender,
        );

        let stop_port = CancellationToken::new();
        let mut service = Self {
            modem: state,
            pulse,
            outbox: JoinSet::new(),
            port: JoinSet::new(),
            rooms: JoinSet::new(),
            store,
            stop_port: stop_port.clone(),
        };
        // First, so that what happens from now on is told where it is to be told now.
        service
            .rooms
            .spawn(named("outlets", outlets.run(stop.clone())));
        service
            .rooms
            .spawn(named("health", health.run(stop.clone())));
        service
            .outbox
            .spawn(named("outbox", outbox.run(stop.clone())));
        service
            .outbox
            .spawn(named("alerts", alerts.run(stop.clone())));
        service
            .outbox
            .spawn(named("follow-up", follow_up.run(stop.clone())));
        service
            .outbox
            .spawn(named("digest", digest.run(stop.clone())));
        let begun = chronicle.clone();
        service.port.spawn(named("modem", async move {
            let modem = begun.remind(modem).await;
            modem.run(event_sender, state_sender, stop_port).await;
        }));
        service.rooms.spawn(named("switchboard", switchboard.run()));
        service.rooms.spawn(named("reception", reception.run()));
        service.rooms.spawn(named("inbox", inbox.run()));
        service
            .rooms
            .spawn(named("caretaker", caretaker.run(stop.clone())));
        service
            .rooms
            .spawn(named("chronicle", chronicle.run(steps)));
        service
    }

    /// Waits until `stop`, then stops the rooms in order: first those that use the modem, then the modem.
    ///
    /// # Errors
    /// When a task ended before it was told to; everything else has been stopped by then.
    pub async fn finish(mut self, stop: &CancellationToken) -> Result<(), TaskEnded> {
        let ended = tokio::select! {
            // A task that ended because it was told to is no fault.
            biased;
            () = stop.cancelled() => None,
            Some(ended) = self.outbox.join_next() => Some(ended),
            Some(ended) = self.port.join_next() => Some(ended),
            Some(ended) = self.rooms.join_next() => Some(ended),
        };
        stop.cancel();
        if !all_end(&mut self.outbox, FINISH_WITHIN).await {
            warn!(
                "a text was still with the modem; its status report will settle it after the next start"
            );
        }
        self.stop_port.cancel();
        all_end(&mut self.port, modem::STOP_GRACE).await;
        if !all_end(&mut self.rooms, LAST_WORDS_WITHIN).await {
            warn!("the store did not take the last that the modem said");
        }
        self.leave_nothing_in_memory().await;
        info!("stopped");
        match ended {
            None => Ok(()),
            Some(Ok(task)) => Err(TaskEnded {
                task: task.to_owned(),
            }),
            Some(Err(panic)) => Err(TaskEnded {
                task: panic.to_string(),
            }),
        }
    }
}

impl Service {
    async fn leave_nothing_in_memory(&self) {
        let trouble = self.store.trouble();
        if trouble.borrow().is_none() {
            return;
        }
        let written = tokio::time::timeout(LAST_TRY_WITHIN, self.store.return_to_disk()).await;
        if written.is_err() || trouble.borrow().is_some() {
            error!("what happened since the disk failed is lost: it did not take it");
        }
    }
}

/// Whether all of them ended in time; those that did not are aborted with the set.
async fn all_end(tasks: &mut JoinSet<&'static str>, within: Duration) -> bool {
    let ended = async { while tasks.join_next().await.is_some() {} };
    tokio::time::timeout(within, ended).await.is_ok()
}

async fn named(name: &'static str, task: impl Future<Output = ()>) -> &'static str {
    task.await;
    name
}

/// Hands each of the modem's words to the room it concerns.
struct Switchboard {
    events: mpsc::UnboundedReceiver<ModemEvent>,
    state: watch::Receiver<ModemState>,
    modem: Option<Modem>,
    /// The modem for those who send and read: there only while it is registered.
    attached: watch::Sender<Option<Modem>>,
    reception: mpsc::UnboundedSender<ReceptionEvent>,
    inbox: mpsc::UnboundedSender<InboxEvent>,
    chronicle: mpsc::UnboundedSender<(HealingStep, Written)>,
    clock: Clock,
}

impl Switchboard {
    async fn run(mut self) {
        loop {
            tokio::select! {
                // What the modem said is told in the order it was said, and all of it before its state.
                biased;
                event = self.events.recv() => match event {
                    Some(event) => self.on(event),
                    None => return,
                },
                changed = self.state.changed() => match changed {
                    Ok(()) => self.attach(),
                    Err(_) => return,
                },
            }
        }
    }

    fn on(&mut self, event: ModemEvent) {
        match event {
            ModemEvent::Armed(modem, facts) => {
                self.modem = Some(modem.clone());
                self.tell_reception(ReceptionEvent::Attached(modem, facts));
                self.attach();
            }
            ModemEvent::Lost { why } => {
                warn!(%why, "the modem is gone");
                self.modem = None;
                self.tell_reception(ReceptionEvent::Lost);
                self.attach();
            }
            ModemEvent::Time(time) => drop(self.clock.hear_network(time)),
            ModemEvent::Healing(step, written) => self.tell_chronicle(step, written),
            ModemEvent::Urc(urc) => self.on_urc(urc),
        }
    }

    fn on_urc(&self, urc: Urc) {
        match urc {
            Urc::Ring
            | Urc::CallerId(_)
            | Urc::CallWaiting(_)
            | Urc::CallEnded { .. }
            | Urc::PickedUp { .. }
            | Urc::MissedCall { .. }
            | Urc::CurrentCall(_)
            | Urc::CurrentCallsTold => self.tell_reception(ReceptionEvent::Urc(urc)),
            Urc::SmsStored { memory, index } => self.tell_inbox(InboxEvent::Stored {
                memory: Memory::named(&memory),
                index,
                report: false,
            }),
            Urc::StatusReportStored { memory, index } => self.tell_inbox(InboxEvent::Stored {
                memory: Memory::named(&memory),
                index,
                report: true,
            }),
            Urc::SmsReceived { pdu } | Urc::StatusReport { pdu } => {
                self.tell_inbox(InboxEvent::Came { pdu });
            }
            Urc::SmsTaken { reference } => self.tell_inbox(InboxEvent::Taken { reference }),
            Urc::SmsMemoryFull => self.tell_inbox(InboxEvent::Full),
            // The modem room acts on these itself.
            Urc::Registration(_) | Urc::SimState(_) | Urc::Restarted | Urc::PerhapsRestarted => {}
            Urc::Notice { about, text } => debug!(?about, %text, "the modem told"),
        }
    }

    /// Shows the modem to those who send and read, exactly while the network would take a text.
    fn attach(&mut self) {
        let modem = self
            .modem
            .clone()
            .filter(|_| self.state.borrow_and_update().takes_texts());
        self.attached.send_if_modified(|shown| {
            let changed = shown.is_some() != modem.is_some();
            *shown = modem;
            changed
        });
    }

    // A room that has stopped needs no news; the service notices by itself that it has.
    fn tell_reception(&self, event: ReceptionEvent) {
        let _ = self.reception.send(event);
    }

    fn tell_chronicle(&self, step: HealingStep, written: Written) {
        let _ = self.chronicle.send((step, written));
    }

    fn tell_inbox(&self, event: InboxEvent) {
        let _ = self.inbox.send(event);
    }
}
