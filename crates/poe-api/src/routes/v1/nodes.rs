//! `/api/v1/nodes`: who sends, and what people say about it.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use poe_building::{EntryKind, Model, NodeView, Order, OrderRefused, Silence, Source, Text};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use crate::answer::{Answer, Page, ok};
use crate::auth::{Known, Policy};
use crate::door::Door;
use crate::problem::Problem;
use crate::request::{self, Path};
use crate::routes::table::Routes;
use crate::routes::v1::refused;
use crate::routes::v1::versions::versioned;
use crate::selection::{place_of, unknown_place};
use crate::server::Ordered;
use crate::views::{NodeItem, Shown};
use crate::words::{SilenceWord, Word};

const LIMIT: usize = 1_000;
const LIMIT_MAX: usize = 10_000;
/// In a cursor, beyond every number of a node: what follows is a place among those that are described.
const EXPECTED_FROM: u64 = 1 << 32;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(Policy::VIEWER, routes!(list))
        .add(Policy::VIEWER, routes!(show))
        .add(Policy::OPERATOR, routes!(disconnect))
        .add(Policy::OPERATOR, routes!(approve))
        .add(Policy::OPERATOR, routes!(dismiss))
        .add(Policy::ENGINEER, routes!(move_to))
        .add(Policy::ENGINEER, routes!(retire))
}

/// Which nodes are wanted, and which part of the list of them.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// The `next` of the page before.
    after: Option<u64>,
    /// How many at most; 1,000 unless it is given.
    #[param(minimum = 1, maximum = 10000)]
    limit: Option<u64>,
    /// Only those in this place.
    zone: Option<String>,
    /// Only those that are heard so well.
    #[param(value_type = Option<SilenceWord>)]
    supervision: Option<Word<Silence>>,
    /// Only those of which somebody said that they are ours, or only the others.
    approved: Option<bool>,
}

/// The nodes, in the order in which they became known, so that one that is new moves no page. Those that somebody described
/// and that have never been heard come after all others.
#[utoipa::path(get, path = "/api/v1/nodes", tag = "nodes", operation_id = "list_nodes", params(Wanted),
    responses((status = 200, description = "A page of them.", body = Page<NodeItem>)))]
async fn list(State(door): State<Door>, caller: Known, uri: Uri) -> Answer {
    let Wanted { after, limit, zone, supervision, approved } = request::query(&uri)?;
    let (from, limit) = (after.unwrap_or(0), request::limit(limit, LIMIT, LIMIT_MAX)?);
    let directory = door.directory();
    let zone = zone.filter(|zone| !zone.is_empty());
    let zone = zone.map(|name| place_in_sight(&name, &caller, &directory)).transpose()?.flatten();
    let answer = door.work(move |server, shared| {
        let is_wanted = |address: IpAddr, silence: Silence, ours: bool| {
            supervision.is_none_or(|Word(supervision)| silence == supervision)
                && approved.is_none_or(|approved| ours == approved)
                && zone.as_ref().is_none_or(|zone| {
                    directory.path(&Source::Node(address)).contains(&Source::Place(zone.clone()))
                })
                && sees(&caller, address, &directory)
        };
        let roll = shared.glance.roll(server, &shared.names(server));
        let nodes = roll.heard();
        let number = |node: &NodeView| u64::from(node.node.0);
        let begin = nodes.partition_point(|node| number(node) < from);
        let heard =
            nodes[begin..].iter().filter(|node| is_wanted(node.address, node.supervision, node.approved));
        let heard = heard.map(|node| (number(node), NodeItem::new(node, &directory)));

        let expected = roll.expected(from.saturating_sub(EXPECTED_FROM) as usize);
        let expected = expected.filter(|(_, node)| is_wanted(node.address, node.supervision, true));
        let expected =
            expected.map(|(line, node)| (EXPECTED_FROM + line as u64, NodeItem::expected(node, &directory)));

        let mut seen = heard.chain(expected);
        let items = seen.by_ref().take(limit).map(|(_, item)| item).collect();
        // The cursor is that of the next one, so that nothing is told of those between.
        ok(&Page { items, next: seen.next().map(|(cursor, _)| cursor) })
    });
    answer.await?
}

