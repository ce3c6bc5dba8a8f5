//! A cursor over the octets of one PDU that knows where it is, so that an error can say so. Knows no field's meaning.

use super::{PduError, Problem, Tpdu, hex};

/// Reads a PDU from front to back.
pub(super) struct Reader {
    tpdu: Tpdu,
    octets: Vec<u8>,
    at: usize,
}

impl Reader {
    pub(super) fn new(tpdu: Tpdu, text: &str) -> Result<Reader, PduError> {
        let octets = hex::decode(tpdu, text)?;
        Ok(Reader {
            tpdu,
            octets,
            at: 0,
        })
    }

    /// What has not been read yet.
    pub(super) fn rest(&self) -> &[u8] {
        self.octets.get(self.at..).unwrap_or_default()
    }

    pub(super) fn octet(&mut self, field: &'static str) -> Result<u8, PduError> {
        self.array::<1>(field).map(|[octet]| octet)
    }

    pub(super) fn array<const N: usize>(
        &mut self,
        field: &'static str,
    ) -> Result<[u8; N], PduError> {
        match self.rest().first_chunk::<N>().copied() {
            Some(octets) => {
                self.at += N;
                Ok(octets)
            }
            None => Err(self.truncated(field, N)),
        }
    }

    pub(super) fn take(&mut self, field: &'static str, count: usize) -> Result<Vec<u8>, PduError> {
        match self.rest().get(..count).map(<[u8]>::to_vec) {
            Some(octets) => {
                self.at += count;
                Ok(octets)
            }
            None => Err(self.truncated(field, count)),
        }
    }

    /// An error in the field that ends here and began `back` octets ago.
    pub(super) fn error(&self, field: &'static str, back: usize, problem: Problem) -> PduError {
        PduError {
            tpdu: self.tpdu,
            field,
            offset: self.at.saturating_sub(back),
            problem,
        }
    }

    fn truncated(&self, field: &'static str, needed: usize) -> PduError {
        let left = self.rest().len();
        self.error(field, 0, Problem::Truncated { needed, left })
    }

    /// Reads the first octet of the TPDU and checks its message type indicator (23.040, 9.2.3.1).
    pub(super) fn first_octet(&mut self) -> Result<u8, PduError> {
        let first = self.octet("TP-MTI")?;
        if first & MTI_MASK == message_type(self.tpdu) {
            Ok(first)
        } else {
            Err(self.error("TP-MTI", 1, Problem::OtherType(first & MTI_MASK)))
        }
    }
}

const MTI_MASK: u8 = 0b11;

/// TP-MTI of each TPDU (23.040, 9.2.3.1). The value 2 towards the network is SMS-COMMAND, which nobody here uses.
pub(super) fn message_type(tpdu: Tpdu) -> u8 {
    match tpdu {
        Tpdu::Deliver => 0b00,
        Tpdu::Submit => 0b01,
        Tpdu::StatusReport => 0b10,
    }
}

/// `flag` if `set`, else nothing: the bits of a first octet.
pub(super) fn bit(flag: u8, set: bool) -> u8 {
    if set { flag } else { 0 }
}
