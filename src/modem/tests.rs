//! The whole room against a scripted line in memory, under tokio's paused clock.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::*;

mod bringing_up;
mod healing;
mod losing;
mod second_port;
mod sending;
const PDU: &str = "0001000B912120550541F300000CC8F71D14969741F977FD07";
const TPDU_LENGTH: usize = 24;
/// Bytes that a port takes before its modem has read any.
const PORT_ROOM: usize = 256;

/// What a modem does with one line: bytes to send back, after a time.
enum Does {
    Says(String),
    SaysAfter(Duration, String),
    Hangs,
    /// The port goes away.
    Dies,
    /// The port takes no byte more, and then goes away.
    SaysAndJams(String),
}

fn ok(information: &str) -> Does {
    let information = match information {
        "" => String::new(),
        text => format!("\r\n{text}\r\n"),
    };
    Does::Says(format!("{information}\r\nOK\r\n"))
}

fn says(text: &str) -> Does {
    Does::Says(text.to_owned())
}

/// A modem with nothing special about it.
fn usual(line: &str) -> Does {
    match line {
        "AT+CPIN?" => ok("+CPIN: READY"),
        "AT+CFUN?" => ok("+CFUN: 1"),
        "AT+CSMS=0" => ok("+CSMS: 1,1,1"),
        "AT+CREG?" => ok("+CREG: 2,1,\"00C3\",\"0000AB12\",7"),
        "AT+CEREG?" | "AT+CRC=0" => says("\r\nERROR\r\n"),
        "AT+CGMI" => ok("Acme"),
        "AT+CGMM" => ok("M1"),
        "AT+CGMR" => ok("1.0"),
        "AT+CIMI" => ok("310150123456789"),
        "AT+CNUM" => ok("+CNUM: \"\",\"+12025550143\",145"),
        "AT+COPS?" => ok("+COPS: 0,0,\"OKTEL\",7"),
        "AT+CSCA?" => ok("+CSCA: \"+12025550100\",145"),
        "AT+CPMS?" => ok("+CPMS: \"SM\",1,20,\"SM\",1,20,\"SM\",1,20"),
        "AT+CSQ" => ok("+CSQ: 17,99"),
        "AT+CLCC" => ok("+CLCC: 1,1,4,0,0,\"+12025550143\",145"),
        "<ESC>" => says(""),
        _ if line.starts_with("AT+CMGS=") => says("\r\n> "),
        _ if line.ends_with("<^Z>") => ok("+CMGS: 17"),
        _ => ok(""),
    }
}

type Heard = Arc<Mutex<Vec<String>>>;

/// Plays a modem at the far end of a line; what it hears is kept in `heard`.
fn play(
    mut far: DuplexStream,
    heard: Heard,
    mut inject: mpsc::UnboundedReceiver<String>,
    mut script: impl FnMut(&str) -> Does + Send + 'static,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut line = String::new();
        loop {
            let mut byte = [0];
            tokio::select! {
                biased;
                Some(text) = inject.recv() => {
                    far.write_all(text.as_bytes()).await.unwrap();
                    continue;
                }
                read = far.read(&mut byte) => if read.unwrap() == 0 { return },
            }
            match byte[0] {
                b'\r' => {}
                0x1b => line = "<ESC>".into(),
                0x1a => line.push_str("<^Z>"),
                other => {
                    line.push(char::from(other));
                    continue;
                }
            }
            heard.lock().unwrap().push(line.clone());
            match script(&std::mem::take(&mut line)) {
                Does::Says(text) => far.write_all(text.as_bytes()).await.unwrap(),
                Does::SaysAfter(time, text) => {
                    sleep(time).await;
                    far.write_all(text.as_bytes()).await.unwrap();
                }
                Does::Hangs => {}
                Does::Dies => return,
                Does::SaysAndJams(text) => {
                    far.write_all(text.as_bytes()).await.unwrap();
                    return sleep(Duration::from_secs(1)).await;
                }
            }
        }
    })
}

/// Lines in the order they are plugged in; there is another port while one more waits.
struct Lines {
    first: Mutex<mpsc::UnboundedReceiver<DuplexStream>>,
    second: Mutex<mpsc::UnboundedReceiver<DuplexStream>>,
}

impl Ports for Lines {
    type Port = DuplexStream;

    async fn open(&self) -> io::Result<DuplexStream> {
        let next = self.first.lock().unwrap().try_recv();
        next.map_err(|_| {
            io::Error::new(
                io::ErrorKind::NotFound,
                "Cannot open line: it is not there.",
            )
        })
    }

