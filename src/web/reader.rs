//! Whom a page is made for: in which language, how numbers are written where he lives, and what time it is there.

use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, Zoned};
use maud::{Markup, html};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{App, page, words};
use crate::modem::ModemState;
use crate::phone::{PhoneNumber, Region};
use crate::wording::{Language, Piece, pieces};

/// The country of the SIM, as it was read last: a modem that is gone or ill tells none, and the page is not to change its language
/// for that. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct SimCountry(Arc<Mutex<Option<Region>>>);

impl SimCountry {
    /// Watches the modem until `stop`.
    pub(super) async fn watch(
        self,
        mut modem: watch::Receiver<ModemState>,
        stop: CancellationToken,
    ) {
        loop {
            self.look(&modem.borrow_and_update());
            tokio::select! {
                () = stop.cancelled() => return,
                changed = modem.changed() => if changed.is_err() { return },
            }
        }
    }

    /// The country, as this state or an earlier one tells it.
    pub(super) fn look(&self, modem: &ModemState) -> Option<Region> {
        let now = match modem {
            ModemState::Armed { facts, .. } => facts.region(),
            ModemState::Down { .. }
            | ModemState::BringingUp { .. }
            | ModemState::Healing { .. } => None,
        };
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *last = now.or(*last);
        *last
    }
}

/// The reader of a page.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    pub(super) language: &'static Language,
    /// The country whose numbers are written short.
    pub(super) home: Option<Region>,
    pub(super) now: Zoned,
    /// Nothing of what he sees is real, and every page says so.
    pub(super) demo: bool,
}

impl Reader {
    /// The owner. While his settings cannot be read he reads English.
    pub(super) async fn of(app: &App) -> Self {
        let state = &app.state;
        let settings = state.store.settings().await.ok();
        let home = settings.as_ref().and_then(|it| page::home(state, it));
        let language = settings.as_ref().map(|it| it.owner_language(home));
        let zone = settings.and_then(|settings| settings.time_zone());
        let zone = zone.unwrap_or_else(|| state.store.zone().clone());
        Self {
            language: language.unwrap_or_else(Language::english),
            home,
            now: state.clock.wall().to_zoned(zone),
            demo: state.demo,
        }
    }

    /// A phrase in his language; see [`Language::say`].
    pub(super) fn say<'a>(&'a self, english: &'a str) -> &'a str {
        self.language.say(english)
    }

    /// A phrase with its values.
    pub(super) fn fill(&self, english: &str, values: &[(&str, &dyn Display)]) -> String {
        self.language.fill(english, values)
    }

    /// A phrase around pieces of the page: a number to be tapped, a code to be dialled.
    pub(super) fn around(&self, english: &str, values: &[(&str, Markup)]) -> Markup {
        html! {
            @for piece in pieces(self.say(english)) {
                @match piece {
                    Piece::Words(words) => (words),
                    Piece::Value(name) => {
                        @if let Some((_, value)) = values.iter().find(|(of, _)| *of == name) { (value) }
                    }
                }
            }
        }
    }

    /// Words of another room as sentences of their own, in his language.
    pub(super) fn retell(&self, words: &str) -> String {
        let sentence = words::sentence(words);
        self.language.retell(&sentence).into_owned()
    }

    /// The same for what stands in the midst of a sentence.
    pub(super) fn retell_part(&self, words: &str) -> String {
        self.language.retell_part(words)
    }

    /// `1 ring`, `{n} rings`.
    pub(super) fn count<N: Copy + Display + PartialEq + From<u8>>(
        &self,
        number: N,
        one: &str,
        several: &str,
    ) -> String {
        match number == N::from(1) {
            true => self.say(one).to_owned(),
            false => self.fill(several, &[("n", &number)]),
        }
    }

    /// A number as people at home write it.
    pub(super) fn number(&self, number: &PhoneNumber) -> String {
        match self.home {
            Some(_) => number.format_for(self.home),
            None => number.national_format(),
        }
    }

