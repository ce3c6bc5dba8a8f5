//! Texts on their way in: kept before they are deleted from the SIM, joined from their parts, and STOP and START obeyed in
//! the same transaction.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Transaction, params};

use super::calls::{self, UndecidedCall};
use super::outgoing::{self, NewText};
use super::{Store, StoreError, millis, people};
use crate::phone::PhoneNumber;
use crate::rules::Keyword;

/// Parts of one message come within seconds, or, when the box was off, within days; a reference may be used again after
/// that, and parts this far apart belong to two messages.
const PARTS_COME_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What tells the parts of one message from those of another (3GPP TS 23.040 9.2.3.24.1 and .8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPart {
    /// Who sent it. The service centre does not count: parts of one message may come through several.
    pub sender: String,
    /// The reference of the message.
    pub reference: u16,
    /// How wide the reference is, 8 or 16 bits.
    pub bits: u8,
    /// How many parts there are.
    pub total: u8,
    /// Which one this is, from 1.
    pub sequence: u8,
}

/// A whole message.
#[derive(Debug, Clone)]
pub struct NewReply {
    /// Who sent it: E.164 where it is one; `None` where it could not be read.
    pub sender: Option<String>,
    /// What it says.
    pub body: String,
    /// What it asks of us.
    pub keyword: Option<Keyword>,
    /// The one text that confirms the keyword; goes out only if the keyword changes something.
    pub confirmation: Option<NewText>,
    /// It is an operator's, about this call.
    pub notice: Option<NoticedCall>,
}

/// A call that an operator tells of.
#[derive(Debug, Clone)]
pub struct NoticedCall {
    /// Who called.
    pub number: PhoneNumber,
    /// When.
    pub at: Timestamp,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// It was here already.
    Twice,
    /// It is kept and waits for the other parts.
    PartOfMore,
    /// It is kept, or completes a message that now is.
    Reply {
        /// A confirmation was queued.
        confirmed: bool,
        /// The call that it tells of, written down now, with no decision yet.
        call: Option<UndecidedCall>,
    },
}

impl Store {
    /// Keeps one message as it came from the SIM; when this returns, the SIM's copy may be deleted. `join` makes the whole
    /// from the PDUs, in order, once all are here.
    ///
    /// # Errors
    /// When the store cannot be written; the SIM's copy must stay.
    pub async fn receive(
        &self,
        pdu: &str,
        part: Option<NewPart>,
        now: Timestamp,
        join: impl Fn(&[String]) -> NewReply + Send + 'static,
    ) -> Result<Stored, StoreError> {
        let pdu = pdu.to_owned();
        self.write("keeping a text that came in", move |transaction| {
            if !keep(transaction, &pdu, part.as_ref(), now)? {
                return Ok(Stored::Twice);
            }
            let pdus = match &part {
                None => vec![pdu.clone()],
                Some(part) => match all_parts(transaction, part, now)? {
                    Some(pdus) => pdus,
                    None => return Ok(Stored::PartOfMore),
                },
            };
            let reply = join(&pdus);
            let parts = u32::try_from(pdus.len()).unwrap_or(u32::MAX);
            let text_id = insert_reply(transaction, &reply, parts, now)?;
            for pdu in &pdus {
                transaction
                    .prepare_cached("UPDATE received SET text_id = ?2 WHERE pdu = ?1")?
                    .execute(params![pdu, text_id])?;
            }
            let call = match &reply.notice {
                Some(notice) => calls::noticed(transaction, &notice.number, notice.at, text_id)?,
                None => None,
            };
            Ok(Stored::Reply {
                confirmed: obey(transaction, &reply, now)?,
                call,
            })
        })
        .await
    }
}

/// Says whether it is new.
fn keep(
    transaction: &Transaction<'_>,
    pdu: &str,
    part: Option<&NewPart>,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let added = transaction
        .prepare_cached(
            "INSERT OR IGNORE INTO received (pdu, received_at, sender, reference, bits, total, sequence)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            pdu,
            millis(now),
            part.map(|p| &p.sender),
            part.map(|p| p.reference),
            part.map(|p| p.bits),
            part.map(|p| p.total),
            part.map(|p| p.sequence)
        ])?;
    Ok(added > 0)
}

/// The PDUs of all parts in order, if all are here. A part may have come twice in two wordings: the first one counts.
fn all_parts(
    transaction: &Transaction<'_>,
    part: &NewPart,
    now: Timestamp,
) -> rusqlite::Result<Option<Vec<String>>> {
    let since = millis(now.checked_sub(PARTS_COME_WITHIN).unwrap_or(Timestamp::MIN));
    let mut parts = transaction
        .prepare_cached(
            "SELECT sequence, pdu FROM received
             WHERE text_id IS NULL AND sender = ?1 AND reference = ?2 AND bits = ?3 AND total = ?4 AND received_at >= ?5
             ORDER BY sequence, received_at",
        )?
        .query_map(params![part.sender, part.reference, part.bits, part.total, since], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<rusqlite::Result<Vec<(u8, String)>>>()?;
    parts.dedup_by_key(|(sequence, _)| *sequence);
    let complete = parts.len() == usize::from(part.total);
    Ok(complete.then(|| parts.into_iter().map(|(_, pdu)| pdu).collect()))
}

fn insert_reply(
    transaction: &Transaction<'_>,
    reply: &NewReply,
    parts: u32,
    now: Timestamp,
) -> rusqlite::Result<i64> {
    transaction
        .prepare_cached(
            "INSERT INTO texts (direction, kind, number, body, state, parts, created_at)
             VALUES ('in', ?5, ?1, ?2, 'received', ?3, ?4)",
        )?
        .execute(params![
            reply.sender,
            reply.body,
            parts,
            millis(now),
            if reply.notice.is_some() {
                "notice"
            } else {
                "reply"
            }
        ])?;
    Ok(transaction.last_insert_rowid())
}

/// Obeys STOP and START; says whether a confirmation was queued. Only a change is confirmed, so that two machines that
/// answer each other do not go on for ever.
fn obey(transaction: &Transaction<'_>, reply: &NewReply, now: Timestamp) -> rusqlite::Result<bool> {
    let (Some(keyword), Some(sender)) = (reply.keyword, &reply.sender) else {
        return Ok(false);
    };
    let changed = match keyword {
        Keyword::Stop => people::opt_out(transaction, sender, now)?,
        Keyword::Start => people::opt_in(transaction, sender)?,
    };
    match &reply.confirmation {
        Some(confirmation) if changed => {
            outgoing::queue(transaction, confirmation, None, now)?;
            Ok(true)
        }
        _ => Ok(false),
    }
}
