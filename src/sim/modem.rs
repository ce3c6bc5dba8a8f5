//! The modem itself: power, input, output and time. Pure: time comes in as a `Duration` since the simulation began, and
//! nothing here knows a task or a device. The commands it understands stand in `commands`, its calls in `ringing`, its
//! messages in `messages`.

mod input;
mod output;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::callers::{Call, CallEnd};
use super::card::{Card, Lock};
use super::commands::Settings;
use super::journal::Journal;
use super::network::{Cure, Network};
use super::options::{Options, Registration};
use input::Input;
use output::Injection;

/// How long a RING waits for a final result to be glued to, with `Quirks::ring_glued_to_final`.
pub const GLUE_WAIT_MAX: Duration = Duration::from_secs(1);
/// How long the network waits after room was made on a full SIM.
pub(super) const RETRY_AFTER: Duration = Duration::from_secs(1);
/// Bytes of a command line or of a message; what is beyond is dropped, as a modem's own buffer would.
pub(super) const INPUT_MAX: usize = 2048;

const CTRL_Z: u8 = 0x1a;
const ESC: u8 = 0x1b;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Power {
    Unplugged,
    Starting,
    On,
}

/// What happens when its time has come.
#[derive(Debug)]
pub(super) enum Timer {
    Answer(Vec<u8>),
    Prompt { tpdu_len: usize },
    Ring(u64),
    GiveUp(u64),
    EndNoticed(u64),
    Report { pdu_for: usize, status: u8 },
    Deliver,
    Registered,
    SimReady,
    Started,
    Restart,
    HangOver,
    GlueFlush,
    Noise(usize),
}

impl Timer {
    /// Whether a modem that starts anew forgets about it.
    fn dies_with_modem(&self) -> bool {
        !matches!(
            self,
            Self::Ring(_)
                | Self::GiveUp(_)
                | Self::EndNoticed(_)
                | Self::Report { .. }
                | Self::Deliver
        )
    }
}

/// The state of the modem, its SIM, its calls and its network.
#[derive(Debug)]
pub(super) struct SimModem {
    pub(super) options: Options,
    pub(super) now: Duration,
    pub(super) power: Power,
    pub(super) settings: Settings,
    pub(super) functionality: u8,
    pub(super) sim_ready: bool,
    pub(super) registration: Registration,
    pub(super) card: Card,
    pub(super) network: Network,
    pub(super) calls: Vec<Call>,
    pub(super) ends: BTreeMap<u64, CallEnd>,
    pub(super) calls_so_far: u64,
    pub(super) journal: Journal,
    /// Which of the lines opened so far is plugged in; an older one is dead.
    pub(super) line: Option<u64>,
    lines_so_far: u64,
    /// The line that asked for what is at work.
    busy_for: Option<u64>,
    input: Input,
    /// Bytes that came while a command was at work.
    early: Vec<u8>,
    hung_until: Option<Duration>,
    while_hung: Vec<u8>,
    timers: BTreeMap<(Duration, u64), Timer>,
    timers_so_far: u64,
    output: VecDeque<(Duration, Vec<u8>)>,
    injections: VecDeque<Injection>,
    glued: Vec<u8>,
}

impl SimModem {
    /// A modem that was switched on just now, with nobody listening yet.
    pub(super) fn new(options: Options) -> Self {
        let mut modem = Self {
            card: Card::new(options.pin.clone(), options.sms_slots),
            network: Network::new(options.registration),
            now: Duration::ZERO,
            power: Power::Starting,
            settings: Settings::default(),
            functionality: options.functionality_at_start,
            sim_ready: false,
            registration: Registration::NONE,
            calls: Vec::new(),
            ends: BTreeMap::new(),
            calls_so_far: 0,
            journal: Journal::default(),
            line: None,
            lines_so_far: 0,
            busy_for: None,
            input: Input::Command(Vec::new()),
            early: Vec::new(),
            hung_until: None,
            while_hung: Vec::new(),
            timers: BTreeMap::new(),
            timers_so_far: 0,
            output: VecDeque::new(),
            injections: VecDeque::new(),
            glued: Vec::new(),
            options,
        };
        modem.on_started();
        modem
    }

    // Time

    /// Lets time pass up to `now`. Every other call that takes the time does this first.
    pub(super) fn tick(&mut self, now: Duration) {
        while let Some(entry) = self.timers.first_entry() {
            if entry.key().0 > now {
                break;
            }
            let ((at, _), timer) = entry.remove_entry();
            self.now = self.now.max(at);
            self.on_timer(timer);
        }
        self.now = self.now.max(now);
    }

    /// When `tick` will next have something to do.
    pub(super) fn next_timer(&self) -> Option<Duration> {
        self.timers.first_key_value().map(|((at, _), _)| *at)
    }

    pub(super) fn after(&mut self, delay: Duration, timer: Timer) {
        self.timers_so_far += 1;
        let at = self.now.saturating_add(delay);
        self.timers.insert((at, self.timers_so_far), timer);
    }

