//! Why a caller got no text: for the page in plain words, for the store and the export as a stable token.

use std::fmt;

use super::Fence;
use crate::hours::Until;
use crate::phone::Region;

/// Why a caller was not texted, in the order in which the rules are asked.
///
/// Stored as [`token`](Self::token) and [`detail`](Self::detail). Other people's scripts hold on to the tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SkipReason {
    /// Somebody took the call.
    PickedUp,
    /// The caller hid the number.
    Withheld,
    /// The network showed no number.
    NoCallerId,
    /// It is a number of our own.
    OwnNumber,
    /// The caller wrote STOP.
    OptedOut,
    /// The owner put the number on the never-text list.
    NeverText {
        /// Beside the number there; may be empty, as in rows of before names were kept.
        name: String,
    },
    /// The number is among the owner's contacts, and only strangers are to be texted.
    Contact {
        /// Beside the number there; may be empty.
        name: String,
    },
    /// No text reaches such a number. (What is no number at all is told right after [`Self::NoCallerId`].)
    CannotReceive(CannotReceive),
    /// A number from abroad, of this country; `None` for a number of no country.
    Foreign(Option<Region>),
    /// The owner wants nobody texted until then.
    Paused(Until),
    /// The caller was texted not long ago.
    Cooldown {
        /// Seconds between that text and this call.
        texted_s_ago: u64,
    },
    /// The box was off or had no modem, and by now a text would only puzzle the caller.
    TooLate,
    /// The business is closed, and there is no message for that.
    OutsideHours(Closed),
    /// A fence is closed.
    Fence {
        /// Which.
        fence: Fence,
        /// How much it lets through; rows of older versions do not say.
        most: Option<u32>,
    },
}

/// Why the business is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closed {
    /// By its hours of the week.
    Hours,
    /// It is a holiday, of this name where it has one.
    Holiday(Option<String>),
    /// The owner is out of office until then.
    Away(Until),
}

impl Closed {
    fn detail(&self) -> String {
        match self {
            Self::Hours => "hours".to_owned(),
            Self::Holiday(None) => "holiday".to_owned(),
            Self::Holiday(Some(name)) => format!("holiday {name}"),
            Self::Away(until) => format!("away {until}"),
        }
    }

    fn from_detail(detail: &str) -> Option<Self> {
        Some(match detail.split_once(' ') {
            None if detail == "hours" => Self::Hours,
            None if detail == "holiday" => Self::Holiday(None),
            Some(("holiday", name)) => Self::Holiday(Some(name.to_owned())),
            Some(("away", until)) => Self::Away(until.parse().ok()?),
            _ => return None,
        })
    }

    fn words(&self) -> String {
        match self {
            Self::Hours => "you were closed".to_owned(),
            Self::Holiday(None) => "it was a holiday".to_owned(),
            Self::Holiday(Some(name)) => format!("it was a holiday ({name})"),
            Self::Away(until) => format!("you were out of office until {until}"),
        }
    }
}

/// Why no text reaches a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CannotReceive {
    /// A landline.
    FixedLine,
    /// A premium number.
    Premium,
    /// A number of shared cost.
    SharedCost,
    /// A free number, which call centres show.
    TollFree,
    /// A personal number, which passes on calls and nothing else.
    Personal,
    /// A company's number for all its places.
    Company,
    /// A machine's number.
    Machine,
    /// No number that can be dialled: a short code, a name, digits of an unknown country.
    NotDialable,
    /// An earlier text to it failed for good.
    FailedBefore {
        /// Seconds between that and this call.
        failed_s_ago: u64,
        /// In the network's words.
        said: String,
    },
}

impl CannotReceive {
    /// Those that a word tells.
    const KINDS: [Self; 8] = [
        Self::FixedLine,
        Self::Premium,
        Self::SharedCost,
        Self::TollFree,
        Self::Personal,
        Self::Company,
        Self::Machine,
        Self::NotDialable,
    ];

