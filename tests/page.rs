//! The page over a loopback socket, on a real store: what it shows, what it changes, and whom it refuses.

#![expect(clippy::unwrap_used, reason = "the helpers are tests too")]

#[path = "page/advice.rs"]
mod advice;
#[path = "page/alerts.rs"]
mod alerts;
#[path = "page/api.rs"]
mod api;
#[path = "page/client.rs"]
mod client;
#[path = "page/conversations.rs"]
mod conversations;
#[path = "page/door.rs"]
mod door;
#[path = "page/health.rs"]
mod health;
#[path = "page/hostile.rs"]
mod hostile;
#[path = "page/languages.rs"]
mod languages;
#[path = "page/messages.rs"]
mod messages;
#[path = "page/outlets.rs"]
mod outlets;
#[path = "page/people.rs"]
mod people;
#[path = "page/phrases.rs"]
mod phrases;
#[path = "page/settings.rs"]
mod settings;
#[path = "page/setup.rs"]
mod setup;
#[path = "page/the_box.rs"]
mod the_box;
#[path = "page/tls.rs"]
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use textback::clock::Clock;
use textback::modem::{Facts, ModemState, Registrations, Rung, Signal, Stage};
use textback::phone::PhoneNumber;
use textback::rules::{Caller, Decision, Fence, SkipReason};
use textback::settings::{BUSINESS_NAME, MESSAGE_MISSED_CALL};
use textback::sms;
use textback::store::{EndedCall, NewReply, NewText, Next, Store, file_in};
use textback::text::{Failure, Report, ReportOutcome, TextKind, Transition};
use textback::web;
use textback::wording::Occasion;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use client::{Answer, News, Request, SOON};
use door::later;

/// 10:12 in New York.
/// Why one was not texted.
const DAY_CAP: SkipReason = SkipReason::Fence {
    fence: Fence::Day,
    most: Some(200),
};
const NOW: &str = "2026-03-02T15:12:00Z";
const ANNA: &str = "+12025550143";
const OUR_OWN: &str = "Origin: http://127.0.0.1:8080\r\nSec-Fetch-Site: same-origin\r\n";

/// A page that is being served, and the browser of somebody who is signed in.
struct Page {
    store: Store,
    dir: tempfile::TempDir,
    modem: watch::Sender<ModemState>,
    state: web::State,
    address: SocketAddr,
    /// The line that the browser sends with every request.
    cookie: String,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

async fn serve(demo: bool) -> Page {
    let dir = tempfile::tempdir().unwrap();
    let zone = TimeZone::get("America/New_York").unwrap();
    let store = Store::open(dir.path()).unwrap().in_zone(zone);
    let modem = watch::Sender::new(armed());
    // No password is typed here, so it need not be a slow one.
    store.set_password("unused".to_owned()).await.unwrap();
    let session = store.begin_session(at(NOW)).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let state = web::State {
        store: store.clone(),
        modem: modem.subscribe(),
        clock: Clock::simulated(at(NOW)),
        demo,
        signals: web::SignalDay::default(),
        sim_country: web::SimCountry::default(),
        log: web::LogTail::default(),
        restart: Some(CancellationToken::new()),
        tls: None,
        name: None,
    };
    let server = tokio::spawn(web::serve(listener, state.clone(), stop.clone()));
    Page {
        store,
        dir,
        modem,
        state,
        address,
        cookie: format!("Cookie: textback_session={session}\r\n"),
        stop,
        server,
    }
}

impl Page {
    async fn get(&self, path: &str) -> Answer {
        let request = Request {
            path,
            headers: &self.cookie,
            ..Request::default()
        };
        request.answer(self.address).await
    }

    async fn post(&self, path: &str, headers: &str, body: &str) -> Answer {
        let request = Request {
            method: "POST",
            path,
            headers: &format!("{}{headers}", self.cookie),
            body: body.as_bytes(),
            ..Request::default()
        };
        request.answer(self.address).await
    }

