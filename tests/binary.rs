//! The program as it is installed: a process, a serial port, a page, exit codes. In real time, so each story is short; the
//! long ones are told in `daemon.rs`.

#![expect(clippy::unwrap_used, reason = "the helpers are tests too")]

#[path = "binary/disk.rs"]
mod disk;
#[path = "binary/door.rs"]
mod door;
#[path = "binary/outlets.rs"]
mod outlets;
#[path = "binary/relay.rs"]
mod relay;
#[path = "binary/station.rs"]
mod station;

use std::fs;
use std::path::Path;
use std::time::Duration;

use textback::sim::{Options, Registration};
use textback::store::read_everything;
use tokio::time::timeout;
use tokio_serial::SerialPortBuilderExt;

use station::{Process, Station, run, until};

const ANNA: &str = "+12025550143";
const BEN: &str = "+12025550188";
const SORRY: &str = "Sorry we missed your call. What can we help you with? Reply STOP to opt out.";

#[tokio::test]
async fn a_missed_call_is_texted_and_exported() {
    let station = Station::new();
    let daemon = station.armed().await;
    let health = daemon.health(200).await;
    assert_eq!(health["armed"], true);
    assert_eq!(health["operator"], "Simnet");
    assert_eq!(station.missed(ANNA).await, "texted");
    let data = station.data();
    until("it is delivered", async || {
        let texts = read_everything(Path::new(&data)).unwrap().texts;
        (texts[0].state == "delivered").then_some(())
    })
    .await;

    let json = run(&["export", "--data-dir", &data]).await;
    assert_eq!((json.code, json.err.as_str()), (0, ""));
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let (call, text) = (&json["calls"][0], &json["texts"][0]);
    for (field, value) in [("caller", ANNA), ("outcome", "texted")] {
        assert_eq!(call[field], value);
    }
    assert_eq!(
        (&call["text_id"], &call["reason"]),
        (&text["id"], &().into())
    );
    assert_eq!((&call["rings"], &text["call_id"]), (&1.into(), &call["id"]));
    for (field, value) in [
        ("number", ANNA),
        ("body", SORRY),
        ("direction", "out"),
        ("state", "delivered"),
    ] {
        assert_eq!(text[field], value);
    }
    for moment in [
        &call["started_at"],
        &call["ended_at"],
        &text["created_at"],
        &text["sent_at"],
        &text["delivered_at"],
    ] {
        let moment = moment.as_str().unwrap();
        assert!(moment.ends_with('Z'), "{moment} is not RFC 3339 UTC");
        moment.parse::<jiff::Timestamp>().unwrap();
    }

    let csv = run(&["export", "--format", "csv", "--data-dir", &data]).await;
    let rows: Vec<&str> = csv.out.split("\r\n").collect();
    assert!(rows[0].starts_with("record,id,number,"), "{}", rows[0]);
    assert!(
        rows[1].starts_with(&format!("call,1,{ANNA},")),
        "{}",
        rows[1]
    );
    assert!(
        rows[2].starts_with(&format!("text,1,{ANNA},")),
        "{}",
        rows[2]
    );
    assert!(rows[2].contains(SORRY), "{}", rows[2]);
    assert_eq!(station.sim.violations(), [""; 0]);
}

#[tokio::test]
async fn settings_hold_at_once_and_survive_a_kill() {
    let station = Station::new();
    let data = station.data();
    let set = |key, value| {
        let data = data.clone();
        async move { run(&["settings", "set", key, value, "--data-dir", &data]).await }
    };
    // Stopped, then running.
    assert_eq!(set("business.name", "Rivera").await.code, 0);
    let daemon = station.armed().await;
    let kept = set("message.missed_call", "{business} here").await;
    assert_eq!(
        (kept.code, kept.out.as_str()),
        (0, "message.missed_call = \"{business} here\"\n")
    );
    assert_eq!(
        kept.err,
        "The text does not say how to get no more of them. Add, for example: Reply STOP to opt out.\n"
    );
    assert_eq!(station.missed(ANNA).await, "texted");
    assert_eq!(station.sim.sent()[0].text, "Rivera here");
    daemon.kill();
    let _again = station.armed().await;
    assert_eq!(station.missed(ANNA).await, "skipped/cooldown");
    assert_eq!(station.missed(BEN).await, "texted");
    assert_eq!(station.sim.sent()[1].text, "Rivera here");

    let got = run(&["settings", "get", "business.name", "--data-dir", &data]).await;
    assert_eq!((got.code, got.out.as_str()), (0, "Rivera\n"));
    let list = run(&["settings", "list", "--data-dir", &data]).await;
    assert!(
        list.out.contains("texts.cooldown_h = \"24\""),
        "{}",
        list.out
    );
    assert_eq!(set("owner.pin", "4711").await.code, 0);
    let list = run(&["settings", "list", "--data-dir", &data]).await;
    assert!(list.out.contains("owner.pin = \"****\""), "{}", list.out);
    assert!(!list.out.contains("4711"), "{}", list.out);
    let bad = set("texts.cooldown_h", "soon").await;
    assert_eq!(bad.code, 2);
    assert!(bad.err.contains("0 to 720 hours"), "{}", bad.err);
    let unknown = set("texts.cooldwn_h", "1").await;
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("texts.cooldown_h"), "{}", unknown.err);
    assert_eq!(station.sim.sent().len(), 2);
}

