//! Medians and percentiles.

use std::time::Duration;

/// The middle one, or the upper of the two in the middle.
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len() as f64 * share) as usize;
    sorted.get(at.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

/// How a set of latencies is spread, in milliseconds.
pub struct Spread {
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub max: f64,
}

impl Spread {
    pub fn of(latencies: &[Duration]) -> Self {
        let ms: Vec<f64> = latencies.iter().map(|latency| latency.as_secs_f64() * 1e3).collect();
        let [p50, p90, p99, max] = [0.5, 0.9, 0.99, 1.0].map(|share| quantile(&ms, share));
        Self { p50, p90, p99, max }
    }
}

#[cfg(test)]
mod tests {
    use super::{Spread, median};
    use std::time::Duration;

    #[test]
    fn one_slow_round_does_not_move_the_median() {
        assert_eq!(median(&[0.8, 0.1, 0.9]), 0.8);
    }

    #[test]
    fn the_slowest_of_a_hundred_is_the_p99() {
        let latencies: Vec<_> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(Spread::of(&latencies).p99, 100.0);
        assert_eq!(Spread::of(&latencies).p50, 51.0);
    }
}
