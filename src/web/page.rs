//! The page in HTML. What changes by itself stands in elements marked `data-live`, each with an id, which `/now` has too:
//! the script puts the one in the place of the other.

pub(super) mod alerts;
mod calls;
pub(super) mod conversations;
pub(super) mod door;
pub(super) mod form;
pub(super) mod messages;
mod outlets;
pub(super) mod people;
mod replies;
pub(super) mod settings;
pub(super) mod setup;
mod status;
pub(super) mod the_box;
mod week;

use std::sync::Arc;

use axum::extract::{self, RawQuery};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::{Timestamp, ToSpan, Zoned};
use maud::{DOCTYPE, Markup, html};

use super::message::Draft;
use super::reader::Reader;
use super::{App, State, assets, health};
use crate::modem::ModemState;
use crate::phone::Region;
use crate::settings::Settings;
use crate::store::{CallCount, HealingRow, OutletView, Overview, StoreError};

pub(super) use week::week_starts;

/// Days in the picture.
const DAYS: i64 = 7;

/// Seconds after which a page without script loads itself again. Long enough to write a message in.
const REFRESH_S: u32 = 300;

/// All that is shown, read at one moment.
struct Shown {
    reader: Reader,
    modem: ModemState,
    /// Why a call missed now would not be texted.
    hindrance: Option<String>,
    /// What speaks against the computer's clock.
    clock: Option<String>,
    /// What is wrong with the disk.
    disk: Option<String>,
    read: Result<(Overview, Arc<Settings>), StoreError>,
    /// What the last weeks brought, oldest first.
    weeks: Vec<CallCount>,
    /// What was done last for an ill modem; of the last days only.
    healed: Option<HealingRow>,
    /// Who else is told what happens, as far as anybody is.
    outlets: Vec<OutletView>,
}

/// What came of the form.
enum FormState {
    Fresh,
    Saved,
    /// The message is on its way to the owner.
    Tested,
    Refused(Draft),
}

/// The home country: the one set, or the SIM's, as it was read last.
pub(super) fn home(state: &State, settings: &Settings) -> Option<Region> {
    let of_sim = state.sim_country.look(&state.modem.borrow());
    settings.country().or(of_sim)
}

impl Shown {
    async fn read(app: &App) -> Self {
        let state = &app.state;
        let reader = Reader::of(app).await;
        let modem = state.modem.borrow().clone();
        let hindrance = health::hindrance(state, &modem).await;
        let read = async {
            let settings = state.store.settings().await?;
            Ok((
                state.store.overview(day_starts(&reader.now)).await?,
                settings,
            ))
        };
        let read: Result<(Overview, Arc<Settings>), StoreError> = read.await;
        let healed = state.store.healings(1).await.unwrap_or_default().pop();
        let recent = |row: &HealingRow| {
            let from = day_starts(&reader.now).first().copied();
            from.is_some_and(|from| row.at >= from)
        };
        Self {
            weeks: state
                .store
                .count_calls(week_starts(&reader.now))
                .await
                .unwrap_or_default(),
            outlets: state.store.outlets().await.unwrap_or_default(),
            healed: healed.filter(recent),
            reader,
            modem,
            hindrance,
            clock: state.clock.doubt().map(|doubt| doubt.words()),
            disk: health::disk(state),
            read,
        }
    }

    /// Every part that changes by itself.
    fn live(&self) -> Markup {
        html! {
            div #status data-live aria-live="polite" aria-atomic="true" { (status::headline(self)) }
            div #line data-live { (status::network(self)) (status::healed(self)) }
            @if let Ok((overview, settings)) = &self.read {
                (calls::sections(self, overview))
                (replies::section(self, overview))
                (week::section(self, overview, settings))
                (outlets::section(self))
            }
        }
    }

    fn page(&self, form_state: &FormState) -> Markup {
        let name = match &self.read {
            Ok((_, settings)) => settings.business_name(),
            Err(_) => None,
        };
        let reader = &self.reader;
        let calls = reader.say("Missed calls");
        let title = match name {
            Some(name) => format!("{calls} · {name}"),
            None => calls.to_owned(),
        };
        let script = html! {
            script src=(assets::address("page.js")) defer {}
            // Not where something was just typed.
            @if !matches!(form_state, FormState::Refused(_)) {
                noscript { meta http-equiv="refresh" content={ (REFRESH_S) "; url=/" }; }
            }
        };
        let content = html! {
            main {
                (self.live())
                @if let Ok((_, settings)) = &self.read {
                    (form::section(settings, reader, form_state))
                }
            }
            nav {
                @for (place, words) in WAYS { a .way href=(place) { (reader.say(words)) } " " }
            }
        };
        whole_page(reader, &title, &script, None, None, &content)
    }
}

