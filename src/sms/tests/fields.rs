//! Single fields at their limits, and what the vectors do not show of them.

use std::time::Duration;

use super::super::*;
use super::deliver;

#[test]
fn data_coding_schemes() {
    use Alphabet::{EightBit, Gsm7, Ucs2};
    for (dcs, alphabet, class) in [
        (0x00, Gsm7, None),
        (0x04, EightBit, None),
        (0x0B, Ucs2, None),
        (0x0C, Gsm7, None),
        (0x12, Gsm7, Some(2)),
        (0x20, EightBit, None),
        (0x59, Ucs2, Some(1)),
        (0x90, Gsm7, None),
        (0xC8, Gsm7, None),
        (0xE0, Ucs2, None),
        (0xF1, Gsm7, Some(1)),
        (0xF5, EightBit, Some(1)),
        (0xF9, Ucs2, Some(1)),
    ] {
        assert_eq!(
            (Dcs(dcs).alphabet(), Dcs(dcs).class()),
            (alphabet, class),
            "{dcs:02X}"
        );
    }
    let waiting = Dcs(0xD9).message_waiting().unwrap();
    assert_eq!(
        waiting,
        MessageWaiting {
            store: true,
            active: true,
            waiting: Waiting::Fax
        }
    );
    assert!(!Dcs(0xE2).message_waiting().unwrap().active);
}

#[test]
fn addresses() {
    for number in ["+12025550143", "0", "*100#", "12345678901234567890"] {
        assert_eq!(Address::from_dialable(number).unwrap().number(), number);
    }
    for (wrong, error) in [
        ("", "the number is empty"),
        ("+", "the number is empty"),
        ("+1 202", "' ' in \"+1 202\" cannot be dialled"),
        ("12+3", "'+' in"),
        ("123456789012345678901", "too long"),
    ] {
        let found = Address::from_dialable(wrong).unwrap_err().to_string();
        assert!(found.contains(error), "{wrong}: {found}");
    }
    for name in ["A", "Telekom", "8 chars!", "Elevenchars", "{€}"] {
        let mut message = deliver(segment("", 0_u8).unwrap().remove(0));
        message.originator = Address::from_name(name).unwrap();
        let read = Deliver::from_hex(&message.to_hex()).unwrap();
        assert_eq!(
            (
                read.originator.number().as_str(),
                read.originator.is_alphanumeric()
            ),
            (name, true)
        );
    }
    // Seven septets are 49 bits, which take 13 half-octets and not 14.
    let mut message = deliver(segment("", 0_u8).unwrap().remove(0));
    message.originator = Address::from_name("Telekom").unwrap();
    assert!(message.to_hex().starts_with("00040DD0D432BBBC7EB701"));
    assert!(matches!(
        Address::from_name("Twelve chars"),
        Err(AddressError::TooLong(_))
    ));
    assert!(matches!(
        Address::from_name("日本"),
        Err(AddressError::NotGsm7(_))
    ));
    // 21 half-octets are refused.
    let error = Deliver::from_hex("000415912143658709214365870921000062208271509000").unwrap_err();
    assert_eq!(error.problem, Problem::LongAddress(21));
}

#[test]
fn timestamps() {
    let new = |at: &str, zone| Timestamp::new(at.parse().unwrap(), zone);
    for (at, zone, written) in [
        ("2026-02-28T22:05:09Z", -20, "2026-02-28T17:05:09-05:00"),
        ("2026-02-28T22:05:09Z", 23, "2026-03-01T03:50:09+05:45"),
        ("1990-01-01T00:00:00Z", 0, "1990-01-01T00:00:00+00:00"),
        ("2089-12-31T23:59:59Z", 0, "2089-12-31T23:59:59+00:00"),
        ("2026-01-01T00:00:00Z", -79, "2025-12-31T04:15:00-19:45"),
    ] {
        let timestamp = new(at, zone).unwrap();
        assert_eq!(timestamp.to_string(), written);
        assert_eq!(timestamp.zone_quarters(), zone);
        assert_eq!(timestamp.to_jiff(), Some(at.parse().unwrap()));
    }
    assert_eq!(new("1989-12-31T23:59:59Z", 0), None);
    assert_eq!(new("2090-01-01T00:00:00Z", 0), None);
    assert_eq!(new("2026-01-01T00:00:00Z", 80), None);
    // A date that does not exist is no reason to lose the message.
    let message = Deliver::from_hex("00040B912120550541F300000000000000000000").unwrap();
    assert_eq!(message.timestamp.to_jiff(), None);
    assert_eq!(message.timestamp.to_string(), "2000-00-00T00:00:00+00:00");
}

