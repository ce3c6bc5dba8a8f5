//! A slow reading of schedules, minute by minute, that shares nothing with the room but the days' names.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;

const DAY: i64 = 1440;

/// Zones with changes of clocks of all kinds, and a moment in the hours before the change.
pub(super) const CHANGES: &[(&str, &str)] = &[
    ("America/New_York", "2026-03-08T05:00Z"),
    ("America/New_York", "2026-11-01T04:00Z"),
    ("Europe/Berlin", "2026-03-28T23:00Z"),
    ("Europe/Berlin", "2026-10-24T22:00Z"),
    // Half an hour.
    ("Australia/Lord_Howe", "2026-04-04T13:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T13:30Z"),
    // At midnight.
    ("America/Sao_Paulo", "2018-11-04T00:00Z"),
    ("America/Sao_Paulo", "2018-02-17T23:00Z"),
    // Friday 2011-12-30 was left out.
    ("Pacific/Apia", "2011-12-30T05:00Z"),
    ("UTC", "2026-06-01T00:00Z"),
];

/// Spans by day, Monday first: minutes from and to, the last one perhaps past midnight.
#[derive(Debug, Clone)]
pub(super) struct Week(pub(super) Vec<Vec<(i64, i64)>>);

pub(super) fn any_week() -> impl Strategy<Value = Week> {
    // Cuts of a day from 03:00 on, so that a span past midnight ends before the next one begins.
    let cuts = prop::collection::btree_set(
        prop_oneof![180..DAY + 180, (180..DAY + 180).prop_map(|m| m / 30 * 30)],
        0..8,
    );
    prop::collection::vec(cuts, 7)
        .prop_filter("it opens at some time", |days| {
            days.iter().any(|cuts| cuts.len() > 1)
        })
        .prop_map(|days| {
            let spans = |cuts: std::collections::BTreeSet<i64>| {
                let cuts: Vec<i64> = cuts.into_iter().collect();
                let pairs = cuts.chunks_exact(2).map(|pair| (pair[0], pair[1]));
                pairs.filter(|(from, _)| *from < DAY).collect()
            };
            Week(days.into_iter().map(spans).collect())
        })
        .prop_filter("it opens at some time", |week: &Week| {
            week.0.iter().any(|day| !day.is_empty())
        })
}

impl Week {
    pub(super) fn text(&self) -> String {
        let clock = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
        let mut rules = Vec::new();
        for (name, spans) in ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
            .iter()
            .zip(&self.0)
        {
            for &(from, to) in spans {
                let to = if to > DAY { to - DAY } else { to };
                rules.push(format!("{name} {}-{}", clock(from), clock(to)));
            }
        }
        rules.join("; ")
    }

    /// The day on which the span began that the wall's minute is in, counted from 1970-01-01; the minute is counted from there too.
    fn began(&self, minute: i64) -> Option<i64> {
        let today = minute.div_euclid(DAY);
        [today - 1, today].into_iter().find(|day| {
            // 1970-01-01 was a Thursday, 3 behind Monday.
            let spans = &self.0[usize::try_from((day + 3).rem_euclid(7)).unwrap()];
            let since = minute - day * DAY;
            spans.iter().any(|&(from, to)| from <= since && since < to)
        })
    }

    /// The wall's minute, from the zone's offset alone.
    pub(super) fn wall(at: Timestamp, zone: &TimeZone) -> i64 {
        let seconds = at.as_second() + i64::from(zone.to_offset(at).seconds());
        seconds.div_euclid(60)
    }

    /// `off`: a holiday, counted from 1970-01-01.
    pub(super) fn standing(&self, at: Timestamp, zone: &TimeZone, off: i64) -> Standing {
        let minute = Self::wall(at, zone);
        let began = self.began(minute);
        if began.unwrap_or(minute.div_euclid(DAY)) == off {
            Standing::Holiday { name: None }
        } else if began.is_some() {
            Standing::Open
        } else {
            Standing::Closed
        }
    }
}

fn day_number(date: Date) -> i64 {
    i64::from((date - jiff::civil::date(1970, 1, 1)).get_days())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn standing_is_as_a_slow_reading_says(week in any_week(), change in prop::sample::select(CHANGES), off in -1..3_i64) {
        let zone = zone(change.0);
        let begin = utc(change.1);
        let off = Week::wall(begin, &zone).div_euclid(DAY) + off;
        let holiday = jiff::civil::date(1970, 1, 1).checked_add(SignedDuration::from_hours(off * 24)).unwrap();
        let schedule = Schedule { own_dates: dates(&holiday.to_string()), ..hours(&week.text()) };
        for minute in 0..36 * 60 {
            let moment = begin + SignedDuration::from_mins(minute);
            let expected = week.standing(moment, &zone, off);
            prop_assert_eq!(schedule.standing(&moment.to_zoned(zone.clone())), expected, "{} {}", moment, change.0);
        }
    }

    #[test]
    fn the_first_open_moment_is_the_first_of_a_slow_search(
        week in any_week(),
        change in prop::sample::select(CHANGES),
        not_before in 0..DAY,
        // Away until some minute of those days, on the wall.
        away in prop::option::of(0..2 * DAY),
    ) {
        let zone = zone(change.0);
        let begin = utc(change.1);
        let mut schedule = hours(&week.text());
        let first = zone.to_datetime(begin).date();
        let back = first.to_datetime(Time::midnight());
        schedule.away_until = away.map(|minutes| {
            let back = back + SignedDuration::from_mins(minutes);
            back.strftime("%Y-%m-%d %H:%M").to_string().parse().unwrap()
        });
        let time = Time::midnight() + SignedDuration::from_mins(not_before);
        for date in [first.yesterday().unwrap(), first, first.tomorrow().unwrap(), first.tomorrow().unwrap().tomorrow().unwrap()] {
            // All that can be that date anywhere on earth.
            let begin = date.to_zoned(TimeZone::UTC).unwrap().timestamp() - SignedDuration::from_hours(15);
            let expected = (0..54 * 60).map(|minute| begin + SignedDuration::from_mins(minute)).find(|&moment| {
                let wall = Week::wall(moment, &zone);
                wall.div_euclid(DAY) == day_number(date)
                    && wall.rem_euclid(DAY) >= not_before
                    && schedule.standing(&moment.to_zoned(zone.clone())) == Standing::Open
            });
            prop_assert_eq!(schedule.first_open_moment(date, time, &zone), expected, "{} {} {:?}", date, change.0, schedule.away_until);
        }
    }
}
