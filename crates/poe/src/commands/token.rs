//! `poe token`: what programs show instead of a password.

use super::{
    Done,
    access::{Office, buildings, named, of_office, places_of, reach, role, role_of, told_places, with},
    ask::{self, clock, needed, told},
    moment,
};
use crate::{
    console::{
        plain::plain,
        table::{Column, counted, whole_table},
        when::When,
        who,
    },
    process,
};
use clap::{Arg, ArgMatches, Command};
use jiff::Timestamp;
use poe::Time;
use poe_api::client::{escaped, token_of_stopped, tokens_of_stopped};
use poe_building::AccessOrder;
use serde_json::{Map, Value, json};
use std::{
    error::Error,
    io::{Write, stderr},
};

const PATH: &str = "/api/v1/tokens";
const HOUR_S: i64 = 60 * 60;

pub(crate) fn command() -> Command {
    let name = Arg::new("name").long("name").value_name("NAME").required(true);
    let expires = Arg::new("expires").long("expires").value_name("WHEN").value_parser(end);
    let token = Arg::new("TOKEN").required(true).help("Its id, or its name");
    let command = Command::new("token")
        .visible_alias("tokens")
        .about("Show, make and revoke tokens for programs, while the server runs or after it was stopped")
        .subcommand(Command::new("list").about("Show the tokens; none of them in full"))
        .subcommand(
            Command::new("create")
                .about("Make a token, and print it: this once")
                .arg(name.help("What people call it, such as the program that will use it"))
                .arg(role().required(true))
                .arg(buildings())
                .arg(expires.help(
                    "When it ends by itself: after a while, as in 30d or 12h, or at a date, as in 2027-01-01; without it \
                     never",
                ))
                .after_help(
                    "Standard output holds the token and nothing else: `poe token create --name desk --role viewer > \
                     desk.token`. It is used with --connect URL --token-file desk.token, or in POE_TOKEN.",
                ),
        )
        .subcommand(Command::new("revoke").about("Make a token good for nothing").arg(token));
    of_office(command)
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    match matches.subcommand() {
        Some(("create", matches)) => create(matches),
        Some(("revoke", matches)) => revoke(matches),
        Some((_, matches)) => list(matches),
        None => list(matches),
    }
}

fn list(matches: &ArgMatches) -> Done {
    let tokens = Office::open(matches)?.list(PATH, tokens_of_stopped)?;
    if matches.get_flag("json") {
        return Ok(ask::print_json(&tokens)?);
    }
    Ok(process::print(&table(ask::items(&tokens), &When::now()))?)
}

fn table(tokens: &[Value], when: &When) -> String {
    if tokens.is_empty() {
        return "there is no token yet; `poe token create --name NAME --role viewer` makes one\n".to_owned();
    }
    let columns = [
        Column::Text("id"),
        Column::Text("name"),
        Column::Text("role"),
        Column::Text("sees"),
        Column::Text("made by"),
        Column::Text("since"),
        Column::Text("ends"),
        Column::Text("last used"),
    ];
    let rows = tokens.iter().map(|token| {
        [
            told(token, "id"),
            told(token, "name"),
            told(token, "role"),
            told_places(token),
            told(token, "created_by"),
            clock(token, "created", when),
            if token["expires"].is_null() { "never".to_owned() } else { clock(token, "expires", when) },
            clock(token, "last_used", when),
        ]
    });
    format!("{}\n{}\n", whole_table(&columns, rows), counted(tokens.len(), "token"))
}

