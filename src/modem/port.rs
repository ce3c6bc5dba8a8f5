//! Where ports come from: the serial device, or a line in memory. Knows no AT.

use std::future::Future;
use std::io;
use std::path::PathBuf;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_serial::{SerialPortBuilderExt, SerialStream};

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

    /// What people call it, such as `/dev/textback-modem`.
    fn name(&self) -> String;
}

/// A serial device, opened for us alone.
#[derive(Debug, Clone)]
pub struct SerialPorts {
    /// Such as `/dev/textback-modem`.
    pub path: PathBuf,
    /// Bits a second. USB modems ignore it.
    pub baud: u32,
}

impl Ports for SerialPorts {
    type Port = SerialStream;

    async fn open(&self) -> io::Result<SerialStream> {
        // TIOCEXCL and an exclusive flock are what the builder does unless told otherwise.
        let builder = tokio_serial::new(self.path.to_string_lossy(), self.baud);
        builder
            .open_native_async()
            .map_err(|error| explain(&self.name(), &error))
    }

    fn name(&self) -> String {
        self.path.display().to_string()
    }
}

fn explain(name: &str, error: &tokio_serial::Error) -> io::Error {
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
            "another program holds it, such as ModemManager or a second textback. Stop that program."
                .to_owned(),
        ),
        ErrorKind::Io(kind) => (kind, error.to_string()),
        _ => (io::ErrorKind::Other, error.to_string()),
    };
    io::Error::new(kind, format!("Cannot open {name}: {words}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_serial::SerialPort;

    #[tokio::test]
    async fn a_port_that_cannot_be_opened_says_what_to_do() {
        let ports = SerialPorts {
            path: "/dev/no-such-modem".into(),
            baud: 115_200,
        };
        let error = ports.open().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert_eq!(
            error.to_string(),
            "Cannot open /dev/no-such-modem: it is not there. Is the modem plugged in, and is modem.port right?"
        );
    }

    #[tokio::test]
    async fn an_open_port_is_ours_alone_until_the_other_end_goes() {
        let (mut modem, device) = SerialStream::pair().unwrap();
        let ports = SerialPorts {
            path: device.name().unwrap().into(),
            baud: 115_200,
        };
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
        let error = explain("/dev/x", &busy);
        assert_eq!(error.kind(), io::ErrorKind::ResourceBusy);
        assert!(error.to_string().contains("ModemManager"));
    }
}
