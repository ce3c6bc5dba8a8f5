//! How long things are kept, and what a backup brings back.

use jiff::SignedDuration;
use textback::sim::{Cure, Options};
use textback::store;
use tokio::time::sleep;

use super::world::{ANNA, BEN, World, min, s};

const DAY: u64 = 24 * 60;

/// The computer's clock goes on by so many days at once.
fn days_pass(world: &World, days: i64) {
    let then = world.clock.wall() + SignedDuration::from_hours(24 * days);
    world.clock.set_simulated(then);
}

#[tokio::test(start_paused = true)]
async fn old_calls_and_texts_go_within_a_day_and_the_rest_stays() {
    let options = Options {
        network_zone: None,
        ..Options::default()
    };
    let world = World::with(options).await;
    world.set("data.keep_days", "35").await;
    world.missed(ANNA).await;
    world.reply(ANNA, "my sink is leaking").await;
    days_pass(&world, 36);
    world.missed(BEN).await;
    sleep(min(DAY + 10)).await;
    assert_eq!(world.fates(), [format!("{BEN} texted")]);
    assert_eq!(world.exported(ANNA).len(), 0);
    assert_eq!(world.exported(BEN).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_the_network_contradicts_makes_nothing_old() {
    let world = World::new().await;
    world.missed(ANNA).await;
    world.missed(BEN).await;
    days_pass(&world, 3650);
    sleep(min(DAY + 10)).await;
    assert!(world.clock.doubt().is_some());
    assert_eq!(world.fates().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_waited_in_an_old_backup_is_not_sent_when_it_is_restored() {
    let mut world = World::new().await;
    world.sim.refuse_sends(500, Cure::Replug);
    world.missed(ANNA).await;
    assert_eq!(world.text(ANNA).0, "queued");
    let file = world.data().join("backup");
    store::backup(world.data(), &file).unwrap();
    world.kill().await;
    world.unplugged_for(s(5)).await;
    sleep(min(61)).await;
    store::restore(&file, world.data(), world.clock.wall()).unwrap();
    world.start().await;
    sleep(min(10)).await;
    assert_eq!(world.text(ANNA).0, "failed");
    assert_eq!(world.texts_to(ANNA), [""; 0]);
}
