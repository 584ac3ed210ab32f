//! `poe alarms`: what is signalled now, and what people do about it.

mod order;
mod quiet;

use crate::{
    commands::{
        Done,
        ask::{self, clock, told},
        pages::Pages,
    },
    console::{
        table::{Column, counted, whole_table},
        when::When,
    },
    process,
};
use clap::{Arg, ArgMatches, Command};
use serde_json::Value;

pub(crate) fn command() -> Command {
    let filter = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let command = Command::new("alarms")
        .about("Show what is signalled now; acknowledge, silence, reset and shelve it")
        .arg(filter("state", "STATE", "Only those in this state, such as unacknowledged"))
        .arg(filter("class", "CLASS", "Only those of this class: alarm, supervisory or trouble"))
        .arg(filter("source", "SOURCE", "Only those of this sensor, node or switch, or in this place"))
        .subcommands(order::commands())
        .subcommands(quiet::commands());
    ask::with_json(ask::of_server(command))
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    match matches.subcommand() {
        None => list(matches),
        Some((name @ ("suppressions" | "out-of-service" | "in-service"), matches)) => {
            quiet::run(name, matches)
        }
        Some((name, matches)) => order::run(name, matches),
    }
}

fn list(matches: &ArgMatches) -> Done {
    let filters = ["state", "class", "source"].map(|name| (name, ask::word(matches, name)));
    let server = ask::server(matches)?;
    let pages = Pages::of(&server, &ask::path("/api/v1/alarms", &filters));
    let alarms = pages.whole().map_err(ask::failed)?;
    if matches.get_flag("json") {
        return Ok(ask::print_json(&alarms)?);
    }
    let is_filtered = filters.iter().any(|(_, value)| value.is_some());
    Ok(process::print(&table(ask::items(&alarms), is_filtered, &When::now()))?)
}

fn table(alarms: &[Value], is_filtered: bool, when: &When) -> String {
    if alarms.is_empty() {
        let such = if is_filtered { "no such alarm" } else { "no alarm" };
        return format!("{such}: nothing asks for anybody\n");
    }
    let columns = [
        Column::Number("id"),
        Column::Text("class"),
        Column::Text("state"),
        Column::Text("since"),
        Column::Text("source"),
        Column::Text("place"),
        Column::Number("value"),
        Column::Text("message"),
        Column::Text("acknowledged by"),
    ];
    let rows = alarms.iter().map(|alarm| {
        [
            told(alarm, "id"),
            told(alarm, "class"),
            state(alarm),
            clock(alarm, "since", when),
            ask::source(alarm),
            told(alarm, "place"),
            value(alarm),
            told(alarm, "message"),
            told(alarm, "acknowledged_by"),
        ]
    });
    let unacknowledged =
        alarms.iter().filter(|alarm| alarm["state"].as_str().is_some_and(|state| state.contains("unack")));
    let quiet = alarms.iter().filter(|alarm| !alarm["suppressed"].is_null());
    let (unacknowledged, quiet) = (unacknowledged.count(), quiet.count());
    let shown = counted(alarms.len(), "alarm");
    let table = whole_table(&columns, rows);
    format!("{table}\n{shown}, {unacknowledged} unacknowledged, {quiet} kept quiet\n")
}

/// The state, with what else there is to know of it.
fn state(alarm: &Value) -> String {
    let mut state = told(alarm, "state");
    for (field, word) in [("stale", "stale"), ("first_out", "first")] {
        if alarm[field] == true {
            state = format!("{state}, {word}");
        }
    }
    if !alarm["suppressed"].is_null() {
        state = format!("{state}, {}", told(alarm, "suppressed"));
    }
    if alarm["committed"] == false {
        state.push_str(", not yet stored");
    }
    state
}

fn value(alarm: &Value) -> String {
    match alarm["unit"].as_str() {
        Some(unit) if !unit.is_empty() => format!("{} {unit}", told(alarm, "value")),
        _ => told(alarm, "value"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_table_says_what_there_is_to_do_and_moves_no_cursor() {
        let smoke = json!({
            "id": 7, "class": "alarm", "state": "unacknowledged", "since": "2026-03-29T14:03:01.250Z",
            "source": "10.0.0.7_8", "source_name": "stove\u{1b}[2J", "place": "kitchen", "value": 210,
            "unit": "", "message": "dense smoke", "acknowledged_by": null, "first_out": true,
            "suppressed": null, "committed": true,
        });
        let heat = json!({
            "id": 9, "class": "supervisory", "state": "acknowledged", "since": "2026-03-28T14:03:07.000Z",
            "source": "10.0.0.7_3", "source_name": null, "place": null, "value": 111, "unit": "degF",
            "message": "heat", "acknowledged_by": "anna", "stale": true, "suppressed": "shelved",
            "committed": false,
        });
        expect_test::expect![[r#"
            id  class        state                                         since             source                  place       value  message      acknowledged by
             7  alarm        unacknowledged, first                         14:03:01          stove�[2J (10.0.0.7_8)  kitchen       210  dense smoke  -
             9  supervisory  acknowledged, stale, shelved, not yet stored  2026-03-28 14:03  10.0.0.7_3              -        111 degF  heat         anna
            2 alarms, 1 unacknowledged, 1 kept quiet
        "#]].assert_eq(&table(&[smoke, heat], false, &When::spring()));
        assert_eq!(table(&[], false, &When::spring()), "no alarm: nothing asks for anybody\n");
    }
}
