//! The shell around `healing`: keeps its time, tells what is done for an ill modem and what came of it, in words. Knows no line.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use super::healing::{Blame, Event, Healing, Illness, Rung};
use super::task::Outlets;
use super::{Healed, HealingStep, ModemEvent, ModemState, SendError, Stage, Written};
use crate::at::PduHex;
use crate::clock::Clock;

/// How long a modem is not set up again that still refuses texts as if it had forgotten its settings: what waits is tried as soon as it
/// is back, and the two would chase each other.
const TEXT_AGAIN_AFTER: Duration = Duration::from_secs(60);
/// How long a modem is not set up again that still refuses to list its messages: some may do so for good, and a call that rings
/// meanwhile suffers.
const LIST_AGAIN_AFTER: Duration = Duration::from_secs(60 * 60);
/// How long a hard rung waits until it is written down. A disk that takes longer is dying, and must not keep the modem ill.
pub(super) const WRITTEN_WITHIN: Duration = Duration::from_secs(2);

/// What came of a message, as far as it tells of the modem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sending {
    Sent,
    Failed {
        message: u64,
        blame: Blame,
        why: String,
    },
    /// Nobody knows the number of the service centre, which no rung can change.
    NoCentre,
}

impl Sending {
    /// What an attempt to send `pdu` tells.
    pub(super) fn of(pdu: &PduHex, sent: &Result<Option<u8>, SendError>) -> Self {
        let (blame, why) = match sent {
            Ok(_) => return Self::Sent,
            Err(SendError::Refused(error)) => (Blame::of(error), error.to_string()),
            Err(SendError::NotTaken { why } | SendError::Unconfirmed { why }) => {
                (Blame::Alone, why.trim_end_matches('.').to_owned())
            }
        };
        let mut message = DefaultHasher::new();
        pdu.as_str().hash(&mut message);
        Self::Failed {
            message: message.finish(),
            blame,
            why,
        }
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Healer {
    healing: Healing,
    clock: Clock,
    /// What the modem did last, in plain words and without a full stop.
    why: String,
    /// The rung that has been told of and has not shown yet what it was good for.
    open: Option<Rung>,
    /// It is being carried out.
    at_work: bool,
    /// When it was last set up again because it refused a text …
    refused_text_at: Option<Duration>,
    /// … or to list its messages.
    refused_list_at: Option<Duration>,
    /// It is on disk.
    written: Written,
}

impl Healer {
    pub(super) fn new() -> Self {
        Self {
            healing: Healing::default(),
            clock: Clock::system(),
            why: String::new(),
            open: None,
            at_work: false,
            refused_text_at: None,
            refused_list_at: None,
            written: Written::default(),
        }
    }

    /// A rung was taken so long ago, before we were started.
    pub(super) fn remember(&mut self, rung: Rung, ago: Duration) {
        self.healing.remember(self.clock.monotonic(), rung, ago);
    }

    /// A registered modem was given a message; gives what is to be done now.
    pub(super) fn tried(&mut self, sending: Sending, out: &Outlets) -> Option<Rung> {
        match sending {
            Sending::Sent => {
                self.healing.on(self.clock.monotonic(), Event::Sent);
                self.close(Healed::Helped, out);
                None
            }
            Sending::NoCentre
            | Sending::Failed {
                blame: Blame::None, ..
            } => None,
            Sending::Failed {
                message,
                blame,
                why,
            } => {
                let rung = self.take(Event::NotSent { message, blame }, &why, out);
                if rung.is_none() && self.illness().is_some() {
                    self.why = why;
                    self.close(Healed::Useless, out);
                }
                rung
            }
        }
    }

    /// Something else happened, `why` in plain words; gives what is to be done now.
    pub(super) fn take(&mut self, event: Event, why: &str, out: &Outlets) -> Option<Rung> {
        let rung = self.healing.on(self.clock.monotonic(), event)?;
        self.close(Healed::Useless, out);
        why.clone_into(&mut self.why);
        tracing::warn!(%why, rung = rung.token(), "modem: {}", rung.doing());
        self.written = Written::default();
        let begun = HealingStep::Begun {
            rung,
            why: why.to_owned(),
        };
        out.tell(ModemEvent::Healing(begun, self.written.clone()));
        self.open = Some(rung);
        self.at_work = true;
        Some(rung)
    }

    /// Waits until a rung that must not be repeated soon is on disk: a kill in its midst must not shorten its pause.
    pub(super) async fn written(&self, rung: Rung) {
        if rung.is_hard()
            && tokio::time::timeout(WRITTEN_WITHIN, self.written.wait())
                .await
                .is_err()
        {
            tracing::warn!(
                rung = rung.token(),
                "modem: the disk takes its time; that is done all the same"
            );
        }
    }

    /// The modem has been set up.
    pub(super) fn up(&mut self, out: &Outlets) {
        self.at_work = false;
        self.healing.on(self.clock.monotonic(), Event::Up);
        if self.illness().is_none() {
            self.close(Healed::Helped, out);
        }
    }

    /// It has refused a text, or else to list or read its messages, as one does that has forgotten its settings: whether it is set up again
    /// now.
    pub(super) fn sets_up_again(&mut self, for_text: bool) -> bool {
        let now = self.clock.monotonic();
        let (last, pause) = match for_text {
            true => (&mut self.refused_text_at, TEXT_AGAIN_AFTER),
            false => (&mut self.refused_list_at, LIST_AGAIN_AFTER),
        };
        let again = last.is_none_or(|at| now.saturating_sub(at) >= pause);
        if again {
            *last = Some(now);
        }
        again
    }

    /// What the modem did last.
    pub(super) fn why(&self) -> &str {
        &self.why
    }

    /// It answers again by itself.
    pub(super) fn answers(&mut self, out: &Outlets) {
        if self.open == Some(Rung::Ask) {
            self.at_work = false;
            self.close(Healed::Helped, out);
        }
    }

    /// What was begun last could not be done.
    pub(super) fn skipped(&mut self, why: String, out: &Outlets) {
        tracing::warn!(%why, "modem: that could not be done");
        self.healing.skipped();
        self.close(Healed::Skipped(why), out);
    }

    fn close(&mut self, healed: Healed, out: &Outlets) {
        if self.open.take().is_some() {
            let ended = HealingStep::Ended(healed);
            out.tell(ModemEvent::Healing(ended, Written::default()));
        }
    }

    fn illness(&self) -> Option<Illness> {
        self.healing.illness(self.clock.monotonic())
    }

    /// How the modem is shown, if it is ill by its texts. What has not been refused for long is forgotten first.
    pub(super) fn state(&mut self) -> Option<ModemState> {
        self.healing.on(self.clock.monotonic(), Event::Tick);
        self.shown()
    }

    /// How an ill modem is shown now.
    pub(super) fn shown(&self) -> Option<ModemState> {
        let Illness { rung, person, rest } = self.illness()?;
        let trying = rest.is_none() && !self.at_work;
        let said = &self.why;
        let why = match rung {
            _ if person => format!(
                "A person is needed: the modem refuses texts ({said}), and nothing that textback can do has helped. \
                 Unplug it, wait ten seconds and plug it in again. Then check its SIM, power and antenna. It is still being tried."
            ),
            Some(rung) if self.at_work => format!(
                "The modem refuses texts ({said}). {}, step {} of {}.",
                rung.doing(),
                rung.number(),
                Rung::COUNT
            ),
            Some(rung) => format!(
                "The modem refuses texts ({said}). {} That was step {} of {}; the next text shows whether it helped.",
                rung.done(),
                rung.number(),
                Rung::COUNT
            ),
            None => format!("The modem refuses texts ({said})."),
        };
        Some(ModemState::Healing { why, rung, trying })
    }

    /// What is shown while an ill modem is being set up: that it is ill, unless its SIM stops it.
    pub(super) fn over(&self, state: ModemState) -> ModemState {
        match state {
            ModemState::BringingUp { .. } => self.shown().unwrap_or(state),
            state => state,
        }
    }

    /// The same of a modem that cannot be set up at all.
    pub(super) fn down(&self, why: String, stage: Stage) -> ModemState {
        let needed = self.healing.wants_person() && self.illness().is_none();
        let why = if needed {
            format!("A person is needed: {why}")
        } else {
            why
        };
        ModemState::Down { why, stage }
    }

    /// Ends once another text may be tried; never if one may be now.
    pub(super) async fn rested(&self) {
        match self.illness().and_then(|illness| illness.rest) {
            Some(rest) => tokio::time::sleep(rest).await,
            None => std::future::pending().await,
        }
    }
}
