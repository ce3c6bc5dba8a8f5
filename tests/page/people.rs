//! The lists of people on the page: by hand, from a file, and what is refused.

use textback::address_book::FILE_BYTES_MAX;
use textback::store::List;

use super::*;

impl Page {
    pub(super) async fn import(&self, list: &str, file: &[u8]) -> Answer {
        let edge = "----edge";
        let head = format!(
            "--{edge}\r\nContent-Disposition: form-data; name=\"list\"\r\n\r\n{list}\r\n\
             --{edge}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.vcf\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        let body = [
            head.as_bytes(),
            file,
            format!("\r\n--{edge}--\r\n").as_bytes(),
        ]
        .concat();
        let request = Request {
            method: "POST",
            path: "/people/import",
            content_type: "multipart/form-data; boundary=----edge",
            headers: &format!("{OUR_OWN}{}", self.cookie),
            body: &body,
            ..Request::default()
        };
        request.answer(self.address).await
    }

    async fn numbers(&self, list: List) -> Vec<String> {
        let people = self.store.people(list, "", 0, 100).await.unwrap().people;
        people.into_iter().map(|person| person.number).collect()
    }
}

fn person(list: &str, number: &str, name: &str) -> String {
    let (number, name) = (encoded(number), encoded(name));
    format!("list={list}&number={number}&name={name}")
}

