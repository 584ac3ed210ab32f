//! Promises that are done with, remembered for a while.

use poe_building::PromiseId;
use std::collections::{HashSet, VecDeque};

/// Promises that are done and remembered, so that one given again in the moment before its confirmation is on the disk
/// is not sent again. That moment is a commit long; this is more than a full queue.
const SETTLED_MAX: usize = 16_384;

/// The last promises that were confirmed or given up.
#[derive(Default)]
pub(crate) struct Settled {
    order: VecDeque<PromiseId>,
    ids: HashSet<PromiseId>,
}

impl Settled {
    pub(crate) fn contains(&self, id: PromiseId) -> bool {
        self.ids.contains(&id)
    }

    /// Remembers one, and forgets the oldest if there are too many.
    pub(crate) fn insert(&mut self, id: PromiseId) {
        if self.ids.insert(id) {
            self.order.push_back(id);
        }
        if self.order.len() > SETTLED_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten() {
        let mut settled = Settled::default();
        (0..=SETTLED_MAX as u64).for_each(|id| settled.insert(PromiseId(id)));
        settled.insert(PromiseId(1));
        assert!(!settled.contains(PromiseId(0)) && settled.contains(PromiseId(1)));
        assert_eq!(settled.order.len(), SETTLED_MAX);
    }
}