#[tokio::test]
async fn people_on_a_list_are_left_alone_at_once() {
    let station = Station::new();
    let data = station.data();
    let people = |arguments: &[&str]| {
        let all = [&["people"], arguments, &["--data-dir", &data]].concat();
        let all: Vec<String> = all.into_iter().map(str::to_owned).collect();
        async move { run(&all.iter().map(String::as_str).collect::<Vec<_>>()).await }
    };
    let _daemon = station.armed().await;
    let file = station.path("contacts.vcf");
    let cards = "BEGIN:VCARD\nFN:Anna\nTEL:+1 202 555 0143\nTEL:*86\nEND:VCARD\n";
    fs::write(&file, cards).unwrap();
    let taken = people(&["import", "never-text", &file]).await;
    assert_eq!(taken.code, 0, "{}", taken.err);
    assert!(taken.out.starts_with("1 numbers are new"), "{}", taken.out);
    assert!(
        taken.err.contains("line 4 (Anna): \"*86\""),
        "{}",
        taken.err
    );
    assert_eq!(station.missed(ANNA).await, "skipped/never_text");
    let list = people(&["list", "never-text"]).await;
    assert_eq!((list.code, list.out), (0, format!("{ANNA}\tAnna\n")));
    let removed = people(&["remove", "never-text", "+1 (202) 555-0143"]).await;
    assert_eq!(removed.code, 0, "{}", removed.err);
    assert_eq!(people(&["add", "opted-out", BEN]).await.code, 0);
    assert_eq!(station.missed(BEN).await, "skipped/opted_out");
    let list = people(&["list", "opted-out", "555-0188"]).await;
    assert!(
        list.out.starts_with(&format!("{BEN}\t\t20")),
        "{}",
        list.out
    );
    let refused = people(&["remove", "opted-out", BEN]).await;
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("--they-asked"), "{}", refused.err);
    let lifted = people(&["remove", "opted-out", BEN, "--they-asked"]).await;
    assert_eq!(lifted.code, 0, "{}", lifted.err);
    assert_eq!(people(&["list", "opted-out"]).await.out, "");

    fs::write(&file, "Dear Anna,").unwrap();
    for (arguments, code, words) in [
        (&["remove", "contacts", ANNA][..], 1, "is not on the list"),
        (&["import", "contacts", &file], 1, "no phone number"),
        (&["import", "contacts", "/no/such/file"], 2, "/no/such/file"),
        (&["import", "opted-out", &file], 2, "one by one"),
        (&["add", "contacts", "2025550143"], 2, "lacks its country"),
        (&["list", "friends"], 2, "never-text"),
    ] {
        let wrong = people(arguments).await;
        assert_eq!(wrong.code, code, "{arguments:?}: {}", wrong.err);
        assert!(wrong.err.contains(words), "{arguments:?}: {}", wrong.err);
    }
}

#[tokio::test]
async fn told_to_stop_it_stops_and_all_is_well() {
    let station = Station::new();
    let mut daemon = station.armed().await;
    let status = timeout(Duration::from_secs(5), daemon.terminate()).await;
    assert_eq!(status.expect("within 5 s").code(), Some(0));
    // A modem that nobody has is no reason to hang either.
    station.sim.unplug();
    let mut daemon = station.daemon().await;
    daemon.health(503).await;
    let status = timeout(Duration::from_secs(5), daemon.terminate()).await;
    assert_eq!(status.expect("within 5 s").code(), Some(0));
}

#[tokio::test]
async fn a_modem_that_comes_back_is_found_again() {
    let station = Station::new();
    let daemon = station.armed().await;
    station.sim.unplug();
    let health = daemon.health(503).await;
    assert_eq!(health["armed"], false);
    station.sim.replug().unwrap();
    daemon.health(200).await;
    assert_eq!(station.missed(ANNA).await, "texted");
}

