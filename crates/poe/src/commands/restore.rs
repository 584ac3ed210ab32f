//! `poe restore`: a backup put back, while no server runs.

use super::{Done, ask, backup::with_table};
use crate::process;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use poe::config;
use poe_store::{DataFolder, Manifest, restore};
use std::{
    fs::File,
    io::{BufReader, Write, stderr},
    path::PathBuf,
};

pub(crate) fn command() -> Command {
    let from = Arg::new("FROM").required(true).value_parser(value_parser!(PathBuf));
    let force = Arg::new("force").long("force").action(ArgAction::SetTrue);
    let command = Command::new("restore")
        .about("Check a backup from end to end, and put it back while no server runs")
        .after_help("The backup brings the whole file of the table back, with whatever else was in it.")
        .arg(from.help("The file that `poe backup` has made"))
        .arg(force.help("Move what is there into a folder before-restore-<time>; nothing is deleted"));
    ask::of_folder(with_table(command))
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    let config = config::load(matches, super::environment())?.config;
    let from = matches.get_one::<PathBuf>("FROM").expect("FROM is required");
    let failed = |cause: &dyn std::fmt::Display| format!("'{}': {cause}", from.display());
    let mut archive = BufReader::with_capacity(1 << 20, File::open(from).map_err(|cause| failed(&cause))?);
    let folder = DataFolder::lock(&config.data_dir)?;
    let restored = restore(&folder, &config.db_path(), &mut archive, matches.get_flag("force"));
    let restored = restored.map_err(|error| match error {
        poe_store::RestoreError::Archive(cause) => failed(&cause),
        error => error.to_string(),
    })?;
    let Manifest { made, table, nodes, sensors, last_seq, journal_fault, warnings, .. } = &restored.manifest;
    for warning in journal_fault.iter().chain(warnings) {
        // It was so when the backup was made.
        writeln!(stderr(), "warning: {warning}").ok();
    }
    if *table != config.table {
        let told = format!("the table is called {table}: give that to the server, too (--table {table})");
        writeln!(stderr(), "warning: {told}").ok();
    }
    let aside = restored.aside.map(|folder| format!("; what was there is in {}", folder.display()));
    Ok(process::print(&format!(
        "restored as of {made}: {nodes} nodes, {sensors} sensors, every entry up to {last_seq}{}\n",
        aside.unwrap_or_default()
    ))?)
}
