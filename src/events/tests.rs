//! Every event as others get it, held to its schema in `docs/webhooks/`, and as people read it.

use serde_json::Value;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn told(event: Event) -> Told {
    Told {
        timestamp: at("2026-03-02T12:00:05Z"),
        event,
    }
}

fn missed(caller: Option<&str>, reason: Option<&str>) -> Told {
    told(Event::CallMissed {
        call_id: 7,
        caller: caller.map(str::to_owned),
        shown: if caller.is_some() {
            "number"
        } else {
            "withheld"
        }
        .to_owned(),
        started_at: at("2026-03-02T11:59:50Z"),
        ended_at: at("2026-03-02T12:00:05Z"),
        rings: 3,
        texted: reason.is_none(),
        reason: reason.map(str::to_owned),
        explanation: reason.map(|_| "Not texted: the caller hid the number.".to_owned()),
        text_id: reason.is_none().then_some(9),
    })
}

fn reply(body: &str) -> Told {
    told(Event::ReplyReceived {
        text_id: 10,
        number: Some("+12025550143".to_owned()),
        body: body.to_owned(),
        perhaps_stop: false,
        danger: None,
        complete: true,
    })
}

/// At least one of each kind, with and without what may be missing.
fn all() -> Vec<Told> {
    let anna = Some("+12025550143".to_owned());
    let sent = |call_id| Event::TextSent {
        text_id: 9,
        kind: "missed_call".to_owned(),
        number: anna.clone(),
        body: "Sorry we missed your call.".to_owned(),
        parts: 1,
        call_id,
    };
    let failed = |number: Option<String>| Event::TextFailed {
        text_id: 9,
        kind: "missed_call".to_owned(),
        number,
        body: "Sorry we missed your call.".to_owned(),
        call_id: Some(7),
        error: "the phone number is not in use".to_owned(),
    };
    let won = |amount_hundredths, last_words: Option<&str>| Event::LeadQualified {
        number: "+12025550143".to_owned(),
        tag: 7,
        outcome: "won".to_owned(),
        amount_hundredths,
        last_words: last_words.map(str::to_owned),
    };
    let health = |healthy, reason: Option<&str>| Event::BoxHealth {
        healthy,
        reason: reason.map(str::to_owned),
    };
    vec![
        missed(Some("+12025550143"), None),
        missed(None, Some("withheld")),
        told(sent(Some(7))),
        told(sent(None)),
        told(failed(anna.clone())),
        told(failed(None)),
        reply("My sink leaks"),
        told(won(Some(145_050), Some("My sink leaks"))),
        told(won(None, None)),
        told(health(false, Some("There is no modem."))),
        told(health(true, None)),
    ]
}

