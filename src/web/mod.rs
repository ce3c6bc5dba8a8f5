//! The page and `/healthz`: how the box is doing, what became of every call, and the message with its preview.
//!
//! It decides nothing. What it shows comes from the store and from the modem's state, what it changes goes through the
//! store's own checks. Nobody signs in, so it listens on this machine alone; see [`check_listen_address`].

mod assets;
mod guard;
mod health;
mod live;
mod message;
mod page;
mod words;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::routing::{get, post};
use jiff::tz::TimeZone;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::clock::Clock;
use crate::modem::ModemState;
use crate::store::Store;

/// Bytes of a request's body at most. The longest message that can be sent, ten parts of letters that a form writes as six
/// bytes each, takes 10 KiB; one that is somewhat too long should still be answered with a sentence.
pub const BODY_BYTES_MAX: usize = 16 * 1024;

/// Open pages that are told of news at the same time. A household has fewer, and each costs a connection.
pub const STREAMS_MAX: usize = 8;

/// How long an answer may take. The store waits 5 s for another program's lock.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

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
    /// The owner's time zone.
    pub zone: TimeZone,
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

/// The page was to listen where others can reach it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the page will not listen on {0}: it has no password yet, so it is for this machine alone; \
     use 127.0.0.1:{port} or [::1]:{port}, and from elsewhere an SSH tunnel",
    port = .0.port()
)]
pub struct NotLoopback(SocketAddr);

/// Checks where the page is to listen: on this machine alone, as long as nobody signs in.
///
/// # Errors
/// When others could reach that address.
pub fn check_listen_address(address: SocketAddr) -> Result<(), NotLoopback> {
    if address.ip().is_loopback() {
        Ok(())
    } else {
        Err(NotLoopback(address))
    }
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
        .route("/healthz", get(health::look))
        .route("/assets/{version}/{name}", get(assets::asset))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            ANSWER_WITHIN,
        ))
        // Meant to stay open, so it comes after the time limit.
        .route("/events", get(live::events))
        .layer(RequestBodyLimitLayer::new(BODY_BYTES_MAX))
        .layer(CsrfLayer::new())
        .layer(from_fn(guard::own_host))
        .layer(from_fn(guard::headers))
        .with_state(app)
}

/// Serves the page on `listener` until `stop`; open connections have [`DRAIN_WITHIN`] to finish then.
///
/// # Errors
/// When others could reach the listener, and when it cannot be used.
pub async fn serve(listener: TcpListener, state: State, stop: CancellationToken) -> io::Result<()> {
    check_listen_address(listener.local_addr()?)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_listens_on_this_machine_alone() {
        for (address, ok) in [
            ("127.0.0.1:8080", true),
            ("127.0.0.2:1", true),
            ("[::1]:8080", true),
            ("0.0.0.0:8080", false),
            ("[::]:8080", false),
            ("192.168.1.20:8080", false),
            ("[::ffff:192.168.1.20]:8080", false),
        ] {
            let checked = check_listen_address(address.parse().unwrap());
            assert_eq!(checked.is_ok(), ok, "{address}");
        }
        let refusal = check_listen_address("0.0.0.0:8080".parse().unwrap()).unwrap_err();
        assert!(refusal.to_string().contains("127.0.0.1:8080"), "{refusal}");
    }
}
