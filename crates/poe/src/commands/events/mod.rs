//! `poe events`: the journal, of a running server or of one that was stopped, and what happens now.

mod follow;

use crate::{
    commands::{
        Done,
        ask::{self, clock, told},
        moment,
    },
    console::{
        plain::plain,
        table::{Column, whole_table},
        when::When,
    },
    process,
};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use jiff::Timestamp;
use poe_api::client::{ClientError, events_of_stopped};
use serde_json::{Value, json};
use std::error::Error;

/// What one question gets at most.
const ENTRIES_MAX: i64 = 1_000;
/// A screen full, for who does not say.
const LAST: &str = "50";

pub(crate) fn command() -> Command {
    let number = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("N").value_parser(value_parser!(u64)).help(help)
    };
    let word = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let time = |name: &'static str, help: &'static str| {
        word(name, "TIME", help).value_parser(moment::read).conflicts_with("follow")
    };
    let few = |arg: Arg| arg.value_parser(value_parser!(u64).range(1..=ENTRIES_MAX as u64));
    let follow = Arg::new("follow").long("follow").short('f').action(ArgAction::SetTrue);
    let command = Command::new("events")
        .about("Show the journal")
        .arg(number("after", "Those after entry N, the oldest first"))
        .arg(
            few(number("limit", "With --after or --from: at most so many; default 1000"))
                .conflicts_with("last"),
        )
        .arg(few(number("last", "The last N; 50 unless you say")).conflicts_with("after"))
        .arg(word("kind", "KIND", "Only this kind, such as alarm.raised, or all of a subject, such as alarm"))
        .arg(word("class", "CLASS", "Only what is about this class: alarm, supervisory or trouble"))
        .arg(word(
            "source",
            "SOURCE",
            "Only what is about this sensor, node, switch or place, and about all that stands in the place",
        ))
        .arg(word("who", "NAME", "Only what was brought about by this user, token or part of the server"))
        .arg(time(
            "from",
            "Only what was decided at this time or later, as in 2026-03-29 or 2026-03-29T14:00",
        ))
        .arg(time("to", "Only what was decided before this time"))
        .arg(follow.help("Go on with what happens from now on"));
    ask::with_json(ask::of_server(command))
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    if matches.get_flag("follow") {
        return follow::run(matches);
    }
    let journal = asked(matches)?;
    if matches.get_flag("json") {
        return Ok(ask::print_json(&journal)?);
    }
    Ok(process::print(&table(&journal, &When::now()))?)
}

/// The part of the journal that is wanted: from the server, or from its folder if it does not run.
fn asked(matches: &ArgMatches) -> Result<Value, Box<dyn Error>> {
    let number = |name| matches.get_one::<u64>(name).map(u64::to_string);
    let time = |name| matches.get_one::<Timestamp>(name).map(Timestamp::to_string);
    let (from, to) = (time("from"), time("to"));
    // Whoever says where it begins wants to read from there.
    let from_there = || (from.is_some() && !matches.contains_id("last")).then(|| "0".to_owned());
    let after = number("after").or_else(from_there);
    if after.is_none() && matches.contains_id("limit") {
        return Err("--limit goes with --after or --from; --last N shows the last N".into());
    }
    let (names, most) = match after {
        Some(_) => (["after", "limit"], number("limit").unwrap_or(ENTRIES_MAX.to_string())),
        None => (["before", "last"], number("last").unwrap_or(LAST.to_owned())),
    };
    let most = most.parse::<usize>()?;
    let (mut found, mut next) = (Vec::new(), after);
    // A server looks only so far into a long journal for one answer.
    loop {
        let left = (most - found.len()).to_string();
        let path = ask::path(
            "/api/v1/events",
            &[
                (names[0], next.as_deref()),
                (names[1], Some(&left)),
                ("kind", ask::word(matches, "kind")),
                ("class", ask::word(matches, "class")),
                ("source", ask::word(matches, "source")),
                ("who", ask::word(matches, "who")),
                ("from", from.as_deref()),
                ("to", to.as_deref()),
            ],
        );
        let page = asked_once(matches, &path)?;
        let items = ask::items(&page).iter().cloned();
        let at = if names[0] == "before" { 0 } else { found.len() };
        found.splice(at..at, items);
        next = page["next"].as_u64().map(|next| next.to_string());
        if next.is_none() || found.len() >= most {
            return Ok(json!({ "items": found, "next": page["next"] }));
        }
    }
}

fn asked_once(matches: &ArgMatches, path: &str) -> Result<Value, Box<dyn Error>> {
    match ask::server(matches)?.get(path) {
        Err(nobody @ ClientError::NoServer { .. }) => {
            let folder = ask::data_dir(matches)?;
            // Where there is no folder either, a server is what is missing.
            if folder.join("state.db").exists() {
                events_of_stopped(&folder, path).map_err(ask::failed)
            } else {
                Err(ask::failed(nobody))
            }
        }
        answer => answer.map_err(ask::failed),
    }
}

fn table(journal: &Value, when: &When) -> String {
    let entries = ask::items(journal);
    if entries.is_empty() {
        return "no such entry\n".to_owned();
    }
    let columns = [
        Column::Number("seq"),
        Column::Text("decided"),
        Column::Text("kind"),
        Column::Text("class"),
        Column::Text("source"),
        Column::Text("rule"),
        Column::Number("value"),
        Column::Text("state"),
        Column::Text("who"),
        Column::Text("text"),
    ];
    let rows = entries.iter().map(|entry| {
        [
            told(entry, "seq"),
            clock(entry, "decided", when),
            told(entry, "kind"),
            told(entry, "class"),
            told(entry, "source"),
            told(entry, "rule"),
            told(entry, "value"),
            told(entry, "state"),
            who(entry),
            told(entry, "text"),
        ]
    });
    let table = whole_table(&columns, rows);
    match journal["next"].as_u64() {
        Some(next) => format!("{table}\nthere may be more: `poe events --after {next}`\n"),
        None => format!("{table}\n"),
    }
}

fn who(entry: &Value) -> String {
    match (entry["who"]["name"].as_str(), entry["who"]["origin"].as_str()) {
        (Some(name), Some(origin)) => plain(&format!("{name}, {origin}")),
        _ => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_table_tells_who_did_what_and_how_to_see_more() {
        let journal = json!({
            "items": [
                { "seq": 7, "decided": "2026-03-29T14:03:01.250Z", "kind": "alarm.raised", "class": "alarm",
                  "source": "10.0.0.7_8", "rule": "smoke", "value": 210, "state": "unacknowledged", "text": "dense smoke" },
                { "seq": 8, "decided": "2026-03-29T14:03:05.000Z", "kind": "alarm.acknowledged",
                  "class": "alarm", "source": "10.0.0.7_8", "state": "acknowledged", "text": "",
                  "who": { "name": "anna", "origin": "socket" } },
            ],
            "next": 8,
        });
        expect_test::expect![[r#"
            seq  decided   kind                class  source      rule   value  state           who           text
              7  14:03:01  alarm.raised        alarm  10.0.0.7_8  smoke    210  unacknowledged  -             dense smoke
              8  14:03:05  alarm.acknowledged  alarm  10.0.0.7_8  -          -  acknowledged    anna, socket  -
            there may be more: `poe events --after 8`
        "#]].assert_eq(&table(&journal, &When::spring()));
    }
}
