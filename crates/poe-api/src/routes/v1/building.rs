//! `/api/v1/building`: all that people say about the building, as one file.

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::IntoResponse;
use poe_building::{Model, Order, OrderRefused};
use serde::Serialize;

use crate::answer::{Answer, json};
use crate::door::Door;
use crate::peer::Peer;
use crate::problem::Problem;
use crate::request::{self, Params};
use crate::routes::v1::refused;
use crate::server::Ordered;

/// Each but the first means that somebody else was faster, or that the disk is slow.
const TRIES: usize = 4;

/// `GET /building`: TOML; the ETag is its version.
pub(super) async fn show(State(door): State<Door>, uri: Uri) -> Answer {
    Params::of(&uri)?.end()?;
    let model = door.server.board().model();
    let version = model.version;
    let text = door.work(move |server, _| server.write_building(&model)).await?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/toml")), etag(version)], text)
        .into_response())
}

/// What is in force now.
#[derive(Debug, Serialize)]
struct Replaced {
    version: u64,
    seq: u64,
    committed: bool,
}

/// `PUT /building`: all of it becomes this. With `If-Match`, only if nobody has changed it meanwhile.
pub(super) async fn replace(
    State(door): State<Door>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    let from_version = version(&headers)?;
    let text = request::text(request).await?;
    let read = door.work(move |server, _| server.read_building(&text)).await?;
    let model = read.map_err(|errors| {
        let detail = "The building file is not right.";
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail).with_errors(errors)
    })?;
    match set(&door, peer, model, from_version).await? {
        Ok((version, Ordered { done, stored })) => {
            let replaced = Replaced { version, seq: done.seq, committed: stored };
            let mut answer = json(StatusCode::OK, &replaced);
            answer.headers_mut().extend([etag(version)]);
            Ok(answer)
        }
        Err(refused) => Err(refused::problem(&refused, "building")),
    }
}

/// Puts the model in force, and tells which version it has become. What is shown may be older than what is in force, while
/// the disk is slow; the building then says which version it has, and is asked again.
async fn set(
    door: &Door,
    peer: Peer,
    model: Model,
    wanted: Option<u64>,
) -> Result<Result<(u64, Ordered), OrderRefused>, Problem> {
    let model = Box::new(model);
    let mut from = wanted.unwrap_or_else(|| door.server.board().model().version);
    for _ in 1..TRIES {
        let order = Order::SetModel { model: model.clone(), from_version: Some(from) };
        match door.order(peer, order).await? {
            Ok(ordered) => return Ok(Ok((from + 1, ordered))),
            Err(OrderRefused::ModelChanged { version }) if wanted.is_none() => from = version,
            Err(refused) => return Ok(Err(refused)),
        }
    }
    let last = door.order(peer, Order::SetModel { model, from_version: Some(from) }).await?;
    Ok(last.map(|ordered| (from + 1, ordered)))
}

fn etag(version: u64) -> (HeaderName, HeaderValue) {
    let quoted = HeaderValue::try_from(format!("\"{version}\""));
    (header::ETAG, quoted.expect("a number in quotes needs no escaping"))
}

/// The version in `If-Match: "7"`; any, if there is none, or an asterisk.
fn version(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(said) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let said = said.to_str().unwrap_or_default().trim();
    if said == "*" {
        return Ok(None);
    }
    let quoted = said.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let version = quoted.unwrap_or(said).parse();
    let unfit = |_| Problem::new(StatusCode::BAD_REQUEST, "If-Match must be an ETag of the building.");
    version.map(Some).map_err(unfit)
}
