//! `/api/v1/targets`: who is told, and whether it gets through.

use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use poe_building::{Order, OrderRefused, Role};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::answer::{Answer, Page, json, ok};
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::problem::Problem;
use crate::request::{self, PartOfList, Path};
use crate::routes::table::Routes;
use crate::routes::v1::refused;
use crate::server::Ordered;
use crate::views::TargetView;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Policy::Everywhere(Role::Viewer), routes!(list)).add(Policy::ENGINEER, routes!(test))
}

/// Who can be told, in the order in which people describe them.
#[utoipa::path(get, path = "/api/v1/targets", tag = "targets", operation_id = "list_targets",
    params(PartOfList), responses((status = 200, description = "All of them, or a page of them.", body = Page<TargetView>)))]
async fn list(State(door): State<Door>, uri: Uri) -> Answer {
    let part = PartOfList::of(&uri)?;
    let board = door.server.board();
    let (model, letters, statuses) = (board.model(), board.dead_letters(), door.server.targets());
    ok(&part.page(model.targets.iter().map(|target| {
        let status = statuses.iter().find(|status| status.name == target.name);
        TargetView::new(target, status, &model, &letters)
    })))
}

/// A test that is under way. What becomes of it is in the journal, after this entry.
#[derive(Debug, Serialize, ToSchema)]
struct UnderWay {
    target: String,
    seq: u64,
    committed: bool,
}

/// Sends it a notification that says nothing.
#[utoipa::path(post, path = "/api/v1/targets/{name}/test", tag = "targets", operation_id = "test_target",
    params(("name" = String, Path, description = "The target's name.")),
    responses((status = 202, description = "It is under way.", body = UnderWay)))]
async fn test(
    State(door): State<Door>,
    caller: Known,
    Path(target): Path<String>,
    request: Request,
) -> Answer {
    request::nothing(request).await?;
    match door.order(&caller, Order::TestTarget(target.as_str().into())).await? {
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
