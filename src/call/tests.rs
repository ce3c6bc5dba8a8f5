//! Event sequences as real modems send them, and what each must come to.

use super::*;
use crate::at::urc::{LineNumber, Presentation};

/// One thing that happens in a story, or an answer laid out for the next poll.
#[derive(Debug, Clone)]
enum Step {
    Says(Urc),
    /// From now on `AT+CLCC` is answered so; `None` is an error.
    Lists(Option<Vec<CurrentCall>>),
    HungUp,
    NotHungUp,
    ModemLost,
}
use Step::{HungUp, Lists, ModemLost, NotHungUp, Says};

const ANNA: &str = "+12025550143";
const BEN: &str = "+12025550188";

fn ring() -> Step {
    Says(Urc::Ring)
}

fn clip(number: &str) -> Step {
    Says(Urc::CallerId(from(number)))
}

fn from(number: &str) -> CallerId {
    shown(line_number(number))
}

fn line_number(number: &str) -> LineNumber {
    LineNumber {
        digits: number.to_owned(),
        type_of_address: 145,
    }
}

fn hidden(presentation: Presentation) -> CallerId {
    CallerId {
        number: None,
        presentation,
    }
}

fn no_carrier() -> Step {
    Says(Urc::CallEnded)
}

fn listed(index: u8, state: CallState, number: Option<&str>) -> CurrentCall {
    CurrentCall {
        index,
        incoming: true,
        state,
        voice: true,
        number: number.map(line_number),
    }
}

fn lists<const N: usize>(calls: [CurrentCall; N]) -> Step {
    Lists(Some(calls.into()))
}

/// What a story came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    /// Second (in ms) of each end, the digits or the reason for none, rings, picked up.
    ended: Vec<(u64, String, u32, bool)>,
    hang_ups: Vec<u64>,
    started: usize,
    identified: Vec<Presentation>,
}

fn play(hang_up_after: Option<u64>, story: &[(u64, Step)]) -> Seen {
    let mut calls = Calls::new();
    calls.set_hang_up_after(hang_up_after.map(Duration::from_millis));
    let mut seen = Seen::default();
    // Modems without +CLCC answer an error until a story says otherwise.
    let mut answer: Option<Vec<CurrentCall>> = None;
    for (at, step) in story {
        let at = Duration::from_millis(*at);
        run_until(&mut calls, at, &answer, &mut seen);
        let actions = match step {
            Says(urc) => calls.on(at, Event::Urc(urc)),
            HungUp => calls.on(at, Event::HungUp),
            NotHungUp => calls.on(at, Event::NotHungUp),
            ModemLost => calls.on(at, Event::ModemLost),
            Lists(list) => {
                answer.clone_from(list);
                continue;
            }
        };
        take(&mut calls, at, actions, &answer, &mut seen);
    }
    run_until(&mut calls, Duration::from_secs(3600), &answer, &mut seen);
    assert_eq!(
        calls.next_deadline(),
        None,
        "an hour later nothing rings any more"
    );
    seen
}

fn run_until(
    calls: &mut Calls,
    until: Duration,
    answer: &Option<Vec<CurrentCall>>,
    seen: &mut Seen,
) {
    while let Some(at) = calls.next_deadline().filter(|at| *at <= until) {
        let actions = calls.on_time(at);
        take(calls, at, actions, answer, seen);
    }
}

fn take(
    calls: &mut Calls,
    at: Duration,
    actions: Vec<Action>,
    answer: &Option<Vec<CurrentCall>>,
    seen: &mut Seen,
) {
    for action in actions {
        match action {
            Action::Started(_) => seen.started += 1,
            Action::Identified(_, caller) => seen.identified.push(caller.presentation),
            Action::HangUp => seen.hang_ups.push(millis(at)),
            Action::Ended(call) => {
                let who = match call.caller {
                    Some(CallerId {
                        number: Some(number),
                        ..
                    }) => number.digits,
                    Some(CallerId { presentation, .. }) => format!("{presentation:?}"),
                    None => "nothing".to_owned(),
                };
                seen.ended
                    .push((millis(at), who, call.rings, call.picked_up));
            }
            Action::PollCurrentCalls => {
                let event = match answer {
                    Some(list) => Event::CurrentCalls(list),
                    None => Event::PollFailed,
                };
                let more = calls.on(at, event);
                take(calls, at, more, answer, seen);
            }
        }
    }
}

