//! `poe alarms ack`, `silence`, `reset`, `shelve`, `unshelve` and `emergency`: what a person does about an alarm.

use crate::{
    commands::{
        Done,
        ask::{self, needed, told},
    },
    process,
};
use clap::{Arg, ArgMatches, Command, value_parser};
use poe_building::Role;
use serde_json::{Value, json};

pub(super) fn commands() -> [Command; 6] {
    let id = || Arg::new("ID").required(true).value_parser(value_parser!(u64)).help("The alarm's number");
    let needed = |name: &'static str, help: &'static str| Arg::new(name).required(true).help(help);
    [
        Command::new("ack").visible_alias("acknowledge").about("Say that you have seen it").arg(id()),
        Command::new("silence").about("End its sound, and nothing else").arg(id()),
        Command::new("reset").about("Release it, once its condition is gone").arg(id()),
        Command::new("shelve").about("Keep it quiet for a while").arg(id()).arg(minutes()).arg(reason()),
        Command::new("unshelve").about("Let it speak again").arg(id()),
        Command::new("emergency")
            .about("Raise an alarm by hand")
            .arg(needed("KIND", "fire, extreme-weather, active-shooter or public-safety"))
            .arg(needed("ZONE", "The place, as the building names it"))
            .arg(Arg::new("NOTE").num_args(1..).help("What else there is to say")),
    ]
}

pub(super) fn minutes() -> Arg {
    Arg::new("MINUTES").required(true).value_parser(value_parser!(u64)).help("For how long")
}

pub(super) fn reason() -> Arg {
    Arg::new("REASON").required(true).num_args(1..).help("Why; the journal keeps it")
}

/// What was written as one text or as several words.
pub(super) fn sentence(matches: &ArgMatches, name: &str) -> String {
    let words = matches.get_many::<String>(name).into_iter().flatten();
    words.map(String::as_str).collect::<Vec<_>>().join(" ")
}

pub(super) fn run(name: &str, matches: &ArgMatches) -> Done {
    let server = ask::server(matches)?;
    let answer = if name == "emergency" {
        let kind = needed(matches, "KIND").replace('-', "_");
        let fields =
            json!({ "kind": kind, "zone": needed(matches, "ZONE"), "note": sentence(matches, "NOTE") });
        server.post("/api/v1/emergencies", Some(&fields))
    } else {
        let id = matches.get_one::<u64>("ID").expect("clap asks for what is required");
        let what = if name == "ack" { "acknowledge" } else { name };
        let fields = (name == "shelve").then(
            || json!({ "minutes": matches.get_one::<u64>("MINUTES"), "reason": sentence(matches, "REASON") }),
        );
        server.post(&format!("/api/v1/alarms/{id}/{what}"), fields.as_ref())
    };
    let alarm = answer.map_err(ask::failed_for(Role::Operator))?;
    if matches.get_flag("json") {
        return Ok(ask::print_json(&alarm)?);
    }
    Ok(process::print(&outcome(name, &alarm))?)
}

/// How the alarm is now.
fn outcome(name: &str, alarm: &Value) -> String {
    let mut now = told(alarm, "state");
    if name == "silence" {
        now.push_str(", silent");
    }
    if !alarm["suppressed"].is_null() {
        now = format!("{now}, {}", told(alarm, "suppressed"));
    }
    let slow = if alarm["committed"] == false { " (not yet stored: the disk is slow)" } else { "" };
    let (id, message, source) = (told(alarm, "id"), told(alarm, "message"), ask::source(alarm));
    format!("alarm {id} is {now}: {message}, {source}{slow}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_says_how_the_alarm_is_then() {
        let mut alarm = json!({
            "id": 7, "state": "unacknowledged", "message": "dense smoke", "source": "10.0.0.7_8",
            "suppressed": null, "committed": true,
        });
        let said = "alarm 7 is unacknowledged, silent: dense smoke, 10.0.0.7_8\n";
        assert_eq!(outcome("silence", &alarm), said);
        (alarm["suppressed"], alarm["committed"]) = (json!("shelved"), json!(false));
        let said = "alarm 7 is unacknowledged, shelved: dense smoke, 10.0.0.7_8 (not yet stored: the disk is slow)\n";
        assert_eq!(outcome("shelve", &alarm), said);
    }
}
