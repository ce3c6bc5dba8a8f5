//! What the page says about a message that could be better.

use textback::settings::{MESSAGE_LANGUAGE, MESSAGE_MISSED_CALL};

use super::{OUR_OWN, form, serve};

#[tokio::test]
async fn the_preview_says_what_could_be_better() {
    let page = serve(false).await;
    let preview = async |message: &str| {
        let body = form("Ann's", message);
        page.post("/preview", OUR_OWN, &body).await.body
    };
    let poor = preview("{business}: $50 off at acme.com/x").await;
    for expected in [
        "Add, for example: Reply STOP to opt out.",
        "“acme.com/x” is a web address",
        "“$50” can make the text an advertisement",
    ] {
        assert!(poor.contains(expected), "{expected}\n{poor}");
    }
    assert_eq!(poor.matches("class=\"advice\"").count(), 3, "{poor}");
    let good = preview("{business} here. Reply STOP to opt out.").await;
    assert!(!good.contains("advice"), "{good}");
    // What was kept is looked at when the page opens, in the language of the owner.
    let spanish = page
        .store
        .change_setting(MESSAGE_LANGUAGE, "es", jiff::Timestamp::UNIX_EPOCH)
        .await;
    spanish.unwrap().unwrap();
    let kept = page
        .store
        .change_setting(MESSAGE_MISSED_CALL, "Perdone", jiff::Timestamp::UNIX_EPOCH)
        .await;
    kept.unwrap().unwrap();
    let shown = page.get("/").await.body;
    assert!(
        shown.contains("Responda STOP para no recibir mensajes."),
        "{shown}"
    );
}
