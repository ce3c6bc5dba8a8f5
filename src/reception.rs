//! The shell around `call` and `rules`: what a missed call sets in motion.
//!
//! [`ReceptionTask`] gives the modem's words and the passing of time to [`Calls`], carries its actions out, and closes
//! each call with a decision and, if so decided, a queued text, in one transaction. What is sent when is the
//! outbox's affair.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tracing::{info, warn};

use crate::at::Urc;
use crate::at::urc::{CallerId, CurrentCall, Presentation};
use crate::call::{self, Action, CallId, Calls, Event};
use crate::clock::Clock;
use crate::modem::{Facts as ModemFacts, Modem};
use crate::phone::{self, PhoneNumber, Region};
use crate::rules::{self, Caller, Decision, Facts, LATE_AFTER};
use crate::settings::Settings;
use crate::store::{CallRow, EndedCall, NewText, Store, UndecidedCall, Verdict, insist};
use crate::text::TextKind;
use crate::wording::{self, Occasion};

/// A call that rang when the box stopped, and rings on, shows itself within the longest time between two rings that
/// `call` allows for; after that it is over.
const STILL_RINGS_WITHIN: Duration = Duration::from_secs(12);

/// Type of number and numbering plan unknown (3GPP TS 24.008 clause 10.5.4.7, with the extension bit): the store keeps digits alone.
const UNKNOWN_TYPE: u8 = 129;

/// What can happen to the reception.
#[derive(Debug)]
pub enum ReceptionEvent {
    /// The modem is ready: this is what it is.
    Attached(Modem, Arc<ModemFacts>),
    /// It said something about a call.
    Urc(Urc),
    /// It is gone.
    Lost,
    /// An operator's text told of a call that never rang here.
    Noticed(UndecidedCall),
}

/// Receives calls.
pub struct ReceptionTask {
    store: Store,
    clock: Clock,
    events: mpsc::UnboundedReceiver<ReceptionEvent>,
    calls: Calls,
    ringing: HashMap<CallId, RingingCall>,
    modem: Option<Modem>,
    sim: Sim,
    /// The SIM has told whose country is home.
    home_is_known: bool,
    /// Calls that rang when the box last stopped, and those that operators told of. They are missed calls, unless they ring still.
    cut_short: Vec<UndecidedCall>,
    /// When those that have not rung again are closed.
    close_cut_short_at: Option<Duration>,
    /// Calls that ended before the SIM had told.
    held: Vec<Over>,
    asked: JoinSet<Answer>,
}

/// What the SIM tells about itself; remembered while the modem is away.
#[derive(Debug, Clone, Default)]
struct Sim {
    number: Vec<PhoneNumber>,
    region: Option<Region>,
}

/// What is known of a ringing call beyond what `call` keeps.
#[derive(Debug, Clone)]
struct RingingCall {
    row: Option<CallRow>,
    started_at: Timestamp,
}

/// A call that is over, and when.
struct Over {
    call: call::EndedCall,
    ringing: Option<RingingCall>,
    /// By the monotonic clock: at a start the wall clock jumps to the right time just when such a call waits for its decision.
    ended: Duration,
}

/// What the modem answered to an action.
enum Answer {
    CurrentCalls(Vec<CurrentCall>),
    NoList,
    HungUp,
    NotHungUp,
    /// Nothing that a call depends on.
    Told,
}

impl ReceptionTask {
    /// A task that takes its events from `events`.
    #[must_use]
    pub fn new(
        store: Store,
        clock: Clock,
        events: mpsc::UnboundedReceiver<ReceptionEvent>,
    ) -> Self {
        Self {
            store,
            clock,
            events,
            calls: Calls::new(),
            ringing: HashMap::new(),
            modem: None,
            sim: Sim::default(),
            home_is_known: false,
            cut_short: Vec::new(),
            close_cut_short_at: None,
            held: Vec::new(),
            asked: JoinSet::new(),
        }
    }

