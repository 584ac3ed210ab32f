//! `/api/v1/events`: the journal, in order.

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use utoipa_axum::routes;

use crate::answer::{Answer, Page, ok};
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::journal::{Question, Wanted};
use crate::problem::{Problem, ProblemView};
use crate::request;
use crate::routes::table::Routes;
use crate::views::EntryView;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Policy::VIEWER, routes!(list))
}

/// The journal, the oldest entry first: what comes after an entry, or the last of it.
#[utoipa::path(get, path = "/api/v1/events", tag = "events", operation_id = "list_events", params(Wanted),
    responses(
        (status = 200, description = "A page of it.", body = Page<EntryView>),
        (status = 503, description = "Too many look something up in the journal, or it cannot be read.",
            content_type = "application/problem+json", body = inline(ProblemView),
            headers(("Retry-After" = u64, description = "Seconds."))),
    ))]
async fn list(State(door): State<Door>, caller: Known, uri: Uri) -> Answer {
    let question = Question::of(request::query(&uri)?, &door.server.board().model())?;
    let answer = door.look_up(move |server, shared| {
        let directory = shared.directory(server);
        let sees = |source: Option<&_>| match source {
            Some(source) => caller.sees(source, &directory),
            None => caller.reach.is_everywhere(),
        };
        let stored_at = |seq| server.stored_at(seq);
        let page = server.journal().and_then(|journal| question.ask(&journal, &directory, sees, stored_at));
        ok(&page.map_err(|error| {
            tracing::warn!(%error, "could not read the journal for a client");
            Problem::because(StatusCode::SERVICE_UNAVAILABLE, format!("The journal cannot be read: {error}"))
        })?)
    });
    answer.await?
}
