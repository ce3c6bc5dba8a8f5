//! Which text a status report is about.

use jiff::{SignedDuration, Timestamp};

use super::Suspicion;
use crate::phone;

/// A service centre stamps a message as it takes it, seconds after the modem was given it; where its clock and ours, or a text of several
/// parts, put more than this between the two, the stamp tells nothing. Clocks set by the network are within a minute or two of it.
const STAMPED_WITHIN: SignedDuration = SignedDuration::from_mins(5);

/// A status report, as far as it tells which text it is about and what became of it.
#[derive(Debug, Clone)]
pub struct Report {
    /// TP-MR.
    pub reference: u8,
    /// TP-RA, as the network wrote it.
    pub recipient: String,
    /// TP-SCTS: when the service centre had the text; the same in a report that is read twice.
    pub stamp: Option<Timestamp>,
    /// What it says.
    pub outcome: ReportOutcome,
}

/// What a status report says of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportOutcome {
    /// It has arrived.
    Delivered,
    /// The network has it; it may arrive yet.
    Taken,
    /// It will not arrive.
    Failed {
        /// Why, in plain words.
        said: String,
        /// What that tells of the number.
        number: Option<Suspicion>,
    },
}

/// A part that the network took under the reference of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPart {
    /// The text's row.
    pub text_id: i64,
    /// Which part it is, from 1.
    pub sequence: u32,
    /// To whom.
    pub number: String,
    /// What became of it has been reported.
    pub reported: bool,
    /// TP-SCTS of that report.
    pub stamp: Option<Timestamp>,
}

/// A text of which a part may be with the network under a reference that nobody knows: it is unconfirmed, or a part is with the
/// modem, whose answer a report can overtake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenText {
    /// The text's row.
    pub text_id: i64,
    /// To whom.
    pub number: String,
    /// When it was last given to the modem, by our clock.
    pub handed_over: Option<Timestamp>,
}

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// This part.
    Part {
        /// The text's row.
        text_id: i64,
        /// Which part, from 1.
        sequence: u32,
    },
    /// The first part of this text of which nothing is known yet.
    UnknownPart {
        /// The text's row.
        text_id: i64,
    },
    /// What it was about when it was read the first time.
    Again {
        /// The text's row.
        text_id: i64,
    },
}

/// Which text a report is about: by its reference, which comes round after 256, and its recipient, whom the network may write in
/// another way; else by the recipient alone, and of several texts to him by the time at which the service centre took it, or by which was
/// given to the modem last. `parts` are
/// those under its reference, newest first, none older than a report can come.
#[must_use]
pub fn about(report: &Report, parts: &[KnownPart], open: &[OpenText]) -> Option<About> {
    let to_recipient = |number: &str| phone::same_line(number, &report.recipient);
    let ours = || parts.iter().filter(|part| to_recipient(&part.number));
    // A report that lay on the SIM and came by itself too must not settle the next text to the same caller.
    let again =
        ours().find(|part| part.reported && part.stamp.is_some() && part.stamp == report.stamp);
    if let Some(KnownPart { text_id, .. }) = again {
        return Some(About::Again { text_id: *text_id });
    }
    let known = ours().find(|part| !part.reported);
    let known = known.map(|part| About::Part {
        text_id: part.text_id,
        sequence: part.sequence,
    });
    known.or_else(|| {
        let to_him = || open.iter().filter(|text| to_recipient(&text.number));
        let stamped_as = to_him().filter_map(|text| Some((off(text, report)?, text)));
        let nearest = stamped_as.min_by_key(|(off, _)| *off);
        // Where our clock is wrong by hours: most reports come within seconds of their text.
        let last = || to_him().max_by_key(|text| text.handed_over);
        let text = nearest.map(|(_, text)| text).or_else(last)?;
        Some(About::UnknownPart {
            text_id: text.text_id,
        })
    })
}

/// How far the report's stamp is from when the text was handed over, if one can be of the other.
fn off(text: &OpenText, report: &Report) -> Option<SignedDuration> {
    let off = text.handed_over?.duration_since(report.stamp?).abs();
    (off <= STAMPED_WITHIN).then_some(off)
}
