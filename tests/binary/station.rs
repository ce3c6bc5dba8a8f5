//! What the program stands on in these tests: a directory, a simulated modem behind a pseudo-terminal in it, and the process itself.

use std::fs::{self, File};
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use textback::clock::Clock;
use textback::sim::{Caller, Options, Sim};
use textback::store::read_everything;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// Nothing here takes so long unless it is broken, however busy the machine.
const TOO_LONG: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Waits until `look` finds something.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            match look().await {
                Some(found) => return found,
                None => sleep(LOOK_EVERY).await,
            }
        }
    };
    let found = timeout(TOO_LONG, looking).await;
    found.unwrap_or_else(|_| panic!("waited in vain until {what}"))
}

/// Closes what the program would inherit and becomes the program: serialport opens pseudo-terminals without `O_CLOEXEC`, and a
/// program that holds the modem's end of its own line never sees it go.
const CLOSE_AND_EXEC: &str = r#"for fd in /proc/self/fd/*; do fd=${fd##*/}; ((fd > 2)) && eval "exec $fd>&-"; done; exec "$0" "$@""#;

/// The program, without what the machine it is tested on would tell it.
pub(crate) fn textback<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new("bash");
    command.args(["-c", CLOSE_AND_EXEC, env!("CARGO_BIN_EXE_textback")]);
    command.args(arguments).stdin(Stdio::null());
    for variable in ["TEXTBACK_LOG", "JOURNAL_STREAM", "NOTIFY_SOCKET"] {
        command.env_remove(variable);
    }
    command
}

/// What the page is opened with.
pub(crate) const PASSWORD: &str = "three wet socks";

/// Types this into `textback password`; its exit code, and what it said.
pub(crate) fn set_password(data: &str, typed: &str) -> (i32, String) {
    let mut child = textback(["password", "--data-dir", data])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{typed}").unwrap();
    drop(stdin);
    let ended = child.wait_with_output().unwrap();
    let said = [ended.stdout, ended.stderr].concat();
    (
        ended.status.code().unwrap(),
        String::from_utf8(said).unwrap(),
    )
}

/// How a command ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs the program to its end, while the simulated modem goes on.
pub(crate) async fn run(arguments: &[&str]) -> Ended {
    let dir = tempfile::tempdir().unwrap();
    let mut process = Process::start(dir.path(), arguments.iter().copied());
    let status = until("it ends", async || process.child.try_wait().unwrap()).await;
    Ended {
        code: status.code().expect("an exit code"),
        out: fs::read_to_string(&process.out).unwrap(),
        err: fs::read_to_string(&process.err).unwrap(),
    }
}

pub(crate) struct Station {
    pub(crate) sim: Sim,
    pub(crate) dir: TempDir,
}

impl Station {
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    /// With a special modem, in a network whose clock is right.
    pub(crate) fn with(options: Options) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let sim = Sim::new(Options {
            started_at: Clock::system().wall(),
            ..options
        });
        sim.pty(&dir.path().join("modem")).unwrap();
        Self { sim, dir }
    }

    /// Runs `textback check` on this modem and this data directory.
    pub(crate) async fn check(&self, arguments: &[&str]) -> Ended {
        let config = self.path("textback.toml");
        let (port, data) = (self.path("modem"), self.path(""));
        let text = format!("modem.port = {port:?}\ndata.dir = {data:?}\n");
        fs::write(&config, text).unwrap();
        let arguments = [&["check", "--config", &config], arguments].concat();
        run(&arguments).await
    }

    pub(crate) fn path(&self, name: &str) -> String {
        let path = self.dir.path().join(name);
        path.to_str().unwrap().to_owned()
    }

    /// Starts `textback run` on a free port.
    pub(crate) async fn daemon(&self) -> Process {
        self.daemon_with(&[]).await
    }

    /// The same with more arguments.
    pub(crate) async fn daemon_with(&self, more: &[&str]) -> Process {
        self.daemon_at("127.0.0.1:0", more).await
    }

    /// The same with its page at this address.
    pub(crate) async fn daemon_at(&self, listen: &str, more: &[&str]) -> Process {
        let (port, data) = (self.path("modem"), self.data());
        let arguments = [
            "run",
            "--port",
            &port,
            "--data-dir",
            &data,
            "--listen",
            listen,
        ]
        .into_iter();
        let process = Process::start(self.dir.path(), arguments.chain(more.iter().copied()));
        process.listens("page=", ' ').await
    }

    /// Starts it and waits until it would text.
    pub(crate) async fn armed(&self) -> Process {
        let process = self.daemon().await;
        process.health(200).await;
        process
    }

    pub(crate) fn data(&self) -> String {
        self.path("data")
    }

    /// Somebody calls and gives up; waits for what became of it.
    pub(crate) async fn missed(&self, number: &str) -> String {
        let calls = || read_everything(Path::new(&self.data())).unwrap().calls;
        let before = calls().len();
        let caller = Caller::new(number).rings_for(Duration::from_millis(300));
        self.sim.call(caller).ended().await;
        until("the call is decided", async || {
            let call = calls().into_iter().nth(before)?;
            match (call.outcome, call.reason) {
                ("pending", _) => None,
                (outcome, None) => Some(outcome.to_owned()),
                (outcome, Some(reason)) => Some(format!("{outcome}/{reason}")),
            }
        })
        .await
    }
}

