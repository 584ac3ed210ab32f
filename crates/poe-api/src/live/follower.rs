//! What one who follows is told of what changes, and when that was all.

use std::mem::take;
use std::sync::Arc;

use hyper::body::Bytes;
use tokio::sync::watch;

use crate::live::group::{Group, Seen};
use crate::live::scene::Scene;
use crate::live::scope::Scope;
use crate::live::shelf::Known;

/// One who follows some groups. There is no queue: whoever is slow finds, block by block, how things stand when it is
/// ready for them.
pub(super) struct Follower<S: Scene> {
    scope: Scope,
    parts: Vec<Part<S>>,
    /// Of the first group. Each of the others is looked at once between two of these, so that nobody is woken for each.
    looks: watch::Receiver<u32>,
    /// The look that is told.
    look: u32,
    /// The first look after everything was told may come right after it, and would be one too many for that second.
    has_just_come: bool,
}

/// What is told of one group.
struct Part<S: Scene> {
    group: Arc<Group<S>>,
    edition: u32,
    /// Whether it is told at all, as the building is described in this edition.
    is_wanted: bool,
    known: Known,
    /// The block that is told next; nothing, if all have been.
    at: Option<usize>,
    /// Since it has come, or was begun anew.
    has_told_all: bool,
}

impl<S: Scene> Follower<S> {
    /// One who is told at first how everything in these groups stands: those of its scope.
    pub(super) fn new(scope: Scope, groups: Vec<Arc<Group<S>>>) -> Option<Self> {
        let mut looks = groups.first()?.looks.subscribe();
        let look = *looks.borrow_and_update();
        let parts = groups.into_iter().map(Part::new).collect();
        Some(Follower { scope, parts, looks, look, has_just_come: true })
    }

    /// What is told next, for now.
    pub(super) fn next(&mut self) -> Option<Bytes> {
        let next = self.parts.iter_mut().find_map(|part| part.next(&self.scope));
        if next.is_none() {
            // Somebody may just be looking at the rest for the first time, which is worth the end of that look.
            self.has_just_come &= self.has_told_all();
        }
        next
    }

    /// Begins anew, with what has changed since it was told: it may have been a while.
    pub(super) fn begin_anew(&mut self) {
        self.look = *self.looks.borrow_and_update();
        self.has_just_come = true;
        for part in &mut self.parts {
            (part.at, part.has_told_all) = (Some(0), false);
        }
    }

    /// Whether all that there was at the beginning has been told.
    pub(super) fn has_told_all(&self) -> bool {
        self.parts.iter().all(|part| part.has_told_all)
    }

    /// Waits until there may be more to tell. Whether a look was missed meanwhile.
    pub(super) async fn wait(&mut self) -> bool {
        loop {
            // Its sender lives as long as the group.
            let _ = self.looks.changed().await;
            let (last, look) = (self.look, *self.looks.borrow_and_update());
            self.look = look;
            if !take(&mut self.has_just_come) {
                self.parts.iter_mut().for_each(|part| part.at = Some(0));
                return look > last + 1;
            }
        }
    }
}

impl<S: Scene> Part<S> {
    fn new(group: Arc<Group<S>>) -> Self {
        let (known, at) = (Known::default(), Some(0));
        Part { group, edition: 0, is_wanted: false, known, at, has_told_all: false }
    }

    fn next(&mut self, scope: &Scope) -> Option<Bytes> {
        let mut from = self.at?;
        let mut seen = self.group.lock();
        let Seen { names: Some(names), scene: Some(scene), shelf, edition } = &mut *seen else { return None };
        if *edition != self.edition {
            (self.edition, self.known, from) = (*edition, Known::default(), 0);
            self.is_wanted = self.group.zone.as_ref().is_none_or(|zone| scope.wants(zone, names));
        }
        let next = if self.is_wanted { shelf.next(from, &mut self.known, scene) } else { None };
        self.at = next.as_ref().map(|(_, at)| *at);
        self.has_told_all |= next.is_none() && shelf.is_whole();
        next.map(|(told, _)| told)
    }
}

#[cfg(test)]
mod tests;
