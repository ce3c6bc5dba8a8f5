//! Stories of many calls: every call that the modem announced is texted, and nobody twice.

use std::collections::BTreeSet;
use std::time::Duration;

use textback::sim::{Caller, Direction, Options, Quirks};
use tokio::time::sleep;

use super::world::{ANNA, SORRY, World, min, s};

/// Numbers between 0 and 1, the same ones each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        // Knuth's MMIX generator; the upper bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 32).unwrap()) / f64::from(u32::MAX)
    }
}

fn callers(count: u32) -> impl Iterator<Item = String> {
    (0..count).map(|n| format!("+12025550{:03}", 100 + n))
}

/// Whose number the modem has shown.
fn announced(world: &World) -> BTreeSet<String> {
    let crossings = world.sim.crossings().into_iter();
    let said: Vec<u8> = crossings
        .filter(|crossing| crossing.direction == Direction::ToHost)
        .flat_map(|crossing| crossing.bytes)
        .collect();
    let said = String::from_utf8(said).unwrap();
    said.split("+CLIP: \"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

async fn everybody_announced_is_texted(world: &World) -> usize {
    sleep(min(10)).await;
    let announced = announced(world);
    for number in &announced {
        assert_eq!(world.texts_to(number), [SORRY], "{number}");
    }
    announced.len()
}

#[tokio::test(start_paused = true)]
async fn fifty_callers_a_few_seconds_apart_are_all_texted() {
    let world = World::new().await;
    let mut dice = Dice(1);
    for caller in callers(50) {
        let _call = world.sim.call(Caller::new(&caller).rings_for(s(2)));
        sleep(Duration::from_secs_f64(2.1 + dice.roll())).await;
    }
    assert_eq!(everybody_announced_is_texted(&world).await, 50);
}

#[tokio::test(start_paused = true)]
async fn fifty_callers_in_each_others_heels_are_all_texted() {
    for (glued, send_takes) in [(false, s(0)), (true, s(1))] {
        let world = World::with(Options {
            send_takes,
            quirks: Quirks {
                ring_glued_to_final: glued,
                ..Quirks::default()
            },
            ..Options::default()
        })
        .await;
        for caller in callers(50) {
            let call = world.sim.call(Caller::new(&caller).rings_for(s(2)));
            call.ended().await;
            sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(everybody_announced_is_texted(&world).await, 50);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hang_of_30_s_in_the_middle_of_traffic_loses_nobody_who_was_announced() {
    for hangs_at in [0, 1000, 1950, 2050] {
        let world = World::with(Options {
            answer_takes: Duration::from_millis(20),
            send_takes: Duration::from_millis(200),
            quirks: Quirks {
                ring_glued_to_final: true,
                ..Quirks::default()
            },
            ..Options::default()
        })
        .await;
        for (n, caller) in callers(30).enumerate() {
            let call = world.sim.call(Caller::new(&caller).rings_for(s(2)));
            if n == 5 {
                sleep(Duration::from_millis(hangs_at)).await;
                world.sim.hang(s(30));
            }
            call.ended().await;
            sleep(Duration::from_millis(100)).await;
        }
        let announced = everybody_announced_is_texted(&world).await;
        assert!((15..30).contains(&announced), "{announced}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_rings_through_a_hang_is_texted_once() {
    let world = World::new().await;
    let call = world.sim.call(Caller::new(ANNA).rings_for(s(35)));
    sleep(s(2)).await;
    world.sim.hang(s(30));
    call.ended().await;
    assert_eq!(everybody_announced_is_texted(&world).await, 1);
    sleep(min(1)).await;
    assert_eq!(world.fates()[0], format!("{ANNA} texted"));
}

#[tokio::test(start_paused = true)]
async fn more_callers_than_a_minute_may_have_wait_their_turn() {
    let world = World::new().await;
    world.set("texts.max_per_minute", "3").await;
    for caller in callers(10) {
        let call = world.sim.call(Caller::new(&caller).rings_for(s(2)));
        call.ended().await;
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(everybody_announced_is_texted(&world).await, 10);
    let sent = world.sim.sent();
    for four in sent.windows(4) {
        assert!(four[3].at - four[0].at >= s(60), "more than 3 a minute");
    }
}
