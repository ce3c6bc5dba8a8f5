//! (room `web`)
#![allow(missing_docs)]
use axum::{Router, extract::State as St, http::StatusCode, routing::get};
use std::{io, net::SocketAddr};
#[derive(Clone)]
pub struct State {
    pub store: crate::store::Store,
    pub modem: tokio::sync::watch::Receiver<crate::modem::ModemState>,
    pub clock: crate::clock::Clock,
    pub zone: jiff::tz::TimeZone,
    pub demo: bool,
}
pub fn check_listen_address(a: SocketAddr) -> anyhow::Result<()> {
    if a.ip().is_loopback() {
        Ok(())
    } else {
        anyhow::bail!("loopback only")
    }
}
pub async fn serve(
    l: tokio::net::TcpListener,
    state: State,
    stop: tokio_util::sync::CancellationToken,
) -> io::Result<()> {
    let app = Router::new()
        .route(
            "/healthz",
            get(|St(s): St<State>| async move {
                match s.modem.borrow().reason() {
                    None => (StatusCode::OK, "{}".to_owned()),
                    Some(r) => (StatusCode::SERVICE_UNAVAILABLE, r),
                }
            }),
        )
        .with_state(state);
    axum::serve(l, app)
        .with_graceful_shutdown(async move { stop.cancelled().await })
        .await
}
