//! How far the walk through the set-up has come, and the code that proves whose phone the owner's number is.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{Store, StoreError, calls, conversations, door, millis, moment, settings};
use crate::phone::PhoneNumber;
use crate::rules::Caller;
use crate::text::TextKind;

/// Between two texts with a code.
const CODE_AGAIN: SignedDuration = SignedDuration::from_mins(1);
/// A code counts for so long.
const CODE_LASTS: SignedDuration = SignedDuration::from_mins(30);
/// Texts with a code in all until a number is proved: whoever is at the page must not text somebody all day.
const CODES_MAX: i64 = 10;
/// Wrong tries with one code.
const TRIES_MAX: i64 = 5;

/// What is written down beside the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The hours have been looked at.
    Hours,
    /// The message has been looked at.
    Message,
    /// The number of the SIM in the box, as [`PhoneNumber::as_str`].
    BoxNumber,
    /// The carrier of the phone that forwards.
    Carrier,
    /// Which of its codes is being tried, from 0.
    Way,
    /// Where unanswered calls went before.
    OldTarget,
    /// When the test call was begun, in milliseconds.
    TestFrom,
    /// The walk was done.
    Done,
}

impl Mark {
    fn name(self) -> &'static str {
        match self {
            Self::Hours => "hours",
            Self::Message => "message",
            Self::BoxNumber => "box_number",
            Self::Carrier => "carrier",
            Self::Way => "way",
            Self::OldTarget => "old_target",
            Self::TestFrom => "test_from",
            Self::Done => "done",
        }
    }
}

/// The marks as they stand; empty where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks(Vec<(String, String)>);

impl Marks {
    /// What stands there.
    #[must_use]
    pub fn get(&self, mark: Mark) -> Option<&str> {
        self.named(mark.name())
    }

    fn named(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The number that was proved to be the owner's.
    #[must_use]
    pub fn proved(&self) -> Option<PhoneNumber> {
        self.named(PROVED).and_then(PhoneNumber::from_e164)
    }

    /// A code is on its way, or there.
    #[must_use]
    pub fn code_sent(&self) -> bool {
        self.named(CODE).is_some()
    }

    /// When the test call was begun.
    #[must_use]
    pub fn test_from(&self) -> Option<Timestamp> {
        self.get(Mark::TestFrom)?.parse().ok().map(moment)
    }
}

/// Why no code was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoCode {
    /// There is no number to send it to.
    #[error("write your number first")]
    NoNumber,
    /// One was sent just now.
    #[error("a code was sent just now; it can take a minute")]
    TooSoon,
    /// Too many were.
    #[error(
        "too many codes were sent; you can go on without, and change the number under \"Settings\""
    )]
    TooMany,
}

/// The newest call since the test was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestCall {
    /// Who it says it is.
    pub caller: Caller,
    /// When it began to ring here.
    pub started_at: Timestamp,
    /// How long it rang; nothing while it still does.
    pub rang_for: Option<SignedDuration>,
}

const CODE: &str = "code";
const CODE_AT: &str = "code_at";
const CODES: &str = "codes";
const TRIES: &str = "tries";
const PROVED: &str = "proved";

