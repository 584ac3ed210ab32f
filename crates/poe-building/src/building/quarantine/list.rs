//! The list of nodes that are not let in: what each of them says, as far as there is room.

use crate::{EntryKind, Moment, Reading, Source, Ticks, Time, alarms::Alarms, timers::Timer};
use core::{net::IpAddr, time::Duration};
use poe_wire::SensorKind;
use std::collections::BTreeMap;

/// Nodes that are held at once: more than anybody approves in an hour, and two megabytes at most. Whoever can send
/// datagrams can invent addresses without end, so that there has to be a bound.
pub const QUARANTINE_NODES_MAX: usize = 256;
/// Entries of newcomers in a minute; the others are counted, and their count is an entry at its end.
const ENTRIES_PER_MINUTE: u32 = 20;
const MINUTE: Duration = Duration::from_secs(60);

/// A node that is not let in, as others may see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quarantined {
    /// Its address.
    pub address: IpAddr,
    /// When its first POST came.
    pub first_seen: Time,
    /// When its latest valid frame came.
    pub last_seen: Time,
    /// Open connections that have spoken.
    pub connections: u32,
    /// Whole frames since its first POST, the invalid ones included.
    pub frames: u64,
    /// What it has announced and read, by id. Where enrolment is closed, only what reports danger.
    pub sensors: Vec<HeldSensor>,
    /// Whether one of its sensors reads what would be an alarm.
    pub alarming: bool,
}

/// A sensor of such a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeldSensor {
    /// Its number on its node.
    pub id: u8,
    /// What it measures.
    pub kind: SensorKind,
    /// Its latest value, unless it has only announced itself.
    pub latest: Option<Reading>,
}

/// A node in the list.
#[derive(Debug)]
pub(crate) struct Held {
    /// Which of all stays in the list this one is, from 1: who comes back after a dismissal is counted anew.
    pub(crate) stay: u32,
    pub(crate) first_seen: Time,
    pub(crate) last_seen: Time,
    heard: Ticks,
    pub(crate) connections: u32,
    pub(crate) frames: u64,
    pub(crate) invalid_frames: u64,
    pub(crate) invalid_opt: u64,
    /// By id, so that there are 256 at most.
    pub(crate) sensors: BTreeMap<u8, Said>,
    /// Whether one of them reports danger, kept since everybody is asked when room is needed.
    pub(crate) alarming: bool,
}

/// What one of its sensors has said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said {
    pub(crate) kind: SensorKind,
    pub(crate) first_seen: Time,
    pub(crate) latest: Option<Reading>,
    /// The rules of the first class that it fulfils, by their position in its table.
    pub(crate) danger: u32,
}

/// Everybody who is not let in.
#[derive(Default, Debug)]
pub(crate) struct Quarantine {
    held: BTreeMap<IpAddr, Held>,
    stays: u32,
    journal: Gate,
}

/// Lets a bounded number of entries pass and counts the others.
#[derive(Default, Debug)]
struct Gate {
    passed: u32,
    left_out: u32,
}

/// What came of a newcomer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Entered {
    /// There was room.
    Yes,
    /// The one silent longest had to leave.
    InsteadOf(IpAddr),
    /// Everybody who is here reports danger.
    No,
}

impl Quarantine {
    pub(crate) fn get_mut(&mut self, address: IpAddr) -> Option<&mut Held> {
        self.held.get_mut(&address)
    }

    pub(crate) fn has(&self, address: IpAddr) -> bool {
        self.held.contains_key(&address)
    }

    pub(crate) fn addresses(&self) -> Vec<IpAddr> {
        self.held.keys().copied().collect()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (IpAddr, &Held)> {
        self.held.iter().map(|(address, held)| (*address, held))
    }

    pub(crate) fn remove(&mut self, address: IpAddr) -> Option<Held> {
        self.held.remove(&address)
    }

    /// Takes a newcomer in. Where the list is full, the one silent longest makes room, one without a connection first:
    /// datagrams from invented addresses do not push out whoever is really there. Who reports danger stays.
    pub(crate) fn enter(&mut self, address: IpAddr, now: Moment) -> Entered {
        let mut entered = Entered::Yes;
        if self.held.len() >= QUARANTINE_NODES_MAX {
            let may_leave = self.held.iter().filter(|(_, held)| !held.alarming);
            let Some((leaves, _)) = may_leave.min_by_key(|(_, held)| (held.connections > 0, held.heard))
            else {
                return Entered::No;
            };
            let leaves = *leaves;
            self.held.remove(&leaves);
            entered = Entered::InsteadOf(leaves);
        }
        // After four thousand million stays the oldest is long over.
        self.stays = self.stays.checked_add(1).unwrap_or(1);
        let held = Held {
            stay: self.stays,
            first_seen: now.time,
            last_seen: now.time,
            heard: now.ticks,
            connections: 0,
            frames: 0,
            invalid_frames: 0,
            invalid_opt: 0,
            sensors: BTreeMap::new(),
            alarming: false,
        };
        self.held.insert(address, held);
        entered
    }

    /// Journals a newcomer, unless too many came in this minute.
    pub(crate) fn journal(&mut self, alarms: &mut Alarms, address: IpAddr, why: &str, now: Moment) {
        let gate = &mut self.journal;
        if gate.passed == 0 {
            alarms.timers.set(now.ticks.after(MINUTE), Timer::Quarantine);
        }
        if gate.passed == ENTRIES_PER_MINUTE {
            gate.left_out += 1;
            return;
        }
        gate.passed += 1;
        alarms.note(EntryKind::NodeQuarantined, now, why).source = Some(Source::Node(address));
    }

    /// The minute is over: says how many newcomers have no entry of their own.
    pub(crate) fn minute_over(&mut self, alarms: &mut Alarms, now: Moment) {
        let Gate { left_out, .. } = core::mem::take(&mut self.journal);
        if left_out > 0 {
            let text = format!("{left_out} more in the last minute, without an entry of their own");
            alarms.note(EntryKind::NodeQuarantined, now, text).source = Some(Source::System);
        }
    }
}

impl Held {
    /// A valid frame came.
    pub(crate) fn heard(&mut self, now: Moment) {
        (self.heard, self.last_seen) = (now.ticks, now.time);
    }

    /// Sensors exist, from now on if they are not known.
    pub(crate) fn announce(&mut self, sensors: impl IntoIterator<Item = (u8, SensorKind)>, now: Moment) {
        for (id, kind) in sensors {
            self.sensors.entry(id).or_insert_with(|| Said::announced(kind, now));
        }
    }

    /// Looks at every sensor whether it reports danger. Returns whether the answer is another than before.
    pub(crate) fn weigh(&mut self) -> bool {
        let alarming = self.sensors.values().any(|said| said.danger != 0);
        core::mem::replace(&mut self.alarming, alarming) != alarming
    }

    pub(crate) fn view(&self, address: IpAddr) -> Quarantined {
        let shown = |(id, said): (&u8, &Said)| HeldSensor { id: *id, kind: said.kind, latest: said.latest };
        Quarantined {
            address,
            first_seen: self.first_seen,
            last_seen: self.last_seen,
            connections: self.connections,
            frames: self.frames,
            sensors: self.sensors.iter().map(shown).collect(),
            alarming: self.alarming,
        }
    }
}

impl Said {
    pub(crate) fn announced(kind: SensorKind, now: Moment) -> Self {
        Self { kind, first_seen: now.time, latest: None, danger: 0 }
    }
}
