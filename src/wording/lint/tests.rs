//! Messages good and bad, in both languages.

use proptest::prelude::*;

use super::*;
use crate::phone::Region;
use crate::wording::sample_time;

/// What is found about a message of a business that has a name, each find by a short word.
fn found(message: &str, occasion: Occasion) -> String {
    let time = sample_time(Region::parse("US"));
    let values = Values {
        business: Some("Rivera Plumbing"),
        caller: Some("(202) 555-0143"),
        time: Some(&time),
        owner: Some("(202) 555-0100"),
    };
    let template = Template::parse(message).unwrap();
    let advice = advice(&template, occasion, Language::english(), &values);
    let words: Vec<String> = advice.iter().map(in_short).collect();
    words.join(" ")
}

fn in_short(advice: &Advice) -> String {
    match advice {
        Advice::NoBusinessName { .. } => "name".to_owned(),
        Advice::NoWayToStop { .. } => "stop".to_owned(),
        Advice::Link { found } => format!("link:{found}"),
        Advice::Price { found } => format!("price:{found}"),
        Advice::DearCharacters { chars, .. } => {
            let chars: String = chars.iter().map(|(c, _)| *c).collect();
            format!("dear:{chars}")
        }
        Advice::MoreParts { parts, over } => format!("parts:{parts}-{over}"),
    }
}

fn expect(occasion: Occasion, table: &[(&str, &str)]) {
    for (message, expected) in table {
        assert_eq!(found(message, occasion), *expected, "{message}");
    }
}

#[test]
fn good_messages_are_left_alone() {
    for message in [
        "Hi, this is {business}. Sorry we missed your call. What can we help you with? Reply STOP to opt out.",
        "{business}: we are under a sink. We call you back by 5:30 p.m. Reply STOP to opt out.",
        "Rivera plumbing here. Call {owner} if water is coming in. Text stop to get no more.",
        "{business} here, back at 8.30pm. Reply \"stop\" to opt out.",
        "{business} on St.Mary's Road, e.g. for leaks, i.e. taps. To opt out, reply unsubscribe.",
        "{business}. Feel free to text us, we're free at 5, toll-free too. STOP to opt out.",
        "{business}: open 9.00-17.30, 24/7 for leaks and/or floods (Mon.-Fri./Sat.). STOP = no more texts.",
        "{business}. We saw you called at {time}. Ann will ring. Reply STOP to end.",
        "{business}. Write to ann@acme.com or text. STOP: no more.",
        "{business}.Sorry we missed you.We will ring at 8.am or 5.pm. STOP to opt out.",
        "{business} says sorry! 2 vans, 15 minutes, 100% local. STOP to opt out.",
        "Hola, somos {business}. ¿En qué podemos ayudarle? Responda STOP para no recibir mensajes.",
        "Hola, soy Ana de {business}. Le llamo a las 8.30. Responda ALTO para no recibir mensajes.",
        "{business}: ahora no podemos atenderle. Escriba baja para no recibir mensajes.",
        "{business}: C/ Mayor, 5. Para salir, envíe \"NO MÁS\".",
        "{business}: nuestro teléfono gratuito es {owner}. Responda STOP y no le escribimos.",
    ] {
        assert_eq!(found(message, Occasion::MissedCall), "", "{message}");
    }
}

#[test]
fn links_are_found_and_what_only_has_dots_is_none() {
    expect(
        Occasion::OptIn,
        &[
            (
                "Book at https://acme.com/book.",
                "link:https://acme.com/book",
            ),
            ("HTTP://ACME.COM", "link:HTTP://ACME.COM"),
            ("See www.acme.com!", "link:www.acme.com"),
            ("See acme.com/x now", "link:acme.com/x"),
            ("See acme.com.", "link:acme.com"),
            ("(acme.co.uk)", "link:acme.co.uk"),
            ("Book:acme.com, please", "link:acme.com"),
            ("Acme.Com is open", "link:Acme.Com"),
            ("bit.ly/3xY", "link:bit.ly/3xY"),
            ("acme.plumbing/book", "link:acme.plumbing/book"),
            ("acme.example/book", "link:acme.example/book"),
            ("acme.es", "link:acme.es"),
            (
                "Reserve en fontaneria-rivera.es/citas",
                "link:fontaneria-rivera.es/citas",
            ),
            ("Visite www.rivera.mx.", "link:www.rivera.mx"),
            ("wa.me/12025550143", "link:wa.me/12025550143"),
            ("acme.example", ""),
            ("8.30pm, 5.5 hours, No.5, v2.1", ""),
            (
                "St.Mary, St.John/St.Mary, Mr.Smith, U.S.A., a.m./p.m., Ph.D.",
                "",
            ),
            ("Sorry.It is late.We are out.", ""),
            ("at 8.am or 5.pm", ""),
            ("ann@acme.com", ""),
            ("we wait... and wait...then", ""),
            ("and/or, 24/7, C/ Mayor", ""),
            ("://", ""),
        ],
    );
}

