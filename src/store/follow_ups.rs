//! Callers who may get one more text, if they do not answer: written down with the first one, decided on when it is due.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};

use super::fences::{self, Periods};
use super::outgoing::{self, NewText};
use super::settings::zone_of;
use super::{List, Store, StoreError, millis, moment, people, settings};
use crate::phone::PhoneNumber;
use crate::rules::{self, Fence, FollowUp, FollowUpFacts};
use crate::settings::Settings;
use crate::text::TextState;

/// Follow-ups decided on in one go; the others come with the next look.
const AT_ONCE: usize = 20;

/// A caller who is to be texted once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueFollowUp {
    /// Whom.
    pub number: PhoneNumber,
    /// When he called.
    pub called_at: Timestamp,
}

struct Row {
    number: String,
    call_id: i64,
    since: i64,
    due_at: Timestamp,
}

impl Store {
    /// Decides on the follow-ups that are due, and queues the texts that `write` makes of those that go out. Says how many did.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn follow_up(
        &self,
        now: Timestamp,
        write: impl Fn(&DueFollowUp, &Settings) -> NewText + Send + 'static,
    ) -> Result<usize, StoreError> {
        let computer = self.zone.clone();
        self.write(
            "texting callers who have not answered",
            move |transaction| {
                let settings = settings::load(transaction)?;
                let zone = zone_of(&settings, &computer);
                let periods = Periods::at(now, &zone);
                let mut queued = 0;
                for _ in 0..AT_ONCE {
                    let Some(row) = first_due(transaction, now)? else {
                        break;
                    };
                    let facts = gather(
                        transaction,
                        &row,
                        &settings,
                        periods,
                        now.to_zoned(zone.clone()),
                    )?;
                    let number = PhoneNumber::from_e164(&row.number);
                    match (rules::follow_up(&facts, &settings), number) {
                        (FollowUp::At(later), Some(_)) => {
                            transaction
                                .prepare_cached(
                                    "UPDATE follow_ups SET due_at = ?2 WHERE number = ?1",
                                )?
                                .execute(params![row.number, millis(later)])?;
                            continue;
                        }
                        (FollowUp::Send, Some(number)) => {
                            let called_at = called_at(transaction, row.call_id)?;
                            let text = write(&DueFollowUp { number, called_at }, &settings);
                            fences::count_text(transaction, &row.number, periods)?;
                            outgoing::queue(transaction, &text, Some(row.call_id), now)?;
                            queued += 1;
                        }
                        (FollowUp::Drop, _) | (_, None) => {}
                    }
                    transaction
                        .prepare_cached("DELETE FROM follow_ups WHERE number = ?1")?
                        .execute(params![row.number])?;
                }
                Ok(queued)
            },
        )
        .await
    }
}

/// The caller gets one more text then, if he does not answer; instead of an earlier one that has not gone out.
pub(super) fn plan(
    transaction: &Transaction<'_>,
    number: &str,
    call_id: i64,
    now: Timestamp,
    due_at: Timestamp,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO follow_ups (number, call_id, since, due_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (number) DO UPDATE SET call_id = ?2, since = ?3, due_at = ?4",
        )?
        .execute(params![number, call_id, millis(now), millis(due_at)])?;
    Ok(())
}

fn first_due(transaction: &Transaction<'_>, now: Timestamp) -> rusqlite::Result<Option<Row>> {
    transaction
        .prepare_cached(
            "SELECT number, call_id, since, due_at FROM follow_ups WHERE due_at <= ?1 ORDER BY due_at LIMIT 1",
        )?
        .query_row(params![millis(now)], |row| {
            Ok(Row {
                number: row.get(0)?,
                call_id: row.get(1)?,
                since: row.get(2)?,
                due_at: moment(row.get(3)?),
            })
        })
        .optional()
}

fn gather(
    transaction: &Transaction<'_>,
    row: &Row,
    settings: &Settings,
    periods: Periods,
    now: jiff::Zoned,
) -> rusqlite::Result<FollowUpFacts> {
    let number = row.number.as_str();
    let is_contact = settings.only_strangers()
        && people::name_on(transaction, List::Contacts, number)?.is_some();
    let first_text: Option<String> = transaction
        .prepare_cached(
            "SELECT t.state FROM calls c JOIN texts t ON t.id = c.text_id WHERE c.id = ?1",
        )?
        .query_row(params![row.call_id], |row| row.get(0))
        .optional()?;
    // A text from him, one of ours that is none of the automatic ones, or a call that was taken.
    let in_touch = transaction
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM texts WHERE number = ?1 AND created_at >= ?2
                            AND (direction = 'in' OR kind NOT IN ('missed_call', 'opt_out', 'opt_in', 'help', 'follow_up', 'alert')))
                 OR EXISTS (SELECT 1 FROM calls WHERE id > ?3 AND caller = ?1 AND reason = 'picked_up')",
        )?
        .query_row(params![number, row.since, row.call_id], |row| row.get(0))?;
    let sent = |fence: Fence| -> rusqlite::Result<(Fence, u32)> {
        Ok((fence, fences::count(transaction, fence, periods)?))
    };
    Ok(FollowUpFacts {
        unwanted: people::is_opted_out(transaction, number)?
            || people::name_on(transaction, List::NeverText, number)?.is_some()
            || is_contact,
        first_text: first_text.map(|state| TextState::from_token(&state)),
        in_touch,
        sent: [sent(Fence::Day)?, sent(Fence::Month)?],
        due_at: row.due_at,
        now,
    })
}

fn called_at(transaction: &Transaction<'_>, call_id: i64) -> rusqlite::Result<Timestamp> {
    transaction
        .prepare_cached("SELECT coalesce(ended_at, started_at) FROM calls WHERE id = ?1")?
        .query_row(params![call_id], |row| row.get(0).map(moment))
}
