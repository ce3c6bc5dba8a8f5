//! The numbering plans of the world, of which only those in use are in memory. It knows nothing of how modems write.
//!
//! All of them take four MiB once they are read, half of the program's memory, and a box hears from one country or two. So
//! `plans.bin` stays packed, and what is unpacked is the plans of the countries heard from last.
//!
//! `plans.bin` is the metadata of Google's libphonenumber as rlibphonenumber ships them (Apache-2.0), byte by byte: a test
//! compares them, and says what to do after an update of that crate.

use std::ops::Range;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use prost::Message;
use rlibphonenumber::{PhoneMetadata, PhoneMetadataCollection, PhoneNumberUtil, Region};

/// A `PhoneMetadataCollection`: the plans one behind the other, each with its tag and its length.
const PACKED: &[u8] = include_bytes!("plans.bin");

/// Field 1, length-delimited, in the encoding of protocol buffers: what each plan begins with.
const PLAN_TAG: u8 = 0x0a;

/// Digits that a country code has: ITU-T E.164 clause 6.2.1.
const COUNTRY_CODE_DIGITS: Range<usize> = 1..4;

/// Country codes whose plans stay unpacked. The costliest, `+1` with its 25 countries, takes half a MiB, others a tenth.
const KEPT_CODES: usize = 6;

/// Plans, ready to be asked.
pub(super) type Plans = Arc<PhoneNumberUtil>;

/// Where one country's plan is in [`PACKED`].
struct Entry {
    country_code: i32,
    region: Option<Region>,
    /// Whether 0 is what calls within the country begin with, and no number itself.
    has_trunk_zero: bool,
    at: Range<usize>,
}

static INDEX: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let mut index = Vec::new();
    let mut rest = PACKED;
    // A test reads to the end, so nothing is left behind.
    while let Some((&PLAN_TAG, plan)) = rest.split_first() {
        let start = PACKED.len() - plan.len();
        rest = plan;
        let Ok(plan) = PhoneMetadata::decode_length_delimited(&mut rest) else {
            break;
        };
        index.push(Entry {
            country_code: plan.country_code(),
            region: Region::from_code(&plan.id).ok(),
            has_trunk_zero: plan.national_prefix() == "0",
            at: start..PACKED.len() - rest.len(),
        });
    }
    index
});

struct Loaded {
    /// Their plans are in `plans`; the one asked for last stands last.
    codes: Vec<i32>,
    plans: Option<Plans>,
}

static LOADED: Mutex<Loaded> = Mutex::new(Loaded {
    codes: Vec::new(),
    plans: None,
});

/// The plans of all countries behind a country code. `None` if they cannot be read, which a test rules out.
pub(super) fn of_code(country_code: i32) -> Option<Plans> {
    // Nothing in here is left half done by a panic.
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = loaded.codes.iter().position(|&code| code == country_code);
    if let Some(at) = known {
        loaded.codes[at..].rotate_left(1);
    } else {
        let old = (loaded.codes.len() + 1).saturating_sub(KEPT_CODES);
        loaded.codes.drain(..old);
        loaded.codes.push(country_code);
        // The old ones first, so that both are never in memory together.
        loaded.plans = None;
        loaded.plans = unpacked(&loaded.codes);
    }
    loaded.plans.clone()
}

/// The plans of some country codes, unpacked for this once.
pub(super) fn of_codes_once(country_codes: &[i32]) -> Option<Plans> {
    unpacked(country_codes)
}

fn unpacked(country_codes: &[i32]) -> Option<Plans> {
    let metadata = INDEX
        .iter()
        .filter(|entry| country_codes.contains(&entry.country_code))
        .map(|entry| PhoneMetadata::decode_length_delimited(PACKED.get(entry.at.clone())?).ok())
        .collect::<Option<Vec<_>>>()?;
    let plans = PhoneNumberUtil::new_for_metadata(PhoneMetadataCollection { metadata });
    plans.ok().map(Arc::new)
}

/// The country code of a country; `None` where no such country has telephone numbers.
pub(super) fn country_code(region: Region) -> Option<i32> {
    let mut entries = INDEX.iter();
    let entry = entries.find(|entry| entry.region == Some(region))?;
    Some(entry.country_code)
}

/// Whether calls within the country of this code begin with a 0 that belongs to no number.
pub(super) fn has_trunk_zero(country_code: i32) -> bool {
    let mut entries = INDEX.iter();
    entries.any(|entry| entry.country_code == country_code && entry.has_trunk_zero)
}

/// The country code that digits begin with. No code is the beginning of another.
pub(super) fn leading_code(digits: &str) -> Option<i32> {
    COUNTRY_CODE_DIGITS
        .filter_map(|count| digits.get(..count)?.parse::<i32>().ok())
        .find(|&code| INDEX.iter().any(|entry| entry.country_code == code))
        .filter(|_| !digits.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The packed metadata in the source of the crate that cargo builds with. `cargo metadata` would tell where that is, but asks the
    /// network for whatever other members of the workspace need.
    fn shipped() -> Vec<u8> {
        let lock = include_str!("../../Cargo.lock");
        let (_, after) = lock.split_once("name = \"rlibphonenumber\"\n").unwrap();
        let version = after.split('"').nth(1).unwrap();
        let home = std::env::var_os("CARGO_HOME").map(std::path::PathBuf::from);
        let home = home.unwrap_or_else(|| std::env::home_dir().unwrap().join(".cargo"));
        let registries = std::fs::read_dir(home.join("registry/src")).unwrap();
        let file = format!("rlibphonenumber-{version}/src/generated/metadata/metadata.bin");
        let mut places = registries.map(|registry| registry.unwrap().path().join(&file));
        let place = places.find(|place| place.exists());
        std::fs::read(place.expect("the crate was built from its source")).unwrap()
    }

    #[test]
    fn the_plans_are_those_that_the_crate_ships() {
        assert!(
            shipped() == PACKED,
            "src/phone/plans.bin is of another version of rlibphonenumber: copy src/generated/metadata/metadata.bin of the one \
             in Cargo.lock over it, and see whether tests/numbers.rs is still content"
        );
    }

    #[test]
    fn every_plan_can_be_read() {
        assert_eq!(INDEX.last().map(|entry| entry.at.end), Some(PACKED.len()));
        assert!(INDEX.iter().all(|entry| entry.region.is_some()));
        let mut codes: Vec<i32> = INDEX.iter().map(|entry| entry.country_code).collect();
        codes.dedup();
        assert!(codes.len() > 200);
        assert!(unpacked(&codes).is_some());
    }

    #[test]
    fn a_country_code_is_found_at_the_beginning() {
        for (digits, code) in [
            ("12025550143", Some(1)),
            ("4915123456789", Some(49)),
            ("353871234567", Some(353)),
            ("80012345678", Some(800)),
            ("1", Some(1)),
            ("999123456789", None),
            ("2102025550143", None),
            ("0012025550143", None),
            ("", None),
        ] {
            assert_eq!(leading_code(digits), code, "{digits}");
        }
    }

    #[test]
    fn only_the_countries_heard_from_last_are_kept() {
        for code in [1, 49, 44, 33, 39, 61, 1, 353] {
            let plans = of_code(code).unwrap();
            assert!(plans.get_supported_calling_codes().any(|c| c == code));
            assert!(plans.get_supported_calling_codes().count() <= KEPT_CODES);
        }
    }
}
