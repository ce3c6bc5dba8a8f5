//! What texts of the owner's people mean, line by line, and a thousand of them from a seed.

use jiff::Zoned;
use proptest::prelude::*;

use super::*;
use crate::settings::{DESK_HOURS, DESK_NUMBER, OWNER_HOURS, OWNER_NUMBER, OWNER_PIN};

const ANNA: &str = "+12025550143";
const BEN: &str = "+12025550188";
const OWNER: &str = "+12025550111";
const DESK: &str = "+12025550122";

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text, None).unwrap()
}

/// A Thursday.
fn noon() -> Zoned {
    "2026-01-01T12:00:00[America/New_York]".parse().unwrap()
}

fn conversation(tag: u32, who: &str) -> Conversation {
    Conversation {
        tag,
        number: number(who),
        name: String::new(),
        replied_at: noon().timestamp(),
        waits: true,
        is_open: true,
        opted_out: false,
        words: "my sink is leaking".to_owned(),
    }
}

fn settings(changes: &[(&str, &str)]) -> Settings {
    Settings::default()
        .with(&[(OWNER_NUMBER, OWNER)])
        .with(changes)
}

/// A world in which the owner writes: with #1 Anna and #7 Ben.
struct World {
    from: PhoneNumber,
    conversations: Vec<Conversation>,
    kept_words: Option<&'static str>,
    kept_message: Option<&'static str>,
    settings: Settings,
}

impl World {
    fn new() -> Self {
        Self {
            from: number(OWNER),
            conversations: vec![conversation(7, BEN), conversation(1, ANNA)],
            kept_words: None,
            kept_message: None,
            settings: settings(&[]),
        }
    }

    fn situation(&self) -> Situation<'_> {
        Situation {
            from: &self.from,
            conversations: &self.conversations,
            kept_words: self.kept_words,
            kept_unclear: None,
            kept_message: self.kept_message,
            wrong_pins: 0,
            settings: &self.settings,
            now: noon(),
            home: Region::parse("US"),
            hindrance: None,
            calls: 0,
            texted: 0,
        }
    }

    /// In short: `pause 2026-01-01 14:00`, `skip +12025550188`, `#7 on my way`, `words`.
    fn reads(&self, text: &str) -> String {
        let understood = understand(text, &self.situation());
        let pin = understood
            .pin
            .map(|pin| format!("({pin}) "))
            .unwrap_or_default();
        let command = match understood.command {
            Command::Pause(until) => format!("pause {until}"),
            Command::Away(until) => format!("away {until}"),
            Command::Message(words) => format!("message {words}"),
            Command::Skip(number) => format!("skip {number}"),
            Command::Unskip(number) => format!("unskip {number}"),
            Command::OptOut(number) => format!("opt out {number}"),
            Command::OptIn(number) => format!("opt in {number}"),
            Command::Won { number, amount } => {
                format!("won {number} {}", amount.unwrap_or_default())
            }
            Command::Answer { tag, words } => format!("#{tag} {words}"),
            Command::Choose(tag) => format!("choose {tag}"),
            Command::NoSuchTag { tag, words } => format!("no #{tag} {words}"),
            Command::Unclear { verb, .. } => format!("unclear {verb:?}"),
            Command::Words(_) => "words".to_owned(),
            other => format!("{other:?}"),
        };
        format!("{pin}{command}")
    }

    fn effects(&self, text: &str) -> Vec<Effect> {
        let situation = self.situation();
        act(&understand(text, &situation), &situation)
    }
}

