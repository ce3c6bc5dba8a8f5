//! Where ports come from: the serial device, or a line in memory. Knows no AT.

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_serial::{SerialPortBuilderExt, SerialStream};

use super::usb::Found;
use super::{holder, usb, usb_reset};
use crate::config::{self, Port};

const DEV: &str = "/dev";
const SYS: &str = "/sys";
const PROC: &str = "/proc";

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

    /// The other port of the modem whose port was opened last, if it has one on which some of what it says by itself may come. It is
    /// read and never written to.
    fn open_second(&self) -> Option<Self::Port> {
        None
    }

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

/// How often a port is tried again whose rights do not let us: udev sets them a moment after it has made the port. A try a second.
const MAX_FORBIDDEN: u32 = 10;

/// Where the search among several ports stands.
#[derive(Debug, Default)]
struct Search {
    /// Ports that had their turn since a modem was last armed, or plugged in.
    turns: usize,
    opened: Option<Found>,
    /// How often `opened` has been forbidden to us, one time after the other.
    forbidden: u32,
    /// The port of the modem that was last armed is tried first.
    armed: Option<Found>,
}

impl Search {
    fn next(&mut self, mut found: Vec<Found>) -> Option<Found> {
        let same = |port: &&Found| self.opened.as_ref().is_some_and(|last| last.is(port));
        let waits = (1..MAX_FORBIDDEN).contains(&self.forbidden);
        if let Some(again) = found.iter().find(same).filter(|_| waits) {
            return Some(again.clone());
        }
        self.forbidden = 0;
        // Stable: the others keep their order. Of two that nothing tells apart, the one in the same socket.
        found.sort_by_key(|port| match &self.armed {
            Some(armed) => (!armed.is(port), armed.device != port.device),
            None => (true, true),
        });
        let next = found.get(self.turns % found.len().max(1)).cloned();
        // Where nothing is plugged in no port has had its turn.
        self.turns = match next {
            Some(_) => self.turns.wrapping_add(1),
            None => 0,
        };
        self.opened.clone_from(&next);
        next
    }

    /// What came of opening the last one.
    fn tried<T>(&mut self, opened: &io::Result<T>) {
        let forbidden = opened
            .as_ref()
            .is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied);
        self.forbidden = if forbidden { self.forbidden + 1 } else { 0 };
    }

    fn armed(&mut self) {
        self.turns = 0;
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
            Port::Auto => self
                .search()
                .next(found())
                .map(|found| found.path)
                .ok_or_else(|| {
                    let words = usb::without_port(Path::new(SYS)).unwrap_or(
                        "No modem is plugged in: there is no /dev/ttyUSB* and no /dev/ttyACM*.",
                    );
                    io::Error::new(io::ErrorKind::NotFound, words)
                }),
        }
    }

    /// The port named, or the one opened last.
    fn last(&self) -> Option<PathBuf> {
        match &self.choice {
            Port::Path(path) => Some(path.clone()),
            Port::Auto => self
                .search()
                .opened
                .as_ref()
                .map(|found| found.path.clone()),
        }
    }

    fn open_path(&self, path: &Path) -> io::Result<SerialStream> {
        match &self.choice {
            // Nobody has said that this is a modem at all, and a question would disturb whoever uses it.
            Port::Auto => {
                if let Some(holder) = holder::of(path, Path::new(PROC)) {
                    let words = format!("{} is in use: {}", path.display(), holder.words());
                    return Err(io::Error::new(io::ErrorKind::ResourceBusy, words));
                }
            }
            // Whoever took no lock gets half of the answers.
            Port::Path(_) => {
                if let Some(words) = super::open_twice(path) {
                    tracing::warn!("{words}");
                }
            }
        }
        self.open_alone(path)
    }

    /// TIOCEXCL and an exclusive flock are what the builder does unless told otherwise.
    fn open_alone(&self, path: &Path) -> io::Result<SerialStream> {
        let builder = tokio_serial::new(path.to_string_lossy(), self.baud);
        builder
            .open_native_async()
            .map_err(|error| explain(path, &error))
    }

    fn search(&self) -> MutexGuard<'_, Search> {
        self.search.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn found() -> Vec<Found> {
    usb::serial_ports(Path::new(DEV), Path::new(SYS))
}

