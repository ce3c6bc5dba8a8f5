//! The box itself in HTML.

use jiff::Zoned;
use maud::{Markup, html};

use super::{frame, status};
use crate::modem::{Facts, ModemState, Rung, Signal};
use crate::phone::{PhoneNumber, Region};
use crate::store::{HealingRow, Totals};
use crate::web::words;

/// Characters of what a modem or the system says that are shown.
const SAID_CHARS: usize = 400;
/// Bytes of a megabyte, as disks are sold.
const MEGABYTE: u64 = 1_000_000;

/// All that is shown.
pub(in crate::web) struct View {
    pub(in crate::web) demo: bool,
    pub(in crate::web) now: Zoned,
    pub(in crate::web) home: Option<Region>,
    pub(in crate::web) modem: ModemState,
    pub(in crate::web) healings: Vec<HealingRow>,
    pub(in crate::web) totals: Totals,
    /// What is wrong with the disk.
    pub(in crate::web) disk: Option<String>,
    /// Bytes left on it; nothing where it does not tell.
    pub(in crate::web) free: Option<u64>,
    /// What speaks against the clock.
    pub(in crate::web) clock: Option<String>,
}

pub(in crate::web) fn page(view: &View) -> Markup {
    let content = html! {
        div .top {
            a .way href="/" { "Back" }
            h1 { "The box" }
        }
        (live(view))
        section .card aria-labelledby="records-title" {
            h2 #records-title { "Records" }
            p .quiet { (words::count(view.totals.calls, "call")) " and " (words::count(view.totals.texts, "text")) " since it was set up." }
            p .quiet { "To keep a copy: " code { "textback backup FILE" } " on the box, while it runs." }
        }
    };
    frame("The box", view.demo, Some("/box/now"), &content)
}

/// The parts that change by themselves.
pub(in crate::web) fn live(view: &View) -> Markup {
    html! {
        section .card aria-labelledby="modem-title" {
            h2 #modem-title { "Modem and SIM" }
            div #box-modem data-live { (modem(view)) }
        }
        section .card aria-labelledby="healings-title" {
            h2 #healings-title { "What was done for the modem" }
            div #box-healings data-live { (healings(view)) }
        }
        section .card aria-labelledby="computer-title" {
            h2 #computer-title { "Disk, clock and program" }
            div #box-computer data-live { (computer(view)) }
        }
    }
}

fn modem(view: &View) -> Markup {
    html! {
        @match &view.modem {
            ModemState::Armed { facts, signal, registrations } => {
                @let (_, voice) = facts.voice(registrations);
                (armed(view, facts, *signal, voice))
            }
            other => p { (shown(&other.reason().unwrap_or_default())) },
        }
    }
}

fn armed(view: &View, facts: &Facts, signal: Option<Signal>, voice: &str) -> Markup {
    let own = facts.own_number.as_deref();
    let own = own.map(|own| match PhoneNumber::parse(own, view.home) {
        Ok(number) => number.format_for(view.home),
        Err(_) => words::shown(own, SAID_CHARS),
    });
    let signal = signal.map(|signal| format!("{} dBm, {}", signal.dbm(), status::level(signal).1));
    let storage = facts
        .storage
        .map(|(used, of)| format!("{used} of {of} messages"));
    let rows = [
        ("Maker", facts.manufacturer.clone()),
        ("Model", facts.model.clone()),
        ("Firmware", facts.revision.clone()),
        ("Port", Some(facts.port.clone())),
        ("Network", facts.operator.clone()),
        ("Signal", signal),
        ("Calls", Some(voice.to_owned())),
        ("Number of the SIM", own),
        ("SMS centre", facts.service_centre.clone()),
        ("Memory at its start", storage),
    ];
    html! {
        dl {
            @for (name, value) in &rows {
                @if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                    div { dt { (name) } dd { bdi { (shown(value)) } } }
                }
            }
        }
    }
}

fn healings(view: &View) -> Markup {
    html! {
        @if view.healings.is_empty() { p .quiet { "Nothing had to be done so far." } }
        ol {
            @for row in &view.healings {
                @let at = row.at.to_zoned(view.now.time_zone().clone());
                li {
                    time datetime=(row.at) { (words::day_name(at.date(), view.now.date())) ", " (words::time_of_day(&at)) }
                    div {
                        p { (Rung::from_token(&row.rung).map_or("Something was done.", Rung::done)) }
                        p .quiet { (shown(&words::sentence(&row.why))) }
                        p .quiet {
                            @match row.outcome.as_deref() {
                                None => { "Not known yet whether that helped." }
                                Some("helped") => { "That helped." }
                                Some("useless") => { "That did not help." }
                                Some(why) => { "It could not be done: " (shown(why)) "." }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn computer(view: &View) -> Markup {
    let disk = match (&view.disk, view.free) {
        (Some(wrong), _) => wrong.clone(),
        (None, Some(free)) => format!("Takes what is written. {} MB are free.", free / MEGABYTE),
        (None, None) => "Takes what is written.".to_owned(),
    };
    let clock = match &view.clock {
        Some(doubt) => doubt.clone(),
        None => format!(
            "{}, as the network or the computer says.",
            words::time_of_day(&view.now)
        ),
    };
    html! {
        dl {
            div { dt { "Disk" } dd { (shown(&disk)) } }
            div { dt { "Clock" } dd { (shown(&clock)) } }
            div { dt { "Time zone" } dd { (view.now.time_zone().iana_name().unwrap_or("the computer's")) } }
            div { dt { "Program" } dd { "textback " (env!("CARGO_PKG_VERSION")) } }
        }
    }
}

fn shown(text: &str) -> String {
    words::shown(text, SAID_CHARS)
}
