//! `textback replay FILE`: feeds a recorded line to the daemon's own code and tells what it saw. No modem, no data.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use bytes::BytesMut;
use clap::Args;
use jiff::Timestamp;
use tokio_util::codec::Decoder;

use super::{Failure, Outcome};
use crate::at::urc::{CallerId, Presentation};
use crate::at::{Chat, Command, Frame, Heard, LineCodec, Urc};
use crate::call::{Action, Calls, Event};
use crate::modem::record::{Way, unescape};
use crate::sms::{Deliver, StatusReport};

/// Leaves a prompt without sending (27.005 4.3).
const ESC: u8 = 0x1b;
/// Time between two lines of a record that gives none.
const STEP: Duration = Duration::from_secs(1);
/// Longer than any silence that ends a call.
const AFTERWARDS: Duration = Duration::from_secs(3600);
/// A record has two halves of 2 MiB.
const MAX_FILE: u64 = 16 * 1024 * 1024;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A file that modem.record has written
    file: PathBuf,
}

pub(super) fn run(Arguments { file }: Arguments) -> Outcome {
    let name = file.display().to_string();
    let read = || -> anyhow::Result<String> {
        let length = fs::metadata(&file)?.len();
        anyhow::ensure!(length <= MAX_FILE, "it is no record: it has {length} bytes");
        Ok(String::from_utf8_lossy(&fs::read(&file)?).into_owned())
    };
    let text = read()
        .with_context(|| format!("reading the record {name}"))
        .map_err(Failure::Usage)?;
    let Replayed { seen, bad } = replay(&text)
        .with_context(|| format!("reading the record {name}"))
        .map_err(Failure::Usage)?;
    let mut out = io::stdout().lock();
    for line in seen {
        writeln!(out, "{line}").context("printing what was seen")?;
    }
    if bad.is_empty() {
        return Ok(());
    }
    tell_bad(&bad);
    Err(Failure::Said)
}

#[expect(clippy::print_stderr, reason = "apart from the answer")]
fn tell_bad(bad: &[String]) {
    for line in bad {
        eprintln!("textback: left out: {line}");
    }
}

/// What a record came to.
#[derive(Debug, Default)]
pub struct Replayed {
    /// What the daemon would have seen, in order, a line each.
    pub seen: Vec<String>,
    /// Which lines are none of a record's, and so left out: a power cut leaves half a one.
    pub bad: Vec<String>,
}

/// Has the daemon's own code hear what a record holds.
///
/// # Errors
/// When no line is a record's; it names the first.
pub fn replay(record: &str) -> anyhow::Result<Replayed> {
    let mut eyes = Eyes::default();
    let (mut bad, mut good) = (Vec::new(), 0_usize);
    for (number, line) in (1..).zip(record.lines()) {
        let line = line.trim_end_matches('\r');
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((at, way, text)) = part(line) else {
            bad.push(format!(
                "line {number} should begin with << or >>, perhaps behind a time, and is {line:?}"
            ));
            continue;
        };
        good += 1;
        eyes.wait_until(at);
        let (mut bytes, escaped) = unescape(text);
        match way {
            Way::ToModem => eyes.we_said(&bytes),
            Way::FromModem => {
                // Copied from a log that shows lines: what framed them is gone.
                if !escaped && !text.starts_with('>') {
                    bytes.extend_from_slice(b"\r\n");
                }
                eyes.modem_said(&bytes);
            }
        }
    }
    if let (0, Some(first)) = (good, bad.first()) {
        anyhow::bail!("{first}");
    }
    eyes.end();
    let seen = eyes.seen;
    Ok(Replayed { seen, bad })
}

/// `2026-01-02T03:04:05Z << RING`, with or without the time.
fn part(line: &str) -> Option<(Option<Timestamp>, Way, &str)> {
    let (at, rest) = match line.split_once(' ') {
        Some((time, rest)) if !["<<", ">>"].contains(&time) => (Some(time.parse().ok()?), rest),
        _ => (None, line),
    };
    let (way, text) = match (rest.strip_prefix("<<"), rest.strip_prefix(">>")) {
        (Some(text), _) => (Way::FromModem, text),
        (_, Some(text)) => (Way::ToModem, text),
        _ => return None,
    };
    Some((at, way, text.strip_prefix(' ').unwrap_or(text)))
}

/// What has been seen so far.
#[derive(Default)]
struct Eyes {
    codec: LineCodec,
    incoming: BytesMut,
    calls: Calls,
    now: Duration,
    began: Option<Timestamp>,
    chat: Chat,
    seen: Vec<String>,
}

