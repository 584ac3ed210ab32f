//! `/api/v1/tokens`: what programs show instead of a password.
//!
//! Only administrators who see everything make tokens, whether they ask by a session or by a token of their own: there are no
//! more rights than theirs to give away.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::IntoResponse;
use jiff::Timestamp;
use poe_building::{AccessOrder, Order, OrderRefused, Time, Token};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::answer::{Answer, Page, json, ok};
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::problem::Problem;
use crate::request::{self, PartOfList, Path};
use crate::routes::table::Routes;
use crate::routes::v1::{refused, users};
use crate::token;
use crate::views::{TokenView, now};
use crate::words::{RoleWord, Word};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Ten years: beyond that it is without an end, which has to be said.
const DAYS_MAX: u32 = 3_650;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(Policy::ADMIN, routes!(list))
        .add(Policy::ADMIN, routes!(show))
        .add_secret(Policy::ADMIN, routes!(create))
        .add(Policy::ADMIN, routes!(revoke))
}

/// The tokens, by id.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "tokens", operation_id = "list_tokens",
    params(PartOfList), responses((status = 200, description = "All of them, or a page of them.", body = Page<TokenView>)))]
async fn list(State(door): State<Door>, uri: Uri) -> Answer {
    let part = PartOfList::of(&uri)?;
    let answer = door.work(move |server, _| {
        let access = server.board().access();
        ok(&part.page(access.tokens().map(|token| TokenView::from(&**token))))
    });
    answer.await?
}

/// One of them.
#[utoipa::path(get, path = "/api/v1/tokens/{id}", tag = "tokens", operation_id = "show_token",
    params(("id" = String, Path, description = "The token's id.")),
    responses((status = 200, description = "The token.", body = TokenView)))]
async fn show(State(door): State<Door>, Path(id): Path<String>) -> Answer {
    ok(&TokenView::from(&*find(&door, &id)?))
}

/// A program that is to ask.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewToken {
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    role: RoleWord,
    /// The places that its bearer sees, with all that is in them; everything, if there are none.
    #[schema(max_items = 100)]
    buildings: Option<Vec<String>>,
    /// When it ends by itself. Without this and `expires_in_days` it never does.
    #[schema(format = DateTime)]
    expires: Option<String>,
    /// The same as a number of days from now.
    #[schema(minimum = 1, maximum = 3650)]
    expires_in_days: Option<u32>,
}

/// A token, and its text.
#[derive(Serialize, ToSchema)]
struct CreatedToken {
    /// For the header `Authorization: Bearer`. It is told this once, and kept nowhere.
    token: String,
    #[serde(flatten)]
    #[schema(inline)]
    view: TokenView,
}

/// Makes a token.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "tokens", operation_id = "create_token",
    request_body = NewToken,
    responses((status = 201, description = "The token, with its text.", body = CreatedToken,
        headers(("Location" = String, description = "The token.")))))]
async fn create(State(door): State<Door>, caller: Known, request: Request) -> Answer {
    let NewToken { name, role: Word(role), buildings, expires, expires_in_days } =
        request::json(request).await?;
    let reach = users::reach(buildings.unwrap_or_default())?;
    let created = now();
    let expires = end(expires.as_deref(), expires_in_days, created)?;
    let maker = caller.clone();
    let maker = door.work(move |_, _| maker.who().name).await?;
    let (token, text) = token::new(name, role, reach, created, maker, expires);
    match door.order(&caller, Order::Access(AccessOrder::CreateToken(token.clone()))).await? {
        Ok(_) => {
            let view = CreatedToken { token: text, view: TokenView::from(&token) };
            let mut answer = json(StatusCode::CREATED, &view);
            let location = HeaderValue::try_from(format!("/api/v1/tokens/{}", token.id));
            let location = location.expect("the id of a token is hexadecimal digits");
            answer.headers_mut().insert(header::LOCATION, location);
            Ok(answer)
        }
        Err(refused) => Err(refused::problem(&refused, "name")),
    }
}

/// From now on the token is good for nothing.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "tokens", operation_id = "revoke_token",
    params(("id" = String, Path, description = "The token's id.")),
    responses((status = 204, description = "It is revoked.")))]
async fn revoke(State(door): State<Door>, caller: Known, Path(id): Path<String>, request: Request) -> Answer {
    request::nothing(request).await?;
    match door.order(&caller, Order::Access(AccessOrder::RevokeToken(id.into()))).await? {
        Ok(_) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(OrderRefused::Unknown { .. }) => Err(unknown()),
        Err(refused) => Err(refused::problem(&refused, "id")),
    }
}

/// When a token ends that is to end at this time, or after so many days.
fn end(at: Option<&str>, in_days: Option<u32>, now: Time) -> Result<Option<Time>, Problem> {
    match (at, in_days) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(Problem::unfit("expires", "Give this or expires_in_days, not both.")),
        (None, Some(days)) if (1..=DAYS_MAX).contains(&days) => Ok(Some(now.after(DAY * days))),
        (None, Some(_)) => Err(Problem::unfit("expires_in_days", format!("Between 1 and {DAYS_MAX}."))),
        (Some(text), None) => {
            let time: Timestamp = text
                .parse()
                .map_err(|_| Problem::unfit("expires", "This must be a time as in 2026-03-29T14:03:07Z."))?;
            Ok(Some(Time(time.as_microsecond())))
        }
    }
}

fn find(door: &Door, id: &str) -> Result<Arc<Token>, Problem> {
    door.server.board().access().token(id).cloned().ok_or_else(unknown)
}

fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is no token of this id.")
}
