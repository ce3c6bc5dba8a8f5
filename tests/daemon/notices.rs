//! Stories of calls that never rang here: the operator tells of them by text.

use textback::sim::{Caller, Options};
use tokio::time::sleep;

use super::world::{A_MOMENT, ANNA, BEN, SORRY, World, min, s};

/// What one operator writes from 9494 (gammu tests/at-sms/39.dump).
fn missed(number: &str) -> String {
    format!("llamada perdida de: {number} on 07/08  at  11:19.")
}

async fn told() -> World {
    let world = World::new().await;
    world.set("calls.operator_notices", "yes").await;
    world
}

#[tokio::test(start_paused = true)]
async fn an_operator_s_text_is_a_missed_call_when_that_is_switched_on() {
    let world = told().await;
    world.reply("9494", &missed(ANNA)).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    assert_eq!(world.fates(), [format!("{ANNA} texted")]);
    assert_eq!(world.replies(), [missed(ANNA)]);
    // What rang nowhere rang no times.
    let overview = world.store().overview(Vec::new()).await.unwrap();
    assert!(overview.calls[0].noticed);
    assert_eq!(overview.calls[0].rings, 0);
}

#[tokio::test(start_paused = true)]
async fn while_it_is_off_it_is_a_text_like_any_other() {
    let world = World::new().await;
    world.reply("9494", &missed(ANNA)).await;
    assert_eq!(world.fates(), [""; 0]);
    assert_eq!(world.replies(), [missed(ANNA)]);
}

#[tokio::test(start_paused = true)]
async fn who_quotes_one_from_a_number_is_no_operator() {
    let world = told().await;
    world.reply(BEN, &missed(ANNA)).await;
    assert_eq!(world.fates(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn the_caller_s_own_number_may_be_the_sender() {
    let world = told().await;
    let text = "Verpasster Anruf von der Person/Nr. im Absender dieses SMS. 1 Versuch. Letzter Versuch am 20.06.05 14:02. \
                Ihre Swisscom Mobile.";
    world.reply(ANNA, text).await;
    world.reply("Swisscom", text).await;
    assert_eq!(world.fates(), [format!("{ANNA} texted")]);
}

#[tokio::test(start_paused = true)]
async fn the_same_rules_hold_for_it() {
    let mut world = told().await;
    world.missed(BEN).await;
    world.reply(BEN, "STOP").await;
    sleep(min(10)).await;
    world.reply("9494", &missed(BEN)).await;
    world.reply("9494", &missed(ANNA)).await;
    sleep(min(10)).await;
    world.reply("9494", &missed(ANNA)).await;
    world.reply("9494", &missed("+442079460000")).await;
    let fates = world.fates();
    assert_eq!(fates[0], format!("{BEN} texted"));
    assert_eq!(fates[1], format!("{BEN} skipped/opted_out"));
    assert_eq!(fates[2], format!("{ANNA} texted"));
    assert_eq!(fates[3], format!("{ANNA} skipped/cooldown"));
    assert!(fates[4].starts_with("+442079460000 skipped/"), "{fates:?}");
    // The text that confirms STOP is the second.
    world.expect_texts(BEN, 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_rang_here_too_is_one_call() {
    let world = told().await;
    world.set("texts.cooldown_h", "0").await;
    world.missed(ANNA).await;
    sleep(s(60)).await;
    world.reply("9494", &missed(ANNA)).await;
    let rings = world.sim.call(Caller::new(BEN));
    sleep(s(5)).await;
    world.reply("9494", &missed(BEN)).await;
    rings.ended().await;
    sleep(A_MOMENT).await;
    assert_eq!(
        world.fates(),
        [ANNA, BEN].map(|caller| format!("{caller} texted"))
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_comes_when_nobody_waits_any_more_is_not_texted() {
    let mut world = told().await;
    world.sim.unplug();
    world.sim.text_in("9494", &missed(ANNA)).unwrap();
    sleep(min(90)).await;
    world.sim.replug().unwrap();
    world.armed().await;
    sleep(min(1)).await;
    assert_eq!(world.fates(), [format!("{ANNA} skipped/too_late")]);
    assert!(world.texts_to(ANNA).is_empty());
}

/// Killed at any moment: one call, one text.
#[tokio::test(start_paused = true)]
async fn across_a_kill_it_is_one_call() {
    for turns in 0..40 {
        let mut world = told().await;
        world.sim.text_in("9494", &missed(ANNA)).unwrap();
        for _ in 0..turns {
            sleep(std::time::Duration::from_millis(25)).await;
        }
        world.kill().await;
        world.start().await;
        sleep(min(3)).await;
        assert_eq!(world.fates(), [format!("{ANNA} texted")], "{turns}");
        assert_eq!(
            world.texts_to(ANNA).first().map(String::as_str),
            Some(SORRY)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_lay_on_the_sim_at_the_start_counts() {
    let mut world = World::asleep(Options::default());
    world.sim.text_in("9494", &missed(ANNA)).unwrap();
    world.boot();
    world.set("calls.operator_notices", "yes").await;
    world.armed().await;
    sleep(min(1)).await;
    assert_eq!(world.fates(), [format!("{ANNA} texted")]);
}
