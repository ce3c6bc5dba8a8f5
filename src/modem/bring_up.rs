//! From an open port to a modem that can text: what is set, in which order, and what a refusal means. Knows no requests and no
//! back-off.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use super::line::{End, Failure, Line};
use super::pin::PinSource;
use super::{Facts, ModemState, Stage};
use crate::at::family::{Family, Voice};
use crate::at::urc::Domain;
use crate::at::{Answer, AtError, Command, SimState};

/// A modem may take 20 s to boot (u-blox) and miss a dozen `AT` (Telit); each try waits half a second.
const MAX_ATTENTION: u32 = 60;
/// Where other ports wait to be tried, a silent one is left sooner: most ports of a modem never answer, and the turn of a
/// slow starter comes again.
const MAX_ATTENTION_OF_MANY: u32 = 8;
/// How long the answer to an ESC may take. It comes at once; this much no start notices.
const ESCAPE_ANSWER: Duration = Duration::from_millis(50);
/// How soon a SIM that is busy or not there yet is asked again. It takes an A7670 2 to 3 s.
const SIM_RETRY: Duration = Duration::from_secs(1);
/// How soon the SIM is asked again where somebody has to do something first.
const SIM_WAIT: Duration = Duration::from_secs(10);
/// How long `AT+CPIN?` may take; where no final result follows (Wavecom), it costs as long.
const SIM_STATE_TIMEOUT: Duration = Duration::from_secs(3);
/// How often a setting we cannot do without is tried (ofono tries `AT+CMGF` so often) …
const MAX_TRIES: u32 = 10;
/// … and how soon again. Busy modems say so for a few seconds after boot.
const RETRY: Duration = Duration::from_secs(2);
/// How soon the registration is asked for again, besides what the modem tells by itself.
const REGISTRATION_RETRY: Duration = Duration::from_secs(3);

/// Why a modem could not be brought up.
#[derive(Debug)]
pub(super) enum Trouble {
    Ended(End),
    /// It says nothing; in plain words.
    Silent(String),
    /// It is there and will not do what we need; in plain words.
    Unusable(String),
}

impl From<End> for Trouble {
    fn from(end: End) -> Self {
        Self::Ended(end)
    }
}

/// Brings the modem up; `show` tells people what it is at.
pub(super) async fn bring_up<P: AsyncRead + AsyncWrite + Unpin>(
    line: &mut Line<P>,
    pin: &PinSource,
    has_others: &(impl Fn() -> bool + Sync),
    show: &(impl Fn(ModemState) + Sync),
) -> Result<Facts, Trouble> {
    let mut work = BringUp {
        line,
        show,
        stage: Stage::Modem,
    };
    work.step("Waiting for the modem to answer.");
    work.attention(has_others).await?;
    work.optional(Command::echo_off()).await?;
    work.optional(Command::numeric_errors()).await?;
    work.stage = Stage::Sim;
    work.sim(pin).await?;
    work.stage = Stage::Modem;
    work.step("Setting the modem up.");
    work.radio().await?;
    // Some say what they are only once they have their PIN (python-gsmmodem's ZTE).
    let mut facts = work.identity().await?;
    let family = facts.family;
    work.optional(Command::no_automatic_answer()).await?;
    work.insist(Command::pdu_mode(), "It cannot text without.")
        .await?;
    work.optional(Command::no_acknowledgement()).await?;
    work.insist(Command::caller_id(), "Without it nobody knows who calls.")
        .await?;
    work.optional(Command::plain_ring()).await?;
    for ways in family.extra {
        let ways = ways.iter().map(|name| Command::plain(name));
        work.ladder(ways).await?;
    }
    let memories = family.memories.iter();
    let memories = memories.map(|(memory, count)| Command::message_memory(*memory, *count));
    let chosen = work.ladder(memories).await?;
    let chosen = chosen.and_then(|rung| family.memories.get(rung));
    facts.memory = chosen.map(|(memory, _)| *memory);
    let told = family.new_messages.iter().copied();
    let told = work.ladder(told.map(Command::new_messages)).await?;
    let told = told.and_then(|rung| family.new_messages.get(rung));
    work.optional(Command::tell_registration(Domain::Circuit))
        .await?;
    work.optional(Command::tell_registration(Domain::Lte))
        .await?;
    work.optional(Command::network_time()).await?;
    work.stage = Stage::Network;
    work.registration().await?;
    work.facts(&mut facts).await?;
    work.sim_still_ready()?;
    facts.sms_by_urc = told.is_some();
    facts.status_reports = told.is_some_and(|how| how.report != 0);
    Ok(facts)
}

