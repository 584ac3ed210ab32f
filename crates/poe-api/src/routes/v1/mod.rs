//! `/api/v1`: everything that a person or a program asks of the building, one file for each resource.
//!
//! Nothing here is told to anybody without an account, so that as yet only the local socket serves it.

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

use axum::Router;
use axum::routing::{delete, get, post};

use crate::door::Door;

/// All of it.
pub(super) fn router() -> Router<Door> {
    Router::new()
        .route("/api/v1/alarms", get(alarms::list))
        .route("/api/v1/alarms/{id}", get(alarms::show))
        .route("/api/v1/alarms/{id}/acknowledge", post(alarms::acknowledge))
        .route("/api/v1/alarms/{id}/silence", post(alarms::silence))
        .route("/api/v1/alarms/{id}/reset", post(alarms::reset))
        .route("/api/v1/alarms/{id}/shelve", post(alarms::shelve))
        .route("/api/v1/alarms/{id}/unshelve", post(alarms::unshelve))
        .route("/api/v1/suppressions", get(suppressions::list).post(suppressions::begin))
        .route("/api/v1/suppressions/{id}", delete(suppressions::end))
        .route("/api/v1/emergencies", post(emergencies::raise))
        .route("/api/v1/events", get(events::list))
        .route("/api/v1/live", get(live::follow))
        .route("/api/v1/zones", get(places::zones))
        .route("/api/v1/buildings", get(places::buildings))
        .route("/api/v1/nodes", get(nodes::list))
        .route("/api/v1/nodes/{node}", get(nodes::show))
        .route("/api/v1/nodes/{node}/move", post(nodes::move_to))
        .route("/api/v1/nodes/{node}/retire", post(nodes::retire))
        .route("/api/v1/sensors", get(sensors::list))
        .route("/api/v1/sensors/{ip_id}", get(sensors::show))
        .route("/api/v1/targets", get(targets::list))
        .route("/api/v1/targets/{name}/test", post(targets::test))
        .route("/api/v1/rules", get(rules::show))
        .route("/api/v1/latency", get(latency::show))
        .route("/api/v1/building", get(building::show).put(building::replace))
}
