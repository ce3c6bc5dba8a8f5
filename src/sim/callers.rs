//! Callers and their calls as the network sees them. Knows no line and no command.

use std::time::Duration;

use super::options::{ClipForm, EndStyle, NumberForm, Quirks};

/// Calls a modem keeps at once (`<id1>` of `+CLCC` is 1 to 7).
pub(super) const CALLS_MAX: usize = 7;

/// Somebody about to call.
#[derive(Debug, Clone)]
pub struct Caller {
    pub(super) id: CallerId,
    pub(super) patience: Patience,
    pub(super) cadence: Option<Duration>,
    pub(super) end: Option<EndStyle>,
    pub(super) end_noticed_after: Option<Duration>,
}

/// What the network tells of a caller.
#[derive(Debug, Clone)]
pub(super) enum CallerId {
    Number(String),
    Withheld,
    /// Validity 2, perhaps with digits that must not be used.
    Unavailable(String),
}

/// When a caller gives up.
#[derive(Debug, Clone, Copy)]
pub(super) enum Patience {
    Rings(u32),
    For(Duration),
}

impl Caller {
    /// A caller whose number is shown; he waits two rings.
    pub fn new(number: &str) -> Self {
        Self::with_id(CallerId::Number(number.to_owned()))
    }

    /// A caller who withholds his number.
    pub fn withheld() -> Self {
        Self::with_id(CallerId::Withheld)
    }

    /// A caller whose number the network cannot tell; `digits` come with it all the same, and may be empty.
    pub fn unavailable(digits: &str) -> Self {
        Self::with_id(CallerId::Unavailable(digits.to_owned()))
    }

    fn with_id(id: CallerId) -> Self {
        Self {
            id,
            patience: Patience::Rings(2),
            cadence: None,
            end: None,
            end_noticed_after: None,
        }
    }

    /// Gives up after so many rings: a tenth of the cadence before the next one would come.
    pub fn rings(mut self, rings: u32) -> Self {
        self.patience = Patience::Rings(rings);
        self
    }

    /// Gives up after so long.
    pub fn rings_for(mut self, patience: Duration) -> Self {
        self.patience = Patience::For(patience);
        self
    }

    /// Rings with another cadence than the modem's usual one.
    pub fn cadence(mut self, cadence: Duration) -> Self {
        self.cadence = Some(cadence);
        self
    }

    /// Ends in another way than this modem's calls usually do.
    pub fn ends(mut self, end: EndStyle) -> Self {
        self.end = Some(end);
        self
    }

    /// The modem notices the end so much later: it rings on and `+CLCC` lists the call until then.
    pub fn end_noticed_after(mut self, delay: Duration) -> Self {
        self.end_noticed_after = Some(delay);
        self
    }
}

/// What became of a call, as the caller sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallEnd {
    /// The caller hung up before anybody answered.
    GaveUp,
    /// The modem's owner ended the ringing with `AT+CHUP`, `ATH` or `AT+CHLD`.
    HungUp,
    /// Somebody answered, and they talked until it was over.
    Talked,
    /// The line was busy.
    Busy,
    /// No modem was there for the network to ring.
    Unreachable,
    /// The modem went away while it rang.
    Lost,
}

/// `<stat>` of `+CLCC`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Active = 0,
    Incoming = 4,
    Waiting = 5,
}

/// A call on its way.
#[derive(Debug)]
pub(super) struct Call {
    /// Names the call for the script; never used twice.
    pub(super) key: u64,
    /// `<id1>` of `+CLCC`.
    pub(super) index: u8,
    pub(super) caller: CallerId,
    pub(super) stage: Stage,
    pub(super) cadence: Duration,
    pub(super) end: EndStyle,
    pub(super) end_noticed_after: Duration,
    /// RINGs so far; an end is told only of a call that was announced.
    pub(super) rings: u32,
    /// Set when the caller has gone and the modem has not noticed yet.
    pub(super) caller_gone: bool,
}

