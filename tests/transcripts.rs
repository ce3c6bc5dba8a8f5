//! Dialogues of real modems, each with what the daemon must see in it: `textback replay` tells, and the `.seen` file beside the
//! dialogue says what is right. To add one, see `tests/data/transcripts/README.md`.

use std::fs;
use std::path::Path;

use textback::cli::replay::replay;

/// So that a folder that was not found does not pass.
const AT_LEAST: usize = 35;

#[test]
fn every_dialogue_is_seen_as_it_was_meant() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/transcripts");
    let mut names: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "txt"))
        .collect();
    names.sort();
    assert!(names.len() >= AT_LEAST, "{}", names.len());
    let mut different = Vec::new();
    for path in names {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let replayed = replay(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(replayed.bad, [""; 0], "{name}");
        let seen = replayed.seen;
        let seen: String = seen.iter().map(|line| format!("{line}\n")).collect();
        let wanted = fs::read_to_string(path.with_extension("seen")).unwrap_or_default();
        if seen != wanted {
            different.push(format!("== {name}, seen:\n{seen}wanted:\n{wanted}"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}
