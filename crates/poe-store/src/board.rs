//! What has been committed of alarms and of all that belongs to them, for everyone who wants to see it.

use crate::state::has_ended;
use poe_building::{
    Access, Alarm, AlarmId, Changes, Known, Model, NextIds, Plan, Promise, PromiseId, PromiseState,
    Suppression, SuppressionId, Text, Time,
};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

/// Whoever has just reset an alarm wants to look at it once more. Of those before the journal tells.
const ENDED_MAX: usize = 1_024;
/// As many as a person would look through; more of them are in the file.
pub(crate) const DEAD_LETTERS_MAX: usize = 1_000;

/// Alarms, suppressions, promises and the model as they have been committed. Readers take what they need and let go at
/// once, so that nobody who shows something here waits for long.
///
/// When the disk stands still, [`Board::show`] shows what still waits for it. What is shown twice, or late, does no harm:
/// a thing never goes back to how it was in an earlier batch.
#[derive(Debug, Default)]
pub struct Board(RwLock<Shown>);

/// A notification that was given up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeadLetter {
    /// What should have been delivered.
    pub promise: Promise,
    /// When it was given up. The journal says why.
    pub given_up: Time,
}

#[derive(Debug, Default)]
struct Shown {
    alarms: BTreeMap<AlarmId, Arc<Alarm>>,
    ended: Recent<AlarmId, Arc<Alarm>>,
    suppressions: BTreeMap<SuppressionId, Suppression>,
    promises: BTreeMap<PromiseId, Arc<Promise>>,
    dead: Recent<PromiseId, Arc<DeadLetter>>,
    model: Arc<Model>,
    plans: BTreeMap<Text, Arc<Plan>>,
    access: Arc<Access>,
    /// What is committed of it, which may be less.
    stored_access: Arc<Access>,
    next: NextIds,
    /// The last entry that is committed, and the last one of what is shown.
    committed: u64,
    latest: u64,
    /// Grows with each batch that may change what is shown.
    revision: u64,
    /// What is shown and not yet committed: in the batch that ends with this entry.
    ahead: HashMap<Thing, u64>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Thing {
    Alarm(AlarmId),
    Suppression(SuppressionId),
    Promise(PromiseId),
    Model,
    Plan(Text),
    Access,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Durable {
    Yes,
    NotYet,
}

impl Board {
    pub(crate) fn restored(known: &Known, dead: Vec<DeadLetter>, last_seq: u64) -> Self {
        let mut shown = Shown {
            model: Arc::new(known.model.clone()),
            plans: known.plans.iter().map(|plan| (plan.name.clone(), Arc::new(plan.clone()))).collect(),
            access: Arc::new(known.access.clone()),
            stored_access: Arc::new(known.access.clone()),
            next: known.next,
            committed: last_seq,
            latest: last_seq,
            ..Shown::default()
        };
        shown.alarms.extend(known.alarms.iter().map(|alarm| (alarm.id, Arc::new(alarm.clone()))));
        shown.suppressions.extend(known.suppressions.iter().map(|it| (it.id, it.clone())));
        shown.promises.extend(known.promises.iter().map(|promise| (promise.id, Arc::new(promise.clone()))));
        for letter in dead {
            shown.dead.push(letter.promise.id, Arc::new(letter), DEAD_LETTERS_MAX);
        }
        Self(RwLock::new(shown))
    }

    /// Shows changes that are not yet durable: people must not wait for a disk that stands still.
    pub fn show(&self, changes: &Changes) {
        self.apply(changes, Durable::NotYet);
    }

    /// Shows what has just been committed.
    pub(crate) fn commit(&self, changes: &Changes) {
        self.apply(changes, Durable::Yes);
    }

    /// The alarms that people are shown, the most important first: by class, by priority, by age.
    pub fn alarms(&self) -> Vec<Alarm> {
        let mut alarms: Vec<Arc<Alarm>> = self.read().alarms.values().map(Arc::clone).collect();
        // Beyond this point nobody waits for us.
        alarms.retain(|alarm| alarm.is_shown());
        alarms.sort_by_key(|alarm| alarm.rank());
        alarms.iter().map(|alarm| Alarm::clone(alarm)).collect()
    }

    /// An alarm that was ever raised: one that goes on, or one of the last 1,024 that have ended since the start.
    pub fn alarm(&self, id: AlarmId) -> Option<Alarm> {
        let shown = self.read();
        let alarm = shown.alarms.get(&id).or_else(|| shown.ended.items.get(&id))?;
        alarm.raised.is_some().then(|| Alarm::clone(alarm))
    }

    /// Whether what is shown of this alarm would survive a power cut.
    pub fn is_committed(&self, id: AlarmId) -> bool {
        !self.read().ahead.contains_key(&Thing::Alarm(id))
    }

    /// The suppressions that are in force, the oldest first.
    pub fn suppressions(&self) -> Vec<Suppression> {
        self.read().suppressions.values().cloned().collect()
    }

    /// The notifications that have still to be delivered, the oldest first.
    pub fn promises(&self) -> Vec<Promise> {
        let promises: Vec<_> = self.read().promises.values().map(Arc::clone).collect();
        promises.iter().map(|promise| Promise::clone(promise)).collect()
    }

    /// A notification that has still to be delivered.
    pub fn promise(&self, id: PromiseId) -> Option<Arc<Promise>> {
        self.read().promises.get(&id).map(Arc::clone)
    }

    /// The last 1,000 notifications that were given up, in the order in which they were.
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        let shown = self.read();
        shown.dead.order.iter().map(|id| DeadLetter::clone(&shown.dead.items[id])).collect()
    }

    /// The building as people describe it.
    pub fn model(&self) -> Arc<Model> {
        Arc::clone(&self.read().model)
    }

    /// The floor plans, by name.
    pub fn plans(&self) -> Vec<Arc<Plan>> {
        self.read().plans.values().map(Arc::clone).collect()
    }

    /// The floor plan of this name.
    pub fn plan(&self, name: &str) -> Option<Arc<Plan>> {
        self.read().plans.get(name).map(Arc::clone)
    }

    /// Who may come in.
    pub fn access(&self) -> Arc<Access> {
        Arc::clone(&self.read().access)
    }

    /// The number of the last entry that is committed; 0 if there is none.
    pub fn last_seq(&self) -> u64 {
        self.read().committed
    }

    /// Grows whenever something here may have changed: whoever has looked at this revision has seen it all.
    pub fn revision(&self) -> u64 {
        self.read().revision
    }

    /// Everything that goes on, to be written once more. What is shown and was never committed comes with its own batch and
    /// with the entries that explain it.
    pub(crate) fn replay(&self) -> Changes {
        let shown = self.read();
        let letters = || shown.dead.order.iter().map(|id| &shown.dead.items[id]);
        let committed = |thing: Thing| !shown.ahead.contains_key(&thing);
        let suppressions = shown.suppressions.values().filter(|it| committed(Thing::Suppression(it.id)));
        let promises = shown.promises.values().filter(|promise| committed(Thing::Promise(promise.id)));
        let alarms = shown.alarms.values().filter(|alarm| committed(Thing::Alarm(alarm.id)));
        Changes {
            alarms: alarms.map(Arc::clone).collect(),
            suppressions: suppressions.cloned().collect(),
            promises: promises
                .map(|promise| Promise::clone(promise))
                .chain(letters().map(|letter| letter.promise.clone()))
                .collect(),
            outcomes: letters()
                .map(|letter| (letter.promise.id, PromiseState::Dead, letter.given_up))
                .collect(),
            model: committed(Thing::Model).then(|| Arc::clone(&shown.model)),
            plans: shown
                .plans
                .iter()
                .filter(|(name, _)| committed(Thing::Plan(Text::clone(name))))
                .map(|(name, plan)| (name.clone(), Some(Arc::clone(plan))))
                .collect(),
            access: shown.stored_access.replay().collect(),
            ..Changes::default()
        }
    }

    fn apply(&self, changes: &Changes, durable: Durable) {
        // Made before the lock is taken.
        let alarms: Vec<Arc<Alarm>> = changes.alarms.clone();
        let promises: Vec<Arc<Promise>> = changes.promises.iter().cloned().map(Arc::new).collect();
        let mut guard = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let shown = &mut *guard;
        let last = changes.entries.last().map(|entry| entry.seq);
        // Batches are committed in their order, so that one without entries is as old as the last that is committed.
        let at = last.unwrap_or(if durable == Durable::Yes { shown.committed } else { shown.latest });
        for alarm in alarms {
            if shown.is_news(Thing::Alarm(alarm.id), at, durable) {
                shown.alarm(alarm);
            }
        }
        for suppression in &changes.suppressions {
            if shown.is_news(Thing::Suppression(suppression.id), at, durable) {
                if suppression.is_in_force() {
                    shown.suppressions.insert(suppression.id, suppression.clone());
                } else {
                    shown.suppressions.remove(&suppression.id);
                }
            }
        }
        for promise in promises {
            if shown.is_news(Thing::Promise(promise.id), at, durable) {
                shown.promises.insert(promise.id, promise);
            }
        }
        for (id, state, time) in &changes.outcomes {
            if shown.is_news(Thing::Promise(*id), at, durable) {
                shown.outcome(*id, *state, *time);
            }
        }
        if let Some(model) = &changes.model
            && shown.is_news(Thing::Model, at, durable)
        {
            shown.model = Arc::clone(model);
        }
        for (name, plan) in &changes.plans {
            if shown.is_news(Thing::Plan(name.clone()), at, durable) {
                match plan {
                    Some(plan) => drop(shown.plans.insert(name.clone(), Arc::clone(plan))),
                    None => drop(shown.plans.remove(name)),
                }
            }
        }
        if !changes.access.is_empty() {
            shown.access(changes, at, durable);
        }
        if let Some(next) = changes.next {
            shown.next = crate::state::later(shown.next, next);
        }
        // A batch of readings alone, as most are, changes nothing here.
        let is_silent = changes.entries.is_empty()
            && changes.alarms.is_empty()
            && changes.suppressions.is_empty()
            && changes.model.is_none()
            && shown.ahead.is_empty();
        shown.revision += u64::from(!is_silent);
        shown.latest = shown.latest.max(at);
        if durable == Durable::Yes {
            shown.committed = shown.committed.max(at);
            let committed = shown.committed;
            shown.ahead.retain(|_, at| *at > committed);
        }
    }

    // A panic in between leaves things that are each either old or new.
    fn read(&self) -> RwLockReadGuard<'_, Shown> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shown {
    /// Whether a batch that ends with this entry tells something newer of the thing than what is shown.
    fn is_news(&mut self, thing: Thing, at: u64, durable: Durable) -> bool {
        if self.ahead.get(&thing).is_some_and(|later| *later > at) {
            return false;
        }
        if durable == Durable::NotYet && at > self.committed {
            self.ahead.insert(thing, at);
        }
        true
    }

    fn alarm(&mut self, alarm: Arc<Alarm>) {
        if has_ended(&alarm) {
            self.alarms.remove(&alarm.id);
            if alarm.raised.is_some() {
                self.ended.push(alarm.id, alarm, ENDED_MAX);
            }
        } else {
            self.alarms.insert(alarm.id, alarm);
        }
    }

    fn access(&mut self, changes: &Changes, at: u64, durable: Durable) {
        let is_current = Arc::ptr_eq(&self.access, &self.stored_access);
        if durable == Durable::Yes {
            let stored = Arc::make_mut(&mut self.stored_access);
            changes.access.iter().for_each(|change| stored.apply(change));
        }
        if !self.is_news(Thing::Access, at, durable) {
            return;
        }
        if is_current && durable == Durable::Yes {
            self.access = Arc::clone(&self.stored_access);
        } else {
            let shown = Arc::make_mut(&mut self.access);
            changes.access.iter().for_each(|change| shown.apply(change));
        }
    }

    fn outcome(&mut self, id: PromiseId, state: PromiseState, time: Time) {
        if state == PromiseState::Open {
            return;
        }
        if let Some(promise) = self.promises.remove(&id)
            && state == PromiseState::Dead
        {
            let letter = DeadLetter { promise: Promise::clone(&promise), given_up: time };
            self.dead.push(id, Arc::new(letter), DEAD_LETTERS_MAX);
        }
    }
}

/// The latest of something, in the order in which they came, each once.
#[derive(Debug)]
struct Recent<K, V> {
    items: HashMap<K, V>,
    order: VecDeque<K>,
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self { items: HashMap::new(), order: VecDeque::new() }
    }
}

impl<K: Copy + Eq + std::hash::Hash, V> Recent<K, V> {
    fn push(&mut self, key: K, value: V, max: usize) {
        if self.items.insert(key, value).is_some() {
            return;
        }
        self.order.push_back(key);
        if self.order.len() > max
            && let Some(oldest) = self.order.pop_front()
        {
            self.items.remove(&oldest);
        }
    }
}
