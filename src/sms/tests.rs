//! The edges: lengths at which a text takes one more message, what is cut in half, what is too long to read.

mod fields;
mod properties;

use std::time::Duration;

use super::*;

fn deliver(segment: Segment) -> Deliver {
    let sender = Address::from_dialable("+12025550143").unwrap();
    let at = "2026-02-28T17:05:09-05:00".parse().unwrap();
    Deliver::new(sender, Timestamp::new(at, -20).unwrap(), segment)
}

/// A message from +12025550143 with this first octet, TP-DCS and, in hexadecimal, TP-UDL and TP-UD.
fn received(first_octet: u8, dcs: u8, user_data: &str) -> Result<Deliver, PduError> {
    Deliver::from_hex(&format!(
        "00{first_octet:02X}0B912120550541F300{dcs:02X}6220827150900A{user_data}"
    ))
}

fn texts(text: &str, reference: impl Into<Reference>) -> Vec<String> {
    let parts = segment(text, reference).unwrap();
    parts.iter().map(Segment::text).collect()
}

/// Text, alphabet, units, parts, units left, characters of the parts with 8-bit and with 16-bit references.
type Row = (
    String,
    Alphabet,
    usize,
    usize,
    usize,
    &'static [usize],
    &'static [usize],
);

#[test]
fn a_text_takes_another_message_where_the_standard_says() {
    let a = |n| "a".repeat(n);
    let ж = |n| "ж".repeat(n);
    let table: &[Row] = &[
        (a(0), Alphabet::Gsm7, 0, 1, 160, &[0], &[0]),
        (a(160), Alphabet::Gsm7, 160, 1, 0, &[160], &[160]),
        (a(161), Alphabet::Gsm7, 161, 2, 145, &[153, 8], &[152, 9]),
        (
            a(306),
            Alphabet::Gsm7,
            306,
            2,
            0,
            &[153, 153],
            &[152, 152, 2],
        ),
        (
            a(307),
            Alphabet::Gsm7,
            307,
            3,
            152,
            &[153, 153, 1],
            &[152, 152, 3],
        ),
        (ж(70), Alphabet::Ucs2, 70, 1, 0, &[70], &[70]),
        (ж(71), Alphabet::Ucs2, 71, 2, 63, &[67, 4], &[66, 5]),
        (ж(134), Alphabet::Ucs2, 134, 2, 0, &[67, 67], &[66, 66, 2]),
        (
            ж(135),
            Alphabet::Ucs2,
            135,
            3,
            66,
            &[67, 67, 1],
            &[66, 66, 3],
        ),
        // An extension character counts twice and stays whole.
        (a(158) + "€", Alphabet::Gsm7, 160, 1, 0, &[159], &[159]),
        (
            a(159) + "€",
            Alphabet::Gsm7,
            161,
            2,
            145,
            &[153, 7],
            &[152, 8],
        ),
        (
            a(152) + "€" + &a(20),
            Alphabet::Gsm7,
            174,
            2,
            131,
            &[152, 21],
            &[152, 21],
        ),
        (
            a(151) + "€" + &a(20),
            Alphabet::Gsm7,
            173,
            2,
            133,
            &[152, 20],
            &[151, 21],
        ),
        // So does an emoji.
        (ж(68) + "😀", Alphabet::Ucs2, 70, 1, 0, &[69], &[69]),
        (
            ж(66) + "😀" + &ж(9),
            Alphabet::Ucs2,
            77,
            2,
            56,
            &[66, 10],
            &[66, 10],
        ),
        (
            ж(65) + "😀" + &ж(9),
            Alphabet::Ucs2,
            76,
            2,
            58,
            &[66, 9],
            &[65, 10],
        ),
    ];
    for (text, alphabet, units, parts, units_left_in_last_part, eight, sixteen) in table {
        let wanted = Measure {
            alphabet: *alphabet,
            units: *units,
            parts: *parts,
            units_left_in_last_part: *units_left_in_last_part,
        };
        assert_eq!(measure(text), wanted, "{text}");
        for (lengths, parts) in [(eight, texts(text, 7_u8)), (sixteen, texts(text, 7_u16))] {
            let found: Vec<usize> = parts.iter().map(|part| part.chars().count()).collect();
            assert_eq!(found, **lengths, "{text}");
            assert_eq!(parts.concat(), *text);
        }
    }
}

#[test]
fn a_message_has_255_parts_at_most() {
    let longest = "a".repeat(255 * 153);
    let parts = segment(&longest, 255_u8).unwrap();
    assert_eq!(parts.len(), MAX_PARTS);
    let last = parts[254].concatenation().unwrap();
    assert_eq!((last.reference, last.total, last.sequence), (255, 255, 255));
    let error = segment(&(longest + "a"), 255_u8).unwrap_err();
    assert_eq!(error, TooManyParts { parts: 256 });
}

#[test]
fn full_parts_have_140_octets() {
    for text in ["a".repeat(400), "ж".repeat(200)] {
        for parts in [
            segment(&text, 1_u8).unwrap(),
            segment(&text, 1_u16).unwrap(),
        ] {
            let pdu = deliver(parts[0].clone()).to_pdu();
            // First octet, 8 of address, TP-PID, TP-DCS, 7 of time, TP-UDL come before.
            assert!((158..=159).contains(&pdu.tpdu_length), "{pdu:?}");
        }
    }
}

