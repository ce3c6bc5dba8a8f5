//! The open port with its codec and its arbiter: one command at a time, URCs passed on as they come, and back in step after an
//! answer that did not come. Knows no command's purpose.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{sleep, timeout};
use tokio_util::codec::{Decoder, Encoder};

use super::ear::{Ear, Side, Twins};
use super::reporting::Reporting;
use super::{ModemEvent, Pulse, Registrations, Rung, SendError};
use crate::at::urc::Domain;
use crate::at::{
    Answer, AtError, Chat, Command, Frame, Heard, LineCodec, Outgoing, PROMPT_TIMEOUT, PduHex, Urc,
};

/// A late answer poisons the next command: after a time-out the line is read until it has been quiet for so long … (sms-gate
/// 0.9.0, measured on an EP06-E)
const QUIET: Duration = Duration::from_millis(300);
/// … and at most for so long, for some never fall quiet.
const MAX_DRAIN: Duration = Duration::from_secs(2);
/// How long each probe of a modem out of step waits.
const PROBE_TIMEOUT: Duration = Duration::from_secs(3);
/// After so many probes, 3.3 s each, some 80 s in all, the modem counts as dead. Hangs of 30 s and more do pass.
const MAX_PROBES: u32 = 24;
/// Final results that are whole without their line end: a code, as of `+CME ERROR: 1`, may go on.
const FINAL_WORDS: [&str; 2] = ["OK", "ERROR"];
/// Bytes taken from the port at once.
const READ_SIZE: usize = 1024;

/// Why a session is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// The port is of no use any more.
    Lost(String),
    /// The modem has started anew and forgotten every setting.
    Restarted,
    /// The SIM told its state unasked: it was pulled, or put in, or the modem has started anew (SIM800 and others say no more
    /// than `+CPIN: READY` then).
    SimSpoke(String),
    /// It refused a message, or to list its messages, as one does that is in another mode than it was put into.
    Forgetful,
    /// It answers nothing any more; the port may be of use once it is opened again.
    Dead(String),
    /// It is ill, in words, and this is tried next.
    Ill(Rung, String),
}

impl End {
    pub(super) fn why(&self) -> String {
        match self {
            Self::Forgetful => {
                "The modem refuses texts as if it had forgotten its settings. It is set up again."
                    .to_owned()
            }
            Self::SimSpoke(state) => format!("The SIM has reported: {state}."),
            Self::Lost(why) | Self::Dead(why) | Self::Ill(_, why) => why.clone(),
            Self::Restarted => "The modem has restarted by itself.".to_owned(),
        }
    }
}

/// Why a command brought nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// The modem said no.
    Refused(AtError),
    /// It said nothing in time. It has not been brought back in step yet.
    NoAnswer,
    /// There is nobody left to say anything.
    Ended(End),
}

impl From<End> for Failure {
    fn from(end: End) -> Self {
        Self::Ended(end)
    }
}

/// What came over the ports.
enum Came {
    Frame(Frame),
    /// Said by itself on the second one.
    Overheard(Urc),
}

/// What came down the line.
enum Said {
    /// A URC, which has been passed on, or nothing worth it.
    Nothing,
    Prompt,
    Answered(Result<Answer, AtError>),
    /// The answer to something earlier.
    Stray,
}

/// Whether the next answer will be the next command's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    In,
    /// An ESC went out, which some modems answer.
    Escaped,
    /// An answer did not come.
    Out,
}

/// See the module.
pub(super) struct Line<P> {
    port: P,
    /// The modem's second port, if it has one.
    ear: Option<Ear<P>>,
    twins: Twins,
    codec: LineCodec,
    chat: Chat,
    incoming: BytesMut,
    outgoing: BytesMut,
    events: UnboundedSender<ModemEvent>,
    pulse: Pulse,
    step: Step,
    /// Commands given up whose answer has not come.
    owed: u32,
    /// The newest the modem has said of them.
    pub(super) registrations: Registrations,
    /// What the SIM has told unasked since the line was begun.
    pub(super) sim_spoke: Option<String>,
    /// How much of its registrations the modem tells by itself, by its own word: it forgets that with everything else.
    pub(super) reporting: Reporting,
    /// The modem has said what it may say after a start.
    pub(super) in_doubt: bool,
}

