//! The phrases of the page and of the rooms below, held to every language's file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Zoned;
use textback::forwarding;
use textback::modem::NO_SERVICE_CENTRE;
use textback::phone::Region;
use textback::rules::Fullness;
use textback::settings::{ALL, check};
use textback::wording::{Advice, Language, Piece, Template, outage, pieces};

use super::*;

/// The files that have nothing in them but what the page says.
const OF_THE_PAGE: [&str; 3] = ["src/web/page", "src/web/page.rs", "src/web/reader.rs"];

/// What looks like words in them and is none.
const NO_WORDS: [&str; 3] = ["textback", "journalctl", "dot "];

/// What stands behind such a call is a phrase, one word too.
const SAYS: [&str; 4] = [".say(", ".fill(", ".around(", ".count("];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of Rust in a folder, or the file itself.
fn files(path: &Path) -> Vec<PathBuf> {
    match fs::read_dir(path) {
        Ok(entries) => entries
            .flat_map(|entry| files(&entry.unwrap().path()))
            .collect(),
        Err(_) if path.extension().is_some_and(|it| it == "rs") => vec![path.to_owned()],
        Err(_) => Vec::new(),
    }
}

/// What stands in quotes in the code of a file, each with the code in front of it, up to its tests.
fn quoted(path: &Path) -> Vec<(String, String)> {
    let code = fs::read_to_string(path).unwrap();
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    let mut rest = code.as_str();
    while let Some((ahead, after)) = rest.split_once('"') {
        let before = ahead.trim_end();
        let escaped = |at: usize| after[..at].ends_with('\\') && !after[..at].ends_with("\\\\");
        let mut ends = after.match_indices('"').map(|(at, _)| at);
        let end = ends.find(|at| !escaped(*at)).unwrap();
        // A line that is broken goes on without its indentation.
        let mut parts = after[..end].split("\\\n");
        let first = parts.next().unwrap_or_default().to_owned();
        let text = parts.fold(first, |text, part| text + part.trim_start());
        found.push((before.to_owned(), text.replace("\\\"", "\"")));
        rest = &after[end + 1..];
    }
    found
}

pub(super) fn looks_like_words(text: &str) -> bool {
    let is_word = |word: &&str| {
        let letters = word.trim_end_matches([',', '.', ':', ';', '?']);
        let small = letters.chars().skip(1).all(char::is_lowercase);
        letters.len() > 2 && small && letters.starts_with(char::is_alphabetic)
    };
    let words = text.split_whitespace().filter(is_word).count();
    let one = text.starts_with(char::is_uppercase) && words == 1 && !text.contains(' ');
    (one || words > 1 || words == 1 && text.contains(' ')) && !text.contains("{}")
}

/// Whether the file has it, be it the same there.
fn knows(language: &Language, phrase: &str) -> bool {
    !std::ptr::eq(language.say(phrase), phrase)
}

fn others() -> impl Iterator<Item = &'static Language> {
    let all = Language::all().iter();
    all.filter(|language| **language != *Language::english())
}

/// The page's part of a file.
fn of_the_page(language: &Language) -> BTreeMap<String, String> {
    let file = format!("src/wording/languages/{}.toml", language.code());
    let file: toml::Table = fs::read_to_string(root().join(file))
        .unwrap()
        .parse()
        .unwrap();
    let page = file.get("page").and_then(toml::Value::as_table).unwrap();
    page.iter()
        .map(|(english, words)| (english.clone(), words.as_str().unwrap().to_owned()))
        .collect()
}

