//! `/api/v1/suppressions`: what keeps alarms quiet, and until when.

use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use poe_building::{Order, OrderRefused, SuppressionId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use crate::answer::{Answer, Page, json, ok};
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::problem::Problem;
use crate::request::{self, Path};
use crate::routes::table::Routes;
use crate::routes::v1::alarms::span_of;
use crate::routes::v1::refused;
use crate::server::Ordered;
use crate::views::{Done, SuppressionView};
use crate::words::SourceKindWord;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(Policy::VIEWER, routes!(list))
        .add(Policy::OPERATOR, routes!(begin))
        .add(Policy::OPERATOR, routes!(end))
}

const LIMIT: usize = 1_000;
const LIMIT_MAX: usize = 10_000;

/// Which part of the list is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Part {
    /// The `next` of the page before.
    after: Option<u64>,
    /// How many at most; 1,000 unless it is given.
    #[param(minimum = 1, maximum = 10000)]
    limit: Option<u64>,
}

/// Those in force, the oldest first.
#[utoipa::path(get, path = "/api/v1/suppressions", tag = "suppressions", operation_id = "list_suppressions",
    params(Part), responses((status = 200, description = "A page of them.", body = Page<SuppressionView>)))]
async fn list(State(door): State<Door>, caller: Known, uri: Uri) -> Answer {
    let Part { after, limit } = request::query(&uri)?;
    let limit = request::limit(limit, LIMIT, LIMIT_MAX)?;
    let answer = door.write(move |server, shared| {
        let directory = shared.directory(server);
        let mut suppressions = server.board().suppressions();
        suppressions
            .retain(|it| after.is_none_or(|after| it.id.0 > after) && caller.sees(&it.source, &directory));
        let has_more = suppressions.len() > limit;
        suppressions.truncate(limit);
        let next = suppressions.last().filter(|_| has_more).map(|last| last.id.0);
        let items = suppressions.into_iter().map(|it| SuppressionView::new(it, &directory));
        ok(&Page { items: items.collect(), next })
    });
    answer.await?
}

/// What is out of service, for how long, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OutOfService {
    /// A sensor by its `ip_id`, a node by its address or name, a place or a switch by its name.
    source: String,
    /// What the source is, where its name could mean several things.
    #[serde(default)]
    source_kind: Option<SourceKindWord>,
    #[schema(minimum = 1)]
    minutes: u64,
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// What began.
#[derive(Debug, Serialize, ToSchema)]
struct Begun {
    id: Option<u64>,
    /// Its entry in the journal.
    seq: u64,
    /// Whether that is stored already.
    committed: bool,
}

/// Takes everything of a source out of service for a while.
#[utoipa::path(post, path = "/api/v1/suppressions", tag = "suppressions", operation_id = "begin_suppression",
    request_body = OutOfService, responses((status = 201, description = "It is quiet now.", body = Begun)))]
async fn begin(State(door): State<Door>, caller: Known, request: Request) -> Answer {
    let OutOfService { source, source_kind, minutes, reason } = request::json(request).await?;
    let directory = door.directory();
    let source = request::source(&source, source_kind.map(SourceKindWord::name), directory.model())?;
    if !caller.sees(&source, &directory) {
        // The words of a source that does not exist.
        let refused = OrderRefused::Unknown { what: source.kind(), name: source.to_string().into() };
        return Err(Problem::unfit("source", refused.to_string()));
    }
    let order = Order::TakeOutOfService { source, span: span_of(minutes), reason: reason.into() };
    match door.order(&caller, order).await? {
        Ok(Ordered { done, stored }) => {
            let id = done.suppression.map(|id| id.0);
            Ok(json(StatusCode::CREATED, &Begun { id, seq: done.seq, committed: stored }))
        }
        Err(refused @ OrderRefused::Unknown { .. }) => Err(Problem::unfit("source", refused.to_string())),
        Err(refused) => Err(refused::problem(&refused, "reason")),
    }
}

/// Ends one of any kind: it speaks again.
#[utoipa::path(delete, path = "/api/v1/suppressions/{id}", tag = "suppressions",
    operation_id = "end_suppression", params(("id" = u64, Path, description = "Its number.")),
    responses((status = 200, description = "It has ended.", body = Done)))]
async fn end(State(door): State<Door>, caller: Known, Path(id): Path<String>, request: Request) -> Answer {
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "There is no such suppression, or it has ended.");
    let id = id.parse().map(SuppressionId).map_err(|_| unknown())?;
    request::nothing(request).await?;
    let suppressions = door.server.board().suppressions();
    let known = suppressions.iter().find(|it| it.id == id).ok_or_else(unknown)?;
    if !caller.sees(&known.source, &door.directory()) {
        return Err(unknown());
    }
    match door.order(&caller, Order::EndSuppression(id)).await? {
        Ok(ordered) => ok(&Done::from(ordered)),
        Err(OrderRefused::Unknown { .. }) => Err(unknown()),
        Err(refused) => Err(refused::problem(&refused, "reason")),
    }
}
