//! When a modem is ill and what is tried next: a ladder of rungs, each with its own pause. What counts is what came of the texts,
//! not whether the modem answers `AT`. Pure: time comes in. Knows no line, no port and no command.

use std::time::Duration;

use crate::at::{AtError, Outlook};

/// So many different messages refused in a row make a modem ill (sms-gate 0.10.0 counts failures across different messages) …
const MANY: usize = 3;
/// … or two, where the first was refused this long ago: one that rang in the same second met the same bad moment …
const TWO_WITHIN: Duration = Duration::from_secs(60);
/// … or one alone, refused for so long. Its back-off has given it some six tries by then.
const ALONE_FOR: Duration = Duration::from_secs(120);
/// … or for so long, where the error may tell of forgotten settings and making them anew did not help. It is shorter, for what waits is
/// tried at once behind each set-up: the tries that follow are minutes apart.
const SET_UP_FOR: Duration = Duration::from_secs(60);
/// A rung does not follow on another sooner: what was switched off and on needs time to find its network.
const RUNG_GAP: Duration = Duration::from_secs(30);
/// How often another text is tried where no rung may be taken: what heals by itself is found out by trying only.
const REST: Duration = Duration::from_secs(5 * 60);
/// Without a refusal for so long an ill modem counts as well again: any text that could tell is too old to help by then.
const PROOF_WITHIN: Duration = Duration::from_secs(60 * 60);
/// A modem that worked before and cannot be set up for so long is helped: many are back from a start of their own by then
/// (u-blox 20 s, a modem that drops off USB a minute).
const NOT_UP_FOR: Duration = Duration::from_secs(5 * 60);
/// How long `AT+CFUN=1,1` and a USB reset are not repeated (sms-gate 0.10.0 and 0.11.0). A stick may come back from either as
/// mass storage and be switched over again (E173, gammu issue 687), and no call rings meanwhile.
const HARD_AGAIN_AFTER: Duration = Duration::from_secs(30 * 60);
/// The line asks a silent modem as often as it must; told and written down it is so seldom, for one that never answers some
/// question would write to the flash every minute.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(10 * 60);
/// How long what costs a moment only is not repeated.
const SOFT_AGAIN_AFTER: Duration = Duration::from_secs(60);
/// For switching the radio, which loses a call that rings.
const RADIO_AGAIN_AFTER: Duration = Duration::from_secs(5 * 60);

/// Causes of the network's that speak against our own registration; every other RP or TP cause (27.005 3.2.5, 0 to 255) is about
/// the one message and its recipient.
const NETWORK_TROUBLE: [u16; 4] = [38, 41, 42, 47];
/// Where the causes of 24.011 and 23.040 end and those of the modem's own begin (27.005 3.2.5).
const FIRST_OF_MODEM: u16 = 300;
/// The service centre's word on one message (sms-gate lists it as worth another try).
const REJECTED_BY_CENTRE: u16 = 350;

/// What is tried to bring an ill modem back, the mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    /// `AT` until it answers.
    Ask,
    /// ESC, what is late is read, and all settings are made anew.
    Clear,
    /// The port is closed and opened.
    Reopen,
    /// `AT+CFUN=4` and `AT+CFUN=1`.
    Radio,
    /// `AT+CFUN=1,1`.
    Restart,
    /// Its USB port is switched off and on.
    UsbReset,
}

struct Row {
    rung: Rung,
    token: &'static str,
    /// While it is being done.
    doing: &'static str,
    /// Once it has been done.
    done: &'static str,
    again_after: Duration,
}

/// The ladder of sms-gate 0.10 and 0.11, and where it cuts the power we reset the USB port.
const LADDER: [Row; 6] = [
    Row {
        rung: Rung::Ask,
        token: "ask",
        doing: "It is being asked whether it still answers",
        done: "The modem was asked until it answered.",
        again_after: ASK_AGAIN_AFTER,
    },
    Row {
        rung: Rung::Clear,
        token: "clear",
        doing: "It is being set up again",
        done: "The modem was set up again.",
        again_after: SOFT_AGAIN_AFTER,
    },
    Row {
        rung: Rung::Reopen,
        token: "reopen",
        doing: "Its port is being closed and opened again",
        done: "The modem's port was closed and opened again.",
        again_after: SOFT_AGAIN_AFTER,
    },
    Row {
        rung: Rung::Radio,
        token: "radio",
        doing: "Its radio is being switched off and on",
        done: "The modem's radio was switched off and on.",
        again_after: RADIO_AGAIN_AFTER,
    },
    Row {
        rung: Rung::Restart,
        token: "restart",
        doing: "It is being restarted",
        done: "The modem was restarted.",
        again_after: HARD_AGAIN_AFTER,
    },
    Row {
        rung: Rung::UsbReset,
        token: "usb_reset",
        doing: "Its USB port is being reset",
        done: "The modem's USB port was reset.",
        again_after: HARD_AGAIN_AFTER,
    },
];

