//! `poe user`: who logs in with a password.

use super::{
    Done,
    access::{
        Office, buildings, named, of_office, password, places_of, reach, role, role_of, told_places, with,
    },
    ask::{self, clock, needed, told},
};
use crate::{
    console::{
        table::{Column, counted, whole_table},
        when::When,
    },
    process,
};
use clap::{Arg, ArgAction, ArgMatches, Command};
use poe::Time;
use poe_api::client::{escaped, users_of_stopped};
use poe_building::{AccessOrder, User};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/users";

pub(crate) fn command() -> Command {
    let name = || Arg::new("NAME").required(true).help("The name by which they log in");
    let password = Arg::new("password").long("password").action(ArgAction::SetTrue);
    let everywhere = Arg::new("everywhere").long("everywhere").action(ArgAction::SetTrue);
    let command = Command::new("user")
        .visible_alias("users")
        .about("Show and change who logs in with a password, while the server runs or after it was stopped")
        .after_help("A password is asked for at the terminal, twice; otherwise it is the first line of standard input.")
        .subcommand(Command::new("list").about("Show the users"))
        .subcommand(
            Command::new("add")
                .about("Give somebody an account")
                .arg(name())
                .arg(role().required(true))
                .arg(buildings()),
        )
        .subcommand(
            Command::new("change")
                .about("Give somebody another role, reach or password; they have to log in again then")
                .arg(name())
                .arg(role())
                .arg(buildings())
                .arg(everywhere.conflicts_with("building").help("Everything, no longer some buildings alone"))
                .arg(password.help("Another password"))
                .group(
                    clap::ArgGroup::new("what")
                        .args(["role", "building", "everywhere", "password"])
                        .multiple(true)
                        .required(true),
                ),
        )
        .subcommand(Command::new("remove").about("End an account, and whatever it is logged in at").arg(name()));
    of_office(command)
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    match matches.subcommand() {
        Some(("add", matches)) => add(matches),
        Some(("change", matches)) => change(matches),
        Some(("remove", matches)) => remove(matches),
        Some((_, matches)) => list(matches),
        None => list(matches),
    }
}

fn list(matches: &ArgMatches) -> Done {
    let users = Office::open(matches)?.list(PATH, users_of_stopped)?;
    if matches.get_flag("json") {
        return Ok(ask::print_json(&users)?);
    }
    Ok(process::print(&table(ask::items(&users), &When::now()))?)
}

fn table(users: &[Value], when: &When) -> String {
    if users.is_empty() {
        return "nobody has an account yet; `poe user add NAME --role admin` makes the first\n".to_owned();
    }
    let columns = [Column::Text("name"), Column::Text("role"), Column::Text("sees"), Column::Text("since")];
    let rows = users.iter().map(|user| {
        [told(user, "name"), told(user, "role"), told_places(user), clock(user, "created", when)]
    });
    format!("{}\n{}\n", whole_table(&columns, rows), counted(users.len(), "user"))
}

fn add(matches: &ArgMatches) -> Done {
    let (name, role, places) = (needed(matches, "NAME"), needed(matches, "role"), places_of(matches));
    password::guard_terminal()?;
    let office = Office::open_or_begin(matches)?;
    let password = password::read(name)?;
    let user = office.change(
        |server| {
            let fields = json!({ "name": name, "password": password, "role": role, "buildings": places });
            server.post(PATH, Some(&fields))
        },
        || {
            let role = role_of(matches).expect("clap has checked the role");
            let (password, created) =
                (poe_api::password::hash(&password), Time(jiff::Timestamp::now().as_microsecond()));
            Ok(AccessOrder::AddUser(User {
                name: name.into(),
                role,
                reach: reach(&places),
                password,
                created,
            }))
        },
    )?;
    done(matches, &user, name, "has an account")
}

fn change(matches: &ArgMatches) -> Done {
    let (name, role, places) = (needed(matches, "NAME"), role_of(matches), places_of(matches));
    let moves = !places.is_empty() || matches.get_flag("everywhere");
    password::guard_terminal()?;
    let office = Office::open(matches)?;
    let password = matches.get_flag("password").then(|| password::read(name)).transpose()?;
    let user = office.change(
        |server| {
            let fields = with(json!({}), "role", role.map(|role| role.name().into()));
            let fields = with(fields, "buildings", moves.then(|| json!(places)));
            let fields = with(fields, "password", password.as_deref().map(Into::into));
            server.patch(&format!("{PATH}/{}", escaped(name)), &fields)
        },
        || {
            let password = password.as_deref().map(poe_api::password::hash);
            let reach = moves.then(|| reach(&places));
            Ok(AccessOrder::ChangeUser { name: name.into(), role, reach, password, from_version: None })
        },
    )?;
    done(matches, &user, name, "is changed")
}

fn remove(matches: &ArgMatches) -> Done {
    let name = needed(matches, "NAME");
    let removed = Office::open(matches)?.change(
        |server| server.delete(&format!("{PATH}/{}", escaped(name))),
        || Ok(AccessOrder::RemoveUser { name: name.into(), from_version: None }),
    )?;
    done(matches, &removed, name, "has no account any more")
}

/// Says what was done; to programs what the server says, if it says anything.
fn done(matches: &ArgMatches, answer: &Value, name: &str, what: &str) -> Done {
    if matches.get_flag("json") {
        let short = named(name);
        return Ok(ask::print_json(if answer.is_null() { &short } else { answer })?);
    }
    Ok(process::print(&format!("user {name} {what}\n"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_tells_who_may_do_what_and_where() {
        let users = [
            json!({ "name": "anna", "role": "admin", "buildings": [], "created": "2026-03-29T14:03:01.250Z" }),
            json!({ "name": "guard", "role": "operator", "buildings": ["north", "south"], "created": "2026-03-28T10:00:00Z" }),
        ];
        expect_test::expect![[r#"
            name   role      sees          since
            anna   admin     everywhere    14:03:01
            guard  operator  north, south  2026-03-28 10:00
            2 users
        "#]]
        .assert_eq(&table(&users, &When::spring()));
        assert!(table(&[], &When::spring()).starts_with("nobody has an account yet"));
    }
}
