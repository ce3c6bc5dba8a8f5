//! Whether the modem still tells of its registrations by itself: it forgets that when it starts anew, as it forgets everything.

use crate::at::urc::Domain;

/// `<n>` of `+CREG?` and `+CEREG?`, once they have been set or asked.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reporting {
    circuit: Option<u8>,
    lte: Option<u8>,
    /// An answer has said that it tells something.
    shown: bool,
}

impl Reporting {
    /// It has taken `AT+CREG=2`.
    pub(super) fn told(&mut self, domain: Domain) {
        *self.of(domain) = Some(2);
    }

    /// Whether it would show that everything has been forgotten.
    pub(super) fn would_show(self) -> bool {
        self.shown
    }

    fn of(&mut self, domain: Domain) -> &mut Option<u8> {
        match domain {
            Domain::Circuit => &mut self.circuit,
            Domain::Lte => &mut self.lte,
        }
    }

    /// Takes the newest answer. False if it is nothing now and was something before: the modem has started anew.
    pub(super) fn stands(&mut self, domain: Domain, now: u8) -> bool {
        self.shown |= now > 0;
        let before = self.of(domain).replace(now).unwrap_or_default();
        before == 0 || now > 0
    }
}
