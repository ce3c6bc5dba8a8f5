//! The page over TLS: what a browser that trusts the box's certificate gets, and what it is told to keep to itself.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, rustls};

use super::*;

/// What is served at a page with a certificate of its own, asked for by this name.
async fn ask(page: &Page, name: &'static str, request: &str) -> std::io::Result<String> {
    let dir = page.dir.path();
    let names = ["textback.local", "127.0.0.1"].map(str::to_owned);
    let identity = web::Identity::of(dir, &names, at(NOW)).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let state = web::State {
        tls: Some(identity),
        ..page.state.clone()
    };
    tokio::spawn(web::serve(listener, state, page.stop.clone()));

    let pem = std::fs::read(dir.join("page-certificate.pem")).unwrap();
    let mut trusted = RootCertStore::empty();
    trusted
        .add(CertificateDer::from_pem_slice(&pem).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(trusted)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from(name).unwrap();
    let mut stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn whoever_trusts_the_certificate_signs_in_with_a_cookie_that_never_travels_open() {
    let page = serve(false).await;
    let hash = tokio::task::spawn_blocking(|| {
        textback::door::hash("three wet socks", &textback::store::salt().unwrap()).unwrap()
    });
    page.store.set_password(hash.await.unwrap()).await.unwrap();
    let form = "password=three+wet+socks";
    let request = format!(
        "POST /sign-in HTTP/1.1\r\nHost: textback.local\r\nOrigin: https://textback.local\r\nSec-Fetch-Site: same-origin\r\n\
         Connection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    for name in ["textback.local", "127.0.0.1"] {
        let answer = ask(&page, name, &request).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
        let cookies: Vec<_> = answer
            .lines()
            .filter(|line| line.starts_with("set-cookie"))
            .collect();
        assert_eq!(cookies.len(), 2);
        assert!(
            cookies.iter().all(|cookie| cookie.ends_with("; Secure")),
            "{answer}"
        );
    }
    let another = ask(&page, "evil.example", &request).await.unwrap_err();
    assert!(another.to_string().contains("certificate"), "{another}");
    assert!(
        page.get("/sign-in").await.body.contains("password"),
        "plain HTTP goes on beside it"
    );
}

#[tokio::test]
async fn the_box_tells_how_to_know_its_certificate() {
    let page = serve(false).await;
    assert!(!page.get("/box").await.body.contains("Certificate"));
    let request = format!(
        "GET /box HTTP/1.1\r\nHost: textback.local\r\nConnection: close\r\n{}\r\n",
        page.cookie
    );
    let answer = ask(&page, "textback.local", &request).await.unwrap();
    let names = [String::from("textback.local")];
    let identity = web::Identity::of(page.dir.path(), &names, at(NOW)).unwrap();
    assert!(answer.contains(&identity.fingerprint), "{answer}");
}