#[test]
fn every_phrase_of_the_page_is_in_every_language() {
    let mut missing = BTreeSet::new();
    let mut seen = 0;
    for file in OF_THE_PAGE
        .iter()
        .flat_map(|path| files(&root().join(path)))
    {
        for (before, text) in quoted(&file) {
            let said = SAYS.iter().any(|call| before.ends_with(call));
            let attribute = before.ends_with('=') && !before.ends_with(" =");
            let words = looks_like_words(&text) && !attribute;
            let none = NO_WORDS.iter().any(|start| text.starts_with(start));
            if !said && (!words || none) {
                continue;
            }
            seen += 1;
            for language in others().filter(|language| !knows(language, &text)) {
                missing.insert(format!(
                    "{}: {text:?}, of {}",
                    language.code(),
                    file.display()
                ));
            }
        }
    }
    assert!(seen > 300, "only {seen} phrases were found");
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn a_translation_has_the_values_of_its_english_and_no_other() {
    let names = |phrase: &str| -> BTreeSet<String> {
        let values = pieces(phrase).filter_map(|piece| match piece {
            Piece::Value(name) => Some(name.to_owned()),
            Piece::Words(_) => None,
        });
        values.collect()
    };
    for language in others() {
        for (english, words) in of_the_page(language) {
            let (there, here) = (names(&english), names(&words));
            // "seconds" and its kin need not be said twice.
            let unsaid = BTreeSet::from(["unit".to_owned()]);
            let missing = &(&there - &here) - &unsaid;
            assert!(here.is_subset(&there), "{english:?}: {words:?}");
            assert!(missing.is_empty(), "{english:?}: {words:?}");
            assert!(
                !words.trim().is_empty() && words.trim() == words,
                "{english:?}"
            );
        }
    }
}

#[test]
fn nothing_is_translated_that_nobody_says() {
    let code: String = files(&root().join("src"))
        .iter()
        .map(|file| fs::read_to_string(file).unwrap().to_lowercase())
        .collect();
    // A line that is broken goes on without its indentation.
    let code: String = code.split("\\\n").map(str::trim_start).collect();
    let code = code
        .replace("\\\"", "\"")
        .replace("\\u{201c}", "“")
        .replace("\\u{201d}", "”");
    // What is put together of pieces, as what a setting takes.
    let carriers = [Region::parse("GB"), Region::parse("CA")].map(forwarding::carriers);
    let code = code + &carriers.concat().join("\n").to_lowercase();
    let code = code + &of_other_rooms().join("\n").to_lowercase();
    // Months and days come from the calendar.
    let calendar: String = (1..=12)
        .flat_map(|month| (1..=7).map(move |day| jiff::civil::date(2026, month, day)))
        .map(|day| day.strftime("%A\n%a\n%B\n%b\n").to_string().to_lowercase())
        .collect();
    let mut unsaid = Vec::new();
    for language in others() {
        for (english, _) in of_the_page(language) {
            for piece in pieces(&english) {
                let Piece::Words(words) = piece else { continue };
                // Sentences get their capital and their full stop where they are shown.
                for sentence in words.split(". ").flat_map(|it| it.split("; ")) {
                    let sentence = sentence.trim_matches(|c: char| !c.is_alphanumeric());
                    let sentence = sentence.to_lowercase();
                    if !code.contains(&sentence) && !calendar.contains(&sentence) {
                        unsaid.push(format!("{english:?}: {sentence:?}"));
                    }
                }
            }
        }
    }
    assert!(unsaid.is_empty(), "{unsaid:#?}");
}

/// Sentences of other rooms that the page shows, with values in them as they come.
fn of_other_rooms() -> Vec<String> {
    let mut sentences = vec![NO_SERVICE_CENTRE.to_owned()];
    for (token, detail) in [
        ("picked_up", None),
        ("withheld", None),
        ("no_caller_id", None),
        ("own_number", None),
        ("opted_out", None),
        ("never_text", None),
        ("never_text", Some("Dr. Smith")),
        ("contact", None),
        ("contact", Some("Ann")),
        ("too_late", None),
        ("cannot_receive", Some("fixed_line")),
        ("cannot_receive", Some("premium")),
        ("cannot_receive", Some("shared_cost")),
        ("cannot_receive", Some("toll_free")),
        ("cannot_receive", Some("personal")),
        ("cannot_receive", Some("company")),
        ("cannot_receive", Some("machine")),
        ("cannot_receive", Some("not_dialable")),
        ("cannot_receive", Some("failed_before 5 unassigned number")),
        (
            "cannot_receive",
            Some("failed_before 300 unassigned number"),
        ),
        (
            "cannot_receive",
            Some("failed_before 7200 unassigned number"),
        ),
        (
            "cannot_receive",
            Some("failed_before 90000 unassigned number"),
        ),
        (
            "cannot_receive",
            Some("failed_before 900000 unassigned number"),
        ),
        ("foreign", None),
        ("foreign", Some("DE")),
        ("paused", Some("2026-12-24 08:00")),
        ("outside_hours", Some("hours")),
        ("outside_hours", Some("holiday")),
        ("outside_hours", Some("holiday Labor Day")),
        ("outside_hours", Some("away 2026-12-24")),
        ("cooldown", Some("5")),
        ("cooldown", Some("300")),
        ("cooldown", Some("7200")),
        ("cooldown", Some("90000")),
        ("cooldown", Some("900000")),
    ] {
        let reason = SkipReason::from_stored(token, detail);
        sentences.push(
            reason
                .unwrap_or_else(|| panic!("{token} {detail:?}"))
                .sentence(),
        );
    }
    for fence in Fence::ALL {
        for fullness in [Fullness::Near, Fullness::Closed] {
            for count in [180, 200] {
                sentences.extend(fence.sentence(fullness, count, 200));
            }
        }
        for most in [None, Some(200)] {
            sentences.push(SkipReason::Fence { fence, most }.sentence());
        }
    }
    for setting in ALL {
        sentences.push(setting.help.to_owned());
        sentences.push(setting.accepts());
        let typed = format!("{}\u{7}?", "x".repeat(70));
        let refused = check(setting.key, &typed).err().map(|why| why.to_string());
        let why = refused.and_then(|it| it.split_once(": ").map(|(_, why)| why.to_owned()));
        sentences.extend(why);
    }
    for (key, typed) in [
        ("hours.weekly", "Mo-Fr +"),
        ("hours.weekly", "Mo 8:00"),
        ("hours.weekly", "Mo-Fr"),
        ("hours.weekly", "8:00-17:00 Mo"),
        ("hours.weekly", "08:00-17:00"),
        ("hours.weekly", "Mo 25:00-26:00"),
        ("hours.weekly", "Mo 8:00-8:00"),
        ("hours.weekly", "Mo 8-5"),
        ("hours.weekly", "Moonday 8:00-17:00"),
        ("hours.weekly", "Mo off"),
        ("hours.weekly", "Mo 8:00-17:00 Tu"),
        ("hours.holidays", "2026-13-01"),
        ("hours.holidays", "2026-12-27..2026-12-24"),
        ("hours.holidays", "2026-12-27..2028-12-24"),
        ("hours.away_until", "soon"),
        ("hours.calendar", "XX"),
        ("hours.time_zone", "America/New_Yrok"),
    ] {
        let refused = check(key, typed).unwrap_err().to_string();
        let (_, why) = refused.split_once(": ").unwrap();
        sentences.push(why.to_owned());
    }
    for message in ["{nmae}", "{", &"word ".repeat(500)] {
        sentences.push(Template::parse(message).unwrap_err().to_string());
    }
    for typed in ["x", "5550143", "+1202"] {
        sentences.push(PhoneNumber::parse(typed, None).unwrap_err().to_string());
    }
    let words = || "x".to_owned();
    for advice in [
        Advice::NoBusinessName { only_unset: true },
        Advice::NoBusinessName { only_unset: false },
        Advice::NoWayToStop { way_out: words() },
        Advice::Link { found: words() },
        Advice::Price { found: words() },
        Advice::MoreParts { parts: 2, over: 1 },
        Advice::MoreParts { parts: 2, over: 9 },
        Advice::DearCharacters {
            chars: vec![('á', "a"), ('★', "")],
            parts: 2,
            would_be_parts: 1,
        },
    ] {
        sentences.push(advice.sentence());
    }
    for failure in [
        Failure::OptedOut,
        Failure::TooLate,
        Failure::NeverConfirmed { twice: true },
        Failure::NeverConfirmed { twice: false },
    ] {
        sentences.push(failure.to_string());
    }
    // Those with which the network gives up (3GPP TS 23.040 clause 9.2.3.15).
    for status in 0x40..=0x7f {
        let report = format!("00060B0B912120550541F36220827150900A6220827150900A{status:02X}");
        let report = sms::StatusReport::from_hex(&report).unwrap();
        sentences.push(report.description().to_owned());
    }
    let zoned = |at: &str| -> Zoned { format!("{at}[UTC]").parse().unwrap() };
    let evening = zoned("2026-03-01T22:00:00");
    for (until, why) in [
        ("2026-03-01T23:00:00", None),
        (
            "2026-03-02T08:00:00",
            Some("The modem is searching for its network."),
        ),
    ] {
        sentences.push(outage(&evening, &zoned(until), why, None));
    }
    for rung in ["ask", "clear", "reopen", "radio", "restart", "usb_reset"] {
        let rung = Rung::from_token(rung).unwrap();
        sentences.push(format!("{} That helped.", rung.done()));
        sentences.push(format!(
            "The modem refuses texts (ERROR). {}, step 1 of 6.",
            rung.doing()
        ));
    }
    sentences
}

#[test]
fn what_other_rooms_say_is_retold_whole() {
    for language in others() {
        let mut english = Vec::new();
        let words: BTreeSet<String> = of_the_page(language).into_keys().collect();
        for sentence in of_other_rooms() {
            // As the page does before it asks for it.
            let mut chars = sentence.trim().chars();
            let first = chars.next().unwrap().to_uppercase();
            let mut shown: String = first.chain(chars).collect();
            if !shown.ends_with(['.', '?']) {
                shown.push('.');
            }
            let told = language.retell(&shown);
            // Nothing of it may stay: what was not known stands there as it was.
            let left = shown
                .split(". ")
                .find(|part| told.contains(part.trim_end_matches('.')));
            if told == shown || left.is_some() {
                english.push((shown.clone(), left.map(str::to_owned)));
            }
        }
        assert!(
            english.is_empty(),
            "{} of {}: {english:#?}",
            english.len(),
            words.len()
        );
    }
}
