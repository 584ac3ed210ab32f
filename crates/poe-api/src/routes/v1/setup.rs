//! `/api/v1/setup`: the first account. Once there is one, nothing is at this path.

use axum::extract::{Extension, Request, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use poe_building::{AccessOrder, OrderRefused, Reach, Role, User, Who};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::accounts::{self, Shown};
use crate::answer::{Answer, json, ok};
use crate::auth::Policy;
use crate::door::Door;
use crate::peer::Peer;
use crate::problem::{Problem, ProblemView};
use crate::request::{self, NoQuery};
use crate::routes::table::Routes;
use crate::routes::v1::refused;
use crate::views::{UserView, now};

/// Under this name tries with a wrong token are counted; no user can have it.
const ACCOUNT: &str = "";

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Policy::Open, routes!(show)).add_secret(Policy::Open, routes!(make))
}

/// That there is no account yet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Setup)]
struct SetupView {
    /// Always true: afterwards nothing is here.
    needed: bool,
    /// Whether the setup token that the server has made at its start is still good. If not, a restart makes a new one.
    token_valid: bool,
    /// Whether the building, its nodes and its readings are made up: `poe serve --demo`.
    demo: bool,
}

/// Whether the first account is still to be made.
#[utoipa::path(get, path = "/api/v1/setup", tag = "accounts", operation_id = "show_setup",
    responses(
        (status = 200, description = "It is.", body = SetupView),
        (status = 404, description = "There is an account.", content_type = "application/problem+json",
            body = inline(ProblemView)),
    ))]
async fn show(State(door): State<Door>, uri: Uri) -> Answer {
    only_before_the_first(&door)?;
    let NoQuery {} = request::query(&uri)?;
    let token = door.shared.accounts.setup_token();
    let token_valid = token.is_some_and(|token| !token.has_expired());
    ok(&SetupView { needed: true, token_valid, demo: door.shared.demo })
}

/// The first account, which is an administrator's.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct First {
    /// From the terminal that the server was started on, or from the file `setup-token` in its data folder.
    token: String,
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._@-]+$")]
    name: String,
    #[schema(min_length = 12, max_length = 128)]
    password: String,
}

/// Makes the first account, and begins a session for it.
#[utoipa::path(post, path = "/api/v1/setup", tag = "accounts", operation_id = "set_up", request_body = First,
    responses(
        (status = 201, description = "It is made, and logged in: the cookie is set.", body = UserView,
            headers(("Location" = String, description = "The user."), ("Set-Cookie" = String, description = "The session."))),
        (status = 404, description = "There is an account.", content_type = "application/problem+json",
            body = inline(ProblemView)),
        (status = 429, description = "Too often; `Retry-After` says how long to wait.",
            content_type = "application/problem+json", body = inline(ProblemView),
            headers(("Retry-After" = u64, description = "Seconds."))),
    ))]
async fn make(State(door): State<Door>, Extension(peer): Extension<Peer>, request: Request) -> Answer {
    only_before_the_first(&door)?;
    let headers = request.headers().clone();
    let First { token, name, password } = request::short_json(request).await?;
    check_token(&door, &token, peer).await?;

    let password = door.hash_password(&name, password, "password", peer).await?;
    let who = Who::new(name.as_str(), peer.origin());
    let user =
        User { name: name.into(), role: Role::Admin, reach: Reach::default(), password, created: now() };
    match door.change_access(AccessOrder::SetUp(user.clone()), &who).await? {
        Ok(_) => door.shared.accounts.drop_setup_token(),
        Err(OrderRefused::AlreadySetUp) => return Err(Problem::NOT_FOUND),
        Err(refused) => return Err(refused::problem(&refused, "name")),
    }
    let mut answer = json(StatusCode::CREATED, &UserView::from(&user));
    let location = HeaderValue::try_from(format!("/api/v1/users/{}", user.name));
    let location = location.expect("a user's name is letters, digits and a few signs");
    answer.headers_mut().insert(header::LOCATION, location);
    // The account is made, whether its session begins or not: without one they log in.
    if let Ok(secret) = door.begin_session(&user, peer, &headers).await {
        answer.headers_mut().extend([accounts::set(secret, peer, door.shared.demo)]);
    }
    Ok(answer)
}

/// To everybody as if there had never been anything here.
fn only_before_the_first(door: &Door) -> Result<(), Problem> {
    if door.server.board().access().is_new() { Ok(()) } else { Err(Problem::NOT_FOUND) }
}

async fn check_token(door: &Door, shown: &str, peer: Peer) -> Result<(), Problem> {
    const LATE: &str = "The setup token has expired. Restart the server for a new one, or make the account on its machine by \
        `poe user add`.";
    let attempt = door.turn(ACCOUNT, peer).await?;
    // Meanwhile somebody else may have made it.
    only_before_the_first(door)?;
    let token = door.shared.accounts.setup_token();
    match token.map_or(Shown::Late, |token| token.judge(shown)) {
        Shown::Right => {
            attempt.succeeded();
            Ok(())
        }
        Shown::Late => Err(Problem::unfit("token", LATE)),
        Shown::Wrong => {
            door.tried_wrongly(attempt, ACCOUNT, peer);
            Err(Problem::unfit("token", "This is not the setup token that the server has made at its start."))
        }
    }
}
