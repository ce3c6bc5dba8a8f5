//! What the box says to the owner's people, in plain English: the one place for it. Every text is short, says no more than is so, and
//! says how to go on.

use super::act::Stands;
use super::{Conversation, Situation, Verb};
use crate::hours::Until;
use crate::phone::{PhoneNumber, Region};
use crate::rules::{Digest, Hazard};
use crate::settings::Refusal;
use crate::sms;
use crate::wording::{self, PARTS_ADVISED};

/// Conversations named in one text.
const NAMED_MAX: usize = 6;
/// Characters of a caller's words in a list.
const WORDS_SHOWN: usize = 25;

/// What callers' texts that are no words are called.
pub const PICTURE: &str = "(a picture message, which the box cannot open)";
/// One of the owner's people sent a text of which a part is missing.
pub const CUT_OFF: &str =
    "A part of your text did not arrive, so nothing was done with it. Please send it again.";
pub(super) const OWN_STOP: &str = "STOP from this phone changes nothing: it is one of those that answer callers. PAUSE 2H texts no callers for two hours. \
     STOP and a number or tag, such as STOP #7, notes that somebody wants no more texts. To get no texts from the box \
     yourself, take your number out of its settings.";
pub(super) const MESSAGE_TAKEN: &str = "Callers get the new message from now on.";
pub(super) const MESSAGE_DROPPED: &str = "The message stays as it was.";
pub(super) const WRONG_PIN: &str = "That PIN is wrong. Nothing was changed.";
pub(super) const PIN_NEEDED: &str =
    "That needs your PIN in front, such as 1234 PAUSE 2H. Nothing was changed.";
pub(super) const TOO_MANY_PINS: &str =
    "The PIN was wrong too often. For an hour only the page changes things. Nothing was changed.";
/// Callers that a summary names at most, and fewer where their names are long: so many as fit into [`DIGEST_PARTS_MAX`].
const WAITING_NAMED: usize = 5;
/// SMS that a summary takes at most.
const DIGEST_PARTS_MAX: usize = 2;
const UNDERSTOOD: &str = "STATUS, PAUSE 2H, AWAY UNTIL MON, RESUME, MSG and a new message, SKIP #7 or a number, UNSKIP, WON #7 450, LIST, HELP";

/// What a caller wrote, on its way to those who answer.
#[derive(Debug, Clone, Copy)]
pub struct Relay<'a> {
    /// The tag of the conversation, if the sender can be answered.
    pub tag: Option<u32>,
    /// Who wrote: E.164, or the name or short code that the network gave.
    pub sender: &'a str,
    /// As the owner's lists call him; may be empty.
    pub name: &'a str,
    /// The danger that he writes of.
    pub danger: Option<Hazard>,
    /// Whether it says who he is: not with the second text in a row.
    pub introduced: bool,
    /// It was passed on before with parts missing, and now it is whole.
    pub now_whole: bool,
    /// What was written.
    pub words: &'a str,
    /// What the owner should know beside it; may be empty.
    pub remark: &'a str,
    /// The home country.
    pub home: Option<Region>,
}

impl Relay<'_> {
    /// `#7 (202) 555-0143: my sink is leaking`, in as many texts as it needs: one arrives whole everywhere if it has
    /// [`PARTS_ADVISED`] parts or fewer.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        let who = match self.danger {
            Some(hazard) => format!("URGENT ({}) {}", hazard.name(), self.who()),
            None => self.who(),
        };
        let words = wording::fold(&wording::without_controls(self.words));
        let remark = match self.remark.is_empty() {
            true => String::new(),
            false => format!(" ({})", self.remark),
        };
        let whole = if self.now_whole { " (now whole)" } else { "" };
        in_texts(&words, |text, of| match of {
            1 => format!("{who}{whole}: {text}{remark}"),
            _ => format!("{who}{whole} ({{}}/{of}): {text}{remark}"),
        })
    }

    fn who(&self) -> String {
        let number = PhoneNumber::from_e164(self.sender).map(|it| it.format_for(self.home));
        let name = wording::without_controls(self.name).replace('\n', " ");
        match (self.tag, number) {
            (Some(tag), _) if !self.introduced => format!("#{tag}"),
            (Some(tag), Some(number)) if name.is_empty() => format!("#{tag} {number}"),
            (Some(tag), Some(number)) => format!("#{tag} {name} {number}"),
            // Chosen by whoever sent it: a name such as #3 must not pass for a tag.
            (_, None) => {
                let shown = wording::without_controls(self.sender).replace('\n', " ");
                format!("From \"{shown}\"")
            }
            (None, Some(number)) => format!("From {number}"),
        }
    }
}

