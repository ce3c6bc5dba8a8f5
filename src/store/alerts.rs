//! What the owner has to see to himself: written down with what caused it, told in a text, and shown.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::outgoing::{self, NewText};
use super::{Store, StoreError, calls, millis, moment, settings};
use crate::phone::PhoneNumber;
use crate::rules::{Caller, Facts};
use crate::settings::Settings;
use crate::text::{AlertKind, TextKind};

/// After a day the owner has seen the page, or nobody waits for him any more.
const WORTH_TELLING_FOR: SignedDuration = SignedDuration::from_hours(24);
/// Alerts read at once; more do not fit into a text, which counts the rest.
const READ_AT_ONCE: u32 = 200;
/// The caller has been texted since, or has texted.
const REACHED_SINCE: &str =
    "EXISTS (SELECT 1 FROM texts r WHERE r.number = c.caller AND r.created_at > a.at
    AND r.state IN ('sent', 'delivered', 'received'))";
/// Who calls again was told of among so many of the newest, or long ago.
const ALERTS_LOOKED_THROUGH: u32 = 500;
/// Alerts on one page.
const SHOWN: u32 = 20;

/// Something that the owner may have to see to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// What it is.
    pub kind: AlertKind,
    /// When that was known.
    pub at: Timestamp,
    /// Whom or what it is about.
    pub about: About,
}

/// Whom or what an alert is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Somebody who called or wrote.
    Person {
        /// Who.
        number: PhoneNumber,
        /// When.
        at: Timestamp,
    },
    /// Nobody: this says what it is, as a sentence without its full stop.
    Words(String),
}

/// An alert for people.
#[derive(Debug, Clone)]
pub struct AlertView {
    /// What it says.
    pub alert: Alert,
    /// When the text that told the owner left, if one did.
    pub told_at: Option<Timestamp>,
}

/// What there is to tell the owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// To be told, oldest first; at least one.
    pub alerts: Vec<Alert>,
    /// When the last text with alerts was queued.
    pub last_text_at: Option<Timestamp>,
}

impl Store {
    /// Tells the owner what he has not been told: `compose` makes the text, or says until when it waits. Gives until when; `None`
    /// if nothing is left to tell.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn tell_owner(
        &self,
        now: Timestamp,
        compose: impl Fn(&Untold, &Settings) -> Result<String, Timestamp> + Send + 'static,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.write("telling the owner what to see to", move |transaction| {
            let settings = settings::load(transaction)?;
            let Some(owner) = settings.owner_number() else {
                return Ok(None);
            };
            let (ids, alerts): (Vec<i64>, Vec<Alert>) =
                untold(transaction, owner, now)?.into_iter().unzip();
            if alerts.is_empty() {
                return Ok(None);
            }
            let last_text_at = transaction
                .prepare_cached(
                    "SELECT t.created_at FROM alerts a JOIN texts t ON t.id = a.text_id ORDER BY a.id DESC LIMIT 1",
                )?
                .query_row([], |row| row.get(0).map(moment))
                .optional()?;
            let untold = Untold {
                alerts,
                last_text_at,
            };
            let body = match compose(&untold, &settings) {
                Ok(body) => body,
                Err(until) => return Ok(Some(until)),
            };
            let text = NewText {
                kind: TextKind::Alert,
                number: owner.clone(),
                body,
                late: None,
            };
            let text_id = outgoing::queue(transaction, &text, None, now)?;
            for id in ids {
                transaction
                    .prepare_cached("UPDATE alerts SET text_id = ?2 WHERE id = ?1")?
                    .execute(params![id, text_id])?;
            }
            Ok(None)
        })
        .await
    }
}