    /// A moment where he is.
    pub(super) fn local(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.now.time_zone().clone())
    }

    /// `Today`, `Yesterday`, `Friday`, `Friday 6 November`, `Thursday 6 November 2025`.
    pub(super) fn day_name(&self, day: Date) -> String {
        let today = self.now.date();
        let days_ago = |days: i64| today.checked_sub(days.days()).ok();
        let weekday = day.strftime("%A").to_string();
        let weekday = self.say(&weekday);
        if day == today {
            self.say("Today").to_owned()
        } else if days_ago(1) == Some(day) {
            self.say("Yesterday").to_owned()
        } else if day < today && days_ago(7).is_some_and(|week_ago| day > week_ago) {
            weekday.to_owned()
        } else {
            let month = day.strftime("%B").to_string();
            let date: [(&str, &dyn Display); 4] = [
                ("weekday", &weekday),
                ("day", &day.day()),
                ("month", &self.say(&month)),
                ("year", &day.year()),
            ];
            let english = match day.year() == today.year() {
                true => "{weekday} {day} {month}",
                false => "{weekday} {day} {month} {year}",
            };
            self.fill(english, &date)
        }
    }

    /// `10:12` on the day that is being talked about, `10:12 on Friday` on another.
    pub(super) fn time_seen_from(&self, at: Timestamp, day: Date) -> String {
        let at = self.local(at);
        let time = words::time_of_day(&at);
        let today = self.now.date();
        if at.date() == day {
            time
        } else if at.date() == today {
            self.fill("{time} today", &[("time", &time)])
        } else if at.date().tomorrow().ok() == Some(today) {
            self.fill("{time} yesterday", &[("time", &time)])
        } else {
            let day = self.day_name(at.date());
            self.fill("{time} on {day}", &[("time", &time), ("day", &day)])
        }
    }

    /// [`Self::time_seen_from`] today.
    pub(super) fn time_since(&self, at: Timestamp) -> String {
        self.time_seen_from(at, self.now.date())
    }
}

#[cfg(test)]
impl Reader {
    /// One who reads English at this time, `2026-03-02T18:00:00[UTC]`.
    pub(super) fn english(now: &str) -> Self {
        Self {
            language: Language::english(),
            home: None,
            now: now.parse().unwrap(),
            demo: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_the_names_people_use() {
        let reader = Reader::english("2026-03-02T18:00:00[America/New_York]");
        let spanish = Reader {
            language: Language::parse("es").unwrap(),
            ..reader.clone()
        };
        for (day, name, in_spanish) in [
            ("2026-03-02", "Today", "Hoy"),
            ("2026-03-01", "Yesterday", "Ayer"),
            ("2026-02-24", "Tuesday", "martes"),
            ("2026-02-23", "Monday 23 February", "lunes 23 de febrero"),
            ("2026-03-03", "Tuesday 3 March", "martes 3 de marzo"),
            (
                "2025-12-31",
                "Wednesday 31 December 2025",
                "miércoles 31 de diciembre de 2025",
            ),
        ] {
            let day = day.parse().unwrap();
            assert_eq!(reader.day_name(day), name);
            assert_eq!(spanish.day_name(day), in_spanish);
        }
    }

    #[test]
    fn times_name_the_day_only_where_it_is_another() {
        let reader = Reader::english("2026-03-02T18:00:00[America/New_York]");
        for (at, day, expected) in [
            ("2026-03-02T15:12:00Z", "2026-03-02", "10:12"),
            ("2026-03-02T15:12:00Z", "2026-03-01", "10:12 today"),
            ("2026-03-01T15:12:00Z", "2026-02-28", "10:12 yesterday"),
            ("2026-02-27T15:12:00Z", "2026-02-26", "10:12 on Friday"),
        ] {
            let seen = reader.time_seen_from(at.parse().unwrap(), day.parse().unwrap());
            assert_eq!(seen, expected, "{at} told on {day}");
        }
    }
}
