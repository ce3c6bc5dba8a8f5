//! `textback check`: looks at modem, SIM, network and voice, and says in plain words what is wrong.

use std::io::{self, Write};
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use serde::Serialize;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::level_filters::LevelFilter;

use super::run::pin_source;
use super::{Failure, ModemPlace, Outcome, load_config, logging, runtime};
use crate::config::{Config, Overrides};
use crate::modem::{
    Facts, ModemState, ModemTask, Ports, Pulse, Registrations, SerialPorts, Signal,
};

/// A modem that has just been plugged in may take 40 s to boot and register; longer than this nobody waits at a terminal.
const PATIENCE: Duration = Duration::from_secs(45);

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    modem: ModemPlace,
    /// Print one JSON object instead of lines
    #[arg(long)]
    json: bool,
}

/// What was found.
#[derive(Debug, Serialize)]
struct Report {
    well: bool,
    findings: Vec<Finding>,
}

#[derive(Debug, Serialize)]
struct Finding {
    subject: &'static str,
    well: bool,
    words: String,
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    let overrides = Overrides {
        port: arguments.modem.port,
        ..Overrides::default()
    };
    let config = load_config(arguments.modem.config.as_deref(), overrides)?;
    logging::start(LevelFilter::ERROR, false).map_err(Failure::Usage)?;
    let report = runtime()?.block_on(look(&config, arguments.json))?;
    print(&report, arguments.json).context("printing what was found")?;
    if report.well {
        Ok(())
    } else {
        Err(Failure::Said)
    }
}

/// Brings the modem up as the daemon would, and tells on the way what it is at.
async fn look(config: &Config, quiet: bool) -> anyhow::Result<Report> {
    let ports = SerialPorts::new(&config.modem);
    let patient = ports.has_others();
    let (events, _unheard) = mpsc::unbounded_channel();
    let (state, mut watched) = watch::channel(ModemState::default());
    let stop = CancellationToken::new();
    let modem = ModemTask::new(ports, pin_source(config), Pulse::default());
    let task = tokio::spawn(modem.run(events, state, stop.clone()));
    // Out of patience or not: what the modem is at by then tells what is wrong.
    let _ = tokio::time::timeout(PATIENCE, until_armed(&mut watched, patient, quiet)).await;
    let found = watched.borrow().clone();
    stop.cancel();
    task.await.context("looking at the modem")?;
    Ok(report(&found))
}

