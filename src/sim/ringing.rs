//! The modem's part in a call: RING, `+CLIP`, `+CLCC`, and the end. Knows no command by name.

use super::callers::{CALLS_MAX, Call, CallEnd, Caller, Stage};
use super::modem::{Power, SimModem, Timer};
use super::options::{EndStyle, OwnLines};

impl SimModem {
    /// Somebody calls. Returns the key under which `ends` will tell what came of it.
    pub(super) fn call(&mut self, caller: Caller) -> u64 {
        self.calls_so_far += 1;
        let key = self.calls_so_far;
        if let Some(end) = self.cannot_ring() {
            self.ends.insert(key, end);
            return key;
        }
        let cadence = caller.cadence.unwrap_or(self.options.cadence);
        let index = (1..).find(|index| self.calls.iter().all(|call| call.index != *index));
        let first = self.calls.is_empty();
        self.calls.push(Call {
            key,
            index: index.unwrap_or(u8::MAX),
            caller: caller.id,
            stage: if first {
                Stage::Incoming
            } else {
                Stage::Waiting
            },
            cadence,
            end: caller.end.unwrap_or_else(|| self.options.end.clone()),
            end_noticed_after: caller
                .end_noticed_after
                .unwrap_or(self.options.end_noticed_after),
            rings: 0,
            caller_gone: false,
        });
        self.after(caller.patience.lasts(cadence), Timer::GiveUp(key));
        self.ring(key);
        key
    }

    fn cannot_ring(&self) -> Option<CallEnd> {
        if !self.options.voice || self.power != Power::On || !self.registration.carries_calls() {
            return Some(CallEnd::Unreachable);
        }
        let may_wait = self.options.call_waiting && self.settings.ccwa;
        let busy = !self.calls.is_empty() && (!may_wait || self.calls.len() >= CALLS_MAX);
        busy.then_some(CallEnd::Busy)
    }

    /// One RING, or the one `+CCWA` of a caller who waits, and the next one in a cadence.
    pub(super) fn ring(&mut self, key: u64) {
        let hung = self.is_hung();
        let Some(call) = self.calls.iter_mut().find(|call| call.key == key) else {
            return;
        };
        let cadence = call.cadence;
        match call.stage {
            Stage::Active => return,
            Stage::Waiting => {
                call.rings = 1;
                let line = call.caller.waiting_line(&self.options.quirks);
                self.urc(&line);
                return;
            }
            Stage::Incoming => {}
        }
        // A modem that hangs does not save its RINGs up.
        if !hung {
            call.rings = call.rings.saturating_add(1);
            let (rings, clip) = (call.rings, call.caller.clip_line(&self.options.quirks));
            let text = self.ring_text(clip);
            let own = self.own_lines(key, |own| own.rings);
            let (first, last) = match self.options.quirks.no_ring {
                true => (own, Vec::new()),
                false => (Vec::new(), own),
            };
            let once = |lines: Vec<String>| lines.into_iter().filter(move |_| rings == 1);
            once(first).for_each(|line| self.urc(&line));
            self.write_ring(&text);
            once(last).for_each(|line| self.urc(&line));
            if self.settings.auto_answer > 0 && rings >= u32::from(self.settings.auto_answer) {
                self.answer_call(key);
                return;
            }
        }
        self.after(cadence, Timer::Ring(key));
    }

    fn ring_text(&self, clip: Option<String>) -> String {
        let quirks = &self.options.quirks;
        let ring = if self.settings.cring || quirks.cring_always {
            "+CRING: VOICE"
        } else {
            "RING"
        };
        let ring = (!quirks.no_ring).then(|| self.framed(ring));
        let clip = clip
            .filter(|_| self.settings.clip)
            .map(|line| self.framed(&line));
        let (first, second) = if quirks.clip_before_ring {
            (clip, ring)
        } else {
            (ring, clip)
        };
        first.unwrap_or_default() + &second.unwrap_or_default()
    }

    /// Somebody answers: another phone on the line, or, wrongly, this modem.
    pub(super) fn answer_call(&mut self, key: u64) {
        if let Some(call) = self.calls.iter_mut().find(|call| call.key == key) {
            call.stage = Stage::Active;
            // Who talks has patience without end, until the script ends it.
            self.drop_timers(|timer| matches!(timer, Timer::GiveUp(k) if *k == key));
            let lines = self.own_lines(key, |own| own.answered);
            lines.iter().for_each(|line| self.urc(line));
        }
    }