/// Words in texts of [`PARTS_ADVISED`] parts at most; `write` puts them into one of so many, `{}` being which.
fn in_texts(words: &str, write: impl Fn(&str, usize) -> String) -> Vec<String> {
    let fits = |text: &str| sms::measure(text).parts <= PARTS_ADVISED;
    let whole = write(words, 1);
    if fits(&whole) {
        return vec![whole];
    }
    let mut pieces: Vec<String> = vec![String::new()];
    for word in words.split_inclusive(char::is_whitespace) {
        // A word longer than a text is cut anywhere.
        let mut letters = word.chars().peekable();
        let last = pieces.last().map_or("", String::as_str);
        if !last.is_empty() && !fits(&write(&format!("{last}{word}"), 99)) {
            pieces.push(String::new());
        }
        while letters.peek().is_some() {
            let piece: String = letters.by_ref().take(WORD_PIECE).collect();
            let last = pieces.last().map_or("", String::as_str);
            if !last.is_empty() && !fits(&write(&format!("{last}{piece}"), 99)) {
                pieces.push(String::new());
            }
            if let Some(last) = pieces.last_mut() {
                last.push_str(&piece);
            }
        }
    }
    let of = pieces.len();
    let texts = pieces.iter().enumerate();
    texts
        .map(|(at, piece)| write(piece.trim_end(), of).replacen("{}", &(at + 1).to_string(), 1))
        .collect()
}

/// Characters of a word that are kept together.
const WORD_PIECE: usize = 40;

pub(super) fn status(situation: &Situation<'_>, stands: &Stands) -> String {
    let health = match (situation.hindrance, stands) {
        (Some(why), _) => {
            let why = why.trim_end_matches('.');
            format!("Not working: {why}.")
        }
        (None, Stands::Paused(until)) => {
            format!(
                "The box works. It is paused until {}.",
                at(until, situation)
            )
        }
        (None, Stands::Away(until)) => {
            format!(
                "The box works. You are away until {}.",
                at(until, situation)
            )
        }
        (None, Stands::Neither) => "The box works: missed callers are texted.".to_owned(),
    };
    let calls = match situation.calls {
        1 => "1 call".to_owned(),
        calls => format!("{calls} calls"),
    };
    let waiting = situation.open().filter(|it| it.waits).count();
    let waiting = match waiting {
        0 => String::new(),
        1 => " 1 caller waits for an answer.".to_owned(),
        more => format!(" {more} callers wait for an answer."),
    };
    format!(
        "{health} Today: {calls}, {} texted.{waiting}",
        situation.texted
    )
}

pub(super) fn help(situation: &Situation<'_>) -> String {
    let pin = match situation.settings.pin() {
        Some(_) => " Your PIN goes in front of what changes something.",
        None => "",
    };
    format!(
        "Answer a caller with his tag: #7 on my way. Or write {UNDERSTOOD}. STOP #7 and START #7 note that somebody wants no texts, or \
         wants them again.{pin}"
    )
}

