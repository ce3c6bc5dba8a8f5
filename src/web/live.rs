//! News for open pages: a stream that says "changed" and nothing else (server-sent events). A page that hears it fetches
//! `/now`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract;
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio_util::sync::CancellationToken;

use super::App;
use crate::modem::ModemState;

/// Pause between two pieces of news: a call writes several rows within milliseconds, and one fetch shows them all.
const PAUSE: Duration = Duration::from_millis(250);

/// A page is told to look again after this long, news or not: at midnight "today" becomes "yesterday".
const LOOK_AGAIN: Duration = Duration::from_secs(10 * 60);

/// A comment is sent this often, so that a browser which left without a word is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// Seconds after which a page that was one too many may ask again.
const RETRY_AFTER_S: &str = "15";

/// `GET /events`.
pub(super) async fn events(extract::State(app): extract::State<App>) -> Response {
    let Ok(permit) = Arc::clone(&app.streams).try_acquire_owned() else {
        let retry = [(header::RETRY_AFTER, RETRY_AFTER_S)];
        let sentence = "Too many pages are open. This one looks for news by itself.\n";
        return (StatusCode::SERVICE_UNAVAILABLE, retry, sentence).into_response();
    };
    let news = News {
        store: app.state.store.changes(),
        modem: app.state.modem.clone(),
        stop: app.stop.clone(),
        greeted: false,
        _permit: permit,
    };
    let events = stream::unfold(news, |mut news| async move {
        // An event without data is not delivered (WHATWG HTML, 9.2.6).
        let event = Event::default().data("changed");
        news.next()
            .await
            .then_some((Ok::<_, Infallible>(event), news))
    });
    Sse::new(events)
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response()
}

struct News {
    store: watch::Receiver<u64>,
    modem: watch::Receiver<ModemState>,
    stop: CancellationToken,
    /// The first event comes at once: what changed while a page was not listening, it must learn now.
    greeted: bool,
    _permit: OwnedSemaphorePermit,
}

impl News {
    /// Waits for news; `false` when there will be no more. The stream has to end by itself when the box stops, for a
    /// server waits for its open answers.
    async fn next(&mut self) -> bool {
        if !self.greeted {
            self.greeted = true;
            self.store.mark_unchanged();
            self.modem.mark_unchanged();
            return !self.stop.is_cancelled();
        }
        let news = async {
            tokio::time::sleep(PAUSE).await;
            tokio::select! {
                () = tokio::time::sleep(LOOK_AGAIN) => true,
                changed = self.store.changed() => changed.is_ok(),
                changed = self.modem.changed() => changed.is_ok(),
            }
        };
        tokio::select! {
            () = self.stop.cancelled() => false,
            more = news => more,
        }
    }
}
