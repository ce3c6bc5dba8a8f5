//! The walk through the set-up: what each step finds out by itself, and that it can be left and gone on with.

use super::*;
use textback::settings::{BUSINESS_COUNTRY, OWNER_NUMBER};
use textback::store::Mark;

const OWNER: &str = "+12025550111";

impl Page {
    /// The code in the newest text to this number.
    async fn code_sent_to(&self, number: &str) -> Option<String> {
        let texts = textback::store::read_everything(self.dir.path())
            .unwrap()
            .texts;
        let text = texts
            .iter()
            .rfind(|text| text.number.as_deref() == Some(number))?;
        let code: String = text.body.chars().filter(char::is_ascii_digit).collect();
        Some(code)
    }

    async fn texts_to(&self, number: &str) -> usize {
        let texts = textback::store::read_everything(self.dir.path())
            .unwrap()
            .texts;
        texts
            .iter()
            .filter(|text| text.number.as_deref() == Some(number))
            .count()
    }

    async fn location(&self, path: &str, body: &str) -> String {
        let answer = self.post(path, OUR_OWN, body).await;
        assert_eq!(answer.status, 303, "{path}: {}", answer.body);
        answer.header("location").unwrap().to_owned()
    }
}

/// A page of somebody in the United States.
async fn at_home() -> Page {
    let page = serve(false).await;
    let set = page
        .store
        .change_setting(BUSINESS_COUNTRY, "US", Timestamp::UNIX_EPOCH);
    set.await.unwrap().unwrap();
    page
}

#[tokio::test]
async fn the_walk_from_the_modem_to_the_test_call() {
    let page = at_home().await;
    let begins = async || {
        page.get("/setup")
            .await
            .header("location")
            .unwrap()
            .to_owned()
    };
    assert_eq!(begins().await, "/setup/business", "the modem is well");
    let modem = page.get("/setup/modem").await.body;
    assert!(modem.contains("would send a text now"), "{modem}");

    let body = format!(
        "business={}&number={}",
        encoded("Ann's"),
        encoded("(202) 555-0111")
    );
    assert_eq!(
        page.location("/setup/keep/business", &body).await,
        "/setup/business"
    );
    assert_eq!(
        begins().await,
        "/setup/business",
        "the number is not proved"
    );
    assert_eq!(
        page.location("/setup/code", "").await,
        "/setup/business?said=sent"
    );
    let code = page.code_sent_to(OWNER).await.unwrap();
    assert_eq!(code.len(), 6);
    assert_eq!(
        page.location("/setup/proof", &format!("code={code}")).await,
        "/setup/business?said=proved"
    );

    assert_eq!(begins().await, "/setup/hours");
    let body = format!("weekly={}", encoded("Mo-Fr 8-17"));
    assert_eq!(
        page.location("/setup/keep/hours", &body).await,
        "/setup/message"
    );
    let message = page.get("/setup/message").await.body;
    assert!(
        message.contains("this is Ann"),
        "what a caller would get\n{message}"
    );
    let body = form("Ann's", "Hello, {business} here. Reply STOP to opt out.");
    assert_eq!(
        page.location("/setup/keep/message", &body).await,
        "/setup/forwarding"
    );

    let body = format!(
        "box_number={}&carrier={}",
        encoded("202 555 0199"),
        encoded("Verizon")
    );
    assert_eq!(
        page.location("/setup/keep/forwarding", &body).await,
        "/setup/forwarding#code"
    );
    let shown = page.get("/setup/forwarding").await.body;
    assert!(
        shown.contains(">*712025550199<") && shown.contains("tel:%2A712025550199"),
        "{shown}"
    );
    assert!(shown.contains(">*73<"), "how to take it back\n{shown}");

    assert_eq!(begins().await, "/setup/test");
    assert!(
        !page
            .get("/setup/test")
            .await
            .body
            .contains("Waiting for your call.")
    );
    page.text(ANNA, "2026-03-02T15:00:00Z").await;
    assert_eq!(page.location("/setup/keep/test", "").await, "/setup/test");
    let waiting = page.get("/setup/test/now").await.body;
    assert!(
        waiting.contains("Waiting for your call."),
        "an older call is not the test\n{waiting}"
    );
    // The clock of the test runs, so the time of the click is put where it can be counted from.
    let begun = at(NOW).as_millisecond().to_string();
    let mark = [(Mark::TestFrom, begun.as_str())];
    page.store.mark(&mark).await.unwrap();
    page.text(ANNA, "2026-03-02T15:12:21Z").await;
    let came = page.get("/setup/test/now").await.body;
    for expected in [
        "(202) 555-0143",
        "21 seconds after you began",
        "Everything works.",
    ] {
        assert!(came.contains(expected), "{expected}\n{came}");
    }
    assert_eq!(page.location("/setup/done", "").await, "/");
    let settings = page.store.settings().await.unwrap();
    assert_eq!(settings.business_name(), Some("Ann's"));
    assert_eq!(settings.owner_number(), Some(&number(OWNER)));
    assert_eq!(settings.value("hours.weekly").unwrap(), "Mo-Fr 08:00-17:00");
}