fn millis(at: Duration) -> u64 {
    u64::try_from(at.as_millis()).unwrap()
}

/// Every call that must come out of the story: when it ended, who it was, rings, picked up.
type Expected<'a> = &'a [(u64, &'a str, u32, bool)];

/// Its name, what happens when (in ms), and what it comes to.
type Story<'a> = (&'a str, Vec<(u64, Step)>, Expected<'a>);

#[test]
fn stories() {
    let anna_rings = listed(1, CallState::Incoming, Some(ANNA));
    let ben_waits = listed(2, CallState::Waiting, Some(BEN));
    let table: &[Story<'_>] = &[
        (
            "three rings, then NO CARRIER",
            vec![
                (0, ring()),
                (10, clip(ANNA)),
                (5000, ring()),
                (5010, clip(ANNA)),
                (10_000, ring()),
                (10_010, clip(ANNA)),
                (12_000, no_carrier()),
            ],
            &[(12_000, ANNA, 3, false)],
        ),
        (
            "the number first, then RING (SIM800)",
            vec![(0, clip(ANNA)), (5, ring()), (3000, no_carrier())],
            &[(3000, ANNA, 1, false)],
        ),
        (
            "a number without any RING, and nothing at the end",
            vec![(0, clip(ANNA))],
            &[(12_000, ANNA, 1, false)],
        ),
        (
            "RING alone, no number ever",
            vec![(0, ring()), (1000, no_carrier())],
            &[(1000, "nothing", 1, false)],
        ),
        (
            "RING twice at once is one ring (two channels open)",
            vec![
                (0, ring()),
                (3, ring()),
                (4, clip(ANNA)),
                (5, clip(ANNA)),
                (900, no_carrier()),
            ],
            &[(900, ANNA, 1, false)],
        ),
        (
            "silence is twice the cadence once it is known (1.07 s, EP06-E)",
            vec![(0, ring()), (0, clip(ANNA)), (1070, ring()), (2140, ring())],
            &[(2140 + 2 * 1070 + 300, ANNA, 3, false)],
        ),
        (
            "a cadence of 6 s does not end the call between two rings (LARA)",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (6000, ring()),
                (12_000, ring()),
                (13_000, no_carrier()),
            ],
            &[(13_000, ANNA, 3, false)],
        ),
        (
            "one lost RING doubles the gap, and the call goes on",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (5000, ring()),
                (15_000, ring()),
                (16_000, no_carrier()),
            ],
            &[(16_000, ANNA, 3, false)],
        ),
        (
            "withheld",
            vec![
                (0, ring()),
                (1, Says(Urc::CallerId(hidden(Presentation::Withheld)))),
                (2000, no_carrier()),
            ],
            &[(2000, "Withheld", 1, false)],
        ),
        (
            "unavailable first, the number with the second ring",
            vec![
                (0, ring()),
                (1, Says(Urc::CallerId(hidden(Presentation::Unavailable)))),
                (5000, ring()),
                (5001, clip(ANNA)),
                (6000, no_carrier()),
            ],
            &[(6000, ANNA, 2, false)],
        ),
        (
            "the list is polled and goes empty: three empty answers end the call",
            vec![
                (0, lists([anna_rings.clone()])),
                (0, ring()),
                (1, clip(ANNA)),
                (1500, lists([])),
            ],
            &[(4000, ANNA, 1, false)],
        ),
        (
            "one empty answer in between proves nothing",
            vec![
                (0, lists([anna_rings.clone()])),
                (0, ring()),
                (1, clip(ANNA)),
                (1500, lists([])),
                (3500, lists([anna_rings.clone()])),
                (4500, lists([])),
                (4600, no_carrier()),
            ],
            &[(4600, ANNA, 1, false)],
        ),
        (
            "a RING in between starts the counting of empty answers again",
            vec![
                (0, lists([anna_rings.clone()])),
                (0, ring()),
                (1, clip(ANNA)),
                (1500, lists([])),
                (3500, ring()),
                (3600, no_carrier()),
            ],
            &[(3600, ANNA, 2, false)],
        ),
        (
            "a modem that never lists a call: its empty list proves nothing",
            vec![
                (0, lists([])),
                (0, ring()),
                (1, clip(ANNA)),
                (5000, ring()),
                (10_000, ring()),
                (11_000, no_carrier()),
            ],
            &[(11_000, ANNA, 3, false)],
        ),
        (
            "the list alone gives the number, before and without +CLIP",
            vec![
                (0, lists([anna_rings.clone()])),
                (0, ring()),
                (3000, no_carrier()),
            ],
            &[(3000, ANNA, 1, false)],
        ),
        (
            "digits in the list do not unveil a withheld number",
            vec![
                (0, lists([anna_rings.clone()])),
                (0, ring()),
                (1, Says(Urc::CallerId(hidden(Presentation::Withheld)))),
                (3000, no_carrier()),
            ],
            &[(3000, "Withheld", 1, false)],
        ),
        (
            "picked up on another phone: over at once, not missed, and its later end is nothing",
            vec![
                (0, lists([anna_rings.clone()])),
                (0, ring()),
                (1, clip(ANNA)),
                (3500, lists([listed(1, CallState::Active, Some(ANNA))])),
                (60_000, no_carrier()),
            ],
            &[(4000, ANNA, 1, true)],
        ),
        (
            "an unsolicited list line with stat 6 ends it (SIMCom)",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (
                    2000,
                    Says(Urc::CurrentCall(listed(
                        1,
                        CallState::Disconnected,
                        Some(ANNA),
                    ))),
                ),
            ],
            &[(2000, ANNA, 1, false)],
        ),
        (
            "a call told by an unsolicited list line alone",
            vec![
                (
                    0,
                    Says(Urc::CurrentCall(listed(1, CallState::Incoming, Some(ANNA)))),
                ),
                (9000, no_carrier()),
            ],
            &[(9000, ANNA, 1, false)],
        ),
        (
            "outgoing and data calls are not ours",
            vec![
                (
                    0,
                    Says(Urc::CurrentCall(CurrentCall {
                        incoming: false,
                        ..anna_rings.clone()
                    })),
                ),
                (
                    1,
                    Says(Urc::CurrentCall(CurrentCall {
                        voice: false,
                        ..anna_rings.clone()
                    })),
                ),
            ],
            &[],
        ),
        (
            "the same end twice is one end",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (900, no_carrier()),
                (901, no_carrier()),
            ],
            &[(900, ANNA, 1, false)],
        ),
        (
            "back to back, each with its own end",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (2000, no_carrier()),
                (2100, ring()),
                (2101, clip(BEN)),
                (4100, no_carrier()),
            ],
            &[(2000, ANNA, 1, false), (4100, BEN, 1, false)],
        ),
        (
            "back to back and the first end was lost: no list, so the new number is a new call",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (2100, ring()),
                (2101, clip(BEN)),
                (4100, no_carrier()),
            ],
            &[(2101, ANNA, 2, false), (4100, BEN, 1, false)],
        ),
        (
            "a number that has lost digits is the same caller's",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (5000, ring()),
                (5001, clip("+1202555043")),
                (7000, no_carrier()),
            ],
            &[(7000, ANNA, 2, false)],
        ),
        (
            "a whole number mends one that had lost digits",
            vec![
                (0, ring()),
                (1, clip("+120255543")),
                (5000, ring()),
                (5001, clip(ANNA)),
                (7000, no_carrier()),
            ],
            &[(7000, ANNA, 2, false)],
        ),
        (
            "the list mends a number that had lost digits",
            vec![
                (0, lists([anna_rings.clone()])),
                (0, ring()),
                (1, clip("+120255543")),
                (7000, no_carrier()),
            ],
            &[(7000, ANNA, 1, false)],
        ),
        (
            "another number that the list contradicts is noise",
            vec![
                (0, lists([anna_rings.clone()])),
                (0, ring()),
                (1, clip(ANNA)),
                (5000, ring()),
                (5001, clip("+12025550193")),
                (7000, no_carrier()),
            ],
            &[(7000, ANNA, 2, false)],
        ),
        (
            "the list shows another number in the same place: the first end and the second +CLIP were lost",
            vec![
                (0, lists([anna_rings.clone()])),
                (0, ring()),
                (1, clip(ANNA)),
                (2500, lists([listed(1, CallState::Incoming, Some(BEN))])),
                (4500, no_carrier()),
            ],
            &[(3000, ANNA, 1, false), (4500, BEN, 1, false)],
        ),
        (
            "a second caller waits: two calls, told apart by the list at the first end",
            vec![
                (0, lists([anna_rings.clone()])),
                (0, ring()),
                (1, clip(ANNA)),
                (2000, Says(Urc::CallWaiting(from(BEN)))),
                (2100, Says(Urc::CallWaiting(from(BEN)))),
                (2200, lists([anna_rings.clone(), ben_waits.clone()])),
                (3500, lists([listed(2, CallState::Incoming, Some(BEN))])),
                (3600, no_carrier()),
                (4000, ring()),
                (6000, lists([])),
                (6100, no_carrier()),
            ],
            &[(3600, ANNA, 1, false), (6100, BEN, 1, false)],
        ),
        (
            "a second caller waits and the modem has no list: the older one ended first",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (2000, Says(Urc::CallWaiting(from(BEN)))),
                (3000, no_carrier()),
                (5000, no_carrier()),
            ],
            &[(3000, ANNA, 1, false), (5000, BEN, 1, false)],
        ),
        (
            "the modem dies while it rings",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (3000, ModemLost),
                (3500, no_carrier()),
            ],
            &[(3000, ANNA, 1, false)],
        ),
        (
            "national in the list, international in +CLIP: the same caller",
            vec![
                (
                    0,
                    lists([listed(1, CallState::Incoming, Some("2025550143"))]),
                ),
                (0, ring()),
                (1, clip(ANNA)),
                (5000, ring()),
                (7000, no_carrier()),
            ],
            &[(7000, ANNA, 2, false)],
        ),
    ];
    for (name, story, expected) in table {
        let seen = play(None, story);
        let expected: Vec<_> = expected
            .iter()
            .map(|(at, who, rings, picked_up)| (*at, (*who).to_owned(), *rings, *picked_up))
            .collect();
        assert_eq!(seen.ended, expected, "{name}");
        assert_eq!(
            seen.started,
            expected.len(),
            "every call that ends has started: {name}"
        );
    }
}

