//! `textback restore FILE`: a backup is checked and put in the place of the database, while no daemon runs.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::run::{lock, make_data_dir};
use super::{Outcome, Place};
use crate::clock::Clock;
use crate::store;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A file that `textback backup` made
    file: PathBuf,
    #[command(flatten)]
    place: Place,
}

#[expect(clippy::print_stdout, reason = "the answer of this command")]
pub(super) fn run(arguments: Arguments) -> Outcome {
    let data_dir = arguments.place.data_dir()?;
    make_data_dir(&data_dir)?;
    let _lock = lock(&data_dir).context("a database that is in use cannot be replaced")?;
    let now = Clock::system().wall();
    let (restored, kept) =
        store::restore(&arguments.file, &data_dir, now).context("restoring a backup")?;
    println!(
        "{} is in place: {} calls, {} texts and the settings",
        arguments.file.display(),
        restored.calls,
        restored.texts
    );
    if let Some(kept) = kept {
        println!("the database that was there is kept as {}", kept.display());
    }
    Ok(())
}
