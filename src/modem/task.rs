//! The task that owns the port: opens it, has the modem brought up, serves requests, looks after it once a minute, and
//! starts over when it is lost. Knows no caller and no text.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::bring_up::{self, Trouble, bring_up};
use super::handle::{MAX_REQUESTS, Request};
use super::line::{End, Failure, Line};
use super::{AskError, Facts, Modem, ModemEvent, ModemState, PinSource, Ports, Pulse, SendError};
use crate::at::{Command, Signal};

/// The first wait before the port is opened again.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest, where the port opens and the modem will not be brought up.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// The longest, where there is no port: a modem is to be armed 2 s after it is back, and looking for a file costs nothing.
const MAX_WAIT_FOR_PORT: Duration = Duration::from_secs(1);
/// How often an idle modem is asked for its registration and signal: a hung one gives no other sign.
const LOOK: Duration = Duration::from_secs(60);
/// How often while it has no network.
const LOOK_FOR_NETWORK: Duration = Duration::from_secs(5);
/// How long a stop waits for the command that is open: a message whose answer is not heard is one whose fate nobody knows.
pub const STOP_GRACE: Duration = Duration::from_secs(10);

/// See the module.
pub struct ModemTask<P> {
    ports: P,
    pin: PinSource,
    pulse: Pulse,
}

/// Where the task tells what it knows.
struct Outlets {
    // Unbounded: no URC may be lost, and a full queue would stop the reading of the port, for ever if its reader waits for an
    // answer of ours. What comes is bounded by what the line can carry and people can dial.
    events: mpsc::UnboundedSender<ModemEvent>,
    state: watch::Sender<ModemState>,
}

impl Outlets {
    fn tell(&self, event: ModemEvent) {
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
    signal: Option<Signal>,
    requests: mpsc::Receiver<Request>,
}

impl<P: Ports> ModemTask<P> {
    /// A task for the modem behind `ports`, whose SIM's PIN is in `pin`. `pulse` beats while it lives.
    #[must_use]
    pub fn new(ports: P, pin: PinSource, pulse: Pulse) -> Self {
        Self { ports, pin, pulse }
    }

