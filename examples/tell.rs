//! Has the receivers of a configuration told of one missed call on a simulated modem, its text and a reply, for receivers that others
//! wrote (`tests/counterparts`). `cargo run --example tell CONFIG`; fails if they have not taken all of it within half a minute.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::io;
use std::time::Duration;

use textback::clock::Clock;
use textback::config::Config;
use textback::modem::{ModemState, PinSource, Ports};
use textback::outlets::Receivers;
use textback::service::{House, Service};
use textback::sim::{Caller, Options, Sim};
use textback::store::Store;
use tokio::io::DuplexStream;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

const ANNA: &str = "+12025550143";
/// What she writes: letters of several scripts, an emoji, quotes, a line with a dot alone.
const REPLY: &str = "Mein \"Rohr\" läuft aus ☔ \u{1f6b0}\n.\n<b>Grüße</b> & до встречи";

struct Line(Sim);

impl Ports for Line {
    type Port = DuplexStream;

    async fn open(&self) -> io::Result<DuplexStream> {
        self.0.line()
    }

    fn name(&self) -> String {
        "the simulated modem".to_owned()
    }

    fn reset_usb(&self) -> io::Result<()> {
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("name a configuration")?;
    let config = Config::parse(&std::fs::read_to_string(&file)?, &file)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let told = runtime.block_on(tell(&config));
    runtime.shutdown_background();
    told
}

async fn tell(config: &Config) -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let (clock, stop) = (Clock::system(), CancellationToken::new());
    let sim = Sim::new(Options {
        started_at: clock.wall(),
        ..Options::default()
    });
    let store = Store::open_for_daemon(dir.path())?;
    let house = House {
        store: store.clone(),
        clock,
        ports: Line(sim.clone()),
        pin: PinSource {
            file: None,
            refused: dir.path().join("refused-pin"),
        },
        receivers: Receivers::of(&config.outlets),
    };
    let mut service = Service::start(house, &stop);
    service.modem.wait_for(ModemState::is_armed).await?;
    sim.call(Caller::new(ANNA)).ended().await;
    sleep(Duration::from_secs(2)).await;
    sim.text_in(ANNA, REPLY)?;
    sleep(Duration::from_secs(2)).await;
    let done = async {
        while store.outlets().await?.iter().any(|view| view.waiting > 0) {
            sleep(Duration::from_millis(100)).await;
        }
        Ok::<_, Box<dyn Error>>(())
    };
    let in_time = timeout(Duration::from_secs(30), done).await;
    let views = store.outlets().await?;
    stop.cancel();
    service.finish(&stop).await?;
    for view in &views {
        println!(
            "{}: {} wait, {} given up, {:?}",
            view.outlet.token(),
            view.waiting,
            view.dead.len(),
            view.error
        );
    }
    in_time.map_err(|_| "not everything was taken")?
}
