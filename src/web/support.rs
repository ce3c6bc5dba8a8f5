//! What an installer sends in with a question: how the box is, its settings and its log, without anybody's number.

use std::fmt::Write;

use jiff::civil::Date;

use crate::modem::{ModemState, Signal};
use crate::phone;
use crate::settings::{ALL, OWNER_PIN};
use crate::store::StoreError;

use super::signal_day::Heard;
use super::{App, box_page, health};

/// Digits that make a number of somebody's; dates and sums have fewer, or are spared.
const NUMBER_DIGITS: usize = 7;
/// `2026-12-24`
const DATE_CHARS: usize = 10;

/// The whole file.
pub(super) async fn bundle(app: &App) -> Result<String, StoreError> {
    let state = &app.state;
    let view = box_page::view(app).await?;
    let settings = state.store.settings().await?;
    let hindrance = health::hindrance(state, &view.modem).await;
    let mut told = String::new();
    let mut tell = |title: &str, lines: &[String]| {
        let _ = write!(told, "== {title}\n{}\n\n", lines.join("\n"));
    };
    tell(
        "textback",
        &[
            format!("version {}", env!("CARGO_PKG_VERSION")),
            format!("written {}", view.reader.now),
            format!(
                "calls since it was set up: {}, texts: {}, of which {} still to go out",
                view.totals.calls, view.totals.texts, view.totals.waiting
            ),
        ],
    );
    let ready = "a call missed now would be texted".to_owned();
    tell("state", &[hindrance.map_or(ready, |why| masked(&why))]);
    tell("modem and SIM", &modem(&view.modem));
    let signal = state.signals.until(state.clock.wall());
    let signal = signal.iter().map(|heard| match heard {
        Heard::Unknown => "?".to_owned(),
        Heard::Nothing => "-".to_owned(),
        Heard::Dbm(dbm) => dbm.to_string(),
    });
    tell(
        "signal of the last day, a figure for ten minutes, in dBm",
        &[signal.collect::<Vec<_>>().join(" ")],
    );
    let healings = view.healings.iter().map(|row| {
        let outcome = row.outcome.as_deref().unwrap_or("not known yet");
        format!(
            "{} {}: {} ({})",
            row.at,
            row.rung,
            masked(&row.why),
            masked(outcome)
        )
    });
    tell("what was done for the modem", &healings.collect::<Vec<_>>());
    tell(
        "disk and clock",
        &[
            format!(
                "disk: {}",
                view.disk.as_deref().unwrap_or("takes what is written")
            ),
            format!(
                "bytes free: {}",
                view.free
                    .map_or("not known".to_owned(), |it| it.to_string())
            ),
            format!(
                "clock: {}",
                view.clock.as_deref().unwrap_or("no doubt about it")
            ),
        ],
    );
    let changed = ALL.iter().filter_map(|setting| {
        let value = settings.value(setting.key).ok()?;
        let value = match setting.key {
            OWNER_PIN => "(set)".to_owned(),
            _ => masked(value),
        };
        (settings.value(setting.key).ok()? != setting.default)
            .then(|| format!("{} = {value:?}", setting.key))
    });
    tell(
        "settings that are not at their default",
        &changed.collect::<Vec<_>>(),
    );
    let outlets = state.store.outlets().await?;
    let outlets = outlets.iter().map(|view| {
        let wrong = view.stopped.as_deref().or(view.error.as_deref());
        let wrong = masked(wrong.unwrap_or("nothing wrong"));
        format!(
            "{}: {} wait, {} given up, {wrong}",
            view.outlet.token(),
            view.waiting,
            view.given_up
        )
    });
    tell("who else is told", &outlets.collect::<Vec<_>>());
    let log = state.log.lines();
    let log = log.iter().map(|line| match line.split_once(' ') {
        // The moment is no number of anybody's.
        Some((moment, rest)) => format!("{moment} {}", masked(rest)),
        None => masked(line),
    });
    tell("log", &log.collect::<Vec<_>>());
    Ok(told)
}

fn modem(state: &ModemState) -> Vec<String> {
    let ModemState::Armed {
        facts,
        signal,
        registrations,
    } = state
    else {
        return vec![masked(&state.reason().unwrap_or_default())];
    };
    let word = |word: &Option<String>| masked(word.as_deref().unwrap_or("not known"));
    vec![
        format!("maker {}", word(&facts.manufacturer)),
        format!("model {}", word(&facts.model)),
        format!(
            "firmware {}",
            facts.revision.as_deref().unwrap_or("not known")
        ),
        format!("port {}", facts.port),
        format!("network {}", word(&facts.operator)),
        format!("signal {:?}", signal.map(Signal::dbm)),
        format!("registered {registrations:?}"),
        format!("calls: {}", facts.voice(registrations).1),
        // A SIM's identity is its country and its network, and then its owner.
        format!(
            "IMSI {}",
            facts
                .imsi
                .as_deref()
                .map_or("not known".to_owned(), |it| format!(
                    "{}…",
                    it.get(..5).unwrap_or_default()
                ))
        ),
        format!("service centre {}", word(&facts.service_centre)),
        format!("storage {:?}", facts.storage),
        format!(
            "tells of messages {}, of status reports {}",
            facts.sms_by_urc, facts.status_reports
        ),
    ]
}

/// Words with every telephone number in them shortened as in the log, however it is written.
fn masked(words: &str) -> String {
    let mut kept = String::new();
    let mut rest = words;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit() || c == '+' || c == '(') {
        let (before, from) = rest.split_at(start);
        kept.push_str(before);
        if let Some(date) = from.get(..DATE_CHARS).filter(|it| is_date(it)) {
            kept.push_str(date);
            rest = &from[DATE_CHARS..];
            continue;
        }
        let end = from
            .find(|c: char| !c.is_ascii_digit() && !"+()-./ ".contains(c))
            .unwrap_or(from.len());
        let (found, after) = from.split_at(end);
        let digits: String = found.chars().filter(char::is_ascii_digit).collect();
        if digits.len() < NUMBER_DIGITS {
            kept.push_str(found);
        } else {
            let number = format!("{}{digits}", if found.starts_with('+') { "+" } else { "" });
            kept.push_str(&phone::shortened(&number));
            let end = found.rfind(|c: char| c.is_ascii_digit());
            kept.push_str(&found[end.map_or(0, |end| end + 1)..]);
        }
        rest = after;
    }
    kept + rest
}

/// `2026-12-24`.
fn is_date(words: &str) -> bool {
    words.parse::<Date>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shortened_however_they_are_written() {
        for (words, expected) in [
            ("texted +12025550143 at once", "texted +1202…43 at once"),
            ("call (202) 555-0143, please", "call 2025…43, please"),
            ("It is 2025550143. (Yes)", "It is 2025…43. (Yes)"),
            ("202.555.0143", "2025…43"),
            ("07700 900123 rang", "0770…23 rang"),
            (
                "on 2026-12-24 and 2026-12-25",
                "on 2026-12-24 and 2026-12-25",
            ),
            ("until 2026-12-24 10:00", "until 2026-12-24 10:00"),
            ("error 500 of 1200", "error 500 of 1200"),
            ("", ""),
            ("+", "+"),
            ("ä+1 202 555 0143ö", "ä+1202…43ö"),
        ] {
            assert_eq!(masked(words), expected);
        }
    }
}