    fn open_second(&self) -> Option<DuplexStream> {
        self.second.lock().unwrap().try_recv().ok()
    }

    fn name(&self) -> String {
        "line".into()
    }

    fn has_others(&self) -> bool {
        !self.first.lock().unwrap().is_empty()
    }
}

/// The task under test, and the ends of everything it holds.
struct Bench {
    plug: mpsc::UnboundedSender<DuplexStream>,
    plug_second: mpsc::UnboundedSender<DuplexStream>,
    events: mpsc::UnboundedReceiver<ModemEvent>,
    state: watch::Receiver<ModemState>,
    stop: CancellationToken,
    task: JoinHandle<()>,
    heard: Heard,
    inject: mpsc::UnboundedSender<String>,
    folder: tempfile::TempDir,
    /// What was done for the modem, as far as the events have been looked at.
    steps: Vec<HealingStep>,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (plug, first) = mpsc::unbounded_channel();
        let (plug_second, second) = mpsc::unbounded_channel();
        let lines = Lines {
            first: Mutex::new(first),
            second: Mutex::new(second),
        };
        let (events, heard_events) = mpsc::unbounded_channel();
        let (state, shown) = watch::channel(ModemState::default());
        let stop = CancellationToken::new();
        let pin = PinSource {
            file: Some(folder.path().join("pin")),
            refused: folder.path().join("refused"),
        };
        let modem_task = ModemTask::new(lines, pin, Pulse::default());
        let task = tokio::spawn(modem_task.run(events, state, stop.clone()));
        Self {
            plug,
            plug_second,
            events: heard_events,
            state: shown,
            stop,
            task,
            heard: Heard::default(),
            inject: mpsc::unbounded_channel().0,
            folder,
            steps: Vec::new(),
        }
    }

    fn with(script: impl FnMut(&str) -> Does + Send + 'static) -> Self {
        let mut bench = Self::new();
        bench.plug_in(script);
        bench
    }

    fn plug_in(&mut self, script: impl FnMut(&str) -> Does + Send + 'static) {
        let (near, far) = duplex(PORT_ROOM);
        let (inject, injected) = mpsc::unbounded_channel();
        self.inject = inject;
        play(far, Arc::clone(&self.heard), injected, script);
        self.plug.send(near).unwrap();
    }

    fn say(&self, text: &str) {
        self.inject.send(text.to_owned()).unwrap();
    }

    fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }

    async fn event(&mut self) -> ModemEvent {
        let event = timeout(Duration::from_secs(600), self.events.recv()).await;
        event.expect("no event within ten minutes").unwrap()
    }

    /// The next handle, and the URCs before it.
    async fn armed(&mut self) -> (Modem, Vec<Urc>) {
        let mut urcs = Vec::new();
        loop {
            match self.event().await {
                ModemEvent::Armed(modem, _) => {
                    self.heard();
                    return (modem, urcs);
                }
                ModemEvent::Urc(urc) => urcs.push(urc),
                ModemEvent::Healing(step, _) => self.steps.push(step),
                ModemEvent::Time(_) => {}
                ModemEvent::Lost { why } => panic!("lost: {why}"),
            }
        }
    }

    async fn lost(&mut self) -> (String, Vec<Urc>) {
        let mut urcs = Vec::new();
        loop {
            match self.event().await {
                ModemEvent::Lost { why } => return (why, urcs),
                ModemEvent::Urc(urc) => urcs.push(urc),
                ModemEvent::Healing(step, _) => self.steps.push(step),
                ModemEvent::Time(_) => {}
                ModemEvent::Armed(..) => panic!("armed"),
            }
        }
    }

    fn urcs(&mut self) -> Vec<Urc> {
        let events = std::iter::from_fn(|| self.events.try_recv().ok());
        let urcs = events.filter_map(|event| match event {
            ModemEvent::Urc(urc) => Some(urc),
            ModemEvent::Armed(..) | ModemEvent::Healing(..) | ModemEvent::Time(_) => None,
            ModemEvent::Lost { why } => panic!("lost: {why}"),
        });
        urcs.collect()
    }

    /// Waits until the reason shown contains `text`.
    async fn reason(&mut self, text: &str) {
        let shown = self
            .state
            .wait_for(|state| state.reason().is_some_and(|reason| reason.contains(text)));
        let shown = timeout(Duration::from_secs(600), shown).await.map(drop);
        assert!(shown.is_ok(), "{:?}", *self.state.borrow());
    }
}