#[test]
fn what_the_owner_writes_is_understood_as_he_means_it() {
    let world = World::new();
    for (text, expected) in [
        ("STATUS", "Status"),
        (" status ", "Status"),
        ("Status?", "Status"),
        ("statsu", "Status"),
        ("stauts please", "Status"),
        ("“Status”", "Status"),
        ("HELP", "Help"),
        ("?", "Help"),
        ("List.", "List"),
        ("resume", "Resume"),
        ("Resmue now", "Resume"),
        ("un pause", "words"),
        ("Unpause", "Resume"),
        ("PAUSE 2H", "pause 2026-01-01 14:00"),
        ("pause2h", "pause 2026-01-01 14:00"),
        ("Pasue 2 h", "pause 2026-01-01 14:00"),
        ("pause for two hours please", "pause 2026-01-01 14:00"),
        ("pause 1h 30m", "pause 2026-01-01 13:30"),
        ("pause an hour", "pause 2026-01-01 13:00"),
        ("pause half an hour", "pause 2026-01-01 12:30"),
        ("pause 90 min", "pause 2026-01-01 13:30"),
        ("PAUSE 1 day", "pause 2026-01-02"),
        ("pause until 5pm", "pause 2026-01-01 17:00"),
        ("pause till 5:30 p.m.", "pause 2026-01-01 17:30"),
        ("pause until 11:00", "pause 2026-01-02 11:00"),
        ("pause until mon", "pause 2026-01-05"),
        ("pause until Thursday", "pause 2026-01-08"),
        ("pause until tomorrow 8am", "pause 2026-01-02 08:00"),
        ("pause until 8 am tomorrow", "pause 2026-01-02 08:00"),
        ("pause until noon", "pause 2026-01-02 12:00"),
        ("pause today", "pause 2026-01-02"),
        ("PAUSE", "unclear Pause"),
        ("pause until 5", "unclear Pause"),
        ("pause the music", "unclear Pause"),
        ("pause 400 days", "unclear Pause"),
        ("pause until 2025-12-24", "unclear Pause"),
        ("pause until 12/24", "unclear Pause"),
        ("AWAY UNTIL MON", "away 2026-01-05"),
        ("away till wendesday", "away 2026-01-07"),
        ("away mon 8am", "away 2026-01-05 08:00"),
        ("away until 24 dec", "away 2026-12-24"),
        ("away until January 12th", "away 2026-01-12"),
        ("away until dec 24th 2026", "away 2026-12-24"),
        ("away 2026-02-01", "away 2026-02-01"),
        ("away 3 days", "away 2026-01-04"),
        ("away 2 weeks", "away 2026-01-15"),
        ("Away", "unclear Away"),
        ("MSG Hi, {business} here", "message Hi, {business} here"),
        ("msg: Hi\nSTOP to end", "message Hi\nSTOP to end"),
        ("Msg", "ShowMessage"),
        ("SKIP #7", "skip +12025550188"),
        ("skip#7", "skip +12025550188"),
        ("skip 7.", "skip +12025550188"),
        ("Skpi #7", "skip +12025550188"),
        ("nskip #7", "unclear Skip"),
        ("#7 skip", "skip +12025550188"),
        ("SKIP 202-555-0199", "skip +12025550199"),
        ("skip +44 20 7946 0000", "skip +442079460000"),
        ("skip #9", "unclear Skip"),
        ("skip 12345", "unclear Skip"),
        ("skip", "unclear Skip"),
        ("skip the trim, it is dry", "words"),
        ("unskip #1", "unskip +12025550143"),
        ("STOP +12025550199", "opt out +12025550199"),
        ("stop #7", "opt out +12025550188"),
        ("Step 7", "words"),
        ("STOP", "OwnStop"),
        ("Stop texting me", "OwnStop"),
        ("stop by whenever you like", "words"),
        ("START 2025550199", "opt in +12025550199"),
        ("START", "unclear Start"),
        ("start with the kitchen", "words"),
        ("WON #7 450", "won +12025550188 45000"),
        ("won 7 $1,200", "won +12025550188 120000"),
        ("Won #1: 99.50 USD", "won +12025550143 9950"),
        ("won #1", "won +12025550143 0"),
        ("#7 won 450", "won +12025550188 45000"),
        ("won the bid", "unclear Won"),
        ("WON #9 450", "unclear Won"),
        ("won #7 lots", "unclear Won"),
        ("Won't be long", "words"),
        ("#7 on my way", "#7 on my way"),
        ("# 7: on my way", "#7 on my way"),
        ("#7 STATUS", "#7 STATUS"),
        ("#7 stop", "#7 stop"),
        ("#1, 7 pm is fine", "#1 7 pm is fine"),
        ("#9 on my way", "no #9 on my way"),
        ("#7", "choose 7"),
        ("#7th street", "words"),
        ("#", "words"),
        ("7", "words"),
        ("7 pm is fine", "words"),
        ("On my way", "words"),
        ("YES", "words"),
        ("no", "words"),
        ("Help is on the way", "words"),
        ("list the parts you need", "words"),
        ("1234 Main Street", "words"),
        ("1234", "words"),
        ("1234 PAUSE 2H", "(1234) pause 2026-01-01 14:00"),
        ("Loved “Do you do boilers?”", "Reaction"),
        ("liked it", "words"),
        ("", "words"),
    ] {
        assert_eq!(world.reads(text), expected, "{text:?}");
    }
}

#[test]
fn what_a_word_means_can_rest_on_what_was_asked() {
    let mut world = World::new();
    world.kept_words = Some("on my way");
    assert_eq!(world.reads("7"), "choose 7");
    assert_eq!(world.reads("#7."), "choose 7");
    assert_eq!(world.reads("9"), "words");
    assert_eq!(
        world.effects("7")[0],
        Effect::Send(number(BEN), "on my way".to_owned())
    );
    // More words go behind those that wait.
    let more = Effect::Keep(Kept::Words, "on my way\nin an hour".to_owned());
    assert_eq!(world.effects("in an hour")[0], more);
    world.kept_message = Some("{business} here");
    for (text, expected) in [
        ("YES", "Yes"),
        ("y", "Yes"),
        ("yes, please", "Yes"),
        ("Yes at three", "unclear Yes"),
        ("No", "No"),
        ("yeah", "words"),
    ] {
        assert_eq!(world.reads(text), expected, "{text:?}");
    }
    world.settings = settings(&[(OWNER_PIN, "4711")]);
    assert_eq!(world.reads("4711 nonsense"), "(4711) UnclearBehindPin");
    assert_eq!(world.reads("4711"), "(4711) UnclearBehindPin");
    assert_eq!(world.reads("4711: yes"), "(4711) Yes");
}

