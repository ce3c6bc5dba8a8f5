//! No sequence of calls and replies breaks a fence, and nobody is texted after STOP: held against a slow count of what was queued.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::rules::{self, Keyword};

const PER_DAY: usize = 3;
const PER_MONTH: usize = 8;
const PEOPLE: usize = 4;
const NEIGHBOURS: usize = 2;

#[derive(Debug, Clone)]
enum Step {
    Call(usize),
    Write(usize, Keyword),
    Fail,
}

fn callers() -> Vec<String> {
    // Three neighbours, and four who are nobody's.
    let neighbours = [10, 11, 97].map(|n| format!("+121255502{n}"));
    let others = [201, 202, 203, 205].map(|area| format!("+1{area}5550142"));
    neighbours.into_iter().chain(others).collect()
}

fn steps() -> impl Strategy<Value = Vec<(i64, Step)>> {
    let caller = 0..callers().len();
    let step = prop_oneof![
        8 => caller.clone().prop_map(Step::Call),
        1 => (caller.clone(), prop_oneof![Just(Keyword::Stop), Just(Keyword::StopOrJob)])
            .prop_map(|(who, word)| Step::Write(who, word)),
        1 => (caller, prop_oneof![Just(Keyword::Start), Just(Keyword::Help)])
            .prop_map(|(who, word)| Step::Write(who, word)),
        1 => Just(Step::Fail),
    ];
    // Minutes until the next one: within an hour mostly, and sometimes days.
    let pause = prop_oneof![6 => 0..50_i64, 2 => 60..600_i64, 1 => 1440..9000_i64];
    proptest::collection::vec((pause, step), 1..40)
}

/// An automatic text that was queued and not refused.
struct Queued {
    id: i64,
    to: String,
    at: Timestamp,
    first: bool,
}

async fn live(steps: Vec<(i64, Step)>) -> Result<(), TestCaseError> {
    let Fixture { store, dir } = fixture();
    let zone = TimeZone::get("America/New_York").unwrap();
    let store = store.in_zone(zone.clone());
    let caps = [
        ("texts.max_per_day", PER_DAY.to_string()),
        ("texts.max_per_month", PER_MONTH.to_string()),
        ("texts.max_recipients_per_month", PEOPLE.to_string()),
        ("texts.max_neighbours_per_hour", NEIGHBOURS.to_string()),
        ("texts.cooldown_h", "0".to_owned()),
        ("business.country", "US".to_owned()),
    ];
    let caps: Vec<_> = caps
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    store
        .change_settings(&caps, Timestamp::UNIX_EPOCH)
        .await
        .unwrap()
        .unwrap();
    let callers = callers();
    let mut now = at("2026-01-27T12:00:00Z");
    let mut queued: Vec<Queued> = Vec::new();
    let mut stopped: BTreeSet<usize> = BTreeSet::new();
    // Who was owed an answer is one of the month's people whatever the cap, and stays so even if the answer then fails.
    let mut owed: BTreeSet<String> = BTreeSet::new();
    for (nth, (minutes, step)) in steps.into_iter().enumerate() {
        now += jiff::SignedDuration::from_mins(minutes);
        let new = match step {
            Step::Call(who) => {
                let to = callers[who].clone();
                let call = EndedCall {
                    caller: Caller::Number(number(&to)),
                    started_at: now,
                    ended_at: now,
                    decided_at: now,
                    ..ended(&to, "2026-01-01T00:00:00Z")
                };
                let sorry = NewText {
                    number: number(&to),
                    ..sorry(ANNA)
                };
                let judge = move |facts: &Facts<'_>, settings: &Settings| {
                    let decision = rules::decide(facts, settings);
                    let texts = matches!(decision, Decision::Text(_));
                    (decision, texts.then(|| sorry.clone()))
                };
                let texts = matches!(
                    store.end_call(call, judge).await.unwrap(),
                    Decision::Text(_)
                );
                prop_assert!(
                    !(texts && stopped.contains(&who)),
                    "{to} is texted after STOP"
                );
                texts.then_some((to, true))
            }
            Step::Write(who, keyword) => {
                let to = callers[who].clone();
                let answer = NewText {
                    kind: TextKind::Help,
                    number: number(&to),
                    body: "Words".to_owned(),
                    late: None,
                };
                let sender = to.clone();
                let reply = move |_: &[Option<String>]| NewReply {
                    sender: Some(sender.clone()),
                    body: "Words".to_owned(),
                    keyword: Some(keyword),
                    confirmation: Some(answer.clone()),
                    danger: None,
                    advice: None,
                    notice: None,
                    is_picture: false,
                    home: None,
                    hindrance: None,
                };
                let pdu = format!("PDU {nth}");
                let stored = store.receive(&pdu, None, now, reply).await.unwrap();
                let answered = matches!(
                    stored,
                    Stored::Reply {
                        confirmed: true,
                        ..
                    }
                );
                if keyword == Keyword::Help {
                    prop_assert!(
                        !(answered && stopped.contains(&who)),
                        "{to} is helped after STOP"
                    );
                }
                match keyword {
                    Keyword::Start => drop(stopped.remove(&who)),
                    word if word.opts_out() => drop(stopped.insert(who)),
                    _ => {}
                }
                answered.then_some((to, false))
            }
            Step::Fail => {
                // The newest one is refused, if nobody has seen to it yet.
                if let Some(last) = queued.pop() {
                    let refused = Transition::Fail(Failure::TooLate);
                    store.settle(last.id, refused, now).await.unwrap();
                }
                None
            }
        };
        if let Some((to, first)) = new {
            let id = newest(&dir);
            if !first {
                owed.insert(to.clone());
            }
            queued.push(Queued {
                id,
                to,
                at: now,
                first,
            });
        }
        check(&queued, &owed, now, &zone)?;
    }
    Ok(())
}

