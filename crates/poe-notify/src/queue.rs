//! What waits for one target, in the order in which it goes out. Pure: whoever asks says what time it is.

use crate::page::Page;
use poe_building::{Class, PromiseId, Text, Ticks};
use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// A day of a flood for one target that does not answer, at about a kilobyte each. Beyond it the oldest page of the
/// lowest class is given up; an alarm only if nothing else waits.
pub const PAGES_WAITING_MAX: usize = 10_000;

/// A page's place in the order: class, priority, number.
pub(crate) type Rank = (Class, u8, PromiseId);

/// A page that its target does not have yet.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) page: Arc<Page>,
    /// On the clock that nobody can set.
    pub(crate) expires: Ticks,
    /// Tries in which the target broke down or was silent.
    pub(crate) troubles: u32,
    /// Tries in which the target did not want it.
    pub(crate) refusals: u32,
    /// It goes out by itself: a test, or a page that may have spoilt a group.
    pub(crate) alone: bool,
    /// The message that it went out in. It is tried again in the same, so that a repeat has the same key.
    pub(crate) message: Option<u64>,
    /// Those of its target's recipients who have it already.
    pub(crate) reached: Reached,
    /// Why its last try failed, which has been told at least once.
    pub(crate) failure: Option<Text>,
}

/// Recipients who have a message, by address; one set for all of its pages.
pub(crate) type Reached = Arc<BTreeSet<Text>>;

impl Waiting {
    pub(crate) fn id(&self) -> PromiseId {
        self.page.promise.id
    }

    pub(crate) fn class(&self) -> Class {
        self.page.promise.class
    }

    /// From now on it goes out by itself, for it may be what spoils its group.
    pub(crate) fn takes_leave(&mut self) {
        self.alone = true;
        self.message = None;
    }

    fn rank(&self) -> Rank {
        (self.class(), self.page.promise.priority, self.id())
    }
}

/// The pages of one target that wait, not those under way.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    pages: HashMap<PromiseId, (Waiting, Ticks)>,
    /// Those that may go out.
    ready: BTreeSet<Rank>,
    /// Those of them that may become part of a new group.
    free: BTreeSet<Rank>,
    /// Those that have gone out already, by message; all of one message pause alike.
    messages: HashMap<u64, BTreeSet<Rank>>,
    /// Those that pause, and until when.
    pausing: BTreeSet<(Ticks, Rank)>,
    expiries: BTreeSet<(Ticks, PromiseId)>,
    /// Those that give way first come first.
    giving_way: BTreeSet<(Reverse<Class>, PromiseId)>,
}

impl Queue {
    pub(crate) fn len(&self) -> usize {
        self.pages.len()
    }

    pub(crate) fn contains(&self, id: PromiseId) -> bool {
        self.pages.contains_key(&id)
    }

    pub(crate) fn ready(&self) -> usize {
        self.ready.len()
    }

    /// How many may become part of a new group, of one class if that is asked for.
    pub(crate) fn free(&self, class: Option<Class>) -> usize {
        let Some(class) = class else { return self.free.len() };
        self.free.range((class, 0, PromiseId(0))..=(class, u8::MAX, PromiseId(u64::MAX))).count()
    }

    pub(crate) fn pages(&self) -> impl Iterator<Item = &Page> {
        self.pages.values().map(|(waiting, _)| &*waiting.page)
    }

    /// Takes a page in, which goes out from `from` on.
    pub(crate) fn insert(&mut self, waiting: Waiting, from: Ticks) {
        let (id, rank) = (waiting.id(), waiting.rank());
        self.pausing.insert((from, rank));
        self.expiries.insert((waiting.expires, id));
        self.giving_way.insert((Reverse(rank.0), id));
        if let Some(message) = waiting.message {
            self.messages.entry(message).or_default().insert(rank);
        }
        self.pages.insert(id, (waiting, from));
    }

    /// The page that gives way when there are too many: the oldest of the lowest class.
    pub(crate) fn give_way(&mut self) -> Option<Waiting> {
        let id = self.giving_way.first()?.1;
        self.remove(id)
    }

    /// The pages that have expired.
    pub(crate) fn expired(&mut self, now: Ticks) -> Vec<Waiting> {
        let mut expired = Vec::new();
        while let Some(&(at, id)) = self.expiries.first()
            && at <= now
        {
            expired.extend(self.remove(id));
        }
        expired
    }

    /// Ends the pauses that are over.
    pub(crate) fn wake(&mut self, now: Ticks) {
        while let Some(&(from, rank)) = self.pausing.first()
            && from <= now
        {
            self.pausing.pop_first();
            self.ready.insert(rank);
            if self.pages.get(&rank.2).is_some_and(|(waiting, _)| !waiting.alone && waiting.message.is_none())
            {
                self.free.insert(rank);
            }
        }
    }

    /// The most important page that may go out.
    pub(crate) fn first(&self) -> Option<&Waiting> {
        let (waiting, _) = self.pages.get(&self.ready.first()?.2)?;
        Some(waiting)
    }

    /// Takes out the most important page.
    pub(crate) fn take_first(&mut self) -> Option<Waiting> {
        let id = self.ready.first()?.2;
        self.remove(id)
    }

    /// Takes out what is left of a message that has gone out before, in the order that it had.
    pub(crate) fn take_message(&mut self, message: u64) -> Vec<Waiting> {
        let ranks = self.messages.get(&message).cloned().unwrap_or_default();
        ranks.into_iter().filter_map(|rank| self.remove(rank.2)).collect()
    }

    /// Takes out up to `most` of the pages that may go out together, all of one class if that is asked for.
    pub(crate) fn take_group(&mut self, most: usize, class: Option<Class>) -> Vec<Waiting> {
        let ids: Vec<PromiseId> = self
            .free
            .iter()
            .filter(|rank| class.is_none_or(|class| rank.0 == class))
            .map(|rank| rank.2)
            .take(most)
            .collect();
        ids.into_iter().filter_map(|id| self.remove(id)).collect()
    }

    /// When the next page is ready or expires; a page that is ready already is not waited for.
    pub(crate) fn due(&self) -> Option<Ticks> {
        let pause = self.pausing.first().map(|(from, _)| *from);
        let expiry = self.expiries.first().map(|(at, _)| *at);
        pause.into_iter().chain(expiry).min()
    }

    /// Takes out everything.
    pub(crate) fn take_all(&mut self) -> Vec<Waiting> {
        let all = std::mem::take(self);
        let mut pages: Vec<Waiting> = all.pages.into_values().map(|(waiting, _)| waiting).collect();
        pages.sort_by_key(Waiting::rank);
        pages
    }

    fn remove(&mut self, id: PromiseId) -> Option<Waiting> {
        let (waiting, from) = self.pages.remove(&id)?;
        let rank = waiting.rank();
        self.ready.remove(&rank);
        self.free.remove(&rank);
        if let Some(message) = waiting.message
            && let Some(ranks) = self.messages.get_mut(&message)
        {
            ranks.remove(&rank);
            if ranks.is_empty() {
                self.messages.remove(&message);
            }
        }
        self.pausing.remove(&(from, rank));
        self.expiries.remove(&(waiting.expires, id));
        self.giving_way.remove(&(Reverse(rank.0), id));
        Some(waiting)
    }
}
