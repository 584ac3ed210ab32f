//! `poe alarms suppressions`, `out-of-service` and `in-service`: what keeps alarms quiet.

use super::order::{minutes, reason, sentence};
use crate::{
    commands::{
        Done,
        ask::{self, clock, needed, told},
        pages::Pages,
    },
    console::{
        table::{Column, counted, whole_table},
        when::When,
    },
    process,
};
use clap::{Arg, ArgMatches, Command, value_parser};
use poe_building::Role;
use serde_json::{Value, json};

pub(super) fn commands() -> [Command; 3] {
    let source = Arg::new("SOURCE").required(true).help("A sensor, a node, a place or a switch");
    let id = Arg::new("ID").required(true).value_parser(value_parser!(u64)).help("The suppression's number");
    [
        Command::new("suppressions").about("Show what keeps alarms quiet, and until when"),
        Command::new("out-of-service")
            .about("Keep everything of a source quiet for maintenance")
            .arg(source)
            .arg(minutes())
            .arg(reason()),
        Command::new("in-service").about("End a suppression").arg(id),
    ]
}

pub(super) fn run(name: &str, matches: &ArgMatches) -> Done {
    let server = ask::server(matches)?;
    let answer = match name {
        "suppressions" => Pages::of(&server, "/api/v1/suppressions").whole(),
        "out-of-service" => {
            let fields = json!({
                "source": needed(matches, "SOURCE"),
                "minutes": matches.get_one::<u64>("MINUTES"),
                "reason": sentence(matches, "REASON"),
            });
            server.post("/api/v1/suppressions", Some(&fields))
        }
        _ => {
            let id = matches.get_one::<u64>("ID").expect("clap asks for what is required");
            server.delete(&format!("/api/v1/suppressions/{id}"))
        }
    };
    let answer = answer.map_err(ask::failed_for(Role::Operator))?;
    if matches.get_flag("json") {
        return Ok(ask::print_json(&answer)?);
    }
    let said = match name {
        "suppressions" => table(ask::items(&answer), &When::now()),
        "out-of-service" => format!(
            "out of service; `poe alarms in-service {}` ends it before its time\n",
            told(&answer, "id")
        ),
        _ => "in service again\n".to_owned(),
    };
    Ok(process::print(&said)?)
}

fn table(suppressions: &[Value], when: &When) -> String {
    if suppressions.is_empty() {
        return "nothing is kept quiet\n".to_owned();
    }
    let columns = [
        Column::Number("id"),
        Column::Text("kind"),
        Column::Text("source"),
        Column::Text("rule"),
        Column::Text("by"),
        Column::Text("since"),
        Column::Text("until"),
        Column::Text("reason"),
    ];
    let rows = suppressions.iter().map(|it| {
        [
            told(it, "id"),
            told(it, "kind"),
            ask::source(it),
            told(it, "rule"),
            told(it, "owner"),
            clock(it, "began", when),
            clock(it, "ends", when),
            told(it, "reason"),
        ]
    });
    format!("{}\n{}\n", whole_table(&columns, rows), counted(suppressions.len(), "suppression"))
}
