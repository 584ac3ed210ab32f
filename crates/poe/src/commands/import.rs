//! `poe import`: readings from elsewhere, with their times.

mod sniff;
mod table;

use super::{
    Done,
    ask::{self, count, told, word},
    backup::with_table,
};
use crate::{console::who, process};
use clap::{Arg, ArgAction, ArgMatches, Command, builder::PossibleValuesParser, value_parser};
use jiff::Timestamp;
use poe::{Db, DbOptions, EntryKind, Order, config};
use poe_api::client::{Client, ClientError};
use poe_building::{Profile, Role};
use poe_history::{History, ImportOptions, Imported, Options, Source};
use poe_sim::COMMON_NODE;
use poe_store::DataFolder;
use poe_wire::SensorKind;
use serde_json::{Value, json};
use std::{
    error::Error,
    fs::File,
    io::{BufReader, Write, stderr},
    net::IpAddr,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
    time::Duration,
};
use table::Table;

/// A file of any size has to be sent, and read on a machine that has other things to do.
const TAKEN_WITHIN: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) fn command() -> Command {
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    let word = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let file = Arg::new("FILE").required(true).value_parser(value_parser!(PathBuf));
    let command = Command::new("import")
        .about("Add readings from elsewhere to the history, with their times; all of a file, or nothing")
        .after_help(
            "CSV has a first line that names its columns: time, node, sensor, kind, value and perhaps status, as `poe export` \
             writes them; or ip_id, sensor, value and time, as the table has them. Packed readings are 13 bytes, little-endian: u32 \
             sensor, i64 milliseconds since 1970, u8 value. A time as text says its offset from UTC, as in \
             2026-03-14T09:26:53.589Z; as a number it is seconds or milliseconds since 1970.",
        )
        .arg(file.help("The file"))
        .arg(
            word("format", "FORMAT", "What it is; by default its content tells")
                .value_parser(formats()),
        )
        .arg(word("from_table", "NAME", "Of a file of SQLite: the table; sensors, or the only one that fits").long("from-table"))
        .arg(word("first_node", "ADDRESS", "Of packed readings: the node of the first sensors; the others follow it").long("first-node").default_value("10.0.0.1"))
        .arg(word("kinds", "KINDS", "Of packed readings: what the sensors of each node measure, by their numbers").default_value(common_kinds()))
        .arg(flag("lenient", "Leave out what is wrong, in place of importing nothing"))
        .arg(flag("again", "Import once more what was imported before"));
    ask::with_json(ask::of_server(with_table(command)))
}

/// What the sensors of the common node measure.
fn common_kinds() -> String {
    COMMON_NODE.map(SensorKind::name).join(",")
}

/// What a file can be.
fn formats() -> PossibleValuesParser {
    PossibleValuesParser::new(["table", "csv", "readings"])
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    let path = matches.get_one::<PathBuf>("FILE").expect("FILE is required");
    let format = match word(matches, "format") {
        Some(format) => format,
        None => sniff::guess(path)?,
    };
    let server = ask::server(matches)?;
    // Whoever may not import is to hear so before a large file is copied or sent.
    let runs = match server.get("/api/v1/users") {
        Ok(_) => true,
        Err(ClientError::NoServer { .. }) if ask::data_dir(matches)?.join("state.db").exists() => false,
        Err(error) => return Err(ask::failed_for(Role::Admin)(error)),
    };
    let table = if format == "table" { Table::of(path)? } else { Table::AsItIs(path.clone()) };
    let file =
        File::open(table.path()).map_err(|cause| format!("cannot read '{}': {cause}", path.display()))?;
    let imported = if runs {
        send(&server, matches, format, file)?
    } else {
        into_stopped(matches, format, &table.path(), file)?
    };
    tell(matches, &imported)
}

fn send(client: &Client, matches: &ArgMatches, format: &str, file: File) -> Result<Value, Box<dyn Error>> {
    let flag = |name| matches.get_flag(name).then_some("true");
    let of_readings = |name| word(matches, name).filter(|_| format == "readings");
    let path = ask::path(
        "/api/v1/import",
        &[
            ("format", Some(format)),
            ("table", word(matches, "from_table")),
            ("first_node", of_readings("first_node")),
            ("kinds", of_readings("kinds")),
            ("lenient", flag("lenient")),
            ("again", flag("again")),
        ],
    );
    let sent = client.upload(&path, "application/octet-stream", file, TAKEN_WITHIN);
    sent.map_err(ask::failed_for(Role::Admin))
}

