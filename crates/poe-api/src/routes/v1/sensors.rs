//! `/api/v1/sensors`: the latest value of every sensor.

use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use poe_building::SensorKey;

use crate::answer::{Answer, Page, ok};
use crate::door::Door;
use crate::problem::Problem;
use crate::request::Params;
use crate::views::{Qualities, SensorView};

const LIMIT: usize = 1_000;
const LIMIT_MAX: usize = 10_000;

/// `GET /sensors?after=&limit=`: in the order in which they became known.
pub(super) async fn list(State(door): State<Door>, uri: Uri) -> Answer {
    let mut params = Params::of(&uri)?;
    let from = params.number("after")?.unwrap_or(0) as usize;
    let limit = params.limit("limit", LIMIT_MAX)?.unwrap_or(LIMIT);
    params.end()?;
    let page = door.work(move |server, shared| {
        let (directory, latest) = (shared.directory(server), server.latest());
        let qualities = Qualities::new(&server.nodes(), &server.board().alarms());
        let sensors = latest.sensors(from, limit);
        let end = from.saturating_add(sensors.len());
        let items = sensors.iter().map(|sensor| SensorView::new(sensor, &qualities, &directory)).collect();
        Page { items, next: (end < latest.sensor_count()).then_some(end as u64) }
    });
    ok(&page.await?)
}

/// `GET /sensors/{ip_id}`: one of them.
pub(super) async fn show(State(door): State<Door>, Path(key): Path<String>) -> Answer {
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "There is no sensor of this key.");
    let key: SensorKey = key.parse().map_err(|_| unknown())?;
    let found = door.work(move |server, shared| {
        let latest = server.latest();
        // A page at a time, so that nobody who stores values waits for us.
        let pages = (0..latest.sensor_count()).step_by(LIMIT_MAX);
        let mut pages = pages.map(|from| latest.sensors(from, LIMIT_MAX));
        let sensor = pages.find_map(|page| page.into_iter().find(|sensor| sensor.key == key))?;
        let qualities = Qualities::new(&server.nodes(), &server.board().alarms());
        Some(SensorView::new(&sensor, &qualities, &shared.directory(server)))
    });
    ok(&found.await?.ok_or_else(unknown)?)
}
