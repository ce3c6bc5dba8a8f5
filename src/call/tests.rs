//! Event sequences as real modems send them, and what each must come to.

mod stories;

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
    Says(Urc::CallEnded { index: None })
}

fn listed(index: u8, state: CallState, number: Option<&str>) -> CurrentCall {
    CurrentCall {
        index: Some(index),
        incoming: true,
        state,
        voice: true,
        number: number.map(line_number),
    }
}

fn missed(number: Option<&str>) -> Step {
    let number = number.map(line_number);
    Says(Urc::MissedCall { number })
}

/// A family's own line about the call that it counts under `index`.
fn tells(index: u8, state: CallState) -> Step {
    Says(Urc::CurrentCall(listed(index, state, None)))
}

fn uncounted(state: CallState) -> Step {
    Says(Urc::CurrentCall(CurrentCall {
        index: None,
        ..listed(1, state, None)
    }))
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
    calls.on(second(2), Event::Urc(&Urc::CallEnded { index: None }));
    calls.on(second(3), Event::Urc(&Urc::Ring));
    calls.on_time(second(4));
    assert!(
        calls.next_deadline() > Some(second(60)),
        "nothing to do until it comes"
    );
}

#[test]
fn a_modem_that_hangs_ends_no_call_by_its_silence() {
    let mut calls = Calls::new();
    let rings = |calls: &mut Calls, at| {
        calls.on(second(at), Event::Urc(&Urc::Ring));
        calls.on(second(at), Event::Urc(&Urc::CallerId(from(ANNA))))
    };
    rings(&mut calls, 0);
    assert_eq!(calls.on_time(second(1)), [Action::PollCurrentCalls]);
    // It hangs from here on, says nothing of its rings, and then goes on as before.
    assert_eq!(calls.on_time(second(40)), []);
    assert_eq!(calls.on(second(41), Event::PollFailed), []);
    let again = rings(&mut calls, 45);
    assert_eq!(again, [], "the same call");
    let end = calls.on(second(47), Event::Urc(&Urc::CallEnded { index: None }));
    assert!(
        matches!(end[..], [Action::Ended(EndedCall { rings: 2, .. })]),
        "{end:?}"
    );
}

#[test]
fn a_modem_that_has_just_been_asked_ends_no_call_by_its_silence_either() {
    let mut calls = Calls::new();
    let millis = Duration::from_millis;
    let mut polled = Vec::new();
    // EP06 rings once a second: between two rings and what is silence there is less time than an answer has.
    for ring in [0, 1070, 2140] {
        while let Some(at) = calls.next_deadline().filter(|at| *at < millis(ring)) {
            polled.extend(calls.on_time(at));
            calls.on(at, Event::PollFailed);
        }
        calls.on(millis(ring), Event::Urc(&Urc::Ring));
        calls.on(millis(ring), Event::Urc(&Urc::CallerId(from(ANNA))));
    }
    let asked = |action: &Action| matches!(action, Action::PollCurrentCalls);
    assert!(polled.len() == 2 && polled.iter().all(asked), "{polled:?}");
    assert_eq!(calls.on_time(millis(3200)), [Action::PollCurrentCalls]);
    // It hangs from here on, and has not been asked for two seconds yet when the silence is up.
    assert_eq!(calls.on_time(millis(2140 + 2440)), []);
    calls.on(millis(9000), Event::PollFailed);
    let again = calls.on(millis(9500), Event::Urc(&Urc::Ring));
    assert_eq!(again, [], "the same call");
}

#[test]
fn a_number_seen_twice_is_a_caller_whatever_the_list_says_later() {
    let mut calls = Calls::new();
    let mut rings = |at, number| {
        calls.on(second(at), Event::Urc(&Urc::Ring));
        calls.on(second(at), Event::Urc(&Urc::CallerId(from(number))))
    };
    rings(0, ANNA);
    // The first end was lost, and the modem is at work on a text for a minute.
    assert_eq!(rings(9, BEN), [Action::PollCurrentCalls]);
    let told = rings(14, BEN);
    let [
        Action::Ended(anna),
        Action::Started(_),
        Action::Identified(_, ben),
    ] = &told[..]
    else {
        panic!("{told:?}");
    };
    // A RING comes before the number that tells whose it is.
    assert_eq!((anna.rings, &anna.caller), (3, &Some(from(ANNA))));
    assert_eq!(ben, &from(BEN));
}

#[test]
fn a_modem_that_answers_all_but_the_list_ends_calls_by_its_silence() {
    let mut calls = Calls::new();
    let mut ends = Vec::new();
    for began in [0, 100] {
        calls.on(second(began), Event::Urc(&Urc::Ring));
        calls.on(second(began), Event::Urc(&Urc::CallerId(from(ANNA))));
        while let Some(at) = calls.next_deadline() {
            let actions = calls.on_time(at);
            if actions.iter().any(|it| matches!(it, Action::Ended(_))) {
                ends.push(at.as_secs() - began);
            }
            if actions.contains(&Action::PollCurrentCalls) {
                // The time-out of the command.
                calls.on(at + second(5), Event::PollFailed);
            }
        }
    }
    // The first call shows what such silence is worth.
    assert!(matches!(ends[..], [12..=30, 12]), "{ends:?}");
}

#[test]
fn a_list_that_never_comes_keeps_no_call_ringing_for_ever() {
    let mut calls = Calls::new();
    calls.on(second(0), Event::Urc(&Urc::Ring));
    calls.on(second(0), Event::Urc(&Urc::CallerId(from(BEN))));
    // Another number: the list is asked for, and nobody answers.
    let asked = calls.on(second(1), Event::Urc(&Urc::CallerId(from(ANNA))));
    assert_eq!(asked, [Action::PollCurrentCalls]);
    let mut ended = 0;
    while let Some(at) = calls.next_deadline().filter(|at| *at < second(3600)) {
        let actions = calls.on_time(at);
        ended += actions
            .iter()
            .filter(|it| matches!(it, Action::Ended(_)))
            .count();
    }
    assert!(calls.is_idle() && ended == 2, "{ended}");
}

#[test]
fn no_caller_is_lost_while_the_list_is_long_in_coming() {
    const CARLA: &str = "+12025550199";
    let mut calls = Calls::new();
    let mut told = Vec::new();
    let mut now = Duration::ZERO;
    for number in [ANNA, BEN, BEN, CARLA, CARLA] {
        told.extend(calls.on(now, Event::Urc(&Urc::Ring)));
        told.extend(calls.on(now, Event::Urc(&Urc::CallerId(from(number)))));
        now += second(4);
    }
    // The list has been asked for, and the modem is at work on a text for a minute.
    assert_eq!(calls.on_time(now), []);
    told.extend(calls.on(second(60), Event::PollFailed));
    while let Some(at) = calls.next_deadline() {
        let actions = calls.on_time(at);
        if actions.contains(&Action::PollCurrentCalls) {
            told.extend(calls.on(at, Event::PollFailed));
        }
        told.extend(actions);
    }
    let ended: Vec<_> = told
        .into_iter()
        .filter_map(|action| match action {
            Action::Ended(call) => call.caller?.number,
            _ => None,
        })
        .collect();
    assert_eq!(ended, [ANNA, BEN, CARLA].map(line_number));
}