#[tokio::test]
async fn a_port_that_another_program_holds_is_called_so() {
    let station = Station::new();
    let other = tokio_serial::new(station.path("modem"), 115_200);
    let other = other.open_native_async().unwrap();
    let daemon = station.daemon().await;
    let reason = until("it says who is to blame", async || {
        let health = daemon.health(503).await;
        let reason = health["reason"].as_str()?.to_owned();
        reason.contains("holds it").then_some(reason)
    })
    .await;
    // The program is this one.
    let who = format!("(process {}) holds it", std::process::id());
    assert!(reason.contains(&who), "{reason}");
    assert!(reason.contains(&station.path("modem")), "{reason}");
    drop(other);
    daemon.health(200).await;
}

#[tokio::test]
async fn a_second_daemon_on_the_same_data_is_refused() {
    let station = Station::new();
    let _first = station.armed().await;
    let (port, data) = (station.path("modem"), station.data());
    let listen = "127.0.0.1:0";
    let second = run(&[
        "run",
        "--port",
        &port,
        "--data-dir",
        &data,
        "--listen",
        listen,
    ])
    .await;
    assert_eq!(second.code, 1);
    let words = format!("another textback runs on the data directory {data}: stop that one first");
    assert!(second.err.contains(&words), "{}", second.err);
}

#[tokio::test]
async fn callers_are_texted_while_the_network_of_the_page_has_not_come() {
    let station = Station::new();
    // An address that no computer has (RFC 5737).
    let daemon = station.daemon_at("192.0.2.1:8080", &[]).await;
    until("the modem is armed", async || {
        daemon.said().contains("modem: armed").then_some(())
    })
    .await;
    assert_eq!(station.missed("+12025550143").await, "texted");
    let said = daemon.said();
    assert!(
        said.contains("does not have the address of the page"),
        "{said}"
    );
}

#[tokio::test]
async fn a_mistake_in_usage_or_configuration_is_named_and_ends_with_2() {
    let station = Station::new();
    let (file, data) = (station.path("textback.toml"), station.data());
    fs::write(&file, "[modem]\nport = \"auto\"\nbuad = 9600\n").unwrap();
    let wrong = run(&["run", "--config", &file]).await;
    assert_eq!(wrong.code, 2, "{}", wrong.err);
    for named in ["modem.buad", "3", "modem.baud", &file] {
        assert!(wrong.err.contains(named), "{named}: {}", wrong.err);
    }
    for arguments in [
        &["run", "--listen", "nowhere", "--data-dir", &data][..],
        &["run", "--config", "/no/such/file"],
        &["demo", "--listen", "0.0.0.0:8080"],
        &["run", "--no-such-flag"],
        &["dance"],
        &[],
    ] {
        let wrong = run(arguments).await;
        assert_eq!(wrong.code, 2, "{arguments:?}: {}", wrong.err);
        assert!(!wrong.err.is_empty(), "{arguments:?} says why");
    }
}

#[tokio::test]
async fn check_tells_how_it_stands() {
    let station = Station::new();
    let good = station.check(&[]).await;
    assert_eq!(good.code, 0, "{}{}", good.out, good.err);
    for word in ["SimModem", "Simnet", "voice", "All is well."] {
        assert!(good.out.contains(word), "{word}: {}", good.out);
    }
    let json = station.check(&["--json"]).await;
    assert_eq!(json.code, 0);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["well"], true);

    let subjects: Vec<_> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["subject"].as_str().unwrap().to_owned())
        .collect();
    for subject in [
        "port",
        "modem",
        "firmware",
        "SIM",
        "PIN",
        "network",
        "signal",
        "voice",
        "SMS centre",
        "storage",
        "texts",
        "clock",
        "disk",
    ] {
        assert!(
            subjects.iter().any(|it| it == subject),
            "{subject}: {subjects:?}"
        );
    }

    station.sim.unplug();
    let none = station.check(&[]).await;
    assert_eq!(none.code, 1, "{}", none.out);
    assert!(none.out.contains("it is not there"), "{}", none.out);
    let json = station.check(&["--json"]).await;
    assert_eq!(json.code, 1);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["well"], false);
    assert_eq!(json["findings"][0]["well"], false);
    assert_eq!(json["findings"][1]["well"], serde_json::Value::Null);
}

#[tokio::test]
async fn check_says_at_which_step_a_modem_stops() {
    for (options, wrong, behind) in [
        (
            Options {
                pin: Some("4321".to_owned()),
                ..Options::default()
            },
            "  !!  PIN        The SIM asks for its PIN. Name a file",
            "  --  network    Not looked at.",
        ),
        (
            Options {
                registration: Registration { circuit: 9, lte: 9 },
                ..Options::default()
            },
            "  !!  voice      The network hands no calls down",
            "  ok  network    Registered with",
        ),
    ] {
        let station = Station::with(options);
        let found = station.check(&[]).await;
        assert_eq!(found.code, 1, "{}{}", found.out, found.err);
        for line in ["  ok  port ", "  ok  modem ", "  ok  SIM ", wrong, behind] {
            assert!(found.out.contains(line), "{line}: {}", found.out);
        }
        let said = "Not ready: see the lines marked !!.";
        assert!(found.out.ends_with(&format!("{said}\n")), "{}", found.out);
        assert_eq!(station.sim.pin_attempts_left(), 3);
    }
}

