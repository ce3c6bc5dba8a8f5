//! The messages: what a caller would get, counted out as one types, saving them, and taking that back. Checks are the settings' own.

mod draft;

use axum::extract::{self, Form, Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::page::form;
use super::page::messages::{self as view, View};
use super::reader::Reader;
use super::{App, page, words};
use crate::settings::Setting;
use crate::store::StoreError;
use crate::wording::Occasion;
pub(super) use draft::{Draft, Outcome, Preview, in_words};

/// `GET /messages/after_hours`: one message, what it said before, and the way to the others.
pub(super) async fn page(
    extract::State(app): extract::State<App>,
    Path(occasion): Path<String>,
    Query(did): Query<Did>,
) -> Response {
    let Some(occasion) = Occasion::from_token(&occasion) else {
        return page::nothing_here(extract::State(app)).await;
    };
    show(&app, occasion, StatusCode::OK, |view| {
        view.did = Some(did.did);
    })
    .await
}

/// What was done before the page was asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Did {
    did: String,
}

async fn show(
    app: &App,
    occasion: Occasion,
    status: StatusCode,
    with: impl FnOnce(&mut View),
) -> Response {
    let read = async {
        let settings = app.state.store.settings().await?;
        let reader = Reader::of(app).await;
        let message = Setting::of_message(occasion);
        Ok::<_, StoreError>(View {
            draft: Draft::of(&settings, reader.home, occasion),
            earlier: app.state.store.earlier_messages(message).await?,
            settings,
            reader,
            did: None,
            refused: None,
        })
    };
    match read.await {
        Ok(mut view) => {
            with(&mut view);
            (status, view::page(&view)).into_response()
        }
        Err(error) => unavailable(&error),
    }
}

/// `POST /preview`: what a caller would get, as the part of the page that shows it.
pub(super) async fn preview(
    extract::State(app): extract::State<App>,
    Form(draft): Form<Draft>,
) -> Response {
    show_preview(&app, &draft).await
}

/// `POST /messages/after_hours/preview`.
pub(super) async fn preview_of(
    extract::State(app): extract::State<App>,
    Path(occasion): Path<String>,
    Form(draft): Form<Draft>,
) -> Response {
    match Occasion::from_token(&occasion) {
        Some(occasion) => show_preview(&app, &Draft { occasion, ..draft }).await,
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn show_preview(app: &App, draft: &Draft) -> Response {
    match preview_now(app, draft).await {
        Ok(preview) => form::preview(&Reader::of(app).await, &preview).into_response(),
        Err(error) => unavailable(&error),
    }
}

/// What would become of a draft with the settings of now.
pub(super) async fn preview_now(app: &App, draft: &Draft) -> Result<Preview, StoreError> {
    let settings = app.state.store.settings().await?;
    let home = page::home(&app.state, &settings);
    Ok(draft.preview(&settings, home))
}

/// `POST /message`: keeps both or neither. Back to the page if kept, else the page with what was typed and why not.
pub(super) async fn save(
    extract::State(app): extract::State<App>,
    Form(draft): Form<Draft>,
) -> Response {
    match keep(&app, &draft).await {
        Ok(true) => Redirect::to("/?saved#message").into_response(),
        Ok(false) => {
            let page = page::with_draft(&app, draft).await;
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
        Err(error) => unavailable(&error),
    }
}

/// `POST /messages/after_hours`.
pub(super) async fn save_of(
    extract::State(app): extract::State<App>,
    Path(occasion): Path<String>,
    Form(draft): Form<Draft>,
) -> Response {
    let Some(occasion) = Occasion::from_token(&occasion) else {
        return page::nothing_here(extract::State(app)).await;
    };
    let draft = Draft { occasion, ..draft };
    match keep(&app, &draft).await {
        Ok(true) => to_message(occasion, "saved"),
        Ok(false) => {
            let refused = StatusCode::UNPROCESSABLE_ENTITY;
            show(&app, occasion, refused, |view| view.draft = draft).await
        }
        Err(error) => unavailable(&error),
    }
}

fn to_message(occasion: Occasion, did: &str) -> Response {
    Redirect::to(&format!("/messages/{}?did={did}", occasion.token())).into_response()
}

/// An earlier wording of a message.
#[derive(Debug, Deserialize)]
pub(super) struct Again {
    id: i64,
}

/// `POST /messages/after_hours/again`: it says again what it once said.
pub(super) async fn again(
    extract::State(app): extract::State<App>,
    Path(occasion): Path<String>,
    Form(again): Form<Again>,
) -> Response {
    let Some(occasion) = Occasion::from_token(&occasion) else {
        return page::nothing_here(extract::State(app)).await;
    };
    let (store, now) = (&app.state.store, app.state.clock.wall());
    let message = Setting::of_message(occasion);
    match store.restore_message(message, again.id, now).await {
        Ok(Some(Ok(_))) => to_message(occasion, "again"),
        // Somebody else took it back meanwhile: the page shows how it is.
        Ok(None) => to_message(occasion, ""),
        Ok(Some(Err(refusal))) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show(&app, occasion, status, |view| {
                view.refused = Some(in_words(&refusal));
            })
            .await
        }
        Err(error) => unavailable(&error),
    }
}

/// Keeps name and message, both or neither; false if they do not do. Why not, their preview tells.
pub(super) async fn keep(app: &App, draft: &Draft) -> Result<bool, StoreError> {
    let (store, now) = (&app.state.store, app.state.clock.wall());
    let settings = store.settings().await?;
    let language = settings.language(page::home(&app.state, &settings));
    let kept = store.change_settings(&draft.changes(language), now).await?;
    Ok(kept.is_ok())
}

/// `POST /message/test`: the message as it is kept, to the owner's own phone.
pub(super) async fn send_test(extract::State(app): extract::State<App>) -> Response {
    match text_to_owner(&app, Occasion::MissedCall).await {
        Ok(true) => Redirect::to("/?tested#message").into_response(),
        Ok(false) => Redirect::to("/settings#owner-number").into_response(),
        Err(error) => unavailable(&error),
    }
}

/// `POST /messages/after_hours/test`.
pub(super) async fn send_test_of(
    extract::State(app): extract::State<App>,
    Path(occasion): Path<String>,
) -> Response {
    let Some(occasion) = Occasion::from_token(&occasion) else {
        return page::nothing_here(extract::State(app)).await;
    };
    match text_to_owner(&app, occasion).await {
        Ok(true) => to_message(occasion, "tested"),
        Ok(false) => Redirect::to("/settings#owner-number").into_response(),
        Err(error) => unavailable(&error),
    }
}

/// Sends a message as it is kept to the owner's own phone; false where there is no text or no such phone.
pub(super) async fn text_to_owner(app: &App, occasion: Occasion) -> Result<bool, StoreError> {
    let settings = app.state.store.settings().await?;
    let home = page::home(&app.state, &settings);
    match Draft::of(&settings, home, occasion)
        .preview(&settings, home)
        .text
    {
        Outcome::Text(text, _) => {
            let now = app.state.clock.wall();
            app.state.store.text_owner(&text, now).await
        }
        Outcome::Unfinished(_) | Outcome::Nothing => Ok(false),
    }
}

/// The store failed, in a sentence.
pub(super) fn unavailable(error: &StoreError) -> Response {
    let sentence = words::sentence(&error.to_string());
    (StatusCode::SERVICE_UNAVAILABLE, sentence).into_response()
}
