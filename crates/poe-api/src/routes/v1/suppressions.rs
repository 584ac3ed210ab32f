//! `/api/v1/suppressions`: what keeps alarms quiet, and until when.

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, Uri};
use poe_building::{Order, OrderRefused, SuppressionId};
use serde::Serialize;

use crate::answer::{Answer, Page, json, ok};
use crate::door::Door;
use crate::peer::Peer;
use crate::problem::Problem;
use crate::request::{self, Params};
use crate::routes::v1::alarms::minutes;
use crate::routes::v1::refused;
use crate::server::Ordered;
use crate::views::SuppressionView;

/// `GET /suppressions`: those in force, the oldest first.
pub(super) async fn list(State(door): State<Door>, uri: Uri) -> Answer {
    Params::of(&uri)?.end()?;
    let directory = door.directory();
    let suppressions = door.server.board().suppressions();
    ok(&Page::whole(suppressions.into_iter().map(|it| SuppressionView::new(it, &directory))))
}

/// What began.
#[derive(Debug, Serialize)]
struct Begun {
    id: Option<u64>,
    seq: u64,
    committed: bool,
}

/// What ended.
#[derive(Debug, Serialize)]
struct Ended {
    seq: u64,
    committed: bool,
}

/// `POST /suppressions {source, minutes, reason}`: everything of a source is out of service for a while.
pub(super) async fn begin(
    State(door): State<Door>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Answer {
    let mut fields = request::fields(request).await?;
    let (kind, source) = (fields.maybe_text("source_kind")?, fields.text("source")?);
    let span = minutes(fields.number("minutes")?);
    let reason = fields.text("reason")?.into();
    fields.end()?;
    let source = request::source(&source, kind.as_deref(), &door.server.board().model())?;
    let order = Order::TakeOutOfService { source, span, reason };
    match door.order(peer, order).await? {
        Ok(Ordered { done, stored }) => {
            let id = done.suppression.map(|id| id.0);
            Ok(json(StatusCode::CREATED, &Begun { id, seq: done.seq, committed: stored }))
        }
        Err(refused @ OrderRefused::Unknown { .. }) => Err(Problem::unfit("source", refused.to_string())),
        Err(refused) => Err(refused::problem(&refused, "reason")),
    }
}

/// `DELETE /suppressions/{id}`: it ends.
pub(super) async fn end(
    State(door): State<Door>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
) -> Answer {
    let unknown = Problem::new(StatusCode::NOT_FOUND, "There is no such suppression, or it has ended.");
    let Ok(id) = id.parse().map(SuppressionId) else { return Err(unknown) };
    match door.order(peer, Order::EndSuppression(id)).await? {
        Ok(Ordered { done, stored }) => ok(&Ended { seq: done.seq, committed: stored }),
        Err(OrderRefused::Unknown { .. }) => Err(unknown),
        Err(refused) => Err(refused::problem(&refused, "reason")),
    }
}