impl Rung {
    /// How many rungs there are.
    pub const COUNT: usize = LADDER.len();

    fn at(self) -> usize {
        LADDER.iter().position(|row| row.rung == self).unwrap_or(0)
    }

    fn row(self) -> &'static Row {
        &LADDER[self.at()]
    }

    /// Counted from 1.
    #[must_use]
    pub fn number(self) -> usize {
        self.at() + 1
    }

    /// What it is called where it is kept.
    #[must_use]
    pub fn token(self) -> &'static str {
        self.row().token
    }

    /// The rung of a token; `None` if there is none such.
    #[must_use]
    pub fn from_token(token: &str) -> Option<Self> {
        LADDER
            .iter()
            .find(|row| row.token == token)
            .map(|row| row.rung)
    }

    /// What was done, in a sentence.
    #[must_use]
    pub fn done(self) -> &'static str {
        self.row().done
    }

    /// What is being done: the beginning of a sentence.
    #[must_use]
    pub fn doing(self) -> &'static str {
        self.row().doing
    }

    /// Whether it is not repeated for long, also over a start of ours.
    pub(super) fn is_hard(self) -> bool {
        self.row().again_after >= HARD_AGAIN_AFTER
    }

    /// Whether its commands want a modem that answers.
    fn wants_answers(self) -> bool {
        matches!(self, Self::Radio | Self::Restart)
    }
}

/// How much a refused message speaks against the modem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blame {
    /// It is about the message or its recipient.
    None,
    /// Only together with other messages: this one may be at fault itself.
    WithOthers,
    /// It may tell of forgotten settings, which are made anew then; where that does not help, also by itself.
    OnceSetUp,
    /// In the long run also by itself.
    Alone,
}

impl Blame {
    pub(super) fn of(error: &AtError) -> Self {
        match error.code() {
            _ if error.outlook() == Outlook::ForGood => Self::None,
            Some(code) if code < FIRST_OF_MODEM && matches!(error, AtError::Cms(_)) => {
                match NETWORK_TROUBLE.contains(&code) {
                    true => Self::Alone,
                    false => Self::None,
                }
            }
            Some(REJECTED_BY_CENTRE) => Self::WithOthers,
            _ if error.names_the_mode() => Self::WithOthers,
            _ if error.is_about_mode() => Self::OnceSetUp,
            _ => Self::Alone,
        }
    }
}

/// What the ladder hears of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// A registered modem did not send a message; `message` tells it from others.
    NotSent { message: u64, blame: Blame },
    /// It sent one.
    Sent,
    /// It did not answer a command.
    Silent,
    /// Nor did it answer when asked again and again.
    Dead,
    /// It could not be set up.
    NotUp { answers: bool },
    /// It has been set up.
    Up,
    /// Time has passed.
    Tick,
}

/// What an ill modem is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Illness {
    /// The last rung taken.
    pub(super) rung: Option<Rung>,
    /// Every rung has been tried.
    pub(super) person: bool,
    /// How long until another text is tried; nothing if it is now.
    pub(super) rest: Option<Duration>,
}

/// Messages that were refused since one was sent.
#[derive(Debug, Default)]
struct Refused {
    first_at: Duration,
    last_at: Duration,
    /// At most [`MANY`].
    messages: Vec<u64>,
    /// When the oldest of those that count by themselves was first refused.
    alone_since: Option<(u64, Duration)>,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Healing {
    refused: Refused,
    /// It is ill by its texts: the rungs below have been climbed in vain.
    texts_ill: bool,
    next: usize,
    last_taken: Option<(Rung, Duration)>,
    person: bool,
    rest_until: Duration,
    /// It has worked since we started; a device that never did may be no modem at all.
    known: bool,
    not_up_since: Option<Duration>,
    /// For each rung from when on it may be taken again.
    ready_at: [Duration; LADDER.len()],
}

impl Healing {
    /// A rung was taken so long ago, before we were started.
    pub(super) fn remember(&mut self, now: Duration, rung: Rung, ago: Duration) {
        let left = rung.row().again_after.saturating_sub(ago);
        let ready = &mut self.ready_at[rung.at()];
        *ready = (*ready).max(now.saturating_add(left));
    }

