//! Fences that are drawn tight for some weeks, and what the network got held against them. Who got nothing by them or for another reason
//! is known to the owner.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rusqlite::Connection;
use textback::sim::Sent;
use textback::store::Store;

use super::lives::Lives;
use super::owner::OWNER;
use super::promises::{CHANCE, firsts, rows};

const MINUTE: Duration = Duration::from_secs(60);
const DAY_MS: i64 = 24 * 3600 * 1000;
/// What the row of a failed text says whose recipient wants none (`textback::text::Failure`).
const OPTED_OUT: &str = "the caller asked for no more texts";

/// How much may go out in a week in which little may. In such a week the computer's clock is right: days and months are counted by it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fences {
    minute: usize,
    day: usize,
    month: usize,
    recipients: usize,
}

impl Fences {
    /// Those of a seed, for one week in three. By dice of their own: what else is drawn stays as it is.
    pub(crate) fn draw(seed: u64) -> Option<Self> {
        let mut dice = fastrand::Rng::with_seed(!seed);
        let fences = Self {
            // No lower: the week sets it to three at times.
            minute: 3,
            day: dice.usize(1..6),
            month: dice.usize(4..20),
            recipients: dice.usize(2..9),
        };
        (dice.u8(..3) == 0).then_some(fences)
    }

    /// Makes them the owner's settings.
    pub(crate) async fn set(self, store: &Store) {
        for (key, most) in [
            ("texts.max_per_minute", self.minute),
            ("texts.max_per_day", self.day),
            ("texts.max_per_month", self.month),
            ("texts.max_recipients_per_month", self.recipients),
        ] {
            let changed = store
                .change_setting(key, &most.to_string(), jiff::Timestamp::UNIX_EPOCH)
                .await;
            changed.unwrap().unwrap();
        }
    }

    /// No minute, day or month of texts to missed callers beyond its fence, and no more people. What a text is counted by is when it was
    /// queued: one that left after midnight may be of the day before.
    pub(crate) fn check(self, database: &Connection, lives: &Lives, broken: &mut Vec<String>) {
        let rows = rows(database);
        // Answers to STOP and START are owed, fence or not, and what the owner writes is his own act.
        let owed: BTreeSet<_> = rows
            .iter()
            .filter(|row| row.kind != "missed_call")
            .map(|row| (row.number.as_str(), row.body.as_str()))
            .collect();
        let mut counted: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
        let (mut texts, mut people) = (BTreeSet::new(), BTreeSet::new());
        let mut at_once: Vec<Sent> = Vec::new();
        for sent in firsts(lives) {
            let is_owed = owed.contains(&(sent.to.as_str(), sent.text.as_str()));
            // What the owner is told is in texts of many parts, of which this is the first.
            if is_owed || sent.to == OWNER {
                continue;
            }
            let at = lives.true_time(sent.at);
            let row = rows.iter().rfind(|row| {
                row.kind == "missed_call" && row.number == sent.to && row.created_at <= at
            });
            let Some(row) = row else {
                broken.push(format!("{} got a text of which there is no row", sent.to));
                continue;
            };
            texts.insert(row.id);
            // Who got an answer to STOP or START first is one of the month's people by that, beyond the fence too.
            let first = rows.iter().find(|it| it.number == sent.to);
            if first.is_some_and(|first| first.kind == "missed_call") {
                people.insert(row.number.as_str());
            }
            let day = row.created_at.as_millisecond().div_euclid(DAY_MS);
            counted.entry(day).or_default().insert(row.id);
            // A second copy does not wait; and of a text whose taking was not heard nobody knows when it left.
            if !row.resent && is_known(&sent, lives) {
                at_once.push(sent);
            }
        }
        let fullest = counted.values().map(BTreeSet::len).max().unwrap_or(0);
        for (what, count, most) in [
            ("texts in a day", fullest, self.day),
            ("texts in a month", texts.len(), self.month),
            ("people in a month", people.len(), self.recipients),
        ] {
            if count > most {
                broken.push(format!("{count} {what}, and {most} were allowed"));
            }
        }
        for some in at_once.windows(self.minute + 1) {
            if let [first, .., last] = some
                && last.at < first.at + MINUTE
            {
                let (from, to) = (first.at, last.at);
                broken.push(format!(
                    "more than {} texts from {from:?} to {to:?}",
                    self.minute
                ));
            }
        }
    }
}

/// Whether the daemon has heard that the network took it, and lived to write that down.
fn is_known(sent: &Sent, lives: &Lives) -> bool {
    let heard = lives
        .power
        .heard(|heard| heard.taken(sent.reference, sent.at, sent.at + 3 * MINUTE));
    heard.first().is_some_and(|at| lives.lived_on(*at, CHANCE))
}

/// Who called and was not reached is told of to the owner, but for who wants no texts.
pub(crate) fn alerts(database: &Connection, broken: &mut Vec<String>) {
    let untold = [
        (
            "failed, and nobody is told",
            "SELECT 'text ' || id || ' to ' || number || ', ' || coalesce(error, '') FROM texts t
             WHERE kind = 'missed_call' AND state = 'failed' AND error IS NOT ?1
               AND NOT EXISTS (SELECT 1 FROM alerts WHERE call_id = t.call_id
                               AND kind IN ('too_late', 'not_through', 'unconfirmed'))",
        ),
        (
            "was too late for a text, and nobody is told",
            "SELECT 'call ' || id || ' of ' || caller FROM calls c
             WHERE reason = 'too_late' AND ?1 IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM alerts WHERE call_id = c.id AND kind = 'too_late')",
        ),
    ];
    for (what, query) in untold {
        let mut query = database.prepare(query).unwrap();
        let found = query.query_map([OPTED_OUT], |row| row.get::<_, String>(0));
        broken.extend(found.unwrap().map(|who| format!("{} {what}", who.unwrap())));
    }
}