    fn token(&self) -> &'static str {
        match self {
            Self::FixedLine => "fixed_line",
            Self::Premium => "premium",
            Self::SharedCost => "shared_cost",
            Self::TollFree => "toll_free",
            Self::Personal => "personal",
            Self::Company => "company",
            Self::Machine => "machine",
            Self::NotDialable => "not_dialable",
            Self::FailedBefore { .. } => "failed_before",
        }
    }

    /// The token, and behind it what it rested on.
    fn detail(&self) -> String {
        match self {
            Self::FailedBefore { failed_s_ago, said } => {
                format!("{} {failed_s_ago} {said}", self.token())
            }
            _ => self.token().to_owned(),
        }
    }

    fn from_detail(detail: &str) -> Option<Self> {
        if let Some(rest) = detail.strip_prefix("failed_before ") {
            let (failed_s_ago, said) = rest.split_once(' ')?;
            return Some(Self::FailedBefore {
                failed_s_ago: failed_s_ago.parse().ok()?,
                said: said.to_owned(),
            });
        }
        Self::KINDS.into_iter().find(|why| why.token() == detail)
    }
}

impl SkipReason {
    /// The stable name, for the store and the export.
    #[must_use]
    pub fn token(&self) -> &'static str {
        match self {
            Self::PickedUp => "picked_up",
            Self::Withheld => "withheld",
            Self::NoCallerId => "no_caller_id",
            Self::OwnNumber => "own_number",
            Self::OptedOut => "opted_out",
            Self::NeverText { .. } => "never_text",
            Self::Contact { .. } => "contact",
            Self::CannotReceive(_) => "cannot_receive",
            Self::Foreign(_) => "foreign",
            Self::Paused(_) => "paused",
            Self::Cooldown { .. } => "cooldown",
            Self::TooLate => "too_late",
            Self::OutsideHours(_) => "outside_hours",
            Self::Fence { fence, .. } => fence.token(),
        }
    }

    /// What the token does not tell: the name on the list, the kind of line, the country, the seconds since the last text.
    #[must_use]
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::NeverText { name } | Self::Contact { name } => {
                (!name.is_empty()).then(|| name.clone())
            }
            Self::CannotReceive(why) => Some(why.detail()),
            Self::Foreign(region) => region.map(|region| region.to_string()),
            Self::Paused(until) => Some(until.to_string()),
            Self::Cooldown { texted_s_ago } => Some(texted_s_ago.to_string()),
            Self::OutsideHours(why) => Some(why.detail()),
            Self::PickedUp
            | Self::Withheld
            | Self::NoCallerId
            | Self::OwnNumber
            | Self::OptedOut
            | Self::TooLate => None,
            Self::Fence { most, .. } => most.map(|most| most.to_string()),
        }
    }

    /// Takes back what [`token`](Self::token) and [`detail`](Self::detail) gave; `None` for what they never give.
    #[must_use]
    pub fn from_stored(token: &str, detail: Option<&str>) -> Option<Self> {
        Some(match (token, detail) {
            ("picked_up", None) => Self::PickedUp,
            ("withheld", None) => Self::Withheld,
            ("no_caller_id", None) => Self::NoCallerId,
            ("own_number", None) => Self::OwnNumber,
            ("opted_out", None) => Self::OptedOut,
            ("never_text", name) => Self::NeverText {
                name: name.unwrap_or_default().to_owned(),
            },
            ("contact", name) => Self::Contact {
                name: name.unwrap_or_default().to_owned(),
            },
            ("too_late", None) => Self::TooLate,
            ("cannot_receive", Some(detail)) => {
                Self::CannotReceive(CannotReceive::from_detail(detail)?)
            }
            ("foreign", None) => Self::Foreign(None),
            ("foreign", Some(detail)) => Self::Foreign(Some(Region::parse(detail)?)),
            ("paused", Some(detail)) => Self::Paused(detail.parse().ok()?),
            ("outside_hours", Some(detail)) => Self::OutsideHours(Closed::from_detail(detail)?),
            ("cooldown", Some(detail)) => Self::Cooldown {
                texted_s_ago: detail.parse().ok()?,
            },
            (token, detail) => Self::Fence {
                fence: Fence::from_token(token)?,
                most: match detail {
                    Some(detail) => Some(detail.parse().ok()?),
                    None => None,
                },
            },
        })
    }

    /// The reason in plain words, for the page.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::PickedUp => "Not texted: the call was answered.".to_owned(),
            Self::Withheld => "Not texted: the caller hid the number.".to_owned(),
            Self::NoCallerId => "Not texted: the network did not show a number.".to_owned(),
            Self::OwnNumber => "Not texted: this is one of your own numbers.".to_owned(),
            Self::OptedOut => "Not texted: they asked for no more texts (STOP).".to_owned(),
            Self::NeverText { name } => {
                format!("Not texted: {} is on your never-text list.", who(name))
            }
            Self::Contact { name } => {
                format!("Not texted: {} is among your contacts.", who(name))
            }
            Self::CannotReceive(CannotReceive::FixedLine) => {
                "Not texted: the number is a landline, which cannot receive texts.".to_owned()
            }
            Self::CannotReceive(CannotReceive::Premium) => {
                "Not texted: the number is a premium one, and a text to it may be dear.".to_owned()
            }
            Self::CannotReceive(CannotReceive::SharedCost) => {
                "Not texted: the number is one of shared cost, which cannot receive texts."
                    .to_owned()
            }
            Self::CannotReceive(CannotReceive::TollFree) => {
                "Not texted: the number is a toll-free one, which call centres use.".to_owned()
            }
            Self::CannotReceive(CannotReceive::Personal) => {
                "Not texted: the number is one that only passes calls on, and no texts.".to_owned()
            }
            Self::CannotReceive(CannotReceive::Company) => {
                "Not texted: the number is one that companies call from, and it takes no texts."
                    .to_owned()
            }
            Self::CannotReceive(CannotReceive::Machine) => {
                "Not texted: the number is a machine's, and nobody would read the text.".to_owned()
            }
            Self::CannotReceive(CannotReceive::NotDialable) => {
                "Not texted: what the network showed is not a number one can text.".to_owned()
            }
            Self::CannotReceive(CannotReceive::FailedBefore { failed_s_ago, said }) => format!(
                "Not texted: a text to this number failed for good {}. The network said: {said}.",
                ago(*failed_s_ago)
            ),
            Self::Foreign(Some(region)) => {
                format!("Not texted: the number is from abroad ({region}).")
            }
            Self::Foreign(None) => "Not texted: the number is from abroad.".to_owned(),
            Self::Cooldown { texted_s_ago } => {
                format!("Not texted: you texted them {}.", ago(*texted_s_ago))
            }
            Self::Paused(until) => format!("Not texted: you paused texts until {until}."),
            Self::OutsideHours(why) => format!(
                "Not texted: {}, and there is no message for that.",
                why.words()
            ),
            Self::TooLate => {
                "Not texted: the box saw the call too late for a text to help.".to_owned()
            }
            Self::Fence { fence, most } => format!("Not texted: {}.", full(*fence, *most)),
        }
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.token())
    }
}

