//! `poe node`: what people say about a node.

use super::{
    Done,
    ask::{self, needed, told},
};
use crate::{console::table::counted, process};
use clap::{Arg, ArgMatches, Command};
use poe_api::client::escaped;
use poe_building::Role;
use serde_json::json;

pub(crate) fn command() -> Command {
    let arg = |name: &'static str, help: &'static str| Arg::new(name).required(true).help(help);
    let command = Command::new("node")
        .about("Say that a node is one of ours, was replaced, or is gone; close its connections")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("approve")
                .about("A node that is new is one of ours")
                .arg(arg("NODE", "Its address")),
        )
        .subcommand(
            Command::new("dismiss")
                .about("A node that waits for approval is none of ours; it comes again if it sends again")
                .arg(arg("NODE", "Its address")),
        )
        .subcommand(
            Command::new("move")
                .about("What is known of one address holds for another from now on")
                .arg(arg("OLD", "The address, or name, of the node as it was"))
                .arg(arg("NEW", "The address that it has now")),
        )
        .subcommand(
            Command::new("retire")
                .about("A node is gone for good, and no longer missed")
                .arg(arg("NODE", "Its address or name")),
        )
        .subcommand(
            Command::new("disconnect")
                .about("Close its connections, once what they have sent is read; it may come back at once")
                .arg(arg("NODE", "Its address or name")),
        )
        .after_help("`poe nodes` shows them all.");
    ask::with_json(ask::of_server(command))
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    let (name, matches) = matches.subcommand().expect("a subcommand is required");
    let server = ask::server(matches)?;
    let (answer, done) = if name == "move" {
        let (old, new) = (needed(matches, "OLD"), needed(matches, "NEW"));
        let path = format!("/api/v1/nodes/{}/move", escaped(old));
        (server.post(&path, Some(&json!({ "to": new }))), format!("is what {old} was"))
    } else {
        let done = match name {
            "approve" => "is approved",
            "dismiss" => "is dismissed",
            "disconnect" => "is disconnected",
            _ => "is no longer missed",
        };
        let path = format!("/api/v1/nodes/{}/{name}", escaped(needed(matches, "NODE")));
        (server.post(&path, None), done.to_owned())
    };
    let least = if matches!(name, "move" | "retire") { Role::Engineer } else { Role::Operator };
    let answer = answer.map_err(ask::failed_for(least))?;
    if matches.get_flag("json") {
        return Ok(ask::print_json(&answer)?);
    }
    let closed = answer["connections"]
        .as_u64()
        .map(|count| format!(": {} closed", counted(count as usize, "connection")));
    Ok(process::print(&format!("node {} {done}{}\n", told(&answer, "node"), closed.unwrap_or_default()))?)
}
