//! `/api/v1/sensors`: the latest value of every sensor.

use std::io::Write;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Bytes;
use poe_building::{SensorKey, Source};
use tokio::join;
use utoipa_axum::routes;

use crate::answer::{Answer, Page};
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::problem::Problem;
use crate::request::{Params, Path};
use crate::routes::table::Routes;
use crate::routes::v1::versions::versioned;
use crate::selection::Selection;
use crate::server::Server;
use crate::stream::{self, Cut, Outlet};
use crate::views::{SensorView, SensorViews};
use crate::words::{QualityWord, SensorKindWord, StatusWord};
use crate::work::Shared;

const LIMIT: usize = 1_000;
const LIMIT_MAX: usize = 10_000;

/// Sensors that are written at a time: 240 KiB, of which a list takes twice as much in memory, however long it is. Fewer
/// cost a long list more changes between threads than there is time for.
const WRITTEN_AT_ONCE: usize = 1_024;
/// Sensors that are looked at for that, where only some are wanted: a millisecond.
const LOOKED_AT_ONCE: usize = 4_096;
/// A little more than one of them has in JSON.
const SENSOR_BYTES: usize = 256;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Policy::VIEWER, routes!(list)).add(Policy::VIEWER, routes!(show))
}

/// The latest value of every sensor, in the order in which they became known.
#[utoipa::path(get, path = "/api/v1/sensors", tag = "sensors", operation_id = "list_sensors",
    params(
        ("after" = Option<u64>, Query, description = "The `next` of the page before."),
        ("limit" = Option<u64>, Query, description = "How many at most; 1,000 unless it is given.", minimum = 1, maximum = 10000),
        ("node" = Option<String>, Query, description = "Only those on this node: its address or its name."),
        ("zone" = Option<String>, Query, description = "Only those in this place."),
        ("kind" = Option<SensorKindWord>, Query, description = "Only those that measure this."),
        ("status" = Option<StatusWord>, Query, description = "Only those whose value means this."),
        ("quality" = Option<QualityWord>, Query, description = "Only those whose value can be trusted so far."),
    ),
    responses((status = 200, description = "A page of them.", body = Page<SensorView>)))]
async fn list(State(door): State<Door>, caller: Known, uri: Uri) -> Result<Response, Problem> {
    let mut params = Params::of(&uri)?;
    let from = params.number("after")?.unwrap_or(0);
    let limit = params.limit("limit", LIMIT_MAX)?.unwrap_or(LIMIT);
    let wanted = Selection::read(&mut params, &door.directory(), caller.reach)?;
    params.end()?;
    // There are never so many: what is beyond is the end of the list.
    let from = u32::try_from(from).unwrap_or(u32::MAX);
    let whole = Part { wanted: Arc::new(wanted), from, left: limit, before: BEGIN };
    // A refusal comes before the answer has begun.
    let (piece, rest) = door.write(|server, shared| whole.write(server, shared)).await?;
    let body = stream::body(|outlet| tell(door, outlet, piece, rest));
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// Tells a list as it is taken, and has the next part written meanwhile.
async fn tell(door: Door, outlet: Outlet, mut piece: Bytes, mut rest: Option<Part>) -> Result<(), Cut> {
    while let Some(part) = rest {
        let writing = door.write(|server, shared| part.write(server, shared));
        let ((), written) = join!(outlet.say(piece), writing);
        (piece, rest) = written.map_err(|problem| problem.detail)?;
    }
    outlet.say(piece).await;
    Ok(())
}

/// What is still to be told of a list. All of it together is a [`crate::answer::Page`].
struct Part {
    wanted: Arc<Selection>,
    /// The position where it goes on.
    from: u32,
    /// How many more are wanted.
    left: usize,
    /// What stands before the next sensor: the beginning of the list, or a comma.
    before: &'static str,
}

const BEGIN: &str = r#"{"items":["#;

impl Part {
    /// Some of it as JSON, and the rest, unless this was the end.
    fn write(mut self, server: &dyn Server, shared: &Shared) -> (Bytes, Option<Part>) {
        let (names, qualities) = (shared.names(server), shared.glance.qualities(server));
        let mut views = SensorViews::new(&names, &qualities);
        let at_once = if self.wanted.is_all() { WRITTEN_AT_ONCE } else { LOOKED_AT_ONCE };
        let positions = self.wanted.positions(server, shared, self.from, at_once);

        let most = WRITTEN_AT_ONCE.min(self.left);
        let mut json = Vec::with_capacity(most * SENSOR_BYTES);
        let mut written = 0;
        for (sensor, position) in server.latest().at(&positions).iter().zip(&positions) {
            self.from = position + 1;
            if self.wanted.wants(sensor, &names, &qualities) {
                json.extend_from_slice(std::mem::replace(&mut self.before, ",").as_bytes());
                serde_json::to_writer(&mut json, &views.view(sensor)).expect("a Vec takes any view");
                written += 1;
            }
            if written == most {
                break;
            }
        }
        self.left -= written;
        let is_end = self.wanted.positions(server, shared, self.from, 1).is_empty();
        if self.left > 0 && !is_end {
            return (json.into(), Some(self));
        }
        if self.before == BEGIN {
            json.extend_from_slice(BEGIN.as_bytes());
        }
        let next = (!is_end).then_some(self.from);
        let next = next.map_or("null".to_owned(), |next| next.to_string());
        write!(json, r#"],"next":{next}}}"#).expect("a Vec takes any text");
        (json.into(), None)
    }
}

/// A sensor, by its key.
#[utoipa::path(get, path = "/api/v1/sensors/{ip_id}", tag = "sensors", operation_id = "show_sensor",
    params(("ip_id" = String, Path, description = "The node's address and the sensor's number: `10.89.21.188_17`.")),
    responses((status = 200, description = "The sensor. The ETag is the version of the building, which `PATCH` takes; what the sensor \
        says changes without it.", body = SensorView,
        headers(("ETag" = String, description = "The building's version, in quotes.")))))]
async fn show(State(door): State<Door>, caller: Known, Path(key): Path<String>) -> Answer {
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "There is no sensor of this key.");
    let key: SensorKey = key.parse().map_err(|_| unknown())?;
    let directory = door.directory();
    if !caller.sees(&Source::Sensor(key), &directory) {
        return Err(unknown());
    }
    // The names may be newer already. Who changes them from an older version is refused, and overwrites nothing.
    let version = directory.model().version;
    let found = door.work(move |server, shared| {
        let sensor = server.latest().find(key)?;
        let (names, qualities) = (shared.names(server), shared.glance.qualities(server));
        Some(versioned(version, &SensorViews::new(&names, &qualities).view(&sensor)))
    });
    found.await?.ok_or_else(unknown)
}
