//! What is waited for, as data: the building can be asked what wakes it next, and nothing runs by itself.

use crate::{AlarmId, NodeNo, SensorKey, SuppressionId, Ticks};
use core::{cmp::Reverse, net::IpAddr};
use std::collections::BinaryHeap;

/// Whom a timer wakes. The one who is woken looks for itself what is due: a timer may be early, or in vain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Timer {
    /// An alarm: a delay, a question, an escalation.
    Alarm(AlarmId),
    /// A group whose window may be over, by its number.
    Group(u32),
    /// A suppression may be over.
    Suppression(SuppressionId),
    /// A node may be silent.
    Node(NodeNo),
    /// A node that was described may still not have been heard.
    Expected(IpAddr),
    /// A sensor that chattered may have stopped,
    Chatter(SensorKey),
    /// or something that is journalled only.
    Observation(SensorKey),
    /// A new node may look like a silent one.
    Newcomer(NodeNo),
    /// The flood of alarms may be over.
    Flood,
}

/// What is waited for, the earliest first.
#[derive(Default, Debug)]
pub(crate) struct Timers(BinaryHeap<Reverse<(Ticks, Timer)>>);

impl Timers {
    pub(crate) fn set(&mut self, due: Ticks, timer: Timer) {
        self.0.push(Reverse((due, timer)));
    }

    /// When the next one is due.
    pub(crate) fn next(&self) -> Option<Ticks> {
        self.0.peek().map(|Reverse((due, _))| *due)
    }

    /// Takes one that is due.
    pub(crate) fn take_due(&mut self, now: Ticks) -> Option<Timer> {
        if self.next()? > now {
            return None;
        }
        self.0.pop().map(|Reverse((_, timer))| timer)
    }
}