    async fn listen(&self) -> News {
        let request = Request {
            path: "/events",
            headers: &self.cookie,
            ..Request::default()
        };
        request.open(self.address).await
    }

    async fn text(&self, caller: &str, when: &str) {
        let text = NewText {
            kind: TextKind::MissedCall,
            number: number(caller),
            body: "Sorry".to_owned(),
            late: None,
        };
        let call = ended(Caller::Number(number(caller)), when);
        let judged = self.store.end_call(call, move |_, _| {
            (Decision::Text(Occasion::MissedCall), Some(text.clone()))
        });
        judged.await.unwrap();
    }

    async fn skip(&self, caller: Caller, when: &str, reason: SkipReason) {
        let call = ended(caller, when);
        let judged = self
            .store
            .end_call(call, move |_, _| (Decision::Skip(reason.clone()), None));
        judged.await.unwrap();
    }

    async fn claim(&self) -> i64 {
        let send = |_: &_, _: &_, _: &[_]| Transition::Send {
            again: false,
            late: false,
        };
        match self.store.claim_next(at(NOW), send).await.unwrap() {
            Next::Send(text) => text.id,
            other => panic!("nothing to send: {other:?}"),
        }
    }

    async fn receive(&self, sender: Option<&str>, body: &str) {
        let reply = NewReply {
            sender: sender.map(str::to_owned),
            body: body.to_owned(),
            keyword: None,
            confirmation: None,
            danger: None,
            advice: None,
            notice: None,
            is_picture: false,
            home: None,
            hindrance: None,
        };
        let kept = self
            .store
            .receive(body, None, at(NOW), move |_| reply.clone());
        kept.await.unwrap();
    }
}

fn armed() -> ModemState {
    ModemState::Armed {
        facts: Arc::new(Facts {
            operator: Some("Example Mobile".to_owned()),
            imsi: Some("310150123456789".to_owned()),
            ..Facts::default()
        }),
        signal: Some(Signal { rssi: 20 }),
        registrations: Registrations::default(),
    }
}

fn at(when: &str) -> Timestamp {
    when.parse().unwrap()
}

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text, None).unwrap()
}

fn ended(caller: Caller, when: &str) -> EndedCall {
    EndedCall {
        row: None,
        caller,
        started_at: at(when),
        ended_at: at(when),
        rings: 3,
        picked_up: false,
        decided_at: at(when),
        sim_number: Vec::new(),
        sim_region: None,
    }
}

/// A value as a form sends it.
fn encoded(value: &str) -> String {
    let byte = |byte: &u8| format!("%{byte:02X}");
    value.as_bytes().iter().map(byte).collect()
}

fn form(business: &str, message: &str) -> String {
    format!(
        "business={}&message={}",
        encoded(business),
        encoded(message)
    )
}

#[tokio::test]
async fn every_call_is_shown_with_what_became_of_it() {
    let page = serve(false).await;
    page.text(ANNA, "2026-03-02T15:10:00Z").await;
    let id = page.claim().await;
    let taken = page.store.part_taken(id, 1, 1, Some(7), at(NOW));
    taken.await.unwrap();
    let report = Report {
        reference: 7,
        recipient: ANNA.to_owned(),
        stamp: None,
        outcome: ReportOutcome::Delivered,
    };
    page.store.reported(report, at(NOW)).await.unwrap();
    let withheld = SkipReason::Withheld;
    page.skip(Caller::Withheld, "2026-03-02T14:00:00Z", withheld.clone())
        .await;
    page.skip(Caller::Withheld, "2026-02-27T14:00:00Z", DAY_CAP)
        .await;

    let answer = page.get("/").await;
    assert_eq!(answer.status, 200);
    for expected in [
        "Ready.",
        "2 missed calls today, 1 texted.",
        "(202) 555-0143",
        "tel:+12025550143",
        "3 rings",
        ">10:10<",
        "Texted at 10:12, delivered.",
        &withheld.sentence(),
        "Example Mobile, strong signal",
        "Friday: 1 missed call, 0 texted, 0 answered.",
        "Today: 2 missed calls, 1 texted, 0 answered.",
    ] {
        assert!(
            answer.body.contains(expected),
            "{expected}\n{}",
            answer.body
        );
    }
    assert!(!answer.body.contains("Demo."));
    let today = answer.body.find(&withheld.sentence()).unwrap();
    let earlier = answer.body.find("Earlier calls").unwrap();
    let friday = answer.body.find(&DAY_CAP.sentence()).unwrap();
    assert!(today < earlier && earlier < friday);
}