#[test]
fn the_caller_is_hung_up_on_once_and_the_empty_list_then_ends_the_call_at_once() {
    let rings = lists([listed(1, CallState::Incoming, Some(ANNA))]);
    let story = [
        (0, rings),
        (0, ring()),
        (1, clip(ANNA)),
        (5000, ring()),
        (10_000, ring()),
        (15_040, lists([])),
        (15_050, HungUp),
    ];
    let seen = play(Some(15_000), &story);
    assert_eq!(seen.hang_ups, [15_000]);
    assert_eq!(seen.ended, [(15_050, ANNA.to_owned(), 3, false)]);
}

#[test]
fn a_modem_that_ignores_the_hang_up_still_gives_one_call() {
    let rings = lists([listed(1, CallState::Incoming, Some(ANNA))]);
    let mut story = vec![(0, rings), (0, ring()), (1, clip(ANNA)), (15_050, HungUp)];
    story.extend((1..8).map(|n| (n * 5000, ring())));
    story.sort_by_key(|(at, _)| *at);
    story.push((40_000, no_carrier()));
    let seen = play(Some(15_000), &story);
    assert_eq!(seen.hang_ups, [15_000]);
    assert_eq!(seen.ended, [(40_000, ANNA.to_owned(), 8, false)]);
}

