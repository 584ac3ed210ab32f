//! `poe export`: readings as a file for other programs.

mod json;

use super::{
    Done,
    ask::{self, word},
    history,
};
use crate::process;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use jiff::Timestamp;
use poe_api::client::{Download, escaped};
use serde_json::json;
use std::{
    error::Error,
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, ErrorKind, IsTerminal, Write, stdout},
    path::{Path, PathBuf},
    time::Duration,
};

/// Until its first byte a server looks for the first readings, which is quick, and perhaps waits for others who ask.
const BEGINS_WITHIN: Duration = Duration::from_secs(60);

pub(crate) fn command() -> Command {
    let sensor = Arg::new("sensor").long("sensor").value_name("SENSOR").action(ArgAction::Append);
    let format = Arg::new("format").long("format").value_name("FORMAT").value_parser(["csv", "parquet"]);
    let output = Arg::new("output").long("output").short('o').value_name("FILE");
    let force = Arg::new("force").long("force").action(ArgAction::SetTrue).requires("output");
    let command = Command::new("export")
        .about("Write readings to a file, or to standard output, as CSV or Parquet")
        .after_help("The columns are time, node, sensor, kind, value and status, by day, sensor and time.")
        .args(history::range())
        .arg(sensor.help("Only this sensor, such as 10.89.21.188_17. Repeatable; without it, all"))
        .arg(format.help("csv, unless FILE ends in .parquet"))
        .arg(output.value_parser(value_parser!(PathBuf)).help("The file; standard output without it"))
        .arg(force.help("Replace the file, if there is one"));
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue);
    ask::of_server(command).arg(json.help(
        "Print the readings as one list, as the other commands do; with -o, the name of the file and its bytes",
    ))
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    let output = matches.get_one::<PathBuf>("output");
    let is_named_so = output.is_some_and(|path| path.extension().is_some_and(|ending| ending == "parquet"));
    let format = word(matches, "format").unwrap_or(if is_named_so { "parquet" } else { "csv" });
    let is_json = matches.get_flag("json");
    if output.is_none() && is_json && format == "parquet" {
        return Err("--json prints readings as JSON, and Parquet is none; name a file with -o FILE".into());
    }
    if output.is_none() && format == "parquet" && stdout().is_terminal() {
        return Err("Parquet is nothing for a terminal; name a file with -o FILE".into());
    }
    if let Some(path) = output.filter(|path| !matches.get_flag("force") && path.exists()) {
        return Err(exists(path).into());
    }
    let download =
        ask::server(matches)?.download(&path(matches, format), BEGINS_WITHIN).map_err(ask::failed)?;
    match output {
        Some(path) => {
            let bytes = write(path, download)?;
            if is_json {
                return Ok(ask::print_json(&json!({ "file": path.display().to_string(), "bytes": bytes }))?);
            }
            Ok(process::print(&format!("{}: {bytes} bytes\n", path.display()))?)
        }
        None if is_json => json::print(download),
        None => print(download),
    }
}

fn path(matches: &ArgMatches, format: &str) -> String {
    let time = |name| matches.get_one::<Timestamp>(name).map(|time| time.as_millisecond().to_string());
    let (from, to) = (time("from"), time("to"));
    let mut path = ask::path(
        "/api/v1/export",
        &[("format", Some(format)), ("from", from.as_deref()), ("to", to.as_deref())],
    );
    for sensor in matches.get_many::<String>("sensor").into_iter().flatten() {
        path.push_str(&format!("&sensor={}", escaped(sensor)));
    }
    path
}

/// A reader that has seen enough and gone away, as `head` does, is no failure.
fn print(download: Download) -> Done {
    let mut out = stdout().lock();
    for piece in download {
        match out.write_all(&piece.map_err(ask::failed)?).and_then(|()| out.flush()) {
            Err(cause) if cause.kind() == ErrorKind::BrokenPipe => return Ok(()),
            written => written.map_err(|cause| format!("could not print to standard output: {cause}"))?,
        }
    }
    Ok(())
}

/// Writes under another name until it is whole, and tells how many bytes there are.
fn write(path: &Path, download: Download) -> Result<u64, Box<dyn Error>> {
    let mut name = path.file_name().ok_or_else(|| format!("'{}' names no file", path.display()))?.to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let failed = |cause: io::Error| format!("cannot write '{}': {cause}", path.display());
    let fill = |file: File| -> Result<u64, Box<dyn Error>> {
        let mut file = BufWriter::with_capacity(1 << 20, file);
        let mut bytes = 0;
        for piece in download {
            let piece = piece.map_err(ask::failed)?;
            bytes += piece.len() as u64;
            file.write_all(&piece).map_err(failed)?;
        }
        file.into_inner().map_err(|error| failed(error.into_error()))?.sync_all().map_err(failed)?;
        fs::rename(&part, path).map_err(failed)?;
        Ok(bytes)
    };
    let file = OpenOptions::new().write(true).create(true).truncate(true).open(&part).map_err(failed)?;
    let written = fill(file);
    if written.is_err() {
        fs::remove_file(&part).ok();
    }
    written
}

fn exists(path: &Path) -> String {
    format!("'{}' is there already; name another file, or replace it with --force", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_asked_for() {
        let asked = |arguments: &[&str]| {
            let matches = command().get_matches_from([&["export"], arguments].concat());
            path(&matches, "csv")
        };
        assert_eq!(asked(&[]), "/api/v1/export?format=csv");
        assert_eq!(
            asked(&["--sensor", "10.0.0.7_8", "--from", "1970-01-01T00:00:01Z", "--sensor", "::1_2"]),
            "/api/v1/export?format=csv&from=1000&sensor=10.0.0.7_8&sensor=%3A%3A1_2"
        );
    }
}
