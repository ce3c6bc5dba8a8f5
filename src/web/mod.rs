//! The page and `/healthz`: how the box is doing, what became of every call, and the message with its preview.
//!
//! It decides nothing. What it shows comes from the store and from the modem's state, what it changes goes through the
//! store's own checks. Nobody signs in, so it listens on this machine alone; see [`config::check_listen_address`].

mod assets;
mod conversations;
mod guard;
mod health;
mod live;
mod message;
mod outlets;
mod page;
mod people;
mod settings;
mod words;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::clock::Clock;
use crate::config;
use crate::modem::ModemState;
use crate::store::Store;

pub use people::UPLOAD_BYTES_MAX;

/// Bytes of a request's body at most. The longest message that can be sent, ten parts of letters that a form writes as six
/// bytes each, takes 10 KiB; one that is somewhat too long should still be answered with a sentence.
pub const BODY_BYTES_MAX: usize = 16 * 1024;

/// Open pages that are told of news at the same time. A household has fewer, and each costs a connection.
pub const STREAMS_MAX: usize = 8;

/// How long an answer may take. The store waits 5 s for another program's lock.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// How long a file may take to come and be kept: a slow line to the box, and its slow disk.
const UPLOAD_WITHIN: Duration = Duration::from_secs(60);

/// How long open connections may take to finish when we stop.
const DRAIN_WITHIN: Duration = Duration::from_secs(2);

/// All that the page is made of.
#[derive(Debug, Clone)]
pub struct State {
    /// Calls, texts and settings.
    pub store: Store,
    /// How the modem is doing.
    pub modem: watch::Receiver<ModemState>,
    /// What time it is.
    pub clock: Clock,
    /// The modem is a simulated one, and the page says so.
    pub demo: bool,
}

/// [`State`], and what the handlers share beyond it.
#[derive(Debug, Clone)]
struct App {
    state: State,
    streams: Arc<Semaphore>,
    stop: CancellationToken,
}

/// Every address the page answers to. The streams of news end with `stop`.
pub fn router(state: State, stop: CancellationToken) -> Router {
    let app = App {
        state,
        streams: Arc::new(Semaphore::new(STREAMS_MAX)),
        stop,
    };
    Router::new()
        .route("/", get(page::whole))
        .route("/now", get(page::now))
        .route("/preview", post(message::preview))
        .route("/message", post(message::save))
        .route("/outlets/again", post(outlets::again))
        .route("/conversations", get(conversations::list))
        .route("/conversations/now", get(conversations::list_now))
        .route("/conversations/answer", post(conversations::answer))
        .route("/conversations/outcome", post(conversations::conclude))
        .route("/conversations/{number}", get(conversations::thread))
        .route(
            "/conversations/{number}/now",
            get(conversations::thread_now),
        )
        .route("/people", get(people::page))
        .route("/people/add", post(people::add))
        .route("/people/remove", post(people::remove))
        .route("/people/strangers", post(people::strangers))
        .route("/settings", get(settings::page).post(settings::change))
        .route("/healthz", get(health::look))
        .route("/assets/{version}/{name}", get(assets::asset))
        .layer(within(ANSWER_WITHIN))
        // Meant to stay open, so it comes after the time limit.
        .route("/events", get(live::events))
        .layer(RequestBodyLimitLayer::new(BODY_BYTES_MAX))
        .merge(uploads())
        .layer(CsrfLayer::new())
        .layer(from_fn(guard::own_host))
        .layer(from_fn(guard::headers))
        .with_state(app)
}

/// The one address that takes more than a form.
fn uploads() -> Router<App> {
    Router::new()
        .route("/people/import", post(people::import))
        .layer(within(UPLOAD_WITHIN))
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(UPLOAD_BYTES_MAX))
}

fn within(time: Duration) -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, time)
}

/// Serves the page on `listener` until `stop`; open connections have two seconds to finish then.
///
/// # Errors
/// When others could reach the listener, and when it cannot be used.
pub async fn serve(listener: TcpListener, state: State, stop: CancellationToken) -> io::Result<()> {
    config::check_listen_address(listener.local_addr()?)
        .map_err(|refusal| io::Error::new(io::ErrorKind::InvalidInput, refusal))?;
    let server = axum::serve(listener, router(state, stop.clone()))
        .with_graceful_shutdown(stop.clone().cancelled_owned());
    // A browser may hold an idle connection open for minutes.
    let cut_off = async {
        stop.cancelled().await;
        tokio::time::sleep(DRAIN_WITHIN).await;
    };
    tokio::select! {
        done = server.into_future() => done,
        () = cut_off => Ok(()),
    }
}
