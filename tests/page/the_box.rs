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
