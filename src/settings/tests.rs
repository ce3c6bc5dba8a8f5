//! Values good and bad, and what becomes of them.

use super::*;
use crate::wording;

fn settings(pairs: &[(&str, &str)]) -> Settings {
    Settings::from_pairs(
        pairs
            .iter()
            .map(|&(key, value)| (key.to_owned(), value.to_owned())),
    )
}

#[test]
fn the_table_for_people_is_the_table_in_force() {
    let rows: Vec<&str> = include_str!("../../config/settings.md")
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let expected: Vec<String> = ALL
        .iter()
        .map(|s| {
            let default = if s.default.is_empty() {
                "empty"
            } else {
                s.default
            };
            format!("| `{}` | {default} | {} | {} |", s.key, s.accepts(), s.help)
        })
        .collect();
    assert_eq!(
        rows,
        expected,
        "config/settings.md should read:\n{}",
        expected.join("\n")
    );
}

#[test]
fn good_values_are_taken_in_one_spelling() {
    for (key, value, stored) in [
        (BUSINESS_NAME, " Müller & Sons ", "Müller & Sons"),
        (BUSINESS_NAME, "", ""),
        (BUSINESS_COUNTRY, "us", "US"),
        (BUSINESS_COUNTRY, "", ""),
        (MESSAGE_MISSED_CALL, "Hi\r\nthere", "Hi\nthere"),
        (MESSAGE_MISSED_CALL, " ", ""),
        (MESSAGE_LANGUAGE, " ES ", "es"),
        (MESSAGE_LANGUAGE, "", ""),
        (MESSAGE_HELP, "Call {owner}", "Call {owner}"),
        (OWNER_NUMBER, "+1 (202) 555-0143", "+12025550143"),
        (OWNER_NUMBER, "", ""),
        (TEXTS_COOLDOWN_H, "", "24"),
        (TEXTS_ALLOW_FOREIGN, " ", "no"),
        (CALLS_HANG_UP_AFTER_S, "0", "0"),
        (CALLS_HANG_UP_AFTER_S, " 060 ", "60"),
        (TEXTS_COOLDOWN_H, "0", "0"),
        (TEXTS_COOLDOWN_H, "720", "720"),
        (TEXTS_MAX_PER_MINUTE, "1", "1"),
        (TEXTS_MAX_PER_MINUTE, "60", "60"),
        (TEXTS_MAX_PER_DAY, "1", "1"),
        (TEXTS_MAX_PER_DAY, "1000", "1000"),
        (TEXTS_ALLOW_FOREIGN, "Yes", "yes"),
        (TEXTS_ALLOW_FOREIGN, "off", "no"),
        (" texts.allow_foreign ", "off", "no"),
        (HOURS_WEEKLY, "Mon-Fri 8am-5pm", "Mo-Fr 08:00-17:00"),
        (HOURS_HOLIDAYS, "12-25,2026-12-24", "12-25, 2026-12-24"),
        (HOURS_CALENDAR, "uk", "GB"),
        (HOURS_AWAY_UNTIL, "2026-12-24 8:00", "2026-12-24 08:00"),
        (HOURS_TIME_ZONE, "europe/berlin", "Europe/Berlin"),
        (HOURS_TIME_ZONE, " ", ""),
    ] {
        assert_eq!(check(key, value).as_deref(), Ok(stored), "{key} {value:?}");
    }
    let longest = "ü".repeat(wording::VALUE_CHARS_MAX);
    assert_eq!(check(BUSINESS_NAME, &longest), Ok(longest));
}

