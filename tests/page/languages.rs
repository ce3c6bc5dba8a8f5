//! The page in the owner's language: nothing of ours is left in English.

use std::collections::BTreeSet;

use textback::settings::{MESSAGE_LANGUAGE, OWNER_LANGUAGE};
use textback::store::List;

use super::phrases::looks_like_words;
use super::*;

/// What a page says, without its elements: texts, labels and titles.
fn told(html: &str) -> BTreeSet<String> {
    let mut told = BTreeSet::new();
    for piece in html.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        let element = tag.split([' ', '/']).next().unwrap_or_default();
        let ours = !["code", "textarea", "bdi"].contains(&element)
            && !["bubble", "glance"].iter().any(|class| tag.contains(class));
        if ours {
            told.insert(text.trim().to_owned());
        }
        for label in ["aria-label=\"", "placeholder=\""] {
            let label = tag
                .split_once(label)
                .and_then(|(_, label)| label.split_once('"'));
            told.extend(label.map(|(label, _)| label.to_owned()));
        }
    }
    let names = [
        "textback",
        "AT&amp;T",
        "T-Mobile",
        "US Cellular",
        "Verizon",
        "English",
        "Español",
    ];
    let is_name = |text: &str| names.iter().any(|name| text.starts_with(name));
    told.retain(|text| looks_like_words(text) && !is_name(text));
    told
}

/// A page with something in every place.
async fn lived_in() -> Page {
    let page = serve(false).await;
    page.text(ANNA, NOW).await;
    page.receive(Some(ANNA), "My sink leaks").await;
    page.skip(Caller::Withheld, NOW, SkipReason::Withheld).await;
    page.skip(Caller::Unavailable, "2026-02-20T15:00:00Z", DAY_CAP)
        .await;
    for (list, who) in [
        (List::NeverText, "+12025550188"),
        (List::OptedOut, "+12025550189"),
    ] {
        let who = number(who);
        let listed = page.store.list_person(list, &who, "", at(NOW));
        listed.await.unwrap().unwrap();
    }
    page.store.make_token("x", at(NOW)).await.unwrap().unwrap();
    let why = "The modem refuses texts (ERROR).";
    page.store
        .healing_begun(at(NOW), "restart", why)
        .await
        .unwrap();
    page.set(BUSINESS_NAME, "X").await;
    page.set("owner.number", "+12025550111").await;
    page
}

impl Page {
    async fn set(&self, key: &str, value: &str) {
        let set = self.store.change_setting(key, value, at(NOW)).await;
        set.unwrap().unwrap();
    }
}

#[tokio::test]
async fn nothing_of_ours_is_left_in_english() {
    let page = lived_in().await;
    for path in [
        "/",
        "/now",
        "/conversations",
        "/conversations?sought=zzz",
        "/conversations/+12025550143",
        "/conversations/+12025550143/now",
        "/conversations/+12025550199",
        "/people",
        "/people?list=opted-out",
        "/people?did=added&at=never-text",
        "/settings",
        "/settings?saved=business.name",
        "/access",
        "/access?did=revoked",
        "/?saved",
        "/setup/modem",
        "/setup/business",
        "/setup/hours",
        "/setup/message",
        "/setup/forwarding",
        "/setup/test",
        "/box",
        "/box/now",
        "/messages/after_hours",
        "/messages/holiday?did=saved",
        "/no-such-page",
    ] {
        page.set(OWNER_LANGUAGE, "en").await;
        let english = page.get(path).await.body;
        page.set(OWNER_LANGUAGE, "es").await;
        let spanish = page.get(path).await.body;
        let whole = spanish.contains("<html");
        assert!(!whole || spanish.contains("<html lang=\"es\""), "{path}");
        let left: Vec<String> = told(&english)
            .intersection(&told(&spanish))
            .cloned()
            .collect();
        assert_eq!(left, Vec::<String>::new(), "{path}");
        assert!(!told(&english).is_empty(), "{path}: {:?}", told(&english));
    }
}

