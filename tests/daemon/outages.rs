//! Stories of what goes away and comes back: the modem, the network, the power. No call that was seen is lost, and nobody is
//! texted twice.

use std::time::Duration;

use textback::sim::{
    CallEnd, Caller, Fate, NumberForm, Options, Outcome, Quirks, Registration, SendFault,
};
use tokio::time::sleep;

use super::world::{A_MOMENT, ANNA, BEN, SORRY, SORRY_LATE, World, min, s};

#[tokio::test(start_paused = true)]
async fn after_an_unplug_the_next_call_is_texted() {
    let mut world = World::new().await;
    world.missed(ANNA).await;
    world.unplugged_for(s(20)).await;
    sleep(s(2)).await;
    world.armed().await;
    world.missed(BEN).await;
    assert_eq!(world.texts_to(BEN), [SORRY]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_rang_when_the_modem_was_pulled_out_is_texted_when_it_is_back() {
    let world = World::new().await;
    let call = world.sim.call(Caller::new(ANNA));
    sleep(s(2)).await;
    world.unplugged_for(min(10)).await;
    assert_eq!(call.end(), Some(CallEnd::Lost));
    assert_eq!(world.fates(), [format!("{ANNA} pending")]);
    sleep(2 * A_MOMENT).await;
    assert_eq!(world.texts_to(ANNA), [SORRY_LATE]);
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_starts_anew_by_itself_is_set_up_anew() {
    let world = World::new().await;
    world.missed(ANNA).await;
    world.sim.restart();
    sleep(A_MOMENT).await;
    world.missed(BEN).await;
    assert_eq!(world.texts_to(BEN), [SORRY]);
}

#[tokio::test(start_paused = true)]
async fn a_call_held_by_a_lost_network_is_texted_when_it_is_back() {
    let world = World::new().await;
    lost_while_ringing(&world).await;
    sleep(min(30)).await;
    assert_eq!(world.fates(), [format!("{ANNA} pending")]);
    world.sim.set_network(Registration::HOME);
    sleep(A_MOMENT).await;
    assert_eq!(world.texts_to(ANNA), [SORRY_LATE]);
    assert_eq!(world.text(ANNA), ("delivered".to_owned(), 1));
}

#[tokio::test(start_paused = true)]
async fn a_call_held_for_more_than_an_hour_is_not_texted_any_more() {
    let world = World::new().await;
    lost_while_ringing(&world).await;
    sleep(min(61)).await;
    world.sim.set_network(Registration::HOME);
    sleep(min(1)).await;
    assert_eq!(world.sim.sent(), []);
    assert_eq!(world.fates(), [format!("{ANNA} skipped/not_sent")]);
    world.missed(BEN).await;
    assert_eq!(world.texts_to(BEN), [SORRY]);
}

async fn lost_while_ringing(world: &World) {
    let call = world.sim.call(Caller::new(ANNA).rings(3));
    sleep(s(7)).await;
    world.sim.set_network(Registration::SEARCHING);
    assert_eq!(call.ended().await, CallEnd::Lost);
    sleep(min(1)).await;
}

#[tokio::test(start_paused = true)]
async fn a_kill_between_two_calls_forgets_nothing() {
    let mut world = World::new().await;
    world.missed(ANNA).await;
    world.kill().await;
    sleep(min(10)).await;
    world.start().await;
    world.missed(ANNA).await;
    world.missed(BEN).await;
    assert_eq!(
        world.fates(),
        [
            format!("{ANNA} texted"),
            format!("{ANNA} skipped/cooldown"),
            format!("{BEN} texted")
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_rang_at_a_kill_is_texted_after_the_start() {
    for (dead, texted) in [(s(1), true), (s(30), true), (min(61), false)] {
        let mut world = World::new().await;
        let call = world.sim.call(Caller::new(ANNA));
        sleep(s(2)).await;
        world.kill().await;
        sleep(dead).await;
        world.start().await;
        call.ended().await;
        sleep(s(30)).await;
        let fate = if texted { "texted" } else { "skipped/too_late" };
        assert_eq!(world.fates()[0], format!("{ANNA} {fate}"), "{dead:?}");
        assert_eq!(world.texts_to(ANNA).len(), usize::from(texted));
    }
}

/// A modem that writes numbers without their country, and takes its time with each answer.
fn slow_and_national() -> Options {
    Options {
        answer_takes: Duration::from_millis(400),
        quirks: Quirks {
            number: NumberForm::National {
                country_code: "1".to_owned(),
                trunk_prefix: String::new(),
                kind: 129,
            },
            ..Quirks::default()
        },
        ..Options::default()
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_ends_before_the_sim_has_told_its_country_is_texted_whatever_dies_then() {
    for killed in [false, true] {
        let mut world = World::with(slow_and_national()).await;
        sleep(A_MOMENT).await;
        world.kill().await;
        world.boot();
        sleep(s(2)).await;
        // The modem tells calls as the last daemon had it do.
        let call = world.sim.call(Caller::new(ANNA).rings_for(s(2)));
        assert_eq!(call.ended().await, CallEnd::GaveUp);
        sleep(s(2)).await;
        assert!(!world.modem().is_armed(), "it knows its country by now");
        if killed {
            assert_eq!(world.fates(), ["2025550143 pending"]);
            world.sim.unplug();
            world.kill().await;
            world.sim.replug().unwrap();
            world.boot();
        }
        world.armed().await;
        sleep(min(1)).await;
        assert_eq!(world.texts_to(ANNA), [SORRY], "killed: {killed}");
        assert_eq!(world.fates(), [format!("{ANNA} texted")]);
    }
}

/// The first life knows the number in full; the second hears digits whose country the SIM has not told yet.
#[tokio::test(start_paused = true)]
async fn a_call_that_rings_on_through_a_kill_is_one_call_in_national_digits_too() {
    let mut world = World::with(slow_and_national()).await;
    sleep(A_MOMENT).await;
    let call = world.sim.call(Caller::new(ANNA).rings_for(s(14)));
    sleep(s(4)).await;
    assert_eq!(world.fates(), [format!("{ANNA} pending")]);
    world.kill().await;
    world.boot();
    call.ended().await;
    world.armed().await;
    sleep(min(1)).await;
    assert_eq!(world.fates(), [format!("{ANNA} texted")]);
    assert_eq!(world.texts_to(ANNA), [SORRY]);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_while_a_call_waits_for_the_modem_makes_it_no_older() {
    let mut world = World::with(slow_and_national()).await;
    sleep(A_MOMENT).await;
    world.kill().await;
    world.boot();
    sleep(s(2)).await;
    let call = world.sim.call(Caller::new(ANNA).rings_for(s(2)));
    call.ended().await;
    sleep(s(2)).await;
    assert!(!world.modem().is_armed());
    world
        .clock
        .set_simulated(world.clock.wall() + jiff::SignedDuration::from_hours(24));
    world.armed().await;
    sleep(min(1)).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_rang_when_modem_and_daemon_died_is_texted_while_that_helps() {
    for (dead, texted) in [(s(1), true), (min(30), true), (min(61), false)] {
        let mut world = World::new().await;
        let call = world.sim.call(Caller::new(ANNA));
        sleep(s(2)).await;
        world.sim.unplug();
        sleep(s(1)).await;
        world.kill().await;
        sleep(s(1)).await;
        world.boot();
        sleep(dead).await;
        assert_eq!(world.fates(), [format!("{ANNA} pending")]);
        world.sim.replug().unwrap();
        world.armed().await;
        assert_eq!(call.end(), Some(CallEnd::Lost));
        sleep(min(1)).await;
        let fate = if texted { "texted" } else { "skipped/too_late" };
        assert_eq!(world.fates(), [format!("{ANNA} {fate}")], "{dead:?}");
        assert_eq!(world.texts_to(ANNA).len(), usize::from(texted));
    }
}

#[tokio::test(start_paused = true)]
async fn a_text_that_was_decided_at_a_kill_is_sent_after_the_start() {
    let mut world = World::new().await;
    // One a minute: Ben's is decided and waits.
    world.set("texts.max_per_minute", "1").await;
    world.missed(ANNA).await;
    world.missed(BEN).await;
    assert_eq!(world.text(BEN), ("queued".to_owned(), 0));
    world.kill().await;
    world.start().await;
    assert_eq!(world.texts_to(BEN), [""; 0]);
    sleep(min(1)).await;
    assert_eq!(world.texts_to(BEN), [SORRY]);
    assert_eq!(world.text(BEN), ("delivered".to_owned(), 1));
}

#[tokio::test(start_paused = true)]
async fn a_text_killed_before_its_prompt_is_sent_and_marked() {
    let mut world = World::with(Options {
        prompt_takes: s(5),
        ..Options::default()
    })
    .await;
    world.sim.call(Caller::new(ANNA)).ended().await;
    world.sim.wait_commands("AT+CMGS", 1).await;
    sleep(s(1)).await;
    world.kill().await;
    sleep(s(10)).await;
    world.start().await;
    sleep(min(5)).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    assert_eq!(world.text(ANNA), ("delivered".to_owned(), 2));
}

#[tokio::test(start_paused = true)]
async fn a_text_killed_before_its_answer_is_settled_by_its_report() {
    // systemd has us back long before the report.
    let mut world = World::with(Options {
        send_takes: s(4),
        report_takes: s(30),
        ..Options::default()
    })
    .await;
    world.sim.call(Caller::new(ANNA)).ended().await;
    world.sim.wait_sent(1).await;
    world.kill().await;
    sleep(s(5)).await;
    world.start().await;
    sleep(A_MOMENT).await;
    assert_eq!(world.text(ANNA), ("unconfirmed".to_owned(), 1));
    sleep(min(10)).await;
    assert_eq!(world.text(ANNA), ("delivered".to_owned(), 1));
}

#[tokio::test(start_paused = true)]
async fn a_text_killed_before_its_answer_is_settled_by_the_answer_that_comes_late() {
    let mut world = World::with(Options {
        send_takes: s(30),
        ..Options::default()
    })
    .await;
    world.sim.set_outcome(ANNA, Outcome::NoReport);
    world.sim.call(Caller::new(ANNA)).ended().await;
    world.sim.wait_sent(1).await;
    world.kill().await;
    sleep(s(5)).await;
    world.start().await;
    sleep(min(10)).await;
    assert_eq!(world.text(ANNA), ("sent".to_owned(), 1));
    assert_eq!(world.texts_to(ANNA), [SORRY]);
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_is_on_the_last_of_two_texts_that_lack_one() {
    let mut world = World::with(Options {
        send_takes: s(30),
        ..Options::default()
    })
    .await;
    for number in [ANNA, BEN] {
        world.sim.set_outcome(number, Outcome::NoReport);
    }
    world
        .sim
        .fail_sends([SendFault::Silence(Fate::Lost), SendFault::None]);
    world.sim.call(Caller::new(ANNA)).ended().await;
    world.missed(BEN).await;
    world.sim.wait_sent(1).await;
    world.kill().await;
    sleep(s(5)).await;
    world.start().await;
    sleep(min(10)).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    assert_eq!(world.text(ANNA), ("sent".to_owned(), 2));
    assert_eq!(world.texts_to(BEN), [SORRY]);
    assert_eq!(world.text(BEN), ("sent".to_owned(), 1));
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_the_text_finish_that_is_with_the_modem() {
    let mut world = World::with(Options {
        send_takes: s(4),
        ..Options::default()
    })
    .await;
    world.sim.call(Caller::new(ANNA)).ended().await;
    world.sim.wait_sent(1).await;
    world.stop().await;
    // Its report came while the modem was still at work, and was taken in too.
    assert_eq!(world.text(ANNA), ("delivered".to_owned(), 1));
    world.start().await;
    sleep(min(10)).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
}

#[tokio::test(start_paused = true)]
async fn kills_at_any_moment_lose_no_call_that_was_written_down() {
    // The call takes 2 s, the prompt one, the answer another, the report two.
    for tick in 0..24 {
        let mut world = World::with(Options {
            prompt_takes: s(1),
            send_takes: s(1),
            answer_takes: Duration::from_millis(30),
            ..Options::default()
        })
        .await;
        let _call = world.sim.call(Caller::new(ANNA).rings_for(s(2)));
        sleep(Duration::from_millis(100 + 250 * tick)).await;
        world.kill().await;
        let had_left = !world.sim.sent().is_empty();
        sleep(s(10)).await;
        world.start().await;
        sleep(min(10)).await;
        let texts = world.texts_to(ANNA).len();
        // Nobody was there to hear the report, so nothing can tell: a second copy, and no third.
        let most = if had_left { 2 } else { 1 };
        assert!((1..=most).contains(&texts), "{texts} texts, tick {tick}");
        world.expect_texts(ANNA, texts);
        let fates = world.fates();
        assert_eq!(fates, [format!("{ANNA} texted")], "tick {tick}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_rings_on_across_a_kill_is_one_call() {
    let mut world = World::new().await;
    world.set("texts.cooldown_h", "0").await;
    world.set("calls.hang_up_after_s", "0").await;
    let call = world
        .sim
        .call(Caller::new(ANNA).rings_for(s(30)).cadence(s(4)));
    sleep(s(9)).await;
    world.kill().await;
    world.start().await;
    sleep(s(10)).await;
    assert_eq!(world.texts_to(ANNA), [""; 0], "it rings still");
    call.ended().await;
    sleep(s(20)).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    assert_eq!(world.fates(), [format!("{ANNA} texted")]);
}

#[tokio::test(start_paused = true)]
async fn a_stop_that_lies_on_the_sim_is_read_before_anybody_is_texted() {
    let mut world = World::new().await;
    lost_while_ringing(&world).await;
    world.kill().await;
    world.sim.set_network(Registration::HOME);
    world.sim.text_in(ANNA, "Stop").unwrap();
    sleep(A_MOMENT).await;
    world.start().await;
    sleep(A_MOMENT).await;
    let texts = world.texts_to(ANNA);
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(
        texts[0].starts_with("You will get no more texts"),
        "{texts:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_report_that_waited_for_the_modem_settles_the_text_however_late_it_is_back() {
    // It is set up before it finds its network again: a report that came before would be nobody's.
    let world = World::with(Options {
        registration_takes: s(5),
        report_takes: min(6),
        ..Options::default()
    })
    .await;
    world.sim.fail_sends([SendFault::Unplug(Fate::Taken)]);
    world.sim.call(Caller::new(ANNA)).ended().await;
    world.sim.wait_sent(1).await;
    sleep(min(5)).await;
    world.sim.replug().unwrap();
    sleep(min(10)).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    assert_eq!(world.text(ANNA), ("delivered".to_owned(), 1));
}

#[tokio::test(start_paused = true)]
async fn the_parts_that_a_kill_left_unsent_go_out_afterwards() {
    let mut world = World::with(Options {
        send_takes: s(2),
        report_takes: s(20),
        ..Options::default()
    })
    .await;
    let long = "We are sorry. ".repeat(25);
    world.set("message.missed_call", &long).await;
    world.sim.call(Caller::new(ANNA)).ended().await;
    world.sim.wait_sent(1).await;
    world.kill().await;
    sleep(s(5)).await;
    world.start().await;
    sleep(min(10)).await;
    assert_eq!(world.texts_to(ANNA), [long.trim()]);
    assert_eq!(world.text(ANNA).0, "delivered");
}

#[tokio::test(start_paused = true)]
async fn a_sim_that_is_pulled_and_put_back_is_set_up_anew() {
    let mut world = World::new().await;
    world.sim.say("+CPIN: NOT INSERTED");
    world.sim.wait_commands("AT+CLIP=1", 2).await;
    world.armed().await;
    world.missed(ANNA).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_forgot_its_settings_without_a_word_is_set_up_anew() {
    let world = World::with(Options {
        start_lines: Vec::new(),
        ..Options::default()
    })
    .await;
    world.sim.restart();
    sleep(A_MOMENT).await;
    world.call(Caller::new(ANNA).rings(3)).await;
    sleep(s(30)).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
}

/// A modem that starts anew at the first command that begins so, says nothing of it and is deaf for a while.
async fn starting_anew_at(command: &'static str) -> World {
    World::with(Options {
        start_takes: s(5),
        start_lines: Vec::new(),
        quirks: Quirks {
            restarts_at: Some(command),
            bare_list: true,
            ..Quirks::default()
        },
        ..Options::default()
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_starts_anew_while_it_is_set_up_is_not_armed_deaf() {
    for command in [
        "ATE0", "AT+CSMS", "AT+CLIP", "AT+CRC", "AT+CPMS=", "AT+CNMI", "AT+CREG=", "AT+CTZU",
        "AT+CREG?", "AT+CIMI", "AT+COPS?", "AT+CPMS?", "AT+CSQ", "AT+CCLK?", "AT+CMGL",
    ] {
        let mut world = starting_anew_at(command).await;
        // What is asked of an armed one is noticed as soon as it answers again.
        sleep(s(25)).await;
        world.armed().await;
        world.missed(ANNA).await;
        sleep(min(1)).await;
        assert_eq!(world.texts_to(ANNA), [SORRY], "{command}");
        world.reply(ANNA, "My sink").await;
        assert_eq!(world.replies(), ["My sink"], "{command}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_modem_in_text_mode_refuses_a_list_and_is_set_up_anew() {
    let world = World::new().await;
    sleep(min(1)).await;
    world.sim.told_by_another("AT+CMGF=1");
    world.reply(ANNA, "My sink").await;
    assert_eq!(world.replies(), ["My sink"]);
}

#[tokio::test(start_paused = true)]
async fn result_codes_that_another_program_switched_off_or_made_numbers_are_switched_back() {
    for left in ["ATQ1", "ATV0", "ATV0E0", "ATQ1V0E0"] {
        let mut world = World::asleep(Options::default());
        world.sim.told_by_another(left);
        world.boot();
        sleep(s(5)).await;
        assert!(world.modem().is_armed(), "{left}: {:?}", world.modem());
        world.missed(ANNA).await;
        assert_eq!(world.texts_to(ANNA), [SORRY], "{left}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_sim_without_its_service_centre_is_told_of_and_nothing_is_restarted_for_it() {
    let mut world = World::with(Options {
        service_centre: String::new(),
        ..Options::default()
    })
    .await;
    let reason = |world: &World| world.modem().reason().unwrap_or_default();
    let without = "The SIM has no number for the network's SMS centre";
    assert!(reason(&world).starts_with(without), "{:?}", world.modem());
    for caller in [ANNA, BEN, "+12025550199"] {
        world.missed(caller).await;
        sleep(min(2)).await;
        assert!(reason(&world).starts_with(without), "{:?}", world.modem());
    }
    assert_eq!(world.store().healings(9).await.unwrap().len(), 0);
    let switched = |it: &&String| it.starts_with("AT+CFUN=");
    assert_eq!(world.sim.commands().iter().filter(switched).count(), 0);
    // The operator tells it, or a person enters it.
    world.sim.told_by_another("AT+CSCA=\"+12025550100\",145");
    sleep(s(65)).await;
    assert_eq!(world.modem().reason(), None);
    world.armed().await;
    sleep(min(30)).await;
    for caller in [ANNA, BEN, "+12025550199"] {
        let texts = world.texts_to(caller);
        assert!(texts == [SORRY] || texts == [SORRY_LATE], "{texts:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn fifty_calls_of_one_caller_while_the_modem_dies_every_five_minutes() {
    let mut world = World::new().await;
    let mut rang = 0;
    for round in 0..60 {
        // A minute each. He rings in 50 of them, also in those in which the modem goes away.
        if round % 6 != 5 {
            let call = world.sim.call(Caller::new(ANNA));
            sleep(s(2)).await;
            if round % 5 == 4 {
                world.sim.unplug();
                sleep(s(8)).await;
                world.sim.replug().unwrap();
            }
            rang += usize::from(call.ended().await != CallEnd::Unreachable);
        }
        sleep(s(45)).await;
        world.armed().await;
    }
    sleep(min(5)).await;
    assert_eq!(rang, 50);
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    let fates = world.fates();
    assert_eq!(fates.len(), 50, "{fates:?}");
    assert_eq!(fates[0], format!("{ANNA} texted"));
    let again = format!("{ANNA} skipped/cooldown");
    assert!(fates[1..].iter().all(|fate| *fate == again), "{fates:?}");
    world.expect_texts(ANNA, 1);
}

#[tokio::test(start_paused = true)]
async fn a_report_is_not_taken_for_that_of_an_older_text_to_the_same_caller() {
    let mut world = World::new().await;
    world.sim.fail_sends([SendFault::Unplug(Fate::Lost)]);
    world.missed(ANNA).await;
    sleep(min(20)).await;
    world.sim.fail_sends([SendFault::Silence(Fate::Taken)]);
    world.sim.replug().unwrap();
    world.reply(ANNA, "STOP").await;
    sleep(min(30)).await;
    let texts = world.exported(ANNA).into_iter();
    let texts = texts.filter(|text| text.direction == "out");
    let fates: Vec<_> = texts.map(|text| (text.state, text.attempts)).collect();
    let wanted = [("failed", 1), ("delivered", 1)].map(|(it, tries)| (it.to_owned(), tries));
    assert_eq!(fates, wanted);
    world.expect_texts(ANNA, 1);
}
