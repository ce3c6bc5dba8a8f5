//! The grammar of command lines (V.250 5.2 to 5.4): one line into commands, one command into name, form and arguments.

use super::{CME_NOT_SUPPORTED, CMS_BAD_INDEX, Done, Lines, Refusal};

/// One command of a line, taken apart.
pub(super) struct Command<'a> {
    pub(super) name: String,
    pub(super) form: Form,
    pub(super) args: Vec<Option<&'a str>>,
    /// As written behind `AT`.
    pub(super) whole: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Execute,
    Set,
    Read,
    Test,
}

/// V.250 5.2.1: basic commands follow each other directly, extended ones with a semicolon between.
pub(super) fn split_commands(line: &str) -> Vec<&str> {
    let mut commands = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let end = if rest.starts_with(|first: char| first.is_ascii_alphabetic() || first == '&') {
            basic_length(rest)
        } else {
            extended_length(rest)
        };
        let (command, more) = rest.split_at(end);
        commands.push(command);
        rest = more.trim_start_matches([';', ' ']);
    }
    if commands.is_empty() {
        commands.push("");
    }
    commands
}

/// `E0`, `S0=0`, `&F`, `Z`: name, then digits, or `=` or `?` and digits.
fn basic_length(text: &str) -> usize {
    let name = if text.starts_with(['&', 'S', 's']) {
        2
    } else {
        1
    };
    let tail = text.char_indices().skip(name);
    let mut ends = tail.skip_while(|(_, c)| c.is_ascii_digit() || matches!(c, '=' | '?' | ' '));
    ends.next().map_or(text.len(), |(at, _)| at)
}

/// Up to the next semicolon outside quotes.
fn extended_length(text: &str) -> usize {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ';' if !quoted => return at,
            _ => {}
        }
    }
    text.len()
}

impl<'a> Command<'a> {
    pub(super) fn parse(whole: &'a str) -> Self {
        let (name, form, args) =
            if whole.starts_with(|first: char| first.is_ascii_alphabetic() || first == '&') {
                Self::parse_basic(whole)
            } else if let Some(name) = whole.strip_suffix("=?") {
                (name, Form::Test, "")
            } else if let Some((name, args)) = whole.split_once('=') {
                (name, Form::Set, args)
            } else if let Some(name) = whole.strip_suffix('?') {
                (name, Form::Read, "")
            } else {
                (whole, Form::Execute, "")
            };
        let args = if form == Form::Set {
            split_args(args)
        } else {
            Vec::new()
        };
        Self {
            name: name.trim().to_ascii_uppercase(),
            form,
            args,
            whole,
        }
    }

    fn parse_basic(whole: &'a str) -> (&'a str, Form, &'a str) {
        let length = if whole.starts_with(['&', 'S', 's']) {
            2
        } else {
            1
        };
        let (name, tail) = whole.split_at_checked(length).unwrap_or((whole, ""));
        match tail.trim_start_matches('=') {
            "?" => (name, Form::Read, ""),
            "" => (name, Form::Execute, ""),
            value => (name, Form::Set, value),
        }
    }

    pub(super) fn number(&self, at: usize) -> Option<u32> {
        self.args.get(at).copied().flatten()?.trim().parse().ok()
    }

    /// A quoted or bare text argument.
    pub(super) fn text(&self, at: usize) -> Option<&'a str> {
        let text = self.args.get(at).copied().flatten()?.trim();
        Some(text.trim_matches('"'))
    }

    pub(super) fn index(&self) -> Result<usize, Refusal> {
        let index = self.number(0).and_then(|index| usize::try_from(index).ok());
        index.ok_or(Refusal::Cms(CMS_BAD_INDEX))
    }

    /// The one argument 0 or 1.
    pub(super) fn switch(&self) -> Result<bool, Refusal> {
        match self.number(0) {
            Some(0) => Ok(false),
            Some(1) => Ok(true),
            _ => Err(Refusal::Cme(CME_NOT_SUPPORTED)),
        }
    }

    /// The one argument 0 up to `max`.
    pub(super) fn set(&self, setting: &mut u8, max: u8) -> Done {
        match self.number(0).and_then(|value| u8::try_from(value).ok()) {
            Some(value) if value <= max => *setting = value,
            _ => return Err(Refusal::Cme(CME_NOT_SUPPORTED)),
        }
        Ok(Lines::new())
    }
}

/// Arguments between commas outside quotes; an empty one is `None`.
fn split_args(text: &str) -> Vec<Option<&str>> {
    let mut quoted = false;
    text.split(|c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    })
    .map(|arg| Some(arg.trim()).filter(|arg| !arg.is_empty()))
    .collect()
}
