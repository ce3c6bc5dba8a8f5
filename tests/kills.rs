//! The program as it is installed, killed with SIGKILL again and again while people call and write: nothing that was seen is lost, and
//! nobody is texted twice but where the row says so. In real time, so only when asked: `TEXTBACK_KILLS=30 cargo test --test kills`.
//! The same promises over weeks of simulated time stand in `simulation.rs`.

#![expect(clippy::unwrap_used, reason = "the helpers are tests too")]

#[allow(
    dead_code,
    reason = "shared with tests/binary.rs, which uses all of it"
)]
#[path = "binary/station.rs"]
mod station;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use textback::sim::{Caller, Options};
use textback::store::{self, ExportedCall, Store, read_everything};
use tokio::time::{sleep, timeout};

use station::Station;

/// How many kills.
const KILLS: &str = "TEXTBACK_KILLS";
/// A text that nothing confirms waits three minutes for its report, and then it goes out once more.
const SETTLES_WITHIN: Duration = Duration::from_secs(600);

#[tokio::test]
async fn kills_at_any_moment_lose_nothing_and_double_nothing() {
    let Some(kills) = std::env::var(KILLS).ok().map(|text| text.parse().unwrap()) else {
        eprintln!("left out: {KILLS} says how often the program is to be killed");
        return;
    };
    // As slow as a quick modem on a good day, so that kills fall between each step and the next.
    let station = Station::with(Options {
        prompt_takes: Duration::from_millis(20),
        send_takes: Duration::from_millis(120),
        report_takes: Duration::from_millis(400),
        sms_slots: 50,
        ..Options::default()
    });
    let data = station.data();
    std::fs::create_dir_all(&data).unwrap();
    let settings = Store::open(Path::new(&data)).unwrap();
    for (key, value) in [
        ("texts.max_per_minute", "60"),
        ("texts.max_per_day", "1000"),
        ("texts.max_recipients_per_month", "10000"),
        ("texts.max_odd_calls_at_night", "1000"),
    ] {
        settings
            .change_setting(key, value, jiff::Timestamp::UNIX_EPOCH)
            .await
            .unwrap()
            .unwrap();
    }
    drop(settings);
    let mut dice = fastrand::Rng::with_seed(1);
    let (mut seen, mut wrote) = (BTreeSet::new(), Vec::new());
    for life in 0..kills {
        let daemon = station.armed().await;
        let number = caller(life);
        let _ringing = station
            .sim
            .call(Caller::new(&number).rings_for(Duration::from_millis(200)));
        let reply = format!("{life}: my sink is leaking");
        station.sim.text_in(&number, &reply).unwrap();
        wrote.push(reply);
        sleep(Duration::from_millis(dice.u64(..900))).await;
        // What the database holds now has been seen.
        seen.extend(calls(&data).into_iter().filter_map(|call| call.caller));
        daemon.kill();
        if (life + 1) % 50 == 0 {
            eprintln!("{} kills, {} calls seen", life + 1, seen.len());
        }
    }
    let _daemon = station.armed().await;
    let settling = async {
        while !is_settled(&data) || station.sim.stored() > 0 {
            sleep(Duration::from_millis(500)).await;
        }
    };
    let settled = timeout(SETTLES_WITHIN, settling).await;
    settled.expect("nothing is left in the middle");

    let decided: BTreeMap<_, _> = calls(&data)
        .into_iter()
        .map(|call| (call.caller.clone().unwrap_or_default(), call))
        .collect();
    assert_eq!(decided.len(), calls(&data).len(), "one line a call");
    let lost: Vec<_> = seen
        .iter()
        .filter(|number| !decided.contains_key(*number))
        .collect();
    assert_eq!(lost, [""; 0], "calls that were seen and are gone");
    let mut copies: BTreeMap<String, u32> = BTreeMap::new();
    for sent in station.sim.sent() {
        *copies.entry(sent.to).or_default() += 1;
    }
    let marked = marked(&data);
    for (number, call) in &decided {
        let copies = copies.remove(number).unwrap_or_default();
        let most = 1 + u32::from(marked.contains(number));
        assert!(
            (1..=most).contains(&copies),
            "{copies} texts to {number}: {call:?}"
        );
    }
    assert!(copies.is_empty(), "texts to nobody who called: {copies:?}");
    let mut replies: Vec<_> = read_everything(Path::new(&data)).unwrap().texts;
    replies.retain(|text| text.direction == "in");
    let mut bodies: Vec<_> = replies.into_iter().map(|text| text.body).collect();
    bodies.sort();
    wrote.sort();
    assert_eq!(bodies, wrote);
    eprintln!(
        "{kills} kills: {} calls seen before one, {} decided on, none lost; {} texts with a marked second copy, none without a mark; {} \
         replies, each stored once",
        seen.len(),
        decided.len(),
        marked.len(),
        wrote.len()
    );
}

/// Everybody calls once, from an exchange of their own, as neighbours in number are fenced off. Its middle digit is none of N11.
fn caller(life: u32) -> String {
    let (first, middle, last) = (2 + life / 80, 2 + life % 80 / 10, life % 10);
    assert!(first <= 9, "640 callers at most");
    format!("+1202{first}{middle}{last}0143")
}

fn calls(data: &str) -> Vec<ExportedCall> {
    read_everything(Path::new(data)).unwrap().calls
}

fn is_settled(data: &str) -> bool {
    let everything = read_everything(Path::new(data)).unwrap();
    let on_its_way = ["queued", "sending", "unconfirmed"];
    everything
        .calls
        .iter()
        .all(|call| call.outcome != "pending")
        && !everything
            .texts
            .iter()
            .any(|text| on_its_way.contains(&text.state.as_str()))
}

/// Whose text is marked as sent a second time.
fn marked(data: &str) -> BTreeSet<String> {
    let database = rusqlite::Connection::open(store::file_in(Path::new(data))).unwrap();
    let mut query = database
        .prepare("SELECT number FROM texts WHERE resent AND direction = 'out'")
        .unwrap();
    let numbers = query.query_map([], |row| row.get(0)).unwrap();
    numbers.map(Result::unwrap).collect()
}
