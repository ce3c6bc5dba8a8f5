//! The `textback` program: everything is in the library, see the map in `lib.rs`.

use std::process::ExitCode;

fn main() -> ExitCode {
    textback::cli::main()
}
