//! `poe simulate --scenario`: a story, and whether what came of it was expected.

use super::{
    super::Done,
    live::{Journal, Sockets},
    resolve,
};
use crate::process;
use clap::{ArgMatches, parser::ValueSource};
use poe::building_file::{self, FileError};
use poe_building::Model;
use poe_sim::scenario::{BuildingText, Clock, Mistake, PureBuilding, Scenario, Seen, Witness};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A story is read by people: what is longer is some other file.
const STORY_BYTES_MAX: u64 = 4 << 20;

pub(super) fn run(path: &Path, matches: &ArgMatches) -> Done {
    let scenario = read(path)?;
    let seed = *matches.get_one("seed").expect("it has a default");
    let server = (matches.value_source("target") == Some(ValueSource::CommandLine))
        .then(|| matches.get_one::<String>("target"))
        .flatten();
    let data_dir = matches.get_one::<PathBuf>("data-dir").map(PathBuf::as_path);
    let asserts = matches.get_flag("assert");
    let in_file = |mistakes: Vec<Mistake>| told(path, &mistakes);
    let seen = match server {
        None if data_dir.is_some() => {
            return Err("--data-dir tells where a server keeps its journal: give --connect, too".into());
        }
        None => {
            let mut building = PureBuilding::new(scenario.model());
            scenario.play(seed, &mut building).map_err(in_file)?;
            building.seen()?
        }
        Some(_) if asserts && data_dir.is_none() => {
            return Err(
                "what came of the story is in the server's journal: say where, with --data-dir".into()
            );
        }
        Some(server) => {
            let target = resolve(server)?;
            poe_sim::raise_descriptor_limit()?;
            let mut journal = data_dir.map(|folder| Journal::open(folder, target, &scenario)).transpose()?;
            let mut sockets = Sockets::new(target);
            scenario.play(seed, &mut sockets).map_err(in_file)?;
            if let Some(failure) = sockets.failure() {
                return Err(failure.into());
            }
            match &mut journal {
                Some(journal) => journal.seen()?,
                None => return Ok(()),
            }
        }
    };
    if asserts { judge(path, seed, matches, &scenario, &seen) } else { show(&seen) }
}

/// What came of the story, a line for each entry of the journal.
fn show(seen: &[Seen]) -> Done {
    let lines: String = seen.iter().map(|seen| format!("{seen}\n")).collect();
    Ok(process::print(&lines)?)
}

fn judge(path: &Path, seed: u64, matches: &ArgMatches, scenario: &Scenario, seen: &[Seen]) -> Done {
    let failures = scenario.judge(seen);
    let expectations = scenario.expectations();
    if failures.is_empty() {
        let length = Clock(scenario.length());
        let told =
            format!("{}: {expectations} of {expectations} hold, {length}, seed {seed}\n", path.display());
        return Ok(process::print(&told)?);
    }
    let mut text = String::new();
    for failure in &failures {
        text += &format!("{}:{}: {}\n", path.display(), failure.line, failure.expected);
        failure.came.iter().for_each(|line| text += &format!("    {line}\n"));
    }
    text += &format!("{} of {expectations} expectations did not hold; to see it again:\n", failures.len());
    text += &format!("    poe simulate --scenario {} --seed {seed} --assert", path.display());
    for (flag, id) in [("--connect", "target"), ("--data-dir", "data-dir")] {
        if matches.value_source(id) == Some(ValueSource::CommandLine)
            && let Some(value) = matches.get_raw(id).and_then(|mut values| values.next())
        {
            text += &format!(" {flag} {}", Path::new(value).display());
        }
    }
    Err(text.into())
}

/// Reads a story, and the building that it takes place in.
fn read(path: &Path) -> Result<Scenario, String> {
    let text = text_of(path)?;
    Scenario::parse(&text, &mut |building| load(path, building)).map_err(|mistakes| told(path, &mistakes))
}

fn load(story: &Path, building: BuildingText<'_>) -> Result<Model, Vec<Mistake>> {
    match building {
        BuildingText::Inline(text) => building_file::parse(text, "").map_err(|errors| {
            let mistake = |FileError { line, key, what, .. }: FileError| match key.as_str() {
                "" => Mistake::new(line, what),
                key => Mistake::new(line, format!("{key}: {what}")),
            };
            errors.into_iter().map(mistake).collect()
        }),
        BuildingText::File { name, line } => {
            let path = story.parent().unwrap_or(Path::new(".")).join(name);
            let text = text_of(&path).map_err(|why| vec![Mistake::new(line, why)])?;
            building_file::parse(&text, &path.display().to_string()).map_err(|errors| {
                errors.into_iter().map(|error| Mistake::new(line, error.to_string())).collect()
            })
        }
    }
}

fn text_of(path: &Path) -> Result<String, String> {
    let told = |cause: &dyn std::fmt::Display| format!("could not read '{}': {cause}", path.display());
    let length = fs::metadata(path).map_err(|cause| told(&cause))?.len();
    if length > STORY_BYTES_MAX {
        return Err(told(&format_args!("it is longer than {STORY_BYTES_MAX} bytes; is it the right file?")));
    }
    fs::read_to_string(path).map_err(|cause| told(&cause))
}

/// Everything that is wrong, as editors find it: file, line, what.
fn told(path: &Path, mistakes: &[Mistake]) -> String {
    let line = |mistake: &Mistake| format!("{}:{}: {}", path.display(), mistake.line, mistake.what);
    mistakes.iter().map(line).collect::<Vec<_>>().join("\n")
}