#[test]
fn zero_lets_it_ring() {
    let story: Vec<_> = (0..20).map(|n| (n * 5000, ring())).collect();
    let seen = play(None, &story);
    assert_eq!(seen.hang_ups, Vec::<u64>::new());
    assert_eq!(
        seen.ended,
        [(95_000 + 10_300, "nothing".to_owned(), 20, false)]
    );
}

#[test]
fn more_calls_than_any_modem_holds_are_not_taken() {
    let mut calls = Calls::new();
    let started: usize = (0..MOST_CALLS + 1)
        .map(|n| {
            let waiting = Urc::CallWaiting(from(&format!("+1202555{n:04}")));
            let actions = calls.on(Duration::ZERO, Event::Urc(&waiting));
            actions
                .iter()
                .filter(|action| matches!(action, Action::Started(_)))
                .count()
        })
        .sum();
    assert_eq!(started, MOST_CALLS);
}

#[test]
fn who_calls_is_told_once_and_again_only_when_a_hidden_number_shows() {
    let story = [
        (0, ring()),
        (1, Says(Urc::CallerId(hidden(Presentation::Unavailable)))),
        (2, Says(Urc::CallerId(hidden(Presentation::Unavailable)))),
        (5000, clip(ANNA)),
        (5001, clip(ANNA)),
    ];
    let seen = play(None, &story);
    assert_eq!(
        seen.identified,
        [Presentation::Unavailable, Presentation::Shown]
    );
}

