//! A week as a seed draws it: what happens, and when. What must come of it is `promises`' affair.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;
use textback::sim::families::presets;
use textback::sim::{
    CallHandle, Caller, Direction, Fate, Options, Outcome, Registration, SendFault, Sim,
};
use textback_disk::Failure;
use tokio::time::{sleep, sleep_until};

use super::fences::Fences;
use super::lives::{Lives, Span};
use super::owner::{OWNER, Owner};
use super::power::Death;
use super::promises;
use super::tally::Tally;

const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);
/// At the end everything is mended, and this much later nothing may be left in the middle: a text helps for an hour, and a modem that is
/// ill is left alone for half an hour.
const SETTLES_WITHIN: Duration = Duration::from_secs(4 * 3600);
/// What happens in a week. More than in most boxes' years.
const CALLS: usize = 70;
const REPLIES: usize = 25;
const FAULTS: usize = 40;
/// Nobody calls again sooner: whether that is one call or two is another question.
const SAME_CALLER_AFTER: Duration = Duration::from_secs(120);

/// Somebody called.
pub(crate) struct Called {
    /// `None` for one who hides it.
    pub(crate) number: Option<String>,
    pub(crate) at: Duration,
    pub(crate) handle: CallHandle,
}

/// Somebody wrote.
pub(crate) struct Wrote {
    pub(crate) number: String,
    pub(crate) at: Duration,
    pub(crate) text: String,
}

/// All that happened, for the promises to be held to.
#[derive(Default)]
pub(crate) struct Happened {
    pub(crate) calls: Vec<Called>,
    pub(crate) replies: Vec<Wrote>,
    /// When the SIM was seen empty, and nothing on its way to it.
    pub(crate) read_up: Vec<Duration>,
    /// When the disk failed.
    pub(crate) disk_failed: Vec<Span>,
    /// When the modem was to hang, and for how long.
    pub(crate) hangs: Vec<Span>,
    /// How little may go out, if it is a week of that kind.
    pub(crate) fences: Option<Fences>,
    pub(crate) lines: Vec<String>,
    tells: bool,
}

impl Happened {
    /// Whether the box knows an owner who can be texted.
    pub(crate) fn has_owner(&self) -> bool {
        self.replies.iter().any(|reply| reply.number == OWNER)
    }

    fn tell(&mut self, now: Duration, what: impl fmt::Display) {
        let seconds = now.as_secs();
        let (days, rest) = (seconds / 86_400, seconds % 86_400);
        let line = format!(
            "{days}d {:02}:{:02}:{:02}.{:03} {what}",
            rest / 3600,
            rest / 60 % 60,
            rest % 60,
            now.subsec_millis()
        );
        if self.tells {
            tell(&line);
        }
        self.lines.push(line);
    }
}

/// Past the test's own output, so that it stands among the daemon's log lines.
#[expect(clippy::print_stderr, reason = "a seed is told to whoever repeats it")]
fn tell(line: &str) {
    eprintln!("{line}");
}

/// Which seconds of the line are told of a single seed: `332600..332900`.
const LINE: &str = "TEXTBACK_LINE";
/// So many seconds of the line are told before something that the modem complained of.
const TOLD_BEFORE_S: f64 = 30.0;

/// What is drawn.
#[derive(Debug, Clone, Copy)]
enum Event {
    Call,
    Reply,
    Fault,
    /// A fault a moment after a call began: where it hurts.
    CallAndFault,
    Setting,
    ClockJump,
    OwnerWrites,
}

/// What a week came to.
pub(crate) struct Week {
    pub(crate) broken: Vec<String>,
    pub(crate) tally: Tally,
}

