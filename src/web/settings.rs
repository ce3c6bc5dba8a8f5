//! Every setting on a page: what it is, what it takes, its default and the way back there. What a value may be the settings say.

use axum::extract::{self, Form, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::App;
use super::message::{in_words, unavailable};
use super::page::settings::{self as page, Refused, View};
use super::reader::Reader;
use crate::settings::{self, OWNER_PIN};
use crate::store::StoreError;

/// What was done before the page was asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Did {
    saved: String,
}

/// The form of one setting.
#[derive(Debug, Deserialize)]
pub(super) struct Typed {
    key: String,
    #[serde(default)]
    value: String,
    /// Pressed to go back to the default.
    #[serde(default)]
    default: String,
}

/// `GET /settings`.
pub(super) async fn page(
    extract::State(app): extract::State<App>,
    Query(did): Query<Did>,
) -> Response {
    match view(&app).await {
        Ok(view) => {
            let saved = settings::find(&did.saved).ok().map(|setting| setting.key);
            page::page(&View { saved, ..view }).into_response()
        }
        Err(error) => unavailable(&error),
    }
}

/// `POST /settings`.
pub(super) async fn change(
    extract::State(app): extract::State<App>,
    Form(typed): Form<Typed>,
) -> Response {
    let Ok(setting) = settings::find(&typed.key) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    let saved = || {
        Redirect::to(&format!(
            "/settings?saved={}#{}",
            setting.key,
            page::id(setting.key)
        ))
    };
    // A form writes line breaks as CR LF.
    let value = match typed.default.is_empty() {
        true => typed.value.replace("\r\n", "\n"),
        false => String::new(),
    };
    // The PIN that is set is not shown, so an empty field is no wish to have none.
    if setting.key == OWNER_PIN && value.is_empty() && typed.default.is_empty() {
        return saved().into_response();
    }
    let changed = app
        .state
        .store
        .change_setting(setting.key, &value, app.state.clock.wall())
        .await;
    let refusal = match changed {
        Ok(Ok(_)) => return saved().into_response(),
        Ok(Err(refusal)) => in_words(&refusal),
        Err(error) => return unavailable(&error),
    };
    match view(&app).await {
        Ok(view) => {
            let refused = Some(Refused {
                key: setting.key,
                typed: value,
                why: refusal,
            });
            let page = page::page(&View { refused, ..view });
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
        Err(error) => unavailable(&error),
    }
}

async fn view(app: &App) -> Result<View, StoreError> {
    Ok(View {
        settings: app.state.store.settings().await?,
        reader: Reader::of(app).await,
        saved: None,
        refused: None,
    })
}
