//! The door, and attacks on it: docs/door.md lists them. Whoever has no session here has no cookie at all; a browser says that it wants HTML.

use super::*;
use std::time::Duration;

const PASSWORD: &str = "three wet socks";
const HTML: &str = "Accept: text/html,*/*;q=0.8\r\n";

/// Every address that shows or changes something.
const SHOW: [&str; 18] = [
    "/",
    "/now",
    "/events",
    "/conversations",
    "/conversations/now",
    "/conversations/+12025550143",
    "/conversations/+12025550143/now",
    "/people",
    "/people?list=opted-out",
    "/settings",
    "/access",
    "/?saved",
    "/setup",
    "/setup/business",
    "/setup/test/now",
    "/box",
    "/box/now",
    "/messages/after_hours",
];
const CHANGE: [&str; 31] = [
    "/preview",
    "/message",
    "/outlets/again",
    "/conversations/answer",
    "/conversations/outcome",
    "/people/add",
    "/people/remove",
    "/people/strangers",
    "/people/import",
    "/settings",
    "/access/password",
    "/access/sign-out",
    "/access/tokens",
    "/access/tokens/revoke",
    "/message/test",
    "/setup/keep/business",
    "/setup/code",
    "/setup/proof",
    "/setup/keep/hours",
    "/setup/keep/message",
    "/setup/keep/forwarding",
    "/setup/way",
    "/setup/keep/test",
    "/setup/done",
    "/messages/after_hours",
    "/messages/after_hours/preview",
    "/messages/after_hours/test",
    "/messages/after_hours/again",
    "/box/backup",
    "/box/support",
    "/box/restart",
];

/// What a browser without a cookie, or with these headers, gets.
impl Page {
    async fn ask(&self, path: &str, headers: &str) -> Answer {
        let request = Request {
            path,
            headers,
            ..Request::default()
        };
        request.answer(self.address).await
    }

    async fn send(&self, path: &str, headers: &str, body: &str) -> Answer {
        let request = Request {
            method: "POST",
            path,
            headers,
            body: body.as_bytes(),
            ..Request::default()
        };
        request.answer(self.address).await
    }

    async fn sign_in(&self, headers: &str, password: &str) -> Answer {
        let body = format!("password={}", encoded(password));
        self.send("/sign-in", &format!("{OUR_OWN}{headers}"), &body)
            .await
    }

    /// Sets a password as `textback password` does.
    async fn with_password(self) -> Self {
        let hash = textback::door::hash(PASSWORD, &[7; 16]).unwrap();
        self.store.set_password(hash).await.unwrap();
        self
    }
}

/// The cookies that an answer sets, as the browser sends them back.
fn cookies(answer: &Answer) -> String {
    let pairs: Vec<&str> = answer
        .headers("set-cookie")
        .filter_map(|cookie| cookie.split(';').next())
        .collect();
    format!("Cookie: {}\r\n", pairs.join("; "))
}

/// Moves the clock on; sockets need it running otherwise.
pub(super) async fn later(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn without_a_session_nothing_is_shown_and_nothing_changed() {
    let page = serve(false).await.with_password().await;
    page.receive(Some(ANNA), "my sink leaks").await;
    for path in SHOW {
        for headers in [
            "",
            "Cookie: textback_session=guessed\r\n",
            "Authorization: Bearer guessed\r\n",
        ] {
            let answer = page.ask(path, headers).await;
            assert_eq!(answer.status, 401, "{path} {headers}");
            assert!(
                !answer.body.contains("sink") && !answer.body.contains("0143"),
                "{path}"
            );
        }
        let answer = page.ask(path, HTML).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, Some("/sign-in")),
            "{path}"
        );
    }
    for path in CHANGE {
        let body = "business=Evil&message=Evil&key=business.name&value=Evil&list=never-text&number=%2B12025550143&only_strangers=yes";
        let answer = page.send(path, OUR_OWN, body).await;
        assert_eq!(answer.status, 401, "{path}");
    }
    assert_eq!(page.store.settings().await.unwrap().business_name(), None);
}

