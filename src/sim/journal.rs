//! What happened on the line, kept for tests and stories: bytes with times, commands, and what a well-behaved host would
//! not have done. Bounded, so that the demo can run for months.

use std::collections::VecDeque;
use std::time::Duration;

/// Entries kept of each kind; the oldest go first. A day of calls in a simulation stays whole.
pub(super) const JOURNAL_MAX: usize = 200_000;

/// Which way bytes went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the host to the modem.
    ToModem,
    /// From the modem to the host.
    ToHost,
}

/// Bytes that crossed the line in one piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossing {
    /// Time since the simulation began.
    pub at: Duration,
    /// Which way.
    pub direction: Direction,
    /// What.
    pub bytes: Vec<u8>,
}

/// The three books.
#[derive(Debug, Default)]
pub(super) struct Journal {
    pub(super) crossings: VecDeque<Crossing>,
    pub(super) commands: VecDeque<String>,
    pub(super) violations: VecDeque<String>,
}

impl Journal {
    pub(super) fn crossed(&mut self, at: Duration, direction: Direction, bytes: &[u8]) {
        let bytes = bytes.to_vec();
        keep(
            &mut self.crossings,
            Crossing {
                at,
                direction,
                bytes,
            },
        );
    }

    pub(super) fn command(&mut self, line: &str) {
        keep(&mut self.commands, line.to_owned());
    }

    pub(super) fn violation(&mut self, at: Duration, what: &str) {
        keep(
            &mut self.violations,
            format!("{:.3} s: {what}", at.as_secs_f64()),
        );
    }
}

fn keep<T>(book: &mut VecDeque<T>, entry: T) {
    if book.len() >= JOURNAL_MAX {
        book.pop_front();
    }
    book.push_back(entry);
}