#[test]
fn prices_and_offers_are_found_and_what_only_sounds_so_is_none() {
    expect(
        Occasion::Help,
        &[
            ("{business} $50", "price:$50"),
            ("{business} from US$ 50.", "price:$ 50"),
            ("{business} £20 off", "price:£20"),
            ("{business} only $1,200.50.", "price:$1,200.50"),
            ("{business} 50 €", "price:50 €"),
            ("{business} €50", "price:€50"),
            ("{business} 50 USD", "price:50 USD"),
            ("{business} USD 50", "price:USD 50"),
            ("{business} 50usd", "price:50usd"),
            ("{business} 1,200 dollars", "price:1,200 dollars"),
            ("{business} 500 pesos", "price:500 pesos"),
            ("{business} 30 dólares", "price:30 dólares"),
            ("{business} free estimate", "price:free"),
            ("{business} FREE!", "price:FREE"),
            ("{business} Feel free: free quotes", "price:free"),
            ("{business} 20% off", "price:20% off"),
            ("{business} a discount", "price:discount"),
            ("{business} special offers", "price:special offers"),
            ("{business} presupuesto gratis", "price:gratis"),
            ("{business} 20 % de descuento", "price:descuento"),
            ("{business} ¡Oferta!", "price:Oferta"),
            ("{business} promoción", "price:promoción"),
            ("{business} sin coste", "price:sin coste"),
            ("{business} we weigh 50 pounds of $ALE", "price:50 pounds"),
            (
                "{business} is free at 5, we're free to talk, hands-free",
                "",
            ),
            ("{business} $ALE at 5 o'clock, 100% sure", ""),
            (
                "{business} freedom, Freeman, offers, deals with 5 leaks",
                "",
            ),
            ("{business} se sale el agua, la lavadora 2 veces", ""),
            ("{business} llamada gratuita", ""),
        ],
    );
}

#[test]
fn a_text_that_nobody_asked_for_says_how_to_stop() {
    expect(
        Occasion::FollowUp,
        &[
            ("{business} STOP to opt out", ""),
            ("{business} reply stop to end", ""),
            ("{business} text 'stop'", ""),
            ("{business} reply with the word STOP", ""),
            ("{business} to opt out, reply opt out", ""),
            ("{business} responda baja", ""),
            ("{business} envíe la palabra alto", ""),
            ("{business} ALTO: no más mensajes", ""),
            ("{business} we can't stop by today", "stop"),
            ("{business} until the end of the week", "stop"),
            ("{business} cancel or remove it", "stop"),
            ("{business} da de baja la cuenta", "stop"),
            ("RIVERA PLUMBING. WE STOP WORK AT FIVE", "stop"),
            ("{business}. WE STOP WORK AT FIVE", "stop"),
            ("RIVERA PLUMBING. REPLY STOP", ""),
            ("{business}", "stop"),
        ],
    );
    for occasion in Occasion::ALL {
        let expected = if occasion.is_unasked() { "stop" } else { "" };
        assert_eq!(found("{business}.", occasion), expected, "{occasion:?}");
    }
}

#[test]
fn a_text_says_who_writes() {
    for occasion in Occasion::ALL {
        let wanted = occasion.is_unasked() || occasion == Occasion::Help;
        let expected = if wanted { "name" } else { "" };
        assert_eq!(
            found("Sorry. Reply STOP.", occasion),
            expected,
            "{occasion:?}"
        );
        assert_eq!(found("RIVERA plumbing. Reply STOP.", occasion), "");
    }
    // What is in the name is the owner's own affair.
    let free = Values {
        business: Some("STOP & Save: free $5 Taxi.com"),
        ..Values::default()
    };
    let template = Template::parse("{business} here.").unwrap();
    let advice_on_name = advice(&template, Occasion::Held, Language::english(), &free);
    let advice_on_name: Vec<String> = advice_on_name.iter().map(in_short).collect();
    assert_eq!(advice_on_name, ["stop"]);
    let unnamed = |message: &str| {
        let template = Template::parse(message).unwrap();
        let english = Language::english();
        advice(&template, Occasion::Help, english, &Values::default())
    };
    // It goes out as soon as the owner has a number.
    let with_owner = unnamed("{business}. Free quotes from {owner}.");
    assert!(with_owner.contains(&Advice::Price {
        found: "Free".to_owned()
    }));
    let expected = [(true, "Hi from {business}"), (false, "Hi from us")];
    for (only_unset, message) in expected {
        assert_eq!(unnamed(message), [Advice::NoBusinessName { only_unset }]);
    }
}