#[tokio::test]
async fn until_a_password_is_set_there_is_nothing_but_setting_it_with_the_code() {
    let page = serve(false).await;
    let file = rusqlite::Connection::open(file_in(page.dir.path())).unwrap();
    file.execute("DELETE FROM door", []).unwrap();
    for path in SHOW {
        let answer = page.ask(path, HTML).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, Some("/password")),
            "{path}"
        );
        assert_eq!(page.ask(path, "").await.status, 401, "{path}");
    }
    assert_eq!(
        page.ask("/sign-in", HTML).await.header("location"),
        Some("/password")
    );
    let first = page.ask("/password", HTML).await;
    assert_eq!(first.status, 200);
    let code = page.store.first_code().await.unwrap().unwrap();
    assert!(
        !first.body.contains(&code),
        "the page must not tell the code"
    );

    let set = async |code: &str, password: &str| {
        let body = format!("code={}&password={}", encoded(code), encoded(password));
        page.send("/password", OUR_OWN, &body).await
    };
    let wrong = if code == "00000000" {
        "00000001"
    } else {
        "00000000"
    };
    for code in [wrong, "", "🔑"] {
        let answer = set(code, PASSWORD).await;
        assert_eq!(answer.status, 403, "{code:?}");
        assert!(
            answer.body.contains("This is not the code."),
            "{}",
            answer.body
        );
    }
    let short = set(&code, "short").await;
    assert_eq!(short.status, 422);
    assert!(
        short.body.contains("at least 10 characters"),
        "{}",
        short.body
    );
    assert_eq!(page.store.password().await.unwrap(), None);

    // As the log shows it.
    let spaced = format!("{} {}", &code[..4], &code[4..]);
    let answer = set(&spaced, PASSWORD).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, Some("/setup"))
    );
    let home = page.ask("/", &cookies(&answer)).await;
    assert_eq!(home.status, 200, "whoever set it is signed in");

    let again = set(&code, "another good password").await;
    assert_eq!(
        again.header("location"),
        Some("/sign-in"),
        "the code is void"
    );
    assert_eq!(page.sign_in("", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn a_session_begins_with_the_password_and_ends_with_signing_out() {
    let page = serve(false).await.with_password().await;
    assert_eq!(
        page.ask("/", &page.cookie).await.status,
        401,
        "a new password ends old sessions"
    );
    for wrong in [
        "",
        "three wet sock",
        "Three wet socks",
        "\0",
        "three wet socks\0",
    ] {
        let answer = page.sign_in("", wrong).await;
        assert_eq!(answer.status, 403, "{wrong:?}");
        assert!(answer.body.contains("This is not the password."));
        assert_eq!(answer.header("set-cookie"), None);
    }
    // A cookie that somebody planted does not become a session.
    let planted = "Cookie: textback_session=planted\r\n";
    let answer = page.sign_in(planted, PASSWORD).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/")));
    let set: Vec<&str> = answer.headers("set-cookie").collect();
    assert!(
        set.iter()
            .all(|cookie| cookie.contains("HttpOnly; SameSite=Lax")),
        "{set:?}"
    );
    assert_eq!(page.ask("/", planted).await.status, 401);

    let mine = cookies(&answer);
    let theirs = cookies(&page.sign_in("", PASSWORD).await);
    assert_eq!(page.ask("/", &mine).await.status, 200);
    assert_eq!(
        page.ask("/sign-in", &format!("{HTML}{mine}"))
            .await
            .header("location"),
        Some("/")
    );
    let out = page
        .send("/sign-out", &format!("{OUR_OWN}{mine}"), "")
        .await;
    assert_eq!(out.header("location"), Some("/sign-in"));
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(
        page.ask("/", &mine).await.status,
        401,
        "a session that was ended is replayed"
    );
    assert_eq!(page.ask("/", &theirs).await.status, 200);
    page.send("/access/sign-out", &format!("{OUR_OWN}{theirs}"), "")
        .await;
    assert_eq!(page.ask("/", &theirs).await.status, 401);
}

#[tokio::test]
async fn a_new_password_wants_the_old_one_and_ends_every_other_session() {
    let page = serve(false).await.with_password().await;
    let mine = cookies(&page.sign_in("", PASSWORD).await);
    let theirs = cookies(&page.sign_in("", PASSWORD).await);
    let change = async |old: &str, new: &str| {
        let body = format!("old={}&new={}", encoded(old), encoded(new));
        page.send("/access/password", &format!("{OUR_OWN}{mine}"), &body)
            .await
    };
    let wrong = change("wrong", "four dry towels").await;
    assert_eq!(wrong.status, 403);
    assert!(
        wrong.body.contains("The present password is another one."),
        "{}",
        wrong.body
    );
    let common = change(PASSWORD, "password123").await;
    assert_eq!(common.status, 422);
    assert!(
        common.body.contains("first that are tried"),
        "{}",
        common.body
    );
    let done = change(PASSWORD, "four dry towels").await;
    assert_eq!(done.header("location"), Some("/access?did=password"));
    assert_eq!(page.ask("/access", &cookies(&done)).await.status, 200);
    for old in [&mine, &theirs] {
        assert_eq!(page.ask("/", old).await.status, 401);
    }
    assert_eq!(page.sign_in("", PASSWORD).await.status, 403);
    assert_eq!(page.sign_in("", "four dry towels").await.status, 303);
}

#[tokio::test]
async fn who_guesses_is_slowed_down_and_shuts_out_nobody_who_was_here_before() {
    let page = serve(false).await.with_password().await;
    let signed_in = cookies(&page.sign_in("", PASSWORD).await);
    let mut tries = 0;
    let stopped = loop {
        let answer = page.sign_in("", "a wrong guess").await;
        match answer.status {
            403 => tries += 1,
            _ => break answer,
        }
        assert!(tries < 100, "nobody stops it");
    };
    // Some come back while the others are looked at.
    assert!((20..30).contains(&tries), "{tries} tries");
    assert_eq!(stopped.status, 429);
    assert!(stopped.body.contains("too many tries"), "{}", stopped.body);
    let wait: u64 = stopped.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=6).contains(&wait), "{wait} s");
    assert_eq!(
        page.sign_in("", PASSWORD).await.status,
        429,
        "a right guess too"
    );

    // Behind the same address: who is signed in, and whose browser has been.
    assert_eq!(page.ask("/", &signed_in).await.status, 200);
    let (_, device) = signed_in.split_once("textback_device=").unwrap();
    let device = format!("Cookie: textback_device={device}");
    assert_eq!(page.sign_in(&device, PASSWORD).await.status, 303);
    let forged = "Cookie: textback_device=AAAAAAAAAAAAAAAAAAAAAA.AAAA\r\n";
    assert_eq!(page.sign_in(forged, PASSWORD).await.status, 429);

    later(Duration::from_secs(wait)).await;
    assert_eq!(page.sign_in("", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn the_code_cannot_be_guessed_either() {
    let page = serve(false).await;
    let file = rusqlite::Connection::open(file_in(page.dir.path())).unwrap();
    file.execute("DELETE FROM door", []).unwrap();
    let code = page.store.first_code().await.unwrap().unwrap();
    let guess = async |code: &str| {
        let body = format!("code={code}&password={}", encoded(PASSWORD));
        page.send("/password", OUR_OWN, &body).await.status
    };
    let mut tries = 0;
    while guess("1").await == 403 {
        tries += 1;
        assert!(tries < 100, "nobody stops it");
    }
    assert_eq!(guess(&code).await, 429);
    assert_eq!(page.store.password().await.unwrap(), None);
}

#[tokio::test]
async fn another_site_can_neither_sign_somebody_in_nor_out() {
    let page = serve(false).await.with_password().await;
    let mine = cookies(&page.sign_in("", PASSWORD).await);
    for foreign in [
        "Origin: http://evil.example\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
        "Origin: null\r\n",
    ] {
        for path in [
            "/sign-in",
            "/sign-out",
            "/password",
            "/access/sign-out",
            "/access/tokens",
        ] {
            let answer = page
                .send(
                    path,
                    &format!("{foreign}{mine}"),
                    "password=x&code=x&name=x",
                )
                .await;
            assert_eq!(answer.status, 403, "{path} {foreign}");
            assert_eq!(answer.header("set-cookie"), None);
        }
    }
    assert_eq!(page.ask("/", &mine).await.status, 200);
    assert_eq!(page.store.tokens().await.unwrap(), []);
}

#[tokio::test]
async fn no_path_leads_around_the_door() {
    let page = serve(false).await.with_password().await;
    page.receive(Some(ANNA), "my sink leaks").await;
    for path in [
        "//",
        "/./",
        "//people",
        "/people/",
        "/people/.",
        "/PEOPLE",
        "/%70eople",
        "/people%2f",
        "/assets/../people",
        "/assets/..%2fpeople",
        "/assets/x/../../people",
        "/healthz/../people",
        "/healthz/people",
        "/sign-in/../",
        "/sign-in;/people",
        "/people;.css",
        "/people/style.css",
        "/people?/assets/x/style.css",
        "/metrics/../people",
        "/\\people",
        "/people%00",
        "/assets/x/..%2f..%2ftextback.db",
        "/../../../../etc/passwd",
    ] {
        let answer = page.ask(path, "").await;
        assert!(
            [400, 401, 404].contains(&answer.status),
            "{path}: {}",
            answer.status
        );
        assert!(
            !answer.body.contains("sink") && !answer.body.contains("root:"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn oversized_and_broken_requests_are_refused() {
    let page = serve(false).await.with_password().await;
    let huge = format!("password={}", "x".repeat(web::BODY_BYTES_MAX));
    assert_eq!(page.send("/sign-in", OUR_OWN, &huge).await.status, 413);
    let head = format!("X-Long: {}\r\n", "x".repeat(64 * 1024));
    assert_eq!(page.ask("/sign-in", &head).await.status, 431);
    assert_eq!(
        page.send("/sign-in", OUR_OWN, "nothing=here").await.status,
        422
    );
    assert_eq!(
        page.send("/sign-in", OUR_OWN, "password=%ff%fe")
            .await
            .status,
        403
    );
    assert_eq!(
        page.ask("/sign-in", "Cookie: textback_session=\u{fc}\r\n")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_script_comes_in_with_a_token_until_it_is_revoked() {
    let page = serve(false).await;
    let made = page.post("/access/tokens", OUR_OWN, "name=Graphs").await;
    assert_eq!(made.status, 200);
    let token = made.body.split("class=\"token\">").nth(1).unwrap();
    let token = token.split('<').next().unwrap();
    let access = page.get("/access").await.body;
    assert!(
        access.contains("Graphs") && !access.contains(token),
        "it is shown once"
    );
    let bearer = format!("Authorization: Bearer {token}\r\n");
    assert_eq!(page.ask("/now", &bearer).await.status, 200);
    // A token beside a session does not fall back on it: a script that was revoked should notice.
    let wrong = format!("Authorization: Bearer wrong\r\n{}", page.cookie);
    assert_eq!(page.ask("/now", &wrong).await.status, 401);

    let id = page.store.tokens().await.unwrap()[0].id;
    let revoked = page
        .post("/access/tokens/revoke", OUR_OWN, &format!("id={id}"))
        .await;
    assert_eq!(revoked.header("location"), Some("/access?did=revoked"));
    assert_eq!(
        page.ask("/now", &bearer).await.status,
        401,
        "a revoked token is replayed"
    );
}

#[tokio::test]
async fn numbers_for_graphs() {
    let page = serve(false).await;
    page.text(ANNA, NOW).await;
    page.receive(Some(ANNA), "hello").await;
    // From elsewhere a token is wanted: see src/web/tests.rs.
    let answer = page.ask("/metrics", "").await;
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    for line in [
        "textback_armed 1",
        "textback_signal_dbm -73",
        "textback_calls_total 1",
        "textback_texts_total 2",
        "textback_texts_waiting 1",
        "textback_disk_failed 0",
        "# TYPE textback_calls_total counter",
    ] {
        assert!(
            answer.body.lines().any(|found| found == line),
            "{line}\n{}",
            answer.body
        );
    }
    page.modem.send_replace(ModemState::default());
    let answer = page.ask("/metrics", "").await;
    assert!(
        answer.body.contains("\ntextback_armed 0\n"),
        "{}",
        answer.body
    );
    assert!(
        !answer.body.contains("textback_signal_dbm"),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn a_demo_lets_everybody_in_and_says_so() {
    let page = serve(true).await;
    assert_eq!(page.ask("/", HTML).await.status, 200);
    for path in ["/sign-in", "/password"] {
        assert_eq!(
            page.ask(path, HTML).await.header("location"),
            Some("/"),
            "{path}"
        );
    }
    let access = page.ask("/access", HTML).await.body;
    assert!(access.contains("The demo asks for no password"), "{access}");
}

#[tokio::test]
async fn what_is_not_there_says_so_to_people() {
    let page = serve(false).await;
    let answer = page.get("/nowhere").await;
    assert_eq!(answer.status, 404);
    assert!(
        answer.body.contains("Nothing here") && answer.body.contains("href=\"/\""),
        "{}",
        answer.body
    );
}