fn full(fence: Fence, most: Option<u32>) -> String {
    let Some(most) = most else {
        // Only the cap of the day is that old.
        return "as many texts went out today as your settings allow".to_owned();
    };
    match fence {
        // It makes texts wait and skips none.
        Fence::Minute => format!("{most} texts went out within a minute"),
        Fence::Day => format!("{most} texts went out today, which is all your settings allow"),
        Fence::Month => {
            format!("{most} texts went out this month, which is all your settings allow")
        }
        Fence::Recipients => {
            format!("{most} people were texted this month, which is all your settings allow")
        }
        Fence::Neighbours => {
            format!("{most} numbers almost the same were texted within an hour, as machines call")
        }
        Fence::Night => {
            format!("it rang once, in a night with {most} or more such calls, as machines call")
        }
    }
}

fn who(name: &str) -> &str {
    if name.is_empty() { "the number" } else { name }
}

fn ago(seconds: u64) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    match seconds {
        0..MINUTE => "just now".to_owned(),
        MINUTE..HOUR => format!("{} min ago", seconds / MINUTE),
        HOUR..DAY => format!("{} h ago", seconds / HOUR),
        DAY.. if seconds / DAY == 1 => "1 day ago".to_owned(),
        DAY.. => format!("{} days ago", seconds / DAY),
    }
}
