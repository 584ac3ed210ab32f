//! `/api/v1/plans`: floor plans, and where on them zones, nodes and sensors are.

mod image;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::IntoResponse;
use poe_building::{Model, Order, OrderRefused, Outline, Placement, Plan, Source, Text};
use serde::Deserialize;
use tokio::time::sleep;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::answer::{Answer, Page, ok};
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::plans::{Shelf, tidy_now};
use crate::problem::{Problem, ProblemView};
use crate::request::{self, PartOfList, Path, etag, if_match, is_known};
use crate::routes::table::Routes;
use crate::routes::v1::refused;
use crate::routes::v1::versions::{Changed, LOOK_AGAIN, TRIES, still_unseen, versioned};
use crate::server::Ordered;
use crate::views::{Fraction, OutlineView, PlanItem, PlanView, point};
use crate::words::SourceKindWord;

pub(super) fn routes(routes: Routes) -> Routes {
    let routes = routes
        .add(Policy::VIEWER, routes!(list))
        .add(Policy::ENGINEER, routes!(create))
        .add(Policy::VIEWER, routes!(show))
        .add(Policy::ENGINEER, routes!(replace))
        .add(Policy::ENGINEER, routes!(remove));
    image::routes(routes)
}

/// The floor plans, by name.
#[utoipa::path(get, path = "/api/v1/plans", tag = "plans", operation_id = "list_plans",
    params(PartOfList), responses((status = 200, description = "All of them, or a page of them.", body = Page<PlanItem>)))]
async fn list(State(door): State<Door>, caller: Known, uri: Uri) -> Answer {
    let part = PartOfList::of(&uri)?;
    let answer = door.work(move |server, shared| {
        let directory = shared.directory(server);
        let plans = server.board().plans();
        let seen = plans.iter().filter(|plan| sees(&caller, plan, &directory));
        ok(&part.page(seen.map(|plan| PlanItem::new(plan, &caller, &directory))))
    });
    answer.await?
}

/// A floor plan that is new.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPlan {
    /// Letters, digits, `.`, `_` and `-`.
    #[schema(value_type = String, min_length = 1, max_length = 64)]
    name: Text,
    #[schema(value_type = Option<String>, max_length = 200)]
    title: Option<Text>,
    /// The place that it shows; null: the site.
    #[schema(value_type = Option<String>)]
    place: Option<Text>,
}

/// Adds a floor plan that is still empty.
#[utoipa::path(post, path = "/api/v1/plans", tag = "plans", operation_id = "create_plan", request_body = NewPlan,
    responses((status = 201, description = "There it is.", body = Changed,
        headers(("ETag" = String, description = "The version, in quotes."), ("Location" = String, description = "Where it is.")))))]
async fn create(State(door): State<Door>, caller: Known, request: Request) -> Answer {
    let NewPlan { name, title, place } = request::json(request).await?;
    let path = format!("/api/v1/plans/{name}");
    let plan = Plan {
        name: name.clone(),
        title,
        place,
        image: None,
        zones: Vec::new(),
        placements: Vec::new(),
        version: 0,
    };
    match door.order(&caller, Order::SetPlan { plan: Box::new(plan), from_version: Some(0) }).await? {
        Ok(ordered) => Ok(Changed::created(1, ordered, &path)),
        Err(OrderRefused::Changed { .. }) => {
            Err(refused::problem(&OrderRefused::Taken { what: "plan", name }, "name"))
        }
        Err(refused) => Err(refused::problem(&refused, "name")),
    }
}

/// A floor plan with what is on it, as far as it is in reach.
#[utoipa::path(get, path = "/api/v1/plans/{name}", tag = "plans", operation_id = "show_plan",
    params(("name" = String, Path, description = "Its name."),
        ("If-None-Match" = Option<String>, Header, description = "The ETag that you have.")),
    responses(
        (status = 200, description = "The plan.", body = PlanView, headers(("ETag" = String, description = "The version, in quotes."))),
        (status = 304, description = "You have it."),
    ))]
async fn show(
    State(door): State<Door>,
    caller: Known,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let plan = find(&door, &caller, &name)?;
    // What is left out for somebody can change without the plan.
    if caller.reach.is_everywhere() && is_known(&headers, plan.version) {
        return Ok((StatusCode::NOT_MODIFIED, [etag(plan.version)]).into_response());
    }
    let view = door.work(move |server, shared| {
        let view = PlanView::new(&plan, &caller, &shared.directory(server));
        versioned(plan.version, &view)
    });
    view.await
}

/// All of a floor plan but its picture.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlanBody {
    #[schema(value_type = Option<String>, max_length = 200)]
    title: Option<Text>,
    /// The place that it shows; null: the site.
    #[schema(value_type = Option<String>)]
    place: Option<Text>,
    #[schema(max_items = 10000)]
    zones: Vec<OutlineView>,
    #[schema(max_items = 10000)]
    placements: Vec<PlacementBody>,
}

/// Where a node or a sensor is.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlacementBody {
    /// A sensor by its `ip_id`, a node by its address or name.
    source: String,
    /// What the source is, where its name could mean several things.
    #[serde(default)]
    source_kind: Option<SourceKindWord>,
    x: Fraction,
    y: Fraction,
}

