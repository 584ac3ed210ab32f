//! `n`: the known nodes, and those that are not let in.

use super::{
    filter::Filter,
    table::{Column, counted, footer, table, whole_table},
    when::When,
};
use poe::NodeView;
use poe_building::Quarantined;

pub(super) fn answer(nodes: &[NodeView], held: &[Quarantined], wanted: &Filter, when: &When) -> String {
    let found: Vec<_> = nodes.iter().filter(|node| wanted.has_node(node.address)).collect();
    let held: Vec<_> = held.iter().filter(|node| wanted.has_node(node.address)).collect();
    let known = match (wanted, found.is_empty()) {
        (_, false) => known(&found, when),
        (Filter::All, true) => "no node is known yet: none has sent a value".to_owned(),
        (some, true) if held.is_empty() => format!("no node is called `{some}`; `n` shows all"),
        (_, true) => return waiting(&held, when),
    };
    if held.is_empty() { known } else { format!("{known}\n\n{}", waiting(&held, when)) }
}

fn known(found: &[&NodeView], when: &When) -> String {
    let columns = [
        Column::Text("node"),
        Column::Text("first seen"),
        Column::Text("last seen"),
        Column::Number("connections"),
        Column::Number("sensors"),
        Column::Number("frames"),
        Column::Number("invalid"),
        Column::Text("approved"),
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
            if node.approved { "yes" } else { "new" }.to_owned(),
        ]
    });
    let rows = table(&columns, rows);
    let last = found[found.len() - 1].address;
    let others = format!("`n {last}` shows one node, and the beginning of an address all that begin so");
    format!("{rows}\n{}, times in {}", footer(found.len(), "node", &others), when.zone())
}

/// Those that are not let in. There are too few of them for a footer.
fn waiting(held: &[&Quarantined], when: &When) -> String {
    let columns = [
        Column::Text("not let in"),
        Column::Text("first seen"),
        Column::Text("last seen"),
        Column::Number("connections"),
        Column::Number("sensors"),
        Column::Number("frames"),
        Column::Text("reports"),
    ];
    let rows = held.iter().map(|node| {
        [
            node.address.to_string(),
            when.clock(node.first_seen),
            when.ago(Some(node.last_seen)),
            node.connections.to_string(),
            node.sensors.len().to_string(),
            node.frames.to_string(),
            if node.alarming { "danger" } else { "-" }.to_owned(),
        ]
    });
    let (rows, last) = (whole_table(&columns, rows), held[held.len() - 1].address);
    let count = counted(held.len(), "node");
    format!(
        "{rows}\n{count} not let in; `approve {last}` lets one in, `dismiss {last}` takes it out of the list"
    )
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
            approved: number > 0,
        }
    }

    #[test]
    fn each_node_has_a_row() {
        let when = When::spring();
        expect![[r#"
            node          first seen        last seen  connections  sensors  frames  invalid  approved
            10.89.21.188  14:03:07          -                    0       21  210000        7  new
            10.89.21.189  2026-03-28 14:03  3 min ago            1       21  210000        7  yes
            2 nodes, times in UTC"#]]
        .assert_eq(&answer(&[node(0, &when), node(1, &when)], &[], &Filter::All, &when));
    }

    #[test]
    fn who_is_not_let_in_is_listed_apart() {
        let when = When::spring();
        let held = [Quarantined {
            address: Ipv4Addr::new(10, 89, 21, 200).into(),
            first_seen: when.seconds_before(3_600),
            last_seen: when.seconds_before(1),
            connections: 1,
            frames: 2_100,
            sensors: Vec::new(),
            alarming: true,
        }];
        expect![[r#"
            node          first seen        last seen  connections  sensors  frames  invalid  approved
            10.89.21.189  2026-03-28 14:03  3 min ago            1       21  210000        7  yes
            1 node, times in UTC

            not let in    first seen  last seen  connections  sensors  frames  reports
            10.89.21.200  13:03:07    1 s ago              1        0    2100  danger
            1 node not let in; `approve 10.89.21.200` lets one in, `dismiss 10.89.21.200` takes it out of the list"#]].assert_eq(&answer(&[node(1, &when)], &held, &Filter::All, &when));
        expect![[r#"
            no node is known yet: none has sent a value

            not let in    first seen  last seen  connections  sensors  frames  reports
            10.89.21.200  13:03:07    1 s ago              1        0    2100  danger
            1 node not let in; `approve 10.89.21.200` lets one in, `dismiss 10.89.21.200` takes it out of the list"#]].assert_eq(&answer(&[], &held, &Filter::All, &when));
        let other = Filter::new("10.90");
        expect!["no node is called `10.90`; `n` shows all"].assert_eq(&answer(&[], &held, &other, &when));
    }

    #[test]
    fn a_big_building_does_not_run_over_the_screen() {
        let when = When::spring();
        let nodes: Vec<_> = (0..1_000).map(|number| node(number, &when)).collect();
        let text = answer(&nodes, &[], &Filter::All, &when);
        assert_eq!(text.lines().count(), ROWS_MAX + 2);
        expect![[
            r#"the first 200 of 1000 nodes; `n 10.89.25.163` shows one node, and the beginning of an address all that begin so, times in UTC"#
        ]]
        .assert_eq(text.lines().last().unwrap());
    }
}
