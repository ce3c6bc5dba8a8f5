//! Stories of modems that answer and do not text: what is done for them, in order and with pauses; no text is lost or doubled.

use textback::modem::{ModemState, Rung};
use textback::sim::{Caller, Cure, Fate, SendFault};
use tokio::time::sleep;

use super::world::{A_MOMENT, ANNA, BEN, SORRY, SORRY_LATE, World, min, s};

const CARLA: &str = "+12025550199";

/// What was done, oldest first, with its outcome.
async fn done(world: &World) -> Vec<(Rung, Option<String>)> {
    let mut rows = world.store().healings(100).await.unwrap();
    rows.reverse();
    rows.into_iter()
        .map(|row| (Rung::from_token(&row.rung).unwrap(), row.outcome))
        .collect()
}

fn useless(rung: Rung) -> (Rung, Option<String>) {
    (rung, Some("useless".to_owned()))
}

fn helped(rung: Rung) -> (Rung, Option<String>) {
    (rung, Some("helped".to_owned()))
}

fn restarts(world: &World) -> usize {
    let commands = world.sim.commands();
    commands.iter().filter(|it| *it == "AT+CFUN=1,1").count()
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_refuses_every_text_until_it_is_restarted_is_restarted() {
    let mut world = World::new().await;
    world.sim.refuse_sends(500, Cure::Restart);
    world.missed(ANNA).await;
    assert!(world.modem().is_armed(), "one refusal says nothing");
    world.missed(BEN).await;
    world.missed(CARLA).await;
    sleep(s(20)).await;
    let ModemState::Healing { why, .. } = world.modem() else {
        panic!("{:?}", world.modem());
    };
    assert!(why.contains("+CMS ERROR 500"), "{why}");
    world.armed().await;
    sleep(min(6)).await;
    for caller in [ANNA, BEN, CARLA] {
        assert_eq!(world.texts_to(caller), [SORRY]);
        assert_eq!(world.text(caller).0, "delivered");
    }
    assert_eq!(
        done(&world).await,
        [
            useless(Rung::Clear),
            useless(Rung::Reopen),
            useless(Rung::Radio),
            helped(Rung::Restart)
        ]
    );
    let commands = world.sim.commands();
    let of_radio = |it: &&String| it.starts_with("AT+CFUN=") || *it == "AT+COPS=0";
    let mut switched = commands.iter().filter(of_radio);
    assert_eq!(switched.next().unwrap(), "AT+CFUN=4");
    assert_eq!(switched.next().unwrap(), "AT+CFUN=1");
    assert_eq!(switched.next().unwrap(), "AT+COPS=0");
    assert_eq!(switched.next().unwrap(), "AT+CFUN=1,1");
}

/// What frees it of its prompt is answered, and that answer must not pass for the one of the command behind.
#[tokio::test(start_paused = true)]
async fn the_radio_of_a_modem_without_prompt_is_switched_step_by_step() {
    let mut world = World::new().await;
    let silence = SendFault::Silence(Fate::Lost);
    world
        .sim
        .fail_sends([silence, silence, silence, SendFault::NoPrompt]);
    for caller in [ANNA, BEN, CARLA] {
        world.missed(caller).await;
    }
    sleep(min(30)).await;
    for caller in [ANNA, BEN, CARLA] {
        let texts = world.texts_to(caller);
        assert!(texts == [SORRY] || texts == [SORRY_LATE], "{texts:?}");
    }
    let radio = useless(Rung::Radio);
    let done = done(&world).await;
    assert!(
        done.contains(&radio) || done.contains(&helped(Rung::Radio)),
        "{done:?}"
    );
    world.armed().await;
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_only_a_reset_of_its_usb_port_heals_gets_one() {
    let mut world = World::new().await;
    world.sim.refuse_sends(512, Cure::Replug);
    for caller in [ANNA, BEN, CARLA] {
        world.missed(caller).await;
    }
    sleep(s(20)).await;
    world.armed().await;
    sleep(min(6)).await;
    for caller in [ANNA, BEN, CARLA] {
        assert_eq!(world.texts_to(caller), [SORRY]);
    }
    assert_eq!(done(&world).await.last(), Some(&helped(Rung::UsbReset)));
}

#[tokio::test(start_paused = true)]
async fn one_text_alone_gets_there_too() {
    let mut world = World::new().await;
    world.sim.refuse_sends(500, Cure::Restart);
    world.missed(ANNA).await;
    sleep(min(3)).await;
    assert!(!world.modem().is_armed());
    world.armed().await;
    sleep(A_MOMENT).await;
    assert_eq!(world.texts_to(ANNA), [SORRY_LATE]);
    assert!(world.sim.now() < min(45), "{:?}", world.sim.now());
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_nothing_heals_wants_a_person_and_is_tried_on() {
    let mut world = World::new().await;
    world.sim.refuse_sends(500, Cure::None);
    let callers: Vec<_> = (10..40).map(|n| format!("+120255501{n}")).collect();
    for caller in &callers {
        world.missed(caller).await;
        sleep(min(5)).await;
    }
    let why = world.modem().reason().expect("it is ill");
    assert!(why.starts_with("A person is needed: "), "{why}");
    assert!((4..=6).contains(&restarts(&world)), "{}", restarts(&world));
    assert_eq!(world.sim.sent(), []);
    // It has healed by itself: the next text proves it.
    world.sim.refuse_sends(500, Cure::Restart);
    world.sim.restart();
    world.missed(ANNA).await;
    sleep(min(10)).await;
    world.armed().await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
}

#[tokio::test(start_paused = true)]
async fn a_recipient_who_is_refused_for_good_does_not_make_the_modem_ill() {
    for code in [21, 28] {
        let world = World::new().await;
        world.sim.fail_sends([SendFault::CmsError(code); 4]);
        for n in 10..14 {
            world.missed(&format!("+120255501{n}")).await;
            sleep(min(2)).await;
            assert!(world.modem().is_armed(), "{:?}", world.modem());
        }
        assert_eq!(done(&world).await, []);
    }
}

#[tokio::test(start_paused = true)]
async fn a_text_that_leaves_in_between_begins_the_count_anew() {
    let world = World::new().await;
    for _ in 0..4 {
        let refused = SendFault::CmsError(500);
        world.sim.fail_sends([refused, refused, SendFault::None]);
    }
    for n in 10..18 {
        world.missed(&format!("+120255501{n}")).await;
    }
    sleep(min(10)).await;
    assert_eq!(world.sim.sent().len(), 8);
    assert_eq!(done(&world).await, []);
}

#[tokio::test(start_paused = true)]
async fn a_hang_is_come_through_idle_and_while_a_text_is_given() {
    for (idle, hang, rungs) in [
        (true, s(90), vec![helped(Rung::Ask)]),
        (false, s(90), vec![helped(Rung::Ask)]),
        (
            false,
            s(150),
            vec![useless(Rung::Ask), helped(Rung::Reopen)],
        ),
    ] {
        let mut world = World::new().await;
        let call = world.sim.call(Caller::new(ANNA));
        if idle {
            call.ended().await;
            sleep(s(30)).await;
        } else {
            world.sim.wait_commands("AT+CMGS", 1).await;
        }
        world.sim.hang(hang);
        sleep(min(6)).await;
        world.armed().await;
        world.missed(BEN).await;
        sleep(min(5)).await;
        assert_eq!(world.texts_to(ANNA), [SORRY], "idle: {idle}");
        assert_eq!(world.texts_to(BEN), [SORRY]);
        assert_eq!(done(&world).await, rungs, "idle: {idle}, {hang:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_hangs_for_ever_gets_its_usb_port_reset() {
    let mut world = World::new().await;
    world.sim.hang(min(10_000));
    sleep(min(20)).await;
    world.armed().await;
    assert!(world.sim.now() < min(21), "{:?}", world.sim.now());
    world.missed(ANNA).await;
    assert_eq!(world.texts_to(ANNA), [SORRY]);
    assert_eq!(
        done(&world).await,
        [
            useless(Rung::Ask),
            useless(Rung::Reopen),
            helped(Rung::UsbReset)
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_kill_does_not_shorten_the_pause_between_two_restarts() {
    let mut world = World::new().await;
    world.sim.refuse_sends(500, Cure::None);
    let mut callers = (10..99).map(|n| format!("+120255501{n}"));
    while restarts(&world) == 0 {
        world.call(Caller::new(&callers.next().unwrap())).await;
        sleep(s(30)).await;
    }
    let first = world.sim.now();
    world.kill().await;
    world.boot();
    while restarts(&world) == 1 {
        world.call(Caller::new(&callers.next().unwrap())).await;
        sleep(s(30)).await;
    }
    let apart = world.sim.now() - first;
    assert!(apart >= min(29), "{apart:?}");
}

#[tokio::test(start_paused = true)]
async fn every_caller_has_a_turn_at_an_ill_modem() {
    let world = World::new().await;
    world.sim.refuse_sends(500, Cure::None);
    let callers = [ANNA, BEN, CARLA, "+12025550110"];
    for caller in callers {
        world.call(Caller::new(caller)).await;
        sleep(s(20)).await;
    }
    // A try every five minutes. Did the oldest have them all, one that is at fault itself would hold the others until they are too old.
    sleep(min(30)).await;
    for caller in callers {
        let (state, attempts) = world.text(caller);
        assert_eq!(state, "queued");
        assert!(attempts > 2, "{caller} was tried {attempts} times");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_may_tell_of_forgotten_settings_does_not_have_it_set_up_and_tried_without_pause()
 {
    let world = World::new().await;
    world.sim.refuse_sends(302, Cure::None);
    world.missed(ANNA).await;
    sleep(min(10)).await;
    let commands = world.sim.commands();
    let count = |start: &str| commands.iter().filter(|it| it.starts_with(start)).count();
    let (tries, set_ups) = (count("AT+CMGS="), count("AT+CMGF=0"));
    assert!((2..=20).contains(&tries), "{tries}");
    assert!((2..=11).contains(&set_ups), "{set_ups}");
}
