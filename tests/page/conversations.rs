//! Conversations on the page: shown, looked through, answered and closed.

use textback::settings::OWNER_NUMBER;

use super::*;

const OWNER: &str = "+12025550190";
const BEN: &str = "+12025550188";

impl Page {
    async fn sets(&self, key: &str, value: &str) {
        self.store
            .change_setting(key, value, Timestamp::UNIX_EPOCH)
            .await
            .unwrap()
            .unwrap();
    }

    async fn answers(&self, number: &str, words: &str) -> Answer {
        let body = format!("number={}&words={}", encoded(number), encoded(words));
        self.post("/conversations/answer", OUR_OWN, &body).await
    }

    async fn concludes(&self, number: &str, outcome: &str, amount: &str) -> Answer {
        let (number, amount) = (encoded(number), encoded(amount));
        let body = format!("number={number}&outcome={outcome}&amount={amount}");
        self.post("/conversations/outcome", OUR_OWN, &body).await
    }

    /// The texts on their way to a number, and what they are.
    async fn queued_for(&self, number: &str) -> Vec<(String, String)> {
        let (_, data) = (self.dir.path(), self.dir.path().to_owned());
        let number = number.to_owned();
        let read = move || textback::store::read_everything(&data).unwrap().texts;
        let texts = tokio::task::spawn_blocking(read).await.unwrap();
        let to_them = texts
            .into_iter()
            .filter(|text| text.number.as_deref() == Some(&number) && text.direction == "out");
        to_them.map(|text| (text.state, text.body)).collect()
    }
}

fn says(answer: &Answer, expected: &str) {
    assert!(
        answer.body.contains(expected),
        "{expected}\n{}",
        answer.body
    );
}

#[tokio::test]
async fn who_wrote_is_listed_found_and_shown_with_all_that_was_said() {
    let page = serve(false).await;
    says(&page.get("/").await, "href=\"/conversations\"");
    says(&page.get("/conversations").await, "Nobody has written yet.");
    page.text(ANNA, "2026-03-02T15:05:00Z").await;
    page.receive(Some(ANNA), "my <b>sink</b> leaks").await;
    page.receive(Some(BEN), "Hello").await;
    page.receive(Some("BANK"), "Your code is 1").await;

    let list = page.get("/conversations").await;
    assert_eq!(list.status, 200);
    says(&list, "my &lt;b&gt;sink&lt;/b&gt; leaks");
    says(&list, "Waits for your answer.");
    says(&list, "(202) 555-0188");
    assert!(!list.body.contains("BANK"), "a name cannot be answered");
    for (sought, found) in [
        ("sink", true),
        ("555-0143", true),
        ("0188", false),
        ("SINK", true),
        ("tap", false),
    ] {
        let list = page.get(&format!("/conversations?sought={sought}")).await;
        assert_eq!(list.body.contains("(202) 555-0143"), found, "{sought}");
    }
    says(
        &page.get("/conversations?sought=tap").await,
        "Nobody of that name, number or word.",
    );

    let thread = page.get("/conversations/+12025550143").await;
    assert_eq!(thread.status, 200);
    let at = |text: &str| {
        thread
            .body
            .find(text)
            .unwrap_or_else(|| panic!("{text}: {}", thread.body))
    };
    assert!(
        at("Sorry") < at("my &lt;b&gt;sink&lt;/b&gt; leaks"),
        "oldest first"
    );
    says(&thread, "href=\"tel:+12025550143\"");
    says(&thread, "/people?number=%2B12025550143");
    for nobody in [
        "/conversations/+12025550199",
        "/conversations/BANK",
        "/conversations/%00",
    ] {
        let answer = page.get(nobody).await;
        assert_eq!(answer.status, 404, "{nobody}");
        says(&answer, "No such conversation");
    }
}

