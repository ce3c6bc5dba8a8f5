//! The arbiter between answers and URCs: knows the one command that is open and decides of every line whose it is. Knows no
//! port and no time; when an answer does not come, the driver says so by [`Chat::give_up`].
//!
//! URCs arrive whatever is in flight, between any two bytes of an answer too. What that leaves of a line is mended: a line
//! nobody recognises, right behind a URC, is joined with the line before that URC and judged again.

use std::collections::VecDeque;

use super::answer::{Answer, InformationLine};
use super::args::Args;
use super::codec::MAX_LINE;
use super::command::{Command, Information};
use super::error::AtError;
use super::urc::{self, Form, Notice, Reading, Registration, Routed, Urc};

/// Headers that wait for their PDU at the same time: one of an answer, one each of a message, a report and a
/// broadcast that came in between. Beyond that the oldest is forgotten.
const MAX_HEADERS: usize = 4;

/// Digits of the shortest thing behind a header that can be a PDU: no service centre address, and one octet. A length has three
/// digits at most, and one of them is in the header.
const SHORTEST_PDU: usize = 4;

/// What a line, or several, came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Something that nobody asked for.
    Urc(Urc),
    /// The open command is done.
    Answered(Result<Answer, AtError>),
    /// A final result that belongs to no open command: one given up earlier, or ESC.
    Stray,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Chat {
    open: Option<Open>,
    /// Headers whose PDU is not complete, newest last.
    headers: Vec<Header>,
    /// The last line that was no URC.
    loose: Option<Loose>,
    /// A URC stood behind `loose`.
    interrupted: bool,
    heard: VecDeque<Heard>,
}

#[derive(Debug)]
struct Open {
    echo: String,
    information: Information,
    information_required: bool,
    /// A command with a prompt cannot be `OK` before it has shown one.
    prompt_missing: bool,
    lines: Vec<InformationLine>,
}

#[derive(Debug)]
struct Header {
    owner: Owner,
    octets: u8,
    pdu: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// The last line of the open command's answer.
    Answer,
    Urc(Routed),
}

#[derive(Debug)]
struct Loose {
    text: String,
    /// It is the last line of the open command's answer.
    information: bool,
    /// It is the header on top.
    header: bool,
}

/// What a line is by itself.
enum Verdict {
    Echo,
    Final(Result<(), AtError>),
    Stray,
    Information,
    /// Information, but only because the command takes any line.
    Anything,
    Header(Owner, u8),
    Urc(Urc),
    Foreign,
    Unknown,
}

impl Chat {
    /// From now on lines may be the answer to `command`. The one before must be answered or given up.
    pub fn open(&mut self, command: &Command) {
        let bare = matches!(command.information(), Information::Bare(_));
        // A PDU that never came must not swallow an answer made of digits.
        self.headers
            .retain(|header| !bare && header.owner != Owner::Answer);
        self.loose = None;
        self.open = Some(Open {
            echo: command.echo().to_owned(),
            information: command.information(),
            information_required: command.information_required(),
            prompt_missing: command.prompts(),
            lines: Vec::new(),
        });
    }

    /// The modem has shown its prompt.
    pub fn prompted(&mut self) {
        if let Some(open) = &mut self.open {
            open.prompt_missing = false;
        }
    }

    /// The open command will not be waited for any longer; what it has brought so far.
    pub fn give_up(&mut self) -> Answer {
        let lines = self.close().unwrap_or_default();
        Answer { lines }
    }

    /// What the lines heard so far came to, oldest first.
    pub fn next_heard(&mut self) -> Option<Heard> {
        self.heard.pop_front()
    }

    /// Takes the next line.
    pub fn hear(&mut self, line: &str) {
        if self.take_pdu(line) {
            return;
        }
        let verdict = self.judge(line);
        // `CMGS: 17` behind `+` and a RING looks like a foreign URC; `^RSSI:18` behind a whole line is one.
        let doubtful = matches!(
            verdict,
            Verdict::Unknown | Verdict::Anything | Verdict::Foreign
        );
        if let Some(loose) = &self.loose
            && doubtful
            && self.interrupted
            && !(loose.information && (begins_anew(line) || begins_next(&loose.text, line)))
        {
            let joined = format!("{}{}", loose.text, line);
            if joined.len() <= MAX_LINE {
                let part = match verdict {
                    Verdict::Foreign => !begins_anew(line),
                    _ => true,
                };
                match self.judge(&joined) {
                    Verdict::Foreign => {}
                    // What answers does not become a URC by what follows.
                    Verdict::Urc(_) if loose.information => {}
                    // Perhaps a third part follows. What the first one was taken for still stands.
                    Verdict::Unknown if part => {
                        if let Some(loose) = &mut self.loose {
                            loose.text = joined;
                            loose.information = loose.header;
                        }
                        self.interrupted = false;
                        return;
                    }
                    Verdict::Unknown => {}
                    whole => {
                        self.take_back();
                        return self.settle(whole, joined);
                    }
                }
            }
        }
        self.settle(verdict, line.to_owned());
    }

