//! The newest lines of the log, kept in memory for the page: an installer with a phone has no terminal at hand.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

/// Lines kept; a quiet box writes fewer in a day.
pub(super) const LINES_MAX: usize = 200;
/// Bytes of a line at most; what is longer is cut.
const LINE_BYTES: usize = 400;

/// The newest lines, oldest first. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct LogTail(Arc<Mutex<VecDeque<String>>>);

impl LogTail {
    /// What there is.
    #[must_use]
    pub(super) fn lines(&self) -> Vec<String> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().cloned().collect()
    }

    fn push(&self, line: &str) {
        let line = line.trim_end();
        let cut = line.floor_char_boundary(line.len().min(LINE_BYTES));
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LINES_MAX {
            lines.pop_front();
        }
        lines.push_back(line[..cut].to_owned());
    }
}

/// The log's layer writes each event at once.
impl io::Write for LogTail {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.push(&String::from_utf8_lossy(event));
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogTail {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn the_newest_lines_are_kept_and_none_is_endless() {
        let mut tail = LogTail::default();
        for number in 0..=LINES_MAX {
            let line = format!("line {number}\n");
            tail.write_all(line.as_bytes()).unwrap();
        }
        let lines = tail.lines();
        assert_eq!((lines.len(), lines[0].as_str()), (LINES_MAX, "line 1"));
        tail.write_all("ä".repeat(LINE_BYTES).as_bytes()).unwrap();
        let lines = tail.lines();
        assert_eq!(lines[LINES_MAX - 1], "ä".repeat(LINE_BYTES / 2));
    }
}
