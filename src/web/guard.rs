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

/// Ends of names that nobody can register in the world's DNS (RFC 6762 for `.local`, RFC 8375, ICANN for `.internal`; routers use the others).
const HOME_DOMAINS: [&str; 5] = [".local", ".lan", ".home", ".home.arpa", ".internal"];

/// Lets nobody through who calls this box by a name that is not its own: a stranger's site may point a name of its own at our address
/// and have a browser here read the page for it (DNS rebinding). An address needs no name, and so cannot be pointed elsewhere.
pub(super) async fn own_host(request: Request, next: Next) -> Response {
    let in_target = request.uri().authority();
    if in_target.is_none_or(is_ours) && host_is_ours(request.headers()) {
        return next.run(request).await;
    }
    let sentence = "This box has another name. Open the page by its address, such as http://192.168.1.20:8080, or by the box's name in \
                    your network, such as http://textback.local:8080.\n";
    (StatusCode::MISDIRECTED_REQUEST, sentence).into_response()
}

fn host_is_ours(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    Authority::try_from(host.as_bytes()).is_ok_and(|authority| is_ours(&authority))
}

fn is_ours(authority: &Authority) -> bool {
    // A name before an `@` has no place in a Host header.
    if authority.as_str().contains('@') {
        return false;
    }
    let host = authority.host().to_ascii_lowercase();
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(&host);
    let at_home = HOME_DOMAINS.iter().any(|domain| {
        host.strip_suffix(domain)
            .is_some_and(|name| !name.is_empty())
    });
    // A name without a dot is one of the network's own too, or the computer's; `localhost` is one.
    let without_dot = !host.is_empty() && !host.contains('.');
    at_home || without_dot || bare.parse::<IpAddr>().is_ok()
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
    fn a_name_that_strangers_can_own_is_not_ours() {
        for (host, ok) in [
            ("localhost", true),
            ("LocalHost:8080", true),
            ("127.0.0.1:8080", true),
            ("[::1]:8080", true),
            ("192.168.1.20:8080", true),
            ("[fe80::1]", true),
            ("textback.local", true),
            ("TextBack.Local:8080", true),
            ("raspberrypi", true),
            ("box.lan", true),
            ("box.home.arpa:80", true),
            (".local", false),
            ("localhost.example.com", false),
            ("127.0.0.1.example.com", false),
            ("textback.local.example.com", false),
            ("textbacklocal.com", false),
            ("example.com", false),
            ("example.com@localhost", false),
            ("textback.local.", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static(host));
            assert_eq!(host_is_ours(&headers), ok, "{host:?}");
        }
        assert!(!host_is_ours(&HeaderMap::new()), "no host at all");
        let mut two = HeaderMap::new();
        two.append(header::HOST, HeaderValue::from_static("localhost"));
        two.append(header::HOST, HeaderValue::from_static("example.com"));
        assert!(!host_is_ours(&two), "two hosts");
    }
}
