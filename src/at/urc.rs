//! Unsolicited result codes as typed events: those of 3GPP here, those of families in [`super::family`]. Knows no port and no task,
//! nor which command is open: [`super::Chat`] does.

use super::args::Args;
use super::family;

/// One unsolicited result code of a plain 3GPP modem (TS 27.005 and 27.007).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Urc {
    /// `RING` or `+CRING: <type>` (27.007 6.11): a call rings. Repeated with the modem's own cadence.
    Ring,
    /// `+CLIP` (27.007 7.6): who is calling, as far as the network says.
    CallerId(CallerId),
    /// `+CCWA` (27.007 7.12): a second caller while a first one rings or talks.
    CallWaiting(CallerId),
    /// A call has ended: `NO CARRIER`, `BUSY` or `NO ANSWER` while no dial command is open, or a family's own line.
    CallEnded {
        /// Which one, as in `+CLCC`; `None` where the line does not say.
        index: Option<u8>,
    },
    /// Somebody talks to the caller (`^CONN`, `VOICE CALL: BEGIN`).
    PickedUp {
        /// Which call, as in `+CLCC`; `None` where the line does not say.
        index: Option<u8>,
    },
    /// `MISSED_CALL` (SIM7600): a call has rung and ended. It may be all that is ever said of it.
    MissedCall {
        /// Who it was, if that was shown.
        number: Option<LineNumber>,
    },
    /// Every current call has been told, one line each (Cinterion's empty `^SLCC:`): those left out are over.
    CurrentCallsTold,
    /// An unsolicited `+CLCC` line (27.007 7.18; some families send these by themselves).
    CurrentCall(CurrentCall),
    /// `+CMTI` (27.005 3.4.1): an SMS was stored. The index is missing where the modem's own is nonsense (`-1`).
    SmsStored {
        /// The memory named, such as `SM`.
        memory: String,
        /// Where in it, if the modem says so.
        index: Option<u16>,
    },
    /// `+CMT` and its PDU: an SMS that was routed to us without being stored.
    SmsReceived {
        /// The PDU in hexadecimal digits, service centre address included.
        pdu: String,
    },
    /// `+CDSI`: a status report was stored.
    StatusReportStored {
        /// The memory named, such as `SR`.
        memory: String,
        /// Where in it, if the modem says so.
        index: Option<u16>,
    },
    /// `+CDS` and its PDU: a status report.
    StatusReport {
        /// The PDU in hexadecimal digits, service centre address included.
        pdu: String,
    },
    /// `+CMGS` (27.005 3.5.1) while nobody waits for one: the answer on a message that was given up or cut short. The network has it.
    SmsTaken {
        /// TP-MR, by which its report is known.
        reference: u8,
    },
    /// `+CREG` (27.007 7.2) or `+CEREG` (10.1.22) by itself: the registration changed.
    Registration(Registration),
    /// `+CPIN` by itself: what the SIM wants now, such as `READY` or `SIM PIN`.
    SimState(String),
    /// Something else that 27.007 and 27.005 have a modem tell, and that nobody here acts on.
    Notice {
        /// What it is about.
        about: Notice,
        /// The line as it came; of a cell broadcast its PDU in hexadecimal digits.
        text: String,
    },
    /// The SIM's memory is full: no message comes in, and none is announced, until there is room.
    SmsMemoryFull,
    /// `RDY` and its kin: the modem has started anew and has forgotten every setting.
    Restarted,
    /// `^BOOT` (Huawei), which comes after a start and at other times too.
    PerhapsRestarted,
}

/// What a [`Urc::Notice`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// `+CSSI`, `+CSSU` (27.007 7.17): a supplementary service, such as a call that was forwarded.
    SupplementaryService,
    /// `+CUSD` (7.15): the network's answer to a code such as `*100#`.
    Ussd,
    /// `+CIEV` (8.9): an indicator has changed.
    Indicator,
    /// `+CTZV`, `+CTZE` (8.41): the network's time.
    TimeZone,
    /// `+CGREG` (10.1.20): registration for data below LTE.
    PacketRegistration,
    /// `+CGEV` (10.1.19): a data connection came or went.
    PacketEvent,
    /// `+CBM` (27.005 3.4.1): a cell broadcast.
    CellBroadcast,
}

