//! Behind the door: a new password, the end of all sessions, tokens for scripts.

use axum::extract::{self, Form, Query};
use axum::http::StatusCode;
use axum::http::header::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::sign_in::{Peer, answer, leave, signed_in};
use crate::store::{StoreError, TOKENS_MAX};
use crate::web::App;
use crate::web::message::unavailable;
use crate::web::page::door::{self as page, View};
use crate::web::reader::Reader;
use crate::web::words;

/// What another password than the present one is answered with.
pub(in crate::web) const WRONG_PASSWORD: &str = "The present password is another one.";
/// Characters of a token's name.
const NAME_CHARS: usize = 60;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Did {
    did: String,
}

#[derive(Debug, Deserialize)]
pub(in crate::web) struct Change {
    old: String,
    new: String,
}

#[derive(Debug, Deserialize)]
pub(in crate::web) struct Make {
    name: String,
}

#[derive(Debug, Deserialize)]
pub(in crate::web) struct Revoke {
    id: i64,
}

/// `GET /access`.
pub(in crate::web) async fn page(
    extract::State(app): extract::State<App>,
    Query(did): Query<Did>,
) -> Response {
    let did = match did.did.as_str() {
        "password" => Some("Saved. Every other browser has to sign in again."),
        "revoked" => Some("Revoked."),
        _ => None,
    };
    show(&app, StatusCode::OK, |view| view.done = did).await
}

/// `POST /access/password`.
pub(in crate::web) async fn change(
    extract::State(app): extract::State<App>,
    Peer(peer): Peer,
    headers: HeaderMap,
    Form(typed): Form<Change>,
) -> Response {
    let Change { old, new } = typed;
    let done = app.change_password(peer, &headers, old, new).await;
    let why = match done {
        Ok(None) => return StatusCode::NOT_FOUND.into_response(),
        Ok(Some(Ok(hash))) => return signed_in(&app, &hash, "/access?did=password").await,
        Ok(Some(Err(bad))) => words::sentence(&bad.to_string()),
        Err(refused) => {
            let view = match view(&app).await {
                Ok(view) => view,
                Err(error) => return unavailable(&error),
            };
            return answer(refused, WRONG_PASSWORD, |why| {
                page::access(&View {
                    refused: why.map(str::to_owned),
                    ..view.clone()
                })
            });
        }
    };
    show(&app, StatusCode::UNPROCESSABLE_ENTITY, |view| {
        view.refused = Some(why);
    })
    .await
}

/// `POST /access/sign-out`: everywhere.
pub(in crate::web) async fn sign_out_everywhere(
    extract::State(app): extract::State<App>,
) -> Response {
    match app.state.store.end_sessions().await {
        Ok(()) => leave(),
        Err(error) => unavailable(&error),
    }
}

/// `POST /access/tokens`: the only answer that shows it.
pub(in crate::web) async fn make_token(
    extract::State(app): extract::State<App>,
    Form(typed): Form<Make>,
) -> Response {
    match try_make_token(&app, &typed.name).await {
        Ok(Ok(token)) => show(&app, StatusCode::OK, |view| view.token = Some(token)).await,
        Ok(Err(why)) => {
            show(&app, StatusCode::UNPROCESSABLE_ENTITY, |view| {
                view.refused = Some(why);
            })
            .await
        }
        Err(error) => unavailable(&error),
    }
}

/// A new token's secret, or why there is none.
pub(in crate::web) async fn try_make_token(
    app: &App,
    name: &str,
) -> Result<Result<String, String>, StoreError> {
    let name = words::shown(name, NAME_CHARS);
    let name = if name.is_empty() {
        "A script"
    } else {
        name.as_str()
    };
    let made = app.state.store.make_token(name, app.state.clock.wall());
    let full = || {
        format!(
            "There are {TOKENS_MAX} tokens, and more there cannot be. Revoke one that is not used any more."
        )
    };
    Ok(made.await?.ok_or_else(full))
}

/// `POST /access/tokens/revoke`.
pub(in crate::web) async fn revoke_token(
    extract::State(app): extract::State<App>,
    Form(typed): Form<Revoke>,
) -> Response {
    match app.state.store.revoke_token(typed.id).await {
        Ok(_) => Redirect::to("/access?did=revoked").into_response(),
        Err(error) => unavailable(&error),
    }
}

async fn show(app: &App, status: StatusCode, with: impl FnOnce(&mut View)) -> Response {
    match view(app).await {
        Ok(mut view) => {
            with(&mut view);
            (status, page::access(&view)).into_response()
        }
        Err(error) => unavailable(&error),
    }
}

async fn view(app: &App) -> Result<View, StoreError> {
    Ok(View {
        reader: Reader::of(app).await,
        tokens: app.state.store.tokens().await?,
        token: None,
        done: None,
        refused: None,
    })
}
