//! `textback backup FILE`: a copy of the database, whether or not the daemon runs.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::{Outcome, Place};
use crate::store;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The file to make; it must not be there yet
    file: PathBuf,
    #[command(flatten)]
    place: Place,
}

#[expect(clippy::print_stdout, reason = "the answer of this command")]
pub(super) fn run(arguments: Arguments) -> Outcome {
    let data_dir = arguments.place.existing_data_dir()?;
    let copied = store::backup(&data_dir, &arguments.file).context("making a backup")?;
    println!(
        "{}: {} calls, {} texts and the settings",
        arguments.file.display(),
        copied.calls,
        copied.texts
    );
    Ok(())
}
