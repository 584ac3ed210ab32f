//! Alarm floods: more than a person can follow. They are known and shown; nothing is held back for them.

use super::Alarms;
use crate::{Class, EntryKind, Moment, Ticks, Time, timers::Timer};
use core::time::Duration;
use std::collections::VecDeque;

/// A flood begins with more alarms than this within the window,
const FLOOD_BEGINS: usize = 10;
/// and is over once there are fewer than this.
const FLOOD_ENDS: usize = 5;
const WINDOW: Duration = Duration::from_secs(600);

/// The latest alarms.
#[derive(Default, Debug)]
pub(super) struct Flood {
    /// When each leaves the window, of so many of the latest as it takes to tell.
    leaving: VecDeque<Ticks>,
    on: bool,
}

impl Flood {
    pub(super) fn is_on(&self) -> bool {
        self.on
    }
}

impl Alarms {
    pub(super) fn count_for_flood(&mut self, now: Moment) {
        if self.one_more_leaves(now.ticks.after(WINDOW), now) {
            self.note(EntryKind::FloodBegan, now, "more than 10 alarms in 10 minutes");
            self.ask_when_over();
        }
    }

    /// Whether a flood begins with this one.
    fn one_more_leaves(&mut self, leaves: Ticks, now: Moment) -> bool {
        let flood = &mut self.flood;
        flood.leaving.push_back(leaves);
        if flood.leaving.len() > FLOOD_BEGINS + 1 {
            flood.leaving.pop_front();
        }
        let full = flood.leaving.len() > FLOOD_BEGINS && flood.leaving[0] >= now.ticks;
        full && !core::mem::replace(&mut flood.on, true)
    }

    /// After a restart: the alarms that were raised lately and have not ended are still as many.
    pub(super) fn remember_flood(&mut self, now: Moment) {
        let fires = self.iter().filter(|alarm| alarm.class == Class::Alarm);
        let leaving = fires.filter_map(|alarm| Some(alarm.raised?.after(WINDOW)));
        let mut leaving: Vec<Time> = leaving.filter(|leaves| *leaves >= now.time).collect();
        leaving.sort_unstable();
        for leaves in leaving {
            self.one_more_leaves(now.due_again(leaves, WINDOW).ticks, now);
        }
        if self.flood.on {
            self.ask_when_over();
        }
    }

    pub(super) fn flood_due(&mut self, now: Moment) {
        let flood = &mut self.flood;
        let recent = flood.leaving.iter().filter(|leaves| **leaves > now.ticks).count();
        if recent < FLOOD_ENDS {
            flood.on = false;
            self.note(EntryKind::FloodEnded, now, "fewer than 5 alarms in 10 minutes");
            return;
        }
        self.ask_when_over();
    }

    /// It cannot be over before so many of the latest have left the window.
    fn ask_when_over(&mut self) {
        let leaving = &self.flood.leaving;
        self.timers.set(leaving[leaving.len() - FLOOD_ENDS], Timer::Flood);
    }
}
