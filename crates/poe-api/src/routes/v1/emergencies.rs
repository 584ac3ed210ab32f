//! `POST /api/v1/emergencies`: an alarm that a person raises.

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use poe_building::{Emergency, Order, OrderRefused};

use crate::answer::{Answer, json};
use crate::door::Door;
use crate::peer::Peer;
use crate::problem::Problem;
use crate::request::{self, one_of};
use crate::routes::v1::{alarms, refused};
use crate::server::Ordered;

/// `{kind, zone, note}`: 201 with the alarm. A zone is any place.
pub(super) async fn raise(
    State(door): State<Door>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Answer {
    let mut fields = request::fields(request).await?;
    let kind: Emergency = fields
        .text("kind")?
        .parse()
        .map_err(|_| Problem::unfit("kind", one_of(Emergency::ALL.map(Emergency::name))))?;
    let place = fields.text("zone")?.into();
    let note = fields.maybe_text("note")?.unwrap_or_default().into();
    fields.end()?;
    match door.order(peer, Order::RaiseEmergency { kind, place, note }).await? {
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