#[test]
fn a_hang_up_that_failed_is_tried_again() {
    let mut story: Vec<_> = (0..6).map(|n| (n * 5000, ring())).collect();
    story.push((15_100, NotHungUp));
    story.sort_by_key(|(at, _)| *at);
    assert_eq!(play(Some(15_000), &story).hang_ups, [15_000, 20_100]);
}

const fn second(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn a_list_that_is_long_in_coming_keeps_nobody_busy() {
    let mut calls = Calls::new();
    calls.on(second(0), Event::Urc(&Urc::Ring));
    assert_eq!(calls.on_time(second(1)), [Action::PollCurrentCalls]);
    // The modem is at work on a text, and the next caller rings meanwhile.
    calls.on(second(2), Event::Urc(&Urc::CallEnded));
    calls.on(second(3), Event::Urc(&Urc::Ring));
    calls.on_time(second(4));
    assert!(
        calls.next_deadline() > Some(second(4)),
        "nothing to do until it comes"
    );
}

#[test]
fn a_second_caller_is_not_lost_while_the_list_is_long_in_coming() {
    let mut calls = Calls::new();
    let mut ended = Vec::new();
    let mut now = Duration::ZERO;
    for number in [ANNA, BEN] {
        let _ = calls.on(now, Event::Urc(&Urc::Ring));
        let _ = calls.on(now, Event::Urc(&Urc::CallerId(from(number))));
        now += second(4);
    }
    while let Some(at) = calls.next_deadline() {
        let actions = calls.on_time(at);
        ended.extend(actions.into_iter().filter_map(|action| match action {
            Action::Ended(call) => call.caller?.number,
            _ => None,
        }));
    }
    assert_eq!(ended, [line_number(ANNA), line_number(BEN)]);
}
