//! What happened in all weeks together, for whoever reads how much was tried.

use std::fmt;
use std::ops::AddAssign;

/// What happened in all weeks together.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Tally {
    pub(crate) weeks: usize,
    pub(crate) calls: usize,
    pub(crate) held_to: usize,
    pub(crate) texts: usize,
    pub(crate) second_copies: usize,
    pub(crate) failed: usize,
    pub(crate) replies: usize,
    pub(crate) from_owner: usize,
    pub(crate) lives: usize,
}

impl Tally {
    /// Whether it can have shown anything.
    pub(crate) fn holds_something(&self) -> bool {
        self.held_to > 0
            && self.texts > 0
            && self.replies > 0
            && self.from_owner > 0
            && self.lives > self.weeks
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.weeks += other.weeks;
        self.calls += other.calls;
        self.held_to += other.held_to;
        self.texts += other.texts;
        self.second_copies += other.second_copies;
        self.failed += other.failed;
        self.replies += other.replies;
        self.from_owner += other.from_owner;
        self.lives += other.lives;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} weeks: {} calls, {} of them held to a decision; {} texts taken by the network, {} of them a marked second copy; {} given up \
             for good; {} replies; {} texts of the owner; {} lives of the daemon",
            self.weeks,
            self.calls,
            self.held_to,
            self.texts,
            self.second_copies,
            self.failed,
            self.replies,
            self.from_owner,
            self.lives
        )
    }
}