#[tokio::test]
async fn a_text_that_waits_or_failed_says_so() {
    let page = serve(true).await;
    page.text(ANNA, NOW).await;
    let now = page.get("/now").await.body;
    assert!(now.contains("The text is waiting to go out."), "{now}");
    let id = page.claim().await;
    let error = "the network refused it".to_owned();
    page.store
        .settle(id, Transition::Fail(Failure::Unsendable(error)), at(NOW))
        .await
        .unwrap();
    let now = page.get("/now").await.body;
    let expected = "The text could not be sent. The network refused it.";
    assert!(now.contains(expected), "{now}");
    assert!(
        now.contains("1 missed call today. 1 text could not be sent."),
        "{now}"
    );
    assert!(page.get("/").await.body.contains("Demo."));
}

#[tokio::test]
async fn what_strangers_send_stays_text() {
    let page = serve(false).await;
    let body = "<script>alert(1)</script>\"'&\u{202e}evil\u{7}";
    page.receive(Some("<b>Bank</b>"), body).await;
    page.receive(Some(ANNA), &"long ".repeat(400)).await;
    page.receive(None, "who am I").await;
    let digits = "\"><img src=x>".to_owned();
    let reason = SkipReason::NoCallerId;
    page.skip(Caller::Unreadable(digits), NOW, reason).await;
    page.store
        .change_setting(BUSINESS_NAME, "<i>Ann</i> \"&\"", Timestamp::UNIX_EPOCH)
        .await
        .unwrap()
        .unwrap();

    let shown = page.get("/").await.body;
    for forbidden in ["<script>alert", "<b>", "<img", "<i>", "\u{202e}", "\u{7}"] {
        assert!(!shown.contains(forbidden), "{forbidden:?}\n{shown}");
    }
    assert!(
        shown.contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
        "{shown}"
    );
    assert!(shown.contains("Unknown sender"));
    let long = shown.matches("long ").count();
    assert!((100..200).contains(&long) && shown.contains('…'), "{long}");
    assert!(!shown.contains("style=") && !shown.contains("onclick"));
}

#[tokio::test]
async fn nobody_is_answered_who_calls_the_box_by_a_name_not_its_own() {
    let page = serve(false).await;
    for (host, status) in [
        ("localhost:9", 200),
        ("[::1]:8080", 200),
        ("rebound.example.com:8080", 421),
    ] {
        for path in ["/", "/now", "/healthz"] {
            let request = Request {
                host,
                path,
                headers: &page.cookie,
                ..Request::default()
            };
            let answer = request.answer(page.address).await;
            assert_eq!(answer.status, status, "{host} {path}");
        }
    }
    let target = Request {
        path: "http://rebound.example.com/",
        ..Request::default()
    };
    assert_eq!(target.answer(page.address).await.status, 421);
}

#[tokio::test]
async fn changes_come_from_our_own_page_alone() {
    let page = serve(false).await;
    let body = form("Ann's", "");
    for (headers, status) in [
        ("Sec-Fetch-Site: cross-site\r\n", 403),
        ("Sec-Fetch-Site: same-site\r\n", 403),
        ("Origin: http://evil.example\r\n", 403),
        ("Origin: null\r\n", 403),
        (OUR_OWN, 303),
    ] {
        assert!(
            page.store
                .settings()
                .await
                .unwrap()
                .business_name()
                .is_none()
        );
        let answer = page.post("/message", headers, &body).await;
        assert_eq!(answer.status, status, "{headers}");
    }
    let settings = page.store.settings().await.unwrap();
    assert_eq!(settings.business_name(), Some("Ann's"));
    assert_eq!(page.get("/message").await.status, 405);
}

