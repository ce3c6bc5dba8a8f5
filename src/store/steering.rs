//! Texts from the owner's people: what follows from one is carried out in the transaction that keeps it, so that a text that is read
//! twice counts once, and one that cannot be kept does nothing.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::conversations::{self, FLOOD_WINDOW, PASSED_ON_MAX, queue};
use super::fences::{self, Periods};
use super::received::NewReply;
use super::threads::LeadOutcome;
use super::{List, millis, moment, people, settings, view};
use crate::address_book::Entry;
use crate::phone::PhoneNumber;
use crate::rules::Fence;
use crate::settings::Settings;
use crate::steering::{self, CUT_OFF, Effect, Kept, Situation, Understood};
use crate::text::TextKind;

/// What stands in place of a PIN in what is kept: pages and exports show that.
const PIN_HIDDEN: &str = "****";
/// Why a call missed now would not be texted.
const DAY_IS_FULL: &str = "as many texts went out today as texts.max_per_day allows";
const MONTH_IS_FULL: &str = "as many texts went out this month as texts.max_per_month allows";
const PICTURE_STAYS: &str = "A picture cannot be passed on to callers. Write what it shows, or send it from your own phone.";

/// A text from one of the owner's people, as the inbox understood the message it came in.
pub(super) struct Steering<'a> {
    pub(super) reply: &'a NewReply,
    pub(super) text_id: i64,
    /// No part of it is missing.
    pub(super) is_whole: bool,
}

/// Does what the text asks for, and tells its sender what came of it. The row of the text no longer shows a PIN.
pub(super) fn steer(
    transaction: &Transaction<'_>,
    steering: &Steering<'_>,
    zone: &TimeZone,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let reply = steering.reply;
    let sender = reply.sender.as_deref();
    let Some(from) = sender.and_then(PhoneNumber::from_e164) else {
        return Ok(());
    };
    if !steering.is_whole {
        return note(transaction, &from, CUT_OFF, now);
    }
    if reply.is_picture {
        return note(transaction, &from, PICTURE_STAYS, now);
    }
    let owners = settings::load(transaction)?;
    let zone = settings::zone_of(&owners, zone);
    let known = Known::read(transaction, &from, &owners, reply, &zone, now)?;
    let situation = known.situation(&from, &owners, reply, now.to_zoned(zone));
    let understood = steering::understand(&reply.body, &situation);
    hide_pin(transaction, steering.text_id, &reply.body, &understood)?;
    for effect in steering::act(&understood, &situation) {
        if let Err(refusal) = carry_out(transaction, &from, effect, now)? {
            note(transaction, &from, &format!("Not done: {refusal}."), now)?;
            // What would follow says that it was.
            break;
        }
    }
    Ok(())
}

/// What the store knows of the situation.
struct Known {
    conversations: Vec<steering::Conversation>,
    kept_words: Option<String>,
    kept_unclear: Option<String>,
    kept_message: Option<String>,
    wrong_pins: u32,
    hindrance: Option<String>,
    today: view::CallCount,
}

impl Known {
    fn read(
        connection: &Connection,
        from: &PhoneNumber,
        owners: &Settings,
        reply: &NewReply,
        zone: &TimeZone,
        now: Timestamp,
    ) -> rusqlite::Result<Self> {
        let periods = Periods::at(now, zone);
        let is_full = |fence: Fence| -> rusqlite::Result<bool> {
            Ok(fences::count(connection, fence, periods)? >= fence.most(owners))
        };
        let hindrance = match &reply.hindrance {
            Some(why) => Some(why.clone()),
            None if is_full(Fence::Day)? => Some(DAY_IS_FULL.to_owned()),
            None if is_full(Fence::Month)? => Some(MONTH_IS_FULL.to_owned()),
            None => None,
        };
        let kept = |kind| kept(connection, from, kind, now);
        let wrong_pins = kept(Kept::WrongPins)?.and_then(|count| count.parse().ok());
        let today = view::count_calls(connection, &[periods.day()])?;
        Ok(Self {
            conversations: conversations::newest(connection, now)?,
            kept_words: kept(Kept::Words)?,
            kept_unclear: kept(Kept::Unclear)?,
            kept_message: kept(Kept::Message)?,
            wrong_pins: wrong_pins.unwrap_or_default(),
            hindrance,
            today: today.first().copied().unwrap_or_default(),
        })
    }