    /// What the family says of a call in its own words, as far as it has been told to.
    fn own_lines(
        &self,
        key: u64,
        which: impl Fn(&OwnLines) -> &'static [&'static str],
    ) -> Vec<String> {
        let Some(call) = self.calls.iter().find(|call| call.key == key) else {
            return Vec::new();
        };
        let told = |own: &&OwnLines| own.switched_on_by.is_none_or(|by| self.settings.has(by));
        let own = self.options.own_lines.iter().filter(told);
        let lines = own.flat_map(|own| which(own).iter());
        lines
            .map(|line| call.fill_in(line, &self.options.quirks))
            .collect()
    }

    /// The lines of its end.
    fn own_end(&self, key: u64) -> Vec<String> {
        let call = self.calls.iter().find(|call| call.key == key);
        match call.map(|call| call.stage) {
            Some(Stage::Active) => self.own_lines(key, |own| own.over),
            _ => self.own_lines(key, |own| own.missed),
        }
    }

    pub(super) fn caller_gives_up(&mut self, key: u64) {
        let Some(call) = self.calls.iter_mut().find(|call| call.key == key) else {
            return;
        };
        if call.caller_gone {
            return;
        }
        call.caller_gone = true;
        let end = match call.stage {
            Stage::Active => CallEnd::Talked,
            Stage::Incoming | Stage::Waiting => CallEnd::GaveUp,
        };
        let noticed_after = call.end_noticed_after;
        self.ends.insert(key, end);
        if noticed_after.is_zero() {
            self.notice_end(key);
        } else {
            self.after(noticed_after, Timer::EndNoticed(key));
        }
    }

    /// The modem sees that the caller has gone.
    pub(super) fn notice_end(&mut self, key: u64) {
        let own = self.own_end(key);
        if let Some(call) = self.remove_call(key)
            && call.rings > 0
        {
            own.iter().for_each(|line| self.urc(line));
            if let Some(line) = call.end_line() {
                self.urc(&line);
            }
        }
        self.promote_waiting();
    }

    /// The host hangs up on every call that `which` picks. Returns whether there was any.
    ///
    /// A modem says `NO CARRIER` of the other side's end only; families with a line of their own say it either way.
    pub(super) fn hang_up(&mut self, which: impl Fn(&Call) -> bool) -> bool {
        let keys: Vec<u64> = self
            .calls
            .iter()
            .filter(|call| which(call))
            .map(|call| call.key)
            .collect();
        if !self.options.hang_up_works {
            return !keys.is_empty();
        }
        for key in &keys {
            let own = self.own_end(*key);
            own.iter().for_each(|line| self.urc(line));
            if let Some(call) = self.remove_call(*key) {
                let talked = call.stage == Stage::Active;
                self.ends.entry(*key).or_insert(if talked {
                    CallEnd::Talked
                } else {
                    CallEnd::HungUp
                });
                if matches!(call.end, EndStyle::Line(_))
                    && let Some(line) = call.end_line()
                {
                    self.urc(&line);
                }
            }
        }
        self.promote_waiting();
        !keys.is_empty()
    }

    /// The modem went away: whoever rang hears it.
    pub(super) fn lose_calls(&mut self) {
        for call in std::mem::take(&mut self.calls) {
            self.ends.entry(call.key).or_insert(CallEnd::Lost);
        }
    }

    fn remove_call(&mut self, key: u64) -> Option<Call> {
        let at = self.calls.iter().position(|call| call.key == key)?;
        self.drop_timers(
            |timer| matches!(timer, Timer::Ring(k) | Timer::GiveUp(k) | Timer::EndNoticed(k) if *k == key),
        );
        Some(self.calls.remove(at))
    }

    /// Who waits begins to ring once nobody rings or talks before him.
    fn promote_waiting(&mut self) {
        let free = self.calls.iter().all(|call| call.stage == Stage::Waiting);
        if free && let Some(call) = self.calls.first_mut() {
            call.stage = Stage::Incoming;
            let key = call.key;
            self.ring(key);
        }
    }
}
