//! What the box tells other programs and people: its events, as the JSON of a webhook and as words for people.
//!
//! The shapes are a contract: `docs/webhooks/` has a JSON schema for each, and a test holds them to it. It does not know when
//! something happened, nor where it is told.

mod words;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use words::Message;

/// A way out of the box besides the modem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outlet {
    /// Another program's address, told everything.
    Webhook,
    /// A notice on somebody's phone.
    Push,
    /// E-mail.
    Mail,
}

impl Outlet {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Webhook, Self::Push, Self::Mail];

    /// The word in the store.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Push => "push",
            Self::Mail => "mail",
        }
    }

    /// Takes back what [`token`](Self::token) gave; `None` where a newer textback wrote it.
    #[must_use]
    pub fn from_token(token: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outlet| outlet.token() == token)
    }

    /// Whether it is told of such events. People are not told that a text left: the missed call says that it is about to, and a
    /// text that fails is told of by itself; nor of a job that is not theirs.
    #[must_use]
    pub fn wants(self, event: &Event) -> bool {
        match event {
            Event::TextSent { .. } => self == Self::Webhook,
            Event::LeadQualified { outcome, .. } => self == Self::Webhook || outcome == "won",
            Event::CallMissed { .. }
            | Event::TextFailed { .. }
            | Event::ReplyReceived { .. }
            | Event::BoxHealth { .. } => true,
        }
    }
}

/// What happened, when, as it is sent: the body of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// When it happened; in RFC 3339, UTC.
    pub timestamp: Timestamp,
    /// What.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened. Numbers are E.164 where they are numbers; what callers wrote is as they wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Event {
    /// A call that nobody took is over, and it is decided whether the caller is texted.
    #[serde(rename = "call.missed")]
    CallMissed {
        /// Its number in an export.
        call_id: i64,
        /// The caller's number, or the digits shown; null when hidden.
        caller: Option<String>,
        /// `number`, `unreadable`, `withheld` or `unavailable`.
        shown: String,
        /// When it began to ring.
        started_at: Timestamp,
        /// When it ended.
        ended_at: Timestamp,
        /// How often it rang.
        rings: u32,
        /// Whether the caller is texted.
        texted: bool,
        /// Why not: a token, as in an export.
        reason: Option<String>,
        /// The same in a sentence.
        explanation: Option<String>,
        /// The text that answers it.
        text_id: Option<i64>,
    },
    /// The network has taken a text.
    #[serde(rename = "text.sent")]
    TextSent {
        /// Its number in an export.
        text_id: i64,
        /// What it is for: `missed_call`, `follow_up`, `opt_out`, …
        kind: String,
        /// To whom.
        number: Option<String>,
        /// What it says.
        body: String,
        /// How many SMS it took.
        parts: u32,
        /// The call it answers.
        call_id: Option<i64>,
    },
    /// A text will not be sent, or not arrive; it is not tried again.
    #[serde(rename = "text.failed")]
    TextFailed {
        /// Its number in an export.
        text_id: i64,
        /// What it is for.
        kind: String,
        /// To whom.
        number: Option<String>,
        /// What it says.
        body: String,
        /// The call it answers.
        call_id: Option<i64>,
        /// Why.
        error: String,
    },
    /// A caller has written.
    #[serde(rename = "reply.received")]
    ReplyReceived {
        /// Its number in an export. A long text whose parts came late is told of again, with the same number and more to read.
        text_id: i64,
        /// From whom: a number, or the name that a sender shows; null where it could not be read.
        number: Option<String>,
        /// What it says.
        body: String,
        /// It may be a request for no more texts: a person has to tell.
        perhaps_stop: bool,
        /// The danger that it writes of: `gas`, `carbon_monoxide`, `fire`, `sparks`, `flood` or `no_heat`.
        #[serde(default)]
        danger: Option<String>,
        /// False while parts of it are missing.
        complete: bool,
    },
    /// One of the owner's people has said what became of a caller. Said once more, it is told of once more.
    #[serde(rename = "lead.qualified")]
    LeadQualified {
        /// The caller, E.164.
        number: String,
        /// By which the owner's people know the conversation: 7 for #7.
        tag: u32,
        /// `won`.
        outcome: String,
        /// What the job is worth, in hundredths of whatever the owner counts in; null where he said none.
        amount_hundredths: Option<i64>,
        /// What the caller wrote last; null where it is kept no more.
        last_words: Option<String>,
    },
    /// The box can text callers no more, or can again.
    #[serde(rename = "box.health")]
    BoxHealth {
        /// Whether it can.
        healthy: bool,
        /// Why not, in plain words.
        reason: Option<String>,
    },
}

/// The conversation of what is about the box itself.
const THE_BOX: &str = "box";

impl Event {
    /// The word for its kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::CallMissed { .. } => "call.missed",
            Self::TextSent { .. } => "text.sent",
            Self::TextFailed { .. } => "text.failed",
            Self::ReplyReceived { .. } => "reply.received",
            Self::LeadQualified { .. } => "lead.qualified",
            Self::BoxHealth { .. } => "box.health",
        }
    }

    /// What it belongs to: events with the same word here are told in order. The other side's number; a call without one, and a text
    /// without one, stands alone.
    #[must_use]
    pub fn conversation(&self) -> String {
        match self {
            Self::CallMissed {
                caller, call_id, ..
            } => caller.clone().unwrap_or(format!("call {call_id}")),
            Self::TextSent {
                number, text_id, ..
            }
            | Self::TextFailed {
                number, text_id, ..
            }
            | Self::ReplyReceived {
                number, text_id, ..
            } => number.clone().unwrap_or(format!("text {text_id}")),
            Self::LeadQualified { number, .. } => number.clone(),
            Self::BoxHealth { .. } => THE_BOX.to_owned(),
        }
    }
}

impl Told {
    /// The body of a webhook.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("all of its keys are text and its numbers finite")
    }

    /// Takes back what [`json`](Self::json) gave; `None` where a newer textback wrote it.
    #[must_use]
    pub fn from_json(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }
}

#[cfg(test)]
mod tests;