/// The names of the notices.
const NOTICES: &[(&str, Notice)] = &[
    ("+CSSI", Notice::SupplementaryService),
    ("+CSSU", Notice::SupplementaryService),
    ("+CUSD", Notice::Ussd),
    ("+CIEV", Notice::Indicator),
    ("+CTZV", Notice::TimeZone),
    ("+CTZE", Notice::TimeZone),
    ("+CGREG", Notice::PacketRegistration),
    ("+CGEV", Notice::PacketEvent),
    ("+CBM", Notice::CellBroadcast),
];

/// A number as the line gives it, before anybody has made sense of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineNumber {
    /// Digits, perhaps with a leading `+`, as the modem sent them.
    pub digits: String,
    /// Type of address octet of 3GPP TS 24.008 10.5.4.7 (145 international, 129 unknown or national). Often wrong.
    pub type_of_address: u8,
}

/// Why a number is or is not shown: the `<CLI validity>` of `+CLIP`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presentation {
    /// The number is there and may be used.
    Shown,
    /// Validity 1: the caller withheld it.
    Withheld,
    /// Validity 2, or nothing at all: the network could not tell. Digits that come with it must not be used.
    Unavailable,
}

/// What `+CLIP` and `+CCWA` say of a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerId {
    /// The number; present exactly when `presentation` is `Shown`.
    pub number: Option<LineNumber>,
    /// Whether there is one, and if not, why.
    pub presentation: Presentation,
}

/// One line of `+CLCC` (27.007 7.18).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentCall {
    /// `<id1>`, 1 to 7: names the call in `AT+CHLD`. `None` from lines that count calls in another way (`#ECAM`).
    pub index: Option<u8>,
    /// `<dir>` 1: the call came to us.
    pub incoming: bool,
    /// `<stat>`.
    pub state: CallState,
    /// `<mode>` 0: a voice call.
    pub voice: bool,
    /// The other side's number, where the modem gives one.
    pub number: Option<LineNumber>,
}

/// `<stat>` of `+CLCC`; 6 is SIMCom's addition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallState {
    /// 0: somebody talks.
    Active,
    /// 1
    Held,
    /// 2
    Dialing,
    /// 3
    Alerting,
    /// 4: it rings.
    Incoming,
    /// 5: it knocks while another call goes on.
    Waiting,
    /// 6: it has ended (SIMCom).
    Disconnected,
}

/// What `+CREG` and `+CEREG` tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Whose registration this is.
    pub domain: Domain,
    /// `<stat>`, 0 to 11: 1 and 5 registered at home and roaming, 6 and 7 for SMS only, 9 and 10 without calls handed down to
    /// an older network, 0 not, 2 searching, 3 denied, 8 and 11 emergency calls only, 4 unknown.
    pub stat: u8,
    /// `<AcT>`, if given: 0..=2 GSM family, 2 and 4..=6 UMTS family, 7 LTE and above.
    pub access_technology: Option<u8>,
}

/// The two registrations that matter to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// `+CREG`: the circuit-switched side, the one that voice needs.
    Circuit,
    /// `+CEREG`: LTE's packet side.
    Lte,
}

/// While we never dial, these end nobody's command but somebody's call.
const CALL_ENDS: &[&str] = &["NO CARRIER", "BUSY", "NO ANSWER"];
/// Longest number a caller can have here: 27.007 gives none, 24.008 10.5.4.9 allows some 20 digits; the rest is slack.
const MAX_NUMBER: usize = 32;

/// What a line turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reading {
    /// All of it.
    Urc(Urc),
    /// `+CMT`, `+CDS` or `+CBM`: a PDU of so many octets (without the service centre address) is to follow.
    PduFollows(Routed, u8),
    /// A URC that is none of ours, or a family's noise.
    Foreign,
    /// Nothing known; perhaps a part of something.
    Unknown,
}

/// What a routed PDU is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Routed {
    Message,
    Report,
    /// Without a service centre address in front (23.041 9.4.1.2).
    Broadcast,
}

/// Which of the two forms of `+CREG` a line has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `<n>,<stat>…`
    Answer,
    /// `<stat>,<lac>…`
    Urc,
    /// One number and nothing behind it: a whole URC, or an answer that was cut short.
    Bare,
}