    /// Runs until nobody can tell it anything any more, and has then taken in all it was told.
    pub async fn run(mut self) {
        self.cut_short = insist(|| self.store.undecided_calls()).await;
        loop {
            let deadlines = [self.calls.next_deadline(), self.close_cut_short_at];
            let deadline = deadlines.into_iter().flatten().min();
            let clock = self.clock.clone();
            tokio::select! {
                // What the modem said comes before what time says: a ring that waits in the queue is no silence.
                biased;
                event = self.events.recv() => match event {
                    Some(event) => self.on(event).await,
                    None => return,
                },
                Some(Ok(answer)) = self.asked.join_next() => self.on_answer(answer).await,
                () = sleep_until(&clock, deadline) => {
                    let now = self.clock.monotonic();
                    let actions = self.calls.on_time(now);
                    self.carry_out(actions).await;
                    if self.close_cut_short_at.is_some_and(|at| at <= now) {
                        self.close_calls_cut_short().await;
                    }
                }
            }
        }
    }

    async fn on(&mut self, event: ReceptionEvent) {
        let now = self.clock.monotonic();
        match event {
            ReceptionEvent::Urc(urc) => {
                let actions = self.calls.on(now, Event::Urc(&urc));
                self.carry_out(actions).await;
            }
            ReceptionEvent::Attached(modem, facts) => {
                self.modem = Some(modem);
                self.sim = Sim::of(&facts);
                if !std::mem::replace(&mut self.home_is_known, true) {
                    self.close_cut_short_at = Some(now + STILL_RINGS_WITHIN);
                    self.read_again().await;
                    for over in std::mem::take(&mut self.held) {
                        self.close(over).await;
                    }
                }
            }
            ReceptionEvent::Lost => {
                self.modem = None;
                self.asked.abort_all();
                let actions = self.calls.on(now, Event::ModemLost);
                self.carry_out(actions).await;
            }
            // It was written down before this began to read, and found there.
            ReceptionEvent::Noticed(call) if self.cut_short.contains(&call) => {}
            ReceptionEvent::Noticed(call) if self.home_is_known => self.close_unseen(call).await,
            ReceptionEvent::Noticed(call) => self.cut_short.push(call),
        }
    }

    async fn on_answer(&mut self, answer: Answer) {
        let event = match &answer {
            Answer::CurrentCalls(list) => Event::CurrentCalls(list),
            Answer::NoList => Event::PollFailed,
            Answer::HungUp => Event::HungUp,
            Answer::NotHungUp => Event::NotHungUp,
            Answer::Told => return,
        };
        let actions = self.calls.on(self.clock.monotonic(), event);
        self.carry_out(actions).await;
    }

