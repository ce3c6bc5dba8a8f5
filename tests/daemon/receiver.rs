//! Receivers of a story, on this machine: one that speaks HTTP and can be told to misbehave, and one that takes e-mail. Each has threads
//! of its own; tokio's paused clock stands still while the daemon waits for them.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What it does with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Takes it.
    Well,
    /// Hangs up without a word.
    Down,
    /// Says nothing and keeps the line.
    Slow,
    /// Answers this, whatever it is.
    Says(String),
    /// Answers 500 to what has this word in it, and takes the rest.
    Dislikes(&'static str),
    /// Takes it, and hangs up before it has said so.
    Forgets,
}

/// One request that it has read, whatever it answered.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// The head, in small letters but for the values.
    pub(crate) head: String,
    pub(crate) body: String,
    /// It was taken.
    pub(crate) taken: bool,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    mood: Arc<Mutex<Mood>>,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Receiver {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let receiver = Self {
            address: listener.local_addr().unwrap(),
            mood: Arc::new(Mutex::new(Mood::Well)),
            requests: Arc::default(),
        };
        let serving = receiver.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let serving = serving.clone();
                std::thread::spawn(move || serving.serve(&stream));
            }
        });
        receiver
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/calls", self.address)
    }

    pub(crate) fn becomes(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// All that it has read.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// What it has taken, each event once: as a receiver should, it knows those that it has by their ids.
    pub(crate) fn taken(&self) -> Vec<Request> {
        let mut requests = self.requests();
        let mut seen = HashSet::new();
        requests.retain(|request| {
            let id = request.header("webhook-id").map(str::to_owned);
            request.taken && id.is_none_or(|id| seen.insert(id))
        });
        requests
    }

    /// The kinds of the events that it has taken, in order, each with whom it is about.
    pub(crate) fn kinds(&self) -> Vec<String> {
        let kind = |request: &Request| {
            let json = request.json();
            let data = &json["data"];
            let whom = data["caller"].as_str().or(data["number"].as_str());
            let kind = json["type"].as_str().unwrap().to_owned();
            whom.map_or(kind.clone(), |whom| format!("{kind} {whom}"))
        };
        self.taken().iter().map(kind).collect()
    }

    fn serve(&self, mut stream: &TcpStream) {
        let mood = self.mood.lock().unwrap().clone();
        if mood == Mood::Down {
            return;
        }
        let Some(mut request) = read(stream) else {
            return;
        };
        let ok = "HTTP/1.1 204 No Content\r\n\r\n".to_owned();
        let no = "HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n".to_owned();
        let (taken, answer) = match mood {
            Mood::Well => (true, Some(ok)),
            Mood::Dislikes(word) if request.body.contains(word) => (false, Some(no)),
            Mood::Dislikes(_) => (true, Some(ok)),
            Mood::Says(answer) => (false, Some(answer)),
            Mood::Forgets => (true, None),
            Mood::Slow | Mood::Down => (false, None),
        };
        request.taken = taken;
        self.requests.lock().unwrap().push(request);
        match answer {
            Some(answer) => drop(stream.write_all(answer.as_bytes())),
            // Until the other side has had enough.
            None if !taken => drop(stream.read(&mut [0; 1])),
            None => {}
        }
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if lines.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    // A redirect that is followed has no body.
    let mut body = vec![0; length.unwrap_or("0").parse().ok()?];
    lines.read_exact(&mut body).ok()?;
    Some(Request {
        head,
        body: String::from_utf8(body).ok()?,
        taken: false,
    })
}

/// Takes e-mail in the clear, from anybody.
#[derive(Clone)]
pub(crate) struct MailServer {
    pub(crate) address: SocketAddr,
    /// What it was told, line by line, without the e-mails.
    pub(crate) commands: Arc<Mutex<Vec<String>>>,
    /// The e-mails.
    pub(crate) mails: Arc<Mutex<Vec<String>>>,
    /// What it answers to an e-mail; empty: nothing, until the other side has had enough.
    pub(crate) answer: Arc<Mutex<&'static str>>,
}

impl MailServer {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            commands: Arc::default(),
            mails: Arc::default(),
            answer: Arc::new(Mutex::new("250 taken")),
        };
        let serving = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let _ = serving.serve(&stream);
            }
        });
        server
    }

    fn serve(&self, mut stream: &TcpStream) -> std::io::Result<()> {
        let mut lines = BufReader::new(stream).lines();
        stream.write_all(b"220 a ESMTP\r\n")?;
        while let Some(command) = lines.next().transpose()? {
            self.commands.lock().unwrap().push(command.clone());
            let answer = match command.split(' ').next().unwrap_or_default() {
                "EHLO" => "250-a\r\n250 8BITMIME",
                "DATA" => {
                    stream.write_all(b"354 go on\r\n")?;
                    let body = lines
                        .by_ref()
                        .map_while(Result::ok)
                        .take_while(|line| line != ".");
                    let mail = body.collect::<Vec<_>>().join("\n");
                    let answer = *self.answer.lock().unwrap();
                    if answer.is_empty() {
                        // What it says on leaving, if it does.
                        lines.next();
                        return Ok(());
                    }
                    if answer.starts_with("250") {
                        self.mails.lock().unwrap().push(mail);
                    }
                    answer
                }
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            stream.write_all(format!("{answer}\r\n").as_bytes())?;
        }
        Ok(())
    }
}
