//! The device: opens the port, brings the modem up, holds it, notices that it died and brings it back. Above it is a
//! typed [`Modem`] handle, below it are bytes. Knows nothing of calls, texts or the store.
//!
//! One task, [`ModemTask`], owns the port and reads it without pause, whether or not a command is open. Commands run one at a time,
//! each with a time-out of its own; URCs go up as they come, during bring-up too, where a call may already ring.

mod bring_up;
mod ear;
mod handle;
mod healing;
mod holder;
mod line;
mod look;
mod pin;
mod port;
mod power;
pub mod record;
mod reporting;
mod requests;
mod rungs;
mod task;
mod usb;
mod usb_reset;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio_util::sync::CancellationToken;

pub use crate::at::family::Family;
use crate::at::family::Voice;
use crate::at::urc::{Domain, Registration};
pub use crate::at::{Memory, Signal};
use crate::at::{ModemTime, Urc};
use crate::phone::{self, Region};

pub use handle::{AskError, Modem, SendError, StoredSms};
pub use healing::Rung;
pub use pin::PinSource;
pub use port::{Ports, SerialPorts};
pub use task::{ModemTask, STOP_GRACE};

/// What the modem's task tells the service.
#[derive(Debug, Clone)]
pub enum ModemEvent {
    /// Texts can be sent from now on. Comes again with the same handle when a lost registration is back or a modem that had
    /// stopped answering answers again, so that what waited may go.
    Armed(Modem, Arc<Facts>),
    /// Something the modem says by itself; also before it is armed and while a command is open.
    Urc(Urc),
    /// The session that `Armed` began is over and its handle with it. Every setting is made anew before the next `Armed`.
    Lost {
        /// What happened, in plain words.
        why: String,
    },
    /// What time the modem thinks it is, just now: before `Armed`, then once a minute until that is a time, and once an hour from then on.
    Time(ModemTime),
    /// An ill modem is helped, or it has shown whether that helped.
    Healing(HealingStep, Written),
}

/// Tells the modem's task that a step is on disk: what must not be repeated soon waits for that.
#[derive(Debug, Clone, Default)]
pub struct Written(CancellationToken);

impl Written {
    /// It is.
    pub fn done(&self) {
        self.0.cancel();
    }

    async fn wait(&self) {
        self.0.cancelled().await;
    }
}

/// One step on the way back from an illness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HealingStep {
    /// This is being done.
    Begun {
        /// What.
        rung: Rung,
        /// What the modem did, in plain words.
        why: String,
    },
    /// What came of the last one begun.
    Ended(Healed),
}

/// What came of a rung.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Healed {
    /// The modem works.
    Helped,
    /// It does not.
    Useless,
    /// It could not be done; why, in plain words.
    Skipped(String),
}

/// How far a modem has come on its way; each stage needs those before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Its port is opened.
    #[default]
    Port,
    /// It answers and does what it is told.
    Modem,
    /// Its SIM is read.
    Sim,
    /// The SIM has its PIN.
    Pin,
    /// A network has taken it in.
    Network,
}

/// What the page, `/healthz` and `check` show of the modem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModemState {
    /// Nothing works until something changes outside: the port is gone, the SIM wants its PUK.
    Down {
        /// What is wrong and what to do about it.
        why: String,
        /// What it stopped at.
        stage: Stage,
    },
    /// It is being set up or looks for its network.
    BringingUp {
        /// What it is at.
        step: String,
        /// The same for those who go on from there.
        stage: Stage,
    },
    /// It answers, and refuses texts.
    Healing {
        /// What is wrong, and what is being done about it.
        why: String,
        /// What was done last.
        rung: Option<Rung>,
        /// Texts are handed to it, to see whether that helped.
        trying: bool,
    },
    /// Texts can be sent, as far as the modem is concerned; a SIM that does not know its service centre lets none out, and each is tried
    /// all the same, for modems err.
    Armed {
        /// What it is.
        facts: Arc<Facts>,
        /// At the last look, at most a minute or so ago; `None` if the modem cannot tell.
        signal: Option<Signal>,
        /// Where it is registered.
        registrations: Registrations,
    },
}

impl Default for ModemState {
    fn default() -> Self {
        Self::BringingUp {
            step: "The modem has not been opened yet.".to_owned(),
            stage: Stage::Port,
        }
    }
}

