//! Stories of callers who write of danger: the advice they get at once, and who else is told.

use tokio::time::sleep;

use super::relay::{DESK, OWNER, with_owner};
use super::world::{A_MOMENT, ANNA, BEN, SORRY, World, min, s};

const GAS: &str = "Automatic reply. Gas? Leave the building now, touch no switch, light no flame, and call 911 from outside. Do not wait for us.";

/// How often somebody is texted is compared whole.
fn told(world: &mut World, number: &str) -> Vec<String> {
    let texts = world.texts_to(number);
    world.expect_texts(number, texts.len());
    texts
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_smells_gas_is_told_to_leave_and_everybody_hears_of_it_at_once() {
    let mut world = with_owner().await;
    world.set("desk.number", DESK).await;
    // Nobody is on duty but the owner.
    world.set("desk.hours", "mon 8:00-8:01").await;
    world.missed(ANNA).await;
    world
        .sim
        .text_in(ANNA, "I smell gas in the kitchen!")
        .unwrap();
    sleep(s(2)).await;
    assert_eq!(told(&mut world, ANNA), [SORRY, GAS]);
    for number in [OWNER, DESK] {
        let expected = "URGENT (gas) #1 (202) 555-0143: I smell gas in the kitchen!";
        assert_eq!(told(&mut world, number), [expected], "{number}");
    }
    // Once a day, whatever else is written; the owner hears of each.
    world.reply(ANNA, "it still smells like gas").await;
    sleep(min(30)).await;
    assert_eq!(told(&mut world, ANNA), [SORRY, GAS]);
    let to_owner = told(&mut world, OWNER);
    assert_eq!(to_owner[1..], ["URGENT (gas) #1: it still smells like gas"]);
    // The page shows it; the text that passed it on told of it, so that there is no other.
    let day = [world.clock.wall() - jiff::SignedDuration::from_hours(24)];
    let overview = world.store().overview(day.to_vec()).await.unwrap();
    let kinds: Vec<_> = overview
        .alerts
        .iter()
        .map(|it| it.alert.kind.token())
        .collect();
    assert_eq!(kinds, ["danger", "danger"]);
    assert_eq!(told(&mut world, DESK).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn without_anybody_to_tell_the_caller_gets_the_advice_all_the_same() {
    let mut world = World::new().await;
    world.missed(ANNA).await;
    world
        .reply(ANNA, "Se reventó un tubo, hay agua por todas partes")
        .await;
    let texts = told(&mut world, ANNA);
    assert_eq!(texts.len(), 2);
    assert!(
        texts[1].starts_with("Contestador:") && texts[1].contains("llame al 911"),
        "in the language it was written in: {}",
        texts[1]
    );
}

#[tokio::test(start_paused = true)]
async fn advice_waits_for_no_fence_and_for_no_opt_out() {
    let mut world = with_owner().await;
    world.set("texts.max_per_minute", "1").await;
    world.set("texts.max_per_day", "1").await;
    world.missed(ANNA).await;
    world.reply(ANNA, "STOP").await;
    sleep(min(5)).await;
    let before = told(&mut world, ANNA).len();
    world.sim.text_in(ANNA, "wait, I smell gas").unwrap();
    world
        .sim
        .text_in(BEN, "carbon monoxide alarm is going off")
        .unwrap();
    sleep(s(5)).await;
    assert_eq!(told(&mut world, ANNA)[before..], [GAS]);
    told(&mut world, OWNER);
    let ben = told(&mut world, BEN);
    assert_eq!(ben.len(), 1, "{ben:?}");
    assert!(
        ben[0].contains("Carbon monoxide?") && ben[0].contains("911"),
        "{ben:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_owner_s_own_words_and_short_codes_get_no_advice() {
    let mut world = with_owner().await;
    world.missed(ANNA).await;
    world.reply(ANNA, "my sink is leaking").await;
    world.reply(OWNER, "#1 If you smell gas, leave").await;
    world
        .reply("72345", "Smell gas? Call us: gas leak hotline")
        .await;
    sleep(A_MOMENT).await;
    assert_eq!(told(&mut world, ANNA), [SORRY, "If you smell gas, leave"]);
    assert_eq!(world.texts_to("72345"), [""; 0]);
    let to_owner = told(&mut world, OWNER);
    assert_eq!(to_owner.len(), 2, "{to_owner:?}");
    assert!(to_owner[1].starts_with("URGENT (gas) From"), "{to_owner:?}");
}

#[tokio::test(start_paused = true)]
async fn advice_takes_no_caller_s_place_in_the_minute() {
    let mut world = with_owner().await;
    world.set("texts.max_per_minute", "1").await;
    world.sim.text_in(BEN, "I smell gas").unwrap();
    sleep(s(5)).await;
    assert_eq!(told(&mut world, BEN), [GAS]);
    world.missed(ANNA).await;
    sleep(s(5)).await;
    assert_eq!(told(&mut world, ANNA).len(), 1);
    told(&mut world, OWNER);
}
