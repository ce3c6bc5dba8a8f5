//! The calls, each with what became of it and why.

use jiff::civil::Date;
use maud::{Markup, html};

use super::{Shown, alerts, people};
use crate::rules::Caller;
use crate::store::{CallView, Fate, Overview, TextView};
use crate::text::TextState;
use crate::web::words;
use crate::wording::Occasion;

/// Characters of what the network showed in place of a number.
const CALLER_CHARS: usize = 30;
/// Characters of an error that are shown.
const ERROR_CHARS: usize = 200;

/// Today's calls, and those of earlier days behind a line that opens.
pub(super) fn sections(shown: &Shown, overview: &Overview) -> Markup {
    let reader = &shown.reader;
    let today = reader.now.date();
    let days: Vec<(Date, &[CallView])> = overview
        .calls
        .chunk_by(|a, b| date(shown, a) == date(shown, b))
        .filter_map(|calls| Some((date(shown, calls.first()?), calls)))
        .collect();
    let (todays, earlier): (Vec<_>, Vec<_>) = days.into_iter().partition(|(day, _)| *day == today);
    html! {
        section .card.calls aria-labelledby="calls-title" {
            (alerts::list(shown, overview))
            h2 #calls-title { (reader.say("Today")) }
            div #calls data-live {
                @if todays.is_empty() { p.quiet { (reader.say("No calls yet.")) } }
                @for (_, calls) in todays { (list(shown, calls)) }
            }
            details .none[earlier.is_empty()] {
                summary { (reader.say("Earlier calls")) }
                div #earlier-calls data-live {
                    @if earlier.is_empty() { p.quiet { (reader.say("None.")) } }
                    @for (day, calls) in earlier {
                        h3 { (words::capitalised(&reader.day_name(day))) }
                        (list(shown, calls))
                    }
                }
            }
        }
    }
}

fn date(shown: &Shown, call: &CallView) -> Date {
    shown.reader.local(call.started_at).date()
}

fn list(shown: &Shown, calls: &[CallView]) -> Markup {
    html! {
        ol {
            @for call in calls { (line(shown, call)) }
        }
    }
}

fn line(shown: &Shown, call: &CallView) -> Markup {
    let reader = &shown.reader;
    let started = reader.local(call.started_at);
    let (tone, sentence) = fate(shown, &call.fate, started.date());
    html! {
        li {
            time datetime=(call.started_at) { (words::time_of_day(&started)) }
            div {
                p.who {
                    (who(shown, &call.caller))
                    @if call.rings > 0 { " " span.rings { (reader.count(call.rings, "1 ring", "{n} rings")) } }
                    @if call.noticed { " " span.rings { (reader.say("your operator told us")) } }
                }
                p.fate { span .dot .(tone) {} (sentence) }
                @if let (Caller::Number(number), Fate::Texted(_)) = (&call.caller, &call.fate) {
                    p { a .way href={ "/people?number=" (people::encoded(number.as_str())) "#never-text" } { (reader.say("Never text")) } }
                }
            }
        }
    }
}

/// Who called; a number is there to be tapped and called back.
fn who(shown: &Shown, caller: &Caller) -> Markup {
    let reader = &shown.reader;
    match caller {
        Caller::Number(number) => html! {
            a href={ "tel:" (number) } { bdi { (reader.number(number)) } }
        },
        Caller::Unreadable(digits) => html! { bdi { (words::shown(digits, CALLER_CHARS)) } },
        Caller::Withheld => html! { (reader.say("Hidden number")) },
        Caller::Unavailable => html! { (reader.say("Unknown number")) },
    }
}

/// How it went, as a tone, and in a sentence.
fn fate(shown: &Shown, fate: &Fate, day: Date) -> (&'static str, String) {
    let reader = &shown.reader;
    match fate {
        Fate::Ringing => ("waiting", reader.say("Ringing now.").to_owned()),
        Fate::Skipped(Some(reason)) => ("skipped", reader.retell(&reason.sentence())),
        // Only a newer textback gave reasons that this one does not know.
        Fate::Skipped(None) => ("skipped", reader.say("Not texted.").to_owned()),
        Fate::Texted(text) => texted(shown, text, day),
    }
}

fn texted(shown: &Shown, text: &TextView, day: Date) -> (&'static str, String) {
    let reader = &shown.reader;
    let error = text
        .error
        .as_deref()
        .map(|error| reader.retell(&words::shown(error, ERROR_CHARS)));
    let with_error = |words: &str| match &error {
        Some(error) => format!("{} {error}", reader.say(words)),
        None => reader.say(words).to_owned(),
    };
    let which = match text.occasion {
        Some(Occasion::AfterHours) => "You were closed: your message for that went out.",
        Some(Occasion::Holiday) => "It was a holiday: your message for that went out.",
        _ => "",
    };
    let with_which = |told: String| match which {
        "" => told,
        which => format!("{told} {}", reader.say(which)),
    };
    let time = text.sent_at.map(|at| reader.time_seen_from(at, day));
    let time = time.as_ref();
    match text.state {
        TextState::Queued | TextState::Received => {
            ("waiting", with_error("The text is waiting to go out."))
        }
        TextState::Sending => ("waiting", reader.say("Texting now.").to_owned()),
        TextState::Sent => {
            let told = match time {
                Some(time) => reader.fill("Texted at {time}.", &[("time", time)]),
                None => reader.say("Texted.").to_owned(),
            };
            ("sent", with_which(told))
        }
        TextState::Delivered => {
            let told = match time {
                Some(time) => reader.fill("Texted at {time}, delivered.", &[("time", time)]),
                None => reader.say("Texted, delivered.").to_owned(),
            };
            ("delivered", with_which(told))
        }
        TextState::Unconfirmed => (
            "waiting",
            reader
                .say("Texted, but the network has not confirmed it yet.")
                .to_owned(),
        ),
        TextState::Failed => ("failed", with_error("The text could not be sent.")),
    }
}
