//! Counts the instructions of the hot path under valgrind, and holds them to the committed bounds.

use crate::failure::{Doing, Failure};
use crate::hot_path::Kind;
use std::env;
use std::process::{Command, Stdio};

/// `KIND BOUND` on each line. It is a ratchet: lower it when the code has become cheaper.
const BOUNDS: &str = include_str!("../instructions.txt");
/// Two counts far enough apart that what is done once cancels out.
const FEW_FRAMES: u64 = 210_000;
const MANY_FRAMES: u64 = 630_000;

/// Report instructions per frame, and fail when a bound is passed.
#[derive(clap::Args)]
pub struct Instructions {}

impl Instructions {
    #[expect(clippy::unused_self, reason = "every command has this face")]
    pub fn run(&self) -> Result<(), Failure> {
        let mut too_many = Vec::new();
        for kind in Kind::ALL {
            let (few, many) = (count(kind, FEW_FRAMES)?, count(kind, MANY_FRAMES)?);
            let per_frame = many.saturating_sub(few) as f64 / (MANY_FRAMES - FEW_FRAMES) as f64;
            let bound = bound(kind)?;
            println!("{kind}: {per_frame:.1} instructions per frame, at most {bound}");
            if per_frame > bound {
                too_many.push(kind.to_string());
            }
        }
        if too_many.is_empty() {
            Ok(())
        } else {
            Err(Failure::new(format!(
                "a frame costs more than instructions.txt allows: {}",
                too_many.join(", ")
            )))
        }
    }
}

fn bound(kind: Kind) -> Result<f64, Failure> {
    BOUNDS
        .lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(name, _)| *name == kind.to_string())
        .and_then(|(_, bound)| bound.trim().parse().ok())
        .ok_or_else(|| Failure::new(format!("instructions.txt has no bound for {kind}")))
}

/// All instructions of one run of the hot path.
fn count(kind: Kind, frames: u64) -> Result<u64, Failure> {
    let program = env::current_exe().doing(|| "find this program".into())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(["hot-path", "--kind", &kind.to_string(), "--frames", &frames.to_string()])
        .stdout(Stdio::null())
        .output()
        .doing(|| "start valgrind; is it installed?".into())?;
    let report = String::from_utf8_lossy(&output.stderr);
    report
        .lines()
        .find_map(|line| line.split_once("Collected :"))
        .and_then(|(_, count)| count.trim().parse().ok())
        .ok_or_else(|| Failure::new(format!("valgrind counted nothing; it said: {report}")))
}
