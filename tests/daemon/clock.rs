//! Stories of a computer whose clock is wrong: a Raspberry Pi has none that runs without power.

use jiff::{SignedDuration, ToSpan};
use textback::clock::{Clock, Doubt};
use textback::sim::{Cure, Options};
use tokio::time::sleep;

use super::world::{A_MOMENT, ANNA, BEN, SORRY, World, min, s};

/// A computer whose clock is so many hours off, and its modem.
fn off_by(hours: i64, options: Options) -> World {
    let clock = Clock::simulated(options.started_at + hours.hours());
    World::asleep_by(options, clock)
}

fn behind(world: &World) -> i64 {
    let hours = |by: SignedDuration| (by.as_mins() + 30) / 60;
    match world.clock.doubt() {
        Some(Doubt::Behind(by) | Doubt::Stamped(by)) => hours(by),
        Some(Doubt::Ahead(by)) => -hours(by),
        None => 0,
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_stood_still_is_not_gone_by_and_the_day_of_a_cooldown_is_a_day() {
    let mut world = World::new().await;
    world.missed(ANNA).await;
    world.stop().await;
    // The power is off for 23 hours; the computer comes back at the time it went down.
    let stood_still_at = world.clock.wall();
    sleep(min(23 * 60)).await;
    world.clock = Clock::simulated(stood_still_at);
    world.start().await;
    assert!(behind(&world) >= 22, "{:?}", world.clock.doubt());
    world.missed(ANNA).await;
    sleep(min(70)).await;
    world.missed(ANNA).await;
    let fates = ["texted", "skipped/cooldown", "texted"].map(|fate| format!("{ANNA} {fate}"));
    assert_eq!(world.fates(), fates);
    world.expect_texts(ANNA, 2);
}

#[tokio::test(start_paused = true)]
async fn a_text_that_waits_does_not_grow_old_when_the_clock_is_set() {
    let mut world = off_by(-50, Options::default());
    world.start().await;
    world.sim.refuse_sends(512, Cure::Replug);
    world.missed(ANNA).await;
    assert_eq!(world.texts_to(ANNA), [""; 0]);
    // The internet comes, and sets it.
    world.clock.set_simulated(world.clock.wall());
    assert_eq!(behind(&world), 0);
    world.unplugged_for(s(5)).await;
    sleep(min(10)).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_does_not_know_the_time_changes_nothing_and_a_text_raises_a_doubt() {
    let options = Options {
        network_zone: None,
        ..Options::default()
    };
    let mut world = off_by(-5, options);
    world.start().await;
    assert_eq!(world.clock.doubt(), None);
    let before = world.clock.wall();
    world.reply(BEN, "Hello").await;
    assert_eq!(behind(&world), 5);
    assert!(matches!(world.clock.doubt(), Some(Doubt::Stamped(_))));
    let moved = world.clock.wall().duration_since(before);
    assert!(moved < SignedDuration::from_secs(10), "{moved:?}");
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_ahead_is_kept_and_told_of() {
    let mut world = off_by(30, Options::default());
    let before = world.clock.wall();
    world.start().await;
    assert_eq!(behind(&world), -30);
    assert!(world.clock.wall() >= before);
    sleep(A_MOMENT).await;
    // Found out an hour later at the latest that it has been set right.
    world.clock.set_simulated(world.clock.wall() - 30.hours());
    sleep(min(61)).await;
    assert_eq!(behind(&world), 0);
}

#[tokio::test(start_paused = true)]
async fn a_time_that_the_network_tells_only_after_a_while_is_heard_within_a_minute() {
    let options = Options {
        network_time_takes: s(90),
        ..Options::default()
    };
    let mut world = off_by(-50, options);
    world.start().await;
    assert_eq!(world.clock.doubt(), None);
    sleep(min(3)).await;
    assert_eq!(behind(&world), 50);
    let asked = |world: &World| {
        let commands = world.sim.commands();
        commands.iter().filter(|it| *it == "AT+CCLK?").count()
    };
    let before = asked(&world);
    sleep(min(30)).await;
    assert_eq!(asked(&world), before, "from then on once an hour");
}

#[tokio::test(start_paused = true)]
async fn a_text_of_a_time_that_lies_ahead_does_not_hide_the_one_that_counts() {
    // No network tells the time, so the computer's counts; it is two days ahead at first.
    let options = Options {
        network_zone: None,
        ..Options::default()
    };
    let mut world = off_by(48, options);
    world.start().await;
    world.missed(ANNA).await;
    world.clock.set_simulated(world.clock.wall() - 48.hours());
    world.missed(ANNA).await;
    sleep(min(5)).await;
    world.missed(ANNA).await;
    let fates = ["texted", "texted", "skipped/cooldown"].map(|fate| format!("{ANNA} {fate}"));
    assert_eq!(world.fates(), fates);
    world.expect_texts(ANNA, 2);
}
