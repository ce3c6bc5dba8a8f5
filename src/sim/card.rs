//! The SIM: its PIN and its memory for messages. Knows no line and no network.

/// How often a wrong PIN may be given before the SIM wants its PUK (3GPP TS 31.101: three).
pub(super) const PIN_ATTEMPTS: u8 = 3;

/// What the SIM wants before it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lock {
    Ready,
    Pin,
    Puk,
}

/// A stored message or status report.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) pdu: String,
    pub(super) read: bool,
}

/// One of the SIM's memories; the first index is 1.
#[derive(Debug)]
pub(super) struct Memory {
    slots: Vec<Option<Stored>>,
}

impl Memory {
    fn new(size: usize) -> Self {
        Self {
            slots: vec![None; size],
        }
    }

    pub(super) fn size(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn used(&self) -> usize {
        self.slots.iter().flatten().count()
    }

    /// Stores in the first free slot and returns its index, or nothing when full.
    pub(super) fn store(&mut self, pdu: &str) -> Option<usize> {
        let free = self.slots.iter().position(Option::is_none)?;
        self.slots[free] = Some(Stored {
            pdu: pdu.to_owned(),
            read: false,
        });
        Some(free + 1)
    }

    /// The slot of that index; `None` when there is no such index.
    pub(super) fn slot(&mut self, index: usize) -> Option<&mut Option<Stored>> {
        self.slots.get_mut(index.checked_sub(1)?)
    }

    pub(super) fn stored(&mut self) -> impl Iterator<Item = (usize, &mut Stored)> {
        self.slots
            .iter_mut()
            .enumerate()
            .filter_map(|(at, slot)| Some((at + 1, slot.as_mut()?)))
    }

    pub(super) fn forget(&mut self, which: impl Fn(&Stored) -> bool) {
        for slot in &mut self.slots {
            if slot.as_ref().is_some_and(&which) {
                *slot = None;
            }
        }
    }
}

/// The card.
#[derive(Debug)]
pub(super) struct Card {
    pin: Option<String>,
    pub(super) lock: Lock,
    pub(super) attempts_left: u8,
    last_wrong: Option<String>,
    /// `SM`.
    pub(super) messages: Memory,
    /// `SR`.
    pub(super) reports: Memory,
}

/// What came of an attempt to unlock.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unlock {
    Done,
    Wrong { same_again: bool },
    Blocked,
}

impl Card {
    pub(super) fn new(pin: Option<String>, slots: usize) -> Self {
        let mut card = Self {
            pin,
            lock: Lock::Ready,
            attempts_left: PIN_ATTEMPTS,
            last_wrong: None,
            messages: Memory::new(slots),
            reports: Memory::new(slots),
        };
        card.power_up();
        card
    }

    /// The card asks for its PIN anew; attempts used up stay used up.
    pub(super) fn power_up(&mut self) {
        self.lock = match (&self.pin, self.attempts_left) {
            (None, _) => Lock::Ready,
            (Some(_), 0) => Lock::Puk,
            (Some(_), _) => Lock::Pin,
        };
    }

    pub(super) fn unlock(&mut self, pin: &str) -> Unlock {
        if self.pin.as_deref() == Some(pin) {
            self.lock = Lock::Ready;
            self.attempts_left = PIN_ATTEMPTS;
            self.last_wrong = None;
            return Unlock::Done;
        }
        let same_again = self.last_wrong.replace(pin.to_owned()).as_deref() == Some(pin);
        self.attempts_left = self.attempts_left.saturating_sub(1);
        if self.attempts_left == 0 {
            self.lock = Lock::Puk;
            Unlock::Blocked
        } else {
            Unlock::Wrong { same_again }
        }
    }
}
