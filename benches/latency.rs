//! From `NO CARRIER` on the wire to `AT+CMGS` on the wire, commits included: the whole service in real time, on a
//! pseudo-terminal, its store on a real disk. The modem here is a few lines that answer at once; it shares nothing with `at`.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark measures the machine's own time, prints it, and ends when anything is amiss"
)]

mod common;

use std::cell::RefCell;
use std::sync::Mutex;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use divan::Bencher;
use rusqlite::{Connection, params};
use tempfile::TempDir;
use textback::clock::Clock;
use textback::config::{self, Port};
use textback::modem::{PinSource, SerialPorts};
use textback::service::{House, Service};
use textback::store::Store;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use tokio_serial::{SerialPort, SerialStream};
use tokio_util::sync::CancellationToken;

/// Calls timed for each size of the store. No more: `texts.max_per_day` ends at so many.
const CALLS: u32 = 1000;
/// After so many texts they are made older, or `texts.max_per_minute` (60 at most) would hold the next ones back.
const TEXTS_A_MINUTE: u32 = 50;
/// Ends a message.
const CTRL_Z: char = '\u{1a}';
/// Whatever takes longer is a fault of the benchmark or of the service.
const PATIENCE: Duration = Duration::from_secs(10);

/// A line about each benchmark, printed below divan's table.
static SUMMARIES: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn main() {
    divan::main();
    for line in SUMMARIES.lock().unwrap().iter() {
        println!("{line}");
    }
}

#[divan::bench(args = [0, 100_000], sample_count = CALLS, sample_size = 1)]
fn no_carrier_to_cmgs(bencher: Bencher<'_, '_>, calls_in_store: u32) {
    let bench = RefCell::new(Bench::start(calls_in_store));
    let mut times = Vec::new();
    bencher
        .with_inputs(|| bench.borrow_mut().ring())
        .bench_local_values(|()| times.push(bench.borrow_mut().end_call()));
    let machine = bench.into_inner().stop();
    let summary = format!(
        "{calls_in_store} calls in the store, {} calls timed: {} ({machine})",
        times.len(),
        common::spread(&mut times)
    );
    SUMMARIES.lock().unwrap().push(summary);
}

/// The service, and the world around it.
struct Bench {
    dir: TempDir,
    modem: Modem,
    database: Connection,
    service: JoinHandle<()>,
    stop: CancellationToken,
    /// Calls in the store from before.
    past: u32,
    calls: u32,
}

