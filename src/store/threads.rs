//! Conversations as the page shows them, answers them and closes them: everybody who has written to the box, with all that passed
//! between them and it.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Store, StoreError, conversations, millis, moment, people, settings};
use crate::phone::{PhoneNumber, Region};
use crate::sms;
use crate::steering;
use crate::text::{TextKind, TextState};
use crate::wording;

/// Conversations listed at most; who looks for an older one looks for a name, a number or a word.
const LISTED_MAX: u32 = 60;
/// Texts of one conversation that are shown, the newest.
const LINES_MAX: u32 = 200;
/// An answer of the same words within so many ms is the same button pressed twice.
const PRESSED_TWICE_MS: i64 = 60_000;

/// What came of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeadOutcome {
    /// The job is ours.
    Won,
    /// Somebody else has it, or nobody.
    Lost,
    /// It was never about a job.
    NotALead,
}

impl LeadOutcome {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Won, Self::Lost, Self::NotALead];

    /// The word in the store and in what is told elsewhere.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Won => "won",
            Self::Lost => "lost",
            Self::NotALead => "not_a_lead",
        }
    }

    /// The one of this word; `None` where another textback wrote it.
    #[must_use]
    pub fn from_token(token: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.token() == token)
    }
}

/// A conversation in a list.
#[derive(Debug, Clone)]
pub struct Thread {
    /// Who wrote; only numbers can be answered.
    pub number: PhoneNumber,
    /// As the owner's lists call them; may be empty.
    pub name: String,
    /// 7 for #7; `None` where the owner's phone never got it, or somebody else has it by now.
    pub tag: Option<u32>,
    /// When they wrote last.
    pub replied_at: Timestamp,
    /// What they wrote last.
    pub words: String,
    /// Nobody has answered that, nor said what came of it.
    pub waits: bool,
    /// They asked for no more texts.
    pub opted_out: bool,
    /// What came of it, if somebody said so since they wrote last.
    pub outcome: Option<LeadOutcome>,
    /// What the job is worth, in hundredths.
    pub amount: Option<i64>,
}

/// One text of a conversation.
#[derive(Debug, Clone)]
pub struct ThreadLine {
    /// When it was written.
    pub at: Timestamp,
    /// What it says.
    pub body: String,
    /// Where it stands if it is ours; `None` if it is theirs.
    pub ours: Option<TextState>,
    /// What went wrong with it.
    pub error: Option<String>,
}

/// Why an answer was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotAnswer {
    /// There are no words.
    #[error("Write something first. Nothing was sent.")]
    Empty,
    /// It would be more texts than are sent at once.
    #[error("That is too long: it would be {parts} texts, and more than {most} are not sent at once. Nothing was sent.", most = wording::PARTS_MAX)]
    TooLong {
        /// So many.
        parts: usize,
    },
    /// Nobody of this number has ever written: the box does not write to strangers by itself.
    #[error("This number has never written to you, so the box does not write to it. Call them.")]
    NeverWrote,
}

/// Whoever wrote last first: the number and when.
const WRITERS: &str = "SELECT number, max(created_at) FROM texts
     WHERE direction = 'in' AND kind <> 'command' AND number IS NOT NULL";

