//! What people write: taken in one spelling, or refused with the piece and what would be good.

use proptest::prelude::*;

use super::reference::any_week;
use super::*;

#[test]
fn hours_are_taken_in_one_spelling() {
    for (text, spelling) in [
        (
            "Mo-Fr 08:00-12:00, 13:00-17:00; Sa 9-12",
            "Mo-Fr 08:00-12:00, 13:00-17:00; Sa 09:00-12:00",
        ),
        ("Mon-Fri 8am-5pm", "Mo-Fr 08:00-17:00"),
        ("Mon to Fri 8:00 to 17:30", "Mo-Fr 08:00-17:30"),
        ("MON TO FRI 8 A.M. TO 5:30 P.M.", "Mo-Fr 08:00-17:30"),
        ("monday – friday: 8.30 – 17.00", "Mo-Fr 08:30-17:00"),
        ("Mon.-Fri. 8h30-17h", "Mo-Fr 08:30-17:00"),
        (
            "weekdays 0800-1700 & weekends 10-14",
            "Mo-Fr 08:00-17:00; Sa-Su 10:00-14:00",
        ),
        (
            "Lunes a viernes de 8:00 a 17:00; sábado 9-12",
            "Mo-Fr 08:00-17:00; Sa 09:00-12:00",
        ),
        ("MIÉRCOLES y sa\u{301}bados 8-12", "We, Sa 08:00-12:00"),
        ("todos los días 8:00-20:00", "Mo-Su 08:00-20:00"),
        ("Mo, We, Fr 8-12", "Mo, We, Fr 08:00-12:00"),
        ("Mo Tu We 8-12", "Mo-We 08:00-12:00"),
        (
            "Mo-Tu 8-17; We 9-12; Th 8-17",
            "Mo-Tu, Th 08:00-17:00; We 09:00-12:00",
        ),
        ("Mo-Fr 8-17, Sa 9-12", "Mo-Fr 08:00-17:00; Sa 09:00-12:00"),
        ("Mo-Fr 8-17\nSa 9-12\n", "Mo-Fr 08:00-17:00; Sa 09:00-12:00"),
        ("Mo-Fr 8-12 and 13-17", "Mo-Fr 08:00-12:00, 13:00-17:00"),
        ("Mo-Fr 13-17, 08-12", "Mo-Fr 08:00-12:00, 13:00-17:00"),
        ("Mo-Sa 8-17; Sunday closed", "Mo-Sa 08:00-17:00"),
        ("Sa-Mo 10-14", "Mo, Sa-Su 10:00-14:00"),
        ("Fr 18:00-02:00", "Fr 18:00-02:00"),
        ("Fr 6pm-2am", "Fr 18:00-02:00"),
        ("Fr 18-2", "Fr 18:00-02:00"),
        ("Mo 08:00-05:00", "Mo 08:00-05:00"),
        ("Fr 18:00-24:00", "Fr 18:00-24:00"),
        ("Fr 18:00-00:00", "Fr 18:00-24:00"),
        ("Fr noon to midnight", "Fr 12:00-24:00"),
        ("Fr 12am-12pm", "Fr 00:00-12:00"),
        ("Mo 9-5pm", "Mo 09:00-17:00"),
        ("24/7", "24/7"),
        (" Always ", "24/7"),
        ("siempre", "24/7"),
        ("Mo-Su 00:00-24:00", "24/7"),
        ("Mo 00:00-24:00", "Mo 00:00-24:00"),
        (
            "Mo 8-9,9-10,10-11,11-12,12-13,13-14",
            "Mo 08:00-09:00, 09:00-10:00, 10:00-11:00, 11:00-12:00, 12:00-13:00, 13:00-14:00",
        ),
    ] {
        let read = text.parse::<WeeklyHours>().map(|hours| hours.to_string());
        assert_eq!(read.as_deref(), Ok(spelling), "{text:?}");
        assert_eq!(weekly(spelling).to_string(), spelling);
    }
}