#[tokio::test]
async fn the_country_of_the_sim_is_home_where_none_is_set() {
    let page = serve(false).await;
    let body = format!("business=&number={}", encoded("(202) 555-0111"));
    page.location("/setup/keep/business", &body).await;
    let settings = page.store.settings().await.unwrap();
    assert_eq!(settings.owner_number(), Some(&number(OWNER)));
}

#[tokio::test]
async fn what_is_wrong_with_a_step_stands_on_it() {
    let page = at_home().await;
    page.modem.send_replace(ModemState::Down {
        why: "The SIM wants its PIN.".to_owned(),
        stage: Stage::Pin,
    });
    assert_eq!(
        page.get("/setup").await.header("location"),
        Some("/setup/modem")
    );
    let now = page.get("/setup/modem/now").await.body;
    assert!(now.contains("The SIM wants its PIN."), "{now}");

    for (path, body, why, kept) in [
        (
            "/setup/keep/business",
            "business=Ann%27s&number=12",
            "12",
            "Ann&#39;s|Ann's",
        ),
        (
            "/setup/keep/hours",
            "weekly=now+and+then",
            "now and then",
            "now and then",
        ),
        (
            "/setup/keep/message",
            "business=Ann%27s&message=Sorry",
            "must say {business}",
            "Sorry",
        ),
        (
            "/setup/keep/forwarding",
            "box_number=no+number&carrier=Verizon",
            "no number",
            "no number",
        ),
        (
            "/setup/keep/forwarding",
            "box_number=2025550199&carrier=Nobody",
            "pick the carrier|Pick the carrier",
            "",
        ),
        ("/setup/code", "", "Write your number first.", ""),
        ("/setup/proof", "code=123456", "not the code", ""),
    ] {
        let answer = page.post(path, OUR_OWN, body).await;
        assert_eq!(answer.status, 422, "{path}: {}", answer.body);
        for words in [why, kept] {
            assert!(
                words.split('|').any(|word| answer.body.contains(word)),
                "{path} {words}\n{}",
                answer.body
            );
        }
    }
    assert_eq!(page.get("/setup/nowhere").await.status, 404);
    assert_eq!(page.store.settings().await.unwrap().owner_number(), None);
}