/// The ways on from the first page.
const WAYS: [(&str, &str); 6] = [
    ("/conversations", "Conversations"),
    ("/people", "People who get no text"),
    ("/settings", "Settings"),
    ("/setup", "Set-up"),
    ("/box", "The box"),
    ("/access", "Access"),
];

/// What every page has in common; `more` comes last in its head.
fn whole_page(
    reader: &Reader,
    title: &str,
    more: &Markup,
    class: Option<&str>,
    live: Option<&str>,
    content: &Markup,
) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(reader.language.code()) {
            head {
                meta charset="utf-8";
                title { (title) }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="format-detection" content="telephone=no";
                link rel="stylesheet" href=(assets::address("style.css"));
                link rel="icon" type="image/svg+xml" href=(assets::address("icon.svg"));
                (more)
            }
            body class=[class] data-now=[live] {
                @if reader.demo {
                    p.banner {
                        (reader.say("Demo. The modem, the calls and the callers are made up, and no text leaves this computer."))
                    }
                }
                p #lost .banner.lost role="status" hidden {
                    (reader.say("The box does not answer. What you see may be old. Looking again."))
                }
                (content)
                footer { "textback " (env!("CARGO_PKG_VERSION")) }
            }
        }
    }
}

/// A page of its own around `content`; `live` is where its parts that change by themselves come from.
pub(in crate::web) fn frame(
    reader: &Reader,
    title: &str,
    live: Option<&str>,
    content: &Markup,
) -> Markup {
    let script = html! {
        @if live.is_some() { script src=(assets::address("page.js")) defer {} }
    };
    let content = html! { main { (content) } };
    whole_page(reader, title, &script, Some("people"), live, &content)
}

/// When each of the last [`DAYS`] days began, oldest first; the last one is today.
pub(super) fn day_starts(now: &Zoned) -> Vec<Timestamp> {
    (0..DAYS)
        .rev()
        .filter_map(|days| now.checked_sub(days.days()).ok()?.start_of_day().ok())
        .map(|start| start.timestamp())
        .collect()
}

/// `GET /`.
pub(super) async fn whole(
    extract::State(app): extract::State<App>,
    RawQuery(query): RawQuery,
) -> Response {
    let shown = Shown::read(&app).await;
    let form_state = match query.as_deref() {
        Some("saved") => FormState::Saved,
        Some("tested") => FormState::Tested,
        _ => FormState::Fresh,
    };
    (shown.status(), shown.page(&form_state)).into_response()
}

/// `GET /now`: the parts that change by themselves.
pub(super) async fn now(extract::State(app): extract::State<App>) -> Markup {
    Shown::read(&app).await.live()
}

/// The page with what was typed and refused.
pub(super) async fn with_draft(app: &App, draft: Draft) -> Markup {
    Shown::read(app).await.page(&FormState::Refused(draft))
}

/// What no address is for.
pub(super) async fn nothing_here(extract::State(app): extract::State<App>) -> Response {
    let reader = &Reader::of(&app).await;
    let content = html! {
        div .top {
            h1 { (reader.say("Nothing here")) }
            p .quiet { (reader.say("There is no such page on this box.")) }
            a .way href="/" { (reader.say("To the calls")) }
        }
    };
    let page = frame(reader, reader.say("Nothing here"), None, &content);
    (StatusCode::NOT_FOUND, page).into_response()
}

impl Shown {
    fn status(&self) -> StatusCode {
        match self.read {
            Ok(_) => StatusCode::OK,
            Err(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_local_midnight_also_when_the_clocks_change() {
        let now: Zoned = "2026-03-09T00:30:00[America/New_York]".parse().unwrap();
        let starts = day_starts(&now);
        let starts: Vec<String> = starts.iter().map(Timestamp::to_string).collect();
        assert_eq!(starts.len(), 7);
        // The clocks went forward on the 8th.
        assert_eq!(starts[5], "2026-03-08T05:00:00Z");
        assert_eq!(starts[6], "2026-03-09T04:00:00Z");
    }
}
