//! A thousand texts from callers and the owner, drawn from a seed: no caller's words ever steer the box, and what the owner writes as a
//! command is understood, or answered with what would have been, and goes to no caller.

use std::collections::BTreeMap;

use fastrand::Rng;
use textback::settings;
use textback::store::{List, Store};
use tokio::time::sleep;

use super::relay::{OWNER, with_owner};
use super::world::{ANNA, BEN, World, min};

/// Of each side.
const TEXTS: usize = 500;
/// In minutes: the owner is told no more than thirty times an hour, and what he left open is kept for a day.
const APART: u64 = 2;
const PIN: &str = "4711";

/// As people write it who are in a hurry.
fn carelessly(command: &str, dice: &mut Rng) -> String {
    let mut text = String::new();
    for letter in command.chars() {
        match (letter, dice.u8(..4)) {
            (' ', 0) => text.push_str("  "),
            (letter, 0 | 1) => text.extend(letter.to_lowercase()),
            (letter, _) => text.push(letter),
        }
    }
    let (before, behind) = (
        ["", " ", "\n"],
        ["", " ", "!", ".", " please", " now, thanks"],
    );
    let sentence = command.starts_with('#') || command.starts_with("MSG ");
    let behind = if sentence {
        ""
    } else {
        dice.choice(behind).unwrap()
    };
    format!("{}{text}{behind}", dice.choice(before).unwrap())
}

/// With one slip of the thumb in its first word.
fn with_a_slip(command: &str, dice: &mut Rng) -> String {
    let end = command.find(' ').unwrap_or(command.len());
    let mut word: Vec<char> = command[..end].chars().collect();
    let at = dice.usize(..word.len());
    match dice.u8(..4) {
        0 if at + 1 < word.len() => word.swap(at, at + 1),
        1 if word.len() > 1 => drop(word.remove(at)),
        2 => word.insert(at, word[at]),
        _ => word[at] = dice.lowercase(),
    }
    let word: String = word.into_iter().collect();
    format!("{word}{}", &command[end..])
}

/// What callers may write that looks like what the owner writes.
fn by_a_caller(dice: &mut Rng) -> String {
    let commands = [
        "STATUS",
        "PAUSE 2H",
        "AWAY UNTIL MON",
        "RESUME",
        "MSG Free boilers for all. Reply STOP to opt out",
        "YES",
        "NO",
        "SKIP #1",
        "SKIP +1 202 555 0143",
        "UNSKIP #2",
        "WON #1 450",
        "LIST",
        "STOP #1",
        "START #2",
        "#1 on my way",
        "#2 I shall be late",
        "1",
        "#1",
        "owner.number=+12025550199",
        "my sink is leaking",
        "What does a new boiler cost?",
        "+12025550111: STATUS",
    ];
    let text = carelessly(dice.choice(commands).unwrap(), dice);
    match dice.u8(..5) {
        0 => format!("{PIN} {text}"),
        1 => format!("From {OWNER}: {text}"),
        2 => format!("#1 {text}"),
        _ => text,
    }
}

/// All that a text can steer.
async fn steered(world: &World) -> BTreeMap<String, String> {
    let now = world.store().settings().await.unwrap();
    let mut all: BTreeMap<String, String> = settings::ALL
        .iter()
        .map(|setting| setting.key)
        .map(|key| {
            (
                key.to_owned(),
                now.value(key).unwrap_or_default().to_owned(),
            )
        })
        .collect();
    let store = Store::open(world.data()).unwrap();
    for list in [List::NeverText, List::Contacts, List::OptedOut] {
        let people = store.people(list, "", 0, 100).await.unwrap().people;
        all.insert(format!("{list:?}"), format!("{people:?}"));
    }
    all
}

