//! What comes into the modem: command lines, message text behind the prompt, and bytes nobody should have written.

use std::time::Duration;

use super::output::Injection;
use super::{CTRL_Z, ESC, INPUT_MAX, Power, SimModem, Timer};
use crate::sim::commands::Reply;
use crate::sim::journal::Direction;
use crate::sim::options::{EarlyBytes, PromptForm};

/// What the next byte from the host means.
#[derive(Debug)]
pub(super) enum Input {
    Command(Vec<u8>),
    /// The command of that name is at work.
    Busy(String),
    /// Message text; `tpdu_len` is what `AT+CMGS` announced.
    Text {
        tpdu_len: usize,
        text: Vec<u8>,
    },
}

impl SimModem {
    /// Takes in everything and says nothing until `duration` has passed.
    pub(in crate::sim) fn hang(&mut self, duration: Duration) {
        if self.power != Power::Unplugged {
            self.hung_until = Some(self.now.saturating_add(duration));
            self.after(duration, Timer::HangOver);
        }
    }

    pub(in crate::sim) fn is_hung(&self) -> bool {
        self.hung_until.is_some()
    }

    pub(super) fn hang_over(&mut self) {
        if self.hung_until.is_some_and(|until| until <= self.now) {
            self.hung_until = None;
            let bytes = std::mem::take(&mut self.while_hung);
            self.take_in(&bytes);
        }
    }

    /// A command line of another program, which gets the answer too. An open prompt stays open.
    pub(in crate::sim) fn told_by_another(&mut self, line: &str) {
        let Some(command) = line.strip_prefix("AT").filter(|_| self.power == Power::On) else {
            return;
        };
        if let Reply::Prompt { tpdu_len, .. } = self.run(command) {
            self.open_prompt(tpdu_len, false);
        }
    }

    // Input

    pub(in crate::sim) fn on_bytes(&mut self, now: Duration, bytes: &[u8]) {
        self.tick(now);
        self.journal.crossed(now, Direction::ToModem, bytes);
        if self.power != Power::On {
            return;
        }
        if self.is_hung() {
            // What does not fit is lost in one piece: half a command in front of the next one would be nobody's fault.
            if self.while_hung.len() + bytes.len() <= INPUT_MAX {
                self.while_hung.extend(bytes);
            }
            return;
        }
        if matches!(self.input, Input::Busy(_)) {
            self.early_bytes(bytes);
            return;
        }
        if let Some(behind) = self.take_in(bytes) {
            self.violation(&format!(
                "{:?} came in one piece with the command before it, whose result nobody can have seen",
                String::from_utf8_lossy(&behind)
            ));
        }
    }

    /// Works through bytes. Returns what stood behind the first command among them.
    fn take_in(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut behind = None;
        for (at, &byte) in bytes.iter().enumerate() {
            match &mut self.input {
                Input::Command(_) => {
                    let executed = self.command_byte(byte);
                    let rest = bytes.get(at + 1..).unwrap_or_default();
                    if executed && rest.iter().any(|byte| *byte != b'\n') && behind.is_none() {
                        behind = Some(rest.to_vec());
                    }
                }
                Input::Text { .. } => self.text_byte(byte),
                Input::Busy(_) => self.early.push(byte),
            }
        }
        behind
    }

    fn early_bytes(&mut self, bytes: &[u8]) {
        let Input::Busy(command) = &self.input else {
            return;
        };
        let what = format!(
            "{:?} came while {command} was at work",
            String::from_utf8_lossy(bytes)
        );
        // A host that has just opened the port cannot know what the one before it asked for.
        if self.busy_for == self.line {
            self.violation(&what);
        }
        match self.options.quirks.early_bytes {
            EarlyBytes::Buffered => {
                let room = INPUT_MAX.saturating_sub(self.early.len());
                self.early.extend(&bytes[..bytes.len().min(room)]);
            }
            EarlyBytes::Abort => {
                self.drop_timers(|timer| matches!(timer, Timer::Answer(_) | Timer::Prompt { .. }));
                self.finish_command(b"\r\nERROR\r\n");
            }
        }
    }

