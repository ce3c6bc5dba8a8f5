//! Messages for open and closed hours and for holidays: each with its preview, and the way back to what it said before.

use textback::wording::Occasion;

use super::*;

#[tokio::test]
async fn each_message_is_changed_refused_and_taken_back() {
    let page = serve(false).await;
    assert!(
        page.get("/")
            .await
            .body
            .contains("href=\"/messages/missed_call\"")
    );
    let place = "/messages/after_hours";
    let shown = page.get(place).await;
    assert_eq!(shown.status, 200);
    for occasion in Occasion::ALL {
        let way = format!("href=\"/messages/{}\"", occasion.token());
        assert_eq!(shown.body.matches(&way).count(), 1, "{way}");
    }
    assert!(shown.body.contains("It has not been changed so far."));

    let save = async |words: &str| {
        let body = format!("message={}", encoded(words));
        page.post(place, OUR_OWN, &body).await
    };
    let saved = save("We are closed.\r\nSTOP to opt out.").await;
    let there = "/messages/after_hours?did=saved";
    assert_eq!((saved.status, saved.header("location")), (303, Some(there)));
    let kept = page.store.settings().await.unwrap();
    let message = kept.message(Occasion::AfterHours).unwrap();
    assert_eq!(message.source(), "We are closed.\nSTOP to opt out.");
    assert!(
        page.get(there)
            .await
            .body
            .contains("Saved. The next caller gets it.")
    );
    assert_eq!(
        save("See you at <eight>. STOP to opt out.").await.status,
        303
    );

    let refused = save("{nmae}").await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("{nmae} stands for nothing"));

    let shown = page.get(place).await.body;
    let (_, earlier) = shown.split_once("id=\"earlier\"").unwrap();
    assert!(earlier.contains("We are closed.") && earlier.contains("as the box came"));
    assert!(earlier.contains("Last said: Today, 10:12"), "{earlier}");
    let (_, id) = earlier.split_once("name=\"id\" value=\"").unwrap();
    let (id, _) = id.split_once('"').unwrap();
    let (place_again, id) = (format!("{place}/again"), format!("id={id}"));
    let back = page.post(&place_again, OUR_OWN, &id);
    assert_eq!(
        back.await.header("location"),
        Some("/messages/after_hours?did=again")
    );
    let shown = page.get(place).await.body;
    let (form, earlier) = shown.split_once("id=\"earlier\"").unwrap();
    assert!(form.contains("We are closed.") && earlier.contains("See you at &lt;eight&gt;."));
}

#[tokio::test]
async fn an_earlier_wording_that_lacks_the_name_is_refused_in_a_sentence() {
    let page = serve(false).await;
    for (key, value) in [
        ("message.holiday", "Closed today."),
        ("message.holiday", "{business} is closed today."),
        (BUSINESS_NAME, "Ann"),
    ] {
        let changed = page.store.change_setting(key, value, at(NOW)).await;
        changed.unwrap().unwrap();
    }
    let setting = textback::settings::find("message.holiday").unwrap();
    let earlier = page.store.earlier_messages(setting).await.unwrap();
    let again = format!("id={}", earlier[0].id);
    let refused = page.post("/messages/holiday/again", OUR_OWN, &again).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("must say {business}"),
        "{}",
        refused.body
    );
}

#[tokio::test]
async fn a_message_for_closed_hours_is_shown_as_it_is_typed_and_texted_to_the_owner() {
    let page = serve(false).await;
    let preview = async |words: &str| {
        let body = format!("message={}", encoded(words));
        page.post("/messages/holiday/preview", OUR_OWN, &body)
            .await
            .body
    };
    assert!(
        preview("Closed, {caller}")
            .await
            .contains("Closed, (202) 555-0143")
    );
    assert!(preview("").await.contains("Sorry we missed your call."));
    let silence = page
        .store
        .change_setting("hours.without_message", "none", at(NOW));
    silence.await.unwrap().unwrap();
    assert!(
        preview("")
            .await
            .contains("nothing: outside your hours you want silence")
    );

    let test = page.post("/messages/held/test", OUR_OWN, "").await;
    assert_eq!(test.header("location"), Some("/settings#owner-number"));
    let owner = page
        .store
        .change_setting("owner.number", "+12025550188", at(NOW));
    owner.await.unwrap().unwrap();
    let test = page.post("/messages/held/test", OUR_OWN, "").await;
    assert_eq!(test.header("location"), Some("/messages/held?did=tested"));
    for (method, place) in [
        ("", "/messages/none"),
        ("", "/messages/none/preview"),
        ("p", "/messages/none"),
        ("p", "/messages/none/again"),
    ] {
        let answer = match method {
            "" => page.get(place).await,
            _ => page.post(place, OUR_OWN, "message=x&id=1").await,
        };
        assert!(
            [404, 405].contains(&answer.status),
            "{place}: {}",
            answer.status
        );
    }
}
