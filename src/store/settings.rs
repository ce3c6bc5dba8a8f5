//! The owner's settings: read whenever they are needed and never kept, so that a change from the page, by text or by
//! `textback settings set` holds from the very next call on.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{Store, StoreError, millis, moment, open_to_read};
use crate::settings::{self, Refusal, Setting, Settings};

/// Earlier wordings kept of each message; more than anybody scrolls through on a phone.
pub const EARLIER_MAX: u32 = 50;

/// What a message said before it was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierMessage {
    /// Its number.
    pub id: i64,
    /// The words; empty: the built-in ones.
    pub value: String,
    /// When it was changed.
    pub until: Timestamp,
}

/// Keys and values as they are stored.
type Pairs = Vec<(String, String)>;

impl Store {
    /// The settings as they are now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn settings(&self) -> Result<Arc<Settings>, StoreError> {
        self.read("reading the settings", load).await
    }

    /// Checks and changes one setting at `now`; the inner result is the value as it was kept, or why it was refused.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn change_setting(
        &self,
        key: &str,
        value: &str,
        now: Timestamp,
    ) -> Result<Result<String, Refusal>, StoreError> {
        let kept = self.change_settings(&[(key, value)], now).await?;
        Ok(kept.map(|mut values| values.pop().unwrap_or_default()))
    }

    /// Checks and changes several settings at `now`, all of them or none, each against what the others become. The inner result is the
    /// values as they were kept, in the order given, or why the first that was refused was.
    ///
    /// # Errors
    /// When the store cannot be written; then none was changed.
    pub async fn change_settings(
        &self,
        changes: &[(&str, &str)],
        now: Timestamp,
    ) -> Result<Result<Vec<String>, Refusal>, StoreError> {
        let owned = |&(key, value): &(&str, &str)| (key.to_owned(), value.to_owned());
        let changes: Vec<_> = changes.iter().map(owned).collect();
        self.write("keeping settings", move |transaction| {
            change(transaction, &changes, now)
        })
        .await
    }

    /// What a message said before, newest first: at most [`EARLIER_MAX`], each wording once and without the present one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn earlier_messages(
        &self,
        message: &'static Setting,
    ) -> Result<Vec<EarlierMessage>, StoreError> {
        self.read("reading earlier messages", |connection| {
            connection
                .prepare_cached(
                    "SELECT id, value, until FROM earlier_messages WHERE key = ?1 ORDER BY id DESC",
                )?
                .query_map([message.key], |row| {
                    Ok(EarlierMessage {
                        id: row.get(0)?,
                        value: row.get(1)?,
                        until: moment(row.get(2)?),
                    })
                })?
                .collect()
        })
        .await
    }

    /// Has a message say again what it once said. The inner result is why it was refused; `None`: there is no such wording any more.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn restore_message(
        &self,
        message: &'static Setting,
        id: i64,
        now: Timestamp,
    ) -> Result<Option<Result<String, Refusal>>, StoreError> {
        self.write("keeping settings", move |transaction| {
            let value = transaction
                .query_row(
                    "SELECT value FROM earlier_messages WHERE key = ?1 AND id = ?2",
                    params![message.key, id],
                    |row| row.get(0),
                )
                .optional()?;
            let Some(value) = value else { return Ok(None) };
            let changed = change(transaction, &[(message.key.to_owned(), value)], now)?;
            Ok(Some(
                changed.map(|mut values| values.pop().unwrap_or_default()),
            ))
        })
        .await
    }
}

/// The settings kept in `data_dir`, read beside a running daemon; the defaults where there is no database yet.
///
/// # Errors
/// When the store cannot be read.
pub fn read_settings(data_dir: &Path) -> Result<Arc<Settings>, StoreError> {
    if !super::file_in(data_dir).exists() {
        return Ok(Arc::default());
    }
    let connection = open_to_read(data_dir)?;
    load(&connection).map_err(|source| StoreError::Query {
        what: "reading the settings",
        source,
    })
}

/// The settings as they are in the database now. What a few rows mean takes longer to find out than to read them, so it is remembered
/// for the rows it was found from.
pub(super) fn load(connection: &Connection) -> rusqlite::Result<Arc<Settings>> {
    static LAST: Mutex<Option<(Pairs, Arc<Settings>)>> = Mutex::new(None);
    let pairs = pairs(connection)?;
    // A panic leaves nothing half done in here.
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((same, settings)) = &*last
        && *same == pairs
    {
        return Ok(Arc::clone(settings));
    }
    let settings = Arc::new(Settings::from_pairs(pairs.iter().cloned()));
    *last = Some((pairs, Arc::clone(&settings)));
    Ok(settings)
}

/// The zone whose clock the owner lives by: his setting, or else the computer's.
pub(super) fn zone_of(settings: &Settings, computer: &TimeZone) -> TimeZone {
    settings.time_zone().unwrap_or_else(|| computer.clone())
}

fn pairs(connection: &Connection) -> rusqlite::Result<Pairs> {
    connection
        .prepare_cached("SELECT key, value FROM settings")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

pub(super) fn change(
    transaction: &Transaction<'_>,
    changes: &[(String, String)],
    now: Timestamp,
) -> rusqlite::Result<Result<Vec<String>, Refusal>> {
    // Later pairs go before earlier ones, and a bad value stays out: it is refused below for its own sake.
    let pairs = pairs(transaction)?;
    let current = Settings::from_pairs(pairs.iter().cloned());
    let becomes = Settings::from_pairs(pairs.into_iter().chain(changes.iter().cloned()));
    let checked: Result<Vec<_>, Refusal> = changes
        .iter()
        .map(|(key, value)| {
            let setting = settings::find(key)?;
            let value = settings::check_change(&becomes, setting.key, value)?;
            Ok((setting, value))
        })
        .collect();
    let checked = match checked {
        Ok(checked) => checked,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut keep = transaction.prepare_cached(
        "INSERT INTO settings (key, value) VALUES (?1, ?2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?;
    for (setting, value) in &checked {
        let before = current.value(setting.key).unwrap_or_default();
        if setting.occasion().is_some() && before != value {
            keep_earlier(transaction, setting.key, before, value, now)?;
        }
        keep.execute(params![setting.key, value])?;
    }
    Ok(Ok(checked.into_iter().map(|(_, value)| value).collect()))
}

/// Keeps what a message said `before`. What it says now is no earlier wording any more.
fn keep_earlier(
    transaction: &Transaction<'_>,
    key: &str,
    before: &str,
    becomes: &str,
    now: Timestamp,
) -> rusqlite::Result<()> {
    transaction.execute(
        "INSERT OR REPLACE INTO earlier_messages (key, value, until) VALUES (?1, ?2, ?3)",
        params![key, before, millis(now)],
    )?;
    transaction.execute(
        "DELETE FROM earlier_messages WHERE key = ?1 AND value = ?2",
        params![key, becomes],
    )?;
    transaction.execute(
        "DELETE FROM earlier_messages WHERE key = ?1 AND id NOT IN
         (SELECT id FROM earlier_messages WHERE key = ?1 ORDER BY id DESC LIMIT ?2)",
        params![key, EARLIER_MAX],
    )?;
    Ok(())
}
