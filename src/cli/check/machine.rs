//! The computer's own part: its clock, the disk under the database, its power.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::findings::Finding;
use crate::clock::{Clock, Doubt};
use crate::modem;
use crate::store;

/// systemd-timesyncd, which Raspberry Pi OS sets the clock by, makes this once it has.
const SYNCHRONISED: &str = "/run/systemd/timesync/synchronized";
/// A day of heavy traffic is a few MB; below this something else is filling the disk.
const LITTLE_SPACE: u64 = 100 * 1024 * 1024;

/// `network_tells`: the modem has said what time it is.
pub(super) fn clock(clock: &Clock, network_tells: bool) -> Finding {
    let subject = "clock";
    let set = Path::new(SYNCHRONISED).exists();
    match clock.doubt() {
        // The modem's is wrong, then.
        Some(Doubt::Ahead(_)) if set => Finding::well(subject, "Set by the internet."),
        Some(doubt) => Finding::wrong(subject, doubt.words()),
        None if network_tells => Finding::well(subject, "It agrees with the network's."),
        None if set => Finding::well(subject, "Set by the internet."),
        None => Finding::unknown(
            subject,
            "The modem does not tell the time, and nothing shows that the internet has set this computer's clock: see that `date` is right.",
        ),
    }
}

/// The disk under the database.
pub(super) fn disk(dir: &Path) -> Finding {
    let subject = "disk";
    let name = dir.display();
    let free = match store::free_bytes(dir) {
        Ok(free) => free,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Finding::unknown(
                subject,
                format!("{name} is not there yet; textback makes it when it first runs."),
            );
        }
        Err(error) => {
            return Finding::wrong(subject, format!("{name} cannot be looked at: {error}."));
        }
    };
    if let Err(error) = try_to_write(dir) {
        let advice = match error.kind() {
            io::ErrorKind::ReadOnlyFilesystem => {
                "An SD card that turns read-only is dying: copy it and replace it."
            }
            io::ErrorKind::PermissionDenied => {
                "Check as the user that the service runs as: sudo -u textback textback check"
            }
            io::ErrorKind::StorageFull => "Free some space on it.",
            _ => "Check the SD card.",
        };
        return Finding::wrong(
            subject,
            format!("{name} cannot be written to: {error}. {advice}"),
        );
    }
    if let Err(error) = store::look_through(dir) {
        return Finding::wrong(subject, error.to_string());
    }
    let megabytes = free / 1024 / 1024;
    match free < LITTLE_SPACE {
        true => Finding::wrong(
            subject,
            format!("{name} has only {megabytes} MB left. Free some space."),
        ),
        false => Finding::well(subject, format!("{name} has {megabytes} MB left.")),
    }
}

/// Whether a file can be made there; it is gone again afterwards.
fn try_to_write(dir: &Path) -> io::Result<()> {
    let path = dir.join(format!(".check-{}", std::process::id()));
    File::create_new(&path)?.sync_all()?;
    fs::remove_file(&path)
}

/// Too little power; nothing where the computer cannot tell, which most cannot.
pub(super) fn power() -> Option<Finding> {
    modem::too_little_power().map(|words| Finding::wrong("power", words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use jiff::Timestamp;

    #[test]
    fn a_disk_is_looked_at_and_left_as_it_was() {
        let root = tempfile::tempdir().unwrap();
        let missing = disk(&root.path().join("none"));
        assert_eq!(missing.well, None, "{missing:?}");
        assert_eq!(disk(root.path()).well, Some(true));
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
        drop(Store::open(root.path()).unwrap());
        assert_eq!(disk(root.path()).well, Some(true));
        let file = store::file_in(root.path());
        fs::write(
            &file,
            "this is no database, and long enough to be looked at",
        )
        .unwrap();
        let damaged = disk(root.path());
        assert_eq!(damaged.well, Some(false));
        assert!(
            damaged.words.contains(&file.display().to_string()),
            "{damaged:?}"
        );
        // A place that nobody can write to, root included.
        let forbidden = disk(Path::new("/proc"));
        assert_eq!(forbidden.well, Some(false));
        assert!(
            forbidden.words.starts_with("/proc cannot be written to"),
            "{forbidden:?}"
        );
    }

    #[tokio::test]
    async fn a_clock_that_the_network_contradicts_is_wrong() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let right = Clock::simulated(now);
        assert_eq!(clock(&right, true).well, Some(true));
        let late = Clock::simulated(now);
        late.hear_stamp("2026-11-26T12:00:00Z".parse().unwrap());
        let found = clock(&late, false);
        assert_eq!(found.well, Some(false));
        assert!(found.words.contains("behind"), "{found:?}");
    }
}
