//! `/api/v1`: what it takes and gives, what it refuses and how, and that its document says so.

use serde_json::{Value, json};

use super::*;

const PROBLEM: Option<&str> = Some("application/problem+json");

impl Page {
    /// As a program with a token.
    async fn call(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let body = body.map(Value::to_string).unwrap_or_default();
        let headers = format!("Authorization: Bearer {token}\r\n");
        let request = Request {
            method,
            path: &format!("/api/v1{path}"),
            headers: &headers,
            body: body.as_bytes(),
            content_type: "application/json",
            ..Request::default()
        };
        request.answer(self.address).await
    }

    async fn token(&self) -> String {
        let made = self.store.make_token("A script", at(NOW)).await;
        made.unwrap().unwrap()
    }

    async fn document(&self) -> Value {
        let answer = self
            .call(&self.token().await, "GET", "/openapi.json", None)
            .await;
        assert_eq!(answer.status, 200);
        serde_json::from_str(&answer.body).unwrap()
    }
}

/// Every operation of the document with its address, whose braces are filled in.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for (path, verbs) in document["paths"].as_object().unwrap() {
        let filled = path
            .replace("{list}", "never-text")
            .replace("{number}", "+12025550143")
            .replace("{key}", "business.name")
            .replace("{occasion}", "holiday")
            .replace("{outlet}", "webhook")
            .replace("{id}", "1");
        assert!(!filled.contains('{'), "{path}");
        for (verb, operation) in verbs.as_object().unwrap() {
            found.push((verb.to_uppercase(), filled.clone(), operation.clone()));
        }
    }
    found
}

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("no JSON: {}", answer.body))
}

/// That a value is as a schema has it, as far as ours say something: keys, types, references.
fn check(document: &Value, schema: &Value, value: &Value, place: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.trim_start_matches('#');
        let found = document.pointer(pointer);
        return check(
            document,
            found.unwrap_or_else(|| panic!("{reference} leads nowhere")),
            value,
            place,
        );
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let null = |choice: &&Value| choice["type"] == "null";
        if value.is_null() {
            assert!(
                choices.iter().any(|choice| null(&choice)),
                "{place} is null"
            );
            return;
        }
        return check(
            document,
            choices.iter().find(|choice| !null(choice)).unwrap(),
            value,
            place,
        );
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let kinds = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        several => several
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect(),
    };
    assert!(kinds.contains(&kind), "{place} is {kind}: {schema}");
    if let Some(object) = value.as_object() {
        let properties = schema["properties"].as_object().unwrap();
        for (key, value) in object {
            let schema = properties
                .get(key)
                .unwrap_or_else(|| panic!("{place}.{key} is not told of"));
            check(document, schema, value, &format!("{place}.{key}"));
        }
        for key in schema["required"].as_array().into_iter().flatten() {
            assert!(
                object.contains_key(key.as_str().unwrap()),
                "{place} lacks {key}"
            );
        }
    }
    for (at, value) in value.as_array().into_iter().flatten().enumerate() {
        check(document, &schema["items"], value, &format!("{place}[{at}]"));
    }
}

#[tokio::test]
async fn the_document_names_every_operation_and_each_is_there_for_those_who_may_enter() {
    let page = serve(false).await;
    let (document, token) = (page.document().await, page.token().await);
    assert_eq!(document["openapi"], "3.1.0");
    let operations = operations(&document);
    assert!(operations.len() > 30, "{}", operations.len());
    for (verb, path, operation) in &operations {
        assert!(
            operation["summary"].as_str().unwrap().ends_with('.'),
            "{path}"
        );
        // A stranger learns nothing, not even whether it is there.
        for headers in [
            "",
            "Authorization: Bearer guessed\r\n",
            "Cookie: textback_session=guessed\r\n",
        ] {
            let request = Request {
                method: verb,
                path: &format!("/api/v1{path}"),
                headers,
                ..Request::default()
            };
            let answer = request.answer(page.address).await;
            assert_eq!(
                (answer.status, answer.header("content-type")),
                (401, PROBLEM),
                "{verb} {path}"
            );
        }
        if path == "/box/backup" {
            // No text; the page's own test reads it.
            continue;
        }
        let answer = page.call(&token, verb, path, None).await;
        let not_routed = answer.body.contains("no such address") || answer.status == 405;
        assert!(!not_routed, "{verb} {path}: {}", answer.body);
        assert_ne!(answer.status, 401, "{verb} {path}");
    }
}