    /// Digits that continue the PDU of the newest header. True if the line is used up.
    fn take_pdu(&mut self, line: &str) -> bool {
        let Some(header) = self.headers.last_mut() else {
            return false;
        };
        let text = line.trim();
        let digits = text.bytes().take_while(u8::is_ascii_hexdigit).count();
        // Some modems put `,0` behind a PDU (smstools3).
        if digits == 0 || !(digits == text.len() || text[digits..].starts_with(',')) {
            return false;
        }
        let answers = header.owner == Owner::Answer;
        let cut = self.interrupted && self.loose.as_ref().is_some_and(|loose| loose.header);
        if answers && cut && header.pdu.is_empty() && text.len() < SHORTEST_PDU {
            // The rest of the length that a URC has cut, as in `+CMGR: 0,,2` RING `5`.
            return false;
        }
        if header.pdu.len() + digits > MAX_LINE {
            return true;
        }
        header.pdu.push_str(&text[..digits]);
        if answers {
            self.loose = None;
        }
        if header.complete() {
            self.finish_header();
        }
        true
    }

    /// The newest header has all of its PDU, or all it will get.
    fn finish_header(&mut self) {
        let Some(header) = self.headers.pop() else {
            return;
        };
        let pdu = header.pdu;
        match header.owner {
            _ if pdu.is_empty() => {}
            Owner::Answer => {
                if let Some(line) = self.open.as_mut().and_then(|open| open.lines.last_mut()) {
                    line.pdu = pdu;
                }
            }
            Owner::Urc(routed) => {
                let urc = match routed {
                    Routed::Message => Urc::SmsReceived { pdu },
                    Routed::Report => Urc::StatusReport { pdu },
                    Routed::Broadcast => Urc::Notice {
                        about: Notice::CellBroadcast,
                        text: pdu,
                    },
                };
                self.heard.push_back(Heard::Urc(urc));
            }
        }
    }

    /// A header or a final result ends the PDU in front of it, however long it was to be: lengths and service centre addresses have
    /// been seen to lie (ZTE), and half a message tells more than none.
    fn finish_started(&mut self) {
        while self
            .headers
            .last()
            .is_some_and(|header| header.owner == Owner::Answer || !header.pdu.is_empty())
        {
            self.finish_header();
        }
    }

    fn judge(&self, line: &str) -> Verdict {
        let line = line.trim();
        let final_result = match line {
            "OK" => Some(Ok(())),
            _ => AtError::parse(line).map(Err),
        };
        let Some(open) = &self.open else {
            return match final_result {
                Some(_) => Verdict::Stray,
                None => reading(line),
            };
        };
        match final_result {
            Some(Ok(())) if open.prompt_missing => return Verdict::Stray,
            Some(Ok(())) if open.information_required && open.lines.is_empty() => {
                return Verdict::Stray;
            }
            Some(result) => return Verdict::Final(result),
            None => {}
        }
        // The echo's first byte is lost at times (MBM).
        if line == open.echo || open.echo.strip_prefix('A').is_some_and(|rest| rest == line) {
            return Verdict::Echo;
        }
        // `ERROR+CNUM:` (Huawei).
        let told = line.strip_prefix("ERROR").unwrap_or(line);
        match open.information {
            // Nor can it bring anything: that is late, and of an earlier one.
            _ if open.prompt_missing => reading(line),
            Information::Prefixed(prefix) | Information::Bare(prefix)
                if told.starts_with(prefix) =>
            {
                Verdict::Information
            }
            Information::WithPdu(prefix) => match told.strip_prefix(prefix) {
                Some(rest) => pdu_header(prefix, rest).map_or(Verdict::Unknown, |octets| {
                    Verdict::Header(Owner::Answer, octets)
                }),
                None => reading(line),
            },
            Information::Registration(domain) => match Registration::parse(told) {
                // One number by itself may be an answer cut short; the final result will tell.
                Some((it, Form::Answer | Form::Bare)) if it.domain == domain => {
                    Verdict::Information
                }
                _ => reading(line),
            },
            Information::Bare(_) => match reading(line) {
                // What begins like a command is the echo of an earlier one.
                Verdict::Unknown if !line.starts_with("AT") => Verdict::Anything,
                verdict => verdict,
            },
            _ => reading(line),
        }
    }

    /// The loose line was not what it seemed.
    fn take_back(&mut self) {
        let Some(loose) = self.loose.take() else {
            return;
        };
        if loose.header {
            self.headers.pop();
        }
        if let (true, Some(open)) = (loose.information, &mut self.open) {
            open.lines.pop();
        }
    }

