//! `/api/v1/history`: what sensors said, for years.

mod asked;
mod telling;

use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::IntoResponse;
use hyper::body::Bytes;
use poe_building::Role;
use poe_history::HistoryError;
use tokio::join;
use tokio::sync::OwnedSemaphorePermit;
use utoipa_axum::routes;

use asked::{range_in_steps, sensor};
pub(super) use asked::{range_of_all, sensors};
use telling::{Cursor, Telling};

use crate::answer::{Answer, ok};
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::problem::{Problem, ProblemView};
use crate::request::{self, NoQuery, Params, Path};
use crate::routes::table::Routes;
use crate::stream::{self, Cut, Outlet};
use crate::views::{HistoryFiguresView, SensorHistoriesView, SensorHistoryView};

const LIMIT: usize = 1_000;
/// Nobody looks at more, and `/api/v1/export` tells everything.
const LIMIT_MAX: usize = 100_000;
/// Sensors that one chart may show: a floor of them, or two nodes.
const SENSORS_MAX: usize = 50;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(Policy::VIEWER, routes!(list))
        .add(Policy::VIEWER, routes!(show))
        .add(Policy::Everywhere(Role::Viewer), routes!(figures))
}

/// What a sensor said in a range of time: its readings, or how many there are in each step, with the lowest, the highest, the
/// mean and the last value. Steps in which it said nothing are left out, so that a gap is a gap.
#[utoipa::path(get, path = "/api/v1/history/{ip_id}", tag = "history", operation_id = "show_history",
    params(
        ("ip_id" = String, Path, description = "The node's address and the sensor's number: `10.89.21.188_17`."),
        ("from" = Option<String>, Query, description = "The first moment: RFC 3339, or milliseconds since 1970. A day before `to`, unless it is given."),
        ("to" = Option<String>, Query, description = "The first moment after: as `from`. Now, unless it is given."),
        ("step" = Option<String>, Query, description = "How long each step is: `500ms`, `30s`, `5m`, `1h`, `1d`. The first begins at `from`. There are 20,000 at most; without it, single readings are told."),
        ("limit" = Option<u64>, Query, description = "How many readings at most; 1,000 unless it is given.", minimum = 1, maximum = 100000),
        ("after" = Option<String>, Query, description = "The `next` of the answer before; the other parameters are to be the same, with times."),
    ),
    responses(
        (status = 200, description = "By time. `next` is not null where there is more, or where the time was up that a question has (10 s).", body = SensorHistoryView),
        (status = 503, description = "A file of the history cannot be read, or too much is asked for at this moment.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn show(State(door): State<Door>, caller: Known, Path(key): Path<String>, uri: Uri) -> Answer {
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "There is no sensor of this key.");
    let sensor = sensor(&key, &door, &caller).ok_or_else(unknown)?;
    let mut params = Params::of(&uri)?;
    let (range, step) = range_in_steps(&mut params, 1)?;
    let limit = params.limit("limit", LIMIT_MAX)?;
    let after = after(&mut params)?;
    params.end()?;
    let telling = match step {
        Some(_) if limit.is_some() => {
            return Err(Problem::unfit("limit", "This goes with single readings, and not with step."));
        }
        Some(step) => Telling::steps(sensor, range, step, after),
        None => Telling::readings(sensor, range, limit.unwrap_or(LIMIT), after),
    };
    tell(door, &caller, telling.ok_or_else(elsewhere)?).await
}

