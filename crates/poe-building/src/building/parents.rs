//! What is lost together: a switch or a place whose nodes are all silent is one trouble, not forty.

use super::Building;
use crate::{Moment, NodeNo, Quiet, Silence, Source, Text, builtin};
use core::net::IpAddr;

/// Children that are named to people; the others are counted.
const NAMED_MAX: usize = 8;

impl Building {
    /// A node is in trouble: for itself, or as one of all that are behind a lost parent.
    pub(super) fn lost(&mut self, address: IpAddr, why: &str, now: Moment) {
        let parents = self.alarms.book.parents(address);
        if !parents.iter().any(|parent| self.lost_parents.contains(parent))
            && let Some(parent) = self.newly_lost(&parents, now)
        {
            let text = self.list_children(&parent);
            self.alarms.own_condition(&parent, builtin::PARENT_LOST, true, Some(text), now);
            self.lost_parents.insert(parent);
        }
        if let Some(parent) = parents.iter().find(|parent| self.lost_parents.contains(parent)) {
            let parent = parent.clone();
            self.alarms.suppress_children(&parent, builtin::NODE_SILENT, now);
        }
        let text = format!("node {why}").into();
        self.alarms.own_condition(&Source::Node(address), builtin::NODE_SILENT, true, Some(text), now);
    }

    /// A node that was in trouble is heard again, and with it everything that it is behind.
    pub(super) fn found(&mut self, address: IpAddr, now: Moment) {
        self.alarms.own_condition(&Source::Node(address), builtin::NODE_SILENT, false, None, now);
        if self.lost_parents.is_empty() {
            return;
        }
        for parent in self.alarms.book.parents(address) {
            if self.lost_parents.remove(&parent) {
                self.alarms.own_condition(&parent, builtin::PARENT_LOST, false, None, now);
                self.alarms.release_children(&parent, now);
            }
        }
    }

    /// Of the parents whose children, two or more, are all silent, the one with the most; of equals the nearest.
    fn newly_lost(&self, parents: &[Source], now: Moment) -> Option<Source> {
        let mut found: Option<(usize, &Source)> = None;
        for parent in parents {
            let children = self.alarms.book.children(parent);
            let larger = found.is_none_or(|(known, _)| children.len() > known);
            if children.len() >= 2 && larger && children.iter().all(|child| self.is_silent(*child, now)) {
                found = Some((children.len(), parent));
            }
        }
        found.map(|(_, parent)| parent.clone())
    }

    fn is_silent(&self, address: IpAddr, now: Moment) -> bool {
        match self.by_address.get(&address) {
            Some(no) => {
                let node = &self.nodes[no.index()];
                node.retired || node.silence != Silence::Heard || self.is_late(*no, now)
            }
            // Described and never heard: silent, once there has been time to speak.
            None => now.ticks.since(self.listening_since) >= self.model().supervision.late,
        }
    }

    /// A node's timer may fire a moment after that of another that fell silent with it.
    fn is_late(&self, no: NodeNo, now: Moment) -> bool {
        let heard = self.nodes[no.index()].heard.max(self.listening_since);
        now.ticks.since(heard) >= self.model().supervision.late
    }

    fn list_children(&self, parent: &Source) -> Text {
        let children = self.alarms.book.children(parent);
        let mut named: Vec<String> = children
            .iter()
            .take(NAMED_MAX)
            .map(|child| self.alarms.book.called(&Source::Node(*child)))
            .collect();
        if children.len() > named.len() {
            named.push(format!("and {} more", children.len() - named.len()));
        }
        format!("all {} nodes behind it are silent: {}", children.len(), named.join(", ")).into()
    }

    /// After a restart: the parents whose loss is still signalled, and the nodes that were in trouble.
    pub(super) fn remember_lost_parents(&mut self) {
        for alarm in self.alarms.iter().filter(|alarm| alarm.holds) {
            match (&*alarm.rule, &alarm.source) {
                (builtin::PARENT_LOST, parent) => {
                    self.lost_parents.insert(parent.clone());
                }
                (builtin::NODE_SILENT, Source::Node(address)) => {
                    if let Some(no) = self.by_address.get(address) {
                        self.nodes[no.index()].silence = Silence::Lost;
                    }
                }
                _ => {}
            }
        }
    }

    /// How many alarms are quiet since what they are behind is lost.
    pub fn suppressed_by_design(&self) -> usize {
        self.alarms.iter().filter(|alarm| alarm.quiet == Some(Quiet::SuppressedByDesign)).count()
    }
}
