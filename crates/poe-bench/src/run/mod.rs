//! Runs the server against its targets, beside the ceiling, and writes down how it did.

mod backup;
mod client;
mod commits;
mod crowd;
mod deadline;
mod history;
mod hundred;
mod lab;
mod latency;
mod live;
mod machine;
mod memory;
mod process;
mod report;
mod resting;
mod sensors;
mod server;
mod siege;
mod startup;
mod table;
mod throughput;
mod verify;

use crate::failure::{Doing, Failure};
use lab::Lab;
use report::Row;
use std::path::PathBuf;
use std::{env, fs};

/// A target, or a few that one measurement answers.
struct Bar {
    name: &'static str,
    measure: fn(&Lab) -> Result<Vec<Row>, Failure>,
}

const BARS: [Bar; 31] = [
    Bar { name: "durable-84", measure: |lab| throughput::measure(lab, &throughput::BURSTS) },
    Bar { name: "durable-single", measure: |lab| throughput::measure(lab, &throughput::SINGLE_FRAMES) },
    Bar { name: "durable-1k", measure: |lab| throughput::measure(lab, &throughput::KIBIBYTES) },
    Bar { name: "idle", measure: resting::measure },
    Bar { name: "crowd", measure: crowd::measure },
    Bar { name: "latency-status", measure: latency::of_a_status_change },
    Bar { name: "latency-reading", measure: latency::of_any_reading },
    Bar { name: "deadline-idle", measure: deadline::in_quiet },
    Bar { name: "deadline", measure: deadline::with_a_campus },
    Bar { name: "deadline-at-once", measure: deadline::all_at_once },
    Bar { name: "deadline-saturated", measure: deadline::while_saturated },
    Bar { name: "deadline-hectic", measure: deadline::while_every_reading_is_an_event },
    Bar { name: "deadline-stalled", measure: deadline::while_everything_stalls },
    Bar { name: "journal-verify", measure: verify::measure },
    Bar { name: "start-empty", measure: startup::on_an_empty_folder },
    Bar { name: "start-known", measure: startup::with_known_sensors },
    Bar { name: "hundred-nodes", measure: hundred::measure },
    Bar { name: "live-idle", measure: live::in_quiet },
    Bar { name: "live-crowd", measure: live::in_a_crowd },
    Bar { name: "live-stalled", measure: live::beside_stalled_readers },
    Bar { name: "sensors-page", measure: sensors::of_a_page },
    Bar { name: "sensors-all", measure: sensors::of_all },
    Bar { name: "sensors-pollers", measure: sensors::with_pollers },
    Bar { name: "siege", measure: siege::measure },
    Bar { name: "backup", measure: backup::measure },
    Bar { name: "history-ingest", measure: history::ingest },
    Bar { name: "history-day", measure: history::day },
    Bar { name: "history-queries", measure: history::queries },
    Bar { name: "history-flat", measure: history::flat },
    Bar { name: "history-start", measure: history::start },
    Bar { name: "history-all", measure: history::all },
];

/// Measure the server and write a table of its figures and targets.
#[derive(clap::Args)]
pub struct Run {
    /// Only these bars
    #[arg(long, value_delimiter = ',', value_name = "NAME", value_parser = names())]
    only: Vec<String>,
    /// How often the server and the ceiling take turns; the middle round counts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    rounds: u32,
    /// The program to measure [default: `poe` beside this one]
    #[arg(long)]
    server: Option<PathBuf>,
    /// Where the data folders go while the server runs: a real disk, as durability is measured
    #[arg(long, default_value_os_t = env::temp_dir())]
    dir: PathBuf,
    /// A trial of the bars of the history: a part of their time and of their readings, one of so many
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    brief: u32,
    /// Keep the folders with stored readings in DIR, and use those that are there
    #[arg(long)]
    keep: bool,
    /// Write the table to this file also
    #[arg(long)]
    out: Option<PathBuf>,
}

impl Run {
    pub fn run(&self) -> Result<(), Failure> {
        let mut lab = Lab::new(self.server.clone(), self.dir.clone(), self.rounds)?;
        (lab.brief, lab.keep) = (self.brief, self.keep);
        let mut rows = Vec::new();
        for bar in BARS.iter().filter(|bar| self.wants(bar.name)) {
            eprintln!("{} ...", bar.name);
            // One bar that cannot be measured does not hide the others.
            let measured =
                (bar.measure)(&lab).unwrap_or_else(|failure| vec![Row::failed(bar.name, &failure.chain())]);
            measured.iter().for_each(|row| eprintln!("{row}"));
            rows.extend(measured);
        }
        let page = report::page(&machine::describe(&self.dir), &rows);
        print!("{page}");
        if let Some(path) = &self.out {
            fs::write(path, page).doing(|| format!("write the table to {}", path.display()))?;
        }
        match rows.iter().filter(|row| row.is_failed()).count() {
            0 => Ok(()),
            count => Err(Failure::new(format!("{count} of {} figures could not be measured", rows.len()))),
        }
    }

    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == name)
    }
}

fn names() -> clap::builder::PossibleValuesParser {
    BARS.iter().map(|bar| bar.name).collect::<Vec<_>>().into()
}
