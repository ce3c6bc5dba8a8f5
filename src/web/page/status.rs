//! The first thing seen: is the box ready, what did today bring, and how well does it hear the network.

use maud::{Markup, html};

use super::Shown;
use crate::modem::{ModemState, Rung, Signal};
use crate::store::{CallCount, CallView, Fate};
use crate::text::TextState;
use crate::web::reader::Reader;
use crate::web::words;

/// Characters of an operator's name that are shown.
const OPERATOR_CHARS: usize = 30;
/// Characters of a reason that are shown.
const REASON_CHARS: usize = 300;
/// Characters of what is wrong with the disk that are shown: all of it, unless SQLite becomes long-winded.
const TROUBLE_CHARS: usize = 600;

/// From how many dBm on a signal has this many bars and this name: the levels of Android's GSM bars
/// (`CellSignalStrengthGsm.java`).
const SIGNALS: [(i16, u8, &str); 5] = [
    (-89, 4, "strong signal"),
    (-97, 3, "good signal"),
    (-103, 2, "fair signal"),
    (-107, 1, "weak signal"),
    (i16::MIN, 0, "hardly any signal"),
];

pub(super) fn headline(shown: &Shown) -> Markup {
    let reader = &shown.reader;
    let (tone, title, sentence) = match (&shown.read, &shown.hindrance) {
        (Err(error), _) => ("off", "Not ready.", reader.retell(&error.to_string())),
        (Ok(_), Some(reason)) => {
            let coming = matches!(shown.modem, ModemState::BringingUp { .. });
            let title = if coming {
                "Not ready yet."
            } else {
                "Not ready."
            };
            ("off", title, reader.retell(reason))
        }
        (Ok((overview, _)), None) => {
            let today = overview.days.last().copied().unwrap_or_default();
            let (tone, title) = match shown.disk {
                None => ("on", "Ready."),
                Some(_) => ("off", "The disk needs help."),
            };
            (
                tone,
                title,
                day_so_far(reader, today, todays(shown, &overview.calls)),
            )
        }
    };
    html! {
        (badge(tone))
        h1 { (reader.say(title)) }
        @if let Some(disk) = &shown.disk { p { (words::shown(&reader.retell(disk), TROUBLE_CHARS)) } }
        p { (words::shown(&sentence, REASON_CHARS)) }
        @if let Some(doubt) = voice_doubt(&shown.modem) { p { (reader.retell(doubt)) } }
        @if let Some(doubt) = &shown.clock { p { (reader.retell(doubt)) } }
    }
}

/// What speaks against calls ringing; texts go out all the same.
fn voice_doubt(modem: &ModemState) -> Option<&'static str> {
    let ModemState::Armed {
        facts,
        registrations,
        ..
    } = modem
    else {
        return None;
    };
    match facts.voice(registrations) {
        (true, _) => None,
        (false, words) => Some(words),
    }
}

/// A ring around a check mark, or around a bar.
fn badge(tone: &str) -> Markup {
    let path = match tone {
        "on" => "M19 33l9 9 18-20",
        _ => "M21 32h22",
    };
    html! {
        svg .badge .(tone) viewBox="0 0 64 64" width="72" height="72" aria-hidden="true" {
            circle cx="32" cy="32" r="29" {}
            path d=(path) {}
        }
    }
}

/// Where today's texts stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Texts {
    waiting: u32,
    failed: u32,
}

fn todays(shown: &Shown, calls: &[CallView]) -> Texts {
    let reader = &shown.reader;
    let mut texts = Texts::default();
    for call in calls {
        if reader.local(call.started_at).date() != reader.now.date() {
            continue;
        }
        match &call.fate {
            Fate::Texted(text) => match text.state {
                TextState::Failed => texts.failed += 1,
                TextState::Queued | TextState::Sending => texts.waiting += 1,
                TextState::Sent
                | TextState::Delivered
                | TextState::Unconfirmed
                | TextState::Received => {}
            },
            Fate::Ringing | Fate::Skipped(_) => {}
        }
    }
    texts
}

