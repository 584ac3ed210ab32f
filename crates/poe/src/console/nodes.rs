//! `n`: the known nodes.

use super::{
    filter::Filter,
    table::{Column, footer, table},
    when::When,
};
use poe::NodeView;

pub(super) fn answer(nodes: &[NodeView], wanted: &Filter, when: &When) -> String {
    let found: Vec<_> = nodes.iter().filter(|node| wanted.has_node(node.address)).collect();
    if found.is_empty() {
        return match wanted {
            Filter::All => "no node is known yet: none has sent a value".to_owned(),
            some => format!("no node is called `{some}`; `n` shows all"),
        };
    }
    let columns = [
        Column::Text("node"),
        Column::Text("first seen"),
        Column::Text("last seen"),
        Column::Number("connections"),
        Column::Number("sensors"),
        Column::Number("frames"),
        Column::Number("invalid"),
    ];
    let rows = found.iter().map(|node| {
        [
            node.address.to_string(),
            when.clock(node.first_seen),
            when.ago(node.last_seen),
            node.connections.to_string(),
            node.sensors.to_string(),
            node.frames.to_string(),
            node.invalid_frames.to_string(),
        ]
    });
    let rows = table(&columns, rows);
    let last = found[found.len() - 1].address;
    let others = format!("`n {last}` shows one node, and the beginning of an address all that begin so");
    format!("{rows}\n{}, times in {}", footer(found.len(), "node", &others), when.zone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::table::ROWS_MAX;
    use expect_test::expect;
    use poe_building::NodeNo;
    use std::net::Ipv4Addr;

    fn node(number: u32, when: &When) -> NodeView {
        NodeView {
            node: NodeNo(number),
            address: Ipv4Addr::from_bits(0x0a59_15bc + number).into(),
            first_seen: when.seconds_before(86_400 * i64::from(number)),
            last_seen: (number > 0).then(|| when.seconds_before(200)),
            connections: number,
            sensors: 21,
            frames: 210_000,
            invalid_frames: 7,
            invalid_opt: 7,
            supervision: poe_building::Silence::Heard,
            approved: false,
        }
    }

    #[test]
    fn each_node_has_a_row() {
        let when = When::spring();
        expect![[r#"
            node          first seen        last seen  connections  sensors  frames  invalid
            10.89.21.188  14:03:07          -                    0       21  210000        7
            10.89.21.189  2026-03-28 14:03  3 min ago            1       21  210000        7
            2 nodes, times in UTC"#]]
        .assert_eq(&answer(&[node(0, &when), node(1, &when)], &Filter::All, &when));
    }

    #[test]
    fn a_big_building_does_not_run_over_the_screen() {
        let when = When::spring();
        let nodes: Vec<_> = (0..1_000).map(|number| node(number, &when)).collect();
        let text = answer(&nodes, &Filter::All, &when);
        assert_eq!(text.lines().count(), ROWS_MAX + 2);
        expect![[
            r#"the first 200 of 1000 nodes; `n 10.89.25.163` shows one node, and the beginning of an address all that begin so, times in UTC"#
        ]]
        .assert_eq(text.lines().last().unwrap());
    }
}