/// Lives the week of a seed.
pub(crate) fn live(seed: u64, tells: bool) -> Week {
    if tells {
        let _ = tracing_subscriber::fmt()
            .with_ansi(false)
            .without_time()
            .with_writer(std::io::stderr)
            .try_init();
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut story = Story::new(seed, tells);
        story.run().await;
        let broken = promises::check(&story.lives, &story.happened).await;
        let tally = promises::tally(&story.lives, &story.happened);
        if tells {
            tell_line(&story.lives.sim);
            for line in promises::texts_side_by_side(&story.lives) {
                tell(&line);
            }
        }
        Week { broken, tally }
    })
}

/// What crossed the line just before the modem complained of it, and in the seconds asked for.
fn tell_line(sim: &Sim) {
    let crossings = sim.crossings();
    let asked = std::env::var(LINE).ok();
    let asked = asked.as_deref().and_then(|text| {
        let (from, to) = text.split_once("..")?;
        Some((from.parse().ok()?, to.parse().ok()?, String::new()))
    });
    let complained = sim.violations().into_iter().filter_map(|violation| {
        let at: f64 = violation.split(' ').next()?.parse().ok()?;
        Some((at - TOLD_BEFORE_S, at, violation))
    });
    for (from, to, what) in complained.chain(asked) {
        tell(&what);
        for crossing in &crossings {
            let at = crossing.at.as_secs_f64();
            let way = match crossing.direction {
                Direction::ToModem => "->",
                Direction::ToHost => "<-",
            };
            if (from..to + 0.01).contains(&at) {
                let bytes = String::from_utf8_lossy(&crossing.bytes);
                tell(&format!("  {at:.3} {way} {bytes:?}"));
            }
        }
    }
}

/// Most things come together: a burst of calls, a fault in the midst of them.
pub(crate) fn moment(dice: &mut fastrand::Rng) -> Duration {
    let burst = Duration::from_secs(dice.u64(..20) * WEEK.as_secs() / 20);
    let within = match dice.bool() {
        true => Duration::from_millis(dice.u64(..120_000)),
        false => Duration::from_millis(dice.u64(..28_000_000)),
    };
    burst + within
}

struct Story {
    dice: fastrand::Rng,
    lives: Lives,
    happened: Happened,
    callers: Vec<String>,
    last_calls: HashMap<String, Duration>,
    /// What goes away by itself, when.
    heals: Vec<(Duration, Heal)>,
    replies: usize,
    owner: Option<Owner>,
}

#[derive(Debug, Clone, Copy)]
enum Heal {
    Replug,
    Network,
    Disk,
    Start,
}

impl Story {
    fn new(seed: u64, tells: bool) -> Self {
        let mut dice = fastrand::Rng::with_seed(seed);
        // A modem that rings, of any make.
        let mut modems: Vec<Options> = presets().into_iter().map(|it| it.options).collect();
        modems.retain(|options| options.voice);
        let mut options = modems.swap_remove(dice.usize(..modems.len()));
        options.sms_slots = 10;
        options.cadence = options.cadence.max(Duration::from_secs(1));
        let folder = format!("/simulation/{seed}");
        let mut callers: Vec<_> = (0..8).map(|n| format!("+1202555010{n}")).collect();
        // From abroad.
        callers.push("+447700900123".to_owned());
        Self {
            lives: Lives::new(Path::new(&folder), options, dice.fork()),
            happened: Happened {
                fences: Fences::draw(seed),
                tells,
                ..Happened::default()
            },
            callers,
            last_calls: HashMap::new(),
            heals: Vec::new(),
            replies: 0,
            owner: Owner::draw(seed),
            dice,
        }
    }

