//! `/api/v1`: everything that a person or a program asks of the building, one file for each resource.

mod alarms;
mod building;
mod emergencies;
mod events;
mod latency;
mod live;
mod nodes;
mod places;
mod refused;
mod rules;
mod sensors;
mod suppressions;
mod targets;

use crate::routes::table::Routes;

/// All of it.
pub(super) fn routes(routes: Routes) -> Routes {
    let routes = alarms::routes(routes);
    let routes = emergencies::routes(routes);
    let routes = suppressions::routes(routes);
    let routes = events::routes(routes);
    let routes = live::routes(routes);
    let routes = places::routes(routes);
    let routes = nodes::routes(routes);
    let routes = sensors::routes(routes);
    let routes = targets::routes(routes);
    let routes = rules::routes(routes);
    let routes = latency::routes(routes);
    building::routes(routes)
}