    /// Takes in what happened; gives the rung to take now.
    pub(super) fn on(&mut self, now: Duration, event: Event) -> Option<Rung> {
        match event {
            Event::NotSent { message, blame } => self.not_sent(now, message, blame),
            Event::Sent => {
                self.refused = Refused::default();
                self.leave_the_ladder();
                None
            }
            Event::Silent => self.take(now, Rung::Ask),
            Event::Dead => self.take(now, Rung::Reopen),
            Event::NotUp { answers } => self.not_up(now, answers),
            Event::Up => {
                self.known = true;
                self.not_up_since = None;
                // What was refused before stays refused: a set-up sends nothing.
                if !self.texts_ill {
                    self.leave_the_ladder();
                }
                None
            }
            Event::Tick => {
                let quiet = now.saturating_sub(self.refused.last_at) >= PROOF_WITHIN;
                if quiet && !self.refused.messages.is_empty() {
                    self.refused = Refused::default();
                    self.leave_the_ladder();
                }
                None
            }
        }
    }

    /// How it is; `None` if nothing speaks against it.
    pub(super) fn illness(&self, now: Duration) -> Option<Illness> {
        self.texts_ill.then(|| Illness {
            rung: self.last_taken.map(|(rung, _)| rung),
            person: self.person,
            rest: self
                .rest_until
                .checked_sub(now)
                .filter(|left| !left.is_zero()),
        })
    }

    /// The rung taken last could not be done; above the last of them is nothing but a person.
    pub(super) fn skipped(&mut self) {
        self.person |= self.next >= LADDER.len();
    }

    /// Every rung has been tried.
    pub(super) fn wants_person(&self) -> bool {
        self.person
    }

    /// The pauses go on.
    fn leave_the_ladder(&mut self) {
        self.texts_ill = false;
        self.next = 0;
        self.last_taken = None;
        self.person = false;
        self.rest_until = Duration::ZERO;
    }

    fn not_sent(&mut self, now: Duration, message: u64, blame: Blame) -> Option<Rung> {
        if blame == Blame::None {
            return None;
        }
        self.on(now, Event::Tick);
        let refused = &mut self.refused;
        if refused.messages.is_empty() {
            refused.first_at = now;
        }
        refused.last_at = now;
        if !refused.messages.contains(&message) && refused.messages.len() < MANY {
            refused.messages.push(message);
        }
        let enough = match blame {
            Blame::OnceSetUp => SET_UP_FOR,
            Blame::None | Blame::WithOthers | Blame::Alone => ALONE_FOR,
        };
        if matches!(blame, Blame::OnceSetUp | Blame::Alone) {
            let since = refused.alone_since.filter(|(of, _)| *of == message);
            refused.alone_since = since.or(Some((message, now)));
        }
        let lasted = now.saturating_sub(refused.first_at);
        let alone = refused
            .alone_since
            .is_some_and(|(of, since)| of == message && now.saturating_sub(since) >= enough);
        let ill = match refused.messages.len() {
            MANY.. => true,
            2 => alone || lasted >= TWO_WITHIN,
            _ => alone,
        };
        if !(ill || self.texts_ill) {
            return None;
        }
        if !self.texts_ill {
            self.texts_ill = true;
            // A modem that refuses has answered.
            self.next = self.next.max(Rung::Clear.at());
        }
        self.climb(now, |_| true)
    }

    fn not_up(&mut self, now: Duration, answers: bool) -> Option<Rung> {
        let since = *self.not_up_since.get_or_insert(now);
        if !self.known || now.saturating_sub(since) < NOT_UP_FOR {
            return None;
        }
        self.not_up_since = Some(now);
        // Opening and setting it up is what has failed for minutes.
        self.next = self.next.max(Rung::Radio.at());
        self.climb(now, |rung| answers || !rung.wants_answers())
    }

    /// The next rung that may be taken, or one of the last again; else a rest.
    fn climb(&mut self, now: Duration, fits: impl Fn(Rung) -> bool) -> Option<Rung> {
        if let Some((_, taken)) = self.last_taken
            && now.saturating_sub(taken) < RUNG_GAP
        {
            self.rest_until = taken.saturating_add(RUNG_GAP);
            return None;
        }
        let ready = |from: usize| {
            let mut rungs = LADDER.iter().zip(self.ready_at).skip(from);
            let found = rungs.find(|(row, ready)| *ready <= now && fits(row.rung));
            found.map(|(row, _)| row.rung)
        };
        let (found, top) = match ready(self.next) {
            Some(rung) => (Some(rung), false),
            None => (ready(Rung::Restart.at()), true),
        };
        self.person |= top;
        match found {
            Some(rung) => self.take(now, rung),
            None => {
                self.rest_until = now.saturating_add(REST);
                None
            }
        }
    }

    fn take(&mut self, now: Duration, rung: Rung) -> Option<Rung> {
        let at = rung.at();
        if self.ready_at[at] > now {
            return None;
        }
        self.ready_at[at] = now.saturating_add(rung.row().again_after);
        self.next = self.next.max(at + 1);
        self.last_taken = Some((rung, now));
        Some(rung)
    }
}

#[cfg(test)]
mod tests;
