//! Every row of tests/data/numbers.tsv: digits on the line, the number they are, the decision it gets.
//!
//! The table was written from the numbering plans; its head says how to read it.

use jiff::Timestamp;
use textback::phone::{PhoneNumber, Region};
use textback::rules::{self, Caller, Decision, Facts};
use textback::settings::Settings;

const TABLE: &str = include_str!("data/numbers.tsv");

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

struct Row<'a> {
    home: Option<Region>,
    digits: &'a str,
    type_of_address: u8,
    e164: Option<&'a str>,
    decision: &'a str,
    what: &'a str,
}

fn row(line: &str) -> Row<'_> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [home, digits, type_of_address, e164, decision, what, source] = fields[..] else {
        panic!("not seven fields: {line}");
    };
    assert!(!what.is_empty() && !source.is_empty(), "{line}");
    let given = |field| Some(field).filter(|&field| field != "-");
    Row {
        home: given(home).map(|letters| Region::parse(letters).expect(letters)),
        digits,
        type_of_address: type_of_address.parse().expect(line),
        e164: given(e164),
        decision,
        what,
    }
}

fn missed(caller: Caller, row: &Row<'_>) -> Facts<'static> {
    let ended_at = NOW.to_zoned(jiff::tz::TimeZone::UTC);
    Facts::of_call(caller, 3, ended_at, NOW, row.home)
}

fn decided(number: Option<PhoneNumber>, row: &Row<'_>) -> String {
    let unreadable = || Caller::Unreadable(row.digits.to_owned());
    let caller = number.map_or_else(unreadable, Caller::Number);
    let facts = missed(caller, row);
    match rules::decide(&facts, &Settings::default()) {
        Decision::Text(_) => "text".to_owned(),
        Decision::Skip(reason) => {
            let detail = reason.detail().unwrap_or_default();
            format!("{} {detail}", reason.token()).trim_end().to_owned()
        }
    }
}

#[test]
fn every_number_is_read_and_decided_as_its_plan_says() {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let wrong: Vec<String> = lines
        .map(row)
        .filter_map(|row| {
            let number = PhoneNumber::from_line(row.digits, row.type_of_address, row.home);
            let e164 = number.as_ref().map(|number| number.as_str().to_owned());
            let decision = decided(number, &row);
            (e164.as_deref() != row.e164 || decision != row.decision).then(|| {
                let home = row
                    .home
                    .map_or("nowhere".to_owned(), |home| home.to_string());
                let Row { digits, what, .. } = row;
                format!(
                    "{digits} ({}) at {home}, {what}: {} and {decision}, not {} and {}",
                    row.type_of_address,
                    e164.as_deref().unwrap_or("no number"),
                    row.e164.unwrap_or("no number"),
                    row.decision
                )
            })
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_number_of_our_own_is_never_texted_however_it_is_written() {
    let own = [PhoneNumber::from_e164("+447700900123").expect("a number")];
    let mut seen = 0;
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let row = row(line);
        if row.e164 != Some("+447700900123") {
            continue;
        }
        seen += 1;
        let number = PhoneNumber::from_line(row.digits, row.type_of_address, row.home);
        assert_eq!(number.as_ref(), own.first(), "{line}");
        let facts = Facts {
            own_numbers: &own,
            ..missed(Caller::Number(number.expect("a number")), &row)
        };
        let Decision::Skip(reason) = rules::decide(&facts, &Settings::default()) else {
            panic!("texted: {line}");
        };
        assert_eq!(reason.token(), "own_number", "{line}");
    }
    assert!(seen > 10, "{seen} ways to write it");
}
