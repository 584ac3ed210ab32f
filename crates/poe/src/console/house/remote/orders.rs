//! Orders, as a server elsewhere takes them.

use super::{read, unheard};
use crate::console::house::{Carried, NotDone};
use poe::{AlarmId, Order, OrderRefused};
use poe_api::client::{Client, ClientError};
use poe_building::Refusal;
use serde_json::{Value, json};

/// Gives an order. Who gives it, the server knows better than we do.
pub(super) fn give(client: &Client, order: Order) -> Result<Carried, NotDone> {
    let (path, fields) = match &order {
        Order::Acknowledge(id) => (of_alarm(*id, "acknowledge"), None),
        Order::Silence(id) => (of_alarm(*id, "silence"), None),
        Order::Reset(id) => (of_alarm(*id, "reset"), None),
        Order::Unshelve(id) => (of_alarm(*id, "unshelve"), None),
        Order::Shelve { alarm, span, reason } => {
            (of_alarm(*alarm, "shelve"), Some(json!({ "minutes": span.as_secs() / 60, "reason": &**reason })))
        }
        Order::RaiseEmergency { kind, place, note } => {
            let fields = json!({ "kind": kind.name(), "zone": &**place, "note": &**note });
            ("/api/v1/emergencies".to_owned(), Some(fields))
        }
        Order::ApproveNode(node) => (format!("/api/v1/nodes/{node}/approve"), None),
        Order::DismissNode(node) => (format!("/api/v1/nodes/{node}/dismiss"), None),
        _ => return Err(NotDone::RefusedThere("a console elsewhere gives no such order".to_owned())),
    };
    match client.post(&path, fields.as_ref()) {
        // What is no alarm is the answer about a node.
        Ok(answer) => {
            Ok(Carried { alarm: read::alarm(&answer), stored: answer["committed"] != Value::Bool(false) })
        }
        Err(error) => Err(not_done(error, order)),
    }
}

fn of_alarm(id: AlarmId, what: &str) -> String {
    format!("/api/v1/alarms/{id}/{what}")
}

/// Why not, in the words of the server's own console where there are such.
fn not_done(error: ClientError, order: Order) -> NotDone {
    let ClientError::Refused { status, detail, field, .. } = &error else {
        return NotDone::Unheard(unheard(error));
    };
    match (status, order) {
        (401, _) => NotDone::Unheard(unheard(error)),
        (404, _) if error.is_out_of_reach() => NotDone::RefusedThere(
            "the role that you have here may not do this; it takes operator or more".to_owned(),
        ),
        // One that returned to normal a moment ago is still known there.
        (
            404 | 409,
            Order::Acknowledge(id)
            | Order::Silence(id)
            | Order::Reset(id)
            | Order::Unshelve(id)
            | Order::Shelve { alarm: id, .. },
        ) if *status == 404 || *detail == Refusal::Ended.to_string() => OrderRefused::NoSuchAlarm(id).into(),
        (422, Order::RaiseEmergency { place, .. }) if field.as_deref() == Some("zone") => {
            OrderRefused::Unknown { what: "place", name: place }.into()
        }
        _ => NotDone::RefusedThere(detail.clone()),
    }
}
