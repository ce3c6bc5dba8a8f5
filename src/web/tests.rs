//! What depends on where a request comes from: tests over sockets have loopback alone.

use std::net::SocketAddr;

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

use super::*;
use futures_util::FutureExt;

use crate::modem::{Facts, Registrations, Signal};

const LAPTOP: &str = "192.168.1.7:50000";

async fn ask(
    router: &Router,
    path: &str,
    peer: &str,
    headers: &[(&str, &str)],
) -> (StatusCode, String) {
    let mut request = Request::get(path).header("Host", "192.168.1.20:8080");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::empty()).unwrap();
    let peer: SocketAddr = peer.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    let service = TowerToHyperService::new(router.clone());
    let answer = service.call(request).await.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn state(store: Store) -> State {
    State {
        store,
        modem: watch::Sender::new(ModemState::default()).subscribe(),
        clock: Clock::system(),
        demo: false,
        signals: SignalDay::default(),
        sim_country: SimCountry::default(),
        log: LogTail::default(),
        restart: None,
        tls: None,
        name: None,
    }
}

#[tokio::test]
async fn who_is_in_the_network_learns_whether_the_box_is_armed_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    store.set_password("hash".to_owned()).await.unwrap();
    let clock = Clock::system();
    let token = store
        .make_token("graphs", clock.wall())
        .await
        .unwrap()
        .unwrap();
    let bearer = format!("Bearer {token}");
    let facts = Facts {
        operator: Some("Example Mobile".to_owned()),
        ..Facts::default()
    };
    let modem = watch::Sender::new(ModemState::Armed {
        facts: Arc::new(facts),
        signal: Some(Signal { rssi: 20 }),
        registrations: Registrations::default(),
    });
    let state = State {
        modem: modem.subscribe(),
        ..state(store)
    };
    let router = router(state, CancellationToken::new());

    let (status, told) = ask(&router, "/healthz", LAPTOP, &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert!(told.contains("\"armed\":true"), "{told}");
    assert!(
        !told.contains("Example Mobile") && !told.contains("-73"),
        "{told}"
    );
    for (peer, headers) in [
        ("127.0.0.1:50000", vec![]),
        ("[::ffff:127.0.0.1]:50000", vec![]),
        (LAPTOP, vec![("Authorization", bearer.as_str())]),
    ] {
        let (_, told) = ask(&router, "/healthz", peer, &headers).await;
        assert!(
            told.contains("Example Mobile") && told.contains("-73"),
            "{peer}: {told}"
        );
        let (status, told) = ask(&router, "/metrics", peer, &headers).await;
        assert_eq!(status, StatusCode::OK, "{peer}");
        assert!(told.contains("textback_armed 1"), "{peer}: {told}");
    }
    let (status, told) = ask(&router, "/metrics", LAPTOP, &[]).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(!told.contains("textback_"), "{told}");
    // Behind the door this computer is anybody.
    let (status, _) = ask(&router, "/now", "127.0.0.1:50000", &[]).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_copy_that_nobody_waits_for_is_made_before_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let app = App {
        state: state(Store::open(dir.path()).unwrap()),
        door: Arc::default(),
        streams: Arc::new(Semaphore::new(STREAMS_MAX)),
        copying: Arc::new(Semaphore::new(1)),
        stop: CancellationToken::new(),
    };
    let given_up = box_page::copy(&app).now_or_never();
    assert!(given_up.is_none(), "a copy takes its time");
    let why = box_page::copy(&app).await.unwrap_err();
    assert!(why.contains("just being made"), "{why}");
    while app.copying.available_permits() == 0 {
        tokio::task::yield_now().await;
    }
    box_page::copy(&app).await.unwrap();
}
