//! Callers whom the owner had better ring back, and numbers that are left alone, as the page tells of them.

use textback::text::Suspicion;

use super::*;

#[tokio::test]
async fn who_got_no_text_is_shown_until_he_is_reached() {
    let page = serve(false).await;
    assert!(!page.get("/now").await.body.contains("Please ring back"));
    let changed = page
        .store
        .change_setting("owner.number", "+12025550111", Timestamp::UNIX_EPOCH);
    changed.await.unwrap().unwrap();
    page.text(ANNA, "2026-03-02T14:05:00Z").await;
    let id = page.claim().await;
    let late = Transition::Fail(Failure::TooLate);
    let settled = page.store.settle(id, late, at("2026-03-02T15:06:00Z"));
    settled.await.unwrap();
    let ben = Caller::Number(number("+12025550188"));
    page.skip(ben, "2026-03-01T23:00:00Z", SkipReason::TooLate)
        .await;

    let now = page.get("/now").await.body;
    assert!(now.contains("Please ring back"), "{now}");
    let words = "The box could not text them in time.";
    assert_eq!(now.matches(words).count(), 2, "{now}");
    assert!(now.contains("Yesterday") && now.contains("18:00"), "{now}");
    assert!(!now.contains("You were told"), "{now}");

    let told = page.store.tell_owner(at(NOW), |untold, _| {
        Ok(format!("{} callers", untold.alerts.len()))
    });
    assert_eq!(told.await.unwrap(), None);
    let id = page.claim().await;
    let taken = page.store.part_taken(id, 1, 1, Some(7), at(NOW));
    taken.await.unwrap();
    let now = page.get("/now").await.body;
    assert_eq!(now.matches("You were told at 10:12.").count(), 2, "{now}");

    page.receive(Some(ANNA), "Never mind, it is mended").await;
    let now = page.get("/now").await.body;
    assert_eq!(now.matches(words).count(), 1, "{now}");
}

#[tokio::test]
async fn a_caller_who_wrote_before_the_owner_was_told_is_not_told_of() {
    let page = serve(false).await;
    let changed = page
        .store
        .change_setting("owner.number", "+12025550111", Timestamp::UNIX_EPOCH);
    changed.await.unwrap().unwrap();
    page.text(ANNA, "2026-03-02T14:05:00Z").await;
    let id = page.claim().await;
    let late = Transition::Fail(Failure::TooLate);
    let settled = page.store.settle(id, late, at("2026-03-02T15:06:00Z"));
    settled.await.unwrap();
    page.receive(Some(ANNA), "Hello?").await;
    let told = page
        .store
        .tell_owner(at(NOW), |untold, _| panic!("{untold:?}"));
    assert_eq!(told.await.unwrap(), None);
}

#[tokio::test]
async fn why_a_number_is_left_alone_is_said_in_a_sentence() {
    let page = serve(false).await;
    page.text(ANNA, "2026-03-01T15:12:00Z").await;
    let id = page.claim().await;
    let refused = Transition::Fail(Failure::NotDelivered {
        said: "failed for good: the number cannot be reached".to_owned(),
        number: Some(Suspicion::Certain),
    });
    let settled = page.store.settle(id, refused, at("2026-03-01T15:12:00Z"));
    settled.await.unwrap();
    let call = ended(Caller::Number(number(ANNA)), NOW);
    let judged = page.store.end_call(call, |facts, settings| {
        (textback::rules::decide(facts, settings), None)
    });
    judged.await.unwrap();
    let now = page.get("/now").await.body;
    let words = "Not texted: a text to this number failed for good 1 day ago. The network said: the number cannot be reached.";
    assert!(now.contains(words), "{now}");
}