/// Returns as soon as the modem is armed or will not be; `patient`: other ports are tried where one is silent.
async fn until_armed(state: &mut watch::Receiver<ModemState>, patient: bool, quiet: bool) {
    loop {
        let now = state.borrow_and_update().clone();
        match &now {
            ModemState::Armed { .. } => return,
            ModemState::Down { .. } if !patient => return,
            _ if quiet => {}
            other => progress(&other.reason().unwrap_or_default()),
        }
        if state.changed().await.is_err() {
            return;
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "long work shows progress, apart from the answer"
)]
fn progress(step: &str) {
    eprintln!("  …  {step}");
}

fn report(state: &ModemState) -> Report {
    let findings = match state {
        ModemState::Armed {
            facts,
            signal,
            registrations,
        } => {
            let mut findings = vec![
                Finding::well("port", format!("{} answers.", facts.port)),
                Finding::well("modem", modem(facts)),
                Finding::well("SIM", sim(facts)),
            ];
            let operator = facts
                .operator
                .as_deref()
                .unwrap_or("an operator that is not named");
            findings.push(Finding::well(
                "network",
                format!("Registered with {operator}."),
            ));
            findings.push(match signal.map(Signal::dbm) {
                Some(dbm) => Finding::well("signal", format!("{dbm} dBm; above -95 is good.")),
                None => Finding::well("signal", "The modem does not tell.".to_owned()),
            });
            findings.push(service_centre(facts));
            findings.extend(storage(facts));
            findings.push(texts(facts));
            findings.push(voice(facts, registrations));
            findings
        }
        other => {
            let why = other.reason().unwrap_or_default();
            vec![Finding {
                subject: "modem",
                well: false,
                words: why,
            }]
        }
    };
    Report {
        well: findings.iter().all(|finding| finding.well),
        findings,
    }
}

impl Finding {
    fn well(subject: &'static str, words: String) -> Self {
        Self {
            subject,
            well: true,
            words,
        }
    }
}

fn modem(facts: &Facts) -> String {
    let known = [&facts.manufacturer, &facts.model, &facts.revision];
    let known: Vec<&str> = known.into_iter().flatten().map(String::as_str).collect();
    if known.is_empty() {
        "It does not say what it is.".to_owned()
    } else {
        known.join(", ")
    }
}

fn sim(facts: &Facts) -> String {
    let number = facts
        .own_number
        .as_deref()
        .unwrap_or("not stored on the SIM");
    let country = facts.region();
    match country {
        Some(country) => format!("Ready, from {country}. Its number: {number}."),
        None => format!(
            "Ready; its country cannot be told, so set business.country. Its number: {number}."
        ),
    }
}

fn service_centre(facts: &Facts) -> Finding {
    let (well, words) = match facts.service_centre.as_deref() {
        Some("") => (
            false,
            "The SIM has no number for the network's SMS centre: no text goes out. Put the SIM into a phone and enter the carrier's number there, or ask the carrier for another SIM.".to_owned(),
        ),
        Some(number) => (true, format!("{number}.")),
        None => (true, "The modem does not tell.".to_owned()),
    };
    Finding {
        subject: "SMS centre",
        well,
        words,
    }
}

/// How full the memory for messages was when the modem was set up; what the daemon takes in it deletes.
fn storage(facts: &Facts) -> Option<Finding> {
    let (used, total) = facts.storage.filter(|(_, total)| *total > 0)?;
    let words = match used >= total {
        false => format!("{used} of {total} messages."),
        true => format!(
            "Full, with {used} of {total} messages: nothing more comes in until textback runs, which takes them over."
        ),
    };
    Some(Finding {
        subject: "storage",
        well: used < total,
        words,
    })
}

fn texts(facts: &Facts) -> Finding {
    let words = match (facts.sms_by_urc, facts.status_reports) {
        (true, true) => "The modem tells of new texts and of delivery.",
        (true, false) => "The modem tells of new texts, but not whether ours arrive.",
        (false, _) => {
            "The modem does not tell of new texts; they are looked for every ten minutes."
        }
    };
    Finding::well("texts", words.to_owned())
}

fn voice(facts: &Facts, registrations: &Registrations) -> Finding {
    let (well, words) = facts.voice(registrations);
    Finding {
        subject: "voice",
        well,
        words: words.to_owned(),
    }
}

fn print(report: &Report, json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, report)?;
        return writeln!(out);
    }
    for finding in &report.findings {
        let mark = if finding.well { "ok" } else { "!!" };
        writeln!(out, "{mark:>4}  {:<10} {}", finding.subject, finding.words)?;
    }
    let end = if report.well {
        "All is well."
    } else {
        "Not ready: see the lines marked !!."
    };
    writeln!(out, "{end}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tokio::time::timeout;

    fn down() -> ModemState {
        let why = "The modem does not answer AT.".to_owned();
        ModemState::Down { why }
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_port_ends_the_look_only_where_there_is_no_other() {
        let (_state, mut watched) = watch::channel(down());
        let looked = timeout(PATIENCE, until_armed(&mut watched, false, true)).await;
        assert!(looked.is_ok());

        let (state, mut watched) = watch::channel(down());
        let looking = until_armed(&mut watched, true, true);
        tokio::pin!(looking);
        let looked = timeout(PATIENCE, &mut looking).await;
        assert!(looked.is_err());
        state.send_replace(ModemState::Armed {
            facts: Arc::default(),
            signal: None,
            registrations: Registrations::default(),
        });
        assert!(timeout(PATIENCE, looking).await.is_ok());
    }
}