#[test]
fn a_refusal_says_what_would_be_good() {
    let long_name = "n".repeat(wording::VALUE_CHARS_MAX + 1);
    for (key, value, refusal) in [
        (
            "busines.name",
            "x",
            r#"there is no setting "busines.name"; did you mean business.name?"#,
        ),
        (
            "cooldown",
            "x",
            r#"there is no setting "cooldown"; did you mean texts.cooldown_h?"#,
        ),
        (
            "texts.per_day",
            "x",
            r#"there is no setting "texts.per_day"; did you mean texts.max_per_day?"#,
        ),
        (
            BUSINESS_NAME,
            "a\nb",
            "business.name: a name is one line of letters, without control characters",
        ),
        (
            BUSINESS_NAME,
            "a\u{202e}b",
            "business.name: a name is one line of letters, without control characters",
        ),
        (
            BUSINESS_NAME,
            &long_name,
            "business.name: the name has 61 characters, and at most 60 fit",
        ),
        (
            BUSINESS_COUNTRY,
            "Germany",
            r#"business.country: "Germany" is no country; write two letters such as US, CA or GB, or empty"#,
        ),
        (
            MESSAGE_HELD,
            "At {tiem}",
            "message.held: {tiem} stands for nothing; there are {business} {caller} {time} {owner}",
        ),
        (
            OWNER_NUMBER,
            "2025550143",
            r#"owner.number: "2025550143" lacks its country: write it with a plus and the country code, such as +1 202 555 0143"#,
        ),
        (
            CALLS_HANG_UP_AFTER_S,
            "61",
            r#"calls.hang_up_after_s: "61" does not do; write a whole number, 0 to 60 seconds"#,
        ),
        (
            TEXTS_COOLDOWN_H,
            "721",
            r#"texts.cooldown_h: "721" does not do; write a whole number, 0 to 720 hours"#,
        ),
        (
            TEXTS_MAX_PER_MINUTE,
            "0",
            r#"texts.max_per_minute: "0" does not do; write a whole number, 1 to 60 texts"#,
        ),
        (
            TEXTS_MAX_PER_DAY,
            "1001",
            r#"texts.max_per_day: "1001" does not do; write a whole number, 1 to 1000 texts"#,
        ),
        (
            TEXTS_ALLOW_FOREIGN,
            "maybe",
            r#"texts.allow_foreign: "maybe" does not do; write yes or no"#,
        ),
        (
            HOURS_AWAY_UNTIL,
            "tomorrow",
            r#"hours.away_until: "tomorrow" is no day to be back; write a day such as 2026-12-24, or with the time 2026-12-24 08:00"#,
        ),
        (
            HOURS_TIME_ZONE,
            "America/NewYork",
            r#"hours.time_zone: "America/NewYork" is no time zone; did you mean America/New_York?"#,
        ),
    ] {
        assert_eq!(check(key, value).unwrap_err().to_string(), refusal);
    }
}

#[test]
fn once_there_is_a_name_the_message_says_it() {
    let unnamed = settings(&[(MESSAGE_MISSED_CALL, "Hello")]);
    let named = settings(&[(BUSINESS_NAME, "Acme")]);
    for (current, key, value, good) in [
        (&unnamed, MESSAGE_MISSED_CALL, "Hi there", true),
        (&unnamed, BUSINESS_NAME, "Acme", false),
        (&unnamed, BUSINESS_NAME, "", true),
        (&named, MESSAGE_MISSED_CALL, "Hi there", false),
        (&named, MESSAGE_MISSED_CALL, "Hi from {business}", true),
        (&named, MESSAGE_MISSED_CALL, "", true),
        (&named, BUSINESS_NAME, "Acme & Sons", true),
    ] {
        let found = check_change(current, key, value);
        assert_eq!(found.is_ok(), good, "{key} {value:?}: {found:?}");
    }
}

#[test]
fn every_text_that_comes_unasked_says_the_name_and_the_others_need_not() {
    let named = settings(&[(BUSINESS_NAME, "Acme")]);
    let mut texts = 0;
    for setting in ALL {
        let Some(occasion) = setting.occasion() else {
            continue;
        };
        texts += 1;
        let unnamed = settings(&[(setting.key, "Hello")]);
        assert_eq!(
            unnamed.message(occasion).map(Template::source),
            Some("Hello")
        );
        let message = check_change(&named, setting.key, "Hello");
        let name = check_change(&unnamed, BUSINESS_NAME, "Acme");
        assert_eq!(message.is_ok(), !occasion.is_unasked(), "{}", setting.key);
        assert_eq!(name.is_ok(), message.is_ok(), "{}", setting.key);
        if let Err(refusal) = name {
            let expected = format!(
                "business.name: {} does not say {{business}} yet",
                setting.key
            );
            assert!(refusal.to_string().starts_with(&expected), "{refusal}");
        }
    }
    assert_eq!(texts, Occasion::ALL.len());
}

