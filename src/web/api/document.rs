//! The document of the API, made of the types that its operations take and give, so that it cannot say anything else. OpenAPI 3.1, whose
//! schemas are JSON Schema 2020-12. A test makes it and holds `docs/openapi.json` to it, which the program serves: none of this is in there.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Map, Value, json};

use super::operations::{Asker, At, Done, Download, File, Json, Query, Verb};
use super::problem::{self, Problem};

/// Where the schemas stand in the document.
const SCHEMAS: &str = "/components/schemas";
/// Where the document stands in the source.
const FILE: &str = "docs/openapi.json";
/// Set, the document is written anew.
const RENEW: &str = "TEXTBACK_RENEW_OPENAPI";

/// One operation in the document.
#[derive(Clone, Copy)]
pub(super) struct Told {
    pub(super) verb: Verb,
    pub(super) path: &'static str,
    pub(super) summary: &'static str,
    pub(super) takes: fn(&mut SchemaGenerator, &mut Map<String, Value>),
    pub(super) gives: fn(&mut SchemaGenerator) -> Value,
}

/// How an input stands in the document.
pub(super) trait TellInput {
    fn tell(generator: &mut SchemaGenerator, operation: &mut Map<String, Value>);
}

impl TellInput for () {
    fn tell(_: &mut SchemaGenerator, _: &mut Map<String, Value>) {}
}

impl<T: JsonSchema> TellInput for At<T> {
    fn tell(generator: &mut SchemaGenerator, operation: &mut Map<String, Value>) {
        tell_parameters::<T>(generator, operation, "path");
    }
}

impl<T: JsonSchema> TellInput for Query<T> {
    fn tell(generator: &mut SchemaGenerator, operation: &mut Map<String, Value>) {
        tell_parameters::<T>(generator, operation, "query");
    }
}

impl<T: JsonSchema> TellInput for Json<T> {
    fn tell(generator: &mut SchemaGenerator, operation: &mut Map<String, Value>) {
        let schema = generator.subschema_for::<T>();
        let body = json!({
            "required": true,
            "content": { "application/json": { "schema": schema } },
        });
        operation.insert("requestBody".to_owned(), body);
    }
}

impl TellInput for Asker {
    fn tell(_: &mut SchemaGenerator, _: &mut Map<String, Value>) {}
}

impl TellInput for File {
    fn tell(_: &mut SchemaGenerator, operation: &mut Map<String, Value>) {
        let body = json!({ "required": true, "content": { "application/octet-stream": {} } });
        operation.insert("requestBody".to_owned(), body);
    }
}

impl<A: TellInput, B: TellInput> TellInput for (A, B) {
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
        let mut told = json!({
            "name": name,
            "in": place,
            "required": is_required(name),
            "schema": schema,
        });
        if let Some(description) = schema.get("description") {
            told["description"] = description.clone();
        }
        told
    });
    let parameters = operation
        .entry("parameters")
        .or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(parameters) = parameters {
        parameters.extend(told);
    }
}

/// How an answer stands in the document.
pub(super) trait TellOutput {
    fn tell(generator: &mut SchemaGenerator) -> Value;
}

impl TellOutput for Done {
    fn tell(_: &mut SchemaGenerator) -> Value {
        json!({ "204": { "description": "Done." } })
    }
}

impl TellOutput for Download {
    fn tell(_: &mut SchemaGenerator) -> Value {
        let content = json!({ "application/octet-stream": {} });
        json!({ "200": { "description": "The file.", "content": content } })
    }
}

impl<T: JsonSchema> TellOutput for Json<T> {
    fn tell(generator: &mut SchemaGenerator) -> Value {
        let schema = generator.subschema_for::<T>();
        let content = json!({ "application/json": { "schema": schema } });
        json!({ "200": { "description": "Done.", "content": content } })
    }
}

/// The document of these operations.
fn document(told: &[Told]) -> Value {
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

#[test]
fn the_document_in_the_source_is_the_one_of_this_code() {
    let mut told = super::operations().told;
    told.extend(super::files().told);
    // A line for each thing, as git compares them, and little beyond.
    let mut made = Vec::new();
    let thin = PrettyFormatter::with_indent(b"");
    let mut writer = Serializer::with_formatter(&mut made, thin);
    document(&told).serialize(&mut writer).unwrap();
    let made = String::from_utf8(made).unwrap() + "\n";
    let place = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    if std::env::var_os(RENEW).is_some() {
        std::fs::write(&place, &made).unwrap();
    }
    assert!(
        std::fs::read_to_string(&place).unwrap_or_default() == made,
        "{FILE} is of other code: {RENEW}=1 cargo test --lib api::document writes it anew, and git shows what changed for those who use the API"
    );
}
