//! The box itself: modem and SIM, its signal, what was done for an ill modem, disk, clock, log and version; a copy of everything to keep,
//! what to send in with a question, and a new start.

use std::fs::File;
use std::io::Read;

use axum::body::{Body, Bytes};
use axum::extract;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tracing::info;

use super::message::unavailable;
use super::page::the_box::{self as view, View};
use super::reader::Reader;
use super::{App, health, support};
use crate::store::StoreError;

/// Bytes of a copy that are read at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// Steps of the ladder that are shown.
const HEALINGS_SHOWN: u32 = 20;

/// `GET /box`.
pub(super) async fn show(extract::State(app): extract::State<App>) -> Response {
    match view(&app).await {
        Ok(shown) => view::page(&shown).into_response(),
        Err(error) => unavailable(&error),
    }
}

/// `GET /box/now`: what changes by itself.
pub(super) async fn now(extract::State(app): extract::State<App>) -> Response {
    match view(&app).await {
        Ok(shown) => view::live(&shown).into_response(),
        Err(error) => unavailable(&error),
    }
}

/// All that there is to show.
pub(super) async fn view(app: &App) -> Result<View, StoreError> {
    let state = &app.state;
    let modem = state.modem.borrow().clone();
    Ok(View {
        reader: Reader::of(app).await,
        modem,
        healings: state.store.healings(HEALINGS_SHOWN).await?,
        totals: state.store.totals().await?,
        disk: health::disk(state),
        free: state.store.free_bytes().ok(),
        clock: state.clock.doubt().map(|doubt| doubt.words()),
        signal: state.signals.until(state.clock.wall()),
        log: state.log.lines(),
        fingerprint: state.tls.as_ref().map(|tls| tls.fingerprint.clone()),
        may_restart: state.restart.is_some(),
    })
}

/// `POST /box/backup`: a copy of the database as it is now.
pub(super) async fn backup(extract::State(app): extract::State<App>) -> Response {
    match copy(&app).await {
        Ok(response) => response,
        Err(why) => {
            let why = Reader::of(&app).await.retell(&why);
            (StatusCode::SERVICE_UNAVAILABLE, why).into_response()
        }
    }
}

/// The copy as a file to keep, or why there is none.
pub(super) async fn copy(app: &App) -> Result<Response, String> {
    let Ok(copying) = app.copying.clone().try_acquire_owned() else {
        return Err("a copy is just being made; try again in a minute".to_owned());
    };
    let store = app.state.store.clone();
    // Who gives up waiting does not end the copy: until it is made there can be no other.
    let copied = tokio::spawn(async move {
        let copied = store.copy().await;
        drop(copying);
        copied
    });
    let copied = copied.await.map_err(|error| error.to_string())?;
    let (file, bytes) = copied.map_err(|error| error.to_string())?;
    let name = format!(
        "textback-{}.db",
        app.state.clock.wall().strftime("%Y-%m-%d")
    );
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, attachment(&name)),
        (header::CONTENT_LENGTH, bytes.to_string()),
    ];
    let chunks = stream::unfold(Some(file), |file| async { next_chunk(file?).await });
    Ok((headers, Body::from_stream(chunks)).into_response())
}

/// The next piece of a file, read beside the event loop.
async fn next_chunk(mut file: File) -> Option<(std::io::Result<Bytes>, Option<File>)> {
    let read = tokio::task::spawn_blocking(move || {
        let mut chunk = vec![0; CHUNK_BYTES];
        let read = file.read(&mut chunk);
        (read, chunk, file)
    });
    match read.await.ok()? {
        (Ok(0), ..) => None,
        (Ok(read), mut chunk, file) => {
            chunk.truncate(read);
            Some((Ok(chunk.into()), Some(file)))
        }
        (Err(error), ..) => Some((Err(error), None)),
    }
}

/// What has a browser keep an answer as a file of this name.
fn attachment(name: &str) -> String {
    format!("attachment; filename=\"{name}\"")
}

/// `POST /box/support`: what to send in with a question, to be read before it is sent.
pub(super) async fn support(extract::State(app): extract::State<App>) -> Response {
    match support::bundle(&app).await {
        Ok(bundle) => support_file(bundle),
        Err(error) => unavailable(&error),
    }
}

pub(super) fn support_file(bundle: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            attachment("textback-support.txt"),
        ),
    ];
    (headers, bundle).into_response()
}

/// `POST /box/restart`.
pub(super) async fn restart(extract::State(app): extract::State<App>) -> Response {
    match begin_anew(&app) {
        true => view::restarting(&Reader::of(&app).await).into_response(),
        false => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Has the program start anew; false where it cannot.
pub(super) fn begin_anew(app: &App) -> bool {
    let Some(restart) = &app.state.restart else {
        return false;
    };
    info!("somebody at the page asks for a new start");
    restart.cancel();
    true
}