#[test]
fn an_answer_goes_to_one_caller_or_to_nobody() {
    let send = |to: &str| Effect::Send(number(to), "ok".to_owned());
    let mut world = World::new();
    assert!(matches!(
        world.effects("ok")[..],
        [Effect::Keep(Kept::Words, _), Effect::Tell(_)]
    ));
    world.conversations[0].is_open = false;
    assert_eq!(world.effects("ok"), [send(ANNA)]);
    assert_eq!(world.effects("#7 ok")[0], send(BEN));
    world.conversations[1].is_open = false;
    assert!(matches!(
        world.effects("ok")[..],
        [Effect::Keep(Kept::Words, _), Effect::Tell(_)]
    ));
    // More than a caller's phone would join.
    let long = format!("#7 {}", "on my way ".repeat(160));
    assert!(matches!(&world.effects(&long)[..], [Effect::Tell(why)] if why.contains("too long")));
}

#[test]
fn who_is_on_duty_gets_what_callers_write() {
    let both = [
        (DESK_NUMBER, DESK),
        (DESK_HOURS, "Th 08:00-12:30"),
        (OWNER_HOURS, "Th 09:00-17:00"),
    ];
    let owners = settings(&both);
    for (at, expected) in [
        ("2026-01-01T08:30:00[America/New_York]", vec![DESK]),
        ("2026-01-01T12:00:00[America/New_York]", vec![OWNER, DESK]),
        ("2026-01-01T13:00:00[America/New_York]", vec![OWNER]),
        ("2026-01-01T23:00:00[America/New_York]", vec![OWNER]),
    ] {
        let on: Vec<_> = expected.into_iter().map(number).collect();
        assert_eq!(on_duty(&owners, &at.parse().unwrap()), on, "{at}");
    }
    let alone = settings(&[(DESK_NUMBER, OWNER)]);
    assert_eq!(on_duty(&alone, &noon()), [number(OWNER)]);
    assert!(on_duty(&Settings::default(), &noon()).is_empty());
    assert!(is_staff(DESK, &owners) && is_staff(OWNER, &owners) && !is_staff(ANNA, &owners));
    assert!(!is_staff("", &Settings::default()));
}

#[test]
fn every_word_to_the_owner_fits_into_few_texts() {
    let mut world = World::new();
    world.conversations = (1..30)
        .map(|n| Conversation {
            words: "leak ".repeat(100),
            ..conversation(n, &format!("+1202555{:04}", 100 + n))
        })
        .collect();
    for text in [
        "HELP",
        "STATUS",
        "LIST",
        "hello",
        "#99 hello",
        "PAUSE",
        "WON",
        "STOP",
        "MSG",
    ] {
        for effect in world.effects(text) {
            if let Effect::Tell(words) = effect {
                let measure = crate::sms::measure(&words);
                assert!(measure.parts <= 3, "{} parts: {words}", measure.parts);
                assert_eq!(measure.alphabet, crate::sms::Alphabet::Gsm7, "{words}");
                assert!(!words.contains('!'), "{words}");
            }
        }
    }
}

