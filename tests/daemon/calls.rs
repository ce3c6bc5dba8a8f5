//! Stories of ringing: when a call is missed, and that it is texted once.

use std::time::Duration;

use textback::sim::{CallEnd, Caller, EndStyle, NumberForm, Options, Quirks};
use tokio::time::sleep;

use super::world::{A_MOMENT, ANNA, BEN, SORRY, World, min, s};

#[tokio::test(start_paused = true)]
async fn a_missed_call_is_texted_once_and_its_delivery_is_known() {
    let world = World::new().await;
    let call = world.sim.call(Caller::new(ANNA).rings(3));
    assert_eq!(call.ended().await, CallEnd::GaveUp);
    let sent = world.sim.wait_sent(1).await;
    assert_eq!((sent[0].to.as_str(), sent[0].text.as_str()), (ANNA, SORRY));
    assert!(sent[0].status_report_requested);
    sleep(s(1)).await;
    assert_eq!(world.text(ANNA), ("sent".to_owned(), 1));
    sleep(s(2)).await;
    assert_eq!(world.text(ANNA), ("delivered".to_owned(), 1));
    assert_eq!(world.fates(), [format!("{ANNA} texted")]);
}

#[tokio::test(start_paused = true)]
async fn who_calls_again_is_texted_again_only_after_a_day() {
    let mut world = World::new().await;
    world.missed(ANNA).await;
    sleep(min(23 * 60)).await;
    world.missed(ANNA).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    sleep(min(60)).await;
    world.missed(ANNA).await;
    assert_eq!(
        world.fates(),
        ["texted", "skipped/cooldown", "texted"].map(|fate| format!("{ANNA} {fate}"))
    );
    world.expect_texts(ANNA, 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_somebody_took_is_not_missed() {
    let world = World::new().await;
    let call = world.sim.call(Caller::new(ANNA).rings(3));
    sleep(s(7)).await;
    call.pick_up();
    sleep(min(5)).await;
    call.give_up();
    assert_eq!(call.ended().await, CallEnd::Talked);
    sleep(min(1)).await;
    assert_eq!(world.fates(), [format!("{ANNA} skipped/picked_up")]);
    world.missed(BEN).await;
    assert_eq!(world.texts_to(BEN), [SORRY]);
}

#[tokio::test(start_paused = true)]
async fn a_caller_rings_for_15_s_and_is_texted_at_once() {
    let world = World::new().await;
    let began = world.sim.now();
    let call = world.sim.call(Caller::new(ANNA).rings_for(min(1)));
    assert_eq!(call.ended().await, CallEnd::HungUp);
    assert_eq!((world.sim.now() - began).as_secs(), 15);
    let sent = world.sim.wait_sent(1).await;
    assert!(sent[0].at - began < s(17), "{:?}", sent[0].at - began);
    sleep(min(1)).await;
    assert_eq!(world.fates(), [format!("{ANNA} texted")]);
}

#[tokio::test(start_paused = true)]
async fn a_caller_rings_as_long_as_he_likes_if_the_owner_wants_it_so() {
    let world = World::new().await;
    world.set("calls.hang_up_after_s", "0").await;
    let end = world.call(Caller::new(ANNA).rings_for(min(1))).await;
    assert_eq!(end, CallEnd::GaveUp);
    assert_eq!(world.texts_to(ANNA), [SORRY]);
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_ignores_the_hang_up_changes_nothing_for_the_caller() {
    let world = World::with(Options {
        hang_up_works: false,
        ..Options::default()
    })
    .await;
    let call = world.sim.call(Caller::new(ANNA).rings_for(s(40)));
    sleep(s(38)).await;
    assert_eq!(world.texts_to(ANNA), [""; 0], "while it rings");
    assert_eq!(call.ended().await, CallEnd::GaveUp);
    sleep(min(1)).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    assert_eq!(world.fates(), [format!("{ANNA} texted")]);
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_end_nobody_tells_ends_all_the_same() {
    let world = World::with(Options {
        end: EndStyle::Silent,
        ..Options::default()
    })
    .await;
    for (caller, rings) in [(ANNA, 1), (BEN, 2)] {
        let call = world.sim.call(Caller::new(caller).rings(rings));
        call.ended().await;
        // Three empty lists of calls, a second apart.
        sleep(s(4)).await;
        assert_eq!(world.texts_to(caller), [SORRY], "{rings} rings");
        sleep(min(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_is_seen_wherever_its_ring_breaks_into_the_line() {
    let glued = Quirks {
        ring_glued_to_final: true,
        ..Quirks::default()
    };
    let split = Quirks {
        ring_split_by: Some(Duration::from_millis(40)),
        ..Quirks::default()
    };
    for quirks in [glued, split] {
        let world = World::with(Options {
            quirks,
            answer_takes: Duration::from_millis(300),
            ..Options::default()
        })
        .await;
        for caller in [ANNA, BEN] {
            world.missed(caller).await;
            assert_eq!(world.texts_to(caller), [SORRY]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_is_seen_while_a_text_waits_for_its_prompt_and_for_its_answer() {
    for (prompt_takes, send_takes) in [(s(5), s(0)), (s(0), s(5))] {
        for glued in [false, true] {
            let world = World::with(Options {
                prompt_takes,
                send_takes,
                quirks: Quirks {
                    ring_glued_to_final: glued,
                    ..Quirks::default()
                },
                ..Options::default()
            })
            .await;
            world.sim.call(Caller::new(ANNA)).ended().await;
            world.sim.wait_commands("AT+CMGS", 1).await;
            sleep(s(1)).await;
            assert_eq!(world.text(ANNA).0, "sending", "it is under way");
            let second = world.sim.call(Caller::new(BEN).rings_for(s(2)));
            second.ended().await;
            sleep(min(1)).await;
            for caller in [ANNA, BEN] {
                assert_eq!(world.texts_to(caller), [SORRY], "{caller}, glued: {glued}");
                assert_eq!(world.text(caller), ("delivered".to_owned(), 1));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_rings_before_the_modem_is_armed_is_texted_when_it_ends() {
    // Bringing it up takes some seven seconds.
    let mut world = World::asleep(Options {
        answer_takes: Duration::from_millis(300),
        ..Options::default()
    });
    world.boot();
    world.sim.wait_commands("AT+CREG=", 1).await;
    let call = world.sim.call(Caller::new(ANNA).rings_for(s(13)));
    world.armed().await;
    assert_eq!(call.end(), None, "it rings still");
    sleep(s(1)).await;
    assert_eq!(world.texts_to(ANNA), [""; 0], "while it rings");
    assert_eq!(world.fates(), [format!("{ANNA} pending")]);
    call.ended().await;
    sleep(2 * A_MOMENT).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    assert_eq!(world.fates(), [format!("{ANNA} texted")]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_ends_before_the_modem_is_armed_is_judged_with_what_the_sim_tells() {
    let mut world = World::asleep(Options {
        answer_takes: Duration::from_millis(300),
        quirks: Quirks {
            number: NumberForm::National {
                country_code: "1".into(),
                trunk_prefix: String::new(),
                kind: 129,
            },
            ..Quirks::default()
        },
        ..Options::default()
    });
    world.boot();
    world.sim.wait_commands("AT+CREG=", 1).await;
    for caller in ["+447911123456", ANNA] {
        let call = world.sim.call(Caller::new(caller).rings_for(s(1)));
        call.ended().await;
    }
    world.armed().await;
    sleep(2 * A_MOMENT).await;
    assert_eq!(
        world.fates(),
        [
            "+447911123456 skipped/foreign".to_owned(),
            format!("{ANNA} texted")
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_another_program_told_to_hide_callers_is_told_to_show_them_after_one_call() {
    let world = World::with(Options {
        quirks: Quirks {
            bare_list: true,
            ..Quirks::default()
        },
        ..Options::default()
    })
    .await;
    world.sim.told_by_another("AT+CLIP=0");
    world.missed(ANNA).await;
    world.missed(BEN).await;
    assert_eq!(
        world.fates(),
        ["- skipped/no_caller_id".to_owned(), format!("{BEN} texted")]
    );
    let told = |world: &World| {
        let commands = world.sim.commands();
        commands.iter().filter(|it| *it == "AT+CLIP=1").count()
    };
    assert_eq!(told(&world), 2);
    world.call(Caller::withheld()).await;
    assert_eq!(
        told(&world),
        2,
        "a number that is withheld is shown as such"
    );
}
