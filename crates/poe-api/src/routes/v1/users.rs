//! `/api/v1/users`: who logs in with a password.

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use poe_building::{AccessOrder, Order, OrderRefused, Reach, Role, User};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::answer::{Answer, Page, json, ok};
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::peer::Peer;
use crate::problem::{Problem, ProblemView};
use crate::request::{self, PartOfList, Path, if_match};
use crate::routes::table::Routes;
use crate::routes::v1::refused;
use crate::routes::v1::versions::{versioned, versioned_unless_known};
use crate::views::{UserView, now};
use crate::words::{RoleWord, Word};

/// More buildings than this are a role for everything.
const BUILDINGS_MAX: usize = 100;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(Policy::ADMIN, routes!(list))
        .add(Policy::ADMIN, routes!(show))
        .add_secret(Policy::ADMIN, routes!(add))
        .add(Policy::ADMIN, routes!(change))
        .add(Policy::ADMIN, routes!(remove))
}

/// The users, by name.
#[utoipa::path(get, path = "/api/v1/users", tag = "users", operation_id = "list_users",
    params(PartOfList), responses((status = 200, description = "All of them, or a page of them.", body = Page<UserView>)))]
async fn list(State(door): State<Door>, uri: Uri) -> Answer {
    let part = PartOfList::of(&uri)?;
    let answer = door.work(move |server, _| {
        let access = server.board().access();
        ok(&part.page(access.users().map(|user| UserView::from(&**user))))
    });
    answer.await?
}

/// One of them.
#[utoipa::path(get, path = "/api/v1/users/{name}", tag = "users", operation_id = "show_user",
    params(("name" = String, Path, description = "The user's name."),
        ("If-None-Match" = Option<String>, Header, description = "The ETag that you have.")),
    responses(
        (status = 200, description = "The user; the ETag is the version of the account.", body = UserView,
            headers(("ETag" = String, description = "The version, in quotes."))),
        (status = 304, description = "You have it."),
    ))]
async fn show(State(door): State<Door>, Path(name): Path<String>, headers: HeaderMap) -> Answer {
    let user = find(&door, &name)?;
    Ok(versioned_unless_known(&headers, user.version(), &UserView::from(&*user)))
}

/// Somebody who is to log in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewUser {
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._@-]+$")]
    name: String,
    #[schema(min_length = 12, max_length = 128)]
    password: String,
    role: RoleWord,
    /// The places that they see, with all that is in them; everything, if there are none.
    #[schema(max_items = 100)]
    buildings: Option<Vec<String>>,
}

/// Gives somebody an account.
#[utoipa::path(post, path = "/api/v1/users", tag = "users", operation_id = "add_user", request_body = NewUser,
    responses(
        (status = 201, description = "The user.", body = UserView,
            headers(("Location" = String, description = "The user."))),
        (status = 429, description = "Too many passwords are hashed at this moment.",
            content_type = "application/problem+json", body = inline(ProblemView),
            headers(("Retry-After" = u64, description = "Seconds."))),
    ))]
async fn add(
    State(door): State<Door>,
    caller: Known,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Answer {
    let NewUser { name, password, role: Word(role), buildings } = request::json(request).await?;
    let reach = reach(buildings.unwrap_or_default())?;
    let password = door.hash_password(&name, password, "password", peer).await?;
    let user = User { name: name.into(), role, reach, password, created: now() };
    match door.order(&caller, Order::Access(AccessOrder::AddUser(user.clone()))).await? {
        Ok(_) => {
            let mut answer = json(StatusCode::CREATED, &UserView::from(&user));
            let location = HeaderValue::try_from(format!("/api/v1/users/{}", user.name));
            let location = location.expect("a user's name is letters, digits and a few signs");
            answer.headers_mut().insert(header::LOCATION, location);
            Ok(answer)
        }
        Err(refused) => Err(refused::problem(&refused, "name")),
    }
}

/// What is to be different. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UserChange {
    #[schema(min_length = 12, max_length = 128)]
    password: Option<String>,
    #[schema(value_type = Option<RoleWord>)]
    role: Option<Word<Role>>,
    /// The places that they see from now on; everything, if there are none.
    #[schema(max_items = 100)]
    buildings: Option<Vec<String>>,
}

