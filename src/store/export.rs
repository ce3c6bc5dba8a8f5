//! Everything, for `textback export`: read beside a running daemon, in the shape that other people's scripts hold on to.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, Params, Row, params};
#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use super::{Store, StoreError, moment, open_to_read};
use crate::text::TextState;

/// All calls and texts, oldest first.
#[derive(Debug, Default, Serialize)]
pub struct Exported {
    /// Every call.
    pub calls: Vec<ExportedCall>,
    /// Every text, out and in.
    pub texts: Vec<ExportedText>,
}

/// A call as exported.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct ExportedCall {
    /// Its number.
    pub id: i64,
    /// E.164, or the digits shown; null when unknown.
    pub caller: Option<String>,
    /// When it began to ring.
    pub started_at: Timestamp,
    /// When it ended; null while it rings.
    pub ended_at: Option<Timestamp>,
    /// How often it rang.
    pub rings: u32,
    /// `texted`, `skipped` or `pending`.
    pub outcome: &'static str,
    /// Why it was skipped: a token, or `not_sent` when its text failed before it left.
    pub reason: Option<String>,
    /// The text that answered it.
    pub text_id: Option<i64>,
}

/// A text as exported.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct ExportedText {
    /// Its number.
    pub id: i64,
    /// `out` or `in`.
    pub direction: String,
    /// The other side.
    pub number: Option<String>,
    /// What it says.
    pub body: String,
    /// Where it stands.
    pub state: String,
    /// How many SMS it takes.
    pub parts: u32,
    /// How often it was given to the modem.
    pub attempts: u32,
    /// The call it answers.
    pub call_id: Option<i64>,
    /// When it was queued, or came in.
    pub created_at: Timestamp,
    /// When the network took it.
    pub sent_at: Option<Timestamp>,
    /// When it arrived, as the network says.
    pub delivered_at: Option<Timestamp>,
    /// What went wrong last.
    pub error: Option<String>,
}

/// Reads all there is in `data_dir`; nothing where there is no database yet.
///
/// # Errors
/// When the database cannot be read.
pub fn read(data_dir: &Path) -> Result<Exported, StoreError> {
    if !super::file_in(data_dir).exists() {
        return Ok(Exported::default());
    }
    let mut connection = open_to_read(data_dir)?;
    let failed = |source| StoreError::Query {
        what: "reading all calls and texts",
        source,
    };
    // One transaction, so that calls and texts are of the same moment.
    let snapshot = connection.transaction().map_err(failed)?;
    Ok(Exported {
        calls: calls(&snapshot, "ORDER BY c.id", []).map_err(failed)?,
        texts: texts(&snapshot, "ORDER BY id", []).map_err(failed)?,
    })
}

impl Store {
    /// The calls before the one of this number, or the newest; newest first, so many at most.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn calls_before(
        &self,
        before: Option<i64>,
        most: u32,
    ) -> Result<Vec<ExportedCall>, StoreError> {
        self.read("reading calls", move |connection| {
            let which = "WHERE c.id < ?1 ORDER BY c.id DESC LIMIT ?2";
            calls(connection, which, params![before.unwrap_or(i64::MAX), most])
        })
        .await
    }

    /// The same for texts.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn texts_before(
        &self,
        before: Option<i64>,
        most: u32,
    ) -> Result<Vec<ExportedText>, StoreError> {
        self.read("reading texts", move |connection| {
            let which = "WHERE id < ?1 ORDER BY id DESC LIMIT ?2";
            texts(connection, which, params![before.unwrap_or(i64::MAX), most])
        })
        .await
    }
}

fn calls(
    connection: &Connection,
    which: &str,
    with: impl Params,
) -> rusqlite::Result<Vec<ExportedCall>> {
    connection
        .prepare(&format!(
            "SELECT c.id, c.caller, c.started_at, c.ended_at, c.rings, c.outcome, c.reason, c.text_id, t.state, t.sent_at
             FROM calls c LEFT JOIN texts t ON t.id = c.text_id {which}",
        ))?
        .query_map(with, |row| {
            let (outcome, reason) = outcome(row)?;
            Ok(ExportedCall {
                id: row.get(0)?,
                caller: row.get(1)?,
                started_at: moment(row.get(2)?),
                ended_at: row.get::<_, Option<i64>>(3)?.map(moment),
                rings: row.get(4)?,
                outcome,
                reason,
                text_id: row.get(7)?,
            })
        })?
        .collect()
}

/// A call is `texted` once its text has left, not when that was decided; what became of the text after that, it says itself.
fn outcome(row: &Row<'_>) -> rusqlite::Result<(&'static str, Option<String>)> {
    let decided: String = row.get(5)?;
    let reason: Option<String> = row.get(6)?;
    let state = row
        .get::<_, Option<String>>(8)?
        .map(|token| TextState::from_token(&token));
    let left = row.get::<_, Option<i64>>(9)?.is_some();
    Ok(match (decided.as_str(), state) {
        ("skip", _) => ("skipped", reason),
        ("text", _) if left => ("texted", None),
        ("text", Some(TextState::Failed)) => ("skipped", Some("not_sent".to_owned())),
        // It probably left; its report may still come.
        ("text", Some(TextState::Unconfirmed)) => ("texted", None),
        _ => ("pending", None),
    })
}

fn texts(
    connection: &Connection,
    which: &str,
    with: impl Params,
) -> rusqlite::Result<Vec<ExportedText>> {
    connection
        .prepare(&format!(
            "SELECT id, direction, number, body, state, parts, attempts, call_id, created_at, sent_at, delivered_at, error
             FROM texts {which}",
        ))?
        .query_map(with, |row| {
            Ok(ExportedText {
                id: row.get(0)?,
                direction: row.get(1)?,
                number: row.get(2)?,
                body: row.get(3)?,
                state: row.get(4)?,
                parts: row.get(5)?,
                attempts: row.get(6)?,
                call_id: row.get(7)?,
                created_at: moment(row.get(8)?),
                sent_at: row.get::<_, Option<i64>>(9)?.map(moment),
                delivered_at: row.get::<_, Option<i64>>(10)?.map(moment),
                error: row.get(11)?,
            })
        })?
        .collect()
}
