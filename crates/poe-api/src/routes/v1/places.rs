//! `/api/v1/buildings` and `/api/v1/zones`: the places, and how each of them stands.

use axum::extract::State;
use axum::http::Uri;
use poe_building::{PlaceKind, Source, Text};
use utoipa_axum::routes;

use crate::answer::{Answer, Page, ok};
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::request::PartOfList;
use crate::routes::table::Routes;
use crate::views::{PlaceView, Places};

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Policy::VIEWER, routes!(buildings)).add(Policy::VIEWER, routes!(zones))
}

/// The site as a whole, then its buildings.
#[utoipa::path(get, path = "/api/v1/buildings", tag = "places", operation_id = "list_buildings",
    params(PartOfList), responses((status = 200, description = "All of them, or a page of them.", body = Page<PlaceView>)))]
async fn buildings(State(door): State<Door>, caller: Known, uri: Uri) -> Answer {
    let part = PartOfList::of(&uri)?;
    let answer = door.work(move |server, shared| {
        let directory = shared.directory(server);
        let nodes = shared.glance.roll(server, &shared.names(server));
        let alarms = shared.glance.alarms(server);
        let places = Places::new(&directory, &alarms, nodes.addresses());
        let site = caller.reach.is_everywhere().then(|| places.site());
        let buildings =
            places.which(|place| place.kind == PlaceKind::Building && sees(&caller, &place.name, &directory));
        ok(&part.page(site.into_iter().chain(buildings)))
    });
    answer.await?
}

/// What is smaller than a building: floors, zones and rooms.
#[utoipa::path(get, path = "/api/v1/zones", tag = "places", operation_id = "list_zones",
    params(PartOfList), responses((status = 200, description = "All of them, or a page of them.", body = Page<PlaceView>)))]
async fn zones(State(door): State<Door>, caller: Known, uri: Uri) -> Answer {
    let part = PartOfList::of(&uri)?;
    let answer = door.work(move |server, shared| {
        let directory = shared.directory(server);
        let nodes = shared.glance.roll(server, &shared.names(server));
        let alarms = shared.glance.alarms(server);
        let places = Places::new(&directory, &alarms, nodes.addresses());
        ok(&part.page(
            places.which(|place| place.kind != PlaceKind::Building && sees(&caller, &place.name, &directory)),
        ))
    });
    answer.await?
}

fn sees(caller: &Known, place: &Text, directory: &poe_building::Directory) -> bool {
    caller.sees(&Source::Place(place.clone()), directory)
}
