//! What strangers, files and addresses say is shown harmlessly, on every page that shows it.

use super::*;
use textback::store::List;

/// Markup, a formula, a direction that turns the rest of the line around, NUL and other controls, and no end.
const BODY: &str = "=HYPERLINK(\"http://evil.example\")<script>alert(1)</script><img src=x onerror=alert(1)>\u{202e}\u{2066}evil\0\u{1b}[31m\u{7}'\"";
const FORBIDDEN: [&str; 8] = [
    "<script>alert",
    "<img",
    "<svg onload",
    "\u{202e}",
    "\u{2066}",
    "\0",
    "\u{1b}",
    "\u{7}",
];

#[tokio::test]
async fn nothing_that_comes_from_outside_becomes_more_than_text() {
    let page = serve(false).await;
    page.text(ANNA, NOW).await;
    page.receive(Some(ANNA), BODY).await;
    page.receive(Some("<svg onload=alert(1)>"), &"x".repeat(10_000))
        .await;
    page.skip(
        Caller::Unreadable(BODY.to_owned()),
        NOW,
        SkipReason::NoCallerId,
    )
    .await;
    let anna = number(ANNA);
    let listed = page
        .store
        .list_person(List::NeverText, &anna, BODY, at(NOW));
    listed.await.unwrap().unwrap();
    page.store.make_token(BODY, at(NOW)).await.unwrap().unwrap();
    page.store
        .healing_begun(at(NOW), "restart", BODY)
        .await
        .unwrap();
    page.store
        .mark(&[(textback::store::Mark::OldTarget, BODY)])
        .await
        .unwrap();
    page.modem.send_replace(ModemState::Down {
        why: BODY.to_owned(),
        stage: Stage::Pin,
    });
    let typed = encoded(BODY);
    for path in [
        "/".to_owned(),
        "/now".to_owned(),
        "/conversations".to_owned(),
        format!("/conversations?sought={typed}"),
        format!("/conversations/{ANNA}"),
        format!("/conversations/{ANNA}/now"),
        format!("/conversations/{typed}"),
        "/people".to_owned(),
        format!("/people?sought={typed}&number={typed}&list={typed}"),
        format!("/settings?saved={typed}"),
        "/access".to_owned(),
        "/box".to_owned(),
        "/messages/missed_call".to_owned(),
        format!("/messages/{typed}"),
        format!("/messages/holiday?did={typed}"),
        "/setup/modem".to_owned(),
        "/setup/forwarding".to_owned(),
        format!("/setup/{typed}"),
        format!("/{typed}"),
        "/healthz".to_owned(),
    ] {
        let shown = page.get(&path).await;
        for forbidden in FORBIDDEN {
            // A browser does not take JSON for a page, and a script reads it as data; controls are escapes in it.
            let json = shown.header("content-type") == Some("application/json");
            let harmless = json && (forbidden.starts_with('<') || !forbidden.is_ascii());
            assert!(
                harmless || !shown.body.contains(forbidden),
                "{path} {forbidden:?}\n{}",
                shown.body
            );
        }
        assert!(
            shown.body.len() < 100 * 1024,
            "{path}: {} bytes",
            shown.body.len()
        );
    }
    // What was typed and refused comes back.
    for (path, body) in [
        ("/message", form(BODY, BODY)),
        ("/preview", form(BODY, BODY)),
        ("/messages/holiday", form(BODY, BODY)),
        ("/messages/holiday/preview", form(BODY, BODY)),
        (
            "/people/add",
            format!("list=never-text&number={typed}&name={typed}"),
        ),
        ("/settings", format!("key=hours.weekly&value={typed}")),
        (
            "/setup/keep/business",
            format!("business={typed}&number={typed}"),
        ),
        ("/setup/keep/hours", format!("weekly={typed}")),
        ("/setup/keep/message", form(BODY, BODY)),
        (
            "/setup/keep/forwarding",
            format!("box_number={typed}&carrier={typed}&old_target={typed}"),
        ),
    ] {
        let answer = page.post(path, OUR_OWN, &body).await;
        assert!(
            [200, 422].contains(&answer.status),
            "{path}: {}",
            answer.status
        );
        for forbidden in ["<script>alert", "<img", "<svg onload"] {
            assert!(
                !answer.body.contains(forbidden),
                "{path} {forbidden:?}\n{}",
                answer.body
            );
        }
    }
    let access = page.get("/access").await.body;
    assert!(
        access.contains("&lt;script&gt;alert(1)"),
        "it is shown all the same\n{access}"
    );
}
