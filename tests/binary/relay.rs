//! What callers write and the owner answers, with the program itself on a pseudo-terminal.

use super::*;

const OWNER: &str = "+12025550111";

/// The whole texts that this number got after the first `before` messages, joined from their parts.
async fn next_text(station: &Station, number: &str, before: usize) -> String {
    until(&format!("{number} is texted"), async || {
        let sent = station.sim.sent().split_off(before);
        let to_them: Vec<_> = sent.into_iter().filter(|sent| sent.to == number).collect();
        let parts = to_them
            .first()?
            .part
            .map_or(1, |part| usize::from(part.total));
        let whole = to_them.get(..parts)?;
        Some(whole.iter().map(|sent| sent.text.as_str()).collect())
    })
    .await
}

#[tokio::test]
async fn a_reply_reaches_the_owner_and_his_answer_the_caller() {
    let station = Station::new();
    let data = station.data();
    fs::create_dir_all(&data).unwrap();
    let set = [
        "settings",
        "set",
        "owner.number",
        OWNER,
        "--data-dir",
        &data,
    ];
    assert_eq!(run(&set).await.code, 0);
    let _daemon = station.armed().await;
    assert_eq!(station.missed(ANNA).await, "texted");
    let three = "My sink is leaking and the water is all over the floor. ".repeat(7);
    let replies = ["my sink is leaking", three.trim(), "Мойка течёт 💧"];
    for (at, words) in replies.into_iter().enumerate() {
        let (before, wrote_at) = (station.sim.sent().len(), station.sim.now());
        station.sim.text_in(ANNA, words).unwrap();
        let tag = if at == 0 { "#1 (202) 555-0143" } else { "#1" };
        assert_eq!(
            next_text(&station, OWNER, before).await,
            format!("{tag}: {words}")
        );
        eprintln!(
            "a reply of {} letters was at the owner after {:?}",
            words.chars().count(),
            station.sim.now() - wrote_at
        );
    }
    let before = station.sim.sent().len();
    station.sim.text_in(OWNER, "#1 on my way").unwrap();
    assert_eq!(next_text(&station, ANNA, before).await, "on my way");
    let before = station.sim.sent().len();
    station.sim.text_in(OWNER, "STATUS").unwrap();
    let status = next_text(&station, OWNER, before).await;
    assert!(status.starts_with("The box works"), "{status}");

    // The same words from a stranger are a reply like any other.
    for (words, tag) in [("STATUS", "#2 (202) 555-0188"), ("#1 on my way", "#2")] {
        let before = station.sim.sent().len();
        station.sim.text_in(BEN, words).unwrap();
        assert_eq!(
            next_text(&station, OWNER, before).await,
            format!("{tag}: {words}")
        );
    }
    let to_ben = station
        .sim
        .sent()
        .into_iter()
        .filter(|sent| sent.to == BEN)
        .count();
    assert_eq!(to_ben, 0, "he is told nothing");
}
