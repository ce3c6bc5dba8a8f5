//! One POST to receivers of every kind, on this machine.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use super::*;

const NEAR: Limits = Limits {
    allow_private: true,
    within: Duration::from_millis(300),
};

/// Takes one request, answers with these bytes and gives what came; without an answer it holds the line for a while.
fn receiver(answer: Option<Vec<u8>>) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/calls", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(&stream);
        let mut request = String::new();
        while !request.ends_with("\r\n\r\n") {
            lines.read_line(&mut request).unwrap();
        }
        let length = request
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.unwrap().parse().unwrap()];
        lines.read_exact(&mut body).unwrap();
        request.push_str(&String::from_utf8(body).unwrap());
        match answer {
            // The other side may have hung up: that is part of the test.
            Some(answer) => drop((&stream).write_all(&answer)),
            None => drop((&stream).read(&mut [0; 1])),
        }
        request
    });
    (url, served)
}

fn told(answer: &str) -> Outcome {
    let (url, served) = receiver(Some(answer.as_bytes().to_vec()));
    let outcome = post(&url, &[("webhook-id", "msg_1".to_owned())], "{}", NEAR);
    served.join().unwrap();
    outcome
}

#[test]
fn a_request_has_its_headers_and_its_body_and_nothing_that_it_should_not_have() {
    let (url, served) = receiver(Some(
        b"HTTP/1.1 204 No Content\r\nset-cookie: a=b\r\n\r\n".to_vec(),
    ));
    let outcome = post(
        &url,
        &[("webhook-id", "msg_1".to_owned())],
        "{\"a\":1}",
        NEAR,
    );
    assert_eq!(outcome, Outcome::Taken);
    let request = served.join().unwrap();
    assert!(request.starts_with("POST /calls HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("\r\nwebhook-id: msg_1\r\n"), "{request}");
    assert!(request.contains("\r\nuser-agent: textback/"), "{request}");
    assert!(request.ends_with("\r\n\r\n{\"a\":1}"), "{request}");
    for header in ["cookie", "authorization", "referer"] {
        assert!(!request.contains(header), "{request}");
    }
}

#[test]
fn a_status_says_what_becomes_of_it() {
    let refused = |outcome: &Outcome| matches!(outcome, Outcome::Refused(_));
    for status in [200, 201, 204, 299] {
        assert_eq!(judge(status), Outcome::Taken, "{status}");
    }
    for status in [
        301, 302, 307, 308, 400, 401, 403, 404, 422, 500, 501, 505, 999, 100,
    ] {
        assert!(refused(&judge(status)), "{status}");
    }
    for status in [408, 429, 502, 503, 504] {
        assert!(matches!(judge(status), Outcome::Away(_)), "{status}");
    }
    assert!(matches!(judge(410), Outcome::Gone(_)));
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let address = elsewhere.local_addr().unwrap();
    let answer =
        format!("HTTP/1.1 307 Moved\r\nlocation: http://{address}/\r\ncontent-length: 0\r\n\r\n");
    let outcome = told(&answer);
    assert!(
        matches!(&outcome, Outcome::Refused(why) if why.contains("not followed")),
        "{outcome:?}"
    );
    assert!(elsewhere.accept().is_err(), "nobody came there");
}

#[test]
fn nonsense_is_no_yes() {
    let endless = format!("HTTP/1.1 200 OK\r\nx: {}", "a".repeat(HEAD_BYTES_MAX * 4));
    for answer in [
        "\0\0\0\r\n\r\n",
        "220 mail.example.com ESMTP\r\n",
        "HTTP/9.9 200 OK\r\n\r\n",
        "",
        &endless,
    ] {
        let outcome = told(answer);
        assert!(
            matches!(outcome, Outcome::Refused(_) | Outcome::Away(_)),
            "{outcome:?}"
        );
    }
}

/// The status counts; what follows it is not read, however much it is.
#[test]
fn an_answer_without_an_end_is_not_read() {
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n".to_vec();
    answer.extend(vec![b'x'; 4 * 1024 * 1024]);
    let (url, served) = receiver(Some(answer));
    assert_eq!(post(&url, &[], "{}", NEAR), Outcome::Taken);
    served.join().unwrap();
}

#[test]
fn who_does_not_answer_in_time_is_away() {
    let (url, served) = receiver(None);
    let limits = Limits {
        within: Duration::from_millis(50),
        ..NEAR
    };
    assert_eq!(
        post(&url, &[], "{}", limits),
        Outcome::Away("no answer within 0 s".to_owned())
    );
    served.join().unwrap();
}

#[test]
fn nobody_there_is_away() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    assert!(matches!(post(&url, &[], "{}", NEAR), Outcome::Away(_)));
}

/// By number and by name: what counts is where the name leads.
#[test]
fn a_private_address_is_not_reached_unless_that_is_allowed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let limits = Limits {
        allow_private: false,
        ..NEAR
    };
    for scheme in ["http", "https"] {
        for host in ["127.0.0.1", "localhost", "0x7f.1", "[::ffff:127.0.0.1]"] {
            let outcome = post(&format!("{scheme}://{host}:{port}/"), &[], "{}", limits);
            let Outcome::Away(why) = outcome else {
                panic!("{host}: {outcome:?}");
            };
            assert!(why.contains("outlets.allow_private"), "{host}: {why}");
        }
    }
    assert!(listener.accept().is_err(), "nobody came");
}