    /// One byte in command mode. True when it ended a command.
    fn command_byte(&mut self, byte: u8) -> bool {
        let Input::Command(line) = &mut self.input else {
            return false;
        };
        // An ESC without prompt, and the line feed some hosts add, mean nothing.
        if matches!(byte, ESC | b'\n') {
            return false;
        }
        if line.is_empty() {
            Injection::arm(&mut self.injections);
        }
        if byte != b'\r' && line.len() < INPUT_MAX {
            line.push(byte);
        }
        let ended = (byte == b'\r').then(|| std::mem::take(line));
        if self.settings.echo {
            self.write(&[byte]);
        }
        let Some(line) = ended else {
            return false;
        };
        let line = String::from_utf8_lossy(&line).into_owned();
        if line.trim().is_empty() {
            return false;
        }
        self.execute(line.trim());
        true
    }

    fn execute(&mut self, line: &str) {
        self.journal.command(line);
        if !line
            .get(..2)
            .is_some_and(|at| at.eq_ignore_ascii_case("AT"))
        {
            // Modems hunt for AT and pass over the rest in silence.
            self.violation(&format!(
                "{line:?} is no command: it does not begin with AT"
            ));
            return;
        }
        let restarts_at = &mut self.options.quirks.restarts_at;
        if restarts_at.take_if(|at| line.starts_with(*at)).is_some() {
            return self.restart();
        }
        self.be_busy(line);
        match self.run(&line[2..]) {
            Reply::Final(answer) => {
                let takes = self.options.answer_takes;
                self.answer_after(takes, answer.into_bytes());
            }
            Reply::Prompt { tpdu_len, shown } => {
                if self.options.prompt_takes.is_zero() || !shown {
                    self.open_prompt(tpdu_len, shown);
                } else {
                    self.after(self.options.prompt_takes, Timer::Prompt { tpdu_len });
                }
            }
        }
    }

    fn be_busy(&mut self, with: &str) {
        self.input = Input::Busy(with.to_owned());
        self.busy_for = self.line;
    }

    pub(in crate::sim) fn answer_after(&mut self, delay: Duration, answer: Vec<u8>) {
        if delay.is_zero() {
            self.finish_command(&answer);
        } else {
            self.after(delay, Timer::Answer(answer));
        }
    }

    /// The final result goes out, and the next command may come.
    pub(super) fn finish_command(&mut self, answer: &[u8]) {
        self.input = Input::Command(Vec::new());
        let mut answer = answer.to_vec();
        if !answer.is_empty() {
            answer.append(&mut self.glued);
            self.drop_timers(|timer| matches!(timer, Timer::GlueFlush));
        }
        self.write(&answer);
        let early = std::mem::take(&mut self.early);
        self.take_in(&early);
    }

    // The prompt

    pub(super) fn open_prompt(&mut self, tpdu_len: usize, shown: bool) {
        self.input = Input::Text {
            tpdu_len,
            text: Vec::new(),
        };
        if shown {
            self.write(match self.options.quirks.prompt {
                PromptForm::Usual => b"\r\n> ",
                PromptForm::Bare => b"\r\n>\r\n",
            });
        }
        let early = std::mem::take(&mut self.early);
        self.take_in(&early);
    }

    /// One byte of message text: everything is text until Ctrl-Z or ESC.
    fn text_byte(&mut self, byte: u8) {
        let Input::Text { tpdu_len, text } = &mut self.input else {
            return;
        };
        match byte {
            CTRL_Z | ESC => {
                let (tpdu_len, text) = (*tpdu_len, std::mem::take(text));
                let text = String::from_utf8_lossy(&text).into_owned();
                self.be_busy("the message");
                if let Some(command) = command_in(&text) {
                    self.violation(&format!("{command:?} was written into an open prompt"));
                }
                if byte == ESC {
                    self.finish_command(b"\r\nOK\r\n");
                } else {
                    self.take_message(tpdu_len, &text);
                }
            }
            _ => {
                if text.len() < INPUT_MAX {
                    text.push(byte);
                }
                if self.settings.echo {
                    self.write(&[byte]);
                }
            }
        }
    }

    /// Silence in place of an answer: the next command may come all the same.
    pub(in crate::sim) fn say_nothing(&mut self) {
        self.finish_command(b"");
    }
}

/// The first line of message text that is a command, which no hexadecimal PDU can be.
fn command_in(text: &str) -> Option<&str> {
    text.split(['\r', '\n']).map(str::trim).find(|line| {
        line.get(..2)
            .is_some_and(|at| at.eq_ignore_ascii_case("AT"))
    })
}