#[test]
fn a_language_that_the_box_does_not_speak_is_refused_with_those_it_does() {
    let refusal = check(MESSAGE_LANGUAGE, "Klingon").unwrap_err().to_string();
    let expected = r#"message.language: "Klingon" is no language that the box speaks; there are "#;
    let listed = refusal.strip_prefix(expected).unwrap();
    let listed: Vec<&str> = listed.split(", ").collect();
    assert_eq!(listed.len(), Language::all().len());
    assert!(listed.contains(&"es (Español)"), "{listed:?}");
}

#[test]
fn the_language_is_the_one_set_or_that_of_the_country() {
    for (set, home, expected) in [
        ("", None, "en"),
        ("", Some("US"), "en"),
        ("", Some("MX"), "es"),
        ("", Some("IO"), "en"),
        ("es", Some("US"), "es"),
        ("en", Some("ES"), "en"),
    ] {
        let language = settings(&[(MESSAGE_LANGUAGE, set)]).language(home.and_then(Region::parse));
        assert_eq!(language.code(), expected, "{set:?} {home:?}");
    }
}

#[test]
fn the_owner_may_write_his_number_as_at_home() {
    let current = settings(&[(BUSINESS_COUNTRY, "US")]);
    let stored = check_change(&current, OWNER_NUMBER, "(202) 555-0143");
    assert_eq!(stored.as_deref(), Ok("+12025550143"));
}

#[test]
fn stored_values_are_read_and_nonsense_is_the_default() {
    let read = settings(&[
        (BUSINESS_NAME, "Acme"),
        (BUSINESS_COUNTRY, "CA"),
        (MESSAGE_MISSED_CALL, "{business} here"),
        (OWNER_NUMBER, "+12025550143"),
        (CALLS_HANG_UP_AFTER_S, "0"),
        (TEXTS_COOLDOWN_H, "1"),
        (TEXTS_MAX_PER_MINUTE, "2"),
        (TEXTS_MAX_PER_DAY, "3"),
        (TEXTS_ALLOW_FOREIGN, "yes"),
        (HOURS_WEEKLY, "Mo 08:00-12:00"),
        (HOURS_HOLIDAYS, "12-24"),
        (HOURS_CALENDAR, "CA"),
        (HOURS_AWAY_UNTIL, "2026-12-24"),
        (HOURS_TIME_ZONE, "America/Toronto"),
        (TEXTS_ONLY_STRANGERS, "yes"),
        ("unheard.of", "x"),
    ]);
    assert_eq!(read.business_name(), Some("Acme"));
    assert_eq!(read.country(), Region::parse("CA"));
    assert_eq!(
        read.missed_call_message().map(Template::source),
        Some("{business} here")
    );
    assert_eq!(
        read.owner_number().map(PhoneNumber::as_str),
        Some("+12025550143")
    );
    assert_eq!(read.hang_up_after_s(), None);
    assert_eq!(
        (read.cooldown_h(), read.max_per_minute(), read.max_per_day()),
        (1, 2, 3)
    );
    assert!(read.allow_foreign() && read.only_strangers());
    let schedule = Schedule {
        weekly: "Mo 08:00-12:00".parse().ok(),
        own_dates: "12-24".parse().unwrap(),
        calendar: "CA".parse().ok(),
        away_until: "2026-12-24".parse().ok(),
    };
    assert_eq!(read.schedule(), &schedule);
    assert!(
        schedule.weekly.is_some() && schedule.calendar.is_some() && schedule.away_until.is_some()
    );
    assert_eq!(read.time_zone(), TimeZone::get("America/Toronto").ok());
    assert_eq!(Settings::default().schedule(), &Schedule::default());
    assert_eq!(Settings::default().time_zone(), None);

    let nonsense: Vec<(&str, &str)> = ALL.iter().map(|s| (s.key, "{\u{7}")).collect();
    assert_eq!(settings(&nonsense), Settings::default());
    let default = Settings::default();
    assert_eq!(default.hang_up_after_s(), Some(15));
    assert_eq!(
        (
            default.cooldown_h(),
            default.max_per_minute(),
            default.max_per_day()
        ),
        (24, 30, 200)
    );
    assert_eq!(default.business_name(), None);
    assert!(!default.allow_foreign() && !default.only_strangers());
}