/// A node, by its address or its name.
#[utoipa::path(get, path = "/api/v1/nodes/{node}", tag = "nodes", operation_id = "show_node",
    params(("node" = String, Path, description = "Its address or its name.")),
    responses((status = 200, description = "The node. The ETag is the version of the building, which `PATCH` takes; how the node is \
        changes without it.", body = NodeItem,
        headers(("ETag" = String, description = "The building's version, in quotes.")))))]
async fn show(State(door): State<Door>, caller: Known, Path(node): Path<String>) -> Answer {
    let address = find(&door, &caller, &node)?;
    let found = door.work(move |server, shared| {
        let names = shared.names(server);
        let directory = names.directory();
        let item = match names.line_of(address) {
            Some(line) => NodeItem::of(&shared.glance.roll(server, &names).call(line)?, directory),
            None => {
                let nodes = shared.glance.nodes_by_address(server);
                let at = nodes.binary_search_by_key(&address, |node| node.address).ok()?;
                NodeItem::new(&nodes[at], directory)
            }
        };
        Some(versioned(directory.model().version, &item))
    });
    found.await?.ok_or_else(unknown)
}

/// What an order about a node has done.
#[derive(Debug, Serialize, ToSchema)]
struct NodeDone {
    #[schema(value_type = String)]
    node: Shown<IpAddr>,
    /// Its entry in the journal.
    seq: u64,
    /// Whether that is stored already.
    committed: bool,
}

/// How many connections were closed.
#[derive(Debug, Serialize, ToSchema)]
struct Disconnected {
    #[schema(value_type = String)]
    node: Shown<IpAddr>,
    connections: u64,
    /// Its entry in the journal.
    seq: u64,
    /// Whether that is stored already.
    committed: bool,
}

/// Closes its connections. What they have sent is read first; the node may come back at once.
#[utoipa::path(post, path = "/api/v1/nodes/{node}/disconnect", tag = "nodes", operation_id = "disconnect_node",
    params(("node" = String, Path, description = "Its address or its name.")),
    responses((status = 200, description = "They are closed.", body = Disconnected)))]
async fn disconnect(
    State(door): State<Door>,
    caller: Known,
    Path(node): Path<String>,
    request: Request,
) -> Answer {
    let address = find(&door, &caller, &node)?;
    request::nothing(request).await?;
    let open = door.work(move |server, shared| {
        let nodes = shared.glance.nodes(server);
        let heard = nodes.iter().find(|node| node.address == address).map(|node| node.connections);
        let is_described =
            || shared.directory(server).model().nodes.iter().any(|node| node.address == address);
        heard.or_else(|| is_described().then_some(0))
    });
    let open = open.await?.ok_or_else(unknown)?;
    // The journal knows of it first, so that nothing is closed of which it has no entry.
    let text = format!("asked to disconnect: connections {open} -> 0").into();
    let note = Order::Note { kind: EntryKind::NodeDisconnected, source: Some(Source::Node(address)), text };
    let Ordered { done, stored } = match door.order(&caller, note).await? {
        Ok(ordered) => ordered,
        Err(refused) => return Err(refused::problem(&refused, "node")),
    };
    let connections = door.work(move |server, _| server.disconnect(address)).await?;
    ok(&Disconnected { node: Shown(address), connections, seq: done.seq, committed: stored })
}

/// Says that a new node is one of ours.
#[utoipa::path(post, path = "/api/v1/nodes/{node}/approve", tag = "enrolment", operation_id = "approve_node",
    params(("node" = String, Path, description = "Its address or its name.")),
    responses((status = 200, description = "It is.", body = NodeDone)))]
async fn approve(
    State(door): State<Door>,
    caller: Known,
    Path(node): Path<String>,
    request: Request,
) -> Answer {
    let address = find(&door, &caller, &node)?;
    request::nothing(request).await?;
    settle(&door, &caller, Order::ApproveNode(address), address).await
}