#[test]
fn validities() {
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    for (time, code) in [
        (0, 0),
        (5, 0),
        (6, 1),
        (12 * 60, 143),
        (12 * 60 + 1, 144),
        (24 * 60, 167),
        (24 * 60 + 1, 168),
        (30 * 24 * 60, 196),
        (30 * 24 * 60 + 1, 197),
        (63 * 7 * 24 * 60, 255),
        (64 * 7 * 24 * 60, 255),
    ] {
        let validity = Validity::at_least(minutes(time));
        assert_eq!(validity, Validity::Relative(code), "{time} minutes");
        assert!(validity.duration() >= Some(minutes(time)) || code == 255);
    }
    for (octets, seconds) in [
        ([0x00, 9, 9, 9, 0, 0, 0], None),
        ([0x41, 11, 0, 0, 0, 0, 0], Some(3600)),
        ([0x02, 255, 0, 0, 0, 0, 0], Some(255)),
        (
            [0x03, 0x21, 0x43, 0x95, 0, 0, 0],
            Some((12 * 60 + 34) * 60 + 59),
        ),
        ([0x04, 1, 1, 1, 0, 0, 0], None),
        ([0x81, 1, 1, 1, 0, 0, 0], None),
    ] {
        let validity = Validity::Enhanced(octets);
        assert_eq!(
            validity.duration(),
            seconds.map(Duration::from_secs),
            "{octets:?}"
        );
    }
    let enhanced = |vp: &str| Submit::from_hex(&format!("000900048121430000{vp}00"));
    assert_eq!(
        enhanced("03214395000000").unwrap().validity,
        Validity::Enhanced([0x03, 0x21, 0x43, 0x95, 0, 0, 0])
    );
    let error = enhanced("0321A395000000").unwrap_err();
    assert_eq!((error.field, error.offset), ("TP-VP", 11));
    assert_eq!(error.problem, Problem::NotDecimal(0xA3));
}

#[test]
fn outcomes() {
    let report = |status: u8| {
        StatusReport::from_hex(&format!(
            "00060B0B912120550541F36220827150900A6220827150900A{status:02X}"
        ))
        .unwrap()
    };
    use Outcome::{Delivered, Failed, Forwarded, StillTrying};
    for (status, outcome, permanent, words) in [
        (0x00, Delivered, false, "delivered"),
        (0x01, Forwarded, false, "cannot tell"),
        (0x1F, Forwarded, false, "operator"),
        (0x20, StillTrying, false, "keeps trying"),
        (0x3F, StillTrying, false, "keeps trying"),
        (0x40, Failed, true, "for good"),
        (0x46, Failed, false, "time ran out"),
        (0x5F, Failed, true, "for good"),
        (0x60, Failed, false, "gave up"),
        (0x7F, Failed, false, "gave up"),
        (0x80, Failed, false, "reserved"),
        (0xFF, Failed, false, "reserved"),
    ] {
        let report = report(status);
        assert_eq!(
            (report.outcome(), report.is_permanent()),
            (outcome, permanent),
            "{status:02X}"
        );
        assert!(
            report.description().contains(words),
            "{status:02X}: {}",
            report.description()
        );
    }
}

#[test]
fn national_languages() {
    // identifier, a septet under the locking shift, one under the single shift (23.038, annex A)
    for (language, locking, single) in [
        (0, (0x04, 'è'), (0x65, '€')),
        (1, (0x0B, 'Ğ'), (0x69, 'ı')),
        (2, (0x04, 'è'), (0x75, 'ú')),
        (3, (0x15, '∞'), (0x7F, 'â')),
        (4, (0x60, 'ৎ'), (0x34, '৺')),
        (5, (0x00, '\u{0A81}'), (0x25, '૯')),
        (6, (0x5F, '\u{094D}'), (0x3A, '\u{0971}')),
        (7, (0x4E, '\u{0CBC}'), (0x2A, '\u{0CF2}')),
        (8, (0x7F, '\u{0D79}'), (0x2E, '\u{0D7A}')),
        (9, (0x45, char::REPLACEMENT_CHARACTER), (0x27, '\u{0B5D}')),
        (10, (0x7B, '\u{0A70}'), (0x2D, '\u{0A75}')),
        (11, (0x3C, '\u{0BA9}'), (0x2E, '\u{0BFA}')),
        (12, (0x29, '('), (0x32, '\u{0C7F}')),
        (13, (0x03, 'ٻ'), (0x3F, '۔')),
        (14, (0x04, 'è'), (0x65, '€')),
    ] {
        assert_eq!(
            national::locking_shift(language, locking.0),
            locking.1,
            "{language}"
        );
        assert_eq!(
            national::single_shift(language, single.0),
            Some(single.1),
            "{language}"
        );
    }
    assert_eq!(national::single_shift(12, 0x19), None);
}