#[tokio::test(start_paused = true)]
async fn five_hundred_texts_of_callers_steer_nothing() {
    let mut world = with_owner().await;
    world.set("owner.pin", PIN).await;
    world.reply(ANNA, "my sink is leaking").await;
    world.reply(BEN, "Do you do boilers?").await;
    // A YES and a tag are awaited, of the owner.
    world
        .reply(
            OWNER,
            &format!("{PIN} MSG We are at work. Reply STOP to opt out."),
        )
        .await;
    world.reply(OWNER, "On my way").await;
    let told_before = world.texts_to(OWNER).len();
    let before = steered(&world).await;
    let mut dice = Rng::with_seed(6);
    for _ in 0..TEXTS {
        let number = format!("+12025550{}", dice.u32(300..312));
        world.reply(&number, &by_a_caller(&mut dice)).await;
        sleep(min(APART)).await;
    }
    assert_eq!(steered(&world).await, before);
    let told = world.texts_to(OWNER);
    assert_eq!(
        told.len() - told_before,
        TEXTS,
        "each is passed on, and nothing else said"
    );
    for text in &told[told_before..] {
        let passed_on = text
            .split_once(": ")
            .is_some_and(|(who, _)| who.starts_with('#'));
        assert!(passed_on, "{text:?}");
    }
    // What the owner left open is still his.
    world.reply(OWNER, &format!("{PIN} YES")).await;
    let after = steered(&world).await;
    assert_eq!(
        after["message.missed_call"],
        "We are at work. Reply STOP to opt out."
    );
    let told = world.texts_to(OWNER).len();
    world.expect_texts(OWNER, told);
}

/// What the owner writes, and how each answer to it may begin.
const COMMANDS: [(&str, &[&str]); 20] = [
    ("STATUS", &["The box works"]),
    ("LIST", &["#1 ", "#2 ", "Nobody waits"]),
    ("HELP", &["Answer a caller with his tag"]),
    ("PAUSE 2H", &["Paused until"]),
    ("PAUSE 30 MIN", &["Paused until"]),
    ("PAUSE UNTIL 5PM", &["Paused until"]),
    ("AWAY UNTIL MON", &["You are away until"]),
    ("AWAY 3 DAYS", &["You are away until"]),
    (
        "RESUME",
        &["Nothing was paused", "Missed callers are texted again"],
    ),
    ("MSG", &["Callers get"]),
    (
        "MSG We are at work. Reply STOP to opt out",
        &["A caller will see"],
    ),
    ("SKIP +1 202 555 0166", &["(202) 555-0166 "]),
    ("UNSKIP +1 202 555 0166", &["(202) 555-0166 "]),
    ("SKIP #1", &["#1 "]),
    ("UNSKIP #1", &["#1 "]),
    ("STOP #2", &["Noted: #2 "]),
    ("START #2", &["Noted: #2 "]),
    ("STOP", &["STOP from this phone changes nothing"]),
    ("WON #1 450", &["Noted: #1 "]),
    ("WON #2", &["Noted: #2 "]),
];
/// How an answer begins, or what it says, to what was not understood.
const ASKED: [&str; 4] = [
    "Nothing was done.",
    "For whom is that?",
    "For the box itself, write",
    "There is no #",
];

#[tokio::test(start_paused = true)]
async fn five_hundred_commands_of_the_owner_are_understood_or_asked_about() {
    let mut world = with_owner().await;
    let mut dice = Rng::with_seed(7);
    let (mut understood, mut slips) = (0, 0);
    for round in 0..TEXTS {
        // Both go on, or one of them: what nobody is named for could be for him.
        if round % 5 == 0 {
            world.reply(ANNA, "my sink is leaking").await;
        }
        if round % 100 == 0 {
            world.reply(BEN, "Do you do boilers?").await;
        }
        let told_before = world.texts_to(OWNER).len();
        let (command, answers) = dice.choice(COMMANDS).unwrap();
        let slip = dice.u8(..3) == 0;
        let text = match slip {
            true => with_a_slip(command, &mut dice),
            false => carelessly(command, &mut dice),
        };
        world.reply(OWNER, &text).await;
        let told = world.texts_to(OWNER)[told_before..].to_vec();
        assert_eq!(told.len(), 1, "{text:?}: {told:?}");
        let fits = answers.iter().any(|answer| told[0].starts_with(answer));
        let is_asked = ASKED.iter().any(|asked| told[0].contains(asked));
        assert!(fits || (slip && is_asked), "{text:?}: {told:?}");
        understood += usize::from(fits);
        slips += usize::from(slip);
        for caller in [ANNA, BEN] {
            assert_eq!(world.texts_to(caller), [""; 0], "{text:?}");
        }
        sleep(min(APART)).await;
    }
    let told = world.texts_to(OWNER).len();
    world.expect_texts(OWNER, told);
    assert!(
        slips > TEXTS / 4 && understood > TEXTS * 4 / 5,
        "{slips} slips, {understood} understood"
    );
}
