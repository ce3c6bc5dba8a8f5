//! What the owner has to see to himself, told by text to his own phone: callers whose text did not get there, who calls again, what is
//! nearly used up.
//!
//! [`AlertTask`] waits until what falls together is there, and has the store queue one text for it. What an alert is, and when one
//! is raised, is not decided here.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::clock::Clock;
use crate::modem::Modem;
use crate::phone::Region;
use crate::store::{About, Alert, Store, Untold, insist};
use crate::text::AlertKind;
use crate::wording;

/// How long the first alert waits for others: what an outage held is judged within seconds of its end.
const GATHERED_FOR: SignedDuration = SignedDuration::from_mins(1);
/// How far apart two of these texts are at least: a bad day is told of in a few texts, not in a hundred.
const APART: SignedDuration = SignedDuration::from_mins(15);
/// The same two times where somebody waits for the owner.
const GATHERED_FOR_IF_URGENT: SignedDuration = SignedDuration::from_secs(10);
const APART_IF_URGENT: SignedDuration = SignedDuration::from_mins(2);

/// Tells the owner.
#[derive(Debug)]
pub struct AlertTask {
    store: Store,
    clock: Clock,
    modem: watch::Receiver<Option<Modem>>,
}

impl AlertTask {
    /// A task that writes numbers as the country of `modem`'s SIM does, unless the owner set another.
    #[must_use]
    pub fn new(store: Store, clock: Clock, modem: watch::Receiver<Option<Modem>>) -> Self {
        Self {
            store,
            clock,
            modem,
        }
    }

    /// Runs until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut changes = self.store.changes();
        let mut sim_region = None;
        loop {
            changes.mark_unchanged();
            let region = self
                .modem
                .borrow_and_update()
                .as_ref()
                .and_then(Modem::region);
            sim_region = region.or(sim_region);
            let wait = self.tell(sim_region).await;
            let waited = async {
                match wait {
                    Some(wait) => tokio::time::sleep(wait.try_into().unwrap_or_default()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                changed = changes.changed() => if changed.is_err() { return },
                () = waited => {}
            }
        }
    }

    /// How long until it is to be tried again; `None`: once something has changed.
    async fn tell(&self, sim_region: Option<Region>) -> Option<SignedDuration> {
        let now = self.clock.wall();
        let until = insist(|| {
            let zone = self.store.zone().clone();
            self.store.tell_owner(now, move |untold, settings| {
                let zone = settings.time_zone().unwrap_or_else(|| zone.clone());
                compose(untold, settings.country().or(sim_region), &zone, now)
            })
        })
        .await;
        until.map(|until| until.duration_since(now))
    }
}

/// The text, or until when it waits. A wait longer than any we decide on comes from a clock that was set back.
fn compose(
    untold: &Untold,
    home: Option<Region>,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<String, Timestamp> {
    let urgent = untold.alerts.iter().any(|alert| alert.kind.is_urgent());
    let (gathered_for, apart) = match urgent {
        true => (GATHERED_FOR_IF_URGENT, APART_IF_URGENT),
        false => (GATHERED_FOR, APART),
    };
    let first = untold.alerts.iter().map(|alert| alert.at).min();
    let gathered = first.map(|at| later(at, gathered_for));
    let apart = untold.last_text_at.map(|at| later(at, apart));
    let due = gathered.into_iter().chain(apart).max().unwrap_or(now);
    if due > now && due.duration_since(now) <= APART {
        return Err(due);
    }
    let told = told(&untold.alerts, home, zone, now);
    info!(alerts = told.len(), "the owner is told what to see to");
    Ok(wording::alert_text(&told).unwrap_or_default())
}

/// Each person once, with the last of his calls, and every sentence once.
fn told(
    alerts: &[Alert],
    home: Option<Region>,
    zone: &TimeZone,
    now: Timestamp,
) -> Vec<(AlertKind, String)> {
    let today = now.to_zoned(zone.clone()).date();
    let same = |a: &Alert, b: &Alert| match (&a.about, &b.about) {
        (About::Person { number: a, .. }, About::Person { number: b, .. }) => a == b,
        (a, b) => a == b,
    };
    let is_last = |at: usize, alert: &Alert| {
        let mut later = alerts.iter().skip(at + 1);
        !later.any(|other| same(other, alert))
    };
    let last = alerts
        .iter()
        .enumerate()
        .filter(|(at, alert)| is_last(*at, alert));
    last.map(|(_, alert)| {
        let words = match &alert.about {
            About::Words(words) => words.clone(),
            About::Person { number, at } => {
                let at = at.to_zoned(zone.clone());
                let time = wording::time_of_day(&at, home);
                let day = match at.date() == today {
                    true => String::new(),
                    false => at.strftime(" on %A").to_string(),
                };
                format!("{} at {time}{day}", number.format_for(home))
            }
        };
        (alert.kind, words)
    })
    .collect()
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::PhoneNumber;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn alert(number: &str, called_at: &str, known_at: &str) -> Alert {
        Alert {
            kind: AlertKind::TooLate,
            at: at(known_at),
            about: About::Person {
                number: PhoneNumber::parse(number, None).unwrap(),
                at: at(called_at),
            },
        }
    }

    #[test]
    fn when_the_owner_is_told_and_in_which_words() {
        let noon = "2026-03-02T12:00:00Z";
        let home = Region::parse("US");
        let alerts = vec![
            alert("+12025550143", "2026-03-02T10:00:00Z", noon),
            alert("+4915123456789", "2026-03-01T23:30:00Z", noon),
            alert("+12025550143", "2026-03-02T10:12:00Z", noon),
        ];
        let told = |last: Option<&str>, now| {
            let untold = Untold {
                alerts: alerts.clone(),
                last_text_at: last.map(at),
            };
            compose(&untold, home, &TimeZone::UTC, at(now))
        };
        let words = "Not texted, because the box could not send in time: +49 1512 3456789 at 11:30 PM on Sunday, \
                     (202) 555-0143 at 10:12 AM. Please ring them back.";
        let minute_later = at("2026-03-02T12:01:00Z");
        assert_eq!(told(None, noon), Err(minute_later));
        assert_eq!(told(None, "2026-03-02T12:01:00Z"), Ok(words.to_owned()));
        let last = Some("2026-03-02T11:50:00Z");
        assert_eq!(
            told(last, "2026-03-02T12:01:00Z"),
            Err(at("2026-03-02T12:05:00Z"))
        );
        assert_eq!(told(last, "2026-03-02T12:05:00Z"), Ok(words.to_owned()));
        // The clock was set back by a day.
        assert!(told(last, "2026-03-01T12:00:00Z").is_ok());
    }
}