    async fn run(&mut self) {
        self.lives.start();
        if let (Some(fences), Some(store)) = (self.happened.fences, self.lives.store()) {
            fences.set(store).await;
        }
        if let (Some(_), Some(store)) = (&self.owner, self.lives.store()) {
            Owner::set(store).await;
        }
        let mut events: Vec<(Duration, Event)> = Vec::new();
        for _ in 0..CALLS {
            let event = match self.dice.u8(..5) {
                0 => Event::CallAndFault,
                _ => Event::Call,
            };
            events.push((moment(&mut self.dice), event));
        }
        for (count, event) in [
            (REPLIES, Event::Reply),
            (FAULTS, Event::Fault),
            (3, Event::Setting),
            (2, Event::ClockJump),
        ] {
            for _ in 0..count {
                events.push((moment(&mut self.dice), event));
            }
        }
        for at in self.owner.iter_mut().flat_map(Owner::moments) {
            events.push((at, Event::OwnerWrites));
        }
        events.sort_by_key(|(at, _)| *at);
        for (at, event) in events {
            self.pass_until(at).await;
            self.carry_out(event);
        }
        self.pass_until(WEEK).await;
        self.mend();
        self.pass_until(WEEK + SETTLES_WITHIN).await;
        self.lives.stop().await;
    }

    /// Lets time pass; what dies is buried, what heals by itself does.
    async fn pass_until(&mut self, at: Duration) {
        loop {
            let next_heal = self.heals.iter().map(|(at, _)| *at).min();
            let until = next_heal.map_or(at, |heal| heal.min(at));
            let wait = until.saturating_sub(self.lives.now());
            let power = self.lives.power.clone();
            let deadline = sleep(wait).deadline();
            tokio::select! {
                biased;
                (death, died) = power.blown() => {
                    self.happened.tell(died, format!("{death:?}"));
                    self.lives.bury(death, died).await;
                    self.lives.power.restore();
                    let off = match death {
                        Death::PowerCut => Duration::from_millis(self.dice.u64(500..600_000)),
                        Death::Kill => Duration::from_millis(self.dice.u64(..3_000)),
                    };
                    if death == Death::PowerCut {
                        self.heals.push((self.lives.now() + off, Heal::Replug));
                    }
                    self.heals.push((self.lives.now() + off, Heal::Start));
                    continue;
                }
                () = sleep_until(deadline) => {}
            }
            self.look();
            let now = self.lives.now();
            let due: Vec<_> = self.heals.extract_if(.., |(at, _)| *at <= now).collect();
            for (_, heal) in due {
                self.heal(heal);
            }
            if now >= at {
                return;
            }
        }
    }

    fn look(&mut self) {
        if self.lives.sim.stored() == 0 && self.lives.sim.waiting() == 0 {
            self.happened.read_up.push(self.lives.now());
        }
        // A text has pulled it out.
        let comes_back = self
            .heals
            .iter()
            .any(|(_, heal)| matches!(heal, Heal::Replug));
        if !self.lives.sim.is_plugged() && !comes_back {
            let wait = Duration::from_secs(self.dice.u64(1..600));
            self.after(wait, Heal::Replug);
        }
    }

    fn heal(&mut self, heal: Heal) {
        self.happened.tell(self.lives.now(), format!("{heal:?}"));
        match heal {
            Heal::Replug => self.lives.sim.replug().unwrap(),
            Heal::Network => self.lives.sim.set_network(Registration::HOME),
            Heal::Disk => {
                self.lives.power.disk().fail(Failure::None);
                if let Some(span) = self.happened.disk_failed.last_mut() {
                    span.end = self.lives.now();
                }
            }
            Heal::Start => {
                if self.lives.store().is_none() {
                    self.lives.start();
                    if self.lives.store().is_none() {
                        // systemd waits and tries again.
                        self.after(Duration::from_secs(5), Heal::Start);
                    }
                }
            }
        }
    }

    fn after(&mut self, wait: Duration, heal: Heal) {
        self.heals.push((self.lives.now() + wait, heal));
    }

    fn mend(&mut self) {
        self.happened.tell(self.lives.now(), "everything is mended");
        for (_, heal) in std::mem::take(&mut self.heals) {
            self.heal(heal);
        }
        self.lives.sim.replug().unwrap();
        self.lives.sim.set_network(Registration::HOME);
        self.lives.sim.heal_sends();
    }