/// Writes an alert down; `detail` is the number or the words that it is about, where it is about no call.
pub(super) fn raise(
    transaction: &Transaction<'_>,
    kind: AlertKind,
    call_id: Option<i64>,
    detail: Option<&str>,
    now: Timestamp,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("INSERT INTO alerts (at, kind, call_id, detail) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![millis(now), kind.token(), call_id, detail])?;
    Ok(())
}

/// The alert raised last needs no text of its own: this one tells of it.
pub(super) fn newest_is_told(transaction: &Transaction<'_>, text_id: i64) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("UPDATE alerts SET text_id = ?1 WHERE id = (SELECT max(id) FROM alerts)")?
        .execute(params![text_id])?;
    Ok(())
}

/// A caller who was texted not long ago calls again: told once for each text.
pub(super) fn raise_trying_again(
    transaction: &Transaction<'_>,
    call_id: i64,
    facts: &Facts<'_>,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let (Caller::Number(number), Some(texted_at)) = (&facts.caller, facts.last_text_at) else {
        return Ok(());
    };
    let kind = AlertKind::TryingAgain;
    let told = transaction
        .prepare_cached(
            "SELECT 1 FROM (SELECT kind, at, detail FROM alerts ORDER BY id DESC LIMIT ?4)
             WHERE kind = ?1 AND detail = ?2 AND at >= ?3",
        )?
        .exists(params![
            kind.token(),
            number.as_str(),
            millis(texted_at),
            ALERTS_LOOKED_THROUGH
        ])?;
    if told {
        return Ok(());
    }
    raise(transaction, kind, Some(call_id), Some(number.as_str()), now)
}

/// The alerts of which no text tells; never one about the owner himself.
fn untold(
    connection: &Connection,
    owner: &PhoneNumber,
    now: Timestamp,
) -> rusqlite::Result<Vec<(i64, Alert)>> {
    let since = now.checked_sub(WORTH_TELLING_FOR).unwrap_or(Timestamp::MIN);
    let found = connection
        .prepare_cached(&format!(
            "SELECT a.kind, a.at, c.caller, c.shown, c.started_at, a.detail, a.id
             FROM alerts a INDEXED BY alerts_untold LEFT JOIN calls c ON c.id = a.call_id
             WHERE a.text_id IS NULL AND a.at >= ?1 AND c.caller IS NOT ?2 AND NOT {REACHED_SINCE} ORDER BY a.id LIMIT ?3"
        ))?
        .query_map(params![millis(since), owner.as_str(), READ_AT_ONCE], |row| {
            let id = row.get(6)?;
            Ok(alert(row)?.map(|alert| (id, alert)))
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// What the page shows: the newest alerts since then, newest first.
pub(super) fn newest(
    connection: &Connection,
    since: Timestamp,
) -> rusqlite::Result<Vec<AlertView>> {
    let found = connection
        .prepare_cached(&format!(
            "SELECT a.kind, a.at, c.caller, c.shown, c.started_at, a.detail, t.sent_at
             FROM (SELECT * FROM alerts ORDER BY id DESC LIMIT ?2) a
             LEFT JOIN calls c ON c.id = a.call_id LEFT JOIN texts t ON t.id = a.text_id
             WHERE a.at >= ?1 AND NOT {REACHED_SINCE} ORDER BY a.id DESC"
        ))?
        .query_map(params![millis(since), SHOWN], |row| {
            let told_at = row.get::<_, Option<i64>>(6)?.map(moment);
            Ok(alert(row)?.map(|alert| AlertView { alert, told_at }))
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// `None` for what only a newer textback wrote.
fn alert(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<Alert>> {
    let at = moment(row.get(1)?);
    let Some(kind) = AlertKind::from_token(&row.get::<_, String>(0)?) else {
        return Ok(None);
    };
    let detail: Option<String> = row.get(5)?;
    let about = match row.get::<_, Option<String>>(3)? {
        Some(shown) => match calls::caller(row.get(2)?, &shown) {
            Caller::Number(number) => Some(About::Person {
                number,
                at: moment(row.get(4)?),
            }),
            _ => None,
        },
        None => detail.map(|detail| match PhoneNumber::from_e164(&detail) {
            Some(number) => About::Person { number, at },
            None => About::Words(detail),
        }),
    };
    Ok(about.map(|about| Alert { kind, at, about }))
}
