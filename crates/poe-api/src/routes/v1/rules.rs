//! `/api/v1/rules`: what makes an alarm.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use poe_building::{RuleScope, Source};
use utoipa_axum::routes;

use crate::answer::Answer;
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::request::PartOfList;
use crate::routes::table::Routes;
use crate::routes::v1::versions::{versioned, versioned_unless_known};
use crate::views::RulesView;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Policy::VIEWER, routes!(show))
}

/// The rules of the profile in force, and the settings that refine them. Whoever sees some buildings alone is told of the
/// settings there, and of those that hold everywhere.
#[utoipa::path(get, path = "/api/v1/rules", tag = "rules", operation_id = "show_rules",
    params(PartOfList, ("If-None-Match" = Option<String>, Header, description = "The ETag that you have.")),
    responses(
        (status = 200, description = "All of them, or a page of those of the profile.", body = RulesView,
            headers(("ETag" = String, description = "The building's version, in quotes."))),
        (status = 304, description = "You have them."),
    ))]
async fn show(State(door): State<Door>, caller: Known, uri: Uri, headers: HeaderMap) -> Answer {
    let part = PartOfList::of(&uri)?;
    let directory = door.directory();
    let model = directory.model();
    // What holds everywhere holds for everybody; of a place that is out of sight not even the name is told.
    let sees = |scope: &RuleScope| match scope {
        RuleScope::Everywhere => true,
        RuleScope::Place(name) if *name == model.site => true,
        RuleScope::Place(name) => caller.sees(&Source::Place(name.clone()), &directory),
        RuleScope::Node(address) => caller.sees(&Source::Node(*address), &directory),
        RuleScope::Sensor(key) => caller.sees(&Source::Sensor(*key), &directory),
    };
    let view = RulesView::new(model, sees, &part);
    // What is left out for somebody can change without the building.
    if caller.reach.is_everywhere() {
        return Ok(versioned_unless_known(&headers, model.version, &view));
    }
    Ok(versioned(model.version, &view))
}
