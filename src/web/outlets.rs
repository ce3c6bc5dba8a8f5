//! What was given up of what is told elsewhere, sent again because somebody says so.

use axum::extract::{self, Form};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::App;
use super::message::unavailable;
use crate::events::Outlet;

#[derive(Debug, Deserialize)]
pub(super) struct Which {
    outlet: String,
}

/// `POST /outlets/again`. Pressed twice, it does nothing the second time.
pub(super) async fn again(
    extract::State(app): extract::State<App>,
    Form(which): Form<Which>,
) -> Response {
    let Some(outlet) = Outlet::from_token(&which.outlet) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    let now = app.state.clock.wall();
    match app.state.store.deliver_again(outlet, now).await {
        Ok(_) => Redirect::to("/#outlets").into_response(),
        Err(error) => unavailable(&error),
    }
}
