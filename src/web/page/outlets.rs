//! What is told elsewhere: when somebody was told last, what waits, what stopped, and what was given up. Empty while nobody is told.

use maud::{Markup, html};

use super::Shown;
use crate::events::Outlet;
use crate::store::{DeadLetter, OutletView};
use crate::web::reader::Reader;
use crate::web::words;

/// Characters of what went wrong.
const ERROR_CHARS: usize = 300;

pub(super) fn section(shown: &Shown) -> Markup {
    let reader = &shown.reader;
    html! {
        div #outlets data-live {
            @if !shown.outlets.is_empty() {
                section .card aria-labelledby="outlets-title" {
                    h2 #outlets-title { (reader.say("Told elsewhere")) }
                    ol {
                        @for view in &shown.outlets { (outlet(shown, view)) }
                    }
                }
            }
        }
    }
}

fn outlet(shown: &Shown, view: &OutletView) -> Markup {
    let reader = &shown.reader;
    let trouble = view.stopped.is_some() || view.error.is_some() || !view.dead.is_empty();
    html! {
        li {
            @match view.delivered_at {
                Some(at) => time datetime=(at) { (words::time_of_day(&reader.local(at))) },
                None => span {},
            }
            div {
                p.who { (reader.say(name(view.outlet))) }
                p.fate {
                    @if trouble { span .dot.failed {} }
                    (state(reader, view))
                }
                @for dead in &view.dead { p.fate { (letter(reader, dead)) } }
                @if view.given_up > 0 && view.stopped.is_none() { (again(view, reader)) }
            }
        }
    }
}

/// The button that has what was given up sent again.
fn again(view: &OutletView, reader: &Reader) -> Markup {
    let unseen = usize::try_from(view.given_up)
        .unwrap_or(usize::MAX)
        .saturating_sub(view.dead.len());
    let name = reader.say(name(view.outlet));
    let again = reader.fill("Try again: {what}", &[("what", &name)]);
    html! {
        @if unseen > 0 {
            p.fate { (reader.count(unseen, "And 1 older message.", "And {n} older messages.")) }
        }
        form method="post" action="/outlets/again" {
            input type="hidden" name="outlet" value=(view.outlet.token());
            button .second type="submit" aria-label=(again) { (reader.say("Try again")) }
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

fn state(reader: &Reader, view: &OutletView) -> String {
    if let Some(why) = &view.stopped {
        let why = words::shown(&reader.retell_part(why), ERROR_CHARS);
        let stopped =
            "Nothing is sent there any more: {why}. The configuration has to name another address.";
        return reader.fill(stopped, &[("why", &why)]);
    }
    let mut told = match view.delivered_at {
        Some(at) => reader.fill("Last told at {time}.", &[("time", &reader.time_since(at))]),
        None => reader.say("Nothing has been told yet.").to_owned(),
    };
    if view.waiting > 0 {
        let waiting = reader.count(view.waiting, "1 message waits.", "{n} messages wait.");
        told.push_str(&format!(" {waiting}"));
    }
    if let Some(error) = &view.error {
        let why = words::shown(&reader.retell_part(error), ERROR_CHARS);
        let failed = "It is tried again; what went wrong: {why}.";
        told.push_str(&format!(" {}", reader.fill(failed, &[("why", &why)])));
    }
    told
}

/// One that was given up.
fn letter(reader: &Reader, dead: &DeadLetter) -> String {
    reader.fill(
        "Given up: {kind} of {time}, {name}: {why}.",
        &[
            ("kind", &dead.kind),
            ("time", &reader.time_since(dead.at)),
            ("name", &dead.name),
            (
                "why",
                &words::shown(&reader.retell_part(&dead.error), ERROR_CHARS),
            ),
        ],
    )
}