fn has(answer: &Answer, expected: &[&str]) {
    for expected in expected {
        assert!(
            answer.body.contains(expected),
            "{expected}\n{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn people_are_added_found_and_removed_by_hand() {
    let page = serve(false).await;
    has(&page.get("/").await, &["href=\"/people\""]);
    for list in List::ALL {
        let token = list.token();
        let added = page
            .post(
                "/people/add",
                OUR_OWN,
                &person(token, "(202) 555-0143", "Ann & Co"),
            )
            .await;
        assert_eq!(added.status, 303, "{}", added.body);
        let back = added.header("location").unwrap().to_owned();
        assert_eq!(back, format!("/people?did=added&at={token}#{token}"));
        assert_eq!(page.numbers(list).await, [ANNA]);
        let shown = page.get(back.split('#').next().unwrap()).await;
        assert_eq!(shown.status, 200);
        has(&shown, &["Added.", "Ann &amp; Co", "(202) 555-0143"]);
    }
    has(
        &page.get("/people").await,
        &["Since today", "They asked you to text them again"],
    );
    has(&page.get("/people?sought=ann").await, &["Ann &amp; Co"]);
    has(
        &page.get("/people?list=contacts&sought=%28202%29+555").await,
        &["Ann &amp; Co"],
    );
    let none = page.get("/people?list=contacts&sought=ben").await;
    has(&none, &["Nobody like that."]);
    assert!(!none.body.contains("never-text"), "one list alone");

    let removal = person("opted-out", ANNA, "");
    let refused = page.post("/people/remove", OUR_OWN, &removal).await;
    assert_eq!(refused.status, 422);
    has(&refused, &["until they ask you", "role=\"alert\""]);
    assert_eq!(page.numbers(List::OptedOut).await, [ANNA]);
    for list in List::ALL {
        let removal = format!("{}&asked=yes", person(list.token(), ANNA, ""));
        let removed = page.post("/people/remove", OUR_OWN, &removal).await;
        assert_eq!(removed.status, 303);
        assert_eq!(page.numbers(list).await, [""; 0]);
    }
}

#[tokio::test]
async fn what_is_no_number_comes_back_with_the_reason() {
    let page = serve(false).await;
    let refused = page
        .post(
            "/people/add",
            OUR_OWN,
            &person("contacts", "12 <b>", "Ann \"A\""),
        )
        .await;
    assert_eq!(refused.status, 422);
    has(
        &refused,
        &[
            "is not a phone number",
            "value=\"12 &lt;b&gt;\"",
            "value=\"Ann &quot;A&quot;\"",
            "<details open",
        ],
    );
    for path in ["/people/add", "/people/remove", "/people/strangers"] {
        let odd = page
            .post(path, OUR_OWN, &person("everybody", ANNA, ""))
            .await;
        assert_eq!(odd.status, 422, "{path}");
        let foreign = page
            .post(
                path,
                "Origin: http://evil.example\r\n",
                &person("contacts", ANNA, ""),
            )
            .await;
        assert_eq!(foreign.status, 403, "{path}");
    }
    for list in List::ALL {
        assert_eq!(page.numbers(list).await, [""; 0]);
    }
}

#[tokio::test]
async fn files_of_both_kinds_are_taken_and_what_was_left_out_is_told() {
    let page = serve(false).await;
    let cards = b"BEGIN:VCARD\r\nFN:Ann\r\nTEL:(202) 555-0143\r\nTEL:*86\r\nEND:VCARD\r\nBEGIN:VCARD\r\nFN:Mail\r\nEND:VCARD\r\n";
    let taken = page.import("never-text", cards).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    has(
        &taken,
        &[
            "1 number added.",
            "Line 4 (Ann):",
            "1 contact without a phone number",
            "(202) 555-0143",
        ],
    );
    let table = b"Name,Mobile\nAnn,2025550143\nBen,+1 202 555 0188\n";
    let taken = page.import("never-text", table).await;
    has(&taken, &["1 number added. 1 was on the list already."]);
    assert_eq!(page.numbers(List::NeverText).await, [ANNA, "+12025550188"]);
    assert_eq!(page.numbers(List::Contacts).await, [""; 0]);
}

#[tokio::test]
async fn a_file_that_is_refused_says_why_and_leaves_nothing() {
    let page = serve(false).await;
    let large = vec![b'7'; FILE_BYTES_MAX + 100_000];
    for (file, why) in [
        (&b""[..], "is empty"),
        (b"PK\x03\x04", "save it as CSV"),
        (b"Dear Ann,\nhow are you?", "no phone number"),
        (&large, "larger than 2 MB"),
    ] {
        let refused = page.import("contacts", file).await;
        assert_eq!(refused.status, 422, "{why}");
        has(&refused, &[why, "role=\"alert\""]);
    }
    assert_eq!(page.import("opted-out", b"2025550143").await.status, 422);
    for list in List::ALL {
        assert_eq!(page.numbers(list).await, [""; 0]);
    }
    let beyond = vec![b'7'; web::UPLOAD_BYTES_MAX + 1];
    assert_eq!(page.import("contacts", &beyond).await.status, 413);
    let body = format!("list=contacts&number={}", "1".repeat(web::BODY_BYTES_MAX));
    assert_eq!(page.post("/people/add", OUR_OWN, &body).await.status, 413);
}

#[tokio::test]
async fn hostile_names_are_shown_harmlessly() {
    let page = serve(false).await;
    let file = "Name,Phone\n\"<script>alert(1)</script>\u{202e}\u{7}\",2025550143\n=cmd|x,2025550188\n\"<img src=x>\",<b>12\n";
    let taken = page.import("contacts", file.as_bytes()).await;
    has(
        &taken,
        &["&lt;script&gt;alert(1)", "cmd|x", "2 numbers added"],
    );
    let sought = page
        .get("/people?list=contacts&sought=%22%3E%3Cimg%20src%3Dx%3E")
        .await;
    for shown in [&taken, &sought, &page.get("/people").await] {
        for forbidden in [
            "<script>", "<img", "<b>", "\u{202e}", "\u{7}", "=cmd", "style=", "onclick",
        ] {
            assert!(
                !shown.body.contains(forbidden),
                "{forbidden:?}\n{}",
                shown.body
            );
        }
    }
}

#[tokio::test]
async fn the_switch_leaves_contacts_alone() {
    let page = serve(false).await;
    has(&page.get("/people").await, &["Text only strangers"]);
    let on = page
        .post("/people/strangers", OUR_OWN, "only_strangers=yes")
        .await;
    assert_eq!(on.status, 303);
    assert!(page.store.settings().await.unwrap().only_strangers());
    has(
        &page.get("/people?did=only-strangers&at=contacts").await,
        &["Text my contacts too", "left alone from the next call"],
    );
    page.post("/people/strangers", OUR_OWN, "only_strangers=no")
        .await;
    assert!(!page.store.settings().await.unwrap().only_strangers());
}

#[tokio::test]
async fn a_caller_can_be_put_on_the_list_and_the_reason_names_him() {
    let page = serve(false).await;
    page.text(ANNA, NOW).await;
    has(
        &page.get("/now").await,
        &["/people?number=%2B12025550143#never-text"],
    );
    has(
        &page.get("/people?number=%2B12025550143").await,
        &["<details open", "value=\"+12025550143\""],
    );
    let ann = number(ANNA);
    let listed = page
        .store
        .list_person(List::NeverText, &ann, "Ann", at(NOW));
    listed.await.unwrap().unwrap();
    let call = ended(Caller::Number(ann), NOW);
    let judged = page.store.end_call(call, |facts, settings| {
        (textback::rules::decide(facts, settings), None)
    });
    judged.await.unwrap();
    has(
        &page.get("/now").await,
        &["Not texted: Ann is on your never-text list."],
    );
}

#[tokio::test]
async fn a_long_list_is_shown_in_parts() {
    let page = serve(false).await;
    let file: String = (100..200).map(|n| format!("2025550{n}\n")).collect();
    has(
        &page.import("contacts", file.as_bytes()).await,
        &["100 numbers added.", "Show all 100"],
    );
    let count = |answer: &Answer| answer.body.matches("aria-label=\"Remove").count();
    assert_eq!(count(&page.get("/people").await), 10);
    let first = page.get("/people?list=contacts").await;
    assert_eq!(count(&first), 50);
    has(&first, &["from=50\">More"]);
    assert!(!first.body.contains(">Before<"));
    let last = page.get("/people?list=contacts&from=50").await;
    assert_eq!(count(&last), 50);
    has(&last, &["from=0\">Before"]);
    assert!(!last.body.contains(">More<"));
    has(
        &page
            .get("/people?list=contacts&from=18446744073709551615")
            .await,
        &["Nobody like that."],
    );
}