    pub(super) fn drop_timers(&mut self, which: impl Fn(&Timer) -> bool) {
        self.timers.retain(|_, timer| !which(timer));
    }

    fn on_timer(&mut self, timer: Timer) {
        match timer {
            Timer::Answer(bytes) => self.finish_command(&bytes),
            Timer::Prompt { tpdu_len } => self.open_prompt(tpdu_len, true),
            Timer::Ring(key) => self.ring(key),
            Timer::GiveUp(key) => self.caller_gives_up(key),
            Timer::EndNoticed(key) => self.notice_end(key),
            Timer::Report { pdu_for, status } => self.report(pdu_for, status),
            Timer::Deliver => self.deliver_waiting(),
            Timer::Registered => self.set_registration(self.network.grant),
            Timer::SimReady => {
                self.sim_ready = true;
                self.deliver_waiting();
            }
            Timer::Started => self.on_started(),
            Timer::Restart => self.restart(),
            Timer::HangOver => self.hang_over(),
            Timer::GlueFlush => {
                let ring = std::mem::take(&mut self.glued);
                self.write(&ring);
            }
            Timer::Noise(which) => {
                let noise = self.options.noise;
                if let Some(line) = noise.get(which % noise.len().max(1)) {
                    self.urc(line);
                    self.after(
                        self.options.noise_every,
                        Timer::Noise(which.wrapping_add(1)),
                    );
                }
            }
        }
    }

    // Power

    /// Everything forgotten, calls lost, `start_takes` of deafness, then the start lines.
    pub(super) fn restart(&mut self) {
        if self.power == Power::Unplugged {
            return;
        }
        self.forget();
        self.network.treat(Cure::Restart);
        self.power = Power::Starting;
        self.after(self.options.start_takes, Timer::Started);
        self.tick(self.now);
    }

    pub(super) fn unplug(&mut self) {
        self.forget();
        self.network.treat(Cure::Replug);
        self.power = Power::Unplugged;
        self.line = None;
    }

    pub(super) fn replug(&mut self) {
        if self.power == Power::Unplugged {
            self.power = Power::Starting;
            self.after(self.options.start_takes, Timer::Started);
            self.tick(self.now);
        }
    }

    pub(super) fn is_plugged(&self) -> bool {
        self.power != Power::Unplugged
    }

    fn forget(&mut self) {
        self.lose_calls();
        self.drop_timers(Timer::dies_with_modem);
        self.settings = Settings::default();
        self.functionality = self.options.functionality_at_start;
        self.sim_ready = false;
        self.registration = Registration::NONE;
        self.input = Input::Command(Vec::new());
        self.early.clear();
        self.hung_until = None;
        self.while_hung.clear();
        self.output.clear();
        self.glued.clear();
    }

    fn on_started(&mut self) {
        self.power = Power::On;
        self.card.power_up();
        for line in self.options.start_lines.clone() {
            let framed = self.framed(&line);
            self.write(framed.as_bytes());
        }
        if !self.options.noise.is_empty() {
            self.after(self.options.noise_every, Timer::Noise(0));
        }
        self.on_unlocked();
    }

    /// The SIM may have become usable: gets ready, and the network is looked for.
    pub(super) fn on_unlocked(&mut self) {
        if self.options.sim_present && self.card.lock == Lock::Ready {
            self.after(self.options.sim_takes, Timer::SimReady);
            self.look_for_network();
            self.tick(self.now);
        }
    }

    /// Starts or stops looking for the network, as `+CFUN` and the SIM allow.
    pub(super) fn look_for_network(&mut self) {
        self.drop_timers(|timer| matches!(timer, Timer::Registered));
        if !self.may_register() {
            self.lose_calls();
            self.set_registration(Registration::NONE);
        } else if self.options.registration_takes.is_zero() {
            self.set_registration(self.network.grant);
        } else {
            self.set_registration(Registration::SEARCHING);
            self.after(self.options.registration_takes, Timer::Registered);
        }
    }

    pub(super) fn set_grant(&mut self, registration: Registration) {
        self.network.grant = registration;
        if self.may_register() {
            self.drop_timers(|timer| matches!(timer, Timer::Registered));
            self.set_registration(registration);
        }
    }

    pub(super) fn may_register(&self) -> bool {
        self.power == Power::On
            && self.functionality == 1
            && self.options.sim_present
            && self.card.lock == Lock::Ready
    }

    pub(super) fn set_registration(&mut self, granted: Registration) {
        let before = std::mem::replace(&mut self.registration, granted);
        if before.circuit != granted.circuit {
            self.registration_urc("+CREG", self.settings.creg, granted.circuit);
        }
        if before.lte != granted.lte {
            self.registration_urc("+CEREG", self.settings.cereg, granted.lte);
        }
        if !granted.carries_calls() {
            self.lose_calls();
        }
        self.deliver_waiting();
    }

    pub(super) fn violation(&mut self, what: &str) {
        self.journal.violation(self.now, what);
    }
}
