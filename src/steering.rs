//! What a text from the owner or the front desk means, and what follows from it: words for a caller, a command, or a question back;
//! and who of them gets what a caller writes.
//!
//! Pure: it is told what is known and gives effects, which `store` carries out in the transaction that keeps the text. It never sees
//! a caller's text as anything but words to pass on.

mod act;
mod reading;
#[cfg(test)]
mod tests;
mod time;
mod words;

use jiff::{SignedDuration, Timestamp, Zoned};

use crate::hours::{Standing, Until};
use crate::phone::{PhoneNumber, Region};
use crate::settings::Settings;

pub use act::act;
pub use reading::{amount, understand};
pub use words::{CUT_OFF, DigestCounts, PICTURE, Relay, answered_on_page, digest};

/// So long after the caller's last words an answer without a tag may be for him: over a weekend. The longer, the safer: with two
/// such callers the box asks.
pub const OPEN_FOR: SignedDuration = SignedDuration::from_hours(72);
/// How long words without an addressee, and a new message without its YES, are kept.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);
/// So many wrong PINs within [`PINS_COUNT_FOR`], and no command that needs one is taken for the rest of it: 10,000 of four
/// digits take years then.
pub const WRONG_PINS_MAX: u32 = 5;
/// See [`WRONG_PINS_MAX`].
pub const PINS_COUNT_FOR: SignedDuration = SignedDuration::from_hours(1);

/// All that passes with one caller, as far as an answer rests on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// The small number by which it is answered: 7 for `#7`.
    pub tag: u32,
    /// The caller.
    pub number: PhoneNumber,
    /// As the owner's lists call him; may be empty.
    pub name: String,
    /// When he wrote last.
    pub replied_at: Timestamp,
    /// Nobody has answered that.
    pub waits: bool,
    /// It is not known to be over: an answer without a tag may be for him.
    pub is_open: bool,
    /// He asked for no more texts.
    pub opted_out: bool,
    /// What he wrote last.
    pub words: String,
}

/// What is known when one of the owner's people writes.
#[derive(Debug, Clone)]
pub struct Situation<'a> {
    /// Who writes.
    pub from: &'a PhoneNumber,
    /// Those that have a tag, the newest first.
    pub conversations: &'a [Conversation],
    /// Words of his that wait until he says for whom they are.
    pub kept_words: Option<&'a str>,
    /// A text of his that began as a command and was none; it may have been for a caller.
    pub kept_unclear: Option<&'a str>,
    /// A new message for callers that waits for his YES.
    pub kept_message: Option<&'a str>,
    /// Wrong PINs from his number lately.
    pub wrong_pins: u32,
    /// The owner's settings.
    pub settings: &'a Settings,
    /// By the clock of where the owner lives.
    pub now: Zoned,
    /// The home country.
    pub home: Option<Region>,
    /// Why a call missed now would not be texted, as a sentence.
    pub hindrance: Option<&'a str>,
    /// Calls that ended today.
    pub calls: u32,
    /// Those of them whose text left.
    pub texted: u32,
}

impl Situation<'_> {
    fn tagged(&self, tag: u32) -> Option<&Conversation> {
        self.conversations.iter().find(|it| it.tag == tag)
    }

    fn open(&self) -> impl Iterator<Item = &Conversation> {
        self.conversations.iter().filter(|it| it.is_open)
    }
}

/// What a text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understood {
    /// The PIN that stood in front.
    pub pin: Option<String>,
    /// The rest.
    pub command: Command,
}

