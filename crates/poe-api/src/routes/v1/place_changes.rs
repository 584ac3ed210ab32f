//! `/api/v1/buildings/{name}` and `/api/v1/zones/{name}`: what people say of a place.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use poe_building::{Item, Model, Place, PlaceKind, Source, Text};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::answer::Answer;
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::problem::{Problem, ProblemView};
use crate::request::{self, Path};
use crate::routes::table::Routes;
use crate::routes::v1::edit::{Edit, edit, needed_name, same_name, taken};
use crate::routes::v1::versions::{Changed, versioned};
use crate::views::{PlaceView, Places};
use crate::words::{PlaceKindWord, Word};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(Policy::VIEWER, routes!(show_building_place))
        .add(Policy::ENGINEER, routes!(create_building_place))
        .add(Policy::ENGINEER, routes!(replace_building_place))
        .add(Policy::ENGINEER, routes!(remove_building_place))
        .add(Policy::VIEWER, routes!(show_zone))
        .add(Policy::ENGINEER, routes!(create_zone))
        .add(Policy::ENGINEER, routes!(replace_zone))
        .add(Policy::ENGINEER, routes!(remove_zone))
}

/// Which places a path is about.
type Which = fn(PlaceKind) -> bool;

const BUILDINGS: Which = |kind| kind == PlaceKind::Building;
const ZONES: Which = |kind| kind != PlaceKind::Building;

/// What people say of a building.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BuildingBody {
    /// Needed for a new one; otherwise it is the path's.
    #[schema(value_type = Option<String>, max_length = 64)]
    name: Option<Text>,
    /// What people read.
    #[schema(value_type = Option<String>, max_length = 200)]
    title: Option<Text>,
}

/// What people say of a floor, a zone or a room.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ZoneBody {
    /// Needed for a new one; otherwise it is the path's.
    #[schema(value_type = Option<String>, max_length = 64)]
    name: Option<Text>,
    /// `floor`, `zone` or `room`.
    kind: PlaceKindWord,
    /// The larger place that it is in; null: the site.
    #[schema(value_type = Option<String>)]
    within: Option<Text>,
    /// What people read.
    #[schema(value_type = Option<String>, max_length = 200)]
    title: Option<Text>,
}

impl BuildingBody {
    fn place(self, path: Option<&str>) -> Result<Place, Problem> {
        let BuildingBody { name, title } = self;
        Ok(Place { name: named(name, path)?, kind: PlaceKind::Building, within: None, title })
    }
}

impl ZoneBody {
    fn place(self, path: Option<&str>) -> Result<Place, Problem> {
        let ZoneBody { name, kind: Word(kind), within, title } = self;
        if !ZONES(kind) {
            return Err(Problem::unfit(
                "kind",
                "One of floor, zone and room; buildings are under /api/v1/buildings.",
            ));
        }
        Ok(Place { name: named(name, path)?, kind, within, title })
    }
}

fn named(said: Option<Text>, path: Option<&str>) -> Result<Text, Problem> {
    match path {
        None => needed_name(said),
        Some(path) => same_name(said.as_deref(), path).map(|()| path.into()),
    }
}

/// A building, and the worst of what is in it. The ETag is the version of all that people say about the building.
#[utoipa::path(get, path = "/api/v1/buildings/{name}", tag = "places", operation_id = "show_building_place",
    params(("name" = String, Path, description = "Its name.")),
    responses((status = 200, description = "It.", body = PlaceView,
        headers(("ETag" = String, description = "The building's version, in quotes.")))))]
async fn show_building_place(State(door): State<Door>, caller: Known, Path(name): Path<String>) -> Answer {
    show(door, caller, name, BUILDINGS).await
}

