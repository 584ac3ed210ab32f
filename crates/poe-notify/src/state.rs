//! All targets together, and what has still to be reported. Pure, as a target is.

use crate::{
    backoff::Dice,
    beat::Beat,
    delivery::Reach,
    failure::Failure,
    figures::{HeartbeatFigures, TargetFigures},
    line::{Departure, Line, NO_TARGET},
    page::{Page, Report},
    queue::Reached,
};
use poe_building::{Heartbeat, Moment, Outcome, Target, Text, Ticks};
use std::{collections::BTreeMap, sync::Arc};

/// Reports that wait while whoever takes them is busy. Beyond it they are forgotten: the promise then stays open, and the
/// page comes again after a restart.
const REPORTS_WAITING_MAX: usize = 100_000;

/// What holds for all targets.
#[derive(PartialEq, Eq, Debug, Default)]
pub(crate) struct Settings {
    /// What the site is called.
    pub(crate) site: Text,
    pub(crate) reach: Reach,
}

/// Pages that are to go out now as one message.
pub(crate) struct Job {
    pub(crate) target: Arc<Target>,
    pub(crate) settings: Arc<Settings>,
    /// The number of the flight, among those of its target.
    pub(crate) flight: u64,
    pub(crate) pages: Vec<Arc<Page>>,
    /// The recipients who have them already.
    pub(crate) reached: Reached,
}

/// What is to be done now.
pub(crate) struct Turn {
    pub(crate) jobs: Vec<Job>,
    pub(crate) beat: Option<(Heartbeat, Arc<Settings>)>,
    pub(crate) reports: Vec<Report>,
    /// When to ask again, if nothing happens before.
    pub(crate) due: Option<Ticks>,
}

/// The targets and the heartbeat.
pub(crate) struct State {
    lines: BTreeMap<Text, Line>,
    beat: Option<Beat>,
    settings: Arc<Settings>,
    reports: Vec<Report>,
    dice: Dice,
}

impl State {
    pub(crate) fn new(dice: Dice) -> Self {
        Self { lines: BTreeMap::new(), beat: None, settings: Arc::default(), reports: Vec::new(), dice }
    }

    pub(crate) fn set_targets(
        &mut self,
        settings: Settings,
        targets: Vec<Target>,
        heartbeat: Option<Heartbeat>,
        now: Moment,
    ) {
        if *self.settings != settings {
            self.settings = Arc::new(settings);
        }
        for (name, line) in &mut self.lines {
            if !targets.iter().any(|target| target.name == *name) {
                line.leave(now, &mut self.reports);
            }
        }
        for target in targets {
            match self.lines.get_mut(&target.name) {
                Some(line) => line.describe(target),
                None => _ = self.lines.insert(target.name.clone(), Line::new(target)),
            }
        }
        self.lines.retain(|_, line| !line.leaving || line.is_busy());
        match heartbeat {
            Some(heartbeat) => match &mut self.beat {
                Some(beat) => beat.describe(heartbeat, now.ticks),
                None => self.beat = Some(Beat::new(heartbeat, now.ticks)),
            },
            None => self.beat = None,
        }
    }

    pub(crate) fn accept(&mut self, pages: Vec<Page>, now: Moment) {
        for page in pages {
            match self.lines.get_mut(&page.promise.target).filter(|line| !line.leaving) {
                Some(line) => line.accept(page, now, &mut self.reports),
                None => self.reports.push(Report {
                    promise: page.promise.id,
                    target: page.promise.target,
                    outcome: Outcome::Dead(NO_TARGET.into()),
                    at: now.time,
                }),
            }
        }
        self.reports.truncate(REPORTS_WAITING_MAX);
    }

    /// What is to be done now.
    pub(crate) fn turn(&mut self, now: Moment) -> Turn {
        let mut jobs = Vec::new();
        for line in self.lines.values_mut() {
            while let Some(Departure { flight, pages, reached }) = line.depart(now, &mut self.reports) {
                let (target, settings) = (Arc::clone(line.target()), Arc::clone(&self.settings));
                jobs.push(Job { target, settings, flight, pages, reached });
            }
        }
        let beat = self.beat.as_mut().and_then(|beat| beat.depart(now.ticks));
        let beat = beat.map(|heartbeat| (heartbeat, Arc::clone(&self.settings)));
        let due = self.lines.values().filter_map(Line::due);
        let due = due.chain(self.beat.as_ref().and_then(Beat::due)).min();
        Turn { jobs, beat, reports: std::mem::take(&mut self.reports), due }
    }

    /// A flight of a target is over.
    pub(crate) fn landed(&mut self, target: &str, flight: u64, result: Result<(), Failure>, now: Moment) {
        if let Some(line) = self.lines.get_mut(target) {
            line.landed(flight, result, now, &mut self.dice, &mut self.reports);
            if line.leaving && !line.is_busy() {
                self.lines.remove(target);
            }
        }
    }

    /// A heartbeat is over.
    pub(crate) fn beaten(&mut self, result: Result<(), Failure>, now: Moment) {
        if let Some(beat) = &mut self.beat {
            beat.landed(result, now);
        }
    }

    pub(crate) fn figures(&self, now: Moment) -> Vec<TargetFigures> {
        self.lines.values().filter(|line| !line.leaving).map(|line| line.figures(now.time)).collect()
    }

    pub(crate) fn heartbeat(&self) -> Option<HeartbeatFigures> {
        self.beat.as_ref().map(Beat::figures)
    }
}
