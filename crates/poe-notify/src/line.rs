//! One target: what waits for it, what is under way, and when it is tried again. Pure, as its queue is.

use crate::{
    backoff::Dice,
    failure::Failure,
    figures::TargetFigures,
    format::plain,
    grouping,
    page::{Page, Report},
    queue::{PAGES_WAITING_MAX, Queue, Reached, Waiting},
    settled::Settled,
};
use poe_building::{Moment, Outcome, PromiseId, Reason, Target, Text, Ticks, Time};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

/// A target that does not want a page after so many tries will not want it later either.
const REFUSALS_MAX: u32 = 5;

/// A group that the target has broken down over so often may hold one page that is to blame: its pages go out one by one.
const GROUP_TROUBLES_MAX: u32 = 3;

/// The time in which others are tried after the target has broken down over a page.
const TURN_OF_OTHERS: Duration = Duration::from_secs(1);

/// Of further failures one in this time is told: enough for a journal that somebody reads.
const FAILURE_TOLD_EVERY: Duration = Duration::from_secs(60);

/// The longest reason in a report, in bytes: it ends up in a journal that is kept for ever.
const REASON_BYTES_MAX: usize = 400;

/// Pages that are on their way as one message.
struct Flight {
    pages: Vec<Waiting>,
    began: Ticks,
}

/// A message that is to go out.
pub(crate) struct Departure {
    /// The number of its flight.
    pub(crate) flight: u64,
    pub(crate) pages: Vec<Arc<Page>>,
    /// The recipients who have it already.
    pub(crate) reached: Reached,
}

/// One target with its queue.
pub(crate) struct Line {
    target: Arc<Target>,
    queue: Queue,
    flights: HashMap<u64, Flight>,
    flights_begun: u64,
    aloft: HashSet<PromiseId>,
    settled: Settled,
    /// Failures in a row of the target as a whole, the time until which it pauses, and when it began to.
    failures: u32,
    pauses_until: Ticks,
    paused_at: Ticks,
    failure_told: Option<Ticks>,
    /// It is no longer among the targets, and only waited for until nothing is under way.
    pub(crate) leaving: bool,
    sent: u64,
    failed: u64,
    dead: u64,
    last_error: Option<(Text, Time)>,
    last_success: Option<Time>,
}

impl Line {
    pub(crate) fn new(target: Target) -> Self {
        Self {
            target: Arc::new(target),
            queue: Queue::default(),
            flights: HashMap::new(),
            flights_begun: 0,
            aloft: HashSet::new(),
            settled: Settled::default(),
            failures: 0,
            pauses_until: Ticks(0),
            paused_at: Ticks(0),
            failure_told: None,
            leaving: false,
            sent: 0,
            failed: 0,
            dead: 0,
            last_error: None,
            last_success: None,
        }
    }

    pub(crate) fn target(&self) -> &Arc<Target> {
        &self.target
    }

    /// The target is described anew. If it is reached another way, what waits is tried at once.
    pub(crate) fn describe(&mut self, target: Target) {
        self.leaving = false;
        if *self.target == target {
            return;
        }
        self.target = Arc::new(target);
        self.answered();
        self.queue.wake(Ticks(u64::MAX));
    }

    /// Takes a page in, unless it is known.
    pub(crate) fn accept(&mut self, page: Page, now: Moment, reports: &mut Vec<Report>) {
        let id = page.promise.id;
        if self.queue.contains(id) || self.aloft.contains(&id) || self.settled.contains(id) {
            return;
        }
        // What remains is measured on the clock that nobody can set.
        let expires = now.ticks.after(page.promise.expires.since(now.time));
        let alone = page.promise.reason == Reason::Test;
        let page = Arc::new(page);
        let waiting = Waiting {
            page,
            expires,
            troubles: 0,
            refusals: 0,
            alone,
            message: None,
            reached: Reached::default(),
            failure: None,
        };
        self.queue.insert(waiting, now.ticks);
        if self.queue.len() + self.aloft.len() > PAGES_WAITING_MAX
            && let Some(given_up) = self.queue.give_way()
        {
            let reason = format!("more than {PAGES_WAITING_MAX} pages waited");
            self.give_up(&given_up, &reason, now.time, reports);
        }
    }

