//! Numbers as modems and people write them, and the one number each of them is.

use proptest::prelude::*;

use super::*;

const US: Option<&str> = Some("US");
const DE: Option<&str> = Some("DE");

fn home(letters: Option<&str>) -> Option<Region> {
    letters.map(|letters| Region::parse(letters).unwrap())
}

fn number(e164: &str) -> PhoneNumber {
    PhoneNumber::parse(e164, None).unwrap()
}

#[test]
fn a_number_on_the_line_is_read_whatever_its_type_says() {
    for (digits, type_of_address, country, expected) in [
        // As the standard has it.
        ("+12025550143", 145, US, Some("+12025550143")),
        ("+12025550143", 145, None, Some("+12025550143")),
        ("+1234567890", 145, US, Some("+1234567890")),
        ("2025550143", 161, US, Some("+12025550143")),
        ("015123456789", 129, DE, Some("+4915123456789")),
        ("15123456789", 161, DE, Some("+4915123456789")),
        // 145 without a plus.
        ("79085009275", 145, None, Some("+79085009275")),
        ("79085009275", 145, US, Some("+79085009275")),
        ("2025550143", 145, US, Some("+12025550143")),
        // Trunk prefix, country code without a plus, prefix for calls abroad.
        ("12025550143", 129, US, Some("+12025550143")),
        ("12025550143", 128, DE, Some("+12025550143")),
        ("4915123456789", 129, DE, Some("+4915123456789")),
        ("08020866256", 128, Some("NG"), Some("+2348020866256")),
        ("0114915123456789", 129, US, Some("+4915123456789")),
        ("004915123456789", 129, US, Some("+4915123456789")),
        ("004915123456789", 129, None, Some("+4915123456789")),
        ("0012025550143", 129, DE, Some("+12025550143")),
        // A plus that the modem put before a national number.
        ("+08020866256", 145, Some("NG"), Some("+2348020866256")),
        // Zeros of Italian landlines belong to the number.
        ("0669812345", 129, Some("IT"), Some("+390669812345")),
        // A plan younger than our tables: an area code that North America has not given out yet.
        ("2235550143", 129, US, Some("+12235550143")),
        ("9995550143", 129, US, Some("+19995550143")),
        // Ten digits are not taken for a number from abroad.
        ("6591234567", 129, US, Some("+16591234567")),
        // Nothing to read them in.
        ("2025550143", 129, None, None),
        ("5550143", 129, US, None),
        // Short codes, names, garbage.
        ("88999", 129, US, None),
        ("232323", 129, DE, None),
        ("911", 129, US, None),
        ("+911", 145, US, None),
        ("+2102025550143", 145, US, None),
        ("+1202555014312345", 145, US, None),
        ("ACME", 208, US, None),
        ("2025550143", 208, US, None),
        ("*100#", 129, US, None),
        ("", 128, US, None),
        ("+", 145, US, None),
        ("20255+50143", 129, US, None),
        ("٢٠٢٥٥٥٠١٤٣", 129, US, None),
    ] {
        let found = PhoneNumber::from_line(digits, type_of_address, home(country));
        let found = found.as_ref().map(PhoneNumber::as_str);
        assert_eq!(found, expected, "{digits},{type_of_address} in {country:?}");
    }
}

#[test]
fn a_person_may_type_it_as_people_do() {
    for (typed, country, expected) in [
        ("(202) 555-0143", US, Some("+12025550143")),
        (" +1 202.555.0143 ", None, Some("+12025550143")),
        ("1-202-555-0143", US, Some("+12025550143")),
        ("0151 / 234 567 89", DE, Some("+4915123456789")),
        ("+49 (0)151 23456789", US, Some("+4915123456789")),
    ] {
        let found = PhoneNumber::parse(typed, home(country)).ok();
        let found = found.as_ref().map(PhoneNumber::as_str);
        assert_eq!(found, expected, "{typed} in {country:?}");
    }
    let shown = |text: &str| text.to_owned();
    for (typed, country, expected) in [
        (
            "2025550143",
            None,
            PhoneError::NoCountry(shown("2025550143")),
        ),
        ("my phone", US, PhoneError::NotDigits(shown("my phone"))),
        ("", US, PhoneError::NotDigits(shown(""))),
        ("555-0143", US, PhoneError::NotANumber(shown("555-0143"))),
        ("88999", US, PhoneError::NotANumber(shown("88999"))),
        (
            "+999 123 456 789",
            US,
            PhoneError::NotANumber(shown("+999 123 456 789")),
        ),
    ] {
        assert_eq!(PhoneNumber::parse(typed, home(country)), Err(expected));
    }
    let longest = format!("{}+12025550143", " ".repeat(TYPED_CHARS_MAX - 12));
    assert!(PhoneNumber::parse(&longest, None).is_ok());
    assert!(PhoneNumber::parse(&format!(" {longest}"), None).is_err());
}

