//! The contract: what is said once for all operations. The rest stands beside the handlers and the views.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::path::{HttpMethod, Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    Components, InfoBuilder, OpenApi, OpenApiBuilder, Paths, Ref, RefOr, Required, Schema,
};
use utoipa::{PartialSchema, ToSchema};

use crate::auth::COOKIE;
use crate::problem::ProblemView;

const DESCRIPTION: &str = "Everything that the server knows of a building, and all that people do about it.\n\n\
    Lists are `{\"items\": [...], \"next\": cursor}`: `next` goes back as `after`, and is null at the end. Times are \
    RFC 3339 in UTC with milliseconds. Errors are `application/problem+json` and name the field that they are about. \
    Each operation tells the least role that it asks for as `x-role`, and as `x-everywhere` whether it is only for \
    those who see all buildings; what somebody may not ask is answered as if it \
    did not exist. Programs send `Authorization: Bearer TOKEN`.";

/// The document without any operation.
pub(crate) fn empty() -> OpenApi {
    let mut components = Components::new();
    components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let cookie = ApiKeyValue::with_description(
        COOKIE,
        "The session of a browser. Over TLS its name begins with `__Host-`; that of a demo is `poe_demo_session`.",
    );
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    components.schemas.insert(ProblemView::name().into_owned(), ProblemView::schema());
    let info = InfoBuilder::new()
        .title("poe")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(utoipa::openapi::License::new("MIT OR Apache-2.0")))
        .build();
    OpenApiBuilder::new().info(info).paths(Paths::new()).components(Some(components)).build()
}

/// Of these some fields are there only where they say something, as their standards have it.
const LEFT_OUT: [&str; 2] = ["Problem", "LiveEvent"];

/// An answer always has all of its fields, also those that are null. Only what is asked may leave some out.
pub(crate) fn require_what_is_always_told(document: &mut OpenApi) {
    let asked = asked(document);
    let Some(components) = &mut document.components else { return };
    for (name, schema) in &mut components.schemas {
        let may_leave_out = asked.contains(name) || LEFT_OUT.contains(&name.as_str());
        if let RefOr::T(Schema::Object(object)) = schema
            && !may_leave_out
        {
            object.required = object.properties.keys().cloned().collect();
        }
    }
}

/// The schemas of bodies that are sent to us, with everything that they refer to.
fn asked(document: &OpenApi) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut unread: Vec<Value> = Vec::new();
    for item in document.paths.paths.values() {
        for operation in [&item.post, &item.put, &item.patch, &item.delete].into_iter().flatten() {
            unread.extend(operation.request_body.as_ref().map(written));
        }
    }
    while let Some(part) = unread.pop() {
        for name in references(&part) {
            let schema = document.components.as_ref().and_then(|components| components.schemas.get(&name));
            if found.insert(name) {
                unread.extend(schema.map(written));
            }
        }
    }
    found
}

fn written(part: &impl Serialize) -> Value {
    serde_json::to_value(part).expect("a contract has texts for keys")
}

/// The names of the schemas that something refers to.
fn references(part: &Value) -> Vec<String> {
    match part {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, value)| match value {
                Value::String(at) if key == "$ref" => {
                    at.rsplit('/').next().map(str::to_owned).into_iter().collect()
                }
                value => references(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// A reference to a schema among the components.
pub(crate) fn reference<T: ToSchema>() -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(T::name()))
}

/// Looks at each operation of a path.
pub(crate) fn each_operation(item: &mut PathItem, mut look: impl FnMut(HttpMethod, &mut Operation)) {
    let operations = [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Delete, &mut item.delete),
        (HttpMethod::Patch, &mut item.patch),
    ];
    for (method, operation) in operations {
        if let Some(operation) = operation {
            look(method, operation);
        }
    }
}

/// The header by which a command that is sent twice is carried out once.
pub(crate) fn idempotency_key() -> Parameter {
    let key = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(64))
        .pattern(Some("^[A-Za-z0-9._~-]+$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Any word of your own. The same command with the same key within a day is carried out once and answered \
             alike, as long as the server runs.",
        ))
        .schema(Some(RefOr::T(Schema::Object(Object::from(key)))))
        .build()
}

/// What a refusal with this status says.
pub(crate) fn meaning(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "The request is not HTTP as it should be, or a header makes no sense.",
        StatusCode::UNAUTHORIZED => "Nobody is logged in, or the token is not valid.",
        StatusCode::FORBIDDEN => "A page of another site sends it.",
        StatusCode::NOT_FOUND => {
            "There is no such thing, or it is not for this role or outside of its buildings."
        }
        StatusCode::REQUEST_TIMEOUT => "The body did not come in time.",
        StatusCode::CONFLICT => "The present state forbids it; the detail says why.",
        StatusCode::PRECONDITION_FAILED => "Somebody has changed it meanwhile: read it again.",
        StatusCode::PAYLOAD_TOO_LARGE => "The body is too large.",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "The body is of another type.",
        StatusCode::MISDIRECTED_REQUEST => "This server goes by another name.",
        StatusCode::UNPROCESSABLE_ENTITY => "A field or a parameter cannot be used as it is.",
        StatusCode::TOO_MANY_REQUESTS => "Too often; `Retry-After` says how long to wait.",
        StatusCode::SERVICE_UNAVAILABLE => "The server stops, or has too much to do.",
        _ => "Refused.",
    }
}
