//! The door: who may see the page. Until a password is set it shows nothing but the way to set one, and that asks for the code that the daemon
//! printed; then it wants a session, or for scripts a token. A demo lets everybody in.

pub(super) mod access;
pub(super) mod sign_in;

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{self, Request};
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::SignedDuration;
use tokio::sync::Semaphore;

use super::App;
use super::message::unavailable;
use crate::door::{self, BadPassword, Throttle, Who};
use crate::store::{SESSION_LASTS, StoreError, salt};

/// Passwords that wait to be looked at. Each takes 19 MiB for a moment, so they are looked at one by one.
const WAITING_MAX: usize = 8;
/// A browser that has signed in is remembered as such for so long.
const DEVICE_LASTS: SignedDuration = SignedDuration::from_hours(400 * 24);

const SESSION: &str = "textback_session";
const DEVICE: &str = "textback_device";

/// What stands at the door.
#[derive(Debug)]
pub(super) struct Door {
    throttle: Mutex<Throttle>,
    /// One at a time.
    looking: Semaphore,
    waiting: Semaphore,
}

impl Default for Door {
    fn default() -> Self {
        Self {
            throttle: Mutex::default(),
            looking: Semaphore::new(1),
            waiting: Semaphore::new(WAITING_MAX),
        }
    }
}

/// Why nobody was let in.
#[derive(Debug)]
pub(super) enum Refused {
    Wrong,
    /// Too many tries; the next counts after this.
    Wait(Duration),
    Busy,
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Lets nobody through to what is behind the door without a session or a token.
pub(super) async fn watch(
    extract::State(app): extract::State<App>,
    request: Request,
    next: Next,
) -> Response {
    if app.state.demo {
        return next.run(request).await;
    }
    // A request's body cannot be shared, so its headers alone are lent out.
    let headers = request.headers().clone();
    match may_enter(&app, &headers).await {
        Ok(true) => next.run(request).await,
        Ok(false) if wants_page(&request) => show_the_door(&app).await,
        Ok(false) => say_that_it_is_shut(),
        Err(error) => unavailable(&error),
    }
}

/// Whether a request comes from this computer, or from somebody who may see the page. Numbers that are no caller's are for both.
pub(super) async fn is_at_home(
    app: &App,
    peer: IpAddr,
    headers: &HeaderMap,
) -> Result<bool, StoreError> {
    match peer.to_canonical().is_loopback() {
        true => Ok(true),
        false => may_enter(app, headers).await,
    }
}

/// Whether these are the headers of somebody who may see the page.
pub(super) async fn may_enter(app: &App, headers: &HeaderMap) -> Result<bool, StoreError> {
    let (store, now) = (&app.state.store, app.state.clock.wall());
    if app.state.demo {
        return Ok(true);
    }
    if let Some(token) = bearer(headers) {
        return store.is_token(token, now).await;
    }
    match cookie(headers, SESSION) {
        Some(session) => store.is_session(session, now).await,
        None => Ok(false),
    }
}

/// A browser asks for a page; a script, and the page's own, ask for something else.
fn wants_page(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT);
    let accept = accept.and_then(|accept| accept.to_str().ok());
    request.method() == Method::GET && accept.is_some_and(|accept| accept.contains("text/html"))
}

async fn show_the_door(app: &App) -> Response {
    match app.state.store.password().await {
        Ok(Some(_)) => Redirect::to("/sign-in").into_response(),
        Ok(None) => Redirect::to("/password").into_response(),
        Err(error) => unavailable(&error),
    }
}

fn say_that_it_is_shut() -> Response {
    let sentence = "Sign in first: open the page of this box in a browser. A script sends a token (Authorization: Bearer).\n";
    let ask = [(header::WWW_AUTHENTICATE, "Bearer")];
    (StatusCode::UNAUTHORIZED, ask, sentence).into_response()
}

impl App {
    /// Looks at something secret that was typed, if whoever typed it may still try.
    async fn try_secret(
        &self,
        who: &Who,
        is_right: impl FnOnce() -> bool + Send + 'static,
    ) -> Result<(), Refused> {
        let now = self.state.clock.monotonic();
        self.throttle(|throttle| throttle.spend(who, now))
            .map_err(Refused::Wait)?;
        if !self.look(is_right).await? {
            return Err(Refused::Wrong);
        }
        self.throttle(|throttle| throttle.was_right(who));
        Ok(())
    }

