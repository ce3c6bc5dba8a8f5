//! A modem with a SIM, a network and callers made of software: the demo and the tests run on it.
//!
//! It speaks bytes, in memory ([`Sim::line`]) or over a pseudo-terminal ([`Sim::pty`]), and is as strict as a real one: a
//! modem that answers everything kindly proves nothing. It uses `crate::sms`, but neither `crate::at` nor
//! `crate::modem`: what reads our commands must not share the mistakes of what writes them.
//!
//! | file | what happens in it |
//! |---|---|
//! | `modem` | pure: power, time, registration; `modem/input` and `modem/output` the two ways of the line |
//! | `commands` | pure: what the modem understands, and its settings; `commands/sms` the messages, `commands/syntax` the grammar |
//! | `ringing`, `callers` | pure: calls as the modem and as the network see them |
//! | `messages`, `network`, `card`, `pdu` | pure: messages out and in, the SIM's PIN and memory |
//! | `journal` | pure: what crossed the line, and what the host should not have done |
//! | `options`, `families` | what kind of modem it is, quirks included; real families as such |
//! | `line`, `pty` | the tasks and the pseudo-terminal around all that |

mod callers;
mod card;
mod commands;
pub mod families;
mod journal;
mod line;
mod messages;
mod modem;
mod network;
mod options;
mod pdu;
mod pty;
mod ringing;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::DuplexStream;

pub use callers::{CallEnd, Caller};
pub use journal::{Crossing, Direction};
pub use modem::GLUE_WAIT_MAX;
pub use network::{Cure, Fate, Outcome, SendFault, Sent};
pub use options::{
    ClipForm, CnmiSupport, EarlyBytes, EndStyle, NumberForm, Options, OwnLines, PromptForm, Quirks,
    Registration, ReportMemory,
};
pub use pdu::CannotText;

use line::Shared;
use modem::SimModem;
use network::Incoming;

/// What an in-memory line holds before the modem waits for the host to read.
const LINE_BUFFER: usize = 64 * 1024;

/// The simulated world, for scripts. Clones steer the same one; it ends with the last of them and its lines.
#[derive(Debug, Clone)]
pub struct Sim {
    shared: Arc<Shared>,
    /// Where the pseudo-terminal shows, if one was asked for: the path survives an unplug, what is behind it does not.
    pty: Arc<Mutex<Option<PathBuf>>>,
}

impl Sim {
    /// Switches the modem on. Time counts from here.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with time enabled.
    pub fn new(options: Options) -> Self {
        Self {
            shared: Shared::start(SimModem::new(options)),
            pty: Arc::default(),
        }
    }

    /// Time since the simulation began.
    pub fn now(&self) -> Duration {
        self.shared.now()
    }

    // The line

    /// A host opens the port: its end of a fresh in-memory line. Whoever had the port before reads the end of the file,
    /// as from an unplugged tty. The modem itself goes on as it was, an open prompt included.
    ///
    /// # Errors
    ///
    /// `NotFound` while the modem is unplugged.
    pub fn line(&self) -> io::Result<DuplexStream> {
        let line = self
            .shared
            .with(SimModem::open_line)
            .ok_or_else(unplugged)?;
        let (host, modem) = tokio::io::duplex(LINE_BUFFER);
        self.shared.carry(line, modem, ());
        Ok(host)
    }

    /// Shows the modem as a pseudo-terminal behind a symbolic link at `path`, which [`unplug`](Self::unplug) removes and
    /// [`replug`](Self::replug) puts back with a new device behind it. Needs a runtime with I/O and the real clock.
    ///
    /// # Errors
    ///
    /// `NotFound` while the modem is unplugged, and whatever the system says against the device or the link.
    pub fn pty(&self, path: &Path) -> io::Result<()> {
        *self.pty_path() = Some(path.to_owned());
        self.open_pty()
    }

    fn open_pty(&self) -> io::Result<()> {
        let Some(path) = self.pty_path().clone() else {
            return Ok(());
        };
        let line = self
            .shared
            .with(SimModem::open_line)
            .ok_or_else(unplugged)?;
        let (modem_side, link) = pty::open(&path)?;
        self.shared.carry(line, modem_side, link);
        Ok(())
    }

    fn pty_path(&self) -> MutexGuard<'_, Option<PathBuf>> {
        self.pty.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Pulls the modem out: the line dies, calls are lost, settings forgotten.
    pub fn unplug(&self) {
        self.shared.with(SimModem::unplug);
    }

    /// Plugs it in again: it starts anew, and the port can be opened again.
    ///
    /// # Errors
    ///
    /// As [`pty`](Self::pty), if there is one to put back.
    pub fn replug(&self) -> io::Result<()> {
        self.shared.with(SimModem::replug);
        self.open_pty()
    }

    /// Whether the modem is plugged in; a [`SendFault::Unplug`] can have pulled it.
    pub fn is_plugged(&self) -> bool {
        self.shared.with(|modem| modem.is_plugged())
    }

    /// The modem starts anew by itself: `RDY`, and every setting forgotten. The line stays.
    pub fn restart(&self) {
        self.shared.with(SimModem::restart);
    }

    /// The modem takes everything in and says nothing for so long; then all answers come at once. RINGs of that time are
    /// lost.
    pub fn hang(&self, duration: Duration) {
        self.shared.with(|modem| modem.hang(duration));
    }

    /// Another program that has the port open too, or had it before, gives the modem a command; the answer is that program's. Behind
    /// an `AT+CMGS` it goes away, and leaves the modem at its prompt.
    pub fn told_by_another(&self, command: &str) {
        self.shared.with(|modem| modem.told_by_another(command));
    }

    /// The modem says a line by itself, framed as it frames them.
    pub fn say(&self, line: &str) {
        self.shared.with(|modem| modem.urc(line));
    }

