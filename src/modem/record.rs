//! A record of the serial line: what went over it and when, in a bounded file that a person can read and `textback replay` too. It
//! is what an installer sends in with a bug, and what becomes the next fixture. Knows no AT but where a PIN stands.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Ports;
use crate::clock::Clock;

/// When the file has grown to this, it becomes `FILE.1`, in place of the one before, and a new one is begun. An idle modem says some
/// 200 bytes a minute, which makes a week; a busy day of 50 calls some 300 kB.
const MAX_FILE: u64 = 2 * 1024 * 1024;
/// Lines that wait for a slow disk; what is beyond is left out rather than have the line wait.
const MAX_WAITING: usize = 1024;
/// What no line may exceed: the longest of a command or a PDU, and to spare.
const MAX_LINE: usize = 4096;
/// What stands in place of the SIM's PIN.
const HIDDEN: &[u8] = b"AT+CPIN=(hidden)\r";

/// Which way bytes went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// `>>`
    ToModem,
    /// `<<`
    FromModem,
}

impl Way {
    fn sign(self) -> &'static str {
        match self {
            Self::ToModem => ">>",
            Self::FromModem => "<<",
        }
    }
}

/// Bytes as they stand in a record: printable ones as they are, CR, LF, Ctrl-Z and all others escaped.
#[must_use]
pub fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 8);
    for byte in bytes {
        match byte {
            b'\r' => text.push_str("\\r"),
            b'\n' => text.push_str("\\n"),
            b'\\' => text.push_str("\\\\"),
            b' '..=b'~' => text.push(char::from(*byte)),
            other => {
                // Writing into a String cannot fail.
                let _ = write!(text, "\\x{other:02x}");
            }
        }
    }
    text
}

/// The bytes of a record's line, and whether any of it was escaped. An escape that is none stands for itself.
#[must_use]
pub fn unescape(text: &str) -> (Vec<u8>, bool) {
    let (mut bytes, mut escaped) = (Vec::with_capacity(text.len()), false);
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let hex = |digits: &[u8]| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 16).ok()
        };
        let (byte, used) = match (first, behind) {
            (b'\\', [b'r', ..]) => (b'\r', 2),
            (b'\\', [b'n', ..]) => (b'\n', 2),
            (b'\\', [b'\\', ..]) => (b'\\', 2),
            (b'\\', [b'x', high, low, ..]) => match hex(&[*high, *low]) {
                Some(byte) => (byte, 4),
                None => (b'\\', 1),
            },
            _ => (*first, 1),
        };
        escaped |= used > 1;
        bytes.push(byte);
        rest = &rest[used..];
    }
    (bytes, escaped)
}

/// Ports whose lines are recorded, or passed through as they are.
#[derive(Debug)]
pub struct Recorded<P> {
    ports: P,
    recorder: Option<Recorder>,
}

impl<P: Ports> Recorded<P> {
    /// Records what goes through `ports` into `file`, if there is one.
    pub fn new(ports: P, file: Option<&Path>, clock: Clock) -> Self {
        let recorder = file.map(|file| Recorder::start(file.to_owned(), clock));
        Self { ports, recorder }
    }
}

impl<P: Ports> Ports for Recorded<P> {
    type Port = RecordedPort<P::Port>;

    async fn open(&self) -> io::Result<Self::Port> {
        let port = self.ports.open().await?;
        if let Some(recorder) = &self.recorder {
            recorder.note(&format!("opened {}", self.ports.name()));
        }
        Ok(RecordedPort {
            port,
            second: false,
            recorder: self.recorder.clone(),
            outgoing: Vec::new(),
        })
    }

    fn open_second(&self) -> Option<Self::Port> {
        let port = self.ports.open_second()?;
        if let Some(recorder) = &self.recorder {
            recorder.note("opened its second port");
        }
        Some(RecordedPort {
            port,
            second: true,
            recorder: self.recorder.clone(),
            outgoing: Vec::new(),
        })
    }

    fn name(&self) -> String {
        self.ports.name()
    }

    fn armed(&self) {
        self.ports.armed();
    }

    fn has_others(&self) -> bool {
        self.ports.has_others()
    }

    fn reset_usb(&self) -> io::Result<()> {
        self.ports.reset_usb()
    }
}

/// An open port that is recorded.
#[derive(Debug)]
pub struct RecordedPort<T> {
    port: T,
    /// What comes over it is in the record for people: a replay has one line, and most of it has come over that already.
    second: bool,
    recorder: Option<Recorder>,
    /// What we have begun to say: it is recorded a command at a time, for a PIN must be known as one.
    outgoing: Vec<u8>,
}

