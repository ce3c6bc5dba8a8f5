//! Stories of texts that do not get through at once: whatever the modem does with one, the caller gets it, and once.

use textback::sim::{CnmiSupport, Fate, Options, Outcome, Quirks, ReportMemory, SendFault};
use tokio::time::sleep;

use super::world::{A_MOMENT, ANNA, BEN, SORRY, World, min, s};

/// A missed call whose text meets `fault`, on a modem that needs five seconds for its network.
async fn meets(fault: SendFault) -> World {
    let world = World::with(Options {
        registration_takes: s(5),
        ..Options::default()
    })
    .await;
    world.sim.fail_sends([fault]);
    world.missed(ANNA).await;
    world
}

async fn is_delivered(world: &World, attempts: u32) {
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    assert_eq!(world.text(ANNA), ("delivered".to_owned(), attempts));
    assert_eq!(world.fates()[0], format!("{ANNA} texted"));
    assert!(!world.is_marked_resent(ANNA));
    // The modem takes the next one as if nothing had happened.
    world.missed(BEN).await;
    assert_eq!(world.texts_to(BEN), [SORRY]);
}

#[tokio::test(start_paused = true)]
async fn an_error_that_passes_is_tried_again() {
    let world = meets(SendFault::CmsError(38)).await;
    assert_eq!(world.text(ANNA), ("queued".to_owned(), 1));
    assert_eq!(world.fates(), [format!("{ANNA} pending")]);
    sleep(min(1)).await;
    is_delivered(&world, 2).await;
}

