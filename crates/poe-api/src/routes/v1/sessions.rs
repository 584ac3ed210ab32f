//! `/api/v1/session` and `/sessions`: who asks, and where users have logged in.

use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::IntoResponse;
use poe_building::{AccessOrder, Order, OrderRefused, Role, UserSession};
use utoipa_axum::routes;

use crate::answer::{Answer, Page, ok};
use crate::auth::{Known, Moment, Policy, Proof};
use crate::door::Door;
use crate::problem::Problem;
use crate::request::{self, NoQuery, PartOfList, Path};
use crate::routes::table::Routes;
use crate::routes::v1::refused;
use crate::views::{SessionView, WhoAsksView, session_id};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(Policy::VIEWER, routes!(who))
        .add(Policy::VIEWER, routes!(list))
        .add(Policy::VIEWER, routes!(end))
}

/// Who you are here, and what you may see and do.
#[utoipa::path(get, path = "/api/v1/session", tag = "sessions", operation_id = "show_current_session",
    responses((status = 200, description = "You.", body = WhoAsksView)))]
async fn who(State(door): State<Door>, caller: Known, uri: Uri) -> Answer {
    let NoQuery {} = request::query(&uri)?;
    let (board, shared) = (door.server.board(), &door.shared);
    ok(&WhoAsksView::new(&caller, &board.access(), &board.model(), &shared.uses, shared.demo))
}

/// The sessions of everybody, if you are an administrator who sees everything; else your own.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "sessions", operation_id = "list_sessions",
    params(PartOfList), responses((status = 200, description = "All of them, or a page of them.", body = Page<SessionView>)))]
async fn list(State(door): State<Door>, caller: Known, uri: Uri) -> Answer {
    let part = PartOfList::of(&uri)?;
    let answer = door.work(move |server, shared| {
        let (access, uses, now) = (server.board().access(), &shared.uses, Moment::now());
        let is_shown = |session: &UserSession| sees(&caller, session) && !uses.is_over(session, now);
        let shown = access.sessions().filter(|session| is_shown(session));
        ok(&part.page(shown.map(|session| SessionView::new(session, uses, &caller))))
    });
    answer.await?
}

/// Ends a session: its browser has to log in again.
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", tag = "sessions", operation_id = "end_session",
    params(("id" = String, Path, description = "The session's id.")),
    responses((status = 204, description = "It has ended.")))]
async fn end(State(door): State<Door>, caller: Known, Path(id): Path<String>, request: Request) -> Answer {
    let access = door.server.board().access();
    let is_meant = |session: &UserSession| session_id(&session.hash) == id && sees(&caller, session);
    let hash = access.sessions().find(|session| is_meant(session)).ok_or_else(unknown)?.hash;
    request::nothing(request).await?;
    match door.order(&caller, Order::Access(AccessOrder::EndSession(hash))).await? {
        Ok(_) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(OrderRefused::Unknown { .. }) => Err(unknown()),
        Err(refused) => Err(refused::problem(&refused, "id")),
    }
}

fn sees(caller: &Known, session: &UserSession) -> bool {
    let is_theirs = matches!(caller.proof, Proof::Session(_)) && caller.name == session.user;
    is_theirs || caller.role == Role::Admin && caller.reach.is_everywhere()
}

fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is no session of this id.")
}