    fn carry_out(&mut self, event: Event) {
        match event {
            Event::Call => self.call(),
            Event::CallAndFault => {
                self.call();
                self.fault();
            }
            Event::Reply => self.reply(),
            Event::OwnerWrites => {
                if let Some(text) = self.owner.as_mut().map(Owner::writes) {
                    self.write(OWNER.to_owned(), text);
                }
            }
            Event::Fault => self.fault(),
            Event::Setting => self.setting(),
            Event::ClockJump => {
                let minutes = self.dice.i64(-3000..3000);
                let right = self.dice.bool() || self.happened.fences.is_some();
                let minutes = if right { 0 } else { minutes };
                self.happened.tell(
                    self.lives.now(),
                    format!("the clock is set {minutes} min off"),
                );
                self.lives.set_clock(SignedDuration::from_mins(minutes));
            }
        }
    }

    fn call(&mut self) {
        let now = self.lives.now();
        let number = match self.dice.u8(..12) {
            0 => None,
            _ => Some(self.callers[self.dice.usize(..self.callers.len())].clone()),
        };
        let caller = match &number {
            None => Caller::withheld(),
            Some(number) => {
                let last = self.last_calls.insert(number.clone(), now);
                if last.is_some_and(|last| now < last + SAME_CALLER_AFTER) {
                    return;
                }
                Caller::new(number)
            }
        };
        let caller = match self.dice.u8(..3) {
            0 => caller.rings_for(Duration::from_millis(self.dice.u64(200..40_000))),
            _ => caller.rings(self.dice.u32(1..5)),
        };
        let picked_up = self.dice.u8(..12) == 0;
        let handle = self.lives.sim.call(caller);
        self.happened.tell(
            now,
            format!("{} calls", number.as_deref().unwrap_or("somebody")),
        );
        if picked_up {
            handle.pick_up();
        }
        self.happened.calls.push(Called {
            number,
            at: now,
            handle,
        });
    }

    fn reply(&mut self) {
        let number = self.callers[self.dice.usize(..self.callers.len() - 1)].clone();
        self.replies += 1;
        let id = self.replies;
        let text = match self.dice.u8(..8) {
            0 => "STOP".to_owned(),
            1 => "START".to_owned(),
            2 => format!("{id}: {}", "My kitchen sink leaks. ".repeat(15)),
            3 => format!("{id}: \u{1f6b0} leaks"),
            _ => format!("{id}: my sink is leaking"),
        };
        self.write(number, text);
    }

    fn write(&mut self, number: String, text: String) {
        let now = self.lives.now();
        self.happened
            .tell(now, format!("{number} writes {text:.20}"));
        self.lives.sim.text_in(&number, &text).unwrap();
        self.happened.replies.push(Wrote {
            number,
            at: now,
            text,
        });
    }

    fn setting(&mut self) {
        let (key, value) = match self.dice.u8(..4) {
            0 => ("calls.hang_up_after_s", "0"),
            1 => ("calls.hang_up_after_s", "8"),
            2 => ("texts.max_per_minute", "3"),
            _ => ("message.missed_call", ""),
        };
        let long = format!(
            "Sorry, {}. Reply STOP to opt out.",
            "we are under a sink ".repeat(12)
        );
        let value = if key == "message.missed_call" {
            &long
        } else {
            value
        };
        if let Some(store) = self.lives.store().cloned() {
            let (key, value) = (key.to_owned(), value.to_owned());
            self.happened
                .tell(self.lives.now(), format!("{key} is set"));
            tokio::spawn(async move {
                let _ = store
                    .change_setting(&key, &value, jiff::Timestamp::UNIX_EPOCH)
                    .await;
            });
        }
    }

