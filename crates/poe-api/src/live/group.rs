//! Those who follow the same things are told the same bytes: what changes is looked for twice a second, once for all of
//! them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use hyper::body::Bytes;
use poe_building::Text;
use tokio::sync::watch;

use crate::live::rounds::TURNS;
use crate::live::scene::Scene;
use crate::live::shelf::{Known, Shelf};
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
    zone: Option<Text>,
    /// When in a round it is looked at.
    turn: usize,
    /// Held during a look, so that there is one at a time.
    looking: Mutex<()>,
    seen: Mutex<Seen<S>>,
    /// How often everything has been looked at.
    looks: watch::Sender<u32>,
}

/// What was seen at the last look. It is locked for a block at a time, so that nobody who is told waits for a look.
struct Seen<S: Scene> {
    /// The building as people described it then.
    names: Option<Arc<SensorNames>>,
    /// How often that has changed: then everything is told again.
    edition: u32,
    scene: Option<Arc<S>>,
    shelf: Shelf<S>,
}

impl<S: Scene> Group<S> {
    fn new(zone: Option<Text>, turn: usize) -> Self {
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

    fn lock(&self) -> MutexGuard<'_, Seen<S>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One who follows a group. There is no queue: whoever is slow finds, block by block, how things stand when it is ready
/// for them.
pub(super) struct Follower<S: Scene> {
    group: Arc<Group<S>>,
    looks: watch::Receiver<u32>,
    edition: u32,
    known: Known,
    /// The block that is told next; nothing, if all have been.
    at: Option<usize>,
    /// The look that is told.
    look: u32,
    /// The first look after everything was told may come right after it, and would be one too many for that second.
    has_just_come: bool,
}

impl<S: Scene> Follower<S> {
    /// One who is told at first how everything stands.
    pub(super) fn new(group: Arc<Group<S>>) -> Self {
        let mut looks = group.looks.subscribe();
        let look = *looks.borrow_and_update();
        Follower { group, looks, edition: 0, known: Known::default(), at: Some(0), look, has_just_come: true }
    }

    /// What is told next, for now.
    pub(super) fn next(&mut self) -> Option<Bytes> {
        let mut from = self.at?;
        let mut seen = self.group.lock();
        let Seen { scene: Some(scene), shelf, edition, .. } = &mut *seen else { return None };
        if *edition != self.edition {
            (self.edition, self.known, from) = (*edition, Known::default(), 0);
        }
        let next = shelf.next(from, &mut self.known, scene);
        self.at = next.as_ref().map(|(_, at)| *at);
        next.map(|(told, _)| told)
    }

    /// Waits until there may be more to tell. Whether a look was missed meanwhile.
    pub(super) async fn wait(&mut self) -> bool {
        loop {
            // Its sender lives as long as the group.
            let _ = self.looks.changed().await;
            let (last, look) = (self.look, *self.looks.borrow_and_update());
            if !std::mem::take(&mut self.has_just_come) {
                (self.look, self.at) = (look, Some(0));
                return look > last + 1;
            }
            self.look = look;
        }
    }
}
