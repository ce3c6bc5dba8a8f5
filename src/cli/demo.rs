//! `textback demo`: the real daemon on a simulated modem. Callers ring and give up, texts go out, some answer; the terminal tells
//! the story in plain lines, and the page shows it live.

mod story;

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::level_filters::LevelFilter;

use super::run::{Daemon, listen, lock, make_data_dir, stop_on_signal};
use super::{Failure, Outcome, logging, runtime};
use crate::clock::Clock;
use crate::config::{self, Overrides};
use crate::modem::{PinSource, SerialPorts};
use crate::outlets::Receivers;
use crate::sim::Sim;
use crate::store::Store;
use crate::web::LogTail;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Where the page listens [default: 127.0.0.1:8080, or a free port if that one is taken]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Where the database is kept [default: a new directory, removed at the end]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    let log = logging::start(LevelFilter::ERROR, false).map_err(Failure::Usage)?;
    let chosen = arguments.listen.is_some();
    let overrides = Overrides {
        listen: arguments.listen,
        ..Overrides::default()
    };
    // Not the machine's own configuration: the demo leaves a real box beside it alone.
    let config = config::Config::default()
        .with_overrides(overrides)
        .map_err(|error| Failure::Usage(error.into()))?;
    if !config.web.listen.ip().is_loopback() {
        return Err(Failure::Usage(anyhow::anyhow!(
            "the demo asks for no password, so it listens on this computer alone: name a loopback address with --listen, such as 127.0.0.1:8080"
        )));
    }
    let place = Place::new(arguments.data_dir)?;
    runtime()?.block_on(async {
        let listener = match listen(config.web.listen) {
            Err(_) if !chosen => listen(SocketAddr::from(([127, 0, 0, 1], 0)))?,
            listener => listener?,
        };
        play(&place, listener, log).await
    })?;
    Ok(())
}

async fn play(place: &Place, listener: TcpListener, log: LogTail) -> anyhow::Result<()> {
    let data_dir = place.data_dir.clone();
    let tty = data_dir.join("modem");
    let clock = Clock::system();
    let sim = Sim::new(story::modem(clock.wall()));
    sim.pty(&tty)
        .with_context(|| format!("making the simulated modem's port {}", tty.display()))?;
    let lock = lock(&data_dir)?;
    let store = Store::open_for_daemon(&data_dir).context("starting the demo")?;
    story::set_up(&store).await?;
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));
    story::introduce(listener.local_addr()?);
    let telling = tokio::spawn(story::tell(sim.clone(), store.clone(), stop.clone()));
    let daemon = Daemon {
        _lock: lock,
        store,
        ports: SerialPorts::new(&config::Modem {
            port: config::Port::Path(tty),
            ..config::Modem::default()
        }),
        receivers: Receivers::default(),
        pin: PinSource {
            file: None,
            refused: data_dir.join("refused-pin"),
        },
        clock,
        demo: true,
        log,
        restart: None,
        tls: None,
        name: None,
    };
    daemon.run(listener, stop).await?;
    telling.await.context("telling the story")
}

/// The demo's directory; one that it made itself is removed with it.
struct Place {
    data_dir: PathBuf,
    ours: bool,
}

impl Place {
    fn new(chosen: Option<PathBuf>) -> anyhow::Result<Self> {
        let ours = chosen.is_none();
        let data_dir = chosen.unwrap_or_else(|| {
            std::env::temp_dir().join(format!("textback-demo-{}", std::process::id()))
        });
        make_data_dir(&data_dir)?;
        Ok(Self { data_dir, ours })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.ours
            && let Err(error) = remove(&self.data_dir)
        {
            tracing::error!(%error, dir = %self.data_dir.display(), "could not remove the demo's directory");
        }
    }
}

fn remove(dir: &Path) -> io::Result<()> {
    fs::remove_dir_all(dir)
}
