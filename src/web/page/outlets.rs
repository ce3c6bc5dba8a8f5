//! What is told elsewhere: when somebody was told last, what waits, what stopped, and what was given up. Empty while nobody is told.

use maud::{Markup, html};

use super::Shown;
use crate::events::Outlet;
use crate::store::{DeadLetter, OutletView};
use crate::web::words;

/// Characters of what went wrong.
const ERROR_CHARS: usize = 300;

pub(super) fn section(shown: &Shown) -> Markup {
    html! {
        div #outlets data-live {
            @if !shown.outlets.is_empty() {
                section .card aria-labelledby="outlets-title" {
                    h2 #outlets-title { "Told elsewhere" }
                    ol {
                        @for view in &shown.outlets { (outlet(shown, view)) }
                    }
                }
            }
        }
    }
}

fn outlet(shown: &Shown, view: &OutletView) -> Markup {
    let trouble = view.stopped.is_some() || view.error.is_some() || !view.dead.is_empty();
    html! {
        li {
            @match view.delivered_at {
                Some(at) => time datetime=(at) { (words::time_of_day(&at.to_zoned(shown.now.time_zone().clone()))) },
                None => span {},
            }
            div {
                p.who { (name(view.outlet)) }
                p.fate {
                    @if trouble { span .dot.failed {} }
                    (state(shown, view))
                }
                @for dead in &view.dead { p.fate { (letter(shown, dead)) } }
                @if view.given_up > 0 && view.stopped.is_none() { (again(view)) }
            }
        }
    }
}

/// The button that has what was given up sent again.
fn again(view: &OutletView) -> Markup {
    let unseen = usize::try_from(view.given_up)
        .unwrap_or(usize::MAX)
        .saturating_sub(view.dead.len());
    let name = name(view.outlet);
    html! {
        @if unseen > 0 { p.fate { "And " (words::count(unseen, "older message")) "." } }
        form method="post" action="/outlets/again" {
            input type="hidden" name="outlet" value=(view.outlet.token());
            button .second type="submit" aria-label={ "Try again: " (name) } { "Try again" }
        }
    }
}

fn name(outlet: Outlet) -> &'static str {
    match outlet {
        Outlet::Webhook => "Webhook",
        Outlet::Push => "Push",
        Outlet::Mail => "E-mail",
    }
}

fn state(shown: &Shown, view: &OutletView) -> String {
    if let Some(why) = &view.stopped {
        let why = words::shown(why, ERROR_CHARS);
        return format!(
            "Nothing is sent there any more: {why}. The configuration has to name another address."
        );
    }
    let last = match view.delivered_at {
        Some(at) => {
            let today = shown.now.date();
            format!(
                "Last told at {}.",
                words::time_seen_from(at, &shown.now, today)
            )
        }
        None => "Nothing has been told yet.".to_owned(),
    };
    let waiting = match view.waiting {
        0 => String::new(),
        1 => " 1 message waits.".to_owned(),
        more => format!(" {more} messages wait."),
    };
    let error = match &view.error {
        Some(error) => format!(
            " It is tried again; what went wrong: {}.",
            words::shown(error, ERROR_CHARS)
        ),
        None => String::new(),
    };
    format!("{last}{waiting}{error}")
}

/// One that was given up.
fn letter(shown: &Shown, dead: &DeadLetter) -> String {
    let at = words::time_seen_from(dead.at, &shown.now, shown.now.date());
    let error = words::shown(&dead.error, ERROR_CHARS);
    format!("Given up: {} of {at}, {}: {error}.", dead.kind, dead.name)
}
