//! `/metrics`: numbers for graphs, as Prometheus reads them (its text format 0.0.4).

use std::fmt::Write;

use axum::extract;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::door::{self, sign_in::Peer};
use super::message::unavailable;
use super::{App, health};
use crate::modem::{ModemState, Signal};
use crate::store::StoreError;

/// The format's name, with its version.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `GET /metrics`: to this computer, and to whom the door lets in.
pub(super) async fn tell(
    extract::State(app): extract::State<App>,
    Peer(peer): Peer,
    headers: HeaderMap,
) -> Response {
    match door::is_at_home(&app, peer, &headers).await {
        Ok(true) => {}
        Ok(false) => {
            let sentence = "These numbers are for this computer, and for programs with a token (Authorization: Bearer).\n";
            return (StatusCode::UNAUTHORIZED, sentence).into_response();
        }
        Err(error) => return unavailable(&error),
    }
    match numbers(&app).await {
        Ok(numbers) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], numbers).into_response(),
        Err(error) => unavailable(&error),
    }
}

async fn numbers(app: &App) -> Result<String, StoreError> {
    let state = &app.state;
    let modem = state.modem.borrow().clone();
    let armed = health::hindrance(state, &modem).await.is_none();
    let totals = state.store.totals().await?;
    let mut told = String::new();
    let mut tell = |name: &str, kind: &str, help: &str, value: i64| {
        let _ = write!(
            told,
            "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n"
        );
    };
    tell(
        "textback_armed",
        "gauge",
        "1 if a missed call would be texted now.",
        i64::from(armed),
    );
    if let ModemState::Armed {
        signal: Some(signal),
        ..
    } = modem
    {
        let dbm = i64::from(Signal::dbm(signal));
        tell(
            "textback_signal_dbm",
            "gauge",
            "Strength of the mobile network in dBm.",
            dbm,
        );
    }
    tell(
        "textback_calls_total",
        "counter",
        "Calls seen.",
        totals.calls,
    );
    tell(
        "textback_texts_total",
        "counter",
        "Texts, in and out.",
        totals.texts,
    );
    tell(
        "textback_texts_waiting",
        "gauge",
        "Texts that the network has not taken yet.",
        totals.waiting,
    );
    let disk = health::disk(state).is_some();
    tell(
        "textback_disk_failed",
        "gauge",
        "1 while the disk takes no writes.",
        i64::from(disk),
    );
    let doubted = state.clock.doubt().is_some();
    tell(
        "textback_clock_doubted",
        "gauge",
        "1 while nobody knows what time it is.",
        i64::from(doubted),
    );
    Ok(told)
}
