//! The task that owns the port: opens it, has the modem brought up, serves requests, looks after it once a minute, and
//! starts over when it is lost. Knows no caller and no text.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::bring_up::{Attempts, Trouble, bring_up};
use super::handle::{MAX_REQUESTS, Request};
use super::healing::Event;
use super::line::{End, Line};
use super::look::Look;
use super::requests::carry_out;
use super::rungs::{Healer, Sending};
use super::{Facts, Modem, ModemEvent, ModemState, PinSource, Ports, Pulse, Rung, Stage, look};
use crate::at::Command;

/// The first wait before the port is opened again.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest, where the port opens and the modem will not be brought up.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// The longest, where there is no port: a modem is to be armed 2 s after it is back, and looking for a file costs nothing.
const MAX_WAIT_FOR_PORT: Duration = Duration::from_secs(1);
/// How often an idle modem is asked for its registration and signal: a hung one gives no other sign.
const LOOK: Duration = Duration::from_secs(60);
/// How soon where it has said what it may say after a start. Not at once: some say it again and again (Huawei's `^BOOT`).
const LOOK_IN_DOUBT: Duration = Duration::from_secs(5);
/// How often while it has no network.
const LOOK_FOR_NETWORK: Duration = Duration::from_secs(5);
/// How long a modem that was told to start anew, or whose USB port was reset, is left alone with its port closed: it answers for a
/// moment yet, and then drops off USB for 2.5 s to 12 s (Sixfab_PPP_Installer issue 24, raspisms issue 209).
const RESTART_TAKES: Duration = Duration::from_secs(10);
/// How long a stop waits for the command that is open: a message whose answer is not heard is one whose fate nobody knows.
pub const STOP_GRACE: Duration = Duration::from_secs(10);

/// See the module.
pub struct ModemTask<P> {
    ports: P,
    pin: PinSource,
    pulse: Pulse,
    healer: Healer,
}

/// Where the task tells what it knows.
pub(super) struct Outlets {
    // Unbounded: no URC may be lost, and a full queue would stop the reading of the port, for ever if its reader waits for an
    // answer of ours. What comes is bounded by what the line can carry and people can dial.
    events: mpsc::UnboundedSender<ModemEvent>,
    state: watch::Sender<ModemState>,
}

impl Outlets {
    pub(super) fn tell(&self, event: ModemEvent) {
        // Nobody listens only while the service is being stopped.
        let _ = self.events.send(event);
    }

    fn show(&self, state: ModemState) {
        self.state.send_if_modified(|shown| {
            let news = *shown != state;
            if news {
                if let Some(reason) = state.reason() {
                    tracing::info!("modem: {reason}");
                }
                *shown = state;
            }
            news
        });
    }
}

/// An armed session as far as the task keeps it.
struct Session {
    modem: Modem,
    facts: Arc<Facts>,
    look: Look,
    requests: mpsc::Receiver<Request>,
}

impl<P: Ports> ModemTask<P> {
    /// A task for the modem behind `ports`, whose SIM's PIN is in `pin`. `pulse` beats while it lives.
    #[must_use]
    pub fn new(ports: P, pin: PinSource, pulse: Pulse) -> Self {
        Self {
            ports,
            pin,
            pulse,
            healer: Healer::new(),
        }
    }

    /// A rung was taken so long ago, before this start: its pause goes on.
    #[must_use]
    pub fn remembering(mut self, rung: Rung, ago: Duration) -> Self {
        self.healer.remember(rung, ago);
        self
    }

