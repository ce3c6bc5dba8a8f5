//! Error codes as plain words, and whether trying again can help. Knows no command and no retry schedule.

use std::fmt;

/// How a command failed, in the modem's own words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AtError {
    /// `ERROR`: no, and no reason given.
    #[error("the modem said ERROR")]
    Plain,
    /// `+CME ERROR` (27.007 9.2).
    #[error("+CME ERROR {0}")]
    Cme(Cause),
    /// `+CMS ERROR` (27.005 3.2.5).
    #[error("+CMS ERROR {0}")]
    Cms(Cause),
    /// `COMMAND NOT SUPPORT`, `TOO MANY PARAMETERS` and their kin.
    #[error("the modem said {0}")]
    NotUnderstood(String),
}

/// What stands behind `+CME ERROR:` or `+CMS ERROR:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The number; found in the tables if the modem gave only words.
    pub code: Option<u16>,
    /// What it means, or what the modem said if nobody knows the number.
    pub words: String,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "{code}: {}", self.words),
            None => write!(f, "without a number: {}", self.words),
        }
    }
}

/// Whether the same thing, tried again, can work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// Never: this message to this number is refused.
    ForGood,
    /// Perhaps later, with nothing changed. Unknown codes too, for a lost text is worse than a second try.
    Passing,
    /// Only once somebody has put something right: the SIM, its PIN, its storage, the service centre's number.
    FixFirst,
}

use Outlook::{FixFirst, ForGood, Passing};

impl AtError {
    /// Reads a final result that is an error; `None` if `line` is none, or breaks off before saying which.
    pub(super) fn parse(line: &str) -> Option<Self> {
        if let Some(rest) = line.strip_prefix("+CME ERROR:") {
            return Some(Self::Cme(Cause::parse(rest, CME)?));
        }
        if let Some(rest) = line.strip_prefix("+CMS ERROR:") {
            return Some(Self::Cms(Cause::parse(rest, CMS)?));
        }
        match line {
            "ERROR" => Some(Self::Plain),
            _ if line.starts_with("MODEM ERROR:") || NOT_UNDERSTOOD.contains(&line) => {
                Some(Self::NotUnderstood(line.to_owned()))
            }
            _ => None,
        }
    }

    /// The number of a `+CME` or `+CMS` error.
    #[must_use]
    pub fn code(&self) -> Option<u16> {
        match self {
            Self::Cme(cause) | Self::Cms(cause) => cause.code,
            Self::Plain | Self::NotUnderstood(_) => None,
        }
    }

    /// Whether trying again can help.
    #[must_use]
    pub fn outlook(&self) -> Outlook {
        let (table, code) = match self {
            Self::Cme(cause) => (CME, cause.code),
            Self::Cms(cause) => (CMS, cause.code),
            Self::Plain => return Passing,
            Self::NotUnderstood(_) => return ForGood,
        };
        let row = code.and_then(|code| table.iter().find(|row| row.0 == code));
        row.map_or(Passing, |row| row.2)
    }

    /// Whether a message refused so tells of a modem in another mode than it was put into: a bare `ERROR`, or 302 to 305,
    /// not allowed, not supported, wrong parameter (27.005 3.2.5).
    #[must_use]
    pub fn is_about_mode(&self) -> bool {
        *self == Self::Plain || self.names_the_mode()
    }

    /// Whether it says so itself: 302 to 305.
    #[must_use]
    pub fn names_the_mode(&self) -> bool {
        match self {
            Self::Cms(cause) => matches!(cause.code, Some(302..=305)),
            Self::Plain | Self::Cme(_) | Self::NotUnderstood(_) => false,
        }
    }

    /// Whether a message was refused because the modem does not know the service centre's number (27.005 3.2.5).
    #[must_use]
    pub fn is_about_service_centre(&self) -> bool {
        matches!(
            self,
            Self::Cms(Cause {
                code: Some(330),
                ..
            })
        )
    }

    /// Whether the modem or its SIM is still busy with itself and the same command will soon do.
    #[must_use]
    pub fn busy(&self) -> bool {
        match self {
            Self::Cme(cause) => matches!(cause.code, Some(14 | 515)),
            Self::Cms(cause) => matches!(cause.code, Some(314 | 515)),
            Self::Plain | Self::NotUnderstood(_) => false,
        }
    }
}