impl<P: AsyncRead + AsyncWrite + Unpin> Line<P> {
    /// A line over `port`, which is also listened to on `second`.
    pub(super) fn new(
        port: P,
        second: Option<P>,
        events: UnboundedSender<ModemEvent>,
        pulse: Pulse,
    ) -> Self {
        Self {
            port,
            ear: second.map(Ear::new),
            twins: Twins::default(),
            codec: LineCodec::default(),
            chat: Chat::default(),
            incoming: BytesMut::with_capacity(READ_SIZE),
            outgoing: BytesMut::new(),
            events,
            pulse,
            step: Step::In,
            owed: 0,
            registrations: Registrations::default(),
            sim_spoke: None,
            reporting: Reporting::default(),
            in_doubt: false,
        }
    }

    /// Forgets all that a modem which starts anew has forgotten too, and frees one that waits at a prompt.
    pub(super) fn begin(&mut self) {
        self.chat.give_up();
        self.outgoing.clear();
        self.codec.await_prompt(true);
        self.step = Step::In;
        self.owed = 0;
        self.registrations = Registrations::default();
        self.sim_spoke = None;
        self.reporting = Reporting::default();
        self.in_doubt = false;
        self.write(Outgoing::Escape);
    }

    /// Waits for the next thing the modem says, and passes it on. Nothing is lost if this is dropped half-way.
    pub(super) async fn listen(&mut self) -> Result<(), End> {
        match self.next().await? {
            Said::Prompt => self.write(Outgoing::Escape),
            Said::Nothing | Said::Answered(_) | Said::Stray => {}
        }
        Ok(())
    }

    /// The present, as the timers count it.
    pub(super) fn now(&self) -> tokio::time::Instant {
        sleep(Duration::ZERO).deadline()
    }

    /// Listens for so long.
    pub(super) async fn pause(&mut self, time: Duration) -> Result<(), End> {
        let listening = async {
            loop {
                self.listen().await?;
            }
        };
        timeout(time, listening).await.unwrap_or(Ok(()))
    }

    /// Takes the answer to the question for a registration. False if the modem has forgotten that it was to tell of it by itself: it has
    /// started anew.
    pub(super) fn hear_registration(&mut self, domain: Domain, answer: &Answer) -> bool {
        if let Some(registration) = answer.registration() {
            self.registrations.note(registration);
        }
        let told = answer.registration_reporting();
        told.is_none_or(|now| self.reporting.stands(domain, now))
    }

    /// Listens for so long, or until nothing speaks against a registration any more.
    pub(super) async fn registered_within(&mut self, time: Duration) -> Result<(), End> {
        let listening = async {
            while self.registrations.missing().is_some() {
                self.listen().await?;
            }
            Ok(())
        };
        timeout(time, listening).await.unwrap_or(Ok(()))
    }

