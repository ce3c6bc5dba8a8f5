//! The life of a text: its states, what moves it from one to the next, what the owner is told of one that did not get there; and
//! which text a status report is about.
//!
//! The one place that knows what may follow on what: `outbox` says what happened, `store` asks here where that leads and writes it
//! down. It does not know how a text travels, nor where it is kept.

mod report;
#[cfg(test)]
mod tests;

use std::fmt;

use jiff::Timestamp;

pub use report::{About, KnownPart, OpenText, Report, ReportOutcome, about};

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// Tells a missed caller that we are sorry.
    MissedCall,
    /// Confirms STOP.
    OptOut,
    /// Confirms START.
    OptIn,
    /// Tells who we are.
    Help,
    /// Goes once more to a caller who has not answered.
    FollowUp,
    /// Tells a caller who writes of danger to ring the emergency number.
    Advice,
    /// Tells the owner what he has to see to himself.
    Alert,
    /// Passes what a caller wrote on to those who answer.
    Relay,
    /// Passes what one of them wrote on to a caller.
    Answer,
    /// Tells one of them what came of his text.
    Note,
    /// Tells the owner what a day or a week has brought.
    Digest,
}

impl TextKind {
    /// The word in the store.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::MissedCall => "missed_call",
            Self::OptOut => "opt_out",
            Self::OptIn => "opt_in",
            Self::Help => "help",
            Self::FollowUp => "follow_up",
            Self::Advice => "advice",
            Self::Alert => "alert",
            Self::Relay => "relay",
            Self::Answer => "answer",
            Self::Note => "note",
            Self::Digest => "digest",
        }
    }

    /// Those that the fences count: all that callers get from the box by itself. What a person writes is his own act, what
    /// the owner's people get is bounded by what others write, and advice in danger, one a day and number, waits for no fence.
    pub const COUNTED: [Self; 5] = [
        Self::MissedCall,
        Self::OptOut,
        Self::OptIn,
        Self::Help,
        Self::FollowUp,
    ];

    /// Whether it is one of the [`COUNTED`](Self::COUNTED).
    #[must_use]
    pub fn is_counted(self) -> bool {
        Self::COUNTED.contains(&self)
    }

    /// Whether it goes to one who wants no texts from the box: a person's answer, what the owner's people asked for themselves,
    /// the confirmation of STOP, and advice to one who has just written of danger.
    #[must_use]
    pub fn passes_opt_out(self) -> bool {
        match self {
            Self::OptOut | Self::Advice | Self::Alert | Self::Relay | Self::Answer | Self::Note => {
                true
            }
            Self::Digest => true,
            Self::MissedCall | Self::OptIn | Self::Help | Self::FollowUp => false,
        }
    }

    /// Takes back what [`token`](Self::token) gave.
    #[must_use]
    pub fn from_token(token: &str) -> Self {
        match token {
            "opt_out" => Self::OptOut,
            "opt_in" => Self::OptIn,
            "help" => Self::Help,
            "follow_up" => Self::FollowUp,
            "advice" => Self::Advice,
            "alert" => Self::Alert,
            "relay" => Self::Relay,
            "answer" => Self::Answer,
            "note" => Self::Note,
            "digest" => Self::Digest,
            _ => Self::MissedCall,
        }
    }
}

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextState {
    /// It waits for its turn, or for a passing error to pass.
    Queued,
    /// It is with the modem.
    Sending,
    /// The network has taken it.
    Sent,
    /// The network says that it has arrived.
    Delivered,
    /// It will not be sent, or not arrive; the row says why.
    Failed,
    /// It was handed over, and nothing has confirmed it yet.
    Unconfirmed,
    /// It came in.
    Received,
}

impl TextState {
    /// The word in the store and in an export.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Unconfirmed => "unconfirmed",
            Self::Received => "received",
        }
    }

    /// Takes back what [`token`](Self::token) gave.
    #[must_use]
    pub fn from_token(token: &str) -> Self {
        match token {
            "queued" => Self::Queued,
            "sending" => Self::Sending,
            "sent" => Self::Sent,
            "delivered" => Self::Delivered,
            "unconfirmed" => Self::Unconfirmed,
            "received" => Self::Received,
            _ => Self::Failed,
        }
    }

    /// Where this leads from here; `None` if it changes nothing: what comes too late, or does not fit, is left aside.
    #[must_use]
    pub fn after(self, transition: &Transition) -> Option<Self> {
        use TextState::{Delivered, Failed, Queued, Received, Sending, Sent, Unconfirmed};
        match (self, transition) {
            // An end is an end, but for a part of which the network says later that it was lost.
            (Received | Failed, _) => None,
            (Delivered, Transition::Fail(Failure::NotDelivered { .. })) => Some(Failed),
            (Delivered, _) => None,

            (Queued, Transition::Send { again: false, .. }) => Some(Sending),
            (Queued, Transition::Wait { .. }) => Some(Queued),
            (Queued, Transition::Fail(_)) => Some(Failed),
            (Queued, _) => None,

            (Sending, Transition::Wait { .. }) => Some(Queued),
            (Sending, Transition::Unconfirmed { .. }) => Some(Unconfirmed),
            (Sending, Transition::Taken { left: 0, .. }) => Some(Sent),
            (Sending, Transition::Taken { .. }) => Some(Sending),
            (Sending, Transition::Fail(_)) => Some(Failed),
            (Sending, _) => None,

            (Unconfirmed, Transition::Send { again: true, .. }) => Some(Sending),
            (Unconfirmed, Transition::Taken { left: 0, .. }) => Some(Sent),
            // The parts that are left go out now.
            (Unconfirmed, Transition::Taken { .. }) => Some(Queued),
            (Unconfirmed, Transition::Fail(_)) => Some(Failed),
            (Unconfirmed, _) => None,

            (Sent, Transition::Delivered { .. }) => Some(Delivered),
            (Sent, Transition::Fail(Failure::NotDelivered { .. })) => Some(Failed),
            (Sent, _) => None,
        }
    }
}