#[test]
fn what_costs_more_than_one_part_is_told_with_its_cause() {
    let a = |count| "a".repeat(count);
    for (message, expected) in [
        (a(160), ""),
        (a(161), "parts:2-1"),
        (a(306), "parts:2-146"),
        (a(307), "parts:3-147"),
        // A curly quote is folded and costs nothing.
        (format!("’{}", a(159)), ""),
        (format!("ú{}", a(69)), ""),
        (format!("ú{}", a(70)), "dear:ú"),
        (format!("úíú{}", a(157)), "dear:úí"),
        (format!("ú{}", a(160)), "dear:ú parts:3-1"),
        (format!("👩\u{200d}🔧{}", a(80)), "dear:👩🔧"),
        (format!("[]{}", a(156)), ""),
        (format!("[]{}", a(157)), "dear:[]"),
        (format!("€{}", a(159)), "parts:2-1"),
        ("я".repeat(70), ""),
        ("я".repeat(71), "parts:2-1"),
        // Not the accent is dear but the writing.
        (format!("ú{}", "я".repeat(70)), "parts:2-1"),
    ] {
        assert_eq!(found(&message, Occasion::OptOut), expected, "{message}");
    }
}

#[test]
fn each_sentence_says_how_to_mend_it() {
    let dear = |chars: &[(char, &'static str)]| Advice::DearCharacters {
        chars: chars.to_vec(),
        parts: 2,
        would_be_parts: 1,
    };
    for (advice, expected) in [
        (
            Advice::NoWayToStop {
                way_out: "Reply STOP to opt out.".to_owned(),
            },
            "The text does not say how to get no more of them. Add, for example: Reply STOP to opt out.",
        ),
        (
            dear(&[('á', "a")]),
            "The text goes out as 2 texts, and only because of “á” it is not 1. In their place: “á” → “a”.",
        ),
        (
            dear(&[('á', "a"), ('👋', ""), ('ó', "o")]),
            "The text goes out as 2 texts, and only because of “á”, “👋”, “ó” it is not 1. \
             In their place: “á” → “a”, “ó” → “o”. Leave out “👋”.",
        ),
        (
            dear(&[('👋', ""), ('★', "")]),
            "The text goes out as 2 texts, and only because of “👋”, “★” it is not 1. Leave out “👋”, “★”.",
        ),
        (
            dear(&[
                ('á', "a"),
                ('í', "i"),
                ('ó', "o"),
                ('ú', "u"),
                ('ł', "l"),
                ('ý', "y"),
                ('č', "c"),
            ]),
            "The text goes out as 2 texts, and only because of “á”, “í”, “ó”, “ú”, “ł”, … it is not 1. \
             In their place: “á” → “a”, “í” → “i”, “ó” → “o”, “ú” → “u”, “ł” → “l”.",
        ),
        (
            Advice::MoreParts { parts: 2, over: 1 },
            "The text goes out as 2 texts, and each of them is paid for. It is 1 once it is 1 character shorter.",
        ),
    ] {
        assert_eq!(advice.sentence(), expected);
    }
    for advice in [
        Advice::NoBusinessName { only_unset: true },
        Advice::NoBusinessName { only_unset: false },
        Advice::Link {
            found: "acme.com".to_owned(),
        },
        Advice::Price {
            found: "$50".to_owned(),
        },
    ] {
        let sentence = advice.sentence();
        assert!(
            sentence.ends_with('.') && !sentence.contains("  "),
            "{sentence}"
        );
    }
    let long = format!("{{business}} STOP www.{}", "x".repeat(60));
    let found = found(&long, Occasion::MissedCall);
    assert_eq!(found, format!("link:www.{}…", "x".repeat(36)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_message_is_looked_at_and_what_is_mended_is_quiet(
        message in "([a-z$€%.:/'’]{1,6}|[ ,!?\n]|ú|\u{1f527}|[\\[\\]~]|free|stop|STOP|\\PC){1,200}",
        occasion in prop::sample::select(Occasion::ALL.to_vec()),
    ) {
        if let Ok(template) = Template::parse(&message) {
            let advice = advice(&template, occasion, Language::english(), &Values::default());
            let parts = sms::measure(&template.render(&Values::default())).parts;
            let told = advice.iter().any(|a| matches!(
                a, Advice::MoreParts { .. } | Advice::DearCharacters { .. }
            ));
            prop_assert_eq!(parts > 1, told);
            for advice in &advice {
                prop_assert!(!advice.sentence().is_empty());
                if let Advice::DearCharacters { parts: told, would_be_parts, .. } = advice {
                    prop_assert!(parts == *told && would_be_parts < told);
                }
            }
        }
    }

    #[test]
    fn what_is_left_out_as_told_makes_one_part(length in 161..600_usize) {
        let template = Template::parse(&"a".repeat(length)).unwrap();
        let advice = advice(&template, Occasion::OptOut, Language::english(), &Values::default());
        let [Advice::MoreParts { over, .. }] = advice.as_slice() else {
            return Err(TestCaseError::fail(format!("{advice:?}")));
        };
        prop_assert_eq!(sms::measure(&"a".repeat(length - over)).parts, 1);
        prop_assert_eq!(sms::measure(&"a".repeat(length - over + 1)).parts, 2);
    }
}
