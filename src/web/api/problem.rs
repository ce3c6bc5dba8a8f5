//! What a script is told when something was not done: problem details (RFC 9457), with a sentence for people in them.

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use crate::store::StoreError;
use crate::web::words;

/// The media type of a problem.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";
/// Bytes of a sentence that another room has answered with; ours are far shorter.
const SENTENCE_BYTES: usize = 4096;

/// Why it was not done.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Problem {
    /// `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The words of the status.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What was wrong, and what to do about it.
    detail: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: &str) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Not done"),
            status: status.as_u16(),
            detail: words::sentence(detail.trim()),
        }
    }

    /// What was asked for is not there.
    pub(super) fn not_found(detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// It was understood, and does not do.
    pub(super) fn refused(detail: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, &error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&self).unwrap_or_default();
        (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body + "\n").into_response()
    }
}

/// Makes problems of what the rooms around the API answer in plain sentences: the door, the guard, the limits.
pub(in crate::web) async fn speak_json(request: Request, next: Next) -> Response {
    let ours = request.uri().path().starts_with("/api/");
    let response = next.run(request).await;
    let is_problem =
        response.headers().get(header::CONTENT_TYPE) == Some(&HeaderValue::from_static(MEDIA_TYPE));
    let failed = response.status().is_client_error() || response.status().is_server_error();
    if !ours || !failed || is_problem {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let said = to_bytes(body, SENTENCE_BYTES).await.unwrap_or_default();
    let said = match String::from_utf8_lossy(&said).trim() {
        "" => parts
            .status
            .canonical_reason()
            .unwrap_or("Not done")
            .to_owned(),
        said if said.starts_with('<') => "There is no such address.".to_owned(),
        said => said.to_owned(),
    };
    let problem = Problem::new(parts.status, &said).into_response();
    parts.headers.remove(header::CONTENT_LENGTH);
    let kind = HeaderValue::from_static(MEDIA_TYPE);
    parts.headers.insert(header::CONTENT_TYPE, kind);
    Response::from_parts(parts, problem.into_body())
}
