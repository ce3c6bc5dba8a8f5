//! Why a caller got no text: for the page in plain words, for the store and the export as a stable token.

use std::fmt;

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
    NeverText,
    /// No text reaches such a number. (What is no number at all is told right after [`Self::NoCallerId`].)
    CannotReceive(CannotReceive),
    /// A number from abroad, of this country; `None` for a number of no country.
    Foreign(Option<Region>),
    /// The caller was texted not long ago.
    Cooldown {
        /// Seconds between that text and this call.
        texted_s_ago: u64,
    },
    /// The box was off or had no modem, and by now a text would only puzzle the caller.
    TooLate,
    /// As many texts went out today as may.
    DayCap,
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
            Self::NeverText => "never_text",
            Self::CannotReceive(_) => "cannot_receive",
            Self::Foreign(_) => "foreign",
            Self::Cooldown { .. } => "cooldown",
            Self::TooLate => "too_late",
            Self::DayCap => "day_cap",
        }
    }

    /// What the token does not tell: the kind of line, the country, the seconds since the last text.
    #[must_use]
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::CannotReceive(why) => Some(why.detail()),
            Self::Foreign(region) => region.map(|region| region.to_string()),
            Self::Cooldown { texted_s_ago } => Some(texted_s_ago.to_string()),
            Self::PickedUp
            | Self::Withheld
            | Self::NoCallerId
            | Self::OwnNumber
            | Self::OptedOut
            | Self::NeverText
            | Self::TooLate
            | Self::DayCap => None,
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
            ("never_text", None) => Self::NeverText,
            ("too_late", None) => Self::TooLate,
            ("day_cap", None) => Self::DayCap,
            ("cannot_receive", Some(detail)) => {
                Self::CannotReceive(CannotReceive::from_detail(detail)?)
            }
            ("foreign", None) => Self::Foreign(None),
            ("foreign", Some(detail)) => Self::Foreign(Some(Region::parse(detail)?)),
            ("cooldown", Some(detail)) => Self::Cooldown {
                texted_s_ago: detail.parse().ok()?,
            },
            _ => return None,
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
            Self::NeverText => "Not texted: the number is on your never-text list.".to_owned(),
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
            Self::TooLate => {
                "Not texted: the box saw the call too late for a text to help.".to_owned()
            }
            Self::DayCap => {
                "Not texted: as many texts went out today as your settings allow.".to_owned()
            }
        }
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.token())
    }
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
