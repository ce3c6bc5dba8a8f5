//! SMS-STATUS-REPORT: what became of a message (3GPP TS 23.040, 9.2.2.3 and 9.2.3.15). Knows nothing of the message it
//! is about but its reference.

use super::deliver::{NO_MORE_MESSAGES, UDHI};
use super::reader::{Reader, bit, message_type};
use super::{Address, Dcs, Pdu, PduError, Segment, Timestamp, Tpdu};

/// The network's word on a message we submitted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StatusReport {
    /// The service centre it came through, where the modem says so.
    pub smsc: Option<Address>,
    /// TP-MR: the reference from `+CMGS:`. It has 8 bits and comes round again.
    pub reference: u8,
    /// TP-RA: whom the message was for, perhaps written nationally where we wrote it internationally.
    pub recipient: Address,
    /// TP-SCTS: when the service centre had the message.
    pub timestamp: Timestamp,
    /// TP-DT: when it was delivered or last tried.
    pub discharge: Timestamp,
    /// TP-ST: see [`outcome`](StatusReport::outcome).
    pub status: u8,
    /// TP-MMS: the service centre has more for us.
    pub more_messages: bool,
    /// What TP-PI announces; reports mostly end before it.
    pub parameters: Option<Parameters>,
}

/// The optional end of a report (9.2.3.27).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Parameters {
    /// TP-PID.
    pub pid: Option<u8>,
    /// TP-DCS.
    pub dcs: Option<Dcs>,
    /// TP-UD, in the alphabet of TP-DCS or, without one, GSM 7-bit.
    pub segment: Option<Segment>,
}

/// What a status means for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is on the phone.
    Delivered,
    /// Done with, but nothing proves that it arrived: the service centre handed it on or replaced it.
    Forwarded,
    /// Not delivered yet; another report will follow.
    StillTrying,
    /// Not delivered, and nobody tries any more.
    Failed,
}

impl StatusReport {
    /// What TP-ST means (9.2.3.15). Reserved values from 0x80 count as "service rejected", as the clause wants.
    pub fn outcome(&self) -> Outcome {
        match self.status {
            0x00 => Outcome::Delivered,
            0x01..=0x1F => Outcome::Forwarded,
            0x20..=0x3F => Outcome::StillTrying,
            0x40..=0xFF => Outcome::Failed,
        }
    }

    /// Whether another message to this number would fare no better: a permanent error (0x40–0x5F), unless it is one of
    /// time or housekeeping (0x46–0x49). A phone that was merely switched off ends in those or in 0x60–0x7F.
    pub fn is_permanent(&self) -> bool {
        matches!(self.status, 0x40..=0x45 | 0x4A..=0x5F)
    }

    /// TP-ST in plain words.
    pub fn description(&self) -> &'static str {
        let known = REASONS.iter().find(|(status, _)| *status == self.status);
        match (known, self.status) {
            (Some((_, words)), _) => words,
            (None, 0x00..=0x1F) => "done with, for a reason of the operator's own",
            (None, 0x20..=0x3F) => "not delivered yet, the network keeps trying",
            (None, 0x40..=0x5F) => "failed for good, for a reason of the operator's own",
            (None, 0x60..=0x7F) => "the network gave up, for a reason of the operator's own",
            (None, 0x80..=0xFF) => "failed with a status that is reserved",
        }
    }

    /// Reads a PDU as `+CDS` and `+CMGR` give it. Octets behind the end are ignored, and so is padding with FF where
    /// the optional part could begin.
    ///
    /// # Errors
    /// When it is not hexadecimal, not an SMS-STATUS-REPORT, or cut short.
    pub fn from_hex(hex: &str) -> Result<StatusReport, PduError> {
        let mut reader = Reader::new(Tpdu::StatusReport, hex)?;
        let smsc = Address::read_service_centre(&mut reader)?;
        let first = reader.first_octet()?;
        Ok(StatusReport {
            smsc,
            reference: reader.octet("TP-MR")?,
            recipient: Address::read(&mut reader, "TP-RA")?,
            timestamp: Timestamp::read(&mut reader, "TP-SCTS")?,
            discharge: Timestamp::read(&mut reader, "TP-DT")?,
            status: reader.octet("TP-ST")?,
            more_messages: first & NO_MORE_MESSAGES == 0,
            parameters: Parameters::read(&mut reader, first & UDHI != 0)?,
        })
    }

    /// Writes the PDU as a modem would hand it over.
    pub fn to_pdu(&self) -> Pdu {
        let parameters = self.parameters.as_ref();
        let segment = parameters.and_then(|p| p.segment.as_ref());
        let first = message_type(Tpdu::StatusReport)
            | bit(NO_MORE_MESSAGES, !self.more_messages)
            | bit(UDHI, segment.is_some_and(Segment::has_header));
        let mut out = vec![first, self.reference];
        self.recipient.write(&mut out);
        out.extend(self.timestamp.octets());
        out.extend(self.discharge.octets());
        out.push(self.status);
        if let Some(parameters) = parameters {
            parameters.write(&mut out);
        }
        Pdu::new(&Address::service_centre_octets(self.smsc.as_ref()), &out)
    }

    /// The hexadecimal text of [`to_pdu`](StatusReport::to_pdu).
    pub fn to_hex(&self) -> String {
        self.to_pdu().hex
    }
}

