//! Stories of the owner's summary: each evening on which anything happened, and on Monday, once, whatever happens to the box.

use textback::sim::Options;
use tokio::time::sleep;

use super::relay::{OWNER, with_owner};
use super::world::{ANNA, BEN, World, min};

/// The summaries among what the owner got.
fn digests(world: &mut World) -> Vec<String> {
    let mut texts = world.texts_to(OWNER);
    world.expect_texts(OWNER, texts.len());
    texts.retain(|text| text.starts_with("The last"));
    texts
}

/// The wall clock of the world, so many minutes on, as a setting takes it.
fn in_minutes(world: &World, minutes: i64) -> String {
    let zone = world.store().zone().clone();
    let at = world.clock.wall() + jiff::SignedDuration::from_mins(minutes);
    at.to_zoned(zone).strftime("%H:%M").to_string()
}

async fn on_a_monday() -> World {
    let world = World::with(Options {
        started_at: "2026-03-02T15:00:00Z".parse().unwrap(),
        ..Options::default()
    })
    .await;
    world.set("owner.number", OWNER).await;
    world
}

#[tokio::test(start_paused = true)]
async fn the_day_is_told_once_also_by_a_box_that_was_off_at_its_hour() {
    let mut world = with_owner().await;
    world.set("digest.daily_at", &in_minutes(&world, 20)).await;
    world.missed(ANNA).await;
    world.missed(BEN).await;
    world.reply(ANNA, "my sink is leaking").await;
    world.reply(BEN, "Do you do boilers?").await;
    world.reply(OWNER, "WON #2 450").await;
    sleep(min(10)).await;
    assert_eq!(digests(&mut world), [""; 0], "not before its hour");
    world.kill().await;
    sleep(min(60)).await;
    world.start().await;
    sleep(min(5)).await;
    let told = "The last 24 hours: 2 missed calls, 2 texted, 2 people wrote, 1 job won (450). Waiting for you: #1 (202) 555-0143.";
    assert_eq!(digests(&mut world), [told]);
    world.kill().await;
    world.start().await;
    sleep(min(30)).await;
    assert_eq!(digests(&mut world), [told], "and never again");
}

#[tokio::test(start_paused = true)]
async fn a_day_without_anything_is_not_told_of_and_a_week_is() {
    let mut world = on_a_monday().await;
    for key in ["digest.daily_at", "digest.weekly_at"] {
        world.set(key, &in_minutes(&world, 5)).await;
    }
    sleep(min(10)).await;
    assert_eq!(digests(&mut world), ["The last 7 days: no missed calls."]);
    // On Tuesday there is nothing to tell either.
    sleep(min(24 * 60)).await;
    assert_eq!(digests(&mut world).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_switched_off_and_has_nobody_to_go_to_is_not_sent() {
    for (key, owner) in [
        ("digest.daily_at", true),
        ("digest.weekly_at", true),
        ("data.keep_days", false),
    ] {
        let mut world = on_a_monday().await;
        for key in ["digest.daily_at", "digest.weekly_at"] {
            world.set(key, &in_minutes(&world, 5)).await;
        }
        world.missed(ANNA).await;
        match owner {
            true => world.set(key, "off").await,
            false => world.set("owner.number", "").await,
        }
        sleep(min(10)).await;
        let expected = usize::from(owner);
        assert_eq!(digests(&mut world).len(), expected, "{key}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_a_day_on_and_back_brings_no_day_twice() {
    // No network tells the time, so nothing doubts the clock.
    let mut world = World::with(Options {
        network_zone: None,
        ..Options::default()
    })
    .await;
    world.set("owner.number", OWNER).await;
    world.set("digest.daily_at", &in_minutes(&world, 5)).await;
    world.missed(ANNA).await;
    sleep(min(10)).await;
    assert_eq!(digests(&mut world).len(), 1);
    world.missed(BEN).await;
    let day = jiff::SignedDuration::from_hours(24);
    world.clock.set_simulated(world.clock.wall() + day);
    sleep(min(5)).await;
    assert_eq!(digests(&mut world).len(), 2, "it has become the next day");
    world.clock.set_simulated(world.clock.wall() - day);
    sleep(min(10)).await;
    assert_eq!(digests(&mut world).len(), 2, "this day has had its own");
    // Nor does the day that came early come again.
    sleep(min(24 * 60)).await;
    assert_eq!(digests(&mut world).len(), 2);
}
