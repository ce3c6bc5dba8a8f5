//! A day lived by text alone: twelve callers, three conversations at once, one who is angry, one STOP, one emergency, and an owner who
//! never sees a page. All that was said stands in `tests/data/day.txt`; `TEXTBACK_WRITE_DAY=1` writes it anew.

use std::fmt::Write as _;
use std::path::Path;

use jiff::civil::Time;
use textback::sim::{Caller, Options};
use tokio::time::sleep;

use super::world::World;

const OWNER: &str = "+12025550111";
const PEOPLE: [(&str, &str); 13] = [
    ("the owner", OWNER),
    ("Anna", "+12025550143"),
    ("Ben", "+12025550188"),
    ("Carla", "+12025550166"),
    ("Dan", "+12025550132"),
    ("Eve", "+12025550195"),
    ("Fay", "+12025550171"),
    ("Gus", "+12025550119"),
    ("Hal", "+12025550158"),
    ("somebody in London", "+447700900123"),
    ("the wife", "+12025550177"),
    ("Kim", "+12025550104"),
    ("Lea", "+12025550127"),
];

/// What happens when. Who calls gives up after four rings; an empty text is a call.
const DAY: &[(&str, &str, &str)] = &[
    ("07:50", "the owner", "Skip 202 555 0177"),
    ("08:05", "Anna", ""),
    ("08:06", "Anna", "my kitchen sink is leaking"),
    ("08:10", "Ben", ""),
    ("08:12", "Ben", "Do you do boilers?"),
    ("08:15", "the owner", "on my way"),
    ("08:16", "the owner", "#1"),
    ("08:20", "Carla", ""),
    ("08:21", "Carla", "How much for a new tap?"),
    ("08:24", "the owner", "#2 yes, what is wrong with it?"),
    ("08:25", "Anna", "thank you! Side door is open"),
    ("08:27", "Ben", "it makes a noise like a train"),
    (
        "08:30",
        "the owner",
        "#3 120 with fitting. Shall I come tomorrow at 9?",
    ),
    ("08:33", "Carla", "Yes please"),
    ("08:40", "Dan", ""),
    ("08:41", "Dan", "STOP"),
    ("09:00", "Eve", ""),
    (
        "09:01",
        "Eve",
        "This is the THIRD time I call!!! Does nobody EVER pick up?",
    ),
    ("09:10", "Eve", ""),
    (
        "09:14",
        "the owner",
        "#5 Sorry, Eve. I was under a house. I ring you in ten minutes.",
    ),
    ("09:30", "Fay", ""),
    ("09:31", "Fay", "I smell gas in the basement"),
    (
        "09:32",
        "the owner",
        "#6 Get everybody out and ring 911. I come as well.",
    ),
    ("09:40", "Fay", "we are outside, firemen are here"),
    ("10:00", "Gus", "withheld"),
    ("10:30", "Hal", ""),
    ("10:45", "somebody in London", ""),
    ("11:00", "the wife", ""),
    ("12:00", "the owner", "STATUS"),
    ("12:01", "the owner", "list"),
    ("12:30", "the owner", "won #1 450"),
    ("13:00", "the owner", "pause 2h"),
    ("13:20", "Kim", ""),
    ("13:40", "the owner", "resume"),
    ("14:00", "Lea", ""),
    (
        "14:05",
        "Lea",
        "Hi, could you look at our water heater some time next week? There is no hurry.",
    ),
    ("18:30", "", ""),
];

fn name(number: &str) -> &str {
    let known = PEOPLE.iter().find(|(_, known)| *known == number);
    known.map_or(number, |(name, _)| name)
}

/// What the box has sent since the last time, as the day tells it.
fn sent(world: &World, told: &mut usize, day: &mut String) {
    let start = world.clock.wall() - jiff::SignedDuration::try_from(world.sim.now()).unwrap();
    for sent in &world.sim.sent()[*told..] {
        let at = start + jiff::SignedDuration::try_from(sent.at).unwrap();
        let at = at.in_tz("America/New_York").unwrap();
        let part = sent
            .part
            .map(|part| format!(" ({} of {})", part.sequence, part.total));
        writeln!(
            day,
            "{}    box to {}{}: {}",
            at.strftime("%H:%M:%S"),
            name(&sent.to),
            part.unwrap_or_default(),
            sent.text
        )
        .unwrap();
        *told += 1;
    }
}

#[tokio::test(start_paused = true)]
async fn a_day_is_lived_by_text_alone() {
    // A Monday, half past seven in New York.
    let mut world = World::with(Options {
        started_at: "2026-03-02T12:30:00Z".parse().unwrap(),
        ..Options::default()
    })
    .await;
    for (key, value) in [
        ("hours.time_zone", "America/New_York"),
        ("business.name", "Joe's Plumbing"),
        ("owner.number", OWNER),
        ("digest.daily_at", "18:00"),
        ("digest.weekly_at", "08:00"),
    ] {
        world.set(key, value).await;
    }
    let (mut day, mut told) = (String::new(), 0);
    for (at, who, what) in DAY {
        let now = world.clock.wall().in_tz("America/New_York").unwrap();
        let at: Time = format!("{at}:00").parse().unwrap();
        let wait = now.with().time(at).build().unwrap().duration_since(&now);
        sleep(wait.try_into().unwrap()).await;
        sent(&world, &mut told, &mut day);
        let Some((_, number)) = PEOPLE.iter().find(|(name, _)| name == who) else {
            continue;
        };
        let clock = at.strftime("%H:%M:%S");
        match *what {
            "" => {
                writeln!(day, "{clock} {who} calls, and nobody answers").unwrap();
                world.missed(number).await;
            }
            "withheld" => {
                writeln!(day, "{clock} {who} calls and hides the number").unwrap();
                world.call(Caller::withheld()).await;
            }
            words => {
                writeln!(day, "{clock} {who}: {words}").unwrap();
                world.reply(number, words).await;
            }
        }
    }
    for (_, number) in PEOPLE {
        let count = world.texts_to(number).len();
        world.expect_texts(number, count);
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/day.txt");
    if std::env::var_os("TEXTBACK_WRITE_DAY").is_some() {
        std::fs::write(&file, &day).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        day == expected,
        "the day went otherwise than tests/data/day.txt says:\n{day}"
    );
}
