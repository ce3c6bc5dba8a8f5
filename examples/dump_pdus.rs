//! Prints texts and the PDUs we make of them, one JSON object a line, for decoders that others wrote
//! (`tests/second_opinion`). `cargo run --example dump_pdus [cases]`; the same cases every time.
#![allow(clippy::print_stdout)]

use serde_json::json;
use textback::sms::{Address, Deliver, Reference, Submit, Timestamp, Validity, join, segment};

/// Each case takes its characters from one of these.
const ALPHABETS: [&str; 5] = [
    "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 .,!?",
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà",
    "plain text and ^{}\\[~]|€",
    "жизнь 日本語 àçé “quotes”",
    "😀👍🏽🇩🇪 ok ж",
];

fn main() {
    let cases = std::env::args().nth(1).and_then(|n| n.parse().ok());
    let mut random = Random(0x5EED);
    for case in 0..cases.unwrap_or(4000_u32) {
        let alphabet: Vec<char> = ALPHABETS[random.below(ALPHABETS.len())].chars().collect();
        let length = random.below(500);
        let text: String = (0..length)
            .map(|_| alphabet[random.below(alphabet.len())])
            .collect();
        let reference = match random.below(2) {
            0 => Reference::Eight(low_byte(case)),
            _ => Reference::Sixteen(u16::from_be_bytes([low_byte(case / 7), low_byte(case)])),
        };
        let digits: String = (0..1 + random.below(15))
            .map(|_| char::from(b'0' + low_byte(random.next() % 10)))
            .collect();
        let number = if random.below(2) == 0 {
            format!("+{digits}")
        } else {
            digits
        };
        let address = Address::from_dialable(&number).expect("digits");
        let zone = low_byte(random.next() % 97).cast_signed() - 48;
        let at = jiff::Timestamp::from_second(1_700_000_000 + i64::from(case) * 86_399)
            .expect("in range");
        let timestamp = Timestamp::new(at, zone).expect("in range");
        let mut delivers = Vec::new();
        let mut submits = Vec::new();
        for segment in segment(&text, reference).expect("short enough") {
            let mut submit = Submit::new(address.clone(), segment.clone());
            submit.validity = Validity::Relative(low_byte(random.next()));
            submits.push(submit.to_pdu().hex);
            delivers.push(Deliver::new(address.clone(), timestamp, segment));
        }
        let read = delivers
            .iter()
            .map(|deliver| Deliver::from_hex(&deliver.to_hex()).expect("our own"));
        assert_eq!(join(&read.collect::<Vec<_>>()), text);
        let line = json!({
            "text": text, "number": number, "timestamp": timestamp.to_string(), "submits": submits,
            "parts": delivers.iter().map(Deliver::text).collect::<Vec<_>>(),
            "delivers": delivers.iter().map(Deliver::to_hex).collect::<Vec<_>>(),
        });
        println!("{line}");
    }
}

fn low_byte(n: u32) -> u8 {
    n.to_le_bytes()[0]
}

/// Numbers that look random and are the same every time (the xorshift generator of Marsaglia).
struct Random(u32);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        self.next() as usize % limit
    }
}