    /// Gives up what has expired and says what may go out now. To be called until it says nothing.
    pub(crate) fn depart(&mut self, now: Moment, reports: &mut Vec<Report>) -> Option<Departure> {
        self.expire(now, reports);
        self.queue.wake(now.ticks);
        if self.flights.len() >= self.at_once() || now.ticks < self.pauses_until || self.leaving {
            return None;
        }
        let mut pages = self.take()?;
        let number = self.flights_begun;
        self.flights_begun += 1;
        self.aloft.extend(pages.iter().map(Waiting::id));
        for waiting in &mut pages {
            waiting.message.get_or_insert(number);
        }
        let contents = pages.iter().map(|waiting| Arc::clone(&waiting.page)).collect();
        // Pages of one message have been through the same.
        let reached = pages.first().map(|waiting| Arc::clone(&waiting.reached)).unwrap_or_default();
        self.flights.insert(number, Flight { pages, began: now.ticks });
        Some(Departure { flight: number, pages: contents, reached })
    }

    /// What became of pages under way.
    pub(crate) fn landed(
        &mut self,
        number: u64,
        result: Result<(), Failure>,
        now: Moment,
        dice: &mut Dice,
        reports: &mut Vec<Report>,
    ) {
        let Some(flight) = self.flights.remove(&number) else { return };
        for waiting in &flight.pages {
            self.aloft.remove(&waiting.id());
        }
        let failure = match result {
            Ok(()) => {
                self.answered();
                self.last_success = Some(now.time);
                self.sent += flight.pages.len() as u64;
                for waiting in &flight.pages {
                    self.settled.insert(waiting.id());
                    reports.push(self.report(waiting, Outcome::Confirmed, now.time));
                }
                return;
            }
            Err(failure) => failure,
        };
        let reason = clipped_reason(&failure.to_string());
        self.failed += 1;
        self.last_error = Some((reason.clone(), now.time));
        match &failure {
            Failure::Unreachable(_) | Failure::Troubled(_) => self.pause(flight.began, now.ticks, dice),
            Failure::Refused(_) => self.answered(),
            Failure::Partly { reached, .. } => {
                self.answered();
                if !reached.is_empty() {
                    self.last_success = Some(now.time);
                }
            }
        }
        let grouped = flight.pages.len() > 1;
        let others_wait = self.queue.len() > 0;
        // Pages that stay together pause alike, so one throw is for all of them.
        let tries = flight.pages.iter().map(|waiting| waiting.troubles.max(waiting.refusals)).max();
        let pause = now.ticks.after(dice.pause(tries.unwrap_or(0).saturating_add(1)));
        let reached = match &failure {
            Failure::Partly { reached: now, .. } => flight
                .pages
                .first()
                .map(|waiting| Reached::new(waiting.reached.iter().chain(now).cloned().collect())),
            _ => None,
        };
        for mut waiting in flight.pages {
            self.tell_failure(&mut waiting, &reason, now, reports);
            let from = match &failure {
                Failure::Unreachable(_) => now.ticks,
                Failure::Troubled(_) => {
                    waiting.troubles = waiting.troubles.saturating_add(1);
                    if grouped && waiting.troubles >= GROUP_TROUBLES_MAX {
                        waiting.takes_leave();
                    }
                    if others_wait { pause.max(self.pauses_until.after(TURN_OF_OTHERS)) } else { pause }
                }
                Failure::Partly { lasting, .. } => {
                    let tries = if *lasting { &mut waiting.refusals } else { &mut waiting.troubles };
                    *tries = tries.saturating_add(1);
                    waiting.reached = reached.clone().unwrap_or_default();
                    pause
                }
                Failure::Refused(_) => {
                    waiting.refusals += 1;
                    waiting.takes_leave();
                    pause
                }
            };
            if waiting.refusals >= REFUSALS_MAX {
                self.give_up(&waiting, &format!("refused {REFUSALS_MAX} times: {reason}"), now.time, reports);
            } else if self.leaving {
                self.give_up(&waiting, NO_TARGET, now.time, reports);
            } else {
                self.queue.insert(waiting, from);
            }
        }
        self.expire(now, reports);
    }

