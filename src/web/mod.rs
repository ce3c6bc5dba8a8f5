//! The page and `/healthz`: how the box is doing, what became of every call, and the message with its preview.
//!
//! It decides nothing. What it shows comes from the store and from the modem's state, what it changes goes through the
//! store's own checks. A request passes, from outside in: [`connections`], which bounds what clients cost; [`guard`], which asks whose name
//! we are called by, and whether our own page asks; and but for a few addresses the [`door`], which wants a session or a token.

mod api;
mod assets;
mod box_page;
mod connections;
mod conversations;
mod door;
mod guard;
mod health;
mod live;
mod log_tail;
mod mdns;
mod message;
mod metrics;
mod outlets;
mod page;
mod people;
mod reader;
mod settings;
mod setup;
mod signal_day;
mod support;
#[cfg(test)]
mod tests;
mod tls;
mod words;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::clock::Clock;
use crate::modem::ModemState;
use crate::store::Store;

use door::{access, sign_in};
pub use log_tail::LogTail;
pub use people::UPLOAD_BYTES_MAX;
pub use reader::SimCountry;
pub use signal_day::SignalDay;
pub use tls::{Identity, TlsError};

/// Bytes of a request's body at most. The longest message that can be sent, ten parts of letters that a form writes as six
/// bytes each, takes 10 KiB; one that is somewhat too long should still be answered with a sentence.
pub const BODY_BYTES_MAX: usize = 16 * 1024;

/// Open pages that are told of news at the same time. A household has fewer, and each costs a connection.
pub const STREAMS_MAX: usize = 8;

/// How long an answer may take. The store waits 5 s for another program's lock.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// How long a file may take to come and be kept, or to be made: a slow line to the box, and its slow disk.
const UPLOAD_WITHIN: Duration = Duration::from_secs(60);

/// All that the page is made of.
#[derive(Debug, Clone)]
pub struct State {
    /// Calls, texts and settings.
    pub store: Store,
    /// How the modem is doing.
    pub modem: watch::Receiver<ModemState>,
    /// What time it is.
    pub clock: Clock,
    /// The modem is a simulated one; the page says so, and asks for no password.
    pub demo: bool,
    /// How well the modem has heard its network.
    pub signals: SignalDay,
    /// Whose SIM it is.
    pub sim_country: SimCountry,
    /// The newest lines of the log.
    pub log: LogTail,
    /// Has the program start anew, where it can.
    pub restart: Option<CancellationToken>,
    /// What the page proves itself with; plain HTTP where there is none.
    pub tls: Option<Identity>,
    /// The name before `.local` that the network finds the page by; none: by its address alone.
    pub name: Option<String>,
}

/// [`State`], and what the handlers share beyond it.
#[derive(Debug, Clone)]
struct App {
    state: State,
    door: Arc<door::Door>,
    streams: Arc<Semaphore>,
    /// One copy of the database is made at a time: it takes the disk's room and time.
    copying: Arc<Semaphore>,
    stop: CancellationToken,
}

/// Every address the page answers to. The streams of news end with `stop`.
pub fn router(state: State, stop: CancellationToken) -> Router {
    let app = App {
        state,
        door: Arc::default(),
        streams: Arc::new(Semaphore::new(STREAMS_MAX)),
        copying: Arc::new(Semaphore::new(1)),
        stop,
    };
    behind_the_door()
        .layer(from_fn_with_state(app.clone(), door::watch))
        .merge(before_the_door())
        .fallback(page::nothing_here)
        .layer(CsrfLayer::new())
        .layer(from_fn(guard::own_host))
        .layer(from_fn(api::speak_json))
        .layer(from_fn(guard::headers))
        .with_state(app)
}

/// What anybody may ask for.
fn before_the_door() -> Router<App> {
    Router::new()
        .route(
            "/password",
            get(sign_in::first_page).post(sign_in::set_first),
        )
        .route("/sign-in", get(sign_in::page).post(sign_in::sign_in))
        .route("/healthz", get(health::look))
        .route("/metrics", get(metrics::tell))
        .route("/assets/{version}/{name}", get(assets::asset))
        .layer(within(ANSWER_WITHIN))
        .layer(RequestBodyLimitLayer::new(BODY_BYTES_MAX))
}

fn behind_the_door() -> Router<App> {
    let api = api::routers();
    Router::new()
        .route("/", get(page::whole))
        .route("/now", get(page::now))
        .route("/preview", post(message::preview))
        .route("/message", post(message::save))
        .route(
            "/messages/{occasion}",
            get(message::page).post(message::save_of),
        )
        .route("/messages/{occasion}/preview", post(message::preview_of))
        .route("/messages/{occasion}/test", post(message::send_test_of))
        .route("/messages/{occasion}/again", post(message::again))
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
        .route("/message/test", post(message::send_test))
        .route("/setup", get(setup::begin))
        .route("/setup/{step}", get(setup::step))
        .route("/setup/{step}/now", get(setup::now))
        .route("/setup/keep/business", post(setup::business))
        .route("/setup/code", post(setup::send_code))
        .route("/setup/proof", post(setup::prove))
        .route("/setup/keep/hours", post(setup::hours))
        .route("/setup/keep/message", post(setup::keep_message))
        .route("/setup/keep/forwarding", post(setup::forwarding))
        .route("/setup/way", post(setup::next_way))
        .route("/setup/keep/test", post(setup::test))
        .route("/setup/done", post(setup::done))
        .route("/box", get(box_page::show))
        .route("/box/now", get(box_page::now))
        .route("/box/support", post(box_page::support))
        .route("/box/restart", post(box_page::restart))
        .route("/access", get(access::page))
        .route("/access/password", post(access::change))
        .route("/access/sign-out", post(access::sign_out_everywhere))
        .route("/access/tokens", post(access::make_token))
        .route("/access/tokens/revoke", post(access::revoke_token))
        .route("/sign-out", post(sign_in::sign_out))
        .merge(api.small)
        .layer(within(ANSWER_WITHIN))
        // Meant to stay open, so it comes after the time limit.
        .route("/events", get(live::events))
        .layer(RequestBodyLimitLayer::new(BODY_BYTES_MAX))
        .merge(uploads(api.files))
}

/// What takes or gives more than a form.
fn uploads(files: Router<App>) -> Router<App> {
    Router::new()
        .route("/people/import", post(people::import))
        .route("/box/backup", post(box_page::backup))
        .merge(files)
        .layer(within(UPLOAD_WITHIN))
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(UPLOAD_BYTES_MAX))
}

fn within(time: Duration) -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, time)
}

/// Serves the page on `listener` until `stop`; open connections have two seconds to finish then.
pub async fn serve(listener: TcpListener, state: State, stop: CancellationToken) {
    let signals = state.signals.clone();
    let watching = signals.watch(state.modem.clone(), state.clock.clone(), stop.clone());
    let country = state.sim_country.clone();
    let remembering = country.watch(state.modem.clone(), stop.clone());
    let (tls, name, clock) = (state.tls.clone(), state.name.clone(), state.clock.clone());
    let naming = async {
        if let Some(name) = name {
            mdns::answer(name, clock, stop.clone()).await;
        }
    };
    let routers = connections::Routers {
        page: router(state, stop.clone()),
        tls,
    };
    let answering = connections::serve(listener, routers, stop.clone());
    tokio::join!(watching, remembering, naming, answering);
}
