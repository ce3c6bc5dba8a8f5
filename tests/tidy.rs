//! Holds the map in `src/lib.rs` to the code: rooms, floors, first lines, file sizes and the one clock.
//! Reads source text only and knows nothing of what the rooms do. A rule that is broken is reported with file and line,
//! all of them in one message.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use source::Source;

#[path = "tidy/breaches.rs"]
mod breaches;
#[path = "tidy/source.rs"]
mod source;

/// Files past this many lines hold two rooms; the house aims at 400 and stops here.
const LINES_IN_A_FILE: usize = 600;

#[test]
fn the_map_is_true() {
    let found = House::read(Path::new(env!("CARGO_MANIFEST_DIR"))).violations();
    assert!(
        found.is_empty(),
        "{} of the house's rules are broken:\n{}",
        found.len(),
        found.join("\n")
    );
}

/// Where a room stands, as the table of `src/lib.rs` says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Floor {
    Number(u8),
    Beside,
}

struct House {
    /// Path from the root of the project, with forward slashes, to the text.
    files: BTreeMap<String, String>,
    /// `Type::function` of every call that .clippy.toml leaves to the clock.
    clock_names: Vec<String>,
}

impl House {
    fn read(root: &Path) -> House {
        let clippy = fs::read_to_string(root.join(".clippy.toml")).expect("no .clippy.toml");
        let clippy: toml::Table = clippy.parse().expect(".clippy.toml is not TOML");
        let clock_names = clippy["disallowed-methods"]
            .as_array()
            .expect("disallowed-methods is not a list")
            .iter()
            .map(|method| {
                let path = method["path"].as_str().expect("a path is not a string");
                let mut last = path.rsplit("::");
                let function = last.next().unwrap_or_default();
                format!("{}::{function}", last.next().unwrap_or_default())
            })
            .collect();
        let mut house = House {
            files: BTreeMap::new(),
            clock_names,
        };
        for folder in ["src", "tests", "benches"] {
            house.read_folder(root, folder);
        }
        house
    }

    fn read_folder(&mut self, root: &Path, folder: &str) {
        // A project without benches is not untidy.
        let Ok(entries) = fs::read_dir(root.join(folder)) else {
            return;
        };
        for entry in entries {
            let entry = entry.expect("cannot read a folder of the project");
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                self.read_folder(root, &path);
            } else if path.ends_with(".rs") {
                let text = fs::read_to_string(entry.path()).expect("a source file is not UTF-8");
                self.files.insert(path, text);
            }
        }
    }

    /// Appends to a file, which may be new.
    fn add(&mut self, path: &str, text: &str) {
        self.files
            .entry(path.to_string())
            .or_default()
            .push_str(text);
    }

    fn violations(&self) -> Vec<String> {
        let mut found = Vec::new();
        let floors = self.check_map(&mut found);
        for (path, text) in &self.files {
            if !text.starts_with("//!") {
                found.push(format!(
                    "{path}:1: does not begin with `//!` and what the file is for"
                ));
            }
            let Some(inside) = path.strip_prefix("src/") else {
                continue;
            };
            let lines = text.lines().count();
            if lines > LINES_IN_A_FILE {
                found.push(format!(
                    "{path}: {lines} lines, {LINES_IN_A_FILE} is the most: it holds two rooms"
                ));
            }
            let modules = module_path(inside);
            let room = match modules.first() {
                Some(room) => room.as_str(),
                // main.rs stands with the command line; lib.rs is the map itself.
                None if inside == "main.rs" => "cli",
                None => continue,
            };
            let Some(&floor) = floors.get(room) else {
                found.push(format!(
                    "{path}: belongs to no room of the table in src/lib.rs"
                ));
                continue;
            };
            let source = Source::new(text, modules.clone(), self.is_test_file(inside));
            check_floors(path, room, &floors, &source, &mut found);
            if matches!(floor, Floor::Number(0 | 1)) {
                check_purity(path, room, &source, &mut found);
            }
            if room != "clock" {
                self.check_clock(path, &source, &mut found);
            }
        }
        found
    }

    /// The table of lib.rs against its `pub mod` lines and the files.
    fn check_map(&self, found: &mut Vec<String>) -> BTreeMap<String, Floor> {
        let map = &self.files["src/lib.rs"];
        let floors: BTreeMap<String, Floor> = map.lines().filter_map(table_row).collect();
        let modules: Vec<&str> = map
            .lines()
            .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
            .collect();
        for module in &modules {
            if !floors.contains_key(*module) {
                found.push(format!("src/lib.rs: `{module}` is not in the table"));
            }
        }
        for room in floors.keys() {
            let homes = [format!("src/{room}.rs"), format!("src/{room}/mod.rs")];
            if !homes.iter().any(|home| self.files.contains_key(home)) {
                found.push(format!("src/lib.rs: `{room}` of the table has no file"));
            }
            if !modules.contains(&room.as_str()) {
                found.push(format!("src/lib.rs: `{room}` of the table is no `pub mod`"));
            }
        }
        floors
    }

    /// `tests.rs`, everything in a folder `tests`, and what is below either.
    fn is_test_file(&self, inside: &str) -> bool {
        inside
            .split('/')
            .any(|part| part == "tests" || part == "tests.rs")
            || self.declared_for_tests(inside)
    }

    /// Whether the file, or a module around it, stands behind `#[cfg(test)] mod …;` in its parent.
    fn declared_for_tests(&self, inside: &str) -> bool {
        let modules = module_path(inside);
        (1..modules.len()).any(|depth| {
            let parent = modules[..depth].join("/");
            [format!("src/{parent}.rs"), format!("src/{parent}/mod.rs")]
                .iter()
                .filter_map(|home| self.files.get(home))
                .any(|text| {
                    Source::new(text, Vec::new(), false).declares_for_tests(&modules[depth])
                })
        })
    }

    fn check_clock(&self, path: &str, source: &Source, found: &mut Vec<String>) {
        for (at, token) in source.tokens.iter().enumerate() {
            let call: String = source.tokens[at..]
                .iter()
                .take(3)
                .map(|t| t.text.as_str())
                .collect();
            let name = if self.clock_names.contains(&call) {
                call
            } else if token.text == "disallowed_methods" {
                token.text.clone()
            } else {
                continue;
            };
            let line = token.line;
            found.push(format!(
                "{path}:{line}: `{name}` belongs to src/clock.rs alone"
            ));
        }
    }
}

