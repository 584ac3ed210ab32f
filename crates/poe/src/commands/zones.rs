//! `poe zones`: the places, and how each of them stands.

use super::{
    Done,
    ask::{self, told},
};
use crate::{
    console::table::{Column, whole_table},
    process,
};
use clap::{ArgMatches, Command};
use serde_json::Value;

pub(crate) fn command() -> Command {
    ask::with_json(ask::of_server(Command::new("zones").about("Show the places, and the worst in each")))
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    let server = ask::server(matches)?;
    let zones = server.get("/api/v1/zones").map_err(ask::failed)?;
    if matches.get_flag("json") {
        return Ok(ask::print_json(&zones)?);
    }
    let buildings = server.get("/api/v1/buildings").map_err(ask::failed)?;
    Ok(process::print(&table(ask::items(&buildings).iter().chain(ask::items(&zones))))?)
}

fn table<'a>(places: impl Iterator<Item = &'a Value>) -> String {
    let columns = [
        Column::Text("place"),
        Column::Text("kind"),
        Column::Text("within"),
        Column::Text("state"),
        Column::Text("class"),
        Column::Number("active"),
        Column::Number("unacknowledged"),
        Column::Number("quiet"),
        Column::Number("nodes"),
    ];
    let rows = places.map(|place| {
        ["name", "kind", "within", "state", "class", "active", "unacknowledged", "quiet", "nodes"]
            .map(|field| told(place, field))
    });
    format!("{}\n", whole_table(&columns, rows))
}
