//! Ten minutes of as many nodes as one process may hold, with every reading kept: nothing is lost, and memory stays as it is.

use super::in_brief;
use crate::failure::Failure;
use crate::load::Pattern;
use crate::run::lab::{Lab, Nodes, Pace};
use crate::run::report::{Row, Target};
use std::thread;
use std::time::{Duration, Instant};

/// A burst of 84 bytes from each every 0.38 s.
const FRAMES_PER_S: u32 = 1_050_000;
const NODES: u32 = 19_000;
const SECONDS: u32 = 600;
const LOOKS: u32 = 60;
const PATIENCE: Duration = Duration::from_secs(30);

pub fn measure(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let seconds = in_brief(lab, SECONDS);
    let bursts_each = (u64::from(FRAMES_PER_S) * u64::from(seconds) / u64::from(NODES * 21)) as u32;
    let nodes = Nodes {
        count: NODES,
        sensors: 21,
        frames_each: bursts_each.max(1) * 21,
        batch: 21,
        threads: 2,
        pace: Pace::Rate(FRAMES_PER_S),
        pattern: Pattern::Normal,
    };
    let folder = lab.folder()?;
    let server = lab.server(&folder.path().join("data"), NODES + 500)?;
    let load = lab.load(server.tcp, &nodes)?;
    let began = Instant::now();
    let every = Duration::from_secs(u64::from(seconds)) / LOOKS;
    let mut resident_mb = Vec::new();
    for look in 1..=LOOKS {
        thread::sleep((every * look).saturating_sub(began.elapsed()));
        resident_mb.push(server.resident_bytes()? as f64 / 1e6);
    }
    let sent = load.finish()?;
    let frames = nodes.frames();
    let counted = server.await_frames(frames, PATIENCE)?;
    let kept = server.await_history(frames, PATIENCE)?;
    let table = server.await_table(&load.expected()?, PATIENCE);
    let peak_mb = server.peak_resident_bytes()? as f64 / 1e6;
    eprintln!("  resident MB: {}", told(&resident_mb));

    let rate = sent.frames_per_s / 1e6;
    let lost = frames.abs_diff(counted).max(frames.abs_diff(kept));
    let table_figure = table.as_ref().map_or_else(Failure::chain, |_| "the table is right".into());
    let half = &resident_mb[resident_mb.len() / 2..];
    let growth = growth_percent(half);
    let (first, last) = (half[0], half[half.len() - 1]);
    Ok(vec![
        Row::new(
            "readings of 19,000 nodes kept",
            format!("{lost} of {frames} lost at {rate:.2} M readings/s in {seconds} s; {table_figure}"),
            lost as f64 + f64::from(u8::from(table.is_err())),
            Target::AtMost(0.0),
            " lost",
        ),
        Row::new(
            "memory with them and the history",
            format!("{peak_mb:.0} MB at the peak"),
            peak_mb,
            Target::AtMost(250.0),
            " MB",
        ),
        Row::new(
            "its growth in the second half",
            format!("{growth:+.1} %, from {first:.0} to {last:.0} MB"),
            growth,
            Target::AtMost(5.0),
            " %",
        ),
    ])
}

fn told(levels: &[f64]) -> String {
    levels.iter().map(|level| format!("{level:.0}")).collect::<Vec<_>>().join(" ")
}

/// By how much a line along these levels rises from their first to their last, in percent of their mean.
fn growth_percent(levels: &[f64]) -> f64 {
    let count = levels.len() as f64;
    let middle = (count - 1.0) / 2.0;
    let mean = levels.iter().sum::<f64>() / count;
    let along = |at: usize| at as f64 - middle;
    let spread: f64 = (0..levels.len()).map(|at| along(at).powi(2)).sum();
    let rise: f64 = levels.iter().enumerate().map(|(at, level)| along(at) * (level - mean)).sum();
    rise / spread * (count - 1.0) / mean * 100.0
}

#[cfg(test)]
mod tests {
    use super::growth_percent;

    #[test]
    fn only_a_trend_is_growth() {
        let near = |levels: &[f64], percent: f64| (growth_percent(levels) - percent).abs() < 1e-9;
        assert!(near(&[100.0, 100.0, 100.0], 0.0));
        assert!(near(&[95.0, 100.0, 105.0], 10.0));
        assert!(near(&[100.0, 130.0, 100.0], 0.0));
    }
}