    /// Runs until `stop`. What the modem says goes to `events`, how it is to `state`.
    pub async fn run(
        mut self,
        events: mpsc::UnboundedSender<ModemEvent>,
        state: watch::Sender<ModemState>,
        stop: CancellationToken,
    ) {
        let out = Outlets { events, state };
        let mut wait = FIRST_WAIT;
        loop {
            self.pulse.beat();
            let opened = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                opened = self.ports.open() => opened,
            };
            let most = match opened {
                Ok(port) => {
                    let held = self.hold(port, &out, &stop).await;
                    if held.armed {
                        wait = FIRST_WAIT;
                    }
                    if held.rung == Some(Rung::UsbReset) {
                        self.reset_usb(&out);
                    }
                    match held.rung {
                        Some(Rung::Restart | Rung::UsbReset) => {
                            wait = RESTART_TAKES;
                            RESTART_TAKES
                        }
                        _ => MAX_WAIT,
                    }
                }
                Err(error) => {
                    let why = error.to_string();
                    let why = match error.kind() {
                        io::ErrorKind::PermissionDenied | io::ErrorKind::ResourceBusy => why,
                        _ => with_its_cause(why),
                    };
                    let stage = Stage::Port;
                    out.show(ModemState::Down { why, stage });
                    MAX_WAIT_FOR_PORT
                }
            };
            wait = wait.min(most);
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = sleep(wait) => {}
            }
            wait = wait.saturating_mul(2);
        }
    }

    fn reset_usb(&mut self, out: &Outlets) {
        if let Err(error) = self.ports.reset_usb() {
            self.healer.skipped(error.to_string(), out);
        }
    }

    /// Holds one port until it is lost.
    async fn hold(&mut self, port: P::Port, out: &Outlets, stop: &CancellationToken) -> Held {
        let second = self.ports.open_second();
        let mut line = Line::new(port, second, out.events.clone(), self.pulse.clone());
        let mut held = Held::default();
        let mut attempts = Attempts::default();
        loop {
            let show = |state| out.show(self.healer.over(state));
            let has_others = || self.ports.has_others();
            let brought_up = tokio::select! {
                biased;
                () = stop.cancelled() => return held,
                brought_up = bring_up(&mut line, &mut attempts, &self.pin, &has_others, &show) => brought_up,
            };
            let mut stage = Stage::Port;
            let end = match brought_up {
                Ok(mut facts) => {
                    facts.port = self.ports.name();
                    held.armed = true;
                    self.ports.armed();
                    self.healer.up(out);
                    let Some(end) = self.session(&mut line, facts, out, stop).await else {
                        return held;
                    };
                    out.tell(ModemEvent::Lost { why: end.why() });
                    end
                }
                Err(Trouble::Ended(end)) => end,
                Err(Trouble::Silent(why)) => {
                    stage = Stage::Modem;
                    self.not_up(why, false, out)
                }
                Err(Trouble::Unusable(why)) => {
                    stage = Stage::Modem;
                    self.not_up(why, true, out)
                }
            };
            let end = match end {
                End::Dead(why) => {
                    self.healer.take(Event::Dead, &why, out);
                    End::Lost(why)
                }
                end => end,
            };
            match &end {
                End::Ill(..) if self.healer.shown().is_some() => {
                    self.healer.shown().into_iter().for_each(|it| out.show(it));
                }
                End::Lost(why) => out.show(self.healer.down(with_its_cause(why.clone()), stage)),
                end => out.show(self.healer.down(end.why(), stage)),
            }
            let done = match &end {
                End::Ill(rung, _) => {
                    held.rung = Some(*rung);
                    tokio::select! {
                        biased;
                        () = stop.cancelled() => return held,
                        done = async {
                            self.healer.written(*rung).await;
                            carry_out_rung(&mut line, *rung).await
                        } => done,
                    }
                }
                _ => Ok(()),
            };
            let closes = match &end {
                End::Lost(_) | End::Dead(_) => true,
                End::Ill(rung, _) => !matches!(rung, Rung::Ask | Rung::Clear | Rung::Radio),
                End::Restarted | End::SimSpoke(_) | End::Forgetful => false,
            };
            if closes || done.is_err() {
                return held;
            }
            held.rung = None;
        }
    }

    /// It could not be set up: what is to be done now.
    fn not_up(&mut self, why: String, answers: bool, out: &Outlets) -> End {
        match self.healer.take(Event::NotUp { answers }, &why, out) {
            Some(rung) => End::Ill(rung, why),
            None => End::Lost(why),
        }
    }

    /// Serves an armed modem until its session ends; `None` if that is because of `stop`.
    async fn session(
        &mut self,
        line: &mut Line<P::Port>,
        facts: Facts,
        out: &Outlets,
        stop: &CancellationToken,
    ) -> Option<End> {
        let (sender, requests) = mpsc::channel(MAX_REQUESTS);
        let facts = Arc::new(facts);
        let mut session = Session {
            modem: Modem::new(sender, Arc::clone(&facts)),
            facts,
            look: Look::default(),
            requests,
        };
        let end = tokio::select! {
            end = session.serve(line, &mut self.healer, out, stop) => end,
            () = async { stop.cancelled().await; sleep(STOP_GRACE).await } => None,
        };
        session.requests.close();
        let why = end
            .as_ref()
            .map_or("textback is being stopped.".to_owned(), End::why);
        while let Ok(request) = session.requests.try_recv() {
            request.refuse(&why);
        }
        end
    }
}

/// Why a modem is gone, with what the system knows of the cause.
fn with_its_cause(why: String) -> String {
    match super::too_little_power() {
        Some(cause) => format!("{why} {cause}"),
        None => why,
    }
}

/// What came of a port.
#[derive(Debug, Default)]
struct Held {
    /// The modem was armed meanwhile.
    armed: bool,
    /// This is under way, and the port must be closed for it.
    rung: Option<Rung>,
}

/// Does what is done on the line.
async fn carry_out_rung<P: AsyncRead + AsyncWrite + Unpin>(
    line: &mut Line<P>,
    rung: Rung,
) -> Result<(), End> {
    let commands = match rung {
        Rung::Clear => return line.clear().await,
        Rung::Radio => vec![
            Command::radio_off(),
            Command::full_functionality(),
            Command::automatic_operator(),
        ],
        Rung::Restart => vec![Command::restart()],
        Rung::Ask | Rung::Reopen | Rung::UsbReset => Vec::new(),
    };
    for command in commands {
        // The answer to an ESC, or to a command that was given up, must not pass for this one's.
        line.let_pass_what_is_late().await?;
        // Whether it answers or not: what the next text brings is what counts.
        line.exchange(&command).await?;
    }
    Ok(())
}

