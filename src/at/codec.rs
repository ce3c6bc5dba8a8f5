//! Bytes to lines and prompts, and commands to bytes. Knows nothing of what a line says, and never fails on noise.

use std::io;

use bytes::{Buf, BufMut, BytesMut};
use tokio_util::codec::{Decoder, Encoder};

use super::command::Command;
use super::parameter::PduHex;

/// Longest line kept, in bytes; what is longer is dropped up to its end. The longest we ask for is a PDU of 12 + 176 octets in
/// hexadecimal, 376 digits; the rest is room for chatty vendors.
pub(super) const MAX_LINE: usize = 2048;

/// Ends the PDU behind a prompt (27.005 4.3).
const CTRL_Z: u8 = 0x1a;
/// Leaves a prompt without sending (27.005 4.3).
const ESC: u8 = 0x1b;

/// One piece of what the modem says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A line without its end, neither empty nor only spaces. Spaces inside and around it are as they came; control
    /// characters are gone.
    Line(String),
    /// The modem waits for a PDU.
    Prompt,
}

/// One piece of what we say.
#[derive(Debug, Clone, Copy)]
pub enum Outgoing<'a> {
    /// A command and its carriage return.
    Command(&'a Command),
    /// The PDU that a prompt asked for, and Ctrl-Z.
    Pdu(&'a PduHex),
    /// ESC: frees a modem that waits at a prompt; does nothing otherwise.
    Escape,
}

/// The framing of a serial line that speaks AT.
///
/// CR and LF end a line in any mix, so doubled and missing ones do no harm. A prompt is `>` at the start of a line while one
/// is awaited; what follows it, a space (27.005) or CR LF (SIM7670G), falls away with the empty line it makes.
#[derive(Debug, Default)]
pub struct LineCodec {
    prompt_awaited: bool,
    /// Inside a line that grew too long: everything up to its end falls away.
    overlong: bool,
}

impl LineCodec {
    /// From now on, whether `>` at the start of a line is a prompt.
    pub fn await_prompt(&mut self, awaited: bool) {
        self.prompt_awaited = awaited;
    }
}

impl Decoder for LineCodec {
    type Item = Frame;
    type Error = io::Error;

    fn decode(&mut self, bytes: &mut BytesMut) -> Result<Option<Frame>, io::Error> {
        loop {
            if !self.overlong {
                let blank = bytes
                    .iter()
                    .take_while(|b| b.is_ascii_whitespace() || **b == 0)
                    .count();
                // Spaces may belong to a line, as the rest of one that a URC has cut in two; only what ends in a line end goes.
                let empty = bytes[..blank]
                    .iter()
                    .rposition(|b| is_line_end(*b))
                    .map_or(0, |p| p + 1);
                bytes.advance(empty);
                if self.prompt_awaited && bytes.get(blank - empty) == Some(&b'>') {
                    bytes.advance(blank - empty + 1);
                    return Ok(Some(Frame::Prompt));
                }
            }
            match bytes.iter().position(|b| is_line_end(*b)) {
                Some(end) => {
                    let line = bytes.split_to(end);
                    bytes.advance(1);
                    if std::mem::take(&mut self.overlong) || line.len() > MAX_LINE {
                        continue;
                    }
                    let mut text = String::from_utf8_lossy(&line).into_owned();
                    text.retain(|c| !c.is_control());
                    if !text.trim().is_empty() {
                        return Ok(Some(Frame::Line(text)));
                    }
                }
                None => {
                    if bytes.len() > MAX_LINE || self.overlong {
                        self.overlong = true;
                        bytes.clear();
                    }
                    return Ok(None);
                }
            }
        }
    }

    fn decode_eof(&mut self, bytes: &mut BytesMut) -> Result<Option<Frame>, io::Error> {
        let frame = self.decode(bytes)?;
        if frame.is_none() {
            bytes.clear();
        }
        Ok(frame)
    }
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

impl Encoder<Outgoing<'_>> for LineCodec {
    type Error = io::Error;

    fn encode(&mut self, item: Outgoing<'_>, bytes: &mut BytesMut) -> Result<(), io::Error> {
        match item {
            Outgoing::Command(command) => bytes.put_slice(command.bytes()),
            Outgoing::Pdu(pdu) => {
                bytes.put_slice(pdu.as_str().as_bytes());
                bytes.put_u8(CTRL_Z);
            }
            Outgoing::Escape => bytes.put_u8(ESC),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frames(awaited: bool, reads: &[&[u8]]) -> Vec<Frame> {
        let mut codec = LineCodec::default();
        codec.await_prompt(awaited);
        let mut bytes = BytesMut::new();
        let mut frames = Vec::new();
        for read in reads {
            bytes.extend_from_slice(read);
            while let Some(frame) = codec.decode(&mut bytes).unwrap() {
                frames.push(frame);
            }
        }
        frames
    }

    fn lines(texts: &[&str]) -> Vec<Frame> {
        texts.iter().map(|t| Frame::Line((*t).into())).collect()
    }

    #[test]
    fn lines_end_in_any_mix_of_cr_and_lf() {
        let cases: [(&[u8], &[&str]); 6] = [
            (b"\r\nOK\r\n", &["OK"]),
            (b"RING\r\r\n+CRING: VOICE\r\r\n", &["RING", "+CRING: VOICE"]),
            (b"\nNO CARRIER\r\n", &["NO CARRIER"]),
            (b"\0\0\r\nRING\r\n", &["RING"]),
            (
                b"AT+CPAS\r\r\nRING\r\n\r\n+CPAS: 0\r\n",
                &["AT+CPAS", "RING", "+CPAS: 0"],
            ),
            (b"+COPS: 0,0,\"\xe4\",2\r\n", &["+COPS: 0,0,\"\u{fffd}\",2"]),
        ];
        for (bytes, wanted) in cases {
            assert_eq!(frames(false, &[bytes]), lines(wanted), "{bytes:?}");
        }
    }

    #[test]
    fn a_prompt_needs_no_line_end_but_has_to_be_awaited() {
        for bytes in [
            &b"\r\n> "[..],
            b"\r\n>\r\n",
            b"> \r\n",
            b"AT+CMGS=10\r\r\n> ",
            b"\r\n>",
        ] {
            assert_eq!(
                frames(true, &[bytes]).last(),
                Some(&Frame::Prompt),
                "{bytes:?}"
            );
            assert!(
                !frames(false, &[bytes]).contains(&Frame::Prompt),
                "{bytes:?}"
            );
        }
        assert_eq!(frames(true, &[b"a> b\r\n"]), lines(&["a> b"]));
    }

    #[test]
    fn a_line_too_long_falls_away_and_nothing_else_does() {
        let fits = vec![b'x'; MAX_LINE];
        let over = vec![b'y'; MAX_LINE + 1];
        let found = frames(
            false,
            &[
                &fits,
                b"\r\n",
                &over,
                &over,
                b"\r\nRING\r\n",
                &[&over[..], b"\rOK\r"].concat(),
            ],
        );
        assert_eq!(
            found,
            lines(&[std::str::from_utf8(&fits).unwrap(), "RING", "OK"])
        );
    }

    #[test]
    fn endless_garbage_is_not_kept() {
        let mut codec = LineCodec::default();
        let mut bytes = BytesMut::new();
        for _ in 0..1000 {
            bytes.extend_from_slice(&[b'z'; 100]);
            assert_eq!(codec.decode(&mut bytes).unwrap(), None);
            assert!(bytes.len() <= MAX_LINE);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn how_reads_are_cut_changes_nothing(
            bytes in prop::collection::vec(prop::sample::select(&b"\r\n\0 >AK+\xff"[..]), 0..80),
            cuts in prop::collection::vec(0usize..80, 0..6),
            awaited: bool,
        ) {
            let mut cuts: Vec<_> = cuts.into_iter().map(|c| c.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let reads: Vec<_> = cuts.windows(2).map(|w| &bytes[w[0]..w[1]]).collect();
            prop_assert_eq!(frames(awaited, &reads), frames(awaited, &[&bytes]));
        }
    }
}
