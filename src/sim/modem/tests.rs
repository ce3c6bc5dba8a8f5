//! Whatever a host writes, the modem survives it and stays usable.

use std::time::Duration;

use proptest::prelude::*;

use super::SimModem;
use crate::sim::callers::Caller;
use crate::sim::options::Options;

/// What breaks parsers: pieces of real commands in any order, and bytes that are none.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "AT",
        "E0",
        "S0",
        "&F",
        "+CMGS=",
        "18",
        "=",
        "?",
        ",",
        ";",
        "\"",
        "\r",
        "\n",
        "\u{1a}",
        "\u{1b}",
        "+CMGR=",
        "+CMGD=",
        "+CNMI=",
        "+CPIN=",
        "+CPMS=",
        "+CHLD=1",
        "ü",
        "4294967296",
        "00",
        "0021000B",
    ]);
    let piece = prop_oneof![
        4 => pieces.prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn nothing_a_host_writes_breaks_the_modem(writes in prop::collection::vec(bytes(), 1..8)) {
        let mut modem = SimModem::new(Options { pin: Some("1234".into()), ..Options::default() });
        modem.open_line();
        let mut now = Duration::ZERO;
        for written in writes {
            modem.call(Caller::new("+12025550123"));
            now += Duration::from_secs(3);
            modem.on_bytes(now, &written);
        }
        // ESC frees an open prompt, CR ends half a command line.
        modem.on_bytes(now + Duration::from_secs(60), b"\x1b\r");
        while modem.take_output(now + Duration::from_secs(60)).is_some() {}
        // Results may have been switched off, or to numbers.
        modem.on_bytes(now + Duration::from_secs(61), b"ATV1Q0\r");
        let answer = modem.take_output(now + Duration::from_secs(61)).unwrap_or_default();
        prop_assert!(answer.ends_with(b"\r\nOK\r\n"), "{:?}", String::from_utf8_lossy(&answer));
    }
}
