//! The promises, checked against what the network has, what the daemon has heard, and what its database says.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use textback::sim::{CallEnd, Sent};
use textback::store;

use super::fences;
use super::lives::Lives;
use super::owner::{self, OWNER};
use super::tally::Tally;
use super::week::{Called, Happened};

/// So long after the daemon has heard something it has had its chance to write it down.
pub(crate) const CHANCE: Duration = Duration::from_secs(1);
/// The same where the disk failed meanwhile: a failed write is tried again every half minute at most.
pub(crate) const CHANCE_ON_A_BAD_DISK: Duration = Duration::from_secs(40);
/// A report's stamp tells texts apart that were given to the modem further apart than this.
const STAMPED_WITHIN: Duration = Duration::from_secs(300);
/// The end of a call may be heard so much later: a caller hangs up, and the modem rings on or is silent.
const ENDS_WITHIN: Duration = Duration::from_secs(60);
/// A modem that nobody calls is asked something once a minute: so long may noise wait for an answer to break.
const LOOK: Duration = Duration::from_secs(60);
/// Two texts to one number further apart than this are no copies of each other.
const COPIES_WITHIN: Duration = Duration::from_secs(3 * 3600);

/// A text on its way out, as the database has it.
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) number: String,
    pub(crate) kind: String,
    pub(crate) body: String,
    pub(crate) created_at: Timestamp,
    state: String,
    pub(crate) resent: bool,
    error: Option<String>,
}

/// Every promise that was broken, in words.
pub(crate) async fn check(lives: &Lives, happened: &Happened) -> Vec<String> {
    let mut broken = Vec::new();
    let database = open(lives);
    let sound: String = database
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    if sound != "ok" {
        broken.push(format!("the database is damaged: {sound}"));
    }
    broken.extend(lives.sim.violations());
    calls(&database, lives, happened, &mut broken);
    texts(&database, lives, happened, &mut broken);
    replies(&database, happened, &mut broken);
    opt_outs(lives, happened, &mut broken);
    nothing_in_the_middle(&database, lives, &mut broken);
    fences::alerts(&database, &mut broken);
    if happened.has_owner() {
        owner::check(&database, happened, &mut broken);
    }
    if let Some(fences) = happened.fences {
        fences.check(&database, lives, &mut broken);
    }
    broken
}

pub(crate) fn tally(lives: &Lives, happened: &Happened) -> Tally {
    let database = open(lives);
    let rows = rows(&database);
    Tally {
        weeks: 1,
        calls: happened.calls.len(),
        held_to: happened
            .calls
            .iter()
            .filter(|call| is_held_to(lives, happened, call))
            .count(),
        texts: firsts(lives).count(),
        second_copies: rows.iter().filter(|row| row.resent).count(),
        failed: rows.iter().filter(|row| row.state == "failed").count(),
        replies: happened
            .replies
            .iter()
            .filter(|it| it.number != OWNER)
            .count(),
        from_owner: happened
            .replies
            .iter()
            .filter(|it| it.number == OWNER)
            .count(),
        lives: lives.lived.len(),
    }
}

/// What the database says of each text on its way out, and what the network took for its number.
pub(crate) fn texts_side_by_side(lives: &Lives) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for row in rows(&open(lives)) {
        lines.push(format!(
            "{} row {} of {}: {} {} {:.40?}",
            row.number, row.id, row.created_at, row.kind, row.state, row.body
        ));
    }
    for sent in lives.sim.sent() {
        lines.push(format!(
            "{} taken at {:?} under {}: {:.40?}",
            sent.to, sent.at, sent.reference, sent.text
        ));
    }
    lines.sort();
    lines
}

fn open(lives: &Lives) -> Connection {
    Connection::open(store::file_in(lives.folder())).unwrap()
}

/// Whether the daemon has heard who called and lived to write it down.
fn is_held_to(lives: &Lives, happened: &Happened, call: &Called) -> bool {
    let Some(number) = &call.number else {
        return false;
    };
    let heard = lives
        .power
        .heard(|heard| heard.caller(&lives.shown(number), call.at, call.at + ENDS_WITHIN));
    // One line alone may be noise where another call rings, and waits for a second one or for the modem's list.
    let another = happened.calls.iter().any(|other| {
        other.number != call.number && other.at <= call.at && call.at < other.at + ENDS_WITHIN
    });
    let (_, heard) = heard.split_at(heard.len().min(usize::from(another)));
    heard.iter().any(|at| had_a_chance(lives, happened, *at))
}

/// Whether the daemon that lived at `at` had time to write down what it heard then.
fn had_a_chance(lives: &Lives, happened: &Happened, at: Duration) -> bool {
    let bad = happened
        .disk_failed
        .iter()
        .find(|span| span.start <= at + CHANCE && at <= span.end + CHANCE_ON_A_BAD_DISK);
    let until = bad.map_or(at + CHANCE, |span| span.end + CHANCE_ON_A_BAD_DISK);
    lives.lived_on(at, until - at)
}