#[tokio::test]
async fn the_demo_needs_nothing_and_texts_its_first_caller() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let listen = ["--listen", "127.0.0.1:0"];
    let arguments = ["demo", "--data-dir", data.to_str().unwrap()];
    let demo = Process::start(dir.path(), arguments.into_iter().chain(listen));
    let mut demo = demo.listens("http://", '\n').await;
    let texted = until("the first caller is texted", async || {
        demo.said()
            .contains("textback texts (202) 555-0143")
            .then_some(())
    });
    timeout(Duration::from_secs(20), texted)
        .await
        .expect("within 20 s");
    demo.health(200).await;
    assert_eq!(demo.terminate().await.code(), Some(0));
}

#[tokio::test]
async fn settings_move_to_another_box_whole_or_not_at_all() {
    let (one, other) = (Station::new(), Station::new());
    let (from, to) = (one.data(), other.data());
    let file = one.path("settings.toml");
    for (key, value) in [
        ("business.name", "O\"Neil & Sons"),
        ("message.missed_call", "{business} here\nSTOP ends this"),
        ("hours.weekly", "mon-fri 8:00-17:00"),
    ] {
        let set = run(&["settings", "set", key, value, "--data-dir", &from]).await;
        assert_eq!(set.code, 0, "{key}: {}", set.err);
    }
    let exported = run(&["settings", "export", "--data-dir", &from]).await.out;
    assert_eq!(exported.lines().count(), 3, "{exported}");
    fs::write(&file, &exported).unwrap();
    let import = async || run(&["settings", "import", &file, "--data-dir", &to]).await;
    assert_eq!(import().await.code, 0);
    let moved = run(&["settings", "export", "--data-dir", &to]).await.out;
    assert_eq!(moved, exported);
    // Numbers and yes or no may be written plainly, and a section may hold several.
    fs::write(&file, "[texts]\ncooldown_h = 12\nallow_foreign = true\n").unwrap();
    assert_eq!(import().await.code, 0);
    for (bad, said) in [
        ("texts.cooldown_h = 1\ntexts.max_per_day = 0\n", "1 to 1000"),
        (
            "texts.cooldown_h = 1\ntexts.max_per_dya = 5\n",
            "texts.max_per_day",
        ),
        (
            "texts.cooldown_h = 1\nbusiness.name = [1]\n",
            "business.name",
        ),
        ("texts.cooldown_h = \n", "line 1"),
        ("# nothing\n", "names no setting"),
    ] {
        fs::write(&file, bad).unwrap();
        let refused = import().await;
        assert_eq!(refused.code, 2, "{bad}");
        assert!(refused.err.contains(said), "{bad}: {}", refused.err);
        let kept = run(&["settings", "get", "texts.cooldown_h", "--data-dir", &to]).await;
        assert_eq!(kept.out, "12\n", "{bad}");
    }
}

#[tokio::test]
async fn what_would_be_decided_is_said_and_nothing_is_written() {
    let station = Station::new();
    let data = station.data();
    for (key, value) in [("business.country", "US"), ("owner.number", BEN)] {
        let set = run(&["settings", "set", key, value, "--data-dir", &data]).await;
        assert_eq!(set.code, 0, "{key}: {}", set.err);
    }
    let asked = run(&["decide", ANNA, BEN, "+442079460000", "--data-dir", &data]).await;
    assert_eq!(asked.code, 0, "{}", asked.err);
    assert_eq!(
        asked.out,
        "(202) 555-0143: Would be texted.\n\
         (202) 555-0188: Not texted: this is one of your own numbers.\n\
         +44 20 7946 0000: Not texted: the number is a landline, which cannot receive texts.\n"
    );
    let export = run(&["export", "--data-dir", &data]).await;
    assert!(export.out.contains("\"calls\": []"), "{}", export.out);
    assert_eq!(
        run(&["decide", "nobody", "--data-dir", &data]).await.code,
        2
    );
}

#[tokio::test]
async fn help_names_every_command() {
    let help = run(&["--help"]).await;
    assert_eq!(help.code, 0);
    for command in [
        "run", "demo", "check", "settings", "people", "decide", "export", "backup", "restore",
    ] {
        let named = help
            .out
            .lines()
            .any(|line| line.trim_start().starts_with(command));
        assert!(named, "{command}: {}", help.out);
        let own = run(&[command, "--help"]).await;
        assert_eq!(own.code, 0, "{command}");
    }
}
