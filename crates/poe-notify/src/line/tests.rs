//! A target's queue without a network, a clock or a pause: what goes out when, and what is said of it.

use super::*;
use crate::grouping::WEBHOOKS_AT_ONCE;
use poe_building::{Class, Delivery, Promise, Webhook, WebhookFormat};

#[path = "groups.rs"]
mod groups;

fn json() -> Delivery {
    webhook(WebhookFormat::Json)
}

fn webhook(format: WebhookFormat) -> Delivery {
    Delivery::Webhook(Webhook { url: "http://x/".into(), format, secret_file: None, ca_file: None })
}

fn command() -> Delivery {
    Delivery::Command { arguments: Vec::new(), time_limit: Duration::from_secs(1) }
}

fn target(delivery: Delivery) -> Target {
    Target { name: "duty".into(), delivery, expires: None }
}

fn page(id: u64, class: Class) -> Page {
    let promise = Promise {
        id: PromiseId(id),
        target: "duty".into(),
        seq: id,
        alarm: None,
        class,
        priority: class.priority(),
        reason: Reason::Raised,
        key: format!("key-{id}").into(),
        summary: format!("signal {id}").into(),
        promised: Time::from_secs(0),
        expires: Time::from_secs(1000),
    };
    Page { promise, unsaved: false, alarms: Arc::default(), alarms_in_all: 0 }
}

/// A line with a clock of its own.
struct Story {
    line: Line,
    now: Moment,
    dice: Dice,
    reports: Vec<Report>,
}

impl Story {
    fn new(delivery: Delivery) -> Self {
        let now = Moment::from(Time::from_secs(0));
        Self { line: Line::new(target(delivery)), now, dice: Dice::seeded(4711), reports: Vec::new() }
    }

    fn accept(&mut self, id: u64, class: Class) {
        self.line.accept(page(id, class), self.now, &mut self.reports);
    }

    fn alarms(&mut self, ids: impl IntoIterator<Item = u64>) {
        ids.into_iter().for_each(|id| self.accept(id, Class::Alarm));
    }

    /// What departs now: the number of each flight and the pages in it.
    fn depart(&mut self) -> Vec<(u64, Vec<u64>)> {
        std::iter::from_fn(|| self.line.depart(self.now, &mut self.reports))
            .map(|out| (out.flight, out.pages.iter().map(|page| page.promise.id.0).collect()))
            .collect()
    }

    fn land(&mut self, number: u64, result: Result<(), Failure>) {
        self.line.landed(number, result, self.now, &mut self.dice, &mut self.reports);
    }

    fn go_on(&mut self, span: Duration) {
        self.now = Moment { time: self.now.time.after(span), ticks: self.now.ticks.after(span) };
    }

    /// Goes on to the moment at which there is something to do.
    fn wait(&mut self) -> Duration {
        let span = self.line.due().expect("something waits").since(self.now.ticks);
        self.go_on(span);
        span
    }

    /// What departs next, whenever that is.
    fn next(&mut self) -> (u64, Vec<u64>) {
        loop {
            if let Some(departed) = self.depart().pop() {
                return departed;
            }
            self.wait();
        }
    }

    fn outcomes(&mut self) -> Vec<(u64, String)> {
        let told = |outcome: &Outcome| match outcome {
            Outcome::Confirmed => "confirmed".to_owned(),
            Outcome::Failed(reason) => format!("failed: {reason}"),
            Outcome::Dead(reason) => format!("dead: {reason}"),
        };
        self.reports.drain(..).map(|report| (report.promise.0, told(&report.outcome))).collect()
    }
}

fn unreachable() -> Result<(), Failure> {
    Err(Failure::Unreachable("refused".into()))
}

fn troubled() -> Result<(), Failure> {
    Err(Failure::Troubled("500".into()))
}

fn unwanted() -> Result<(), Failure> {
    Err(Failure::Refused("404".into()))
}

#[test]
fn an_alarm_overtakes_everything_that_waits() {
    let mut story = Story::new(command());
    story.accept(1, Class::Trouble);
    assert_eq!(story.depart(), [(0, vec![1])]);
    story.accept(2, Class::Trouble);
    story.accept(3, Class::Supervisory);
    story.accept(5, Class::Alarm);
    story.accept(4, Class::Alarm);
    let mut order = Vec::new();
    for number in 0..5 {
        story.land(number, Ok(()));
        order.extend(story.depart().into_iter().flat_map(|(_, pages)| pages));
    }
    assert_eq!(order, [4, 5, 3, 2]);
}