#[tokio::test]
async fn what_is_given_is_what_the_document_says() {
    let page = serve(false).await;
    page.text(ANNA, "2026-03-02T15:00:00Z").await;
    page.skip(
        Caller::Withheld,
        "2026-03-02T15:05:00Z",
        SkipReason::Withheld,
    )
    .await;
    page.receive(Some(ANNA), "The sink leaks <b>").await;
    page.store
        .healing_begun(at(NOW), "radio", "It refused.")
        .await
        .unwrap();
    for words in ["Closed. STOP ends it.", "Away. STOP ends it."] {
        let changed = page.store.change_setting("message.holiday", words, at(NOW));
        changed.await.unwrap().unwrap();
    }
    let (document, token) = (page.document().await, page.token().await);
    let mut seen = 0;
    for (verb, path, operation) in operations(&document) {
        if verb != "GET" {
            continue;
        }
        let path = match path.as_str() {
            "/setup/forwarding" => "/setup/forwarding?box_number=2025550100".to_owned(),
            _ => path,
        };
        let answer = page.call(&token, "GET", &path, None).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some("application/json")),
            "{path}: {}",
            answer.body
        );
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        check(&document, schema, &json(&answer), &path);
        seen += 1;
    }
    assert!(seen > 14, "{seen}");

    let calls = json(&page.call(&token, "GET", "/calls", None).await);
    let outcomes: Vec<_> = calls["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["reason"].clone())
        .collect();
    assert_eq!(outcomes, [json!("withheld"), Value::Null], "newest first");
    let older = page
        .call(&token, "GET", "/calls?before=2&limit=1", None)
        .await;
    assert_eq!(json(&older)["calls"][0]["caller"], ANNA);
    let whole = json(
        &page
            .call(&token, "GET", "/conversations/+12025550143", None)
            .await,
    );
    assert_eq!(
        (&whole["words"], &whole["waits"]),
        (&json!("The sink leaks <b>"), &json!(true))
    );
    let codes = page
        .call(
            &token,
            "GET",
            "/setup/forwarding?box_number=2025550100&carrier=Verizon",
            None,
        )
        .await;
    assert_eq!(json(&codes)["codes"][0]["set"], "*712025550100");
}