/// A row such as ``//! | 2 | [`store`] | …``.
fn table_row(line: &str) -> Option<(String, Floor)> {
    let mut cells = line.strip_prefix("//! |")?.split('|').map(str::trim);
    let floor = match cells.next()? {
        "beside" => Floor::Beside,
        number => Floor::Number(number.parse().ok()?),
    };
    let room = cells.next()?.strip_prefix("[`")?.strip_suffix("`]")?;
    Some((room.to_string(), floor))
}

/// `at/urc.rs` is `at::urc`, `at/mod.rs` is `at`, and the crate roots are empty.
fn module_path(inside: &str) -> Vec<String> {
    let mut parts: Vec<String> = inside
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_string)
        .collect();
    if matches!(inside, "lib.rs" | "main.rs") || parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

fn check_floors(
    path: &str,
    room: &str,
    floors: &BTreeMap<String, Floor>,
    source: &Source,
    found: &mut Vec<String>,
) {
    let floor = floors[room];
    for import in source.imports() {
        let line = import.line;
        let other = import.room.as_str();
        let Some(&below) = floors.get(other) else {
            found.push(format!(
                "{path}:{line}: names `{other}`, which is no room of the table"
            ));
            continue;
        };
        let complaint = match (floor, below) {
            _ if room == other => continue,
            (Floor::Beside, _) if other == "sms" => continue,
            (Floor::Beside, _) => {
                format!("`{room}` uses `{other}`: beside the house, it may use `sms` only")
            }
            (Floor::Number(_), Floor::Beside) if room == "cli" => continue,
            (Floor::Number(2..), Floor::Beside) if import.in_test => continue,
            (_, Floor::Beside) => {
                format!("`{room}` uses `{other}`: only `cli`, and tests from floor 2 up, may")
            }
            (Floor::Number(4), _) if room == "web" && other == "cli" => {
                "`web` uses `cli`: the page can be had without the command line".to_string()
            }
            (Floor::Number(here), Floor::Number(there)) if here < there => {
                format!("`{room}` (floor {here}) uses `{other}` (floor {there})")
            }
            _ => continue,
        };
        found.push(format!("{path}:{line}: {complaint}"));
    }
}

/// Floors 0 and 1 run without a task, a database or a clock; `at` may speak the codec traits.
fn check_purity(path: &str, room: &str, source: &Source, found: &mut Vec<String>) {
    for (at, token) in source.tokens.iter().enumerate() {
        let name = token.text.as_str();
        let codec = name == "tokio_util"
            && source.tokens[at + 1..]
                .iter()
                .take(2)
                .map(|t| t.text.as_str())
                .eq(["::", "codec"]);
        let foreign = name == "rusqlite" || name == "tokio" || name.starts_with("tokio_");
        if foreign && !(codec && room == "at") {
            let line = token.line;
            found.push(format!(
                "{path}:{line}: names `{name}`, which floors 0 and 1 do not know"
            ));
        }
    }
}
