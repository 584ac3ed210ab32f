//! `/api/v1/enrolment`: whether nodes that nobody knows are let in, and which of them wait.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Uri};
use poe_building::Source;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::answer::Answer;
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::problem::ProblemView;
use crate::request::{self, PartOfList};
use crate::routes::table::Routes;
use crate::routes::v1::edit::edit;
use crate::routes::v1::versions::versioned;
use crate::views::{EnrolmentView, WaitingView};
use crate::words::{EnrolmentWord, Word};

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Policy::VIEWER, routes!(show)).add(Policy::ENGINEER, routes!(change))
}

/// Whether nodes that nobody knows are let in, and which of them wait for somebody to approve them.
#[utoipa::path(get, path = "/api/v1/enrolment", tag = "enrolment", operation_id = "show_enrolment",
    params(PartOfList),
    responses((status = 200, description = "The mode, and the list or a page of it; the ETag is the version of the building.",
        body = EnrolmentView, headers(("ETag" = String, description = "The version, in quotes.")))))]
async fn show(State(door): State<Door>, caller: Known, uri: Uri) -> Answer {
    answer(&door, caller, PartOfList::of(&uri)?).await
}

/// What is done with nodes that nobody knows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Mode {
    mode: EnrolmentWord,
}

/// Changes the mode. With `If-Match`, only if nobody has changed the building meanwhile.
#[utoipa::path(put, path = "/api/v1/enrolment", tag = "enrolment", operation_id = "change_enrolment",
    params(("If-Match" = Option<String>, Header, description = "The ETag that your change was made from.")),
    request_body = Mode,
    responses(
        (status = 200, description = "It is in force: the mode, and the list as it is now.", body = EnrolmentView,
            headers(("ETag" = String, description = "The version, in quotes."))),
        (status = 412, description = "Somebody has changed it meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn change(State(door): State<Door>, caller: Known, headers: HeaderMap, request: Request) -> Answer {
    let Mode { mode: Word(mode) } = request::json(request).await?;
    edit(&door, &caller, &headers, move |model| {
        model.enrolment = mode;
        Ok(None)
    })
    .await?;
    answer(&door, caller, PartOfList::default()).await
}

async fn answer(door: &Door, caller: Known, part: PartOfList) -> Answer {
    let shown = door.work(move |server, shared| {
        let (model, directory) = (server.board().model(), shared.directory(server));
        let waiting = shared.glance.quarantine(server);
        let seen = waiting.iter().filter(|node| caller.sees(&Source::Node(node.address), &directory));
        let page = part.page(seen.map(WaitingView::from));
        versioned(model.version, &EnrolmentView::new(model.enrolment, &page))
    });
    shown.await
}
