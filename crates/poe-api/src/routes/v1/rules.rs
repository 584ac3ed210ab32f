//! `GET /api/v1/rules`: what makes an alarm.

use axum::extract::State;
use axum::http::Uri;

use crate::answer::{Answer, ok};
use crate::door::Door;
use crate::request::Params;
use crate::views::RulesView;

/// The rules of the profile, and the settings that refine them.
pub(super) async fn show(State(door): State<Door>, uri: Uri) -> Answer {
    Params::of(&uri)?.end()?;
    ok(&RulesView::new(&door.server.board().model()))
}