impl Ports for SerialPorts {
    type Port = SerialStream;

    async fn open(&self) -> io::Result<SerialStream> {
        let path = self.next()?;
        let opened = self.open_path(&path);
        self.search().tried(&opened);
        opened
    }

    fn open_second(&self) -> Option<SerialStream> {
        let path = usb::beside(&self.last()?, Path::new(DEV), Path::new(SYS))?;
        let opened = match holder::of(&path, Path::new(PROC)) {
            Some(holder) => Err(io::Error::other(holder.words())),
            None => self.open_alone(&path),
        };
        match opened {
            Ok(port) => Some(port),
            Err(error) => {
                // The first one does most of it.
                tracing::info!(
                    "The modem's second port {} is not read. {error}",
                    path.display()
                );
                None
            }
        }
    }

    fn name(&self) -> String {
        self.last().map_or("the modem's port".to_owned(), |path| {
            path.display().to_string()
        })
    }

    fn armed(&self) {
        self.search().armed();
    }

    fn has_others(&self) -> bool {
        self.choice == Port::Auto && found().len() > 1
    }

    fn reset_usb(&self) -> io::Result<()> {
        usb_reset::reset(Path::new(&self.name()), Path::new(SYS))
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
            "no permission, or not yet, if it has just been plugged in. Put the user that runs textback into the group dialout.".to_owned(),
        ),
        // serialport's word for EBUSY and for a lock that somebody else holds.
        ErrorKind::NoDevice => (
            io::ErrorKind::ResourceBusy,
            holder::of(path, Path::new(PROC)).map_or_else(
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

    fn ports(names: &str) -> Vec<Found> {
        names
            .chars()
            .map(|name| Found::named(&name.to_string()))
            .collect()
    }

    fn turns(search: &mut Search, count: usize) -> String {
        let next = |_| {
            search
                .next(ports("abc"))
                .unwrap()
                .path
                .display()
                .to_string()
        };
        (0..count).map(next).collect()
    }

    #[test]
    fn the_port_of_the_last_modem_is_tried_first_and_the_others_in_turn() {
        let mut search = Search::default();
        assert_eq!(turns(&mut search, 5), "abcab");
        search.armed();
        assert_eq!(turns(&mut search, 4), "bacb");
        search.armed();
        let elsewhere = search.next(ports("x")).unwrap();
        assert_eq!(
            elsewhere.path,
            Path::new("x"),
            "it came back under another name"
        );
        for _ in 0..4 {
            assert_eq!(search.next(Vec::new()), None);
        }
        assert_eq!(turns(&mut search, 4), "bacb", "it was away for a while");
    }

    #[test]
    fn a_port_that_udev_is_at_work_on_keeps_its_turn_for_a_while() {
        let mut search = Search::default();
        let forbidden = || Err::<(), _>(io::Error::from(io::ErrorKind::PermissionDenied));
        let turn = |search: &mut Search, opened: io::Result<()>| {
            let name = turns(search, 1);
            search.tried(&opened);
            name
        };
        assert_eq!(turn(&mut search, forbidden()), "a");
        assert_eq!(turn(&mut search, forbidden()), "a");
        assert_eq!(turn(&mut search, Ok(())), "a", "it is ours now, and silent");
        assert_eq!(turn(&mut search, forbidden()), "b");
        for _ in 1..MAX_FORBIDDEN {
            assert_eq!(turn(&mut search, forbidden()), "b");
        }
        assert_eq!(turn(&mut search, Ok(())), "c", "not for ever");
        assert_eq!(turn(&mut search, forbidden()), "a");
        let other = search.next(ports("bc")).unwrap();
        assert_ne!(other.path, Path::new("a"), "it is gone");
    }
}