const PI_PID: u8 = 0x01;
const PI_DCS: u8 = 0x02;
const PI_UDL: u8 = 0x04;
const PI_EXTENSION: u8 = 0x80;

impl Parameters {
    fn read(reader: &mut Reader, udhi: bool) -> Result<Option<Parameters>, PduError> {
        // A SIM record is filled up with FF.
        if reader.rest().iter().all(|octet| *octet == 0xFF) {
            return Ok(None);
        }
        let indicator = reader.octet("TP-PI")?;
        let mut extension = indicator;
        while extension & PI_EXTENSION != 0 {
            extension = reader.octet("TP-PI")?;
        }
        let mut parameters = Parameters::default();
        if indicator & PI_PID != 0 {
            parameters.pid = Some(reader.octet("TP-PID")?);
        }
        if indicator & PI_DCS != 0 {
            parameters.dcs = Some(Dcs(reader.octet("TP-DCS")?));
        }
        if indicator & PI_UDL != 0 {
            let dcs = parameters.dcs.unwrap_or(Dcs::GSM7);
            parameters.segment = Some(Segment::read(reader, dcs, udhi)?);
        }
        Ok(Some(parameters))
    }

    /// TP-PI: which of the others follow.
    pub fn indicator(&self) -> u8 {
        bit(PI_PID, self.pid.is_some())
            | bit(PI_DCS, self.dcs.is_some())
            | bit(PI_UDL, self.segment.is_some())
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.push(self.indicator());
        out.extend(self.pid);
        out.extend(self.dcs.map(|dcs| dcs.0));
        if let Some(segment) = &self.segment {
            segment.write(out);
        }
    }
}

/// 9.2.3.15, in words for people.
const REASONS: [(u8, &str); 25] = [
    (0x00, "delivered to the phone"),
    (
        0x01,
        "handed on, but the network cannot tell whether it arrived",
    ),
    (0x02, "replaced by a later message"),
    (
        0x20,
        "not delivered yet: the network is busy and keeps trying",
    ),
    (
        0x21,
        "not delivered yet: the phone is busy, the network keeps trying",
    ),
    (
        0x22,
        "not delivered yet: the phone does not answer, the network keeps trying",
    ),
    (
        0x23,
        "not delivered yet: refused for now, the network keeps trying",
    ),
    (
        0x24,
        "not delivered yet: the service is not available, the network keeps trying",
    ),
    (
        0x25,
        "not delivered yet: an error in the phone, the network keeps trying",
    ),
    (0x40, "failed for good: an error between networks"),
    (0x41, "failed for good: the destination cannot take texts"),
    (0x42, "failed for good: the phone refused it"),
    (0x43, "failed for good: the number cannot be reached"),
    (0x44, "failed for good: the service is not available"),
    (0x45, "failed for good: the networks do not exchange texts"),
    (
        0x46,
        "failed for good: its time ran out before the phone could be reached",
    ),
    (0x47, "deleted by the sender"),
    (0x48, "deleted by the operator"),
    (0x49, "the network does not know the message"),
    (0x60, "the network was busy and gave up"),
    (0x61, "the phone was busy and the network gave up"),
    (0x62, "the phone did not answer and the network gave up"),
    (0x63, "the service was refused and the network gave up"),
    (
        0x64,
        "the service was not available and the network gave up",
    ),
    (0x65, "an error in the phone, and the network gave up"),
];
