//! Texts on their way in: kept before they are deleted from the SIM, joined from their parts or shown without those that do not
//! come, and STOP, START and HELP obeyed in the same transaction.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Transaction, params};

use super::calls::{self, UndecidedCall};
use super::fences::{self, Periods};
use super::outgoing::{self, NewText};
use super::steering::{self, Steering};
use super::{Store, StoreError, alerts, conversations, millis, moment, outlets, people, settings};
use crate::events::Event;
use crate::phone::{PhoneNumber, Region};
use crate::rules::{Hazard, Keyword};
use crate::text::{AlertKind, TextKind};

/// Parts of one message come within seconds, or, when the box was off, within days; a reference may be used again after
/// that, and parts this far apart belong to two messages.
const PARTS_COME_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A part that has waited so long for the others is shown without them: somebody waits for an answer.
const SHOWN_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// Long texts shown in one go; the next ones come with the next look.
const SHOWN_AT_ONCE: u32 = 50;

/// `texts.flag` of a reply that may be a request for no more texts.
pub(super) const PERHAPS_STOP: &str = "perhaps_stop";
/// How soon somebody who asked who we are, or wrote of danger, is told the same again.
const HELPS_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(24);

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

/// A whole message, or what came of one.
#[derive(Debug, Clone)]
pub struct NewReply {
    /// Who sent it: E.164 where it is one; `None` where it could not be read.
    pub sender: Option<String>,
    /// What it says.
    pub body: String,
    /// What it asks of us.
    pub keyword: Option<Keyword>,
    /// The one text that answers the keyword; goes out only if the keyword changes something.
    pub confirmation: Option<NewText>,
    /// The danger that it writes of.
    pub danger: Option<Hazard>,
    /// What its sender is told at once then; once a day.
    pub advice: Option<NewText>,
    /// It is an operator's, about this call.
    pub notice: Option<NoticedCall>,
    /// It is no words but a picture: who sent it is what its sender says.
    pub is_picture: bool,
    /// The country of the SIM, in whose way numbers are written for the owner's people and read from them.
    pub home: Option<Region>,
    /// Why a call missed now would not be texted, as far as the modem is concerned: for one who asks.
    pub hindrance: Option<String>,
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
    /// Keeps one message as it came from the SIM; when this returns, the SIM's copy may be deleted. The PDU tells it from others: one
    /// that is read twice is kept once, and of two that say the same, sent in the same second by the same person, one is enough.
    /// `join` makes the whole from the PDUs, in order, once all are here or what came has been shown already.
    ///
    /// # Errors
    /// When the store cannot be written; the SIM's copy must stay.
    pub async fn receive(
        &self,
        pdu: &str,
        part: Option<NewPart>,
        now: Timestamp,
        join: impl Fn(&[Option<String>]) -> NewReply + Send + 'static,
    ) -> Result<Stored, StoreError> {
        let pdu = pdu.to_owned();
        let zone = self.zone.clone();
        self.write("keeping a text that came in", move |transaction| {
            if !keep(transaction, &pdu, part.as_ref(), now)? {
                return Ok(Stored::Twice);
            }
            let set = match &part {
                None => Set::of_one(pdu.clone()),
                Some(part) => Set::read(transaction, part, now)?,
            };
            if !set.is_complete() && set.shown_as.is_none() {
                return Ok(Stored::PartOfMore);
            }
            let reply = join(&set.slots);
            let text_id = set.write(transaction, &reply, now)?;
            let owners = settings::load(transaction)?;
            let is_staff = conversations::is_staff(&reply, &owners);
            let call = match &reply.notice {
                Some(notice) if !is_staff => {
                    calls::noticed(transaction, &notice.number, notice.at, text_id)?
                }
                _ => None,
            };
            let confirmed = set.follow(transaction, &reply, text_id, is_staff, &zone, now)?;
            Ok(match set.is_complete() {
                true => Stored::Reply { confirmed, call },
                false => Stored::PartOfMore,
            })
        })
        .await
    }

    /// Makes replies of the long texts whose other parts have not come for a day, with what is there; `join` leaves a mark for each
    /// slot that is empty. Should the others come after all, the reply is completed. Says how many there were.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn show_incomplete(
        &self,
        now: Timestamp,
        join: impl Fn(&[Option<String>]) -> NewReply + Send + 'static,
    ) -> Result<usize, StoreError> {
        let zone = self.zone.clone();
        self.write(
            "showing texts of which parts are missing",
            move |transaction| {
                let overdue = overdue(transaction, now)?;
                for (part, first_at, last_at) in &overdue {
                    let set = Set::read(transaction, part, *last_at)?;
                    let reply = join(&set.slots);
                    let text_id = set.write(transaction, &reply, *first_at)?;
                    let owners = settings::load(transaction)?;
                    let is_staff = conversations::is_staff(&reply, &owners);
                    set.follow(transaction, &reply, text_id, is_staff, &zone, now)?;
                }
                Ok(overdue.len())
            },
        )
        .await
    }
}

