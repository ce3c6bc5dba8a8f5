//! What the box finds out by itself about each step of the set-up.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::modem::ModemState;
use crate::phone::PhoneNumber;
use crate::rules::Caller;
use crate::settings::Settings;
use crate::store::{Mark, Marks, StoreError, TestCall};
use crate::web::{App, page};

/// After so long without a call the next code is offered: dialling, and half a minute of ringing.
const NOTHING_CAME_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// One step of the walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web) enum Step {
    Modem,
    Business,
    Hours,
    Message,
    Forwarding,
    Test,
}

impl Step {
    pub(in crate::web) const ALL: [Self; 6] = [
        Self::Modem,
        Self::Business,
        Self::Hours,
        Self::Message,
        Self::Forwarding,
        Self::Test,
    ];

    pub(in crate::web) fn token(self) -> &'static str {
        match self {
            Self::Modem => "modem",
            Self::Business => "business",
            Self::Hours => "hours",
            Self::Message => "message",
            Self::Forwarding => "forwarding",
            Self::Test => "test",
        }
    }

    pub(in crate::web) fn from_token(token: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.token() == token)
    }

    /// Where the step is.
    pub(in crate::web) fn place(self) -> String {
        format!("/setup/{}", self.token())
    }

    /// Where the one after it is; after the last one the walk is done.
    pub(in crate::web) fn next(self) -> Option<Self> {
        let at = Self::ALL.iter().position(|step| *step == self)?;
        Self::ALL.get(at + 1).copied()
    }
}

/// What is known when a step is shown.
pub(in crate::web) struct Facts {
    pub(in crate::web) settings: Arc<Settings>,
    pub(in crate::web) marks: Marks,
    pub(in crate::web) modem: ModemState,
    /// The newest call since the test was begun.
    pub(in crate::web) call: Option<TestCall>,
    /// The test was begun so long ago that a call should have come.
    pub(in crate::web) nothing_came: bool,
}

impl Facts {
    pub(in crate::web) async fn read(app: &App) -> Result<Self, StoreError> {
        let store = &app.state.store;
        let marks = store.marks().await?;
        let from = marks.test_from();
        let call = match from {
            Some(from) => store.test_call(from).await?,
            None => None,
        };
        let now = app.state.clock.wall();
        Ok(Self {
            settings: store.settings().await?,
            nothing_came: call.is_none()
                && from.is_some_and(|from| now.duration_since(from) >= NOTHING_CAME_AFTER),
            marks,
            modem: app.state.modem.borrow().clone(),
            call,
        })
    }

    /// Whether the box finds nothing left to do in a step.
    pub(in crate::web) fn is_done(&self, step: Step) -> bool {
        match step {
            Step::Modem => self.modem.reason().is_none() && self.voice().is_none(),
            Step::Business => self.settings.business_name().is_some() && self.owner_is_proved(),
            Step::Hours => self.marks.get(Mark::Hours).is_some(),
            Step::Message => self.marks.get(Mark::Message).is_some(),
            Step::Forwarding => self.marks.get(Mark::Carrier).is_some(),
            Step::Test => {
                matches!(self.verdict(), Some(Verdict::Works))
                    || self.marks.get(Mark::Done).is_some()
            }
        }
    }

    pub(in crate::web) fn owner_is_proved(&self) -> bool {
        let owner = self.settings.owner_number();
        owner.is_some() && owner == self.marks.proved().as_ref()
    }

    /// What speaks against calls ringing.
    pub(in crate::web) fn voice(&self) -> Option<&'static str> {
        let ModemState::Armed {
            facts,
            registrations,
            ..
        } = &self.modem
        else {
            return None;
        };
        let (rings, words) = facts.voice(registrations);
        (!rings).then_some(words)
    }

    /// The number of the SIM in the box: what was typed, or what the SIM tells.
    pub(in crate::web) fn box_number(&self, app: &App) -> Option<PhoneNumber> {
        let typed = self
            .marks
            .get(Mark::BoxNumber)
            .and_then(PhoneNumber::from_e164);
        typed.or_else(|| {
            let ModemState::Armed { facts, .. } = &self.modem else {
                return None;
            };
            let home = page::home(&app.state, &self.settings);
            PhoneNumber::parse(facts.own_number.as_deref()?, home).ok()
        })
    }

    /// What the test call has shown.
    pub(in crate::web) fn verdict(&self) -> Option<Verdict> {
        let call = self.call.as_ref()?;
        Some(judge(&call.caller, &self.settings))
    }
}

/// What the number that arrived says about the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web) enum Verdict {
    Works,
    OwnNumber,
    NoNumber,
}

fn judge(caller: &Caller, settings: &Settings) -> Verdict {
    let Caller::Number(number) = caller else {
        return Verdict::NoNumber;
    };
    let own = [settings.owner_number(), settings.business_number()];
    match own.contains(&Some(number)) {
        true => Verdict::OwnNumber,
        false => Verdict::Works,
    }
}

/// Which of the carrier's codes is being tried.
pub(in crate::web) fn way_of(marks: &Marks) -> usize {
    marks
        .get(Mark::Way)
        .and_then(|way| way.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::OWNER_NUMBER;

    #[test]
    fn whose_number_arrived_tells_what_the_line_does() {
        let number = |text: &str| PhoneNumber::parse(text, None).unwrap();
        let pairs = [
            (OWNER_NUMBER, "+12025550111"),
            ("business.number", "+12025550100"),
        ];
        let settings = Settings::default().with(&pairs);
        for (caller, expected) in [
            (Caller::Number(number("+12025550143")), Verdict::Works),
            (Caller::Number(number("+12025550111")), Verdict::OwnNumber),
            (Caller::Number(number("+12025550100")), Verdict::OwnNumber),
            (Caller::Withheld, Verdict::NoNumber),
            (Caller::Unavailable, Verdict::NoNumber),
            (Caller::Unreadable("12".to_owned()), Verdict::NoNumber),
        ] {
            assert_eq!(judge(&caller, &settings), expected, "{caller:?}");
        }
    }

    #[test]
    fn the_steps_follow_on_each_other() {
        let mut walked = vec![Step::Modem];
        while let Some(next) = walked.last().and_then(|step| step.next()) {
            walked.push(next);
        }
        assert_eq!(walked, Step::ALL);
        for step in Step::ALL {
            assert_eq!(Step::from_token(step.token()), Some(step));
        }
    }
}