/// A running textback; killed when the test ends.
pub(crate) struct Process {
    child: Child,
    out: PathBuf,
    err: PathBuf,
    address: SocketAddr,
}

impl Process {
    pub(crate) fn start<'a>(dir: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        let (out, err) = (dir.join("out"), dir.join("err"));
        let child = textback(arguments)
            .stdout(File::create(&out).unwrap())
            .stderr(File::create(&err).unwrap())
            .spawn()
            .unwrap();
        Self {
            child,
            out,
            err,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
        }
    }

    /// Reads its address, which stands between `before` and `after` in what it says.
    pub(crate) async fn listens(mut self, before: &str, after: char) -> Self {
        self.address = until("it says where it listens", async || {
            let said = self.said();
            let (_, rest) = said.split_once(before)?;
            let (address, _) = rest.split_once(after)?;
            Some(address.parse().unwrap())
        })
        .await;
        self
    }

    /// Everything it has said so far.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(&self.out).unwrap() + &fs::read_to_string(&self.err).unwrap()
    }

    /// What `/healthz` says once its status is this one.
    pub(crate) async fn health(&self, status: u16) -> serde_json::Value {
        until(&format!("/healthz says {status}"), async || {
            let (found, body) = self.get("/healthz").await?;
            (found == status).then(|| serde_json::from_str(&body).unwrap())
        })
        .await
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Status and body; `None` while nobody listens.
    pub(crate) async fn get(&self, path: &str) -> Option<(u16, String)> {
        let (status, _, body) = self.ask("GET", path, "", "").await?;
        Some((status, body))
    }

    /// The same for a form, as our own page sends it.
    pub(crate) async fn post(&self, path: &str, form: &str) -> Option<(u16, String)> {
        let (status, _, body) = self.ask("POST", path, "", form).await?;
        Some((status, body))
    }

    /// The line that a browser sends once it has signed in with [`PASSWORD`].
    pub(crate) async fn sign_in(&self) -> String {
        let form = format!("password={}", PASSWORD.replace(' ', "+"));
        let signed_in = self.ask("POST", "/sign-in", "", &form).await;
        let (status, head, body) = signed_in.expect("an answer");
        assert_eq!(status, 303, "{body}");
        let cookie = head.split("set-cookie: ").nth(1).expect("a cookie");
        format!("Cookie: {}\r\n", cookie.split(';').next().unwrap())
    }

    /// Status, head and body.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        form: &str,
    ) -> Option<(u16, String, String)> {
        let mut stream = TcpStream::connect(self.address).await.ok()?;
        let (host, length) = (self.address, form.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nConnection: close\r\nContent-Length: {length}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n{headers}\r\n{form}"
        );
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, head.to_owned(), body.to_owned()))
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and how it ends then.
    pub(crate) async fn terminate(&mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        let killed = Command::new("kill").arg(pid).status().unwrap();
        assert!(killed.success());
        until("it stops", async || self.child.try_wait().unwrap()).await
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