    /// Runs until `stop`. What the modem says goes to `events`, how it is to `state`.
    pub async fn run(
        self,
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
                    if self.hold(port, &out, &stop).await {
                        wait = FIRST_WAIT;
                    }
                    MAX_WAIT
                }
                Err(error) => {
                    let why = error.to_string();
                    out.show(ModemState::Down { why });
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

    /// Holds one port until it is lost. True if the modem was armed meanwhile.
    async fn hold(&self, port: P::Port, out: &Outlets, stop: &CancellationToken) -> bool {
        let mut line = Line::new(port, out.events.clone(), self.pulse.clone());
        let mut armed = false;
        loop {
            let show = |state| out.show(state);
            let has_others = || self.ports.has_others();
            let brought_up = tokio::select! {
                biased;
                () = stop.cancelled() => return armed,
                brought_up = bring_up(&mut line, &self.pin, &has_others, &show) => brought_up,
            };
            let end = match brought_up {
                Ok(mut facts) => {
                    facts.port = self.ports.name();
                    armed = true;
                    self.ports.armed();
                    let Some(end) = self.session(&mut line, facts, out, stop).await else {
                        return armed;
                    };
                    out.tell(ModemEvent::Lost { why: end.why() });
                    end
                }
                Err(Trouble::Ended(end)) => end,
                Err(Trouble::Unusable(why)) => End::Lost(why),
            };
            let why = end.why();
            out.show(ModemState::Down { why });
            if let End::Lost(_) = end {
                return armed;
            }
        }
    }

    /// Serves an armed modem until its session ends; `None` if that is because of `stop`.
    async fn session(
        &self,
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
            signal: None,
            requests,
        };
        let end = tokio::select! {
            end = session.serve(line, out, stop) => end,
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

impl Session {
    async fn serve<P: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        line: &mut Line<P>,
        out: &Outlets,
        stop: &CancellationToken,
    ) -> Option<End> {
        self.signal = match signal(line).await {
            Ok(signal) => signal,
            Err(end) => return Some(end),
        };
        if let Err(end) = line.settle().await {
            return Some(end);
        }
        let look = sleep(LOOK);
        tokio::pin!(look);
        let mut armed = false;
        loop {
            if let Some(state) = line.sim_spoke.take() {
                return Some(End::SimSpoke(state));
            }
            let missing = line.registrations.missing();
            match &missing {
                None => {
                    out.show(ModemState::Armed {
                        facts: Arc::clone(&self.facts),
                        signal: self.signal,
                        registrations: line.registrations.clone(),
                    });
                    if !armed {
                        let model = self.facts.model.as_deref().unwrap_or("of unknown model");
                        let operator = self
                            .facts
                            .operator
                            .as_deref()
                            .unwrap_or("an unnamed network");
                        tracing::info!("modem: armed ({model}, in {operator})");
                        out.tell(ModemEvent::Armed(
                            self.modem.clone(),
                            Arc::clone(&self.facts),
                        ));
                    }
                }
                Some(why) => {
                    out.show(ModemState::BringingUp { step: why.clone() });
                    if armed {
                        look.set(sleep(LOOK_FOR_NETWORK));
                    }
                }
            }
            armed = missing.is_none();
            let ended = tokio::select! {
                () = stop.cancelled() => return None,
                heard = line.listen() => heard,
                request = self.requests.recv() => match request {
                    Some(request) => carry_out(line, request, missing).await,
                    // Not while we hold a sender ourselves.
                    None => Ok(()),
                },
                () = &mut look => {
                    let looked = self.look(line).await;
                    let registered = line.registrations.missing().is_none();
                    look.set(sleep(if registered { LOOK } else { LOOK_FOR_NETWORK }));
                    looked
                }
            };
            if let Err(end) = ended {
                return Some(end);
            }
            if line.is_silent() {
                armed = false;
                let step = "The modem has stopped answering. Waiting for it.".to_owned();
                out.show(ModemState::BringingUp { step });
            }
            if let Err(end) = line.settle().await {
                return Some(end);
            }
        }
    }

    async fn look<P: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        line: &mut Line<P>,
    ) -> Result<(), End> {
        bring_up::ask_registration(line).await?;
        self.signal = signal(line).await?;
        Ok(())
    }
}

async fn signal<P: AsyncRead + AsyncWrite + Unpin>(
    line: &mut Line<P>,
) -> Result<Option<Signal>, End> {
    match line.ask(&Command::signal()).await {
        Ok(answer) => Ok(answer.signal()),
        Err(Failure::Refused(_) | Failure::NoAnswer) => Ok(None),
        Err(Failure::Ended(end)) => Err(end),
    }
}

/// Carries out one request and answers it; the line may be out of step then. `missing`: why no text can go out.
async fn carry_out<P: AsyncRead + AsyncWrite + Unpin>(
    line: &mut Line<P>,
    request: Request,
    missing: Option<String>,
) -> Result<(), End> {
    match request {
        Request::Ask { command, reply } => {
            if reply.is_closed() {
                return Ok(());
            }
            let (answer, end) = match line.ask(&command).await {
                Ok(answer) => (Ok(answer), None),
                Err(Failure::Refused(error)) => {
                    let command = command.to_string();
                    (Err(AskError::Refused { command, error }), None)
                }
                Err(Failure::NoAnswer) => {
                    let after = command.timeout();
                    let command = command.to_string();
                    (Err(AskError::NoAnswer { command, after }), None)
                }
                Err(Failure::Ended(end)) => (Err(AskError::Lost { why: end.why() }), Some(end)),
            };
            // Whoever asked may have gone.
            let _ = reply.send(answer);
            end.map_or(Ok(()), Err)?;
        }
        // Nobody would know what became of it.
        Request::Send { reply, .. } if reply.is_closed() => return Ok(()),
        Request::Send {
            pdu,
            tpdu_length,
            reply,
        } => {
            if let Some(why) = missing {
                let _ = reply.send(Err(SendError::NotTaken { why }));
                return Ok(());
            }
            let (sent, mut end) = line.send(&pdu, tpdu_length).await;
            if let Err(SendError::Refused(error)) = &sent
                && error.is_about_mode()
            {
                end = end.or(Some(End::Forgetful));
            }
            let _ = reply.send(sent);
            end.map_or(Ok(()), Err)?;
        }
    }
    Ok(())
}
