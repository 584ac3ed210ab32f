//! `GET /api/v1/events`: the journal, in order.

use axum::extract::State;
use axum::http::{StatusCode, Uri};

use crate::answer::{Answer, ok};
use crate::door::Door;
use crate::journal::Question;
use crate::problem::Problem;
use crate::request::Params;

/// `?after=&kind=&class=&source=&alarm=&limit=`, or `?last=&before=` for the end of the journal, or for what is before an
/// entry.
pub(super) async fn list(State(door): State<Door>, uri: Uri) -> Answer {
    let question = Question::of(Params::of(&uri)?, &door.server.board().model())?;
    let page =
        door.work(move |server, _| question.ask(&server.journal()?, |seq| server.stored_at(seq))).await?;
    let page = page.map_err(|error| {
        tracing::warn!(%error, "could not read the journal for a client");
        Problem::because(StatusCode::SERVICE_UNAVAILABLE, format!("The journal cannot be read: {error}"))
    })?;
    ok(&page)
}
