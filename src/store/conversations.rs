//! Conversations: the tag by which a caller is answered, who has answered, what came of it; and what callers write on its way to the
//! owner's people, queued in the transaction that keeps it, so that it goes there once.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::outgoing::{self, NewText};
use super::received::NewReply;
use super::threads::LeadOutcome;
use super::{List, Store, StoreError, millis, moment, outlets, people, settings};
use crate::events::Event;
use crate::phone::PhoneNumber;
use crate::rules::{self, Keyword};
use crate::settings::Settings;
use crate::steering::{self, Conversation, OPEN_FOR, Relay};
use crate::text::TextKind;

/// A tag goes to somebody else once its caller has been silent for so long: whoever looks into last month's texts still finds the
/// right one.
const TAG_IS_KEPT_FOR: SignedDuration = SignedDuration::from_hours(60 * 24);
/// After so long the owner does not know any more whose tag it is.
const INTRODUCED_FOR: SignedDuration = SignedDuration::from_hours(24);
/// Texts of one sender that are passed on in [`FLOOD_WINDOW`]; more than people write, and few enough that two machines that answer each
/// other by way of the box come to rest.
pub(super) const PASSED_ON_MAX: u32 = 30;
/// See [`PASSED_ON_MAX`].
pub(super) const FLOOD_WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// Conversations that an answer may name. Older ones are on the page.
const READ_AT_ONCE: u32 = 200;

const ASKED_FOR_NO_MORE: &str = "gets no more texts from the box";
const ASKED_OR_CANCELLED: &str = "gets no more texts from the box, or was it about a job?";
const FLOOD: &str = "more of this number's texts are on the page only, for an hour";

impl Store {
    /// Whether one of the owner's people has answered this caller since then.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn answered_since(
        &self,
        number: &PhoneNumber,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let number = number.clone();
        self.read("reading who was answered", move |connection| {
            answered_since(connection, &number, since)
        })
        .await
    }
}

pub(super) fn answered_since(
    connection: &Connection,
    number: &PhoneNumber,
    since: Timestamp,
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM conversations WHERE number = ?1 AND answered_at >= ?2")?
        .exists(params![number.as_str(), millis(since)])
}

/// Passes on what a caller wrote; `completes` a text that was passed on without all its parts. Nothing where nobody is to get it, nor of
/// what an operator tells of a call. Gives the first of the texts.
pub(super) fn relay(
    transaction: &Transaction<'_>,
    reply: &NewReply,
    completes: bool,
    zone: &TimeZone,
    now: Timestamp,
) -> rusqlite::Result<Option<i64>> {
    let owners = settings::load(transaction)?;
    let local = now.to_zoned(settings::zone_of(&owners, zone));
    let people = match reply.danger {
        Some(_) => steering::everybody(&owners),
        None => steering::on_duty(&owners, &local),
    };
    let Some(sender) = &reply.sender else {
        return Ok(None);
    };
    if people.is_empty() || reply.notice.is_some() {
        return Ok(None);
    }
    let lately = written_lately(transaction, sender, now)?;
    if lately > PASSED_ON_MAX {
        return Ok(None);
    }
    let (tag, introduced) = match PhoneNumber::from_e164(sender) {
        Some(number) => {
            let (tag, introduced) = begin(transaction, &number, now)?;
            (Some(tag), introduced)
        }
        None => (None, true),
    };
    let remark = match reply.keyword {
        _ if lately == PASSED_ON_MAX => FLOOD,
        Some(Keyword::Stop) => ASKED_FOR_NO_MORE,
        Some(Keyword::StopOrJob) => ASKED_OR_CANCELLED,
        _ => "",
    };
    let name = name(transaction, sender)?;
    let texts = Relay {
        tag,
        sender,
        name: &name,
        danger: reply.danger,
        introduced,
        now_whole: completes,
        words: &reply.body,
        remark,
        home: owners.country().or(reply.home),
    }
    .texts();
    let mut first = None;
    for number in &people {
        for body in &texts {
            let text = queue(transaction, TextKind::Relay, number, body, now)?;
            first = first.or(Some(text));
        }
    }
    Ok(first)
}