#[tokio::test]
async fn a_message_is_saved_and_a_bad_one_comes_back_with_the_reason() {
    let page = serve(false).await;
    let message = "Hi, {business} here.\r\nBack at five.";
    let answer = page
        .post("/message", OUR_OWN, &form("Ann's", message))
        .await;
    assert_eq!(answer.status, 303);
    let back = answer.header("location").unwrap().to_owned();
    assert_eq!(back, "/?saved#message");
    let shown = page.get("/?saved").await.body;
    for expected in [
        "Saved.",
        "value=\"Ann's\"",
        "Hi, {business} here.\nBack at five.",
    ] {
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }

    let bad = "Sorry, {nmae} is out.";
    let answer = page.post("/message", OUR_OWN, &form("Bob's", bad)).await;
    assert_eq!(answer.status, 422);
    for expected in [
        bad,
        "value=\"Bob's\"",
        "{nmae} stands for nothing",
        "role=\"alert\"",
        " autofocus",
    ] {
        assert!(
            answer.body.contains(expected),
            "{expected}\n{}",
            answer.body
        );
    }
    assert!(
        !answer.body.contains("http-equiv"),
        "typed words are not thrown away"
    );
    let settings = page.store.settings().await.unwrap();
    assert_eq!(settings.business_name(), Some("Ann's"), "neither was kept");

    // Each of the two by itself would be refused for the other's sake.
    for (business, message) in [("", "Sorry, call later."), ("Bob's", "{business} is out.")] {
        let answer = page
            .post("/message", OUR_OWN, &form(business, message))
            .await;
        assert_eq!(
            answer.status, 303,
            "{business:?} {message:?}\n{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn a_message_and_a_name_are_kept_together_or_not_at_all() {
    for fails in [BUSINESS_NAME, MESSAGE_MISSED_CALL] {
        let page = serve(false).await;
        let file = rusqlite::Connection::open(file_in(page.dir.path())).unwrap();
        file.execute_batch(&format!(
            "CREATE TRIGGER full BEFORE INSERT ON settings WHEN new.key = '{fails}'
             BEGIN SELECT raise(ABORT, 'the card died'); END"
        ))
        .unwrap();
        let body = form("Ann's", "{business} is out.");
        let answer = page.post("/message", OUR_OWN, &body).await;
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert!(answer.body.contains("the card died"), "{}", answer.body);
        let settings = page.store.settings().await.unwrap();
        assert_eq!(settings.business_name(), None, "{fails} failed");
        assert_eq!(settings.missed_call_message(), None, "{fails} failed");
    }
}

#[tokio::test]
async fn the_preview_counts_as_the_codec_does() {
    let page = serve(false).await;
    let text = |words: &str| format!("Ann's. {words}");
    for words in ["Sorry.", &"long ".repeat(40), "Sorry 🔧", "5€ [x]"] {
        let message = format!("{{business}}. {words}");
        let answer = page
            .post("/preview", OUR_OWN, &form("Ann's", &message))
            .await;
        let measure = sms::measure(text(words).trim());
        let parts = if measure.parts == 1 { "text" } else { "texts" };
        let expected = format!(
            "{} characters, sent as {} {parts}. {} more fit.",
            measure.units, measure.parts, measure.units_left_in_last_part
        );
        assert_eq!(answer.status, 200);
        assert!(
            answer.body.contains(&expected),
            "{expected}\n{}",
            answer.body
        );
        assert!(answer.body.contains(text(words).trim()), "{}", answer.body);
    }
    let refused = page
        .post("/preview", OUR_OWN, &form("Ann's", "Sorry."))
        .await;
    assert!(
        refused.body.contains("must say {business}"),
        "{}",
        refused.body
    );
    let settings = page.store.settings().await.unwrap();
    assert!(
        settings.business_name().is_none(),
        "a preview keeps nothing"
    );
}

#[tokio::test]
async fn open_pages_hear_of_changes_until_the_box_stops() {
    let page = serve(false).await;
    let mut news = page.listen().await;
    news.wait_for(1).await;
    page.receive(Some(ANNA), "hello").await;
    news.wait_for(2).await;
    page.modem.send_replace(ModemState::default());
    news.wait_for(3).await;
    page.stop.cancel();
    news.end().await;
    let served = tokio::time::timeout(SOON, page.server).await;
    served.expect("the server ends").unwrap();
}

#[tokio::test]
async fn one_open_page_too_many_is_refused_until_another_leaves() {
    let page = serve(false).await;
    let mut open = Vec::new();
    for _ in 0..web::STREAMS_MAX {
        let mut news = page.listen().await;
        news.wait_for(1).await;
        open.push(news);
    }
    let refused = page.get("/events").await;
    assert_eq!(refused.status, 503);
    assert!(refused.header("retry-after").is_some());
    open.pop();
    // The server notices at the next word it has for the one who left.
    page.receive(Some(ANNA), "hello").await;
    let again = async {
        loop {
            let mut news = page.listen().await;
            if news.opened().await {
                return news;
            }
        }
    };
    let mut news = tokio::time::timeout(SOON, again).await.unwrap();
    news.wait_for(1).await;
}

#[tokio::test]
async fn a_body_is_bounded() {
    let page = serve(false).await;
    let room = web::BODY_BYTES_MAX - "business=&message=".len();
    for (length, status) in [(room, 422), (room + 1, 413)] {
        let body = format!("business=&message={}", "x".repeat(length));
        let answer = page.post("/message", OUR_OWN, &body).await;
        assert_eq!(answer.status, status, "{length} characters");
    }
}

#[tokio::test]
async fn nothing_comes_from_elsewhere_and_nothing_stays_behind() {
    let page = serve(false).await;
    let shown = page.get("/").await;
    let policy = shown.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"));
    assert_eq!(shown.header("cache-control"), Some("no-store"));
    assert!(!shown.body.contains("//"), "an address elsewhere");
    let mut bytes = shown.body.len();
    let mut assets = 0;
    for piece in shown.body.split("=\"/assets/").skip(1) {
        let path = format!("/assets/{}", piece.split('"').next().unwrap());
        let asset = page.get(&path).await;
        assert_eq!(asset.status, 200, "{path}");
        assert!(asset.header("cache-control").unwrap().contains("immutable"));
        assert!(
            asset
                .header("content-type")
                .is_some_and(|kind| kind.starts_with("text/") || kind.starts_with("image/"))
        );
        bytes += asset.body.len();
        assets += 1;
    }
    assert_eq!(assets, 3);
    assert!(bytes < 50 * 1024, "{bytes} bytes");
    for path in ["/assets/0/style.css", "/assets/x/../Cargo.toml", "/nowhere"] {
        let answer = page.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.header("content-security-policy").is_some(), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}

#[tokio::test]
async fn a_change_made_elsewhere_is_shown() {
    let page = serve(false).await;
    let body = form("Ann's", "{business} is out.");
    page.post("/message", OUR_OWN, &body).await;
    for (key, value) in [(BUSINESS_NAME, "Bob's"), (MESSAGE_MISSED_CALL, "")] {
        let changed = page
            .store
            .change_setting(key, value, Timestamp::UNIX_EPOCH)
            .await;
        assert_eq!(changed.unwrap().unwrap(), value);
    }
    let shown = page.get("/").await.body;
    assert!(shown.contains("Hi, this is Bob's. Sorry"), "{shown}");
}