#[tokio::test]
async fn what_the_page_does_the_api_does() {
    let page = serve(false).await;
    page.text(ANNA, "2026-03-02T15:00:00Z").await;
    page.receive(Some(ANNA), "The sink leaks").await;
    let token = page.token().await;
    let put = async |path: &str, body: Value| page.call(&token, "PUT", path, Some(&body)).await;
    let post = async |path: &str, body: Value| page.call(&token, "POST", path, Some(&body)).await;
    let get = async |path: &str| json(&page.call(&token, "GET", path, None).await);

    assert_eq!(
        put("/settings/texts.max_per_day", json!({"value": "50"}))
            .await
            .status,
        200
    );
    assert_eq!(get("/settings/texts.max_per_day").await["value"], "50");
    let reset = page
        .call(&token, "DELETE", "/settings/texts.max_per_day", None)
        .await;
    assert_eq!(json(&reset)["value"], "200");
    let several = json!({"settings": {"business.name": "Ann", "owner.number": "+12025550188", "owner.pin": "4711"}});
    assert_eq!(put("/settings", several).await.status, 200);
    assert_eq!(get("/settings/owner.number").await["value"], "+12025550188");
    assert_eq!(
        get("/settings/owner.pin").await["value"],
        Value::Null,
        "a secret is not told"
    );

    let words = |words: &str| json!({ "words": words });
    assert_eq!(
        put(
            "/messages/holiday",
            words("{business} is closed. STOP ends it.")
        )
        .await
        .status,
        204
    );
    assert_eq!(
        put(
            "/messages/holiday",
            words("{business} is away. STOP ends it.")
        )
        .await
        .status,
        204
    );
    let preview = post("/messages/holiday/preview", words("Hi, {business}")).await;
    assert_eq!(json(&preview)["text"], "Hi, Ann");
    let message = get("/messages/holiday").await;
    assert_eq!(message["preview"]["text"], "Ann is away. STOP ends it.");
    let id = &message["earlier"][0]["id"];
    assert_eq!(
        post("/messages/holiday/restore", json!({"id": id}))
            .await
            .status,
        204
    );
    assert_eq!(
        get("/messages/holiday").await["words"],
        "{business} is closed. STOP ends it."
    );
    assert_eq!(post("/messages/holiday/test", json!({})).await.status, 204);

    let place = "/conversations/+12025550143";
    assert_eq!(
        post(&format!("{place}/answers"), words("On my way"))
            .await
            .status,
        204
    );
    assert_eq!(
        put(
            &format!("{place}/outcome"),
            json!({"outcome": "won", "amount": "450"})
        )
        .await
        .status,
        204
    );
    let whole = get(place).await;
    assert_eq!(
        (&whole["outcome"], &whole["amount"]),
        (&json!("won"), &json!(45000))
    );
    assert_eq!(
        whole["texts"].as_array().unwrap().last().unwrap()["body"],
        "On my way"
    );

    assert_eq!(
        put("/people/never-text/+12025550177", json!({"name": "Mum"}))
            .await
            .status,
        204
    );
    assert_eq!(get("/people/never-text").await["people"][0]["name"], "Mum");
    let gone = page
        .call(&token, "DELETE", "/people/never-text/+12025550177", None)
        .await;
    assert_eq!(gone.status, 204);
    page.store
        .list_person(textback::store::List::OptedOut, &number(ANNA), "", at(NOW))
        .await
        .unwrap()
        .unwrap();
    let stays = page
        .call(&token, "DELETE", "/people/opted-out/+12025550143", None)
        .await;
    assert_eq!(stays.status, 422);
    let asked = page
        .call(
            &token,
            "DELETE",
            "/people/opted-out/+12025550143?asked=true",
            None,
        )
        .await;
    assert_eq!(asked.status, 204);

    assert_eq!(post("/setup/code", json!({})).await.status, 204);
    assert_eq!(
        post("/setup/proof", json!({"code": "no"})).await.status,
        422
    );
    assert_eq!(post("/setup/test", json!({})).await.status, 204);
    let since = get("/setup/test").await["since"].clone();
    assert!(since.as_str().unwrap().starts_with("2026-03-02T15:12:00"));

    let chosen =
        json!({"box_number": "+12025550100", "carrier": "Verizon", "old_target": "voicemail"});
    assert_eq!(put("/setup/forwarding", chosen).await.status, 204);
    let state = get("/setup").await;
    assert_eq!(
        (&state["carrier"], &state["old_target"]),
        (&json!("Verizon"), &json!("voicemail"))
    );
    assert_eq!(post("/setup/done", json!({})).await.status, 204);
    assert_eq!(
        page.store
            .marks()
            .await
            .unwrap()
            .get(textback::store::Mark::Done),
        Some("yes")
    );

    let wrong = put(
        "/password",
        json!({"old": "a guess", "new": "four dry socks"}),
    )
    .await;
    assert_eq!(wrong.status, 403);
    let hash = tokio::task::spawn_blocking(|| {
        textback::door::hash("three wet socks", &textback::store::salt().unwrap()).unwrap()
    });
    page.store.set_password(hash.await.unwrap()).await.unwrap();
    let short = put(
        "/password",
        json!({"old": "three wet socks", "new": "short"}),
    )
    .await;
    assert_eq!(
        (short.status, short.body.contains("at least 10 characters")),
        (422, true)
    );
    let changed = put(
        "/password",
        json!({"old": "three wet socks", "new": "four dry socks"}),
    )
    .await;
    assert_eq!(changed.status, 204);

    let made = json(&post("/tokens", json!({"name": "Another"})).await);
    let another = made["token"].as_str().unwrap().to_owned();
    assert_eq!(
        page.call(&another, "GET", "/status", None).await.status,
        200
    );
    let tokens = get("/tokens").await;
    let id = tokens["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["name"] == "Another")
        .unwrap()["id"]
        .clone();
    assert_eq!(
        page.call(&token, "DELETE", &format!("/tokens/{id}"), None)
            .await
            .status,
        204
    );
    assert_eq!(
        page.call(&another, "GET", "/status", None).await.status,
        401
    );
    assert_eq!(
        page.call(&token, "DELETE", "/sessions", None).await.status,
        204
    );
    assert_eq!(
        page.get("/settings").await.status,
        401,
        "the browser is signed out"
    );
}

#[tokio::test]
async fn a_file_of_people_is_taken_whole_or_not_at_all() {
    let page = serve(false).await;
    let token = page.token().await;
    let headers = format!("Authorization: Bearer {token}\r\n");
    let import = async |list: &str, file: &str| {
        let request = Request {
            method: "POST",
            path: &format!("/api/v1/people/{list}/import"),
            headers: &headers,
            body: file.as_bytes(),
            ..Request::default()
        };
        request.answer(page.address).await
    };
    let came = import(
        "contacts",
        "name,phone\nAnn,+12025550143\nBen,+12025550144\n",
    )
    .await;
    assert_eq!(json(&came), json!({"added": 2, "known": 0}));
    assert_eq!(import("contacts", "\0\0").await.status, 422);
    assert_eq!(
        import("opted-out", "name,phone\nAnn,+12025550143\n")
            .await
            .status,
        422
    );
    assert_eq!(import("nobody", "").await.status, 404);
}

#[tokio::test]
async fn what_is_not_done_is_answered_with_a_problem() {
    let page = serve(false).await;
    let token = page.token().await;
    let ask = async |method: &str, path: &str, kind: &str, body: &str| {
        let headers = format!("Authorization: Bearer {token}\r\n");
        let request = Request {
            method,
            path: &format!("/api/v1{path}"),
            headers: &headers,
            body: body.as_bytes(),
            content_type: kind,
            ..Request::default()
        };
        request.answer(page.address).await
    };
    const JSON: &str = "application/json";
    let long = format!("{{\"value\": \"{}\"}}", "x".repeat(web::BODY_BYTES_MAX));
    for (method, path, kind, body, status, words) in [
        ("GET", "/nothing", JSON, "", 404, "no such address"),
        ("PATCH", "/status", JSON, "", 405, ""),
        ("GET", "/settings/no.such", JSON, "", 404, "no setting"),
        ("GET", "/messages/none", JSON, "", 404, "no such message"),
        (
            "GET",
            "/conversations/+12025550199",
            JSON,
            "",
            404,
            "nobody of this number",
        ),
        ("GET", "/calls?before=soon", JSON, "", 400, "invalid digit"),
        (
            "PUT",
            "/settings/business.name",
            "text/plain",
            "{\"value\": \"x\"}",
            415,
            "Content-Type: application/json",
        ),
        ("PUT", "/settings/business.name", JSON, "{", 400, "EOF"),
        (
            "PUT",
            "/settings/business.name",
            JSON,
            "{\"valeu\": \"x\"}",
            422,
            "unknown field `valeu`",
        ),
        (
            "PUT",
            "/settings/texts.max_per_day",
            JSON,
            "{\"value\": \"lots\"}",
            422,
            "1 to 1000",
        ),
        (
            "PUT",
            "/settings",
            JSON,
            "{\"settings\": {\"business.name\": \"x\", \"no\": \"\"}}",
            422,
            "no",
        ),
        (
            "PUT",
            "/messages/holiday",
            JSON,
            "{\"words\": \"{nmae}\"}",
            422,
            "{nmae} stands for nothing",
        ),
        (
            "PUT",
            "/conversations/+12025550143/outcome",
            JSON,
            "{\"outcome\": \"great\"}",
            422,
            "won, lost",
        ),
        (
            "PUT",
            "/conversations/+12025550143/outcome",
            JSON,
            "{\"outcome\": \"won\", \"amount\": \"a lot\"}",
            422,
            "is no sum",
        ),
        (
            "POST",
            "/conversations/+12025550143/answers",
            JSON,
            "{\"words\": \"Hi\"}",
            422,
            "never written",
        ),
        ("POST", "/tokens", JSON, "7", 422, "not what is wanted"),
        ("DELETE", "/tokens/99", JSON, "", 404, "no such token"),
        (
            "DELETE",
            "/people/contacts/+12025550143",
            JSON,
            "",
            404,
            "nobody of this number",
        ),
        (
            "POST",
            "/setup/code",
            JSON,
            "",
            422,
            "write your number first",
        ),
        ("PUT", "/settings/business.name", JSON, &long, 413, ""),
    ] {
        let answer = ask(method, path, kind, body).await;
        let shown = format!("{method} {path}: {}", answer.body);
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (status, PROBLEM),
            "{shown}"
        );
        let problem = json(&answer);
        assert_eq!(problem["status"], status, "{shown}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            detail.to_lowercase().contains(&words.to_lowercase()) && !detail.is_empty(),
            "{shown}"
        );
    }
    assert_eq!(page.store.settings().await.unwrap().business_name(), None);
    // A browser elsewhere that is signed in here.
    let elsewhere = "Origin: http://evil.example\r\nSec-Fetch-Site: cross-site\r\n";
    let request = Request {
        method: "PUT",
        path: "/api/v1/settings/business.name",
        headers: &format!("{}{elsewhere}", page.cookie),
        body: b"{\"value\": \"Evil\"}",
        content_type: "application/json",
        ..Request::default()
    };
    let answer = request.answer(page.address).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (403, PROBLEM)
    );
}
