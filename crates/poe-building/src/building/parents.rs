//! What is lost together: a switch or a place whose nodes are all silent is one trouble, not forty.

use super::{Building, lost::shape_of};
use crate::{Moment, Quiet, Silence, Source, Text, builtin, supervision::silent_since};
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

    /// A node that was late or in trouble is heard again, and with it everything that it is behind.
    pub(super) fn found(&mut self, address: IpAddr, now: Moment) {
        self.alarms.own_condition(&Source::Node(address), builtin::NODE_SILENT, false, None, now);
        if self.lost_parents.is_empty() {
            return;
        }
        for parent in self.alarms.book.parents(address) {
            if self.lost_parents.contains(&parent) {
                self.parent_found(&parent, now);
            }
        }
    }

    fn parent_found(&mut self, parent: &Source, now: Moment) {
        self.lost_parents.remove(parent);
        self.alarms.own_condition(parent, builtin::PARENT_LOST, false, None, now);
        self.alarms.release_children(parent, now);
    }

    /// What is behind a lost parent has changed: is it still lost?
    pub(super) fn reconsider_parents(&mut self, now: Moment) {
        let mut parents: Vec<Source> = self.lost_parents.iter().cloned().collect();
        parents.sort_unstable();
        for parent in parents {
            if !self.is_lost(&parent, now) {
                self.parent_found(&parent, now);
            }
        }
    }

    /// Of the parents that are lost now, the one with the most children; of equals the nearest.
    fn newly_lost(&mut self, parents: &[Source], now: Moment) -> Option<Source> {
        let mut found: Option<(usize, &Source)> = None;
        for parent in parents {
            let children = self.alarms.book.children(parent).len();
            if found.is_none_or(|(known, _)| children > known) && self.is_lost(parent, now) {
                found = Some((children, parent));
            }
        }
        found.map(|(_, parent)| parent.clone())
    }

    /// Whether all children of a parent, two or more, are late. The one that was heard when this was asked last is looked
    /// at first: where ten thousand fall silent one after the other, nobody has the time to look at all for each.
    fn is_lost(&mut self, parent: &Source, now: Moment) -> bool {
        let children = self.alarms.book.children(parent);
        let first = self.heard_children.get(parent).map_or(0, |at| *at % children.len().max(1));
        let mut missed = 0;
        for at in (first..children.len()).chain(0..first) {
            match self.is_missed(children[at], now) {
                Some(true) => missed += 1,
                Some(false) => {
                    self.heard_children.insert(parent.clone(), at);
                    return false;
                }
                None => {}
            }
        }
        missed >= 2
    }

    /// Whether a node is late, or worse; `None` if it is retired and nobody waits for it.
    fn is_missed(&self, address: IpAddr, now: Moment) -> Option<bool> {
        let Some(no) = self.by_address.get(&address) else {
            // Described and never heard: missed, once there has been time to speak.
            let limits = self.alarms.book.supervision(address).unwrap_or(self.model().supervision);
            return Some(now.ticks.since(self.listening_since) >= limits.late);
        };
        let node = &self.nodes[no.index()];
        if node.retired {
            return None;
        }
        // A node's timer may fire a moment after that of another that fell silent with it.
        let silent = now.ticks.since(silent_since(node.heard, self.listening_since));
        Some(node.silence != Silence::Heard || silent >= self.limits_of(*no).late)
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

    /// After a restart: the parents whose loss is still signalled, and the nodes that were in trouble or are behind them.
    pub(super) fn remember_lost(&mut self, now: Moment) {
        let mut silent = Vec::new();
        for alarm in self.alarms.iter().filter(|alarm| alarm.holds) {
            match (&*alarm.rule, &alarm.source) {
                (builtin::PARENT_LOST, parent) => {
                    self.lost_parents.insert(parent.clone());
                    let children = self.alarms.book.children(parent).iter();
                    silent.extend(children.map(|child| (*child, Silence::Late)));
                }
                (builtin::NODE_SILENT, Source::Node(address)) => silent.push((*address, Silence::Lost)),
                _ => {}
            }
        }
        for (address, silence) in silent {
            if let Some(no) = self.by_address.get(&address) {
                let node = &mut self.nodes[no.index()];
                node.silence = silence.max(node.silence);
                if node.silence == Silence::Lost && !node.retired {
                    self.lost_nodes.insert(*no, shape_of(node, &self.alarms.book.tables));
                }
            }
        }
        for parent in self.alarms.parents_without_end() {
            if !self.lost_parents.contains(&parent) {
                self.alarms.release_children(&parent, now);
            }
        }
    }

    /// How many alarms are quiet since what they are behind is lost.
    pub fn suppressed_by_design(&self) -> usize {
        self.alarms.iter().filter(|alarm| alarm.quiet == Some(Quiet::SuppressedByDesign)).count()
    }
}