/// Changes an account. Another password, role or reach ends its sessions. With `If-Match`, only if nobody has changed it
/// meanwhile.
#[utoipa::path(patch, path = "/api/v1/users/{name}", tag = "users", operation_id = "change_user",
    params(("name" = String, Path, description = "The user's name."),
        ("If-Match" = Option<String>, Header, description = "The ETag that your change was made from.")),
    request_body = UserChange,
    responses(
        (status = 200, description = "The user, as it is now.", body = UserView,
            headers(("ETag" = String, description = "The version, in quotes."))),
        (status = 412, description = "Somebody has changed it meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
        (status = 429, description = "Too many passwords are hashed at this moment.",
            content_type = "application/problem+json", body = inline(ProblemView),
            headers(("Retry-After" = u64, description = "Seconds."))),
    ))]
async fn change(
    State(door): State<Door>,
    caller: Known,
    Extension(peer): Extension<Peer>,
    Path(name): Path<String>,
    request: Request,
) -> Answer {
    let user = find(&door, &name)?;
    let name = user.name.clone();
    let from_version = if_match(request.headers(), user.version())?;
    let UserChange { password, role, buildings } = request::json(request).await?;
    let reach = buildings.map(reach).transpose()?;
    let password = match password {
        Some(password) => Some(door.hash_password(&name, password, "password", peer).await?),
        None => None,
    };
    let role = role.map(|Word(role)| role);
    let order = AccessOrder::ChangeUser { name: name.clone(), role, reach, password, from_version };
    match door.order(&caller, Order::Access(order)).await? {
        Ok(_) => Ok(view(find(&door, &name)?.as_ref())),
        Err(OrderRefused::Unknown { .. }) => Err(unknown()),
        Err(refused) => Err(refused::problem(&refused, "role")),
    }
}

/// Ends an account, and the user's sessions. With `If-Match`, only if nobody has changed it meanwhile.
#[utoipa::path(delete, path = "/api/v1/users/{name}", tag = "users", operation_id = "remove_user",
    params(("name" = String, Path, description = "The user's name."),
        ("If-Match" = Option<String>, Header, description = "The ETag that you have seen.")),
    responses(
        (status = 204, description = "There is no such user any more."),
        (status = 412, description = "Somebody has changed it meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn remove(
    State(door): State<Door>,
    caller: Known,
    Path(name): Path<String>,
    request: Request,
) -> Answer {
    let user = find(&door, &name)?;
    let name = user.name.clone();
    let from_version = if_match(request.headers(), user.version())?;
    request::nothing(request).await?;
    let order = AccessOrder::RemoveUser { name, from_version };
    match door.order(&caller, Order::Access(order)).await? {
        Ok(_) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(OrderRefused::Unknown { .. }) => Err(unknown()),
        Err(refused) => Err(refused::problem(&refused, "name")),
    }
}

/// How far somebody is to see. Whether there are such places the building says.
pub(super) fn reach(buildings: Vec<String>) -> Result<Reach, Problem> {
    if buildings.len() > BUILDINGS_MAX {
        return Err(Problem::unfit("buildings", format!("Give {BUILDINGS_MAX} buildings at most.")));
    }
    Ok(Reach::of(buildings.into_iter().map(Into::into).collect()))
}

/// A user with the version of the account.
fn view(user: &User) -> Response {
    versioned(user.version(), &UserView::from(user))
}

fn find(door: &Door, name: &str) -> Result<Arc<User>, Problem> {
    door.server.board().access().user(name).cloned().ok_or_else(unknown)
}

fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is no user of this name.")
}