/// Imports into the folder of a server that was stopped, and journals it there.
fn into_stopped(
    matches: &ArgMatches,
    format: &str,
    path: &Path,
    file: File,
) -> Result<Value, Box<dyn Error>> {
    let config = config::load(matches, super::environment())?.config;
    let retention = config.retention().ok_or("this server keeps no history; its configuration says so")?;
    let (data_dir, table_file, table) = (config.data_dir.clone(), config.db_path(), config.table);
    // Nobody starts a server meanwhile.
    let folder = DataFolder::lock(&data_dir)?;
    let options = ImportOptions {
        profile: Profile::IIT_2022,
        lenient: matches.get_flag("lenient"),
        again: matches.get_flag("again"),
        now_ms: Timestamp::now().as_millisecond(),
    };
    let (history, _log, _keeper, _notices) =
        History::open(&Options { data_dir: data_dir.clone(), retention })?;
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let imported = match format {
        "table" => poe_history::import(
            &history,
            Source::Table { file: path, table: word(matches, "from_table") },
            &options,
        ),
        "csv" => poe_history::import(&history, Source::Csv(&mut reader), &options),
        _ => {
            let (first_node, kinds) = records(matches)?;
            let source = Source::Records { from: &mut reader, first_node, kinds: &kinds };
            poe_history::import(&history, source, &options)
        }
    };
    let imported = imported.map_err(|error| format!("nothing was imported: {error}"))?;
    if let Err(cause) = history.put_in_order(&AtomicBool::new(false)) {
        writeln!(stderr(), "warning: what was imported is not in order yet, which the server does: {cause}")
            .ok();
    }
    drop(folder);
    let db = Db::open_with(DbOptions { data_dir, file: table_file, table })?;
    let Imported { readings, sensors, left_out, .. } = &imported;
    let text = format!("{readings} readings of {sensors} sensors were imported; {left_out} were left out");
    let note = Order::Note { kind: EntryKind::HistoryImported, source: None, text: text.into() };
    if let Err(cause) = db.carry_out(note, &who::operator("command")) {
        // They are imported all the same.
        writeln!(stderr(), "warning: the journal does not tell of this import: {cause}").ok();
    }
    Ok(as_told(&imported))
}

/// What is to be known of records.
fn records(matches: &ArgMatches) -> Result<(IpAddr, Vec<SensorKind>), String> {
    let address = word(matches, "first_node").and_then(|address| address.parse::<IpAddr>().ok());
    let address = address.ok_or("packed readings need --first-node ADDRESS")?;
    let kind = |name: &str| SensorKind::ALL.into_iter().find(|kind| kind.name() == name.trim());
    let kinds: Option<Vec<_>> = word(matches, "kinds").unwrap_or_default().split(',').map(kind).collect();
    let names = SensorKind::ALL.map(SensorKind::name).join(", ");
    let kinds = kinds.ok_or_else(|| format!("packed readings need --kinds, with commas, of {names}"))?;
    Ok((address.to_canonical(), kinds))
}

/// As a server tells it.
fn as_told(imported: &Imported) -> Value {
    let Imported { readings, times_ms, sensors, left_out, told } = imported;
    let time = |millis| Timestamp::from_millisecond(millis).ok().map(|time| format!("{time:.3}"));
    let (from, to) = times_ms.map(|(from, to)| (time(from), time(to))).unzip();
    json!({ "readings": readings, "sensors": sensors, "from": from, "to": to, "left_out": left_out, "errors": told })
}

fn tell(matches: &ArgMatches, imported: &Value) -> Done {
    if matches.get_flag("json") {
        return Ok(ask::print_json(imported)?);
    }
    let left_out = count(imported, "left_out");
    for why in imported["errors"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        writeln!(stderr(), "left out: {}", crate::console::plain::plain(why)).ok();
    }
    let left_out = if left_out > 0 { format!("; {left_out} were wrong and left out") } else { String::new() };
    let [readings, sensors, from, to] =
        ["readings", "sensors", "from", "to"].map(|field| told(imported, field));
    Ok(process::print(&format!("{readings} readings of {sensors} sensors, {from} to {to}{left_out}\n"))?)
}
