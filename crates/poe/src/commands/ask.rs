//! How commands find the server of a data folder and ask it, and how they show what it says.

use crate::{
    console::{plain::plain, when::When},
    process,
};
use clap::{Arg, ArgAction, ArgMatches, Command};
use jiff::Timestamp;
use poe::{Time, config};
use poe_api::client::{Access, AccessError, Client, ClientError, Token};
use poe_building::Role;
use serde_json::Value;
use std::{error::Error, fs, io::Read, path::PathBuf};

/// Where a token may stand. A flag would show it to everybody who lists the processes.
const TOKEN_ENV: &str = "POE_TOKEN";
/// A token has less than a hundred bytes.
const TOKEN_FILE_BYTES_MAX: u64 = 4096;

/// Adds the flags by which the server is found. They mean the same before and behind a subcommand.
pub(crate) fn of_server(command: Command) -> Command {
    let data_dir = Arg::new("data_dir").long("data-dir").value_name("DIR").global(true);
    let config = Arg::new("config").long("config").value_name("FILE").global(true);
    let connect = Arg::new("connect").long("connect").value_name("URL").global(true);
    let token = Arg::new("token_file").long("token-file").value_name("FILE").global(true);
    let ca = Arg::new("ca").long("ca").value_name("FILE").global(true);
    let in_clear = Arg::new("insecure_http").long("insecure-http").action(ArgAction::SetTrue).global(true);
    command
        .arg(data_dir.help("The folder of the server that is meant; default ./data. Also POE_DATA_DIR."))
        .arg(config.help("The configuration file of that server, in place of --data-dir. Also POE_CONFIG."))
        .arg(
            connect.help("A server in the network, such as https://poe.example:8443, in place of --data-dir"),
        )
        .arg(
            token
                .help("The file with the token by which --connect asks. Also the token itself in POE_TOKEN."),
        )
        .arg(
            ca.help(
                "The certificate of the authority that vouches for the server, as `poe tls init` made it",
            ),
        )
        .arg(in_clear.help("Send the token even where everybody on the way can read it"))
}

/// Adds the flags by which a data folder is found, for what is done without a server.
pub(crate) fn of_folder(command: Command) -> Command {
    let data_dir = Arg::new("data_dir").long("data-dir").value_name("DIR");
    let config = Arg::new("config").long("config").value_name("FILE");
    command
        .arg(data_dir.help("The folder of the server; default ./data. Also POE_DATA_DIR."))
        .arg(config.help("The configuration file of that server. Also POE_CONFIG."))
}

/// Adds `--json`.
pub(crate) fn with_json(command: Command) -> Command {
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue).global(true);
    command.arg(json.help("Print what the server answers, for programs"))
}

/// The data folder of the server that is meant.
pub(crate) fn data_dir(matches: &ArgMatches) -> Result<PathBuf, config::ConfigError> {
    Ok(config::load(matches, super::environment())?.config.data_dir)
}

/// The server that is meant. Whether it answers, the first question shows.
pub(crate) fn server(matches: &ArgMatches) -> Result<Client, Box<dyn Error>> {
    let Some(url) = word(matches, "connect") else {
        if let Some(flag) = ["token_file", "ca"].into_iter().find(|flag| matches.contains_id(flag)) {
            let flag = flag.replace('_', "-");
            return Err(format!("--{flag} is for a server in the network; name it with --connect URL").into());
        }
        return Ok(Client::local(data_dir(matches)?.join("poe.sock")));
    };
    if let Some(flag) = ["data_dir", "config"].into_iter().find(|flag| matches.contains_id(flag)) {
        let flag = flag.replace('_', "-");
        return Err(format!("--connect and --{flag} mean two servers; leave one of them out").into());
    }
    let ca = word(matches, "ca").map(PathBuf::from);
    let access = Access { token: token(matches)?, ca, even_in_clear: matches.get_flag("insecure_http") };
    Client::remote(url, access).map_err(|error| match error {
        AccessError::TokenInClear { .. } => format!("{error}, or insist with --insecure-http").into(),
        AccessError::NoAuthorities => format!("{error} with --ca").into(),
        error => error.into(),
    })
}

