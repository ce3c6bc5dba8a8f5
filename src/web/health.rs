//! `/healthz`: would the box text a missed call now? For scripts and monitors, which hold on to its shape.

use axum::extract;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::door::{self, sign_in::Peer};
use super::{App, State};
use crate::hours::Until;
use crate::modem::{ModemState, Rung, Signal};
use crate::rules::Fence;
use crate::store::Trouble;

/// The day's texts are used up.
const NONE_LEFT_TODAY: &str = "As many texts went out today as texts.max_per_day allows.";
/// The month's are.
const NONE_LEFT: &str = "As many texts went out this month as texts.max_per_month allows.";

/// `GET /healthz`: 200 if it would, 503 and the reason if not. That the network may hand no calls down to the modem is said
/// beside it (`voice`): the registration is a hint of that and no proof. So is what is wrong with the disk (`disk`, null when
/// nothing is): callers are texted from memory meanwhile. Anybody may ask; whose SIM it is and how well it hears is told only to
/// this computer and to those whom the door lets in.
pub(super) async fn look(
    extract::State(app): extract::State<App>,
    Peer(peer): Peer,
    headers: HeaderMap,
) -> Response {
    // A door that cannot be asked lets nobody in.
    let known = door::is_at_home(&app, peer, &headers)
        .await
        .unwrap_or(false);
    let modem = app.state.modem.borrow().clone();
    let disk = disk(&app.state);
    let (status, body) = match (hindrance(&app.state, &modem).await, modem) {
        (
            None,
            ModemState::Armed {
                facts,
                signal,
                registrations,
            },
        ) => (
            StatusCode::OK,
            json!({
                "armed": true,
                "operator": facts.operator.as_ref().filter(|_| known),
                "signal_dbm": signal.filter(|_| known).map(Signal::dbm),
                "voice": facts.voice(&registrations).1,
                "clock": app.state.clock.doubt().map(|doubt| doubt.words()),
                "disk": disk,
            }),
        ),
        (reason, ModemState::Healing { rung, .. }) => (
            StatusCode::SERVICE_UNAVAILABLE,
            json!({
                "armed": false,
                "reason": reason,
                "disk": disk,
                "healing": rung.map(|rung| json!({
                    "rung": rung.token(),
                    "step": rung.number(),
                    "of": Rung::COUNT,
                })),
            }),
        ),
        (reason, _) => (
            StatusCode::SERVICE_UNAVAILABLE,
            json!({ "armed": false, "reason": reason, "disk": disk }),
        ),
    };
    let json = [(header::CONTENT_TYPE, "application/json")];
    (status, json, format!("{body}\n")).into_response()
}

/// What is wrong with the disk.
pub(super) fn disk(state: &State) -> Option<String> {
    let trouble = state.store.trouble();
    let trouble = trouble.borrow();
    trouble.as_ref().map(Trouble::words)
}

/// Why a call missed now would not be texted; `None` if it would.
pub(super) async fn hindrance(state: &State, modem: &ModemState) -> Option<String> {
    if let Some(reason) = modem.reason() {
        return Some(reason);
    }
    if let Some(until) = paused_until(state).await {
        return Some(format!(
            "Texts are paused until {until}, as texts.paused_until says."
        ));
    }
    match state.store.texts_left(state.clock.wall()).await {
        Ok(left) => {
            let (fence, _) = left.into_iter().find(|(_, left)| *left == 0)?;
            let why = match fence {
                Fence::Day => NONE_LEFT_TODAY,
                _ => NONE_LEFT,
            };
            Some(why.to_owned())
        }
        Err(error) => Some(error.to_string()),
    }
}

/// Until when the owner wants nobody texted, if that is still to come. Settings that cannot be read are told of otherwise.
async fn paused_until(state: &State) -> Option<Until> {
    let settings = state.store.settings().await.ok()?;
    let zone = settings
        .time_zone()
        .unwrap_or_else(|| state.store.zone().clone());
    let now = state.clock.wall().to_zoned(zone);
    settings.paused_until().filter(|until| !until.is_over(&now))
}
