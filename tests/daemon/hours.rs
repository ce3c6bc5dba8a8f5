//! Stories of hours, holidays and absence, and of the one more text to a caller who has not answered.

use tokio::time::sleep;

use super::world::{ANNA, BEN, SORRY, World, min};

#[tokio::test(start_paused = true)]
async fn the_message_fits_the_hour_in_the_owner_s_zone() {
    // The world began on Thursday, 1 January 2026, at noon in Greenwich: four in the morning in Los Angeles.
    let mut world = World::new().await;
    world.set("hours.weekly", "Mo-Sa 8:00-17:00").await;
    world.set("hours.time_zone", "America/Los_Angeles").await;
    world.set("message.after_hours", "We open at 8").await;
    world.missed(ANNA).await;
    assert_eq!(world.texts_to(ANNA), ["We open at 8"]);
    // Friday, nine in the morning there.
    sleep(min(29 * 60)).await;
    world.missed(ANNA).await;
    assert_eq!(world.texts_to(ANNA), ["We open at 8", SORRY]);
    world.set("hours.away_until", "2026-01-10").await;
    world.set("message.holiday", "We are away").await;
    world.missed(BEN).await;
    assert_eq!(world.texts_to(BEN), ["We are away"]);
    world.expect_texts(ANNA, 2);
}

#[tokio::test(start_paused = true)]
async fn closed_hours_without_a_message_are_silent_if_the_owner_says_so() {
    let world = World::new().await;
    world.set("hours.weekly", "Sa 8:00-17:00").await;
    world.missed(ANNA).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    world.set("hours.without_message", "none").await;
    world.missed(BEN).await;
    assert_eq!(world.fates()[1], format!("{BEN} skipped/outside_hours"));
}

#[tokio::test(start_paused = true)]
async fn a_pause_ends_by_itself() {
    let world = World::new().await;
    world.set("texts.paused_until", "2026-01-01 14:00").await;
    world.missed(ANNA).await;
    assert_eq!(world.fates(), [format!("{ANNA} skipped/paused")]);
    sleep(min(120)).await;
    world.missed(ANNA).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
}

async fn with_follow_up() -> World {
    let world = World::new().await;
    world.set("follow_up.send", "yes").await;
    world.set("follow_up.at", "9:30").await;
    world
}

const AGAIN: &str =
    "We missed your call and would still like to help. What do you need? Reply STOP to opt out.";

#[tokio::test(start_paused = true)]
async fn who_has_not_answered_is_texted_once_more_on_the_next_day() {
    let mut world = with_follow_up().await;
    world.missed(ANNA).await;
    sleep(min(21 * 60)).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    // A kill forgets it not, and repeats it not.
    world.kill().await;
    world.start().await;
    sleep(min(40)).await;
    assert_eq!(world.texts_to(ANNA), [SORRY, AGAIN]);
    world.kill().await;
    world.start().await;
    sleep(min(3 * 24 * 60)).await;
    assert_eq!(world.texts_to(ANNA).len(), 2);
    world.expect_texts(ANNA, 2);
}

#[tokio::test(start_paused = true)]
async fn who_answered_or_asked_for_no_more_is_not() {
    let mut world = with_follow_up().await;
    world.missed(ANNA).await;
    world.missed(BEN).await;
    world.reply(ANNA, "My sink is leaking").await;
    world.reply(BEN, "STOP").await;
    let taken = "+13055550142";
    world.missed(taken).await;
    let call = world.sim.call(textback::sim::Caller::new(taken));
    sleep(std::time::Duration::from_secs(3)).await;
    call.pick_up();
    sleep(min(2 * 24 * 60)).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    assert_eq!(
        world.texts_to(BEN).len(),
        2,
        "the text, and the confirmation"
    );
    assert_eq!(world.texts_to(taken), [SORRY]);
    world.expect_texts(BEN, 2);
}

#[tokio::test(start_paused = true)]
async fn help_is_answered_with_name_and_number_once_a_day_and_not_after_stop() {
    let mut world = World::new().await;
    world.set("business.name", "Rivera Plumbing").await;
    world.set("business.number", "+12025550100").await;
    world.reply(ANNA, "HELP").await;
    world.reply(ANNA, "help!").await;
    assert_eq!(
        world.texts_to(ANNA),
        [
            "This is Rivera Plumbing. We send a text when we miss a call. Call us at (202) 555-0100. Reply STOP to opt out."
        ]
    );
    sleep(min(25 * 60)).await;
    world.reply(ANNA, "Help").await;
    assert_eq!(world.texts_to(ANNA).len(), 2);
    world.reply(BEN, "STOP").await;
    world.reply(BEN, "HELP").await;
    assert_eq!(world.texts_to(BEN).len(), 1);
    world.expect_texts(ANNA, 2);
}

#[tokio::test(start_paused = true)]
async fn a_word_that_may_be_about_a_job_opts_out_and_is_told() {
    const OWNER: &str = "+12025550111";
    let world = World::new().await;
    world.set("owner.number", OWNER).await;
    world.reply(ANNA, "Cancel").await;
    sleep(min(2)).await;
    assert_eq!(
        world.texts_to(OWNER),
        ["#1 (202) 555-0143: Cancel (gets no more texts from the box, or was it about a job?)"]
    );
    world.missed(ANNA).await;
    assert_eq!(world.fates(), [format!("{ANNA} skipped/opted_out")]);
}
