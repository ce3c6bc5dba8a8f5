//! What stands before every handler: whose name the request calls us by, and what a browser may do with the answer.
//!
//! That changes come from our own page alone is tower-http's `csrf` layer, see the router.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Everything comes from this box, nothing is inline, nobody frames it.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
     img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const HEADERS: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Lets nobody through who calls this box by another name: a stranger's site may point a name of its own at 127.0.0.1
/// and have a browser here read the page for it (DNS rebinding).
pub(super) async fn own_host(request: Request, next: Next) -> Response {
    let in_target = request.uri().authority();
    if in_target.is_none_or(is_loopback) && host_is_loopback(request.headers()) {
        return next.run(request).await;
    }
    let sentence = "This page is for this machine alone. Open it as localhost or 127.0.0.1.\n";
    (StatusCode::MISDIRECTED_REQUEST, sentence).into_response()
}

fn host_is_loopback(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    Authority::try_from(host.as_bytes()).is_ok_and(|authority| is_loopback(&authority))
}

fn is_loopback(authority: &Authority) -> bool {
    let host = authority.host();
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    let named = host.eq_ignore_ascii_case("localhost");
    let is_address = || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    // A name before an `@` has no place in a Host header.
    !authority.as_str().contains('@') && (named || is_address())
}

/// Tells the browser what it may do with an answer, whatever the answer is.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Callers' numbers must not stay behind in a browser's cache; assets say otherwise for themselves.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_called_by_its_name() {
        for (host, ok) in [
            ("localhost", true),
            ("LocalHost:8080", true),
            ("127.0.0.1", true),
            ("127.0.0.1:8080", true),
            ("[::1]", true),
            ("[::1]:8080", true),
            ("localhost.example.com", false),
            ("127.0.0.1.example.com", false),
            ("example.com", false),
            ("192.168.1.20:8080", false),
            ("0.0.0.0:8080", false),
            ("example.com@localhost", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static(host));
            assert_eq!(host_is_loopback(&headers), ok, "{host:?}");
        }
        assert!(!host_is_loopback(&HeaderMap::new()), "no host at all");
        let mut two = HeaderMap::new();
        two.append(header::HOST, HeaderValue::from_static("localhost"));
        two.append(header::HOST, HeaderValue::from_static("example.com"));
        assert!(!host_is_loopback(&two), "two hosts");
    }
}
