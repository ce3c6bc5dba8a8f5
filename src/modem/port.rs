//! Where ports come from: the serial device, or a line in memory. Knows no AT.

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_serial::{SerialPortBuilderExt, SerialStream};

use super::{holder, usb, usb_reset};
use crate::config::{self, Port};

/// Opens the way to the modem, again and again.
pub trait Ports: Send + Sync + 'static {
    /// An open port. Written to without ever being flushed: flushing a serial port waits until the last bit is out, and
    /// the whole daemon with it.
    type Port: AsyncRead + AsyncWrite + Send + Unpin + 'static;

    /// Opens it.
    ///
    /// # Errors
    /// Says in plain words what is wrong and what to do.
    fn open(&self) -> impl Future<Output = io::Result<Self::Port>> + Send;

    /// What people call it, such as `/dev/ttyUSB2`.
    fn name(&self) -> String;

    /// The port opened last leads to a modem that works.
    fn armed(&self) {}

    /// Whether another port may be tried where this one is silent.
    fn has_others(&self) -> bool {
        false
    }

    /// Switches the modem behind the port opened last off and on, which is closed by now.
    ///
    /// # Errors
    /// Says in plain words why that could not be done.
    fn reset_usb(&self) -> io::Result<()> {
        let words = "the modem's port is not on USB";
        Err(io::Error::new(io::ErrorKind::Unsupported, words))
    }
}

/// A serial device, opened for us alone: the one that the installer named, or one after the other of those that a USB
/// modem shows.
#[derive(Debug)]
pub struct SerialPorts {
    choice: Port,
    /// Bits a second. USB modems ignore it.
    baud: u32,
    search: Mutex<Search>,
}

/// Where the search among several ports stands.
#[derive(Debug, Default)]
struct Search {
    /// Openings since a modem was last armed, or plugged in.
    openings: usize,
    opened: Option<PathBuf>,
    /// The port of the modem that was last armed is tried first.
    armed: Option<PathBuf>,
}

impl Search {
    fn next(&mut self, mut found: Vec<PathBuf>) -> Option<PathBuf> {
        // Stable: the others keep their order.
        found.sort_by_key(|port| Some(port) != self.armed.as_ref());
        let next = found.get(self.openings % found.len().max(1)).cloned();
        // Where nothing is plugged in no port has had its turn.
        self.openings = match next {
            Some(_) => self.openings.wrapping_add(1),
            None => 0,
        };
        self.opened.clone_from(&next);
        next
    }

    fn armed(&mut self) {
        self.openings = 0;
        self.armed.clone_from(&self.opened);
    }
}

impl SerialPorts {
    /// The port or ports of a configuration.
    #[must_use]
    pub fn new(modem: &config::Modem) -> Self {
        Self {
            choice: modem.port.clone(),
            baud: modem.baud,
            search: Mutex::default(),
        }
    }

    fn next(&self) -> io::Result<PathBuf> {
        match &self.choice {
            Port::Path(path) => Ok(path.clone()),
            Port::Auto => self.search().next(found()).ok_or_else(|| {
                let words = "No modem is plugged in: there is no /dev/ttyUSB* and no /dev/ttyACM*.";
                io::Error::new(io::ErrorKind::NotFound, words)
            }),
        }
    }

    fn search(&self) -> MutexGuard<'_, Search> {
        self.search.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn found() -> Vec<PathBuf> {
    usb::serial_ports(Path::new("/dev"), Path::new("/sys"))
}

impl Ports for SerialPorts {
    type Port = SerialStream;

    async fn open(&self) -> io::Result<SerialStream> {
        let path = self.next()?;
        // TIOCEXCL and an exclusive flock are what the builder does unless told otherwise.
        let builder = tokio_serial::new(path.to_string_lossy(), self.baud);
        let port = builder
            .open_native_async()
            .map_err(|error| explain(&path, &error))?;
        // One that had it open before us, and took no lock: half of the answers go there.
        if let Some(holder) = holder::of(&path, Path::new("/proc")) {
            tracing::warn!("{} is open twice: {}", path.display(), holder.words());
        }
        Ok(port)
    }

