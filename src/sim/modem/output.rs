//! What leaves the modem: in order, in time, framed, and broken where a script breaks it.

use std::collections::VecDeque;
use std::time::Duration;

use super::{GLUE_WAIT_MAX, Power, SimModem, Timer};
use crate::sim::journal::Direction;

/// Bytes that break into the next answer.
#[derive(Debug)]
pub(super) struct Injection {
    /// Bytes of the answer, echo included, still to pass before.
    offset: usize,
    /// So many bytes of it go there.
    lost: usize,
    bytes: Vec<u8>,
    /// Counting begins with the next command.
    armed: bool,
}

impl Injection {
    /// A command begins: its answer is the one to break.
    pub(super) fn arm(waiting: &mut VecDeque<Self>) {
        if let Some(next) = waiting.front_mut() {
            next.armed = true;
        }
    }
}

impl SimModem {
    /// A host opens the port; whoever had it before is cut off. Returns the line's number, nothing when unplugged.
    pub(in crate::sim) fn open_line(&mut self) -> Option<u64> {
        if self.power == Power::Unplugged {
            return None;
        }
        self.lines_so_far += 1;
        self.line = Some(self.lines_so_far);
        self.output.clear();
        self.line
    }

    /// The host that had this line open has closed it.
    pub(in crate::sim) fn close_line(&mut self, line: u64) {
        if self.line == Some(line) {
            self.line = None;
            self.output.clear();
        }
    }

    /// The next bytes for the host, if any are due.
    pub(in crate::sim) fn take_output(&mut self, now: Duration) -> Option<Vec<u8>> {
        let (due, _) = self.output.front()?;
        if *due > now {
            return None;
        }
        let (_, bytes) = self.output.pop_front()?;
        self.journal.crossed(now, Direction::ToHost, &bytes);
        Some(bytes)
    }

    /// When the next bytes for the host are due.
    pub(in crate::sim) fn next_output(&self) -> Option<Duration> {
        self.output.front().map(|(due, _)| *due)
    }

    /// Bytes for the host, in order behind those that wait already. Lost when nobody has the port open.
    pub(in crate::sim) fn write(&mut self, bytes: &[u8]) {
        self.write_after(Duration::ZERO, bytes);
    }

    /// The same, held back on the line for `delay`.
    pub(in crate::sim) fn write_after(&mut self, delay: Duration, bytes: &[u8]) {
        if self.line.is_none() || bytes.is_empty() {
            return;
        }
        let bytes = self.inject_into(bytes);
        let earliest = self
            .hung_until
            .unwrap_or(self.now)
            .max(self.now.saturating_add(delay));
        let due = self
            .output
            .back()
            .map_or(earliest, |(due, _)| earliest.max(*due));
        match self.output.back_mut() {
            Some((last, waiting)) if *last == due && delay.is_zero() => waiting.extend(bytes),
            _ => self.output.push_back((due, bytes)),
        }
    }

    /// The next answer, echo included, is broken by `bytes` behind its first `offset` bytes.
    pub(in crate::sim) fn inject(&mut self, offset: usize, bytes: &[u8]) {
        self.injections.push_back(Injection {
            offset,
            lost: 0,
            bytes: bytes.to_vec(),
            armed: false,
        });
    }

    /// Of the next answer, echo included, `count` bytes are lost behind the first `offset`.
    pub(in crate::sim) fn lose(&mut self, offset: usize, count: usize) {
        self.injections.push_back(Injection {
            offset,
            lost: count,
            bytes: Vec::new(),
            armed: false,
        });
    }

    fn inject_into(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        if let Some(injection) = self.injections.front_mut().filter(|next| next.armed) {
            if injection.offset <= bytes.len() {
                let (at, broken) = (injection.offset, std::mem::take(&mut injection.bytes));
                let end = (at + injection.lost).min(bytes.len());
                bytes.splice(at..end, broken);
                self.injections.pop_front();
            } else {
                injection.offset -= bytes.len();
            }
        }
        bytes
    }

    /// A line that comes by itself.
    pub(in crate::sim) fn urc(&mut self, line: &str) {
        if self.keeps_quiet() {
            return;
        }
        let framed = self.framed(line);
        self.write(framed.as_bytes());
    }

    /// It has not been told to say anything by itself.
    fn keeps_quiet(&self) -> bool {
        let needed = self.options.urcs_need;
        needed.is_some_and(|command| !self.settings.has(command))
    }

    pub(in crate::sim) fn framed(&self, line: &str) -> String {
        let end = if self.options.quirks.doubled_cr {
            "\r\r\n"
        } else {
            "\r\n"
        };
        format!("\r\n{line}{end}")
    }

    /// RING, whole, in pieces or glued to the next final result, as the quirks say.
    pub(in crate::sim) fn write_ring(&mut self, ring: &str) {
        if self.keeps_quiet() {
            return;
        }
        let quirks = &self.options.quirks;
        if quirks.ring_glued_to_final {
            if self.glued.is_empty() {
                self.after(GLUE_WAIT_MAX, Timer::GlueFlush);
            }
            self.glued.extend(ring.as_bytes());
        } else if let Some(gap) = quirks.ring_split_by {
            let (head, tail) = ring.as_bytes().split_at(ring.len() / 2);
            self.write(head);
            self.write_after(gap, tail);
        } else {
            self.write(ring.as_bytes());
        }
    }
}