    /// Sends a command and waits for its answer, once the line is in step.
    pub(super) async fn ask(&mut self, command: &Command) -> Result<Answer, Failure> {
        self.settle().await?;
        match self.exchange(command).await? {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(error)) => Err(Failure::Refused(error)),
            None => {
                self.step = Step::Out;
                Err(Failure::NoAnswer)
            }
        }
    }

    /// Sends a command, in step or not; `None` if no answer comes in time.
    pub(super) async fn exchange(
        &mut self,
        command: &Command,
    ) -> Result<Option<Result<Answer, AtError>>, End> {
        self.pulse.beat();
        self.chat.open(command);
        self.write(Outgoing::Command(command));
        let answered = match timeout(command.timeout(), self.answer()).await {
            Ok(answered) => Some(answered?),
            Err(_) => self.take_unended()?,
        };
        if let Some(answered) = answered {
            match &answered {
                Ok(_) => {
                    tracing::debug!("{command}: OK");
                    if command.information_required() {
                        // Who answers a question is at no prompt.
                        self.codec.await_prompt(false);
                    }
                }
                Err(error) => tracing::debug!("{command}: {error}"),
            }
            return Ok(Some(answered));
        }
        let partial = self.give_up();
        tracing::debug!("{command}: no answer");
        // Wavecom sends no OK behind `+CPIN: READY`; what was asked for is there all the same.
        if command.information_required() && partial != Answer::default() {
            return Ok(Some(Ok(partial)));
        }
        Ok(None)
    }

    /// Sends a message: `AT+CMGS`, the prompt, the PDU. The reference is `None` if the modem took the message and did not say it
    /// legibly. A reference whose `OK` never came still says that the message was sent: it is the network's (27.005 4.3).
    pub(super) async fn send(
        &mut self,
        pdu: &PduHex,
        tpdu_length: u8,
    ) -> (Result<Option<u8>, SendError>, Option<End>) {
        if let Err(end) = self.settle().await {
            return (Err(not_taken(end.why())), Some(end));
        }
        self.pulse.beat();
        let command = Command::send_message(tpdu_length);
        self.chat.open(&command);
        self.write(Outgoing::Command(&command));
        self.codec.await_prompt(true);
        match timeout(PROMPT_TIMEOUT, self.prompt()).await {
            Ok(Ok(None)) => {}
            Ok(Ok(Some(error))) => {
                self.escape(Step::Escaped);
                return (Err(SendError::Refused(error)), None);
            }
            Ok(Err(end)) => return (Err(not_taken(end.why())), Some(end)),
            Err(_) => {
                self.give_up();
                self.escape(Step::Out);
                let waited = PROMPT_TIMEOUT.as_secs();
                let why = format!("The modem did not ask for the message within {waited} s.");
                return (Err(not_taken(why)), None);
            }
        }
        self.codec.await_prompt(false);
        self.chat.prompted();
        self.write(Outgoing::Pdu(pdu));
        let answered = timeout(command.timeout(), self.answer()).await;
        // Ctrl-Z is the last byte: as long as anything waits to be written, the message is not complete.
        let handed_over = self.outgoing.is_empty();
        let unclear = |why: String| match handed_over {
            true => SendError::Unconfirmed { why },
            false => SendError::NotTaken { why },
        };
        match answered {
            Ok(Ok(Ok(answer))) => (Ok(answer.message_reference()), None),
            Ok(Ok(Err(error))) => {
                self.escape(Step::Escaped);
                (Err(SendError::Refused(error)), None)
            }
            Ok(Err(end)) => {
                let reference = self.give_up().message_reference();
                let sent = reference.ok_or_else(|| unclear(end.why()));
                (sent.map(Some), Some(end))
            }
            Err(_) => {
                let reference = self.give_up().message_reference();
                self.escape(Step::Out);
                let waited = command.timeout().as_secs();
                let why =
                    format!("The modem did not say within {waited} s whether it took the message.");
                (reference.ok_or_else(|| unclear(why)).map(Some), None)
            }
        }
    }

    /// Whether an answer did not come and the modem has not been heard to answer since.
    pub(super) fn is_silent(&self) -> bool {
        self.step == Step::Out
    }

    /// Brings the line back in step, if it is not: reads what is late, and probes until an answer is surely the probe's own.
    pub(super) async fn settle(&mut self) -> Result<(), End> {
        if self.step == Step::In {
            return Ok(());
        }
        self.drain().await?;
        if self.step == Step::Out {
            self.probe().await?;
        }
        self.codec.await_prompt(false);
        self.step = Step::In;
        Ok(())
    }

    async fn probe(&mut self) -> Result<(), End> {
        let probe = Command::attention().within(PROBE_TIMEOUT);
        // Its information tells its answer from that of any probe, however late those come.
        let proof = Command::sim_state().within(PROBE_TIMEOUT);
        for probes in 1..=MAX_PROBES {
            let answered = self.exchange(&probe).await?.is_some();
            if answered {
                // After a hang the probes before it are still to be answered; nothing is asked meanwhile.
                self.catch_up().await?;
                if self.owed == 0 {
                    return Ok(());
                }
                match self.exchange(&proof).await? {
                    Some(Ok(_)) => {
                        self.owed = 0;
                        return Ok(());
                    }
                    // A late error, or the SIM's own trouble.
                    Some(Err(_)) => self.owed = self.owed.saturating_sub(1),
                    None => {}
                }
            }
            if probes == 1 && !answered {
                // Another program may have left it at a prompt, where everything is text. Its answer is owed too, if it gives one.
                self.escape(Step::Out);
                self.owed = self.owed.saturating_add(1);
            }
            self.drain().await?;
        }
        let why = "The modem has not answered for more than a minute. If this goes on, unplug it and plug it in again.";
        Err(End::Dead(why.to_owned()))
    }

    /// Frees a modem that waits at a prompt and reads until it is quiet.
    pub(super) async fn clear(&mut self) -> Result<(), End> {
        self.escape(Step::Escaped);
        self.settle().await
    }

    /// Reads what is late, if anything can be, of a modem that is not asked whether it answers.
    pub(super) async fn let_pass_what_is_late(&mut self) -> Result<(), End> {
        if self.step == Step::In && self.owed == 0 {
            return Ok(());
        }
        self.drain().await
    }

    /// Reads what is late, where commands were given up whose answer has not come.
    pub(super) async fn catch_up(&mut self) -> Result<(), End> {
        if self.owed == 0 {
            return Ok(());
        }
        self.drain().await
    }

    /// Reads until the line is quiet, whatever is owed; nothing is after that.
    pub(super) async fn hear_out(&mut self) -> Result<(), End> {
        self.drain().await?;
        self.owed = 0;
        Ok(())
    }

    /// Reads until the line is quiet.
    async fn drain(&mut self) -> Result<(), End> {
        let draining = async {
            while let Ok(heard) = timeout(QUIET, self.listen()).await {
                heard?;
            }
            Ok(())
        };
        timeout(MAX_DRAIN, draining).await.unwrap_or(Ok(()))?;
        self.take_unended().map(drop)
    }

    /// Takes a final result of which all has come but the end of its line: left lying, it would pass for the answer to the next command
    /// as soon as that command's own answer ends the line.
    fn take_unended(&mut self) -> Result<Option<Result<Answer, AtError>>, End> {
        let line = self.incoming.trim_ascii();
        if let Some(word) = FINAL_WORDS.iter().find(|word| word.as_bytes() == line) {
            self.incoming.clear();
            self.chat.hear(word);
        }
        while let Some(heard) = self.chat.next_heard() {
            if let Said::Answered(result) = self.take(heard)? {
                return Ok(Some(result));
            }
        }
        Ok(None)
    }

    /// Waits for the open command's final result.
    async fn answer(&mut self) -> Result<Result<Answer, AtError>, End> {
        loop {
            match self.next().await? {
                Said::Answered(result) => return Ok(result),
                // Left over from a message that failed.
                Said::Prompt => self.write(Outgoing::Escape),
                Said::Nothing | Said::Stray => {}
            }
        }
    }

    /// Waits for the prompt, or for the error that comes in its place.
    async fn prompt(&mut self) -> Result<Option<AtError>, End> {
        loop {
            match self.next().await? {
                Said::Prompt => return Ok(None),
                Said::Answered(Err(error)) => return Ok(Some(error)),
                // An `OK` without a prompt is never this command's; the arbiter knows.
                Said::Answered(Ok(_)) | Said::Nothing | Said::Stray => {}
            }
        }
    }

    fn give_up(&mut self) -> Answer {
        self.owed = self.owed.saturating_add(1);
        self.outgoing.clear();
        self.chat.give_up()
    }

    /// Frees the modem if it waits at a prompt: it would take every further command for text.
    fn escape(&mut self, step: Step) {
        self.codec.await_prompt(true);
        self.step = step;
        self.write(Outgoing::Escape);
    }

    fn write(&mut self, outgoing: Outgoing<'_>) {
        let encoded = self.codec.encode(outgoing, &mut self.outgoing);
        debug_assert!(encoded.is_ok(), "encoding into memory cannot fail");
    }

    async fn next(&mut self) -> Result<Said, End> {
        if let Some(heard) = self.chat.next_heard() {
            return self.take(heard);
        }
        match poll_fn(|cx| self.poll_came(cx)).await.map_err(lost)? {
            Came::Overheard(urc) => self.take_urc(Side::Second, urc),
            Came::Frame(Frame::Prompt) => Ok(Said::Prompt),
            Came::Frame(Frame::Line(line)) => {
                self.chat.hear(&line);
                match self.chat.next_heard() {
                    Some(heard) => self.take(heard),
                    None => Ok(Said::Nothing),
                }
            }
        }
    }

    fn take(&mut self, heard: Heard) -> Result<Said, End> {
        match heard {
            Heard::Answered(result) => Ok(Said::Answered(result)),
            Heard::Stray => {
                self.owed = self.owed.saturating_sub(1);
                Ok(Said::Stray)
            }
            Heard::Urc(urc) => self.take_urc(Side::Main, urc),
        }
    }

    fn take_urc(&mut self, side: Side, urc: Urc) -> Result<Said, End> {
        let now = self.now();
        if self.ear.is_some() && !self.twins.is_news(now, side, &urc) {
            return Ok(Said::Nothing);
        }
        if let Urc::Registration(registration) = &urc {
            self.registrations.note(registration.clone());
        }
        if let Urc::SimState(state) = &urc {
            self.sim_spoke = Some(state.clone());
        }
        self.in_doubt |= urc == Urc::PerhapsRestarted;
        let restarted = urc == Urc::Restarted;
        // Nobody listens only while the service is being stopped.
        let _ = self.events.send(ModemEvent::Urc(urc));
        match restarted {
            true => Err(End::Restarted),
            false => Ok(Said::Nothing),
        }
    }

    fn poll_came(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Came>> {
        if let Poll::Ready(frame) = self.poll_frame(cx) {
            return Poll::Ready(frame.map(Came::Frame));
        }
        match self.ear.as_mut().map(|ear| ear.poll_urc(cx)) {
            Some(Poll::Ready(Ok(urc))) => Poll::Ready(Ok(Came::Overheard(urc))),
            Some(Poll::Ready(Err(error))) => {
                // If the modem is gone, its first port tells.
                tracing::info!("The modem's second port is not read any more: {error}");
                self.ear = None;
                Poll::Pending
            }
            Some(Poll::Pending) | None => Poll::Pending,
        }
    }

    /// Writes what waits to be written as far as the port takes it, and reads at the same time.
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Frame>> {
        loop {
            while !self.outgoing.is_empty() {
                match Pin::new(&mut self.port).poll_write(cx, &self.outgoing) {
                    Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                    Poll::Ready(Ok(written)) => self.outgoing.advance(written),
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending => break,
                }
            }
            if let Some(frame) = self.codec.decode(&mut self.incoming)? {
                return Poll::Ready(Ok(frame));
            }
            let mut room = [0; READ_SIZE];
            let mut read = ReadBuf::new(&mut room);
            match Pin::new(&mut self.port).poll_read(cx, &mut read) {
                // A tty that has vanished reads nothing, for ever.
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

fn not_taken(why: String) -> SendError {
    SendError::NotTaken { why }
}

#[expect(clippy::needless_pass_by_value, reason = "stands in map_err")]
fn lost(error: io::Error) -> End {
    End::Lost(match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            "The modem is gone from its port. Is it plugged in, and does it get enough power?"
                .to_owned()
        }
        _ => format!(
            "The modem's port failed: {error}. Is it plugged in, and does it get enough power?"
        ),
    })
}