    fn situation<'a>(
        &'a self,
        from: &'a PhoneNumber,
        owners: &'a Settings,
        reply: &NewReply,
        now: Zoned,
    ) -> Situation<'a> {
        Situation {
            from,
            conversations: &self.conversations,
            kept_words: self.kept_words.as_deref(),
            kept_unclear: self.kept_unclear.as_deref(),
            kept_message: self.kept_message.as_deref(),
            wrong_pins: self.wrong_pins,
            settings: owners,
            now,
            home: owners.country().or(reply.home),
            hindrance: self.hindrance.as_deref(),
            calls: self.today.calls,
            texted: self.today.texted,
        }
    }
}

/// Inside: why it could not be done.
fn carry_out(
    transaction: &Transaction<'_>,
    from: &PhoneNumber,
    effect: Effect,
    now: Timestamp,
) -> rusqlite::Result<Result<(), String>> {
    match effect {
        Effect::Set(key, value) => {
            let changed = settings::change(transaction, &[(key.to_owned(), value)], now)?;
            return Ok(changed.map(drop).map_err(|refusal| refusal.to_string()));
        }
        Effect::Skip(number, name) => {
            let entry = Entry { number, name };
            let listed = people::import(transaction, List::NeverText, &[entry], now)?;
            return Ok(listed.map(drop).map_err(|full| full.to_string()));
        }
        Effect::Tell(words) => note(transaction, from, &words, now),
        Effect::TellOther(other, words) => note(transaction, &other, &words, now),
        Effect::Send(number, words) => {
            conversations::answered(transaction, &number, now)?;
            queue(transaction, TextKind::Answer, &number, &words, now).map(drop)
        }
        Effect::Unskip(number) => transaction
            .execute(
                "DELETE FROM never_text WHERE number = ?1",
                [number.as_str()],
            )
            .map(drop),
        Effect::OptOut(number) => people::opt_out(transaction, number.as_str(), now).map(drop),
        Effect::OptIn(number) => people::opt_in(transaction, number.as_str()).map(drop),
        Effect::Won(number, amount) => {
            conversations::conclude(transaction, &number, LeadOutcome::Won, amount, now)
        }
        Effect::Keep(kind, body) => keep(transaction, from, kind, &body, now),
        Effect::Forget(kind) => transaction
            .execute(
                "DELETE FROM kept WHERE number = ?1 AND kind = ?2",
                params![from.as_str(), kind.token()],
            )
            .map(drop),
    }
    .map(Ok)
}

/// Tells one of the owner's people something; not without end, for his phone may answer by itself.
fn note(
    transaction: &Transaction<'_>,
    to: &PhoneNumber,
    words: &str,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let since = now.checked_sub(FLOOD_WINDOW).unwrap_or(Timestamp::MIN);
    let told: u32 = transaction
        .prepare_cached(
            "SELECT count(*) FROM texts WHERE number = ?1 AND created_at BETWEEN ?2 AND ?3 AND kind = ?4",
        )?
        .query_row(
            params![to.as_str(), millis(since), millis(now), TextKind::Note.token()],
            |row| row.get(0),
        )?;
    if told >= PASSED_ON_MAX {
        return Ok(());
    }
    queue(transaction, TextKind::Note, to, words, now).map(drop)
}

fn kept(
    connection: &Connection,
    number: &PhoneNumber,
    kind: Kept,
    now: Timestamp,
) -> rusqlite::Result<Option<String>> {
    let found: Option<(String, i64)> = connection
        .prepare_cached("SELECT body, since FROM kept WHERE number = ?1 AND kind = ?2")?
        .query_row(params![number.as_str(), kind.token()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let counts = |since: i64| now.duration_since(moment(since)).abs() <= kind.kept_for();
    Ok(found
        .filter(|(_, since)| counts(*since))
        .map(|(body, _)| body))
}

/// Wrong PINs count from the last one on.
fn keep(
    transaction: &Transaction<'_>,
    number: &PhoneNumber,
    kind: Kept,
    body: &str,
    now: Timestamp,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO kept (number, kind, body, since) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![number.as_str(), kind.token(), body, millis(now)])?;
    Ok(())
}

/// What the page and an export show of the text does not have the PIN in it, right or wrong.
fn hide_pin(
    transaction: &Transaction<'_>,
    text_id: i64,
    body: &str,
    understood: &Understood,
) -> rusqlite::Result<()> {
    let Some(pin) = &understood.pin else {
        return Ok(());
    };
    transaction
        .prepare_cached("UPDATE texts SET body = ?2 WHERE id = ?1")?
        .execute(params![text_id, body.replacen(pin.as_str(), PIN_HIDDEN, 1)])?;
    Ok(())
}
