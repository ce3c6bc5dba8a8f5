//! Templates, values and the texts they make.

use proptest::prelude::*;

use super::*;

fn render(source: &str, values: &Values<'_>) -> String {
    Template::parse(source).unwrap().render(values)
}

#[test]
fn values_go_where_their_names_stand() {
    let values = Values {
        business: Some("Acme Plumbing"),
        caller: Some("(202) 555-0143"),
        time: Some("2:05 pm"),
        owner: Some("(202) 555-0100"),
    };
    let text = render(
        "{business}: {caller} rang at {Time}, call {owner}!",
        &values,
    );
    assert_eq!(
        text,
        "Acme Plumbing: (202) 555-0143 rang at 2:05 pm, call (202) 555-0100!"
    );
}

#[test]
fn an_unset_value_leaves_no_trace() {
    for (source, expected) in [
        (
            "Hi {caller}, sorry we missed you.",
            "Hi, sorry we missed you.",
        ),
        ("Sorry, {caller}, we missed you.", "Sorry, we missed you."),
        ("Hi {caller} from us.", "Hi from us."),
        ("Hi {caller} {time} there", "Hi there"),
        ("{business}: sorry we missed you.", "sorry we missed you."),
        ("{business} - sorry", "- sorry"),
        ("Sorry we missed you - {business}", "Sorry we missed you"),
        ("Sorry we missed you.\n{business}", "Sorry we missed you."),
        (
            "Sorry we missed you.\n{business}\nReply STOP",
            "Sorry we missed you.\nReply STOP",
        ),
        ("Thanks, {business}.", "Thanks."),
        ("Hi, this is {business}. Sorry.", "Hi. Sorry."),
        ("Sorry. Call us at {owner}. Bye.", "Sorry. Bye."),
        ("Sorry. Call us at {owner}! Bye.", "Sorry. Bye."),
        ("Call us ({owner}) now.", "Call us now."),
        ("Call us ({owner}).", "Call us."),
        ("Thanks. Our 24-hour line is {owner}.", "Thanks."),
        (
            "Thanks - we open at 5:30, {owner}.",
            "Thanks - we open at 5:30.",
        ),
        ("{business}", ""),
        ("Call {owner}.", ""),
    ] {
        assert_eq!(render(source, &Values::default()), expected, "{source}");
    }
}

#[test]
fn a_value_cannot_garble_the_text() {
    for (name, expected) in [
        ("Acme\r\nPlumbing\u{7}\u{1b}[2J", "by Acme Plumbing[2J"),
        ("\u{202e}emcA", "by emcA"),
        ("{caller}", "by {caller}"),
        (" \u{0} ", ""),
    ] {
        let values = Values {
            business: Some(name),
            ..Values::default()
        };
        assert_eq!(render("by {business}", &values), expected);
    }
    let long = "n".repeat(VALUE_CHARS_MAX + 1);
    let values = Values {
        business: Some(&long),
        ..Values::default()
    };
    assert_eq!(render("{business}", &values).len(), VALUE_CHARS_MAX);
}

#[test]
fn a_message_is_refused_with_what_would_be_good() {
    for (source, expected) in [
        ("", "the message is empty"),
        (" \u{7}\r\n", "the message is empty"),
        (
            "Hi {bussiness}",
            "{bussiness} stands for nothing; there are {business} {caller} {time} {owner}",
        ),
        (
            "Hi {}",
            "{} stands for nothing; there are {business} {caller} {time} {owner}",
        ),
        (
            "Hi {business",
            "a curly bracket is not closed; they are only for {business} {caller} {time} {owner}",
        ),
        (
            "Hi business}",
            "a curly bracket is not closed; they are only for {business} {caller} {time} {owner}",
        ),
    ] {
        assert_eq!(Template::parse(source).unwrap_err().to_string(), expected);
    }
}

#[test]
fn ten_parts_are_the_limit() {
    for (letter, units_in_part) in [("a", 153), ("я", 67)] {
        let most = letter.repeat(PARTS_MAX * units_in_part);
        assert!(Template::parse(&most).is_ok());
        let refusal = Template::parse(&format!("{most}{letter}")).unwrap_err();
        assert_eq!(refusal, WordingError::TooLong { parts: 11 });
        assert_eq!(
            refusal.to_string(),
            "the message would go out as 11 texts, and more than 10 are not sent; \
             up to 6 (918 plain characters) arrive as one everywhere"
        );
    }
    // Values count at their longest.
    let most = "a".repeat(PARTS_MAX * 153 - VALUE_CHARS_MAX);
    assert!(Template::parse(&format!("{most}{{time}}")).is_ok());
    assert!(Template::parse(&format!("{most}a{{time}}")).is_err());
}

#[test]
fn the_box_has_words_without_any_setting() {
    let none = Values::default();
    assert_eq!(missed_call_text(None, &none), MISSED_CALL);
    let named = Values {
        business: Some("Acme"),
        ..none
    };
    assert_eq!(
        missed_call_text(None, &named),
        "Hi, this is Acme. Sorry we missed your call. What can we help you with? Reply STOP to opt out."
    );
    let own = Template::parse("{business} here… {owner}").unwrap();
    assert_eq!(missed_call_text(Some(&own), &named), "Acme here...");
    let often = Template::parse(&"{business} ".repeat(10)).unwrap();
    let emoji = "\u{1f527}".repeat(VALUE_CHARS_MAX);
    let wide = Values {
        business: Some(&emoji),
        ..none
    };
    let text = missed_call_text(Some(&often), &wide);
    assert!(text.starts_with("Hi, this is"), "{text}");
    // What would come out empty is no text.
    let nothing = Template::parse("{business}").unwrap();
    assert_eq!(missed_call_text(Some(&nothing), &none), MISSED_CALL);
}

#[test]
fn stop_and_start_are_confirmed_in_one_part() {
    let longest = "n".repeat(VALUE_CHARS_MAX);
    for name in [None, Some("Acme"), Some(longest.as_str())] {
        let us = name.unwrap_or("us");
        assert_eq!(
            opt_out_confirmation(name),
            format!("You will get no more texts from {us}. Reply START to get them again.")
        );
        assert_eq!(
            opt_in_confirmation(name),
            format!("You will get texts from {us} again. Reply STOP to opt out.")
        );
        assert_eq!(sms::measure(&opt_out_confirmation(name)).parts, 1);
        assert_eq!(sms::measure(&opt_in_confirmation(name)).parts, 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_template_renders_clean(
        source in "([a-z]{1,4}|[ ,.!?():\n-]|\\{(business|caller|time|owner)\\}){1,12}",
        value in prop::option::of("\\PC{0,70}|[\u{0}-\u{20}]{0,4}"),
    ) {
        if let Ok(template) = Template::parse(&source) {
            let values = Values { business: value.as_deref(), ..Values::default() };
            let text = template.render(&values);
            prop_assert_eq!(text.trim(), text.as_str());
            prop_assert!(!text.chars().any(|c| c != '\n' && is_control(c)));
            prop_assert!(source.contains("  ") || value.is_some() || !text.contains("  "), "{text:?}");
        }
    }
}
