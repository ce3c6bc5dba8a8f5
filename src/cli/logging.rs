//! Where the log goes: journald's own fields under systemd, plain lines on a terminal or into a pipe.

use std::io::IsTerminal;
use std::os::linux::fs::MetadataExt;

use anyhow::Context;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

use crate::phone;
use crate::web::LogTail;

/// Another level than `info`: `error`, `warn`, `debug`, `trace`, or one for each room such as `info,textback::modem=debug`.
const LEVEL_VARIABLE: &str = "TEXTBACK_LOG";

/// Starts the log; its newest lines are in what is returned. `full_numbers` shows callers' numbers whole instead of shortened.
pub(super) fn start(default: LevelFilter, full_numbers: bool) -> anyhow::Result<LogTail> {
    phone::show_full_numbers_in_logs(full_numbers);
    let targets = match std::env::var(LEVEL_VARIABLE) {
        Ok(levels) => levels
            .parse::<Targets>()
            .with_context(|| format!("{LEVEL_VARIABLE}={levels:?} names no log level"))?,
        Err(_) => Targets::new().with_default(default),
    };
    let tail = LogTail::default();
    let kept = tracing_subscriber::fmt::layer()
        .with_writer(tail.clone())
        .with_ansi(false)
        .with_target(false);
    let registry = tracing_subscriber::registry().with(targets).with(kept);
    if stderr_is_the_journal()
        && let Ok(journal) = tracing_journald::layer()
    {
        registry.with(journal.with_field_prefix(None)).init();
        return Ok(tail);
    }
    let on_terminal = std::io::stderr().is_terminal();
    registry
        .with(
            tracing_subscriber::fmt::layer()
                .with_writer(std::io::stderr)
                .with_ansi(on_terminal)
                .with_target(false),
        )
        .init();
    Ok(tail)
}

/// systemd.exec(5): `JOURNAL_STREAM` names the device and inode of the journal's socket, so that a service that was started
/// from one but writes elsewhere is not taken in.
fn stderr_is_the_journal() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else {
        return false;
    };
    let Ok(stderr) = std::fs::metadata("/proc/self/fd/2") else {
        return false;
    };
    stream == format!("{}:{}", stderr.st_dev(), stderr.st_ino())
}
