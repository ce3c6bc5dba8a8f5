//! Stories of what keeps a flood of calls from costing the owner his SIM: caps, neighbours, nights; and of what he is told of them.

use textback::sim::Caller;
use tokio::time::sleep;

use super::world::{A_MOMENT, ANNA, BEN, SORRY, World, min, s};

const OWNER: &str = "+12025550111";

async fn with_owner() -> World {
    let world = World::new().await;
    world.set("owner.number", OWNER).await;
    world
}

/// Callers of ten different towns and streets.
fn callers() -> Vec<String> {
    (0..10).map(|n| format!("+1{}5550142", 201 + n)).collect()
}

/// Who of them was texted.
fn texted(world: &World, callers: &[String]) -> Vec<usize> {
    callers.iter().map(|it| world.texts_to(it).len()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_day_has_its_cap_and_the_owner_hears_of_it_twice() {
    let mut world = with_owner().await;
    world.set("texts.max_per_day", "5").await;
    let callers = callers();
    for caller in &callers {
        world.missed(caller).await;
        sleep(min(20)).await;
    }
    assert_eq!(texted(&world, &callers), [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]);
    assert_eq!(
        world.fates().last().unwrap(),
        "+12105550142 skipped/day_cap"
    );
    let told = world.texts_to(OWNER);
    assert_eq!(
        told,
        [
            "4 of the 5 texts allowed a day have gone out today.",
            "5 texts went out today, as many as your settings allow, so callers are not texted until midnight."
        ]
    );
    // The next day begins anew, and is told of anew.
    sleep(min(9 * 60)).await;
    world.missed(ANNA).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    world.expect_texts(OWNER, 2);
}

#[tokio::test(start_paused = true)]
async fn a_kill_forgets_no_count() {
    let mut world = World::new().await;
    world.set("texts.max_per_day", "2").await;
    let callers = callers();
    for caller in &callers[..4] {
        world.missed(caller).await;
        world.kill().await;
        world.start().await;
    }
    assert_eq!(texted(&world, &callers[..4]), [1, 1, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_month_has_its_caps_of_texts_and_of_people() {
    let mut world = World::new().await;
    world.set("texts.max_recipients_per_month", "2").await;
    world.set("texts.cooldown_h", "0").await;
    let callers = callers();
    for caller in [&callers[0], &callers[1], &callers[2], &callers[0]] {
        world.missed(caller).await;
    }
    // Who is among them already may be texted again.
    assert_eq!(texted(&world, &callers[..3]), [2, 1, 0]);
    let fates = world.fates();
    assert_eq!(fates[2], format!("{} skipped/recipients_cap", callers[2]));
    world.set("texts.max_per_month", "3").await;
    world.missed(&callers[0]).await;
    let fates = world.fates();
    assert_eq!(fates[4], format!("{} skipped/month_cap", callers[0]));
    // The world began on the first of January; in February all begins anew.
    sleep(min(31 * 24 * 60)).await;
    world.missed(&callers[2]).await;
    assert_eq!(world.texts_to(&callers[2]).len(), 1);
    world.expect_texts(&callers[0], 2);
}

#[tokio::test(start_paused = true)]
async fn a_block_of_numbers_is_not_texted_as_a_whole() {
    let world = with_owner().await;
    world.set("texts.max_neighbours_per_hour", "3").await;
    let block: Vec<String> = (0..5).map(|n| format!("+121255502{n}0")).collect();
    for caller in &block {
        world.missed(caller).await;
    }
    assert_eq!(texted(&world, &block), [1, 1, 1, 0, 0]);
    let reason = format!("{} skipped/neighbours_cap", block[4]);
    assert_eq!(*world.fates().last().unwrap(), reason);
    // Others are, and these are after an hour.
    world.missed("+12125550321").await;
    assert_eq!(world.texts_to("+12125550321"), [SORRY]);
    sleep(min(61)).await;
    world.missed("+12125550277").await;
    assert_eq!(world.texts_to("+12125550277"), [SORRY]);
    let told = world.texts_to(OWNER);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("3 numbers that are nearly alike"),
        "{told:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_odd_calls_at_night_silences_odd_calls_and_no_others() {
    let mut world = with_owner().await;
    world.missed(BEN).await;
    // It is two in the morning.
    sleep(min(14 * 60)).await;
    world.set("texts.max_odd_calls_at_night", "4").await;
    world.set("texts.cooldown_h", "0").await;
    let callers = callers();
    for caller in &callers[..3] {
        world.call(Caller::new(caller).rings_for(s(2))).await;
        world.call(Caller::withheld().rings_for(s(2))).await;
    }
    assert_eq!(texted(&world, &callers[..3]), [1, 1, 0]);
    // Who rings on, and who is known, is texted.
    world.call(Caller::new(ANNA).rings_for(s(12))).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    world.call(Caller::new(BEN).rings_for(s(2))).await;
    assert_eq!(world.texts_to(BEN).len(), 2);
    let fates = world.fates();
    assert_eq!(fates[5], format!("{} skipped/night_burst", callers[2]));
    sleep(min(20)).await;
    let told = world.texts_to(OWNER).join(" ");
    assert!(
        told.contains("4 calls within an hour of this night"),
        "{told}"
    );
    world.expect_texts(BEN, 2);
    let count = world.texts_to(OWNER).len();
    world.expect_texts(OWNER, count);
}

#[tokio::test(start_paused = true)]
async fn who_calls_again_is_told_of_once_for_each_text() {
    let mut world = with_owner().await;
    world.missed(ANNA).await;
    for _ in 0..3 {
        sleep(min(30)).await;
        world.missed(ANNA).await;
    }
    sleep(A_MOMENT + s(10)).await;
    let told = world.texts_to(OWNER);
    assert_eq!(
        told,
        ["Calling again after the text: (202) 555-0143 at 12:30 PM. Please ring them back."]
    );
    // The next text, a day later, and the next call after it.
    sleep(min(24 * 60)).await;
    world.missed(ANNA).await;
    sleep(min(30)).await;
    world.missed(ANNA).await;
    sleep(min(1)).await;
    assert_eq!(world.texts_to(OWNER).len(), 2);
    world.expect_texts(ANNA, 2);
    world.expect_texts(OWNER, 2);
}
