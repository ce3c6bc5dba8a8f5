//! The network: what it has granted, what it has taken, what it still wants to deliver. Knows no line and no command.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::options::Registration;
use crate::sms::{Address, Concatenation};

/// A message the network has taken from the modem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The recipient as addressed, with `+` when international.
    pub to: String,
    /// The text of this one part.
    pub text: String,
    /// The PDU in hexadecimal digits as written by the host.
    pub pdu: String,
    /// Whether the host asked for a status report (TP-SRR).
    pub status_report_requested: bool,
    /// Which part of a long message this is.
    pub part: Option<Concatenation>,
    /// The reference the modem answered with, 0 to 255 and then again from 0.
    pub reference: u8,
    /// Time since the simulation began.
    pub at: Duration,
    /// TP-DA as it stood in the PDU, for the status report.
    pub(super) recipient: Address,
}

/// What becomes of a message once the network has it: decides the status report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Outcome {
    /// Delivered (TP-ST 00).
    #[default]
    Delivered,
    /// Refused for good (TP-ST 41, incompatible destination).
    Failed,
    /// Not yet: the service centre goes on trying (TP-ST 20), and nothing more is heard.
    StillTrying,
    /// No report ever.
    NoReport,
}

impl Outcome {
    /// TP-ST of 3GPP TS 23.040 9.2.3.15.
    pub(super) fn status(self) -> Option<u8> {
        match self {
            Self::Delivered => Some(0x00),
            Self::Failed => Some(0x41),
            Self::StillTrying => Some(0x20),
            Self::NoReport => None,
        }
    }
}

/// What goes wrong with the next message the host sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendFault {
    /// Nothing: lets one message pass before the next fault.
    None,
    /// `+CMS ERROR: <n>` instead of `+CMGS`; the network has not got it.
    CmsError(u16),
    /// The modem waits for text, but its prompt was lost on the way; only ESC frees it.
    NoPrompt,
    /// Silence after Ctrl-Z.
    Silence(Fate),
    /// The modem starts anew after Ctrl-Z.
    Restart(Fate),
    /// The modem falls off the bus after Ctrl-Z, until [`Sim::replug`](super::Sim::replug).
    Unplug(Fate),
    /// `+CMGS` comes this much later than usual.
    Delay(Duration),
}

/// What ends a modem's refusing every message, see [`Sim::refuse_sends`](super::Sim::refuse_sends).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cure {
    /// A start by `AT+CFUN=1,1`, or by being plugged in.
    Restart,
    /// Being plugged in again, and nothing less.
    Replug,
    /// Nothing.
    None,
}

/// Whether the network has got a message the host heard nothing of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It has it, and delivers it.
    Taken,
    /// It has not.
    Lost,
}

/// Something on its way to the modem.
#[derive(Debug, Clone)]
pub(super) enum Incoming {
    Message(String),
    Report(String),
}

/// The network's side of things.
#[derive(Debug)]
pub(super) struct Network {
    /// What it grants a modem that asks.
    pub(super) grant: Registration,
    pub(super) sent: Vec<Sent>,
    pub(super) next_reference: u8,
    pub(super) next_concat: u8,
    pub(super) faults: VecDeque<SendFault>,
    /// Every message is refused so until the modem is cured.
    pub(super) illness: Option<(u16, Cure)>,
    pub(super) outcomes: HashMap<String, Outcome>,
    /// In order of arrival; waits for a registered modem with room.
    pub(super) waiting: VecDeque<Incoming>,
}

impl Network {
    pub(super) fn new(grant: Registration) -> Self {
        Self {
            grant,
            sent: Vec::new(),
            next_reference: 0,
            next_concat: 0,
            faults: VecDeque::new(),
            illness: None,
            outcomes: HashMap::new(),
            waiting: VecDeque::new(),
        }
    }

    /// The modem has been treated like this.
    pub(super) fn treat(&mut self, cure: Cure) {
        self.illness = self.illness.filter(|(_, wanted)| {
            *wanted == Cure::None || (*wanted, cure) == (Cure::Replug, Cure::Restart)
        });
    }

    pub(super) fn outcome(&self, to: &str) -> Outcome {
        self.outcomes.get(to).copied().unwrap_or_default()
    }
}