/// What happens to a text on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transition {
    /// It goes to the modem now.
    Send {
        /// It is a second copy, because nothing could confirm the first.
        again: bool,
        /// It goes out so late that it says so.
        late: bool,
    },
    /// It waits.
    Wait {
        /// Until then at least.
        until: Timestamp,
        /// Why, if something went wrong.
        error: Option<String>,
    },
    /// It was handed over, and nothing has confirmed it.
    Unconfirmed {
        /// How long a status report is awaited.
        until: Timestamp,
        /// What happened.
        error: String,
    },
    /// The network has one more part of it.
    Taken {
        /// When that was known.
        at: Timestamp,
        /// So many parts are left.
        left: u32,
    },
    /// The network says that it has arrived.
    Delivered {
        /// When that was known.
        at: Timestamp,
    },
    /// It will not be sent, or not arrive.
    Fail(Failure),
}

/// Why a text will not be sent, or not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Its recipient wants no texts.
    OptedOut,
    /// No modem, no network or a cap held it until it did not help any more.
    TooLate,
    /// It was handed over, and nothing confirmed it.
    NeverConfirmed {
        /// A second copy was, too.
        twice: bool,
    },
    /// It cannot be written as a message, and why.
    Unsendable(String),
    /// The modem or the network refused it.
    Refused {
        /// In which words.
        said: String,
        /// What that tells of the number.
        number: Option<Suspicion>,
    },
    /// The network took it and says that it will not arrive.
    NotDelivered {
        /// In which words.
        said: String,
        /// What that tells of the number.
        number: Option<Suspicion>,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OptedOut => "the caller asked for no more texts",
            Self::TooLate => "it could not be sent in time to help",
            Self::NeverConfirmed { twice: true } => {
                "it was sent twice, and nothing confirmed either copy"
            }
            Self::NeverConfirmed { twice: false } => {
                "nothing confirmed it, and it was too late to send it again"
            }
            Self::Unsendable(why) => why,
            Self::Refused { said, .. } | Self::NotDelivered { said, .. } => said,
        })
    }
}

impl Failure {
    /// What it tells of the number, and in which words; what stands before a colon is a code, or says that it failed.
    #[must_use]
    pub fn of_number(&self) -> Option<(Suspicion, &str)> {
        match self {
            Self::Refused { said, number } | Self::NotDelivered { said, number } => {
                let words = said
                    .rsplit_once(": ")
                    .map_or(said.as_str(), |(_, words)| words);
                number.map(|suspicion| (suspicion, words))
            }
            Self::OptedOut | Self::TooLate | Self::NeverConfirmed { .. } | Self::Unsendable(_) => {
                None
            }
        }
    }

    /// Whether the network may have it all the same.
    #[must_use]
    pub fn may_have_left(&self) -> bool {
        match self {
            Self::NeverConfirmed { .. } | Self::NotDelivered { .. } => true,
            Self::OptedOut | Self::TooLate | Self::Unsendable(_) | Self::Refused { .. } => false,
        }
    }

    /// What the owner is told of a missed caller whose text failed so; nothing where the caller wanted none.
    #[must_use]
    pub fn alert(&self) -> Option<AlertKind> {
        match self {
            Self::OptedOut => None,
            Self::TooLate => Some(AlertKind::TooLate),
            Self::NeverConfirmed { .. } => Some(AlertKind::Unconfirmed),
            Self::Unsendable(_) | Self::Refused { .. } | Self::NotDelivered { .. } => {
                Some(AlertKind::NotThrough)
            }
        }
    }
}

/// How surely a refusal for good speaks of the number and not of us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspicion {
    /// No text reaches the number.
    Certain,
    /// A SIM without credit, or one that is barred, is refused in the same words.
    Possible,
}

/// What the owner is told because he may have to see to it himself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertKind {
    /// A caller's text could not be sent while it would have helped.
    TooLate,
    /// It was refused, or did not arrive.
    NotThrough,
    /// Nothing confirmed it.
    Unconfirmed,
    /// A caller who was texted not long ago calls again.
    TryingAgain,
    /// Somebody asked for no more texts with a word that may be about a job: CANCEL.
    PerhapsCancelled,
    /// A fence is nearly or wholly closed.
    Fence,
    /// A caller writes of danger.
    Danger,
    /// For a while no caller could be texted.
    BoxWasIll,
}

impl AlertKind {
    /// Every kind, in the order in which the owner is told.
    pub const ALL: [Self; 8] = [
        Self::Danger,
        Self::TryingAgain,
        Self::TooLate,
        Self::NotThrough,
        Self::Unconfirmed,
        Self::PerhapsCancelled,
        Self::Fence,
        Self::BoxWasIll,
    ];

    /// Somebody waits for the owner now.
    #[must_use]
    pub fn is_urgent(self) -> bool {
        matches!(self, Self::TryingAgain | Self::Danger)
    }

    /// The word in the store.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::TooLate => "too_late",
            Self::NotThrough => "not_through",
            Self::Unconfirmed => "unconfirmed",
            Self::TryingAgain => "trying_again",
            Self::PerhapsCancelled => "perhaps_cancelled",
            Self::Fence => "fence",
            Self::Danger => "danger",
            Self::BoxWasIll => "box_was_ill",
        }
    }

    /// Takes back what [`token`](Self::token) gave; `None` for what it never gives.
    #[must_use]
    pub fn from_token(token: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.token() == token)
    }
}
