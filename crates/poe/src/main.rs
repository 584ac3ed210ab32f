//! The program `poe`.

mod commands;
mod console;
mod demo;
mod memory;
mod process;

use clap::Command;
use std::{
    io::{Write, stderr},
    process::ExitCode,
};

fn main() -> ExitCode {
    let matches = program().get_matches();
    let done = match matches.subcommand() {
        Some(("serve", matches)) => commands::serve::run(matches),
        Some(("simulate", matches)) => commands::simulate::run(matches),
        Some(("config", matches)) => commands::config::run(matches),
        Some(("console", matches)) => commands::console::run(matches),
        Some(("building", matches)) => commands::building::run(matches),
        Some(("alarms", matches)) => commands::alarms::run(matches),
        Some(("events", matches)) => commands::events::run(matches),
        Some(("history", matches)) => commands::history::run(matches),
        Some(("export", matches)) => commands::export::run(matches),
        Some(("import", matches)) => commands::import::run(matches),
        Some(("zones", matches)) => commands::zones::run(matches),
        Some(("sensors", matches)) => commands::sensors::run(matches),
        Some(("node", matches)) => commands::node::run(matches),
        Some(("nodes", matches)) => commands::nodes::run(matches),
        Some(("notify", matches)) => commands::notify::run(matches),
        Some(("token", matches)) => commands::token::run(matches),
        Some(("user", matches)) => commands::user::run(matches),
        Some(("tls", matches)) => commands::tls::run(matches),
        Some(("backup", matches)) => commands::backup::run(matches),
        Some(("restore", matches)) => commands::restore::run(matches),
        Some(("doctor", matches)) => commands::doctor::run(matches),
        Some(("verify", matches)) => commands::verify::run(matches),
        Some(("completions", matches)) => commands::completions::run(matches, program()),
        Some(("man", matches)) => commands::man::run(matches, program()),
        other => unreachable!("a subcommand is required, and {other:?} is none of them"),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let told: String = error.to_string().lines().map(|line| format!("error: {line}\n")).collect();
            // Nobody may be listening; the exit status tells, too.
            stderr().write_all(told.as_bytes()).ok();
            ExitCode::FAILURE
        }
    }
}

fn program() -> Command {
    Command::new("poe")
        .version(env!("CARGO_PKG_VERSION"))
        .about("The server that a building's sensor nodes deserve")
        .after_help("Supplementary monitoring, not a listed fire alarm system.")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(commands::serve::command())
        .subcommand(commands::simulate::command())
        .subcommand(commands::config::command())
        .subcommand(commands::console::command())
        .subcommand(commands::building::command())
        .subcommand(commands::alarms::command())
        .subcommand(commands::events::command())
        .subcommand(commands::history::command())
        .subcommand(commands::export::command())
        .subcommand(commands::import::command())
        .subcommand(commands::zones::command())
        .subcommand(commands::sensors::command())
        .subcommand(commands::node::command())
        .subcommand(commands::nodes::command())
        .subcommand(commands::notify::command())
        .subcommand(commands::token::command())
        .subcommand(commands::user::command())
        .subcommand(commands::tls::command())
        .subcommand(commands::backup::command())
        .subcommand(commands::restore::command())
        .subcommand(commands::doctor::command())
        .subcommand(commands::verify::command())
        .subcommand(commands::completions::command())
        .subcommand(commands::man::command())
}
