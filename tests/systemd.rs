//! What the real binary tells systemd, heard on a notification socket as systemd would open one; and the unit's numbers
//! against the program's.

use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A daemon that does not outlive a failed test.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Reads notifications until one line satisfies `wanted`; says what came instead if none does within half a minute.
fn wait_for(socket: &UnixDatagram, wanted: &str) {
    let mut heard = Vec::new();
    let mut bytes = [0; 1024];
    loop {
        let length = socket.recv(&mut bytes).unwrap_or_else(|error| {
            panic!("{wanted:?} never came ({error}), only {heard:?}");
        });
        let message = String::from_utf8_lossy(&bytes[..length]).into_owned();
        if message.lines().any(|line| line.starts_with(wanted)) {
            return;
        }
        heard.push(message);
    }
}

#[test]
fn it_is_ready_without_a_modem_says_what_is_missing_and_feeds_the_watchdog() {
    let dir = tempfile::tempdir().unwrap();
    let socket = UnixDatagram::bind(dir.path().join("notify")).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_textback"));
    command
        .args(["run", "--listen", "127.0.0.1:0", "--port"])
        .arg(dir.path().join("no-modem"))
        .arg("--data-dir")
        .arg(dir.path().join("data"))
        .env("NOTIFY_SOCKET", dir.path().join("notify"))
        .env("WATCHDOG_USEC", "200000")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut daemon = Daemon(command.spawn().unwrap());
    wait_for(&socket, "READY=1");
    wait_for(&socket, "STATUS=Cannot open");
    wait_for(&socket, "WATCHDOG=1");
    wait_for(&socket, "WATCHDOG=1");
    let terminated = Command::new("kill")
        .arg(daemon.0.id().to_string())
        .status()
        .unwrap();
    assert!(terminated.success());
    wait_for(&socket, "STOPPING=1");
    assert!(daemon.0.wait().unwrap().success());
}

/// The value of a setting in the unit.
fn unit(setting: &str) -> &'static str {
    let lines = include_str!("../systemd/textback.service").lines();
    let mut values = lines.filter_map(|line| line.strip_prefix(setting)?.strip_prefix('='));
    values
        .next()
        .unwrap_or_else(|| panic!("the unit has no {setting}"))
}

#[test]
fn the_unit_waits_for_the_program_to_stop_and_watches_it() {
    let stop_s: u64 = unit("TimeoutStopSec").parse().unwrap();
    assert!(
        Duration::from_secs(stop_s) > textback::service::STOPS_WITHIN,
        "killed in mid-stop"
    );
    let watchdog_s: u64 = unit("WatchdogSec").parse().unwrap();
    assert!((1..=60).contains(&watchdog_s));
    assert_eq!(unit("Type"), "notify");
    assert_eq!(unit("User"), "textback");
}
