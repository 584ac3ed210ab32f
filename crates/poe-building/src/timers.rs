//! What is waited for, as data: the building can be asked what wakes it next, and nothing runs by itself.

use crate::{AlarmId, NodeNo, SensorKey, SuppressionId, Ticks};
use core::net::IpAddr;
use std::collections::BTreeSet;

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
    /// those that did not go on with it can be forgotten,
    ChatterBook,
    /// or something that is journalled only.
    Observation(SensorKey),
    /// A new node may look like a silent one.
    Newcomer(NodeNo),
    /// The flood of alarms may be over.
    Flood,
    /// Newcomers that are not let in can have entries again.
    Quarantine,
}

/// What is waited for, the earliest first. A timer that is no longer needed can be taken back: those of a loose contact
/// with a delay of an hour would pile up.
#[derive(Default, Debug)]
pub(crate) struct Timers(BTreeSet<(Ticks, Timer)>);

impl Timers {
    pub(crate) fn set(&mut self, due: Ticks, timer: Timer) {
        self.0.insert((due, timer));
    }

    pub(crate) fn take_back(&mut self, due: Ticks, timer: Timer) {
        self.0.remove(&(due, timer));
    }

    /// Lets a timer wake at another time, or not at all. `armed` is what its owner knows of it.
    pub(crate) fn rearm(&mut self, armed: &mut Option<Ticks>, due: Option<Ticks>, timer: Timer) {
        if *armed != due {
            if let Some(old) = core::mem::replace(armed, due) {
                self.take_back(old, timer);
            }
            if let Some(due) = due {
                self.set(due, timer);
            }
        }
    }

    /// When the next one is due.
    pub(crate) fn next(&self) -> Option<Ticks> {
        self.0.first().map(|(due, _)| *due)
    }

    /// Takes one that is due.
    pub(crate) fn take_due(&mut self, now: Ticks) -> Option<Timer> {
        if self.next()? > now {
            return None;
        }
        self.0.pop_first().map(|(_, timer)| timer)
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
