//! The typed handle of an armed modem. Knows the task only by its queue, and no bytes.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::Facts;
use crate::at::urc::CurrentCall;
use crate::at::{Answer, AtError, Command, Memory, PduHex, Signal};
use crate::phone::Region;

/// Requests that wait for the line; more wait in front of the queue.
pub(super) const MAX_REQUESTS: usize = 16;

/// An armed modem. Cheap to clone. Once its session is over every request fails, and the next `Armed` brings a new one.
#[derive(Debug, Clone)]
pub struct Modem {
    requests: mpsc::Sender<Request>,
    facts: Arc<Facts>,
}

#[derive(Debug)]
pub(super) enum Request {
    Ask {
        command: Command,
        reply: oneshot::Sender<Result<Answer, AskError>>,
    },
    Send {
        pdu: PduHex,
        tpdu_length: u8,
        reply: oneshot::Sender<Result<Option<u8>, SendError>>,
    },
}

impl Request {
    /// Answers a request that was never begun.
    pub(super) fn refuse(self, why: &str) {
        let why = why.to_owned();
        match self {
            Self::Ask { reply, .. } => drop(reply.send(Err(AskError::Lost { why }))),
            Self::Send { reply, .. } => drop(reply.send(Err(SendError::NotTaken { why }))),
        }
    }
}

/// Why a message was not, or perhaps not, taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The modem or the network refused it; see [`AtError::outlook`] whether to try again.
    #[error("The message was refused: {0}.")]
    Refused(AtError),
    /// Nothing was handed over: safe to send again.
    #[error("The message was not handed over. {why}")]
    NotTaken {
        /// What happened, in plain words.
        why: String,
    },
    /// It was handed over and no answer came: it may be on its way, and must not simply be sent again.
    #[error("The message was handed over, and nobody knows whether it was sent. {why}")]
    Unconfirmed {
        /// What happened, in plain words.
        why: String,
    },
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The modem said no.
    #[error("{command} failed: {error}")]
    Refused {
        /// What was asked.
        command: String,
        /// What the modem said.
        error: AtError,
    },
    /// The modem said nothing in time.
    #[error("{command} had no answer within {} s", .after.as_secs())]
    NoAnswer {
        /// What was asked.
        command: String,
        /// How long was waited.
        after: std::time::Duration,
    },
    /// The session is over.
    #[error("{why}")]
    Lost {
        /// What happened, in plain words.
        why: String,
    },
}

/// A message in the modem's memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSms {
    /// Where it is.
    pub index: u16,
    /// `<stat>` (27.005 3.1): 0 and 1 received (unread, read), 2 and 3 ours (unsent, sent).
    pub status: u8,
    /// The PDU in hexadecimal digits, service centre address included.
    pub pdu: String,
    /// It is as long as the modem said.
    pub whole: bool,
}

const OVER: &str = "The session with the modem is over.";

impl Modem {
    pub(super) fn new(requests: mpsc::Sender<Request>, facts: Arc<Facts>) -> Self {
        Self { requests, facts }
    }

    async fn ask(&self, command: Command) -> Result<Answer, AskError> {
        let (reply, answer) = oneshot::channel();
        let over = || AskError::Lost {
            why: OVER.to_owned(),
        };
        let request = Request::Ask { command, reply };
        self.requests.send(request).await.map_err(|_| over())?;
        answer.await.map_err(|_| over())?
    }

    /// Sends one PDU: `hex` with the service centre address in front, `tpdu_length` octets without it (27.005 4.3). Gives the message
    /// reference that its status report will bear, or `None` if the modem took the message but did not say which.
    ///
    /// # Errors
    /// See [`SendError`]: only `NotTaken` is safe to send again as it is.
    pub async fn send(&self, hex: &str, tpdu_length: usize) -> Result<Option<u8>, SendError> {
        let not_taken = |why: &str| SendError::NotTaken {
            why: why.to_owned(),
        };
        let (Some(pdu), Ok(tpdu_length)) = (PduHex::new(hex), u8::try_from(tpdu_length)) else {
            return Err(not_taken("It is no PDU: a fault in textback."));
        };
        let (reply, answer) = oneshot::channel();
        let request = Request::Send {
            pdu,
            tpdu_length,
            reply,
        };
        let sent = self.requests.send(request).await;
        sent.map_err(|_| not_taken(OVER))?;
        // The task answers whatever it has not begun; a reply that is dropped was under way.
        answer.await.unwrap_or_else(|_| {
            Err(SendError::Unconfirmed {
                why: "textback was stopped meanwhile.".to_owned(),
            })
        })
    }

