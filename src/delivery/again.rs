//! What follows on an attempt to deliver something: when it is tried again, and when never.

use std::time::Duration;

use jiff::SignedDuration;

/// The first wait (Standard Webhooks: "5 seconds").
const FIRST_WAIT: Duration = Duration::from_secs(5);
/// The longest wait: a receiver that is back after a night should not wait till noon.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// How long something is worth telling: a receiver may be down for as long (Standard Webhooks: "over the course of a day").
pub const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// What waited behind another, or while the box was off, is old at its first attempt. It has as many as fit into an hour and a half all
/// the same.
pub const TRIES_AT_LEAST: u32 = 10;

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has it.
    Taken,
    /// The receiver could not be reached or did not answer in time, whatever it was given; why.
    Away(String),
    /// The receiver does not want this, as far as it says; why.
    Refused(String),
    /// The receiver wants nothing ever again; why.
    Gone(String),
}

/// What becomes of what was to be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is done.
    Delivered,
    /// It is tried again after this time.
    Again(Duration),
    /// It is given up.
    Dead,
    /// It is given up, and all that waits for the same receiver with it.
    Stopped,
}

/// What becomes of the event `id` after attempt number `attempts` (from 1), `age` after it happened. The id spreads the waits: the
/// same event waits the same time, and no two wait alike.
#[must_use]
pub fn after(outcome: &Outcome, attempts: u32, age: SignedDuration, id: &str) -> Verdict {
    match outcome {
        Outcome::Taken => Verdict::Delivered,
        Outcome::Gone(_) => Verdict::Stopped,
        Outcome::Away(_) | Outcome::Refused(_)
            if attempts >= TRIES_AT_LEAST && age >= GIVEN_UP_AFTER =>
        {
            Verdict::Dead
        }
        Outcome::Away(_) | Outcome::Refused(_) => Verdict::Again(wait(attempts, id)),
    }
}

/// Twice as long each time, a tenth more or less.
fn wait(attempts: u32, id: &str) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(
        1_u32
            .checked_shl(attempts.saturating_sub(1))
            .unwrap_or(u32::MAX),
    );
    // FNV-1a (RFC 9923): it need not be hard to guess, only different.
    let hash = id
        .bytes()
        .chain(attempts.to_be_bytes())
        .fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
    doubled.min(LONGEST_WAIT) * (900 + hash % 201) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const YOUNG: SignedDuration = SignedDuration::from_mins(1);
    const OLD: SignedDuration = SignedDuration::from_hours(24);

    fn away() -> Outcome {
        Outcome::Away("no answer".to_owned())
    }

    #[test]
    fn what_follows_on_what() {
        let refused = Outcome::Refused("500".to_owned());
        let almost = OLD - SignedDuration::from_secs(1);
        let again = |verdict: Verdict| matches!(verdict, Verdict::Again(_));
        assert_eq!(after(&Outcome::Taken, 1, YOUNG, "a"), Verdict::Delivered);
        assert_eq!(after(&Outcome::Taken, 40, OLD * 2, "a"), Verdict::Delivered);
        assert_eq!(
            after(&Outcome::Gone(String::new()), 1, YOUNG, "a"),
            Verdict::Stopped
        );
        for outcome in [away(), refused] {
            assert!(again(after(&outcome, 1, YOUNG, "a")));
            assert!(again(after(&outcome, TRIES_AT_LEAST, almost, "a")));
            assert!(again(after(&outcome, TRIES_AT_LEAST - 1, OLD * 9, "a")));
            assert_eq!(after(&outcome, TRIES_AT_LEAST, OLD, "a"), Verdict::Dead);
        }
    }

    #[test]
    fn the_waits_double_from_five_seconds_to_an_hour() {
        let mut nominal = 5;
        for attempts in 1..=40 {
            let wait = wait(attempts, "msg_1").as_secs_f64();
            let (low, high) = (0.9 * f64::from(nominal), 1.1 * f64::from(nominal));
            assert!((low..=high).contains(&wait), "{attempts}: {wait}");
            nominal = (nominal * 2).min(3600);
        }
    }

    #[test]
    fn a_day_is_tried_through() {
        let (mut age, mut attempts) = (SignedDuration::ZERO, 1);
        while let Verdict::Again(wait) = after(&away(), attempts, age, "msg_1") {
            age += SignedDuration::try_from(wait).unwrap();
            attempts += 1;
        }
        assert!(
            (OLD..OLD + SignedDuration::from_hours(2)).contains(&age),
            "{age:?}"
        );
        assert!((30..40).contains(&attempts), "{attempts}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn no_wait_is_out_of_bounds(attempts in any::<u32>(), id in ".*") {
            let wait = wait(attempts, &id);
            prop_assert!(wait >= FIRST_WAIT * 9 / 10);
            prop_assert!(wait <= LONGEST_WAIT * 11 / 10);
        }
    }
}