#[test]
fn a_page_given_twice_is_sent_once() {
    let mut story = Story::new(json());
    story.alarms([7, 7]);
    assert_eq!(story.depart(), [(0, vec![7])]);
    story.alarms([7]);
    assert_eq!(story.depart(), [], "it is under way");
    story.land(0, Ok(()));
    story.alarms([7]);
    assert_eq!(story.depart(), [], "it has arrived");
    assert_eq!(story.outcomes(), [(7, "confirmed".to_owned())]);
}

#[test]
fn of_too_many_the_oldest_of_the_lowest_class_gives_way() {
    let mut story = Story::new(json());
    story.line.pauses_until = Ticks(u64::MAX);
    story.alarms(0..PAGES_WAITING_MAX as u64 - 2);
    story.accept(20_001, Class::Trouble);
    story.accept(20_000, Class::Trouble);
    assert_eq!(story.outcomes(), []);
    story.alarms([30_000]);
    story.accept(30_001, Class::Supervisory);
    story.accept(30_002, Class::Trouble);
    story.alarms([30_003, 30_004]);
    let dead: Vec<u64> = story.outcomes().into_iter().map(|(id, _)| id).collect();
    assert_eq!(dead, [20_000, 20_001, 30_002, 30_001, 0], "an alarm only when there is nothing else");
    let figures = story.line.figures(story.now.time);
    assert_eq!((figures.waiting, figures.dead), (PAGES_WAITING_MAX, 5));
}

#[test]
fn a_server_that_is_down_is_tried_by_one_page_with_growing_pauses() {
    let mut story = Story::new(json());
    story.alarms(1..=20);
    let departed = story.depart();
    departed.into_iter().for_each(|(number, _)| story.land(number, unreachable()));
    assert_eq!(story.line.figures(story.now.time).failing, 1, "eight at once are one failure");
    let mut longest = Duration::ZERO;
    for failures in 1..=12 {
        assert_eq!(story.depart(), [], "the target pauses");
        let pause = story.wait();
        assert!(pause <= Duration::from_secs(60), "{pause:?}");
        longest = longest.max(pause);
        let departed = story.depart();
        assert_eq!(departed.len(), 1, "one knock is enough");
        assert_eq!(departed[0].1, [1], "the most important page knocks");
        story.land(departed[0].0, unreachable());
        assert_eq!(story.line.figures(story.now.time).failing, failures + 1);
    }
    assert!(longest > Duration::from_secs(20), "{longest:?}");
    assert_eq!(story.depart(), []);
    story.wait();
    let (number, _) = story.depart()[0];
    story.land(number, Ok(()));
    assert_eq!(story.depart().len(), WEBHOOKS_AT_ONCE, "it is back: all at once");
}

#[test]
fn a_page_over_which_the_server_breaks_down_lets_others_pass() {
    let mut story = Story::new(command());
    story.alarms([1]);
    (2..=4).for_each(|id| story.accept(id, Class::Trouble));
    let mut arrived = Vec::new();
    for _ in 0..40 {
        for (number, pages) in story.depart() {
            let spoilt = pages.contains(&1);
            story.land(number, if spoilt { troubled() } else { Ok(()) });
            arrived.extend(pages.into_iter().filter(|id| *id != 1));
        }
        if arrived.len() == 3 {
            break;
        }
        story.wait();
    }
    assert_eq!(arrived, [2, 3, 4]);
    assert!(story.now.time < Time::from_secs(30), "{:?}", story.now.time);
}

#[test]
fn a_page_that_nobody_wants_is_given_up_after_five_tries_and_holds_nobody_up() {
    let mut story = Story::new(command());
    story.alarms([1, 2]);
    let (number, _) = story.depart()[0];
    story.land(number, unwanted());
    let (number, pages) = story.depart().remove(0);
    assert_eq!(pages, [2], "at once, for the target is well");
    story.land(number, Ok(()));
    for _ in 0..4 {
        story.wait();
        let (number, _) = story.depart()[0];
        story.land(number, unwanted());
    }
    let outcomes = story.outcomes();
    assert_eq!(outcomes.first(), Some(&(1, "failed: 404".to_owned())));
    assert_eq!(outcomes.last(), Some(&(1, "dead: refused 5 times: 404".to_owned())));
    assert_eq!(story.line.due(), None);
}

