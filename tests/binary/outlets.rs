//! The program with a receiver that takes a request and says nothing: its ten seconds are nobody else's.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

#[tokio::test]
async fn a_receiver_that_says_nothing_holds_up_neither_texts_nor_the_stop() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (asked, left) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counts_asked, counts_left) = (Arc::clone(&asked), Arc::clone(&left));
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let _ = BufReader::new(&stream).read_line(&mut String::new());
            counts_asked.fetch_add(1, Ordering::SeqCst);
            let _ = (&stream).read_to_end(&mut Vec::new());
            counts_left.fetch_add(1, Ordering::SeqCst);
        }
    });
    let station = Station::new();
    let (config, secret) = (station.path("textback.toml"), station.path("secret"));
    fs::write(&secret, "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let text = format!(
        "outlets.allow_private = true\nwebhook = {{ url = {url:?}, secret_file = {secret:?} }}\n"
    );
    fs::write(&config, text).unwrap();

    let mut daemon = station.daemon_with(&["--config", &config]).await;
    daemon.health(200).await;
    assert_eq!(station.missed(ANNA).await, "texted");
    let asked_once = async || (asked.load(Ordering::SeqCst) == 1).then_some(());
    until("the receiver is asked", asked_once).await;
    assert_eq!(station.missed(BEN).await, "texted");
    let sent = station.sim.wait_sent(2).await;
    assert_eq!((sent[0].to.as_str(), sent[1].to.as_str()), (ANNA, BEN));
    let gone = left.load(Ordering::SeqCst);
    assert_eq!(gone, 0, "both texts left while it was waited for");
    daemon.health(200).await;
    let stopped = timeout(Duration::from_secs(5), daemon.terminate()).await;
    assert!(stopped.expect("it does not wait for an answer").success());
    assert_eq!(asked.load(Ordering::SeqCst), 1, "one request at a time");
    until("the line is closed", async || {
        (left.load(Ordering::SeqCst) == 1).then_some(())
    })
    .await;
    assert!(!daemon.said().contains("whsec_"), "{}", daemon.said());
}
