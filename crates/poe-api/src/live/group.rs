//! Those who follow the same things are told the same bytes: what changes is looked for twice a second, once for all of
//! them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use poe_building::Text;
use tokio::sync::watch;

use crate::live::rounds::TURNS;
use crate::live::scene::Scene;
use crate::live::shelf::Shelf;
use crate::server::Server;
use crate::views::SensorNames;
use crate::work::Shared;

/// All groups of one kind that somebody follows, by their place; `None`: everything.
pub(super) struct Groups<S: Scene> {
    groups: Mutex<HashMap<Option<Text>, Weak<Group<S>>>>,
    made: AtomicUsize,
}

impl<S: Scene> Default for Groups<S> {
    fn default() -> Self {
        Groups { groups: Mutex::default(), made: AtomicUsize::new(0) }
    }
}

impl<S: Scene> Groups<S> {
    /// The group of this place.
    pub(super) fn of(&self, zone: Option<&Text>) -> Arc<Group<S>> {
        let mut groups = self.lock();
        if let Some(group) = groups.get(&zone.cloned()).and_then(Weak::upgrade) {
            return group;
        }
        let turn = self.made.fetch_add(1, Ordering::Relaxed) % TURNS;
        let group = Arc::new(Group::new(zone.cloned(), turn));
        groups.insert(zone.cloned(), Arc::downgrade(&group));
        group
    }

    /// Those whose turn it is; `None`, if there are no groups any more.
    pub(super) fn due(&self, turn: usize) -> Option<Vec<Arc<Group<S>>>> {
        let mut groups = self.lock();
        groups.retain(|_, group| group.strong_count() > 0);
        let due = groups.values().filter_map(Weak::upgrade).filter(|group| group.turn == turn);
        (!groups.is_empty()).then(|| due.collect())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Option<Text>, Weak<Group<S>>>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All sensors, or all nodes, of a place.
pub(super) struct Group<S: Scene> {
    pub(super) zone: Option<Text>,
    /// When in a round it is looked at.
    turn: usize,
    /// Held during a look, so that there is one at a time.
    looking: Mutex<()>,
    seen: Mutex<Seen<S>>,
    /// How often everything has been looked at.
    pub(super) looks: watch::Sender<u32>,
}

/// What was seen at the last look. It is locked for a block at a time, so that nobody who is told waits for a look.
pub(super) struct Seen<S: Scene> {
    /// The building as people described it then.
    pub(super) names: Option<Arc<SensorNames>>,
    /// How often that has changed: then everything is told again.
    pub(super) edition: u32,
    pub(super) scene: Option<Arc<S>>,
    pub(super) shelf: Shelf<S>,
}

impl<S: Scene> Group<S> {
    pub(super) fn new(zone: Option<Text>, turn: usize) -> Self {
        let seen = Seen { names: None, edition: 0, scene: None, shelf: Shelf::default() };
        Group { zone, turn, looking: Mutex::new(()), seen: Mutex::new(seen), looks: watch::Sender::new(0) }
    }

    /// Whether nobody has ever looked.
    pub(super) fn is_new(&self) -> bool {
        *self.looks.borrow() == 0
    }

    /// Looks at everything. Called where one may wait.
    pub(super) fn look(&self, server: &dyn Server, shared: &Shared) {
        let _looking = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        let names = shared.names(server);
        let scene = Arc::new(S::now(server, shared));
        let look = *self.looks.borrow() + 1;
        let is_same = |known: &Arc<SensorNames>| Arc::ptr_eq(known, &names);
        let end = if self.lock().names.as_ref().is_some_and(is_same) { self.lock().shelf.end() } else { 0 };
        let members = scene.members(server, shared, self.zone.as_ref(), end);

        let block_count = {
            let mut seen = self.lock();
            if !seen.names.as_ref().is_some_and(is_same) {
                (seen.names, seen.edition, seen.shelf) = (Some(names), seen.edition + 1, Shelf::default());
            }
            seen.shelf.extend(members);
            seen.scene = Some(Arc::clone(&scene));
            seen.shelf.block_count()
        };
        for at in 0..block_count {
            self.lock().shelf.look(at, &scene, look);
        }
        self.looks.send_replace(look);
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Seen<S>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
