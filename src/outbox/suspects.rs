//! Which errors for good speak of the number a text was for, so that it is not texted again, and which of us. No I/O.
//!
//! A mistake here silences a customer, so what a SIM without credit is told as well is no proof by itself.

use crate::at::AtError;
use crate::text::Suspicion;
use Suspicion::{Certain, Possible};

/// `+CMS ERROR` (27.005 3.2.5). Up to 127 the RP causes as 3GPP TS 24.011 annex E-2 explains them, from 128 the TP failure causes of
/// 23.040 9.2.3.22. 8 and 10 are bars on our own SIM; 50 and 69 what it has not subscribed to.
const REFUSALS: [(u16, Suspicion); 6] = [
    // Unassigned number.
    (1, Certain),
    // Transfer rejected: also what a centre says that will not serve us.
    (21, Possible),
    // Unidentified subscriber: "IMSI not known" may be ours.
    (28, Possible),
    // Unknown subscriber: "IMSI or directory number", either.
    (30, Possible),
    // Invalid SME address.
    (195, Certain),
    // Destination SME barred.
    (196, Certain),
];

/// TP-ST, permanent errors (23.040 9.2.3.15). Not those of time and housekeeping (0x46 to 0x49), nor what is wrong between networks
/// (0x40) or with their quality (0x44); 0x4A to 0x4F are reserved, and 0x50 to 0x5F mean what a centre wants them to.
const REPORTS: [(u8, Suspicion); 4] = [
    // Incompatible destination.
    (0x41, Certain),
    // Connection rejected by the phone.
    (0x42, Possible),
    // Not obtainable.
    (0x43, Certain),
    // No SM interworking: a network without texts.
    (0x45, Certain),
];

/// What a refusal tells of the number.
pub(super) fn by_refusal(error: &AtError) -> Option<Suspicion> {
    let code = match error {
        AtError::Cms(cause) => cause.code?,
        AtError::Plain | AtError::Cme(_) | AtError::NotUnderstood(_) => return None,
    };
    let row = REFUSALS.iter().find(|row| row.0 == code);
    row.map(|row| row.1)
}

/// What a status report tells of it.
pub(super) fn by_report(status: u8) -> Option<Suspicion> {
    let row = REPORTS.iter().find(|row| row.0 == status);
    row.map(|row| row.1)
}
