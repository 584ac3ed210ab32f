//! `approve` and `dismiss`: whether a node is one of ours.

use super::{
    command::{Entry, Mistake},
    house::{Carried, House, NotDone},
    orders::{refused, unstored},
    plain::printable,
};
use poe::Order;
use std::{net::IpAddr, str::SplitWhitespace};

/// One address or more.
pub(super) fn read(entry: &Entry, words: SplitWhitespace<'_>) -> Result<Vec<IpAddr>, Mistake> {
    let address = |word: &str| {
        word.parse::<IpAddr>().map(|address| address.to_canonical()).map_err(|_| {
            let (word, usage) = (printable(word), entry.usage());
            Mistake::new(format!("`{word}` is no address; `n` shows them. Try `{usage}`"))
        })
    };
    let nodes: Vec<IpAddr> = words.map(address).collect::<Result<_, _>>()?;
    if nodes.is_empty() { Err(entry.missing("the address of a node")) } else { Ok(nodes) }
}

pub(super) fn approve(house: &dyn House, nodes: &[IpAddr]) -> String {
    let done = "is approved, and one of the building's";
    each(nodes, "approve", done, |node| house.order(Order::ApproveNode(node)))
}

pub(super) fn dismiss(house: &dyn House, nodes: &[IpAddr]) -> String {
    let done = "is dismissed; it comes again if it sends again";
    each(nodes, "dismiss", done, |node| house.order(Order::DismissNode(node)))
}

fn each(
    nodes: &[IpAddr],
    verb: &str,
    done: &str,
    order: impl Fn(IpAddr) -> Result<Carried, NotDone>,
) -> String {
    let line = |node: &IpAddr| match order(*node) {
        Ok(carried) => format!("{node} {done}{}", unstored(&carried)),
        Err(error) => refused(&format!("{verb} {node}"), &error),
    };
    nodes.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::command::tests::check;
    use expect_test::expect;
    use poe::OrderRefused;

    #[test]
    fn approvals_as_they_are_typed() {
        check(
            "approve 10.89.21.188
             approve 10.89.21.188 ::ffff:10.89.21.189
             dismiss fe80::1
             dismiss
             approve kitchen",
            &expect![[r#"
                approve 10.89.21.188 => Approve([10.89.21.188])
                approve 10.89.21.188 ::ffff:10.89.21.189 => Approve([10.89.21.188, 10.89.21.189])
                dismiss fe80::1 => Dismiss([fe80::1])
                dismiss => the address of a node is missing after `dismiss`; try `dismiss 10.89.21.188`
                approve kitchen => `kitchen` is no address; `n` shows them. Try `approve ADDRESS...`
            "#]],
        );
    }

    #[test]
    fn every_node_has_its_answer() {
        let nodes = [IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2])];
        let order = |node: IpAddr| {
            let what = "node that waits for approval";
            Err(OrderRefused::Unknown { what, name: node.to_string().into() }.into())
        };
        expect![[r#"
            refused: dismiss 10.0.0.1: there is no node that waits for approval "10.0.0.1"
            refused: dismiss 10.0.0.2: there is no node that waits for approval "10.0.0.2""#]]
        .assert_eq(&each(&nodes, "dismiss", "is dismissed", order));
    }
}
