//! The shells around the modem: one task that lets its time pass, and one for each line that carries bytes to and from a
//! host. Time is tokio's, so that a test with a paused clock turns it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::Instant;

use super::modem::SimModem;

/// A host that takes nothing for so long loses bytes, as on a real line.
const WRITE_MAX: Duration = Duration::from_secs(1);
/// More than a host writes in one piece.
const READ_BUFFER: usize = 4096;

/// The modem and what its tasks need to watch over it.
#[derive(Debug)]
pub(super) struct Shared {
    modem: Mutex<SimModem>,
    changed: watch::Sender<()>,
    started: Instant,
    runtime: tokio::runtime::Handle,
}

impl Shared {
    /// Must be called within a tokio runtime with time.
    pub(super) fn start(modem: SimModem) -> Arc<Self> {
        let runtime = tokio::runtime::Handle::current();
        let shared = Arc::new(Self {
            modem: Mutex::new(modem),
            changed: watch::Sender::new(()),
            started: instant(),
            runtime,
        });
        let task = let_time_pass(Arc::downgrade(&shared), shared.changed.subscribe());
        shared.runtime.spawn(task);
        shared
    }

    /// Time since the simulation began.
    pub(super) fn now(&self) -> Duration {
        let _in_runtime = self.runtime.enter();
        instant() - self.started
    }

    /// Does something with the modem at the present moment, and lets everybody know.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut SimModem) -> T) -> T {
        let now = self.now();
        let mut modem = self.lock();
        modem.tick(now);
        let result = act(&mut modem);
        drop(modem);
        self.changed.send_replace(());
        result
    }

    /// Waits until `look` finds what it looks for.
    pub(super) async fn wait_for<T>(&self, mut look: impl FnMut(&SimModem) -> Option<T>) -> T {
        let mut changed = self.changed.subscribe();
        loop {
            if let Some(found) = look(&self.lock()) {
                return found;
            }
            changed.changed().await.expect("`self` keeps the sender");
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, SimModem> {
        // A test that panicked with the lock held has failed already.
        self.modem.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries bytes between the modem and a host until either goes away; `with_it` goes with the line.
    pub(super) fn carry(
        self: &Arc<Self>,
        line: u64,
        host: impl AsyncRead + AsyncWrite + Send + 'static,
        with_it: impl Send + 'static,
    ) {
        let shared = Arc::clone(self);
        self.runtime.spawn(async move {
            carry(shared, line, host).await;
            drop(with_it);
        });
    }
}

/// The present moment. Reading the clock is left to `crate::clock`; a timer knows it too.
fn instant() -> Instant {
    tokio::time::sleep(Duration::ZERO).deadline()
}

/// Wakes the modem whenever it has something to do, until the last handle is gone.
async fn let_time_pass(shared: Weak<Shared>, mut changed: watch::Receiver<()>) {
    loop {
        let Some(alive) = shared.upgrade() else {
            return;
        };
        let now = alive.now();
        let due = alive.lock().next_timer();
        if due.is_some_and(|due| due <= now) {
            alive.with(|_| ());
            continue;
        }
        let wake = due.and_then(|due| alive.started.checked_add(due));
        drop(alive);
        tokio::select! {
            change = changed.changed() => if change.is_err() { return },
            () = sleep_until(wake) => {}
        }
    }
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(wake) => tokio::time::sleep_until(wake).await,
        None => std::future::pending().await,
    }
}

async fn carry(shared: Arc<Shared>, line: u64, host: impl AsyncRead + AsyncWrite) {
    let (mut from_host, mut to_host) = tokio::io::split(host);
    let mut changed = shared.changed.subscribe();
    let mut buffer = vec![0; READ_BUFFER];
    loop {
        let now = shared.now();
        let (output, due) = {
            let mut modem = shared.lock();
            if modem.line != Some(line) {
                return;
            }
            (modem.take_output(now), modem.next_output())
        };
        if let Some(bytes) = output {
            let _lost = tokio::time::timeout(WRITE_MAX, to_host.write_all(&bytes)).await;
            continue;
        }
        tokio::select! {
            read = from_host.read(&mut buffer) => match read {
                Ok(0) | Err(_) => {
                    shared.with(|modem| modem.close_line(line));
                    return;
                }
                Ok(count) => {
                    let now = shared.now();
                    shared.with(|modem| modem.on_bytes(now, &buffer[..count]));
                }
            },
            change = changed.changed() => if change.is_err() { return },
            () = sleep_until(due.and_then(|due| shared.started.checked_add(due))) => {}
        }
    }
}