impl ModemState {
    /// Why no text can be sent now, in plain words; `None` if one can.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Down { why, .. } | Self::Healing { why, .. } => Some(why.clone()),
            Self::BringingUp { step, .. } => Some(step.clone()),
            Self::Armed { facts, .. } => facts
                .lacks_service_centre()
                .then(|| NO_SERVICE_CENTRE.to_owned()),
        }
    }

    /// Whether texts can be sent.
    #[must_use]
    pub fn is_armed(&self) -> bool {
        matches!(self, Self::Armed { .. })
    }

    /// Whether texts are handed to it: also to one that is ill, where only a text can show whether it still is.
    #[must_use]
    pub fn takes_texts(&self) -> bool {
        matches!(
            self,
            Self::Armed { .. } | Self::Healing { trying: true, .. }
        )
    }
}

/// Beats as long as the modem's task lives, for the watchdog: a task that hangs gives no other sign.
#[derive(Debug, Clone, Default)]
pub struct Pulse(Arc<AtomicU64>);

impl Pulse {
    fn beat(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How often it has beaten.
    #[must_use]
    pub fn beats(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What is known of a modem and its SIM once it is armed. Whatever it would not tell is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The port it was found on.
    pub port: String,
    /// Whose ways it has.
    pub family: &'static Family,
    /// `AT+CGMI`.
    pub manufacturer: Option<String>,
    /// `AT+CGMM`.
    pub model: Option<String>,
    /// `AT+CGMR`: the firmware.
    pub revision: Option<String>,
    /// `AT+CIMI`: the SIM's identity; its first three digits are its country.
    pub imsi: Option<String>,
    /// `AT+CNUM`, as the SIM has it: perhaps national, often missing.
    pub own_number: Option<String>,
    /// `AT+COPS?`.
    pub operator: Option<String>,
    /// `AT+CSCA?`: the number of the network's service centre; empty if the SIM has none, and then no text goes out. `None` also where a
    /// text has gone out without one.
    pub service_centre: Option<String>,
    /// Where messages are kept (`AT+CPMS`); `None` if the modem would not be told.
    pub memory: Option<Memory>,
    /// `AT+CPMS?`: messages that lay in the modem's memory, and how many it holds.
    pub storage: Option<(u16, u16)>,
    /// What the modem said when it was asked for its voice in its family's own way.
    pub voice_answer: Option<u8>,
    /// Whether the modem tells of new messages by itself (`AT+CNMI`). If not, only looking finds them.
    pub sms_by_urc: bool,
    /// Whether it passes status reports on, by `+CDS` or `+CDSI`.
    pub status_reports: bool,
    /// Whether its radio was off and has been switched on, since its port was opened.
    pub radio_switched_on: bool,
    /// Whether the SIM asked for its PIN and was given it, since then.
    pub pin_entered: bool,
}

/// Why no text goes out from a SIM without the number of its service centre, and what to do.
pub const NO_SERVICE_CENTRE: &str = "The SIM has no number for the network's SMS centre: no text goes out. Put the SIM into a phone and enter the carrier's number there, or ask the carrier for another SIM.";

impl Facts {
    /// Whether the SIM has no number for the network's service centre.
    #[must_use]
    pub fn lacks_service_centre(&self) -> bool {
        self.service_centre.as_deref() == Some("")
    }

    /// The country whose numbers are from home, as the SIM tells it.
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        self.imsi.as_deref().and_then(phone::region_of_imsi)
    }

    /// Whether calls can ring here, as far as the modem's family, its settings and its registration tell, and the same in
    /// words that say what to do.
    #[must_use]
    pub fn voice(&self, registrations: &Registrations) -> (bool, &'static str) {
        let by_registration = registrations.voice();
        match self.family.voice {
            Voice::Never => (
                false,
                "This modem is made for data and texts only: it never rings. Use another one; hardware.md of textback lists those that ring.",
            ),
            Voice::Asks {
                silent,
                on_lte_only,
                why,
                ..
            } if self.voice_answer == Some(silent) => match (on_lte_only, by_registration) {
                (false, _) => (false, why),
                (true, (rings, _)) if rings && registrations.is_on_lte() => (true, why),
                (true, other) => other,
            },
            Voice::Asks { .. } | Voice::Rings => by_registration,
        }
    }

    /// Whether a setting of the modem's own speaks against calls where it is registered now, though they may ring all the same.
    #[must_use]
    pub fn voice_is_doubtful(&self, registrations: &Registrations) -> bool {
        let off = match self.family.voice {
            Voice::Asks { silent, .. } => self.voice_answer == Some(silent),
            Voice::Rings | Voice::Never => false,
        };
        off && registrations.is_on_lte()
    }
}

/// Who but us has the port open as well, and what to do about it, in words, as far as we may see. A pseudo-terminal is open to whoever
/// plays the modem behind it.
#[must_use]
pub fn open_twice(port: &Path) -> Option<String> {
    let device = fs::canonicalize(port).ok()?;
    let holder =
        holder::of(&device, Path::new("/proc")).filter(|_| !device.starts_with("/dev/pts"));
    holder.map(|holder| format!("{} is open twice: {}", port.display(), holder.words()))
}

/// Whether this computer says that it gets too little power, in words; most cannot tell.
#[must_use]
pub fn too_little_power() -> Option<&'static str> {
    power::blame(Path::new("/sys"))
}

