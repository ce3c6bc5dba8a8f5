//! What the first view of the page costs the box: the request of a browser that is signed in until the last byte of the answer, over a
//! loopback socket, with 100,000 calls and 20,000 replies in the store. And what it weighs, with all its assets.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark measures the machine's own time, prints it, and ends when anything is amiss"
)]

#[allow(dead_code, reason = "each benchmark uses its part")]
mod common;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use textback::clock::Clock;
use textback::modem::ModemState;
use textback::store::Store;
use textback::web;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

const PAST: u32 = 100_000;
const VIEWS: usize = 101;
const PATHS: [&str; 6] = [
    "/",
    "/conversations",
    "/people",
    "/settings",
    "/setup",
    "/access",
];

fn main() {
    let dir = common::directory().unwrap();
    let database = common::fill(dir.path(), PAST).unwrap();
    // Every fifth caller has answered.
    database
        .execute_batch(
            "INSERT INTO texts (direction, kind, number, body, state, parts, attempts, created_at)
             SELECT 'in', 'reply', number, 'My kitchen sink is leaking, can you come today?', 'received', 1, 0, created_at + 60000
             FROM texts WHERE id % 5 = 0",
        )
        .unwrap();
    drop(database);
    println!("{}", common::describe(dir.path()).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let stop = CancellationToken::new();
    let modem = watch::Sender::new(ModemState::default());
    let (listener, state, cookie) = runtime.block_on(async {
        let store = Store::open(dir.path()).unwrap();
        let clock = Clock::system();
        store.set_password("unused".to_owned()).await.unwrap();
        let session = store.begin_session(clock.wall()).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let state = web::State {
            store,
            modem: modem.subscribe(),
            clock,
            demo: false,
            signals: web::SignalDay::default(),
            sim_country: web::SimCountry::default(),
            log: web::LogTail::default(),
            restart: Some(CancellationToken::new()),
            tls: None,
            name: None,
        };
        (
            listener,
            state,
            format!("Cookie: textback_session={session}\r\n"),
        )
    });
    let address = listener.local_addr().unwrap();
    let serving = stop.clone();
    let server = std::thread::spawn(move || runtime.block_on(web::serve(listener, state, serving)));
    let first = view(address, "/", &cookie);
    let assets: usize = first
        .split('"')
        .filter(|text| text.starts_with("/assets/"))
        .map(|path| view(address, path, &cookie).len())
        .sum();
    println!(
        "first view: {} bytes, its assets {assets} bytes, heads included",
        first.len()
    );
    for path in PATHS {
        let mut each: Vec<f64> = (0..VIEWS)
            .map(|_| {
                let begun = Instant::now();
                view(address, path, &cookie);
                begun.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        each.sort_by(f64::total_cmp);
        println!(
            "{path}: median {:.1} ms, slowest of {VIEWS} {:.1} ms",
            each[VIEWS / 2],
            each[VIEWS - 1]
        );
    }
    stop.cancel();
    server.join().unwrap();
}

fn view(address: SocketAddr, path: &str, cookie: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAccept: text/html\r\n{cookie}\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let ok = ["HTTP/1.1 200", "HTTP/1.1 303"]
        .iter()
        .any(|status| answer.starts_with(status));
    assert!(ok, "{path}: {answer}");
    answer
}
