//! How long the server's commits took, by its own histogram.

use super::server::Server;
use crate::failure::Failure;

/// Commits since the start: how many took at most so many seconds.
pub struct Commits(Vec<(f64, f64)>);

impl Commits {
    pub fn so_far(server: &Server) -> Result<Self, Failure> {
        Self::read(&server.metrics()?).ok_or_else(|| Failure::new("the metrics tell nothing of commits"))
    }

    fn read(metrics: &str) -> Option<Self> {
        let bucket = |line: &str| {
            let (bound, count) = line.strip_prefix("poe_commit_seconds_bucket{le=\"")?.split_once("\"} ")?;
            let bound = if bound == "+Inf" { f64::INFINITY } else { bound.parse().ok()? };
            Some((bound, count.trim().parse().ok()?))
        };
        let buckets: Vec<_> = metrics.lines().filter_map(bucket).collect();
        (!buckets.is_empty()).then_some(Self(buckets))
    }

    /// The longest one, in milliseconds: the upper bound of the highest bucket that has any, and how many it has.
    pub fn longest_ms_since(&self, before: &Self) -> Option<(f64, u64)> {
        let counts = self.0.iter().zip(&before.0).map(|((bound, now), (_, then))| (*bound, now - then));
        let mut below = 0.0;
        let mut longest = None;
        for (bound, count) in counts {
            if count > below {
                longest = Some((bound * 1e3, (count - below) as u64));
                below = count;
            }
        }
        longest
    }

    /// As far as buckets can tell: within one, they are taken as evenly spread.
    pub fn p99_ms_since(&self, before: &Self) -> f64 {
        let counts = self.0.iter().zip(&before.0).map(|((bound, now), (_, then))| (*bound, now - then));
        let counts: Vec<_> = counts.collect();
        let wanted = counts.last().map_or(0.0, |(_, all)| all * 0.99);
        let (mut lower, mut below) = (0.0, 0.0);
        for (bound, count) in counts {
            if count >= wanted && count > below {
                let share = (wanted - below) / (count - below);
                // What is above all bounds is at least as long as the last of them.
                return if bound.is_finite() { lower + (bound - lower) * share } else { lower } * 1e3;
            }
            (lower, below) = (bound, count);
        }
        f64::NAN
    }
}

#[cfg(test)]
mod tests {
    use super::Commits;

    #[test]
    fn only_what_came_since_counts() {
        let page = |counts: [u32; 3]| {
            let [a, b, c] = counts;
            let name = "poe_commit_seconds_bucket{le=";
            Commits::read(&format!("{name}\"0.01\"}} {a}\n{name}\"0.02\"}} {b}\n{name}\"+Inf\"}} {c}\n"))
                .unwrap()
        };
        let before = page([100, 900, 900]);
        assert_eq!(page([200, 1000, 1000]).p99_ms_since(&before).round(), 10.0);
        assert_eq!(page([100, 1000, 1000]).p99_ms_since(&before).round(), 20.0);
        assert_eq!(page([100, 900, 1000]).p99_ms_since(&before).round(), 20.0);
        assert!(before.p99_ms_since(&before).is_nan());
        assert_eq!(page([100, 903, 903]).longest_ms_since(&before), Some((20.0, 3)));
        assert_eq!(before.longest_ms_since(&before), None);
        assert!(Commits::read("poe_nodes 3\n").is_none());
    }
}
