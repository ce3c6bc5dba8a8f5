//! Every rule of the map, broken in a made-up house, so that none can fall silent unnoticed.

use std::collections::BTreeMap;

use super::{House, LINES_IN_A_FILE};

/// File | what stands below its first line (`⏎` begins a new one) | the one complaint it must cause, none if tidy.
const BREACHES: &str = r#"
src/attic.rs          |                                                   | belongs to no room
src/call.rs           | use crate::store::Db;                             | src/call.rs:2: `call` (floor 1) uses `store` (floor 2)
src/call.rs           | use crate::{at::{Urc, web},⏎ store};              | src/call.rs:3: `call` (floor 1) uses `store`
src/call.rs           | fn f() { crate::web::f() }                        | uses `web`
src/call.rs           | fn f() { textback::web::f() }                     | uses `web`
src/call.rs           | use super::store::Db;                             | uses `store`
src/call.rs           | mod tests { use super::*; }                       |
src/at/urc.rs         | mod m { use super::super::call; }                 |
src/at/urc.rs         | mod m { use super::super::super::call; }          | `at` (floor 0) uses `call`
src/at/urc.rs         | mod m { fn f() {} } use super::super::call;       | `at` (floor 0) uses `call`
src/call.rs           | #[cfg(test)]⏎mod tests { use crate::store; }      | uses `store`
src/web.rs            | use crate::{at, call, service, store};            |
src/web.rs            | use crate::cli;                                   | `web` uses `cli`
src/cli.rs            | use crate::{sim, web::serve};                     |
src/store.rs          | use crate::*;                                     | `*`, which is no room
src/main.rs           | use textback::cli; mod tests { use super::*; }    |
src/main.rs           | use textback::nowhere;                            | `nowhere`, which is no room
src/sim.rs            | use crate::sms;                                   |
src/sim.rs            | use crate::at;                                    | `sim` uses `at`
src/sim.rs            | #[cfg(test)]⏎mod tests { use crate::clock; }      | `sim` uses `clock`
src/store.rs          | use crate::sim;                                   | `store` uses `sim`
src/store.rs          | #[cfg(test)]⏎mod tests { use crate::sim; }        |
src/store.rs          | #[cfg(test)]⏎use a::{B};⏎use crate::sim;          | src/store.rs:4: `store` uses `sim`
src/store.rs          | #[cfg(test)]⏎fn f() -> [u8; 2] { crate::sim::f() }|
src/store/tests.rs    | use crate::sim;                                   |
src/store/tests/a.rs  | use crate::sim;                                   |
src/call/tests.rs     | use crate::sim;                                   | `call` uses `sim`
src/call.rs           | use tokio::time;                                  | names `tokio`
src/call.rs           | #[tokio::test]⏎async fn f() {}                    | names `tokio`
src/call.rs           | use tokio_serial::SerialStream;                   | names `tokio_serial`
src/call.rs           | #[cfg(test)]⏎mod tests { use rusqlite::Row; }     | names `rusqlite`
src/call.rs           | use crate::clock::Clock;                          | uses `clock`
src/call.rs           | use tokio_util::codec::Decoder;                   | names `tokio_util`
src/at/urc.rs         | use tokio_util::codec::Decoder;                   |
src/at/urc.rs         | use tokio_util::sync::X;                          | names `tokio_util`
src/call.rs           | /// tokio::, rusqlite⏎// crate::store             |
src/call.rs           | /* /* */ crate::web */ const A: &str = "crate::web\"";|
src/call.rs           | const B: char = '"'; use crate::web;              | uses `web`
src/call.rs           | fn f<'a>(b: &'a str) { r"\"; crate::web }         | uses `web`
src/store.rs          | fn f() { std::time::Instant::now(); }             | `Instant::now`
src/store.rs          | #[allow(clippy::disallowed_methods)]⏎fn f() {}    | `disallowed_methods`
src/clock.rs          | fn f() { std::time::Instant::now(); }             |
"#;

#[test]
fn every_rule_can_fail() {
    for row in BREACHES.trim().lines() {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [path, code, complaint] = cells[..] else {
            panic!("not three cells: {row}");
        };
        let mut house = tidy_house();
        let text = format!("//! A file.\n{}", code.replace('⏎', "\n"));
        house.files.insert(path.to_string(), text);
        assert_found(&house, row, complaint);
    }
}

#[test]
fn a_file_without_a_beginning_or_an_end_is_found() {
    let long = format!("//! Long.\n{}", "\n".repeat(LINES_IN_A_FILE));
    let just = format!("//! Just so.\n{}", "\n".repeat(LINES_IN_A_FILE - 1));
    for (path, text, complaint) in [
        ("src/call.rs", "", "does not begin with `//!`"),
        ("tests/a.rs", "// A.", "does not begin with `//!`"),
        ("benches/b.rs", "\n//! B.", "does not begin with `//!`"),
        ("src/call.rs", &long, "601 lines"),
        ("src/call.rs", &just, ""),
    ] {
        let mut house = tidy_house();
        house.files.insert(path.to_string(), text.to_string());
        assert_found(&house, path, complaint);
    }
}

#[test]
fn a_map_that_is_not_true_is_found() {
    let mut house = tidy_house();
    house.add("src/lib.rs", "\npub mod attic;");
    house.add("src/attic/mod.rs", "//! Attic.");
    let found = house.violations();
    assert!(
        found[0].contains("`attic` is not in the table"),
        "{found:#?}"
    );

    let mut house = tidy_house();
    house.files.remove("src/web.rs");
    assert_found(&house, "no web", "`web` of the table has no file");

    let mut house = tidy_house();
    let map = house.files["src/lib.rs"].replace("pub mod web;", "");
    house.files.insert("src/lib.rs".to_string(), map);
    assert_found(&house, "no mod", "`web` of the table is no `pub mod`");
}

#[test]
fn a_module_declared_for_tests_may_be_a_file_of_any_name() {
    for (declared, complaint) in [
        ("#[cfg(test)]\npub(crate) mod lab;", ""),
        ("mod lab;", "uses `sim`"),
    ] {
        let mut house = tidy_house();
        house.add("src/store.rs", declared);
        house.add("src/store/lab.rs", "//! Lab.\nuse crate::sim;");
        assert_found(&house, declared, complaint);
    }
}

/// `complaint` is all there is, or nothing where it is empty.
fn assert_found(house: &House, what: &str, complaint: &str) {
    let found = house.violations();
    let as_expected = match &found[..] {
        [] => complaint.is_empty(),
        [one] => !complaint.is_empty() && one.contains(complaint),
        _ => false,
    };
    assert!(
        as_expected,
        "{what}\nshould give {complaint:?}, gave {found:#?}"
    );
}

/// A house of empty rooms without a fault.
fn tidy_house() -> House {
    let rooms = [
        ("4", "cli"),
        ("4", "web"),
        ("3", "service"),
        ("2", "store"),
        ("2", "clock"),
        ("1", "call"),
        ("0", "at"),
        ("0", "sms"),
        ("beside", "sim"),
    ];
    let mut house = House {
        files: BTreeMap::new(),
        clock_names: vec!["Instant::now".to_string()],
    };
    for (floor, room) in rooms {
        house.add("src/lib.rs", &format!("//! | {floor} | [`{room}`] | |\n"));
        house.add(&format!("src/{room}.rs"), "//! A room.\n");
    }
    for (_, room) in rooms {
        house.add("src/lib.rs", &format!("pub mod {room};\n"));
    }
    house
}