impl Cause {
    fn parse(text: &str, table: &[Row]) -> Option<Self> {
        let text = text.trim();
        let row = match text.parse::<u16>() {
            Ok(code) => table.iter().find(|row| row.0 == code).ok_or(Some(code)),
            Err(_) => table
                .iter()
                .find(|row| row.1.eq_ignore_ascii_case(text))
                .ok_or(None),
        };
        match row {
            _ if text.is_empty() => None,
            Ok(row) => Some(Self {
                code: Some(row.0),
                words: row.1.to_owned(),
            }),
            Err(Some(code)) => Some(Self {
                code: Some(code),
                words: "a code of the maker's own".to_owned(),
            }),
            Err(None) => Some(Self {
                code: None,
                words: text.to_owned(),
            }),
        }
    }
}

/// Huawei's finals for a command it does not know or finds too long (ModemManager, ofono), and the hint of 27.007 modems with
/// several command sets.
const NOT_UNDERSTOOD: &[&str] = &["COMMAND NOT SUPPORT", "TOO MANY PARAMETERS"];

/// Code, meaning, outlook.
type Row = (u16, &'static str, Outlook);

/// 27.005 3.2.5: 0 to 127 are the RP causes of 24.011 E.2, 128 to 255 the TP failure causes of 23.040 9.2.3.22, 500 and
/// above the maker's. Outlooks are what sms-gate, smstools3, kannel and gammu's issues have met.
const CMS: &[Row] = &[
    (1, "unassigned number", ForGood),
    (8, "operator determined barring", ForGood),
    (10, "call barred", ForGood),
    (21, "short message transfer rejected", ForGood),
    (22, "memory capacity exceeded", Passing),
    (27, "destination out of service", Passing),
    (28, "unidentified subscriber", ForGood),
    (29, "facility rejected", ForGood),
    (30, "unknown subscriber", ForGood),
    (38, "network out of order", Passing),
    (41, "temporary failure", Passing),
    (42, "congestion", Passing),
    (47, "resources unavailable", Passing),
    (50, "requested facility not subscribed", ForGood),
    (69, "requested facility not implemented", ForGood),
    (81, "invalid short message reference", Passing),
    (95, "semantically incorrect message", ForGood),
    (96, "invalid mandatory information", ForGood),
    (97, "message type not implemented", ForGood),
    (
        98,
        "message not compatible with the protocol state",
        Passing,
    ),
    (99, "information element not implemented", ForGood),
    (111, "protocol error", Passing),
    (127, "interworking error", Passing),
    (128, "telematic interworking not supported", ForGood),
    (129, "short message type 0 not supported", ForGood),
    (130, "cannot replace short message", ForGood),
    (143, "TP-PID error", ForGood),
    (144, "alphabet not supported", ForGood),
    (145, "message class not supported", ForGood),
    (159, "TP-DCS error", ForGood),
    (160, "command cannot be actioned", ForGood),
    (161, "command unsupported", ForGood),
    (175, "TP-Command error", ForGood),
    (176, "TPDU not supported", ForGood),
    (192, "service centre busy", Passing),
    (193, "no service centre subscription", FixFirst),
    (194, "service centre system failure", Passing),
    (195, "invalid SME address", ForGood),
    (196, "destination SME barred", ForGood),
    (197, "rejected as a duplicate", ForGood),
    (198, "validity period format not supported", ForGood),
    (199, "validity period not supported", ForGood),
    (208, "SIM SMS storage full", FixFirst),
    (209, "no SMS storage capability in SIM", FixFirst),
    (210, "error in MS", Passing),
    (211, "memory capacity exceeded", FixFirst),
    (212, "SIM application toolkit busy", Passing),
    (213, "SIM data download error", Passing),
    (255, "unspecified error cause", Passing),
    (300, "ME failure", ForGood),
    (301, "SMS service of ME reserved", Passing),
    (302, "operation not allowed", FixFirst),
    (303, "operation not supported", FixFirst),
    (304, "invalid PDU mode parameter", FixFirst),
    (305, "invalid text mode parameter", FixFirst),
    (310, "SIM not inserted", FixFirst),
    (311, "SIM PIN required", FixFirst),
    (312, "PH-SIM PIN required", FixFirst),
    (313, "SIM failure", FixFirst),
    (314, "SIM busy", Passing),
    (315, "SIM wrong", FixFirst),
    (316, "SIM PUK required", FixFirst),
    (317, "SIM PIN2 required", FixFirst),
    (318, "SIM PUK2 required", FixFirst),
    (320, "memory failure", FixFirst),
    (321, "invalid memory index", FixFirst),
    (322, "memory full", FixFirst),
    (330, "SMSC address unknown", FixFirst),
    (331, "no network service", Passing),
    (332, "network timeout", Passing),
    (340, "no +CNMA acknowledgement expected", Passing),
    (350, "rejected by the service centre", Passing),
    (500, "unknown error", Passing),
    (
        512,
        "connection to the network could not be set up",
        Passing,
    ),
    (513, "lower layer failure", Passing),
    (514, "congestion or network error", Passing),
    (515, "device busy", Passing),
    (
        531,
        "number not on the SIM's list of fixed numbers",
        ForGood,
    ),
];

/// 27.007 9.2; 515 and 772 are makers' own (ZTE and others, smstools3; Qualcomm, sms-gate).
const CME: &[Row] = &[
    (0, "phone failure", Passing),
    (1, "no connection to phone", Passing),
    (2, "phone-adaptor link reserved", Passing),
    (3, "operation not allowed", ForGood),
    (4, "operation not supported", ForGood),
    (5, "PH-SIM PIN required", FixFirst),
    (6, "PH-FSIM PIN required", FixFirst),
    (7, "PH-FSIM PUK required", FixFirst),
    (10, "SIM not inserted", FixFirst),
    (11, "SIM PIN required", FixFirst),
    (12, "SIM PUK required", FixFirst),
    (13, "SIM failure", FixFirst),
    (14, "SIM busy", Passing),
    (15, "SIM wrong", FixFirst),
    (16, "incorrect password", FixFirst),
    (17, "SIM PIN2 required", FixFirst),
    (18, "SIM PUK2 required", FixFirst),
    (20, "memory full", FixFirst),
    (21, "invalid index", ForGood),
    (22, "not found", ForGood),
    (23, "memory failure", FixFirst),
    (24, "text string too long", ForGood),
    (25, "invalid characters in text string", ForGood),
    (26, "dial string too long", ForGood),
    (27, "invalid characters in dial string", ForGood),
    (30, "no network service", Passing),
    (31, "network timeout", Passing),
    (32, "network not allowed - emergency calls only", FixFirst),
    (40, "network personalization PIN required", FixFirst),
    (41, "network personalization PUK required", FixFirst),
    (42, "network subset personalization PIN required", FixFirst),
    (43, "network subset personalization PUK required", FixFirst),
    (
        44,
        "service provider personalization PIN required",
        FixFirst,
    ),
    (
        45,
        "service provider personalization PUK required",
        FixFirst,
    ),
    (46, "corporate personalization PIN required", FixFirst),
    (47, "corporate personalization PUK required", FixFirst),
    (48, "hidden key required", FixFirst),
    (50, "incorrect parameters", ForGood),
    (100, "unknown", Passing),
    (515, "device busy", Passing),
    (772, "SIM powered down", FixFirst),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_read_as_code_words_and_outlook() {
        let cases = [
            ("+CMS ERROR: 500", Some(500), "unknown error", Passing),
            (
                "+CMS ERROR: Unknown error",
                Some(500),
                "unknown error",
                Passing,
            ),
            (
                "+CMS ERROR:28",
                Some(28),
                "unidentified subscriber",
                ForGood,
            ),
            (
                "+CMS ERROR: 330",
                Some(330),
                "SMSC address unknown",
                FixFirst,
            ),
            ("+CMS ERROR: 38", Some(38), "network out of order", Passing),
            ("+CMS ERROR: 777", Some(777), "maker's own", Passing),
            ("+CME ERROR: 14", Some(14), "SIM busy", Passing),
            ("+CME ERROR: SIM failure", Some(13), "SIM failure", FixFirst),
            ("+CME ERROR: Ouch", None, "Ouch", Passing),
            ("+CME ERROR: 99999", None, "99999", Passing),
            ("ERROR", None, "ERROR", Passing),
            ("COMMAND NOT SUPPORT", None, "COMMAND NOT SUPPORT", ForGood),
            ("TOO MANY PARAMETERS", None, "TOO MANY PARAMETERS", ForGood),
        ];
        for (line, code, words, outlook) in cases {
            let error = AtError::parse(line).unwrap();
            assert_eq!(error.code(), code, "{line}");
            assert_eq!(error.outlook(), outlook, "{line}");
            assert!(error.to_string().contains(words), "{line}: {error}");
        }
        for line in [
            "OK",
            "+CME ERROR: ",
            "+CMS ERROR",
            "ERROR!",
            "+COPS: 0,0,\"ERROR\"",
        ] {
            assert_eq!(AtError::parse(line), None, "{line}");
        }
    }

    #[test]
    fn tables_are_sorted_and_name_a_code_once() {
        for table in [CMS, CME] {
            assert!(table.is_sorted_by(|a, b| a.0 < b.0));
        }
    }
}