impl Eyes {
    fn wait_until(&mut self, at: Option<Timestamp>) {
        let now = match at {
            None => self.now + STEP,
            Some(at) => {
                let began = *self.began.get_or_insert(at);
                let since = at.duration_since(began).try_into().unwrap_or_default();
                self.now.max(since)
            }
        };
        self.let_pass(now);
    }

    fn let_pass(&mut self, until: Duration) {
        while let Some(at) = self.calls.next_deadline().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            let mut actions = self.calls.on_time(at);
            // What the modem answered then is in the record, or nobody asked.
            if actions.contains(&Action::PollCurrentCalls) {
                actions.extend(self.calls.on(at, Event::PollFailed));
            }
            self.take(&actions);
        }
        self.now = self.now.max(until);
    }

    fn we_said(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim_matches(|c: char| c.is_control());
        if text.starts_with("AT+CMGS=") {
            self.codec.await_prompt(true);
        } else if !text.starts_with("AT") {
            self.codec.await_prompt(false);
        }
        // The commands whose answers tell something; of all others the final result is enough.
        let command = match text {
            "AT+CLCC" => Some(Command::current_calls()),
            "AT+CMGL=4" => Some(Command::list_messages()),
            _ if text.starts_with("AT+CMGR=") => Some(Command::read_message(0)),
            _ if text.starts_with("AT+CMGS=") => Some(Command::send_message(0)),
            _ => None,
        };
        match command {
            Some(command) => self.chat.open(&command),
            // The PDU behind a prompt is part of the command before.
            None if text.starts_with("AT") => {
                self.chat.give_up();
            }
            None => {}
        }
        match text {
            "" if bytes.contains(&ESC) => self.tell("we freed the modem from a prompt"),
            "" => self.tell("we ended the message"),
            _ => self.tell(&format!("we said {text}")),
        }
    }

    fn modem_said(&mut self, bytes: &[u8]) {
        self.incoming.extend_from_slice(bytes);
        while let Ok(Some(frame)) = self.codec.decode(&mut self.incoming) {
            match frame {
                Frame::Prompt => {
                    self.chat.prompted();
                    self.tell("the modem asks for the message");
                }
                Frame::Line(line) => {
                    self.tell(&format!("the modem said {}", line.trim()));
                    self.chat.hear(&line);
                }
            }
            while let Some(heard) = self.chat.next_heard() {
                self.heard(&heard);
            }
        }
    }

    fn heard(&mut self, heard: &Heard) {
        let event = match heard {
            Heard::Stray | Heard::Answered(Err(_)) => return,
            Heard::Answered(Ok(answer)) => {
                if let Some(reference) = answer.message_reference() {
                    self.tell(&format!("  the text was taken, reference {reference}"));
                }
                for stored in answer.messages() {
                    self.tell(&format!("  {}", message(&stored.pdu)));
                }
                let listed = answer.current_calls();
                let actions = self.calls.on(self.now, Event::CurrentCalls(&listed));
                return self.take(&actions);
            }
            Heard::Urc(Urc::SmsReceived { pdu } | Urc::StatusReport { pdu }) => {
                return self.tell(&format!("  {}", message(pdu)));
            }
            Heard::Urc(Urc::Restarted) => {
                self.tell("  the modem has started anew: everything is set again");
                Event::ModemLost
            }
            Heard::Urc(urc) => Event::Urc(urc),
        };
        let mut actions = self.calls.on(self.now, event);
        if actions.contains(&Action::PollCurrentCalls) {
            actions.extend(self.calls.on(self.now, Event::PollFailed));
        }
        self.take(&actions);
    }

    fn take(&mut self, actions: &[Action]) {
        for action in actions {
            match action {
                Action::Started(_) => self.tell("  a call rings"),
                Action::Identified(_, caller) => {
                    self.tell(&format!("  it is from {}", name(caller)));
                }
                Action::Ended(call) => {
                    let caller = call.caller.as_ref();
                    let caller = caller.map_or("nobody knows whom".to_owned(), name);
                    let end = match call.picked_up {
                        true => "was picked up",
                        false => "was missed",
                    };
                    let rings = call.rings;
                    self.tell(&format!("  the call from {caller} {end}, rings: {rings}"));
                }
                Action::PollCurrentCalls | Action::HangUp => {}
            }
        }
    }

    fn tell(&mut self, what: &str) {
        let mut line = format!("{:>9.3} s  ", self.now.as_secs_f64());
        // Bytes of a stranger go to a terminal.
        for c in what.chars().filter(|c| !c.is_control()) {
            // Writing into a String cannot fail.
            let _ = line.write_char(c);
        }
        self.seen.push(line);
    }

    fn end(&mut self) {
        self.let_pass(self.now + AFTERWARDS);
    }
}

