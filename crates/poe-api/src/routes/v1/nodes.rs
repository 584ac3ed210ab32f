//! `/api/v1/nodes`: who sends, and what people say about it.

use std::net::IpAddr;

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, Uri};
use poe_building::{Model, Order, OrderRefused};
use serde::Serialize;

use crate::answer::{Answer, Page, ok};
use crate::door::Door;
use crate::peer::Peer;
use crate::problem::Problem;
use crate::request::{self, Params};
use crate::routes::v1::refused;
use crate::server::Ordered;
use crate::views::{NodeItem, Shown};

const LIMIT: usize = 1_000;
const LIMIT_MAX: usize = 10_000;

/// `GET /nodes?after=&limit=`: in the order in which they became known.
pub(super) async fn list(State(door): State<Door>, uri: Uri) -> Answer {
    let mut params = Params::of(&uri)?;
    let from = params.number("after")?.unwrap_or(0) as usize;
    let limit = params.limit("limit", LIMIT_MAX)?.unwrap_or(LIMIT);
    params.end()?;
    let page = door.work(move |server, shared| {
        let (directory, nodes) = (shared.directory(server), server.nodes());
        let items: Vec<_> =
            nodes.iter().skip(from).take(limit).map(|node| NodeItem::new(node, &directory)).collect();
        let end = from.saturating_add(items.len());
        Page { items, next: (end < nodes.len()).then_some(end as u64) }
    });
    ok(&page.await?)
}

/// `GET /nodes/{node}`: by its address or its name.
pub(super) async fn show(State(door): State<Door>, Path(node): Path<String>) -> Answer {
    let address = address(&node, &door.server.board().model()).ok_or_else(unknown)?;
    let found = door.work(move |server, shared| {
        let nodes = server.nodes();
        let node = nodes.iter().find(|node| node.address == address)?;
        Some(NodeItem::new(node, &shared.directory(server)))
    });
    ok(&found.await?.ok_or_else(unknown)?)
}

/// What an order about a node has done.
#[derive(Debug, Serialize)]
struct Settled {
    node: Shown<IpAddr>,
    seq: u64,
    committed: bool,
}

/// `POST /nodes/{node}/move {to}`: it was replaced, and what is known of it holds for the new address.
pub(super) async fn move_to(
    State(door): State<Door>,
    Extension(peer): Extension<Peer>,
    Path(node): Path<String>,
    request: Request,
) -> Answer {
    let old = address(&node, &door.server.board().model()).ok_or_else(unknown)?;
    let mut fields = request::fields(request).await?;
    let new = fields.text("to")?.parse::<IpAddr>();
    let new = new.map_err(|_| Problem::unfit("to", "This must be an address."))?.to_canonical();
    fields.end()?;
    settle(&door, peer, Order::MoveNode { old, new }, new).await
}

/// `POST /nodes/{node}/retire`: it is gone for good, and no longer missed.
pub(super) async fn retire(
    State(door): State<Door>,
    Extension(peer): Extension<Peer>,
    Path(node): Path<String>,
    request: Request,
) -> Answer {
    let address = address(&node, &door.server.board().model()).ok_or_else(unknown)?;
    request::nothing(request).await?;
    settle(&door, peer, Order::RetireNode(address), address).await
}

async fn settle(door: &Door, peer: Peer, order: Order, node: IpAddr) -> Answer {
    match door.order(peer, order).await? {
        Ok(Ordered { done, stored }) => ok(&Settled { node: Shown(node), seq: done.seq, committed: stored }),
        Err(OrderRefused::Unknown { .. }) => Err(unknown()),
        Err(refused) => Err(refused::problem(&refused, "to")),
    }
}

/// The node of this address or name.
fn address(node: &str, model: &Model) -> Option<IpAddr> {
    let named = || model.nodes.iter().find(|known| known.name.as_deref() == Some(node));
    match node.parse::<IpAddr>() {
        Ok(address) => Some(address.to_canonical()),
        Err(_) => named().map(|node| node.address),
    }
}

fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is no node of this address or name.")
}