/// What one of the owner's people wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// How is the box?
    Status,
    /// What do you understand?
    Help,
    /// Who waits for an answer?
    List,
    /// No caller is texted until then.
    Pause(Until),
    /// Out of office until then.
    Away(Until),
    /// Neither paused nor away any more.
    Resume,
    /// What do callers get?
    ShowMessage,
    /// Callers shall get this.
    Message(String),
    /// Yes, that message.
    Yes,
    /// No, not that message.
    No,
    /// Never text this number.
    Skip(PhoneNumber),
    /// Text it again.
    Unskip(PhoneNumber),
    /// This number wants no more texts: its person said so.
    OptOut(PhoneNumber),
    /// It wants them again.
    OptIn(PhoneNumber),
    /// The job is ours, for this much in hundredths.
    Won {
        /// Whose.
        number: PhoneNumber,
        /// In hundredths of the currency of the place.
        amount: Option<i64>,
    },
    /// STOP, with nobody named.
    OwnStop,
    /// These words are for the conversation with that tag.
    Answer {
        /// The tag.
        tag: u32,
        /// The words.
        words: String,
    },
    /// The words that were kept are for that one.
    Choose(u32),
    /// Words, with nobody named.
    Words(String),
    /// A conversation is named that is not there.
    NoSuchTag {
        /// The tag.
        tag: u32,
        /// What was to be sent, or empty.
        words: String,
    },
    /// It begins as a command and does not go on as one.
    Unclear {
        /// The command.
        verb: Verb,
        /// All of it.
        words: String,
    },
    /// It begins with the PIN and is no command: it must not leave the house.
    UnclearBehindPin,
    /// A phone tells that its owner likes a text.
    Reaction,
}

/// The first word of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// STATUS.
    Status,
    /// HELP.
    Help,
    /// LIST.
    List,
    /// PAUSE.
    Pause,
    /// AWAY.
    Away,
    /// RESUME.
    Resume,
    /// MSG.
    Message,
    /// YES.
    Yes,
    /// NO.
    No,
    /// SKIP.
    Skip,
    /// UNSKIP.
    Unskip,
    /// STOP.
    Stop,
    /// START.
    Start,
    /// WON.
    Won,
}

/// What follows from a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// He is told this.
    Tell(String),
    /// Another of the owner's people is told this.
    TellOther(PhoneNumber, String),
    /// A caller is sent this.
    Send(PhoneNumber, String),
    /// A setting takes this value, which it accepts.
    Set(&'static str, String),
    /// The number goes on the never-text list, under this name.
    Skip(PhoneNumber, String),
    /// It comes off it.
    Unskip(PhoneNumber),
    /// It goes among those who opted out.
    OptOut(PhoneNumber),
    /// It comes off them.
    OptIn(PhoneNumber),
    /// The job is ours.
    Won(PhoneNumber, Option<i64>),
    /// This is kept.
    Keep(Kept, String),
    /// It is not kept any more.
    Forget(Kept),
}

/// What is kept for one of the owner's people, one of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Words until he says for whom.
    Words,
    /// What began as a command and was none, should he say that it was for a caller.
    Unclear,
    /// A new message until his YES.
    Message,
    /// The count of wrong PINs.
    WrongPins,
}

impl Kept {
    /// The word in the store.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Unclear => "unclear",
            Self::Message => "message",
            Self::WrongPins => "wrong_pins",
        }
    }

    /// How long it counts.
    #[must_use]
    pub fn kept_for(self) -> SignedDuration {
        match self {
            Self::Words | Self::Message => KEPT_FOR,
            Self::Unclear | Self::WrongPins => PINS_COUNT_FOR,
        }
    }
}

/// Whether it is the number of one of the owner's people: whose texts steer, and nobody else's.
#[must_use]
pub fn is_staff(number: &str, settings: &Settings) -> bool {
    settings.staff().any(|(it, _)| it.as_str() == number)
}

/// Who gets what cannot wait: all of them, whatever their hours.
#[must_use]
pub fn everybody(settings: &Settings) -> Vec<PhoneNumber> {
    settings.staff().map(|(it, _)| it.clone()).collect()
}

/// Who gets what a caller writes at that moment: those whose hours it is within, or else the first of them. What a caller writes
/// outside all hours is read by somebody in the end.
#[must_use]
pub fn on_duty(settings: &Settings, at: &Zoned) -> Vec<PhoneNumber> {
    let is_on =
        |(_, hours): &(&PhoneNumber, &crate::hours::Schedule)| hours.standing(at) == Standing::Open;
    let on: Vec<PhoneNumber> = settings
        .staff()
        .filter(is_on)
        .map(|(it, _)| it.clone())
        .collect();
    match on.is_empty() {
        true => settings.staff().take(1).map(|(it, _)| it.clone()).collect(),
        false => on,
    }
}