impl Store {
    /// How far it has come.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn marks(&self) -> Result<Marks, StoreError> {
        self.read("reading how far the set-up is", marks).await
    }

    /// Writes marks down; an empty value takes one away.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn mark(&self, new: &[(Mark, &str)]) -> Result<(), StoreError> {
        let new: Vec<(Mark, String)> = new
            .iter()
            .map(|(mark, value)| (*mark, (*value).to_owned()))
            .collect();
        self.write("writing down how far the set-up is", move |transaction| {
            for (mark, value) in &new {
                keep(transaction, mark.name(), value)?;
            }
            Ok(())
        })
        .await
    }

    /// Texts the owner's number a code; the inner error is why not. `words` makes the text of it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn send_code(
        &self,
        now: Timestamp,
        words: impl Fn(&str) -> String + Send + 'static,
    ) -> Result<Result<(), NoCode>, StoreError> {
        // Six digits, as everybody knows them.
        let code = door::fresh_code()?.split_off(2);
        self.write("texting a code", move |transaction| {
            let Some(owner) = settings::load(transaction)?.owner_number().cloned() else {
                return Ok(Err(NoCode::NoNumber));
            };
            let marks = marks(transaction)?;
            let number = |name: &str| marks.named(name).and_then(|value| value.parse().ok());
            let sent: i64 = number(CODES).unwrap_or(0);
            // A clock that was set back must not lock it for years.
            let age = number(CODE_AT).map(|at: i64| millis(now) - at);
            if age.is_some_and(|age| {
                (0..i64::try_from(CODE_AGAIN.as_millis()).unwrap_or(0)).contains(&age)
            }) {
                return Ok(Err(NoCode::TooSoon));
            }
            if sent >= CODES_MAX {
                return Ok(Err(NoCode::TooMany));
            }
            keep(transaction, CODE, &code)?;
            keep(transaction, CODE_AT, &millis(now).to_string())?;
            keep(transaction, CODES, &(sent + 1).to_string())?;
            keep(transaction, TRIES, "")?;
            conversations::queue(transaction, TextKind::Note, &owner, &words(&code), now)?;
            Ok(Ok(()))
        })
        .await
    }

    /// Whether this is the code that the owner's number was texted; if so, the number is proved.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn prove_owner(&self, typed: &str, now: Timestamp) -> Result<bool, StoreError> {
        let typed: String = typed.chars().filter(char::is_ascii_digit).collect();
        self.write("looking at a code", move |transaction| {
            let marks = marks(transaction)?;
            let number = |name: &str| {
                marks
                    .named(name)
                    .and_then(|value| value.parse::<i64>().ok())
            };
            let tries = number(TRIES).unwrap_or(0);
            let lasts = i64::try_from(CODE_LASTS.as_millis()).unwrap_or(i64::MAX);
            let fresh = number(CODE_AT).is_some_and(|at| millis(now) - at <= lasts);
            let owner = settings::load(transaction)?.owner_number().cloned();
            let (Some(owner), Some(code), true, true) =
                (owner, marks.named(CODE), fresh, tries < TRIES_MAX)
            else {
                return Ok(false);
            };
            if code != typed {
                keep(transaction, TRIES, &(tries + 1).to_string())?;
                return Ok(false);
            }
            keep(transaction, PROVED, owner.as_str())?;
            for name in [CODE, CODE_AT, CODES, TRIES] {
                keep(transaction, name, "")?;
            }
            Ok(true)
        })
        .await
    }

    /// The owner has another number now, so what was sent to the old one is void.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn forget_code(&self) -> Result<(), StoreError> {
        self.write("forgetting a code", |transaction| {
            for name in [CODE, CODE_AT, TRIES] {
                keep(transaction, name, "")?;
            }
            Ok(())
        })
        .await
    }

    /// Texts the owner's number something that he asked for on the page; false if there is none.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn text_owner(&self, body: &str, now: Timestamp) -> Result<bool, StoreError> {
        let body = body.to_owned();
        self.write("texting the owner", move |transaction| {
            let Some(owner) = settings::load(transaction)?.owner_number().cloned() else {
                return Ok(false);
            };
            let just_now = transaction
                .prepare_cached("SELECT 1 FROM texts WHERE number = ?1 AND kind = ?2 AND body = ?3 AND created_at > ?4")?
                .exists(params![
                    owner.as_str(),
                    TextKind::Note.token(),
                    body,
                    millis(now) - i64::try_from(CODE_AGAIN.as_millis()).unwrap_or(0)
                ])?;
            if !just_now {
                conversations::queue(transaction, TextKind::Note, &owner, &body, now)?;
            }
            Ok(true)
        })
        .await
    }

    /// The newest call that began at `from` or later.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn test_call(&self, from: Timestamp) -> Result<Option<TestCall>, StoreError> {
        self.read("looking for the test call", move |connection| {
            connection
                .prepare_cached(
                    "SELECT caller, shown, started_at, ended_at FROM calls WHERE started_at >= ?1 ORDER BY id DESC LIMIT 1",
                )?
                .query_row([millis(from)], |row| {
                    let started_at = moment(row.get(2)?);
                    let ended_at: Option<i64> = row.get(3)?;
                    Ok(TestCall {
                        caller: calls::caller(row.get(0)?, &row.get::<_, String>(1)?),
                        started_at,
                        rang_for: ended_at.map(|at| moment(at).duration_since(started_at)),
                    })
                })
                .optional()
        })
        .await
    }
}

fn marks(connection: &Connection) -> rusqlite::Result<Marks> {
    let rows = connection
        .prepare_cached("SELECT name, value FROM setup")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Marks(rows))
}

fn keep(transaction: &Transaction<'_>, name: &str, value: &str) -> rusqlite::Result<()> {
    if value.is_empty() {
        transaction.execute("DELETE FROM setup WHERE name = ?1", [name])?;
    } else {
        transaction.execute(
            "INSERT INTO setup (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [name, value],
        )?;
    }
    Ok(())
}
