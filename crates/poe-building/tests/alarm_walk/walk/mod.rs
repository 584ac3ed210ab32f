//! One walk: an action, then a look at everything that both sides know.

mod acts;
mod look;

use crate::{
    model::{self as naive, NODES, SEC, SENSORS},
    store::Store,
};
use poe_building::{Building, Changes, Input, Limits, Moment, Scope, Session, Ticks, Time, Who};
use poe_wire::SensorKind;
use std::collections::{HashSet, VecDeque};

pub struct Walk {
    seed: u64,
    dice: u64,
    step: u32,
    /// The latest actions, for who has to find out what went wrong.
    trace: VecDeque<String>,
    building: Building,
    sessions: Vec<Session>,
    model: naive::Model,
    store: Store,
    /// What was taken and is not stored yet.
    unstored: Vec<Changes>,
    /// The model as it was when everything was stored.
    stored: naive::Model,
    disk_stands_still: bool,
    now: i64,
    /// The steady clock is so far behind the wall.
    ticks_behind: i64,
    muted_until: [i64; NODES],
    keys: HashSet<String>,
    readings: u64,
    ann: Who,
}

impl Drop for Walk {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.trace.make_contiguous().join("\n"));
            let Self { seed, step, .. } = self;
            eprintln!(
                "step {step}; replay: POE_WALK_SEED={seed} cargo test -p poe-building --test alarm_walk"
            );
        }
    }
}

impl Walk {
    pub fn new(seed: u64) -> Self {
        let now = 1_700_000_000 * SEC;
        let mut walk = Self {
            seed,
            dice: seed,
            step: 0,
            trace: VecDeque::new(),
            building: Building::new(Limits::default()),
            sessions: Vec::new(),
            model: naive::Model::new(now),
            store: Store::default(),
            unstored: Vec::new(),
            stored: naive::Model::new(now),
            disk_stands_still: false,
            now,
            ticks_behind: now,
            muted_until: [0; NODES],
            keys: HashSet::new(),
            readings: 0,
            ann: Who::new("ann", "test"),
        };
        walk.building.handle(Input::Listening, walk.moment(), &mut Vec::new());
        walk.set_rules();
        walk.connect();
        for node in 0..NODES {
            for (place, (_, kind)) in SENSORS.into_iter().enumerate() {
                walk.reads(node, place, if kind == SensorKind::Fire { 1 } else { 60 });
            }
        }
        let mut changes = Changes::default();
        walk.building.take_changes(Scope::All, &mut changes);
        walk.store.commit(changes);
        walk.model.told.clear();
        walk.stored = walk.model.clone();
        walk
    }

    pub fn steps(&mut self, steps: u32) {
        for step in 0..steps {
            self.step = step;
            let span = self.span();
            self.pass(self.now + span);
            self.act();
            self.look();
            self.store();
        }
        assert_eq!(self.building.counters().readings, self.readings, "every reading counts once");
    }

    // Chance.

    /// SplitMix64.
    fn roll(&mut self, sides: u64) -> u64 {
        self.dice = self.dice.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.dice;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len() as u64) as usize]
    }

    fn span(&mut self) -> i64 {
        let longest = match self.roll(1_000) {
            0 => 400 * SEC,
            1..6 => 60 * SEC,
            6..150 => 5 * SEC,
            150..450 => SEC,
            _ => SEC / 50,
        };
        self.roll(longest as u64) as i64 + 1
    }

    fn trace(&mut self, what: impl core::fmt::Display) {
        let at = (self.now - 1_700_000_000 * SEC) as f64 / 1e6;
        self.trace.push_back(format!("{at:.6} {what}"));
        if self.trace.len() > 40 {
            self.trace.pop_front();
        }
    }

    // Time.

    fn moment(&self) -> Moment {
        Moment { time: Time(self.now), ticks: Ticks((self.now - self.ticks_behind) as u64) }
    }

    /// Lets time pass, from one thing that is due on either side to the next.
    fn pass(&mut self, until: i64) {
        loop {
            let wakes = self.building.next_wake().map(|due| due.0 as i64 + self.ticks_behind);
            let Some(next) = wakes.into_iter().chain(self.model.next()).min().filter(|next| *next <= until)
            else {
                break;
            };
            self.now = self.now.max(next);
            self.wake();
            self.look();
        }
        self.now = until;
    }

    fn wake(&mut self) {
        let now = self.moment();
        self.building.wake(now);
        self.model.wake(self.now);
        let next = self.building.next_wake();
        assert!(next.is_none_or(|next| next > now.ticks), "what is due was done: {next:?} after {now:?}");
    }
}
