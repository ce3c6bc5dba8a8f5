//! The box itself: modem and SIM, what was done for an ill modem, disk, clock and version. Nothing is changed here.

use axum::extract;
use axum::response::{IntoResponse, Response};

use super::message::unavailable;
use super::page::the_box::{self as view, View};
use super::{App, health, page};
use crate::store::StoreError;

/// Steps of the ladder that are shown.
const HEALINGS_SHOWN: u32 = 20;

/// `GET /box`.
pub(super) async fn show(extract::State(app): extract::State<App>) -> Response {
    match view(&app).await {
        Ok(shown) => view::page(&shown).into_response(),
        Err(error) => unavailable(&error),
    }
}

/// `GET /box/now`: what changes by itself.
pub(super) async fn now(extract::State(app): extract::State<App>) -> Response {
    match view(&app).await {
        Ok(shown) => view::live(&shown).into_response(),
        Err(error) => unavailable(&error),
    }
}

async fn view(app: &App) -> Result<View, StoreError> {
    let state = &app.state;
    let modem = state.modem.borrow().clone();
    let settings = state.store.settings().await?;
    Ok(View {
        demo: state.demo,
        now: state.clock.wall().to_zoned(page::zone(state).await),
        home: page::home(state, &settings),
        modem,
        healings: state.store.healings(HEALINGS_SHOWN).await?,
        totals: state.store.totals().await?,
        disk: health::disk(state),
        free: state.store.free_bytes().ok(),
        clock: state.clock.doubt().map(|doubt| doubt.words()),
    })
}
