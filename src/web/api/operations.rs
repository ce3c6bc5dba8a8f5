//! The operations of the API: what each takes and gives is the type of its function, which its route and the document (`document`) are both
//! made of.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{self, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use serde::Serialize;
use serde::de::DeserializeOwned;

#[cfg(test)]
use super::document::{TellInput, TellOutput, Told};
use super::problem::Problem;
use crate::web::App;
use crate::web::door::sign_in::Peer;

/// What the document needs to know of inputs and outputs: the tests make it, so that the program carries none of what that takes.
#[cfg(not(test))]
mod untold {
    pub(in crate::web::api) trait TellInput {}
    impl<T> TellInput for T {}
    pub(in crate::web::api) trait TellOutput {}
    impl<T> TellOutput for T {}
}
#[cfg(not(test))]
use untold::{TellInput, TellOutput};

/// What an operation gives, or why not.
pub(super) type Answer<T> = Result<T, Problem>;

/// What an operation does, as the methods of HTTP have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    Post,
    Put,
    Delete,
}

impl Verb {
    fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Put => MethodFilter::PUT,
            Self::Delete => MethodFilter::DELETE,
        }
    }

    #[cfg(test)]
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Put => "put",
            Self::Delete => "delete",
        }
    }
}

/// What is done with a request.
type Operation =
    Arc<dyn Fn(App, Given) -> Pin<Box<dyn Future<Output = Response> + Send>> + Send + Sync>;

/// Operations, as routes and as they are told of.
#[derive(Default)]
pub(super) struct Operations {
    router: Router<App>,
    #[cfg(test)]
    pub(super) told: Vec<Told>,
}

impl Operations {
    /// One more; `path` begins after `/api/v1`.
    pub(super) fn on<I, O, H, F>(
        mut self,
        verb: Verb,
        path: &'static str,
        summary: &'static str,
        handler: H,
    ) -> Self
    where
        I: Input,
        O: Output,
        H: Fn(App, I) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Answer<O>> + Send + 'static,
    {
        // Behind one type, so that axum's part of a route is there once and not for each operation: it is most of its size.
        let operation: Operation = Arc::new(move |app, mut given| {
            let handler = handler.clone();
            Box::pin(async move {
                let input = match I::take(&mut given).await {
                    Ok(input) => input,
                    Err(problem) => return problem.into_response(),
                };
                match handler(app, input).await {
                    Ok(output) => output.answer(),
                    Err(problem) => problem.into_response(),
                }
            })
        });
        let handle = async move |extract::State(app): extract::State<App>, request: Request| {
            carry_out(&operation, app, request).await
        };
        self.router = self.router.route(path, on(verb.filter(), handle));
        #[cfg(test)]
        self.told.push(Told {
            verb,
            path,
            summary,
            takes: I::tell,
            gives: O::tell,
        });
        #[cfg(not(test))]
        let _ = summary;
        self
    }

    pub(super) fn into_router(self) -> Router<App> {
        self.router
    }
}

async fn carry_out(operation: &Operation, app: App, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    // The layers around us bound it.
    match to_bytes(body, usize::MAX).await {
        Ok(body) => operation(app, Given { parts, body }).await,
        Err(_) => too_large(),
    }
}

fn too_large() -> Response {
    let status = StatusCode::PAYLOAD_TOO_LARGE;
    Problem::new(status, "That is more than is taken at once.").into_response()
}

/// A request whose body has arrived.
pub(super) struct Given {
    parts: Parts,
    body: Bytes,
}

/// What an operation takes out of a request.
pub(super) trait Input: TellInput + Sized + Send {
    fn take(given: &mut Given) -> impl Future<Output = Answer<Self>> + Send;
}

/// What stands in the address's braces.
pub(super) struct At<T>(pub(super) T);
/// What stands behind the question mark.
pub(super) struct Query<T>(pub(super) T);
/// JSON.
pub(super) struct Json<T>(pub(super) T);
/// Who asks.
pub(super) struct Asker {
    pub(super) peer: IpAddr,
    pub(super) headers: HeaderMap,
}
/// A file, as it is.
pub(super) struct File(pub(super) Vec<u8>);

impl Input for () {
    async fn take(_: &mut Given) -> Answer<Self> {
        Ok(())
    }
}

impl<T: DeserializeOwned + Send> Input for At<T>
where
    At<T>: TellInput,
{
    async fn take(given: &mut Given) -> Answer<Self> {
        let taken = extract::Path::from_request_parts(&mut given.parts, &()).await;
        let taken = taken.map_err(|error| Problem::not_found(&error.body_text()))?;
        let extract::Path(taken) = taken;
        Ok(Self(taken))
    }
}

impl<T: DeserializeOwned + Send> Input for Query<T>
where
    Query<T>: TellInput,
{
    async fn take(given: &mut Given) -> Answer<Self> {
        let taken = extract::Query::try_from_uri(&given.parts.uri);
        let bad = |error: extract::rejection::QueryRejection| {
            Problem::new(StatusCode::BAD_REQUEST, &error.body_text())
        };
        let extract::Query(taken) = taken.map_err(bad)?;
        Ok(Self(taken))
    }
}

impl<T: DeserializeOwned + Send> Input for Json<T>
where
    Json<T>: TellInput,
{
    async fn take(given: &mut Given) -> Answer<Self> {
        let kind = given.parts.headers.get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            let sentence = "Send JSON, and say so (Content-Type: application/json).";
            return Err(Problem::new(status, sentence));
        }
        let taken = serde_json::from_slice(&given.body).map_err(|error| {
            let sentence = format!("The body is not what is wanted here: {error}.");
            match error.is_data() {
                true => Problem::refused(&sentence),
                false => Problem::new(StatusCode::BAD_REQUEST, &sentence),
            }
        })?;
        Ok(Self(taken))
    }
}

impl Input for File {
    async fn take(given: &mut Given) -> Answer<Self> {
        Ok(Self(given.body.to_vec()))
    }
}

impl Input for Asker {
    async fn take(given: &mut Given) -> Answer<Self> {
        let taken = Peer::from_request_parts(&mut given.parts, &()).await;
        let Ok(Peer(peer)) = taken;
        let headers = given.parts.headers.clone();
        Ok(Self { peer, headers })
    }
}

impl<A: Input, B: Input> Input for (A, B)
where
    (A, B): TellInput,
{
    async fn take(given: &mut Given) -> Answer<Self> {
        Ok((A::take(given).await?, B::take(given).await?))
    }
}

/// What an operation answers with.
pub(super) trait Output: TellOutput {
    fn answer(self) -> Response;
}

/// It was done, and there is nothing to say.
pub(super) struct Done;

impl Output for Done {
    fn answer(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

/// A file to keep.
pub(super) struct Download(pub(super) Response);

impl Output for Download {
    fn answer(self) -> Response {
        self.0
    }
}

impl<T: Serialize> Output for Json<T>
where
    Json<T>: TellOutput,
{
    fn answer(self) -> Response {
        match serde_json::to_string(&self.0) {
            Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body + "\n").into_response(),
            Err(error) => {
                Problem::new(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()).into_response()
            }
        }
    }
}
