//! `textback run`: the daemon.

use std::fs::{self, File};
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rustix::net::sockopt;
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::level_filters::LevelFilter;
use tracing::{info, warn};

use super::{Failure, ModemPlace, Outcome, load_config, logging, runtime};
use crate::clock::Clock;
use crate::config::{Config, Overrides};
use crate::door;
use crate::modem::record::Recorded;
use crate::modem::{PinSource, Ports, SerialPorts};
use crate::outlets::Receivers;
use crate::service::{House, Service, systemd};
use crate::store::Store;
use crate::web;

/// Connections that wait to be taken, as in Rust's own library.
const BACKLOG: u32 = 128;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    modem: ModemPlace,
    /// Where the page listens, such as 127.0.0.1:8080
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Where the database is kept
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Write callers' numbers into the log whole, not shortened
    #[arg(long)]
    full_numbers: bool,
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    let overrides = Overrides {
        port: arguments.modem.port,
        listen: arguments.listen,
        data_dir: arguments.data_dir,
    };
    let config = load_config(arguments.modem.config.as_deref(), overrides)?;
    let log = logging::start(LevelFilter::INFO, arguments.full_numbers).map_err(Failure::Usage)?;
    let restart = CancellationToken::new();
    let clock = Clock::system();
    let ports = SerialPorts::new(&config.modem);
    let ports = Recorded::new(ports, config.modem.record.as_deref(), clock.clone());
    make_data_dir(&config.data.dir)?;
    let lock = lock(&config.data.dir)?;
    let tls = identity(&config, clock.wall())?;
    let daemon = Daemon {
        _lock: lock,
        store: Store::open_for_daemon(&config.data.dir).context("starting")?,
        pin: pin_source(&config),
        clock,
        ports,
        receivers: Receivers::of(&config.outlets),
        demo: false,
        log,
        restart: Some(restart.clone()),
        tls,
        // This computer needs no name for itself.
        name: config
            .web
            .name
            .clone()
            .filter(|_| !config.web.listen.ip().is_loopback()),
    };
    let runtime = runtime()?;
    runtime.block_on(async {
        let listener = listen(config.web.listen)?;
        let stop = CancellationToken::new();
        tokio::spawn(stop_on_signal(stop.clone()));
        tokio::spawn(stop_to_restart(restart.clone(), stop.clone()));
        tell_the_code(&daemon.store).await;
        daemon.run(listener, stop).await
    })?;
    // A receiver that is slow to answer is not waited for.
    runtime.shutdown_background();
    if restart.is_cancelled() && std::env::var_os("NOTIFY_SOCKET").is_none() {
        start_anew()?;
    }
    Ok(())
}

/// The page's certificate, if it is to speak TLS; the log says how to know it.
fn identity(config: &Config, now: Timestamp) -> anyhow::Result<Option<web::Identity>> {
    if !config.web.tls {
        return Ok(None);
    }
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
    names.extend(config.web.name.iter().map(|name| format!("{name}.local")));
    let listen = config.web.listen.ip();
    if !listen.is_unspecified() && !listen.is_loopback() {
        names.push(listen.to_string());
    }
    let identity = web::Identity::of(&config.data.dir, &names, now)?;
    info!(
        fingerprint = identity.fingerprint,
        "a browser that asks whether to trust the page shows this certificate (SHA-256)"
    );
    Ok(Some(identity))
}

async fn stop_to_restart(restart: CancellationToken, stop: CancellationToken) {
    restart.cancelled().await;
    stop.cancel();
}

/// Puts a new process in the place of this one. Under systemd that is the unit's affair (`Restart=`), which has been told that we end.
fn start_anew() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os();
    let program = arguments
        .next()
        .context("starting anew: the program has no name")?;
    let error = Command::new(&program).args(arguments).exec();
    Err(error).with_context(|| format!("starting {} anew", program.display()))
}

/// Until the page has a password, the log says how to set one. A store that cannot tell tells so elsewhere.
async fn tell_the_code(store: &Store) {
    if let Ok(Some(code)) = store.first_code().await {
        let code = door::shown_code(&code);
        warn!(
            "the page has no password yet: open it in a browser and set one with the code {code}"
        );
    }
}

