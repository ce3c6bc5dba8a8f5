//! The few PDUs the network reads and writes, by way of `crate::sms`. Knows nothing of lines and memories.

use super::network::Sent;
use crate::sms::{
    Address, AddressError, Deliver, StatusReport, Submit, Timestamp, TooManyParts, segment,
};

/// A text that no network could deliver.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotText {
    /// The sender is neither a number nor a name of up to 11 characters.
    #[error("no text can come from that sender: {0}")]
    Sender(#[from] AddressError),
    /// It is too long even in parts.
    #[error(transparent)]
    Length(#[from] TooManyParts),
}

/// The octets behind the service centre's address: what `AT+CMGS` and `+CMT` count. Nothing if these are not as many
/// octets as the first one says.
pub(super) fn tpdu_len(pdu: &str) -> Option<usize> {
    let centre = usize::from_str_radix(pdu.get(..2)?, 16).ok()?;
    pdu.len()
        .is_multiple_of(2)
        .then_some(pdu.len() / 2)?
        .checked_sub(1 + centre)
}

/// Takes a SUBMIT PDU apart as strictly as a modem does: hexadecimal digits only, as long as announced, nothing behind.
pub(super) fn read_submit(announced: usize, pdu: &str) -> Result<Submit, String> {
    match tpdu_len(pdu) {
        Some(len) if len == announced => {}
        Some(len) => {
            return Err(format!(
                "AT+CMGS={announced}, but the TPDU has {len} octets"
            ));
        }
        None => return Err(format!("{pdu:?} is not hexadecimal")),
    }
    let submit = Submit::from_hex(pdu).map_err(|error| format!("{pdu:?}: {error}"))?;
    match submit.to_pdu().tpdu_length {
        used if used == announced => Ok(submit),
        used => Err(format!(
            "{} octets behind the user data",
            announced.saturating_sub(used)
        )),
    }
}

/// The DELIVER PDUs of a text, one for each part it needs.
pub(super) fn deliver(
    centre: &str,
    from: &str,
    text: &str,
    at: jiff::Timestamp,
    reference: u8,
) -> Result<Vec<String>, CannotText> {
    let originator = Address::from_dialable(from).or_else(|_| Address::from_name(from))?;
    let parts = segment(text, reference)?;
    Ok(parts
        .into_iter()
        .map(|part| {
            let mut deliver = Deliver::new(originator.clone(), timestamp(at), part);
            deliver.smsc = Address::from_dialable(centre).ok();
            deliver.to_hex()
        })
        .collect())
}

/// The STATUS-REPORT PDU for a message.
pub(super) fn status_report(
    centre: &str,
    sent: &Sent,
    taken_at: jiff::Timestamp,
    done_at: jiff::Timestamp,
    status: u8,
) -> String {
    StatusReport {
        smsc: Address::from_dialable(centre).ok(),
        reference: sent.reference,
        recipient: sent.recipient.clone(),
        timestamp: timestamp(taken_at),
        discharge: timestamp(done_at),
        status,
        more_messages: false,
        parameters: None,
    }
    .to_hex()
}

fn timestamp(at: jiff::Timestamp) -> Timestamp {
    Timestamp::new(at, 0).expect("a simulation takes place between 1990 and 2089")
}
