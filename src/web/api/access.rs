//! Tokens and sessions.

use jiff::Timestamp;
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operations::{Answer, Asker, At, Done, Json};
use super::problem::Problem;
use crate::web::App;
use crate::web::door::access::{self, WRONG_PASSWORD};
use crate::web::door::sign_in::in_words;

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Tokens {
    tokens: Vec<Token>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Token {
    id: i64,
    name: String,
    made_at: Timestamp,
    /// To a day.
    used_at: Option<Timestamp>,
}

pub(super) async fn tokens(app: App, (): ()) -> Answer<Json<Tokens>> {
    let tokens = app.state.store.tokens().await?;
    let tokens = tokens.into_iter().map(|row| Token {
        id: row.id,
        name: row.name,
        made_at: row.made_at,
        used_at: row.used_at,
    });
    Ok(Json(Tokens {
        tokens: tokens.collect(),
    }))
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    /// What you know it by.
    #[serde(default)]
    name: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Secret {
    /// What a program sends as `Authorization: Bearer`. It is not shown again.
    token: String,
}

pub(super) async fn make_token(app: App, Json(named): Json<Named>) -> Answer<Json<Secret>> {
    match access::try_make_token(&app, &named.name).await? {
        Ok(token) => Ok(Json(Secret { token })),
        Err(why) => Err(Problem::refused(&why)),
    }
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Which {
    id: i64,
}

pub(super) async fn revoke_token(app: App, At(which): At<Which>) -> Answer<Done> {
    match app.state.store.revoke_token(which.id).await? {
        true => Ok(Done),
        false => Err(Problem::not_found("there is no such token")),
    }
}

pub(super) async fn end_sessions(app: App, (): ()) -> Answer<Done> {
    app.state.store.end_sessions().await?;
    Ok(Done)
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Passwords {
    /// The present one.
    old: String,
    /// Ten characters at least.
    new: String,
}

pub(super) async fn change_password(
    app: App,
    (asker, Json(typed)): (Asker, Json<Passwords>),
) -> Answer<Done> {
    let Asker { peer, headers } = asker;
    let changed = app.change_password(peer, &headers, typed.old, typed.new);
    match changed.await {
        Ok(Some(Ok(_))) => Ok(Done),
        Ok(Some(Err(bad))) => Err(Problem::refused(&bad.to_string())),
        Ok(None) => Err(Problem::not_found("there is no password yet")),
        Err(refused) => {
            let (status, why) = in_words(&refused, WRONG_PASSWORD);
            Err(Problem::new(status, &why))
        }
    }
}
