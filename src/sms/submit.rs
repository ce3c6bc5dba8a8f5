//! SMS-SUBMIT: a message on its way out (3GPP TS 23.040, 9.2.2.2). Knows nothing of when or why it goes.

use super::deliver::{REPLY_PATH, UDHI};
use super::reader::{Reader, bit, message_type};
use super::{Address, Dcs, Pdu, PduError, Segment, Tpdu, Validity};

/// A message from us to the network, or one part of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Submit {
    /// The service centre it shall go through; `None` for the one on the SIM.
    pub smsc: Option<Address>,
    /// TP-MR. Modems put their own there and tell it in `+CMGS:`.
    pub message_reference: u8,
    /// TP-DA: who shall have it.
    pub destination: Address,
    /// TP-PID, 0 for an ordinary text.
    pub pid: u8,
    /// TP-VP: how long the network shall try.
    pub validity: Validity,
    /// TP-DCS and TP-UD: what it says.
    pub segment: Segment,
    /// TP-SRR: whether we want to hear what became of it.
    pub status_report_request: bool,
    /// TP-RD: the service centre shall refuse a second one with the same reference and destination.
    pub reject_duplicates: bool,
    /// TP-RP: the receiver may answer through our service centre.
    pub reply_path: bool,
}

impl Submit {
    /// An ordinary message: reference 0, as long as the network likes, and a status report asked for.
    pub fn new(destination: Address, segment: Segment) -> Submit {
        Submit {
            smsc: None,
            message_reference: 0,
            destination,
            pid: 0,
            validity: Validity::None,
            segment,
            status_report_request: true,
            reject_duplicates: false,
            reply_path: false,
        }
    }

    /// Writes the PDU for `AT+CMGS`.
    pub fn to_pdu(&self) -> Pdu {
        let first = message_type(Tpdu::Submit)
            | bit(REJECT_DUPLICATES, self.reject_duplicates)
            | self.validity.format()
            | bit(STATUS_REPORT_REQUEST, self.status_report_request)
            | bit(UDHI, self.segment.has_header())
            | bit(REPLY_PATH, self.reply_path);
        let mut out = vec![first, self.message_reference];
        self.destination.write(&mut out);
        out.extend([self.pid, self.segment.dcs().0]);
        self.validity.write(&mut out);
        self.segment.write(&mut out);
        Pdu::new(&Address::service_centre_octets(self.smsc.as_ref()), &out)
    }

    /// Reads a PDU as it stands behind `AT+CMGS`. Octets behind the user data are ignored.
    ///
    /// # Errors
    /// When it is not hexadecimal, not an SMS-SUBMIT, or cut short.
    pub fn from_hex(hex: &str) -> Result<Submit, PduError> {
        let mut reader = Reader::new(Tpdu::Submit, hex)?;
        let smsc = Address::read_service_centre(&mut reader)?;
        let first = reader.first_octet()?;
        let message_reference = reader.octet("TP-MR")?;
        let destination = Address::read(&mut reader, "TP-DA")?;
        let pid = reader.octet("TP-PID")?;
        let dcs = Dcs(reader.octet("TP-DCS")?);
        let validity = Validity::read(&mut reader, first)?;
        let segment = Segment::read(&mut reader, dcs, first & UDHI != 0)?;
        Ok(Submit {
            smsc,
            message_reference,
            destination,
            pid,
            validity,
            segment,
            status_report_request: first & STATUS_REPORT_REQUEST != 0,
            reject_duplicates: first & REJECT_DUPLICATES != 0,
            reply_path: first & REPLY_PATH != 0,
        })
    }
}

const REJECT_DUPLICATES: u8 = 0x04;
const STATUS_REPORT_REQUEST: u8 = 0x20;
