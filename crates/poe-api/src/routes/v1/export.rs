//! `/api/v1/export`: readings as a file of any length.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::IntoResponse;
use hyper::body::Bytes;
use poe_building::{SensorKey, Source};
use poe_history::{Export, ExportFormat, HistoryError};
use tokio::join;
use tokio::sync::OwnedSemaphorePermit;
use utoipa_axum::routes;

use super::history::{range_of_all, sensors, unreadable};
use crate::answer::Answer;
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::problem::{Problem, ProblemView};
use crate::request::Params;
use crate::routes::table::Routes;
use crate::stream::{self, Cut, Outlet};

/// When one who found no place is to come again.
const COME_AGAIN_S: u64 = 10;
/// Sensors that are looked at together for who may see only some: the latest values are not held for longer.
const LOOKED_AT_ONCE: usize = 4_096;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Policy::VIEWER, routes!(export))
}

/// Every reading of a range of time as CSV or Parquet, by day, then by sensor, then by time. It is made as it is taken; one
/// that fails is cut, and has no end.
#[utoipa::path(get, path = "/api/v1/export", tag = "history", operation_id = "export_history",
    params(
        ("sensor" = Option<Vec<String>>, Query, description = "Only these sensors, by their keys, such as `10.89.21.188_17`; all that you may see, unless it is given."),
        ("from" = Option<String>, Query, description = "The first moment: RFC 3339, or milliseconds since 1970. Without it, from the beginning."),
        ("to" = Option<String>, Query, description = "The first moment after: as `from`. Without it, to the end."),
        ("format" = Option<String>, Query, description = "`csv`, unless it is given, or `parquet`."),
    ),
    responses(
        (status = 200, description = "The readings. CSV has a first line with the names of its columns; both have `time`, `node`, `sensor`, `kind`, `value` and `status`.",
            content((String = "text/csv"), (Vec<u8> = "application/vnd.apache.parquet")),
            headers(("Content-Disposition" = String, description = "A name for the file."))),
        (status = 503, description = "Four exports are made already, or two for this account; or a file of the history cannot be read.",
            content_type = "application/problem+json", body = inline(ProblemView),
            headers(("Retry-After" = u64, description = "Seconds."))),
    ))]
async fn export(State(door): State<Door>, caller: Known, uri: Uri) -> Answer {
    let mut params = Params::of(&uri)?;
    let named = sensors(&mut params, &door, &caller)?;
    let range = range_of_all(&mut params)?;
    let (format, media_type, ending) = match params.text("format")?.as_deref() {
        None | Some("csv") => (ExportFormat::Csv, "text/csv; charset=utf-8", "csv"),
        Some("parquet") => (ExportFormat::Parquet, "application/vnd.apache.parquet", "parquet"),
        Some(_) => return Err(Problem::unfit("format", "One of csv and parquet.")),
    };
    params.end()?;
    let own = door.shared.own_exports.places(&caller).try_acquire_owned();
    let of_all = Arc::clone(&door.shared.exports).try_acquire_owned();
    let places = (own.map_err(|_| crowded())?, of_all.map_err(|_| crowded())?);
    let wanted = match named {
        named if !named.is_empty() => Some(named),
        _ if caller.reach.is_everywhere() => None,
        _ => Some(in_reach(&door, caller).await?),
    };
    // A refusal comes before the answer has begun.
    let begun = door.read_on(move |history| piece_of(history.export(range, wanted, format)?)).await?;
    let (piece, rest) = begun.map_err(|error| unreadable(&error))?;
    let name = format!("attachment; filename=\"poe-history.{ending}\"");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(name).expect("our file names are plain")),
    ];
    let body = stream::body(|outlet| tell(door, outlet, places, piece, rest));
    Ok((headers, body).into_response())
}

fn crowded() -> Problem {
    let why = "As many exports are made at this moment, or for this account, as there may be. Try again when one is done.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, why).after_s(COME_AGAIN_S)
}

/// The sensors that somebody sees who does not see everything.
async fn in_reach(door: &Door, caller: Known) -> Result<Vec<SensorKey>, Problem> {
    door.write(move |server, shared| {
        let (latest, directory) = (server.latest(), shared.directory(server));
        let (mut seen, mut from) = (Vec::new(), 0);
        loop {
            let some = latest.sensors(from, LOOKED_AT_ONCE);
            if some.is_empty() {
                return seen;
            }
            from += some.len();
            let keys = some.iter().map(|sensor| sensor.key);
            seen.extend(keys.filter(|key| caller.sees(&Source::Sensor(*key), &directory)));
        }
    })
    .await
}

/// The next piece, and the rest, unless this was the end.
fn piece_of(mut export: Export) -> Result<(Bytes, Option<Export>), HistoryError> {
    Ok(match export.next_piece()? {
        Some(piece) => (piece, Some(export)),
        None => (Bytes::new(), None),
    })
}

/// Tells an export as it is taken, and has the next piece made meanwhile.
async fn tell(
    door: Door,
    outlet: Outlet,
    _places: (OwnedSemaphorePermit, OwnedSemaphorePermit),
    mut piece: Bytes,
    mut rest: Option<Export>,
) -> Result<(), Cut> {
    while let Some(export) = rest {
        let making = door.read_on(move |_| piece_of(export));
        let ((), made) = join!(outlet.say(piece), making);
        (piece, rest) = made.map_err(|problem| problem.detail)?.inspect_err(|error| {
            tracing::warn!(error = error as &dyn std::error::Error, "an export was cut");
        })?;
    }
    outlet.say(piece).await;
    Ok(())
}
