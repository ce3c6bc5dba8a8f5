//! Who else has a port open: what Linux tells under `/proc` of the files of other processes. Knows no AT.

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

/// A process that has the port open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holder {
    name: String,
    pid: u32,
}

/// What to do about the programs that are known to take modems.
const ADVICE: &[(&str, &str)] = &[
    (
        "ModemManager",
        "Keep it away with textback's udev rule (config/60-textback-modem.rules), or: systemctl disable --now ModemManager",
    ),
    ("gammu-smsd", "Stop it: systemctl disable --now gammu-smsd"),
    ("smsd", "Stop it: systemctl disable --now smstools"),
    ("asterisk", "Have it leave this modem alone."),
    ("pppd", "Have it use another port of the modem."),
    ("textback", "Stop the second textback."),
];

impl Holder {
    /// Who it is and what to do, in words.
    pub(super) fn words(&self) -> String {
        let Self { name, pid } = self;
        let advice = ADVICE.iter().find(|(known, _)| known == name);
        let advice = advice.map_or("Stop that program.", |(_, advice)| advice);
        format!("{name} (process {pid}) holds it. {advice}")
    }
}

/// The first process but ourselves that has `port` open, as far as we may see: another user's files are seen by root alone. `proc`
/// is `/proc`.
pub(super) fn of(port: &Path, proc: &Path) -> Option<Holder> {
    let port = fs::canonicalize(port).ok()?;
    let number = device_number(&port);
    let ourselves = std::process::id();
    for entry in fs::read_dir(proc).ok()?.flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        if pid == ourselves {
            continue;
        }
        let files = fs::read_dir(entry.path().join("fd")).into_iter().flatten();
        let holds = files.flatten().any(|file| {
            fs::read_link(file.path()).is_ok_and(|target| target == port)
                // Through another node of the same device, such as a container's.
                || number.is_some() && device_number(&file.path()) == number
        });
        if holds {
            // 15 bytes of the program's name; another program chose them.
            let Ok(name) = fs::read_to_string(entry.path().join("comm")) else {
                // It has ended meanwhile.
                continue;
            };
            let name = name.trim().replace(char::is_control, " ");
            return Some(Holder { name, pid });
        }
    }
    None
}

/// The number of a character device; `None` of anything else.
fn device_number(path: &Path) -> Option<u64> {
    let metadata = fs::metadata(path).ok()?;
    metadata
        .file_type()
        .is_char_device()
        .then(|| metadata.rdev())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn the_program_that_holds_a_port_is_named_with_what_to_do_about_it() {
        let root = tempfile::tempdir().unwrap();
        let (dev, proc) = (root.path().join("dev"), root.path().join("proc"));
        fs::create_dir_all(dev.join("serial/by-id")).unwrap();
        let (port, other) = (dev.join("ttyUSB2"), dev.join("ttyUSB3"));
        fs::write(&port, "").unwrap();
        fs::write(&other, "").unwrap();
        let link = dev.join("serial/by-id/usb-modem-if02-port0");
        symlink(&port, &link).unwrap();
        let process = |pid: u32, name: &str, file: &Path| {
            let fds = proc.join(pid.to_string()).join("fd");
            fs::create_dir_all(&fds).unwrap();
            symlink("/dev/null", fds.join("0")).unwrap();
            symlink(file, fds.join("7")).unwrap();
            fs::write(proc.join(pid.to_string()).join("comm"), format!("{name}\n")).unwrap();
        };
        process(std::process::id(), "textback", &port);
        process(4_000_000_001, "smsd", &other);
        assert_eq!(of(&port, &proc), None);
        process(4_000_000_002, "ModemManager", &port);
        fs::write(proc.join("version"), "").unwrap();
        // One that ends while it is looked at hides nobody.
        for pid in 4_000_000_003..4_000_000_009 {
            process(pid, "gone", &port);
            fs::remove_file(proc.join(pid.to_string()).join("comm")).unwrap();
        }
        for path in [&port, &link] {
            let words = of(path, &proc).unwrap().words();
            assert!(
                words.starts_with("ModemManager (process 4000000002) holds it. Keep it away"),
                "{words}"
            );
        }
        assert!(of(&other, &proc).unwrap().words().ends_with("smstools"));
        assert_eq!(of(&dev.join("gone"), &proc), None);
        let unknown = Holder {
            name: "minicom".into(),
            pid: 7,
        };
        assert_eq!(
            unknown.words(),
            "minicom (process 7) holds it. Stop that program."
        );
    }

    #[test]
    fn a_port_that_is_open_by_another_name_of_its_device_is_held_too() {
        let proc = tempfile::tempdir().unwrap();
        let fds = proc.path().join("4000000001/fd");
        fs::create_dir_all(&fds).unwrap();
        fs::write(proc.path().join("4000000001/comm"), "pppd\n").unwrap();
        symlink("/proc/self/root/dev/null", fds.join("3")).unwrap();
        let holder = of(Path::new("/dev/null"), proc.path()).unwrap().words();
        assert!(holder.starts_with("pppd (process"), "{holder}");
        assert_eq!(of(Path::new("/dev/zero"), proc.path()), None);
    }
}
