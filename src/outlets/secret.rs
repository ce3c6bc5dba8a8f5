//! Secrets, read from the installer's files when they are needed: changed there, they count from the next attempt on, and they stand in
//! no database, no log and no export.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// More than any password or token has, in bytes.
const BYTES_MAX: u64 = 4096;

/// What the file holds, without the space around it.
///
/// # Errors
/// Why it cannot be used, and what to do; never what is in it.
pub(super) fn read(path: &Path) -> Result<String, String> {
    let name = path.display();
    let cannot = |error| format!("{name} cannot be read: {error}");
    let file = File::open(path).map_err(cannot)?;
    let mode = file.metadata().map_err(cannot)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(format!(
            "{name} holds a secret, and others can read it; run: chmod 600 {name}"
        ));
    }
    let mut text = String::new();
    file.take(BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(cannot)?;
    match text.trim() {
        "" => Err(format!("{name} is empty")),
        secret => Ok(secret.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};

    #[test]
    fn only_a_file_that_others_cannot_read_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        assert!(read(&file).unwrap_err().contains("cannot be read"));
        fs::write(&file, " hunter2\n").unwrap();
        for (mode, good) in [
            (0o644, false),
            (0o640, false),
            (0o604, false),
            (0o600, true),
            (0o400, true),
        ] {
            fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            let secret = read(&file);
            assert_eq!(secret.is_ok(), good, "{mode:o}");
            match secret {
                Ok(secret) => assert_eq!(secret, "hunter2"),
                Err(why) => assert!(
                    why.contains("chmod 600") && !why.contains("hunter2"),
                    "{why}"
                ),
            }
        }
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        fs::write(&file, "\n").unwrap();
        assert!(read(&file).unwrap_err().contains("is empty"));
    }
}
