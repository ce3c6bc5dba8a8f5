//! The daemon's lives, one after the other, on one disk and one modem: started, killed, cut off from its power, stopped.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use textback::clock::Clock;
use textback::modem::PinSource;
use textback::service::{House, Service};
use textback::sim::{NumberForm, Options, Sim};
use textback::store::Store;
use tokio_util::sync::CancellationToken;

use super::power::{Death, Power, Socket};

/// A time in which something was so.
pub(crate) type Span = std::ops::Range<Duration>;

/// See the module.
pub(crate) struct Lives {
    pub(crate) sim: Sim,
    pub(crate) power: Power,
    folder: PathBuf,
    started_at: Timestamp,
    form: NumberForm,
    /// How far the computer's clock is from the true time.
    skew: SignedDuration,
    daemon: Option<Daemon>,
    born: Duration,
    /// From the start of each life to its end.
    pub(crate) lived: Vec<Span>,
    /// When the computer's clock was set.
    pub(crate) jumps: Vec<Duration>,
}

struct Daemon {
    service: Service,
    store: Store,
    clock: Clock,
    stop: CancellationToken,
}

impl Lives {
    pub(crate) fn new(folder: &Path, options: Options, dice: fastrand::Rng) -> Self {
        let started_at = options.started_at;
        let form = options.quirks.number.clone();
        let sim = Sim::new(options);
        Self {
            power: Power::new(folder, sim.clone(), dice),
            sim,
            folder: folder.to_owned(),
            started_at,
            form,
            skew: SignedDuration::ZERO,
            daemon: None,
            born: Duration::ZERO,
            lived: Vec::new(),
            jumps: Vec::new(),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A caller's number as the modem writes it.
    pub(crate) fn shown(&self, number: &str) -> String {
        match &self.form {
            NumberForm::Plus145 => number.to_owned(),
            NumberForm::Bare145 => number.trim_start_matches('+').to_owned(),
            NumberForm::National {
                country_code,
                trunk_prefix,
                ..
            } => {
                let digits = number.trim_start_matches('+');
                match digits.strip_prefix(country_code.as_str()) {
                    Some(rest) => format!("{trunk_prefix}{rest}"),
                    None => number.to_owned(),
                }
            }
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.sim.now()
    }

    pub(crate) fn store(&self) -> Option<&Store> {
        self.daemon.as_ref().map(|daemon| &daemon.store)
    }

    /// What a clock that is right shows then.
    pub(crate) fn true_time(&self, at: Duration) -> Timestamp {
        self.started_at + SignedDuration::try_from(at).unwrap()
    }

    /// What the computer's clock shows.
    fn wall(&self) -> Timestamp {
        self.true_time(self.now()) + self.skew
    }

    /// Sets the computer's clock so far off the true time.
    pub(crate) fn set_clock(&mut self, skew: SignedDuration) {
        self.skew = skew;
        self.jumps.push(self.now());
        if let Some(daemon) = &self.daemon {
            daemon.clock.set_simulated(self.wall());
        }
    }

    /// A new life, if the disk lets it.
    pub(crate) fn start(&mut self) {
        assert!(self.daemon.is_none(), "it lives");
        let Ok(store) = Store::open_for_daemon(&self.folder) else {
            // systemd tries again.
            return;
        };
        let clock = Clock::simulated(self.wall());
        let stop = CancellationToken::new();
        let house = House {
            store: store.clone(),
            clock: clock.clone(),
            ports: Socket(self.power.clone()),
            receivers: textback::outlets::Receivers::default(),
            pin: PinSource {
                file: None,
                refused: self.folder.join("refused-pin"),
            },
        };
        let service = Service::start(house, &stop);
        self.born = self.now();
        self.daemon = Some(Daemon {
            service,
            store,
            clock,
            stop,
        });
    }

    /// The daemon has been cut off from everything; what is left of it goes.
    pub(crate) async fn bury(&mut self, death: Death, died: Duration) {
        if let Some(daemon) = self.daemon.take() {
            drop(daemon);
            self.lived.push(self.born..died);
        }
        if death == Death::PowerCut && !self.skew.is_zero() {
            // As if it had been set to the true time by the network when it starts again, or not.
            self.jumps.push(died);
        }
        self.wait_until_unused().await;
    }

    /// As SIGTERM does.
    pub(crate) async fn stop(&mut self) {
        if let Some(daemon) = self.daemon.take() {
            daemon.stop.cancel();
            daemon.service.finish(&daemon.stop).await.unwrap();
            drop((daemon.store, daemon.clock));
            self.lived.push(self.born..self.now());
        }
        self.wait_until_unused().await;
    }

    /// Jobs on the disk that were under way end at their own pace, on threads of their own.
    async fn wait_until_unused(&self) {
        while !self.power.disk().is_unused() {
            tokio::task::yield_now().await;
            std::thread::yield_now();
        }
    }

    /// Whether the daemon that lived at `from` was alive for so long.
    pub(crate) fn lived_on(&self, from: Duration, time: Duration) -> bool {
        let end = from + time;
        self.lived
            .iter()
            .any(|life| life.start <= from && end <= life.end)
    }
}
