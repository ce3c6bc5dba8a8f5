//! An event in words, for a push notice and an e-mail.

use super::{Event, Told};
use crate::wording;

/// Characters of what somebody else wrote that are passed on: a text of ten parts has fewer.
const BODY_CHARS_MAX: usize = 2000;

/// An event for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// A few words of ours, in ASCII.
    pub title: &'static str,
    /// Whom all of the conversation is about, in one line; the same for each of its events.
    pub about: String,
    /// What happened; lines end in `\n`.
    pub body: String,
    /// Somebody has to see to it.
    pub urgent: bool,
}

impl Told {
    /// It for people.
    #[must_use]
    pub fn message(&self) -> Message {
        let (title, body, urgent) = match &self.event {
            Event::CallMissed {
                texted,
                explanation,
                ..
            } => {
                let who = self.who();
                let body = match (texted, explanation) {
                    (true, _) => format!("{who} called and is texted."),
                    (false, Some(why)) => format!("{who} called. {}", clean(why)),
                    (false, None) => format!("{who} called. Not texted."),
                };
                ("Missed call", body, false)
            }
            Event::TextSent { body, .. } => (
                "Text sent",
                format!("To {}: {}", self.who(), clean(body)),
                false,
            ),
            Event::TextFailed { error, .. } => (
                "A text did not get through",
                format!("The text to {} failed: {}", self.who(), clean(error)),
                true,
            ),
            Event::ReplyReceived {
                body,
                perhaps_stop,
                danger,
                ..
            } => {
                let flag = match perhaps_stop {
                    true => "\n\nThis may be a request for no more texts.",
                    false => "",
                };
                let body = format!("{}: {}{flag}", self.who(), clean(body));
                match danger {
                    Some(_) => ("Reply that speaks of danger", body, true),
                    None => ("Reply", body, *perhaps_stop),
                }
            }
            Event::LeadQualified {
                amount_hundredths,
                last_words,
                ..
            } => {
                let sum = amount_hundredths.map(|it| format!(" for {}", wording::sum(it)));
                let said = last_words.as_deref().map(clean);
                let said = said.map(|words| format!("\n\nTheir last words: {words}"));
                let body = format!(
                    "{} is won{}.{}",
                    self.who(),
                    sum.unwrap_or_default(),
                    said.unwrap_or_default()
                );
                ("A job is won", body, false)
            }
            Event::BoxHealth {
                healthy: true,
                reason: _,
            } => (
                "The box works again",
                "Missed callers are texted again.".to_owned(),
                false,
            ),
            Event::BoxHealth {
                healthy: false,
                reason,
            } => (
                "The box cannot text",
                match reason {
                    Some(reason) => clean(reason),
                    None => "Missed callers are not texted.".to_owned(),
                },
                true,
            ),
        };
        Message {
            title,
            about: match &self.event {
                Event::BoxHealth { .. } => "The box".to_owned(),
                _ => format!("Calls and texts: {}", self.who()),
            },
            body,
            urgent,
        }
    }

    /// The other side, in one line.
    fn who(&self) -> String {
        let (known, unknown) = match &self.event {
            Event::CallMissed { caller, .. } => (caller, "A caller without a number"),
            Event::TextSent { number, .. }
            | Event::TextFailed { number, .. }
            | Event::ReplyReceived { number, .. } => (number, "an unreadable number"),
            Event::LeadQualified { number, .. } => return one_line(number),
            Event::BoxHealth { .. } => (&None, "the box"),
        };
        known.as_deref().map_or(unknown.to_owned(), one_line)
    }
}

fn one_line(text: &str) -> String {
    clean(text).replace('\n', " ")
}

/// What others wrote, without what could steer whoever shows it.
fn clean(text: &str) -> String {
    let clean = wording::without_controls(text);
    clean.chars().take(BODY_CHARS_MAX).collect()
}