#[tokio::test(start_paused = true)]
async fn an_error_for_good_is_not_tried_again_and_says_so() {
    let world = meets(SendFault::CmsError(1)).await;
    sleep(min(90)).await;
    assert_eq!(world.sim.sent(), []);
    assert_eq!(world.text(ANNA), ("failed".to_owned(), 1));
    assert_eq!(world.fates(), [format!("{ANNA} skipped/not_sent")]);
    let error = world.exported(ANNA)[0].error.clone().unwrap();
    assert!(error.contains("CMS ERROR 1"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_report_that_it_never_will_arrive_fails_the_text() {
    let world = World::new().await;
    world.sim.set_outcome(ANNA, Outcome::Failed);
    world.missed(ANNA).await;
    assert_eq!(world.text(ANNA).0, "failed");
    assert_eq!(world.fates(), [format!("{ANNA} texted")]);
}

#[tokio::test(start_paused = true)]
async fn a_prompt_that_does_not_come_costs_nothing_but_time() {
    let world = meets(SendFault::NoPrompt).await;
    sleep(min(1)).await;
    is_delivered(&world, 2).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_late_is_waited_for() {
    let world = meets(SendFault::Delay(s(100))).await;
    sleep(s(103)).await;
    is_delivered(&world, 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_text_that_left_in_silence_is_known_by_its_report() {
    let world = meets(SendFault::Silence(Fate::Taken)).await;
    sleep(min(30)).await;
    is_delivered(&world, 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_long_text_whose_last_part_left_in_silence_is_known_by_its_report() {
    let world = World::new().await;
    world
        .set("message.missed_call", &"Sorry! ".repeat(40))
        .await;
    world
        .sim
        .fail_sends([SendFault::None, SendFault::Silence(Fate::Taken)]);
    world.missed(ANNA).await;
    sleep(min(30)).await;
    assert_eq!(world.sim.sent().len(), 2);
    assert_eq!(world.text(ANNA), ("delivered".to_owned(), 1));
}

#[tokio::test(start_paused = true)]
async fn a_part_that_was_lost_in_silence_is_sent_again_whatever_became_of_the_others() {
    let world = World::new().await;
    world
        .set("message.missed_call", &"Sorry! ".repeat(40))
        .await;
    world
        .sim
        .fail_sends([SendFault::None, SendFault::Silence(Fate::Lost)]);
    world.missed(ANNA).await;
    sleep(min(30)).await;
    assert_eq!(world.texts_to(ANNA), ["Sorry! ".repeat(40).trim_end()]);
    assert_eq!(world.text(ANNA), ("delivered".to_owned(), 2));
}

#[tokio::test(start_paused = true)]
async fn a_text_that_was_lost_in_silence_is_sent_once_more_and_marked() {
    let world = meets(SendFault::Silence(Fate::Lost)).await;
    sleep(min(2)).await;
    assert_eq!(world.text(ANNA), ("unconfirmed".to_owned(), 1));
    sleep(min(5)).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    assert_eq!(world.text(ANNA), ("delivered".to_owned(), 2));
    assert!(world.is_marked_resent(ANNA));
}

#[tokio::test(start_paused = true)]
async fn a_text_of_which_no_report_tells_goes_out_twice_at_most() {
    let mut world = World::new().await;
    world.sim.set_outcome(ANNA, Outcome::NoReport);
    world.sim.fail_sends([SendFault::Silence(Fate::Taken); 2]);
    world.missed(ANNA).await;
    sleep(min(90)).await;
    assert_eq!(world.text(ANNA), ("failed".to_owned(), 2));
    assert_eq!(world.fates(), [format!("{ANNA} skipped/not_sent")]);
    world.expect_texts(ANNA, 2);
}

#[tokio::test(start_paused = true)]
async fn a_text_the_modem_took_and_then_started_anew_is_known_by_its_report() {
    let world = World::with(Options {
        report_takes: s(10),
        registration_takes: s(5),
        ..Options::default()
    })
    .await;
    world.sim.fail_sends([SendFault::Restart(Fate::Taken)]);
    world.missed(ANNA).await;
    sleep(min(1)).await;
    is_delivered(&world, 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_text_that_went_down_with_the_modem_is_sent_once_more() {
    let world = meets(SendFault::Restart(Fate::Lost)).await;
    sleep(min(5)).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    assert_eq!(world.text(ANNA), ("delivered".to_owned(), 2));
    assert!(world.is_marked_resent(ANNA));
}

#[tokio::test(start_paused = true)]
async fn a_modem_pulled_out_while_it_sends_is_believed_by_the_report() {
    for (fate, attempts) in [(Fate::Taken, 1), (Fate::Lost, 2)] {
        let world = meets(SendFault::Unplug(fate)).await;
        assert_eq!(world.text(ANNA), ("unconfirmed".to_owned(), 1));
        sleep(s(20)).await;
        world.sim.replug().unwrap();
        sleep(min(5)).await;
        assert_eq!(world.texts_to(ANNA), [SORRY], "{fate:?}");
        assert_eq!(world.text(ANNA), ("delivered".to_owned(), attempts));
        assert_eq!(world.is_marked_resent(ANNA), fate == Fate::Lost);
    }
}

#[tokio::test(start_paused = true)]
async fn others_do_not_wait_for_one_whose_fate_is_unknown() {
    let world = meets(SendFault::Silence(Fate::Lost)).await;
    world.missed(BEN).await;
    // The modem is believed dumb for two minutes at most.
    sleep(min(2) + A_MOMENT).await;
    assert_eq!(world.text(BEN), ("delivered".to_owned(), 1));
    assert_eq!(world.text(ANNA), ("unconfirmed".to_owned(), 1));
}

#[tokio::test(start_paused = true)]
async fn a_report_that_was_stored_apart_while_nobody_listened_settles_its_text() {
    let mut world = World::with(Options {
        cnmi: CnmiSupport {
            ds: vec![0, 2],
            ..CnmiSupport::default()
        },
        report_takes: s(20),
        quirks: Quirks {
            report_memory: ReportMemory::Own,
            ..Quirks::default()
        },
        ..Options::default()
    })
    .await;
    world.sim.fail_sends([SendFault::Silence(Fate::Taken)]);
    world.missed(ANNA).await;
    world.kill().await;
    // The report comes meanwhile.
    sleep(min(1)).await;
    world.start().await;
    sleep(min(10)).await;
    is_delivered(&world, 1).await;
}
