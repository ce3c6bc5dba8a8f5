//! A browser as small as can be: HTTP/1.1 over a loopback socket, by hand, so that hosts, origins and streams are what the test
//! says they are.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Nothing here takes longer unless it is broken.
pub(crate) const SOON: Duration = Duration::from_secs(10);

pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        Self {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    /// One that comes more than once.
    pub(crate) fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        self.head.lines().skip(1).filter_map(move |line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// A request as a script would send it; add what a browser adds.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) host: &'a str,
    pub(crate) headers: &'a str,
    pub(crate) content_type: &'a str,
    pub(crate) body: &'a [u8],
}

impl Default for Request<'_> {
    fn default() -> Self {
        Self {
            method: "GET",
            path: "/",
            host: "127.0.0.1:8080",
            headers: "",
            content_type: "application/x-www-form-urlencoded",
            body: b"",
        }
    }
}

impl Request<'_> {
    async fn send(&self, address: SocketAddr) -> TcpStream {
        let Self {
            method,
            path,
            host,
            headers,
            content_type,
            body,
        } = self;
        let length = body.len();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\
             Content-Type: {content_type}\r\n{headers}\r\n"
        );
        // A server that refuses a body need not read all of it.
        let _ = stream.write_all(request.as_bytes()).await;
        let _ = stream.write_all(body).await;
        stream
    }

    pub(crate) async fn answer(&self, address: SocketAddr) -> Answer {
        Answer::parse(&self.read(address).await)
    }

    /// The head of an answer that is a file, and the file.
    pub(crate) async fn file(&self, address: SocketAddr) -> (String, Vec<u8>) {
        let bytes = self.read(address).await;
        let end = bytes.windows(4).position(|it| it == b"\r\n\r\n");
        let (head, body) = bytes.split_at(end.expect("a head") + 4);
        (String::from_utf8(head.to_vec()).unwrap(), body.to_vec())
    }

    async fn read(&self, address: SocketAddr) -> Vec<u8> {
        let mut stream = self.send(address).await;
        let mut bytes = Vec::new();
        let read = timeout(SOON, stream.read_to_end(&mut bytes)).await;
        read.expect("an answer soon").unwrap();
        bytes
    }

    /// An answer that goes on.
    pub(crate) async fn open(&self, address: SocketAddr) -> News {
        News {
            stream: self.send(address).await,
            read: String::new(),
        }
    }
}

/// A stream of server-sent events.
pub(crate) struct News {
    stream: TcpStream,
    read: String,
}

impl News {
    /// Waits until so many events have come in all.
    pub(crate) async fn wait_for(&mut self, events: usize) {
        let enough = async {
            while self.read.matches("data: changed").count() < events {
                assert!(self.more().await, "ended after {:?}", self.read);
            }
        };
        let waited = timeout(SOON, enough).await;
        waited.unwrap_or_else(|_| panic!("no {events} events in {:?}", self.read));
    }

    /// Whether the stream began, rather than being refused.
    pub(crate) async fn opened(&mut self) -> bool {
        while !self.read.contains("\r\n") {
            assert!(self.more().await, "no answer");
        }
        self.read.starts_with("HTTP/1.1 200")
    }

    /// Waits until the stream ends by itself.
    pub(crate) async fn end(mut self) {
        let end = async { while self.more().await {} };
        timeout(SOON, end).await.expect("the stream ends");
    }

    async fn more(&mut self) -> bool {
        let mut bytes = [0; 1024];
        let read = self.stream.read(&mut bytes).await.unwrap();
        self.read.push_str(&String::from_utf8_lossy(&bytes[..read]));
        read > 0
    }
}