/// All that makes a daemon, for `run` and `demo` alike.
pub(super) struct Daemon<P> {
    /// Held as long as it runs.
    pub(super) _lock: File,
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) ports: P,
    pub(super) pin: PinSource,
    pub(super) receivers: Receivers,
    pub(super) demo: bool,
    /// The newest lines of the log, for the page.
    pub(super) log: web::LogTail,
    /// Asked for by the page.
    pub(super) restart: Option<CancellationToken>,
    /// What the page proves itself with.
    pub(super) tls: Option<web::Identity>,
    /// What the network finds it by.
    pub(super) name: Option<String>,
}

impl<P: Ports> Daemon<P> {
    /// Runs until `stop`.
    pub(super) async fn run(
        self,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let store = self.store.in_zone(TimeZone::system());
        info!(page = %listener.local_addr()?, modem = %self.ports.name(), "textback starts");
        let service = Service::start(
            House {
                store: store.clone(),
                clock: self.clock.clone(),
                ports: self.ports,
                pin: self.pin,
                receivers: self.receivers,
            },
            &stop,
        );
        let trouble = store.trouble();
        let state = web::State {
            store,
            modem: service.modem.clone(),
            clock: self.clock,
            demo: self.demo,
            signals: web::SignalDay::default(),
            sim_country: web::SimCountry::default(),
            log: self.log,
            restart: self.restart,
            tls: self.tls,
            name: self.name,
        };
        let page = tokio::spawn(web::serve(listener, state, stop.clone()));
        let notifier = tokio::spawn(systemd::keep_informed(
            service.modem.clone(),
            trouble,
            service.pulse.clone(),
            stop.clone(),
        ));
        let ended = service.finish(&stop).await;
        page.await.context("the page's task")?;
        notifier.await.context("the task that speaks to systemd")?;
        Ok(ended?)
    }
}

pub(super) fn pin_source(config: &Config) -> PinSource {
    PinSource {
        file: config.modem.sim_pin_file.clone(),
        refused: config.data.dir.join("refused-pin"),
    }
}

/// Where the page is to be found.
///
/// An address that this computer does not have yet will do: at a start the network may come later than we do, and calls do not wait
/// for it.
///
/// # Errors
/// When another program listens there.
pub(super) fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = bind(address).with_context(|| {
        format!("listening on {address} for the page: is another program there? Choose another with --listen")
    })?;
    let mut any_port = address;
    any_port.set_port(0);
    let probed = std::net::UdpSocket::bind(any_port).map_err(|error| error.kind());
    if matches!(probed, Err(io::ErrorKind::AddrNotAvailable)) {
        warn!(address = %address.ip(), "this computer does not have the address of the page (web.listen); the page is there once it has");
    }
    Ok(listener)
}

/// Where the system does not let us have an address that is not there yet, it says so when we listen.
fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => {
            let socket = TcpSocket::new_v4()?;
            let _ = sockopt::set_ip_freebind(&socket, true);
            socket
        }
        SocketAddr::V6(_) => {
            let socket = TcpSocket::new_v6()?;
            let _ = sockopt::set_ipv6_freebind(&socket, true);
            socket
        }
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Makes the data directory, for this user alone: callers' numbers are in it.
pub(super) fn make_data_dir(data_dir: &Path) -> anyhow::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data_dir)
        .with_context(|| {
            format!(
                "making the data directory {}: choose another with --data-dir",
                data_dir.display()
            )
        })
}

/// Two daemons on one database would text each caller twice. The directory itself is locked: it needs no room on a full disk, and no
/// writing on one that takes none.
pub(super) fn lock(data_dir: &Path) -> anyhow::Result<File> {
    let dir = File::open(data_dir)
        .with_context(|| format!("opening the data directory {}", data_dir.display()))?;
    dir.try_lock().with_context(|| {
        format!(
            "another textback runs on the data directory {}: stop that one first",
            data_dir.display()
        )
    })?;
    Ok(dir)
}

pub(super) async fn stop_on_signal(stop: CancellationToken) {
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        return;
    };
    tokio::select! {
        _ = terminate.recv() => info!("told to stop"),
        _ = interrupt.recv() => info!("interrupted"),
    }
    stop.cancel();
}
