//! One more text to a caller who has not answered, if the owner wants that: when, and whether it still goes out.

use jiff::{SignedDuration, Timestamp, Zoned};

use super::Fence;
use crate::settings::Settings;
use crate::text::TextState;

/// A day whose time was missed, because the box was off, is let go: the next one is not the next day any more.
const LATE_AT_MOST: SignedDuration = SignedDuration::from_hours(12);

/// All that the decision rests on.
#[derive(Debug, Clone)]
pub struct FollowUpFacts {
    /// The caller asked for no more texts, is on the never-text list, or is a contact that is to be left alone.
    pub unwanted: bool,
    /// Where the first text stands; `None` if it is gone.
    pub first_text: Option<TextState>,
    /// Since the first text the caller has written, the owner has written to him, or a call of his was taken.
    pub in_touch: bool,
    /// Texts that went out today and this month, to anybody.
    pub sent: [(Fence, u32); 2],
    /// When it was to go out.
    pub due_at: Timestamp,
    /// The present, by the clock of where the owner lives.
    pub now: Zoned,
}

/// What becomes of a follow-up that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowUp {
    /// It goes out.
    Send,
    /// It does not, now or later.
    Drop,
    /// The business is closed after all, or texts are paused: it is looked at again then.
    At(Timestamp),
}

/// When a caller whose call ended at `ended_at` is texted once more; `None` if the owner wants no such texts, or is not open for long.
#[must_use]
pub fn follow_up_due(settings: &Settings, ended_at: &Zoned) -> Option<Timestamp> {
    let at = settings.follow_up_at()?;
    settings.schedule().next_open_day_moment(ended_at, at)
}

/// Decides on one that is due.
#[must_use]
pub fn follow_up(facts: &FollowUpFacts, settings: &Settings) -> FollowUp {
    let Some(at) = settings.follow_up_at() else {
        return FollowUp::Drop;
    };
    let arrived = matches!(
        facts.first_text,
        Some(TextState::Sent | TextState::Delivered)
    );
    let late = facts.now.timestamp().duration_since(facts.due_at);
    let closed = |(fence, count): &(Fence, u32)| *count >= fence.most(settings);
    if facts.unwanted
        || facts.in_touch
        || !arrived
        || late > LATE_AT_MOST
        || facts.sent.iter().any(closed)
    {
        return FollowUp::Drop;
    }
    let schedule = settings.schedule();
    let paused = settings.paused_until();
    let is_paused = paused.is_some_and(|until| !until.is_over(&facts.now));
    if !is_paused && schedule.standing(&facts.now).is_open() {
        return FollowUp::Send;
    }
    schedule
        .next_open_day_moment(&facts.now, at)
        .map_or(FollowUp::Drop, FollowUp::At)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let on = [("follow_up.send", "yes"), ("hours.weekly", "Mo-Fr 8-17")];
        let pairs = on.iter().chain(pairs);
        Settings::from_pairs(pairs.map(|&(key, value)| (key.to_owned(), value.to_owned())))
    }

    fn at(text: &str) -> Zoned {
        format!("{text}[America/New_York]").parse().unwrap()
    }

    #[test]
    fn it_is_due_on_the_next_day_that_is_open() {
        for (call, more, due) in [
            ("2027-01-13T09:00", &[][..], Some("2027-01-14T10:00")),
            ("2027-01-13T23:00", &[], Some("2027-01-14T10:00")),
            ("2027-01-15T09:00", &[], Some("2027-01-18T10:00")),
            (
                "2027-01-15T09:00",
                &[("hours.holidays", "2027-01-18")],
                Some("2027-01-19T10:00"),
            ),
            (
                "2027-01-13T09:00",
                &[("follow_up.at", "07:00")],
                Some("2027-01-14T08:00"),
            ),
            ("2027-01-13T09:00", &[("follow_up.send", "no")], None),
        ] {
            let found = follow_up_due(&settings(more), &at(call));
            let due = due.map(|due| at(due).timestamp());
            assert_eq!(found, due, "{call} with {more:?}");
        }
    }

    #[test]
    fn it_goes_out_only_to_one_who_is_still_silent() {
        let good = || FollowUpFacts {
            unwanted: false,
            first_text: Some(TextState::Delivered),
            in_touch: false,
            sent: [(Fence::Day, 0), (Fence::Month, 0)],
            due_at: at("2027-01-14T10:00").timestamp(),
            now: at("2027-01-14T10:01"),
        };
        let next = |day: &str| FollowUp::At(at(day).timestamp());
        let late = |now: &str| FollowUpFacts {
            now: at(now),
            ..good()
        };
        let first = |first_text| FollowUpFacts {
            first_text,
            ..good()
        };
        for (what, facts, more, expected) in [
            ("all is well", good(), &[][..], FollowUp::Send),
            (
                "sent is enough",
                first(Some(TextState::Sent)),
                &[],
                FollowUp::Send,
            ),
            (
                "the first one failed",
                first(Some(TextState::Failed)),
                &[],
                FollowUp::Drop,
            ),
            (
                "nobody knows",
                first(Some(TextState::Unconfirmed)),
                &[],
                FollowUp::Drop,
            ),
            ("it is gone", first(None), &[], FollowUp::Drop),
            (
                "switched off since",
                good(),
                &[("follow_up.send", "no")],
                FollowUp::Drop,
            ),
            (
                "STOP, or a list",
                FollowUpFacts {
                    unwanted: true,
                    ..good()
                },
                &[],
                FollowUp::Drop,
            ),
            (
                "an answer, or a call that was taken",
                FollowUpFacts {
                    in_touch: true,
                    ..good()
                },
                &[],
                FollowUp::Drop,
            ),
            (
                "the day's texts are used up",
                FollowUpFacts {
                    sent: [(Fence::Day, 200), (Fence::Month, 200)],
                    ..good()
                },
                &[],
                FollowUp::Drop,
            ),
            (
                "the month's are",
                FollowUpFacts {
                    sent: [(Fence::Day, 1), (Fence::Month, 1000)],
                    ..good()
                },
                &[],
                FollowUp::Drop,
            ),
            (
                "some hours late",
                late("2027-01-14T16:59"),
                &[],
                FollowUp::Send,
            ),
            (
                "in the evening",
                late("2027-01-14T17:00"),
                &[],
                next("2027-01-15T10:00"),
            ),
            ("a day late", late("2027-01-15T10:00"), &[], FollowUp::Drop),
            (
                "closed since",
                good(),
                &[("hours.holidays", "01-14")],
                next("2027-01-15T10:00"),
            ),
            (
                "paused",
                good(),
                &[("texts.paused_until", "2027-01-14 12:00")],
                next("2027-01-15T10:00"),
            ),
        ] {
            assert_eq!(follow_up(&facts, &settings(more)), expected, "{what}");
        }
    }
}
