//! `/api/v1/login`, `/logout` and `/password`: how a session begins and ends, and one's own password.

use axum::extract::{Extension, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::IntoResponse;
use poe_building::AccessOrder;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::accounts::{self, WRONG};
use crate::answer::{Answer, json, ok};
use crate::auth::{Known, Policy, Proof};
use crate::door::Door;
use crate::password;
use crate::peer::Peer;
use crate::problem::{Problem, ProblemView};
use crate::request::{self, NoQuery};
use crate::routes::table::Routes;
use crate::routes::v1::refused;
use crate::views::UserView;

const NO_SESSION: Problem =
    Problem::new(StatusCode::CONFLICT, "You ask without a session; a token ends by being revoked.");
const NO_PASSWORD: Problem =
    Problem::new(StatusCode::CONFLICT, "You ask without a session: whoever has none has no password here.");

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
/// What a browser keeps of us: pictures of floor plans, which it would ask us for before it shows them, and files of the
/// dashboard.
const FORGET_PICTURES: HeaderValue = HeaderValue::from_static("\"cache\"");

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(Policy::Open, routes!(show))
        .add_secret(Policy::Open, routes!(login))
        .add_secret(Policy::VIEWER, routes!(logout))
        .add_secret(Policy::VIEWER, routes!(change_password))
}

/// What is to be known before anybody logs in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Entrance)]
struct EntranceView {
    /// Whether the building, its nodes and its readings are made up: `poe serve --demo`.
    demo: bool,
}

/// What everybody may know: whether this is a demo.
#[utoipa::path(get, path = "/api/v1/login", tag = "accounts", operation_id = "show_login",
    responses((status = 200, description = "Whether anybody is logged in or not.", body = EntranceView)))]
async fn show(State(door): State<Door>, uri: Uri) -> Answer {
    let NoQuery {} = request::query(&uri)?;
    ok(&EntranceView { demo: door.shared.demo })
}

/// Who logs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Login {
    name: String,
    password: String,
}

/// Begins a session. One that the browser had ends.
#[utoipa::path(post, path = "/api/v1/login", tag = "accounts", operation_id = "log_in", request_body = Login,
    responses(
        (status = 200, description = "The user; the cookie is set.", body = UserView,
            headers(("Set-Cookie" = String, description = "The session."))),
        (status = 401, description = "There is no user with this name and this password.",
            content_type = "application/problem+json", body = inline(ProblemView)),
        (status = 429, description = "Too often; `Retry-After` says how long to wait.",
            content_type = "application/problem+json", body = inline(ProblemView),
            headers(("Retry-After" = u64, description = "Seconds."))),
    ))]
async fn login(State(door): State<Door>, Extension(peer): Extension<Peer>, request: Request) -> Answer {
    let headers = request.headers().clone();
    let Login { name, password } = request::short_json(request).await?;
    let user = door.user_by_password(&name, password.clone(), peer).await?.ok_or(WRONG)?;
    let user = if password::is_outdated(&user.password) {
        door.hash_anew(&user, password, peer).await?
    } else {
        user
    };
    let secret = door.begin_session(&user, peer, &headers).await?;
    let mut answer = json(StatusCode::OK, &UserView::from(&*user));
    answer.headers_mut().extend([accounts::set(secret, peer, door.shared.demo)]);
    Ok(answer)
}

/// Ends the session by which you ask.
#[utoipa::path(post, path = "/api/v1/logout", tag = "accounts", operation_id = "log_out",
    responses((status = 204, description = "It has ended, and the cookie is cleared.", headers(
        ("Set-Cookie" = String, description = "An empty one."),
        ("Clear-Site-Data" = String, description = "Over TLS and on the server's machine: the browser forgets the pictures of floor plans that it keeps.")))))]
async fn logout(
    State(door): State<Door>,
    caller: Known,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Answer {
    let Proof::Session(hash) = caller.proof else { return Err(NO_SESSION) };
    request::nothing(request).await?;
    // Refused: it has ended meanwhile, which is as well.
    let _ = door.change_access(AccessOrder::EndSession(hash), &caller.who()).await?;
    let mut answer = (StatusCode::NO_CONTENT, [accounts::cleared(peer, door.shared.demo)]).into_response();
    // Elsewhere browsers do not obey it, and complain.
    if peer.is_secure() || peer.is_on_this_machine() {
        answer.headers_mut().insert(CLEAR_SITE_DATA, FORGET_PICTURES);
    }
    Ok(answer)
}

/// One's own password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Passwords {
    old: String,
    #[schema(min_length = 12, max_length = 128)]
    new: String,
}

/// Changes your own password. All your sessions end, and a new one begins here.
#[utoipa::path(post, path = "/api/v1/password", tag = "accounts", operation_id = "change_password",
    request_body = Passwords,
    responses(
        (status = 204, description = "It is changed; the cookie is that of the new session.",
            headers(("Set-Cookie" = String, description = "The new session."))),
        (status = 429, description = "Too often; `Retry-After` says how long to wait.",
            content_type = "application/problem+json", body = inline(ProblemView),
            headers(("Retry-After" = u64, description = "Seconds."))),
    ))]
async fn change_password(
    State(door): State<Door>,
    caller: Known,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Answer {
    let Proof::Session(_) = caller.proof else { return Err(NO_PASSWORD) };
    let headers = request.headers().clone();
    let Passwords { old, new } = request::short_json(request).await?;
    let wrong = || Problem::unfit("old", "This is not your present password.");
    let user = door.user_by_password(&caller.name, old, peer).await?.ok_or_else(wrong)?;
    let password = door.hash_password(&user.name, new, "new", peer).await?;
    let change = AccessOrder::ChangeUser {
        name: user.name.clone(),
        role: None,
        reach: None,
        password: Some(password.clone()),
        from_version: None,
    };
    if let Err(refused) = door.change_access(change, &caller.who()).await? {
        return Err(refused::problem(&refused, "new"));
    }
    let user = poe_building::User { password, ..(*user).clone() };
    let secret = door.begin_session(&user, peer, &headers).await?;
    Ok((StatusCode::NO_CONTENT, [accounts::set(secret, peer, door.shared.demo)]).into_response())
}