/// Asks for both registrations; the line notes what it hears. A modem that will not say leaves what it said before. One that has
/// forgotten that it was to tell of them by itself has started anew without a word.
pub(super) async fn ask_registration<P: AsyncRead + AsyncWrite + Unpin>(
    line: &mut Line<P>,
) -> Result<(), End> {
    for domain in [Domain::Circuit, Domain::Lte] {
        match line.ask(&Command::registration(domain)).await {
            Ok(answer) => {
                if let Some(registration) = answer.registration() {
                    line.registrations.note(registration);
                }
                let told = answer.registration_reporting();
                if told.is_some_and(|now| !line.reporting.stands(domain, now)) {
                    return Err(End::Restarted);
                }
            }
            Err(Failure::Refused(_) | Failure::NoAnswer) => {}
            Err(Failure::Ended(end)) => return Err(end),
        }
    }
    Ok(())
}

struct BringUp<'a, P, S> {
    line: &'a mut Line<P>,
    show: &'a S,
    stage: Stage,
}

impl<P: AsyncRead + AsyncWrite + Unpin, S: Fn(ModemState) + Sync> BringUp<'_, P, S> {
    fn step(&self, step: &str) {
        (self.show)(ModemState::BringingUp {
            step: step.to_owned(),
            stage: self.stage,
        });
    }

    async fn attention(&mut self, has_others: &(impl Fn() -> bool + Sync)) -> Result<(), Trouble> {
        self.line.begin();
        // A modem freed from a prompt answers the ESC, and its `OK` must not pass for that of `AT`.
        self.line.pause(ESCAPE_ANSWER).await?;
        for tried in 0..MAX_ATTENTION {
            // Asked again each time: a modem's ports show one after the other.
            if tried >= MAX_ATTENTION_OF_MANY && has_others() {
                break;
            }
            if let Some(Ok(_)) = self.line.exchange(&Command::attention()).await? {
                return Ok(self.line.catch_up().await?);
            }
        }
        Err(Trouble::Silent(
            "The modem does not answer AT. Is this its AT port, and has it started? Unplugging it may help."
                .to_owned(),
        ))
    }

    /// `None` if the modem refuses or does not answer.
    async fn optional(&mut self, command: Command) -> Result<Option<Answer>, End> {
        match self.line.ask(&command).await {
            Ok(answer) => Ok(Some(answer)),
            Err(Failure::Refused(_) | Failure::NoAnswer) => Ok(None),
            Err(Failure::Ended(end)) => Err(end),
        }
    }

    async fn insist(&mut self, command: Command, need: &str) -> Result<(), Trouble> {
        let mut said = String::new();
        for _ in 0..MAX_TRIES {
            match self.line.ask(&command).await {
                Ok(_) => return Ok(()),
                Err(Failure::Refused(error)) => said = error.to_string(),
                Err(Failure::NoAnswer) => "no answer".clone_into(&mut said),
                Err(Failure::Ended(end)) => return Err(end.into()),
            }
            self.line.pause(RETRY).await?;
        }
        Err(Trouble::Unusable(format!(
            "The modem refuses {command} ({said}). {need}"
        )))
    }

    /// The first command of several that the modem accepts; `None` if it accepts none. One that is only busy is asked again.
    async fn ladder(&mut self, rungs: impl Iterator<Item = Command>) -> Result<Option<usize>, End> {
        let mut patience = MAX_TRIES;
        for (rung, command) in rungs.enumerate() {
            loop {
                match self.line.ask(&command).await {
                    Ok(_) => return Ok(Some(rung)),
                    Err(Failure::Refused(error)) if error.busy() && patience > 0 => {
                        patience -= 1;
                        self.line.pause(RETRY).await?;
                    }
                    Err(Failure::Refused(_) | Failure::NoAnswer) => break,
                    Err(Failure::Ended(end)) => return Err(end),
                }
            }
        }
        Ok(None)
    }

    /// Until the SIM is ready, however long it takes.
    async fn sim(&mut self, pin: &PinSource) -> Result<(), Trouble> {
        let question = Command::sim_state().within(SIM_STATE_TIMEOUT);
        loop {
            let state = match self.line.ask(&question).await {
                Ok(answer) => answer.sim_state(),
                Err(Failure::Refused(error)) => match error.code() {
                    Some(11) => Some(SimState::Pin),
                    Some(12) => Some(SimState::Puk),
                    _ => self.no_sim(&error).await?,
                },
                Err(Failure::NoAnswer) => None,
                Err(Failure::Ended(end)) => return Err(end.into()),
            };
            self.stage = match state {
                Some(SimState::Pin | SimState::Puk) => Stage::Pin,
                _ => Stage::Sim,
            };
            let wait = match state {
                Some(SimState::Ready) => {
                    self.line.sim_spoke = None;
                    return Ok(());
                }
                Some(SimState::Pin) => match self.enter_pin(pin).await? {
                    Ok(()) => SIM_RETRY,
                    Err(why) => self.down(why),
                },
                Some(SimState::Puk) => self.down(
                    "The SIM is locked after wrong PINs. Put it into a phone and enter its PUK."
                        .to_owned(),
                ),
                Some(SimState::Other(wish)) => self.down(format!(
                    "The SIM cannot be used here: the modem asks for {wish}."
                )),
                None => SIM_RETRY,
            };
            self.line.pause(wait).await?;
        }
    }

    /// Nothing that is set holds for a SIM that was pulled meanwhile, and one put in its place may want its PIN.
    fn sim_still_ready(&mut self) -> Result<(), End> {
        match self.line.sim_spoke.take() {
            Some(state) if SimState::read(&state) != SimState::Ready => Err(End::SimSpoke(state)),
            _ => Ok(()),
        }
    }

    fn down(&self, why: String) -> Duration {
        let stage = self.stage;
        (self.show)(ModemState::Down { why, stage });
        SIM_WAIT
    }

    /// The modem cannot say what its SIM wants. Often its radio is off, and the SIM with it.
    async fn no_sim(&mut self, error: &AtError) -> Result<Option<SimState>, Trouble> {
        self.step(&format!(
            "The modem cannot read its SIM yet ({error}). If this goes on, check that the SIM is in the right way."
        ));
        self.radio().await?;
        Ok(None)
    }

    async fn enter_pin(&mut self, source: &PinSource) -> Result<Result<(), String>, Trouble> {
        let pin = match source.read() {
            Ok(pin) => pin,
            Err(why) => return Ok(Err(why)),
        };
        if let Err(why) = source.remember(&pin) {
            return Ok(Err(why));
        }
        self.step("Unlocking the SIM with its PIN.");
        match self.line.ask(&Command::enter_pin(&pin)).await {
            Ok(_) => source.forget(),
            // Not looked at.
            Err(Failure::Refused(error)) if error.busy() => source.forget(),
            // The next look at the SIM tells; until then it counts as wrong.
            Err(Failure::Refused(_)) => {}
            Err(Failure::NoAnswer) => {
                if let Some(answer) = self.optional(Command::sim_state()).await?
                    && answer.sim_state() == Some(SimState::Ready)
                {
                    source.forget();
                }
            }
            Err(Failure::Ended(end)) => return Err(end.into()),
        }
        Ok(Ok(()))
    }

    /// Switches the radio on if it is off (D-Link DWM-157 boots with `+CFUN: 4`).
    async fn radio(&mut self) -> Result<(), End> {
        let answer = self.optional(Command::functionality()).await?;
        if answer
            .and_then(|answer| answer.functionality())
            .is_some_and(|fun| fun != 1)
        {
            self.optional(Command::full_functionality()).await?;
        }
        Ok(())
    }

    /// Until there is a network, or the modem cannot tell whether there is one.
    async fn registration(&mut self) -> Result<(), End> {
        loop {
            ask_registration(self.line).await?;
            self.sim_still_ready()?;
            let Some(why) = self.line.registrations.missing() else {
                return Ok(());
            };
            self.step(&why);
            self.line.registered_within(REGISTRATION_RETRY).await?;
        }
    }

    /// What it is, and so which family's ways are its own.
    async fn identity(&mut self) -> Result<Facts, End> {
        let text = |answer: Option<Answer>| answer.and_then(|answer| answer.text());
        let manufacturer = text(self.optional(Command::manufacturer()).await?);
        let model = text(self.optional(Command::model()).await?);
        let revision = text(self.optional(Command::revision()).await?);
        Ok(Facts {
            family: Family::of(manufacturer.as_deref(), model.as_deref()),
            manufacturer,
            model,
            revision,
            ..Facts::default()
        })
    }

    async fn facts(&mut self, facts: &mut Facts) -> Result<(), End> {
        let imsi = self.optional(Command::imsi()).await?;
        facts.imsi = imsi.and_then(|answer| answer.imsi());
        let own_number = self.optional(Command::own_number()).await?;
        facts.own_number = own_number.and_then(|answer| answer.own_number());
        self.optional(Command::operator_in_words()).await?;
        let operator = self.optional(Command::operator()).await?;
        facts.operator = operator.and_then(|answer| answer.operator());
        let centre = self.optional(Command::service_centre()).await?;
        facts.service_centre = centre.map(|answer| answer.service_centre());
        let usage = self.optional(Command::message_memory_usage()).await?;
        facts.storage = usage.and_then(|answer| answer.message_memory_usage());
        if let Voice::Asks {
            question,
            prefix,
            field,
            ..
        } = facts.family.voice
        {
            let answer = self
                .optional(Command::vendor_question(question, prefix))
                .await?;
            facts.voice_answer = answer.and_then(|answer| answer.field(prefix, field));
        }
        Ok(())
    }
}
