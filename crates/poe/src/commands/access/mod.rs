//! Who may come in, as `poe user` and `poe token` show and change it: of a running server, or in the folder of one that was
//! stopped.

pub(super) mod password;

use super::{ask, backup::with_table, stopped};
use crate::console::who;
use clap::{
    Arg, ArgAction, ArgMatches, Command,
    builder::{PossibleValue, PossibleValuesParser},
};
use poe::{Db, Order, OrderRefused, SetBuildingError};
use poe_api::client::{Client, ClientError};
use poe_building::{Access, AccessOrder, Reach, Role, Text};
use serde_json::{Value, json};
use std::error::Error;

/// Whoever knows who may come in.
pub(super) enum Office {
    Server(Client),
    Stopped(Box<Db>),
}

impl Office {
    /// The server that is meant, or its folder if it does not run.
    pub(super) fn open(matches: &ArgMatches) -> Result<Self, Box<dyn Error>> {
        Self::open_with(matches, stopped::open)
    }

    /// The same. Before a first start it begins the folder that was named.
    pub(super) fn open_or_begin(matches: &ArgMatches) -> Result<Self, Box<dyn Error>> {
        Self::open_with(matches, stopped::open_or_begin)
    }

    fn open_with(
        matches: &ArgMatches,
        folder: fn(&ArgMatches) -> stopped::Found,
    ) -> Result<Self, Box<dyn Error>> {
        let server = ask::server(matches)?;
        // Whoever may not ask this may change nothing either, and is to hear so before they type a password.
        match server.get("/api/v1/users") {
            Err(nobody @ ClientError::NoServer { .. }) => match folder(matches)? {
                Some(db) => Ok(Self::Stopped(Box::new(db))),
                None => Err(ask::failed(nobody)),
            },
            Err(error) => Err(ask::failed_for(Role::Admin)(error)),
            Ok(_) => Ok(Self::Server(server)),
        }
    }

    /// A list: the server's at this path, or what was stored.
    pub(super) fn list(&self, path: &str, stored: fn(&Access) -> Value) -> Result<Value, Box<dyn Error>> {
        match self {
            Self::Server(server) => server.get(path).map_err(ask::failed_for(Role::Admin)),
            Self::Stopped(db) => Ok(stored(db.access())),
        }
    }

    /// Carries something out: by asking the server, or by an order in the folder.
    pub(super) fn change(
        self,
        ask: impl FnOnce(&Client) -> Result<Value, ClientError>,
        order: impl FnOnce() -> Result<AccessOrder, Box<dyn Error>>,
    ) -> Result<Value, Box<dyn Error>> {
        match self {
            Self::Server(server) => ask(&server).map_err(ask::failed_for(Role::Admin)),
            Self::Stopped(db) => match db.carry_out(Order::Access(order()?), &who::operator("command")) {
                Ok(()) => Ok(Value::Null),
                Err(SetBuildingError::Refused(OrderRefused::Unfit { field, why })) => {
                    Err(format!("{field}: {why}").into())
                }
                Err(error) => Err(error.into()),
            },
        }
    }
}

/// Adds the flags by which the server or its folder is found. They mean the same before and behind a subcommand.
pub(super) fn of_office(command: Command) -> Command {
    ask::with_json(ask::of_server(with_table(command).mut_args(|arg| match arg.get_id().as_str() {
        "db" | "table" => arg.global(true),
        _ => arg,
    })))
}

pub(super) fn role() -> Arg {
    let roles = PossibleValuesParser::new(Role::ALL.map(|role| {
        PossibleValue::new(role.name()).help(match role {
            Role::Viewer => "sees everything but people, tokens and secrets",
            Role::Operator => {
                "also acknowledges, silences, resets, shelves, raises emergencies, approves nodes"
            }
            Role::Engineer => {
                "also changes places, rules, plans and who is notified; moves and retires nodes"
            }
            Role::Admin => "also manages users, tokens and sessions, makes backups and imports readings",
        })
    }));
    Arg::new("role").long("role").value_name("ROLE").value_parser(roles).help("What they may do")
}

pub(super) fn buildings() -> Arg {
    let building = Arg::new("building").long("building").value_name("NAME").action(ArgAction::Append);
    building.help("Only what is in this place. Repeatable; without it, everything")
}

/// The role that was given.
pub(super) fn role_of(matches: &ArgMatches) -> Option<Role> {
    ask::word(matches, "role").and_then(|role| role.parse().ok())
}

/// The places that were given.
pub(super) fn places_of(matches: &ArgMatches) -> Vec<String> {
    matches.get_many("building").into_iter().flatten().cloned().collect()
}

/// How far somebody is to see, by the places that were given.
pub(super) fn reach(places: &[String]) -> Reach {
    Reach::of(places.iter().map(|place| Text::from(place.as_str())).collect())
}

/// The places of somebody in a list.
pub(super) fn told_places(it: &Value) -> String {
    let places: Vec<_> = it["buildings"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if places.is_empty() { "everywhere".to_owned() } else { crate::console::plain::plain(&places.join(", ")) }
}

/// Adds a field, if there is something in it.
pub(super) fn with(mut fields: Value, name: &str, value: Option<Value>) -> Value {
    if let Some(value) = value {
        fields[name] = value;
    }
    fields
}

/// A name as a part of an answer that has nothing else.
pub(super) fn named(name: &str) -> Value {
    json!({ "name": name })
}
