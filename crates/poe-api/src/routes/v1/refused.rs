//! What a refused order is in HTTP.

use axum::http::StatusCode;
use poe_building::OrderRefused;

use crate::problem::Problem;

/// The building's words with a status, and with the field that they are about: `text` names the one that holds the reason
/// or the note.
pub(super) fn problem(refused: &OrderRefused, text: &'static str) -> Problem {
    let said = refused.to_string();
    match refused {
        OrderRefused::NoSuchAlarm(_) | OrderRefused::Unknown { .. } => {
            Problem::because(StatusCode::NOT_FOUND, said)
        }
        OrderRefused::Forbidden(_)
        | OrderRefused::UnfitMove(_)
        | OrderRefused::Taken { .. }
        | OrderRefused::Full { .. }
        | OrderRefused::AlreadySetUp
        | OrderRefused::LastAdmin => Problem::because(StatusCode::CONFLICT, said),
        OrderRefused::Unfit { field, .. } => Problem::unfit(*field, said),
        OrderRefused::NoReason | OrderRefused::UnfitText => Problem::unfit(text, said),
        OrderRefused::TooLong { .. } => Problem::unfit("minutes", said),
        OrderRefused::ModelChanged { .. } | OrderRefused::Changed { .. } => {
            Problem::because(StatusCode::PRECONDITION_FAILED, said)
        }
        OrderRefused::UnfitModel(problems) => {
            let errors = problems.iter().map(|problem| problem.what.to_string()).collect();
            let detail = "The building contradicts itself.";
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail).with_errors(errors)
        }
    }
}
