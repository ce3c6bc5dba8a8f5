//! How often somebody may try a password.
//!
//! Each address has tries that come back slowly, and so have all addresses together. A browser that has signed in before has tries of its own,
//! beside those: so somebody who guesses in the office, behind the same address as everybody, shuts out neither those who are
//! signed in (they try nothing) nor those who were.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// Tries that one has at once: an office whose twenty people all sign in after the password was changed, each with a slip.
const TRIES: u32 = 20;
/// One comes back after this: 17,280 a day, and 10^8 codes take sixteen years.
const TRY_BACK: Duration = Duration::from_secs(5);
/// The same for all addresses together.
const TRIES_OF_ALL: u32 = 100;
/// The same.
const TRY_OF_ALL_BACK: Duration = Duration::from_secs(1);
/// Addresses and browsers that are remembered; whoever has all tries is not.
const REMEMBERED: usize = 1000;

/// Who tries.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Anybody at this address; of IPv6 its first half, which is one household's (RFC 6177).
    Address([u8; 8]),
    /// A browser that has signed in before, by its mark.
    Device(String),
}

impl Who {
    /// Whoever is at this address.
    #[must_use]
    pub fn at(address: IpAddr) -> Self {
        let mut part = [0; 8];
        match address.to_canonical() {
            IpAddr::V4(address) => part[4..].copy_from_slice(&address.octets()),
            IpAddr::V6(address) => part.copy_from_slice(&address.octets()[..8]),
        }
        Self::Address(part)
    }
}

/// Counts tries.
#[derive(Debug, Clone, Default)]
pub struct Throttle {
    each: BTreeMap<Who, Spent>,
    all: Spent,
}

/// Tries that are spent, as the time after which all of them will be back.
#[derive(Debug, Clone, Copy, Default)]
struct Spent {
    back_at: Duration,
}

impl Spent {
    /// How long until one more can be spent; nothing where one can.
    fn wait(self, now: Duration, tries: u32, back: Duration) -> Option<Duration> {
        let room = back * (tries - 1);
        let owed = self.back_at.saturating_sub(now);
        owed.checked_sub(room).filter(|wait| !wait.is_zero())
    }

    fn spend(&mut self, now: Duration, back: Duration) {
        self.back_at = self.back_at.max(now) + back;
    }

    fn give_back(&mut self, back: Duration) {
        self.back_at = self.back_at.saturating_sub(back);
    }
}

impl Throttle {
    /// Spends a try. `now`: time since some moment, which never goes backwards.
    ///
    /// # Errors
    /// How long to wait for the next; nothing is spent then.
    pub fn spend(&mut self, who: &Who, now: Duration) -> Result<(), Duration> {
        self.each.retain(|_, spent| spent.back_at > now);
        let mut own = self.each.get(who).copied().unwrap_or_default();
        let stranger = matches!(who, Who::Address(_));
        let wait = own.wait(now, TRIES, TRY_BACK).or_else(|| {
            let full = self.each.len() >= REMEMBERED && !self.each.contains_key(who);
            match stranger {
                true if full => Some(TRY_BACK),
                true => self.all.wait(now, TRIES_OF_ALL, TRY_OF_ALL_BACK),
                false => None,
            }
        });
        if let Some(wait) = wait {
            return Err(wait);
        }
        own.spend(now, TRY_BACK);
        self.each.insert(who.clone(), own);
        if stranger {
            self.all.spend(now, TRY_OF_ALL_BACK);
        }
        Ok(())
    }

    /// Gives the last try back: it was right.
    pub fn was_right(&mut self, who: &Who) {
        if let Some(spent) = self.each.get_mut(who) {
            spent.give_back(TRY_BACK);
        }
        if matches!(who, Who::Address(_)) {
            self.all.give_back(TRY_OF_ALL_BACK);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn address(n: u32) -> Who {
        Who::at(IpAddr::from(n.to_be_bytes()))
    }

    #[test]
    fn tries_run_out_and_come_back_one_by_one() {
        let mut throttle = Throttle::default();
        let who = address(1);
        for _ in 0..TRIES {
            assert_eq!(throttle.spend(&who, second(0)), Ok(()));
        }
        assert_eq!(throttle.spend(&who, second(0)), Err(TRY_BACK));
        assert_eq!(throttle.spend(&who, second(3)), Err(second(2)));
        assert_eq!(throttle.spend(&who, second(5)), Ok(()));
        assert_eq!(throttle.spend(&who, second(5)), Err(TRY_BACK));
        assert_eq!(
            throttle.spend(&address(2), second(5)),
            Ok(()),
            "another address"
        );
        for _ in 0..TRIES {
            assert_eq!(
                throttle.spend(&who, second(1000)),
                Ok(()),
                "all of them are back"
            );
        }
    }

    #[test]
    fn a_right_password_costs_no_try() {
        let mut throttle = Throttle::default();
        for n in 0..1000 {
            assert_eq!(throttle.spend(&address(1), second(0)), Ok(()), "{n}");
            throttle.was_right(&address(1));
        }
    }

    #[test]
    fn a_browser_that_has_signed_in_is_not_shut_out_by_others_at_its_address() {
        let mut throttle = Throttle::default();
        while throttle.spend(&address(1), second(0)).is_ok() {}
        let known = Who::Device("mark".to_owned());
        assert_eq!(throttle.spend(&known, second(0)), Ok(()));
        let mut tries = 1;
        while throttle.spend(&known, second(0)).is_ok() {
            tries += 1;
        }
        assert_eq!(tries, TRIES, "and it may not try for ever");
    }

    #[test]
    fn many_addresses_together_have_no_more_tries_than_all_may() {
        let mut throttle = Throttle::default();
        let mut tries = 0;
        for n in 0..10_000 {
            tries += u32::from(throttle.spend(&address(n), second(0)).is_ok());
        }
        assert_eq!(tries, TRIES_OF_ALL);
        assert!(throttle.each.len() <= REMEMBERED);
        // A known browser is let in meanwhile.
        assert_eq!(
            throttle.spend(&Who::Device("mark".to_owned()), second(0)),
            Ok(())
        );
    }

    #[test]
    fn a_household_is_one_address_in_both_kinds() {
        let at = |text: &str| Who::at(text.parse().unwrap());
        assert_eq!(at("2001:db8:1:2::3"), at("2001:db8:1:2:ffff::9"));
        assert_ne!(at("2001:db8:1:2::3"), at("2001:db8:1:3::3"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
    }
}
