//! The addresses of the API and the document that describes them, both made of the same line of code: what an operation takes and gives
//! is the type of its function, so the document cannot say anything else. OpenAPI 3.1, whose schemas are JSON Schema 2020-12.

use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{self, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::problem::{self, Problem};
use crate::web::App;

/// Where the schemas stand in the document.
const SCHEMAS: &str = "/components/schemas";

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

    fn name(self) -> &'static str {
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
    told: Vec<Told>,
}

/// One operation in the document.
#[derive(Clone, Copy)]
pub(super) struct Told {
    verb: Verb,
    path: &'static str,
    summary: &'static str,
    takes: fn(&mut SchemaGenerator, &mut Map<String, Value>),
    gives: fn(&mut SchemaGenerator) -> Value,
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
        self.told.push(Told {
            verb,
            path,
            summary,
            takes: I::tell,
            gives: O::tell,
        });
        self
    }

    pub(super) fn into_parts(self) -> (Router<App>, Vec<Told>) {
        (self.router, self.told)
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
pub(super) trait Input: Sized + Send {
    fn take(given: &mut Given) -> impl Future<Output = Answer<Self>> + Send;

    /// How it stands in the document.
    fn tell(generator: &mut SchemaGenerator, operation: &mut Map<String, Value>);
}

/// What stands in the address's braces.
pub(super) struct At<T>(pub(super) T);
/// What stands behind the question mark.
pub(super) struct Query<T>(pub(super) T);
/// JSON.
pub(super) struct Json<T>(pub(super) T);
/// A file, as it is.
pub(super) struct File(pub(super) Vec<u8>);

impl Input for () {
    async fn take(_: &mut Given) -> Answer<Self> {
        Ok(())
    }

    fn tell(_: &mut SchemaGenerator, _: &mut Map<String, Value>) {}
}

impl<T: DeserializeOwned + JsonSchema + Send> Input for At<T> {
    async fn take(given: &mut Given) -> Answer<Self> {
        let taken = extract::Path::from_request_parts(&mut given.parts, &()).await;
        let taken = taken.map_err(|error| Problem::not_found(&error.body_text()))?;
        let extract::Path(taken) = taken;
        Ok(Self(taken))
    }

    fn tell(generator: &mut SchemaGenerator, operation: &mut Map<String, Value>) {
        tell_parameters::<T>(generator, operation, "path");
    }
}

impl<T: DeserializeOwned + JsonSchema + Send> Input for Query<T> {
    async fn take(given: &mut Given) -> Answer<Self> {
        let taken = extract::Query::try_from_uri(&given.parts.uri);
        let bad = |error: extract::rejection::QueryRejection| {
            Problem::new(StatusCode::BAD_REQUEST, &error.body_text())
        };
        let extract::Query(taken) = taken.map_err(bad)?;
        Ok(Self(taken))
    }

    fn tell(generator: &mut SchemaGenerator, operation: &mut Map<String, Value>) {
        tell_parameters::<T>(generator, operation, "query");
    }
}

impl<T: DeserializeOwned + JsonSchema + Send> Input for Json<T> {
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

    fn tell(generator: &mut SchemaGenerator, operation: &mut Map<String, Value>) {
        let schema = generator.subschema_for::<T>();
        let body = json!({
            "required": true,
            "content": { "application/json": { "schema": schema } },
        });
        operation.insert("requestBody".to_owned(), body);
    }
}

impl Input for File {
    async fn take(given: &mut Given) -> Answer<Self> {
        Ok(Self(given.body.to_vec()))
    }

    fn tell(_: &mut SchemaGenerator, operation: &mut Map<String, Value>) {
        let body = json!({ "required": true, "content": { "application/octet-stream": {} } });
        operation.insert("requestBody".to_owned(), body);
    }
}

impl<A: Input, B: Input> Input for (A, B) {
    async fn take(given: &mut Given) -> Answer<Self> {
        Ok((A::take(given).await?, B::take(given).await?))
    }

    fn tell(generator: &mut SchemaGenerator, operation: &mut Map<String, Value>) {
        A::tell(generator, operation);
        B::tell(generator, operation);
    }
}

fn tell_parameters<T: JsonSchema>(
    generator: &mut SchemaGenerator,
    operation: &mut Map<String, Value>,
    place: &str,
) {
    let schema = T::json_schema(generator);
    let properties = schema.get("properties").and_then(Value::as_object);
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |name: &String| {
        place == "path"
            || required.is_some_and(|names| names.iter().any(|it| it.as_str() == Some(name)))
    };
    let told = properties.into_iter().flatten().map(|(name, schema)| {
        json!({
            "name": name,
            "in": place,
            "required": is_required(name),
            "description": schema.get("description").cloned().unwrap_or_default(),
            "schema": schema,
        })
    });
    let parameters = operation
        .entry("parameters")
        .or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(parameters) = parameters {
        parameters.extend(told);
    }
}

/// What an operation answers with.
pub(super) trait Output {
    fn answer(self) -> Response;

    /// The answer in the document.
    fn tell(generator: &mut SchemaGenerator) -> Value;
}

/// It was done, and there is nothing to say.
pub(super) struct Done;

impl Output for Done {
    fn answer(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }

    fn tell(_: &mut SchemaGenerator) -> Value {
        json!({ "204": { "description": "Done." } })
    }
}

/// A file to keep.
pub(super) struct Download(pub(super) Response);

impl Output for Download {
    fn answer(self) -> Response {
        self.0
    }

    fn tell(_: &mut SchemaGenerator) -> Value {
        let content = json!({ "application/octet-stream": {} });
        json!({ "200": { "description": "The file.", "content": content } })
    }
}

impl<T: Serialize + JsonSchema> Output for Json<T> {
    fn answer(self) -> Response {
        match serde_json::to_string(&self.0) {
            Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body + "\n").into_response(),
            Err(error) => {
                Problem::new(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()).into_response()
            }
        }
    }

    fn tell(generator: &mut SchemaGenerator) -> Value {
        let schema = generator.subschema_for::<T>();
        let content = json!({ "application/json": { "schema": schema } });
        json!({ "200": { "description": "Done.", "content": content } })
    }
}

/// The document of these operations.
pub(super) fn document(told: &[Told]) -> Value {
    let settings = SchemaSettings::draft2020_12();
    let mut generator = settings
        .with(|settings| settings.definitions_path = SCHEMAS.into())
        .into_generator();
    let problem = generator.subschema_for::<Problem>();
    let mut paths: Map<String, Value> = Map::new();
    for it in told {
        let mut operation = Map::new();
        operation.insert("summary".to_owned(), it.summary.into());
        (it.takes)(&mut generator, &mut operation);
        let mut responses = (it.gives)(&mut generator);
        let not_done = json!({
            "description": "Not done; the sentence says why.",
            "content": { problem::MEDIA_TYPE: { "schema": problem } },
        });
        responses["default"] = not_done;
        operation.insert("responses".to_owned(), responses);
        let path = paths
            .entry(it.path)
            .or_insert_with(|| Value::Object(Map::new()));
        path[it.verb.name()] = Value::Object(operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "textback",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "All that the page of the box shows and does. Times are RFC 3339 in UTC, numbers E.164.",
        },
        "servers": [{ "url": "/api/v1" }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
    })
}
