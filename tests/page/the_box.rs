//! The page of the box itself.

use super::*;

#[tokio::test]
async fn the_box_tells_of_modem_disk_clock_and_program() {
    let page = serve(false).await;
    let hostile = "<b>Maker</b>\u{202e}\0";
    page.modem.send_replace(ModemState::Armed {
        facts: Arc::new(Facts {
            manufacturer: Some(hostile.to_owned()),
            model: Some("EC25".to_owned()),
            operator: Some("Example Mobile".to_owned()),
            own_number: Some("+12025550199".to_owned()),
            imsi: Some("310150123456789".to_owned()),
            ..Facts::default()
        }),
        signal: Some(Signal { rssi: 20 }),
        registrations: Registrations::default(),
    });
    page.text(ANNA, NOW).await;
    let shown = page.get("/box").await.body;
    for expected in [
        "EC25",
        "Example Mobile",
        "-73 dBm, strong signal",
        "(202) 555-0199",
        "Nothing had to be done so far.",
        "MB are free.",
        "1 call and 1 text since it was set up.",
        concat!("textback ", env!("CARGO_PKG_VERSION")),
        "America/New_York",
    ] {
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
    for forbidden in ["<b>", "\u{202e}", "\0", "310150123456789"] {
        assert!(!shown.contains(forbidden), "{forbidden:?}\n{shown}");
    }

    page.store
        .healing_begun(at(NOW), "restart", "It refused.")
        .await
        .unwrap();
    let begun = page.get("/box/now").await.body;
    assert!(
        begun.contains("It refused.") && begun.contains("Not known yet"),
        "{begun}"
    );
    page.store.healing_ended("helped").await.unwrap();
    let ended = page.get("/box/now").await.body;
    assert!(
        ended.contains("Today, 10:12") && ended.contains("That helped."),
        "{ended}"
    );
    let why = "The SIM wants its PIN.".to_owned();
    page.modem.send_replace(ModemState::Down {
        why: why.clone(),
        stage: Stage::Pin,
    });
    assert!(page.get("/box/now").await.body.contains(&why));
}

#[tokio::test]
async fn a_copy_of_everything_is_there_to_keep() {
    let page = serve(false).await;
    page.text(ANNA, NOW).await;
    assert!(
        page.get("/box")
            .await
            .body
            .contains("action=\"/box/backup\"")
    );
    let request = Request {
        method: "POST",
        path: "/box/backup",
        headers: &format!("{}{OUR_OWN}", page.cookie),
        ..Request::default()
    };
    let (head, copy) = request.file(page.address).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(
        head.contains("attachment; filename=\"textback-2026-03-02.db\""),
        "{head}"
    );
    let kept = tempfile::tempdir().unwrap();
    std::fs::write(kept.path().join("textback.db"), &copy).unwrap();
    let copied = textback::store::read_everything(kept.path()).unwrap();
    assert_eq!((copied.calls.len(), copied.texts.len()), (1, 1));
    let left: Vec<_> = std::fs::read_dir(page.dir.path())
        .unwrap()
        .map(|it| it.unwrap().file_name())
        .collect();
    assert!(
        !left
            .iter()
            .any(|name| name.to_string_lossy().contains("download")),
        "{left:?}"
    );
    // While the disk is out of order there is nothing to copy, and that is said.
    std::fs::remove_file(file_in(page.dir.path())).unwrap();
    let none = page.post("/box/backup", OUR_OWN, "").await;
    assert_eq!(none.status, 503);
    assert!(none.body.contains("There is no database"), "{}", none.body);
}

#[tokio::test]
async fn what_is_sent_in_with_a_question_has_nobodys_number_in_it() {
    let page = serve(false).await;
    page.text(ANNA, NOW).await;
    page.receive(Some(ANNA), "The sink leaks").await;
    for (key, value) in [
        ("owner.number", "+12025550188"),
        ("owner.pin", "471147"),
        (
            "message.holiday",
            "Closed until 2026-12-24. Call (202) 555-0188. STOP ends it.",
        ),
    ] {
        page.store
            .change_setting(key, value, at(NOW))
            .await
            .unwrap()
            .unwrap();
    }
    let mut log = page.state.log.clone();
    std::io::Write::write_all(
        &mut log,
        b"2026-03-02T15:12:00.5Z  INFO texted +12025550143",
    )
    .unwrap();
    page.store
        .healing_begun(at(NOW), "radio", "It refused 2025550143.")
        .await
        .unwrap();
    let answer = page.post("/box/support", OUR_OWN, "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-disposition"),
        Some("attachment; filename=\"textback-support.txt\"")
    );
    for there in [
        "Example Mobile",
        "owner.number = \"+1202\u{2026}88\"",
        "2026-03-02T15:12:00.5Z",
        "It refused 2025\u{2026}43.",
        "until 2026-12-24",
        "calls since it was set up: 1, texts: 2",
        "IMSI 31015\u{2026}",
        "== signal of the last day",
    ] {
        assert!(answer.body.contains(there), "{there}\n{}", answer.body);
    }
    for secret in [
        "5550143", "5550188", "555-0188", "471147", "sink", "3456789",
    ] {
        assert!(!answer.body.contains(secret), "{secret}\n{}", answer.body);
    }
}

#[tokio::test]
async fn the_log_and_the_last_days_signal_are_shown() {
    let page = serve(false).await;
    let mut log = page.state.log.clone();
    std::io::Write::write_all(&mut log, b"the <first> line\n").unwrap();
    std::io::Write::write_all(&mut log, b"the second line\n").unwrap();
    let shown = page.get("/box").await.body;
    let (first, second) = (
        shown.find("the &lt;first&gt; line"),
        shown.find("the second line"),
    );
    assert!(first.unwrap() > second.unwrap(), "newest first");
    assert!(shown.contains("-73 dBm all the time."), "{shown}");
    page.modem.send_replace(ModemState::default());
    until_shown(&page, "Without network for 10 minutes at most.").await;
    page.modem.send_replace(ModemState::Armed {
        facts: Arc::default(),
        signal: Some(Signal { rssi: 10 }),
        registrations: Registrations::default(),
    });
    let restart = page.post("/box/restart", OUR_OWN, "").await;
    assert_eq!(restart.status, 200);
    assert!(restart.body.contains("The page comes back by itself."));
    assert!(page.state.restart.as_ref().unwrap().is_cancelled());
}

/// The watcher of the modem has its own turn.
async fn until_shown(page: &Page, words: &str) {
    for _ in 0..1000 {
        if page.get("/box/now").await.body.contains(words) {
            return;
        }
    }
    panic!("never shown: {words}");
}

#[tokio::test]
async fn where_the_program_cannot_start_anew_nothing_is_offered() {
    let page = serve(true).await;
    let state = web::State {
        restart: None,
        ..page.state.clone()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(web::serve(listener, state, page.stop.clone()));
    let shown = Request {
        path: "/box",
        ..Request::default()
    }
    .answer(address)
    .await;
    assert!(shown.status == 200 && !shown.body.contains("/box/restart"));
    let request = Request {
        method: "POST",
        path: "/box/restart",
        headers: OUR_OWN,
        ..Request::default()
    };
    assert_eq!(request.answer(address).await.status, 404);
}
