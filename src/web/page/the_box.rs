//! The box itself in HTML.

use jiff::Zoned;
use maud::{Markup, html};

use super::{frame, status};
use crate::modem::{Facts, ModemState, Rung, Signal};
use crate::phone::{PhoneNumber, Region};
use crate::store::{HealingRow, Totals};
use crate::web::signal_day::{COLUMNS, EVERY_MIN, Heard};
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
    /// The last day, oldest first.
    pub(in crate::web) signal: Vec<Heard>,
    /// The newest lines, oldest first.
    pub(in crate::web) log: Vec<String>,
    /// How to know the page's certificate.
    pub(in crate::web) fingerprint: Option<String>,
    /// It can start anew by itself.
    pub(in crate::web) may_restart: bool,
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
            p .quiet { "A copy has all of it, with the numbers and texts of your callers: keep it where only you can read it. " code { "textback restore FILE" } " on the box puts it back." }
            form method="post" action="/box/backup" { button .second type="submit" { "Keep a copy" } }
        }
        section .card aria-labelledby="help-title" {
            h2 #help-title { "When you ask somebody for help" }
            p .quiet { "This file says how the box is, how it is set and what its log says. Telephone numbers are shortened, texts of callers are not in it. Read it before you send it." }
            form method="post" action="/box/support" { button .second type="submit" { "Get the file" } }
        }
        @if view.may_restart {
            section .card aria-labelledby="restart-title" {
                h2 #restart-title { "Start anew" }
                p .quiet { "The program ends in order and starts again, which takes a few seconds. A call that comes meanwhile is texted after it." }
                form method="post" action="/box/restart" { button .second type="submit" { "Start anew" } }
            }
        }
        section .card aria-labelledby="log-title" {
            h2 #log-title { "Log" }
            p .quiet { "The newest lines since the program started, newest first, in UTC. All of them: " code { "journalctl -u textback" } "." }
            @if view.log.is_empty() { p .quiet { "Nothing so far." } }
            ol #log tabindex="0" role="region" aria-label="Log" {
                @for line in view.log.iter().rev() { li { (shown(line)) } }
            }
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
        section .card aria-labelledby="signal-title" {
            h2 #signal-title { "Signal over the last day" }
            div #box-signal data-live { (signal(view)) }
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

/// The weakest and the strongest that a column shows, in dBm: from where no call holds to the best there is.
const WEAKEST_DBM: i16 = -113;
const STRONGEST_DBM: i16 = -51;
/// Of the picture, in its own units; a column is two wide.
const HIGHEST: usize = 62;

fn signal(view: &View) -> Markup {
    let heard = view.signal.iter().filter_map(|heard| match heard {
        Heard::Dbm(dbm) => Some(*dbm),
        Heard::Nothing | Heard::Unknown => None,
    });
    let range = heard.clone().min().zip(heard.max());
    let lost = view
        .signal
        .iter()
        .filter(|it| **it == Heard::Nothing)
        .count();
    let told = match range {
        Some((weak, strong)) if weak == strong => format!("{weak} dBm all the time."),
        Some((weak, strong)) => format!("Between {weak} and {strong} dBm."),
        None => "Nothing is known yet.".to_owned(),
    };
    let without = match lost * EVERY_MIN {
        0 => String::new(),
        minutes => format!(
            " Without network for {} at most.",
            words::count(minutes as u64, "minute")
        ),
    };
    let told = told + &without;
    html! {
        svg .signal-day viewBox={ "0 0 " (COLUMNS * 2) " " (HIGHEST + 2) } role="img" aria-label=(told) {
            @for (at, heard) in view.signal.iter().enumerate() {
                @match heard {
                    Heard::Dbm(dbm) => {
                        @let height = height(*dbm);
                        rect .full x=(at * 2) y=(HIGHEST - height) width="2" height=(height + 2) {}
                    }
                    Heard::Nothing => rect .lost x=(at * 2) y="0" width="2" height=(HIGHEST + 2) {},
                    Heard::Unknown => {}
                }
            }
        }
        p .quiet { (told) }
        @if COLUMNS * EVERY_MIN > view.signal.iter().filter(|it| **it != Heard::Unknown).count() * EVERY_MIN {
            p .quiet { "It is written down since the program started." }
        }
    }
}

/// How high a column is.
fn height(dbm: i16) -> usize {
    let above = dbm.clamp(WEAKEST_DBM, STRONGEST_DBM) - WEAKEST_DBM;
    usize::from(above.unsigned_abs()) * HIGHEST
        / usize::from((STRONGEST_DBM - WEAKEST_DBM).unsigned_abs())
}

/// What is shown while it starts anew.
pub(in crate::web) fn restarting() -> Markup {
    let content = html! {
        div .top {
            h1 { "Starting anew" }
            p .quiet { "This takes some seconds. The page comes back by itself." }
            a .way href="/" { "To the calls" }
        }
        meta http-equiv="refresh" content="8; url=/";
    };
    frame("Starting anew", false, None, &content)
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
            @if let Some(fingerprint) = &view.fingerprint {
                div { dt { "Certificate (SHA-256)" } dd { (fingerprint) } }
            }
            div { dt { "Program" } dd { "textback " (env!("CARGO_PKG_VERSION")) } }
        }
    }
}

fn shown(text: &str) -> String {
    words::shown(text, SAID_CHARS)
}
