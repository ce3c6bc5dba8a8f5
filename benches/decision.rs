//! What a decision costs: the settings read, the facts gathered, the rules asked, with 100,000 calls and 10,000 listed numbers in the
//! store. Without the commit that writes it down, which `latency` measures.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark measures the machine's own time, prints it, and ends when anything is amiss"
)]

mod common;

use std::time::Instant;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use textback::phone::PhoneNumber;
use textback::rules::{Caller, Decision};
use textback::store;

const PAST: u32 = 100_000;
const LISTED: u32 = 10_000;
/// Decisions in a round, which opens the file once.
const DECISIONS: u32 = 2000;
const ROUNDS: usize = 21;

fn main() {
    let dir = common::directory().unwrap();
    let dir = dir.path();
    let database = common::fill(dir, PAST).unwrap();
    database
        .execute_batch(&format!(
            "INSERT INTO settings VALUES ('business.country', 'US'), ('owner.number', '+12025550111'),
               ('texts.only_strangers', 'yes'), ('hours.weekly', 'Mo-Fr 08:00-12:00, 13:00-17:00; Sa 09:00-12:00'),
               ('hours.calendar', 'US'), ('hours.time_zone', 'America/New_York'), ('message.after_hours', '{{business}} opens at 8');
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {LISTED})
             INSERT INTO never_text SELECT '+1213' || (2000000 + 7 * i), 'Name ' || i FROM n;
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {LISTED})
             INSERT INTO contacts SELECT '+1214' || (2000000 + 7 * i), 'Name ' || i FROM n;"
        ))
        .unwrap();
    println!("{}", common::describe(dir).unwrap());
    let new = |nth| common::fresh_number(nth);
    let known = |nth: u32| {
        format!(
            "+1212{}",
            2_000_000 + 79 * (u64::from(nth + 1) * 97 % 100_000)
        )
    };
    let listed = |nth: u32| format!("+1213{}", 2_000_000 + 7 * (nth % LISTED + 1));
    measure(dir, "a stranger", "text", new);
    measure(dir, "somebody who called before", "text", known);
    measure(dir, "somebody on the never-text list", "never_text", listed);
}

fn measure(dir: &std::path::Path, who: &str, expected: &str, number: impl Fn(u32) -> String) {
    let caller = |nth| Caller::Number(PhoneNumber::from_e164(&number(nth)).unwrap());
    let callers: Vec<Caller> = (0..DECISIONS).map(caller).collect();
    // A Wednesday at noon, long after the calls in the store.
    let now: Timestamp = "2031-01-15T17:30:00Z".parse().unwrap();
    let mut each: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            let decisions = store::rehearse(dir, &callers, now, &TimeZone::UTC).unwrap();
            let took = begun.elapsed();
            for decision in decisions {
                let token = match &decision {
                    Decision::Text(_) => "text",
                    Decision::Skip(reason) => reason.token(),
                };
                assert_eq!(token, expected, "{who}");
            }
            took.as_secs_f64() * 1e6 / f64::from(DECISIONS)
        })
        .collect();
    each.sort_by(f64::total_cmp);
    println!(
        "{who}: median {:.1} µs a decision, slowest of {ROUNDS} rounds {:.1} µs",
        each[ROUNDS / 2],
        each[ROUNDS - 1]
    );
}
