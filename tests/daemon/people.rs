//! Stories of whom we text and whom not, as the network shows them; and of what the owner changes meanwhile.

use textback::phone::PhoneNumber;
use textback::sim::{Caller, Options, Quirks};
use textback::store::List;

use super::world::{ANNA, BEN, SORRY, World};

#[tokio::test(start_paused = true)]
async fn who_cannot_or_must_not_be_texted_is_not() {
    let london = "+447911123456";
    let us = || World::new();
    let cases = [
        (us().await, Caller::withheld(), "- skipped/withheld"),
        (
            us().await,
            Caller::unavailable(ANNA),
            "- skipped/no_caller_id",
        ),
        (
            World::with(Options {
                quirks: Quirks {
                    no_clip_when_withheld: true,
                    ..Quirks::default()
                },
                ..Options::default()
            })
            .await,
            Caller::withheld(),
            "- skipped/no_caller_id",
        ),
        (
            us().await,
            Caller::new(london),
            "+447911123456 skipped/foreign",
        ),
        (
            World::with(Options {
                imsi: "262011234567890".into(),
                ..Options::default()
            })
            .await,
            Caller::new("+493012345678"),
            "+493012345678 skipped/cannot_receive",
        ),
        (
            World::with(Options {
                own_number: Some(ANNA.into()),
                ..Options::default()
            })
            .await,
            Caller::new(ANNA),
            "+12025550143 skipped/own_number",
        ),
    ];
    for (world, caller, fate) in cases {
        world.call(caller).await;
        assert_eq!(world.fates(), [fate]);
        assert_eq!(world.sim.sent(), [], "{fate}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_owner_and_those_he_named_are_not_texted() {
    let world = World::new().await;
    world.set("business.country", "US").await;
    world.set("owner.number", "(202) 555-0143").await;
    let ben = PhoneNumber::parse(BEN, None).unwrap();
    let never = world
        .store()
        .list_person(List::NeverText, &ben, "Ben", world.clock.wall());
    never.await.unwrap().unwrap();
    world.missed(ANNA).await;
    world.missed(BEN).await;
    assert_eq!(
        world.fates(),
        [
            format!("{ANNA} skipped/own_number"),
            format!("{BEN} skipped/never_text")
        ]
    );
    assert_eq!(world.sim.sent(), []);
}

#[tokio::test(start_paused = true)]
async fn what_the_owner_changes_holds_for_the_next_call() {
    let mut world = World::new().await;
    let london = "+447911123456";
    world.missed(ANNA).await;
    world.set("business.name", "Rivera Plumbing").await;
    world.set("texts.allow_foreign", "yes").await;
    world.set("texts.cooldown_h", "0").await;
    world.missed(london).await;
    assert_eq!(
        world.texts_to(london),
        [
            "Hi, this is Rivera Plumbing. Sorry we missed your call. What can we help you with? Reply STOP to opt out."
        ]
    );
    world.set("message.missed_call", "{business} here").await;
    world.missed(ANNA).await;
    assert_eq!(world.texts_to(ANNA), [SORRY, "Rivera Plumbing here"]);
    world.expect_texts(ANNA, 2);
}

#[tokio::test(start_paused = true)]
async fn a_long_message_goes_out_in_parts_and_arrives_as_one() {
    let world = World::new().await;
    let words = format!("{}, call you soon.", "We are under a sink ".repeat(15));
    assert!(words.len() > 300);
    world.set("message.missed_call", &words).await;
    world.missed(ANNA).await;
    assert_eq!(world.sim.sent().len(), 3);
    assert_eq!(world.texts_to(ANNA), [words]);
    let text = &world.exported(ANNA)[0];
    assert_eq!((text.parts, text.state.as_str()), (3, "delivered"));
}