impl<T> RecordedPort<T> {
    fn said(&mut self, bytes: &[u8]) {
        let Some(recorder) = &self.recorder else {
            return;
        };
        for byte in bytes {
            self.outgoing.push(*byte);
            let ends = matches!(byte, b'\r' | 0x1a | 0x1b) || self.outgoing.len() >= MAX_LINE;
            if ends {
                recorder.said(&std::mem::take(&mut self.outgoing));
            }
        }
    }
}

impl<T> Drop for RecordedPort<T> {
    fn drop(&mut self) {
        if let Some(recorder) = &self.recorder {
            recorder.note(if self.second {
                "closed its second port"
            } else {
                "closed"
            });
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for RecordedPort<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.port).poll_read(cx, buffer);
        let new = buffer.filled().get(before..).unwrap_or_default();
        match &self.recorder {
            Some(recorder) if self.second && !new.is_empty() => {
                recorder.note(&format!("on its second port: {}", escape(new)));
            }
            Some(recorder) if !new.is_empty() => recorder.heard(new),
            _ => {}
        }
        read
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for RecordedPort<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.port).poll_write(cx, bytes);
        if let Poll::Ready(Ok(count)) = written {
            self.said(bytes.get(..count).unwrap_or_default());
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.port).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.port).poll_shutdown(cx)
    }
}

/// Gives lines to the thread that writes them. The file is complete once the last clone is gone and the thread with it.
#[derive(Debug, Clone)]
struct Recorder {
    lines: Option<SyncSender<String>>,
    clock: Clock,
    /// The PIN went out: a modem with its echo on says it back.
    hiding: Arc<Mutex<bool>>,
    _writer: Arc<Writer>,
}

/// The thread that writes.
#[derive(Debug)]
struct Writer(Option<std::thread::JoinHandle<()>>);

impl Drop for Recorder {
    fn drop(&mut self) {
        // Before the writer, which ends with the last of its lines.
        self.lines = None;
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take() {
            let _ = thread.join();
        }
    }
}

impl Recorder {
    fn start(file: PathBuf, clock: Clock) -> Self {
        let (lines, waiting) = sync_channel(MAX_WAITING);
        let thread = std::thread::spawn(move || write(&file, &waiting));
        Self {
            lines: Some(lines),
            clock,
            hiding: Arc::default(),
            _writer: Arc::new(Writer(Some(thread))),
        }
    }

    fn said(&self, bytes: &[u8]) {
        let secret = bytes.starts_with(b"AT+CPIN=");
        *self.hiding.lock().unwrap_or_else(PoisonError::into_inner) = secret;
        self.line(Way::ToModem, if secret { HIDDEN } else { bytes });
    }

    fn heard(&self, bytes: &[u8]) {
        if *self.hiding.lock().unwrap_or_else(PoisonError::into_inner) {
            return self.note("the answer to the PIN, which may repeat it, is left out");
        }
        self.line(Way::FromModem, bytes);
    }

    fn line(&self, way: Way, bytes: &[u8]) {
        let (at, sign) = (self.clock.wall(), way.sign());
        self.write(format!("{at} {sign} {}\n", escape(bytes)));
    }

    fn note(&self, text: &str) {
        self.write(format!("# {} {text}\n", self.clock.wall()));
    }

    fn write(&self, line: String) {
        // A disk that is slow or gone must not hold the modem up.
        if let Some(lines) = &self.lines {
            let _ = lines.try_send(line);
        }
    }
}

/// Writes until nobody records any more, or the disk will not.
fn write(path: &Path, lines: &Receiver<String>) {
    let failed = (|| -> io::Result<()> {
        let (mut file, mut length) = open(path)?;
        for line in lines {
            if length + line.len() as u64 > MAX_FILE {
                drop(file);
                fs::rename(path, older(path))?;
                (file, length) = open(path)?;
            }
            file.write_all(line.as_bytes())?;
            length += line.len() as u64;
        }
        Ok(())
    })();
    if let Err(error) = failed {
        let path = path.display();
        tracing::warn!(%error, "cannot record the modem's line in {path}: nothing is recorded from now on");
    }
}

