//! `l`: the open connections.

use super::{
    filter::Filter,
    house::Connections,
    table::{Column, counted, footer, table},
    when::When,
};
use poe::{ConnectionView, NodeView};
use std::net::SocketAddr;

pub(super) fn answer(connections: &Connections, wanted: &Filter, when: &When) -> String {
    match connections {
        Connections::Each(connections) => each(connections, wanted, when),
        Connections::Counted(nodes) => counted_by_node(nodes, wanted, when),
    }
}

fn none(wanted: &Filter) -> String {
    match wanted {
        Filter::All => "no connection is open".to_owned(),
        some => format!("no connection from `{some}` is open; `l` shows all"),
    }
}

fn each(connections: &[ConnectionView], wanted: &Filter, when: &When) -> String {
    let found: Vec<_> = connections.iter().filter(|connection| wanted.has_node(connection.address)).collect();
    if found.is_empty() {
        return none(wanted);
    }
    let columns = [
        Column::Text("address"),
        Column::Text("node"),
        Column::Text("location"),
        Column::Text("since"),
        Column::Text("last frame"),
        Column::Number("frames"),
        Column::Number("invalid"),
    ];
    let rows = found.iter().map(|connection| {
        [
            SocketAddr::new(connection.address, connection.port).to_string(),
            if connection.is_node { "yes" } else { "not yet" }.to_owned(),
            "-".to_owned(),
            when.clock(connection.since),
            when.ago(connection.last_heard),
            connection.frames.to_string(),
            connection.invalid.to_string(),
        ]
    });
    let rows = table(&columns, rows);
    let others = format!("`l {}` shows those of one address", found[found.len() - 1].address);
    format!("{rows}\n{}, times in {}", footer(found.len(), "connection", &others), when.zone())
}

/// What a server elsewhere tells of the connections of its nodes.
fn counted_by_node(nodes: &[NodeView], wanted: &Filter, when: &When) -> String {
    let found: Vec<_> = nodes.iter().filter(|node| wanted.has_node(node.address)).collect();
    let Some(last) = found.last() else { return none(wanted) };
    let columns = [
        Column::Text("node"),
        Column::Number("connections"),
        Column::Text("last frame"),
        Column::Number("frames"),
        Column::Number("invalid"),
    ];
    let rows = found.iter().map(|node| {
        [
            node.address.to_string(),
            node.connections.to_string(),
            when.ago(node.last_seen),
            node.frames.to_string(),
            node.invalid_frames.to_string(),
        ]
    });
    let rows = table(&columns, rows);
    let others = format!("`l {}` shows one node", last.address);
    let all: u32 = found.iter().map(|node| node.connections).sum();
    let connections = counted(all as usize, "connection");
    format!(
        "{rows}\n{connections} of {}, frames since the server's start",
        footer(found.len(), "node", &others)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn connection(address: &str, frames: u64, when: &When) -> ConnectionView {
        ConnectionView {
            address: address.parse().unwrap(),
            port: 40_312,
            is_node: frames > 0,
            since: when.seconds_before(90_000),
            last_heard: (frames > 0).then(|| when.seconds_before(3)),
            frames,
            invalid: frames / 100,
        }
    }

    #[test]
    fn each_connection_has_a_row() {
        let when = When::spring();
        let connections = [connection("10.89.21.188", 2_310, &when), connection("fe80::7", 0, &when)];
        expect![[r#"
            address             node     location  since             last frame  frames  invalid
            10.89.21.188:40312  yes      -         2026-03-28 13:03  3 s ago       2310       23
            [fe80::7]:40312     not yet  -         2026-03-28 13:03  -                0        0
            2 connections, times in UTC"#]]
        .assert_eq(&each(&connections, &Filter::All, &when));
        assert_eq!(each(&[], &Filter::All, &when), "no connection is open");
        let elsewhere = each(&connections, &Filter::new("10.90"), &when);
        assert_eq!(elsewhere, "no connection from `10.90` is open; `l` shows all");
    }

    #[test]
    fn elsewhere_connections_are_counted_by_node() {
        let when = When::spring();
        let node = |last: u8, connections| NodeView {
            node: poe_building::NodeNo(0),
            address: [10, 89, 21, last].into(),
            first_seen: when.seconds_before(90_000),
            last_seen: Some(when.seconds_before(3)),
            connections,
            sensors: 21,
            frames: 2_310,
            invalid_frames: 23,
            invalid_opt: 0,
            supervision: poe_building::Silence::Heard,
            approved: true,
        };
        let connections = Connections::Counted(vec![node(188, 1), node(189, 2)]);
        expect![[r#"
            node          connections  last frame  frames  invalid
            10.89.21.188            1  3 s ago       2310       23
            10.89.21.189            2  3 s ago       2310       23
            3 connections of 2 nodes, frames since the server's start"#]]
        .assert_eq(&answer(&connections, &Filter::All, &when));
        let none = answer(&connections, &Filter::new("10.90"), &when);
        assert_eq!(none, "no connection from `10.90` is open; `l` shows all");
    }
}