/// Every call that was heard has exactly one decision.
fn calls(database: &Connection, lives: &Lives, happened: &Happened, broken: &mut Vec<String>) {
    let mut decided: BTreeMap<String, usize> = BTreeMap::new();
    let mut query = database
        .prepare("SELECT caller, outcome FROM calls")
        .unwrap();
    let found = query
        .query_map([], |row| {
            Ok((row.get::<_, Option<String>>(0)?, row.get::<_, String>(1)?))
        })
        .unwrap();
    for row in found {
        let (caller, outcome) = row.unwrap();
        if outcome == "ringing" {
            broken.push(format!("the call of {caller:?} was never decided"));
        }
        *decided.entry(caller.unwrap_or_default()).or_default() += 1;
    }
    let mut by_number: BTreeMap<&str, Vec<&Called>> = BTreeMap::new();
    for call in &happened.calls {
        if let Some(number) = &call.number {
            by_number.entry(number).or_default().push(call);
        }
    }
    for (number, calls) in by_number {
        let must = calls
            .iter()
            .filter(|call| is_held_to(lives, happened, call))
            .count();
        let may: usize = calls
            .iter()
            .map(|call| may_be_decided(lives, happened, call))
            .sum();
        let decided = decided.get(number).copied().unwrap_or(0);
        if decided < must {
            broken.push(format!(
                "{number}: {must} calls were heard, and {decided} decided on"
            ));
        }
        if decided > may {
            broken.push(format!(
                "{number}: {may} calls rang, and {decided} were decided on"
            ));
        }
    }
}

/// How many decisions may come of a call: one, if it rang at all; and one more if a damaged line may have told of its end, or the modem
/// hung until it was given up, and told of the same call when it was back.
fn may_be_decided(lives: &Lives, happened: &Happened, call: &Called) -> usize {
    match call.handle.end() {
        Some(CallEnd::Busy | CallEnd::Unreachable) => 0,
        _ => {
            let (from, until) = (call.at.saturating_sub(LOOK), call.at + ENDS_WITHIN);
            let mut hangs = happened.hangs.iter();
            let hung = hangs.any(|hang| hang.start <= until && call.at <= hang.end);
            let damaged = lives.power.heard(|heard| heard.damaged(from, until));
            1 + usize::from(damaged || hung)
        }
    }
}

pub(crate) fn rows(database: &Connection) -> Vec<Row> {
    let mut query = database
        .prepare(
            "SELECT id, number, kind, state, resent, error, body, created_at FROM texts WHERE direction = 'out' ORDER BY id",
        )
        .unwrap();
    let rows = query
        .query_map([], |row| {
            Ok(Row {
                id: row.get(0)?,
                number: row.get(1)?,
                kind: row.get(2)?,
                state: row.get(3)?,
                resent: row.get(4)?,
                error: row.get(5)?,
                body: row.get(6)?,
                created_at: Timestamp::UNIX_EPOCH + SignedDuration::from_millis(row.get(7)?),
            })
        })
        .unwrap();
    rows.map(Result::unwrap).collect()
}

/// One of each text that the network has taken: the first part stands for the whole.
pub(crate) fn firsts(lives: &Lives) -> impl Iterator<Item = Sent> {
    let sent = lives.sim.sent().into_iter();
    sent.filter(|sent| sent.part.is_none_or(|part| part.sequence == 1))
}

/// Every decision to text ends as one SMS at the network, or two where the first could not be confirmed, or as one that was given up.
fn texts(database: &Connection, lives: &Lives, happened: &Happened, broken: &mut Vec<String>) {
    let rows = rows(database);
    let mut copies: BTreeMap<String, Vec<Sent>> = BTreeMap::new();
    for sent in firsts(lives) {
        copies.entry(sent.to.clone()).or_default().push(sent);
    }
    let mut by_number: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in &rows {
        by_number.entry(&row.number).or_default().push(row);
    }
    for (number, sent) in &copies {
        let rows = by_number
            .get(number.as_str())
            .map_or(&[][..], Vec::as_slice);
        let most: usize = rows.iter().map(|row| if row.resent { 2 } else { 1 }).sum();
        if sent.len() > most {
            broken.push(format!(
                "{number} got {} texts, and {most} are accounted for",
                sent.len()
            ));
        }
    }
    for (number, rows) in &by_number {
        let sent = copies.get(*number).map_or(0, Vec::len);
        let least = rows
            .iter()
            .filter(|row| matches!(row.state.as_str(), "sent" | "delivered"))
            .count();
        if sent < least {
            broken.push(format!(
                "{number} got {sent} texts, and {least} are said to have left"
            ));
        }
        for row in rows
            .iter()
            .filter(|row| row.state == "failed" && row.error.is_none())
        {
            broken.push(format!(
                "text {} to {number} failed without a reason",
                row.id
            ));
        }
    }
    for (number, sent) in &copies {
        for pair in sent.windows(2) {
            let [first, second] = pair else { continue };
            // Somebody who has called again, and whom the first text had not reached, gets one of his own.
            let called_again = happened.calls.iter().any(|call| {
                call.number.as_ref() == Some(number) && call.at > first.at && call.at < second.at
            });
            let close = second.at < first.at + COPIES_WITHIN;
            // The owner is told the same as often as he asks, and every STOP is confirmed.
            let asked_again = by_number.get(number.as_str()).is_some_and(|rows| {
                let same = |row: &&&Row| row.body == first.text && row.kind != "missed_call";
                rows.iter().filter(same).count() > 1
            });
            if first.text == second.text && close && !called_again && !asked_again {
                second_copy(number, first, second, lives, happened, broken);
            }
        }
    }
}

