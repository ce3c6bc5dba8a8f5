//! The owner's summaries: what they count, queued in the transaction that notes their day, so that each goes out once.

use jiff::{Timestamp, Zoned};
use rusqlite::{Connection, Transaction, params};

use super::{Store, StoreError, conversations, millis, settings};
use crate::rules::{Digest, DueDigest};
use crate::settings::Settings;
use crate::steering::Conversation;
use crate::text::TextKind;

/// What a summary tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestFacts {
    /// Calls that nobody took.
    pub calls: u32,
    /// Those of them whose text has left.
    pub texted: u32,
    /// People who wrote.
    pub wrote: u32,
    /// Jobs that were won.
    pub won: u32,
    /// What they are worth, in hundredths, as far as it was said.
    pub amount: i64,
    /// Who waits for an answer, the newest first.
    pub open: Vec<Conversation>,
}

impl DigestFacts {
    /// Nothing happened.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        (self.calls, self.wrote, self.won) == (0, 0, 0)
    }
}

impl Store {
    /// Queues the summaries that are due, in the words of `write`, to the owner's phone; a day on which nothing happened has none.
    /// Says how many.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn send_digests(
        &self,
        now: Timestamp,
        write: impl Fn(&DueDigest, &DigestFacts, &Settings) -> String + Send + 'static,
    ) -> Result<usize, StoreError> {
        let zone = self.zone.clone();
        let due = self.read("looking which summaries are due", move |connection| {
            let owners = settings::load(connection)?;
            due_of(
                connection,
                &owners,
                &now.to_zoned(settings::zone_of(&owners, &zone)),
            )
        });
        // Nothing is written while there is nothing to write.
        if due.await?.is_empty() {
            return Ok(0);
        }
        let zone = self.zone.clone();
        self.write("writing the owner's summary", move |transaction| {
            let owners = settings::load(transaction)?;
            let Some(owner) = owners.owner_number() else {
                return Ok(0);
            };
            let now_there = now.to_zoned(settings::zone_of(&owners, &zone));
            let mut queued = 0;
            for due in due_of(transaction, &owners, &now_there)? {
                let facts = facts(transaction, &due, now)?;
                note(transaction, &due)?;
                if due.digest == Digest::Daily && facts.is_quiet() {
                    continue;
                }
                let body = write(&due, &facts, &owners);
                conversations::queue(transaction, TextKind::Digest, owner, &body, now)?;
                queued += 1;
            }
            Ok(queued)
        })
        .await
    }
}

/// Those whose hour has come, and that have not gone out for their day.
fn due_of(
    connection: &Connection,
    owners: &Settings,
    now: &Zoned,
) -> rusqlite::Result<Vec<DueDigest>> {
    let mut found = Vec::new();
    if owners.owner_number().is_none() {
        return Ok(found);
    }
    for digest in Digest::ALL {
        let at = match digest {
            Digest::Daily => owners.daily_digest_at(),
            Digest::Weekly => owners.weekly_digest_at(),
        };
        let Some(due) = at.and_then(|at| digest.due(at, now)) else {
            continue;
        };
        let has_had_its_own = connection
            .prepare_cached("SELECT 1 FROM digests WHERE name = ?1 AND day = ?2")?
            .exists(params![digest.token(), due.day.to_string()])?;
        if !has_had_its_own {
            found.push(due);
        }
    }
    Ok(found)
}

fn note(transaction: &Transaction<'_>, due: &DueDigest) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("INSERT INTO digests (name, day) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute(params![due.digest.token(), due.day.to_string()])?;
    Ok(())
}

fn facts(
    connection: &Connection,
    due: &DueDigest,
    now: Timestamp,
) -> rusqlite::Result<DigestFacts> {
    let span = params![millis(due.from.timestamp()), millis(due.to.timestamp())];
    let (calls, texted) = connection
        .prepare_cached(
            "SELECT count(*), coalesce(sum(t.state IN ('sent', 'delivered', 'unconfirmed')), 0)
             FROM calls c LEFT JOIN texts t ON t.id = c.text_id
             WHERE c.outcome <> 'ringing' AND c.reason IS NOT 'picked_up' AND c.started_at > ?1 AND c.started_at <= ?2",
        )?
        .query_row(span, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let wrote = connection
        .prepare_cached(
            "SELECT count(DISTINCT number) FROM texts
             WHERE direction = 'in' AND kind <> 'command' AND created_at > ?1 AND created_at <= ?2",
        )?
        .query_row(span, |row| row.get(0))?;
    let (won, amount) = connection
        .prepare_cached(
            "SELECT count(*), coalesce(sum(amount), 0) FROM conversations
             WHERE outcome = 'won' AND outcome_at > ?1 AND outcome_at <= ?2",
        )?
        .query_row(span, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut open = conversations::newest(connection, now)?;
    open.retain(|it| it.waits && it.is_open);
    Ok(DigestFacts {
        calls,
        texted,
        wrote,
        won,
        amount,
        open,
    })
}
