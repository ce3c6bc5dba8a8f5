//! The lists of people: opted out (the caller's right), never to be texted and contacts (the owner's choice), and numbers that
//! texts failed for, for good.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{Store, StoreError, millis, moment, open_to_read};
use crate::address_book::{self, Entry};
use crate::phone::PhoneNumber;
use crate::rules::FailedBefore;
use crate::text::Suspicion;

/// So many of the newest texts are looked at for one that left in between.
const LOOKS_BACK: u32 = 200;

/// The largest list the owner may keep: what one file may hold, and what the store can still carry in memory.
const PEOPLE_MAX: usize = address_book::ENTRIES_MAX;

/// A list of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Whom the owner never wants texted: family, crew, suppliers.
    NeverText,
    /// Whom the owner knows; left alone while `texts.only_strangers` says so.
    Contacts,
    /// Who asked for no more texts.
    OptedOut,
}

/// Somebody on a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// E.164.
    pub number: String,
    /// May be empty. Of one who opted out: the name on the owner's other lists.
    pub name: String,
    /// When it was put on the list; known of [`List::OptedOut`] alone.
    pub since: Option<Timestamp>,
}

/// A part of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// By name and number, those without a name last; who opted out newest first.
    pub people: Vec<Person>,
    /// So many match what was sought.
    pub matching: usize,
    /// So many are on the list.
    pub total: usize,
}

/// What an import came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// Numbers that are new on the list.
    pub added: usize,
    /// Numbers that were on it.
    pub known: usize,
}

/// Nothing was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the list has room for {PEOPLE_MAX} numbers, and with these it would have {0}: remove some first"
)]
pub struct ListFull(pub usize);

impl List {
    /// All of them, in the order in which people are shown them.
    pub const ALL: [Self; 3] = [Self::NeverText, Self::Contacts, Self::OptedOut];

    /// Its name on the command line and in addresses.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::NeverText => "never-text",
            Self::Contacts => "contacts",
            Self::OptedOut => "opted-out",
        }
    }

    /// Takes back what [`token`](Self::token) gave.
    #[must_use]
    pub fn from_token(token: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.token() == token)
    }

    fn table(self) -> &'static str {
        match self {
            Self::NeverText => "never_text",
            Self::Contacts => "contacts",
            Self::OptedOut => "opted_out",
        }
    }
}

impl Store {
    /// Of those on a list who match `sought`, `most` at most after the first `skip`. `sought` is a part of the name or of the
    /// number, however that is written; empty matches everybody.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn people(
        &self,
        list: List,
        sought: &str,
        skip: usize,
        most: usize,
    ) -> Result<Listed, StoreError> {
        let sought = Sought::new(sought);
        self.read("reading a list of people", move |connection| {
            listed(connection, list, &sought, skip, most)
        })
        .await
    }

    /// Puts somebody on a list; says whether the number is new there. One that is there already takes the new name, if one is given.
    ///
    /// # Errors
    /// When the store cannot be written. The inner one when the list is full.
    pub async fn list_person(
        &self,
        list: List,
        number: &PhoneNumber,
        name: &str,
        now: Timestamp,
    ) -> Result<Result<bool, ListFull>, StoreError> {
        let entry = Entry {
            number: number.clone(),
            name: name.to_owned(),
        };
        let imported = self.import_people(list, vec![entry], now).await?;
        Ok(imported.map(|imported| imported.added > 0))
    }

    /// Puts all of these on a list, or none: in one transaction. Names as for [`Store::list_person`].
    ///
    /// # Errors
    /// When the store cannot be written. The inner one when the list is full, which the list of those who opted out never is.
    pub async fn import_people(
        &self,
        list: List,
        entries: Vec<Entry>,
        now: Timestamp,
    ) -> Result<Result<Imported, ListFull>, StoreError> {
        self.write("keeping a list of people", move |transaction| {
            import(transaction, list, &entries, now)
        })
        .await
    }

    /// Takes somebody from a list; says whether the number was there. Of those who opted out, only one who has asked to be texted
    /// again may be taken: whoever calls has made sure.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn unlist_person(&self, list: List, number: &str) -> Result<bool, StoreError> {
        let number = number.to_owned();
        let delete = format!("DELETE FROM {} WHERE number = ?1", list.table());
        self.write("keeping a list of people", move |transaction| {
            Ok(transaction.execute(&delete, params![number])? > 0)
        })
        .await
    }
}

