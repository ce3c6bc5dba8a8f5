//! `textback decide NUMBER...`: whether somebody who called now would be texted, and why not. Changes nothing.

use anyhow::Context;
use clap::Args;
use jiff::tz::TimeZone;

use super::{Failure, Outcome, Place};
use crate::clock::Clock;
use crate::phone::PhoneNumber;
use crate::rules::{Caller, Decision};
use crate::store;
use crate::wording::Occasion;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Such as +12025550143, or as at home once business.country is set
    #[arg(required = true)]
    numbers: Vec<String>,
    #[command(flatten)]
    place: Place,
}

#[expect(clippy::print_stdout, reason = "the answer of this command")]
pub(super) fn run(arguments: Arguments) -> Outcome {
    let data_dir = arguments.place.existing_data_dir()?;
    let settings = store::read_settings(&data_dir).context("reading the settings")?;
    let home = settings.country();
    let numbers: Result<Vec<PhoneNumber>, _> = arguments
        .numbers
        .iter()
        .map(|typed| PhoneNumber::parse(typed, home))
        .collect();
    let numbers = numbers.map_err(|error| Failure::Usage(error.into()))?;
    let callers: Vec<Caller> = numbers.iter().cloned().map(Caller::Number).collect();
    let now = Clock::system().wall();
    let decisions = store::rehearse(&data_dir, &callers, now, &TimeZone::system())
        .context("asking what would be decided")?;
    for (number, decision) in numbers.iter().zip(decisions) {
        let words = match decision {
            Decision::Text(Occasion::AfterHours) => {
                "Would be texted, with the message for closed hours.".to_owned()
            }
            Decision::Text(Occasion::Holiday) => {
                "Would be texted, with the message for holidays.".to_owned()
            }
            Decision::Text(_) => "Would be texted.".to_owned(),
            Decision::Skip(reason) => reason.sentence(),
        };
        println!("{}: {words}", number.format_for(home));
    }
    Ok(())
}
