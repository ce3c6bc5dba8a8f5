//! What is wrong with a PDU, and where. Knows nothing of how PDUs are read.

use std::fmt;

/// The kinds of TPDU this room reads (3GPP TS 23.040, 9.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tpdu {
    /// SMS-DELIVER: a message on its way to us.
    Deliver,
    /// SMS-SUBMIT: a message on its way out.
    Submit,
    /// SMS-STATUS-REPORT: what became of a message we submitted.
    StatusReport,
}

impl fmt::Display for Tpdu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Tpdu::Deliver => "SMS-DELIVER",
            Tpdu::Submit => "SMS-SUBMIT",
            Tpdu::StatusReport => "SMS-STATUS-REPORT",
        })
    }
}

/// A PDU that cannot be read. Its raw text is worth keeping: a person may still make sense of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read {tpdu}: {field} at octet {offset}: {problem}")]
pub struct PduError {
    /// What we tried to read it as.
    pub tpdu: Tpdu,
    /// The field by its name in 3GPP TS 23.040, such as `TP-SCTS`.
    pub field: &'static str,
    /// Octets before the one at fault, counted from the start of the PDU with the service centre's address.
    pub offset: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What can be wrong in a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A character that is no hexadecimal digit.
    #[error("{0:?} is not a hexadecimal digit")]
    NotHex(char),
    /// The last octet has one digit only.
    #[error("an odd number of hexadecimal digits, so the last octet is cut in half")]
    HalfOctet,
    /// More octets than any PDU has.
    #[error("{octets} octets where a PDU has at most {limit}")]
    TooLong {
        /// Octets found.
        octets: usize,
        /// Octets read at most.
        limit: usize,
    },
    /// The PDU ends before the field does.
    #[error("cut short: {left} of {needed} octets are there")]
    Truncated {
        /// Octets the field should have.
        needed: usize,
        /// Octets left in the PDU.
        left: usize,
    },
    /// The message type indicator is another one.
    #[error("TP-MTI is {0}, which is another type of message")]
    OtherType(u8),
    /// Half-octets that should be decimal digits are not.
    #[error("{0:02X} is not a pair of decimal digits")]
    NotDecimal(u8),
    /// An address longer than the standard allows.
    #[error("{0} half-octets of address where at most 20 can be")]
    LongAddress(usize),
    /// User data that no network carries.
    #[error("{0} octets of user data where a message has at most 140")]
    LongUserData(usize),
    /// The user data header claims more than the user data holds.
    #[error("a header of {header} octets in {user_data} octets of user data")]
    HeaderOverrun {
        /// Octets of the header, its length octet included.
        header: usize,
        /// Octets of the user data.
        user_data: usize,
    },
    /// UCS-2 needs pairs of octets.
    #[error("{0} octets of UCS-2, which is no whole number of characters")]
    OddUcs2(usize),
    /// A message that is not one of several parts ends in the middle of a character.
    #[error("the text ends in half a surrogate pair ({0:04X})")]
    HalfSurrogate(u16),
}