    fn settle(&mut self, verdict: Verdict, text: String) {
        let (information, header) = match &verdict {
            Verdict::Urc(_) | Verdict::Foreign | Verdict::Header(Owner::Urc(_), _) => {
                self.interrupted = true;
                (false, false)
            }
            Verdict::Information | Verdict::Anything => {
                self.interrupted = false;
                (true, false)
            }
            Verdict::Header(Owner::Answer, _) => {
                self.interrupted = false;
                (true, true)
            }
            Verdict::Echo | Verdict::Final(_) | Verdict::Stray | Verdict::Unknown => {
                self.interrupted = false;
                (false, false)
            }
        };
        match verdict {
            Verdict::Urc(urc) => return self.heard.push_back(Heard::Urc(urc)),
            Verdict::Foreign => return,
            Verdict::Header(Owner::Urc(routed), octets) => {
                return self.expect_pdu(Owner::Urc(routed), octets);
            }
            Verdict::Echo => {
                // No answer begins before its echo ends: what was taken for one was the echo's own first letters.
                if let Some(open) = &mut self.open
                    && let Information::Bare(_) = open.information
                {
                    open.lines.clear();
                }
                return self.loose = None;
            }
            Verdict::Stray => {
                self.loose = None;
                return self.heard.push_back(Heard::Stray);
            }
            Verdict::Final(result) => {
                let answered = match self.close() {
                    Some(lines) => Heard::Answered(result.map(|()| Answer { lines })),
                    None => Heard::Stray,
                };
                return self.heard.push_back(answered);
            }
            Verdict::Information | Verdict::Anything => self.add_information(&text),
            Verdict::Header(Owner::Answer, octets) => {
                self.finish_started();
                self.add_information(&text);
                self.expect_pdu(Owner::Answer, octets);
            }
            Verdict::Unknown => {}
        }
        self.loose = Some(Loose {
            text,
            information,
            header,
        });
    }

    fn add_information(&mut self, text: &str) {
        if let Some(open) = &mut self.open {
            let text = text.trim();
            open.lines.push(InformationLine {
                text: text.strip_prefix("ERROR").unwrap_or(text).to_owned(),
                pdu: String::new(),
            });
        }
    }

    fn expect_pdu(&mut self, owner: Owner, octets: u8) {
        if self.headers.len() >= MAX_HEADERS {
            self.headers.remove(0);
        }
        self.headers.push(Header {
            owner,
            octets,
            pdu: String::new(),
        });
    }

    /// Ends the open command. What looked like an answer to a question for the registration and is not goes up as the URC it is.
    fn close(&mut self) -> Option<Vec<InformationLine>> {
        self.finish_started();
        self.loose = None;
        let mut open = self.open.take()?;
        if let Information::Registration(_) = open.information {
            let heard = &mut self.heard;
            open.lines
                .retain(|line| match Registration::parse(&line.text) {
                    Some((it, Form::Bare)) => {
                        heard.push_back(Heard::Urc(Urc::Registration(it)));
                        false
                    }
                    _ => true,
                });
        }
        Some(open.lines)
    }
}

impl Header {
    /// Whether the PDU is as long as the header said, at least.
    fn complete(&self) -> bool {
        let digits = match self.owner {
            Owner::Urc(Routed::Broadcast) => Some(2 * usize::from(self.octets)),
            _ => digits_of(&self.pdu, self.octets),
        };
        digits.is_some_and(|digits| self.pdu.len() >= digits)
    }
}

/// How many digits a PDU of so many octets has: the service centre address with its length in front, which is not counted, and the TPDU.
fn digits_of(pdu: &str, octets: u8) -> Option<usize> {
    let centre = u8::from_str_radix(pdu.get(..2)?, 16).ok()?;
    Some(2 * (1 + usize::from(centre) + usize::from(octets)))
}

/// Whether a PDU is just as long as its header said.
pub(super) fn is_whole(pdu: &str, octets: u8) -> bool {
    digits_of(pdu, octets) == Some(pdu.len())
}

/// Whether a line begins with the sign and the letter of an answer or a URC; a number, `+4917`, does not.
fn begins_anew(line: &str) -> bool {
    let mut chars = line.trim_start().chars();
    let sign = chars.next().is_some_and(|c| "+^*#$%".contains(c));
    sign && chars.next().is_some_and(|c| c.is_ascii_uppercase())
}

/// Whether `line` is rather the front of a final result, or the sign of another line, than the rest of `before`, which has all
/// its quotes.
fn begins_next(before: &str, line: &str) -> bool {
    let line = line.trim();
    let whole = before.matches('"').count().is_multiple_of(2);
    whole && (line == "+" || "OK".starts_with(line) || "ERROR".starts_with(line))
}

/// A line as if no command were open.
fn reading(line: &str) -> Verdict {
    match urc::read(line) {
        Reading::Urc(urc) => Verdict::Urc(urc),
        Reading::PduFollows(routed, octets) => Verdict::Header(Owner::Urc(routed), octets),
        Reading::Foreign => Verdict::Foreign,
        Reading::Unknown => Verdict::Unknown,
    }
}

/// The length a `+CMGL` or `+CMGR` header gives. Siemens leaves fields out, but never all: two are the least for `+CMGR`
/// and three for `+CMGL`, and less is a line cut short.
fn pdu_header(prefix: &str, rest: &str) -> Option<u8> {
    let args = Args::parse(rest)?;
    let least = if prefix == "+CMGL:" { 3 } else { 2 };
    if args.len() < least {
        return None;
    }
    urc::pdu_octets(&args)
}

#[cfg(test)]
mod tests;
