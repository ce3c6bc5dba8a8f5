//! SMS-DELIVER: a message that came to us (3GPP TS 23.040, 9.2.2.1). Knows nothing of where it is kept.

use super::reader::{Reader, bit, message_type};
use super::{Address, Concatenation, Dcs, Pdu, PduError, Segment, Timestamp, Tpdu};

/// A message from the network to us, or one part of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Deliver {
    /// The service centre it came through, where the modem says so. Parts of one message may come through several.
    pub smsc: Option<Address>,
    /// TP-OA: who sent it.
    pub originator: Address,
    /// TP-PID, 0 for an ordinary text.
    pub pid: u8,
    /// TP-SCTS: when the service centre had it.
    pub timestamp: Timestamp,
    /// TP-DCS and TP-UD: what it says.
    pub segment: Segment,
    /// TP-MMS: the service centre has more for us.
    pub more_messages: bool,
    /// TP-SRI: the sender has asked for a status report.
    pub status_report_indication: bool,
    /// TP-RP: a reply may go through the same service centre at the sender's cost.
    pub reply_path: bool,
}

impl Deliver {
    /// An ordinary message.
    pub fn new(originator: Address, timestamp: Timestamp, segment: Segment) -> Deliver {
        Deliver {
            smsc: None,
            originator,
            pid: 0,
            timestamp,
            segment,
            more_messages: false,
            status_report_indication: false,
            reply_path: false,
        }
    }

    /// Reads a PDU as `+CMT` and `+CMGR` give it. Octets behind the user data are ignored.
    ///
    /// # Errors
    /// When it is not hexadecimal, not an SMS-DELIVER, or cut short.
    pub fn from_hex(hex: &str) -> Result<Deliver, PduError> {
        let mut reader = Reader::new(Tpdu::Deliver, hex)?;
        let smsc = Address::read_service_centre(&mut reader)?;
        let first = reader.first_octet()?;
        let originator = Address::read(&mut reader, "TP-OA")?;
        let pid = reader.octet("TP-PID")?;
        let dcs = Dcs(reader.octet("TP-DCS")?);
        let timestamp = Timestamp::read(&mut reader, "TP-SCTS")?;
        let segment = Segment::read(&mut reader, dcs, first & UDHI != 0)?;
        Ok(Deliver {
            smsc,
            originator,
            pid,
            timestamp,
            segment,
            more_messages: first & NO_MORE_MESSAGES == 0,
            status_report_indication: first & STATUS_REPORT != 0,
            reply_path: first & REPLY_PATH != 0,
        })
    }

    /// Writes the PDU as a modem would hand it over.
    pub fn to_pdu(&self) -> Pdu {
        let first = message_type(Tpdu::Deliver)
            | bit(NO_MORE_MESSAGES, !self.more_messages)
            | bit(STATUS_REPORT, self.status_report_indication)
            | bit(UDHI, self.segment.has_header())
            | bit(REPLY_PATH, self.reply_path);
        let mut out = vec![first];
        self.originator.write(&mut out);
        out.extend([self.pid, self.segment.dcs().0]);
        out.extend(self.timestamp.octets());
        self.segment.write(&mut out);
        Pdu::new(&Address::service_centre_octets(self.smsc.as_ref()), &out)
    }

    /// The hexadecimal text of [`to_pdu`](Deliver::to_pdu).
    pub fn to_hex(&self) -> String {
        self.to_pdu().hex
    }

    /// The text of this message or part: see [`Segment::text`], and [`join`](super::join) for all parts of one.
    pub fn text(&self) -> String {
        self.segment.text()
    }

    /// Which part of a long message this is, if it is one.
    pub fn concat(&self) -> Option<Concatenation> {
        self.segment.concatenation()
    }
}

// The first octet (9.2.2.1): set means that nothing more waits.
pub(super) const NO_MORE_MESSAGES: u8 = 0x04;
pub(super) const STATUS_REPORT: u8 = 0x20;
pub(super) const UDHI: u8 = 0x40;
pub(super) const REPLY_PATH: u8 = 0x80;