impl Session {
    async fn serve<P: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        line: &mut Line<P>,
        healer: &mut Healer,
        out: &Outlets,
        stop: &CancellationToken,
    ) -> Option<End> {
        if let Err(end) = self.look.first(line, out).await {
            return Some(end);
        }
        let look = sleep(LOOK);
        tokio::pin!(look);
        let mut armed = false;
        let mut was_registered = false;
        loop {
            if let Some(state) = line.sim_spoke.take() {
                return Some(End::SimSpoke(state));
            }
            let state = match line.registrations.missing() {
                Some(step) => ModemState::BringingUp {
                    step,
                    stage: Stage::Network,
                },
                None => healer.state().unwrap_or_else(|| ModemState::Armed {
                    facts: Arc::clone(&self.facts),
                    signal: self.look.signal,
                    registrations: line.registrations.clone(),
                }),
            };
            let takes = state.takes_texts();
            let missing = state.reason().filter(|_| !takes);
            let registered = !matches!(state, ModemState::BringingUp { .. });
            out.show(state);
            if takes && !armed {
                self.tell_armed(out);
            }
            if !registered && was_registered {
                look.set(sleep(LOOK_FOR_NETWORK));
            }
            was_registered = registered;
            if std::mem::take(&mut line.in_doubt) {
                let soon = sleep(LOOK_IN_DOUBT).deadline();
                let due = look.deadline().min(soon);
                look.as_mut().reset(due);
            }
            armed = takes;
            let lacked_centre = self.facts.lacks_service_centre();
            let mut sending = None;
            let ended = tokio::select! {
                () = stop.cancelled() => return None,
                heard = line.listen() => heard,
                request = self.requests.recv() => match request {
                    Some(request) => carry_out(line, request, missing, &self.facts, &mut sending).await,
                    // Not while we hold a sender ourselves.
                    None => Ok(()),
                },
                () = &mut look => {
                    let looked = self.look(line, out).await;
                    armed &= self.facts.lacks_service_centre() == lacked_centre;
                    let registered = line.registrations.missing().is_none();
                    look.set(sleep(if registered { LOOK } else { LOOK_FOR_NETWORK }));
                    looked
                }
                () = healer.rested() => Ok(()),
            };
            let for_text = sending.is_some();
            match sending {
                Some(Sending::NoCentre) => self.set_service_centre(Some(String::new())),
                // Whatever the modem says, there is one.
                Some(Sending::Sent) if lacked_centre => self.set_service_centre(None),
                _ => {}
            }
            let rung = sending
                .filter(|it| *it == Sending::Sent || line.registrations.missing().is_none())
                .and_then(|it| healer.tried(it, out));
            if let Some(rung) = rung {
                return Some(End::Ill(rung, healer.why().to_owned()));
            }
            match ended {
                // One that does so for good is left in peace.
                Err(End::Forgetful) if !healer.sets_up_again(for_text) => {}
                Err(end) => return Some(end),
                Ok(()) => {}
            }
            let silent = line.is_silent();
            if silent {
                armed = false;
                let step = "The modem has stopped answering. Waiting for it.".to_owned();
                healer.take(Event::Silent, &step, out);
                let stage = Stage::Modem;
                out.show(ModemState::BringingUp { step, stage });
            }
            if let Err(end) = line.settle().await {
                return Some(end);
            }
            if silent {
                healer.answers(out);
                if let Err(end) = self.look.after_silence(line).await {
                    return Some(end);
                }
            }
        }
    }

    async fn look<P: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        line: &mut Line<P>,
        out: &Outlets,
    ) -> Result<(), End> {
        self.look.again(line, out).await?;
        if self.facts.lacks_service_centre() && !line.is_silent() {
            let centre = look::service_centre(line).await?;
            // One that will not say has none by what it refuses.
            if let Some(centre) = centre {
                self.set_service_centre(Some(centre));
            }
        }
        Ok(())
    }

    fn set_service_centre(&mut self, service_centre: Option<String>) {
        let facts = Facts::clone(&self.facts);
        self.facts = Arc::new(Facts {
            service_centre,
            ..facts
        });
    }

    fn tell_armed(&self, out: &Outlets) {
        let facts = &self.facts;
        let model = facts.model.as_deref().unwrap_or("of unknown model");
        let operator = facts.operator.as_deref();
        let operator = operator.unwrap_or("an unnamed network");
        tracing::info!("modem: armed ({model}, in {operator})");
        let facts = Arc::clone(facts);
        out.tell(ModemEvent::Armed(self.modem.clone(), facts));
    }
}
