//! `/api/v1/rules`: what makes an alarm.

use axum::extract::State;
use axum::http::Uri;
use utoipa_axum::routes;

use crate::answer::Answer;
use crate::auth::Policy;
use crate::door::Door;
use crate::request::{self, NoQuery};
use crate::routes::table::Routes;
use crate::routes::v1::versions::versioned;
use crate::views::RulesView;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Policy::VIEWER, routes!(show))
}

/// The rules of the profile in force, and the settings that refine them.
#[utoipa::path(get, path = "/api/v1/rules", tag = "rules", operation_id = "show_rules",
    responses((status = 200, description = "All of them.", body = RulesView,
        headers(("ETag" = String, description = "The building's version, in quotes.")))))]
async fn show(State(door): State<Door>, uri: Uri) -> Answer {
    let NoQuery {} = request::query(&uri)?;
    let model = door.server.board().model();
    Ok(versioned(model.version, &RulesView::new(&model)))
}
