//! Callers whom the owner had better ring back, because their text did not get there.

use maud::{Markup, html};

use super::Shown;
use crate::store::{About, Alert, AlertView, Overview};
use crate::text::AlertKind;
use crate::web::words;

/// Stands above today's calls.
pub(super) fn list(shown: &Shown, overview: &Overview) -> Markup {
    let (people, words): (Vec<_>, Vec<_>) = overview
        .alerts
        .iter()
        .partition(|view| matches!(view.alert.about, About::Person { .. }));
    let reader = &shown.reader;
    html! {
        div #alerts data-live {
            @if !people.is_empty() {
                h2 { (reader.say("Please ring back")) }
                ol {
                    @for view in people { (line(shown, view)) }
                }
            }
            @if !words.is_empty() {
                h2 { (reader.say("Please look at")) }
                ol {
                    @for view in words { (line(shown, view)) }
                }
            }
        }
    }
}

fn line(shown: &Shown, view: &AlertView) -> Markup {
    let AlertView { alert, told_at } = view;
    let at = match &alert.about {
        About::Person { at, .. } => *at,
        About::Words(_) => alert.at,
    };
    let reader = &shown.reader;
    let there = reader.local(at);
    let day = (there.date() != reader.now.date()).then(|| reader.day_name(there.date()));
    html! {
        li {
            time datetime=(at) { (words::time_of_day(&there)) }
            div {
                p.who {
                    @if let About::Person { number, .. } = &alert.about {
                        a href={ "tel:" (number) } { bdi { (reader.number(number)) } }
                    }
                    @if let Some(day) = day { " " span.rings { (day) } }
                }
                p.fate {
                    span .dot.failed {}
                    (reader.retell(&sentence(alert)))
                    @if let Some(at) = told_at {
                        " " (reader.fill("You were told at {time}.", &[("time", &reader.time_since(*at))]))
                    }
                }
            }
        }
    }
}

/// What the owner has to see to, in a sentence.
pub(in crate::web) fn sentence(alert: &Alert) -> String {
    let what = match (&alert.about, alert.kind) {
        (About::Words(words), _) => return words::sentence(words),
        (_, AlertKind::TooLate) => "The box could not text them in time.",
        (_, AlertKind::NotThrough) => "The text did not get through.",
        (_, AlertKind::Unconfirmed) => "The text may not have arrived.",
        (_, AlertKind::Danger) => {
            "They wrote of danger. The box told them to ring the emergency number."
        }
        (_, AlertKind::TryingAgain) => "They called again after the text.",
        (_, AlertKind::PerhapsCancelled) => {
            "They asked for no more texts, with a word that may be about a job."
        }
        (_, AlertKind::Fence | AlertKind::BoxWasIll) => "",
    };
    what.to_owned()
}
