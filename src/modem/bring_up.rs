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
/// Each time that `AT` has gone without an answer so often it is told to give its results, and in words: another program may have left it
/// with `ATQ1` or `ATV0`.
const RESULTS_EVERY: u32 = 3;
/// How long an answer that somebody else asked for is let pass at most, before the line is used.
const ANSWER_BEFORE: Duration = Duration::from_secs(1);
/// How long the answer to an ESC may take. It comes at once; this much no start notices.
const ESCAPE_ANSWER: Duration = Duration::from_millis(50);
/// How soon a SIM that is busy or not there yet is asked again. It takes an A7670 2 to 3 s.
const SIM_RETRY: Duration = Duration::from_secs(1);
/// How soon the SIM is asked again where somebody has to do something first.
const SIM_WAIT: Duration = Duration::from_secs(10);
/// How often the SIM is asked again for its service centre.
const CENTRE_RETRIES: u32 = 3;
/// How long `AT+CPIN?` may take; where no final result follows (Wavecom), it costs as long.
const SIM_STATE_TIMEOUT: Duration = Duration::from_secs(3);
/// How often a setting we cannot do without is tried (ofono tries `AT+CMGF` so often) …
const MAX_TRIES: u32 = 10;
/// … and how soon again. Busy modems say so for a few seconds after boot.
const RETRY: Duration = Duration::from_secs(2);
/// How often a modem is set up from the beginning because it did not answer, and may have started anew: a start takes most less than the
/// time-out of the command that it swallowed. One that answers little or nothing shall come to an end.
const MAX_ANEW: u32 = 3;
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

/// Why an attempt has ended.
enum Stop {
    Trouble(Trouble),
    /// It may have started anew without a word: what has been set may be forgotten.
    Doubt,
}

impl<T: Into<Trouble>> From<T> for Stop {
    fn from(trouble: T) -> Self {
        Self::Trouble(trouble.into())
    }
}

/// What earlier attempts on this port have shown of a modem.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    /// Begun anew since it was armed last.
    anew: u32,
    /// Commands that it did not answer when they were sent last.
    unanswered: Vec<Command>,
    /// It has said that it tells of no registration by itself, though it had just been told to.
    tells_nothing: bool,
    /// For [`Facts`].
    radio_switched_on: bool,
    pin_entered: bool,
}

impl Attempts {
    /// Whether another attempt is worth it.
    fn begin_anew(&mut self) -> bool {
        self.anew += 1;
        self.anew <= MAX_ANEW
    }

    fn answered(&mut self, command: &Command) {
        self.unanswered.retain(|it| it != command);
    }

    /// Whether one that is not answered now may still be answered by the same modem.
    fn unanswered(&mut self, command: &Command) -> bool {
        let again = self.unanswered.contains(command);
        if !again {
            self.unanswered.push(command.clone());
        }
        !again && self.begin_anew()
    }
}

/// Brings the modem up; `show` tells people what it is at.
pub(super) async fn bring_up<P: AsyncRead + AsyncWrite + Unpin>(
    line: &mut Line<P>,
    attempts: &mut Attempts,
    pin: &PinSource,
    has_others: &(impl Fn() -> bool + Sync),
    show: &(impl Fn(ModemState) + Sync),
) -> Result<Facts, Trouble> {
    loop {
        match attempt(line, attempts, pin, has_others, show).await {
            Ok(facts) => {
                attempts.anew = 0;
                attempts.tells_nothing = false;
                return Ok(facts);
            }
            Err(Stop::Doubt) => {
                tracing::info!("modem: it may have started anew and is set up from the beginning");
            }
            Err(Stop::Trouble(trouble)) => return Err(trouble),
        }
    }
}