    /// Bytes come down the line as they are.
    pub fn noise(&self, bytes: &[u8]) {
        self.shared.with(|modem| modem.write(bytes));
    }

    /// Bytes break into the next answer behind its first `offset` bytes, echo included.
    pub fn inject(&self, offset: usize, bytes: &[u8]) {
        self.shared.with(|modem| modem.inject(offset, bytes));
    }

    /// Of the next answer, echo included, `count` bytes are lost behind the first `offset`.
    pub fn lose(&self, offset: usize, count: usize) {
        self.shared.with(|modem| modem.lose(offset, count));
    }

    // The network

    /// What the network grants from now on; a modem that may register sees it at once.
    pub fn set_network(&self, registration: Registration) {
        self.shared.with(|modem| modem.set_grant(registration));
    }

    /// Somebody calls.
    pub fn call(&self, caller: Caller) -> CallHandle {
        let key = self.shared.with(|modem| modem.call(caller));
        CallHandle {
            shared: Arc::clone(&self.shared),
            key,
        }
    }

    /// Somebody sends this SIM a text, in as many parts as it needs; `from` is a number or a name.
    ///
    /// # Errors
    ///
    /// When no network could carry it.
    pub fn text_in(&self, from: &str, text: &str) -> Result<(), CannotText> {
        self.shared.with(|modem| modem.text_in(from, text))
    }

    /// A DELIVER PDU in hexadecimal digits, service centre included, reaches this SIM; the network does not look into it.
    pub fn pdu_in(&self, pdu: &str) {
        self.shared
            .with(|modem| modem.arrive(Incoming::Message(pdu.to_owned())));
    }

    /// A STATUS-REPORT PDU in hexadecimal digits, service centre included, reaches this SIM.
    pub fn report_in(&self, pdu: &str) {
        self.shared
            .with(|modem| modem.arrive(Incoming::Report(pdu.to_owned())));
    }

    /// What the next messages meet, one fault a message, behind those scripted already.
    pub fn fail_sends(&self, faults: impl IntoIterator<Item = SendFault>) {
        self.shared
            .with(|modem| modem.network.faults.extend(faults));
    }

    /// From now on every message is refused with this `+CMS ERROR` until the modem is cured; all else works.
    pub fn refuse_sends(&self, code: u16, until: Cure) {
        self.shared
            .with(|modem| modem.network.illness = Some((code, until)));
    }

    /// The next messages meet nothing bad any more, and are not refused.
    pub fn heal_sends(&self) {
        self.shared.with(|modem| {
            modem.network.faults.clear();
            modem.network.illness = None;
        });
    }

    /// What becomes of messages to `recipient`, written as the host addresses it.
    pub fn set_outcome(&self, recipient: &str, outcome: Outcome) {
        self.shared.with(|modem| {
            let outcomes = &mut modem.network.outcomes;
            outcomes.insert(recipient.to_owned(), outcome);
        });
    }

    /// The messages the network has taken so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.shared.with(|modem| modem.network.sent.clone())
    }

    /// Waits until the network has taken `count` messages in all, and returns them.
    pub async fn wait_sent(&self, count: usize) -> Vec<Sent> {
        let enough = |modem: &SimModem| modem.network.sent.len() >= count;
        self.shared
            .wait_for(|modem| enough(modem).then(|| modem.network.sent.clone()))
            .await
    }

    /// Messages in the SIM's memory.
    pub fn stored(&self) -> usize {
        self.shared.with(|modem| modem.card.messages.used())
    }

    /// Messages and reports the network could not hand over yet.
    pub fn waiting(&self) -> usize {
        self.shared.with(|modem| modem.network.waiting.len())
    }

    /// How many wrong PINs are left before the SIM wants its PUK.
    pub fn pin_attempts_left(&self) -> u8 {
        self.shared.with(|modem| modem.card.attempts_left)
    }

    // The journal

    /// The command lines received, as written.
    pub fn commands(&self) -> Vec<String> {
        self.shared
            .with(|modem| modem.journal.commands.iter().cloned().collect())
    }

    /// Waits until `count` command lines in all that begin with `start` have come.
    pub async fn wait_commands(&self, start: &str, count: usize) {
        self.shared
            .wait_for(|modem| {
                let commands = modem.journal.commands.iter();
                let come = commands.filter(|line| line.starts_with(start)).count();
                (come >= count).then_some(())
            })
            .await;
    }

    /// What the host has done that no host should do, in words with the time. A good host leaves this empty.
    pub fn violations(&self) -> Vec<String> {
        self.shared
            .with(|modem| modem.journal.violations.iter().cloned().collect())
    }

    /// Everything that crossed the line.
    pub fn crossings(&self) -> Vec<Crossing> {
        self.shared
            .with(|modem| modem.journal.crossings.iter().cloned().collect())
    }
}

fn unplugged() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "the simulated modem is unplugged")
}

/// A call under way.
#[derive(Debug)]
pub struct CallHandle {
    shared: Arc<Shared>,
    key: u64,
}

impl CallHandle {
    /// Waits for the end of the call as the caller sees it.
    pub async fn ended(&self) -> CallEnd {
        self.shared.wait_for(|modem| modem.end_of(self.key)).await
    }

    /// What has become of it so far; nothing while it goes on.
    pub fn end(&self) -> Option<CallEnd> {
        self.shared.with(|modem| modem.end_of(self.key))
    }

    /// Another phone on the line answers; the talk lasts until [`give_up`](Self::give_up).
    pub fn pick_up(&self) {
        self.shared.with(|modem| modem.answer_call(self.key));
    }

    /// The caller hangs up now.
    pub fn give_up(&self) {
        self.shared.with(|modem| modem.caller_gives_up(self.key));
    }
}