/// Takes a node that waits for approval out of the list, until it sends again.
#[utoipa::path(post, path = "/api/v1/nodes/{node}/dismiss", tag = "enrolment", operation_id = "dismiss_node",
    params(("node" = String, Path, description = "Its address.")),
    responses((status = 200, description = "It is out of the list.", body = NodeDone)))]
async fn dismiss(
    State(door): State<Door>,
    caller: Known,
    Path(node): Path<String>,
    request: Request,
) -> Answer {
    let address = find(&door, &caller, &node)?;
    request::nothing(request).await?;
    settle(&door, &caller, Order::DismissNode(address), address).await
}

/// Where a node is now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MoveTo {
    /// The address of the node that replaces it.
    to: String,
}

/// It was replaced, and what is known of it holds for the new address.
#[utoipa::path(post, path = "/api/v1/nodes/{node}/move", tag = "nodes", operation_id = "move_node",
    params(("node" = String, Path, description = "Its address or its name.")), request_body = MoveTo,
    responses((status = 200, description = "It has moved.", body = NodeDone)))]
async fn move_to(
    State(door): State<Door>,
    caller: Known,
    Path(node): Path<String>,
    request: Request,
) -> Answer {
    let old = find(&door, &caller, &node)?;
    let MoveTo { to } = request::json(request).await?;
    let new = to.parse::<IpAddr>().map_err(|_| Problem::unfit("to", "This must be an address."))?;
    let new = new.to_canonical();
    settle(&door, &caller, Order::MoveNode { old, new }, new).await
}

/// It is gone for good, and no longer missed. If it has never been heard, nobody describes it any more either.
#[utoipa::path(post, path = "/api/v1/nodes/{node}/retire", tag = "nodes", operation_id = "retire_node",
    params(("node" = String, Path, description = "Its address or its name.")),
    responses((status = 200, description = "Nobody misses it.", body = NodeDone)))]
async fn retire(
    State(door): State<Door>,
    caller: Known,
    Path(node): Path<String>,
    request: Request,
) -> Answer {
    let address = find(&door, &caller, &node)?;
    request::nothing(request).await?;
    settle(&door, &caller, Order::RetireNode(address), address).await
}

async fn settle(door: &Door, caller: &Known, order: Order, node: IpAddr) -> Answer {
    match door.order(caller, order).await? {
        Ok(Ordered { done, stored }) => ok(&NodeDone { node: Shown(node), seq: done.seq, committed: stored }),
        Err(OrderRefused::Unknown { .. }) => Err(unknown()),
        Err(refused) => Err(refused::problem(&refused, "to")),
    }
}

/// The address of a node that is in sight, whether there is one or not.
fn find(door: &Door, caller: &Known, node: &str) -> Result<IpAddr, Problem> {
    let directory = door.directory();
    let address = address(node, directory.model()).ok_or_else(unknown)?;
    if sees(caller, address, &directory) { Ok(address) } else { Err(unknown()) }
}

/// A place by its name; nothing, if it is the site. One that is out of sight is not there.
fn place_in_sight(
    name: &str,
    caller: &Known,
    directory: &poe_building::Directory,
) -> Result<Option<Text>, Problem> {
    let place = place_of(name, directory.model())?;
    let is_seen = |place: &Text| caller.sees(&Source::Place(place.clone()), directory);
    if place.as_ref().is_none_or(is_seen) { Ok(place) } else { Err(unknown_place()) }
}

fn sees(caller: &Known, node: IpAddr, directory: &poe_building::Directory) -> bool {
    caller.sees(&Source::Node(node), directory)
}

/// The node of this address or name.
pub(super) fn address(node: &str, model: &Model) -> Option<IpAddr> {
    let named = || model.nodes.iter().find(|known| known.name.as_deref() == Some(node));
    match node.parse::<IpAddr>() {
        Ok(address) => Some(address.to_canonical()),
        Err(_) => named().map(|node| node.address),
    }
}

pub(super) fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is no node of this address or name.")
}
