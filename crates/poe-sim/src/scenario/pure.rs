//! A building in simulated time, with a memory that survives its restarts: a stage and its own witness.

use super::{Seen, ServerDeed, Speaker, Stage, Wish, Witness, pager::Pager, store::Store, wish::order};
use poe_building::{
    Alarm, Building, Changes, Event, Input, Limits, Model, Moment, Scope, Session, Ticks, Time, Who, own,
};
use std::{collections::HashMap, mem, time::Duration};

/// Noon of a Monday in January 2026.
const WALL_BEGINS: Time = Time::from_secs(1_767_614_400);
/// The steady clock of the first run, and of each later one: the machine may have been started anew.
const TICKS_BEGIN: [Duration; 2] = [Duration::from_secs(86_400), Duration::from_secs(20)];
/// Latest values are handed over so often. A server does it more often; nothing here depends on it.
const FULL_ROUND: Duration = Duration::from_secs(1);
/// A commit takes so long. What is decided meanwhile is in the next one.
const COMMIT: Duration = Duration::from_millis(2);
/// A commit that failed is tried again after this.
const COMMIT_AGAIN: Duration = Duration::from_secs(1);
/// Commits that fail for so long are signalled.
const DISK_FAILS_AFTER: Duration = Duration::from_secs(5);

/// A building without a server around it. Nothing here waits: time passes as fast as it can be computed.
#[derive(Debug)]
pub struct PureBuilding {
    /// `None` while the server is down.
    building: Option<Building>,
    sessions: HashMap<usize, Session>,
    store: Store,
    pager: Pager,
    now: Duration,
    /// When in the story the present run began, and what its steady clock showed then.
    run: (Duration, Duration),
    wall_set_us: i64,
    up_at: Option<Duration>,
    /// Decided and not durable yet, with the time of each entry.
    batch: Changes,
    decided: Vec<Duration>,
    promised: usize,
    commit_at: Option<Duration>,
    full_round: Duration,
    disk_works: bool,
    disk_fails_since: Option<Duration>,
    disk_told: bool,
    seen: Vec<Seen>,
    events: Vec<Event>,
}

impl PureBuilding {
    /// A building that somebody has described, or nobody, and that knows no node yet.
    pub fn new(model: Option<&Model>) -> Self {
        let mut pure = Self {
            building: None,
            sessions: HashMap::new(),
            store: Store::default(),
            pager: Pager::default(),
            now: Duration::ZERO,
            run: (Duration::ZERO, TICKS_BEGIN[0]),
            wall_set_us: 0,
            up_at: None,
            batch: Changes::default(),
            decided: Vec::new(),
            promised: 0,
            commit_at: None,
            full_round: Duration::ZERO,
            disk_works: true,
            disk_fails_since: None,
            disk_told: false,
            seen: Vec::new(),
            events: Vec::new(),
        };
        if let Some(model) = model {
            pure.store.model = Model { version: 1, ..model.clone() };
        }
        pure.start();
        pure
    }

    /// The alarms as the building has them now; none while it is down.
    pub fn alarms(&self) -> impl Iterator<Item = &Alarm> {
        self.building.iter().flat_map(Building::alarms)
    }

    /// What is known, as the next start would find it: all that is durable.
    fn start(&mut self) {
        let known = self.store.known();
        let now = self.moment();
        let mut building = Building::restore(Limits::default(), &known, now);
        building.begin(&known, "scenario", now);
        self.building = Some(building);
        for promise in &known.promises {
            self.pager.durable(promise, self.now);
        }
        self.gather();
    }

    fn stop(&mut self, down: Duration) {
        self.building = None;
        self.sessions.clear();
        self.pager.forget();
        self.batch = Changes::default();
        self.decided.clear();
        self.promised = 0;
        (self.commit_at, self.disk_fails_since, self.disk_told) = (None, None, false);
        self.up_at = Some(self.now + down);
        self.run = (self.now + down, TICKS_BEGIN[1]);
    }

    fn moment(&self) -> Moment {
        let wall = WALL_BEGINS.after(self.now).0 + self.wall_set_us;
        let (began, ticks) = self.run;
        let ticks = ticks + self.now.saturating_sub(began);
        Moment { time: Time(wall), ticks: Ticks(ticks.as_micros() as u64) }
    }

    /// When the building wants to be woken, on the story's clock.
    fn wake_at(&self) -> Option<Duration> {
        let wake = self.building.as_ref()?.next_wake()?;
        let (began, ticks) = self.run;
        Some(began + Duration::from_micros(wake.0).saturating_sub(ticks))
    }

    fn handle(&mut self, input: Input<'_>) {
        let now = self.moment();
        if let Some(building) = &mut self.building {
            building.handle(input, now, &mut self.events);
        }
        self.events.clear();
        self.gather();
    }