impl Patience {
    /// How long that is with this cadence.
    pub(super) fn lasts(self, cadence: Duration) -> Duration {
        match self {
            Self::For(time) => time,
            // A tenth before the next ring would come, so that the count is exact.
            Self::Rings(rings) => (cadence * rings).saturating_sub(cadence / 10),
        }
    }
}

impl CallerId {
    fn digits(&self) -> &str {
        match self {
            Self::Number(number) | Self::Unavailable(number) => number,
            Self::Withheld => "",
        }
    }

    /// `"+49…",145` as this modem writes it.
    fn written(&self, form: &NumberForm) -> String {
        let digits = self.digits();
        let Some(international) = digits.strip_prefix('+') else {
            let kind = if digits.is_empty() { 128 } else { 129 };
            return format!("\"{digits}\",{kind}");
        };
        match form {
            NumberForm::Plus145 => format!("\"+{international}\",145"),
            NumberForm::Bare145 => format!("\"{international}\",145"),
            NumberForm::National {
                country_code,
                trunk_prefix,
                kind,
            } => match international.strip_prefix(country_code.as_str()) {
                Some(national) => format!("\"{trunk_prefix}{national}\",{kind}"),
                None => format!("\"+{international}\",145"),
            },
        }
    }

    fn validity(&self) -> u8 {
        match self {
            Self::Number(_) => 0,
            Self::Withheld => 1,
            Self::Unavailable(_) => 2,
        }
    }

    /// The `+CLIP` line, if this modem shows one for this caller.
    pub(super) fn clip_line(&self, quirks: &Quirks) -> Option<String> {
        let withheld = matches!(self, Self::Withheld);
        if quirks.no_clip || quirks.no_clip_when_withheld && withheld {
            return None;
        }
        let number = self.written(&quirks.number);
        let validity = self.validity();
        Some(match quirks.clip {
            ClipForm::EmptyFields => format!("+CLIP: {number},,,,{validity}"),
            ClipForm::QuotedFields => format!("+CLIP: {number},\"\",0,\"\",{validity}"),
            ClipForm::TwoFields => format!("+CLIP: {number}"),
        })
    }

    /// The `+CCWA` line (27.007 7.12), class 1 = voice.
    pub(super) fn waiting_line(&self, quirks: &Quirks) -> String {
        let number = self.written(&quirks.number);
        format!("+CCWA: {number},1,,{}", self.validity())
    }
}

impl Call {
    /// The `+CLCC` line (27.007 7.18): the number only where the network shows one.
    pub(super) fn list_line(&self, quirks: &Quirks) -> String {
        let (index, stage) = (self.index, self.stage as u8);
        match &self.caller {
            CallerId::Number(_) if !quirks.bare_list => {
                let number = self.caller.written(&quirks.number);
                format!("+CLCC: {index},1,{stage},0,0,{number}")
            }
            CallerId::Number(_) | CallerId::Withheld | CallerId::Unavailable(_) => {
                format!("+CLCC: {index},1,{stage},0,0")
            }
        }
    }

    /// A line of the family's own with this call's facts in it.
    pub(super) fn fill_in(&self, line: &str, quirks: &Quirks) -> String {
        let number = match self.caller.digits() {
            "" => String::new(),
            _ => format!(",{}", self.caller.written(&quirks.number)),
        };
        line.replace("{index}", &self.index.to_string())
            .replace("{digits}", self.caller.digits().trim_start_matches('+'))
            .replace(",{number}", &number)
    }

    /// What the modem says at the end.
    pub(super) fn end_line(&self) -> Option<String> {
        match &self.end {
            EndStyle::NoCarrier => Some("NO CARRIER".into()),
            EndStyle::Silent => None,
            EndStyle::Line(line) => Some(line.replace("{number}", self.caller.digits())),
        }
    }
}
