//! What an armed modem is asked once a minute: its signal, the time, its registrations, and so whether it still knows what it was told.
//! Knows no request and no healing.

use tokio::io::{AsyncRead, AsyncWrite};

use super::ModemEvent;
use super::line::{End, Failure, Line};
use super::task::Outlets;
use crate::at::urc::Domain;
use crate::at::{Answer, Command, Signal};
use crate::clock::Clock;

/// Every how many looks it is asked what time it is, once it knows: the network tells some only a while after it has taken them in.
const LOOKS_PER_TIME: u32 = 60;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Look {
    /// At the last look; `None` if the modem cannot tell.
    pub(super) signal: Option<Signal>,
    looks: u32,
    /// It has said a time that is one, or nothing at all: it need not be asked at each look.
    time_can_wait: bool,
    /// What else it was told, each with the answer that says so, where its registrations would not show that it has forgotten that. Only
    /// questions out of its own memory: `AT+CLIP?` asks the network as well (27.007 7.7).
    settings: Vec<(Command, String)>,
}

impl Look {
    /// The first one, before the modem is armed.
    pub(super) async fn first<P: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        line: &mut Line<P>,
        out: &Outlets,
    ) -> Result<(), End> {
        self.signal(line).await?;
        self.time(line, out).await?;
        if line.is_silent() {
            line.settle().await?;
            self.after_silence(line).await?;
        }
        if line.reporting.would_show() {
            return Ok(());
        }
        for question in [Command::new_messages_now(), Command::mode_now()] {
            let answer = ask(line, &question).await?;
            if let Some(said) = answer.and_then(|answer| answer.text()) {
                self.settings.push((question, said));
            }
        }
        line.settle().await
    }

    /// One that is due.
    pub(super) async fn again<P: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        line: &mut Line<P>,
        out: &Outlets,
    ) -> Result<(), End> {
        self.signal(line).await?;
        // A hang is to be seen before the next question waits it out.
        if line.is_silent() {
            return Ok(());
        }
        self.looks += 1;
        if !self.time_can_wait || self.looks.is_multiple_of(LOOKS_PER_TIME) {
            self.time(line, out).await?;
        }
        match line.is_silent() {
            true => Ok(()),
            false => self.still_set(line).await,
        }
    }

    /// It has not answered, and answers again: it may have started anew meanwhile.
    pub(super) async fn after_silence<P: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        line: &mut Line<P>,
    ) -> Result<(), End> {
        self.still_set(line).await
    }

    /// Asks for both registrations; the line notes what it hears. A modem that will not say leaves what it said before. One that has
    /// forgotten that it was to tell of them by itself has started anew without a word.
    async fn still_set<P: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        line: &mut Line<P>,
    ) -> Result<(), End> {
        for domain in [Domain::Circuit, Domain::Lte] {
            let answer = ask(line, &Command::registration(domain)).await?;
            let stands = answer.is_none_or(|answer| line.hear_registration(domain, &answer));
            if !stands {
                return Err(End::Restarted);
            }
            if line.is_silent() {
                return Ok(());
            }
        }
        for (question, before) in &self.settings {
            let answer = ask(line, question).await?;
            let now = answer.and_then(|answer| answer.text());
            if now.is_some_and(|now| now != *before) {
                return Err(End::Restarted);
            }
            if line.is_silent() {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn signal<P: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        line: &mut Line<P>,
    ) -> Result<(), End> {
        let answer = ask(line, &Command::signal()).await?;
        self.signal = answer.and_then(|answer| answer.signal());
        Ok(())
    }

    async fn time<P: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        line: &mut Line<P>,
        out: &Outlets,
    ) -> Result<(), End> {
        let answer = ask(line, &Command::time()).await?;
        self.time_can_wait |= line.is_silent();
        if let Some(time) = answer.and_then(|answer| answer.time()) {
            self.time_can_wait |= Clock::is_sane(time);
            out.tell(ModemEvent::Time(time));
        }
        Ok(())
    }
}

/// The number of the service centre, if the modem says it; empty if it has none.
pub(super) async fn service_centre<P: AsyncRead + AsyncWrite + Unpin>(
    line: &mut Line<P>,
) -> Result<Option<String>, End> {
    let answer = ask(line, &Command::service_centre()).await?;
    Ok(answer.map(|answer| answer.service_centre()))
}

/// `None` if it refuses or does not answer.
async fn ask<P: AsyncRead + AsyncWrite + Unpin>(
    line: &mut Line<P>,
    command: &Command,
) -> Result<Option<Answer>, End> {
    match line.ask(command).await {
        Ok(answer) => Ok(Some(answer)),
        Err(Failure::Refused(_) | Failure::NoAnswer) => Ok(None),
        Err(Failure::Ended(end)) => Err(end),
    }
}