/// The parts of one message that are here.
struct Set {
    /// The PDU of each part in its place.
    slots: Vec<Option<String>>,
    /// All their rows; a part may have come twice in two wordings, and then the first one counts.
    pdus: Vec<String>,
    /// The reply that shows them already.
    shown_as: Option<i64>,
}

impl Set {
    fn of_one(pdu: String) -> Self {
        Self {
            slots: vec![Some(pdu.clone())],
            pdus: vec![pdu],
            shown_as: None,
        }
    }

    /// What waits, together with `part`, which came at `now`.
    fn read(
        transaction: &Transaction<'_>,
        part: &NewPart,
        now: Timestamp,
    ) -> rusqlite::Result<Self> {
        let since = now.checked_sub(PARTS_COME_WITHIN).unwrap_or(Timestamp::MIN);
        let mut set = Self {
            slots: vec![None; usize::from(part.total)],
            pdus: Vec::new(),
            shown_as: None,
        };
        let mut statement = transaction.prepare_cached(
            "SELECT sequence, pdu, shown_as FROM received
             WHERE text_id IS NULL AND sender = ?1 AND reference = ?2 AND bits = ?3 AND total = ?4 AND received_at >= ?5
             ORDER BY received_at",
        )?;
        let mut rows = statement.query(params![
            part.sender,
            part.reference,
            part.bits,
            part.total,
            millis(since)
        ])?;
        while let Some(row) = rows.next()? {
            let (sequence, pdu): (u8, String) = (row.get(0)?, row.get(1)?);
            set.shown_as = set.shown_as.or(row.get(2)?);
            set.pdus.push(pdu.clone());
            if let Some(slot) = set.slots.get_mut(usize::from(sequence).saturating_sub(1)) {
                slot.get_or_insert(pdu);
            }
        }
        Ok(set)
    }

    fn is_complete(&self) -> bool {
        self.slots.iter().all(Option::is_some)
    }

    /// Writes the reply, or what it says now, and which parts it is made of. Gives its row.
    fn write(
        &self,
        transaction: &Transaction<'_>,
        reply: &NewReply,
        came_at: Timestamp,
    ) -> rusqlite::Result<i64> {
        let parts = u32::try_from(self.slots.iter().flatten().count()).unwrap_or(u32::MAX);
        let text_id = match self.shown_as {
            None => insert_reply(transaction, reply, parts, came_at)?,
            Some(text_id) => {
                transaction
                    .prepare_cached("UPDATE texts SET body = ?2, parts = ?3 WHERE id = ?1")?
                    .execute(params![text_id, reply.body, parts])?;
                text_id
            }
        };
        let update = match self.is_complete() {
            true => "UPDATE received SET text_id = ?2 WHERE pdu = ?1",
            false => "UPDATE received SET shown_as = ?2 WHERE pdu = ?1",
        };
        for pdu in &self.pdus {
            transaction
                .prepare_cached(update)?
                .execute(params![pdu, text_id])?;
        }
        Ok(text_id)
    }
}

impl Set {
    /// What follows from the reply. One of the owner's people steers, and what anybody else writes is passed on; his keywords are
    /// obeyed. Says whether a keyword was answered.
    fn follow(
        &self,
        transaction: &Transaction<'_>,
        reply: &NewReply,
        text_id: i64,
        is_staff: bool,
        zone: &TimeZone,
        now: Timestamp,
    ) -> rusqlite::Result<bool> {
        let is_whole = self.is_complete();
        let was_shown = self.shown_as.is_some();
        if is_staff {
            mark_as_command(transaction, text_id)?;
            // One that was shown in part has been told that it did nothing.
            if !was_shown {
                let steering = Steering {
                    reply,
                    text_id,
                    is_whole,
                };
                steering::steer(transaction, &steering, zone, now)?;
            }
            return Ok(false);
        }
        // What an operator tells is told of as a call.
        if reply.notice.is_none() {
            outlets::tell(transaction, now, || {
                Ok(Event::ReplyReceived {
                    text_id,
                    number: reply.sender.clone(),
                    body: reply.body.clone(),
                    perhaps_stop: reply.keyword == Some(Keyword::PerhapsStop),
                    danger: reply.danger.map(|hazard| hazard.token().to_owned()),
                    complete: is_whole,
                })
            })?;
        }
        let in_danger = reply.danger.is_some() && reply.notice.is_none();
        if in_danger {
            advise(transaction, reply, now)?;
        }
        let relay = match is_whole || !was_shown {
            true => conversations::relay(transaction, reply, was_shown, zone, now)?,
            false => None,
        };
        if in_danger {
            alert_of_danger(transaction, reply.sender.as_deref(), relay, now)?;
        }
        obey(transaction, reply, relay, zone, now)
    }
}

