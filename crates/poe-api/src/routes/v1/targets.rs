//! `/api/v1/targets`: who is told, and whether it gets through.

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, Uri};
use poe_building::{Order, OrderRefused};
use serde::Serialize;

use crate::answer::{Answer, Page, json, ok};
use crate::door::Door;
use crate::peer::Peer;
use crate::problem::Problem;
use crate::request::{self, Params};
use crate::routes::v1::refused;
use crate::server::Ordered;
use crate::views::TargetView;

/// `GET /targets`: in the order in which people describe them.
pub(super) async fn list(State(door): State<Door>, uri: Uri) -> Answer {
    Params::of(&uri)?.end()?;
    let board = door.server.board();
    let (model, letters, statuses) = (board.model(), board.dead_letters(), door.server.targets());
    ok(&Page::whole(model.targets.iter().map(|target| {
        let status = statuses.iter().find(|status| status.name == target.name);
        TargetView::new(target, status, &model, &letters)
    })))
}

/// A test that is under way. What becomes of it is in the journal, after this entry.
#[derive(Debug, Serialize)]
struct UnderWay {
    target: String,
    seq: u64,
    committed: bool,
}

/// `POST /targets/{name}/test`: it is to get a notification that says nothing.
pub(super) async fn test(
    State(door): State<Door>,
    Extension(peer): Extension<Peer>,
    Path(target): Path<String>,
    request: Request,
) -> Answer {
    request::nothing(request).await?;
    match door.order(peer, Order::TestTarget(target.as_str().into())).await? {
        Ok(Ordered { done, stored }) => {
            let under_way = UnderWay { target, seq: done.seq, committed: stored };
            Ok(json(StatusCode::ACCEPTED, &under_way))
        }
        Err(OrderRefused::Unknown { .. }) => {
            Err(Problem::new(StatusCode::NOT_FOUND, "There is no target of this name."))
        }
        Err(refused) => Err(refused::problem(&refused, "target")),
    }
}