#[test]
fn a_number_tells_its_country_and_kind() {
    for (e164, region, kind) in [
        ("+12025550143", Some("US"), LineKind::FixedLineOrMobile),
        ("+14165550143", Some("CA"), LineKind::FixedLineOrMobile),
        ("+18765550143", Some("JM"), LineKind::Mobile),
        ("+18002255288", Some("US"), LineKind::TollFree),
        ("+19002345678", Some("US"), LineKind::Premium),
        ("+4915123456789", Some("DE"), LineKind::Mobile),
        ("+493012345678", Some("DE"), LineKind::FixedLine),
        ("+4918012345678", Some("DE"), LineKind::SharedCost),
        ("+445612345678", Some("GB"), LineKind::Voip),
        ("+1234567890", Some("US"), LineKind::Unknown),
        ("+80012345678", None, LineKind::TollFree),
    ] {
        assert_eq!(number(e164).region(), home(region), "{e164}");
        assert_eq!(number(e164).line_kind(), kind, "{e164}");
    }
}

#[test]
fn people_see_it_as_they_write_it() {
    assert_eq!(number("+12025550143").national_format(), "(202) 555-0143");
    assert_eq!(
        number("+12025550143").format_for(home(US)),
        "(202) 555-0143"
    );
    assert_eq!(
        number("+12025550143").format_for(home(DE)),
        "+1 202-555-0143"
    );
    assert_eq!(
        number("+4915123456789").format_for(home(DE)),
        "01512 3456789"
    );
    assert_eq!(number("+12025550143").to_string(), "+12025550143");
}

#[test]
fn the_log_does_not_tell_whose_number_it_is_unless_asked() {
    let number = number("+12025550143");
    assert_eq!(number.for_log().to_string(), "+1202…43");
    assert_eq!(format!("{:?}", number.for_log()), "+1202…43");
    // What strangers call themselves stays on its line.
    for (name, shown) in [
        ("Bank\r\nERROR all is lost", "BankE…st"),
        ("\u{1b}[31mred alert", "[31mr…rt"),
        ("A\u{202e}B\u{2028}C\u{85}D\0E", "ABCDE"),
        ("Банк Привет", "Банк…ет"),
        ("日本銀行からのお知らせ", "日本銀行…らせ"),
        ("2025550143", "2025…43"),
        ("5550143", "55…43"),
        // A short code is nobody's own number.
        ("889900", "889900"),
        ("ACME", "ACME"),
        ("", ""),
    ] {
        assert_eq!(for_log(name).to_string(), shown, "{name:?}");
    }
    show_full_numbers_in_logs(true);
    let shown = ["+12025550143", "+1\n\u{202e}202"].map(|name| for_log(name).to_string());
    show_full_numbers_in_logs(false);
    assert_eq!(shown, ["+12025550143", "+1202"]);
}

#[test]
fn what_was_stored_comes_back_as_it_was() {
    for (stored, whole) in [
        ("+12025550143", true),
        ("+1234567", true),
        ("+123456", false),
        ("+123456789012345", true),
        ("+1234567890123456", false),
        ("+02025550143", false),
        ("12025550143", false),
        ("+1202555014x", false),
    ] {
        assert_eq!(PhoneNumber::from_e164(stored).is_some(), whole, "{stored}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_is_a_number_in_e164_or_none(
        digits in prop_oneof!["\\+?[0-9]{0,20}", "\\PC{0,30}"],
        type_of_address in any::<u8>(),
        country in prop_oneof![Just(None), Just(US), Just(DE), Just(Some("IT")), Just(Some("BR"))],
    ) {
        let home = home(country);
        for number in [
            PhoneNumber::from_line(&digits, type_of_address, home),
            PhoneNumber::parse(&digits, home).ok(),
        ].into_iter().flatten() {
            prop_assert_eq!(PhoneNumber::from_e164(number.as_str()), Some(number.clone()));
            let _ = (number.region(), number.line_kind(), number.format_for(home), number.for_log().to_string());
        }
    }
}