pub(super) fn list(situation: &Situation<'_>) -> String {
    let open: Vec<&Conversation> = situation.open().collect();
    if open.is_empty() {
        return "Nobody waits for an answer.".to_owned();
    }
    let named = open.iter().take(NAMED_MAX);
    let lines: Vec<String> = named
        .map(|it| {
            let state = if it.waits { "waits" } else { "answered" };
            let words = it.words.replace('\n', " ");
            let mut shown: String = words.chars().take(WORDS_SHOWN).collect();
            if words.chars().count() > WORDS_SHOWN {
                shown.push_str("...");
            }
            format!("{}, {state}: {}", who(it, situation), wording::fold(&shown))
        })
        .collect();
    let more = match open.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!("\nand {more} more"),
    };
    format!("{}{more}", lines.join("\n"))
}

/// `#7 Jane (202) 555-0143`.
fn who(conversation: &Conversation, situation: &Situation<'_>) -> String {
    who_at(conversation, situation.home)
}

fn who_at(conversation: &Conversation, home: Option<Region>) -> String {
    let number = conversation.number.format_for(home);
    let name = wording::without_controls(&conversation.name).replace('\n', " ");
    match name.is_empty() {
        true => format!("#{} {number}", conversation.tag),
        false => format!("#{} {name} {number}", conversation.tag),
    }
}

/// The same of a number, which may have no tag.
fn whose(number: &PhoneNumber, situation: &Situation<'_>) -> String {
    let known = situation
        .conversations
        .iter()
        .find(|it| it.number == *number);
    known.map_or_else(
        || number.format_for(situation.home),
        |it| who(it, situation),
    )
}

/// Those whom an answer may be for.
fn candidates(situation: &Situation<'_>) -> String {
    let mut of_those: Vec<&Conversation> = situation.open().collect();
    if of_those.is_empty() {
        of_those = situation.conversations.iter().collect();
    }
    let named = of_those.iter().take(NAMED_MAX);
    let named: Vec<String> = named.map(|it| who(it, situation)).collect();
    named.join(", ")
}

pub(super) fn for_whom(some_open: bool, situation: &Situation<'_>) -> String {
    let candidates = candidates(situation);
    match (some_open, candidates.is_empty()) {
        (_, true) => format!(
            "No caller has written yet, so this went to nobody. For the box itself, write {UNDERSTOOD}."
        ),
        (true, false) => format!(
            "For whom is that? Write the tag alone, such as {}, and it goes out: {candidates}. HELP tells \
             what the box itself understands.",
            first_tag(situation)
        ),
        (false, false) => format!(
            "Nobody has written lately. If that is for one of these, write the tag alone and it goes out: {candidates}. For the box \
             itself, write {UNDERSTOOD}."
        ),
    }
}

fn first_tag(situation: &Situation<'_>) -> String {
    situation
        .open()
        .next()
        .map_or_else(|| "#7".to_owned(), |it| format!("#{}", it.tag))
}

pub(super) fn no_such_tag(tag: u32, has_words: bool, situation: &Situation<'_>) -> String {
    let candidates = candidates(situation);
    if candidates.is_empty() {
        return format!("There is no #{tag}: no caller has written yet.");
    }
    let kept = match has_words {
        true => " Write the right tag alone, and your words go out.",
        false => "",
    };
    format!("There is no #{tag}.{kept} {candidates}")
}

pub(super) fn nothing_kept(tag: u32) -> String {
    format!("Write your words behind the tag, such as #{tag} on my way.")
}

pub(super) fn unclear(verb: Verb, situation: &Situation<'_>) -> String {
    let good = match verb {
        Verb::Pause => {
            "PAUSE needs a time that lies ahead: PAUSE 2H, PAUSE UNTIL 5PM or PAUSE UNTIL MON."
        }
        Verb::Away => {
            "AWAY needs a day or time that lies ahead: AWAY UNTIL MON, AWAY UNTIL DEC 24 or AWAY 3 DAYS."
        }
        Verb::Message => "MSG needs the new message behind it.",
        Verb::Skip => "SKIP needs a tag or a number: SKIP #7 or SKIP +1 202 555 0143.",
        Verb::Unskip => "UNSKIP needs a tag or a number: UNSKIP #7 or UNSKIP +1 202 555 0143.",
        Verb::Stop => "STOP needs a tag or a number: STOP #7 or STOP +1 202 555 0143.",
        Verb::Start => {
            "START needs a tag or a number: START #7 or START +1 202 555 0143. RESUME ends a pause."
        }
        Verb::Won => "WON needs the tag, and may have the sum: WON #7 450.",
        Verb::Yes | Verb::No => "YES takes the new message, NO drops it.",
        Verb::Status | Verb::Help | Verb::List | Verb::Resume => "That is written alone.",
    };
    let candidates = candidates(situation);
    match candidates.is_empty() {
        true => format!("{good} Nothing was done."),
        false => format!(
            "{good} Nothing was done. If it was meant for a caller, write the tag alone: {candidates}"
        ),
    }
}

