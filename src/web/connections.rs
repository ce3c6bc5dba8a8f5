//! Connections: how many at once, and how long one may take to say what it wants. A thousand clients that send a byte a minute cost us
//! [`CONNECTIONS_MAX`] places for [`HEAD_WITHIN`], and nobody else anything.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::header;
use axum::middleware::from_fn;
use axum::response::Redirect;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use super::guard;
use super::tls::Identity;
use crate::delivery::is_private;

/// Connections at once: a household's browsers open six each. Those beyond wait for a place.
const CONNECTIONS_MAX: usize = 128;

/// How long the head of a request may take to come, from when the connection is there or its last answer gone.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// Bytes of a head at most. A browser's has some 2 KiB with all its cookies.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// How long open connections may take to finish when we stop.
const DRAIN_WITHIN: Duration = Duration::from_secs(2);

/// Pause after the system gave us no connection: it has no more files for us, and in a moment it may.
const PAUSE: Duration = Duration::from_secs(1);

/// The first byte of a client that speaks TLS: the record type of a handshake (RFC 8446, section 5.1). No method of HTTP begins with it.
const HANDSHAKE: u8 = 0x16;

/// What is served, and how.
#[derive(Clone)]
pub(super) struct Routers {
    pub(super) page: Router,
    /// With it the page is for those who speak TLS, and for this computer; others are shown the way.
    pub(super) tls: Option<Identity>,
}

/// Serves on `listener` until `stop`; each request knows its peer ([`ConnectInfo`]).
pub(super) async fn serve(listener: TcpListener, routers: Routers, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let connections = TaskTracker::new();
    while let Some((place, stream, peer)) = next(&listener, &places, &stop).await {
        let (routers, stop) = (routers.clone(), stop.clone());
        connections.spawn(async move {
            welcome(stream, peer, routers, stop).await;
            drop(place);
        });
    }
    drop(listener);
    connections.close();
    // A browser may hold an idle connection open for minutes.
    let _ = tokio::time::timeout(DRAIN_WITHIN, connections.wait()).await;
}

