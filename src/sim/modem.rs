//! The modem itself: power, input, output and time. Pure: time comes in as a `Duration` since the simulation began, and
//! nothing here knows a task or a device. The commands it understands stand in `commands`, its calls in `ringing`, its
//! messages in `messages`.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::callers::{Call, CallEnd};
use super::card::{Card, Lock};
use super::commands::{Reply, Settings};
use super::journal::{Direction, Journal};
use super::network::Network;
use super::options::{EarlyBytes, Options, PromptForm, Registration};

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

/// What the next byte from the host means.
#[derive(Debug)]
enum Input {
    Command(Vec<u8>),
    /// The command of that name is at work.
    Busy(String),
    /// Message text; `tpdu_len` is what `AT+CMGS` announced.
    Text {
        tpdu_len: usize,
        text: Vec<u8>,
    },
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

/// Bytes that break into the next answer.
#[derive(Debug)]
struct Injection {
    /// Bytes of the answer, echo included, still to pass before.
    offset: usize,
    bytes: Vec<u8>,
    /// Counting begins with the next command.
    armed: bool,
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
        }
    }

    // Power

    /// Everything forgotten, calls lost, `start_takes` of deafness, then the start lines.
    pub(super) fn restart(&mut self) {
        if self.power == Power::Unplugged {
            return;
        }
        self.forget();
        self.power = Power::Starting;
        self.after(self.options.start_takes, Timer::Started);
        self.tick(self.now);
    }

    pub(super) fn unplug(&mut self) {
        self.forget();
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
            self.urc(&line);
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

    // The line

    /// A host opens the port; whoever had it before is cut off. Returns the line's number, nothing when unplugged.
    pub(super) fn open_line(&mut self) -> Option<u64> {
        if self.power == Power::Unplugged {
            return None;
        }
        self.lines_so_far += 1;
        self.line = Some(self.lines_so_far);
        self.output.clear();
        self.line
    }

    /// The host that had this line open has closed it.
    pub(super) fn close_line(&mut self, line: u64) {
        if self.line == Some(line) {
            self.line = None;
            self.output.clear();
        }
    }

    /// The next bytes for the host, if any are due.
    pub(super) fn take_output(&mut self, now: Duration) -> Option<Vec<u8>> {
        let (due, _) = self.output.front()?;
        if *due > now {
            return None;
        }
        let (_, bytes) = self.output.pop_front()?;
        self.journal.crossed(now, Direction::ToHost, &bytes);
        Some(bytes)
    }

    /// When the next bytes for the host are due.
    pub(super) fn next_output(&self) -> Option<Duration> {
        self.output.front().map(|(due, _)| *due)
    }

    /// Bytes for the host, in order behind those that wait already. Lost when nobody has the port open.
    pub(super) fn write(&mut self, bytes: &[u8]) {
        self.write_after(Duration::ZERO, bytes);
    }

    /// The same, held back on the line for `delay`.
    pub(super) fn write_after(&mut self, delay: Duration, bytes: &[u8]) {
        if self.line.is_none() || bytes.is_empty() {
            return;
        }
        let bytes = self.inject_into(bytes);
        let earliest = self.hung_until.unwrap_or(self.now).max(self.now + delay);
        let due = self
            .output
            .back()
            .map_or(earliest, |(due, _)| earliest.max(*due));
        match self.output.back_mut() {
            Some((last, waiting)) if *last == due && delay.is_zero() => waiting.extend(bytes),
            _ => self.output.push_back((due, bytes)),
        }
    }

    /// The next answer, echo included, is broken by `bytes` behind its first `offset` bytes.
    pub(super) fn inject(&mut self, offset: usize, bytes: &[u8]) {
        self.injections.push_back(Injection {
            offset,
            bytes: bytes.to_vec(),
            armed: false,
        });
    }

    fn inject_into(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        if let Some(injection) = self.injections.front_mut().filter(|next| next.armed) {
            if injection.offset <= bytes.len() {
                let (at, broken) = (injection.offset, std::mem::take(&mut injection.bytes));
                bytes.splice(at..at, broken);
                self.injections.pop_front();
            } else {
                injection.offset -= bytes.len();
            }
        }
        bytes
    }

    /// A line that comes by itself.
    pub(super) fn urc(&mut self, line: &str) {
        let framed = self.framed(line);
        self.write(framed.as_bytes());
    }

    pub(super) fn framed(&self, line: &str) -> String {
        let end = if self.options.quirks.doubled_cr {
            "\r\r\n"
        } else {
            "\r\n"
        };
        format!("\r\n{line}{end}")
    }

    /// RING, whole, in pieces or glued to the next final result, as the quirks say.
    pub(super) fn write_ring(&mut self, ring: &str) {
        let quirks = &self.options.quirks;
        if quirks.ring_glued_to_final {
            if self.glued.is_empty() {
                self.after(GLUE_WAIT_MAX, Timer::GlueFlush);
            }
            self.glued.extend(ring.as_bytes());
        } else if let Some(gap) = quirks.ring_split_by {
            let (head, tail) = ring.as_bytes().split_at(ring.len() / 2);
            self.write(head);
            self.write_after(gap, tail);
        } else {
            self.write(ring.as_bytes());
        }
    }

    // Hanging

    /// Takes in everything and says nothing until `duration` has passed.
    pub(super) fn hang(&mut self, duration: Duration) {
        if self.power != Power::Unplugged {
            self.hung_until = Some(self.now + duration);
            self.after(duration, Timer::HangOver);
        }
    }

    pub(super) fn is_hung(&self) -> bool {
        self.hung_until.is_some()
    }

    fn hang_over(&mut self) {
        if self.hung_until.is_some_and(|until| until <= self.now) {
            self.hung_until = None;
            let bytes = std::mem::take(&mut self.while_hung);
            self.take_in(&bytes);
        }
    }

    // Input

    pub(super) fn on_bytes(&mut self, now: Duration, bytes: &[u8]) {
        self.tick(now);
        self.journal.crossed(now, Direction::ToModem, bytes);
        if self.power != Power::On {
            return;
        }
        if self.is_hung() {
            let room = INPUT_MAX.saturating_sub(self.while_hung.len());
            self.while_hung.extend(&bytes[..bytes.len().min(room)]);
            return;
        }
        if matches!(self.input, Input::Busy(_)) {
            self.early_bytes(bytes);
            return;
        }
        if let Some(behind) = self.take_in(bytes) {
            self.violation(&format!(
                "{:?} came in one piece with the command before it, whose result nobody can have seen",
                String::from_utf8_lossy(&behind)
            ));
        }
    }

    /// Works through bytes. Returns what stood behind the first command among them.
    fn take_in(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut behind = None;
        for (at, &byte) in bytes.iter().enumerate() {
            match &mut self.input {
                Input::Command(_) => {
                    let executed = self.command_byte(byte);
                    let rest = bytes.get(at + 1..).unwrap_or_default();
                    if executed && rest.iter().any(|byte| *byte != b'\n') && behind.is_none() {
                        behind = Some(rest.to_vec());
                    }
                }
                Input::Text { .. } => self.text_byte(byte),
                Input::Busy(_) => self.early.push(byte),
            }
        }
        behind
    }

    fn early_bytes(&mut self, bytes: &[u8]) {
        let Input::Busy(command) = &self.input else {
            return;
        };
        let what = format!(
            "{:?} came while {command} was at work",
            String::from_utf8_lossy(bytes)
        );
        self.violation(&what);
        match self.options.quirks.early_bytes {
            EarlyBytes::Buffered => {
                let room = INPUT_MAX.saturating_sub(self.early.len());
                self.early.extend(&bytes[..bytes.len().min(room)]);
            }
            EarlyBytes::Abort => {
                self.drop_timers(|timer| matches!(timer, Timer::Answer(_) | Timer::Prompt { .. }));
                self.finish_command(b"\r\nERROR\r\n");
            }
        }
    }

    /// One byte in command mode. True when it ended a command.
    fn command_byte(&mut self, byte: u8) -> bool {
        let Input::Command(line) = &mut self.input else {
            return false;
        };
        // An ESC without prompt, and the line feed some hosts add, mean nothing.
        if matches!(byte, ESC | b'\n') {
            return false;
        }
        if line.is_empty()
            && let Some(injection) = self.injections.front_mut()
        {
            injection.armed = true;
        }
        if byte != b'\r' && line.len() < INPUT_MAX {
            line.push(byte);
        }
        let ended = (byte == b'\r').then(|| std::mem::take(line));
        if self.settings.echo {
            self.write(&[byte]);
        }
        let Some(line) = ended else {
            return false;
        };
        let line = String::from_utf8_lossy(&line).into_owned();
        if line.trim().is_empty() {
            return false;
        }
        self.execute(line.trim());
        true
    }

    fn execute(&mut self, line: &str) {
        self.journal.command(line);
        if !line
            .get(..2)
            .is_some_and(|at| at.eq_ignore_ascii_case("AT"))
        {
            // Modems hunt for AT and pass over the rest in silence.
            self.violation(&format!(
                "{line:?} is no command: it does not begin with AT"
            ));
            return;
        }
        self.input = Input::Busy(line.to_owned());
        match self.run(&line[2..]) {
            Reply::Final(answer) => {
                let takes = self.options.answer_takes;
                self.answer_after(takes, answer.into_bytes());
            }
            Reply::Prompt { tpdu_len, shown } => {
                if self.options.prompt_takes.is_zero() || !shown {
                    self.open_prompt(tpdu_len, shown);
                } else {
                    self.after(self.options.prompt_takes, Timer::Prompt { tpdu_len });
                }
            }
        }
    }

    pub(super) fn answer_after(&mut self, delay: Duration, answer: Vec<u8>) {
        if delay.is_zero() {
            self.finish_command(&answer);
        } else {
            self.after(delay, Timer::Answer(answer));
        }
    }

    /// The final result goes out, and the next command may come.
    fn finish_command(&mut self, answer: &[u8]) {
        self.input = Input::Command(Vec::new());
        let mut answer = answer.to_vec();
        if !answer.is_empty() {
            answer.append(&mut self.glued);
            self.drop_timers(|timer| matches!(timer, Timer::GlueFlush));
        }
        self.write(&answer);
        let early = std::mem::take(&mut self.early);
        self.take_in(&early);
    }

    // The prompt

    fn open_prompt(&mut self, tpdu_len: usize, shown: bool) {
        self.input = Input::Text {
            tpdu_len,
            text: Vec::new(),
        };
        if shown {
            self.write(match self.options.quirks.prompt {
                PromptForm::Usual => b"\r\n> ",
                PromptForm::Bare => b"\r\n>\r\n",
            });
        }
        let early = std::mem::take(&mut self.early);
        self.take_in(&early);
    }

    /// One byte of message text: everything is text until Ctrl-Z or ESC.
    fn text_byte(&mut self, byte: u8) {
        let Input::Text { tpdu_len, text } = &mut self.input else {
            return;
        };
        match byte {
            CTRL_Z | ESC => {
                let (tpdu_len, text) = (*tpdu_len, std::mem::take(text));
                let text = String::from_utf8_lossy(&text).into_owned();
                self.input = Input::Busy("the message".into());
                if let Some(command) = command_in(&text) {
                    self.violation(&format!("{command:?} was written into an open prompt"));
                }
                if byte == ESC {
                    self.finish_command(b"\r\nOK\r\n");
                } else {
                    self.take_message(tpdu_len, &text);
                }
            }
            _ => {
                if text.len() < INPUT_MAX {
                    text.push(byte);
                }
                if self.settings.echo {
                    self.write(&[byte]);
                }
            }
        }
    }

    /// Silence in place of an answer: the next command may come all the same.
    pub(super) fn say_nothing(&mut self) {
        self.finish_command(b"");
    }

    pub(super) fn violation(&mut self, what: &str) {
        self.journal.violation(self.now, what);
    }
}

/// The first line of message text that is a command, which no hexadecimal PDU can be.
fn command_in(text: &str) -> Option<&str> {
    text.split(['\r', '\n']).map(str::trim).find(|line| {
        line.get(..2)
            .is_some_and(|at| at.eq_ignore_ascii_case("AT"))
    })
}