/// The token from its file or from the environment. It is repeated nowhere.
fn token(matches: &ArgMatches) -> Result<Option<Token>, String> {
    let (name, text) = match word(matches, "token_file") {
        Some(path) => {
            let mut text = String::new();
            fs::File::open(path)
                .and_then(|file| file.take(TOKEN_FILE_BYTES_MAX).read_to_string(&mut text))
                .map_err(|cause| format!("cannot read the token in '{path}': {cause}"))?;
            (format!("'{path}'"), text)
        }
        None => match std::env::var(TOKEN_ENV) {
            Ok(text) => (TOKEN_ENV.to_owned(), text),
            Err(_) => return Ok(None),
        },
    };
    let token = Token::new(&text).ok_or_else(|| format!("{name} holds no token: it must be one word"))?;
    Ok(Some(token))
}

/// A failure as people are told it, with what to try.
pub(crate) fn failed(error: ClientError) -> Box<dyn Error> {
    match error {
        ClientError::NoServer { path } => format!(
            "no server answers at {}; start one with `poe serve`, or name the folder of another with --data-dir",
            path.display()
        )
        .into(),
        ClientError::Unreachable { .. } => format!("{error}; are you the user whom the server runs as?").into(),
        ClientError::Untrusted { .. } => {
            let cure = "give it the authority's file with --ca; on the server it is tls/ca.pem in the data folder";
            format!("{error}; {cure}").into()
        }
        ClientError::Refused { status: 401, .. } => {
            let way = "give a token with --token-file, or in POE_TOKEN; one that you gave is mistyped, revoked or expired";
            let cure = "`poe token create` on the server makes one";
            format!("{} With this command, {way}; {cure}", plain(&error.to_string())).into()
        }
        error => error.to_string().lines().map(plain).collect::<Vec<_>>().join("\n").into(),
    }
}

/// The same of a question that this role may ask, and not those below it: to them it does not exist.
pub(crate) fn failed_for(least: Role) -> impl Fn(ClientError) -> Box<dyn Error> {
    move |error| {
        if !error.is_out_of_reach() {
            return failed(error);
        }
        let everywhere = if least >= Role::Engineer { ", not limited to buildings" } else { "" };
        format!(
            "the role that you have there may not do this: it takes {least} or more{everywhere}; `poe token create --role \
             {least}` on the server makes such a token"
        )
        .into()
    }
}

/// A flag or an argument.
pub(crate) fn word<'a>(matches: &'a ArgMatches, name: &str) -> Option<&'a str> {
    matches.get_one::<String>(name).map(String::as_str)
}

/// An argument that has to be there.
pub(crate) fn needed<'a>(matches: &'a ArgMatches, name: &str) -> &'a str {
    word(matches, name).expect("clap asks for what is required")
}

/// A path with those parameters that were given.
pub(crate) fn path(base: &str, parameters: &[(&str, Option<&str>)]) -> String {
    let given = parameters
        .iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", poe_api::client::escaped((*value)?))));
    let given: Vec<_> = given.collect();
    if given.is_empty() { base.to_owned() } else { format!("{base}?{}", given.join("&")) }
}

/// Prints what a server answered, for programs.
pub(crate) fn print_json(value: &Value) -> Result<(), String> {
    process::print(&format!("{value}\n"))
}

/// The items of a list.
pub(crate) fn items(list: &Value) -> &[Value] {
    list["items"].as_array().map_or(&[], Vec::as_slice)
}

/// A field as people read it; a dash, if there is nothing in it.
pub(crate) fn told(item: &Value, field: &str) -> String {
    match &item[field] {
        Value::Null => "-".to_owned(),
        Value::String(text) if text.is_empty() => "-".to_owned(),
        Value::String(text) => plain(text),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    }
}

/// A field that holds a count.
pub(crate) fn count(item: &Value, field: &str) -> u64 {
    item[field].as_u64().unwrap_or(0)
}

/// A field that holds a time, on the clock of this place.
pub(crate) fn clock(item: &Value, field: &str, when: &When) -> String {
    let time = item[field].as_str().and_then(|text| text.parse::<Timestamp>().ok());
    time.map_or_else(|| "-".to_owned(), |time| when.clock(Time(time.as_microsecond())))
}

/// What something is about: its name, with what the name stands for.
pub(crate) fn source(item: &Value) -> String {
    match item["source_name"].as_str() {
        Some(name) => format!("{} ({})", plain(name), told(item, "source")),
        None => told(item, "source"),
    }
}