fn create(matches: &ArgMatches) -> Done {
    let (name, role, places) = (needed(matches, "name"), needed(matches, "role"), places_of(matches));
    let expires = matches.get_one::<Timestamp>("expires").copied();
    let mut made = Value::Null;
    let asked = Office::open_or_begin(matches)?.change(
        |server| {
            let fields = json!({ "name": name, "role": role, "buildings": places });
            let fields = with(fields, "expires", expires.map(|expires| expires.to_string().into()));
            server.post(PATH, Some(&fields))
        },
        || {
            let role = role_of(matches).expect("clap has checked the role");
            let (now, by) = (Time(Timestamp::now().as_microsecond()), who::operator("command").name);
            let expires = expires.map(|expires| Time(expires.as_microsecond()));
            let (token, text) = poe_api::token::new(name, role, reach(&places), now, by, expires);
            let mut fields = Map::from_iter([("token".to_owned(), text.into())]);
            fields.extend(token_of_stopped(&token).as_object().cloned().unwrap_or_default());
            made = fields.into();
            Ok(AccessOrder::CreateToken(token))
        },
    )?;
    let token = if asked.is_null() { made } else { asked };
    if matches.get_flag("json") {
        return Ok(ask::print_json(&token)?);
    }
    process::print(&format!("{}\n", told(&token, "token")))?;
    let id = told(&token, "id");
    // Nobody may be reading, and the token is made all the same.
    writeln!(
        stderr(),
        "token {} ({id}), {role}: it is shown this once. Keep it in a file that only its user can read, and ask with \
         --token-file FILE or POE_TOKEN; `poe token revoke {id}` ends it.",
        plain(name),
    )
    .ok();
    Ok(())
}

fn revoke(matches: &ArgMatches) -> Done {
    let wanted = needed(matches, "TOKEN");
    let office = Office::open(matches)?;
    let tokens = office.list(PATH, tokens_of_stopped)?;
    let is_meant = |token: &&Value| token["id"] == wanted || token["name"] == wanted;
    let token = ask::items(&tokens).iter().find(is_meant);
    let token =
        token.ok_or_else(|| format!("there is no token '{}'; `poe token list` shows them", plain(wanted)))?;
    let id = token["id"].as_str().unwrap_or_default();
    office.change(
        |server| server.delete(&format!("{PATH}/{}", escaped(id))),
        || Ok(AccessOrder::RevokeToken(id.into())),
    )?;
    if matches.get_flag("json") {
        return Ok(ask::print_json(&with(named(&told(token, "name")), "id", Some(id.into())))?);
    }
    Ok(process::print(&format!("token {} ({id}) is good for nothing any more\n", told(token, "name")))?)
}

/// When something ends: after `30d` or `12h`, or at a time as [`moment::read`] has it.
fn end(text: &str) -> Result<Timestamp, Box<dyn Error + Send + Sync>> {
    let unfit = || format!("'{text}' is no end; write it like 30d, 12h or 2027-01-01");
    let after = [('h', HOUR_S), ('d', 24 * HOUR_S), ('w', 7 * 24 * HOUR_S)]
        .into_iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?.parse::<u32>().ok()?, seconds)));
    if let Some((count, seconds)) = after {
        let end = Timestamp::now().as_second().saturating_add(i64::from(count) * seconds);
        return Ok(Timestamp::from_second(end).map_err(|_| unfit())?);
    }
    moment::read(text).map_err(|_| unfit().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_a_while_or_a_date() {
        let in_hours = |text: &str| {
            let span = end(text).unwrap().as_second() - Timestamp::now().as_second();
            (span + 60) / HOUR_S
        };
        assert_eq!([in_hours("12h"), in_hours("30d"), in_hours("2w")], [12, 720, 336]);
        assert_eq!(end("2027-01-01T00:00:00Z").unwrap().to_string(), "2027-01-01T00:00:00Z");
        let midnight: Timestamp = "2027-01-01T00:00:00Z".parse().unwrap();
        assert!((end("2027-01-01").unwrap().as_second() - midnight.as_second()).abs() <= 14 * HOUR_S);
        for text in ["", "d", "-1d", "30", "30 d", "soon", "2027-13-01", "99999999999d"] {
            assert!(end(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_table_tells_what_a_token_may_do_and_never_its_secret() {
        let token = json!({
            "id": "1a2b3c4d", "name": "dashboard", "role": "viewer", "buildings": [], "created_by": "anna",
            "created": "2026-03-29T14:03:01.250Z", "expires": null, "last_used": null,
        });
        expect_test::expect![[r#"
            id        name       role    sees        made by  since     ends   last used
            1a2b3c4d  dashboard  viewer  everywhere  anna     14:03:01  never  -
            1 token
        "#]]
        .assert_eq(&table(&[token], &When::spring()));
    }
}
