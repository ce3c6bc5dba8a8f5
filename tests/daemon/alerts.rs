//! Stories of callers whom no text reaches: the number is remembered where it is the number's fault, and the owner is told.

use textback::sim::{Caller, Cure, Fate, Outcome, Registration, SendFault};
use tokio::time::sleep;

use super::world::{A_MOMENT, ANNA, BEN, SORRY, World, min, s};

const OWNER: &str = "+12025550111";
const CARLA: &str = "+12025550199";

async fn with_owner() -> World {
    let world = World::new().await;
    world.set("owner.number", OWNER).await;
    world
}

/// The network is out for so long; these callers, in this order, rang shortly before.
async fn held(world: &World, callers: &[&str], out: std::time::Duration) {
    world.set("texts.max_per_minute", "1").await;
    world.missed("+12025550101").await;
    for caller in callers {
        world.missed(caller).await;
    }
    world.sim.set_network(Registration::SEARCHING);
    sleep(out).await;
    world.sim.set_network(Registration::HOME);
}

#[tokio::test(start_paused = true)]
async fn what_an_outage_held_for_too_long_is_told_to_the_owner_in_one_text() {
    let mut world = with_owner().await;
    // The world began at noon; three seconds after each call it goes on.
    held(&world, &[ANNA, BEN], min(61)).await;
    sleep(min(30)).await;
    for caller in [ANNA, BEN] {
        assert_eq!(world.texts_to(caller), [""; 0]);
        assert_eq!(world.text(caller), ("failed".to_owned(), 0));
    }
    let told = world.texts_to(OWNER);
    assert_eq!(told.len(), 2);
    assert!(
        told[0].contains("within a minute, so the next ones wait"),
        "{told:?}"
    );
    let words = "Not texted, because the box could not send in time: (202) 555-0143 at ";
    assert!(told[1].starts_with(words), "{told:?}");
    assert!(told[1].contains(", (202) 555-0188 at "), "{told:?}");
    assert!(told[1].ends_with(" Please ring them back."), "{told:?}");
    world.expect_texts(OWNER, 2);
}

#[tokio::test(start_paused = true)]
async fn what_an_outage_held_goes_out_oldest_first_within_the_cap() {
    let mut world = World::new().await;
    // The back-off of the oldest is the longest by now.
    world.sim.refuse_sends(38, Cure::Replug);
    world.missed(ANNA).await;
    sleep(s(20)).await;
    world.missed(BEN).await;
    sleep(s(10)).await;
    assert_eq!(world.sim.sent(), []);
    assert!(world.text(ANNA).1 > world.text(BEN).1);
    world.sim.unplug();
    sleep(s(2)).await;
    world.set("texts.max_per_minute", "1").await;
    world.sim.replug().unwrap();
    world.armed().await;
    sleep(A_MOMENT).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    assert_eq!(world.texts_to(BEN), [""; 0]);
    sleep(min(1)).await;
    assert_eq!(world.texts_to(BEN), [SORRY]);
}

#[tokio::test(start_paused = true)]
async fn a_call_too_old_after_a_kill_is_told_to_the_owner() {
    let mut world = with_owner().await;
    world.sim.call(Caller::new(ANNA));
    sleep(s(2)).await;
    world.kill().await;
    sleep(min(61)).await;
    world.start().await;
    sleep(min(5)).await;
    assert_eq!(world.fates(), [format!("{ANNA} skipped/too_late")]);
    assert_eq!(world.texts_to(OWNER).len(), 1);
    assert!(
        world.texts_to(OWNER)[0].contains("(202) 555-0143 at 12:00 PM."),
        "{:?}",
        world.texts_to(OWNER)
    );
    // Told once, whatever happens then.
    world.kill().await;
    world.start().await;
    sleep(min(60)).await;
    assert_eq!(world.texts_to(OWNER).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_text_that_does_not_get_there_is_told_and_one_that_nobody_may_have_is_not() {
    let mut world = with_owner().await;
    world.sim.fail_sends([SendFault::CmsError(1)]);
    world.missed(ANNA).await;
    world.sim.set_outcome(BEN, Outcome::Failed);
    world.missed(BEN).await;
    world.sim.set_outcome(CARLA, Outcome::NoReport);
    // Both copies; the owner is told of the others in between.
    let silence = SendFault::Silence(Fate::Taken);
    world.sim.fail_sends([silence, SendFault::None, silence]);
    world.missed(CARLA).await;
    world.expect_texts(CARLA, 2);
    sleep(min(60)).await;
    // Skipped by rule.
    world.missed(ANNA).await;
    world.call(Caller::withheld()).await;
    world.missed(OWNER).await;
    sleep(min(60)).await;
    let told = world.texts_to(OWNER);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].starts_with(
            "The text did not get through: (202) 555-0143 at 12:00 PM, (202) 555-0188 at 12:00 PM."
        ),
        "{told:?}"
    );
    assert!(
        told[1].starts_with("The text may not have arrived: (202) 555-0199 at 12:00 PM."),
        "{told:?}"
    );
    world.expect_texts(OWNER, 2);
}