    /// Every stored message (`AT+CMGL=4`). All or nothing: a list that breaks off is an error.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn stored(&self) -> Result<Vec<StoredSms>, AskError> {
        let answer = self.ask(Command::list_messages()).await?;
        let messages = answer.messages().into_iter();
        Ok(messages
            .filter_map(|message| {
                Some(StoredSms {
                    index: message.index?,
                    status: message.status,
                    pdu: message.pdu,
                    whole: message.whole,
                })
            })
            .collect())
    }

    /// One stored message (`AT+CMGR`); `None` if there is none at `index`.
    ///
    /// # Errors
    /// See [`AskError`]. Some modems refuse an empty place (`+CMS ERROR: 321`).
    pub async fn read(&self, index: u16) -> Result<Option<StoredSms>, AskError> {
        let answer = self.ask(Command::read_message(index)).await?;
        Ok(answer.messages().pop().map(|message| StoredSms {
            index,
            status: message.status,
            pdu: message.pdu,
            whole: message.whole,
        }))
    }

    /// Has the three calls around this one speak of another memory (`AT+CPMS` with its first argument); `None` is the usual
    /// one. Whoever changes it changes it back.
    ///
    /// # Errors
    /// See [`AskError`]. A modem refuses memories that it does not have.
    pub async fn look_into(&self, memory: Option<Memory>) -> Result<(), AskError> {
        match memory.or(self.facts.memory) {
            Some(memory) => {
                let command = Command::message_memory(memory, 1);
                self.ask(command).await.map(drop)
            }
            None => Ok(()),
        }
    }

    /// Where its messages are kept, if it could be told.
    #[must_use]
    pub fn memory(&self) -> Option<Memory> {
        self.facts.memory
    }

    /// Deletes one stored message (`AT+CMGD`).
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn delete(&self, index: u16) -> Result<(), AskError> {
        self.ask(Command::delete_message(index)).await.map(drop)
    }

    /// Rejects what rings and ends what talks.
    ///
    /// # Errors
    /// See [`AskError`]; of several ways to hang up, the last one's.
    pub async fn hang_up(&self) -> Result<(), AskError> {
        let mut outcome = Ok(());
        for name in self.facts.family.hang_up {
            outcome = self.ask(Command::plain(name)).await.map(drop);
            if !matches!(outcome, Err(AskError::Refused { .. })) {
                break;
            }
        }
        outcome
    }

    /// Has it show who calls (`AT+CLIP=1`), as it was told when it was brought up: another program may have told it otherwise, and nothing
    /// but a call without a number shows that (sms-gate counts those).
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn show_callers(&self) -> Result<(), AskError> {
        self.ask(Command::caller_id()).await.map(drop)
    }

    /// What calls there are (`AT+CLCC`).
    ///
    /// # Errors
    /// See [`AskError`]. Some modems refuse while a call is being set up; that says nothing.
    pub async fn current_calls(&self) -> Result<Vec<CurrentCall>, AskError> {
        let answer = self.ask(Command::current_calls()).await?;
        Ok(answer.current_calls())
    }

    /// How strong the signal is now (`AT+CSQ`); `None` if the modem cannot tell.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn signal(&self) -> Result<Option<Signal>, AskError> {
        Ok(self.ask(Command::signal()).await?.signal())
    }

    /// Whose network it is in now (`AT+COPS?`), if it says so.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn operator(&self) -> Result<Option<String>, AskError> {
        Ok(self.ask(Command::operator()).await?.operator())
    }

    /// The SIM's own number as it was when the modem was brought up, if the SIM knows it.
    #[must_use]
    pub fn own_number(&self) -> Option<&str> {
        self.facts.own_number.as_deref()
    }

    /// What the modem calls itself.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.facts.model.as_deref()
    }

    /// The country of the SIM.
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        self.facts.region()
    }

    /// The SIM's IMSI.
    #[must_use]
    pub fn imsi(&self) -> Option<&str> {
        self.facts.imsi.as_deref()
    }
}
