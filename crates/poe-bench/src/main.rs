//! Measures poe from outside, on the machine it runs on.
//!
//! `load` sends, `ceiling` takes what is sent and only parses it, `probe` waits for a frame to show in the
//! table, and `run` puts them beside the real server and writes down how it did against its targets.
//! `hot-path` and `instructions` measure the inside: how many instructions one frame costs.

mod ceiling;
mod failure;
mod hot_path;
mod instructions;
mod json;
mod load;
mod probe;
mod run;
mod stats;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Send frames as many nodes at once
    Load(load::Load),
    /// Serve a port by parsing and nothing else: what this machine can do at most
    Ceiling(ceiling::Ceiling),
    /// Measure from the frame to the row that another process sees
    Probe(probe::Probe),
    /// Run the server against its targets and write a table
    Run(run::Run),
    /// Take frames through the code that every frame passes, to be counted from outside
    HotPath(hot_path::HotPath),
    /// Count the instructions that a frame costs, under valgrind, and hold them to their bounds
    Instructions(instructions::Instructions),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Load(load) => load.run(),
        Command::Ceiling(ceiling) => ceiling.run(),
        Command::Probe(probe) => probe.run(),
        Command::Run(run) => run.run(),
        Command::HotPath(hot_path) => hot_path.run(),
        Command::Instructions(instructions) => instructions.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {}", failure.chain());
            ExitCode::FAILURE
        }
    }
}