#[test]
fn hours_that_are_unclear_are_refused() {
    const GOOD: &str =
        "write hours such as Mo-Fr 08:00-12:00, 13:00-17:00; Sa 09:00-12:00, or 24/7";
    const CLEAR: &str = "can be read in two ways; write am or pm at both ends, or the hours of a day as 00:00 to 24:00";
    const TIME: &str = "is no time of day; write one such as 08:30, 17:00 or 5pm";
    const ONCE: &str =
        "write each day with all its hours once, such as Fr 08:00-12:00, 13:00-17:00";
    let refused = [
        ("", format!(r#""" never opens; {GOOD}"#)),
        ("Mo closed", format!(r#""Mo closed" never opens; {GOOD}"#)),
        (
            "Mo-Fx 8-12",
            format!(r#""Fx" is no word for days or hours; {GOOD}"#),
        ),
        (
            "Mo 8-12 ☎",
            format!(r#""☎" has no meaning in opening hours; {GOOD}"#),
        ),
        ("8-12", format!(r#""8" does not say on which days; {GOOD}"#)),
        ("Mo", format!(r#""Mo" says no hours; {GOOD}"#)),
        (
            "Mo-Fr; Sa 9-12",
            format!(r#""Mo-Fr" says no hours; {GOOD}"#),
        ),
        (
            "Mo 8",
            format!(r#""8" says when it opens and not until when; {GOOD}"#),
        ),
        (
            "Mo 8-",
            format!(r#""8-" says when it opens and not until when; {GOOD}"#),
        ),
        (
            "Mo 8-12 closed",
            format!(r#""Mo 8-12" does not end as hours do; {GOOD}"#),
        ),
        ("Mo 25:00-26:00", format!(r#""25:00" {TIME}"#)),
        ("Mo 8:60-12", format!(r#""8:60" {TIME}"#)),
        ("Mo 8:5-12", format!(r#""8:5" {TIME}"#)),
        ("Mo 24:01-25", format!(r#""24:01" {TIME}"#)),
        ("Mo 99999999999-12", format!(r#""99999999999" {TIME}"#)),
        ("Mo 13pm-14", format!(r#""13pm" {TIME}"#)),
        ("Mo 0am-4am", format!(r#""0am" {TIME}"#)),
        (
            "Mo 08:00-08:00",
            r#""08:00-08:00" has no length; for the whole day write 00:00-24:00"#.to_owned(),
        ),
        (
            "Mo 24:00-08:00",
            r#""24:00-08:00" has no length; for the whole day write 00:00-24:00"#.to_owned(),
        ),
        ("Mo-Fr 8-5", format!(r#""8-5" {CLEAR}"#)),
        ("Mo-Fr 8:30-5:30", format!(r#""8:30-5:30" {CLEAR}"#)),
        ("Mo-Fr 10:30-2:30", format!(r#""10:30-2:30" {CLEAR}"#)),
        ("Mo-Fr 8am-5", format!(r#""8am-5" {CLEAR}"#)),
        ("Mo-Fr 1-5pm", format!(r#""1-5pm" {CLEAR}"#)),
        ("Mo-Fr 8-11pm", format!(r#""8-11pm" {CLEAR}"#)),
        ("Mo-Fr 6-midnight", format!(r#""6-midnight" {CLEAR}"#)),
        ("Mo-Fr 8-12, 1-5", format!(r#""1-5" {CLEAR}"#)),
        ("Mo-Fr 8-12, 6-9", format!(r#""6-9" {CLEAR}"#)),
        (
            "Mo-Fr 8-17; Fr 08:00-13:00",
            format!(r#""08:00-13:00" and "8-17" overlap on Fr; {ONCE}"#),
        ),
        (
            "Fr 18:00-02:00; Sa 1am-5am",
            format!(r#""18:00-02:00" and "1am-5am" overlap on Fr; {ONCE}"#),
        ),
        (
            "Su 18:00-02:00; Mo 01:00-05:00",
            format!(r#""18:00-02:00" and "01:00-05:00" overlap on Su; {ONCE}"#),
        ),
        (
            "Mo-Su 8-17; Su closed",
            format!(r#""8-17" opens on Su, which is closed as well; {ONCE}"#),
        ),
        (
            "Mo 8-9,9-10,10-11,11-12,12-13,13-14,14-15",
            r#""14-15" is one time too many on Mo; a day has at most 6 times of opening"#
                .to_owned(),
        ),
    ];
    for (text, refusal) in refused {
        let found = text.parse::<WeeklyHours>().unwrap_err().to_string();
        assert_eq!(found, refusal, "{text:?}");
    }
    let long = format!("Mo 8-12{}", " ".repeat(994) + ";");
    assert!(
        long.parse::<WeeklyHours>()
            .is_err_and(|e| e.to_string().contains("more than 1000 characters"))
    );
    assert!(long.replacen(' ', "", 2).parse::<WeeklyHours>().is_ok());
}

#[test]
fn own_dates_are_taken_in_one_spelling() {
    for (text, spelling) in [
        ("", ""),
        (" 2026-12-24 ", "2026-12-24"),
        (
            "2026-12-24, 12-25, 2026-12-27..2027-01-02",
            "2026-12-24, 12-25, 2026-12-27..2027-01-02",
        ),
        (
            "2026-12-27 to 2027-01-02; 12-25\n12-25,",
            "2026-12-27..2027-01-02, 12-25",
        ),
        ("2026-12-24..2026-12-24", "2026-12-24"),
        ("12-24..01-02", "12-24..01-02"),
        ("02-29", "02-29"),
        ("2026-01-01..2027-01-01", "2026-01-01..2027-01-01"),
    ] {
        assert_eq!(dates(text).to_string(), spelling);
        assert_eq!(dates(spelling), dates(text));
    }
    const GOOD: &str = "write 2026-12-24 for a day, 12-25 for a day of every year, 2026-12-27..2027-01-02 for several days";
    for (text, refusal) in [
        ("24.12.2026", format!(r#""24.12.2026" is no date; {GOOD}"#)),
        (
            "12-25, 12/24/2026",
            format!(r#""12/24/2026" is no date; {GOOD}"#),
        ),
        ("2026-02-29", format!(r#""2026-02-29" is no date; {GOOD}"#)),
        ("13-01", format!(r#""13-01" is no date; {GOOD}"#)),
        (
            "2026-12-24..12-26",
            format!(r#""2026-12-24..12-26" is no date; {GOOD}"#),
        ),
        (
            "2026-12-24T00:00..2026-12-25",
            format!(r#""2026-12-24T00:00..2026-12-25" is no date; {GOOD}"#),
        ),
        (
            "2027-01-02..2026-12-27",
            format!(r#""2027-01-02..2026-12-27" ends before it begins; {GOOD}"#),
        ),
        (
            "2026-12-24..2062-01-02",
            format!(r#""2026-12-24..2062-01-02" is longer than a year; {GOOD}"#),
        ),
        (
            "2026-01-01..2027-01-02",
            format!(r#""2026-01-01..2027-01-02" is longer than a year; {GOOD}"#),
        ),
    ] {
        assert_eq!(text.parse::<OwnDates>().unwrap_err().to_string(), refusal);
    }
}

#[test]
fn own_dates_are_bounded() {
    let days = |count: i32| {
        let day = |n| format!("2026-{:02}-{:02}", n / 28 + 1, n % 28 + 1);
        (0..count).map(day).collect::<Vec<_>>().join(",")
    };
    assert!(days(100).parse::<OwnDates>().is_ok());
    assert!(format!("{0},{0}", days(100)).parse::<OwnDates>().is_ok());
    assert_eq!(
        days(101).parse::<OwnDates>().unwrap_err().to_string(),
        r#""2026-04-17" is one too many: 100 days or times off are the most; draw days together, such as 2026-12-27..2027-01-02"#
    );
}

#[test]
fn own_dates_come_when_they_say() {
    for (text, day, is_in) in [
        ("2026-12-24", "2026-12-24", true),
        ("2026-12-24", "2027-12-24", false),
        ("12-24", "2027-12-24", true),
        ("02-29", "2028-02-29", true),
        ("02-29", "2027-03-01", false),
        ("2026-12-27..2027-01-02", "2026-12-26", false),
        ("2026-12-27..2027-01-02", "2026-12-27", true),
        ("2026-12-27..2027-01-02", "2027-01-02", true),
        ("2026-12-27..2027-01-02", "2027-01-03", false),
        ("12-24..01-02", "2030-12-23", false),
        ("12-24..01-02", "2030-12-31", true),
        ("12-24..01-02", "2031-01-02", true),
        ("12-24..01-02", "2031-01-03", false),
        ("07-01..07-14", "2031-07-14", true),
        ("07-01..07-14", "2031-07-15", false),
    ] {
        assert_eq!(dates(text).contains(date(day)), is_in, "{text} {day}");
    }
}

#[test]
fn a_day_to_be_back_is_taken_in_one_spelling() {
    let read = |text: &str| text.parse::<Until>().map(|until| until.to_string());
    for (text, spelling) in [
        (" 2026-12-24 ", "2026-12-24"),
        ("2026-12-24 08:00", "2026-12-24 08:00"),
        ("2026-12-24T8:00", "2026-12-24 08:00"),
        ("2026-12-24 00:00", "2026-12-24 00:00"),
    ] {
        assert_eq!(read(text).as_deref(), Ok(spelling));
        assert_eq!(read(spelling).as_deref(), Ok(spelling));
    }
    for text in [
        "",
        "tomorrow",
        "24.12.2026",
        "2026-12-32",
        "2026-12-24 24:00",
        "2026-12-24 8",
        "2026-12-24 +8:00",
        "2026-12-24 08:00:00",
    ] {
        let refusal = format!(
            "{text:?} is no day to be back; write a day such as 2026-12-24, or with the time 2026-12-24 08:00"
        );
        assert_eq!(read(text).unwrap_err().to_string(), refusal);
    }
}

#[test]
fn a_time_zone_is_found_whatever_its_case() {
    let name =
        |text: &str| time_zone(text).map(|zone| zone.iana_name().unwrap_or_default().to_owned());
    assert_eq!(
        name(" america/new_york ").as_deref(),
        Ok("America/New_York")
    );
    assert_eq!(name("Europe/Berlin").as_deref(), Ok("Europe/Berlin"));
    for (text, nearest) in [
        ("Europe/Berln", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("chicago", "America/Chicago"),
    ] {
        let refusal = format!("{text:?} is no time zone; did you mean {nearest}?");
        assert_eq!(name(text).unwrap_err().to_string(), refusal);
    }
    for text in ["", "../../etc/passwd", "/etc/passwd", "a\0b", "\u{7}"] {
        assert!(name(text).is_err(), "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_one_spelling_is_read_back(week in any_week()) {
        let hours = weekly(&week.text());
        let spelling = hours.to_string();
        prop_assert_eq!(&weekly(&spelling), &hours, "{}", spelling);
        prop_assert_eq!(weekly(&spelling.to_uppercase()), hours);
    }

    #[test]
    fn whatever_is_taken_is_read_back_and_nothing_panics(
        text in "(Mo|Sa|fri|[0-9]{1,4}|-|,|;|:|\\.| |am|pm|to|y|h|\\PC){0,14}",
        days in "(2026-12-|12-|[0-9]{1,2}|\\.\\.|-|,| |\\PC){0,10}",
    ) {
        if let Ok(hours) = text.parse::<WeeklyHours>() {
            prop_assert_eq!(weekly(&hours.to_string()), hours, "{}", text);
        }
        if let Ok(own) = days.parse::<OwnDates>() {
            prop_assert_eq!(dates(&own.to_string()), own, "{}", days);
        }
        let _ = (days.parse::<Until>(), days.parse::<Calendar>());
    }
}
