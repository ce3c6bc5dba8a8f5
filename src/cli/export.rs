//! `textback export`: all calls and texts, for other people's scripts.

use std::io::{self, Write};

use anyhow::Context;
use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::{Outcome, Place};
use crate::store::{self, Exported};
use crate::wording;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// One object with all calls and texts
    Json,
    /// One table: the calls, each with its text
    Csv,
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    let data_dir = arguments.place.existing_data_dir()?;
    let everything = store::read_everything(&data_dir).context("exporting")?;
    let written = match arguments.format {
        Format::Json => write_json(&everything),
        Format::Csv => write_csv(&everything, io::stdout().lock()),
    };
    match written {
        // The reader has seen enough (`textback export | head`).
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written.context("writing the export")?),
    }
}

fn write_json(everything: &Exported) -> io::Result<()> {
    let json = serde_json::to_string_pretty(everything)?;
    writeln!(io::stdout().lock(), "{}", escaped(&json))
}

/// Strangers write the bodies, and the export may be read on a terminal: what would steer it is escaped as JSON escapes it.
/// In JSON such characters stand in strings alone; the line ends between its lines are our own.
fn escaped(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && (wording::is_control(c) || matches!(c, '\u{2028}' | '\u{2029}')) {
            safe.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Calls and texts in one table: a text that answers no call has no columns of a call, and the reverse.
fn write_csv(everything: &Exported, mut out: impl Write) -> io::Result<()> {
    let header = [
        "record",
        "id",
        "number",
        "started_or_created_at",
        "ended_or_sent_at",
        "delivered_at",
        "rings",
        "outcome_or_state",
        "reason_or_error",
        "direction",
        "body",
        "parts",
        "attempts",
        "text_id",
        "call_id",
    ];
    write_row(&mut out, &header.map(str::to_owned))?;
    for call in &everything.calls {
        write_row(
            &mut out,
            &[
                "call".to_owned(),
                call.id.to_string(),
                text(call.caller.as_ref()),
                call.started_at.to_string(),
                time(call.ended_at),
                String::new(),
                call.rings.to_string(),
                call.outcome.to_owned(),
                text(call.reason.as_ref()),
                String::new(),
                String::new(),
                String::new(),
                String::new(),
                number(call.text_id),
                String::new(),
            ],
        )?;
    }
    for sms in &everything.texts {
        write_row(
            &mut out,
            &[
                "text".to_owned(),
                sms.id.to_string(),
                text(sms.number.as_ref()),
                sms.created_at.to_string(),
                time(sms.sent_at),
                time(sms.delivered_at),
                String::new(),
                sms.state.clone(),
                text(sms.error.as_ref()),
                sms.direction.clone(),
                sms.body.clone(),
                sms.parts.to_string(),
                sms.attempts.to_string(),
                String::new(),
                number(sms.call_id),
            ],
        )?;
    }
    Ok(())
}

fn write_row(out: &mut impl Write, fields: &[String]) -> io::Result<()> {
    let fields: Vec<String> = fields.iter().map(|field| csv_field(field)).collect();
    write!(out, "{}\r\n", fields.join(","))
}

/// RFC 4180; and since strangers write the bodies, what a spreadsheet would take for a formula gets an apostrophe in
/// front. A phone number's plus stays: it is followed by digits alone.
fn csv_field(field: &str) -> String {
    let field = &wording::without_controls(field);
    let number = field
        .strip_prefix('+')
        .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    let formula = !number && field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let safe = if formula {
        format!("'{field}")
    } else {
        field.to_owned()
    };
    if safe.contains([',', '"', '\n', '\r']) || safe.starts_with('\'') {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

fn text(value: Option<&String>) -> String {
    value.cloned().unwrap_or_default()
}

fn time(value: Option<Timestamp>) -> String {
    value.map(|at| at.to_string()).unwrap_or_default()
}

fn number(value: Option<i64>) -> String {
    value.map(|id| id.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{csv_field, escaped};

    #[test]
    fn what_would_steer_a_terminal_is_escaped() {
        let json = serde_json::to_string("\u{1b}[31m \u{9b}31m \u{202e} \u{2028} \u{7} a\nb é 🙂")
            .unwrap();
        let safe = escaped(&json);
        assert!(
            !safe.contains(|c: char| crate::wording::is_control(c) || c == '\u{2028}'),
            "{safe}"
        );
        let same: String = serde_json::from_str(&safe).unwrap();
        assert_eq!(
            same,
            "\u{1b}[31m \u{9b}31m \u{202e} \u{2028} \u{7} a\nb é 🙂"
        );
    }

    #[test]
    fn a_stranger_s_words_are_no_formula_and_break_no_row() {
        let table = [
            ("plain", "plain"),
            ("+12025550143", "+12025550143"),
            ("a, b", "\"a, b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\""),
            ("+1+1", "\"'+1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("-2+3", "\"'-2+3\""),
            ("\u{1b}[31mred \u{202e}", "[31mred "),
        ];
        for (field, expected) in table {
            assert_eq!(csv_field(field), expected);
        }
    }
}