/// Reads one line, spaces around it taken off, as if no command were open.
pub(super) fn read(line: &str) -> Reading {
    if line == "RING" {
        return Reading::Urc(Urc::Ring);
    }
    if CALL_ENDS.contains(&line) {
        return Reading::Urc(Urc::CallEnded { index: None });
    }
    if let Some(reading) = family::read(line) {
        return reading;
    }
    let Some((name, rest)) = line.split_once(':') else {
        return if family::is_noise(line) {
            Reading::Foreign
        } else {
            Reading::Unknown
        };
    };
    if name == "+CREG" || name == "+CEREG" {
        return Registration::parse(line).map_or(Reading::Unknown, |(it, _)| {
            Reading::Urc(Urc::Registration(it))
        });
    }
    // In text mode other fields stand there, and no PDU follows.
    if name == "+CBM"
        && let Ok(octets) = rest.trim().parse()
    {
        return Reading::PduFollows(Routed::Broadcast, octets);
    }
    if let Some((_, about)) = NOTICES.iter().find(|(known, _)| *known == name) {
        let (about, text) = (*about, line.to_owned());
        return Reading::Urc(Urc::Notice { about, text });
    }
    // A quote left open: a URC may have cut the line in two. Foreign lines need not keep to our grammar.
    let known = match Args::parse(rest) {
        Some(args) => known(name, &args),
        None => None,
    };
    match known {
        Some(reading) => reading,
        None if OURS.contains(&name) => Reading::Unknown,
        None if is_name(name) => Reading::Foreign,
        None => Reading::Unknown,
    }
}

/// URCs we read: where one of these cannot be read it is damaged, not foreign.
const OURS: &[&str] = &[
    "+CRING", "+CLIP", "+CCWA", "+CLCC", "+CMTI", "+CMT", "+CDSI", "+CDS", "+CMGS", "+CPIN",
];

/// Whether a name is one that 3GPP gives a meaning, and that no family's own line may have.
#[cfg(test)]
pub(super) fn is_of_3gpp(name: &str) -> bool {
    let notice = NOTICES.iter().any(|(known, _)| *known == name);
    let whole = name == "RING" || CALL_ENDS.contains(&name);
    notice || whole || OURS.contains(&name) || ["+CREG", "+CEREG"].contains(&name)
}

fn known(name: &str, args: &Args<'_>) -> Option<Reading> {
    let urc = match name {
        "+CRING" => {
            args.get(0)?;
            Urc::Ring
        }
        "+CLIP" => Urc::CallerId(CallerId::parse(args, 2, 5)?),
        // `+CCWA: <n>,<class>` answers a query; the URC has a number in front of its class.
        "+CCWA" => Urc::CallWaiting(CallerId::parse(args, 3, 4)?),
        "+CLCC" => Urc::CurrentCall(CurrentCall::from_args(args)?),
        "+CMTI" => {
            let (memory, index) = stored(args)?;
            Urc::SmsStored { memory, index }
        }
        "+CDSI" => {
            let (memory, index) = stored(args)?;
            Urc::StatusReportStored { memory, index }
        }
        "+CMT" => return Some(Reading::PduFollows(Routed::Message, pdu_octets(args)?)),
        "+CDS" => return Some(Reading::PduFollows(Routed::Report, pdu_octets(args)?)),
        "+CMGS" => Urc::SmsTaken {
            reference: args.number(0)?,
        },
        "+CPIN" => Urc::SimState(args.get(0)?.to_owned()),
        _ => return None,
    };
    Some(Reading::Urc(urc))
}

/// Whether it looks like the name of a command or URC, and not like the front of a text with a colon in it.
fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    let first = chars.next();
    first.is_some_and(|c| "+^*#$%!&_".contains(c) || c.is_ascii_uppercase())
        && name.len() > 2
        && chars.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || "_ +".contains(c))
}

fn stored(args: &Args<'_>) -> Option<(String, Option<u16>)> {
    args.get(1)?;
    Some((args.get(0).unwrap_or_default().to_owned(), args.number(1)))
}

/// The length in front of a PDU is the last field, whatever stands before it: `25`, `,25` (ZTE), `"name",25`.
pub(super) fn pdu_octets(args: &Args<'_>) -> Option<u8> {
    args.number(args.len().checked_sub(1)?)
}

