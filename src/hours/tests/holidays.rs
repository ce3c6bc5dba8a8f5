//! The calendars against the lists that governments publish, and what holidays do to hours.

use std::collections::BTreeSet;

use super::*;

const OFFICIAL: &str = include_str!("official.tsv");

#[test]
fn calendars_are_as_published() {
    let mut seen = BTreeSet::new();
    for line in OFFICIAL.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [code, year, official, besides, _list] = *columns else {
            panic!("{line}");
        };
        let calendar: Calendar = code.parse().unwrap();
        let listed = official.split(' ').chain(besides.split_whitespace());
        let expected: BTreeSet<String> = listed.map(str::to_owned).collect();
        let first = date(&format!("{year}-01-01"));
        let found: BTreeSet<String> = std::iter::successors(Some(first), |day| day.tomorrow().ok())
            .take_while(|day| day.year() == first.year())
            .filter(|&day| calendar.holiday(day).is_some())
            .map(|day| day.strftime("%m-%d").to_string())
            .collect();
        assert_eq!(found, expected, "{code} {year}");
        seen.insert((code, year));
    }
    for calendar in Calendar::all() {
        let of_both = ["2026", "2027"].map(|year| seen.contains(&(calendar.code(), year)));
        let is_land = calendar.code().starts_with("DE-");
        assert!(is_land || of_both == [true; 2], "{calendar}");
    }
}

#[test]
fn holidays_have_their_names() {
    for (code, day, name) in [
        ("US", "2026-07-03", Some("Independence Day")),
        ("US", "2026-07-04", Some("Independence Day")),
        ("US", "2027-12-31", Some("New Year's Day")),
        ("US", "2026-11-27", None),
        ("US", "2020-06-19", None),
        ("NZ", "2026-07-10", Some("Matariki")),
        ("DE-BY", "2026-10-03", Some("Tag der Deutschen Einheit")),
        ("DE-BY", "2026-11-01", Some("Allerheiligen")),
        (
            "DE-BE",
            "2028-06-17",
            Some("75. Jahrestag des Volksaufstandes"),
        ),
        ("DE", "2026-11-01", None),
        // The day before, when the 27th is a Sunday.
        ("NL", "2031-04-26", Some("Koningsdag")),
        ("NL", "2031-04-27", None),
        // 1 February 2030 is a Friday.
        ("IE", "2030-02-01", Some("St Brigid's Day")),
        ("IE", "2030-02-04", None),
        ("IE", "2028-02-07", Some("St Brigid's Day")),
        (
            "MX",
            "2030-10-01",
            Some("Transmisión del Poder Ejecutivo Federal"),
        ),
        ("MX", "2029-10-01", None),
        ("CA", "2029-07-02", Some("Canada Day")),
    ] {
        let calendar: Calendar = code.parse().unwrap();
        assert_eq!(calendar.holiday(date(day)), name, "{code} {day}");
    }
}