/// All of it but the picture becomes this. With `If-Match`, only if nobody has changed it meanwhile.
#[utoipa::path(put, path = "/api/v1/plans/{name}", tag = "plans", operation_id = "replace_plan",
    params(("name" = String, Path, description = "Its name."),
        ("If-Match" = Option<String>, Header, description = "The ETag that your change was made from.")),
    request_body = PlanBody,
    responses(
        (status = 200, description = "It is in force.", body = Changed, headers(("ETag" = String, description = "The version, in quotes."))),
        (status = 412, description = "Somebody has changed it meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn replace(
    State(door): State<Door>,
    caller: Known,
    Path(name): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    let plan = find(&door, &caller, &name)?;
    let wanted = if_match(&headers, plan.version)?;
    let PlanBody { title, place, zones, placements } = request::json(request).await?;
    let placements = placed(placements, door.directory().model())?;
    let zones: Vec<Outline> = zones.into_iter().map(Outline::from).collect();
    let (version, ordered) = change(&door, &caller, &name, wanted, |plan| Plan {
        title: title.clone(),
        place: place.clone(),
        zones: zones.clone(),
        placements: placements.clone(),
        ..plan.clone()
    })
    .await?;
    Ok(Changed::answer(version, ordered))
}

/// Removes a floor plan, and its picture. With `If-Match`, only if nobody has changed it meanwhile.
#[utoipa::path(delete, path = "/api/v1/plans/{name}", tag = "plans", operation_id = "remove_plan",
    params(("name" = String, Path, description = "Its name."),
        ("If-Match" = Option<String>, Header, description = "The ETag of what you want to remove.")),
    responses(
        (status = 200, description = "It is gone.", body = crate::views::Done),
        (status = 412, description = "Somebody has changed it meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn remove(
    State(door): State<Door>,
    caller: Known,
    Path(name): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    let plan = find(&door, &caller, &name)?;
    let from_version = if_match(&headers, plan.version)?;
    request::nothing(request).await?;
    spare(&door, &plan).await?;
    match door.order(&caller, Order::RemovePlan { name: plan.name.clone(), from_version }).await? {
        Ok(ordered) => {
            tidy(&door).await?;
            ok(&crate::views::Done::from(ordered))
        }
        Err(OrderRefused::Unknown { .. }) => Err(unknown()),
        Err(refused) => Err(refused::problem(&refused, "name")),
    }
}

fn placed(placements: Vec<PlacementBody>, model: &Model) -> Result<Vec<Placement>, Problem> {
    let placed = placements.into_iter().enumerate().map(|(at, placement)| {
        let PlacementBody { source, source_kind, x, y } = placement;
        let field = format!("placements[{at}].source");
        match request::source(&source, source_kind.map(SourceKindWord::name), model) {
            Ok(source @ (Source::Node(_) | Source::Sensor(_))) => Ok(Placement { source, at: point(x, y) }),
            Ok(_) => Err(Problem::unfit(field, "This must be a node or a sensor.")),
            Err(problem) => Err(problem.of(field)),
        }
    });
    placed.collect()
}

/// Changes a plan that there is, and tells which version it has become.
async fn change(
    door: &Door,
    caller: &Known,
    name: &str,
    wanted: Option<u64>,
    change: impl Fn(&Plan) -> Plan,
) -> Result<(u64, Ordered), Problem> {
    for _ in 0..TRIES {
        let plan = find(door, caller, name)?;
        let from = plan.version;
        // What is shown may still be older than what somebody was told of.
        if wanted.is_none_or(|wanted| wanted <= from) {
            let order =
                Order::SetPlan { plan: Box::new(change(&plan)), from_version: Some(wanted.unwrap_or(from)) };
            match door.order(caller, order).await? {
                Ok(ordered) => return Ok((from + 1, ordered)),
                Err(OrderRefused::Changed { version: 0 }) => return Err(unknown()),
                Err(OrderRefused::Changed { .. }) if wanted.is_none() => {}
                Err(refused) => return Err(refused::problem(&refused, "name")),
            }
        }
        sleep(LOOK_AGAIN).await;
    }
    Err(still_unseen(wanted))
}

/// A plan that is in reach.
fn find(door: &Door, caller: &Known, name: &str) -> Result<Arc<Plan>, Problem> {
    let plan = door.server.board().plan(name).ok_or_else(unknown)?;
    if sees(caller, &plan, &door.directory()) { Ok(plan) } else { Err(unknown()) }
}

fn sees(caller: &Known, plan: &Plan, directory: &poe_building::Directory) -> bool {
    match &plan.place {
        Some(place) => caller.sees(&Source::Place(place.clone()), directory),
        None => caller.reach.is_everywhere(),
    }
}

fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is no plan of this name.")
}

/// The picture of this plan is about to be replaced or removed.
async fn spare(door: &Door, plan: &Arc<Plan>) -> Result<(), Problem> {
    let plan = Arc::clone(plan);
    door.work(move |server, _| plan.image.iter().for_each(|image| Shelf::of(server).spare(image))).await
}

/// Removes pictures that no plan has any more.
async fn tidy(door: &Door) -> Result<(), Problem> {
    door.work(|server, _| tidy_now(server)).await
}
