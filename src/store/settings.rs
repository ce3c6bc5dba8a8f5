//! The owner's settings: read whenever they are needed and never kept, so that a change from the page, by text or by
//! `textback settings set` holds from the very next call on.

use std::path::Path;

use rusqlite::{Connection, Transaction, params};

use super::{Store, StoreError, open_to_read};
use crate::settings::{self, Refusal, Settings};

impl Store {
    /// The settings as they are now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn settings(&self) -> Result<Settings, StoreError> {
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
        let (key, value) = (key.to_owned(), value.to_owned());
        self.write("keeping a setting", move |transaction| {
            change(transaction, &key, &value)
        })
        .await
    }
}

/// The settings kept in `data_dir`, read beside a running daemon; the defaults where there is no database yet.
///
/// # Errors
/// When the store cannot be read.
pub fn read_settings(data_dir: &Path) -> Result<Settings, StoreError> {
    if !super::file_in(data_dir).exists() {
        return Ok(Settings::default());
    }
    let connection = open_to_read(data_dir)?;
    load(&connection).map_err(|source| StoreError::Query {
        what: "reading the settings",
        source,
    })
}

pub(super) fn load(connection: &Connection) -> rusqlite::Result<Settings> {
    let mut statement = connection.prepare_cached("SELECT key, value FROM settings")?;
    let pairs = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<(String, String)>>>()?;
    Ok(Settings::from_pairs(pairs.into_iter()))
}

fn change(
    transaction: &Transaction<'_>,
    key: &str,
    value: &str,
) -> rusqlite::Result<Result<String, Refusal>> {
    let current = load(transaction)?;
    let kept = match settings::check_change(&current, key, value) {
        Ok(kept) => kept,
        Err(refusal) => return Ok(Err(refusal)),
    };
    transaction.execute(
        "INSERT INTO settings (key, value) VALUES (?1, ?2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        params![key, kept],
    )?;
    Ok(Ok(kept))
}
