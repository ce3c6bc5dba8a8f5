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

fn in_english(own: Option<&Template>, values: &Values<'_>) -> String {
    text(Occasion::MissedCall, own, Language::english(), values)
}

#[test]
fn the_box_has_words_without_any_setting() {
    let none = Values::default();
    let sorry = "Sorry we missed your call. What can we help you with? Reply STOP to opt out.";
    assert_eq!(in_english(None, &none), sorry);
    let named = Values {
        business: Some("Acme"),
        ..none
    };
    assert_eq!(
        in_english(None, &named),
        "Hi, this is Acme. Sorry we missed your call. What can we help you with? Reply STOP to opt out."
    );
    let spanish = Language::parse("es").unwrap();
    assert_eq!(
        text(Occasion::MissedCall, None, spanish, &named),
        "Hola, somos Acme. Lamentamos no haber atendido su llamada. ¿En qué podemos ayudarle? \
         Responda STOP para no recibir mensajes."
    );
    let own = Template::parse("{business} here… {owner}").unwrap();
    assert_eq!(in_english(Some(&own), &named), "Acme here...");
    let often = Template::parse(&"{business} ".repeat(10)).unwrap();
    let emoji = "\u{1f527}".repeat(VALUE_CHARS_MAX);
    let wide = Values {
        business: Some(&emoji),
        ..none
    };
    let text = in_english(Some(&often), &wide);
    assert!(text.starts_with("Hi, this is"), "{text}");
    // What would come out empty is no text.
    let nothing = Template::parse("{business}").unwrap();
    assert_eq!(in_english(Some(&nothing), &none), sorry);
}

#[test]
fn each_occasion_has_words_of_its_own_and_the_owner_may_change_them() {
    let values = Values {
        business: Some("Acme"),
        time: Some("10:12 AM"),
        owner: Some("(202) 555-0100"),
        caller: None,
    };
    let own = Template::parse("{business} at {time}").unwrap();
    let english = Language::english();
    let late = "Hi, this is Acme. Sorry we missed your call at 10:12 AM. Our answer is late, but what can we help you with? Reply STOP to opt out.";
    let again = "This is Acme again. We missed your call and would still like to help. What do you need? Reply STOP to opt out.";
    let help = "This is Acme. We send a text when we miss a call. Call us at (202) 555-0100. Reply STOP to opt out.";
    let is = |occasion, expected: &str| {
        assert_eq!(text(occasion, None, english, &values), expected);
        let own = text(occasion, Some(&own), english, &values);
        assert_eq!(own, "Acme at 10:12 AM");
    };
    is(Occasion::Held, late);
    is(Occasion::FollowUp, again);
    is(Occasion::Help, help);
    is(
        Occasion::OptOut,
        "You will get no more texts from Acme. Reply START to get them again.",
    );
    is(
        Occasion::OptIn,
        "You will get texts from Acme again. Reply STOP to opt out.",
    );
    let nothing = Values::default();
    assert_eq!(
        text(Occasion::Help, None, english, &nothing),
        "We send a text when we miss a call. Reply STOP to opt out."
    );
    // A text that has lost its time still reads.
    assert_eq!(
        text(Occasion::Held, None, english, &nothing),
        "Our answer is late, but what can we help you with? Reply STOP to opt out."
    );
}

#[test]
fn stop_and_start_are_confirmed_in_one_part() {
    let longest = "n".repeat(VALUE_CHARS_MAX);
    for business in [None, Some("Acme"), Some(longest.as_str())] {
        let values = Values {
            business,
            ..Values::default()
        };
        for language in Language::all() {
            for occasion in [Occasion::OptOut, Occasion::OptIn] {
                let text = text(occasion, None, language, &values);
                assert!(text.contains(business.unwrap_or_default()), "{text}");
                assert_eq!(sms::measure(&text).parts, 1, "{text}");
            }
        }
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

    #[test]
    fn parts_are_counted_as_they_are_sent(
        source in "([a-zñé ]{1,8}|[ ,.’€\\[\n]|ú|я|\u{1f527}|\\{(business|caller|time|owner)\\}){1,160}",
        business in prop::option::of("\\PC{0,70}"),
        reference in any::<u8>(),
    ) {
        if let Ok(template) = Template::parse(&source) {
            let values = Values {
                business: business.as_deref(),
                caller: Some("(202) 555-0143"),
                ..Values::default()
            };
            let text = text(Occasion::MissedCall, Some(&template), Language::english(), &values);
            let measure = sms::measure(&text);
            let to = sms::Address::from_dialable("+12025550143").unwrap();
            let segments = sms::segment(&text, reference).unwrap();
            let pdus: Vec<String> = segments
                .into_iter()
                .map(|segment| sms::Submit::new(to.clone(), segment).to_pdu().hex)
                .collect();
            prop_assert_eq!(pdus.len(), measure.parts);
            prop_assert!(measure.parts <= PARTS_MAX);
            // What a phone makes of them: every part says how many there are, and together they are the text.
            let read: Vec<sms::Submit> = pdus.iter().map(|pdu| sms::Submit::from_hex(pdu).unwrap()).collect();
            for part in &read {
                prop_assert_eq!(part.segment.dcs().alphabet(), measure.alphabet);
                let total = part.segment.concatenation().map_or(1, |parts| usize::from(parts.total));
                prop_assert_eq!(total, measure.parts);
            }
            let joined: String = read.iter().map(|part| part.segment.text()).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