    fn throttle<T>(&self, job: impl FnOnce(&mut Throttle) -> T) -> T {
        // A panic leaves nothing half done in here.
        let throttle = self.door.throttle.lock();
        job(&mut throttle.unwrap_or_else(PoisonError::into_inner))
    }

    /// Does what takes much memory and time, beside the event loop and one at a time.
    async fn look<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refused> {
        let _waiting = self.door.waiting.try_acquire().map_err(|_| Refused::Busy)?;
        let _looking = self
            .door
            .looking
            .acquire()
            .await
            .map_err(|_| Refused::Busy)?;
        tokio::task::spawn_blocking(job)
            .await
            .map_err(|_| Refused::Busy)
    }

    /// Changes the password, if the present one was typed; no inner result where there is none yet.
    pub(super) async fn change_password(
        &self,
        peer: IpAddr,
        headers: &HeaderMap,
        old: String,
        new: String,
    ) -> Result<Option<Result<String, BadPassword>>, Refused> {
        let Some(hash) = self.state.store.password().await? else {
            return Ok(None);
        };
        let who = self.who(peer, headers, &hash);
        self.try_secret(&who, move || door::verify(&old, &hash))
            .await?;
        self.keep_password(new).await.map(Some)
    }

    /// Keeps a new password; the inner error is why it does not do.
    async fn keep_password(
        &self,
        password: String,
    ) -> Result<Result<String, BadPassword>, Refused> {
        let salt = salt()?;
        match self.look(move || door::hash(&password, &salt)).await? {
            Ok(hash) => {
                self.state.store.set_password(hash.clone()).await?;
                Ok(Ok(hash))
            }
            Err(bad) => Ok(Err(bad)),
        }
    }

    /// Whoever sent these headers from there, as the throttle counts: the browser, where it has signed in before.
    fn who(&self, peer: IpAddr, headers: &HeaderMap, password: &str) -> Who {
        match cookie(headers, DEVICE) {
            Some(mark) if door::is_device(mark, password) => Who::Device(mark.to_owned()),
            _ => Who::at(peer),
        }
    }
}

/// The token of a script.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A cookie by its name (RFC 6265, section 4.2).
fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| {
            let (found, value) = pair.split_once('=')?;
            (found.trim() == name).then(|| value.trim())
        })
}

/// Has the browser keep a cookie, or forget it where it lasts no time. `Secure` where the page speaks TLS; browsers count this computer's own
/// names as secure without.
fn set_cookie(name: &str, value: &str, lasts: SignedDuration, secure: bool) -> HeaderValue {
    let secure = if secure { "; Secure" } else { "" };
    let cookie = format!(
        "{name}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
        lasts.as_secs()
    );
    HeaderValue::try_from(cookie).expect("our secrets are letters and digits")
}

/// Signs this browser in, and goes on to `place`.
async fn begin_session(app: &App, password: &str, place: &str) -> Result<Response, StoreError> {
    let session = app
        .state
        .store
        .begin_session(app.state.clock.wall())
        .await?;
    let mark = crate::store::device_mark(password)?;
    let secure = app.state.tls.is_some();
    let mut response = Redirect::to(place).into_response();
    let headers = response.headers_mut();
    headers.append(
        header::SET_COOKIE,
        set_cookie(SESSION, &session, SESSION_LASTS, secure),
    );
    headers.append(
        header::SET_COOKIE,
        set_cookie(DEVICE, &mark, DEVICE_LASTS, secure),
    );
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &header::HeaderName, values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name.clone(), HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn cookies_are_found_among_others() {
        for (values, expected) in [
            (vec!["textback_session=abc"], Some("abc")),
            (vec!["a=b; textback_session=abc; c=d"], Some("abc")),
            (vec!["a=b", "textback_session=abc"], Some("abc")),
            (vec!["textback_session="], Some("")),
            (vec!["xtextback_session=abc"], None),
            (vec!["textback_session"], None),
            (vec!["TEXTBACK_SESSION=abc"], None),
            (vec![], None),
        ] {
            let headers = headers(&header::COOKIE, &values);
            assert_eq!(cookie(&headers, SESSION), expected, "{values:?}");
        }
    }

    #[test]
    fn a_token_comes_as_bearer_alone() {
        for (value, expected) in [
            ("Bearer abc", Some("abc")),
            ("bearer abc", Some("abc")),
            ("Basic abc", None),
            ("Bearer", None),
            ("abc", None),
        ] {
            let headers = headers(&header::AUTHORIZATION, &[value]);
            assert_eq!(bearer(&headers), expected, "{value:?}");
        }
    }
}