#[tokio::test(start_paused = true)]
async fn many_alerts_are_few_texts_and_no_cap_holds_them() {
    let mut world = with_owner().await;
    for n in 10..40 {
        let caller = format!("+120255502{n}");
        world.sim.set_outcome(&caller, Outcome::Failed);
        world.missed(&caller).await;
    }
    world.set("texts.max_per_minute", "1").await;
    sleep(min(60)).await;
    let told = world.texts_to(OWNER);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[1].contains(" more are on the page. "), "{told:?}");
    // None of these is one of the day's texts, and neither is one that the network refused; those it took are, delivered or not.
    world.set("texts.max_per_day", "31").await;
    world.sim.fail_sends([SendFault::CmsError(1)]);
    world.missed(BEN).await;
    world.missed(ANNA).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    world.missed(CARLA).await;
    assert_eq!(
        world.fates().pop().unwrap(),
        format!("{CARLA} skipped/day_cap")
    );
    world.expect_texts(OWNER, 2);
}

#[tokio::test(start_paused = true)]
async fn without_an_owner_s_number_nobody_is_told_and_nothing_old_is_when_it_is_set() {
    let world = World::new().await;
    world.sim.fail_sends([SendFault::CmsError(1)]);
    world.missed(ANNA).await;
    sleep(min(25 * 60)).await;
    assert_eq!(world.sim.sent(), []);
    world.set("owner.number", OWNER).await;
    world.missed(BEN).await;
    sleep(min(60)).await;
    assert_eq!(world.texts_to(OWNER), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_owner_who_cannot_be_reached_is_not_told_of_himself() {
    let world = with_owner().await;
    world.sim.set_outcome(OWNER, Outcome::Failed);
    world.sim.fail_sends([SendFault::CmsError(1)]);
    world.missed(ANNA).await;
    sleep(min(120)).await;
    assert_eq!(world.text(OWNER), ("failed".to_owned(), 1));
}

#[tokio::test(start_paused = true)]
async fn a_number_that_failed_for_good_is_left_alone_until_it_writes() {
    let mut world = World::new().await;
    world.sim.fail_sends([SendFault::CmsError(1)]);
    world.missed(ANNA).await;
    world.sim.set_outcome(BEN, Outcome::Failed);
    world.missed(BEN).await;
    world.kill().await;
    world.start().await;
    for caller in [ANNA, BEN] {
        world.missed(caller).await;
        let fates = world.fates();
        assert_eq!(
            *fates.last().unwrap(),
            format!("{caller} skipped/cannot_receive")
        );
    }
    world.reply(ANNA, "Do you do boilers?").await;
    world.missed(ANNA).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_may_be_about_us_counts_only_once_somebody_else_was_texted() {
    let world = World::new().await;
    let refused = async |caller: &str| {
        world.sim.fail_sends([SendFault::CmsError(21)]);
        world.missed(caller).await;
    };
    // No credit: everybody is refused, and again.
    for caller in [ANNA, BEN, ANNA, BEN] {
        refused(caller).await;
    }
    assert_eq!(
        world.fates(),
        [ANNA, BEN, ANNA, BEN].map(|it| format!("{it} skipped/not_sent"))
    );
    world.missed(CARLA).await;
    assert_eq!(world.texts_to(CARLA), [SORRY]);
    refused(ANNA).await;
    assert_eq!(world.fates()[5], format!("{ANNA} skipped/not_sent"));
    world.missed(ANNA).await;
    assert_eq!(world.fates()[6], format!("{ANNA} skipped/cannot_receive"));
    world.missed(BEN).await;
    assert_eq!(world.texts_to(BEN), [SORRY]);
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_us_marks_nobody() {
    let world = World::new().await;
    for code in [8, 10, 50, 69] {
        world.sim.fail_sends([SendFault::CmsError(code)]);
        world.missed(ANNA).await;
        assert_eq!(
            world.fates().pop().unwrap(),
            format!("{ANNA} skipped/not_sent"),
            "{code}"
        );
    }
    world.missed(ANNA).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
}
