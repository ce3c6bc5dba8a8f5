//! `textback settings list | get KEY | set KEY VALUE | export | import FILE`. Works beside a running daemon, which reads the settings whenever it
//! needs them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Subcommand};

use super::{Failure, Outcome, Place, run::make_data_dir, runtime};
use crate::clock::Clock;
use crate::settings::{self, Settings};
use crate::store::{self, Store};
use crate::wording::{self, Advice, SAMPLE_CALLER, Values};

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
    /// Print those that differ from their defaults, as a file that `import` takes
    Export {
        #[command(flatten)]
        place: Place,
    },
    /// Change all settings that a file names, or none if one of them is refused
    Import {
        /// Lines such as business.name = "Rivera Plumbing" (TOML)
        file: PathBuf,
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
        Action::List { place } => list(read(place)?.as_ref()),
        Action::Get { key, place } => get(read(place)?.as_ref(), &key),
        Action::Export { place } => export(read(place)?.as_ref()),
        Action::Import { file, place } => import(&file, place),
        Action::Set { key, value, place } => set(&key, &value, place),
    }
}

fn read(place: Place) -> Result<Arc<Settings>, Failure> {
    let data_dir = place.existing_data_dir()?;
    Ok(store::read_settings(&data_dir).context("reading the settings")?)
}

#[expect(clippy::print_stdout, reason = "the answer of this command")]
fn list(settings: &Settings) -> Outcome {
    for setting in settings::ALL {
        println!(
            "{} = {:?}",
            setting.key,
            shown(setting.key, settings.value(setting.key).unwrap_or_default())
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

/// A list is shown to others and pasted into mails; `get` tells the PIN to who asks for it.
fn shown<'a>(key: &str, value: &'a str) -> &'a str {
    match key {
        settings::OWNER_PIN if !value.is_empty() => "****",
        _ => value,
    }
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
#[expect(clippy::print_stderr, reason = "advice is beside the answer")]
fn set(key: &str, value: &str, place: Place) -> Outcome {
    let data_dir = place.data_dir()?;
    make_data_dir(&data_dir)?;
    let store = Store::open(&data_dir).context("changing a setting")?;
    let kept = runtime()?
        .block_on(store.change_setting(key, value, Clock::system().wall()))
        .context("changing a setting")?
        .map_err(|refusal| Failure::Usage(refusal.into()))?;
    println!("{key} = {kept:?}");
    let settings = store::read_settings(&data_dir).context("reading the settings")?;
    for advice in advice(key, &settings) {
        eprintln!("{}", advice.sentence());
    }
    Ok(())
}

/// What could be better about a message that was kept; nothing for what is no message.
fn advice(key: &str, settings: &Settings) -> Vec<Advice> {
    let occasion = settings::find(key)
        .ok()
        .and_then(settings::Setting::occasion);
    let Some((occasion, message)) = occasion.and_then(|of| Some((of, settings.message(of)?)))
    else {
        return Vec::new();
    };
    // The SIM may tell of another country; this command works beside the daemon and without a modem.
    let home = settings.country();
    let owner = settings.owner_number().map(|owner| owner.format_for(home));
    let time = wording::sample_time(home);
    let values = Values {
        business: settings.business_name(),
        caller: Some(SAMPLE_CALLER),
        time: Some(&time),
        owner: owner.as_deref(),
    };
    wording::advice(message, occasion, settings.language(home), &values)
}

/// A string in JSON is one in TOML too.
#[expect(clippy::print_stdout, reason = "the answer of this command")]
fn export(settings: &Settings) -> Outcome {
    for setting in settings::ALL {
        let value = settings.value(setting.key).unwrap_or_default();
        // A file that is passed on must not give the PIN away.
        if value != setting.default && setting.key != settings::OWNER_PIN {
            println!("{} = {}", setting.key, serde_json::Value::from(value));
        }
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the answer of this command")]
fn import(file: &Path, place: Place) -> Outcome {
    let changes = read_file(file).map_err(Failure::Usage)?;
    let data_dir = place.data_dir()?;
    make_data_dir(&data_dir)?;
    let store = Store::open(&data_dir).context("changing settings")?;
    let pairs: Vec<(&str, &str)> = changes
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    let kept = runtime()?
        .block_on(store.change_settings(&pairs, Clock::system().wall()))
        .context("changing settings")?
        .with_context(|| format!("{}: nothing was changed", file.display()))
        .map_err(Failure::Usage)?;
    for ((key, _), value) in changes.iter().zip(kept) {
        println!("{key} = {value:?}");
    }
    Ok(())
}

/// Every key of the file with its value, as `set` would be given it.
fn read_file(file: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let reading = || format!("reading the settings in {}", file.display());
    let text = std::fs::read_to_string(file).with_context(reading)?;
    let table: toml::Table = text.parse().with_context(reading)?;
    let mut changes = Vec::new();
    flatten("", &toml::Value::Table(table), &mut changes).with_context(reading)?;
    anyhow::ensure!(!changes.is_empty(), "{} names no setting", file.display());
    Ok(changes)
}

fn flatten(
    key: &str,
    value: &toml::Value,
    changes: &mut Vec<(String, String)>,
) -> anyhow::Result<()> {
    let value = match value {
        toml::Value::Table(table) => {
            for (name, value) in table {
                let dot = if key.is_empty() { "" } else { "." };
                flatten(&format!("{key}{dot}{name}"), value, changes)?;
            }
            return Ok(());
        }
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Boolean(true) => "yes".to_owned(),
        toml::Value::Boolean(false) => "no".to_owned(),
        _ => anyhow::bail!("{key}: write a text in quotes, a whole number, true or false"),
    };
    changes.push((key.to_owned(), value));
    Ok(())
}
