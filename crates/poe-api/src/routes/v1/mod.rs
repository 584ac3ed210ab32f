//! `/api/v1`: everything that a person or a program asks of the building, one file for each resource.

mod alarms;
mod backup;
mod building;
mod descriptions;
mod edit;
mod emergencies;
mod enrolment;
mod events;
mod export;
mod health;
mod history;
mod import;
mod latency;
mod live;
mod login;
mod nodes;
mod place_changes;
mod places;
mod plans;
mod refused;
mod rule_changes;
mod rules;
mod sensors;
mod sessions;
mod setup;
mod suppressions;
mod target_changes;
mod target_groups;
mod targets;
mod tokens;
mod trust;
mod users;
mod versions;

pub(crate) use import::clear as clear_imports;

use crate::routes::table::Routes;

/// All of it.
pub(super) fn routes(routes: Routes) -> Routes {
    let routes = alarms::routes(routes);
    let routes = emergencies::routes(routes);
    let routes = suppressions::routes(routes);
    let routes = events::routes(routes);
    let routes = live::routes(routes);
    let routes = places::routes(routes);
    let routes = place_changes::routes(routes);
    let routes = plans::routes(routes);
    let routes = nodes::routes(routes);
    let routes = sensors::routes(routes);
    let routes = descriptions::routes(routes);
    let routes = history::routes(routes);
    let routes = export::routes(routes);
    let routes = import::routes(routes);
    let routes = targets::routes(routes);
    let routes = target_changes::routes(routes);
    let routes = target_groups::routes(routes);
    let routes = rules::routes(routes);
    let routes = rule_changes::routes(routes);
    let routes = health::routes(routes);
    let routes = latency::routes(routes);
    let routes = enrolment::routes(routes);
    let routes = setup::routes(routes);
    let routes = login::routes(routes);
    let routes = sessions::routes(routes);
    let routes = users::routes(routes);
    let routes = tokens::routes(routes);
    let routes = backup::routes(routes);
    building::routes(routes)
}
