//! Every setting on its page: shown, changed, refused with the reason, and put back.

use textback::settings::{ALL, OWNER_PIN, TEXTS_MAX_PER_DAY};

use super::*;

impl Page {
    async fn saves(&self, key: &str, value: &str) -> Answer {
        let body = format!("key={}&value={}", encoded(key), encoded(value));
        self.post("/settings", OUR_OWN, &body).await
    }

    async fn setting(&self, key: &str) -> String {
        self.store
            .settings()
            .await
            .unwrap()
            .value(key)
            .unwrap()
            .to_owned()
    }
}

#[tokio::test]
async fn every_setting_is_there_with_what_it_does_and_takes() {
    let page = serve(false).await;
    assert!(page.get("/").await.body.contains("href=\"/settings\""));
    let shown = page.get("/settings").await;
    assert_eq!(shown.status, 200);
    for setting in ALL {
        let field = format!("name=\"key\" value=\"{}\"", setting.key);
        assert_eq!(shown.body.matches(&field).count(), 1, "{}", setting.key);
        let escaped = setting.help.replace('&', "&amp;");
        assert!(shown.body.contains(&escaped), "{}", setting.key);
    }
}

#[tokio::test]
async fn a_setting_is_changed_refused_and_put_back() {
    let page = serve(false).await;
    let saved = page.saves(TEXTS_MAX_PER_DAY, "50").await;
    let place = "/settings?saved=texts.max_per_day#texts-max-per-day";
    assert_eq!((saved.status, saved.header("location")), (303, Some(place)));
    assert_eq!(page.setting(TEXTS_MAX_PER_DAY).await, "50");
    let shown = page.get("/settings?saved=texts.max_per_day").await.body;
    assert!(shown.contains("Saved.") && shown.contains("Without a choice of yours: 200."));

    let refused = page.saves(TEXTS_MAX_PER_DAY, "a <lot>").await;
    assert_eq!(refused.status, 422);
    for there in ["role=\"alert\"", "1 to 1000", "value=\"a &lt;lot&gt;\""] {
        assert!(refused.body.contains(there), "{there}\n{}", refused.body);
    }
    assert_eq!(
        page.setting(TEXTS_MAX_PER_DAY).await,
        "50",
        "what was there stays"
    );

    let body = format!("key={TEXTS_MAX_PER_DAY}&value=50&default=yes");
    assert_eq!(page.post("/settings", OUR_OWN, &body).await.status, 303);
    assert_eq!(page.setting(TEXTS_MAX_PER_DAY).await, "200");
    assert!(
        !page
            .get("/settings")
            .await
            .body
            .contains("Without a choice of yours")
    );
    assert_eq!(page.saves("no.such", "1").await.status, 422);
    let elsewhere = "Origin: http://evil.example\r\nSec-Fetch-Site: cross-site\r\n";
    let body = format!("key={TEXTS_MAX_PER_DAY}&value=1");
    assert_eq!(page.post("/settings", elsewhere, &body).await.status, 403);
}

#[tokio::test]
async fn a_message_keeps_its_lines_and_a_pin_is_never_shown() {
    let page = serve(false).await;
    let message = "Hi, we are closed.\r\nReply STOP to opt out.";
    assert_eq!(page.saves("message.after_hours", message).await.status, 303);
    assert_eq!(
        page.setting("message.after_hours").await,
        message.replace('\r', "")
    );
    assert_eq!(page.saves(OWNER_PIN, "4711").await.status, 303);
    let shown = page.get("/settings").await.body;
    assert!(!shown.contains("4711") && shown.contains("One is set, and not shown."));
    // The empty field was not filled in.
    assert_eq!(page.saves(OWNER_PIN, "").await.status, 303);
    assert_eq!(page.setting(OWNER_PIN).await, "4711");
    let body = format!("key={OWNER_PIN}&default=yes");
    assert_eq!(page.post("/settings", OUR_OWN, &body).await.status, 303);
    assert_eq!(page.setting(OWNER_PIN).await, "");
}
