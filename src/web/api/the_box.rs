//! The box: whether it would text, modem and SIM, disk and clock, and who else is told.

use jiff::Timestamp;
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use axum::http::StatusCode;

use super::operations::{Answer, At, Done, Download, Json};
use super::problem::Problem;
use crate::events::Outlet;
use crate::modem::{ModemState, Signal};
use crate::store::{HealingRow, OutletView};
use crate::web::signal_day::{EVERY_MIN, Heard};
use crate::web::{App, box_page, health, support};

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Status {
    /// A call missed now would be texted.
    armed: bool,
    /// Why not.
    reason: Option<String>,
    /// Texts that the network has not taken yet.
    waiting: i64,
    /// What is wrong with the disk.
    disk: Option<String>,
    /// What speaks against the clock.
    clock: Option<String>,
    /// The name of the network.
    operator: Option<String>,
    /// In dBm.
    signal_dbm: Option<i16>,
    /// Whether calls ring here.
    voice: Option<&'static str>,
}

pub(super) async fn status(app: App, (): ()) -> Answer<Json<Status>> {
    let state = &app.state;
    let modem = state.modem.borrow().clone();
    let reason = health::hindrance(state, &modem).await;
    let (mut operator, mut signal_dbm, mut voice) = (None, None, None);
    if let ModemState::Armed {
        facts,
        signal,
        registrations,
    } = &modem
    {
        operator.clone_from(&facts.operator);
        signal_dbm = signal.map(Signal::dbm);
        voice = Some(facts.voice(registrations).1);
    }
    Ok(Json(Status {
        armed: reason.is_none(),
        reason,
        waiting: state.store.totals().await?.waiting,
        disk: health::disk(state),
        clock: state.clock.doubt().map(|doubt| doubt.words()),
        operator,
        signal_dbm,
        voice,
    }))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct TheBox {
    version: &'static str,
    modem: Option<Modem>,
    /// What was done for an ill modem, newest first.
    healings: Vec<Healing>,
    /// Bytes left on the disk.
    free_bytes: Option<u64>,
    /// Calls that were ever seen.
    calls: i64,
    /// Texts in and out.
    texts: i64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Modem {
    port: String,
    manufacturer: Option<String>,
    model: Option<String>,
    /// The firmware.
    revision: Option<String>,
    /// As the SIM has it.
    own_number: Option<String>,
    /// The number of the network's SMS centre.
    service_centre: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Healing {
    at: Timestamp,
    /// What was done.
    rung: String,
    /// What the modem did.
    why: String,
    /// `helped`, `useless`, or why it could not be done; null while nobody knows.
    outcome: Option<String>,
}

impl From<HealingRow> for Healing {
    fn from(row: HealingRow) -> Self {
        Self {
            at: row.at,
            rung: row.rung,
            why: row.why,
            outcome: row.outcome,
        }
    }
}

pub(super) async fn show(app: App, (): ()) -> Answer<Json<TheBox>> {
    let view = box_page::view(&app).await?;
    let modem = match &view.modem {
        ModemState::Armed { facts, .. } => Some(Modem {
            port: facts.port.clone(),
            manufacturer: facts.manufacturer.clone(),
            model: facts.model.clone(),
            revision: facts.revision.clone(),
            own_number: facts.own_number.clone(),
            service_centre: facts.service_centre.clone(),
        }),
        ModemState::Down { .. } | ModemState::BringingUp { .. } | ModemState::Healing { .. } => {
            None
        }
    };
    Ok(Json(TheBox {
        version: env!("CARGO_PKG_VERSION"),
        modem,
        healings: view.healings.into_iter().map(Healing::from).collect(),
        free_bytes: view.free,
        calls: view.totals.calls,
        texts: view.totals.texts,
    }))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Outlets {
    outlets: Vec<WayOut>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct WayOut {
    outlet: &'static str,
    /// Why nothing is sent there any more.
    stopped: Option<String>,
    delivered_at: Option<Timestamp>,
    /// How much waits.
    waiting: u32,
    /// What went wrong last.
    error: Option<String>,
    /// How many were given up.
    given_up: u32,
}

impl From<OutletView> for WayOut {
    fn from(view: OutletView) -> Self {
        Self {
            outlet: view.outlet.token(),
            stopped: view.stopped,
            delivered_at: view.delivered_at,
            waiting: view.waiting,
            error: view.error,
            given_up: view.given_up,
        }
    }
}

pub(super) async fn outlets(app: App, (): ()) -> Answer<Json<Outlets>> {
    let outlets = app.state.store.outlets().await?;
    Ok(Json(Outlets {
        outlets: outlets.into_iter().map(WayOut::from).collect(),
    }))
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Which {
    /// `webhook`, `push` or `mail`.
    outlet: String,
}

pub(super) async fn deliver_again(app: App, At(which): At<Which>) -> Answer<Done> {
    let outlet = Outlet::from_token(&which.outlet);
    let outlet = outlet.ok_or_else(|| Problem::not_found("there is no such way out"))?;
    let now = app.state.clock.wall();
    app.state.store.deliver_again(outlet, now).await?;
    Ok(Done)
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Signals {
    /// Minutes of one entry.
    every_min: usize,
    /// Of the last day, oldest first: the weakest in dBm, null where nothing is known, `lost` where there was no network.
    heard: Vec<Option<String>>,
}

pub(super) async fn signal(app: App, (): ()) -> Answer<Json<Signals>> {
    let heard = app.state.signals.until(app.state.clock.wall());
    let heard = heard.into_iter().map(|heard| match heard {
        Heard::Unknown => None,
        Heard::Nothing => Some("lost".to_owned()),
        Heard::Dbm(dbm) => Some(dbm.to_string()),
    });
    Ok(Json(Signals {
        every_min: EVERY_MIN,
        heard: heard.collect(),
    }))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Log {
    /// The newest since the program started, oldest first.
    lines: Vec<String>,
}

pub(super) async fn log(app: App, (): ()) -> Answer<Json<Log>> {
    Ok(Json(Log {
        lines: app.state.log.lines(),
    }))
}

pub(super) async fn backup(app: App, (): ()) -> Answer<Download> {
    match box_page::copy(&app).await {
        Ok(response) => Ok(Download(response)),
        Err(why) => Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, &why)),
    }
}

pub(super) async fn support_file(app: App, (): ()) -> Answer<Download> {
    let bundle = support::bundle(&app).await?;
    Ok(Download(box_page::support_file(bundle)))
}

pub(super) async fn restart(app: App, (): ()) -> Answer<Done> {
    match box_page::begin_anew(&app) {
        true => Ok(Done),
        false => Err(Problem::not_found(
            "this program cannot start anew by itself",
        )),
    }
}