    async fn carry_out(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Started(id) => self.begin(id).await,
                Action::Identified(id, caller) => self.write_down(id, &caller).await,
                Action::PollCurrentCalls => self.ask(Answer::NoList, |modem| async move {
                    match modem.current_calls().await {
                        Ok(list) => Answer::CurrentCalls(list),
                        Err(_) => Answer::NoList,
                    }
                }),
                Action::HangUp => self.ask(Answer::NotHungUp, |modem| async move {
                    match modem.hang_up().await {
                        Ok(()) => Answer::HungUp,
                        Err(error) => {
                            warn!(%error, "could not hang up; the caller rings on");
                            Answer::NotHungUp
                        }
                    }
                }),
                Action::Ended(call) => {
                    if call.caller.is_none() {
                        self.ask(Answer::Told, |modem| async move {
                            if let Err(error) = modem.show_callers().await {
                                warn!(%error, "could not have the modem show who calls");
                            }
                            Answer::Told
                        });
                    }
                    let over = Over {
                        ringing: self.ringing.remove(&call.id),
                        ended: self.clock.monotonic(),
                        call,
                    };
                    // What number it is, and whether it is from home, is read by the country of the SIM.
                    if self.home_is_known {
                        self.close(over).await;
                    } else {
                        self.held.push(over);
                    }
                }
            }
        }
    }

    /// Asks the modem without waiting for the answer. While it is being brought up there is nobody to ask yet: then
    /// `unanswered` is the answer.
    fn ask<F>(&mut self, unanswered: Answer, question: impl FnOnce(Modem) -> F)
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        match self.modem.clone() {
            Some(modem) => self.asked.spawn(question(modem)),
            None => self.asked.spawn(std::future::ready(unanswered)),
        };
    }

    async fn begin(&mut self, id: CallId) {
        let started_at = self.clock.wall();
        self.ringing.insert(
            id,
            RingingCall {
                row: None,
                started_at,
            },
        );
        // Without settings the hang-up keeps the value it had for the last call.
        match self.store.settings().await {
            Ok(settings) => {
                let after = settings.hang_up_after_s();
                self.calls
                    .set_hang_up_after(after.map(|s| Duration::from_secs(s.into())));
            }
            Err(error) => warn!(%error, "could not read when to hang up"),
        }
    }

    /// A call is on disk while it still rings, so that one that rings when the power goes is not lost.
    async fn write_down(&mut self, id: CallId, caller: &CallerId) {
        let caller = self.caller(Some(caller)).await;
        info!(from = %for_log(&caller), "a call rings");
        let Some(call) = self.ringing.get_mut(&id) else {
            return;
        };
        // It rang before the box stopped, and rings on: one call.
        let rang_before = |before: &UndecidedCall| {
            call.row.is_none() && before.rings > 0 && may_be_same(&before.caller, &caller)
        };
        if let Some(position) = self.cut_short.iter().position(rang_before) {
            let before = self.cut_short.swap_remove(position);
            *call = RingingCall {
                row: Some(before.row),
                started_at: before.started_at,
            };
        }
        match self
            .store
            .call_rings(call.row, caller, call.started_at)
            .await
        {
            Ok(row) => call.row = Some(row),
            // It is written again, and with more patience, when it ends.
            Err(error) => warn!(%error, "could not write down a call while it rings"),
        }
    }

    async fn close(&self, over: Over) {
        let Over {
            call,
            ringing,
            ended,
        } = over;
        let now = self.clock.wall();
        let since = self.clock.monotonic().saturating_sub(ended);
        let ended_at = now.checked_sub(since).unwrap_or(now);
        self.decide(EndedCall {
            row: ringing.as_ref().and_then(|call| call.row),
            caller: self.caller(call.caller.as_ref()).await,
            started_at: ringing.map_or(ended_at, |call| call.started_at),
            ended_at,
            rings: call.rings,
            picked_up: call.picked_up,
            decided_at: now,
            sim_number: self.sim.number.clone(),
            sim_region: self.sim.region,
        })
        .await;
    }

    async fn decide(&self, call: EndedCall) {
        let decision = insist(|| self.store.end_call(call.clone(), judge)).await;
        let from = for_log(&call.caller);
        match decision {
            Decision::Text(_) => {
                info!(%from, rings = call.rings, "missed call: a text is on its way");
            }
            Decision::Skip(reason) => {
                info!(%from, rings = call.rings, reason = reason.token(), "no text");
            }
        }
    }

    /// Who rang when the box last stopped, in digits that only the country of the SIM makes a number of: it has told now.
    async fn read_again(&mut self) {
        let home = self.home().await;
        for call in &mut self.cut_short {
            if let Caller::Unreadable(digits) = &call.caller
                && let Some(number) = PhoneNumber::from_line(digits, UNKNOWN_TYPE, home)
            {
                call.caller = Caller::Number(number);
            }
        }
    }

    /// The country that counts as home, as far as it is known.
    async fn home(&self) -> Option<Region> {
        let own_country = self.store.settings().await.ok().and_then(|s| s.country());
        own_country.or(self.sim.region)
    }

    /// Calls that rang when the box last stopped and do not ring any more ended unseen: they are missed calls now.
    async fn close_calls_cut_short(&mut self) {
        self.close_cut_short_at = None;
        for call in std::mem::take(&mut self.cut_short) {
            self.close_unseen(call).await;
        }
    }

    /// Closes a call whose end nobody saw here.
    async fn close_unseen(&self, call: UndecidedCall) {
        let now = self.clock.wall();
        self.decide(EndedCall {
            row: Some(call.row),
            caller: call.caller,
            started_at: call.started_at,
            ended_at: call.started_at,
            rings: call.rings,
            picked_up: false,
            decided_at: now,
            sim_number: self.sim.number.clone(),
            sim_region: self.sim.region,
        })
        .await;
    }

    /// Makes sense of what the line told about a caller.
    async fn caller(&self, caller: Option<&CallerId>) -> Caller {
        let Some(caller) = caller else {
            return Caller::Unavailable;
        };
        match (&caller.number, caller.presentation) {
            (Some(number), Presentation::Shown) => {
                let home = self.home().await;
                PhoneNumber::from_line(&number.digits, number.type_of_address, home)
                    .map_or_else(|| Caller::Unreadable(number.digits.clone()), Caller::Number)
            }
            (_, Presentation::Withheld) => Caller::Withheld,
            (_, Presentation::Unavailable | Presentation::Shown) => Caller::Unavailable,
        }
    }
}

