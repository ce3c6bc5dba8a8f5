//! The SIM's PIN: read from a file, and never the same wrong one twice, for the third wrong one locks the SIM. Knows no modem.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use crate::at::Pin;

/// Where the PIN is, and where a refused one is remembered.
#[derive(Debug, Clone)]
pub struct PinSource {
    /// The installer's file (`modem.sim_pin_file`): four to eight digits. `None`: the SIM needs no PIN.
    pub file: Option<PathBuf>,
    /// A file of our own, mode 0600, kept across restarts.
    pub refused: PathBuf,
}

impl PinSource {
    /// Whether there is a PIN to try, if the SIM should ask for one, or what became of it (`entered`: it has been tried, and was right); it
    /// says where from and never what.
    ///
    /// # Errors
    /// Why there is none, and what to do, in plain words.
    pub fn look(&self, entered: bool) -> Result<String, String> {
        let Some(file) = &self.file else {
            return Ok("The SIM asks for none.".to_owned());
        };
        let name = file.display();
        if entered {
            return Ok(format!("Asked for and entered; it is read from {name}."));
        }
        self.read()?;
        Ok(format!("Not asked for now; it is read from {name}."))
    }

    /// The PIN to try now.
    ///
    /// # Errors
    /// Why there is none, and what to do, in plain words.
    pub(super) fn read(&self) -> Result<Pin, String> {
        let Some(file) = &self.file else {
            return Err(
                "The SIM asks for its PIN. Name a file with the PIN in modem.sim_pin_file, or switch the PIN off \
                 in a phone."
                    .to_owned(),
            );
        };
        let name = file.display();
        let text = fs::read_to_string(file).map_err(|error| {
            format!("The SIM asks for its PIN, but {name} cannot be read: {error}.")
        })?;
        let pin = Pin::new(&text).ok_or_else(|| {
            format!("The SIM asks for its PIN, but {name} does not hold four to eight digits.")
        })?;
        match fs::read_to_string(&self.refused) {
            Ok(refused) if refused.trim() == pin.digits() => Err(format!(
                "The PIN in {name} has been refused, or was tried when the power went. It is not tried again, for a \
                 third wrong one locks the SIM. Write the right PIN to {name}; if it is right, delete {}.",
                self.refused.display()
            )),
            Ok(_) => Ok(pin),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(pin),
            Err(error) => Err(format!(
                "The SIM's PIN is not tried, for {} cannot be read and tells whether it was refused before: {error}.",
                self.refused.display()
            )),
        }
    }

    /// Remembers `pin` as refused. To be called before it is sent: a crash must not lead to a second try. A few milliseconds of
    /// disk, once a power-up.
    ///
    /// # Errors
    /// Why it cannot be remembered; it must not be sent then.
    pub(super) fn remember(&self, pin: &Pin) -> Result<(), String> {
        let write = || -> io::Result<()> {
            let mut options = OpenOptions::new();
            let mut file = options
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&self.refused)?;
            file.write_all(pin.digits().as_bytes())?;
            file.sync_all()?;
            match self.refused.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
                _ => Ok(()),
            }
        };
        write().map_err(|error| {
            let name = self.refused.display();
            format!("The SIM's PIN is not tried, for {name}, which would remember that it was wrong, cannot be written: {error}.")
        })
    }

    /// The PIN remembered was not wrong after all.
    pub(super) fn forget(&self) {
        // If it stays, a later start says so and names the file.
        if let Err(error) = fs::remove_file(&self.refused)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!("cannot delete {}: {error}", self.refused.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_refused_pin_is_not_read_again_until_the_file_changes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pin");
        let source = PinSource {
            file: Some(file.clone()),
            refused: folder.path().join("refused"),
        };
        assert!(source.read().unwrap_err().contains("cannot be read"));
        fs::write(&file, "12\n").unwrap();
        assert!(source.read().unwrap_err().contains("four to eight digits"));
        fs::write(&file, "1234\n").unwrap();
        let pin = source.read().unwrap();
        source.remember(&pin).unwrap();
        let mode = fs::metadata(&source.refused).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(&file, " 1234").unwrap();
        assert!(source.clone().read().unwrap_err().contains("refused"));
        fs::write(&file, "4321").unwrap();
        assert_eq!(source.read(), Ok(Pin::new("4321").unwrap()));
        fs::write(&file, "1234").unwrap();
        source.forget();
        assert_eq!(source.read(), Ok(pin));
    }

    #[test]
    fn a_pin_that_cannot_be_remembered_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let source = PinSource {
            file: None,
            refused: folder.path().join("missing/refused"),
        };
        assert!(source.read().unwrap_err().contains("modem.sim_pin_file"));
        let pin = Pin::new("1234").unwrap();
        assert!(
            source
                .remember(&pin)
                .unwrap_err()
                .contains("cannot be written")
        );
    }
}