/// How many texts came from this sender within the hour.
fn written_lately(connection: &Connection, sender: &str, now: Timestamp) -> rusqlite::Result<u32> {
    let since = now.checked_sub(FLOOD_WINDOW).unwrap_or(Timestamp::MIN);
    connection
        .prepare_cached(
            "SELECT count(*) FROM texts WHERE number = ?1 AND created_at BETWEEN ?2 AND ?3 AND direction = 'in'",
        )?
        .query_row(params![sender, millis(since), millis(now)], |row| row.get(0))
}

pub(super) fn queue(
    transaction: &Transaction<'_>,
    kind: TextKind,
    number: &PhoneNumber,
    body: &str,
    now: Timestamp,
) -> rusqlite::Result<i64> {
    let text = NewText {
        kind,
        number: number.clone(),
        body: body.to_owned(),
        late: None,
    };
    outgoing::queue(transaction, &text, None, now)
}

/// The caller has written: the tag of the conversation, and whether the owner's people have to be told whose it is.
fn begin(
    transaction: &Transaction<'_>,
    number: &PhoneNumber,
    now: Timestamp,
) -> rusqlite::Result<(u32, bool)> {
    let known: Option<(u32, i64)> = transaction
        .prepare_cached("SELECT tag, introduced_at FROM conversations WHERE number = ?1")?
        .query_row(params![number.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let kept = known.filter(|(tag, _)| *tag > 0);
    let introduced = kept.is_none_or(|(_, at)| {
        // A clock that was set back does not make it known for longer.
        now.duration_since(moment(at)).abs() >= INTRODUCED_FOR
    });
    let tag = match kept {
        Some((tag, _)) => tag,
        None => free_tag(transaction, now)?,
    };
    transaction
        .prepare_cached(
            "INSERT INTO conversations (number, tag, replied_at, introduced_at) VALUES (?1, ?2, ?3, ?3)
             ON CONFLICT (number) DO UPDATE SET tag = excluded.tag, replied_at = excluded.replied_at,
               introduced_at = CASE WHEN ?4 THEN excluded.introduced_at ELSE conversations.introduced_at END",
        )?
        .execute(params![number.as_str(), tag, millis(now), introduced])?;
    Ok((tag, introduced))
}

/// The smallest number that nobody has, or has had lately.
fn free_tag(transaction: &Transaction<'_>, now: Timestamp) -> rusqlite::Result<u32> {
    let since = now.checked_sub(TAG_IS_KEPT_FOR).unwrap_or(Timestamp::MIN);
    transaction
        .prepare_cached("UPDATE conversations SET tag = 0 WHERE tag > 0 AND replied_at < ?1")?
        .execute(params![millis(since)])?;
    let mut free = 1;
    let mut statement =
        transaction.prepare_cached("SELECT tag FROM conversations WHERE tag > 0 ORDER BY tag")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let taken: u32 = row.get(0)?;
        if taken > free {
            break;
        }
        free = taken.saturating_add(1);
    }
    Ok(free)
}

/// As the owner's lists call the sender; may be empty.
pub(super) fn name(connection: &Connection, number: &str) -> rusqlite::Result<String> {
    let contact = people::name_on(connection, List::Contacts, number)?;
    let name = match contact.filter(|name| !name.is_empty()) {
        Some(name) => Some(name),
        None => people::name_on(connection, List::NeverText, number)?,
    };
    Ok(name.unwrap_or_default())
}

/// Those with a tag, the newest first.
pub(super) fn newest(
    connection: &Connection,
    now: Timestamp,
) -> rusqlite::Result<Vec<Conversation>> {
    let mut found: Vec<Conversation> = connection
        .prepare_cached(
            "SELECT number, tag, replied_at, answered_at, outcome_at FROM conversations WHERE tag > 0
             ORDER BY replied_at DESC LIMIT ?1",
        )?
        .query_map(params![READ_AT_ONCE], |row| conversation(row, now))?
        .filter_map(Result::transpose)
        .collect::<rusqlite::Result<_>>()?;
    for conversation in &mut found {
        let number = conversation.number.as_str();
        conversation.opted_out = people::is_opted_out(connection, number)?;
        conversation.words = last_words(connection, number)?;
        if asks_for_nothing(&conversation.words) {
            (conversation.waits, conversation.is_open) = (false, false);
        }
        conversation.name = name(connection, number)?;
    }
    Ok(found)
}

/// What its row says; `None` for a number that only a damaged file holds.
fn conversation(row: &Row<'_>, now: Timestamp) -> rusqlite::Result<Option<Conversation>> {
    let at = |index| -> rusqlite::Result<Option<Timestamp>> {
        Ok(row.get::<_, Option<i64>>(index)?.map(moment))
    };
    let (replied_at, answered_at, outcome_at) = (moment(row.get(2)?), at(3)?, at(4)?);
    let is_over = outcome_at.is_some_and(|at| at >= replied_at);
    let last = answered_at.map_or(replied_at, |at| at.max(replied_at));
    let tag = row.get(1)?;
    let number = PhoneNumber::from_e164(&row.get::<_, String>(0)?);
    Ok(number.map(|number| Conversation {
        tag,
        number,
        name: String::new(),
        replied_at,
        waits: !is_over && answered_at.is_none_or(|at| at < replied_at),
        is_open: !is_over && now.duration_since(last) <= OPEN_FOR,
        opted_out: false,
        words: String::new(),
    }))
}

/// Whether these are words that nobody waits for an answer to: STOP and its kin, unless they may be about a job.
pub(super) fn asks_for_nothing(words: &str) -> bool {
    rules::keyword(words) == Some(Keyword::Stop)
}

pub(super) fn last_words(connection: &Connection, number: &str) -> rusqlite::Result<String> {
    let words = connection
        .prepare_cached(
            "SELECT body FROM texts WHERE number = ?1 AND direction = 'in' ORDER BY created_at DESC LIMIT 1",
        )?
        .query_row(params![number], |row| row.get(0))
        .optional()?;
    Ok(words.unwrap_or_default())
}

/// One of the owner's people has answered.
pub(super) fn answered(
    transaction: &Transaction<'_>,
    number: &PhoneNumber,
    now: Timestamp,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("UPDATE conversations SET answered_at = ?2 WHERE number = ?1")?
        .execute(params![number.as_str(), millis(now)])?;
    Ok(())
}

/// There is a row for whoever wrote at `replied_at` while nobody was to be told of it.
pub(super) fn ensure(
    transaction: &Transaction<'_>,
    number: &PhoneNumber,
    replied_at: Timestamp,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let known = transaction
        .prepare_cached("SELECT 1 FROM conversations WHERE number = ?1")?
        .exists(params![number.as_str()])?;
    if known {
        return Ok(());
    }
    let tag = free_tag(transaction, now)?;
    transaction
        .prepare_cached(
            "INSERT INTO conversations (number, tag, replied_at, introduced_at) VALUES (?1, ?2, ?3, 0)",
        )?
        .execute(params![number.as_str(), tag, millis(replied_at)])?;
    Ok(())
}

/// Nobody has said yet what came of it.
pub(super) fn reopen(transaction: &Transaction<'_>, number: &PhoneNumber) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "UPDATE conversations SET outcome = NULL, amount = NULL, outcome_at = NULL WHERE number = ?1",
        )?
        .execute(params![number.as_str()])?;
    Ok(())
}

