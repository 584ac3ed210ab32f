//! `/api/v1/emergencies`: alarms that a person raises.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use poe_building::{Emergency, Order, OrderRefused, Source, Text};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::answer::{Answer, json};
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::problem::Problem;
use crate::request;
use crate::routes::table::Routes;
use crate::routes::v1::{alarms, refused};
use crate::server::Ordered;
use crate::views::AlarmView;
use crate::words::{EmergencyWord, Word};

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Policy::OPERATOR, routes!(raise))
}

/// What somebody sees.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Emergencies {
    #[schema(value_type = EmergencyWord)]
    kind: Word<Emergency>,
    /// Where: any place, by its name.
    zone: String,
    /// What else there is to say.
    #[serde(default)]
    #[schema(max_length = 500)]
    note: Option<String>,
}

/// Raises an alarm by hand.
#[utoipa::path(post, path = "/api/v1/emergencies", tag = "alarms", operation_id = "raise_emergency",
    request_body = Emergencies,
    responses((status = 201, description = "The alarm; Location says where it is.", body = AlarmView)))]
async fn raise(State(door): State<Door>, caller: Known, request: Request) -> Answer {
    let Emergencies { kind: Word(kind), zone, note } = request::json(request).await?;
    let place = Text::from(zone);
    if !caller.sees(&Source::Place(place.clone()), &door.directory()) {
        // The words of a place that does not exist.
        let refused = OrderRefused::Unknown { what: "place", name: place };
        return Err(Problem::unfit("zone", refused.to_string()));
    }
    let note = note.unwrap_or_default().into();
    match door.order(&caller, Order::RaiseEmergency { kind, place, note }).await? {
        Ok(Ordered { done, stored }) => {
            let alarm = done.alarm.ok_or(Problem::FAILED)?;
            let path = format!("/api/v1/alarms/{}", alarm.id);
            let mut answer = json(StatusCode::CREATED, &alarms::view(&door, alarm, stored));
            let path = HeaderValue::try_from(path).expect("a number needs no escaping");
            answer.headers_mut().insert(header::LOCATION, path);
            Ok(answer)
        }
        Err(refused @ OrderRefused::Unknown { .. }) => Err(Problem::unfit("zone", refused.to_string())),
        Err(refused) => Err(refused::problem(&refused, "note")),
    }
}