pub(super) fn unclear_behind_pin() -> String {
    format!("That begins with your PIN, so it went to nobody. Behind it I understand {UNDERSTOOD}.")
}

pub(super) fn too_long(parts: usize) -> String {
    format!(
        "That is too long: it would be {parts} texts, and more than {} are not sent at once. Nothing went out.",
        wording::PARTS_MAX
    )
}

pub(super) fn had_opted_out(conversation: &Conversation, situation: &Situation<'_>) -> String {
    format!(
        "{} had asked for no more texts. Yours went out all the same, as it is from you; the box itself sends none.",
        who(conversation, situation)
    )
}

pub(super) fn answered(
    conversation: &Conversation,
    words: &str,
    situation: &Situation<'_>,
) -> String {
    let by = match situation.settings.owner_number() == Some(situation.from) {
        true => "The owner",
        false => "The front desk",
    };
    format!("{by} answered {}: {words}", who(conversation, situation))
}

/// The owner's summary: `Today: 5 missed calls, 4 texted, 2 people wrote, 1 job won (450). Waiting for you: #7 (202) 555-0143.`
#[must_use]
pub fn digest(digest: Digest, facts: &DigestCounts<'_>, home: Option<Region>) -> String {
    let count = |number: u32, one: &str, more: &str| match number {
        0 => format!("no {more}"),
        1 => format!("1 {one}"),
        number => format!("{number} {more}"),
    };
    let mut said = vec![count(facts.calls, "missed call", "missed calls")];
    if facts.calls > 0 {
        said.push(format!("{} texted", facts.texted));
    }
    if facts.wrote > 0 {
        said.push(count(facts.wrote, "person wrote", "people wrote"));
    }
    if facts.won > 0 {
        let worth = match facts.amount {
            0 => String::new(),
            amount => format!(" ({})", wording::sum(amount)),
        };
        said.push(format!(
            "{}{worth}",
            count(facts.won, "job won", "jobs won")
        ));
    }
    let span = match digest {
        Digest::Daily => "The last 24 hours",
        Digest::Weekly => "The last 7 days",
    };
    let counted = format!("{span}: {}.", said.join(", "));
    let with_named = |named: usize| {
        let names = facts.open.iter().take(named).map(|it| who_at(it, home));
        let names = names.collect::<Vec<_>>().join(", ");
        let waiting = match facts.open.len().saturating_sub(named) {
            _ if facts.open.is_empty() => return counted.clone(),
            1 if names.is_empty() => "1 caller".to_owned(),
            more if names.is_empty() => format!("{more} callers"),
            0 => names,
            more => format!("{names} and {more} more"),
        };
        format!("{counted} Waiting for you: {waiting}.")
    };
    // Names are as long as the owner wrote them.
    let fits = |text: &String| sms::measure(&wording::fold(text)).parts <= DIGEST_PARTS_MAX;
    let named = facts.open.len().min(WAITING_NAMED);
    let fitting = (0..=named).rev().map(with_named).find(fits);
    fitting.unwrap_or_else(|| with_named(0))
}

