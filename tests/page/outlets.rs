//! What the page says about who else is told what happens.

use std::time::Duration;

use textback::delivery::Verdict;
use textback::events::Outlet;
use textback::store::{Delivery, NextDelivery};

use super::*;

const HOOK: Outlet = Outlet::Webhook;

impl Page {
    async fn tried(&self, verdict: Verdict, error: Option<&str>) {
        let delivery = self.next_delivery().await;
        let error = error.map(str::to_owned);
        let written = self
            .store
            .delivery_tried(HOOK, &delivery, verdict, error, false, at(NOW));
        written.await.unwrap();
    }

    async fn next_delivery(&self) -> Delivery {
        // The page's clock has gone on since.
        let soon = at("2026-03-02T15:13:00Z");
        match self.store.next_delivery(HOOK, soon).await.unwrap() {
            NextDelivery::Deliver(delivery) => delivery,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn who_is_told_what_waits_and_what_was_given_up_is_shown() {
    let page = serve(false).await;
    assert!(!page.get("/now").await.body.contains("Told elsewhere"));
    let on = vec![(HOOK, "here".to_owned())];
    page.store.switch_outlets(on).await.unwrap();
    page.text(ANNA, "2026-03-02T15:05:00Z").await;
    page.text("+12025550188", "2026-03-02T15:06:00Z").await;
    let now = page.get("/now").await.body;
    assert!(
        now.contains("Told elsewhere") && now.contains("Webhook"),
        "{now}"
    );
    assert!(
        now.contains("Nothing has been told yet. 2 messages wait."),
        "{now}"
    );

    page.tried(Verdict::Delivered, None).await;
    let again = Verdict::Again(Duration::ZERO);
    page.tried(again, Some("it said <b>no</b>")).await;
    let now = page.get("/now").await.body;
    assert!(
        now.contains("Last told at 10:12. 1 message waits."),
        "{now}"
    );
    assert!(
        now.contains("what went wrong: it said &lt;b&gt;no&lt;/b&gt;."),
        "{now}"
    );

    let name = page.next_delivery().await.name;
    page.tried(Verdict::Dead, Some("the receiver answered 500"))
        .await;
    let now = page.get("/now").await.body;
    let given_up = format!("Given up: call.missed of 10:06, {name}: the receiver answered 500.");
    assert!(now.contains(&given_up), "{now}");

    // Somebody else's page cannot ask for it.
    let body = "outlet=webhook";
    let foreign = page.post("/outlets/again", "Sec-Fetch-Site: cross-site\r\n", body);
    assert_eq!(foreign.await.status, 403);
    assert_eq!(page.get("/outlets/again").await.status, 405);
    assert!(page.get("/now").await.body.contains(&given_up));
    let unknown = page.post("/outlets/again", OUR_OWN, "outlet=pigeon").await;
    assert_eq!(unknown.status, 422);
    let again = page.post("/outlets/again", OUR_OWN, body).await;
    assert_eq!(
        (again.status, again.header("location")),
        (303, Some("/#outlets"))
    );
    let now = page.get("/now").await.body;
    assert!(
        !now.contains("Given up") && !now.contains("Try again"),
        "{now}"
    );
    assert!(now.contains("1 message waits."), "{now}");
    assert_eq!(page.next_delivery().await.name, name);
    page.tried(Verdict::Dead, Some("the receiver answered 500"))
        .await;
    let now = page.get("/now").await.body;
    assert!(
        now.contains(&given_up) && now.contains("Try again"),
        "{now}"
    );

    page.text("+12025550199", "2026-03-02T15:07:00Z").await;
    page.tried(Verdict::Stopped, Some("it is gone")).await;
    let now = page.get("/now").await.body;
    assert!(
        now.contains("Nothing is sent there any more: it is gone."),
        "{now}"
    );
    // It would not be sent.
    assert!(!now.contains("Try again"), "{now}");
    assert_eq!(page.get("/healthz").await.status, 200);
}
