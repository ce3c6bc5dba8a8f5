//! `textback settings list | get KEY | set KEY VALUE`. Works beside a running daemon, which reads the settings whenever it
//! needs them.

use anyhow::Context;
use clap::{Args, Subcommand};

use super::{Failure, Outcome, Place, run::make_data_dir, runtime};
use crate::settings::{self, Settings};
use crate::store::{self, Store};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Every setting: its value, and what it does
    List {
        #[command(flatten)]
        place: Place,
    },
    /// The value of one setting
    Get {
        /// Such as business.name
        key: String,
        #[command(flatten)]
        place: Place,
    },
    /// Change one setting
    Set {
        /// Such as business.name
        key: String,
        /// The new value; "" goes back to the default
        #[arg(allow_hyphen_values = true)]
        value: String,
        #[command(flatten)]
        place: Place,
    },
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    match arguments.action {
        Action::List { place } => list(&read(place)?),
        Action::Get { key, place } => get(&read(place)?, &key),
        Action::Set { key, value, place } => set(&key, &value, place),
    }
}

fn read(place: Place) -> Result<Settings, Failure> {
    let data_dir = place.existing_data_dir()?;
    Ok(store::read_settings(&data_dir).context("reading the settings")?)
}

#[expect(clippy::print_stdout, reason = "the answer of this command")]
fn list(settings: &Settings) -> Outcome {
    for setting in settings::ALL {
        println!(
            "{} = {:?}",
            setting.key,
            settings.value(setting.key).unwrap_or_default()
        );
        println!(
            "    {} [{}; default {:?}]",
            setting.help,
            setting.accepts(),
            setting.default
        );
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the answer of this command")]
fn get(settings: &Settings, key: &str) -> Outcome {
    let value = settings
        .value(key)
        .map_err(|refusal| Failure::Usage(refusal.into()))?;
    println!("{value}");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the answer of this command")]
fn set(key: &str, value: &str, place: Place) -> Outcome {
    let data_dir = place.data_dir()?;
    make_data_dir(&data_dir)?;
    let store = Store::open(&data_dir).context("changing a setting")?;
    let kept = runtime()?
        .block_on(store.change_setting(key, value))
        .context("changing a setting")?
        .map_err(|refusal| Failure::Usage(refusal.into()))?;
    println!("{key} = {kept:?}");
    Ok(())
}