#[test]
fn the_alphabet_is_gsm7_whenever_it_can_be() {
    for (c, contained) in [
        ('€', true),
        ('\x0C', true),
        ('à', true),
        ('À', false),
        ('`', false),
        ('\x1B', false),
    ] {
        assert_eq!(gsm7_contains(c), contained, "{c:?}");
    }
    // Every septet comes back as itself.
    let all: String = gsm7::DEFAULT.iter().filter(|c| **c != '\x1B').collect();
    assert_eq!(texts(&all, 1_u8).concat(), all);
    assert_eq!(measure(&all).alphabet, Alphabet::Gsm7);
}

#[test]
fn the_pdu_for_the_modem() {
    let to = Address::from_dialable("+12025550143").unwrap();
    let mut submit = Submit::new(to, segment("hellohello", 0_u8).unwrap().remove(0));
    submit.validity = Validity::at_least(Duration::from_secs(3600));
    let pdu = submit.to_pdu();
    assert_eq!(pdu.hex, "0031000B912120550541F300000B0AE8329BFD4697D9EC37");
    assert_eq!(pdu.tpdu_length, 23);
}

#[test]
fn what_other_phones_cut_in_half_is_mended() {
    let cut = [
        // "hi" and an escape; "e" of '€' and "!"
        (0, "0A050003660201D0E90D", "09050003660202CA21", "hi €"),
        // An emoji between its surrogates.
        (
            8,
            "08050003660201D83D",
            "0A050003660202DE000021",
            "\u{FFFD}\u{1F600}",
        ),
    ];
    for (dcs, first, second, both) in cut {
        let parts = [
            received(0x44, dcs, second).unwrap(),
            received(0x44, dcs, first).unwrap(),
            received(0x44, dcs, first).unwrap(),
        ];
        let (alone, whole) = both.split_at(both.len() - both.chars().last().unwrap().len_utf8());
        assert_eq!(parts[1].text(), alone);
        assert_eq!(
            join(&parts),
            format!("{}{whole}!", alone.trim_end_matches([' ', '\u{FFFD}']))
        );
        assert_eq!(join(&parts[1..2]), alone, "the other part is missing");
    }
}

#[test]
fn parts_in_different_alphabets_are_joined_in_their_order() {
    let gsm7 = received(0x44, 0, "0A050003660301D0E90D").unwrap();
    let ucs2 = received(0x44, 8, "08050003660302D83D").unwrap();
    let data = received(0x44, 4, "08050003660303FF00").unwrap();
    assert_eq!(
        join(&[data, ucs2, gsm7]),
        "hi \u{FFFD}(8-bit data, 2 octets)"
    );
}

#[test]
fn escapes_that_lead_nowhere() {
    // An escape and a code without an extension, two escapes, an escape at the end (23.038, 6.2.1.1).
    for (user_data, text) in [
        ("029B30", "a"),
        ("039B4D0C", " 1"),
        ("01001B", "@"),
        ("011B", " "),
    ] {
        let deliver = received(0x04, 0, user_data).unwrap();
        assert_eq!(deliver.text(), text, "{user_data}");
    }
}

#[test]
fn data_is_shown_only_if_it_is_text() {
    for (user_data, text) in [
        ("03486921", "Hi!"),
        ("02C3BC", "ü"),
        ("03480021", "(8-bit data, 3 octets)"),
        ("01FF", "(8-bit data, 1 octets)"),
        ("00", ""),
    ] {
        assert_eq!(received(0x04, 4, user_data).unwrap().text(), text);
    }
}

#[test]
fn headers() {
    let header = |user_data: &str| received(0x44, 4, user_data).unwrap().segment;
    // Of two references the last one counts; 16 bits.
    let segment = header("0C0B00030102010804FFFE0302");
    let concat = segment.concatenation().unwrap();
    assert_eq!((concat.reference, concat.bits), (0xFFFE, 16));
    assert_eq!((concat.total, concat.sequence), (3, 2));
    // Total 0, sequence 0, sequence beyond the total, wrong length: no part of anything.
    for data in ["0003010000", "0003010200", "0003010203", "0002010201"] {
        assert_eq!(
            header(&format!("0605{data}")).concatenation(),
            None,
            "{data}"
        );
    }
    let ports = header("0504040210FE").ports().unwrap();
    assert_eq!(
        (ports.destination, ports.source, ports.bits),
        (0x10, 0xFE, 8)
    );
    let waiting = header("050401028005").message_waiting().unwrap();
    assert_eq!(
        waiting,
        MessageWaiting {
            store: true,
            active: true,
            waiting: Waiting::Voicemail
        }
    );
    // An element that runs over its header is dropped, the text stays.
    let segment = header("080524010000054869");
    assert_eq!((segment.header().len(), segment.text().as_str()), (1, "Hi"));
    // A header longer than the user data is an error.
    let error = received(0x44, 4, "03FF0000").unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read SMS-DELIVER: TP-UDHL at octet 20: a header of 256 octets in 3 octets of user data"
    );
}

#[test]
fn limits_of_what_is_read() {
    assert!(received(0x04, 4, &format!("8C{}", "41".repeat(140))).is_ok());
    let error = received(0x04, 4, &format!("8D{}", "41".repeat(141))).unwrap_err();
    assert_eq!(error.problem, Problem::LongUserData(141));
    assert!(received(0x04, 0, &format!("A0{}", "41".repeat(140))).is_ok());
    let padded = |octets: usize| {
        let pdu = deliver(segment("hi", 0_u8).unwrap().remove(0)).to_hex();
        Deliver::from_hex(&format!("{pdu}{}", "FF".repeat(octets - pdu.len() / 2)))
    };
    assert_eq!(padded(hex::MAX_OCTETS).unwrap().text(), "hi");
    let error = padded(hex::MAX_OCTETS + 1).unwrap_err();
    assert_eq!(
        error.problem,
        Problem::TooLong {
            octets: 513,
            limit: 512
        }
    );
}