    /// The target is no longer among the targets.
    pub(crate) fn leave(&mut self, now: Moment, reports: &mut Vec<Report>) {
        self.leaving = true;
        for waiting in self.queue.take_all() {
            self.give_up(&waiting, NO_TARGET, now.time, reports);
        }
    }

    /// Whether pages are under way.
    pub(crate) fn is_busy(&self) -> bool {
        !self.flights.is_empty()
    }

    /// When there is something to do, unless a flight lands before.
    pub(crate) fn due(&self) -> Option<Ticks> {
        // While as many are under way as may be, a landing is waited for.
        let can_depart = self.queue.ready() > 0 && self.flights.len() < self.at_once();
        self.queue.due().into_iter().chain(can_depart.then_some(self.pauses_until)).min()
    }

    pub(crate) fn figures(&self, now: Time) -> TargetFigures {
        let aloft = self.flights.values().flat_map(|flight| &flight.pages).map(|waiting| &*waiting.page);
        let oldest = self.queue.pages().chain(aloft).map(|page| page.promise.promised).min();
        TargetFigures {
            target: self.target.name.clone(),
            waiting: self.queue.len() + self.aloft.len(),
            oldest: oldest.map(|promised| now.since(promised)),
            sent: self.sent,
            failed: self.failed,
            dead: self.dead,
            last_error: self.last_error.clone(),
            last_success: self.last_success,
            failing: self.failures,
        }
    }

    fn take(&mut self) -> Option<Vec<Waiting>> {
        let first = self.queue.first()?;
        let (alone, class) = (first.alone, first.class());
        if let Some(message) = first.message {
            return Some(self.queue.take_message(message));
        }
        if !alone && let Some(grouping) = grouping::grouping(&self.target.delivery) {
            let class = grouping.one_class.then_some(class);
            if self.queue.free(class) > grouping.over {
                return Some(self.queue.take_group(grouping.most, class));
            }
        }
        self.queue.take_first().map(|waiting| vec![waiting])
    }

    fn at_once(&self) -> usize {
        // Until a failing target answers again, one knock is enough.
        if self.failures == 0 { grouping::at_once(&self.target.delivery) } else { 1 }
    }

    fn answered(&mut self) {
        self.failures = 0;
        self.pauses_until = Ticks(0);
    }

    /// Flights that began before the pause fail of the same cause, which counts once.
    fn pause(&mut self, began: Ticks, now: Ticks, dice: &mut Dice) {
        if self.failures == 0 || began > self.paused_at {
            self.failures = self.failures.saturating_add(1);
            self.paused_at = now;
            self.pauses_until = now.after(dice.pause(self.failures));
        }
    }

    fn expire(&mut self, now: Moment, reports: &mut Vec<Report>) {
        for waiting in self.queue.expired(now.ticks) {
            let reason = match &waiting.failure {
                Some(error) => format!("expired; the last error was: {error}"),
                None => "expired".to_owned(),
            };
            self.give_up(&waiting, &reason, now.time, reports);
        }
    }

    fn give_up(&mut self, waiting: &Waiting, reason: &str, at: Time, reports: &mut Vec<Report>) {
        self.dead += 1;
        self.settled.insert(waiting.id());
        reports.push(self.report(waiting, Outcome::Dead(clipped_reason(reason)), at));
    }

    fn tell_failure(&mut self, waiting: &mut Waiting, reason: &Text, now: Moment, reports: &mut Vec<Report>) {
        let told_long_ago = self.failure_told.is_none_or(|told| now.ticks.since(told) >= FAILURE_TOLD_EVERY);
        if waiting.failure.replace(reason.clone()).is_none() || told_long_ago {
            self.failure_told = Some(now.ticks);
            reports.push(self.report(waiting, Outcome::Failed(reason.clone()), now.time));
        }
    }

    fn report(&self, waiting: &Waiting, outcome: Outcome, at: Time) -> Report {
        Report { promise: waiting.id(), target: self.target.name.clone(), outcome, at }
    }
}

/// Why a page of a target that is gone is given up.
pub(crate) const NO_TARGET: &str = "there is no such target";

fn clipped_reason(reason: &str) -> Text {
    plain::clipped(&plain::line(reason), REASON_BYTES_MAX).into()
}

#[cfg(test)]
mod tests;
