//! Alarm floods: more than a person can follow. They are known and shown; nothing is held back for them.

use super::Alarms;
use crate::{EntryKind, Moment, Ticks, timers::Timer};
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
    /// So many of the latest as it takes to tell.
    raised: VecDeque<Ticks>,
    on: bool,
}

impl Flood {
    pub(super) fn is_on(&self) -> bool {
        self.on
    }
}

impl Alarms {
    pub(super) fn count_for_flood(&mut self, now: Moment) {
        let flood = &mut self.flood;
        flood.raised.push_back(now.ticks);
        if flood.raised.len() > FLOOD_BEGINS + 1 {
            flood.raised.pop_front();
        }
        let oldest = flood.raised.front().copied().unwrap_or_default();
        let full = flood.raised.len() > FLOOD_BEGINS && now.ticks.since(oldest) <= WINDOW;
        if full && !flood.on {
            flood.on = true;
            self.note(EntryKind::FloodBegan, now, "more than 10 alarms in 10 minutes");
            self.ask_when_over();
        }
    }

    pub(super) fn flood_due(&mut self, now: Moment) {
        let flood = &mut self.flood;
        let recent = flood.raised.iter().filter(|raised| now.ticks.since(**raised) < WINDOW).count();
        if recent < FLOOD_ENDS {
            flood.on = false;
            self.note(EntryKind::FloodEnded, now, "fewer than 5 alarms in 10 minutes");
            return;
        }
        self.ask_when_over();
    }

    /// It cannot be over before so many of the latest have left the window.
    fn ask_when_over(&mut self) {
        let raised = &self.flood.raised;
        let last_to_leave = raised[raised.len() - FLOOD_ENDS];
        self.timers.set(last_to_leave.after(WINDOW), Timer::Flood);
    }
}