/// Everybody on a list who matches `sought` (see [`Store::people`]), read beside a running daemon; nobody where there is no database yet.
///
/// # Errors
/// When the store cannot be read.
pub fn read_people(data_dir: &Path, list: List, sought: &str) -> Result<Listed, StoreError> {
    if !super::file_in(data_dir).exists() {
        return Ok(Listed::default());
    }
    let connection = open_to_read(data_dir)?;
    let all = listed(&connection, list, &Sought::new(sought), 0, usize::MAX);
    all.map_err(|source| StoreError::Query {
        what: "reading a list of people",
        source,
    })
}

/// What is looked for in a list.
struct Sought {
    /// In small letters.
    words: String,
    /// Of a number, without what stands in front at home: 0 in most countries.
    digits: Option<String>,
}

impl Sought {
    fn new(typed: &str) -> Self {
        let words = typed.trim().to_lowercase();
        let digits: String = words.chars().filter(char::is_ascii_digit).collect();
        let digits = digits.trim_start_matches('0').to_owned();
        let is_number = !digits.is_empty() && !words.contains(char::is_alphabetic);
        Self {
            digits: is_number.then_some(digits),
            words,
        }
    }

    fn matches(&self, person: &Person) -> bool {
        person.name.to_lowercase().contains(&self.words)
            || self
                .digits
                .as_ref()
                .is_some_and(|digits| person.number.contains(digits))
    }
}

fn listed(
    connection: &Connection,
    list: List,
    sought: &Sought,
    skip: usize,
    most: usize,
) -> rusqlite::Result<Listed> {
    let select = match list {
        List::NeverText => {
            "SELECT number, name, NULL FROM never_text ORDER BY name = '', name COLLATE NOCASE, number"
        }
        List::Contacts => {
            "SELECT number, name, NULL FROM contacts ORDER BY name = '', name COLLATE NOCASE, number"
        }
        List::OptedOut => {
            "SELECT o.number, coalesce(nullif(n.name, ''), c.name, ''), o.since FROM opted_out o
             LEFT JOIN never_text n USING (number) LEFT JOIN contacts c USING (number)
             ORDER BY o.since DESC, o.number"
        }
    };
    let mut statement = connection.prepare(select)?;
    let mut rows = statement.query([])?;
    let mut found = Listed::default();
    while let Some(row) = rows.next()? {
        found.total += 1;
        let person = Person {
            number: row.get(0)?,
            name: row.get(1)?,
            since: row.get::<_, Option<i64>>(2)?.map(moment),
        };
        if !sought.matches(&person) {
            continue;
        }
        found.matching += 1;
        if found.matching > skip && found.people.len() < most {
            found.people.push(person);
        }
    }
    Ok(found)
}

pub(super) fn import(
    transaction: &Transaction<'_>,
    list: List,
    entries: &[Entry],
    now: Timestamp,
) -> rusqlite::Result<Result<Imported, ListFull>> {
    let table = list.table();
    let mut there = transaction.prepare(&format!("SELECT 1 FROM {table} WHERE number = ?1"))?;
    let mut imported = Imported::default();
    for entry in entries {
        match there.exists(params![entry.number.as_str()])? {
            true => imported.known += 1,
            false => imported.added += 1,
        }
    }
    if list == List::OptedOut {
        for entry in entries {
            opt_out(transaction, entry.number.as_str(), now)?;
        }
        return Ok(Ok(imported));
    }
    let count = format!("SELECT count(*) FROM {table}");
    let count: u32 = transaction.query_row(&count, [], |row| row.get(0))?;
    let becomes = usize::try_from(count)
        .unwrap_or(usize::MAX)
        .saturating_add(imported.added);
    if imported.added > 0 && becomes > PEOPLE_MAX {
        return Ok(Err(ListFull(becomes)));
    }
    let mut keep = transaction.prepare(&format!(
        "INSERT INTO {table} (number, name) VALUES (?1, ?2)
         ON CONFLICT (number) DO UPDATE SET name = excluded.name
         WHERE excluded.name <> '' AND excluded.name <> {table}.name"
    ))?;
    for entry in entries {
        let name = address_book::name(&entry.name);
        keep.execute(params![entry.number.as_str(), name])?;
    }
    Ok(Ok(imported))
}

