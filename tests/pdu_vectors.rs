//! Every PDU of `data/pdu_vectors.jsonl` is decoded, and every field that the line expects is compared. What we decoded
//! is also written again and must come out with the same length and the same content.

use serde_json::{Map, Value, json};
use textback::sms::{
    Address, Alphabet, Deliver, Outcome, Pdu, Segment, StatusReport, Submit, Timestamp, Validity,
    Waiting, join,
};

const VECTORS: &str = include_str!("data/pdu_vectors.jsonl");

#[test]
fn every_vector() {
    let vectors: Vec<Value> = VECTORS
        .lines()
        .map(|line| serde_json::from_str(line).expect("a JSON object"))
        .collect();
    assert_eq!(vectors.len(), 193);
    let mut differences = Vec::new();
    for (line, vector) in (1..).zip(&vectors) {
        let pdu = vector["pdu"].as_str().expect("a PDU");
        let expect = vector["expect"].as_object().expect("expectations");
        let refused = expect.contains_key("error");
        match decode(vector["kind"].as_str().expect("a kind"), pdu) {
            Err(error) if refused => println!("{line}: {error}"),
            Err(error) => differences.push(format!("line {line}: {error}\n  {pdu}")),
            Ok(_) if refused => differences.push(format!("line {line}: not refused\n  {pdu}")),
            Ok(found) => differences.extend(
                [(&"trailing_octets".to_owned(), &json!(0))]
                    .into_iter()
                    .filter(|(key, _)| !expect.contains_key(*key) && found.contains_key(*key))
                    .chain(expect)
                    .filter(|(key, wanted)| found.get(*key) != Some(*wanted))
                    .map(|(key, wanted)| {
                        let got = found.get(key);
                        format!("line {line}: {key} is {got:?}, should be {wanted:?}\n  {pdu}")
                    }),
            ),
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn decode(kind: &str, hex: &str) -> Result<Map<String, Value>, String> {
    let mut found = Map::new();
    match kind {
        "deliver" => {
            let deliver = Deliver::from_hex(hex).map_err(|e| e.to_string())?;
            assert_eq!(Deliver::from_hex(&deliver.to_hex()).as_ref(), Ok(&deliver));
            lengths(&mut found, hex, &deliver.to_pdu());
            smsc(&mut found, deliver.smsc.as_ref());
            address(&mut found, &deliver.originator);
            moment(&mut found, "timestamp", deliver.timestamp);
            content(&mut found, &deliver.segment, &deliver.to_hex());
            found.insert("pid".into(), deliver.pid.into());
            found.insert("more_messages".into(), deliver.more_messages.into());
            found.insert("sri".into(), deliver.status_report_indication.into());
            if let Some(first) = first_part(hex) {
                let first = Deliver::from_hex(&first).expect("the other part of this message");
                found.insert("joined_text".into(), join(&[deliver, first]).into());
            }
        }
        "submit" => {
            let submit = Submit::from_hex(hex).map_err(|e| e.to_string())?;
            assert_eq!(Submit::from_hex(&submit.to_pdu().hex).as_ref(), Ok(&submit));
            lengths(&mut found, hex, &submit.to_pdu());
            smsc(&mut found, submit.smsc.as_ref());
            address(&mut found, &submit.destination);
            content(&mut found, &submit.segment, &submit.to_pdu().hex);
            found.insert("pid".into(), submit.pid.into());
            found.insert("mr".into(), submit.message_reference.into());
            found.insert(
                "status_report_request".into(),
                submit.status_report_request.into(),
            );
            found.insert("reject_duplicates".into(), submit.reject_duplicates.into());
            found.insert("reply_path".into(), submit.reply_path.into());
            let minutes = submit.validity.duration().map(|d| d.as_secs() / 60);
            found.insert("validity_minutes".into(), minutes.into());
            let format = match submit.validity {
                Validity::None => "none",
                Validity::Relative(code) => {
                    found.insert("vp".into(), code.into());
                    "relative"
                }
                Validity::Absolute(until) => {
                    found.insert("validity_abs".into(), until.to_string().into());
                    "absolute"
                }
                Validity::Enhanced(_) => "enhanced",
            };
            found.insert("vpf".into(), format.into());
        }
        "status" => {
            let report = StatusReport::from_hex(hex).map_err(|e| e.to_string())?;
            assert_eq!(
                StatusReport::from_hex(&report.to_hex()).as_ref(),
                Ok(&report)
            );
            lengths(&mut found, hex, &report.to_pdu());
            smsc(&mut found, report.smsc.as_ref());
            address(&mut found, &report.recipient);
            moment(&mut found, "timestamp", report.timestamp);
            found.insert("mr".into(), report.reference.into());
            found.insert("status".into(), report.status.into());
            found.insert("status_class".into(), status_class(&report).into());
            found.insert("discharge".into(), report.discharge.to_string().into());
            if let Some(parameters) = &report.parameters {
                found.insert("pi".into(), parameters.indicator().into());
                found.insert("pid".into(), parameters.pid.into());
                if let Some(segment) = &parameters.segment {
                    content(&mut found, segment, &report.to_hex());
                }
            }
        }
        other => panic!("no such kind: {other}"),
    }
    Ok(found)
}

/// The TPDU's length as the modem announces it, and how much of it we took for padding.
fn lengths(found: &mut Map<String, Value>, hex: &str, ours: &Pdu) {
    let smsc = usize::from_str_radix(&hex[..2], 16).expect("it has been read");
    let tpdu_length = hex.len() / 2 - 1 - smsc;
    let trailing = tpdu_length - ours.tpdu_length;
    found.insert("trailing_octets".into(), trailing.into());
    found.insert("tpdu_len".into(), (ours.tpdu_length + trailing).into());
    found.insert("cmgr_len".into(), (ours.tpdu_length + trailing).into());
}

fn smsc(found: &mut Map<String, Value>, address: Option<&Address>) {
    let type_of_address = address.map(|a| format!("{:02X}", a.type_of_address()));
    found.insert("smsc".into(), json!(address.map(Address::number)));
    found.insert("smsc_toa".into(), json!(type_of_address));
}

fn address(found: &mut Map<String, Value>, address: &Address) {
    let type_of_address = address.type_of_address();
    let kind = match type_of_address >> 4 & 0b111 {
        0 => "unknown",
        1 => "international",
        2 => "national",
        4 => "subscriber",
        5 => "alphanumeric",
        other => panic!("no vector has type of number {other}"),
    };
    assert_eq!(address.is_alphanumeric(), kind == "alphanumeric");
    found.insert("number".into(), address.number().into());
    found.insert("number_type".into(), kind.into());
    found.insert("toa".into(), format!("{type_of_address:02X}").into());
}

fn moment(found: &mut Map<String, Value>, key: &str, timestamp: Timestamp) {
    let written: jiff::Timestamp = timestamp.to_string().parse().expect("ISO 8601");
    assert_eq!(timestamp.to_jiff(), Some(written));
    found.insert(key.into(), timestamp.to_string().into());
    found.insert("tz_quarters".into(), timestamp.zone_quarters().into());
    found.insert("tz_not_bcd".into(), (!timestamp.zone_is_decimal()).into());
}

fn content(found: &mut Map<String, Value>, segment: &Segment, hex: &str) {
    let alphabet = match segment.dcs().alphabet() {
        Alphabet::Gsm7 => "gsm7",
        Alphabet::EightBit => "8bit",
        Alphabet::Ucs2 => "ucs2",
    };
    found.insert("alphabet".into(), alphabet.into());
    found.insert("dcs".into(), segment.dcs().0.into());
    found.insert("class".into(), json!(segment.dcs().class()));
    found.insert("udl".into(), segment.user_data_length().into());
    found.insert("text".into(), segment.text().into());
    found.insert("text_alone".into(), segment.text().into());
    let header = segment.header();
    let mut header_octets = 0;
    if !header.is_empty() {
        let elements = header.iter().map(|element| {
            let data: Vec<String> = element.data.iter().map(|o| format!("{o:02X}")).collect();
            json!({"iei": format!("{:02X}", element.identifier), "data": data.concat()})
        });
        found.insert("udh".into(), elements.collect());
        header_octets = 1 + header.iter().map(|e| 2 + e.data.len()).sum::<usize>();
    }
    if alphabet != "gsm7" {
        let data = usize::from(segment.user_data_length()) - header_octets;
        found.insert("data_hex".into(), hex[hex.len() - 2 * data..].into());
    }
    let language = |identifier| {
        let mut elements = header.iter();
        elements
            .find(|element| element.identifier == identifier)
            .map(|element| element.data[0])
    };
    found.insert("single_shift".into(), json!(language(0x24)));
    found.insert("locking_shift".into(), json!(language(0x25)));
    if let Some(concat) = segment.concatenation() {
        let concat = json!({
            "ref": concat.reference, "ref_bits": concat.bits, "total": concat.total, "seq": concat.sequence,
        });
        found.insert("concat".into(), concat);
    } else if language(0x00).is_some() {
        found.insert("concat_ignored".into(), true.into());
    }
    if let Some(ports) = segment.ports() {
        let ports = json!({"dst": ports.destination, "src": ports.source, "bits": ports.bits});
        found.insert("ports".into(), ports);
    }
    if let Some(mwi) = segment.message_waiting() {
        let kind = match mwi.waiting {
            Waiting::Voicemail => "voicemail",
            other => panic!("no vector has {other:?}"),
        };
        let mwi = json!({"store": mwi.store, "active": mwi.active, "type": kind});
        found.insert("mwi".into(), mwi);
    }
}

fn status_class(report: &StatusReport) -> &'static str {
    match (report.outcome(), report.is_permanent()) {
        (Outcome::Delivered | Outcome::Forwarded, false) => "completed",
        (Outcome::StillTrying, false) => "temporary_still_trying",
        (Outcome::Failed, true) => "permanent",
        // Our "permanent" leaves out a message whose time ran out or that was deleted: the number may be good.
        (Outcome::Failed, false) if report.status < 0x60 => "permanent",
        (Outcome::Failed, false) if report.status < 0x80 => "temporary_gave_up",
        (Outcome::Failed, false) => "reserved",
        other => panic!("{other:?} makes no sense"),
    }
}

/// Two vectors are second parts whose expectation is the text of both. Their first parts: '€' cut between escape and
/// letter, and an emoji cut between its surrogates.
fn first_part(hex: &str) -> Option<String> {
    let other = |second: &str, first: &str| {
        let start = hex.strip_suffix(second)?;
        Some(format!("{start}{first}"))
    };
    other("09050003660202CA21", "0A050003660201D0E90D")
        .or_else(|| other("770202DE01D83DDE01", "770201D83DDE01D83D"))
}
