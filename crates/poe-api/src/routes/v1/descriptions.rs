//! `PATCH /api/v1/nodes/{node}` and `/api/v1/sensors/{ip_id}`: what people say of a node or a sensor. Neither need have been
//! heard before.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use poe_building::{Item, Model, NodeInfo, SensorInfo, SensorKey, Supervision, Text};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::answer::Answer;
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::problem::{Problem, ProblemView};
use crate::request::{self, Path, Seconds, maybe};
use crate::routes::table::Routes;
use crate::routes::v1::edit::{Edit, edit};
use crate::routes::v1::nodes;
use crate::routes::v1::versions::Changed;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Policy::ENGINEER, routes!(describe_node)).add(Policy::ENGINEER, routes!(describe_sensor))
}

/// What is to be said of a node. What is left out stays as it is; null clears it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NodePatch {
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<String>, max_length = 200)]
    name: Option<Option<Text>>,
    /// The place that it is in.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<String>)]
    place: Option<Option<Text>>,
    /// What feeds it.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<String>)]
    switch: Option<Option<Text>>,
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<String>)]
    port: Option<Option<Text>>,
    /// Silent for so long, it is late; null: as long as the site says.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<f64>, minimum = 1, maximum = 200)]
    late_s: Option<Option<Seconds>>,
    /// And for so long, in trouble.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<f64>, minimum = 1, maximum = 200)]
    trouble_s: Option<Option<Seconds>>,
}

/// Says something of a node. The ETag is the version of all that people say about the building.
#[utoipa::path(patch, path = "/api/v1/nodes/{node}", tag = "nodes", operation_id = "describe_node",
    params(("node" = String, Path, description = "Its address or its name."),
        ("If-Match" = Option<String>, Header, description = "The ETag that your change was made from.")),
    request_body = NodePatch,
    responses(
        (status = 200, description = "It is in force.", body = Changed, headers(("ETag" = String, description = "The building's version, in quotes."))),
        (status = 412, description = "Somebody has changed the building meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn describe_node(
    State(door): State<Door>,
    caller: Known,
    Path(node): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    let patch: NodePatch = request::json(request).await?;
    let change = move |model: &mut Model| {
        let address = nodes::address(&node, model).ok_or_else(nodes::unknown)?;
        Ok(Some(set_node(model, address, patch.clone())))
    };
    let (version, ordered) = edit(&door, &caller, &headers, change).await?;
    Ok(Changed::answer(version, ordered))
}

fn set_node(model: &mut Model, address: IpAddr, patch: NodePatch) -> Item {
    let at = model.nodes.iter().position(|node| node.address == address).unwrap_or_else(|| {
        model.nodes.push(NodeInfo {
            address,
            name: None,
            place: None,
            fed_by: None,
            port: None,
            supervision: None,
        });
        model.nodes.len() - 1
    });
    let (node, site) = (&mut model.nodes[at], model.supervision);
    let NodePatch { name, place, switch, port, late_s, trouble_s } = patch;
    replace(&mut node.name, name);
    replace(&mut node.place, place);
    replace(&mut node.fed_by, switch);
    replace(&mut node.port, port);
    if late_s.is_some() || trouble_s.is_some() {
        let own = node.supervision.unwrap_or(site);
        let pick = |said: Option<Option<Seconds>>, own, site| match said {
            None => own,
            Some(None) => site,
            Some(Some(Seconds(span))) => span,
        };
        let late = pick(late_s, own.late, site.late);
        let trouble = pick(trouble_s, own.trouble, site.trouble);
        node.supervision = Some(Supervision { late, trouble }).filter(|own| *own != site);
    }
    Item::Node(at)
}

/// What is to be said of a sensor. What is left out stays as it is; null clears it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SensorPatch {
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<String>, max_length = 200)]
    name: Option<Option<Text>>,
    /// The place that it is in; null: where its node is.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<String>)]
    place: Option<Option<Text>>,
}

/// Says something of a sensor. The ETag is the version of all that people say about the building.
#[utoipa::path(patch, path = "/api/v1/sensors/{ip_id}", tag = "sensors", operation_id = "describe_sensor",
    params(("ip_id" = String, Path, description = "Its key: the node's address and the sensor's number."),
        ("If-Match" = Option<String>, Header, description = "The ETag that your change was made from.")),
    request_body = SensorPatch,
    responses(
        (status = 200, description = "It is in force.", body = Changed, headers(("ETag" = String, description = "The building's version, in quotes."))),
        (status = 412, description = "Somebody has changed the building meanwhile: read it again.",
            content_type = "application/problem+json", body = inline(ProblemView)),
    ))]
async fn describe_sensor(
    State(door): State<Door>,
    caller: Known,
    Path(ip_id): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    let unknown = |_| Problem::new(StatusCode::NOT_FOUND, "A sensor is named like 10.89.21.188_9.");
    let key: SensorKey = ip_id.parse().map_err(unknown)?;
    let patch: SensorPatch = request::json(request).await?;
    let change = move |model: &mut Model| -> Edit { Ok(set_sensor(model, key, patch.clone())) };
    let (version, ordered) = edit(&door, &caller, &headers, change).await?;
    Ok(Changed::answer(version, ordered))
}

/// A sensor of which nothing is said any more is not in the building at all.
fn set_sensor(model: &mut Model, key: SensorKey, SensorPatch { name, place }: SensorPatch) -> Option<Item> {
    let at = model.sensors.iter().position(|sensor| sensor.key == key).unwrap_or_else(|| {
        model.sensors.push(SensorInfo { key, name: None, place: None });
        model.sensors.len() - 1
    });
    let sensor = &mut model.sensors[at];
    replace(&mut sensor.name, name);
    replace(&mut sensor.place, place);
    if sensor.name.is_none() && sensor.place.is_none() {
        model.sensors.remove(at);
        return None;
    }
    Some(Item::Sensor(at))
}

fn replace<T>(field: &mut Option<T>, said: Option<Option<T>>) {
    if let Some(said) = said {
        *field = said;
    }
}