/// Adds a building.
#[utoipa::path(post, path = "/api/v1/buildings", tag = "places", operation_id = "create_building_place",
    params(("If-Match" = Option<String>, Header, description = "The ETag that your change was made from.")),
    request_body = BuildingBody,
    responses(
        (status = 201, description = "There it is.", body = Changed, headers(
            ("ETag" = String, description = "The building's version, in quotes."),
            ("Location" = String, description = "Where it is."))),
        (status = 412, description = "Somebody has changed the building meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn create_building_place(
    State(door): State<Door>,
    caller: Known,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    let body: BuildingBody = request::json(request).await?;
    let place = body.place(None)?;
    let path = format!("/api/v1/buildings/{}", place.name);
    let (version, ordered) = edit(&door, &caller, &headers, move |model| add(model, &place)).await?;
    Ok(Changed::created(version, ordered, &path))
}

/// All that is said of a building becomes this.
#[utoipa::path(put, path = "/api/v1/buildings/{name}", tag = "places", operation_id = "replace_building_place",
    params(("name" = String, Path, description = "Its name."),
        ("If-Match" = Option<String>, Header, description = "The ETag that your change was made from.")),
    request_body = BuildingBody,
    responses(
        (status = 200, description = "It is in force.", body = Changed, headers(("ETag" = String, description = "The building's version, in quotes."))),
        (status = 412, description = "Somebody has changed the building meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn replace_building_place(
    State(door): State<Door>,
    caller: Known,
    Path(name): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    let body: BuildingBody = request::json(request).await?;
    let place = body.place(Some(&name))?;
    let (version, ordered) =
        edit(&door, &caller, &headers, move |model| set(model, &place, BUILDINGS)).await?;
    Ok(Changed::answer(version, ordered))
}

/// Removes a building that nothing refers to any more.
#[utoipa::path(delete, path = "/api/v1/buildings/{name}", tag = "places", operation_id = "remove_building_place",
    params(("name" = String, Path, description = "Its name."),
        ("If-Match" = Option<String>, Header, description = "The ETag that your change was made from.")),
    responses(
        (status = 200, description = "It is gone.", body = Changed, headers(("ETag" = String, description = "The building's version, in quotes."))),
        (status = 412, description = "Somebody has changed the building meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn remove_building_place(
    State(door): State<Door>,
    caller: Known,
    Path(name): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    request::nothing(request).await?;
    let (version, ordered) =
        edit(&door, &caller, &headers, move |model| drop_place(model, &name, BUILDINGS)).await?;
    Ok(Changed::answer(version, ordered))
}

/// A floor, zone or room, and the worst of what is in it. The ETag is the version of all that people say about the building.
#[utoipa::path(get, path = "/api/v1/zones/{name}", tag = "places", operation_id = "show_zone",
    params(("name" = String, Path, description = "Its name.")),
    responses((status = 200, description = "It.", body = PlaceView,
        headers(("ETag" = String, description = "The building's version, in quotes.")))))]
async fn show_zone(State(door): State<Door>, caller: Known, Path(name): Path<String>) -> Answer {
    show(door, caller, name, ZONES).await
}

/// Adds a floor, zone or room.
#[utoipa::path(post, path = "/api/v1/zones", tag = "places", operation_id = "create_zone",
    params(("If-Match" = Option<String>, Header, description = "The ETag that your change was made from.")),
    request_body = ZoneBody,
    responses(
        (status = 201, description = "There it is.", body = Changed, headers(
            ("ETag" = String, description = "The building's version, in quotes."),
            ("Location" = String, description = "Where it is."))),
        (status = 412, description = "Somebody has changed the building meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn create_zone(
    State(door): State<Door>,
    caller: Known,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    let body: ZoneBody = request::json(request).await?;
    let place = body.place(None)?;
    let path = format!("/api/v1/zones/{}", place.name);
    let (version, ordered) = edit(&door, &caller, &headers, move |model| add(model, &place)).await?;
    Ok(Changed::created(version, ordered, &path))
}

/// All that is said of a floor, zone or room becomes this.
#[utoipa::path(put, path = "/api/v1/zones/{name}", tag = "places", operation_id = "replace_zone",
    params(("name" = String, Path, description = "Its name."),
        ("If-Match" = Option<String>, Header, description = "The ETag that your change was made from.")),
    request_body = ZoneBody,
    responses(
        (status = 200, description = "It is in force.", body = Changed, headers(("ETag" = String, description = "The building's version, in quotes."))),
        (status = 412, description = "Somebody has changed the building meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn replace_zone(
    State(door): State<Door>,
    caller: Known,
    Path(name): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    let body: ZoneBody = request::json(request).await?;
    let place = body.place(Some(&name))?;
    let (version, ordered) = edit(&door, &caller, &headers, move |model| set(model, &place, ZONES)).await?;
    Ok(Changed::answer(version, ordered))
}

/// Removes a floor, zone or room that nothing refers to any more.
#[utoipa::path(delete, path = "/api/v1/zones/{name}", tag = "places", operation_id = "remove_zone",
    params(("name" = String, Path, description = "Its name."),
        ("If-Match" = Option<String>, Header, description = "The ETag that your change was made from.")),
    responses(
        (status = 200, description = "It is gone.", body = Changed, headers(("ETag" = String, description = "The building's version, in quotes."))),
        (status = 412, description = "Somebody has changed the building meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn remove_zone(
    State(door): State<Door>,
    caller: Known,
    Path(name): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    request::nothing(request).await?;
    let (version, ordered) =
        edit(&door, &caller, &headers, move |model| drop_place(model, &name, ZONES)).await?;
    Ok(Changed::answer(version, ordered))
}

async fn show(door: Door, caller: Known, name: String, which: Which) -> Answer {
    let shown = door.work(move |server, shared| {
        let directory = shared.directory(server);
        let nodes = shared.glance.roll(server, &shared.names(server));
        let alarms = shared.glance.alarms(server);
        let places = Places::new(&directory, &alarms, nodes.addresses());
        let sees = |place: &Place| caller.sees(&Source::Place(place.name.clone()), &directory);
        let found = places.which(|place| *place.name == *name && which(place.kind) && sees(place)).next();
        found.map(|place| versioned(directory.model().version, &place))
    });
    shown.await?.ok_or_else(unknown)
}

fn add(model: &mut Model, place: &Place) -> Edit {
    if model.places.iter().any(|known| known.name == place.name) {
        return Err(taken("place", &place.name));
    }
    model.places.push(place.clone());
    Ok(Some(Item::Place(model.places.len() - 1)))
}

fn set(model: &mut Model, place: &Place, which: Which) -> Edit {
    let at = find(model, &place.name, which)?;
    model.places[at] = place.clone();
    Ok(Some(Item::Place(at)))
}

fn drop_place(model: &mut Model, name: &str, which: Which) -> Edit {
    let at = find(model, name, which)?;
    model.places.remove(at);
    Ok(None)
}

fn find(model: &Model, name: &str, which: Which) -> Result<usize, Problem> {
    model.places.iter().position(|place| *place.name == *name && which(place.kind)).ok_or_else(unknown)
}

fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is no place of this name here.")
}