impl Store {
    /// The conversations with whoever has `sought` in their number, name or last words, the newest first, 60 at most. Digits are
    /// looked for as they stand in a number, whatever is between them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn threads(&self, sought: &str) -> Result<Vec<Thread>, StoreError> {
        let sought = sought.trim().to_lowercase();
        self.read("reading conversations", move |connection| {
            let mut query = connection
                .prepare_cached(&format!("{WRITERS} GROUP BY number ORDER BY 2 DESC, 1"))?;
            let mut rows = query.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let Some(thread) = read_thread(connection, row)? else {
                    continue;
                };
                if fits(&thread, &sought) {
                    found.push(thread);
                }
                if found.len() >= LISTED_MAX as usize {
                    break;
                }
            }
            Ok(found)
        })
        .await
    }

    /// One conversation with its texts, the oldest first; `None` if this number has never written.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn thread(
        &self,
        number: &PhoneNumber,
    ) -> Result<Option<(Thread, Vec<ThreadLine>)>, StoreError> {
        let number = number.clone();
        self.read("reading a conversation", move |connection| {
            let Some(thread) = thread(connection, &number)? else {
                return Ok(None);
            };
            let mut lines: Vec<ThreadLine> = connection
                .prepare_cached(
                    "SELECT created_at, body, direction = 'out', state, error FROM texts
                     WHERE number = ?1 AND kind <> 'command' ORDER BY id DESC LIMIT ?2",
                )?
                .query_map(params![number.as_str(), LINES_MAX], line)?
                .collect::<rusqlite::Result<_>>()?;
            lines.reverse();
            Ok(Some((thread, lines)))
        })
        .await
    }

    /// Sends a caller what the owner wrote on the page, and tells those who would have answered otherwise. The same words once more
    /// within a minute are the same answer.
    ///
    /// # Errors
    /// When the store cannot be written; inside: why nothing was sent.
    pub async fn answer_caller(
        &self,
        number: &PhoneNumber,
        words: &str,
        home: Option<Region>,
        now: Timestamp,
    ) -> Result<Result<(), CannotAnswer>, StoreError> {
        let body = wording::fold(words.trim());
        if body.is_empty() {
            return Ok(Err(CannotAnswer::Empty));
        }
        let parts = sms::measure(&body).parts;
        if parts > wording::PARTS_MAX {
            return Ok(Err(CannotAnswer::TooLong { parts }));
        }
        let number = number.clone();
        let zone = self.zone.clone();
        self.write("writing down an answer", move |transaction| {
            let Some(thread) = thread(transaction, &number)? else {
                return Ok(Err(CannotAnswer::NeverWrote));
            };
            let twice = transaction
                .prepare_cached(
                    "SELECT 1 FROM texts WHERE number = ?1 AND kind = ?2 AND body = ?3 AND created_at > ?4",
                )?
                .exists(params![
                    number.as_str(),
                    TextKind::Answer.token(),
                    body,
                    millis(now) - PRESSED_TWICE_MS
                ])?;
            if twice {
                return Ok(Ok(()));
            }
            conversations::ensure(transaction, &number, thread.replied_at, now)?;
            conversations::answered(transaction, &number, now)?;
            conversations::queue(transaction, TextKind::Answer, &number, &body, now)?;
            if thread.waits {
                let owners = settings::load(transaction)?;
                let local = now.to_zoned(settings::zone_of(&owners, &zone));
                let told = steering::answered_on_page(&number, &thread.name, thread.tag, &body, home);
                for other in steering::on_duty(&owners, &local) {
                    conversations::queue(transaction, TextKind::Note, &other, &told, now)?;
                }
            }
            Ok(Ok(()))
        })
        .await
    }

    /// Writes down what came of a conversation, and what the job is worth in hundredths; `None` takes it back. False if this number
    /// has never written.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn conclude(
        &self,
        number: &PhoneNumber,
        outcome: Option<LeadOutcome>,
        amount: Option<i64>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let number = number.clone();
        self.write(
            "writing down what came of a conversation",
            move |transaction| {
                let Some(thread) = thread(transaction, &number)? else {
                    return Ok(false);
                };
                conversations::ensure(transaction, &number, thread.replied_at, now)?;
                match outcome {
                    Some(outcome) => {
                        let amount = amount.filter(|_| outcome == LeadOutcome::Won);
                        if (thread.outcome, thread.amount) != (Some(outcome), amount) {
                            conversations::conclude(transaction, &number, outcome, amount, now)?;
                        }
                    }
                    None => conversations::reopen(transaction, &number)?,
                }
                Ok(true)
            },
        )
        .await
    }
}

fn thread(connection: &Connection, number: &PhoneNumber) -> rusqlite::Result<Option<Thread>> {
    let found = connection
        .prepare_cached(&format!("{WRITERS} AND number = ?1 GROUP BY number"))?
        .query_row(params![number.as_str()], |row| read_thread(connection, row))
        .optional()?;
    Ok(found.flatten())
}

/// `None` for a sender that is no number.
fn read_thread(connection: &Connection, row: &Row<'_>) -> rusqlite::Result<Option<Thread>> {
    let (number, replied_at): (String, i64) = (row.get(0)?, row.get(1)?);
    let Some(number) = PhoneNumber::from_e164(&number) else {
        return Ok(None);
    };
    let kept = connection
        .prepare_cached(
            "SELECT tag, outcome, amount, coalesce(outcome_at, 0) FROM conversations WHERE number = ?1",
        )?
        .query_row(params![number.as_str()], |row| {
            let concluded_at: i64 = row.get(3)?;
            let outcome: Option<String> = row.get(1)?;
            let outcome = outcome.filter(|_| concluded_at >= replied_at);
            Ok((row.get::<_, u32>(0)?, outcome, row.get::<_, Option<i64>>(2)?))
        })
        .optional()?;
    let (tag, outcome, amount) = kept.unwrap_or_default();
    let outcome = outcome.as_deref().and_then(LeadOutcome::from_token);
    let answered = connection
        .prepare_cached("SELECT 1 FROM texts WHERE number = ?1 AND kind = ?2 AND created_at >= ?3")?
        .exists(params![
            number.as_str(),
            TextKind::Answer.token(),
            replied_at
        ])?;
    let words = conversations::last_words(connection, number.as_str())?;
    Ok(Some(Thread {
        name: conversations::name(connection, number.as_str())?,
        tag: (tag > 0).then_some(tag),
        replied_at: moment(replied_at),
        waits: !answered && outcome.is_none() && !conversations::asks_for_nothing(&words),
        words,
        opted_out: people::is_opted_out(connection, number.as_str())?,
        outcome,
        amount: amount.filter(|_| outcome.is_some()),
        number,
    }))
}

fn fits(thread: &Thread, sought: &str) -> bool {
    let digits: String = sought.chars().filter(char::is_ascii_digit).collect();
    let is_number = !digits.is_empty() && !sought.chars().any(char::is_alphabetic);
    sought.is_empty()
        || (is_number && thread.number.as_str().contains(&digits))
        || thread.name.to_lowercase().contains(sought)
        || thread.words.to_lowercase().contains(sought)
}

fn line(row: &Row<'_>) -> rusqlite::Result<ThreadLine> {
    let (ours, state): (bool, String) = (row.get(2)?, row.get(3)?);
    Ok(ThreadLine {
        at: moment(row.get(0)?),
        body: row.get(1)?,
        ours: ours.then(|| TextState::from_token(&state)),
        error: row.get(4)?,
    })
}
