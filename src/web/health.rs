//! `/healthz`: would the box text a missed call now? For scripts and monitors, which hold on to its shape.

use axum::extract;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::App;
use crate::modem::{ModemState, Signal};

/// `GET /healthz`: 200 if it would, 503 and the reason if not.
pub(super) async fn look(extract::State(app): extract::State<App>) -> Response {
    let modem = app.state.modem.borrow().clone();
    let unreadable = app.state.store.settings().await.err();
    let reason = modem.reason().or(unreadable.map(|error| error.to_string()));
    let (status, body) = match (reason, modem) {
        (None, ModemState::Armed { facts, signal, .. }) => (
            StatusCode::OK,
            json!({
                "armed": true,
                "operator": facts.operator,
                "signal_dbm": signal.map(Signal::dbm),
            }),
        ),
        (reason, _) => (
            StatusCode::SERVICE_UNAVAILABLE,
            json!({ "armed": false, "reason": reason }),
        ),
    };
    let json = [(header::CONTENT_TYPE, "application/json")];
    (status, json, format!("{body}\n")).into_response()
}