#[test]
fn a_calendar_is_found_by_its_code() {
    let named = |text: &str| text.parse::<Calendar>().map(|found| found.to_string());
    for (text, code) in [
        ("us", "US"),
        (" UK ", "GB"),
        ("de-by", "DE-BY"),
        ("uk-sct", "GB-SCT"),
    ] {
        assert_eq!(named(text).as_deref(), Ok(code));
    }
    let refusal = named("Germany").unwrap_err().to_string();
    assert!(
        refusal.starts_with(r#""Germany" is no calendar we have; write one of US CA GB GB-SCT"#),
        "{refusal}"
    );
    assert_eq!(
        Calendar::all().next().unwrap().name(),
        "United States (federal)"
    );
}

#[test]
fn away_comes_before_holidays_and_holidays_before_hours() {
    let noon = |day: &str| at(&format!("{day}T17:00Z"), "America/New_York");
    let mut schedule = Schedule {
        weekly: Some(weekly("Mo-Fr 08:00-17:00")),
        own_dates: dates("12-24, 2026-12-28..2026-12-31"),
        calendar: Some("US".parse().unwrap()),
        away_until: None,
    };
    let christmas = Standing::Holiday {
        name: Some("Christmas Day".to_owned()),
    };
    let own = Standing::Holiday { name: None };
    assert_eq!(schedule.standing(&noon("2026-12-23")), Standing::Open);
    assert_eq!(schedule.standing(&noon("2026-12-24")), own);
    assert_eq!(schedule.standing(&noon("2026-12-25")), christmas);
    assert_eq!(schedule.standing(&noon("2026-12-26")), Standing::Closed);
    assert_eq!(schedule.standing(&noon("2026-12-30")), own);
    assert_eq!(schedule.standing(&noon("2027-12-30")), Standing::Open);

    let until: Until = "2026-12-25 12:30".parse().unwrap();
    schedule.away_until = Some(until);
    assert_eq!(
        schedule.standing(&noon("2026-12-25")),
        Standing::Away { until }
    );
    assert_eq!(
        schedule.standing(&at("2026-12-25T17:30Z", "America/New_York")),
        christmas
    );
}

#[test]
fn without_hours_it_is_open_but_for_holidays_and_absence() {
    let schedule = Schedule {
        own_dates: dates("2026-12-24"),
        ..Schedule::default()
    };
    assert_eq!(
        schedule.standing(&at("2026-12-23T03:00Z", "UTC")),
        Standing::Open
    );
    assert_eq!(
        schedule.standing(&at("2026-12-24T03:00Z", "UTC")),
        Standing::Holiday { name: None }
    );
}

#[test]
fn a_night_is_of_the_day_it_began_on() {
    let schedule = Schedule {
        own_dates: dates("2026-12-25"),
        ..hours("Mo-Su 18:00-02:00")
    };
    let own = Standing::Holiday { name: None };
    for (moment, standing) in [
        ("2026-12-25T01:59Z", Standing::Open),
        ("2026-12-25T02:00Z", own.clone()),
        ("2026-12-25T19:00Z", own.clone()),
        ("2026-12-26T01:59Z", own),
        ("2026-12-26T02:00Z", Standing::Closed),
        ("2026-12-26T18:00Z", Standing::Open),
    ] {
        assert_eq!(schedule.standing(&at(moment, "UTC")), standing, "{moment}");
    }
}

#[test]
fn what_waits_for_the_next_open_day_finds_it() {
    let schedule = Schedule {
        own_dates: dates("2026-12-24..2027-01-02"),
        ..hours("Mo-Fr 08:00-12:00, 13:00-17:00; Sa 09:00-12:00")
    };
    let new_york = "America/New_York";
    for (after, time, found) in [
        // Thursday to Friday, at that time or when it opens.
        ("2026-11-19T20:00Z", "10:00", Some("2026-11-20T15:00Z")),
        ("2026-11-19T20:00Z", "07:00", Some("2026-11-20T13:00Z")),
        ("2026-11-19T20:00Z", "12:30", Some("2026-11-20T18:00Z")),
        // Past closing time on Saturday: when it opens.
        ("2026-11-20T20:00Z", "15:00", Some("2026-11-21T14:00Z")),
        // Sunday is closed.
        ("2026-11-21T20:00Z", "10:00", Some("2026-11-23T15:00Z")),
        // Late on Sunday there, Monday already in UTC.
        ("2026-11-23T04:00Z", "10:00", Some("2026-11-23T15:00Z")),
        ("2026-12-23T20:00Z", "10:00", Some("2027-01-04T15:00Z")),
    ] {
        let time: Time = format!("{time}:00").parse().unwrap();
        let moment = schedule.next_open_day_moment(&at(after, new_york), time);
        assert_eq!(moment, found.map(utc), "{after} {time}");
    }
}

#[test]
fn the_look_ahead_has_an_end() {
    let closed_until = |last: &str| Schedule {
        own_dates: dates(&format!("2026-01-01..{last}")),
        ..Schedule::default()
    };
    let after = at("2026-01-01T12:00Z", "UTC");
    let eight = Time::constant(8, 0, 0, 0);
    assert_eq!(LOOK_AHEAD_DAYS, 60);
    let found = closed_until("2026-03-01").next_open_day_moment(&after, eight);
    assert_eq!(found, Some(utc("2026-03-02T08:00Z")));
    assert_eq!(
        closed_until("2026-03-02").next_open_day_moment(&after, eight),
        None
    );
}
