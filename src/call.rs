//! The life of a ringing call: what the modem says and how time passes in, missed calls out.
//!
//! Nothing here may know a task, a port or a clock: [`Calls::on`] and [`Calls::on_time`] are told what time it is (as a
//! duration since some fixed moment) and answer with [`Action`]s for `reception` to carry out.
//!
//! Real modems leave out, repeat, delay and damage every single sign of a call, so none is trusted alone: `RING`,
//! `+CLIP`, `+CCWA`, the list of `AT+CLCC` and silence all feed one picture. The table in `call/tests/stories.rs` is the
//! specification.

mod event;
mod notice;
mod ringing;

use std::time::Duration;

use crate::at::Urc;
use crate::at::urc::{CallState, CallerId, CurrentCall, LineNumber, Presentation};
pub use event::{Action, CallId, EndedCall, Event};
pub use notice::{NoticeOf, notice};
use ringing::{Ringing, may_be_same, shown};

/// A `RING` or `+CLIP` of a call can cross its end on the way (seen at an `AT+CHUP`); nobody calls again so soon.
const STRAGGLERS_WITHIN: Duration = Duration::from_millis(1500);
/// So late `MISSED_CALL` may still speak of a call that the list or our own hang-up has ended.
const MISSED_SAID_WITHIN: Duration = Duration::from_secs(3);
/// How often `AT+CLCC` is asked while anything rings.
const POLL_EVERY: Duration = Duration::from_secs(1);
/// How soon again when a call that was listed no longer is, so that its end is known within two seconds; ofono asks twice a second
/// all along (drivers/atmodem/voicecall.c).
const POLL_AGAIN_AFTER_EMPTY: Duration = Duration::from_millis(400);
/// A modem that answers does so well within this, whatever else it is at but a text on its way.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);
/// After this no answer comes: a text takes 2 minutes at most, and a modem that hangs counts as dead after 80 s more (`modem/line.rs`).
const ANSWERS_AT_LAST: Duration = Duration::from_secs(240);
/// A modem that takes longer than this hangs; one that answers only `AT+CLCC` not at all is asked the next thing after 5 s.
const HANGS_FROM: Duration = Duration::from_secs(8);
/// So often in a row unanswered, and the list of this modem tells nothing.
const UNANSWERED_MAX: u8 = 2;
/// `<id1>` of `+CLCC` runs from 1 to 7 (3GPP TS 22.030 6.5.5.1): no modem holds more calls than that.
const MOST_CALLS: usize = 7;

/// All the calls that ring right now.
#[derive(Debug, Default)]
pub struct Calls {
    ringing: Vec<Ringing>,
    /// When the caller has rung for so long, we hang up; `None` lets it ring.
    hang_up_after: Option<Duration>,
    next_id: u64,
    next_poll: Option<Duration>,
    /// Since when an answer to `AT+CLCC` is awaited.
    polled_at: Option<Duration>,
    /// How often in a row it has not answered that, though it answers other things.
    unanswered: u8,
    /// Whether this modem lists ringing calls at all: some answer `+CLCC` with nothing while it rings, and for those an
    /// empty list proves nothing.
    list_is_trusted: bool,
    /// `NO CARRIER` came while two calls rang; the next list tells whose it was.
    one_has_ended: bool,
    /// The call that was over last: its last words may come late.
    last_over: Option<Over>,
    /// What the modem has told by itself since it last said that this was all.
    told: Vec<CallId>,
}

/// A call that is over.
#[derive(Debug)]
struct Over {
    at: Duration,
    caller: Option<CallerId>,
    /// Nothing told of its end, and nothing is on its way.
    by_silence: bool,
}

impl Calls {
    /// No calls yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how long a caller may ring before we hang up; `None` lets him ring. Holds for calls that ring already.
    pub fn set_hang_up_after(&mut self, after: Option<Duration>) {
        self.hang_up_after = after;
    }