fn partly(reached: &str, lasting: bool) -> Result<(), Failure> {
    let reached = reached.split_whitespace().map(Text::from).collect();
    Err(Failure::Partly { reason: "not b@x".into(), reached, lasting })
}

#[test]
fn of_several_recipients_only_those_without_the_page_are_tried_again() {
    let mut story = Story::new(command());
    story.alarms([1]);
    let reached = |out: Option<Departure>| {
        let out = out.unwrap();
        (out.flight, out.reached.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    };
    let (number, none) = reached(story.line.depart(story.now, &mut story.reports));
    assert_eq!(none, "");
    story.land(number, partly("a@x", false));
    let figures = story.line.figures(story.now.time);
    assert_eq!((figures.failing, figures.last_success), (0, Some(story.now.time)), "the target is well");
    story.wait();
    let (number, one) = reached(story.line.depart(story.now, &mut story.reports));
    assert_eq!(one, "a@x");
    story.land(number, partly("c@x", false));
    story.wait();
    let (number, two) = reached(story.line.depart(story.now, &mut story.reports));
    assert_eq!(two, "a@x c@x");
    story.land(number, Ok(()));
    assert_eq!(story.outcomes(), [(1, "failed: not b@x".to_owned()), (1, "confirmed".to_owned())]);
}

#[test]
fn a_recipient_who_is_refused_for_good_is_given_up_after_five_tries_and_a_busy_one_is_not() {
    let mut story = Story::new(command());
    story.alarms([1]);
    for _ in 0..8 {
        story.depart().into_iter().for_each(|(number, _)| story.land(number, partly("a@x", false)));
        story.wait();
    }
    for _ in 0..5 {
        story.depart().into_iter().for_each(|(number, _)| story.land(number, partly("", true)));
        story.line.due().map(|_| story.wait());
    }
    let outcomes = story.outcomes();
    assert_eq!(outcomes.last(), Some(&(1, "dead: refused 5 times: not b@x".to_owned())));
    assert_eq!(story.line.due(), None);
}

#[test]
fn a_page_expires_on_the_clock_that_nobody_can_set() {
    let mut story = Story::new(json());
    story.alarms([1]);
    let (number, _) = story.depart()[0];
    story.land(number, unreachable());
    story.now.time = Time::from_secs(1_000_000);
    assert_eq!(story.depart(), []);
    assert_eq!(story.outcomes(), [(1, "failed: refused".to_owned())], "the wall was set, no time has passed");
    while story.line.due().is_some() {
        story.wait();
        story.depart().into_iter().for_each(|(number, _)| story.land(number, unreachable()));
    }
    assert_eq!(story.now.ticks, Time::from_secs(1000).ticks());
    let last = story.outcomes().pop();
    assert_eq!(last, Some((1, "dead: expired; the last error was: refused".to_owned())));
}

#[test]
fn failures_are_told_once_for_a_page_and_then_once_a_minute() {
    let mut story = Story::new(json());
    story.alarms([1]);
    while story.now.ticks < Time::from_secs(600).ticks() {
        story.depart().into_iter().for_each(|(number, _)| story.land(number, troubled()));
        story.wait();
    }
    let told = story.outcomes().len();
    assert!((5..=11).contains(&told), "{told}");
    assert!(story.line.figures(story.now.time).failed > told as u64);
}

#[test]
fn what_waits_for_a_target_that_is_gone_is_given_up_and_what_is_under_way_is_not() {
    let mut story = Story::new(command());
    story.alarms([1, 2]);
    let (number, _) = story.depart()[0];
    story.line.leave(story.now, &mut story.reports);
    assert_eq!(story.outcomes(), [(2, format!("dead: {NO_TARGET}"))]);
    story.land(number, Ok(()));
    assert_eq!(story.outcomes(), [(1, "confirmed".to_owned())]);
    assert!(!story.line.is_busy());
}

#[test]
fn a_target_that_is_put_right_is_tried_at_once() {
    let mut story = Story::new(json());
    story.alarms([1]);
    for _ in 0..6 {
        story.depart().into_iter().for_each(|(number, _)| story.land(number, troubled()));
        story.wait();
    }
    story.depart().into_iter().for_each(|(number, _)| story.land(number, troubled()));
    assert_eq!(story.depart(), []);
    story.line.describe(target(command()));
    assert_eq!(story.depart().len(), 1);
}

trait InTicks {
    fn ticks(self) -> Ticks;
}

impl InTicks for Time {
    fn ticks(self) -> Ticks {
        Moment::from(self).ticks
    }
}