/// The name beside a number on a list that has names; `None` if the number is not on it.
pub(super) fn name_on(
    connection: &Connection,
    list: List,
    number: &str,
) -> rusqlite::Result<Option<String>> {
    let select = format!("SELECT name FROM {} WHERE number = ?1", list.table());
    connection
        .prepare_cached(&select)?
        .query_row(params![number], |row| row.get(0))
        .optional()
}

pub(super) fn is_opted_out(connection: &Connection, number: &str) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM opted_out WHERE number = ?1")?
        .exists(params![number])
}

/// All that the lists say of a number, read at once: a call waits for it.
pub(super) struct Known {
    pub(super) opted_out: bool,
    /// The name beside it on the never-text list.
    pub(super) never_text: Option<String>,
    /// The name beside it among the contacts.
    pub(super) contact: Option<String>,
    pub(super) failed_before: Option<FailedBefore>,
}

impl Known {
    pub(super) fn of(connection: &Connection, number: &str) -> rusqlite::Result<Self> {
        connection
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM opted_out WHERE number = ?1),
                        (SELECT name FROM never_text WHERE number = ?1),
                        (SELECT name FROM contacts WHERE number = ?1),
                        failed.since, failed.said
                 FROM (SELECT 1) LEFT JOIN unreachable failed ON failed.number = ?1 AND failed.certain",
            )?
            .query_row(params![number], |row| {
                let since: Option<i64> = row.get(3)?;
                let said: Option<String> = row.get(4)?;
                let failed = since.zip(said);
                Ok(Self {
                    opted_out: row.get(0)?,
                    never_text: row.get(1)?,
                    contact: row.get(2)?,
                    failed_before: failed.map(|(since, said)| FailedBefore {
                        at: moment(since),
                        said,
                    }),
                })
            })
    }
}

/// Whether anything was ever texted to this number or came from it.
pub(super) fn is_known(connection: &Connection, number: &str) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM texts INDEXED BY texts_by_number WHERE number = ?1")?
        .exists(params![number])
}

/// Says whether this changed anything.
pub(super) fn opt_out(
    transaction: &Transaction<'_>,
    number: &str,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let added = transaction.execute(
        "INSERT OR IGNORE INTO opted_out (number, since) VALUES (?1, ?2)",
        params![number, millis(now)],
    )?;
    Ok(added > 0)
}

/// Says whether this changed anything.
pub(super) fn opt_in(transaction: &Transaction<'_>, number: &str) -> rusqlite::Result<bool> {
    let removed =
        transaction.execute("DELETE FROM opted_out WHERE number = ?1", params![number])?;
    Ok(removed > 0)
}

/// A text to this number failed for good, in these words. Words that may speak of us as well count the second time, if a text to
/// somebody else left meanwhile.
pub(super) fn suspect(
    transaction: &Transaction<'_>,
    number: &str,
    suspicion: Suspicion,
    said: &str,
    now: Timestamp,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO unreachable (number, since, said, certain) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (number) DO UPDATE SET since = ?2, said = ?3, certain = ?4 OR certain OR EXISTS (
               SELECT 1 FROM (SELECT number, sent_at FROM texts WHERE direction = 'out' ORDER BY id DESC LIMIT ?5) newest
               WHERE newest.number <> ?1 AND newest.sent_at > unreachable.since)",
        )?
        .execute(params![
            number,
            millis(now),
            said,
            suspicion == Suspicion::Certain,
            LOOKS_BACK
        ])?;
    Ok(())
}

/// A text from this number came in: it can text after all.
pub(super) fn is_reachable(transaction: &Transaction<'_>, number: &str) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("DELETE FROM unreachable WHERE number = ?1")?
        .execute(params![number])?;
    Ok(())
}
