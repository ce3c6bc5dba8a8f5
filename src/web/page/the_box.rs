//! The box itself in HTML.

use maud::{Markup, html};

use super::{frame, status};
use crate::modem::{Facts, ModemState, Rung, Signal};
use crate::phone::PhoneNumber;
use crate::store::{HealingRow, Totals};
use crate::web::reader::Reader;
use crate::web::signal_day::{COLUMNS, EVERY_MIN, Heard};
use crate::web::words;

/// Characters of what a modem or the system says that are shown.
const SAID_CHARS: usize = 400;
/// Bytes of a megabyte, as disks are sold.
const MEGABYTE: u64 = 1_000_000;

/// All that is shown.
pub(in crate::web) struct View {
    pub(in crate::web) reader: Reader,
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
    let reader = &view.reader;
    let calls = reader.count(view.totals.calls, "1 call", "{n} calls");
    let texts = reader.count(view.totals.texts, "1 text", "{n} texts");
    let content = html! {
        div .top {
            a .way href="/" { (reader.say("Back")) }
            h1 { (reader.say("The box")) }
        }
        (live(view))
        section .card aria-labelledby="records-title" {
            h2 #records-title { (reader.say("Records")) }
            p .quiet { (reader.fill("{calls} and {texts} since it was set up.", &[("calls", &calls), ("texts", &texts)])) }
            p .quiet {
                (reader.say("A copy has all of it, with the numbers and texts of your callers: keep it where only you can read it.")) " "
                (reader.around("{command} on the box puts it back.", &[("command", html! { code { "textback restore FILE" } })]))
            }
            form method="post" action="/box/backup" { button .second type="submit" { (reader.say("Keep a copy")) } }
        }
        section .card aria-labelledby="help-title" {
            h2 #help-title { (reader.say("When you ask somebody for help")) }
            p .quiet { (reader.say("This file says how the box is, how it is set and what its log says. Telephone numbers are shortened, texts of callers are not in it. Read it before you send it.")) }
            form method="post" action="/box/support" { button .second type="submit" { (reader.say("Get the file")) } }
        }
        @if view.may_restart {
            section .card aria-labelledby="restart-title" {
                h2 #restart-title { (reader.say("Start anew")) }
                p .quiet { (reader.say("The program ends in order and starts again, which takes a few seconds. A call that comes meanwhile is texted after it.")) }
                form method="post" action="/box/restart" { button .second type="submit" { (reader.say("Start anew")) } }
            }
        }
        section .card aria-labelledby="log-title" {
            h2 #log-title { (reader.say("Log")) }
            p .quiet {
                (reader.say("The newest lines since the program started, newest first, in UTC and in English.")) " "
                (reader.around("All of them: {command}.", &[("command", html! { code { "journalctl -u textback" } })]))
            }
            @if view.log.is_empty() { p .quiet { (reader.say("Nothing so far.")) } }
            ol #log tabindex="0" role="region" aria-label=(reader.say("Log")) {
                @for line in view.log.iter().rev() { li { (shown(line)) } }
            }
        }
    };
    frame(reader, reader.say("The box"), Some("/box/now"), &content)
}

/// The parts that change by themselves.
pub(in crate::web) fn live(view: &View) -> Markup {
    let reader = &view.reader;
    html! {
        section .card aria-labelledby="modem-title" {
            h2 #modem-title { (reader.say("Modem and SIM")) }
            div #box-modem data-live { (modem(view)) }
        }
        section .card aria-labelledby="signal-title" {
            h2 #signal-title { (reader.say("Signal over the last day")) }
            div #box-signal data-live { (signal(view)) }
        }
        section .card aria-labelledby="healings-title" {
            h2 #healings-title { (reader.say("What was done for the modem")) }
            div #box-healings data-live { (healings(view)) }
        }
        section .card aria-labelledby="computer-title" {
            h2 #computer-title { (reader.say("Disk, clock and program")) }
            div #box-computer data-live { (computer(view)) }
        }
    }
}

fn modem(view: &View) -> Markup {
    let reader = &view.reader;
    html! {
        @match &view.modem {
            ModemState::Armed { facts, signal, registrations } => {
                @let (_, voice) = facts.voice(registrations);
                (armed(view, facts, *signal, voice))
            }
            other => p { (shown(&reader.retell(&other.reason().unwrap_or_default()))) },
        }
    }
}