/// Where the modem is registered; `None` where it has not said so.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Registrations {
    /// `+CREG`: what voice needs.
    pub circuit: Option<Registration>,
    /// `+CEREG`.
    pub lte: Option<Registration>,
}

impl Registrations {
    fn note(&mut self, registration: Registration) {
        match registration.domain {
            Domain::Circuit => self.circuit = Some(registration),
            Domain::Lte => self.lte = Some(registration),
        }
    }

    /// `<AcT>` 7 and above is LTE and what came after (27.007 7.2).
    fn is_on_lte(&self) -> bool {
        let known = [&self.circuit, &self.lte].into_iter().flatten();
        known
            .filter_map(|it| it.access_technology)
            .any(|act| act >= 7)
    }

    /// Whether calls can ring here, as far as the registration tells, and the same in plain words.
    #[must_use]
    fn voice(&self) -> (bool, &'static str) {
        match self.circuit.as_ref().map(|it| it.stat) {
            Some(1 | 5) if self.is_on_lte() => (
                true,
                "Registered for calls, on LTE: they ring if modem and SIM have VoLTE or the network hands them down. Ring the SIM once to be sure.",
            ),
            Some(1 | 5) => (true, "Registered for calls. Ring the SIM once to be sure."),
            Some(6 | 7) => (
                false,
                "The network gives this modem texts only: calls will not ring. Use a SIM with calls, or let your operator's texts about missed calls count (setting calls.operator_notices).",
            ),
            Some(9 | 10) => (
                false,
                "The network hands no calls down to this modem from LTE: they will not ring. Ask the operator for VoLTE on this SIM, or use one of another operator.",
            ),
            Some(_) if self.lte.is_some() => (
                false,
                "Registered for data, but not for calls: they ring only if modem and SIM have VoLTE. Ask the operator for VoLTE on this SIM, or use one of another operator.",
            ),
            Some(_) => (false, "Not registered for calls."),
            None => (
                true,
                "The modem does not tell whether calls ring. Ring the SIM once to be sure.",
            ),
        }
    }

    /// Why no text can go out, if the modem is sure of that; `None` if one can, or if it cannot tell.
    #[must_use]
    pub fn missing(&self) -> Option<String> {
        let stats = [&self.circuit, &self.lte];
        let stats: Vec<_> = stats.into_iter().flatten().map(|it| it.stat).collect();
        // 6 and 7 are SMS only, 9 and 10 without calls handed down: all of them carry texts. 4 is unknown (27.007 7.2).
        if stats.is_empty() || stats.iter().any(|stat| matches!(stat, 1 | 4..=7 | 9 | 10)) {
            return None;
        }
        let why = if stats.contains(&2) {
            "The modem is searching for its network."
        } else if stats.contains(&3) {
            "The network refuses this SIM. Is it activated and paid for, and allowed here?"
        } else if stats.iter().any(|stat| matches!(stat, 8 | 11)) {
            "The network allows only emergency calls. Is the SIM activated?"
        } else {
            "The modem is not registered with any network. Check antenna, reception and SIM."
        };
        Some(why.to_owned())
    }
}

#[cfg(test)]
mod tests;
