//! `GET /api/v1/sensors`: the latest value of every sensor.

use axum::extract::State;
use axum::http::Uri;

use crate::answer::{Answer, Page, ok};
use crate::door::Door;
use crate::request::Params;
use crate::views::{Qualities, SensorView};

const LIMIT: usize = 1_000;
const LIMIT_MAX: usize = 10_000;

/// `?after=&limit=`: in the order in which they became known.
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