/// A command as a hurried thumb writes it, and how it is read.
fn command() -> impl Strategy<Value = (String, String)> {
    let rows = prop::sample::select(vec![
        ("status", "", "Status"),
        ("list", "", "List"),
        ("help", "", "Help"),
        ("resume", "", "Resume"),
        ("pause", "2h", "pause 2026-01-01 14:00"),
        ("pause", "until mon", "pause 2026-01-05"),
        ("away", "until mon", "away 2026-01-05"),
        ("away", "until dec 24", "away 2026-12-24"),
        ("skip", "#7", "skip +12025550188"),
        ("skip", "(202) 555-0188", "skip +12025550188"),
        ("unskip", "#1", "unskip +12025550143"),
        ("won", "#7 450", "won +12025550188 45000"),
        ("msg", "{business} here", "message {business} here"),
        ("stop", "+12025550188", "opt out +12025550188"),
        ("start", "#7", "opt in +12025550188"),
    ]);
    let thumb = (
        any::<u64>(),
        0_usize..8,
        0_u8..4,
        " {0,2}",
        " {1,3}",
        "[.!? ]{0,2}",
    );
    (rows, thumb).prop_map(
        |((verb, rest, read), (case, at, slip, before, between, after))| {
            let mut letters: Vec<char> = verb.chars().collect();
            let last = letters.len() - 1;
            // Short words, and those whose mistake is another word's, are not guessed at.
            if verb.len() > 3 && !matches!(verb, "stop" | "start") {
                match slip {
                    1 => letters.swap(at % last, at % last + 1),
                    2 => drop(letters.remove(at % letters.len())),
                    3 => letters.insert(at % letters.len(), letters[at % letters.len()]),
                    _ => {}
                }
            }
            let cased = letters
                .into_iter()
                .enumerate()
                .map(|(n, c)| match case >> n & 1 {
                    0 => c.to_ascii_lowercase(),
                    _ => c.to_ascii_uppercase(),
                });
            let verb: String = cased.collect();
            let after = if rest.starts_with('{') {
                String::new()
            } else {
                after
            };
            (
                format!("{before}{verb}{between}{rest}{after}"),
                read.to_owned(),
            )
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_command_is_understood_through_case_spaces_and_a_slip((text, read) in command()) {
        let as_read = World::new().reads(&text);
        // Torn between two, it asks.
        prop_assert!(as_read == read || as_read == "unclear Skip", "{:?} is read as {}", text, as_read);
    }

    #[test]
    fn whatever_else_he_writes_goes_to_one_he_named_or_is_answered(
        text in "(\\PC|\n|#7 |#9 |pause |msg |won |stop |skip |4711 |away until ){0,40}"
    ) {
        let mut world = World::new();
        world.settings = settings(&[(OWNER_PIN, "4711")]);
        let effects = world.effects(&text);
        let is_reaction = understand(&text, &world.situation()).command == Command::Reaction;
        prop_assert!(is_reaction || !effects.is_empty());
        for effect in effects {
            match effect {
                // Two are open, so only the one who was named.
                Effect::Send(to, words) => {
                    prop_assert_eq!(to, number(BEN));
                    prop_assert!(text.contains('7') || text.contains('＃'));
                    prop_assert!(!words.is_empty());
                }
                Effect::Set(..) | Effect::Skip(..) | Effect::Unskip(_) | Effect::OptOut(_) | Effect::OptIn(_) | Effect::Won(..) => {
                    prop_assert!(text.trim_start().starts_with("4711"), "changed without the PIN: {:?}", text);
                }
                Effect::Tell(_) | Effect::TellOther(..) | Effect::Keep(..) | Effect::Forget(_) => {}
            }
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_a_caller_writes_is_passed_on_whole_and_never_read(words in "(\\PC|\n){1,900}", pin in "(4711 )?(STATUS|PAUSE 2H|#7 ok)?") {
        let written = format!("{pin}{words}");
        let relay = Relay {
            tag: Some(7),
            sender: BEN,
            name: "",
            danger: None,
            introduced: true,
            now_whole: false,
            words: &written,
            remark: "",
            home: Region::parse("US"),
        };
        let texts = relay.texts();
        let mut joined = String::new();
        for text in &texts {
            prop_assert!(text.starts_with("#7 (202) 555-0188"));
            prop_assert!(crate::sms::measure(text).parts <= crate::wording::PARTS_ADVISED);
            joined.push_str(text.split_once(": ").unwrap().1);
        }
        let letters = |text: &str| -> String { text.chars().filter(|c| !c.is_whitespace()).collect() };
        let sent = crate::wording::fold(&crate::wording::without_controls(&written));
        prop_assert_eq!(letters(&joined), letters(&sent));
    }
}

#[test]
fn a_summary_fits_into_two_texts_whoever_waits() {
    let names = [
        "",
        "Anna Maria Fitzgerald-Montgomery, Oak Street 17, second floor",
        "Łucja Wiśniewska-Szczepańska",
        &"🔧".repeat(200),
    ];
    for name in names {
        let mut open = vec![conversation(7, BEN), conversation(1, ANNA)];
        open.extend((100..108).map(|tag| conversation(tag, "+4915123456789")));
        for conversation in &mut open {
            conversation.name = name.to_owned();
        }
        let counts = DigestCounts {
            calls: 1_234,
            texted: 1_234,
            wrote: 567,
            won: 89,
            amount: 1_234_567_890,
            open: &open,
        };
        let text = digest(crate::rules::Digest::Weekly, &counts, Region::parse("US"));
        assert!(crate::sms::measure(&text).parts <= 2, "{text}");
        assert!(text.contains("567 people wrote"), "{text}");
        assert!(text.contains("Waiting for you: "), "{text}");
        let named = text.matches('#').count();
        let rest = open.len() - named;
        assert!(text.contains(&format!("{rest} ")), "{text}");
        assert_eq!(named == 5, name.is_empty(), "{text}");
    }
}