impl Sim {
    fn of(facts: &ModemFacts) -> Self {
        let region = facts.region();
        let number = facts
            .own_number
            .as_deref()
            .and_then(|number| PhoneNumber::parse(number, region).ok());
        Self {
            number: number.into_iter().collect(),
            region,
        }
    }
}

/// The decision about a call, and its text.
fn judge(facts: &Facts<'_>, settings: &Settings) -> Verdict {
    let decision = rules::decide(facts, settings);
    let text = match (&decision, &facts.caller) {
        (Decision::Text(occasion), Caller::Number(number)) => {
            Some(first_text(facts, number, *occasion, settings))
        }
        _ => None,
    };
    (decision, text)
}

/// The text for a missed call, and what it says should it go out late.
fn first_text(
    facts: &Facts<'_>,
    number: &PhoneNumber,
    occasion: Occasion,
    settings: &Settings,
) -> NewText {
    let filling = settings.filling(number, Some(&facts.ended_at), facts.home);
    let values = filling.values();
    let language = settings.language(facts.home);
    let late = wording::text(
        Occasion::Held,
        settings.message(Occasion::Held),
        language,
        &values,
    );
    let since = facts.now.duration_since(facts.ended_at.timestamp());
    let is_late = since >= LATE_AFTER;
    let (body, late) = match is_late {
        true => (late, None),
        false => {
            let own = settings.message(occasion);
            let usual = wording::text(Occasion::MissedCall, own, language, &values);
            (usual, Some(late))
        }
    };
    NewText {
        kind: TextKind::MissedCall,
        number: number.clone(),
        body,
        late,
    }
}

/// Whether it may be one caller: digits that make no number yet, because the SIM has not told its country, are those of one that does.
fn may_be_same(before: &Caller, now: &Caller) -> bool {
    match (before, now) {
        (Caller::Number(number), Caller::Unreadable(digits))
        | (Caller::Unreadable(digits), Caller::Number(number)) => {
            phone::same_line(number.as_str(), digits)
        }
        (before, now) => before == now,
    }
}

fn for_log(caller: &Caller) -> String {
    match caller {
        Caller::Number(number) => number.for_log().to_string(),
        Caller::Unreadable(digits) => phone::for_log(digits).to_string(),
        Caller::Withheld => "withheld".to_owned(),
        Caller::Unavailable => "unknown".to_owned(),
    }
}

async fn sleep_until(clock: &Clock, deadline: Option<Duration>) {
    match deadline {
        Some(at) => tokio::time::sleep_until(clock.instant_at(at)).await,
        None => std::future::pending().await,
    }
}
