//! `poe notify`: who is told, and whether it gets through.

use super::{
    Done,
    ask::{self, clock, needed, told},
};
use crate::{
    console::{
        plain::plain,
        table::{Column, whole_table},
        when::When,
    },
    process,
};
use clap::{Arg, ArgMatches, Command};
use poe_api::client::{Client, ClientError, escaped};
use poe_building::Role;
use serde_json::{Value, json};
use std::{
    thread,
    time::{Duration, Instant},
};

/// A mail server may take some seconds; a longer wait helps nobody at a screen.
const OUTCOME_WITHIN: Duration = Duration::from_secs(15);
/// How often the journal is asked.
const ASK_EVERY: Duration = Duration::from_millis(100);

pub(crate) fn command() -> Command {
    let target = Arg::new("TARGET").required(true).help("The target, as the building names it");
    let command = Command::new("notify")
        .about("Show who is told, and try whether it gets through")
        .subcommand(Command::new("list").about("Show the targets; the same as without a word"))
        .subcommand(Command::new("test").about("Send a test, and say what becomes of it").arg(target));
    ask::with_json(ask::of_server(command))
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    match matches.subcommand() {
        Some(("test", matches)) => test(matches),
        Some((_, matches)) => list(matches),
        None => list(matches),
    }
}

fn list(matches: &ArgMatches) -> Done {
    let targets = ask::server(matches)?.get("/api/v1/targets").map_err(ask::failed)?;
    if matches.get_flag("json") {
        return Ok(ask::print_json(&targets)?);
    }
    Ok(process::print(&table(ask::items(&targets), &When::now()))?)
}

fn table(targets: &[Value], when: &When) -> String {
    if targets.is_empty() {
        return "nobody is told of anything: the building has no targets\n".to_owned();
    }
    let columns = [
        Column::Text("target"),
        Column::Text("by"),
        Column::Number("waiting"),
        Column::Number("sent"),
        Column::Number("failed"),
        Column::Number("dead"),
        Column::Text("last success"),
        Column::Text("last error"),
    ];
    let rows = targets.iter().map(|target| {
        let error = match target["last_error"].as_str() {
            Some(error) => format!("{} {}", clock(target, "last_error_at", when), plain(error)),
            None => "-".to_owned(),
        };
        [
            told(target, "name"),
            told(target, "delivery"),
            told(target, "waiting"),
            told(target, "sent"),
            told(target, "failed"),
            told(target, "dead"),
            clock(target, "last_success", when),
            error,
        ]
    });
    format!("{}\n", whole_table(&columns, rows))
}

/// What became of a test.
enum Outcome {
    Confirmed(Duration),
    Failed(String),
    Unknown,
}

fn test(matches: &ArgMatches) -> Done {
    let (server, target) = (ask::server(matches)?, needed(matches, "TARGET"));
    let begun = Instant::now();
    let under_way = server
        .post(&format!("/api/v1/targets/{}/test", escaped(target)), None)
        .map_err(ask::failed_for(Role::Engineer))?;
    let outcome = outcome(&server, ask::count(&under_way, "seq"), begun).map_err(ask::failed)?;
    if matches.get_flag("json") {
        let (said, why) = match &outcome {
            Outcome::Confirmed(_) => ("confirmed", None),
            Outcome::Failed(why) => ("failed", Some(why)),
            Outcome::Unknown => ("unknown", None),
        };
        ask::print_json(&json!({ "target": target, "outcome": said, "detail": why }))?;
    }
    match outcome {
        Outcome::Confirmed(_) if matches.get_flag("json") => Ok(()),
        Outcome::Confirmed(took) => {
            Ok(process::print(&format!("{} has it, after {} ms\n", plain(target), took.as_millis()))?)
        }
        Outcome::Failed(why) => {
            Err(format!("{} was not reached: {}; it is tried again", plain(target), plain(&why)).into())
        }
        Outcome::Unknown => {
            let why = last_error(&server, target).map(|why| format!("; last error: {why}"));
            let (target, within) = (plain(target), OUTCOME_WITHIN.as_secs());
            let why = why.unwrap_or_default();
            Err(format!("{target} has not confirmed within {within} s{why}; it is tried again").into())
        }
    }
}

/// Waits for the entry that tells of the notification which this entry promises.
fn outcome(server: &Client, promised: u64, begun: Instant) -> Result<Outcome, ClientError> {
    let mut key = None;
    let mut after = promised.saturating_sub(1);
    while begun.elapsed() < OUTCOME_WITHIN {
        let page = server.get(&format!("/api/v1/events?kind=notification&after={after}&limit=1000"))?;
        for entry in ask::items(&page) {
            after = ask::count(entry, "seq").max(after);
            let text = entry["text"].as_str().unwrap_or_default();
            if ask::count(entry, "seq") == promised {
                key = Some(text.to_owned());
            }
            let Some(rest) = key.as_deref().and_then(|key| text.strip_prefix(key)) else { continue };
            match entry["kind"].as_str() {
                Some("notification.confirmed") => return Ok(Outcome::Confirmed(begun.elapsed())),
                Some("notification.failed" | "notification.dead") => {
                    return Ok(Outcome::Failed(rest.trim_start_matches(": ").to_owned()));
                }
                _ => {}
            }
        }
        thread::sleep(ASK_EVERY);
    }
    Ok(Outcome::Unknown)
}

fn last_error(server: &Client, target: &str) -> Option<String> {
    let targets = server.get("/api/v1/targets").ok()?;
    let target = ask::items(&targets).iter().find(|known| known["name"] == target)?;
    target["last_error"].as_str().map(plain)
}