/// A second copy may leave only where nothing that was heard could tell that the first had left.
fn second_copy(
    number: &str,
    first: &Sent,
    second: &Sent,
    lives: &Lives,
    happened: &Happened,
    broken: &mut Vec<String>,
) {
    let until = second.at.saturating_sub(CHANCE);
    let told = lives.power.heard(|heard| {
        let mut told = heard.taken(first.reference, first.at, until);
        // Of two messages to one number that got no answer a report cannot say which one it is about.
        let (from, to) = (
            first.at.saturating_sub(STAMPED_WITHIN),
            first.at + STAMPED_WITHIN,
        );
        if !heard.gave_another(&first.pdu, from, to) {
            told.extend(heard.reports(number, first.reference, first.at, until));
        }
        told
    });
    // A long text is confirmed by its parts, each by itself.
    let whole = first.part.is_none();
    if let Some(at) = told
        .iter()
        .find(|at| whole && had_a_chance(lives, happened, **at))
    {
        broken.push(format!(
            "{number} got a second copy at {:?}, though it was heard at {at:?} that the first of {:?} had left",
            second.at, first.at
        ));
    }
}

/// Every reply is stored once; two of the same words that the network took in the same second differ in nothing, and are one.
fn replies(database: &Connection, happened: &Happened, broken: &mut Vec<String>) {
    let mut wrote: BTreeMap<(&str, &str), BTreeSet<u64>> = BTreeMap::new();
    for reply in &happened.replies {
        let seconds = wrote.entry((&reply.number, &reply.text)).or_default();
        seconds.insert(reply.at.as_secs());
    }
    for ((number, text), seconds) in wrote {
        let times = u32::try_from(seconds.len()).unwrap();
        let stored: u32 = database
            .query_row(
                "SELECT count(*) FROM texts WHERE direction = 'in' AND number = ?1 AND body = ?2",
                [number, text],
                |row| row.get(0),
            )
            .unwrap();
        if stored != times {
            broken.push(format!(
                "{number} wrote {text:.30?} {times} times, and it is stored {stored} times"
            ));
        }
    }
}

/// Nobody is texted about a call after STOP, until START.
fn opt_outs(lives: &Lives, happened: &Happened, broken: &mut Vec<String>) {
    let obeyed_at = |at: Duration| happened.read_up.iter().copied().find(|read| *read > at);
    for sent in firsts(lives) {
        let words = happened.replies.iter().filter(|reply| {
            reply.number == sent.to && ["STOP", "START"].contains(&reply.text.as_str())
        });
        let before = words.clone().rfind(|reply| reply.at <= sent.at);
        let Some(last) = before.filter(|last| last.text == "STOP") else {
            continue;
        };
        let confirms = sent.text.contains("no more texts") || sent.text.contains("opted out");
        let automatic = !confirms && !owner::is_answer(&sent.text);
        if obeyed_at(last.at).is_some_and(|at| at < sent.at) && automatic {
            broken.push(format!(
                "{} was texted at {:?} after STOP at {:?}",
                sent.to, sent.at, last.at
            ));
        }
    }
}

fn nothing_in_the_middle(database: &Connection, lives: &Lives, broken: &mut Vec<String>) {
    for row in rows(database) {
        if matches!(row.state.as_str(), "queued" | "sending" | "unconfirmed") {
            broken.push(format!(
                "text {} ({}) to {} is still {}: {:?}",
                row.id, row.kind, row.number, row.state, row.error
            ));
        }
    }
    let stored = lives.sim.stored();
    if stored > 0 {
        broken.push(format!("{stored} messages still lie on the SIM"));
    }
}
