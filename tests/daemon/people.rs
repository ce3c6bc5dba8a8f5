//! Stories of whom we text and whom not, as the network shows them; and of what the owner changes meanwhile.

use textback::address_book;
use textback::phone::PhoneNumber;
use textback::sim::{Caller, Options, Quirks};
use textback::store::{Imported, List, Store};

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

/// As `textback people import` does: from outside, beside the daemon.
async fn import(world: &World, list: List, file: &[u8]) -> Imported {
    let store = Store::open(world.data()).unwrap();
    let home = store.settings().await.unwrap().country();
    let entries = address_book::read(file, home).unwrap().entries;
    let imported = store.import_people(list, entries, world.clock.wall()).await;
    imported.unwrap().unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_imported_number_is_not_texted_and_one_taken_off_is() {
    let mut world = World::new().await;
    world.set("business.country", "US").await;
    let cards = b"BEGIN:VCARD\r\nFN:Anna\r\nTEL;TYPE=CELL:(202) 555-0143\r\nTEL;TYPE=WORK:202 555 0188\r\nEND:VCARD\r\n";
    assert_eq!(import(&world, List::NeverText, cards).await.added, 2);
    world.missed(ANNA).await;
    world.missed(BEN).await;
    let removed = world.store().unlist_person(List::NeverText, BEN).await;
    assert!(removed.unwrap());
    world.missed(BEN).await;
    // The list outlives the daemon.
    world.kill().await;
    world.start().await;
    world.missed(ANNA).await;
    assert_eq!(
        world.fates(),
        [
            format!("{ANNA} skipped/never_text"),
            format!("{BEN} skipped/never_text"),
            format!("{BEN} texted"),
            format!("{ANNA} skipped/never_text"),
        ]
    );
    let skipped = world.store().skipped_since(0).await.unwrap();
    assert_eq!(skipped[0].1, "Not texted: Anna is on your never-text list.");
    assert_eq!(world.texts_to(BEN), [SORRY]);
}

#[tokio::test(start_paused = true)]
async fn only_strangers_are_texted_while_the_owner_wants_that() {
    let mut world = World::new().await;
    let table = b"Name,Phone\nAnna,+1 202 555 0143\n";
    assert_eq!(import(&world, List::Contacts, table).await.added, 1);
    world.set("texts.only_strangers", "yes").await;
    world.missed(ANNA).await;
    world.missed(BEN).await;
    world.set("texts.only_strangers", "no").await;
    world.missed(ANNA).await;
    assert_eq!(
        world.fates(),
        [
            format!("{ANNA} skipped/contact"),
            format!("{BEN} texted"),
            format!("{ANNA} texted"),
        ]
    );
    world.expect_texts(ANNA, 1);
}

#[tokio::test(start_paused = true)]
async fn who_asked_on_the_phone_is_not_texted_and_start_lifts_it() {
    let mut world = World::new().await;
    let anna = PhoneNumber::parse(ANNA, None).unwrap();
    let listed = world
        .store()
        .list_person(List::OptedOut, &anna, "", world.clock.wall());
    listed.await.unwrap().unwrap();
    world.missed(ANNA).await;
    assert_eq!(world.fates(), [format!("{ANNA} skipped/opted_out")]);
    world.reply(ANNA, "START").await;
    let left = world.store().people(List::OptedOut, "", 0, 9).await;
    assert_eq!(left.unwrap().total, 0);
    world.expect_texts(ANNA, 1);
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
