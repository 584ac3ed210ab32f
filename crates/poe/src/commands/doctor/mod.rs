//! `poe doctor`: what is wrong, and what to do.
//!
//! It only looks: nothing is changed, and a server that runs is not disturbed.

mod certificate;
mod files;
mod folder;
mod journal;
mod listening;
mod network;
mod people;
mod report;
mod server;
mod system;

use super::{Done, ask};
use crate::process;
use clap::{ArgMatches, Command};
use poe::config::{self, Loaded};
use report::{Check, Report, State};
use server::Running;

pub(crate) fn command() -> Command {
    let command = Command::new("doctor")
        .about("Say what is wrong with a server, its data and its machine, and what to do");
    let command = command
        .after_help("Nothing is changed. The exit status is 1 if there is a problem; warnings leave it 0.");
    ask::with_json(super::backup::with_table(ask::of_folder(command)))
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    let report = match config::load(matches, super::environment()) {
        Ok(loaded) => examine(&loaded),
        Err(error) => {
            let mut report = Report::default();
            let told = error.to_string().lines().collect::<Vec<_>>().join("; ");
            let cure = "mend that and ask again: nothing else can be looked at; `poe config example` explains every setting";
            report.add([Check::problem("configuration", told, cure)]);
            report
        }
    };
    if matches.get_flag("json") {
        ask::print_json(&report.json())?;
    } else {
        process::print(&report.text())?;
    }
    match report.count(State::Problem) {
        0 => Ok(()),
        1 => Err("there is a problem".into()),
        problems => Err(format!("there are {problems} problems").into()),
    }
}

/// Everything, in the order in which a person would look: what is not there cannot be damaged.
fn examine(loaded: &Loaded) -> Report {
    let config = &loaded.config;
    let mut report = Report::default();
    report.add(configuration(loaded));
    report.add(folder::check(config));
    let running = Running::find(config);
    report.add(running.check());
    if config.data_dir.join("state.db").exists() {
        report.add(files::check(config));
        report.add(journal::check(config));
        report.add(people::check(config, &running));
    }
    report.add(folder::leftovers(config, &running));
    report.add(network::check(loaded, &running));
    report.add(certificate::check(loaded));
    report.add(system::check(config, &running));
    report
}

fn configuration(loaded: &Loaded) -> Vec<Check> {
    const NAME: &str = "configuration";
    if loaded.warnings.is_empty() {
        let given = match loaded.origins.len() {
            0 => "no setting was given: each has its default".to_owned(),
            1 => "1 setting was given; the others have their defaults".to_owned(),
            given => format!("{given} settings were given; the others have their defaults"),
        };
        return vec![Check::ok(NAME, given)];
    }
    let odd = |warning: &String| Check::warning(NAME, warning, "take it away, or write what was meant");
    loaded.warnings.iter().map(odd).collect()
}
