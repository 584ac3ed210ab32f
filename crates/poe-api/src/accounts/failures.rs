//! Failed logins on their way into the journal: few entries, however many there are.

use std::collections::BTreeMap;
use std::mem::take;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use poe_building::{EntryKind, Order, Text};

use crate::accounts::Network;

/// An account with a network has one entry in this time, beside that of its first failure.
const TOLD_EVERY: Duration = Duration::from_secs(60);
/// As many accounts with their networks have entries of their own; the failures of others are told together. With this, an
/// attack of any size writes some hundred entries a minute.
const OWN_ENTRIES_MAX: usize = 100;

/// The failures that the journal does not have yet.
#[derive(Debug, Default)]
pub(crate) struct Failures(Mutex<Untold>);

#[derive(Debug, Default)]
struct Untold {
    of: BTreeMap<Whose, Count>,
    others: Count,
}

/// A user, or none that there is, and where the tries come from.
type Whose = (Option<Text>, Network);

#[derive(Debug, Clone, Default)]
struct Count {
    wrong: u64,
    turned_away: u64,
    told: Option<Instant>,
}

/// What became of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The password was wrong.
    Wrong,
    /// It came too soon, and nobody has looked at the password.
    TurnedAway,
}

impl Failures {
    /// Somebody has failed. The first failure is to be told at once. A name that is no user's is not told: people type
    /// passwords into the wrong field.
    pub(crate) fn note(
        &self,
        user: Option<&Text>,
        network: Network,
        what: Failure,
        now: Instant,
    ) -> Option<Order> {
        let mut untold = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let whose = (user.cloned(), network);
        let is_new = !untold.of.contains_key(&whose);
        if is_new && untold.of.len() >= OWN_ENTRIES_MAX {
            untold.others.add(what);
            return None;
        }
        let count = untold.of.entry(whose.clone()).or_default();
        count.add(what);
        is_new.then(|| count.tell(&of(&whose), now))
    }

    /// What is to be told now; at a stop, all of it.
    pub(crate) fn due(&self, now: Instant, stops: bool) -> Vec<Order> {
        let mut untold = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut orders = Vec::new();
        untold.of.retain(|whose, count| {
            if !stops && !count.is_due(now) {
                return true;
            }
            let goes_on = count.has_any();
            if goes_on {
                orders.push(count.tell(&of(whose), now));
            }
            goes_on
        });
        if untold.others.has_any() && (stops || untold.others.is_due(now)) {
            orders.push(untold.others.tell("further logins", now));
        }
        orders
    }
}

impl Count {
    fn add(&mut self, what: Failure) {
        match what {
            Failure::Wrong => self.wrong += 1,
            Failure::TurnedAway => self.turned_away += 1,
        }
    }

    fn has_any(&self) -> bool {
        self.wrong + self.turned_away > 0
    }

    fn is_due(&self, now: Instant) -> bool {
        self.told.is_none_or(|told| now.saturating_duration_since(told) >= TOLD_EVERY)
    }

    /// The entry, after which counting begins anew.
    fn tell(&mut self, what: &str, now: Instant) -> Order {
        let Count { wrong, turned_away, .. } = take(self);
        self.told = Some(now);
        let text = match (wrong, turned_away) {
            (_, 0) => format!("{what}: {wrong} with a wrong password"),
            (0, _) => format!("{what}: {turned_away} turned away, they came too soon"),
            _ => format!(
                "{what}: {wrong} with a wrong password, {turned_away} turned away, they came too soon"
            ),
        };
        Order::Note { kind: EntryKind::LoginFailed, source: None, text: text.into() }
    }
}

fn of((user, network): &Whose) -> String {
    match user {
        Some(user) => format!("logins of {user} from {network}"),
        None => format!("logins of users that do not exist from {network}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(order: &Order) -> &str {
        match order {
            Order::Note { kind: EntryKind::LoginFailed, text, .. } => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_first_failure_is_told_at_once_and_the_others_by_the_minute() {
        let (failures, begun) = (Failures::default(), Instant::now());
        let anna = Text::from("anna");
        let fail = |what, now| failures.note(Some(&anna), Network::V4([10, 0, 0]), what, now);
        let first = fail(Failure::Wrong, begun).unwrap();
        assert_eq!(text(&first), "logins of anna from 10.0.0.0/24: 1 with a wrong password");
        for _ in 0..9_999 {
            assert_eq!(fail(Failure::TurnedAway, begun), None);
        }
        fail(Failure::Wrong, begun);
        assert_eq!(failures.due(begun, false), []);
        let told = failures.due(begun + TOLD_EVERY, false);
        let expected =
            "logins of anna from 10.0.0.0/24: 1 with a wrong password, 9999 turned away, they came too soon";
        assert_eq!(told.iter().map(text).collect::<Vec<_>>(), [expected]);
        assert_eq!(failures.due(begun + 2 * TOLD_EVERY, false), [], "and then nothing is left of it");
        assert!(fail(Failure::Wrong, begun + 3 * TOLD_EVERY).is_some());
    }

    #[test]
    fn the_failures_of_a_multitude_are_told_together() {
        let (failures, now) = (Failures::default(), Instant::now());
        let at_once: Vec<_> = (0..=255)
            .filter_map(|no| failures.note(None, Network::V4([10, 0, no]), Failure::Wrong, now))
            .collect();
        assert_eq!(at_once.len(), OWN_ENTRIES_MAX);
        assert_eq!(
            text(&at_once[0]),
            "logins of users that do not exist from 10.0.0.0/24: 1 with a wrong password"
        );
        let rest = failures.due(now, true);
        assert_eq!(rest.iter().map(text).collect::<Vec<_>>(), ["further logins: 156 with a wrong password"]);
    }
}
