//! `textback password`: sets the page's password, or shows the code with which the page sets the first one. Works beside a running daemon.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, anyhow};
use clap::Args;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use super::run::make_data_dir;
use super::{Failure, Outcome, Place, runtime};
use crate::door::{self, BadPassword};
use crate::store::{self, Store};

/// Bytes of standard input that are read for a password.
const LINE_BYTES_MAX: u64 = 4096;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Only show the code with which the page sets the first password
    #[arg(long)]
    code: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    let data_dir = arguments.place.data_dir()?;
    if arguments.code {
        return show_code(&data_dir);
    }
    make_data_dir(&data_dir)?;
    let store = Store::open(&data_dir).context("setting the password")?;
    let runtime = runtime()?;
    let typed = match io::stdin().is_terminal() {
        true => {
            introduce(
                runtime
                    .block_on(store.first_code())
                    .context("reading the code")?
                    .as_deref(),
            )?;
            ask_twice()?
        }
        false => read_line().context("reading the password from standard input")?,
    };
    let salt = store::salt().context("setting the password")?;
    let hash = door::hash(&typed, &salt)
        .map_err(|bad: BadPassword| Failure::Usage(anyhow!("{bad}; nothing was changed")))?;
    runtime
        .block_on(store.set_password(hash))
        .context("setting the password")?;
    say("The password is set. Whoever was signed in has to sign in again.")?;
    Ok(())
}

/// For scripts and for an installer who sets the password on the page.
fn show_code(data_dir: &Path) -> Outcome {
    make_data_dir(data_dir)?;
    let store = Store::open(data_dir).context("reading the code")?;
    match runtime()?
        .block_on(store.first_code())
        .context("reading the code")?
    {
        Some(code) => Ok(say(&door::shown_code(&code))?),
        None => Err(Failure::Unwell(anyhow!(
            "a password is set already, so there is no code: `textback password` sets another one"
        ))),
    }
}

fn introduce(code: Option<&str>) -> anyhow::Result<()> {
    match code {
        Some(code) => say(&format!(
            "The page has no password yet. It can be set there, with the code {}, or here.",
            door::shown_code(code)
        )),
        None => say("The page has a password. The one typed here takes its place."),
    }
}

fn ask_twice() -> Result<String, Failure> {
    let first = ask("New password: ")?;
    let again = ask("The same once more: ")?;
    match first == again {
        true => Ok(first),
        false => Err(Failure::Usage(anyhow!(
            "the two differ; nothing was changed"
        ))),
    }
}

/// Asks on the terminal without showing what is typed.
fn ask(prompt: &str) -> anyhow::Result<String> {
    let mut out = io::stderr();
    write!(out, "{prompt}")?;
    out.flush()?;
    let stdin = io::stdin();
    let before = tcgetattr(&stdin).context("asking the terminal not to show the password")?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Flush, &silent)
        .context("asking the terminal not to show the password")?;
    let line = read_line();
    tcsetattr(&stdin, OptionalActions::Now, &before)
        .context("asking the terminal to show what is typed again")?;
    writeln!(out)?;
    line.context("reading the password")
}

/// A line without its end.
fn read_line() -> io::Result<String> {
    let mut line = String::new();
    io::Read::take(io::stdin().lock(), LINE_BYTES_MAX).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn say(sentence: &str) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{sentence}").context("writing the answer")
}
