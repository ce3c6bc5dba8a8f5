//! The owner's settings: read whenever they are needed and never kept, so that a change from the page, by text or by
//! `textback settings set` holds from the very next call on.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::tz::TimeZone;
use rusqlite::{Connection, Transaction, params};

use super::{Store, StoreError, open_to_read};
use crate::settings::{self, Refusal, Settings};

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

    /// Checks and changes one setting; the inner result is the value as it was kept, or why it was refused.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn change_setting(
        &self,
        key: &str,
        value: &str,
    ) -> Result<Result<String, Refusal>, StoreError> {
        let kept = self.change_settings(&[(key, value)]).await?;
        Ok(kept.map(|mut values| values.pop().unwrap_or_default()))
    }

    /// Checks and changes several settings, all of them or none, each against what the others become. The inner result is the
    /// values as they were kept, in the order given, or why the first that was refused was.
    ///
    /// # Errors
    /// When the store cannot be written; then none was changed.
    pub async fn change_settings(
        &self,
        changes: &[(&str, &str)],
    ) -> Result<Result<Vec<String>, Refusal>, StoreError> {
        let owned = |&(key, value): &(&str, &str)| (key.to_owned(), value.to_owned());
        let changes: Vec<_> = changes.iter().map(owned).collect();
        self.write("keeping settings", move |transaction| {
            change(transaction, &changes)
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
) -> rusqlite::Result<Result<Vec<String>, Refusal>> {
    // Later pairs go before earlier ones, and a bad value stays out: it is refused below for its own sake.
    let pairs = pairs(transaction)?.into_iter();
    let becomes = Settings::from_pairs(pairs.chain(changes.iter().cloned()));
    let checked: Result<Vec<_>, Refusal> = changes
        .iter()
        .map(|(key, value)| {
            let setting = settings::find(key)?;
            let value = settings::check_change(&becomes, setting.key, value)?;
            Ok((setting.key, value))
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
    for (key, value) in &checked {
        keep.execute(params![key, value])?;
    }
    Ok(Ok(checked.into_iter().map(|(_, value)| value).collect()))
}