/// What a [`digest`] counts.
#[derive(Debug, Clone, Copy)]
pub struct DigestCounts<'a> {
    /// Calls that nobody took.
    pub calls: u32,
    /// Those of them whose text has left.
    pub texted: u32,
    /// People who wrote.
    pub wrote: u32,
    /// Jobs that were won.
    pub won: u32,
    /// What they are worth, in hundredths.
    pub amount: i64,
    /// Who waits for an answer, the newest first.
    pub open: &'a [Conversation],
}

/// Somebody answered on the page of the box.
#[must_use]
pub fn answered_on_page(
    number: &PhoneNumber,
    name: &str,
    tag: Option<u32>,
    words: &str,
    home: Option<Region>,
) -> String {
    let name = wording::without_controls(name).replace('\n', " ");
    let tag = tag.map(|tag| format!("#{tag}"));
    let number = number.format_for(home);
    let parts = [
        tag,
        Some(name).filter(|name| !name.is_empty()),
        Some(number),
    ];
    let who: Vec<String> = parts.into_iter().flatten().collect();
    format!("Answered on the page, to {}: {words}", who.join(" "))
}

pub(super) fn paused(until: &Until, situation: &Situation<'_>) -> String {
    format!(
        "Paused until {}: no caller is texted. RESUME ends it.",
        at(until, situation)
    )
}

pub(super) fn away(until: &Until, situation: &Situation<'_>) -> String {
    format!(
        "You are away until {}. Callers get the message for closed hours if there is one. RESUME ends it.",
        at(until, situation)
    )
}

pub(super) fn resumed(stood: &Stands) -> String {
    match stood {
        Stands::Neither => "Nothing was paused: missed callers are texted.".to_owned(),
        Stands::Paused(_) | Stands::Away(_) => "Missed callers are texted again.".to_owned(),
    }
}

/// `Mon Dec 28`, `Mon Dec 28, 5:00 PM`.
fn at(until: &Until, situation: &Situation<'_>) -> String {
    let day = until.date().strftime("%a %b %-d").to_string();
    match until.time() {
        None => day,
        Some(time) => {
            let at = until
                .date()
                .to_datetime(time)
                .to_zoned(situation.now.time_zone().clone());
            let time = at.map_or_else(
                |_| time.strftime("%H:%M").to_string(),
                |at| wording::time_of_day(&at, situation.home),
            );
            format!("{day}, {time}")
        }
    }
}

pub(super) fn message_is(shown: &str) -> String {
    format!("Callers get: \"{shown}\" To change it, write MSG and the new message.")
}

pub(super) fn proposed(shown: &str, advice: Option<&str>) -> String {
    let advice = advice.map(|it| format!(" ({it})")).unwrap_or_default();
    format!("A caller will see: \"{shown}\"{advice} Write YES to take it, NO to leave it.")
}

pub(super) fn message_refused(refusal: &Refusal) -> String {
    let why = match refusal {
        Refusal::BadValue { why, .. } => why.clone(),
        other => other.to_string(),
    };
    format!("That message cannot be taken: {why}.")
}

pub(super) fn skipped(number: &PhoneNumber, situation: &Situation<'_>) -> String {
    format!(
        "{} is never texted by the box from now on. UNSKIP takes that back.",
        whose(number, situation)
    )
}

pub(super) fn unskipped(number: &PhoneNumber, situation: &Situation<'_>) -> String {
    format!(
        "{} is no longer on the never-text list.",
        whose(number, situation)
    )
}

pub(super) fn opted_out(number: &PhoneNumber, situation: &Situation<'_>) -> String {
    format!(
        "Noted: {} wants no more texts from the box.",
        whose(number, situation)
    )
}

pub(super) fn opted_in(number: &PhoneNumber, situation: &Situation<'_>) -> String {
    format!(
        "Noted: {} wants texts from the box again.",
        whose(number, situation)
    )
}

pub(super) fn won(number: &PhoneNumber, amount: Option<i64>, situation: &Situation<'_>) -> String {
    let sum = amount.map(|it| format!(" for {}", wording::sum(it)));
    format!(
        "Noted: {} is won{}.",
        whose(number, situation),
        sum.unwrap_or_default()
    )
}
