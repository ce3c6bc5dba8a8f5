//! What the program costs while nothing happens, and what a texted call writes: the real binary on a simulated modem's
//! pseudo-terminal, with 100,000 calls in its store. `IDLE_SECONDS` shortens the minute of watching.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark measures the machine's own time, prints it, and ends when anything is amiss"
)]

mod common;

use std::collections::HashMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use textback::sim::{Caller, Options, Sim};
use tokio::runtime::{Builder, Handle};

const PROGRAM: &str = env!("CARGO_BIN_EXE_textback");
/// Calls in the store from before.
const PAST: u32 = 100_000;
/// Calls that are texted while the bytes written are counted; `texts.max_per_minute` is more.
const CALLS: u32 = 20;
/// Whatever takes longer is a fault of the benchmark or of the service.
const PATIENCE: Duration = Duration::from_secs(20);
/// The store's threads end when they have had nothing to do for 10 s.
const SETTLE: Duration = Duration::from_secs(15);

fn main() {
    let dir = common::directory().unwrap();
    let dir = dir.path();
    let database = common::fill(dir, PAST).unwrap();
    println!("{}", common::describe(dir).unwrap());
    let runtime = runtime_of_the_modem();
    let _inside = runtime.enter();
    // It answers at once.
    let sim = Sim::new(Options {
        cadence: Duration::from_secs(1),
        report_takes: Duration::from_millis(200),
        ..Options::default()
    });
    sim.pty(&dir.join("modem")).unwrap();

    let size = fs::metadata(PROGRAM).unwrap().len();
    println!("binary: {}", kib(size));
    let begun = Instant::now();
    let mut textback = Textback::start(dir);
    textback.wait_until(true);
    println!("start to armed: {:.0?}", begun.elapsed());
    textback.kill();

    // A program that is started inherits the modem's end of a pseudo-terminal, and would not see it go.
    sim.unplug();
    thread::sleep(Duration::from_secs(1));
    let mut textback = Textback::start(dir);
    textback.wait_until(false);
    // Past the longest wait between two looks for the port.
    thread::sleep(Duration::from_secs(5));
    let begun = Instant::now();
    sim.replug().unwrap();
    textback.wait_until(true);
    println!("modem plugged in to armed: {:.0?}", begun.elapsed());

    texted_calls(&textback, &sim, &database);
    idle(&textback);
    textback.kill();
}

/// On a thread of its own, which lives as long as the process.
fn runtime_of_the_modem() -> Handle {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let handle = runtime.handle().clone();
    thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
    handle
}

fn idle(textback: &Textback) {
    thread::sleep(SETTLE);
    let seconds = std::env::var("IDLE_SECONDS").map_or(60, |seconds| seconds.parse().unwrap());
    let before = textback.written();
    let mut threads = Threads::default();
    threads.look(textback);
    let at_first = threads.clone();
    for _ in 0..seconds {
        thread::sleep(Duration::from_secs(1));
        threads.look(textback);
    }
    let per = f64::from(seconds);
    println!("idle for {seconds} s:");
    println!("  PSS: {}", kib(textback.pss()));
    println!(
        "  wake-ups (context switches of all threads): {:.2} a second",
        (threads.switches() - at_first.switches()) as f64 / per
    );
    println!(
        "  CPU: {:.2} ms a minute",
        (threads.cpu_ns() - at_first.cpu_ns()) as f64 / 1e6 * 60.0 / per
    );
    println!("  written: {} bytes", textback.written() - before);
}