#[tokio::test]
async fn the_page_speaks_as_the_texts_do_unless_the_owner_says_otherwise() {
    let page = serve(false).await;
    let title = async || {
        let shown = page.get("/box").await.body;
        let title = shown.split_once("<title>").unwrap().1;
        title.split_once('<').unwrap().0.to_owned()
    };
    assert_eq!(title().await, "The box");
    page.set(MESSAGE_LANGUAGE, "es").await;
    assert_eq!(title().await, "La caja");
    page.set(OWNER_LANGUAGE, "en").await;
    assert_eq!(title().await, "The box");
    page.set(MESSAGE_LANGUAGE, "").await;
    page.set(OWNER_LANGUAGE, "").await;
    page.set("business.country", "MX").await;
    assert_eq!(title().await, "La caja");
}

#[tokio::test]
async fn a_modem_that_is_gone_does_not_change_the_language() {
    let page = serve(false).await;
    // A SIM of Telcel, Mexico (ITU-T E.212).
    let facts = Facts {
        imsi: Some("334020000000000".to_owned()),
        ..Facts::default()
    };
    page.modem.send_replace(ModemState::Armed {
        facts: Arc::new(facts),
        signal: None,
        registrations: Registrations::default(),
    });
    assert!(page.get("/").await.body.contains("<html lang=\"es\""));
    let down = |why: &str| ModemState::Down {
        why: why.to_owned(),
        stage: Stage::Port,
    };
    page.modem
        .send_replace(down("The modem has restarted by itself."));
    let shown = page.get("/").await.body;
    assert!(shown.contains("<html lang=\"es\""), "{shown}");
    assert!(shown.contains("El módem se ha reiniciado solo."), "{shown}");
}

#[tokio::test]
async fn what_is_refused_is_refused_in_the_owners_language() {
    let page = serve(false).await;
    page.set(OWNER_LANGUAGE, "es").await;
    page.set(BUSINESS_NAME, "Ann's").await;
    page.set("business.country", "US").await;
    for (key, typed, expected) in [
        (
            "owner.pin",
            "12",
            "Eso no sirve como PIN; escriba de 4 a 8 cifras, o nada.",
        ),
        (
            "texts.cooldown_h",
            "soon",
            "&quot;soon&quot; no sirve; escriba un número entero de 0 a 720.",
        ),
        (
            "message.missed_call",
            "Sorry",
            "El mensaje debe decir {business}",
        ),
        (
            "hours.weekly",
            "Moonday 8:00-17:00",
            "no es una palabra de días ni de horas; escriba horas como",
        ),
        (
            "owner.number",
            "12",
            "no es un número completo: escríbalo con su código de área",
        ),
    ] {
        let body = format!("key={}&value={}", encoded(key), encoded(typed));
        let shown = page.post("/settings", OUR_OWN, &body).await;
        assert_eq!(shown.status, 422, "{key}");
        let refusal = shown.body.split_once("role=\"alert\">").unwrap().1;
        let refusal = refusal.split_once('<').unwrap().0;
        assert!(refusal.contains(expected), "{key}: {refusal}");
        assert!(!refusal.contains(&key.replace('.', " ")), "{refusal}");
    }
    let file = "Name,Phone\nAnn,12\nBen,2025550143\n";
    let shown = page.import("contacts", file.as_bytes()).await;
    assert!(shown.body.contains("1 número añadido."), "{}", shown.body);
    assert!(
        shown
            .body
            .contains("Línea 2 (Ann): &quot;12&quot; no es un número completo"),
        "{}",
        shown.body
    );
    let shown = page.import("contacts", b"Name,Phone\nAnn,12\n").await;
    let expected = "El archivo no tiene ningún número de teléfono que sirva; línea 2 (Ann): &quot;12&quot; no es un número completo";
    assert!(shown.body.contains(expected), "{}", shown.body);
}

#[tokio::test]
async fn why_a_text_did_not_get_there_is_told_in_the_owners_language() {
    let page = serve(false).await;
    page.set(OWNER_LANGUAGE, "es").await;
    page.text(ANNA, NOW).await;
    let id = page.claim().await;
    let said = "failed for good: the number cannot be reached".to_owned();
    let failure = Failure::NotDelivered { said, number: None };
    let failed = page.store.settle(id, Transition::Fail(failure), at(NOW));
    failed.await.unwrap();
    let shown = page.get("/").await.body;
    let expected =
        "El mensaje no se pudo enviar. Falló de forma definitiva: no se puede llegar a ese número.";
    assert!(shown.contains(expected), "{shown}");
}
