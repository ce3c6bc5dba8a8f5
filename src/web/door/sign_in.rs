//! Setting the first password with the code, signing in, signing out.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{self, ConnectInfo, Form, FromRequestParts};
use axum::http::header::{self, HeaderMap};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use jiff::SignedDuration;
use serde::Deserialize;

use super::{Refused, SESSION, begin_session, cookie, may_enter, set_cookie};
use crate::door::{self, Who};
use crate::web::App;
use crate::web::message::unavailable;
use crate::web::page::door as page;
use crate::web::reader::Reader;
use crate::web::words;

/// Where a request comes from. Without a socket under it, as in a test of the router alone, from nowhere.
pub(in crate::web) struct Peer(pub(in crate::web) IpAddr);

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let address = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
        Ok(Self(address))
    }
}

#[derive(Debug, Deserialize)]
pub(in crate::web) struct First {
    code: String,
    password: String,
}

#[derive(Debug, Deserialize)]
pub(in crate::web) struct SignIn {
    password: String,
}

/// `GET /password`.
pub(in crate::web) async fn first_page(extract::State(app): extract::State<App>) -> Response {
    match app.state.store.password().await {
        _ if app.state.demo => home(),
        Ok(None) => page::first(&Reader::of(&app).await, None).into_response(),
        Ok(Some(_)) => Redirect::to("/sign-in").into_response(),
        Err(error) => unavailable(&error),
    }
}

/// `POST /password`: the first one, with the code.
pub(in crate::web) async fn set_first(
    extract::State(app): extract::State<App>,
    Peer(peer): Peer,
    Form(typed): Form<First>,
) -> Response {
    if app.state.demo {
        return home();
    }
    let code = match app.state.store.first_code().await {
        Ok(Some(code)) => code,
        Ok(None) => return Redirect::to("/sign-in").into_response(),
        Err(error) => return unavailable(&error),
    };
    let reader = &Reader::of(&app).await;
    let digits: String = typed.code.chars().filter(char::is_ascii_digit).collect();
    let is_right = move || door::is_right(&digits, &code);
    if let Err(refused) = app.try_secret(&Who::at(peer), is_right).await {
        let wrong = "This is not the code. It stands in the log of the box, and `textback password` shows it.";
        return answer(refused, wrong, |why| page::first(reader, why));
    }
    match app.keep_password(typed.password).await {
        Ok(Ok(hash)) => signed_in(&app, &hash, "/setup").await,
        Ok(Err(bad)) => {
            let why = words::sentence(&bad.to_string());
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                page::first(reader, Some(&why)),
            )
                .into_response()
        }
        Err(refused) => answer(refused, "", |why| page::first(reader, why)),
    }
}

/// `GET /sign-in`.
pub(in crate::web) async fn page(
    extract::State(app): extract::State<App>,
    headers: HeaderMap,
) -> Response {
    match may_enter(&app, &headers).await {
        Ok(true) => return home(),
        Ok(false) => {}
        Err(error) => return unavailable(&error),
    }
    match app.state.store.password().await {
        Ok(Some(_)) => page::sign_in(&Reader::of(&app).await, None).into_response(),
        Ok(None) => Redirect::to("/password").into_response(),
        Err(error) => unavailable(&error),
    }
}

/// `POST /sign-in`.
pub(in crate::web) async fn sign_in(
    extract::State(app): extract::State<App>,
    Peer(peer): Peer,
    headers: HeaderMap,
    Form(typed): Form<SignIn>,
) -> Response {
    if app.state.demo {
        return home();
    }
    let hash = match app.state.store.password().await {
        Ok(Some(hash)) => hash,
        Ok(None) => return Redirect::to("/password").into_response(),
        Err(error) => return unavailable(&error),
    };
    let who = app.who(peer, &headers, &hash);
    let kept = hash.clone();
    let is_right = move || door::verify(&typed.password, &kept);
    match app.try_secret(&who, is_right).await {
        Ok(()) => signed_in(&app, &hash, "/").await,
        Err(refused) => {
            let reader = Reader::of(&app).await;
            let wrong = "This is not the password.";
            answer(refused, wrong, |why| page::sign_in(&reader, why))
        }
    }
}

/// `POST /sign-out`.
pub(in crate::web) async fn sign_out(
    extract::State(app): extract::State<App>,
    headers: HeaderMap,
) -> Response {
    if let Some(session) = cookie(&headers, SESSION)
        && let Err(error) = app.state.store.end_session(session).await
    {
        return unavailable(&error);
    }
    leave()
}

/// Out of the door; the browser forgets the session.
pub(super) fn leave() -> Response {
    let mut response = Redirect::to("/sign-in").into_response();
    let forget = set_cookie(SESSION, "", SignedDuration::ZERO, false);
    response.headers_mut().append(header::SET_COOKIE, forget);
    response
}

pub(super) async fn signed_in(app: &App, hash: &str, place: &str) -> Response {
    match begin_session(app, hash, place).await {
        Ok(response) => response,
        Err(error) => unavailable(&error),
    }
}

/// Says on `page` why nobody was let in.
pub(super) fn answer(
    refused: Refused,
    wrong: &str,
    page: impl Fn(Option<&str>) -> maud::Markup,
) -> Response {
    let after = match &refused {
        Refused::Wait(wait) => Some((header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1))),
        Refused::Wrong | Refused::Busy | Refused::Store(_) => None,
    };
    let (status, why) = in_words(&refused, wrong);
    match refused {
        Refused::Store(error) => unavailable(&error),
        _ => (status, AppendHeaders(after), page(Some(&why))).into_response(),
    }
}

/// Why nobody was let in, as a status and a sentence.
pub(in crate::web) fn in_words(refused: &Refused, wrong: &str) -> (StatusCode, String) {
    match refused {
        Refused::Wrong => (StatusCode::FORBIDDEN, wrong.to_owned()),
        Refused::Wait(wait) => {
            let why = match wait.as_secs() + 1 {
                1 => "There were too many tries. The next one counts in 1 second.".to_owned(),
                seconds => {
                    format!("There were too many tries. The next one counts in {seconds} seconds.")
                }
            };
            (StatusCode::TOO_MANY_REQUESTS, why)
        }
        Refused::Busy => {
            let why = "Others are signing in just now. Try again in a moment.";
            (StatusCode::SERVICE_UNAVAILABLE, why.to_owned())
        }
        Refused::Store(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
    }
}

fn home() -> Response {
    Redirect::to("/").into_response()
}