    fn fault(&mut self) {
        let sim = self.lives.sim.clone();
        let seconds = Duration::from_secs;
        let (short, long) = (self.dice.u64(1..60), self.dice.u64(60..3000));
        let time = seconds(if self.dice.u8(..4) == 0 { long } else { short });
        let fate = if self.dice.bool() {
            Fate::Taken
        } else {
            Fate::Lost
        };
        let most = if self.dice.bool() { 40 } else { 400 };
        let operations = self.dice.u32(..most);
        let kind = self.dice.u8(..16);
        // While its disk fails the box goes on in memory, knowingly: what a power cut takes then is nobody's to promise.
        let in_memory = self
            .happened
            .disk_failed
            .last()
            .is_some_and(|span| self.lives.now() < span.end + promises::CHANCE_ON_A_BAD_DISK);
        if (kind < 4 && in_memory) || (kind == 14 && self.lives.power.has_fuse()) {
            return;
        }
        let what = match kind {
            0 | 1 => {
                self.lives.power.set_fuse(operations, Death::PowerCut);
                format!("power goes after {operations} operations")
            }
            2 => {
                self.lives.power.set_fuse(operations, Death::Kill);
                format!("a kill after {operations} operations")
            }
            3 => {
                self.lives.power.blow(Death::PowerCut);
                "power goes".to_owned()
            }
            4 => {
                sim.unplug();
                self.after(time, Heal::Replug);
                format!("the modem is unplugged for {time:?}")
            }
            5 => {
                sim.hang(time);
                let now = sim.now();
                self.happened.hangs.push(now..now + time);
                format!("the modem hangs for {time:?}")
            }
            6 => {
                sim.restart();
                "the modem starts anew".to_owned()
            }
            7 => {
                sim.set_network(Registration::SEARCHING);
                self.after(time, Heal::Network);
                format!("no network for {time:?}")
            }
            8 => {
                sim.fail_sends([SendFault::Unplug(fate)]);
                format!("the next text pulls the modem out, {fate:?}")
            }
            9 => {
                sim.fail_sends([SendFault::Silence(fate)]);
                format!("the next text has no answer, {fate:?}")
            }
            10 => {
                sim.fail_sends([SendFault::Restart(fate)]);
                format!("the next text restarts the modem, {fate:?}")
            }
            11 => {
                let fault = match self.dice.u8(..4) {
                    0 => SendFault::NoPrompt,
                    1 => SendFault::Delay(seconds(short)),
                    2 => SendFault::CmsError(500),
                    _ => SendFault::CmsError(21),
                };
                sim.fail_sends([fault]);
                format!("the next text meets {fault:?}")
            }
            12 => {
                let (after, count) = (self.dice.usize(..200), self.dice.usize(1..12));
                self.lives.power.heard(|heard| heard.lose(after, count));
                format!("{count} bytes will be lost on the line")
            }
            13 => {
                // No whole result: a modem that says OK where nothing was asked has answered, as far as anybody can tell.
                let noise = ["\r\n^RSSI:18\r\n", "\r\nRIN", "\0\0\u{7f}", "\r\n+CME"];
                let noise = noise[self.dice.usize(..noise.len())];
                let now = self.lives.now();
                self.lives.power.heard(|heard| heard.noise(now));
                match self.dice.bool() {
                    true => sim.noise(noise.as_bytes()),
                    false => sim.inject(self.dice.usize(..30), noise.as_bytes()),
                }
                format!("noise: {noise:?}")
            }
            14 => {
                let failure = if self.dice.bool() {
                    Failure::Full
                } else {
                    Failure::ReadOnly
                };
                let now = self.lives.now();
                if self
                    .happened
                    .disk_failed
                    .last()
                    .is_none_or(|span| span.end < now)
                {
                    self.lives.power.disk().fail(failure);
                    self.happened.disk_failed.push(now..now + time);
                    self.after(time, Heal::Disk);
                }
                format!("the disk is {failure:?} for {time:?}")
            }
            _ => {
                let outcome = match self.dice.u8(..3) {
                    0 => Outcome::NoReport,
                    1 => Outcome::Failed,
                    _ => Outcome::Delivered,
                };
                let number = &self.callers[self.dice.usize(..self.callers.len())];
                sim.set_outcome(number, outcome);
                format!("texts to {number} are {outcome:?} from now on")
            }
        };
        self.happened.tell(self.lives.now(), what);
    }
}
