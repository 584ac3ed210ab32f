//! How long it takes to walk along a whole journal.

use super::lab::Lab;
use super::process::Process;
use super::report::{Row, Target};
use crate::failure::{Doing, Failure};
use crate::stats::median;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const ENTRIES: u32 = 1_000_000;
/// What writes them: an example of the store, since no server can be made to write so many in a reasonable time.
const WRITER: &str = "examples/journal_speed";
const WRITING_MAX: Duration = Duration::from_secs(240);

pub fn measure(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let folder = lab.folder()?;
    let data = journal(lab, folder.path())?;
    let mut took_s = Vec::new();
    for _ in 0..lab.rounds {
        let began = Instant::now();
        let output = lab.command("verify").arg("--data-dir").arg(&data).output();
        let output = output.doing(|| "start poe verify".into())?;
        took_s.push(began.elapsed().as_secs_f64());
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(Failure::new(format!("poe verify is not content: {}", said.trim())));
        }
    }
    let middle = median(&took_s);
    let slowest = took_s.iter().copied().fold(0.0, f64::max);
    let figure = format!("{middle:.2} s (slowest of {} {slowest:.2})", took_s.len());
    Ok(vec![Row::new("`poe verify`, 1,000,000 entries", figure, middle, Target::AtMost(5.0), " s")])
}

/// A data folder with such a journal.
fn journal(lab: &Lab, folder: &Path) -> Result<PathBuf, Failure> {
    let program = lab.program(WRITER).map_err(|failure| {
        let hint = "try `cargo build --release -p poe-store --example journal_speed` first";
        Failure::new(format!("{}; {hint}", failure.chain()))
    })?;
    let mut command = Command::new(program);
    command.arg(ENTRIES.to_string()).env("TMPDIR", folder);
    let writer = Process::start("writer of the journal", &mut command)?;
    // Everything is stored and closed by then. Ended here, it has no time to clear away what it wrote.
    writer.line(&format!("{} entries verified", ENTRIES + 1_000), WRITING_MAX)?;
    writer.stop(Duration::from_secs(5))?;
    let entries = fs::read_dir(folder).doing(|| format!("read {}", folder.display()))?;
    let made = entries.flatten().map(|entry| entry.path()).find(|path| path.join("state.db").exists());
    made.ok_or_else(|| Failure::new("the writer has left no journal"))
}