fn schema(kind: &str) -> Value {
    let path = format!("{}/docs/webhooks/{kind}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap()
}

/// What of JSON Schema 2020-12 our schemas use. A word that it does not know is an error, so that none is passed over.
fn check(value: &Value, schema: &Value, place: &str) -> Result<(), String> {
    let rules = schema.as_object().ok_or("a schema is an object")?;
    for (word, rule) in rules {
        let good = match word.as_str() {
            "$schema" | "$id" | "title" | "description" => true,
            "format" => {
                rule != "date-time"
                    || value
                        .as_str()
                        .is_some_and(|text| text.parse::<Timestamp>().is_ok())
            }
            "const" => value == rule,
            "enum" => rule.as_array().is_some_and(|all| all.contains(value)),
            "minimum" => value.as_i64() >= rule.as_i64(),
            "type" => match rule {
                Value::Array(all) => all.iter().any(|name| is(value, name)),
                name => is(value, name),
            },
            "required" => {
                let names = rule.as_array().ok_or("required is a list")?;
                names
                    .iter()
                    .all(|name| value.get(name.as_str().unwrap_or_default()).is_some())
            }
            "properties" => {
                for (name, rule) in rule.as_object().ok_or("properties is an object")? {
                    if let Some(value) = value.get(name) {
                        check(value, rule, &format!("{place}.{name}"))?;
                    }
                }
                true
            }
            "additionalProperties" => {
                let known = rules.get("properties").and_then(Value::as_object);
                let known = known.ok_or("additionalProperties without properties")?;
                value
                    .as_object()
                    .is_none_or(|all| all.keys().all(|key| known.contains_key(key)))
            }
            other => return Err(format!("{place}: {other} is not understood here")),
        };
        if !good {
            return Err(format!("{place}: {value} breaks {word}: {rule}"));
        }
    }
    Ok(())
}

fn is(value: &Value, name: &Value) -> bool {
    match name.as_str() {
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64(),
        Some("boolean") => value.is_boolean(),
        Some("object") => value.is_object(),
        Some("null") => value.is_null(),
        _ => false,
    }
}

#[test]
fn every_event_keeps_to_its_schema_and_the_schema_to_the_event() {
    for told in all() {
        let kind = told.event.kind();
        let schema = schema(kind);
        let value: Value = serde_json::from_str(&told.json()).unwrap();
        assert_eq!(value["type"], kind);
        check(&value, &schema, kind).unwrap_or_else(|why| panic!("{why}"));
        // Each field is promised, and of the type that is promised.
        let data = value["data"].as_object().unwrap();
        for name in data.keys() {
            let mut without = value.clone();
            without["data"].as_object_mut().unwrap().remove(name);
            assert!(
                check(&without, &schema, kind).is_err(),
                "{kind} without {name}"
            );
            let mut wrong = value.clone();
            wrong["data"][name] = Value::Array(vec![]);
            assert!(
                check(&wrong, &schema, kind).is_err(),
                "{kind} with a bad {name}"
            );
        }
        let mut more = value.clone();
        more["data"]["more"] = Value::Null;
        assert!(check(&more, &schema, kind).is_err(), "{kind} with more");
        assert_eq!(Told::from_json(&told.json()), Some(told));
    }
}

#[test]
fn a_body_has_the_order_and_the_names_that_standard_webhooks_proposes() {
    let health = Event::BoxHealth {
        healthy: true,
        reason: None,
    };
    assert_eq!(
        told(health).json(),
        r#"{"timestamp":"2026-03-02T12:00:05Z","type":"box.health","data":{"healthy":true,"reason":null}}"#
    );
}

#[test]
fn what_is_about_one_number_is_one_conversation_and_what_has_none_stands_alone() {
    let conversations: Vec<String> = all().iter().map(|told| told.event.conversation()).collect();
    let anna = "+12025550143";
    assert_eq!(
        conversations,
        [
            anna, "call 7", anna, anna, anna, "text 9", anna, anna, anna, "box", "box"
        ]
    );
}

#[test]
fn people_read_what_happened() {
    let bodies: Vec<String> = all().iter().map(|told| told.message().body).collect();
    assert_eq!(
        bodies,
        [
            "+12025550143 called and is texted.",
            "A caller without a number called. Not texted: the caller hid the number.",
            "To +12025550143: Sorry we missed your call.",
            "To +12025550143: Sorry we missed your call.",
            "The text to +12025550143 failed: the phone number is not in use",
            "The text to an unreadable number failed: the phone number is not in use",
            "+12025550143: My sink leaks",
            "+12025550143 is won for 1450.50.\n\nTheir last words: My sink leaks",
            "+12025550143 is won.",
            "There is no modem.",
            "Missed callers are texted again.",
        ]
    );
    for told in all() {
        let message = told.message();
        assert!(message.title.is_ascii());
        assert!(!message.about.contains('\n'));
    }
}

#[test]
fn what_a_stranger_wrote_steers_nobodys_screen() {
    let message = reply("\u{1b}[2Jhello\u{202e}\r\nSubject: x").message();
    assert_eq!(message.body, "+12025550143: [2Jhello\nSubject: x");
    let long = reply(&"x".repeat(9999)).message();
    assert_eq!(long.body.chars().count(), "+12025550143: ".len() + 2000);
}