#[tokio::test]
async fn a_code_proves_only_the_number_it_was_sent_to_and_cannot_be_guessed() {
    let page = at_home().await;
    let set = async |number: &str| {
        let changed = page
            .store
            .change_setting(OWNER_NUMBER, number, Timestamp::UNIX_EPOCH);
        changed.await.unwrap().unwrap();
    };
    let prove = async |code: &str| {
        page.post("/setup/proof", OUR_OWN, &format!("code={code}"))
            .await
            .status
    };
    set(OWNER).await;
    assert_eq!(
        page.location("/setup/code", "").await,
        "/setup/business?said=sent"
    );
    let again = page.post("/setup/code", OUR_OWN, "").await;
    assert!(
        again.status == 422 && again.body.contains("sent just now"),
        "{}",
        again.body
    );
    assert_eq!(page.texts_to(OWNER).await, 1);
    let code = page.code_sent_to(OWNER).await.unwrap();

    // Another number, and back: the code went to neither as far as the box can know.
    let body = format!("business=&number={}", encoded("+12025550122"));
    page.location("/setup/keep/business", &body).await;
    assert_eq!(prove(&code).await, 422);
    set(OWNER).await;
    assert_eq!(
        page.location("/setup/code", "").await,
        "/setup/business?said=sent"
    );
    let code = page.code_sent_to(OWNER).await.unwrap();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        assert_eq!(prove(wrong).await, 422);
    }
    assert_eq!(prove(&code).await, 422, "after five wrong ones it is void");
    assert!(page.store.marks().await.unwrap().proved().is_none());
}

#[tokio::test]
async fn a_line_that_shows_the_owner_s_own_number_is_told_of() {
    let page = at_home().await;
    let changed = page
        .store
        .change_setting(OWNER_NUMBER, OWNER, Timestamp::UNIX_EPOCH);
    changed.await.unwrap().unwrap();
    page.location("/setup/keep/test", "").await;
    let own = SkipReason::Withheld;
    page.skip(
        Caller::Number(number(OWNER)),
        "2026-03-02T15:12:05Z",
        own.clone(),
    )
    .await;
    let now = page.get("/setup/test/now").await.body;
    assert!(
        now.contains("Your own number arrived") && !now.contains("Everything works"),
        "{now}"
    );
    page.skip(Caller::Withheld, "2026-03-02T15:12:09Z", own)
        .await;
    let now = page.get("/setup/test/now").await.body;
    assert!(now.contains("without a number"), "{now}");
}

#[tokio::test]
async fn where_nothing_comes_the_next_code_is_offered() {
    let page = at_home().await;
    let body = format!(
        "box_number={}&carrier={}",
        encoded("+12025550199"),
        encoded("AT&T, Cricket, FirstNet")
    );
    page.location("/setup/keep/forwarding", &body).await;
    page.location("/setup/keep/test", "").await;
    let begun = page.get("/setup/test/now").await.body;
    assert!(!begun.contains("Try another code"), "{begun}");
    later(std::time::Duration::from_secs(61)).await;
    let waited = page.get("/setup/test/now").await.body;
    assert!(
        waited.contains("No call has come for a minute.") && waited.contains("Try another code"),
        "{waited}"
    );
    let mut seen = Vec::new();
    for _ in 0..4 {
        let shown = page.get("/setup/forwarding").await.body;
        let dial = shown.split("class=\"dial\">").nth(1).unwrap();
        seen.push(
            dial.split("<code>")
                .nth(1)
                .unwrap()
                .split('<')
                .next()
                .unwrap()
                .to_owned(),
        );
        assert_eq!(
            page.location("/setup/way", "").await,
            "/setup/forwarding#code"
        );
    }
    assert_eq!(
        seen,
        [
            "**61*+12025550199#",
            "*004*2025550199#",
            "*922025550199#",
            "**61*+12025550199#"
        ]
    );
}

#[tokio::test]
async fn the_message_can_be_texted_to_the_owner() {
    let page = at_home().await;
    assert!(!page.get("/").await.body.contains("Text it to me"));
    assert_eq!(
        page.location("/message/test", "").await,
        "/settings#owner-number"
    );
    let changed = page
        .store
        .change_setting(OWNER_NUMBER, OWNER, Timestamp::UNIX_EPOCH);
    changed.await.unwrap().unwrap();
    assert!(page.get("/").await.body.contains("Text it to me"));
    assert_eq!(page.location("/message/test", "").await, "/?tested#message");
    // Pressed twice is meant once.
    page.location("/message/test", "").await;
    assert_eq!(page.texts_to(OWNER).await, 1);
    assert!(
        page.get("/?tested")
            .await
            .body
            .contains("On its way to your phone.")
    );
}