fn newest(dir: &tempfile::TempDir) -> i64 {
    let database = Connection::open(file_in(dir.path())).unwrap();
    let id = "SELECT max(id) FROM texts WHERE direction = 'out' AND kind <> 'alert'";
    database.query_row(id, [], |row| row.get(0)).unwrap()
}

/// The confirmations are counted and not held back, so a cap holds for the first texts: none goes out once it is reached.
fn check(
    queued: &[Queued],
    owed: &BTreeSet<String>,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<(), TestCaseError> {
    let Some(last) = queued.last().filter(|last| last.first && last.at == now) else {
        return Ok(());
    };
    let there = |at: Timestamp| at.to_zoned(zone.clone());
    let month = |at: Timestamp| (there(at).year(), there(at).month());
    let before = &queued[..queued.len() - 1];
    let today = before
        .iter()
        .filter(|it| there(it.at).date() == there(now).date());
    prop_assert!(today.count() < PER_DAY);
    let this_month = || before.iter().filter(|it| month(it.at) == month(now));
    prop_assert!(this_month().count() < PER_MONTH);
    // Who was owed an answer comes on top.
    let others = this_month().filter(|it| !owed.contains(&it.to));
    let people: BTreeSet<&str> = others.map(|it| it.to.as_str()).collect();
    let is_in = people.contains(last.to.as_str()) || owed.contains(&last.to);
    prop_assert!(people.len() < PEOPLE || is_in);
    let head = |to: &str| to[..to.len() - 2].to_owned();
    let hour_ago = now - jiff::SignedDuration::from_hours(1);
    let neighbours: BTreeSet<&str> = before
        .iter()
        .filter(|it| it.first && it.at >= hour_ago && it.to != last.to)
        .filter(|it| head(&it.to) == head(&last.to))
        .map(|it| it.to.as_str())
        .collect();
    prop_assert!(neighbours.len() < NEIGHBOURS);
    Ok(())
}

/// A cap is not passed twice by a clock that goes back over the end of a month and forth again.
#[tokio::test]
async fn a_clock_that_is_set_back_over_the_end_of_a_month_makes_no_room() {
    let Fixture { store, dir: _dir } = fixture();
    let cap = store.change_setting("texts.max_per_month", "2", Timestamp::UNIX_EPOCH);
    cap.await.unwrap().unwrap();
    let decided = async |to: &'static str, when: &str| {
        let judge = move |facts: &Facts<'_>, settings: &Settings| {
            let decision = rules::decide(facts, settings);
            let texts = matches!(decision, Decision::Text(_));
            (decision, texts.then(|| sorry(to)))
        };
        match store.end_call(ended(to, when), judge).await.unwrap() {
            Decision::Text(_) => "text",
            Decision::Skip(reason) => reason.token(),
        }
    };
    for (to, when, expected) in [
        ("+12015550142", "2026-01-31T23:50:00Z", "text"),
        ("+12025550142", "2026-02-01T00:10:00Z", "text"),
        ("+12035550142", "2026-02-01T00:20:00Z", "text"),
        ("+12055550142", "2026-01-31T23:55:00Z", "month_cap"),
        ("+12065550142", "2026-02-01T00:30:00Z", "month_cap"),
        // A clock that was a year ahead for a moment holds nobody back for a year.
        ("+12075550142", "2025-02-01T00:30:00Z", "text"),
    ] {
        assert_eq!(decided(to, when).await, expected, "{when}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_breaks_a_fence_and_nobody_is_texted_after_stop(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(live(steps))?;
    }
}
