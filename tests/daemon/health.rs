//! Stories of a box that cannot text callers: told by the ways besides the modem, and to the owner's phone once it is over.

use textback::phone::PhoneNumber;
use textback::rules::Caller;
use textback::sim::SendFault;
use tokio::time::sleep;

use super::outlets::with_hook;
use super::receiver::{Receiver, Request};
use super::relay::OWNER;
use super::world::{A_MOMENT, ANNA, World, min, s};

#[tokio::test(start_paused = true)]
async fn a_box_that_cannot_text_is_told_of_and_that_it_can_again() {
    let receiver = Receiver::new();
    let mut world = with_hook(&receiver).await;
    world.unplugged_for(s(90)).await;
    world.armed().await;
    sleep(A_MOMENT).await;
    assert_eq!(receiver.kinds(), [""; 0], "too short to be news");
    world.sim.unplug();
    sleep(min(3)).await;
    assert_eq!(receiver.kinds(), ["box.health"]);
    // Nor does a restart make it news again.
    world.stop().await;
    world.boot();
    sleep(min(3)).await;
    world.sim.replug().unwrap();
    world.armed().await;
    sleep(A_MOMENT).await;
    let told: Vec<_> = receiver
        .taken()
        .iter()
        .map(|request| request.json()["data"].clone())
        .collect();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0]["healthy"], false);
    assert!(
        told[0]["reason"].as_str().unwrap().contains("modem"),
        "{told:?}"
    );
    assert_eq!(
        told[1],
        serde_json::json!({ "healthy": true, "reason": null })
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_without_an_outcome_after_a_minute_is_told_of_whatever_seems_well() {
    let receiver = Receiver::new();
    let world = with_hook(&receiver).await;
    // Busy for a while, as far as it says.
    world.sim.fail_sends([SendFault::CmsError(314); 7]);
    world.missed(ANNA).await;
    sleep(s(50)).await;
    let health = || {
        let mut told: Vec<_> = receiver.taken().iter().map(Request::json).collect();
        told.retain(|told| told["type"] == "box.health");
        told.into_iter()
            .map(|told| told["data"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        health(),
        [serde_json::Value::Null; 0],
        "a minute is not over"
    );
    sleep(s(30)).await;
    let told = health();
    assert_eq!(
        (told.len(), &told[0]["healthy"]),
        (1, &false.into()),
        "{told:?}"
    );
    let reason = told[0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("A call ended at 12:0"), "{reason}");
    sleep(min(20)).await;
    assert_eq!(world.texts_to(ANNA).len(), 1);
    let told = health();
    assert_eq!(
        (told.len(), &told[1]["healthy"]),
        (2, &true.into()),
        "{told:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_owner_is_told_of_a_long_outage_once_it_is_over() {
    let mut world = World::new().await;
    world.set("owner.number", OWNER).await;
    world.unplugged_for(min(10)).await;
    world.armed().await;
    sleep(min(5)).await;
    assert_eq!(world.texts_to(OWNER), [""; 0], "too short to be told of");
    world.unplugged_for(min(10)).await;
    world.armed().await;
    // Nor does a start in between end it.
    world.sim.unplug();
    sleep(min(20)).await;
    world.stop().await;
    world.boot();
    sleep(min(5)).await;
    world.sim.replug().unwrap();
    world.armed().await;
    sleep(min(5)).await;
    let told = world.texts_to(OWNER);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("From ") && told[0].contains("no caller could be texted"),
        "{told:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_nobody_decides_on_is_told_of_by_a_box_that_rests() {
    let receiver = Receiver::new();
    let mut world = with_hook(&receiver).await;
    // All is quiet, and then a call is written down of which nothing more is heard.
    sleep(min(30)).await;
    let caller = Caller::Number(PhoneNumber::parse(ANNA, None).unwrap());
    let rings = world.store().call_rings(None, caller, world.clock.wall());
    rings.await.unwrap();
    let health = || {
        let told = receiver
            .taken()
            .iter()
            .map(Request::json)
            .collect::<Vec<_>>();
        let of_health = told.iter().filter(|told| told["type"] == "box.health");
        let said = of_health.map(|told| {
            (
                told["data"]["healthy"] == true,
                told["data"]["reason"].to_string(),
            )
        });
        said.collect::<Vec<_>>()
    };
    sleep(min(9)).await;
    assert_eq!(health(), [], "it may still ring");
    sleep(min(2)).await;
    let told = health();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        !told[0].0 && told[0].1.contains("A call came at "),
        "{told:?}"
    );
    // The next start decides on it.
    world.stop().await;
    world.start().await;
    sleep(min(2)).await;
    let told = health();
    assert_eq!((told.len(), told[1].0), (2, true), "{told:?}");
    let texts = world.texts_to(ANNA).len();
    world.expect_texts(ANNA, texts);
}
