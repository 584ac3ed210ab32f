//! The alarm engine against a naive model, on random walks: readings, orders, time, restarts and a disk that fails.
//!
//! A walk that goes wrong prints its seed. `POE_WALK_SEED=17 cargo test -p poe-building --test alarm_walk` replays it.
#![allow(clippy::unwrap_used, reason = "a test may end like this")]

mod model;
#[path = "../support/alarm_store.rs"]
mod store;
mod walk;

use walk::Walk;

const STEPS: u32 = 10_000;

fn seeds(from: u64) {
    if let Ok(seed) = std::env::var("POE_WALK_SEED") {
        Walk::new(seed.parse().unwrap()).steps(STEPS);
        return;
    }
    for seed in from..from + 50 {
        Walk::new(seed).steps(STEPS);
    }
}

#[test]
fn half_a_million_steps_agree_with_the_naive_model() {
    seeds(0);
}

#[test]
fn and_so_does_the_other_half() {
    seeds(50);
}