    /// Takes what the building has decided just now.
    fn gather(&mut self) {
        let decided = self.moment().time;
        let Some(building) = &mut self.building else { return };
        let full = self.now >= self.full_round + FULL_ROUND;
        if !full && !building.has_urgent_changes() && !building.has_news() {
            return;
        }
        building.stamp_decided(decided);
        if self.disk_works {
            building.take_changes(if full { Scope::All } else { Scope::Urgent }, &mut self.batch);
        } else {
            // The values wait where they are.
            let waiting = self.batch.entries.len();
            building.take_news(&mut self.batch, waiting);
        }
        if full {
            self.full_round = self.now;
        }
        self.decided.resize(self.batch.entries.len(), self.now);
        for promise in &self.batch.promises[self.promised..] {
            self.pager.promised(promise, self.now);
        }
        self.promised = self.batch.promises.len();
        if !self.batch.is_empty() {
            self.commit_at.get_or_insert(self.now + COMMIT);
        }
    }

    fn commit(&mut self) {
        self.commit_at = None;
        if !self.disk_works {
            let since = *self.disk_fails_since.get_or_insert(self.now);
            if self.now - since >= DISK_FAILS_AFTER && !mem::replace(&mut self.disk_told, true) {
                let text = "nothing can be stored";
                self.handle(Input::System { rule: own::STORAGE, holds: true, text });
            }
            self.commit_at = Some(self.now + COMMIT_AGAIN);
            return;
        }
        self.store.commit(&self.batch);
        for promise in &self.batch.promises {
            self.pager.durable(promise, self.now);
        }
        let entries = mem::take(&mut self.batch.entries);
        self.seen.extend(self.decided.drain(..).zip(entries).map(|(at, entry)| Seen { at, entry }));
        self.batch.clear();
        self.promised = 0;
        self.disk_fails_since = None;
        if mem::take(&mut self.disk_told) {
            self.handle(Input::System { rule: own::STORAGE, holds: false, text: "stored again" });
        }
    }

    fn answer(&mut self) {
        for (promise, outcome) in self.pager.answers(self.now) {
            let at = self.moment().time;
            self.handle(Input::Outcome { promise, outcome, at });
        }
    }

    fn order(&mut self, who: &str, wish: &Wish) {
        let now = self.moment();
        let Some(building) = &mut self.building else { return };
        let order = order(building, wish);
        // What is refused is in the journal, where an expectation finds it.
        let _told_by_the_journal = building.order(order, &Who::new(who, "scenario"), now);
        self.gather();
    }
}

impl Stage for PureBuilding {
    fn refuses(&self, _: &ServerDeed) -> Option<&'static str> {
        None
    }

    fn wait_until(&mut self, at: Duration) {
        loop {
            let dues = [self.wake_at(), self.commit_at, self.pager.next(), self.up_at];
            let Some(due) = dues.into_iter().flatten().min().filter(|due| *due <= at) else { break };
            let is_due = |what: Option<Duration>| what.is_some_and(|what| what <= due);
            let [wakes, commits, answers, starts] = dues.map(is_due);
            self.now = due.max(self.now);
            if starts {
                self.up_at = None;
                self.start();
            } else if commits {
                self.commit();
            } else if answers {
                self.answer();
            } else if wakes {
                let now = self.moment();
                if let Some(building) = &mut self.building {
                    building.wake(now);
                }
                self.gather();
            }
        }
        self.now = at.max(self.now);
    }

    fn send(&mut self, speaker: Speaker, bytes: &[u8]) {
        let now = self.moment();
        let Some(building) = &mut self.building else { return };
        let session = self.sessions.entry(speaker.node).or_insert_with(|| building.open(speaker.address));
        building.handle(Input::Stream { session, bytes }, now, &mut self.events);
        let lost = self.events.drain(..).any(|event| matches!(event, Event::OutOfStep { .. }));
        self.gather();
        if lost {
            self.hang_up(speaker);
        }
    }

    fn hang_up(&mut self, speaker: Speaker) {
        if let Some(session) = self.sessions.remove(&speaker.node) {
            self.handle(Input::Closed { session: &session });
        }
    }

    fn perform(&mut self, deed: &ServerDeed) {
        match deed {
            ServerDeed::Restarts { down } => {
                let now = self.moment();
                if let Some(building) = &mut self.building {
                    building.end(now);
                    self.full_round = Duration::ZERO;
                    self.gather();
                    self.commit();
                }
                self.stop(*down);
            }
            ServerDeed::Killed { down } => self.stop(*down),
            ServerDeed::ClockJumps { by_us } => {
                self.wall_set_us += by_us;
                self.handle(Input::ClockSet { by_us: *by_us });
            }
            ServerDeed::Disk { works } => self.disk_works = *works,
            ServerDeed::Target { name, works } => self.pager.set_works(name, *works),
            ServerDeed::Order { who, wish } => self.order(who, wish),
        }
    }
}

impl Witness for PureBuilding {
    fn seen(&mut self) -> Result<Vec<Seen>, String> {
        Ok(self.seen.clone())
    }
}