/// What several sensors said in a range of time, in steps.
#[utoipa::path(get, path = "/api/v1/history", tag = "history", operation_id = "list_history",
    params(
        ("sensor" = Vec<String>, Query, description = "A sensor by its key, `10.89.21.188_17`; up to 50 of them."),
        ("from" = Option<String>, Query, description = "The first moment: RFC 3339, or milliseconds since 1970. A day before `to`, unless it is given."),
        ("to" = Option<String>, Query, description = "The first moment after: as `from`. Now, unless it is given."),
        ("step" = String, Query, description = "How long each step is: `500ms`, `30s`, `5m`, `1h`, `1d`. The first begins at `from`. There are 20,000 at most, and 100,000 of all sensors."),
        ("after" = Option<String>, Query, description = "The `next` of the answer before; the other parameters are to be the same, with times."),
    ),
    responses(
        (status = 200, description = "By sensor, then by time. `next` is not null where the time was up that a question has (10 s); the last sensor is then told in part.", body = SensorHistoriesView),
        (status = 503, description = "A file of the history cannot be read, or too much is asked for at this moment.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn list(State(door): State<Door>, caller: Known, uri: Uri) -> Answer {
    let mut params = Params::of(&uri)?;
    let sensors = sensors(&mut params, &door, &caller)?;
    if !(1..=SENSORS_MAX).contains(&sensors.len()) {
        return Err(Problem::unfit("sensor", format!("Between 1 and {SENSORS_MAX} of them.")));
    }
    let (range, step) = range_in_steps(&mut params, sensors.len())?;
    let step = step
        .ok_or_else(|| Problem::unfit("step", "Several sensors are told in steps; say how long they are."))?;
    let after = after(&mut params)?;
    params.end()?;
    let telling = Telling::several(sensors, range, step, after).ok_or_else(elsewhere)?;
    tell(door, &caller, telling).await
}

fn after(params: &mut Params) -> Result<Option<Cursor>, Problem> {
    let after = params.text("after")?;
    after.map(|text| Cursor::read(&text).ok_or_else(elsewhere)).transpose()
}

fn elsewhere() -> Problem {
    Problem::unfit("after", "This is not the next of an answer to the same question.")
}

async fn tell(door: Door, caller: &Known, telling: Telling) -> Answer {
    let place = door.question(caller).await?;
    // A refusal comes before the answer has begun.
    let (piece, mut rest) =
        door.read(|history| telling.write(history)).await?.map_err(|error| unreadable(&error))?;
    let mut begin = Vec::from(piece);
    while let Some(telling) = rest.take_if(|telling| !telling.has_told()) {
        let written = door.read_on(|history| telling.write(history)).await?;
        let (piece, more) = written.map_err(|error| unreadable(&error))?;
        begin.extend_from_slice(&piece);
        rest = more;
    }
    let json = [(header::CONTENT_TYPE, "application/json")];
    let piece = Bytes::from(begin);
    let Some(rest) = rest else { return Ok((json, piece).into_response()) };
    let body = stream::body(|outlet| go_on(door, outlet, place, piece, rest));
    Ok((json, body).into_response())
}

/// Tells the rest as it is taken, and has the next part written meanwhile.
async fn go_on(
    door: Door,
    outlet: Outlet,
    _place: OwnedSemaphorePermit,
    mut piece: Bytes,
    rest: Telling,
) -> Result<(), Cut> {
    let mut rest = Some(rest);
    while let Some(telling) = rest {
        let writing = door.read_on(|history| telling.write(history));
        let ((), written) = join!(outlet.say(piece), writing);
        (piece, rest) = written.map_err(|problem| problem.detail)??;
    }
    outlet.say(piece).await;
    Ok(())
}

/// What went wrong, for whoever asks and for the log.
pub(super) fn unreadable(error: &HistoryError) -> Problem {
    tracing::warn!(error = error as &dyn std::error::Error, "could not read the history for a client");
    let detail = format!("The history cannot be read just now: {error}");
    Problem::because(StatusCode::SERVICE_UNAVAILABLE, detail)
}

/// What the history holds, how fast new readings become files, how long what is kept, and the room on the disk.
#[utoipa::path(get, path = "/api/v1/storage/history", tag = "history", operation_id = "show_history_figures",
    responses((status = 200, description = "As of now.", body = HistoryFiguresView)))]
async fn figures(State(door): State<Door>, uri: Uri) -> Answer {
    let NoQuery {} = request::query(&uri)?;
    ok(&door.read(|history| HistoryFiguresView::of(history)).await?)
}
