//! Arguments, exit codes and words for the terminal; one file a subcommand. What a command does is in the rooms below.

mod backup;
mod check;
mod decide;
mod demo;
mod export;
mod logging;
mod password;
mod people;
pub mod replay;
mod restore;
mod run;
mod settings;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};

use crate::config::{Config, Overrides};

/// Where the configuration is, unless `--config` says otherwise.
const DEFAULT_CONFIG: &str = "/etc/textback/textback.toml";

/// Texts back the callers nobody could answer.
#[derive(Debug, Parser)]
#[command(name = "textback", version, arg_required_else_help = true, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 good, 1 the thing looked at is not well, 2 wrong usage or configuration.\n\
                          To see it all without a modem: textback demo";

#[derive(Debug, Subcommand)]
enum Command {
    /// Watch the modem and text back missed callers, until told to stop
    Run(run::Arguments),
    /// Show all of it on a simulated modem; nothing else needed
    Demo(demo::Arguments),
    /// Look at the modem, SIM, network and voice, and say in plain words what is wrong
    Check(check::Arguments),
    /// List, read or change the settings; a running textback follows at once
    Settings(settings::Arguments),
    /// List or change who is never texted, your contacts, and who asked for no texts; a running textback follows at once
    People(people::Arguments),
    /// Set the page's password, or show the code with which the page sets the first one
    Password(password::Arguments),
    /// Say whether somebody who called now would be texted, and why not; changes nothing
    Decide(decide::Arguments),
    /// Tell what the daemon sees in a recorded line (see modem.record)
    Replay(replay::Arguments),
    /// Print all calls and texts
    Export(export::Arguments),
    /// Copy the database into a file, while textback runs or not
    Backup(backup::Arguments),
    /// Check a backup and put it in the database's place, while textback does not run
    Restore(restore::Arguments),
}

/// How a command can end other than well.
enum Failure {
    /// Exit code 1: it was looked at and is not well.
    Unwell(anyhow::Error),
    /// Exit code 1, and everything has been said already.
    Said,
    /// Exit code 2: wrong usage or configuration.
    Usage(anyhow::Error),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Unwell(error)
    }
}

type Outcome = Result<(), Failure>;

/// Runs the program with the process's own arguments.
#[must_use]
pub fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Run(arguments) => run::run(arguments),
        Command::Demo(arguments) => demo::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Settings(arguments) => settings::run(arguments),
        Command::People(arguments) => people::run(arguments),
        Command::Password(arguments) => password::run(arguments),
        Command::Decide(arguments) => decide::run(arguments),
        Command::Replay(arguments) => replay::run(arguments),
        Command::Export(arguments) => export::run(arguments),
        Command::Backup(arguments) => backup::run(arguments),
        Command::Restore(arguments) => restore::run(arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Said) => ExitCode::from(1),
        Err(Failure::Unwell(error)) => say(&error, 1),
        Err(Failure::Usage(error)) => say(&error, 2),
    }
}

#[expect(clippy::print_stderr, reason = "the last words of a command")]
fn say(error: &anyhow::Error, code: u8) -> ExitCode {
    eprintln!("textback: {error:#}");
    ExitCode::from(code)
}

/// Which modem a command works with.
#[derive(Debug, Args)]
struct ModemPlace {
    /// The configuration file [default: /etc/textback/textback.toml if it is there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The modem's AT port, such as /dev/ttyUSB2, or "auto"
    #[arg(long, value_name = "PATH")]
    port: Option<String>,
}

/// Which data a command works on.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct Place {
    /// The configuration file [default: /etc/textback/textback.toml if it is there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The directory with the database, whatever the configuration says
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl Place {
    fn data_dir(self) -> Result<PathBuf, Failure> {
        let overrides = Overrides {
            data_dir: self.data_dir,
            ..Overrides::default()
        };
        Ok(load_config(self.config.as_deref(), overrides)?.data.dir)
    }

    /// For what only reads: a mistyped directory must not pass for an empty one.
    fn existing_data_dir(self) -> Result<PathBuf, Failure> {
        let data_dir = self.data_dir()?;
        if data_dir.is_dir() {
            return Ok(data_dir);
        }
        Err(Failure::Usage(anyhow::anyhow!(
            "there is no data directory {}: name it with --data-dir, or start `textback run` once, which makes it",
            data_dir.display()
        )))
    }
}

/// Flags beat the file, the file beats the defaults.
fn load_config(file: Option<&Path>, overrides: Overrides) -> Result<Config, Failure> {
    let default = Path::new(DEFAULT_CONFIG);
    let config = match file.or_else(|| default.exists().then_some(default)) {
        None => Config::default(),
        Some(file) => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("reading the configuration {}", file.display()))
                .map_err(Failure::Usage)?;
            Config::parse(&text, &file.display().to_string())
                .map_err(|error| Failure::Usage(error.into()))?
        }
    };
    config
        .with_overrides(overrides)
        .map_err(|error| Failure::Usage(error.into()))
}

/// One thread runs everything; the store's jobs have threads of their own.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("starting the event loop")
}
