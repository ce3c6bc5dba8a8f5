//! A pseudo-terminal behind a stable path, as a modem on USB shows itself behind `/dev/serial/by-id`.

use std::io;
use std::path::{Path, PathBuf};

use tokio_serial::{SerialPort, SerialStream};

/// The path a host opens; goes away with this value.
#[derive(Debug)]
pub(super) struct Link {
    path: PathBuf,
    device: PathBuf,
    /// Kept open so that the modem's side stays readable while no host has the port open.
    _host_side: SerialStream,
}

impl Drop for Link {
    fn drop(&mut self) {
        // The next device may stand behind the path already.
        if std::fs::read_link(&self.path).is_ok_and(|device| device == self.device) {
            let _gone = std::fs::remove_file(&self.path);
        }
    }
}

/// A fresh pseudo-terminal behind `path`, in place of a link that stands there already: the modem's side, and the link.
///
/// # Errors
///
/// Whatever the system says against a new pseudo-terminal or a link of that name.
pub(super) fn open(path: &Path) -> io::Result<(SerialStream, Link)> {
    let (modem_side, host_side) = SerialStream::pair()?;
    let device: PathBuf = host_side
        .name()
        .ok_or_else(|| io::Error::other("the pseudo-terminal has no name"))?
        .into();
    if path.is_symlink() {
        std::fs::remove_file(path)?;
    }
    std::os::unix::fs::symlink(&device, path)?;
    Ok((
        modem_side,
        Link {
            path: path.to_owned(),
            device,
            _host_side: host_side,
        },
    ))
}