async fn attempt<P: AsyncRead + AsyncWrite + Unpin>(
    line: &mut Line<P>,
    attempts: &mut Attempts,
    pin: &PinSource,
    has_others: &(impl Fn() -> bool + Sync),
    show: &(impl Fn(ModemState) + Sync),
) -> Result<Facts, Stop> {
    let mut work = BringUp {
        line,
        attempts,
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
    work.optional(Command::hang_up_by_ath()).await?;
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
    for domain in [Domain::Circuit, Domain::Lte] {
        let taken = work.optional(Command::tell_registration(domain)).await?;
        if taken.is_some() && !work.attempts.tells_nothing {
            work.line.reporting.told(domain);
        }
    }
    work.optional(Command::network_time()).await?;
    work.stage = Stage::Network;
    work.registration().await?;
    work.facts(&mut facts).await?;
    work.sim_still_ready()?;
    facts.sms_by_urc = told.is_some();
    facts.status_reports = told.is_some_and(|how| how.report != 0);
    facts.radio_switched_on = work.attempts.radio_switched_on;
    facts.pin_entered = work.attempts.pin_entered;
    Ok(facts)
}

struct BringUp<'a, P, S> {
    line: &'a mut Line<P>,
    attempts: &'a mut Attempts,
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

    async fn attention(&mut self, has_others: &(impl Fn() -> bool + Sync)) -> Result<(), Stop> {
        self.line.begin();
        // A modem freed from a prompt answers the ESC, and its `OK` must not pass for that of `AT`.
        self.line.pause(ESCAPE_ANSWER).await?;
        for tried in 0..MAX_ATTENTION {
            // Asked again each time: a modem's ports show one after the other.
            if tried >= MAX_ATTENTION_OF_MANY && has_others() {
                break;
            }
            let probe = match (tried + 1) % RESULTS_EVERY {
                0 => Command::results_in_words(),
                _ => Command::attention(),
            };
            let asked = self.line.now();
            if let Some(Ok(_)) = self.line.exchange(&probe).await? {
                // Whoever had the port before may have asked something that is answered only now: then our answer is still to come. A
                // modem that answers at once owes nobody anything.
                let took = self.line.now().saturating_duration_since(asked);
                self.line.pause((took * 4).min(ANSWER_BEFORE)).await?;
                // One that let us wait, or refused, may owe answers that nobody here has counted: which of them this was, only
                // silence tells.
                if tried > 0 {
                    self.line.hear_out().await?;
                }
                return Ok(self.line.catch_up().await?);
            }
        }
        let why = "The modem does not answer AT. Is this its AT port, and has it started? Unplugging it may help.";
        Err(Trouble::Silent(why.to_owned()).into())
    }

    /// `None` if the modem never answers this. Where it might have, it may have started anew, deaf for a while, and all is set from the
    /// beginning.
    async fn ask(&mut self, command: &Command) -> Result<Option<Result<Answer, AtError>>, Stop> {
        let answered = match self.line.ask(command).await {
            Ok(answer) => Ok(answer),
            Err(Failure::Refused(error)) => Err(error),
            Err(Failure::Ended(end)) => return Err(end.into()),
            Err(Failure::NoAnswer) if self.attempts.unanswered(command) => {
                self.line.settle().await?;
                return Err(Stop::Doubt);
            }
            Err(Failure::NoAnswer) => return Ok(None),
        };
        self.attempts.answered(command);
        Ok(Some(answered))
    }

    /// `None` if the modem refuses or does not answer.
    async fn optional(&mut self, command: Command) -> Result<Option<Answer>, Stop> {
        let answered = self.ask(&command).await?;
        Ok(answered.and_then(Result::ok))
    }

    /// The same, and one that is only busy is asked again: what is not known now is not asked for later.
    async fn patient(&mut self, command: Command) -> Result<Option<Answer>, Stop> {
        for _ in 0..MAX_TRIES {
            match self.ask(&command).await? {
                Some(Err(error)) if error.busy() => self.line.pause(RETRY).await?,
                answered => return Ok(answered.and_then(Result::ok)),
            }
        }
        Ok(None)
    }

    async fn insist(&mut self, command: Command, need: &str) -> Result<(), Stop> {
        let mut said = String::new();
        for _ in 0..MAX_TRIES {
            said = match self.ask(&command).await? {
                Some(Ok(_)) => return Ok(()),
                Some(Err(error)) => error.to_string(),
                None => "no answer".to_owned(),
            };
            self.line.pause(RETRY).await?;
        }
        let why = format!("The modem refuses {command} ({said}). {need}");
        Err(Trouble::Unusable(why).into())
    }

    /// The first command of several that the modem accepts; `None` if it accepts none. One that is only busy is asked again.
    async fn ladder(
        &mut self,
        rungs: impl Iterator<Item = Command>,
    ) -> Result<Option<usize>, Stop> {
        let mut patience = MAX_TRIES;
        for (rung, command) in rungs.enumerate() {
            loop {
                match self.ask(&command).await? {
                    Some(Ok(_)) => return Ok(Some(rung)),
                    Some(Err(error)) if error.busy() && patience > 0 => {
                        patience -= 1;
                        self.line.pause(RETRY).await?;
                    }
                    Some(Err(_)) | None => break,
                }
            }
        }
        Ok(None)
    }

    /// Until the SIM is ready, however long it takes.
    async fn sim(&mut self, pin: &PinSource) -> Result<(), Stop> {
        let question = Command::sim_state().within(SIM_STATE_TIMEOUT);
        loop {
            let state = match self.ask(&question).await? {
                Some(Ok(answer)) => answer.sim_state(),
                Some(Err(error)) => match error.code() {
                    Some(11) => Some(SimState::Pin),
                    Some(12) => Some(SimState::Puk),
                    _ => self.no_sim(&error).await?,
                },
                None => None,
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
    async fn no_sim(&mut self, error: &AtError) -> Result<Option<SimState>, Stop> {
        self.step(&format!(
            "The modem cannot read its SIM yet ({error}). If this goes on, check that the SIM is in the right way."
        ));
        self.radio().await?;
        Ok(None)
    }

    async fn enter_pin(&mut self, source: &PinSource) -> Result<Result<(), String>, Stop> {
        let pin = match source.read() {
            Ok(pin) => pin,
            Err(why) => return Ok(Err(why)),
        };
        if let Err(why) = source.remember(&pin) {
            return Ok(Err(why));
        }
        self.step("Unlocking the SIM with its PIN.");
        self.attempts.pin_entered = true;
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
    async fn radio(&mut self) -> Result<(), Stop> {
        let answer = self.optional(Command::functionality()).await?;
        if answer
            .and_then(|answer| answer.functionality())
            .is_some_and(|fun| fun != 1)
        {
            self.attempts.radio_switched_on = true;
            self.optional(Command::full_functionality()).await?;
        }
        Ok(())
    }

    /// Until there is a network, or the modem cannot tell whether there is one.
    async fn registration(&mut self) -> Result<(), Stop> {
        loop {
            for domain in [Domain::Circuit, Domain::Lte] {
                let answer = self.optional(Command::registration(domain)).await?;
                let stands = answer.is_none_or(|it| self.line.hear_registration(domain, &it));
                // One that says so after the next attempt too is no liar, and has not started anew: it knows no better.
                if !stands && !std::mem::replace(&mut self.attempts.tells_nothing, true) {
                    return Err(Stop::Doubt);
                }
            }
            self.sim_still_ready()?;
            let Some(why) = self.line.registrations.missing() else {
                return Ok(());
            };
            self.step(&why);
            // Perhaps it is off: the answer may have been lost when it was asked first, and another program may have switched it off since.
            self.radio().await?;
            self.line.registered_within(REGISTRATION_RETRY).await?;
        }
    }

    /// What it is, and so which family's ways are its own.
    async fn identity(&mut self) -> Result<Facts, Stop> {
        let text = |answer: Option<Answer>| answer.and_then(|answer| answer.text());
        let manufacturer = text(self.patient(Command::manufacturer()).await?);
        let model = text(self.patient(Command::model()).await?);
        let revision = text(self.patient(Command::revision()).await?);
        Ok(Facts {
            family: Family::of(manufacturer.as_deref(), model.as_deref()),
            manufacturer,
            model,
            revision,
            ..Facts::default()
        })
    }

    /// Asked more than once: right after the start the SIM may be busy, or not read yet (python-gsmmodem issues 10 and 11).
    async fn service_centre(&mut self) -> Result<Option<String>, Stop> {
        let mut patience = CENTRE_RETRIES;
        loop {
            let answered = self.ask(&Command::service_centre()).await?;
            let found = match &answered {
                Some(Ok(answer)) => !answer.service_centre().is_empty(),
                Some(Err(error)) => !error.busy(),
                None => true,
            };
            if found || patience == 0 {
                let answer = answered.and_then(Result::ok);
                return Ok(answer.map(|it| it.service_centre()));
            }
            patience -= 1;
            self.line.pause(SIM_RETRY).await?;
        }
    }

    async fn facts(&mut self, facts: &mut Facts) -> Result<(), Stop> {
        let imsi = self.patient(Command::imsi()).await?;
        facts.imsi = imsi.and_then(|answer| answer.imsi());
        let own_number = self.optional(Command::own_number()).await?;
        facts.own_number = own_number.and_then(|answer| answer.own_number());
        self.optional(Command::operator_in_words()).await?;
        let operator = self.optional(Command::operator()).await?;
        facts.operator = operator.and_then(|answer| answer.operator());
        facts.service_centre = self.service_centre().await?;
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