/// Who writes of danger is told what to do, once a day.
fn advise(transaction: &Transaction<'_>, reply: &NewReply, now: Timestamp) -> rusqlite::Result<()> {
    match &reply.advice {
        Some(advice)
            if !told_lately(transaction, advice.number.as_str(), TextKind::Advice, now)? =>
        {
            outgoing::queue(transaction, advice, None, now).map(drop)
        }
        _ => Ok(()),
    }
}

/// The owner has to see to it now.
fn alert_of_danger(
    transaction: &Transaction<'_>,
    sender: Option<&str>,
    relay: Option<i64>,
    now: Timestamp,
) -> rusqlite::Result<()> {
    alerts::raise(transaction, AlertKind::Danger, None, sender, now)?;
    // What passes it on says the same.
    match relay {
        Some(relay) => alerts::newest_is_told(transaction, relay),
        None => Ok(()),
    }
}

/// It is no caller's reply.
fn mark_as_command(transaction: &Transaction<'_>, text_id: i64) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("UPDATE texts SET kind = 'command', flag = NULL WHERE id = ?1")?
        .execute(params![text_id])?;
    Ok(())
}

/// The long texts of which a part has waited for too long, each with when its first and its last part came.
fn overdue(
    transaction: &Transaction<'_>,
    now: Timestamp,
) -> rusqlite::Result<Vec<(NewPart, Timestamp, Timestamp)>> {
    let before = now.checked_sub(SHOWN_AFTER).unwrap_or(Timestamp::MIN);
    transaction
        .prepare_cached(
            "SELECT sender, reference, bits, total, min(received_at), max(received_at)
             FROM received INDEXED BY received_waiting
             WHERE text_id IS NULL AND sender IS NOT NULL AND shown_as IS NULL
             GROUP BY sender, reference, bits, total HAVING min(received_at) <= ?1 LIMIT ?2",
        )?
        .query_map(params![millis(before), SHOWN_AT_ONCE], |row| {
            let part = NewPart {
                sender: row.get(0)?,
                reference: row.get(1)?,
                bits: row.get(2)?,
                total: row.get(3)?,
                sequence: 1,
            };
            Ok((part, moment(row.get(4)?), moment(row.get(5)?)))
        })?
        .collect()
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

fn insert_reply(
    transaction: &Transaction<'_>,
    reply: &NewReply,
    parts: u32,
    now: Timestamp,
) -> rusqlite::Result<i64> {
    if let Some(sender) = &reply.sender {
        people::is_reachable(transaction, sender)?;
    }
    transaction
        .prepare_cached(
            "INSERT INTO texts (direction, kind, number, body, state, parts, created_at, flag)
             VALUES ('in', ?5, ?1, ?2, 'received', ?3, ?4, ?6)",
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
            },
            (reply.keyword == Some(Keyword::PerhapsStop)).then_some(PERHAPS_STOP)
        ])?;
    Ok(transaction.last_insert_rowid())
}

/// Obeys what the reply asks of us, which `relay` passes on; says whether an answer was queued. Only a change is confirmed, so that two machines that
/// answer each other do not go on for ever; for the same reason HELP is answered once a day.
fn obey(
    transaction: &Transaction<'_>,
    reply: &NewReply,
    relay: Option<i64>,
    zone: &TimeZone,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let (Some(keyword), Some(sender)) = (reply.keyword, &reply.sender) else {
        return Ok(false);
    };
    let answers = match keyword {
        Keyword::Stop | Keyword::StopOrJob => people::opt_out(transaction, sender, now)?,
        Keyword::Start => people::opt_in(transaction, sender)?,
        Keyword::Help => {
            !people::is_opted_out(transaction, sender)?
                && !told_lately(transaction, sender, TextKind::Help, now)?
        }
        Keyword::PerhapsStop => false,
    };
    if answers && keyword == Keyword::StopOrJob {
        let kind = AlertKind::PerhapsCancelled;
        alerts::raise(transaction, kind, None, Some(sender), now)?;
        // What passes it on says the same.
        if let Some(relay) = relay {
            alerts::newest_is_told(transaction, relay)?;
        }
    }
    match &reply.confirmation {
        Some(answer) if answers => {
            let settings = settings::load(transaction)?;
            let zone = settings::zone_of(&settings, zone);
            fences::count_text(transaction, sender, Periods::at(now, &zone))?;
            outgoing::queue(transaction, answer, None, now)?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

fn told_lately(
    transaction: &Transaction<'_>,
    number: &str,
    kind: TextKind,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let since = now.checked_sub(HELPS_AGAIN_AFTER).unwrap_or(Timestamp::MIN);
    transaction
        .prepare_cached(
            "SELECT 1 FROM texts WHERE number = ?1 AND created_at BETWEEN ?2 AND ?3 AND kind = ?4 AND state <> 'failed'",
        )?
        .exists(params![number, millis(since), millis(now), kind.token()])
}
