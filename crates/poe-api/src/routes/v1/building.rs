//! `/api/v1/building`: all that people say about the building, as one file.

use axum::extract::{Request, State};
use axum::http::header;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::IntoResponse;
use poe_building::{Model, Order, OrderRefused};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use crate::answer::{Answer, json};
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::problem::Problem;
use crate::request::{self, NoQuery, etag, if_match};
use crate::routes::table::Routes;
use crate::routes::v1::versions::{LOOK_AGAIN, TRIES, still_unseen};
use crate::routes::v1::{refused, trust};
use crate::server::Ordered;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Policy::ENGINEER, routes!(show)).add(Policy::ENGINEER, routes!(replace))
}

/// All that people say about the building, as a building file. It says where notifications go and which files hold their
/// secrets, so that it is for those who may change it.
#[utoipa::path(get, path = "/api/v1/building", tag = "building", operation_id = "show_building",
    params(("If-None-Match" = Option<String>, Header, description = "The ETag that you have.")),
    responses(
        (status = 200, description = "TOML; the ETag is its version.", content_type = "application/toml", body = String,
            headers(("ETag" = String, description = "The version, in quotes."))),
        (status = 304, description = "You have it."),
    ))]
async fn show(State(door): State<Door>, uri: Uri, headers: HeaderMap) -> Answer {
    let NoQuery {} = request::query(&uri)?;
    let model = door.server.board().model();
    if request::is_known(&headers, model.version) {
        return Ok((StatusCode::NOT_MODIFIED, [etag(model.version)]).into_response());
    }
    let version = model.version;
    let text = door.work(move |server, _| server.write_building(&model)).await?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/toml")), etag(version)], text)
        .into_response())
}

/// Whether it is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Tell what would change, and change nothing.
    #[serde(default)]
    dry_run: bool,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum Replacement {
    InForce(Replaced),
    Tried(WouldReplace),
}

/// What would change.
#[derive(Debug, Serialize, ToSchema)]
struct WouldReplace {
    /// The version that it was compared with.
    version: u64,
    /// Each difference as the journal would tell it; none: it is in force already.
    changes: Vec<String>,
}

/// What is in force now.
#[derive(Debug, Serialize, ToSchema)]
struct Replaced {
    version: u64,
    seq: u64,
    committed: bool,
}

/// All of it becomes this. With `If-Match`, only if nobody has changed it meanwhile; with `dry_run`, not at all, and what would
/// change is told.
#[utoipa::path(put, path = "/api/v1/building", tag = "building", operation_id = "replace_building",
    params(Wanted, ("If-Match" = Option<String>, Header, description = "The ETag that your change was made from.")),
    request_body(description = "A building file.",
        content((String = "application/toml"), (String = "text/plain"))),
    responses(
        (status = 200, description = "It is in force, or would be.", body = Replacement,
            headers(("ETag" = String, description = "The version, in quotes."))),
        (status = 412, description = "Somebody has changed it meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(crate::problem::ProblemView)),
    ))]
async fn replace(State(door): State<Door>, caller: Known, headers: HeaderMap, request: Request) -> Answer {
    let Wanted { dry_run } = request::query(request.uri())?;
    let from_version = if_match(&headers, door.server.board().model().version)?;
    let text = request::text(request).await?;
    let read = door.work(move |server, _| server.read_building(&text)).await?;
    let model = read.map_err(|errors| {
        let detail = "The building file is not right.";
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail).with_errors(errors)
    })?;
    let (version, replacement) = if dry_run {
        let tried = compare(&door, &caller, model, from_version).await?;
        (tried.version, Replacement::Tried(tried))
    } else {
        let (version, Ordered { done, stored }) = set(&door, &caller, model, from_version).await?;
        (version, Replacement::InForce(Replaced { version, seq: done.seq, committed: stored }))
    };
    let mut answer = json(StatusCode::OK, &replacement);
    answer.headers_mut().extend([etag(version)]);
    Ok(answer)
}

/// What the model would change. It is refused where [`set`] would refuse it.
async fn compare(
    door: &Door,
    caller: &Known,
    model: Model,
    wanted: Option<u64>,
) -> Result<WouldReplace, Problem> {
    let shown = door.server.board().model();
    let version = shown.version;
    match wanted {
        Some(wanted) if wanted > version => return Err(still_unseen(Some(wanted))),
        Some(wanted) if wanted < version => {
            return Err(refused::problem(&OrderRefused::ModelChanged { version }, "building"));
        }
        _ => {}
    }
    trust::check(caller, &shown, &model)?;
    let compared = door.work(move |_, _| {
        let problems = model.check();
        if problems.is_empty() { Ok(shown.diff(&model)) } else { Err(OrderRefused::UnfitModel(problems)) }
    });
    let differences = compared.await?.map_err(|refused| refused::problem(&refused, "building"))?;
    let changes = differences.into_iter().map(|difference| difference.text).collect();
    Ok(WouldReplace { version, changes })
}

/// Puts the model in force, and tells which version it has become. Each try of an engineer is compared with the very version
/// that it takes the place of, so that nobody brings back what others have just forbidden. What is shown may be older than
/// what is in force, while the disk is slow; the building then says which version it has.
async fn set(
    door: &Door,
    caller: &Known,
    model: Model,
    wanted: Option<u64>,
) -> Result<(u64, Ordered), Problem> {
    let model = Box::new(model);
    let mut in_force = 0;
    for _ in 0..TRIES {
        let shown = door.server.board().model();
        let from = wanted.unwrap_or(shown.version.max(in_force));
        if shown.version < from && !trust::may_do_all(caller) {
            sleep(LOOK_AGAIN).await;
            continue;
        }
        trust::check(caller, &shown, &model)?;
        match door.order(caller, Order::SetModel { model: model.clone(), from_version: Some(from) }).await? {
            Ok(ordered) => return Ok((from + 1, ordered)),
            Err(OrderRefused::ModelChanged { version }) if wanted.is_none() => in_force = version,
            Err(refused) => return Err(refused::problem(&refused, "building")),
        }
    }
    Err(still_unseen(wanted))
}
