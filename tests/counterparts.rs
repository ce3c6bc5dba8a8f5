//! What is told elsewhere, taken by programs that others wrote: `tests/counterparts/run.py` with the program of this build.

use std::path::Path;
use std::process::Command;

#[test]
#[ignore = "left out: needs root, Postfix and packages of PyPI; .ci/run installs them"]
fn programs_that_others_wrote_take_what_is_told_elsewhere() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/counterparts/run.py");
    let program = Path::new(env!("CARGO_BIN_EXE_textback"));
    // Cargo builds the examples with the tests, unless one test is asked for alone.
    let modem = program.with_file_name("examples").join("modem");
    let python = std::env::var("TEXTBACK_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let status = Command::new(python)
        .arg(script)
        .args(["--textback".as_ref(), program, "--modem".as_ref(), &modem])
        .status()
        .expect("Python 3 can be started");
    assert!(status.success(), "its own words are above");
}
