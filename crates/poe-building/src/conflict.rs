//! Two nodes on one address: found out by connections that deliver the same sensors at the same time.

use crate::Ticks;
use core::time::Duration;

/// Each of two connections must deliver the same sensor so many times
const DELIVERIES: u8 = 3;
/// within this time.
const WINDOW: Duration = Duration::from_secs(10);

/// What several connections of one address have delivered lately: of each sensor's deliverers two, since two are enough.
#[derive(Debug)]
pub(crate) struct Contest {
    deliverers: [[Deliverer; 2]; 256],
    pub(crate) until: Ticks,
}

#[derive(Clone, Copy, Default, Debug)]
struct Deliverer {
    serial: u32,
    count: u8,
    since: Ticks,
    last: Ticks,
}

impl Contest {
    pub(crate) fn new() -> Self {
        Self { deliverers: [[Deliverer::default(); 2]; 256], until: Ticks(0) }
    }

    /// Keeps the contest going: two connections spoke one after the other just now.
    pub(crate) fn go_on(&mut self, now: Ticks) {
        self.until = now.after(WINDOW);
    }

    /// Notes a delivery, and tells whether two connections now contradict each other.
    pub(crate) fn note(&mut self, serial: u32, id: u8, now: Ticks) -> bool {
        let two = &mut self.deliverers[usize::from(id)];
        let free = |deliverer: &Deliverer| deliverer.count == 0 || now.since(deliverer.last) > WINDOW;
        let Some(place) =
            two.iter().position(|known| known.serial == serial).or_else(|| two.iter().position(free))
        else {
            return false;
        };
        let own = &mut two[place];
        if own.serial != serial || now.since(own.since) > WINDOW {
            *own = Deliverer { serial, count: 0, since: now, last: now };
        }
        own.count = own.count.saturating_add(1);
        own.last = now;
        let convinces = |one: Deliverer| one.count >= DELIVERIES && now.since(one.last) <= WINDOW;
        two.iter().all(|one| convinces(*one))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: u64) -> Ticks {
        Ticks(secs * 1_000_000)
    }

    #[test]
    fn three_deliveries_of_one_sensor_by_each_of_two_connections_are_a_conflict() {
        let mut contest = Contest::new();
        let told: Vec<bool> = (0..6).map(|n| contest.note(1 + n % 2, 17, at(u64::from(n)))).collect();
        assert_eq!(told, [false, false, false, false, false, true]);
    }

    #[test]
    fn a_crowd_on_one_address_is_a_conflict() {
        let mut contest = Contest::new();
        assert!((0..64 * 3).any(|n| contest.note(1 + n % 64, 17, at(1))));
    }

    #[test]
    fn a_node_that_connects_again_is_no_conflict() {
        let mut contest = Contest::new();
        assert!((0..5).all(|n| !contest.note(1, 17, at(n))));
        assert!((5..7).all(|n| !contest.note(2, 17, at(n))), "twice is not enough");
        assert!((30..40).all(|n| !contest.note(2, 17, at(n))), "and the first is long silent");
    }

    #[test]
    fn other_sensors_of_the_same_address_are_no_conflict() {
        let mut contest = Contest::new();
        assert!((0..9u32).all(|n| !contest.note(1 + n % 2, (n % 2) as u8, at(u64::from(n)))));
    }
}
