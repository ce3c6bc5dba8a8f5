//! `textback check`: looks at modem, SIM, network, voice, clock and disk, a line each, and says in plain words what is wrong. It
//! mends nothing but brings the modem up as the daemon does, radio and PIN included, and says so.

mod findings;
mod machine;

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
use crate::clock::Clock;
use crate::config::{Config, Overrides};
use crate::modem::{ModemEvent, ModemState, ModemTask, Ports, Pulse, SerialPorts, Stage};
use findings::Finding;

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
    let (events, mut heard) = mpsc::unbounded_channel();
    let (state, mut watched) = watch::channel(ModemState::default());
    let stop = CancellationToken::new();
    let pin = pin_source(config);
    let modem = ModemTask::new(ports, pin.clone(), Pulse::default());
    let task = tokio::spawn(modem.run(events, state, stop.clone()));
    // Out of patience or not: what the modem is at by then tells what is wrong.
    let _ = tokio::time::timeout(PATIENCE, until_armed(&mut watched, patient, quiet)).await;
    let found = watched.borrow().clone();
    stop.cancel();
    task.await.context("looking at the modem")?;
    let clock = Clock::system();
    let mut network_tells = false;
    while let Ok(event) = heard.try_recv() {
        if let ModemEvent::Time(time) = event {
            network_tells = clock.hear_network(time);
        }
    }
    let mut findings = findings::of(&found, &config.modem.port, &pin);
    findings.push(machine::clock(&clock, network_tells));
    findings.push(machine::disk(&config.data.dir));
    findings.extend(machine::power());
    Ok(Report {
        well: findings.iter().all(|finding| finding.well != Some(false)),
        findings,
    })
}

/// Returns as soon as the modem is armed or will not be; `patient`: other ports are tried where one is silent.
async fn until_armed(state: &mut watch::Receiver<ModemState>, patient: bool, quiet: bool) {
    loop {
        let now = state.borrow_and_update().clone();
        match &now {
            ModemState::Armed { .. } => return,
            ModemState::Down { stage, .. } if !patient || *stage > Stage::Modem => return,
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

fn print(report: &Report, json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, report)?;
        return writeln!(out);
    }
    for finding in &report.findings {
        let mark = match finding.well {
            Some(true) => "ok",
            Some(false) => "!!",
            None => "--",
        };
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
    use crate::modem::Registrations;
    use std::sync::Arc;
    use tokio::time::timeout;

    fn down(stage: Stage) -> ModemState {
        let why = "The modem does not answer AT.".to_owned();
        ModemState::Down { why, stage }
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_port_ends_the_look_only_where_there_is_no_other() {
        let (_state, mut watched) = watch::channel(down(Stage::Modem));
        let looked = timeout(PATIENCE, until_armed(&mut watched, false, true)).await;
        assert!(looked.is_ok());

        let (state, mut watched) = watch::channel(down(Stage::Modem));
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

    #[tokio::test(start_paused = true)]
    async fn a_modem_that_wants_its_pin_ends_the_look_whatever_other_ports_there_are() {
        let (_state, mut watched) = watch::channel(down(Stage::Pin));
        let looked = timeout(PATIENCE, until_armed(&mut watched, true, true)).await;
        assert!(looked.is_ok());
    }
}