fn open(path: &Path) -> io::Result<(File, u64)> {
    // Numbers of callers and their texts stand in it.
    let mut options = OpenOptions::new();
    options.create(true).read(true).append(true).mode(0o600);
    let mut file = options.open(path)?;
    let length = file.metadata()?.len();
    // A power cut leaves half a line, and what comes now must not become its end.
    let mut last = [b'\n'];
    if let Some(at) = length.checked_sub(1) {
        file.read_exact_at(&mut last, at)?;
    }
    if last == [b'\n'] {
        return Ok((file, length));
    }
    file.write_all(b"\n")?;
    Ok((file, length + 1))
}

/// Where the older half is.
fn older(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".1");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    struct One(Mutex<Option<DuplexStream>>);

    impl Ports for One {
        type Port = DuplexStream;

        async fn open(&self) -> io::Result<DuplexStream> {
            let port = self.0.lock().unwrap().take();
            port.ok_or_else(|| io::ErrorKind::NotFound.into())
        }

        fn name(&self) -> String {
            "line".into()
        }
    }

    fn clock() -> Clock {
        Clock::simulated("2026-01-02T03:04:05Z".parse().unwrap())
    }

    #[test]
    fn every_byte_comes_back_from_what_is_written_for_it() {
        let all: Vec<u8> = (0..=255).collect();
        let text = escape(&all);
        assert!(text.is_ascii() && !text.contains(['\r', '\n']), "{text}");
        assert_eq!(unescape(&text), (all, true));
        assert_eq!(unescape("RING"), (b"RING".to_vec(), false));
        assert_eq!(unescape("a\\qb\\x1"), (b"a\\qb\\x1".to_vec(), false));
    }

    #[tokio::test(start_paused = true)]
    async fn the_line_is_recorded_with_times_and_without_the_pin() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("record");
        let (near, mut far) = duplex(256);
        let ports = Recorded::new(One(Mutex::new(Some(near))), Some(&file), clock());
        let mut port = ports.open().await.unwrap();
        let mut room = [0; 64];
        for (we, modem) in [
            ("AT\r", "\r\nOK\r\n"),
            ("AT+CPIN=\"4321\"\r", "AT+CPIN=\"4321\"\r\r\nOK\r\n"),
            ("AT+CSQ\r", "\r\n+CSQ: 9,99\r\n"),
        ] {
            // In two writes, as a slow port takes it.
            let (head, tail) = we.as_bytes().split_at(2);
            port.write_all(head).await.unwrap();
            port.write_all(tail).await.unwrap();
            far.write_all(modem.as_bytes()).await.unwrap();
            let count = port.read(&mut room).await.unwrap();
            assert_eq!(&room[..count], modem.as_bytes());
        }
        drop((port, ports));
        let written = fs::read_to_string(&file).unwrap();
        let at = "2026-01-02T03:04:05Z";
        let wanted = format!(
            "# {at} opened line\n{at} >> AT\\r\n{at} << \\r\\nOK\\r\\n\n{at} >> AT+CPIN=(hidden)\\r\n\
             # {at} the answer to the PIN, which may repeat it, is left out\n\
             {at} >> AT+CSQ\\r\n{at} << \\r\\n+CSQ: 9,99\\r\\n\n# {at} closed\n"
        );
        assert_eq!(written, wanted);
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn half_a_line_that_a_power_cut_left_does_not_run_into_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("record");
        for (before, after) in [
            ("", "# new\n"),
            ("# old\n", "# old\n# new\n"),
            ("2026-01-02T03:0", "2026-01-02T03:0\n# new\n"),
        ] {
            fs::write(&file, before).unwrap();
            let (lines, waiting) = sync_channel(1);
            lines.send("# new\n".to_owned()).unwrap();
            drop(lines);
            write(&file, &waiting);
            assert_eq!(fs::read_to_string(&file).unwrap(), after);
        }
    }

    #[test]
    fn the_file_is_bounded_and_a_disk_that_fails_stops_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("record");
        let (lines, waiting) = sync_channel(8);
        let target = file.clone();
        let thread = std::thread::spawn(move || write(&target, &waiting));
        let line = format!("{}\n", "x".repeat(MAX_LINE));
        for _ in 0..3 * MAX_FILE / line.len() as u64 {
            lines.send(line.clone()).unwrap();
        }
        drop(lines);
        thread.join().unwrap();
        let length = |path: &Path| fs::metadata(path).unwrap().len();
        assert!(length(&file) <= MAX_FILE);
        assert!((MAX_FILE / 2..=MAX_FILE).contains(&length(&older(&file))));
        let recorder =
            Recorder::start(folder.path().join("no/such/folder/record"), Clock::system());
        for _ in 0..2 * MAX_WAITING {
            recorder.heard(b"RING");
        }
    }
}