    fn name(&self) -> String {
        match &self.choice {
            Port::Path(path) => path.display().to_string(),
            Port::Auto => {
                let opened = self.search().opened.clone();
                opened.map_or("the modem's port".to_owned(), |path| {
                    path.display().to_string()
                })
            }
        }
    }

    fn armed(&self) {
        self.search().armed();
    }

    fn has_others(&self) -> bool {
        self.choice == Port::Auto && found().len() > 1
    }

    fn reset_usb(&self) -> io::Result<()> {
        usb_reset::reset(Path::new(&self.name()), Path::new("/sys"))
    }
}

fn explain(path: &Path, error: &tokio_serial::Error) -> io::Error {
    use tokio_serial::ErrorKind;
    let (kind, words) = match error.kind {
        ErrorKind::Io(io::ErrorKind::NotFound) => (
            io::ErrorKind::NotFound,
            "it is not there. Is the modem plugged in, and is modem.port right?".to_owned(),
        ),
        ErrorKind::Io(io::ErrorKind::PermissionDenied) => (
            io::ErrorKind::PermissionDenied,
            "no permission. Put the user that runs textback into the group dialout.".to_owned(),
        ),
        // serialport's word for EBUSY and for a lock that somebody else holds.
        ErrorKind::NoDevice => (
            io::ErrorKind::ResourceBusy,
            holder::of(path, Path::new("/proc")).map_or_else(
                || {
                    "another program holds it, such as ModemManager or a second textback. Stop that program; `sudo textback check` names it."
                        .to_owned()
                },
                |holder| holder.words(),
            ),
        ),
        ErrorKind::Io(kind) => (kind, error.to_string()),
        _ => (io::ErrorKind::Other, error.to_string()),
    };
    io::Error::new(kind, format!("Cannot open {}: {words}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_serial::SerialPort;

    fn named(path: &str) -> SerialPorts {
        SerialPorts::new(&config::Modem {
            port: Port::Path(path.into()),
            ..config::Modem::default()
        })
    }

    #[tokio::test]
    async fn a_port_that_cannot_be_opened_says_what_to_do() {
        let error = named("/dev/no-such-modem").open().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert_eq!(
            error.to_string(),
            "Cannot open /dev/no-such-modem: it is not there. Is the modem plugged in, and is modem.port right?"
        );
    }

    #[tokio::test]
    async fn an_open_port_is_ours_alone_until_the_other_end_goes() {
        let (mut modem, device) = SerialStream::pair().unwrap();
        let ports = named(&device.name().unwrap());
        let mut port = ports.open().await.unwrap();
        let held = ports.open().await.unwrap_err();
        assert_eq!(held.kind(), io::ErrorKind::ResourceBusy, "{held}");
        modem.write_all(b"RING").await.unwrap();
        let mut bytes = [0; 8];
        assert_eq!(port.read(&mut bytes).await.unwrap(), 4);
        drop((modem, device));
        // Nothing, or an I/O error, as the kernel pleases.
        assert!(matches!(port.read(&mut bytes).await, Ok(0) | Err(_)));
    }

    #[test]
    fn a_port_in_use_names_the_usual_suspect() {
        let busy = tokio_serial::Error::new(tokio_serial::ErrorKind::NoDevice, "busy");
        let error = explain(Path::new("/dev/x"), &busy);
        assert_eq!(error.kind(), io::ErrorKind::ResourceBusy);
        assert!(error.to_string().contains("ModemManager"));
    }

    #[test]
    fn the_port_of_the_last_modem_is_tried_first_and_the_others_in_turn() {
        let found = || ["a", "b", "c"].map(PathBuf::from).to_vec();
        let mut search = Search::default();
        let turns = |search: &mut Search, count: usize| -> String {
            (0..count)
                .map(|_| search.next(found()).unwrap().display().to_string())
                .collect()
        };
        assert_eq!(turns(&mut search, 5), "abcab");
        search.armed();
        assert_eq!(turns(&mut search, 4), "bacb");
        search.armed();
        assert_eq!(
            search.next(vec!["x".into()]),
            Some("x".into()),
            "it came back under another name"
        );
        for _ in 0..4 {
            assert_eq!(search.next(Vec::new()), None);
        }
        assert_eq!(turns(&mut search, 4), "bacb", "it was away for a while");
    }
}
