//! Time zones by their names in the database of IANA.

use jiff::tz::{TimeZone, db};

use super::Mistake;

/// The zone of that name, whatever its case, with its name as the database spells it.
///
/// The database is the computer's own (package tzdata), kept up to date with its other packages: this is the room's one look
/// outside.
///
/// # Errors
///
/// When there is none; the mistake suggests the nearest.
pub fn time_zone(name: &str) -> Result<TimeZone, Mistake> {
    let name = name.trim();
    db().get(name).map_err(|_| {
        let good = nearest(name).map_or_else(
            || "this computer knows no time zones; install its package tzdata".to_owned(),
            |nearest| format!("did you mean {nearest}?"),
        );
        Mistake::new(name, "is no time zone", good)
    })
}

/// The known name most like it; the continent may be missing: `new york`.
fn nearest(name: &str) -> Option<String> {
    let wanted = name.to_lowercase().replace(' ', "_");
    db().available()
        .map(|known| known.as_str().to_owned())
        .min_by_key(|known| {
            let known = known.to_lowercase();
            let city = known.rsplit('/').next().unwrap_or(&known);
            let whole = strsim::damerau_levenshtein(&wanted, &known);
            whole.min(strsim::damerau_levenshtein(&wanted, city))
        })
}
