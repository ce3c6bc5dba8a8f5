//! Whether a call missed now would be texted: `/healthz` and the first lines of the page say the same.

use super::*;
use textback::at::urc::{Domain, Registration};
use textback::settings::{TEXTS_MAX_PER_DAY, TEXTS_PAUSED_UNTIL};

impl Page {
    /// Status, and what it says.
    async fn health(&self) -> (u16, serde_json::Value) {
        let answer = self.get("/healthz").await;
        (answer.status, serde_json::from_str(&answer.body).unwrap())
    }
}

#[tokio::test]
async fn health_is_whether_a_missed_call_would_be_texted_now() {
    let page = serve(false).await;
    let answer = page.get("/healthz").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let health: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(health["armed"], true);
    assert_eq!(health["signal_dbm"], -73);

    let why = "The SIM wants its PIN.".to_owned();
    page.modem.send_replace(ModemState::Down {
        why: why.clone(),
        stage: Stage::Pin,
    });
    let answer = page.get("/healthz").await;
    let health: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((answer.status, &health["armed"]), (503, &false.into()));
    assert_eq!(health["reason"], why);
    let now = page.get("/now").await.body;
    assert!(now.contains("Not ready.") && now.contains(&why), "{now}");
    assert!(!now.contains("Example Mobile"));
}

#[tokio::test]
async fn an_ill_modem_is_not_ready_and_what_was_done_for_it_is_shown() {
    let page = serve(false).await;
    let why = "The modem refuses texts (+CMS ERROR 500: unknown error). It is being restarted, step 5 of 6.";
    page.modem.send_replace(ModemState::Healing {
        why: why.to_owned(),
        rung: Some(Rung::Restart),
        trying: false,
    });
    let (status, health) = page.health().await;
    assert_eq!((status, &health["reason"]), (503, &why.into()));
    let healing = serde_json::json!({ "rung": "restart", "step": 5, "of": 6 });
    assert_eq!(health["healing"], healing);
    let now = page.get("/now").await.body;
    assert!(now.contains("Not ready") && now.contains(why), "{now}");

    let said = "The modem was restarted.";
    let begun = page.store.healing_begun(at(NOW), "restart", "It refused.");
    begun.await.unwrap();
    let now = page.get("/now").await.body;
    assert!(now.contains(said) && !now.contains("That"), "{now}");
    for (outcome, told) in [
        ("helped", "That helped."),
        ("textback may not", "be done: text"),
    ] {
        page.store.healing_ended(outcome).await.unwrap();
        let now = page.get("/now").await.body;
        assert!(now.contains(told), "{now}");
        let begun = page
            .store
            .healing_begun(at(NOW), "usb_reset", "It refused.");
        begun.await.unwrap();
    }
    // What is older than the days shown is not news.
    let old = at("2026-02-20T12:00:00Z");
    let begun = page.store.healing_begun(old, "clear", "It refused.");
    begun.await.unwrap();
    let now = page.get("/now").await.body;
    assert!(!now.contains("The modem was set up again."), "{now}");
}

#[tokio::test]
async fn a_store_that_cannot_be_read_is_not_ready() {
    let page = serve(false).await;
    let file = rusqlite::Connection::open(file_in(page.dir.path())).unwrap();
    file.execute_batch("ALTER TABLE settings RENAME TO gone")
        .unwrap();
    let health = page.get("/healthz").await;
    assert_eq!(health.status, 503);
    assert!(
        health.body.contains("reading the settings"),
        "{}",
        health.body
    );
    let shown = page.get("/").await;
    assert_eq!(shown.status, 503);
    assert!(shown.body.contains("Not ready."), "{}", shown.body);
}

#[tokio::test]
async fn a_pause_is_said_until_it_is_over() {
    let page = serve(false).await;
    // It is 10:12 in New York.
    for (until, armed) in [
        ("2026-03-02 10:13", false),
        ("2026-03-02 10:12", true),
        ("", true),
    ] {
        let changed = page
            .store
            .change_setting(TEXTS_PAUSED_UNTIL, until, Timestamp::UNIX_EPOCH);
        changed.await.unwrap().unwrap();
        let (_, health) = page.health().await;
        assert_eq!(health["armed"], armed, "{until}");
        if !armed {
            let why = "Texts are paused until 2026-03-02 10:13, as texts.paused_until says.";
            assert_eq!(health["reason"], why);
        }
    }
}

#[tokio::test]
async fn a_day_whose_texts_are_used_up_is_not_ready() {
    let page = serve(false).await;
    let changed = page
        .store
        .change_setting(TEXTS_MAX_PER_DAY, "2", Timestamp::UNIX_EPOCH);
    changed.await.unwrap().unwrap();
    // The last second of yesterday and the first of today, in New York.
    page.text(ANNA, "2026-03-02T04:59:59Z").await;
    page.text("+12025550144", "2026-03-02T05:00:00Z").await;
    assert_eq!(page.health().await.0, 200);
    page.text("+12025550145", NOW).await;
    let (status, health) = page.health().await;
    assert_eq!((status, &health["armed"]), (503, &false.into()));
    let why = "As many texts went out today as texts.max_per_day allows.";
    assert_eq!(health["reason"], why);
    let now = page.get("/now").await.body;
    assert!(now.contains("Not ready.") && now.contains(why), "{now}");
    // A failed one does not count.
    let id = page.claim().await;
    let error = "the network refused it".to_owned();
    let failed = page
        .store
        .settle(id, Transition::Fail(Failure::Unsendable(error)), at(NOW));
    failed.await.unwrap();
    assert_eq!(page.health().await.0, 503, "that was yesterday's");
    let id = page.claim().await;
    let error = "the network refused it".to_owned();
    let failed = page
        .store
        .settle(id, Transition::Fail(Failure::Unsendable(error)), at(NOW));
    failed.await.unwrap();
    assert_eq!(page.health().await.0, 200);
}

#[tokio::test]
async fn texting_does_not_mean_that_calls_ring() {
    let page = serve(false).await;
    for (stat, rings) in [(1, true), (5, true), (6, false), (9, false)] {
        let registration = Registration {
            domain: Domain::Circuit,
            stat,
            access_technology: Some(7),
        };
        let registrations = Registrations {
            circuit: Some(registration),
            lte: None,
        };
        let (_, words) = Facts::default().voice(&registrations);
        page.modem.send_modify(|state| {
            if let ModemState::Armed {
                registrations: shown,
                ..
            } = state
            {
                *shown = registrations.clone();
            }
        });
        let (status, health) = page.health().await;
        assert_eq!((status, &health["voice"]), (200, &words.into()), "{stat}");
        let now = page.get("/now").await.body;
        assert!(now.contains("Ready."), "{now}");
        assert_eq!(now.contains(words), !rings, "+CREG: {stat}\n{now}");
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_told_of_and_stops_nothing() {
    let page = serve(false).await;
    let (_, health) = page.health().await;
    assert_eq!(health["clock"], serde_json::Value::Null);
    let later = at(NOW) + std::time::Duration::from_secs(5 * 3600);
    page.state.clock.hear_stamp(later);
    let (status, health) = page.health().await;
    let words = health["clock"].as_str().unwrap();
    assert_eq!((status, &health["armed"]), (200, &true.into()));
    assert!(
        words.starts_with("This computer's clock seems to be"),
        "{words}"
    );
    let now = page.get("/now").await.body;
    assert!(
        now.contains("Ready.") && now.contains("a text came in with a later time"),
        "{now}"
    );
}
