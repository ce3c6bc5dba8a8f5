//! The world of a story: a simulated modem, a directory, and a daemon that can be killed and started again. When a story ends, the
//! modem must have nothing to complain of, and nobody may have got two texts unless the story said so.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use textback::clock::Clock;
use textback::modem::{ModemState, PinSource, Ports};
use textback::outlets::Receivers;
use textback::service::{House, Service};
use textback::sim::{CallEnd, Caller, Options, Sent, Sim};
use textback::store::{self, ExportedText, Store, read_everything};
use tokio::io::DuplexStream;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

pub(crate) const ANNA: &str = "+12025550143";
pub(crate) const BEN: &str = "+12025550188";
pub(crate) const SORRY: &str =
    "Sorry we missed your call. What can we help you with? Reply STOP to opt out.";

/// What a text says that goes out late; the world began at noon.
pub(crate) const SORRY_LATE: &str = "Sorry we missed your call at 12:00 PM. Our answer is late, \
     but what can we help you with? Reply STOP to opt out.";

pub(crate) const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) const fn min(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// Longer than anything here takes to settle by itself, and shorter than any back-off.
pub(crate) const A_MOMENT: Duration = Duration::from_secs(3);
/// A wait beyond this means that what is waited for will not come.
const NEVER: Duration = Duration::from_secs(7 * 24 * 3600);

/// The in-memory line of the simulated modem.
struct Socket(Sim);

impl Ports for Socket {
    type Port = DuplexStream;

    async fn open(&self) -> io::Result<DuplexStream> {
        self.0.line()
    }

    fn name(&self) -> String {
        "the simulated modem".to_owned()
    }

    fn reset_usb(&self) -> io::Result<()> {
        self.0.unplug();
        self.0.replug()
    }
}

struct Daemon {
    service: Service,
    store: Store,
    stop: CancellationToken,
}

pub(crate) struct World {
    pub(crate) sim: Sim,
    pub(crate) clock: Clock,
    dir: TempDir,
    daemon: Option<Daemon>,
    /// Who is told what happens; counts from the next start.
    pub(crate) receivers: Receivers,
    /// Callers who may get another number of texts than one at most.
    texts_allowed: HashMap<String, usize>,
}

impl World {
    /// A plain modem and a daemon that is armed.
    pub(crate) async fn new() -> Self {
        Self::with(Options::default()).await
    }

    /// The same with a special modem.
    pub(crate) async fn with(options: Options) -> Self {
        let mut world = Self::asleep(options);
        world.start().await;
        // Stories of days and weeks would each have to count the owner's summaries.
        for key in ["digest.daily_at", "digest.weekly_at"] {
            world.set(key, "off").await;
        }
        world
    }

    /// The daemon has not been started yet.
    pub(crate) fn asleep(options: Options) -> Self {
        let clock = Clock::simulated(options.started_at);
        Self::asleep_by(options, clock)
    }

    /// The same on a computer with this clock.
    pub(crate) fn asleep_by(options: Options, clock: Clock) -> Self {
        Self {
            sim: Sim::new(options),
            clock,
            dir: tempfile::tempdir().unwrap(),
            daemon: None,
            receivers: Receivers::default(),
            texts_allowed: HashMap::new(),
        }
    }

    // The daemon

    /// Starts the daemon and waits until it is armed.
    pub(crate) async fn start(&mut self) {
        self.boot();
        self.armed().await;
    }

    /// Starts the daemon.
    pub(crate) fn boot(&mut self) {
        assert!(self.daemon.is_none(), "it runs already");
        let store = Store::open_for_daemon(self.dir.path()).unwrap();
        let stop = CancellationToken::new();
        let house = House {
            store: store.clone(),
            clock: self.clock.clone(),
            ports: Socket(self.sim.clone()),
            receivers: self.receivers.clone(),
            pin: PinSource {
                file: None,
                refused: self.dir.path().join("refused-pin"),
            },
        };
        let service = Service::start(house, &stop);
        self.daemon = Some(Daemon {
            service,
            store,
            stop,
        });
    }

    /// Waits until a missed call would be texted.
    pub(crate) async fn armed(&mut self) {
        let modem = &mut self.daemon.as_mut().expect("it runs").service.modem;
        let armed = timeout(NEVER, modem.wait_for(ModemState::is_armed)).await;
        drop(armed.expect("it is armed some day").unwrap());
    }

    /// How the modem is shown.
    pub(crate) fn modem(&self) -> ModemState {
        let modem = &self.daemon.as_ref().expect("it runs").service.modem;
        modem.borrow().clone()
    }

    /// As SIGKILL does: everything stops where it stands.
    pub(crate) async fn kill(&mut self) {
        drop(self.daemon.take().expect("it runs"));
        // Aborted tasks are dropped at their next turn, and what the disk was at finishes or not.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    /// As SIGTERM does.
    pub(crate) async fn stop(&mut self) {
        let daemon = self.daemon.take().expect("it runs");
        daemon.stop.cancel();
        daemon.service.finish(&daemon.stop).await.unwrap();
    }

    /// The directory with the database.
    pub(crate) fn data(&self) -> &Path {
        self.dir.path()
    }

    /// The daemon's own store.
    pub(crate) fn store(&self) -> &Store {
        &self.daemon.as_ref().expect("it runs").store
    }

    /// As `textback settings set` does: from outside.
    pub(crate) async fn set(&self, key: &str, value: &str) {
        let store = Store::open(self.dir.path()).unwrap();
        store
            .change_setting(key, value, jiff::Timestamp::UNIX_EPOCH)
            .await
            .unwrap()
            .unwrap();
    }

    // The world

    /// Somebody calls, rings twice and gives up, and what follows from it happens.
    pub(crate) async fn missed(&self, number: &str) {
        assert_eq!(self.call(Caller::new(number)).await, CallEnd::GaveUp);
    }

    /// Somebody calls; all that follows at once has happened when this returns.
    pub(crate) async fn call(&self, caller: Caller) -> CallEnd {
        let end = self.sim.call(caller).ended().await;
        sleep(A_MOMENT).await;
        end
    }

    /// Somebody writes.
    pub(crate) async fn reply(&self, from: &str, text: &str) {
        self.sim.text_in(from, text).unwrap();
        sleep(A_MOMENT).await;
    }

    /// The modem is out for so long.
    pub(crate) async fn unplugged_for(&self, time: Duration) {
        self.sim.unplug();
        sleep(time).await;
        self.sim.replug().unwrap();
    }

    // What came of it

    /// The whole texts that the network took for this number, in order.
    pub(crate) fn texts_to(&self, number: &str) -> Vec<String> {
        let sent = self.sim.sent();
        whole_texts(sent.iter().filter(|sent| sent.to == number))
    }

    /// What an export says of every call: `+12025550143 texted`, `- skipped/withheld`.
    pub(crate) fn fates(&self) -> Vec<String> {
        let calls = read_everything(self.dir.path()).unwrap().calls.into_iter();
        calls
            .map(|call| {
                let caller = call.caller.as_deref().unwrap_or("-");
                match call.reason {
                    Some(reason) => format!("{caller} {}/{reason}", call.outcome),
                    None => format!("{caller} {}", call.outcome),
                }
            })
            .collect()
    }

    /// The texts of an export to or from this number.
    pub(crate) fn exported(&self, number: &str) -> Vec<ExportedText> {
        let mut texts = read_everything(self.dir.path()).unwrap().texts;
        texts.retain(|text| text.number.as_deref() == Some(number));
        texts
    }

    /// The one text of an export to this number: its state and how often the modem was given it.
    pub(crate) fn text(&self, number: &str) -> (String, u32) {
        let mut texts = self.exported(number);
        texts.retain(|text| text.direction == "out");
        assert_eq!(texts.len(), 1, "{texts:?}");
        let text = texts.remove(0);
        (text.state, text.attempts)
    }

    /// Everything that came in, as an export has it.
    pub(crate) fn replies(&self) -> Vec<String> {
        let mut texts = read_everything(self.dir.path()).unwrap().texts;
        texts.retain(|text| text.direction == "in");
        texts.into_iter().map(|text| text.body).collect()
    }

    /// Whether the row of the text to this number is marked as sent a second time.
    pub(crate) fn is_marked_resent(&self, number: &str) -> bool {
        let file = store::file_in(self.dir.path());
        let database = rusqlite::Connection::open(file).unwrap();
        database
            .query_row(
                "SELECT resent FROM texts WHERE number = ?1 AND direction = 'out'",
                [number],
                |row| row.get(0),
            )
            .unwrap()
    }

    /// In this story that number gets so many texts.
    pub(crate) fn expect_texts(&mut self, number: &str, count: usize) {
        self.texts_allowed.insert(number.to_owned(), count);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let violations = self.sim.violations();
        assert_eq!(violations, [""; 0]);
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        // The first part of a long text stands for the whole.
        let texts = self.sim.sent().into_iter();
        for text in texts.filter(|sent| sent.part.is_none_or(|part| part.sequence == 1)) {
            *counts.entry(text.to).or_default() += 1;
        }
        for (number, allowed) in &self.texts_allowed {
            let count = counts.remove(number).unwrap_or_default();
            assert_eq!(count, *allowed, "texts to {number}");
        }
        for (number, count) in counts {
            assert_eq!(count, 1, "texts to {number}");
        }
    }
}

/// Joins parts as a phone does.
fn whole_texts<'a>(sent: impl Iterator<Item = &'a Sent>) -> Vec<String> {
    let mut whole = Vec::new();
    let mut parts: HashMap<u16, BTreeMap<u8, &str>> = HashMap::new();
    for sent in sent {
        let Some(part) = sent.part else {
            whole.push(sent.text.clone());
            continue;
        };
        let here = parts.entry(part.reference).or_default();
        here.insert(part.sequence, &sent.text);
        if here.len() == usize::from(part.total) {
            whole.push(here.values().copied().collect());
            parts.remove(&part.reference);
        }
    }
    whole
}
