//! Who delivers notifications in simulated time: in a moment, unless the target takes nothing.

use poe_building::{Outcome, Promise, PromiseId, Text};
use std::{collections::BTreeMap, collections::HashSet, time::Duration};

/// A promise that is not durable after so long is sent all the same.
const UNSAVED_AFTER: Duration = Duration::from_millis(250);
/// From the sending to the target's yes.
const UNDER_WAY: Duration = Duration::from_millis(50);
/// After a failure it is tried again.
const TRIES_AGAIN: Duration = Duration::from_secs(10);

/// The notifications that are under way.
#[derive(Default, Debug)]
pub(super) struct Pager {
    open: BTreeMap<PromiseId, UnderWay>,
    failing: HashSet<Text>,
}

#[derive(Debug)]
struct UnderWay {
    target: Text,
    /// When the target answers.
    answered: Duration,
}

impl Pager {
    /// A promise was made.
    pub(super) fn promised(&mut self, promise: &Promise, now: Duration) {
        let answered = now + UNSAVED_AFTER + UNDER_WAY;
        self.open.entry(promise.id).or_insert_with(|| UnderWay { target: promise.target.clone(), answered });
    }

    /// A promise is durable.
    pub(super) fn durable(&mut self, promise: &Promise, now: Duration) {
        self.promised(promise, now);
        if let Some(open) = self.open.get_mut(&promise.id) {
            open.answered = open.answered.min(now + UNDER_WAY);
        }
    }

    /// The server is gone, and what it was about to send.
    pub(super) fn forget(&mut self) {
        self.open.clear();
    }

    pub(super) fn set_works(&mut self, target: &Text, works: bool) {
        if works {
            self.failing.remove(target);
        } else {
            self.failing.insert(target.clone());
        }
    }

    /// When the next target answers.
    pub(super) fn next(&self) -> Option<Duration> {
        self.open.values().map(|open| open.answered).min()
    }

    /// The answers that have come.
    pub(super) fn answers(&mut self, now: Duration) -> Vec<(PromiseId, Outcome)> {
        let mut answers = Vec::new();
        for (id, open) in self.open.iter_mut().filter(|(_, open)| open.answered <= now) {
            let works = !self.failing.contains(&open.target);
            open.answered = now + TRIES_AGAIN;
            let outcome = if works { Outcome::Confirmed } else { Outcome::Failed("no answer".into()) };
            answers.push((*id, outcome));
        }
        for (id, _) in answers.iter().filter(|(_, outcome)| *outcome == Outcome::Confirmed) {
            self.open.remove(id);
        }
        answers
    }
}