    /// Whether anything rings.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.ringing.is_empty()
    }

    /// Takes in what happened at `now`.
    pub fn on(&mut self, now: Duration, event: Event<'_>) -> Vec<Action> {
        let mut actions = Vec::new();
        match event {
            Event::Urc(Urc::Ring) => self.on_ring(now),
            Event::Urc(Urc::CallerId(caller)) => self.on_caller(now, caller, &mut actions),
            Event::Urc(Urc::CallWaiting(caller)) => self.on_waiting(now, caller),
            Event::Urc(Urc::CallEnded { index }) => self.on_ended(now, *index, &mut actions),
            Event::Urc(Urc::PickedUp { index }) => self.on_picked_up(*index, &mut actions),
            Event::Urc(Urc::MissedCall { number }) => {
                self.on_missed(now, number.as_ref(), &mut actions);
            }
            Event::Urc(Urc::CurrentCall(call)) => {
                let told = self.on_listed(now, call, &mut actions);
                self.told.extend(told);
                self.end_picked_up(&mut actions);
            }
            Event::Urc(Urc::CurrentCallsTold) => self.on_told(&mut actions),
            Event::Urc(_) => {}
            Event::CurrentCalls(list) => self.on_list(now, list, &mut actions),
            Event::PollFailed => self.on_poll_failed(now, &mut actions),
            Event::HungUp => {
                for call in self.ringing.iter_mut().filter(|call| call.hang_up_asked) {
                    call.hung_up = true;
                }
                self.poll_now(now, &mut actions);
            }
            Event::NotHungUp => {
                for call in self.ringing.iter_mut().filter(|call| !call.hung_up) {
                    call.ask_hang_up_again(now);
                }
            }
            Event::ModemLost => self.on_modem_lost(now),
        }
        self.announce(&mut actions);
        self.tidy(now, &actions, false);
        actions
    }

    /// Takes in that it is `now`; to be called at [`Calls::next_deadline`].
    pub fn on_time(&mut self, now: Duration) -> Vec<Action> {
        let mut actions = Vec::new();
        if !self.awaits_answer(now) {
            self.end_where(|call| call.silent_at() <= now, &mut actions);
        }
        self.announce(&mut actions);
        if let Some(after) = self.hang_up_after {
            let mut due = false;
            for call in self.ringing.iter_mut().filter(|call| call.wants_hang_up()) {
                if call.hang_up_at(after) <= now {
                    call.hang_up_asked = true;
                    due = true;
                }
            }
            if due {
                actions.push(Action::HangUp);
            }
        }
        if self.next_poll.is_some_and(|at| at <= now) {
            self.poll_now(now, &mut actions);
        }
        self.tidy(now, &actions, true);
        actions
    }

    /// When [`Calls::on_time`] has something to do next; `None` while nothing rings.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Duration> {
        let silence = self.ringing.iter().map(Ringing::silent_at).min();
        // The silence of a modem that does not answer is counted once it does, or has had its time.
        let silence = silence.map(|at| match self.polled_at {
            Some(polled) if self.awaits_answer(at) => polled + ANSWERS_AT_LAST,
            _ => at,
        });
        let hang_up = self.hang_up_after.and_then(|after| {
            self.ringing
                .iter()
                .filter(|call| call.wants_hang_up())
                .map(|call| call.hang_up_at(after))
                .min()
        });
        let poll = self.next_poll.filter(|_| self.polled_at.is_none());
        [silence, hang_up, poll].into_iter().flatten().min()
    }

    fn on_ring(&mut self, now: Duration) {
        // Where a call waits and another rings, RING belongs to the one that rings.
        let position = self
            .ringing
            .iter()
            .position(|call| !call.waiting)
            .unwrap_or(0);
        match self.ringing.get_mut(position) {
            Some(call) => call.rang(now),
            None => {
                let doubtful = self.just_ended(now);
                if let Some(call) = self.start(now, None) {
                    call.doubtful = doubtful;
                    call.rang(now);
                }
            }
        }
    }

    fn just_ended(&self, now: Duration) -> bool {
        self.last_over
            .as_ref()
            .is_some_and(|over| !over.by_silence && now.saturating_sub(over.at) < STRAGGLERS_WITHIN)
    }

    /// Whether this is a late word on the call that has just ended.
    fn is_straggler(&self, now: Duration, caller: &CallerId) -> bool {
        let its = self
            .last_over
            .as_ref()
            .and_then(|over| over.caller.as_ref());
        let known = self
            .ringing
            .iter()
            .any(|call| !call.doubtful && call.is_from(caller));
        self.just_ended(now) && its == Some(caller) && !known
    }

    fn on_modem_lost(&mut self, now: Duration) {
        // What comes back may be another modem, with its own list.
        self.list_is_trusted = false;
        self.unanswered = 0;
        self.one_has_ended = false;
        self.poll_answered(now);
        for call in &mut self.ringing {
            call.index = None;
            call.empty_polls = 0;
        }
    }

    fn on_caller(&mut self, now: Duration, caller: &CallerId, actions: &mut Vec<Action>) {
        if self.is_straggler(now, caller) {
            // The RING before it was one too.
            self.ringing.retain(|call| !call.doubtful);
            return;
        }
        if let Some(call) = self.ringing.iter_mut().find(|call| call.is_from(caller)) {
            call.identify(now, caller);
            return;
        }
        match self.ringing.iter_mut().find(|call| !call.waiting) {
            None => {
                self.start(now, Some(caller));
            }
            // Another number while one rings: a new call whose forerunner's end was lost, or a damaged line. The
            // modem's own list tells; until then nobody is texted on the word of one line. Where it tells nothing (the modem is
            // at work) and a number comes once more, be it this one or a third, the second was a caller: no line is damaged in the
            // same way twice.
            Some(call) if call.contender.is_some() => {
                self.accept_contenders(actions);
                self.on_caller(now, caller, actions);
            }
            Some(call) => {
                call.last_sign = now;
                call.contender = Some(caller.clone());
                self.poll_now(now, actions);
            }
        }
    }

    fn on_waiting(&mut self, now: Duration, caller: &CallerId) {
        match self.ringing.iter_mut().find(|call| call.is_from(caller)) {
            Some(call) => call.last_sign = now,
            None => {
                if let Some(call) = self.start(now, Some(caller)) {
                    call.waiting = true;
                }
            }
        }
    }

    fn on_ended(&mut self, now: Duration, index: Option<u8>, actions: &mut Vec<Action>) {
        if self.ringing.len() > 1 {
            if self.ringing.iter().any(|call| call.has_index(index)) {
                self.end_where(|call| call.has_index(index), actions);
            } else {
                self.one_has_ended = true;
                self.poll_now(now, actions);
            }
        } else {
            self.accept_contenders(actions);
            self.end_where(|_| true, actions);
        }
    }

    /// Where it is not said which call it is, it is the one that rings: who waits cannot be talked to yet.
    fn on_picked_up(&mut self, index: Option<u8>, actions: &mut Vec<Action>) {
        let by_index = |call: &Ringing| call.has_index(index);
        let position = self.ringing.iter().position(by_index);
        let position = position.or_else(|| self.ringing.iter().position(|call| !call.waiting));
        if let Some(call) = position.and_then(|at| self.ringing.get_mut(at)) {
            call.picked_up = true;
            call.doubtful = false;
            self.end_picked_up(actions);
        }
    }

    /// A whole call in one line: the end of one that rings, or a late word on the last one, or all there is of it.
    fn on_missed(&mut self, now: Duration, number: Option<&LineNumber>, actions: &mut Vec<Action>) {
        let named = number.cloned().map(shown);
        let by_number = |call: &Ringing| match (call.number(), number) {
            (Some(own), Some(number)) => may_be_same(own, number),
            _ => true,
        };
        let position = self.ringing.iter().position(by_number);
        let id = match position {
            Some(at) => {
                let call = &mut self.ringing[at];
                call.doubtful = false;
                if call.caller.is_none() {
                    call.caller = named;
                }
                call.id
            }
            None if self.was_over_lately(now, number) => return,
            None => {
                let unsaid = CallerId {
                    number: None,
                    presentation: Presentation::Unavailable,
                };
                match self.start(now, Some(&named.unwrap_or(unsaid))) {
                    Some(call) => call.id,
                    None => return,
                }
            }
        };
        self.announce(actions);
        self.end_where(|call| call.id == id, actions);
    }

    fn was_over_lately(&self, now: Duration, number: Option<&LineNumber>) -> bool {
        let Some(over) = &self.last_over else {
            return false;
        };
        let its = over.caller.as_ref().and_then(|it| it.number.as_ref());
        let other = matches!((its, number), (Some(its), Some(number)) if !may_be_same(its, number));
        now.saturating_sub(over.at) < MISSED_SAID_WITHIN && !other
    }

    /// The modem has told of every call there is.
    fn on_told(&mut self, actions: &mut Vec<Action>) {
        let told = std::mem::take(&mut self.told);
        self.end_where(|call| !told.contains(&call.id), actions);
    }

    fn on_list(&mut self, now: Duration, list: &[CurrentCall], actions: &mut Vec<Action>) {
        self.poll_answered(now);
        let listed: Vec<CallId> = list
            .iter()
            .filter_map(|call| self.on_listed(now, call, actions))
            .collect();
        for call in &mut self.ringing {
            if listed.contains(&call.id) {
                call.listed = true;
                call.empty_polls = 0;
                self.list_is_trusted = true;
            } else if self.list_is_trusted && call.should_be_listed(now) {
                call.empty_polls = call.empty_polls.saturating_add(1);
            }
        }
        if self.ringing.iter().any(Ringing::has_left_the_list) {
            self.next_poll = Some(now + POLL_AGAIN_AFTER_EMPTY);
        }
        let one_has_ended = std::mem::take(&mut self.one_has_ended) && self.ringing.len() > 1;
        if one_has_ended && !self.list_is_trusted {
            self.end_oldest(actions);
        }
        self.end_where(
            |call| {
                !listed.contains(&call.id)
                    && (one_has_ended || call.empty_polls >= call.empty_polls_until_ended())
                    && call.empty_polls > 0
            },
            actions,
        );
        self.end_picked_up(actions);
        self.accept_contenders(actions);
    }

    fn on_poll_failed(&mut self, now: Duration, actions: &mut Vec<Action>) {
        self.poll_answered(now);
        if std::mem::take(&mut self.one_has_ended) && self.ringing.len() > 1 {
            self.end_oldest(actions);
        }
        self.accept_contenders(actions);
    }

    /// One line of the list; says which of our calls it is.
    fn on_listed(
        &mut self,
        now: Duration,
        listed: &CurrentCall,
        actions: &mut Vec<Action>,
    ) -> Option<CallId> {
        if !listed.incoming || !listed.voice {
            return None;
        }
        let rings = matches!(listed.state, CallState::Incoming | CallState::Waiting);
        let position = self.position_of(listed);
        if listed.state == CallState::Disconnected {
            let id = self.ringing.get(position?)?.id;
            self.end_where(|call| call.id == id, actions);
            return None;
        }
        let position = match position {
            Some(position) => position,
            None if rings => {
                let caller = listed.number.clone().map(shown);
                let call = self.start(now, caller.as_ref())?;
                call.waiting = listed.state == CallState::Waiting;
                self.ringing.len() - 1
            }
            None => return None,
        };
        let call = self.ringing.get_mut(position)?;
        call.index = listed.index.or(call.index);
        call.waiting = listed.state == CallState::Waiting;
        call.picked_up = matches!(listed.state, CallState::Active | CallState::Held);
        call.last_sign = now;
        if let Some(number) = &listed.number {
            call.judge_contender(number);
            // What +CLIP says of a caller stands: digits in the list may be ones that must not be used.
            call.caller.get_or_insert_with(|| shown(number.clone()));
        }
        Some(call.id)
    }

    /// Which of our calls a line of the list speaks of: the one with its number, else with its index, else the only one
    /// of which nothing contradicts it.
    fn position_of(&self, listed: &CurrentCall) -> Option<usize> {
        let by_number = listed.number.as_ref().and_then(|number| {
            self.ringing
                .iter()
                .position(|call| call.number().is_some_and(|n| may_be_same(n, number)))
        });
        let by_index = || {
            self.ringing
                .iter()
                .position(|call| call.has_index(listed.index))
        };
        // Where two kinds of lines count calls in two ways, one that rings is still the one that rings: a second one waits.
        let unnumbered = |call: &Ringing| {
            call.index.is_none()
                || listed.index.is_none()
                || (listed.state == CallState::Incoming && !call.waiting)
        };
        let only_one = || {
            (self.ringing.len() == 1 && unnumbered(&self.ringing[0]))
                .then_some(0)
                .filter(|_| {
                    let contended = self.ringing[0].contender.is_some();
                    contended || listed.number.is_none() || self.ringing[0].number().is_none()
                })
        };
        by_number.or_else(by_index).or_else(only_one)
    }

    /// A number that no list has contradicted is a call of its own, and the one before it is over.
    fn accept_contenders(&mut self, actions: &mut Vec<Action>) {
        self.end_where(|call| call.contender.is_some(), actions);
    }

    fn start(&mut self, now: Duration, caller: Option<&CallerId>) -> Option<&mut Ringing> {
        if self.ringing.len() >= MOST_CALLS {
            return None;
        }
        let id = CallId(self.next_id);
        self.next_id += 1;
        self.next_poll.get_or_insert(now + POLL_EVERY);
        self.ringing.push(Ringing::new(id, now, caller.cloned()));
        self.ringing.last_mut()
    }

    fn end_where(&mut self, over: impl Fn(&Ringing) -> bool, actions: &mut Vec<Action>) {
        let ended: Vec<Ringing> = self.ringing.extract_if(.., |call| over(call)).collect();
        for mut call in ended {
            let (contender, at) = (call.contender.take(), call.last_sign);
            // A single RING behind another call's end, and nothing after it, was no call.
            if !call.doubtful {
                call.tell_started(actions);
                actions.push(Action::Ended(call.into_ended()));
            }
            // Whoever's number was seen and not found to be noise is a caller too.
            if let Some(contender) = contender {
                self.start(at, Some(&contender));
            }
        }
        // A waiting caller whose turn it is rings from now on.
        if self.ringing.iter().all(|call| call.waiting)
            && let Some(call) = self.ringing.first_mut()
        {
            call.waiting = false;
        }
    }

    fn announce(&mut self, actions: &mut Vec<Action>) {
        for call in &mut self.ringing {
            call.doubtful &= call.caller.is_none() && call.rings < 2;
            if call.doubtful {
                continue;
            }
            call.tell_started(actions);
            let Some(caller) = &call.caller else { continue };
            if call.announced.as_ref() != Some(caller) {
                call.announced = Some(caller.clone());
                actions.push(Action::Identified(call.id, caller.clone()));
            }
        }
    }

    fn end_oldest(&mut self, actions: &mut Vec<Action>) {
        if let Some(id) = self.ringing.first().map(|call| call.id) {
            self.end_where(|call| call.id == id, actions);
        }
    }

    fn end_picked_up(&mut self, actions: &mut Vec<Action>) {
        self.end_where(|call| call.picked_up, actions);
    }

    /// It was asked and has not answered: while it hangs, or is at a text, it does not tell of what rings.
    fn awaits_answer(&self, now: Duration) -> bool {
        self.unanswered < UNANSWERED_MAX
            && self
                .polled_at
                .is_some_and(|at| now.saturating_sub(at) < ANSWERS_AT_LAST)
    }

    fn poll_now(&mut self, now: Duration, actions: &mut Vec<Action>) {
        if self.polled_at.is_none() && !self.is_idle() {
            self.polled_at = Some(now);
            self.next_poll = None;
            actions.push(Action::PollCurrentCalls);
        }
    }

    fn poll_answered(&mut self, now: Duration) {
        let took = self.polled_at.map(|at| now.saturating_sub(at));
        if self.awaits_answer(now) && took >= Some(ANSWERS_WITHIN) {
            // Who rings on is heard again from now on.
            for call in &mut self.ringing {
                call.last_sign = now;
            }
        }
        self.polled_at = None;
        match took {
            Some(took) if took < ANSWERS_WITHIN => self.unanswered = 0,
            Some(took) if took < HANGS_FROM => self.unanswered = self.unanswered.saturating_add(1),
            _ => {}
        }
        self.next_poll = Some(now + POLL_EVERY);
    }

    fn tidy(&mut self, now: Duration, actions: &[Action], by_silence: bool) {
        for action in actions {
            if let Action::Ended(call) = action {
                self.last_over = Some(Over {
                    at: now,
                    caller: call.caller.clone(),
                    by_silence,
                });
            }
        }
        let ringing = &self.ringing;
        self.told
            .retain(|id| ringing.iter().any(|call| call.id == *id));
        self.told.dedup();
        if self.is_idle() {
            self.next_poll = None;
            self.one_has_ended = false;
        }
    }
}

#[cfg(test)]
mod tests;
