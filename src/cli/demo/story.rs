//! The demo's story: who calls, who answers, and the lines that tell it.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use jiff::{Timestamp, Zoned};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::phone::{PhoneNumber, Region};
use crate::sim::{CallEnd, Caller, Options, Sent, Sim};
use crate::store::Store;

const BUSINESS: &str = "Rivera Plumbing";
/// Between two callers, so that a person can follow.
const PAUSE: Duration = Duration::from_secs(6);
/// After the scenes are over they begin anew with other callers, more slowly.
const PAUSE_BETWEEN_ROUNDS: Duration = Duration::from_secs(45);
/// Until the daemon is up and armed; the modem answers at once.
const PAUSE_BEFORE_THE_FIRST: Duration = Duration::from_millis(1500);

/// One caller of the story.
struct Scene {
    who: &'static str,
    /// `None`: withheld.
    number: Option<&'static str>,
    rings_for_s: u64,
    /// What he answers, and how soon.
    answer: Option<(&'static str, u64)>,
}

/// Numbers 555-0100 to -0199 are kept for fiction in every North American area code.
const SCENES: &[Scene] = &[
    Scene {
        who: "Anna, with her kitchen under water",
        number: Some("+12025550143"),
        rings_for_s: 7,
        answer: Some(("My kitchen sink is leaking, can you come today?", 3)),
    },
    Scene {
        who: "the number is hidden",
        number: None,
        rings_for_s: 5,
        answer: None,
    },
    Scene {
        who: "Ben, who wants a new boiler",
        number: Some("+12025550188"),
        rings_for_s: 6,
        answer: Some((
            "Looking for a quote for a new boiler. Any day next week is good.",
            4,
        )),
    },
    Scene {
        who: "Anna once more",
        number: Some("+12025550143"),
        rings_for_s: 5,
        answer: None,
    },
    Scene {
        who: "a stranger in London",
        number: Some("+447700900123"),
        rings_for_s: 6,
        answer: None,
    },
    Scene {
        who: "Carla, who has the wrong number",
        number: Some("+12025550119"),
        rings_for_s: 40,
        answer: Some(("STOP", 3)),
    },
    Scene {
        who: "Carla once more",
        number: Some("+12025550119"),
        rings_for_s: 5,
        answer: None,
    },
];

/// What the demo runs on: an ordinary modem that takes its time to send, in a network whose clock is right.
pub(super) fn modem(now: Timestamp) -> Options {
    Options {
        started_at: now,
        operator: "Demo Mobile".into(),
        cadence: Duration::from_secs(3),
        send_takes: Duration::from_millis(1200),
        report_takes: Duration::from_secs(2),
        ..Options::default()
    }
}

/// What the owner would have set.
pub(super) async fn set_up(store: &Store) -> anyhow::Result<()> {
    store
        .change_setting("business.name", BUSINESS, Clock::system().wall())
        .await?
        .context("naming the business")?;
    Ok(())
}

/// The first lines.
#[expect(
    clippy::print_stdout,
    reason = "the demo tells its story on the terminal"
)]
pub(super) fn introduce(page: SocketAddr) {
    println!("\n  The page:  http://{page}");
    println!(
        "  {BUSINESS} is under a crawlspace and takes no calls. The modem, the network and the callers are"
    );
    println!("  simulated; all the rest is the real thing. Ctrl-C ends it.\n");
}

/// Tells the story until `stop`.
pub(super) async fn tell(sim: Sim, store: Store, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = callers(&sim) => {}
        () = texts(&sim) => {}
        () = decisions(&store) => {}
    }
}

async fn callers(sim: &Sim) {
    sleep(PAUSE_BEFORE_THE_FIRST).await;
    for round in 0_u32.. {
        for scene in SCENES {
            play(sim, scene, round).await;
            sleep(PAUSE).await;
        }
        sleep(PAUSE_BETWEEN_ROUNDS).await;
    }
}

async fn play(sim: &Sim, scene: &Scene, round: u32) {
    let number = scene.number.map(|number| in_round(number, round));
    let caller = number.as_deref().map_or_else(Caller::withheld, Caller::new);
    let from = number
        .as_deref()
        .map_or_else(|| "Somebody".to_owned(), shown);
    line("☎", &format!("{from} calls: {}.", scene.who));
    let call = sim.call(caller.rings_for(Duration::from_secs(scene.rings_for_s)));
    match call.ended().await {
        CallEnd::GaveUp => line(" ", "… rings, and gives up."),
        _ => line(
            " ",
            "… rings for 15 s. The box hangs up, so that no voicemail takes the call.",
        ),
    }
    if let (Some((words, after_s)), Some(number)) = (scene.answer, &number) {
        sleep(Duration::from_secs(after_s)).await;
        line("←", &format!("{} answers: {words}", shown(number)));
        // The words are ours, and short.
        let _ = sim.text_in(number, words);
    }
}

/// Each round has callers of its own: other last digits, so that nobody is texted twice within the day.
fn in_round(number: &str, round: u32) -> String {
    if round == 0 {
        return number.to_owned();
    }
    let (head, last) = number.split_at(number.len().saturating_sub(2));
    let moved = (last.parse::<u32>().unwrap_or_default() + 7 * round) % 100;
    format!("{head}{moved:02}")
}

async fn texts(sim: &Sim) {
    for count in 1.. {
        if let Some(Sent { to, text, .. }) = sim.wait_sent(count).await.pop() {
            line("→", &format!("textback texts {}: {text}", shown(&to)));
        }
    }
}

/// Says of each call that was not texted why.
async fn decisions(store: &Store) {
    let mut changes = store.changes();
    let mut told = 0;
    loop {
        if let Ok(skipped) = store.skipped_since(told).await {
            for (id, reason) in skipped {
                told = id;
                line("·", &reason);
            }
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the demo tells its story on the terminal"
)]
fn line(mark: &str, words: &str) {
    let now: Zoned = Clock::system()
        .wall()
        .to_zoned(jiff::tz::TimeZone::system());
    println!("  {}  {mark}  {words}", now.strftime("%H:%M:%S"));
}

fn shown(number: &str) -> String {
    let home = Region::parse("US");
    PhoneNumber::from_e164(number).map_or(number.to_owned(), |number| number.format_for(home))
}
