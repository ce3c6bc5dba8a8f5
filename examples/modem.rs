//! A simulated modem on a pseudo-terminal, with callers, for programs that drive the real daemon from outside (`tests/counterparts`):
//! `cargo run --example modem PATH`. It does what it reads, a JSON list a line, and answers each with a line:
//!
//! | read | done | answered |
//! |---|---|---|
//! | `["call", "+12025550143"]` | somebody calls and gives up soon | `[]` once the call is over |
//! | `["text", "+12025550143", "My sink leaks"]` | somebody sends a text | `[]` |
//! | `["sent", 2]` | waits until the network has taken two parts of texts in all | each as `[to, text]` |
//!
//! It ends with its input.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::io::{BufRead, stdin};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use textback::clock::Clock;
use textback::sim::{Caller, Options, Sim};
use tokio::sync::mpsc;

/// How long a caller waits: one ring, so that nobody waits for the tests.
const A_RING: Duration = Duration::from_millis(300);

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("name the port's path")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (lines, mut read) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in stdin().lock().lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
    runtime.block_on(async {
        let sim = Sim::new(Options {
            started_at: Clock::system().wall(),
            ..Options::default()
        });
        sim.pty(Path::new(&path))?;
        while let Some(line) = read.recv().await {
            println!("{}", act(&sim, &line).await?);
        }
        Ok(())
    })
}

async fn act(sim: &Sim, line: &str) -> Result<Value, Box<dyn Error>> {
    let wanted: Vec<Value> = serde_json::from_str(line)?;
    let words: Vec<&str> = wanted.iter().filter_map(Value::as_str).collect();
    let numbers: Vec<u64> = wanted.iter().filter_map(Value::as_u64).collect();
    match (words.as_slice(), numbers.as_slice()) {
        (["call", number], []) => {
            let caller = Caller::new(number).rings_for(A_RING);
            sim.call(caller).ended().await;
            Ok(json!([]))
        }
        (["text", number, text], []) => {
            sim.text_in(number, text)?;
            Ok(json!([]))
        }
        (["sent"], [count]) => {
            let sent = sim.wait_sent(usize::try_from(*count)?).await;
            let each = sent.iter().map(|part| json!([part.to, part.text]));
            Ok(each.collect())
        }
        _ => Err(format!("not understood: {line}").into()),
    }
}
