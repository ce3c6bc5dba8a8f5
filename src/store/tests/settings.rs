//! Changing settings, one and several.

use super::*;

#[tokio::test]
async fn a_setting_is_checked_kept_and_read_beside_the_daemon() {
    let Fixture { store, dir } = fixture();
    store
        .change_setting("business.name", "Acme Plumbing")
        .await
        .unwrap()
        .unwrap();
    let refusal = store
        .change_setting("texts.cooldown_h", "soon")
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
        let kept = store.change_settings(changes).await.unwrap();
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
    let spaced = store.change_setting(" business.country ", "us").await;
    assert_eq!(spaced.unwrap(), Ok("US".to_owned()));
    let plain = store.change_setting("business.country", "ca").await;
    assert_eq!(plain.unwrap(), Ok("CA".to_owned()));
    let rows = "SELECT count(*) FROM settings WHERE key LIKE '%country%'";
    let mut ground = store.ground.lock().await;
    let rows: i64 = ground
        .connection()
        .query_row(rows, [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 1);
}