/// What came of it, which is told elsewhere too.
pub(super) fn conclude(
    transaction: &Transaction<'_>,
    number: &PhoneNumber,
    outcome: LeadOutcome,
    amount: Option<i64>,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let tag: Option<u32> = transaction
        .prepare_cached(
            "UPDATE conversations SET outcome = ?4, amount = ?2, outcome_at = ?3 WHERE number = ?1 RETURNING tag",
        )?
        .query_row(
            params![number.as_str(), amount, millis(now), outcome.token()],
            |row| row.get(0),
        )
        .optional()?;
    let Some(tag) = tag else {
        return Ok(());
    };
    outlets::tell(transaction, now, || {
        let words = last_words(transaction, number.as_str())?;
        Ok(Event::LeadQualified {
            number: number.as_str().to_owned(),
            tag,
            outcome: outcome.token().to_owned(),
            amount_hundredths: amount,
            last_words: (!words.is_empty()).then_some(words),
        })
    })
}

/// Old ones go with the texts they were about; so does what nobody said more about.
pub(super) fn thin(transaction: &Transaction<'_>, before: i64) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM conversations WHERE replied_at < ?1", [before])?;
    transaction.execute("DELETE FROM kept WHERE since < ?1", [before])?;
    Ok(())
}

/// Whether this text is from one of the owner's people.
pub(super) fn is_staff(reply: &NewReply, owners: &Settings) -> bool {
    let sender = reply.sender.as_deref();
    sender.is_some_and(|sender| steering::is_staff(sender, owners))
}
