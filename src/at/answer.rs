//! What a command brought back, and what its lines mean. Knows the form of each answer, not who asked or why.

use at_commands::parser::CommandParser;

use super::args::Args;
use super::time::ModemTime;
use super::urc::{CurrentCall, Registration};

/// The information of an answer whose final result was `OK`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    pub(super) lines: Vec<InformationLine>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InformationLine {
    pub(super) text: String,
    pub(super) pdu: String,
}

/// `+CSQ` (27.007 8.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal {
    /// `<rssi>`, 0 (-113 dBm or less) to 31 (-51 dBm or more).
    pub rssi: u8,
}

impl Signal {
    /// Received signal strength in dBm.
    #[must_use]
    pub fn dbm(self) -> i16 {
        -113 + 2 * i16::from(self.rssi)
    }
}

/// What `AT+CPIN?` says the SIM wants (27.007 8.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SimState {
    /// Nothing, or only its second PIN, which texting does not need.
    Ready,
    /// Its PIN.
    Pin,
    /// Its PUK: the PIN was wrong three times.
    Puk,
    /// Something else, such as `PH-NET PIN`: a modem locked to another operator.
    Other(String),
}

impl SimState {
    /// The words behind `+CPIN:`, asked for or not.
    #[must_use]
    pub fn read(words: &str) -> Self {
        match words {
            "READY" | "SIM PIN2" | "SIM PUK2" => Self::Ready,
            "SIM PIN" => Self::Pin,
            "SIM PUK" => Self::Puk,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// A stored message as `+CMGL` and `+CMGR` give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPdu {
    /// Where it is kept; `None` from `+CMGR`, which does not repeat it.
    pub index: Option<u16>,
    /// `<stat>`: 0 and 1 received (unread, read), 2 and 3 ours (unsent, sent). 1 where the modem leaves it out.
    pub status: u8,
    /// The PDU in hexadecimal digits, service centre address included.
    pub pdu: String,
    /// It is as long as the line before it says. If not, something was lost on the way, or the modem counts in its own way.
    pub whole: bool,
}

/// `<stat>` of a message whose modem does not say (`+CMGR: ,,27`): received, for what is received must not be lost.
const STATUS_UNSAID: u8 = 1;

impl Answer {
    fn first(&self, prefix: &str) -> Option<Args<'_>> {
        let mut lines = self.lines.iter();
        lines.find_map(|line| Args::parse(line.text.trim().strip_prefix(prefix)?))
    }

    /// `+CMGS: <mr>`: the reference the status report will bear. `None` if it is not legible; the message was taken all the same.
    #[must_use]
    pub fn message_reference(&self) -> Option<u8> {
        self.first("+CMGS:")?.number(0)
    }

    /// `+CPIN`.
    #[must_use]
    pub fn sim_state(&self) -> Option<SimState> {
        let args = self.first("+CPIN:")?;
        args.get(0).map(SimState::read)
    }

    /// `+CFUN: <fun>`: 1 is full functionality.
    #[must_use]
    pub fn functionality(&self) -> Option<u8> {
        let line = self.lines.iter().find(|line| small_integers(&line.text))?;
        let parser = CommandParser::parse(line.text.trim().as_bytes());
        let (fun,) = parser
            .expect_identifier(b"+CFUN:")
            .expect_int_parameter()
            .finish()
            .ok()?;
        fun.try_into().ok()
    }

    /// `+CSQ: <rssi>,<ber>`; `None` if the modem cannot tell.
    #[must_use]
    pub fn signal(&self) -> Option<Signal> {
        let line = self.lines.iter().find(|line| small_integers(&line.text))?;
        let parser = CommandParser::parse(line.text.trim().as_bytes());
        let (rssi, _ber) = parser
            .expect_identifier(b"+CSQ:")
            .expect_int_parameter()
            .expect_int_parameter()
            .finish()
            .ok()?;
        let rssi = rssi.try_into().ok().filter(|rssi| *rssi <= 31)?;
        Some(Signal { rssi })
    }

    /// `+CREG` or `+CEREG`.
    #[must_use]
    pub fn registration(&self) -> Option<Registration> {
        let mut lines = self.lines.iter();
        lines.find_map(|line| Some(Registration::parse(line.text.trim())?.0))
    }

    /// `<n>` of `+CREG` or `+CEREG`: how much of it the modem tells by itself, 0 for nothing.
    #[must_use]
    pub fn registration_reporting(&self) -> Option<u8> {
        let mut lines = self.lines.iter();
        lines.find_map(|line| {
            let (_, fields) = line.text.split_once(':')?;
            fields.split(',').next()?.trim().parse().ok()
        })
    }

    /// `+CLCC`: every call there is. Lines that cannot be read are left out.
    #[must_use]
    pub fn current_calls(&self) -> Vec<CurrentCall> {
        let lines = self.lines.iter();
        lines
            .filter_map(|line| CurrentCall::parse(&line.text))
            .collect()
    }

    /// `+COPS: <mode>,<format>,<oper>`: the operator's name, or its number where the modem knows no name.
    #[must_use]
    pub fn operator(&self) -> Option<String> {
        let args = self.first("+COPS:")?;
        named(args.get(2)?)
    }

    /// `+CNUM: <alpha>,<number>,…`: the first number the SIM has as its own.
    #[must_use]
    pub fn own_number(&self) -> Option<String> {
        let lines = self.lines.iter();
        lines
            .filter_map(|line| Args::parse(line.text.trim().strip_prefix("+CNUM:")?))
            .find_map(|args| named(args.get(1)?))
    }

    /// `+CIMI`: 6 to 15 digits (23.003 2.2).
    #[must_use]
    pub fn imsi(&self) -> Option<String> {
        let text = self.text()?;
        let good = (6..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        good.then_some(text)
    }

    /// The text of an answer of a single line, such as `+CGMM`'s; a prefix and quotes that some modems add are taken off.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let line = self.lines.first()?.text.trim();
        let text = match line.split_once(':') {
            Some((name, rest)) if name.starts_with('+') => rest,
            _ => line,
        };
        named(text.trim().trim_matches('"'))
    }

    /// `+CSCA`: the service centre's number; empty where the SIM has none, which some modems say with a bare `OK`
    /// (python-gsmmodem issues 10 and 11).
    #[must_use]
    pub fn service_centre(&self) -> String {
        let args = self.first("+CSCA:");
        let number = args.as_ref().and_then(|args| args.get(0));
        number.unwrap_or_default().to_owned()
    }

    /// `+CCLK`: what time the modem thinks it is, if it says so as the standard has it.
    #[must_use]
    pub fn time(&self) -> Option<ModemTime> {
        self.first("+CCLK:")?.get(0).and_then(ModemTime::parse)
    }

    /// `+CPMS?`: messages in the first memory, and how many it holds.
    #[must_use]
    pub fn message_memory_usage(&self) -> Option<(u16, u16)> {
        let args = self.first("+CPMS:")?;
        Some((args.number(1)?, args.number(2)?))
    }

    /// A number of a line that begins with `prefix`, by its place behind that.
    #[must_use]
    pub fn field(&self, prefix: &str, index: usize) -> Option<u8> {
        self.first(prefix)?.number(index)
    }

    /// `+CMGL` and `+CMGR`: the messages there are. An empty slot is none, whether the modem says nothing of it or gives a
    /// length of 0 (Siemens).
    #[must_use]
    pub fn messages(&self) -> Vec<StoredPdu> {
        let read = |line: &InformationLine| {
            let (name, rest) = line.text.trim().split_once(':')?;
            let args = Args::parse(rest)?;
            let listed = name == "+CMGL";
            let octets: u8 = super::urc::pdu_octets(&args)?;
            let good = octets > 0 && !line.pdu.is_empty() && !(listed && args.get(0).is_none());
            good.then(|| StoredPdu {
                index: if listed { args.number(0) } else { None },
                status: args.number(usize::from(listed)).unwrap_or(STATUS_UNSAID),
                pdu: line.pdu.clone(),
                whole: super::chat::is_whole(&line.pdu, octets),
            })
        };
        self.lines.iter().filter_map(read).collect()
    }
}

fn named(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Whether at-commands can read the integers of this line. It overflows on ten digits and more, and takes what trails a number for
/// part of it.
fn small_integers(line: &str) -> bool {
    line.split_once(':').is_some_and(|(_, rest)| {
        rest.split(',').map(str::trim).all(|field| {
            (1..=9).contains(&field.len()) && field.bytes().all(|b| b.is_ascii_digit())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(lines: &[&str]) -> Answer {
        let line = |text: &&str| InformationLine {
            text: (*text).into(),
            pdu: String::new(),
        };
        Answer {
            lines: lines.iter().map(line).collect(),
        }
    }

    #[test]
    fn fixed_integers_are_read_and_damaged_ones_are_not() {
        let cases = [
            ("+CSQ: 17,99", Some(17)),
            ("+CSQ:31,0", Some(31)),
            ("+CSQ: 17, 99", Some(17)),
            ("+CSQ: 32,99", None),
            ("+CSQ: 99,99", None),
            ("+CSQ: 4294967313,99", None),
            ("+CSQ: 17,99zzz", None),
            ("+CSQ: -,99", None),
            ("+CSQ: 17", None),
        ];
        for (line, rssi) in cases {
            assert_eq!(answer(&[line]).signal().map(|s| s.rssi), rssi, "{line}");
        }
        assert_eq!(Signal { rssi: 31 }.dbm(), -51);
        assert_eq!(answer(&["+CFUN: 4"]).functionality(), Some(4));
        assert_eq!(answer(&["+CFUN: 1000"]).functionality(), None);
    }

    #[test]
    fn words_are_read_with_their_vendors_habits() {
        assert_eq!(answer(&["+CGMM: \"EC25\""]).text().as_deref(), Some("EC25"));
        assert_eq!(
            answer(&["SIMCOM_SIM7600E"]).text().as_deref(),
            Some("SIMCOM_SIM7600E")
        );
        assert_eq!(
            answer(&["Revision: 1.2"]).text().as_deref(),
            Some("Revision: 1.2")
        );
        assert_eq!(
            answer(&["+CIMI: 262011234567890"]).imsi().as_deref(),
            Some("262011234567890")
        );
        assert_eq!(answer(&["26201123456789x"]).imsi(), None);
        assert_eq!(
            answer(&["+COPS: 0,0,\"OKTEL\",2"]).operator().as_deref(),
            Some("OKTEL")
        );
        assert_eq!(answer(&["+COPS: 0"]).operator(), None);
        let numbers = answer(&["+CNUM: \"Fax\",\"\",129", "+CNUM: ,\"+12025550143\",145"]);
        assert_eq!(numbers.own_number().as_deref(), Some("+12025550143"));
        assert_eq!(answer(&["+CMGS: 240"]).message_reference(), Some(240));
        assert_eq!(
            answer(&["+CMGS: 17,\"24/01/01\""]).message_reference(),
            Some(17)
        );
        assert_eq!(answer(&["+CMGS: 256"]).message_reference(), None);
        let sim = |text| answer(&[text]).sim_state();
        assert_eq!(sim("+CPIN: READY"), Some(SimState::Ready));
        assert_eq!(sim("+CPIN:\"SIM PIN\""), Some(SimState::Pin));
        assert_eq!(sim("+CPIN: SIM PUK"), Some(SimState::Puk));
        assert_eq!(
            sim("+CPIN: PH-NET PIN"),
            Some(SimState::Other("PH-NET PIN".into()))
        );
    }

    #[test]
    fn stored_messages_are_read_in_every_form_met() {
        let cases = [
            ("+CMGL: 0,1,,25", Some((Some(0), 1))),
            ("+CMGL: 12,0,\"Bob\",25", Some((Some(12), 0))),
            ("+CMGR: 0,,27", Some((None, 0))),
            ("+CMGR: ,,27", Some((None, 1))),
            ("+CMGR: 0,23", Some((None, 0))),
            ("+CMGR: 0,,0", None),
        ];
        for (text, wanted) in cases {
            let line = InformationLine {
                text: text.into(),
                pdu: "00FF".into(),
            };
            let found = Answer { lines: vec![line] }.messages();
            let found = found.first().map(|m| (m.index, m.status));
            assert_eq!(found, wanted, "{text}");
        }
        assert_eq!(answer(&["+CMGL: 0,1,,25"]).messages(), []);
    }
}
