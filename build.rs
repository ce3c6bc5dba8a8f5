//! Lists the files of `src/wording/languages/`, so that adding a language is adding its file and nothing else; and has the linker pack what it
//! can.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const FOLDER: &str = "src/wording/languages";

fn main() {
    println!("cargo::rerun-if-changed={FOLDER}");
    pack_relocations();
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let table = table(&root.join(FOLDER));
    fs::write(out.join("languages.rs"), table).expect("the table of languages is written");
}

/// A program that may lie anywhere in memory has a list of its own addresses; packed it takes a thirtieth of the room, a third of a
/// megabyte less. Needs glibc 2.36 to run, which Debian 12 has; a linker from before does not know how, and says so.
fn pack_relocations() {
    let of = |name: &str| env::var(name).unwrap_or_default();
    if of("CARGO_CFG_TARGET_OS") == "linux" && of("CARGO_CFG_TARGET_ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// The text of every file, in the order of their names, as an array of Rust.
fn table(folder: &Path) -> String {
    let entries = fs::read_dir(folder).expect("the folder of languages is there");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("the folder of languages can be read")
                .file_name()
        })
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".toml"))
        .collect();
    names.sort();
    let mut table = String::from("&[\n");
    for name in names {
        let path = format!("/{FOLDER}/{name}");
        writeln!(
            table,
            "({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))),"
        )
        .expect("a string takes what is written to it");
    }
    table.push(']');
    table
}
