//! A modem's second port: on some, part of what they say by themselves comes there (an EP06-E took commands on one port and said RING
//! and `+CDS` on the next: sms-gate, docs/modem.md). It is read and never written to. Knows no command.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::Instant;
use tokio_util::codec::Decoder;

use crate::at::{Chat, Frame, Heard, LineCodec, Urc};

/// The same thing said on both ports comes within this: both are on one USB device. Rings of one call are 1.07 s apart at least.
const TWIN_WITHIN: Duration = Duration::from_millis(500);
/// Bytes taken from the port at once.
const READ_SIZE: usize = 1024;

/// The port with all that makes URCs of its bytes.
pub(super) struct Ear<P> {
    port: P,
    codec: LineCodec,
    chat: Chat,
    incoming: BytesMut,
}

impl<P: AsyncRead + Unpin> Ear<P> {
    pub(super) fn new(port: P) -> Self {
        Self {
            port,
            codec: LineCodec::default(),
            chat: Chat::default(),
            incoming: BytesMut::new(),
        }
    }

    /// The next thing the modem says by itself here. Answers belong to whoever asked, and nobody asks here.
    ///
    /// # Errors
    /// When the port is of no use any more.
    pub(super) fn poll_urc(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Urc>> {
        loop {
            while let Some(heard) = self.chat.next_heard() {
                if let Heard::Urc(urc) = heard {
                    return Poll::Ready(Ok(urc));
                }
            }
            if let Some(frame) = self.codec.decode(&mut self.incoming)? {
                if let Frame::Line(line) = frame {
                    self.chat.hear(&line);
                }
                continue;
            }
            let mut room = [0; READ_SIZE];
            let mut read = ReadBuf::new(&mut room);
            match Pin::new(&mut self.port).poll_read(cx, &mut read) {
                Poll::Ready(Ok(())) if read.filled().is_empty() => {
                    return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
                }
                Poll::Ready(Ok(())) => self.incoming.extend_from_slice(read.filled()),
                Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

/// Which port something came on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Main,
    Second,
}

/// What was said on one port and may yet be said on the other.
#[derive(Debug, Default)]
pub(super) struct Twins {
    single: VecDeque<(Instant, Side, Urc)>,
}

impl Twins {
    /// Whether this has not been heard on the other port already: each thing said there makes up for one said here.
    pub(super) fn is_news(&mut self, now: Instant, side: Side, urc: &Urc) -> bool {
        self.single
            .retain(|(at, ..)| now.saturating_duration_since(*at) <= TWIN_WITHIN);
        let twin = self
            .single
            .iter()
            .position(|(_, other, said)| *other != side && said == urc);
        match twin {
            Some(twin) => {
                self.single.remove(twin);
                false
            }
            None => {
                self.single.push_back((now, side, urc.clone()));
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_both_ports_say_counts_once_and_what_one_says_twice_counts_twice() {
        let mut twins = Twins::default();
        let start = tokio::time::sleep(Duration::ZERO).deadline();
        let mut hear = |ms: u64, side: Side, urc: Urc| {
            twins.is_news(start + Duration::from_millis(ms), side, &urc)
        };
        assert!(hear(0, Side::Main, Urc::Ring));
        assert!(!hear(3, Side::Second, Urc::Ring));
        assert!(hear(1070, Side::Second, Urc::Ring), "the other one first");
        assert!(!hear(1080, Side::Main, Urc::Ring));
        assert!(hear(2140, Side::Main, Urc::Ring), "on one port only");
        assert!(hear(3210, Side::Second, Urc::Ring), "and then on the other");
        assert!(hear(3220, Side::Second, Urc::Ring), "twice on the same");
        assert!(hear(3230, Side::Main, Urc::Restarted), "something else");
        assert!(!hear(3240, Side::Main, Urc::Ring));
        assert!(!hear(3250, Side::Main, Urc::Ring));
        assert!(hear(3260, Side::Main, Urc::Ring));
    }
}