fn name(caller: &CallerId) -> String {
    match (&caller.number, caller.presentation) {
        (Some(number), _) => format!("{} (type {})", number.digits, number.type_of_address),
        (None, Presentation::Withheld) => "a withheld number".to_owned(),
        (None, _) => "a number that the network does not tell".to_owned(),
    }
}

fn message(pdu: &str) -> String {
    if let Ok(deliver) = Deliver::from_hex(pdu) {
        let from = deliver.originator.number();
        return format!("a text from {from}: {}", deliver.text());
    }
    match StatusReport::from_hex(pdu) {
        Ok(report) => format!(
            "status report {} on {}: {}",
            report.reference,
            report.recipient.number(),
            report.description()
        ),
        Err(error) => format!("a message that cannot be read: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(record: &str) -> Vec<String> {
        let replayed = replay(record).unwrap();
        assert_eq!(replayed.bad, [""; 0]);
        replayed
            .seen
            .into_iter()
            .map(|line| line[13..].to_owned())
            .collect()
    }

    #[test]
    fn a_record_tells_what_the_daemon_would_have_seen() {
        let record = "# 2026-01-02T03:04:05Z opened /dev/ttyUSB2\n\
            2026-01-02T03:04:05Z << \\r\\nRING\\r\\n\\r\\n+CLIP: \"+120255\n\
            2026-01-02T03:04:05.004Z << 50143\",145,,,,0\\r\\n\n\
            2026-01-02T03:04:09.5Z << ^CEND:1,0,104,16\\r\\n\n\
            2026-01-02T03:04:10Z >> AT+CMGS=19\\r\n\
            2026-01-02T03:04:10.1Z << \\r\\n> \n\
            2026-01-02T03:04:11Z << \\r\\n+CMGS: 17\\r\\n\\r\\nOK\\r\\n\n";
        assert_eq!(
            told(record),
            [
                "the modem said RING",
                "  a call rings",
                "the modem said +CLIP: \"+12025550143\",145,,,,0",
                "  it is from +12025550143 (type 145)",
                "the modem said ^CEND:1,0,104,16",
                "  the call from +12025550143 (type 145) was missed, rings: 1",
                "we said AT+CMGS=19",
                "the modem asks for the message",
                "the modem said +CMGS: 17",
                "the modem said OK",
                "  the text was taken, reference 17",
            ]
        );
        assert!(replay(record).unwrap().seen[5].starts_with("    4.500 s    the call"));
    }

    #[test]
    fn lines_copied_without_their_framing_and_silence_at_the_end_do_too() {
        let record = "# source: somebody's log\n<< RING\n<< +CLIP: \"\",128,\"\",0,\"\",1\n\
            << +CMT: ,25\n<< 07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07\n";
        let told = told(record);
        assert_eq!(told[3], "  it is from a withheld number");
        assert_eq!(told[6], "  a text from +31641600986: How are you?");
        assert_eq!(
            told[7],
            "  the call from a withheld number was missed, rings: 1"
        );
    }

    #[test]
    fn what_is_no_record_is_refused_with_its_line() {
        let error = format!("{:#}", replay("hello\n").unwrap_err());
        assert!(error.contains("line 1 should begin with"), "{error}");
        assert!(replay("2026-99-01T00:00:00Z << RING\n").is_err());
        assert_eq!(told(""), [""; 0]);
        assert_eq!(
            told("<< \\x1b[2Jdanger\\r\\n"),
            ["the modem said [2Jdanger"]
        );
    }

    #[test]
    fn a_damaged_line_is_named_and_the_others_are_replayed() {
        let replayed = replay("<< RING\n2026-01-02T03:0# opened\n\n<< ^CEND:1,0,104,16\n").unwrap();
        assert_eq!(replayed.bad.len(), 1);
        assert!(
            replayed.bad[0].starts_with("line 2 should begin with"),
            "{:?}",
            replayed.bad
        );
        let last = replayed.seen.last().unwrap();
        assert!(last.ends_with("was missed, rings: 1"), "{last}");
    }

    #[test]
    fn a_file_that_is_not_utf8_is_read_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("record");
        fs::write(&file, b"<< RING\n\xff\xfe\n").unwrap();
        assert!(matches!(run(Arguments { file }), Err(Failure::Said)));
    }
}