/// The next connection, once there is a place for it; nothing once we stop.
async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
    stop: &CancellationToken,
) -> Option<(OwnedSemaphorePermit, TcpStream, SocketAddr)> {
    let next = async {
        let place = Arc::clone(places).acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((stream, peer)) if !is_near(peer.ip(), stream.local_addr().ok()) => {
                    // Not louder: strangers must not be able to fill the log.
                    debug!(%peer, "somebody on the internet asked for the page, and got nothing: the page is for the network at home");
                }
                Ok((stream, peer)) => return Some((place, stream, peer)),
                Err(error) if is_the_client_s(&error) => {}
                Err(error) => {
                    warn!(%error, "the page could not take a connection; trying again in a second");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => None,
        next = next => next,
    }
}

/// Whether somebody is in the same network, whatever the router lets through. In IPv6 neighbours may have addresses of the internet too: those
/// that begin as ours does.
fn is_near(peer: IpAddr, local: Option<SocketAddr>) -> bool {
    let (peer, local) = (
        peer.to_canonical(),
        local.map(|local| local.ip().to_canonical()),
    );
    let same_network = match (peer, local) {
        (IpAddr::V6(peer), Some(IpAddr::V6(local))) => {
            peer.segments()[..4] == local.segments()[..4]
        }
        _ => false,
    };
    same_network || is_private(peer)
}

/// It went away before we came to it.
fn is_the_client_s(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}

/// Finds out what a client speaks, and serves it.
async fn welcome(stream: TcpStream, peer: SocketAddr, routers: Routers, stop: CancellationToken) {
    let Routers { page, tls } = routers;
    let Some(tls) = tls else {
        return converse(stream, peer, page, stop).await;
    };
    let encrypted = async {
        let mut first = [0];
        let length = stream.peek(&mut first).await?;
        Ok::<_, io::Error>(length == 1 && first[0] == HANDSHAKE)
    };
    match tokio::time::timeout(HEAD_WITHIN, encrypted).await {
        Ok(Ok(true)) => {
            let shaken = tokio::time::timeout(HEAD_WITHIN, tls.acceptor().accept(stream)).await;
            match shaken {
                Ok(Ok(stream)) => converse(stream, peer, page, stop).await,
                // A browser that has not yet been told to trust us hangs up.
                Ok(Err(error)) => debug!(%peer, %error, "no handshake"),
                Err(_) => debug!(%peer, "a handshake took too long"),
            }
        }
        Ok(Ok(false)) if peer.ip().to_canonical().is_loopback() => {
            converse(stream, peer, page, stop).await;
        }
        Ok(Ok(false)) => converse(stream, peer, the_way_to_tls(), stop).await,
        Ok(Err(error)) => debug!(%peer, %error, "a client went away before it said anything"),
        Err(_) => debug!(%peer, "a client said nothing"),
    }
}

/// Leads to the same address over TLS.
fn the_way_to_tls() -> Router {
    let lead = async |request: axum::extract::Request| {
        let host = request.headers().get(header::HOST);
        let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
        let path = request.uri().path_and_query();
        let path = path.map_or("/", |path| path.as_str());
        Redirect::permanent(&format!("https://{host}{path}"))
    };
    Router::new()
        .fallback(lead)
        .layer(from_fn(guard::own_host))
        .layer(from_fn(guard::headers))
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    peer: SocketAddr,
    router: Router,
    stop: CancellationToken,
) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        debug!(%error, "a connection to the page ended early");
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[test]
    fn the_page_is_for_the_network_at_home() {
        for (peer, local, near) in [
            ("127.0.0.1", "127.0.0.1:8080", true),
            ("192.168.1.7", "192.168.1.20:8080", true),
            ("::ffff:192.168.1.7", "[::ffff:192.168.1.20]:8080", true),
            ("10.8.0.2", "192.168.1.20:8080", true),
            ("8.8.8.8", "192.168.1.20:8080", false),
            ("::ffff:8.8.8.8", "[::ffff:192.168.1.20]:8080", false),
            ("::1", "[::1]:8080", true),
            ("fe80::7", "[fe80::20]:8080", true),
            ("fd00::7", "[fd00::20]:8080", true),
            ("2a00:1450:1:2::7", "[2a00:1450:1:2::20]:8080", true),
            ("2a00:1450:1:3::7", "[2a00:1450:1:2::20]:8080", false),
        ] {
            let found = is_near(peer.parse().unwrap(), local.parse().ok());
            assert_eq!(found, near, "{peer} to {local}");
        }
    }

    /// What a client gets that speaks plainly to a page with TLS, and comes from there.
    async fn plainly(peer: &str, host: &str) -> String {
        let dir = tempfile::tempdir().unwrap();
        let names = ["textback.local".to_owned()];
        let identity = Identity::of(dir.path(), &names, jiff::Timestamp::UNIX_EPOCH).unwrap();
        let routers = Routers {
            page: Router::new().fallback(async || "the page"),
            tls: Some(identity),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let request = format!("GET /box?x=1 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        client.write_all(request.as_bytes()).await.unwrap();
        let stop = CancellationToken::new();
        welcome(stream, peer.parse().unwrap(), routers, stop).await;
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn with_tls_others_are_shown_the_way_and_this_computer_is_served() {
        let lead = plainly("192.168.1.7:50000", "textback.local:8080").await;
        assert!(lead.starts_with("HTTP/1.1 308"), "{lead}");
        assert!(
            lead.contains("location: https://textback.local:8080/box?x=1\r\n"),
            "{lead}"
        );
        let strange = plainly("192.168.1.7:50000", "evil.example").await;
        assert!(strange.starts_with("HTTP/1.1 421"), "{strange}");
        let here = plainly("127.0.0.1:50000", "localhost:8080").await;
        assert!(here.ends_with("the page"), "{here}");
    }
}
