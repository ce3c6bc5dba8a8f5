//! The door of the program itself: the code that it prints, `textback password`, and a thousand clients that never say what they want.

use super::*;
use station::{PASSWORD, set_password};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// Clients at once; the program serves 128 and lets the others wait.
const SLOW_CLIENTS: usize = 1000;

#[tokio::test]
async fn the_code_is_printed_until_a_password_is_set() {
    let station = Station::new();
    let data = station.data();
    let daemon = station.armed().await;
    let (status, body) = daemon.get("/").await.unwrap();
    assert_eq!(status, 401, "{body}");
    let code = run(&["password", "--code", "--data-dir", &data]).await;
    assert_eq!(code.code, 0, "{}", code.err);
    let code = code.out.trim().to_owned();
    assert!(
        daemon.said().contains(&format!("with the code {code}")),
        "{}",
        daemon.said()
    );

    let (status, said) = set_password(&data, "too short");
    assert_eq!(status, 2, "{said}");
    assert!(
        said.contains("at least 10 characters") && said.contains("nothing was changed"),
        "{said}"
    );
    assert_eq!(
        run(&["password", "--code", "--data-dir", &data]).await.code,
        0
    );
    let (status, said) = set_password(&data, PASSWORD);
    assert_eq!(
        (status, said.contains("The password is set.")),
        (0, true),
        "{said}"
    );
    let code = run(&["password", "--code", "--data-dir", &data]).await;
    assert_eq!(code.code, 1, "{}", code.out);
    assert!(
        code.err.contains("a password is set already"),
        "{}",
        code.err
    );

    // The daemon that runs knows it at once.
    let cookie = daemon.sign_in().await;
    let (status, ..) = daemon.ask("GET", "/", &cookie, "").await.unwrap();
    assert_eq!(status, 200);
    assert_eq!(
        daemon.post("/sign-in", "password=another").await.unwrap().0,
        403
    );
    drop(daemon);
    let again = station.armed().await;
    assert!(!again.said().contains("with the code"), "{}", again.said());
}

#[tokio::test]
async fn the_page_has_the_program_start_anew() {
    let station = Station::new();
    let daemon = station.armed().await;
    set_password(&station.data(), PASSWORD);
    let cookie = daemon.sign_in().await;
    let stranger = daemon.ask("POST", "/box/restart", "", "").await;
    assert_eq!(stranger.unwrap().0, 401);
    let asked = daemon.ask("POST", "/box/restart", &cookie, "").await;
    let (status, ..) = asked.unwrap();
    assert_eq!(status, 200);
    until("it has started again", async || {
        let started = daemon.said().matches("textback starts").count();
        (started == 2).then_some(())
    })
    .await;
    // The same process, with the modem in its hands once more.
    assert_eq!(station.missed(ANNA).await, "texted");
    assert_eq!(station.sim.wait_sent(1).await[0].to, ANNA);
}

#[tokio::test]
async fn a_page_with_tls_says_how_to_know_it_and_this_computer_asks_without() {
    let station = Station::new();
    let config = station.path("textback.toml");
    fs::write(&config, "web = { tls = true, name = \"office\" }\n").unwrap();
    let daemon = station.daemon_with(&["--config", &config]).await;
    daemon.health(200).await;
    let certificate = format!("{}/page-certificate.pem", station.data());
    let pem = fs::read_to_string(certificate).unwrap();
    assert!(pem.contains("holds until"), "{pem}");
    let said = daemon.said();
    let (_, fingerprint) = said.split_once("fingerprint=").expect("the log tells");
    assert_eq!(
        fingerprint
            .split(['"', '\n', ' '])
            .find(|it| it.contains(':'))
            .unwrap()
            .len(),
        95
    );
    assert!(
        !said.contains("found by this name"),
        "this computer needs no name for itself: {said}"
    );
}

#[tokio::test]
async fn the_demo_is_for_this_computer_alone() {
    let demo = run(&["demo", "--listen", "0.0.0.0:0"]).await;
    assert_eq!(demo.code, 2);
    assert!(
        demo.err.contains("the demo asks for no password"),
        "{}",
        demo.err
    );
}

#[tokio::test]
async fn a_thousand_slow_clients_hold_up_no_text() {
    // As many files as that are open on this side.
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let more = rustix::process::Rlimit {
        current: limit.maximum,
        ..limit
    };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, more).unwrap();
    let station = Station::new();
    let daemon = station.armed().await;
    let mut clients = Vec::new();
    for _ in 0..SLOW_CLIENTS {
        let mut client = TcpStream::connect(daemon.address()).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nHost: ").await.unwrap();
        clients.push(client);
    }
    assert_eq!(station.missed(ANNA).await, "texted");
    assert_eq!(station.missed(BEN).await, "texted");
    let sent = station.sim.wait_sent(2).await;
    assert_eq!((sent[0].to.as_str(), sent[1].to.as_str()), (ANNA, BEN));
    // Those whose time is over make place for those behind them, and once they are gone, everybody is served again.
    until("the first of them is cut off", async || {
        let closed = clients[0].try_read(&mut [0; 256]);
        matches!(closed, Ok(0) | Err(_))
            .then_some(())
            .filter(|()| !would_block(&closed))
    })
    .await;
    drop(clients);
    daemon.health(200).await;
}

fn would_block(read: &std::io::Result<usize>) -> bool {
    matches!(read, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
}
