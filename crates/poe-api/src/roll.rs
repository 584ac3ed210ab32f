//! Every node that there is, or should be: those that somebody described, heard or not, and all others that were heard.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;

use poe_building::{Alarm, NodeView, Silence, Source, own};

use crate::views::SensorNames;

/// The roll of the nodes, as one model has it. Whoever is on it stays where they are; those who are new come last.
#[derive(Debug)]
pub(crate) struct Roll {
    /// Those that were heard, by number.
    nodes: Arc<Vec<NodeView>>,
    /// Those that are described, in that order; after them the others, in the order in which they became known.
    lines: Vec<Line>,
    /// How many are described.
    described: usize,
}

#[derive(Debug, Clone, Copy)]
enum Line {
    /// By its position among those that were heard.
    Heard(u32),
    Expected(Expected),
}

/// A node that somebody described and that has never been heard.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected {
    pub(crate) address: IpAddr,
    /// Late, until it is signalled that it is silent.
    pub(crate) supervision: Silence,
}

/// A node on the roll.
#[derive(Debug, Clone)]
pub(crate) enum Called {
    Heard(NodeView),
    Expected(Expected),
}

impl Roll {
    /// Calls those that were heard, by number; `alarms` tells which of the others are signalled.
    pub(crate) fn new(
        nodes: Arc<Vec<NodeView>>,
        names: &SensorNames,
        alarms: impl FnOnce() -> Arc<Vec<Alarm>>,
    ) -> Self {
        let expected = |address| Line::Expected(Expected { address, supervision: Silence::Late });
        let described = &names.directory().model().nodes;
        let mut lines: Vec<Line> = described.iter().map(|node| expected(node.address)).collect();
        let described = lines.len();
        for (node, at) in nodes.iter().zip(0..) {
            match names.line_of(node.address) {
                Some(line) => lines[line] = Line::Heard(at),
                None => lines.push(Line::Heard(at)),
            }
        }
        let mut roll = Roll { nodes, lines, described };
        if roll.misses_any() {
            roll.look_for(&alarms());
        }
        roll
    }

    fn look_for(&mut self, alarms: &[Alarm]) {
        let silent =
            alarms.iter().filter(|alarm| *alarm.rule == *own::NODE_SILENT && alarm.state.is_active());
        let silent: HashSet<&Source> = silent.map(|alarm| &alarm.source).collect();
        for line in &mut self.lines[..self.described] {
            if let Line::Expected(node) = line
                && silent.contains(&Source::Node(node.address))
            {
                node.supervision = Silence::Lost;
            }
        }
    }

    /// Whether any have never been heard: only of those do alarms tell anything here.
    pub(crate) fn misses_any(&self) -> bool {
        self.expected(0).next().is_some()
    }

    /// Whether it was made from these.
    pub(crate) fn is_of(&self, nodes: &Arc<Vec<NodeView>>) -> bool {
        Arc::ptr_eq(&self.nodes, nodes)
    }

    /// Those that were heard, by number.
    pub(crate) fn heard(&self) -> &[NodeView] {
        &self.nodes
    }

    /// Those that have never been heard, from this line on, each with its line.
    pub(crate) fn expected(&self, from: usize) -> impl Iterator<Item = (usize, &Expected)> {
        let lines = self.lines[..self.described].iter().enumerate().skip(from);
        lines.filter_map(|(at, line)| match line {
            Line::Expected(node) => Some((at, node)),
            Line::Heard(_) => None,
        })
    }

    /// The addresses of all, each at its line.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.lines.iter().map(|line| match line {
            Line::Heard(at) => self.nodes[*at as usize].address,
            Line::Expected(node) => node.address,
        })
    }

    /// Who is at this line.
    pub(crate) fn call(&self, line: usize) -> Option<Called> {
        self.lines.get(line).map(|line| match line {
            Line::Heard(at) => Called::Heard(self.nodes[*at as usize].clone()),
            Line::Expected(node) => Called::Expected(*node),
        })
    }
}
