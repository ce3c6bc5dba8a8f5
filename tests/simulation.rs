//! Weeks of a box's life in seconds, drawn from a seed: calls, replies, faults of every kind, power cuts at any byte that goes to the
//! modem or the disk. After each week the promises of `tests/PROMISES.md` are checked. The real daemon, the simulated line, simulated
//! time.
//!
//! `TEXTBACK_SEEDS=0..200` says which seeds; without it a few are run, the same ones each time. A broken promise prints its seed, and
//! `TEXTBACK_SEEDS=17 cargo test --test simulation -- --nocapture` repeats that one and tells what happened in it.

#![expect(clippy::unwrap_used, reason = "the helpers are tests too")]

#[path = "simulation/fences.rs"]
mod fences;
#[path = "simulation/heard.rs"]
mod heard;
#[path = "simulation/lives.rs"]
mod lives;
#[path = "simulation/owner.rs"]
mod owner;
#[path = "simulation/power.rs"]
mod power;
#[path = "simulation/promises.rs"]
mod promises;
#[path = "simulation/tally.rs"]
mod tally;
#[path = "simulation/week.rs"]
mod week;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Which seeds, and whether to tell what happens in them.
const SEEDS: &str = "TEXTBACK_SEEDS";
/// Run where nobody says which.
const FEW: Range<u64> = 0..4;
/// How often the progress of a long run is told.
const TELL_EVERY: u64 = 100;

/// A week goes to and fro between a thread and the one that writes its database, and each only waits for the other: on one core, which
/// their children inherit, that takes half the time. Where the system does not let us, it takes longer.
fn keep_to_one_core(worker: usize) {
    let Ok(allowed) = sched_getaffinity(None) else {
        return;
    };
    let cores: Vec<usize> = (0..CpuSet::MAX_CPU)
        .filter(|core| allowed.is_set(*core))
        .collect();
    if let Some(core) = cores.get(worker % cores.len().max(1)) {
        let mut one = CpuSet::new();
        one.set(*core);
        let _ = sched_setaffinity(None, &one);
    }
}

#[test]
fn no_promise_is_broken_in_any_week() {
    let asked = std::env::var(SEEDS).ok();
    let seeds = asked.as_deref().map_or(FEW, |text| {
        seeds(text).unwrap_or_else(|| panic!("{SEEDS} is {text}: write a seed, or first..end"))
    });
    let tells = seeds.end - seeds.start == 1;
    let (next, done) = (AtomicU64::new(seeds.start), AtomicU64::new(0));
    let broken = Mutex::new(Vec::new());
    let total = Mutex::new(tally::Tally::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for worker in 0..threads {
            let (next, done, broken, total) = (&next, &done, &broken, &total);
            scope.spawn(move || {
                keep_to_one_core(worker);
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= seeds.end {
                        return;
                    }
                    match catch_unwind(AssertUnwindSafe(|| week::live(seed, tells))) {
                        Ok(week) => {
                            *total.lock().unwrap() += week.tally;
                            if !week.broken.is_empty() {
                                // Told at once: a long run may be cut short.
                                eprintln!("seed {seed}: {}", week.broken.join("; "));
                                broken.lock().unwrap().push((seed, week.broken));
                            }
                        }
                        Err(_) => broken
                            .lock()
                            .unwrap()
                            .push((seed, vec!["it panicked".to_owned()])),
                    }
                    let done = done.fetch_add(1, Ordering::SeqCst) + 1;
                    if done.is_multiple_of(TELL_EVERY) {
                        let broken = broken.lock().unwrap().len();
                        eprintln!("{done} weeks lived, {broken} with a broken promise");
                    }
                }
            });
        }
    });
    let total = total.into_inner().unwrap();
    eprintln!("{total}");
    let mut broken = broken.into_inner().unwrap();
    broken.sort();
    let told: Vec<_> = broken
        .iter()
        .map(|(seed, what)| format!("seed {seed}:\n  {}", what.join("\n  ")))
        .collect();
    assert!(
        broken.is_empty(),
        "{} of {} weeks broke a promise; TEXTBACK_SEEDS=<seed> repeats one\n{}",
        broken.len(),
        seeds.end - seeds.start,
        told.join("\n")
    );
    assert!(
        total.holds_something(),
        "nothing happened in these weeks: {total}"
    );
}

/// `17`, or `0..200`.
fn seeds(text: &str) -> Option<Range<u64>> {
    match text.split_once("..") {
        Some((first, end)) => Some(first.parse().ok()?..end.parse().ok()?),
        None => {
            let seed: u64 = text.parse().ok()?;
            Some(seed..seed + 1)
        }
    }
}
