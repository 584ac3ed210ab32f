//! What keeps alarms quiet, found by what it is about: a building that loses a thousand switches at once asks for each
//! of their nodes.

use crate::{Source, Suppression, SuppressionId};
use core::net::IpAddr;
use std::collections::{BTreeMap, HashMap};

/// The suppressions in force.
#[derive(Default, Debug)]
pub(super) struct Suppressions {
    all: BTreeMap<SuppressionId, Suppression>,
    about: HashMap<Source, Vec<SuppressionId>>,
}

impl Suppressions {
    pub(super) fn insert(&mut self, suppression: Suppression) {
        self.about.entry(suppression.source.clone()).or_default().push(suppression.id);
        self.all.insert(suppression.id, suppression);
    }

    pub(super) fn remove(&mut self, id: SuppressionId) -> Option<Suppression> {
        let suppression = self.all.remove(&id)?;
        if let Some(ids) = self.about.get_mut(&suppression.source) {
            ids.retain(|known| *known != id);
            if ids.is_empty() {
                self.about.remove(&suppression.source);
            }
        }
        Some(suppression)
    }

    pub(super) fn get(&self, id: SuppressionId) -> Option<&Suppression> {
        self.all.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: SuppressionId) -> Option<&mut Suppression> {
        self.all.get_mut(&id)
    }

    /// Those that are about just this source.
    pub(super) fn about(&self, source: &Source) -> impl Iterator<Item = &Suppression> {
        self.about.get(source).into_iter().flatten().filter_map(|id| self.all.get(id))
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Suppression> {
        self.all.values()
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Lets everything that is about an address be about another. Returns what that changed.
    pub(super) fn readdress(&mut self, old: IpAddr, new: IpAddr) -> Vec<SuppressionId> {
        let of_old = |suppression: &&Suppression| suppression.source.address() == Some(old);
        let moved: Vec<SuppressionId> =
            self.values().filter(of_old).map(|suppression| suppression.id).collect();
        for id in &moved {
            let Some(mut suppression) = self.remove(*id) else { continue };
            match &mut suppression.source {
                Source::Node(address) => *address = new,
                Source::Sensor(key) => key.address = new,
                Source::Place(_) | Source::Switch(_) | Source::System => {}
            }
            self.insert(suppression);
        }
        moved
    }
}
