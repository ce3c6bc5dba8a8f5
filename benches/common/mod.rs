//! What both benchmarks stand on: a directory on a real disk, a store with a past, and words about the machine.

#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark measures the machine's own time"
)]

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use tempfile::TempDir;
use textback::store::{Store, file_in};

/// Commits timed for [`describe`].
const SYNCS: usize = 200;

/// A directory on the disk that holds the build: `/tmp` may be memory, which syncs for free.
pub(crate) fn directory() -> io::Result<TempDir> {
    TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))
}

/// A store in `dir` with so many calls behind it, each of another number, missed, texted and reported as delivered, five minutes
/// apart. The caps on texts are as high as they go.
pub(crate) fn fill(dir: &Path, calls: u32) -> Result<Connection, Box<dyn std::error::Error>> {
    drop(Store::open(dir)?);
    let mut database = Connection::open(file_in(dir))?;
    // `calls` and `texts` name each other.
    database.pragma_update(None, "foreign_keys", false)?;
    let transaction = database.transaction()?;
    transaction.execute_batch(
        "INSERT INTO settings VALUES ('business.name', 'Miller Plumbing'), ('texts.max_per_minute', '60'), ('texts.max_per_day', '1000'),
           ('texts.max_per_month', '20000'), ('texts.max_recipients_per_month', '10000'), ('texts.max_neighbours_per_hour', '100'),
           ('texts.max_odd_calls_at_night', '1000')",
    )?;
    let numbers = "WITH RECURSIVE past (i, at) AS (
                     SELECT 1, 1000 * unixepoch('now', '-1 day') - 300000 * ?1
                     UNION ALL SELECT i + 1, at + 300000 FROM past WHERE i < ?1)";
    let into = [
        "INSERT INTO calls (id, caller, shown, started_at, ended_at, rings, outcome, text_id)
         SELECT i, '+1212' || (2000000 + 79 * (i * 97 % 100000)), 'number', at, at + 12000, 3, 'text', i FROM past",
        "INSERT INTO texts (id, direction, kind, number, body, state, parts, attempts, call_id, created_at, sent_at, delivered_at)
         SELECT i, 'out', 'missed_call', '+1212' || (2000000 + 79 * (i * 97 % 100000)),
                'Sorry we missed your call to Miller Plumbing. How can we help? Reply to this text. STOP to opt out.',
                'delivered', 1, 1, i, at + 12000, at + 13000, at + 15000 FROM past",
        "INSERT INTO text_parts SELECT i, 1, i % 256, at + 13000, 'delivered', NULL FROM past",
    ];
    if calls > 0 {
        for statement in into {
            transaction.execute(&format!("{numbers} {statement}"), params![calls])?;
        }
    }
    transaction.commit()?;
    database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(database)
}

/// A number that [`fill`] has not used, its place among those as random as theirs; for `nth` below 100,000.
pub(crate) fn fresh_number(nth: u32) -> String {
    format!("+1212{}", 2_000_040 + 79 * (u64::from(nth) * 61 % 100_000))
}

/// One line: cores, the file system of `dir`, and what a commit costs on it at least.
pub(crate) fn describe(dir: &Path) -> io::Result<String> {
    let cores = std::thread::available_parallelism()?;
    let mounts = fs::read_to_string("/proc/mounts")?;
    let (device, kind) = mounts
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            let (device, at, kind) = (words.next()?, words.next()?, words.next()?);
            dir.starts_with(at).then_some((at.len(), device, kind))
        })
        .max()
        .map_or(("?", "?"), |(_, device, kind)| (device, kind));
    let mut file = File::create(dir.join("sync"))?;
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let begun = Instant::now();
        file.write_all(&[1; 4096])?;
        file.sync_data()?;
        times.push(begun.elapsed());
    }
    Ok(format!(
        "{cores} cores, {kind} on {device}; 4 KiB appended and synced: {}",
        spread(&mut times)
    ))
}

/// Median, 99th percentile and maximum.
pub(crate) fn spread(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |percent: usize| {
        let rank = (times.len() * percent).div_ceil(100);
        times
            .get(rank.saturating_sub(1))
            .copied()
            .unwrap_or_default()
    };
    format!(
        "median {:.2?}, p99 {:.2?}, max {:.2?}",
        at(50),
        at(99),
        at(100)
    )
}
