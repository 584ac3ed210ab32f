//! A story as it was understood.

use crate::SensorFault;
use poe_building::{Class, Emergency, EntryKind, Model, Source, State, Text};
use poe_wire::SensorKind;
use std::{net::IpAddr, time::Duration};

/// A story: who is there, what happens, and what must come of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Scenario {
    pub(super) model: Option<Model>,
    pub(super) nodes: Vec<NodeSpec>,
    /// In the order of their times, and of their lines.
    pub(super) steps: Vec<Step>,
    pub(super) expectations: Vec<Expectation>,
    pub(super) end: Duration,
}

impl Scenario {
    /// The building that the story takes place in, if it describes one.
    pub fn model(&self) -> Option<&Model> {
        self.model.as_ref()
    }

    /// The addresses of its nodes, as the story has them.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.nodes.iter().map(|node| node.address)
    }

    /// How long it lasts.
    pub fn length(&self) -> Duration {
        self.end
    }

    /// How many expectations it has.
    pub fn expectations(&self) -> usize {
        self.expectations.len()
    }
}

/// A common node of the story.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct NodeSpec {
    pub(super) address: IpAddr,
    /// From one burst to the next,
    pub(super) every: Duration,
    /// each of them late by up to this much.
    pub(super) jitter: Duration,
    /// The sensors that it has.
    pub(super) kinds: Vec<SensorKind>,
}

/// Something that happens.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Step {
    pub(super) line: usize,
    pub(super) at: Duration,
    pub(super) deed: Deed,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Deed {
    /// To sensors: the place of their node in the story, and their id.
    Sensors(Vec<(usize, u8)>, SensorDeed),
    /// To nodes, by their place in the story.
    Nodes(Vec<usize>, NodeDeed),
    /// To the server, or by people.
    Server(ServerDeed),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SensorDeed {
    /// It is exposed to this value from now on.
    Is(u8),
    /// The value rises or falls to this one.
    GoesTo { value: u8, over: Duration },
    /// What it reads is off by up to so much.
    Noise(u8),
    /// So often, it is exposed to `to` for the first half of `every`.
    Flaps { to: u8, every: Duration, times: u32 },
    /// It posts this value now, so often.
    Posts { value: u8, times: u32 },
    /// It fails.
    Fails(SensorFault),
    /// All of that is over.
    Recovers,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NodeDeed {
    /// It says nothing more; its connection stays.
    Silent,
    /// It is gone with its connection.
    Unplugged,
    /// It is there again.
    Back,
    /// Its connection ends, and after a while it comes back and announces its sensors.
    Reboots { down: Duration },
    /// Its connection ends, and it goes on with another.
    Reconnects,
}

/// What happens to the server, or what people order there.
#[derive(Clone, PartialEq, Debug)]
pub enum ServerDeed {
    /// It is stopped in order and started again after a while.
    Restarts {
        /// For how long it is not there.
        down: Duration,
    },
    /// It is killed: what is not durable yet is lost. It is started again after a while.
    Killed {
        /// For how long it is not there.
        down: Duration,
    },
    /// Its clock is set by so many microseconds.
    ClockJumps {
        /// Forward, or back if it is negative.
        by_us: i64,
    },
    /// From now on nothing can be stored, or it can again.
    Disk {
        /// Whether it takes anything.
        works: bool,
    },
    /// A target takes nothing from now on, or does again.
    Target {
        /// Its name.
        name: Text,
        /// Whether it takes anything.
        works: bool,
    },
    /// Somebody gives an order.
    Order {
        /// Who.
        who: Text,
        /// What.
        wish: Wish,
    },
}

/// Which alarm somebody means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Aim {
    /// Its rule.
    pub rule: Text,
    /// What it is about.
    pub source: Source,
}

/// An order, by the names that people know. A story cannot know numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wish {
    /// An alarm is acknowledged.
    Acknowledge(Aim),
    /// Its sound ends.
    Silence(Aim),
    /// Its latch is released.
    Reset(Aim),
    /// It is kept quiet.
    Shelve {
        /// Which.
        aim: Aim,
        /// For how long.
        span: Duration,
        /// Why.
        reason: Text,
    },
    /// It is no longer kept quiet.
    Unshelve(Aim),
    /// A source is out of service.
    TakeOutOfService {
        /// What.
        source: Source,
        /// For how long.
        span: Duration,
        /// Why.
        reason: Text,
    },
    /// It is in service again.
    ReturnToService {
        /// What.
        source: Source,
    },
    /// An emergency is raised by hand.
    Raise {
        /// What it is.
        kind: Emergency,
        /// Where.
        place: Text,
    },
    /// A node has another address now.
    Move {
        /// The one that it had.
        old: IpAddr,
        /// The one that it has.
        new: IpAddr,
    },
    /// A node is gone for good.
    Retire(IpAddr),
    /// A node that is new is one of ours.
    Approve(IpAddr),
    /// A node that waits for approval is none of ours.
    Dismiss(IpAddr),
    /// A target is tried.
    Test(Text),
}

/// What must come of it.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Expectation {
    pub(super) line: usize,
    /// As it was written.
    pub(super) text: String,
    /// The first moment at which it counts,
    pub(super) from: Duration,
    /// and the last.
    pub(super) to: Duration,
    pub(super) what: Expected,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Expected {
    /// So many entries of this pattern.
    Entries { count: Count, pattern: Box<Pattern> },
    /// This alarm is in this state: at the last moment or, `sometime`, once until then.
    State { state: State, aim: Aim, sometime: bool },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Count {
    Exactly(usize),
    AtLeast(usize),
    AtMost(usize),
}

/// Which entries of the journal are meant. What is empty does not matter.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Pattern {
    pub(super) kind: Option<KindPattern>,
    /// This rule, or those whose names begin with it and a dot.
    pub(super) rule: Option<String>,
    /// One of these.
    pub(super) sources: Vec<Source>,
    pub(super) class: Option<Class>,
    pub(super) state: Option<State>,
    pub(super) target: Option<String>,
    pub(super) who: Option<String>,
    pub(super) saying: Option<String>,
}

/// `alarm.raised`, or everything that happens to an `alarm`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum KindPattern {
    Exact(EntryKind),
    Subject(String),
}
