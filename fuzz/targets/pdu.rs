//! Any PDU in hexadecimal digits, or what passes for one: no panic, and what was read and written again is the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use textback::sms::{self, Deliver, StatusReport, Submit};

fuzz_target!(|data: &[u8]| {
    // As bytes of a PDU, for these are what is dense; and as they are, for what is no hexadecimal at all.
    let hex: String = data.iter().map(|byte| format!("{byte:02X}")).collect();
    read(&hex);
    if let Ok(text) = std::str::from_utf8(data) {
        read(text);
        let _ = sms::measure(text);
        if let Ok(segments) = sms::segment(text, 7_u8) {
            let back: String = segments.iter().map(sms::Segment::text).collect();
            assert_eq!(back, text, "parts put together are the text");
        }
    }
});

fn read(hex: &str) {
    if let Ok(deliver) = Deliver::from_hex(hex) {
        let _ = (
            deliver.text(),
            deliver.concat(),
            deliver.originator.number(),
        );
        let _ = sms::join(&[deliver.clone(), deliver.clone()]);
        let again = Deliver::from_hex(&deliver.to_hex()).expect("what we write can be read");
        assert_eq!(again.text(), deliver.text());
        assert_eq!(again.originator.number(), deliver.originator.number());
    }
    if let Ok(report) = StatusReport::from_hex(hex) {
        let _ = (
            report.outcome(),
            report.description(),
            report.is_permanent(),
        );
        let again = StatusReport::from_hex(&report.to_hex()).expect("what we write can be read");
        assert_eq!(again.reference, report.reference);
        assert_eq!(again.outcome(), report.outcome());
    }
    let _ = Submit::from_hex(hex);
}
