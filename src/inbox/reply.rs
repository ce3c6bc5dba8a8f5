//! What a message says: who sent it, its words from all its parts, and what it asks of us. No I/O, no clock.

use jiff::Timestamp;

use crate::call::{self, NoticeOf};
use crate::phone::{PhoneNumber, Region};
use crate::rules::{self, Danger, Keyword};
use crate::settings::Settings;
use crate::sms::{self, Deliver, MmsNotice};
use crate::steering;
use crate::store::{NewReply, NewText, NoticedCall};
use crate::text::TextKind;
use crate::wording::{self, Language, Occasion};

/// Type of number international or unknown, with the ISDN plan or none (3GPP TS 24.008 clause 10.5.4.7, with the extension bit).
const INTERNATIONAL_TYPE: u8 = 145;
const UNKNOWN_TYPE: u8 = 129;
/// What a message says that nobody could read; its bytes are kept with it.
const UNREADABLE: &str = "(a message that could not be read)";

/// Who sent a message.
pub(super) struct Sender {
    /// E.164 where it is a number one could answer, else as the network gave it.
    pub(super) name: String,
    number: Option<PhoneNumber>,
}

impl Sender {
    pub(super) fn of(deliver: &Deliver, home: Option<Region>) -> Self {
        let address = &deliver.originator;
        let shown = address.number();
        let number = (!address.is_alphanumeric())
            .then(|| PhoneNumber::from_line(&shown, address.type_of_address(), home))
            .flatten();
        let name = match &number {
            Some(number) => number.to_string(),
            // A name that poses as a number of ours: anybody can send under any name.
            None if PhoneNumber::from_e164(&shown).is_some() => format!("name {shown}"),
            None => shown,
        };
        Self { name, number }
    }

    /// Who sent a picture, as the operator's notice of it says.
    fn in_notice(from: &str, home: Option<Region>) -> Option<Self> {
        let kind = if from.starts_with('+') {
            INTERNATIONAL_TYPE
        } else {
            UNKNOWN_TYPE
        };
        let number = PhoneNumber::from_line(from, kind, home)?;
        Some(Self {
            name: number.to_string(),
            number: Some(number),
        })
    }
}

/// The message from its parts, and what it asks of us. Where a part is missing a mark stands in its place, and as that has words, a
/// keyword counts only as a first line that came whole: `STOP` and a line break. What else is missing may be "that water".
pub(super) fn reply(
    slots: &[Option<String>],
    home: Option<Region>,
    settings: &Settings,
) -> NewReply {
    let parts: Vec<Option<Deliver>> = slots
        .iter()
        .map(|pdu| Deliver::from_hex(pdu.as_deref()?).ok())
        .collect();
    let here: Vec<Deliver> = parts.iter().flatten().cloned().collect();
    let picture = MmsNotice::of(&here);
    let sender = here.first().map(|deliver| Sender::of(deliver, home));
    let sender = match picture.as_ref().and_then(|picture| picture.from.as_deref()) {
        Some(from) => Sender::in_notice(from, home).or(sender),
        None => sender,
    };
    let body = match picture {
        Some(_) => steering::PICTURE.to_owned(),
        None => body(&parts),
    };
    let keyword = rules::keyword(&body);
    let number = sender.as_ref().and_then(|sender| sender.number.clone());
    let confirmation = match (keyword, &number) {
        (Some(keyword), Some(number)) => confirmation(keyword, number.clone(), home, settings),
        _ => None,
    };
    let danger = match &picture {
        Some(_) => None,
        None => rules::danger(&body),
    };
    let advice = match (danger, number) {
        (Some(danger), Some(number)) => Some(advice(danger, number, home, settings)),
        _ => None,
    };
    NewReply {
        sender: sender.map(|sender| sender.name),
        body,
        keyword,
        confirmation,
        danger: danger.map(|danger| danger.hazard),
        advice,
        notice: None,
        is_picture: picture.is_some(),
        home,
        hindrance: None,
    }
}

/// A message that nobody could read.
pub(super) fn unreadable() -> NewReply {
    NewReply {
        sender: None,
        body: UNREADABLE.to_owned(),
        keyword: None,
        confirmation: None,
        danger: None,
        advice: None,
        notice: None,
        is_picture: false,
        home: None,
        hindrance: None,
    }
}

/// `Water under (part 2 of 3 is missing) sink.`
fn body(parts: &[Option<Deliver>]) -> String {
    let total = parts.len();
    let mut pieces = Vec::new();
    let mut first = 1;
    for run in parts.chunk_by(|a, b| a.is_some() == b.is_some()) {
        let here: Vec<Deliver> = run.iter().flatten().cloned().collect();
        let last = first + run.len() - 1;
        pieces.push(match here.is_empty() {
            false => sms::join(&here),
            true if first == last => format!("(part {first} of {total} is missing)"),
            true => format!("(parts {first} to {last} of {total} are missing)"),
        });
        first = last + 1;
    }
    pieces.join(" ")
}

/// The call that an operator's text tells of. Operators write from short codes and names, or as if they were the caller; a text from
/// any other number is somebody's who quotes one.
pub(super) fn noticed_call(
    body: &str,
    sender: &Sender,
    at: Timestamp,
    home: Option<Region>,
) -> Option<NoticedCall> {
    let number = match (call::notice(body)?, &sender.number) {
        (NoticeOf::Number(digits), None) => PhoneNumber::parse(&digits, home).ok(),
        (NoticeOf::Sender, number) => number.clone(),
        (NoticeOf::Number(_), Some(_)) => None,
    };
    Some(NoticedCall {
        number: number?,
        at,
    })
}

/// What somebody is told who writes of danger, in the language it was written in.
fn advice(
    danger: Danger,
    number: PhoneNumber,
    home: Option<Region>,
    settings: &Settings,
) -> NewText {
    let language = Language::parse(danger.language).unwrap_or_else(|| settings.language(home));
    // Where the business is; a number may have been brought along from anywhere.
    let country = home.or_else(|| number.region());
    NewText {
        kind: TextKind::Advice,
        body: wording::fold(&language.advice(danger.hazard, country)),
        number,
        late: None,
    }
}

/// The text that answers a keyword, if it is one to be answered.
fn confirmation(
    keyword: Keyword,
    number: PhoneNumber,
    home: Option<Region>,
    settings: &Settings,
) -> Option<NewText> {
    let mut filling = settings.filling(&number, None, home);
    if keyword == Keyword::Help {
        // Who asks who we are is told the number that he knows.
        let known = settings.business_number();
        filling.owner = known
            .map(|number| number.format_for(home))
            .or(filling.owner);
    }
    let values = filling.values();
    let (kind, occasion) = match keyword {
        Keyword::Stop | Keyword::StopOrJob => (TextKind::OptOut, Occasion::OptOut),
        Keyword::Start => (TextKind::OptIn, Occasion::OptIn),
        Keyword::Help => (TextKind::Help, Occasion::Help),
        Keyword::PerhapsStop => return None,
    };
    let (own, language) = (settings.message(occasion), settings.language(home));
    let body = wording::text(occasion, own, language, &values);
    Some(NewText {
        kind,
        number,
        body,
        late: None,
    })
}