impl Bench {
    fn start(past: u32) -> Self {
        let dir = common::directory().unwrap();
        let database = common::fill(dir.path(), past).unwrap();
        let (mut modem, port) = Modem::new();
        let stop = CancellationToken::new();
        let service = thread::spawn({
            let (dir, stop) = (dir.path().to_owned(), stop.clone());
            move || {
                let house = House {
                    store: Store::open(&dir).unwrap(),
                    clock: Clock::system(),
                    ports: SerialPorts::new(&config::Modem {
                        port: Port::Path(port.name().unwrap().into()),
                        ..config::Modem::default()
                    }),
                    receivers: textback::outlets::Receivers::default(),
                    pin: PinSource {
                        file: None,
                        refused: dir.join("refused-pin"),
                    },
                };
                // As the program does it: see cli.
                let runtime = Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    let service = Service::start(house, &stop);
                    service.finish(&stop).await.unwrap();
                });
            }
        });
        // Armed: the list of what lies on the SIM is the last thing that is asked for.
        modem.serve_until("AT+CMGL");
        Self {
            dir,
            modem,
            database,
            service,
            stop,
            past,
            calls: 0,
        }
    }

    /// A fresh number rings, and is on disk, once the text before it is.
    fn ring(&mut self) {
        if self.calls > 0 {
            self.modem.serve_until("\u{1a}");
            self.wait_for("texts", "state = 'sent'");
        }
        if self.calls.is_multiple_of(TEXTS_A_MINUTE) {
            self.database
                .execute(
                    "UPDATE texts SET sent_at = sent_at - 60000 WHERE id > ?1",
                    params![self.past + self.calls.saturating_sub(TEXTS_A_MINUTE)],
                )
                .unwrap();
        }
        let number = common::fresh_number(self.calls);
        self.calls += 1;
        self.modem
            .say(&format!("RING\r\n\r\n+CLIP: \"{number}\",145,,,,0"));
        self.wait_for("calls", "outcome = 'ringing'");
    }

    /// Hangs up, and waits for the text.
    fn end_call(&mut self) -> Duration {
        let begun = Instant::now();
        self.modem.say("NO CARRIER");
        loop {
            let command = self.modem.hear(PATIENCE).unwrap();
            let took = begun.elapsed();
            self.modem.answer(&command);
            if command.contains("AT+CMGS=") {
                return took;
            }
        }
    }

    fn wait_for(&mut self, table: &str, state: &str) {
        let id = self.past + self.calls;
        let query = format!("SELECT 1 FROM {table} WHERE id = ?1 AND {state}");
        let begun = Instant::now();
        while !self
            .database
            .prepare_cached(&query)
            .unwrap()
            .exists(params![id])
            .unwrap()
        {
            assert!(begun.elapsed() < PATIENCE, "{table} {id}: not {state}");
            if let Some(command) = self.modem.hear(Duration::from_millis(1)) {
                self.modem.answer(&command);
            }
        }
    }

    /// Says on what machine this ran.
    fn stop(mut self) -> String {
        self.modem.serve_until("\u{1a}");
        self.wait_for("texts", "state = 'sent'");
        self.stop.cancel();
        self.service.join().unwrap();
        common::describe(self.dir.path()).unwrap()
    }
}

/// The modem's end of the line.
struct Modem {
    runtime: Runtime,
    port: SerialStream,
    heard: String,
    texts: u8,
}

impl Modem {
    /// The modem, and the other end, which keeps the device there.
    fn new() -> (Self, SerialStream) {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let (port, host) = {
            let _inside = runtime.enter();
            SerialStream::pair().unwrap()
        };
        let modem = Self {
            runtime,
            port,
            heard: String::new(),
            texts: 0,
        };
        (modem, host)
    }

    fn say(&mut self, line: &str) {
        let bytes = format!("\r\n{line}\r\n");
        self.write(&bytes);
    }

    fn write(&mut self, text: &str) {
        self.runtime
            .block_on(self.port.write_all(text.as_bytes()))
            .unwrap();
    }

    /// Answers whatever comes, until `last` has been answered.
    fn serve_until(&mut self, last: &str) {
        loop {
            let command = self.hear(PATIENCE).unwrap();
            self.answer(&command);
            if command.contains(last) {
                return;
            }
        }
    }

    /// The next command or message; nothing if none comes in time.
    fn hear(&mut self, within: Duration) -> Option<String> {
        loop {
            if let Some(end) = self.heard.find(['\r', CTRL_Z]) {
                return Some(self.heard.drain(..=end).collect());
            }
            let mut bytes = [0; 512];
            let reading = async { timeout(within, self.port.read(&mut bytes)).await };
            let count = self.runtime.block_on(reading).ok()?.unwrap();
            self.heard += std::str::from_utf8(&bytes[..count]).unwrap();
        }
    }

    fn answer(&mut self, command: &str) {
        const INFORMATION: [(&str, &str); 5] = [
            ("AT+CPIN?", "+CPIN: READY"),
            ("AT+CFUN?", "+CFUN: 1"),
            ("AT+CREG?", "+CREG: 2,1"),
            ("AT+CIMI", "310410123456789"),
            ("AT+CSQ", "+CSQ: 20,99"),
        ];
        if command.contains("AT+CMGS=") {
            return self.write("\r\n> ");
        }
        if command.ends_with(CTRL_Z) {
            self.texts = self.texts.wrapping_add(1);
            self.say(&format!("+CMGS: {}", self.texts));
        }
        for (question, information) in INFORMATION {
            if command.contains(question) {
                self.say(information);
            }
        }
        self.say("OK");
    }
}
