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
    let today = shown.now.date();
    let days: Vec<(Date, &[CallView])> = overview
        .calls
        .chunk_by(|a, b| date(shown, a) == date(shown, b))
        .filter_map(|calls| Some((date(shown, calls.first()?), calls)))
        .collect();
    let (todays, earlier): (Vec<_>, Vec<_>) = days.into_iter().partition(|(day, _)| *day == today);
    html! {
        section .card.calls aria-labelledby="calls-title" {
            (alerts::list(shown, overview))
            h2 #calls-title { "Today" }
            div #calls data-live {
                @if todays.is_empty() { p.quiet { "No calls yet." } }
                @for (_, calls) in todays { (list(shown, calls)) }
            }
            details .none[earlier.is_empty()] {
                summary { "Earlier calls" }
                div #earlier-calls data-live {
                    @if earlier.is_empty() { p.quiet { "None." } }
                    @for (day, calls) in earlier {
                        h3 { (words::day_name(day, today)) }
                        (list(shown, calls))
                    }
                }
            }
        }
    }
}

fn date(shown: &Shown, call: &CallView) -> Date {
    call.started_at
        .to_zoned(shown.now.time_zone().clone())
        .date()
}

fn list(shown: &Shown, calls: &[CallView]) -> Markup {
    html! {
        ol {
            @for call in calls { (line(shown, call)) }
        }
    }
}

fn line(shown: &Shown, call: &CallView) -> Markup {
    let started = call.started_at.to_zoned(shown.now.time_zone().clone());
    let (tone, sentence) = fate(shown, &call.fate, started.date());
    html! {
        li {
            time datetime=(call.started_at) { (words::time_of_day(&started)) }
            div {
                p.who {
                    (who(shown, &call.caller))
                    @if call.rings > 0 { " " span.rings { (words::count(call.rings, "ring")) } }
                    @if call.noticed { " " span.rings { "your operator told us" } }
                }
                p.fate { span .dot .(tone) {} (sentence) }
                @if let (Caller::Number(number), Fate::Texted(_)) = (&call.caller, &call.fate) {
                    p { a .way href={ "/people?number=" (people::encoded(number.as_str())) "#never-text" } { "Never text" } }
                }
            }
        }
    }
}

/// Who called; a number is there to be tapped and called back.
fn who(shown: &Shown, caller: &Caller) -> Markup {
    match caller {
        Caller::Number(number) => html! {
            a href={ "tel:" (number) } { bdi { (words::number(number, shown.home)) } }
        },
        Caller::Unreadable(digits) => html! { bdi { (words::shown(digits, CALLER_CHARS)) } },
        Caller::Withheld => html! { "Hidden number" },
        Caller::Unavailable => html! { "Unknown number" },
    }
}

/// How it went, as a tone, and in a sentence.
fn fate(shown: &Shown, fate: &Fate, day: Date) -> (&'static str, String) {
    match fate {
        Fate::Ringing => ("waiting", "Ringing now.".to_owned()),
        Fate::Skipped(Some(reason)) => ("skipped", reason.sentence()),
        // Only a newer textback gave reasons that this one does not know.
        Fate::Skipped(None) => ("skipped", "Not texted.".to_owned()),
        Fate::Texted(text) => texted(shown, text, day),
    }
}

fn texted(shown: &Shown, text: &TextView, day: Date) -> (&'static str, String) {
    let error = text
        .error
        .as_deref()
        .map(|error| words::sentence(&words::shown(error, ERROR_CHARS)));
    let with_error = |words: &str| match &error {
        Some(error) => format!("{words} {error}"),
        None => words.to_owned(),
    };
    let which = match text.occasion {
        Some(Occasion::AfterHours) => " You were closed: your message for that went out.",
        Some(Occasion::Holiday) => " It was a holiday: your message for that went out.",
        _ => "",
    };
    let at = |words: &str, end: &str| match text.sent_at {
        Some(at) => format!(
            "{words} at {}{end}.{which}",
            words::time_seen_from(at, &shown.now, day)
        ),
        None => format!("{words}{end}.{which}"),
    };
    match text.state {
        TextState::Queued | TextState::Received => {
            ("waiting", with_error("The text is waiting to go out."))
        }
        TextState::Sending => ("waiting", "Texting now.".to_owned()),
        TextState::Sent => ("sent", at("Texted", "")),
        TextState::Delivered => ("delivered", at("Texted", ", delivered")),
        TextState::Unconfirmed => (
            "waiting",
            "Texted, but the network has not confirmed it yet.".to_owned(),
        ),
        TextState::Failed => ("failed", with_error("The text could not be sent.")),
    }
}
