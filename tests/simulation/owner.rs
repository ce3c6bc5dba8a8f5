//! The owner of some weeks' box, who answers callers and steers by text; and what must have come of that, and of what callers wrote.

use std::collections::HashSet;
use std::time::Duration;

use jiff::tz::TimeZone;
use rusqlite::Connection;
use textback::store::Store;

use super::promises::{Row, rows};
use super::week::{Happened, Wrote, moment};

/// His phone.
pub(crate) const OWNER: &str = "+12025550190";
/// How often he writes in a week.
const WRITES: usize = 20;
/// A text that was passed on with parts missing goes to him again once it is whole.
const NOW_WHOLE: &str = " (now whole)";

/// See the module. By dice of his own: what else is drawn stays as it is.
pub(crate) struct Owner {
    dice: fastrand::Rng,
    texts: usize,
}

impl Owner {
    /// That of a seed, for two weeks in three.
    pub(crate) fn draw(seed: u64) -> Option<Self> {
        let mut dice = fastrand::Rng::with_seed(seed.rotate_left(32) ^ 0x006f_776e_6572);
        (dice.u8(..3) > 0).then_some(Self { dice, texts: 0 })
    }

    /// Tells the box his number.
    pub(crate) async fn set(store: &Store) {
        let changed = store
            .change_setting("owner.number", OWNER, jiff::Timestamp::UNIX_EPOCH)
            .await;
        changed.unwrap().unwrap();
    }

    /// When he writes.
    pub(crate) fn moments(&mut self) -> Vec<Duration> {
        let mut moments: Vec<_> = (0..WRITES).map(|_| moment(&mut self.dice)).collect();
        moments.sort();
        // Two that say the same within a second are one.
        moments.dedup_by_key(|at| at.as_secs() / 2);
        moments
    }

    /// What he writes next.
    pub(crate) fn writes(&mut self) -> String {
        self.texts += 1;
        match self.dice.u8(..8) {
            0 | 1 => "STATUS".to_owned(),
            2 => "PAUSE 1H".to_owned(),
            3 => "RESUME".to_owned(),
            _ => format!("#{} {}", self.dice.u8(1..6), words(self.texts)),
        }
    }
}

fn words(text: usize) -> String {
    format!("We come at once, {text}.")
}

/// Whether it is what a person wrote, and not the box.
pub(crate) fn is_answer(text: &str) -> bool {
    text.starts_with("We come at once, ")
}

/// What a caller writes is passed on once, and what the owner writes is done once, or he is told why not.
pub(crate) fn check(database: &Connection, happened: &Happened, broken: &mut Vec<String>) {
    let rows = rows(database);
    check_digests(&rows, broken);
    let of_kind = |kind| rows.iter().filter(move |row| row.kind == kind);
    for Wrote { number, text, .. } in happened.replies.iter().filter(|it| it.number != OWNER) {
        // STOP and START have no words of their own; the first part of others has.
        let Some((id, _)) = text.split_once(": ") else {
            continue;
        };
        let id = format!(": {id}: ");
        let (again, passed_on): (Vec<_>, Vec<_>) = of_kind("relay")
            .filter(|row| row.body.contains(&id))
            .partition(|row| row.body.contains(NOW_WHOLE));
        if passed_on.len() > 1 || again.len() > 1 || passed_on.len() + again.len() == 0 {
            broken.push(format!(
                "{number} wrote {text:.30?}, and it was passed on {} times, {} times as whole",
                passed_on.len(),
                again.len()
            ));
        }
        if passed_on
            .iter()
            .chain(&again)
            .any(|row| row.number != OWNER)
        {
            broken.push(format!("what {number} wrote was passed on to a stranger"));
        }
    }
    let wrote: Vec<&str> = happened
        .replies
        .iter()
        .filter(|it| it.number == OWNER)
        .map(|it| it.text.as_str())
        .collect();
    let told = |what: &[&str]| {
        of_kind("note")
            .filter(|row| what.iter().any(|what| row.body.starts_with(what)))
            .count()
    };
    for (command, answers) in [
        ("STATUS", &["The box works", "Not working:"][..]),
        ("PAUSE 1H", &["Paused "]),
        (
            "RESUME",
            &["Nothing was paused", "Missed callers are texted again"],
        ),
    ] {
        let (asked, told) = (
            wrote.iter().filter(|it| **it == command).count(),
            told(answers),
        );
        if asked != told {
            broken.push(format!(
                "the owner wrote {command} {asked} times and was told {told} times"
            ));
        }
    }
    let mut nobody = 0;
    for text in &wrote {
        let Some((_, words)) = text.split_once(' ').filter(|(_, words)| is_answer(words)) else {
            continue;
        };
        match of_kind("answer").filter(|row| row.body == words).count() {
            0 => nobody += 1,
            1 => {}
            times => broken.push(format!("{text:?} of the owner was sent {times} times")),
        }
    }
    let told = told(&["There is no #"]);
    if told != nobody {
        broken.push(format!(
            "{nobody} answers of the owner were for nobody, and he was told of {told}"
        ));
    }
}

/// He gets the sum of a day and of a week, nobody else does, and no day brings one twice, whatever the clock does.
fn check_digests(rows: &[Row], broken: &mut Vec<String>) {
    let mut days = HashSet::new();
    for row in rows.iter().filter(|row| row.kind == "digest") {
        let day = row.created_at.to_zoned(TimeZone::system()).date();
        let of_week = row.body.starts_with("The last 7 days: ");
        if row.number != OWNER || !(of_week || row.body.starts_with("The last 24 hours: ")) {
            broken.push(format!("{} got as a summary {:.40?}", row.number, row.body));
        }
        if !days.insert((of_week, day)) {
            broken.push(format!("{day} was summed up twice: {:.40?}", row.body));
        }
    }
}
