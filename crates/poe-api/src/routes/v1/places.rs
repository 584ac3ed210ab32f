//! `GET /api/v1/buildings` and `GET /api/v1/zones`: the places, and how each of them stands.

use axum::extract::State;
use axum::http::Uri;
use poe_building::PlaceKind;

use crate::answer::{Answer, Page, ok};
use crate::door::Door;
use crate::request::Params;
use crate::views::Places;

/// The site as a whole, then its buildings.
pub(super) async fn buildings(State(door): State<Door>, uri: Uri) -> Answer {
    Params::of(&uri)?.end()?;
    let page = door.work(|server, shared| {
        let directory = shared.directory(server);
        let nodes = server.nodes().into_iter().map(|node| node.address);
        let places = Places::new(&directory, &server.board().alarms(), nodes);
        let buildings = places.which(|place| place.kind == PlaceKind::Building);
        Page::whole([places.site()].into_iter().chain(buildings))
    });
    ok(&page.await?)
}

/// What is smaller than a building: floors, zones and rooms.
pub(super) async fn zones(State(door): State<Door>, uri: Uri) -> Answer {
    Params::of(&uri)?.end()?;
    let page = door.work(|server, shared| {
        let directory = shared.directory(server);
        let nodes = server.nodes().into_iter().map(|node| node.address);
        let places = Places::new(&directory, &server.board().alarms(), nodes);
        Page::whole(places.which(|place| place.kind != PlaceKind::Building))
    });
    ok(&page.await?)
}
