//! Changing settings, one and several.

use super::*;
use crate::settings::{self, MESSAGE_AFTER_HOURS, MESSAGE_HOLIDAY};

#[tokio::test]
async fn a_setting_is_checked_kept_and_read_beside_the_daemon() {
    let Fixture { store, dir } = fixture();
    store
        .change_setting("business.name", "Acme Plumbing", Timestamp::UNIX_EPOCH)
        .await
        .unwrap()
        .unwrap();
    let refusal = store
        .change_setting("texts.cooldown_h", "soon", Timestamp::UNIX_EPOCH)
        .await
        .unwrap()
        .unwrap_err();
    assert!(
        refusal.to_string().contains("720"),
        "says what would be good: {refusal}"
    );
    let beside = read_settings(dir.path()).unwrap();
    assert_eq!(beside.value("business.name"), Ok("Acme Plumbing"));
}

#[tokio::test]
async fn settings_changed_together_are_all_kept_or_none() {
    const NAME: &str = "business.name";
    const MESSAGE: &str = "message.missed_call";
    let Fixture { store, dir } = fixture();
    for (changes, refused) in [
        // Each by itself would be refused for the other's sake, in whatever order.
        (&[(NAME, "Acme"), (MESSAGE, "{business} is out.")][..], None),
        (&[(NAME, ""), (MESSAGE, "Sorry.")], None),
        (&[(MESSAGE, "Sorry, {business}."), (NAME, "Acme")], None),
        (&[(MESSAGE, "Sorry."), (NAME, "")], None),
        (&[], None),
        (&[(NAME, "Acme"), (MESSAGE, "Sorry!")], Some(NAME)),
        (&[(MESSAGE, "Sorry!"), (NAME, "Acme")], Some(MESSAGE)),
        (
            &[(MESSAGE, "Late."), ("texts.cooldown_h", "soon")],
            Some("texts.cooldown_h"),
        ),
        (
            &[(MESSAGE, "Late."), ("texts.hours", "1")],
            Some("texts.hours"),
        ),
    ] {
        let before = read_settings(dir.path()).unwrap();
        let kept = store
            .change_settings(changes, Timestamp::UNIX_EPOCH)
            .await
            .unwrap();
        let after = read_settings(dir.path()).unwrap();
        match (kept, refused) {
            (Ok(kept), None) => {
                let asked: Vec<_> = changes.iter().map(|(_, value)| *value).collect();
                assert_eq!(kept, asked);
                for (key, value) in changes {
                    assert_eq!(after.value(key), Ok(*value));
                }
            }
            (Err(refusal), Some(key)) => {
                assert!(
                    refusal.to_string().contains(key),
                    "{changes:?} gave {refusal}"
                );
                assert_eq!(after, before, "{changes:?}");
            }
            (kept, _) => panic!("{changes:?} gave {kept:?}"),
        }
    }
    // Under one name, however it was typed.
    let spaced = store
        .change_setting(" business.country ", "us", Timestamp::UNIX_EPOCH)
        .await;
    assert_eq!(spaced.unwrap(), Ok("US".to_owned()));
    let plain = store
        .change_setting("business.country", "ca", Timestamp::UNIX_EPOCH)
        .await;
    assert_eq!(plain.unwrap(), Ok("CA".to_owned()));
    let rows = "SELECT count(*) FROM settings WHERE key LIKE '%country%'";
    let mut ground = store.ground.lock().await;
    let rows: i64 = ground
        .connection()
        .query_row(rows, [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn every_wording_of_a_message_can_be_taken_back() {
    let Fixture { store, .. } = fixture();
    let message = settings::find(MESSAGE_AFTER_HOURS).unwrap();
    let say = async |words: &str, when: &str| {
        let kept = store.change_setting(message.key, words, at(when)).await;
        kept.unwrap().unwrap()
    };
    let earlier = async || {
        let earlier = store.earlier_messages(message).await.unwrap();
        let shown = earlier.into_iter().map(|it| (it.id, it.value, it.until));
        shown.collect::<Vec<_>>()
    };
    let values = async || {
        earlier()
            .await
            .into_iter()
            .map(|(_, value, _)| value)
            .collect::<Vec<_>>()
    };

    assert_eq!(earlier().await, []);
    say("One", "2026-03-02T12:00:00Z").await;
    say("Two", "2026-03-03T12:00:00Z").await;
    say("Two", "2026-03-04T12:00:00Z").await;
    let kept = earlier().await;
    assert_eq!(values().await, ["One", ""]);
    assert_eq!(kept[0].2, at("2026-03-03T12:00:00Z"));

    let back = store.restore_message(message, kept[0].0, at("2026-03-05T12:00:00Z"));
    assert_eq!(back.await.unwrap().unwrap().unwrap(), "One");
    assert_eq!(
        values().await,
        ["Two", ""],
        "what it says now is no earlier wording"
    );
    // The same once more, and that of another message.
    let gone = store.restore_message(message, kept[0].0, at("2026-03-05T12:00:00Z"));
    assert_eq!(gone.await.unwrap(), None);
    let other = settings::find(MESSAGE_HOLIDAY).unwrap();
    let of_another = earlier().await[0].0;
    let foreign = store.restore_message(other, of_another, at("2026-03-05T12:00:00Z"));
    assert_eq!(foreign.await.unwrap(), None);

    // One that no longer does is refused like any other.
    say("Hi, {business}", "2026-03-06T12:00:00Z").await;
    let named = store.change_setting("business.name", "Acme", at("2026-03-06T12:00:00Z"));
    named.await.unwrap().unwrap();
    let (id, value, _) = earlier().await.remove(0);
    assert_eq!(value, "One");
    let refused = store.restore_message(message, id, at("2026-03-07T12:00:00Z"));
    assert!(refused.await.unwrap().unwrap().is_err());

    for number in 0..=EARLIER_MAX {
        say(&format!("{number}, {{business}}"), "2026-03-08T12:00:00Z").await;
    }
    let kept = values().await;
    assert_eq!(kept.len(), EARLIER_MAX as usize);
    assert_eq!(kept[0], format!("{}, {{business}}", EARLIER_MAX - 1));
}

#[tokio::test]
async fn what_is_no_message_has_no_earlier_wordings() {
    let Fixture { store, .. } = fixture();
    for value in ["3", "4"] {
        let kept = store.change_setting("texts.cooldown_h", value, Timestamp::UNIX_EPOCH);
        kept.await.unwrap().unwrap();
    }
    let setting = settings::find("texts.cooldown_h").unwrap();
    assert_eq!(store.earlier_messages(setting).await.unwrap(), []);
}
