//! The alarm engine: conditions, orders and time go in; alarms, journal entries and promises come out.
//!
//! [`condition`] decides when a condition makes an alarm, [`life`] moves it through its states, [`quiet`] keeps it silent
//! where somebody or logic says so, [`tell`] promises people that they will know, and [`news`] gathers all of that for
//! the recorder. Voting of several sensors is in [`group`], what is journalled only in [`observe`].

mod adopt;
mod chatter;
mod condition;
mod emergency;
mod flood;
mod group;
mod index;
mod life;
mod news;
mod observe;
mod orders;
mod quiet;
mod restore;
mod sensor;
mod suppressions;
mod tell;

pub(crate) use sensor::Before;

pub use orders::{Done, Order, OrderRefused};

use crate::{
    Alarm, AlarmId, Moment, NextIds, Promise, PromiseId, Rule, SensorKey, Source, Suppression, Text, Ticks,
    book::RuleBook,
    timers::{Timer, Timers},
};
use news::News;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Everything that is signalled, about to be, or kept quiet.
#[derive(Debug)]
pub(crate) struct Alarms {
    pub(crate) book: RuleBook,
    live: BTreeMap<AlarmId, Live>,
    index: index::Index,
    /// Alarms of the first class that have been raised and have not ended.
    fires: usize,
    suppressions: suppressions::Suppressions,
    promises: BTreeMap<PromiseId, Promise>,
    /// Targets that take nothing, and since when.
    failing: HashMap<Text, Ticks>,
    observations: HashMap<SensorKey, Vec<observe::Observation>>,
    groups: group::Groups,
    chatter: chatter::ChatterBook,
    flood: flood::Flood,
    pub(crate) timers: Timers,
    next: NextIds,
    news: News,
    /// The building's clock is so many seconds ahead of UTC.
    utc_offset_s: i32,
    /// What is raised now will be told by the notice of the restart, and by nothing else.
    notice_follows: bool,
}

/// An alarm and the rule that it follows.
#[derive(Debug)]
struct Live {
    /// Shared with whoever has been told of it, until it changes again.
    alarm: Arc<Alarm>,
    rule: Arc<Rule>,
    /// The timer that will look after it.
    armed: Option<Ticks>,
}

/// How much is signalled and how much is kept quiet: on every screen.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct AlarmCounts {
    /// Alarms that have been raised and have not ended, by class.
    pub shown: [usize; 3],
    /// Those of them that nobody has acknowledged.
    pub unacknowledged: [usize; 3],
    /// Those of them that are kept quiet.
    pub quiet: usize,
    /// Suppressions in force.
    pub suppressions: usize,
    /// Whether more alarms come than a person can follow.
    pub flood: bool,
}

impl Alarms {
    pub(crate) fn new(book: RuleBook) -> Self {
        Self {
            book,
            live: BTreeMap::new(),
            index: index::Index::default(),
            fires: 0,
            suppressions: suppressions::Suppressions::default(),
            promises: BTreeMap::new(),
            failing: HashMap::new(),
            observations: HashMap::new(),
            groups: group::Groups::default(),
            chatter: chatter::ChatterBook::default(),
            flood: flood::Flood::default(),
            timers: Timers::default(),
            next: NextIds::default(),
            news: News::default(),
            utc_offset_s: 0,
            notice_follows: false,
        }
    }

    /// The alarms, those included that only wait for their delay.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Alarm> {
        self.live.values().map(|live| &*live.alarm)
    }

    pub(crate) fn get(&self, id: AlarmId) -> Option<&Alarm> {
        self.live.get(&id).map(|live| &*live.alarm)
    }

    /// The alarm of a source and a rule, if there is one.
    pub(crate) fn find(&self, source: &Source, rule: &str) -> Option<&Alarm> {
        self.get(self.index.get(source, rule)?)
    }

    /// Whether anything is signalled of a source, or about to be.
    pub(crate) fn has_any(&self, source: &Source) -> bool {
        self.index.has_any(source)
    }

    /// Whether the condition of this source and rule holds.
    pub(crate) fn holds(&self, source: &Source, rule: &str) -> bool {
        self.find(source, rule).is_some_and(|alarm| alarm.holds)
    }

    pub(crate) fn suppressions(&self) -> impl Iterator<Item = &Suppression> {
        self.suppressions.values()
    }

    pub(crate) fn promises(&self) -> impl Iterator<Item = &Promise> {
        self.promises.values()
    }

    pub(crate) fn counts(&self) -> AlarmCounts {
        let mut counts = AlarmCounts {
            suppressions: self.suppressions.len(),
            flood: self.flood.is_on(),
            ..AlarmCounts::default()
        };
        for alarm in self.iter().filter(|alarm| alarm.is_shown()) {
            let class = alarm.class as usize;
            counts.shown[class] += 1;
            counts.unacknowledged[class] += usize::from(alarm.state.is_unacknowledged());
            counts.quiet += usize::from(alarm.quiet.is_some());
        }
        counts
    }

    pub(crate) fn set_utc_offset(&mut self, seconds: i32) {
        self.utc_offset_s = seconds;
    }

    /// Does what an alarm timer is for; the others belong to the building.
    pub(crate) fn wake(&mut self, timer: Timer, now: Moment) {
        match timer {
            Timer::Alarm(id) => self.look_after(id, now),
            Timer::Group(no) => self.window_over(no, now),
            Timer::Suppression(id) => self.suppression_due(id, now),
            Timer::Chatter(key) => self.chatter_due(key, now),
            Timer::ChatterBook => self.sweep_chatter(now),
            Timer::Observation(key) => self.observation_due(key, now),
            Timer::Flood => self.flood_due(now),
            Timer::Node(_) | Timer::Expected(_) | Timer::Newcomer(_) | Timer::Quarantine => {}
        }
    }
}