impl LineNumber {
    /// A number that could be dialled, or `None`.
    pub(super) fn parse(digits: Option<&str>, kind: Option<u8>) -> Option<Self> {
        let digits = digits?;
        let bare = digits.strip_prefix('+').unwrap_or(digits);
        let good = !bare.is_empty()
            && digits.len() <= MAX_NUMBER
            && bare
                .bytes()
                .all(|b| b.is_ascii_digit() || b == b'*' || b == b'#');
        good.then(|| Self {
            digits: digits.to_owned(),
            type_of_address: kind.unwrap_or(if digits.starts_with('+') { 145 } else { 129 }),
        })
    }
}

impl CallerId {
    fn parse(args: &Args<'_>, least: usize, validity_at: usize) -> Option<Self> {
        if args.len() < least {
            return None;
        }
        let number = LineNumber::parse(args.get(0), args.number(1));
        let presentation = match (args.number::<u8>(validity_at), &number) {
            (Some(1), _) => Presentation::Withheld,
            // 3 and 4: interworking and payphone (27.007 7.6), where there is no number either.
            (Some(2..), _) | (_, None) => Presentation::Unavailable,
            (_, Some(_)) => Presentation::Shown,
        };
        let number = number.filter(|_| presentation == Presentation::Shown);
        Some(Self {
            number,
            presentation,
        })
    }
}

impl CallState {
    /// Reads a `<stat>`; `None` if there is no such.
    pub(super) fn read(stat: u8) -> Option<Self> {
        Some(match stat {
            0 => Self::Active,
            1 => Self::Held,
            2 => Self::Dialing,
            3 => Self::Alerting,
            4 => Self::Incoming,
            5 => Self::Waiting,
            6 => Self::Disconnected,
            _ => return None,
        })
    }
}

impl CurrentCall {
    /// Reads a `+CLCC:` line; `None` if it is damaged or its numbers are none of 27.007 (and SIMCom) know.
    pub(super) fn parse(line: &str) -> Option<Self> {
        Self::from_args(&Args::parse(line.trim().strip_prefix("+CLCC:")?)?)
    }

    fn from_args(args: &Args<'_>) -> Option<Self> {
        let index = args.number(0).filter(|index| *index > 0)?;
        let incoming = args.number::<u8>(1)? == 1;
        let state = CallState::read(args.number(2)?)?;
        // `<mpty>`, if it is there. Where a comma was lost on the way, the number stands here, and its type would be taken for it.
        if args.len() > 4 {
            args.number(4).filter(|mpty: &u8| *mpty <= 1)?;
        }
        Some(Self {
            index: Some(index),
            incoming,
            state,
            voice: args.number::<u8>(3)? == 0,
            number: LineNumber::parse(args.get(5), args.number(6)),
        })
    }
}

impl Registration {
    /// Reads `+CREG:` and `+CEREG:` in both their forms. They are told apart by the field behind the first comma: `<stat>` is
    /// a number up to 11, `<lac>` is hexadecimal and longer or in quotes. Quotes need not match (ModemManager's tests have such).
    pub(super) fn parse(line: &str) -> Option<(Self, Form)> {
        let (name, rest) = line.split_once(':')?;
        let domain = match name.trim() {
            "+CREG" => Domain::Circuit,
            "+CEREG" => Domain::Lte,
            _ => return None,
        };
        let fields: Vec<_> = rest.split(',').map(str::trim).collect();
        let stat = |index: usize| -> Option<u8> {
            let field = fields.get(index).filter(|field| field.len() <= 2)?;
            field.parse().ok().filter(|stat| *stat <= MAX_STAT)
        };
        let (stat, form, technology_at) = match stat(1) {
            Some(stat) => (stat, Form::Answer, 4),
            None if fields.iter().skip(1).all(|field| field.is_empty()) => {
                (stat(0)?, Form::Bare, 3)
            }
            None => (stat(0)?, Form::Urc, 3),
        };
        let technology = fields.get(technology_at);
        let access_technology = technology.and_then(|field| field.trim_matches('"').parse().ok());
        let it = Self {
            domain,
            stat,
            access_technology,
        };
        Some((it, form))
    }
}

/// The highest `<stat>` there is: 11, emergency bearer services only (27.007 10.1.22).
const MAX_STAT: u8 = 11;

impl Domain {
    /// The command that speaks of it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Circuit => "+CREG",
            Self::Lte => "+CEREG",
        }
    }
}

#[cfg(test)]
mod tests;