fn texted_calls(textback: &Textback, sim: &Sim, database: &Connection) {
    let before = textback.written();
    let texts = sim.sent().len();
    for nth in 0..CALLS {
        sim.call(Caller::new(&common::fresh_number(nth)).rings(1));
        let sent = texts + nth as usize + 1;
        let begun = Instant::now();
        while sim.sent().len() < sent {
            assert!(begun.elapsed() < PATIENCE, "call {nth} was not texted");
            thread::sleep(Duration::from_millis(10));
        }
        // Until it is reported as delivered, and the modem's next call is another one.
        thread::sleep(Duration::from_secs(1));
    }
    let log = textback.written() - before;
    let delivered: u32 = database
        .query_row(
            "SELECT count(*) FROM texts WHERE id > ?1 AND state = 'delivered'",
            [PAST],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(delivered, CALLS);
    // What SQLite's log holds is written once more, into the database: by the program when 1,000 pages are full, here now.
    let before = written("self");
    database
        .query_row("PRAGMA wal_checkpoint", [], |_| Ok(()))
        .unwrap();
    let checkpoint = written("self") - before;
    println!(
        "{CALLS} texted calls, from the ring to the status report: {} written a call, {} of them in the log, {} at its checkpoint",
        kib((log + checkpoint) / u64::from(CALLS)),
        kib(log / u64::from(CALLS)),
        kib(checkpoint / u64::from(CALLS)),
    );
}

/// The program, running, as its unit runs it.
struct Textback {
    process: Child,
    page: SocketAddr,
}

impl Textback {
    fn start(dir: &Path) -> Self {
        // Free a moment later.
        let page = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let process = Command::new(PROGRAM)
            .arg("run")
            .arg("--port")
            .arg(dir.join("modem"))
            .arg("--data-dir")
            .arg(dir)
            .arg("--listen")
            .arg(page.to_string())
            .env("MALLOC_ARENA_MAX", "1")
            .env("MALLOC_MMAP_THRESHOLD_", "262144")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { process, page }
    }

    /// Waits until the program says that it would text a missed call, or that it would not.
    fn wait_until(&mut self, armed: bool) {
        let wanted = if armed {
            "HTTP/1.1 200"
        } else {
            "HTTP/1.1 503"
        };
        let begun = Instant::now();
        while !self
            .health()
            .is_some_and(|answer| answer.starts_with(wanted))
        {
            assert!(
                begun.elapsed() < PATIENCE,
                "the program never says {wanted}"
            );
            assert_eq!(
                self.process.try_wait().unwrap(),
                None,
                "the program has ended"
            );
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    fn health(&self) -> Option<String> {
        let mut page = TcpStream::connect(self.page).ok()?;
        let request = format!(
            "GET /healthz HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.page
        );
        page.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        page.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    fn pss(&self) -> u64 {
        let rollup = read(&format!("/proc/{}/smaps_rollup", self.process.id()));
        1024 * number_behind(&rollup, "Pss:")
    }

    fn written(&self) -> u64 {
        written(&self.process.id().to_string())
    }
}

/// What the threads have used. Those that have ended count with what they had when last seen.
#[derive(Default, Clone)]
struct Threads(HashMap<String, (u64, u64)>);

impl Threads {
    fn look(&mut self, textback: &Textback) {
        let tasks = format!("/proc/{}/task", textback.process.id());
        for task in fs::read_dir(tasks).unwrap().flatten() {
            let path = task.path();
            let file = |name| fs::read_to_string(path.join(name));
            // It may end between the list and the look.
            let (Ok(status), Ok(schedstat)) = (file("status"), file("schedstat")) else {
                continue;
            };
            let switches = number_behind(&status, "\nvoluntary_ctxt_switches:")
                + number_behind(&status, "nonvoluntary_ctxt_switches:");
            // The first number is the time on a processor.
            let cpu_ns = number_behind(&schedstat, "");
            let name = task.file_name().to_string_lossy().into_owned();
            self.0.insert(name, (switches, cpu_ns));
        }
    }

    fn switches(&self) -> u64 {
        self.0.values().map(|(switches, _)| switches).sum()
    }

    fn cpu_ns(&self) -> u64 {
        self.0.values().map(|(_, cpu_ns)| cpu_ns).sum()
    }
}

/// Bytes that a process has caused to be written to disks.
fn written(process: &str) -> u64 {
    number_behind(&read(&format!("/proc/{process}/io")), "\nwrite_bytes:")
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap()
}

fn number_behind(text: &str, name: &str) -> u64 {
    let (_, behind) = text.split_once(name).unwrap();
    behind.split_whitespace().next().unwrap().parse().unwrap()
}

fn kib(bytes: u64) -> String {
    format!("{:.1} KiB", bytes as f64 / 1024.0)
}