/// `4 missed calls today, all texted.`
fn day_so_far(reader: &Reader, today: CallCount, texts: Texts) -> String {
    let texted = today.texted.saturating_sub(texts.waiting + texts.failed);
    let (one, several) = match texted {
        _ if today.calls == 0 => return reader.say("No missed calls today.").to_owned(),
        0 if texts == Texts::default() => (
            "1 missed call today, not texted.",
            "{n} missed calls today, not texted.",
        ),
        0 => ("1 missed call today.", "{n} missed calls today."),
        texted if texted >= today.calls => (
            "1 missed call today, texted.",
            "{n} missed calls today, all texted.",
        ),
        _ => ("", "{n} missed calls today, {texted} texted."),
    };
    let mut told = match today.calls {
        1 => reader.say(one).to_owned(),
        calls => reader.fill(several, &[("n", &calls), ("texted", &texted)]),
    };
    let mut add = |number, one, several| {
        if number > 0 {
            told.push_str(&format!(" {}", reader.count(number, one, several)));
        }
    };
    add(
        texts.waiting,
        "1 text is on its way.",
        "{n} texts are on their way.",
    );
    add(
        texts.failed,
        "1 text could not be sent.",
        "{n} texts could not be sent.",
    );
    told
}

/// The network and how well it is heard; nothing while there is none.
pub(super) fn network(shown: &Shown) -> Markup {
    let ModemState::Armed { facts, signal, .. } = &shown.modem else {
        return html! {};
    };
    let operator = facts
        .operator
        .as_deref()
        .map(|name| words::shown(name, OPERATOR_CHARS))
        .filter(|name| !name.is_empty());
    let signal = signal.map(level);
    html! {
        @if operator.is_some() || signal.is_some() {
            p {
                @if let Some((bars, _)) = signal { (signal_bars(bars)) }
                @if let Some(operator) = &operator { (operator) }
                @if operator.is_some() && signal.is_some() { ", " }
                @if let Some((_, words)) = signal { (shown.reader.say(words)) }
            }
        }
    }
}

/// What was done last for an ill modem: `Yesterday, 8:12 AM: The modem was restarted. That helped.`
pub(super) fn healed(shown: &Shown) -> Markup {
    let Some((row, rung)) = shown
        .healed
        .as_ref()
        .and_then(|row| Some((row, Rung::from_token(&row.rung)?)))
    else {
        return html! {};
    };
    let reader = &shown.reader;
    let at = reader.local(row.at);
    let day = reader.day_name(at.date());
    let time = words::time_of_day(&at);
    let told = match row.outcome.as_deref() {
        None => reader.retell(rung.done()),
        Some("helped") => reader.retell(&format!("{} That helped.", rung.done())),
        Some("useless") => reader.retell(&format!("{} That did not help.", rung.done())),
        Some(why) => reader.fill(
            "{doing}, which could not be done: {why}.",
            &[
                ("doing", &reader.say(rung.doing())),
                ("why", &reader.retell_part(why)),
            ],
        ),
    };
    html! { p { (day) ", " (time) ": " (words::shown(&told, REASON_CHARS)) } }
}

pub(super) fn level(signal: Signal) -> (u8, &'static str) {
    let dbm = signal.dbm();
    SIGNALS
        .iter()
        .find(|(from, ..)| dbm >= *from)
        .map_or((0, ""), |(_, bars, words)| (*bars, *words))
}

fn signal_bars(bars: u8) -> Markup {
    html! {
        svg .signal viewBox="0 0 22 16" width="22" height="16" aria-hidden="true" {
            @for bar in 0..4_u8 {
                rect .full[bar < bars] x=(bar * 6) y=(12 - bar * 4) width="4" height=(4 + bar * 4) rx="1" {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_told_in_one_sentence() {
        let reader = Reader::english("2026-03-02T18:00:00[UTC]");
        for (calls, texted, waiting, failed, expected) in [
            (0, 0, 0, 0, "No missed calls today."),
            (1, 1, 0, 0, "1 missed call today, texted."),
            (1, 0, 0, 0, "1 missed call today, not texted."),
            (4, 4, 0, 0, "4 missed calls today, all texted."),
            (4, 3, 0, 0, "4 missed calls today, 3 texted."),
            (1, 1, 1, 0, "1 missed call today. 1 text is on its way."),
            (
                4,
                3,
                2,
                0,
                "4 missed calls today, 1 texted. 2 texts are on their way.",
            ),
            (
                4,
                4,
                0,
                1,
                "4 missed calls today, 3 texted. 1 text could not be sent.",
            ),
        ] {
            let sentence = day_so_far(
                &reader,
                CallCount {
                    calls,
                    texted,
                    ..CallCount::default()
                },
                Texts { waiting, failed },
            );
            assert_eq!(sentence, expected);
        }
    }

    #[test]
    fn every_signal_has_its_bars() {
        for (rssi, bars) in [
            (31, 4),
            (12, 4),
            (11, 3),
            (8, 3),
            (7, 2),
            (5, 2),
            (4, 1),
            (3, 1),
            (2, 0),
            (0, 0),
        ] {
            assert_eq!(level(Signal { rssi }).0, bars, "+CSQ: {rssi}");
        }
    }
}
