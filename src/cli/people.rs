//! `textback people list | add | remove | import`: the lists of people. Works beside a running daemon, which asks them at every call.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::{Args, Subcommand, ValueEnum};

use super::{Failure, Outcome, Place, run::make_data_dir, runtime};
use crate::address_book::{self, FILE_BYTES_MAX};
use crate::clock::Clock;
use crate::phone::{PhoneNumber, Region};
use crate::store::{self, List, Person, Store};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Who is on a list: number, name and, if they asked for no texts, since when, with tabs between
    List {
        /// Which
        #[arg(value_enum)]
        list: Lists,
        /// Only those with this in their name or number
        sought: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Put somebody on a list, or give a new name to who is there
    Add {
        /// To which
        #[arg(value_enum)]
        list: Lists,
        /// Such as +12025550143, or as at home once business.country is set
        #[arg(allow_hyphen_values = true)]
        number: String,
        /// Such as "Ann, plumbing supplies"
        #[arg(default_value = "")]
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// Take somebody off a list
    Remove {
        /// From which
        #[arg(value_enum)]
        list: Lists,
        /// Such as +12025550143, or as at home once business.country is set
        #[arg(allow_hyphen_values = true)]
        number: String,
        /// They asked to be texted again; needed for who asked for no texts
        #[arg(long)]
        they_asked: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Put all of an address book on a list, or nothing of it
    Import {
        /// On which: never-text or contacts
        #[arg(value_enum)]
        list: Lists,
        /// A vCard (.vcf) or CSV file
        file: PathBuf,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Lists {
    /// Never texted: family, crew, suppliers
    NeverText,
    /// Left alone while texts.only_strangers is on
    Contacts,
    /// Asked for no texts
    OptedOut,
}

impl From<Lists> for List {
    fn from(named: Lists) -> Self {
        match named {
            Lists::NeverText => Self::NeverText,
            Lists::Contacts => Self::Contacts,
            Lists::OptedOut => Self::OptedOut,
        }
    }
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    match arguments.action {
        Action::List {
            list,
            sought,
            place,
        } => show(list.into(), &sought.unwrap_or_default(), place),
        Action::Add {
            list,
            number,
            name,
            place,
        } => add(list.into(), &number, &name, place),
        Action::Remove {
            list,
            number,
            they_asked,
            place,
        } => remove(list.into(), &number, they_asked, place),
        Action::Import { list, file, place } => import(list.into(), &file, place),
    }
}

fn show(list: List, sought: &str, place: Place) -> Outcome {
    let data_dir = place.existing_data_dir()?;
    let found = store::read_people(&data_dir, list, sought).context("reading the list")?;
    let mut out = io::stdout().lock();
    for person in &found.people {
        match writeln!(out, "{}", row(person)) {
            // The reader has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            written => written.context("writing the list")?,
        }
    }
    Ok(())
}

/// Numbers and names hold no control characters, so a tab is one of ours.
fn row(person: &Person) -> String {
    let Person {
        number,
        name,
        since,
    } = person;
    match since {
        Some(since) => format!("{number}\t{name}\t{since}"),
        None => format!("{number}\t{name}"),
    }
}

#[expect(clippy::print_stdout, reason = "the answer of this command")]
fn add(list: List, number: &str, name: &str, place: Place) -> Outcome {
    let data_dir = place.data_dir()?;
    make_data_dir(&data_dir)?;
    let store = Store::open(&data_dir).context("changing the list")?;
    let number = parse(number, home(&data_dir)?)?;
    let listed = runtime()?
        .block_on(store.list_person(list, &number, name, Clock::system().wall()))
        .context("changing the list")?;
    match listed.context("nobody was added")? {
        true => println!("{number} is on the list {}", list.token()),
        false => println!("{number} was on the list {} already", list.token()),
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the answer of this command")]
fn remove(list: List, number: &str, they_asked: bool, place: Place) -> Outcome {
    if list == List::OptedOut && !they_asked {
        return Err(Failure::Usage(anyhow!(
            "who asked for no texts stays on this list until they ask to be texted again; if they did, say so with --they-asked"
        )));
    }
    let data_dir = place.existing_data_dir()?;
    let store = Store::open(&data_dir).context("changing the list")?;
    let number = parse(number, home(&data_dir)?)?;
    let was_there = runtime()?
        .block_on(store.unlist_person(list, number.as_str()))
        .context("changing the list")?;
    if !was_there {
        return Err(Failure::Unwell(anyhow!(
            "{number} is not on the list {}",
            list.token()
        )));
    }
    println!("{number} is off the list {}", list.token());
    Ok(())
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the answer of this command"
)]
fn import(list: List, file: &Path, place: Place) -> Outcome {
    if list == List::OptedOut {
        return Err(Failure::Usage(anyhow!(
            "who asked for no texts asked one by one: add them with `textback people add opted-out NUMBER`"
        )));
    }
    let data_dir = place.data_dir()?;
    make_data_dir(&data_dir)?;
    let bytes = read_file(file)
        .with_context(|| format!("reading {}", file.display()))
        .map_err(Failure::Usage)?;
    let store = Store::open(&data_dir).context("changing the list")?;
    let book = address_book::read(&bytes, home(&data_dir)?)
        .with_context(|| format!("nothing of {} was taken", file.display()))?;
    let imported = runtime()?
        .block_on(store.import_people(list, book.entries, Clock::system().wall()))
        .context("changing the list")?
        .with_context(|| format!("nothing of {} was taken", file.display()))?;
    println!(
        "{} numbers are new on the list {}, {} were there already",
        imported.added,
        list.token(),
        imported.known
    );
    if book.without_number > 0 {
        println!("{} contacts have no phone number", book.without_number);
    }
    if book.left_out_count > 0 {
        eprintln!(
            "{} were left out, because they could not be read as phone numbers:",
            book.left_out_count
        );
        for left_out in &book.left_out {
            eprintln!("  {left_out}");
        }
        if book.left_out_count > book.left_out.len() {
            eprintln!("  …");
        }
    }
    Ok(())
}

/// One byte more than may be, if there are more.
fn read_file(file: &Path) -> io::Result<Vec<u8>> {
    let most = u64::try_from(FILE_BYTES_MAX + 1).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    File::open(file)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The country set; which one the SIM is from, only the daemon knows.
fn home(data_dir: &Path) -> Result<Option<Region>, Failure> {
    let settings = store::read_settings(data_dir).context("reading the settings")?;
    Ok(settings.country())
}

fn parse(typed: &str, home: Option<Region>) -> Result<PhoneNumber, Failure> {
    PhoneNumber::parse(typed, home).map_err(|error| Failure::Usage(error.into()))
}
