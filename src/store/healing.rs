//! What was done for a modem that was ill, and what came of it. Knows no rung but by its token.

use jiff::Timestamp;
use rusqlite::params;

use super::{Store, StoreError, millis, moment};

/// Rows kept: more than the worst month of a modem that is helped every half hour of a working day tells anything new by.
pub const HEALINGS_MAX: u32 = 200;

/// Something done for an ill modem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealingRow {
    /// When.
    pub at: Timestamp,
    /// What; a token.
    pub rung: String,
    /// What the modem did, in plain words.
    pub why: String,
    /// `helped`, `useless`, or why it could not be done; `None` while nobody knows.
    pub outcome: Option<String>,
}

impl Store {
    /// Something is being done for the modem.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn healing_begun(
        &self,
        at: Timestamp,
        rung: &'static str,
        why: &str,
    ) -> Result<(), StoreError> {
        let why = why.to_owned();
        self.write("keeping what is done for the modem", move |transaction| {
            transaction.execute(
                "INSERT INTO healings (at, rung, why) VALUES (?1, ?2, ?3)",
                params![millis(at), rung, why],
            )?;
            transaction.execute(
                "DELETE FROM healings WHERE id <= (SELECT max(id) FROM healings) - ?1",
                params![HEALINGS_MAX],
            )?;
            Ok(())
        })
        .await
    }

    /// What came of the last that was done.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn healing_ended(&self, outcome: &str) -> Result<(), StoreError> {
        let outcome = outcome.to_owned();
        self.write("keeping what helped the modem", move |transaction| {
            transaction.execute(
                "UPDATE healings SET outcome = ?1
                 WHERE id = (SELECT max(id) FROM healings) AND outcome IS NULL",
                params![outcome],
            )?;
            Ok(())
        })
        .await
    }

    /// The last so many things done for the modem, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn healings(&self, most: u32) -> Result<Vec<HealingRow>, StoreError> {
        self.read("reading what was done for the modem", move |connection| {
            connection
                .prepare_cached(
                    "SELECT at, rung, why, outcome FROM healings ORDER BY id DESC LIMIT ?1",
                )?
                .query_map(params![most], |row| {
                    Ok(HealingRow {
                        at: moment(row.get(0)?),
                        rung: row.get(1)?,
                        why: row.get(2)?,
                        outcome: row.get(3)?,
                    })
                })?
                .collect()
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_oldest_rows_go_and_the_last_gets_its_outcome() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        for second in 0..=i64::from(HEALINGS_MAX) {
            let at = Timestamp::from_second(second).unwrap();
            store.healing_begun(at, "clear", "No.").await.unwrap();
        }
        store.healing_ended("helped").await.unwrap();
        // It has its outcome.
        store.healing_ended("useless").await.unwrap();
        let rows = store.healings(HEALINGS_MAX + 1).await.unwrap();
        assert_eq!(rows.len(), usize::try_from(HEALINGS_MAX).unwrap());
        assert_eq!(rows.last().unwrap().at, Timestamp::from_second(1).unwrap());
        assert_eq!(rows[0].outcome.as_deref(), Some("helped"));
        assert_eq!(rows[1].outcome, None);
    }
}