fn armed(view: &View, facts: &Facts, signal: Option<Signal>, voice: &str) -> Markup {
    let reader = &view.reader;
    let own = facts.own_number.as_deref();
    let own = own.map(|own| match PhoneNumber::parse(own, reader.home) {
        Ok(number) => number.format_for(reader.home),
        Err(_) => words::shown(own, SAID_CHARS),
    });
    let signal = signal.map(|signal| {
        let level = reader.say(status::level(signal).1);
        format!("{} dBm, {level}", signal.dbm())
    });
    let storage = facts
        .storage
        .map(|(used, of)| reader.fill("{used} of {of} messages", &[("used", &used), ("of", &of)]));
    let rows = [
        ("Maker", facts.manufacturer.clone()),
        ("Model", facts.model.clone()),
        ("Firmware", facts.revision.clone()),
        ("Port", Some(facts.port.clone())),
        ("Network", facts.operator.clone()),
        ("Signal", signal),
        ("Calls", Some(reader.retell(voice))),
        ("Number of the SIM", own),
        ("SMS centre", facts.service_centre.clone()),
        ("Memory at its start", storage),
    ];
    html! {
        dl {
            @for (name, value) in &rows {
                @if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                    div { dt { (reader.say(name)) } dd { bdi { (shown(value)) } } }
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
    let reader = &view.reader;
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
        Some((weak, strong)) if weak == strong => {
            reader.fill("{dbm} dBm all the time.", &[("dbm", &weak)])
        }
        Some((weak, strong)) => reader.fill(
            "Between {weak} and {strong} dBm.",
            &[("weak", &weak), ("strong", &strong)],
        ),
        None => reader.say("Nothing is known yet.").to_owned(),
    };
    let told = match lost * EVERY_MIN {
        0 => told,
        minutes => format!(
            "{told} {}",
            reader.fill(
                "Without network for {minutes} minutes at most.",
                &[("minutes", &minutes)],
            )
        ),
    };
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
            p .quiet { (reader.say("It is written down since the program started.")) }
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
pub(in crate::web) fn restarting(reader: &Reader) -> Markup {
    let content = html! {
        div .top {
            h1 { (reader.say("Starting anew")) }
            p .quiet { (reader.say("This takes some seconds. The page comes back by itself.")) }
            a .way href="/" { (reader.say("To the calls")) }
        }
        meta http-equiv="refresh" content="8; url=/";
    };
    frame(reader, reader.say("Starting anew"), None, &content)
}

fn healings(view: &View) -> Markup {
    let reader = &view.reader;
    html! {
        @if view.healings.is_empty() { p .quiet { (reader.say("Nothing had to be done so far.")) } }
        ol {
            @for row in &view.healings {
                @let at = reader.local(row.at);
                li {
                    time datetime=(row.at) { (reader.day_name(at.date())) ", " (words::time_of_day(&at)) }
                    div {
                        p { (reader.say(Rung::from_token(&row.rung).map_or("Something was done.", Rung::done))) }
                        p .quiet { (shown(&reader.retell(&row.why))) }
                        p .quiet {
                            @match row.outcome.as_deref() {
                                None => { (reader.say("Not known yet whether that helped.")) }
                                Some("helped") => { (reader.say("That helped.")) }
                                Some("useless") => { (reader.say("That did not help.")) }
                                Some(why) => (reader.fill("It could not be done: {why}.", &[("why", &shown(&reader.retell_part(why)))])),
                            }
                        }
                    }
                }
            }
        }
    }
}

fn computer(view: &View) -> Markup {
    let reader = &view.reader;
    let disk = match (&view.disk, view.free) {
        (Some(wrong), _) => reader.retell(wrong),
        (None, Some(free)) => reader.fill(
            "Takes what is written. {free} MB are free.",
            &[("free", &(free / MEGABYTE))],
        ),
        (None, None) => reader.say("Takes what is written.").to_owned(),
    };
    let clock = match &view.clock {
        Some(doubt) => reader.retell(doubt),
        None => reader.fill(
            "{time}, as the network or the computer says.",
            &[("time", &words::time_of_day(&reader.now))],
        ),
    };
    let zone = reader.now.time_zone().iana_name();
    let zone = zone.unwrap_or_else(|| reader.say("the computer's"));
    html! {
        dl {
            div { dt { (reader.say("Disk")) } dd { (shown(&disk)) } }
            div { dt { (reader.say("Clock")) } dd { (shown(&clock)) } }
            div { dt { (reader.say("Time zone")) } dd { (zone) } }
            @if let Some(fingerprint) = &view.fingerprint {
                div { dt { (reader.say("Certificate (SHA-256)")) } dd { (fingerprint) } }
            }
            div { dt { (reader.say("Program")) } dd { "textback " (env!("CARGO_PKG_VERSION")) } }
        }
    }
}

fn shown(text: &str) -> String {
    words::shown(text, SAID_CHARS)
}
