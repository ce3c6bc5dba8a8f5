//! What holds for every text and for every line of noise.

use proptest::prelude::*;

use super::super::*;

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(100)
    }
}

/// Texts of 0 to 600 characters: GSM 7-bit with many extension characters, anything at all, many emoji.
fn text() -> impl Strategy<Value = String> {
    let gsm7: Vec<char> = gsm7::DEFAULT
        .into_iter()
        .filter(|c| *c != char::from(gsm7::ESCAPE))
        .collect();
    let extended: Vec<char> = gsm7::EXTENSION.into_iter().map(|(_, c)| c).collect();
    let gsm7 = prop_oneof![3 => prop::sample::select(gsm7), 1 => prop::sample::select(extended)];
    let emoji = prop_oneof![Just('ж'), Just('\u{1F600}')];
    let text = |c: BoxedStrategy<char>| prop::collection::vec(c, 0..=600);
    prop_oneof![
        text(gsm7.boxed()),
        text(any::<char>().boxed()),
        text(emoji.boxed())
    ]
    .prop_map(String::from_iter)
}

fn reference() -> impl Strategy<Value = Reference> {
    prop_oneof![
        any::<u8>().prop_map(Reference::Eight),
        any::<u16>().prop_map(Reference::Sixteen)
    ]
}

fn address() -> impl Strategy<Value = Address> {
    prop_oneof![
        "\\+?[0-9*#]{1,20}".prop_map(|number| Address::from_dialable(&number).unwrap()),
        "[A-Za-z ]{1,11}".prop_map(|name| Address::from_name(&name).unwrap()),
    ]
}

fn timestamp() -> impl Strategy<Value = Timestamp> {
    (631_152_000..3_786_000_000_i64, -79..=79_i8)
        .prop_filter_map("outside the century", |(at, zone)| {
            Timestamp::new(jiff::Timestamp::from_second(at).unwrap(), zone)
        })
}

fn validity() -> impl Strategy<Value = Validity> {
    prop_oneof![
        Just(Validity::None),
        any::<u8>().prop_map(Validity::Relative),
        timestamp().prop_map(Validity::Absolute),
        any::<[u8; 6]>()
            .prop_map(|[a, b, c, d, e, f]| Validity::Enhanced([0x42, a, b, c, d, e, f])),
    ]
}

/// Hexadecimal text that gets past the first fields more often than noise would.
fn noise() -> impl Strategy<Value = String> {
    let octets = prop::collection::vec(any::<u8>(), 0..200);
    let start = prop::sample::select(vec![
        "", "00", "0004", "0044", "0001", "0051", "0059", "0006", "0046",
    ]);
    let address = prop::sample::select(vec![
        "",
        "0B912120550541F3",
        "000B912120550541F3",
        "0ED055E7D2F9BC3A01",
    ]);
    let dcs = prop::sample::select(vec![
        "",
        "0000",
        "0008",
        "00046220827150900A",
        "00006220827150900A",
    ]);
    (start, address, dcs, octets).prop_map(|(start, address, dcs, octets)| {
        let octets: String = octets.iter().map(|octet| format!("{octet:02X}")).collect();
        format!("{start}{address}{dcs}{octets}")
    })
}

/// None of the three may panic; and what one of them reads, it can write and read again.
fn read_anything(text: &str) {
    if let Ok(deliver) = Deliver::from_hex(text) {
        let _ = (
            join(std::slice::from_ref(&deliver)),
            deliver.timestamp.to_jiff(),
            deliver.timestamp.to_string(),
        );
        let again = Deliver::from_hex(&deliver.to_hex()).unwrap();
        assert_eq!(again.text(), deliver.text());
    }
    if let Ok(submit) = Submit::from_hex(text) {
        let _ = submit.validity.duration();
        assert_eq!(
            Submit::from_hex(&submit.to_pdu().hex)
                .unwrap()
                .segment
                .text(),
            submit.segment.text()
        );
    }
    if let Ok(report) = StatusReport::from_hex(text) {
        let _ = report.description();
        assert_eq!(
            StatusReport::from_hex(&report.to_hex()).unwrap().status,
            report.status
        );
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_text_survives_its_way(
        text in text(),
        reference in reference(),
        sender in address(),
        timestamp in timestamp(),
        validity in validity(),
        flags in any::<[bool; 3]>(),
    ) {
        let segments = segment(&text, reference).unwrap();
        let mut received = Vec::new();
        for segment in segments {
            let mut submit = Submit::new(sender.clone(), segment.clone());
            submit.validity = validity;
            [submit.status_report_request, submit.reject_duplicates, submit.reply_path] = flags;
            let pdu = submit.to_pdu();
            prop_assert_eq!(pdu.hex.len() / 2, pdu.tpdu_length + 1);
            prop_assert!(pdu.tpdu_length <= 164 + 6);
            prop_assert_eq!(Submit::from_hex(&pdu.hex).unwrap(), submit);

            let mut deliver = Deliver::new(sender.clone(), timestamp, segment);
            deliver.smsc = Some(Address::from_dialable("+12063130026").unwrap());
            [deliver.more_messages, deliver.status_report_indication, deliver.reply_path] = flags;
            prop_assert_eq!(Deliver::from_hex(&deliver.to_hex().to_lowercase()).unwrap(), deliver.clone());
            received.push(deliver);
        }
        let whole: String = received.iter().map(Deliver::text).collect();
        prop_assert_eq!(&whole, &text, "no part ends within a character");
        received.reverse();
        prop_assert_eq!(join(&received), text);
    }

    #[test]
    fn measure_and_segment_agree(text in text(), reference: u8) {
        let segments = segment(&text, reference).unwrap();
        let measured = measure(&text);
        prop_assert_eq!(measured.parts, segments.len());
        prop_assert_eq!(measured.alphabet == Alphabet::Gsm7, text.chars().all(gsm7_contains));
        let last = segments.last().unwrap();
        prop_assert_eq!(last.dcs().alphabet(), measured.alphabet);
        // The header takes 7 septets or 6 octets.
        let used = usize::from(last.user_data_length());
        let room = match measured.alphabet {
            Alphabet::Gsm7 => 160 - used,
            _ => (140 - used) / 2,
        };
        prop_assert_eq!(measured.units_left_in_last_part, room);
    }

    #[test]
    fn a_report_survives_its_way(
        recipient in address(),
        timestamp in timestamp(),
        discharge in timestamp(),
        (reference, status, more_messages) in any::<(u8, u8, bool)>(),
        parameters in prop::option::of((prop::option::of(any::<u8>()), prop::option::of("[a-zж]{0,60}"))),
    ) {
        let parameters = parameters.map(|(pid, text)| {
            let segment = text.map(|text| segment(&text, 0_u8).unwrap().remove(0));
            Parameters { pid, dcs: segment.as_ref().map(Segment::dcs), segment }
        });
        let report = StatusReport {
            smsc: None, reference, recipient, timestamp, discharge, status, more_messages, parameters,
        };
        prop_assert_eq!(StatusReport::from_hex(&report.to_hex()).unwrap(), report);
    }

    #[test]
    fn noise_is_read_or_refused(noise in noise(), letters in "\\PC{0,80}", cut in 0..400_usize) {
        read_anything(&noise);
        read_anything(&letters);
        read_anything(noise.get(..cut).unwrap_or_default());
    }
}
