//! Days on which clocks are changed: spans last as long as people are there.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::reference::Week;
use super::*;

const NEW_YORK: &str = "America/New_York";

#[test]
fn an_opening_time_that_is_left_out_opens_when_the_gap_ends() {
    let schedule = hours("Su 02:30-05:00");
    for (moment, standing) in [
        ("2026-03-08T06:59:59Z", Standing::Closed),
        ("2026-03-08T07:00Z", Standing::Open),
        ("2026-03-08T08:59Z", Standing::Open),
        ("2026-03-08T09:00Z", Standing::Closed),
    ] {
        assert_eq!(
            schedule.standing(&at(moment, NEW_YORK)),
            standing,
            "{moment}"
        );
    }
    let first = schedule.first_open_moment(date("2026-03-08"), Time::midnight(), &zone(NEW_YORK));
    assert_eq!(first, Some(utc("2026-03-08T07:00Z")));
}

#[test]
fn an_hour_that_comes_twice_is_open_twice() {
    let schedule = hours("Su 01:15-01:45");
    for (moment, standing) in [
        ("2026-11-01T05:14Z", Standing::Closed),
        ("2026-11-01T05:15Z", Standing::Open),
        ("2026-11-01T05:45Z", Standing::Closed),
        ("2026-11-01T06:15Z", Standing::Open),
        ("2026-11-01T06:45Z", Standing::Closed),
    ] {
        assert_eq!(
            schedule.standing(&at(moment, NEW_YORK)),
            standing,
            "{moment}"
        );
    }
    let first = |schedule: &Schedule| {
        schedule.first_open_moment(date("2026-11-01"), Time::midnight(), &zone(NEW_YORK))
    };
    assert_eq!(first(&schedule), Some(utc("2026-11-01T05:15Z")));
    // Back after the first time has passed: the second one counts.
    let late = Schedule {
        away_until: Some("2026-11-01 01:50".parse().unwrap()),
        ..schedule
    };
    assert_eq!(first(&late), Some(utc("2026-11-01T06:15Z")));
    // Inside the span when clocks are turned back.
    let long = Schedule {
        weekly: Some(weekly("Su 00:30-01:30")),
        ..late
    };
    assert_eq!(first(&long), Some(utc("2026-11-01T06:00Z")));
}

#[test]
fn a_day_without_a_midnight_begins_at_one() {
    let sao_paulo = zone("America/Sao_Paulo");
    let always = Schedule::default();
    let first = always.first_open_moment(date("2018-11-04"), Time::midnight(), &sao_paulo);
    assert_eq!(first, Some(utc("2018-11-04T03:00Z")));
    let until: Until = "2018-11-04".parse().unwrap();
    assert!(!until.is_over(&utc("2018-11-04T02:59:59Z").to_zoned(sao_paulo.clone())));
    assert!(until.is_over(&utc("2018-11-04T03:00Z").to_zoned(sao_paulo)));
}

#[test]
fn a_day_that_a_zone_left_out_has_no_moment() {
    let apia = zone("Pacific/Apia");
    let eight = Time::constant(8, 0, 0, 0);
    let schedule = hours("Mo-Su 08:00-17:00");
    assert_eq!(
        schedule.first_open_moment(date("2011-12-30"), eight, &apia),
        None
    );
    let thursday = at("2011-12-30T01:00Z", "Pacific/Apia");
    assert_eq!(thursday.date(), date("2011-12-29"));
    assert_eq!(
        schedule.next_open_day_moment(&thursday, eight),
        Some(utc("2011-12-30T18:00Z")),
        "Saturday the 31st, at eight"
    );
    let until: Until = "2011-12-30".parse().unwrap();
    assert!(!until.is_over(&at("2011-12-30T09:59:59Z", "Pacific/Apia")));
    assert!(until.is_over(&at("2011-12-30T10:00Z", "Pacific/Apia")));
}

#[test]
fn who_is_back_stays_back_when_clocks_are_turned_back() {
    let until: Until = "2026-11-01 01:30".parse().unwrap();
    assert!(!until.is_over(&at("2026-11-01T05:29:59Z", NEW_YORK)));
    assert!(until.is_over(&at("2026-11-01T05:30Z", NEW_YORK)));
    assert!(
        until.is_over(&at("2026-11-01T06:10Z", NEW_YORK)),
        "01:10 once more"
    );
    let left_out: Until = "2026-03-08 02:30".parse().unwrap();
    assert!(!left_out.is_over(&at("2026-03-08T06:59:59Z", NEW_YORK)));
    assert!(left_out.is_over(&at("2026-03-08T07:00Z", NEW_YORK)));
}

/// A day, the minutes of its wall that are left out or come twice, and what that adds to the day.
const CHANGES: &[(&str, &str, i64, i64, i64)] = &[
    (NEW_YORK, "2026-03-08", 120, 180, -60),
    (NEW_YORK, "2026-11-01", 60, 120, 60),
    ("Europe/Berlin", "2026-03-29", 120, 180, -60),
    ("Europe/Berlin", "2026-10-25", 120, 180, 60),
    ("Australia/Lord_Howe", "2026-10-04", 120, 150, -30),
    ("Australia/Lord_Howe", "2026-04-05", 90, 120, 30),
    ("America/Sao_Paulo", "2018-11-04", 0, 60, -60),
    ("America/Sao_Paulo", "2018-02-17", 1380, 1440, 60),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_day_is_open_longer_or_shorter_by_what_clocks_were_turned(
        change in prop::sample::select(CHANGES),
        from in 0..1440_i64,
        length in 1..1440_i64,
        // Whether the change is to lie inside.
        inside in any::<bool>(),
    ) {
        let (zone_name, day, first, end, shift) = change;
        let (from, to) = if inside { (from.min(first), (from + length).clamp(end, 1440)) } else { (from, (from + length).min(1440)) };
        let mut days = vec![Vec::new(); 7];
        let weekday = date(day).weekday().to_monday_zero_offset();
        days[usize::try_from(weekday).unwrap()].push((from, to));
        let schedule = hours(&Week(days).text());
        let zone = zone(zone_name);
        let begin = date(day).to_zoned(zone.clone()).unwrap().timestamp() - SignedDuration::from_hours(2);
        let open = (0..30 * 60)
            .map(|minute| (begin + SignedDuration::from_mins(minute)).to_zoned(zone.clone()))
            .filter(|moment| schedule.standing(moment) == Standing::Open)
            .count();
        let touched = (to.min(end) - from.max(first)).max(0);
        let expected = to - from + touched * shift.signum();
        prop_assert_eq!(i64::try_from(open).unwrap(), expected);
        if inside {
            prop_assert_eq!(expected, to - from + shift);
        }
    }
}
