//! `GET /api/v1/latency`: how long signals took, beside what they may take.

use axum::extract::State;
use axum::http::Uri;

use crate::answer::{Answer, ok};
use crate::door::Door;
use crate::request::Params;
use crate::views::LatencyView;

/// Percentiles and worst, by class.
pub(super) async fn show(State(door): State<Door>, uri: Uri) -> Answer {
    Params::of(&uri)?.end()?;
    ok(&LatencyView::from(door.server.latency()))
}
