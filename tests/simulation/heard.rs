//! What the daemon has heard from the modem, line by line and with the time: what it can be held to; and the messages it has given
//! to it. It reads nothing of ours but status reports.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

use textback::sms::StatusReport;

/// The digits of TP-DA in an SMS-SUBMIT (3GPP TS 23.040 9.2.2.2) behind an empty service centre address, for a number of 11 or 12 digits.
const RECIPIENT: Range<usize> = 6..22;

/// One line, complete and undamaged.
#[derive(Debug, Clone)]
pub(crate) struct HeardLine {
    pub(crate) at: Duration,
    pub(crate) text: String,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// Lines that tell of a caller, of a message taken, or of a status report.
    lines: Vec<HeardLine>,
    rest: Vec<u8>,
    /// A header has come that a PDU belongs to.
    headed: bool,
    /// How far from now on bytes are lost, each with how many.
    to_lose: VecDeque<(usize, usize)>,
    /// Bytes have been lost in the line that is coming.
    damaged: bool,
    /// When bytes were lost, or others came among them.
    damages: Vec<Duration>,
    /// The PDUs that were given to the modem.
    given: Vec<(Duration, String)>,
    giving: Vec<u8>,
}

impl Heard {
    /// The host has opened the port anew.
    pub(crate) fn new_line(&mut self) {
        self.rest.clear();
        self.headed = false;
        self.damaged = false;
        self.giving.clear();
    }

    /// Bytes went to the modem.
    pub(crate) fn give(&mut self, now: Duration, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                // Ctrl-Z ends a message; what else ends here is a command.
                0x1A => {
                    let pdu = String::from_utf8(std::mem::take(&mut self.giving)).unwrap();
                    self.given.push((now, pdu));
                }
                b'\r' | 0x1B => self.giving.clear(),
                byte => self.giving.push(*byte),
            }
        }
    }

    /// Whether a message of other words to the same number as `pdu` was given to the modem in this time.
    pub(crate) fn gave_another(&self, pdu: &str, from: Duration, to: Duration) -> bool {
        let (recipient, words) = pdu.split_at(RECIPIENT.end);
        self.given.iter().any(|(at, other)| {
            (from..=to).contains(at)
                && other.get(RECIPIENT) == recipient.get(RECIPIENT)
                && other.get(RECIPIENT.end..) != Some(words)
        })
    }

    /// So many bytes will be lost, after so many more have come.
    pub(crate) fn lose(&mut self, after: usize, count: usize) {
        self.to_lose.push_back((after, count));
    }

    /// Bytes have come; gives those that were not lost on the way.
    pub(crate) fn take(&mut self, now: Duration, mut bytes: Vec<u8>) -> Vec<u8> {
        let mut lost_at = None;
        if let Some((after, count)) = self.to_lose.front_mut() {
            if *after < bytes.len() {
                let (at, end) = (*after, (*after + *count).min(bytes.len()));
                bytes.drain(at..end);
                self.to_lose.pop_front();
                lost_at = Some(at);
                self.damages.push(now);
            } else {
                *after -= bytes.len();
            }
        }
        // What was lost is missing in the line it stood in, and in none before it.
        let (before, behind) = bytes.split_at(lost_at.unwrap_or(bytes.len()));
        self.read(now, before);
        self.damaged |= lost_at.is_some();
        self.read(now, behind);
        bytes
    }

    fn read(&mut self, now: Duration, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'\r' | b'\n' => {
                    let line = std::mem::take(&mut self.rest);
                    let whole = !std::mem::take(&mut self.damaged);
                    if whole && let Ok(text) = String::from_utf8(line) {
                        self.note(now, text);
                    }
                }
                byte => self.rest.push(*byte),
            }
        }
    }

    fn note(&mut self, at: Duration, text: String) {
        // Digits without the header that tells what they are are nobody's: noise may have run into it.
        let heads = ["+CDS:", "+CMT:", "+CMGL:", "+CMGR:"];
        self.headed |= heads.iter().any(|head| text.starts_with(head));
        let digits = text.len() > 30 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let headed = digits && std::mem::take(&mut self.headed);
        let report = headed && StatusReport::from_hex(&text).is_ok();
        let names = ["+CLIP: \"", "+CMGS: "];
        if report || names.iter().any(|name| text.starts_with(name)) {
            self.lines.push(HeardLine { at, text });
        }
    }

    /// When in this time a caller's number was heard whole.
    pub(crate) fn caller(&self, digits: &str, from: Duration, to: Duration) -> Vec<Duration> {
        let start = format!("+CLIP: \"{digits}\"");
        self.all(from, to, |text| text.starts_with(&start))
    }

    /// Noise comes down the line, now or in the next answer.
    pub(crate) fn noise(&mut self, now: Duration) {
        self.damages.push(now);
    }

    /// Whether a line may have been damaged in this time.
    pub(crate) fn damaged(&self, from: Duration, to: Duration) -> bool {
        self.damages.iter().any(|at| (from..=to).contains(at))
    }

    /// When in this time it was heard that the network has taken a message under this reference.
    pub(crate) fn taken(&self, reference: u8, from: Duration, to: Duration) -> Vec<Duration> {
        let whole = format!("+CMGS: {reference}");
        self.all(from, to, |text| text == whole)
    }

    /// When in this time a report on a message to this number under this reference came.
    pub(crate) fn reports(
        &self,
        number: &str,
        reference: u8,
        from: Duration,
        to: Duration,
    ) -> Vec<Duration> {
        self.all(from, to, |text| {
            StatusReport::from_hex(text).is_ok_and(|report| {
                report.recipient.number() == number && report.reference == reference
            })
        })
    }

    fn all(&self, from: Duration, to: Duration, fits: impl Fn(&str) -> bool) -> Vec<Duration> {
        let first = self.lines.partition_point(|line| line.at < from);
        let lines = self.lines[first..].iter().take_while(|line| line.at <= to);
        lines
            .filter(|line| fits(&line.text))
            .map(|line| line.at)
            .collect()
    }
}