#[tokio::test]
async fn an_answer_goes_to_the_caller_once_and_others_are_told() {
    let page = serve(false).await;
    page.sets(OWNER_NUMBER, OWNER).await;
    page.receive(Some(ANNA), "my sink leaks").await;
    let told_before = page.queued_for(OWNER).await.len();
    for _ in 0..2 {
        let answer = page.answers(ANNA, " We come at 5 \u{2013} promised ").await;
        assert_eq!(answer.status, 303);
        assert_eq!(
            answer.header("location"),
            Some("/conversations/+12025550143?did=answered#said")
        );
    }
    let sent = ("queued".to_owned(), "We come at 5 - promised".to_owned());
    assert_eq!(page.queued_for(ANNA).await, [sent]);
    let told = page.queued_for(OWNER).await.split_off(told_before);
    let [(_, told)] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(
        told,
        "Answered on the page, to #1 (202) 555-0143: We come at 5 - promised"
    );
    let thread = page.get("/conversations/+12025550143?did=answered").await;
    for shown in ["On its way.", "We come at 5 - promised", "on its way"] {
        says(&thread, shown);
    }
    says(&page.get("/conversations").await, "Answered.");

    // It was answered, so the next words are told to nobody twice.
    page.answers(ANNA, "Bring a bucket").await;
    assert_eq!(page.queued_for(ANNA).await.len(), 2);
    assert_eq!(page.queued_for(OWNER).await.len(), told_before + 1);
}

#[tokio::test]
async fn what_cannot_be_sent_comes_back_with_the_reason_and_the_words() {
    let page = serve(false).await;
    page.text(BEN, "2026-03-02T15:05:00Z").await;
    page.receive(Some(ANNA), "my sink leaks").await;
    let long = "It will take a while. ".repeat(90);
    for (number, words, status, why) in [
        (ANNA, "  \r\n ", 422, "Write something first."),
        (ANNA, &long, 422, "That is too long"),
        (BEN, "Buy our pipes", 404, "No such conversation"),
        ("BANK", "Hello", 404, "No such conversation"),
    ] {
        let answer = page.answers(number, words).await;
        assert_eq!(answer.status, status, "{words:.20}");
        says(&answer, why);
    }
    says(
        &page.answers(ANNA, &long).await,
        "It will take a while. It will",
    );
    assert_eq!(page.queued_for(ANNA).await, []);
    assert_eq!(page.queued_for(BEN).await.len(), 1, "what the call brought");
    let elsewhere = "Origin: http://evil.example\r\nSec-Fetch-Site: cross-site\r\n";
    let body = format!("number={}&words=Hi", encoded(ANNA));
    let forged = page.post("/conversations/answer", elsewhere, &body).await;
    assert_eq!((forged.status, page.queued_for(ANNA).await.len()), (403, 0));
}

#[tokio::test]
async fn what_came_of_it_is_written_down_and_taken_back() {
    let page = serve(false).await;
    page.receive(Some(ANNA), "my sink leaks").await;
    for (outcome, amount, shown) in [
        ("won", "$1,200.50", "Won, 1200.50."),
        ("won", "", "Won."),
        ("lost", "450", "Lost."),
        ("not_a_lead", "", "No job."),
        ("open", "", "Waits for your answer."),
    ] {
        assert_eq!(
            page.concludes(ANNA, outcome, amount).await.status,
            303,
            "{outcome}"
        );
        says(&page.get("/conversations").await, shown);
    }
    let refused = page.concludes(ANNA, "won", "a lot").await;
    assert_eq!(refused.status, 422);
    says(&refused, "\u{201c}a lot\u{201d} is no sum.");
    assert_eq!(page.concludes(ANNA, "stolen", "").await.status, 422);
    assert_eq!(page.concludes(BEN, "won", "").await.status, 404);
    // Who wants no more texts waits for none.
    page.receive(Some(BEN), "STOP").await;
    page.concludes(ANNA, "lost", "").await;
    assert!(!page.get("/conversations").await.body.contains("Waits for"));
}

#[tokio::test]
async fn what_those_who_wrote_back_may_bring_is_shown_if_a_job_has_a_value() {
    let page = serve(false).await;
    page.text(ANNA, "2026-03-02T15:05:00Z").await;
    page.receive(Some(BEN), "who is this?").await;
    assert!(
        !page.get("/").await.body.contains("wrote back"),
        "he was never texted"
    );
    let id = page.claim().await;
    let taken = page.store.part_taken(id, 1, 1, Some(7), at(NOW));
    taken.await.unwrap();
    page.receive(Some(ANNA), "my sink leaks").await;
    page.receive(Some(ANNA), "all over the floor").await;
    says(&page.get("/").await, "1 caller wrote back.");
    page.sets("business.job_value", "450").await;
    says(
        &page.get("/").await,
        "1 caller wrote back: about 450 in jobs at 450 each.",
    );
}
