//! `poe history`: what a sensor said, and how the history stands.

use super::{
    Done,
    ask::{self, needed, told, word},
    moment,
    pages::print_as_one,
};
use crate::{
    console::table::{Column, TableInParts, counted},
    process,
};
use clap::{Arg, ArgAction, ArgMatches, Command};
use jiff::{Timestamp, tz::TimeZone};
use poe_api::client::{Client, ClientError, escaped};
use poe_history::{LevelReport, Report};
use serde_json::Value;
use std::error::Error;

/// How far back it shows where nothing is said.
const USUAL_MS: i64 = 86_400_000;
/// About how many steps are shown where nothing is said: a screen full.
const STEPS: i64 = 30;
/// Lengths of steps that people know, each with its name.
const USUAL_STEPS: [(&str, i64); 15] = [
    ("1s", 1_000),
    ("5s", 5_000),
    ("15s", 15_000),
    ("30s", 30_000),
    ("1m", 60_000),
    ("5m", 300_000),
    ("15m", 900_000),
    ("30m", 1_800_000),
    ("1h", 3_600_000),
    ("3h", 10_800_000),
    ("6h", 21_600_000),
    ("12h", 43_200_000),
    ("1d", 86_400_000),
    ("7d", 604_800_000),
    ("30d", 2_592_000_000),
];
/// Readings that are asked for at once: a megabyte or so.
const READINGS_AT_ONCE: &str = "10000";

pub(crate) fn command() -> Command {
    let step = Arg::new("step").long("step").value_name("STEP");
    let readings = Arg::new("readings").long("readings").action(ArgAction::SetTrue);
    let verify = Command::new("verify").about(
        "Read all that is kept from end to end, on the server's machine, and say whether anything is damaged or missing",
    );
    let command = Command::new("history")
        .about("Show what a sensor said, for years back; without a sensor, how the history stands")
        .after_help("`poe export` writes all of it to a file.")
        .args_conflicts_with_subcommands(true)
        .arg(Arg::new("SENSOR").help("Its key, such as 10.89.21.188_17"))
        .args(range().map(|arg| arg.requires("SENSOR")))
        .arg(
            step.requires("SENSOR")
                .help("How long each step is, such as 30s, 5m, 1h or 1d; about thirty steps unless you say"),
        )
        .arg(
            readings
                .requires("SENSOR")
                .conflicts_with("step")
                .help("Every single reading, in place of steps"),
        )
        .subcommand(verify);
    ask::with_json(ask::of_server(command))
}

/// `--from` and `--to`.
pub(super) fn range() -> [Arg; 2] {
    let time = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("TIME").value_parser(time).allow_hyphen_values(true).help(help)
    };
    [
        time("from", "From this time on, as in 2026-03-29, 2026-03-29T14:00 or -24h"),
        time("to", "Up to this time, in the same words"),
    ]
}

/// A time as [`moment::read`] has it, or how long ago it was: `-24h`.
fn time(text: &str) -> Result<Timestamp, String> {
    let Some(ago) = text.strip_prefix('-') else { return moment::read(text) };
    let unit = ago.find(|c: char| !c.is_ascii_digit()).unwrap_or(ago.len());
    let (number, unit) = ago.split_at(unit);
    let unit_s = match unit {
        "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3_600),
        "d" => Some(86_400),
        _ => None,
    };
    let seconds = unit_s.and_then(|unit_s| number.parse::<i64>().ok()?.checked_mul(unit_s));
    let time = seconds.and_then(|seconds| {
        Timestamp::from_millisecond(
            Timestamp::now().as_millisecond().checked_sub(seconds.checked_mul(1_000)?)?,
        )
        .ok()
    });
    time.ok_or_else(|| format!("'{text}' is no length of time; write it like -30m, -24h or -7d"))
}

pub(crate) fn run(matches: &ArgMatches) -> Done {
    if let Some((_, matches)) = matches.subcommand() {
        return verify(matches);
    }
    let server = ask::server(matches)?;
    if word(matches, "SENSOR").is_none() {
        return figures(&server, matches);
    }
    let asked = Asked::new(matches);
    if matches.get_flag("json") {
        return print_as_one(asked.pages(&server));
    }
    let mut count = 0;
    let mut table = if asked.step.is_some() { Rows::Steps(steps()) } else { Rows::Readings(readings()) };
    for page in asked.pages(&server) {
        let page = page.map_err(ask::failed)?;
        let items = ask::items(&page);
        count += items.len();
        if !items.is_empty() {
            process::print(&table.part(items))?;
        }
    }
    let end = match (count, &asked.step) {
        (0, _) => "it has said nothing in this time".to_owned(),
        (count, Some(step)) => format!("{} of {step} with readings", counted(count, "step")),
        (count, None) => counted(count, "reading"),
    };
    Ok(process::print(&format!("{end}\n"))?)
}

/// What is asked for.
struct Asked {
    path: String,
    step: Option<String>,
}

impl Asked {
    fn new(matches: &ArgMatches) -> Self {
        let millis = |name| matches.get_one::<Timestamp>(name).map(|time| time.as_millisecond());
        let to_ms = millis("to").unwrap_or_else(|| Timestamp::now().as_millisecond() + 1);
        let span = millis("from").map_or(USUAL_MS, |from_ms| to_ms.saturating_sub(from_ms));
        let usual = || {
            let known = USUAL_STEPS.into_iter().find(|(_, step_ms)| span / STEPS <= *step_ms);
            known.unwrap_or(USUAL_STEPS[USUAL_STEPS.len() - 1])
        };
        let (step, step_ms) = match word(matches, "step") {
            Some(step) => (Some(step.to_owned()), None),
            None if matches.get_flag("readings") => (None, None),
            None => (Some(usual().0.to_owned()), Some(usual().1)),
        };
        // Whole steps are answered from roll-ups.
        let whole = |from_ms: i64| from_ms - step_ms.map_or(0, |step_ms| from_ms.rem_euclid(step_ms));
        let from_ms = millis("from").unwrap_or_else(|| whole(to_ms - USUAL_MS));
        let path = ask::path(
            &format!("/api/v1/history/{}", escaped(needed(matches, "SENSOR"))),
            &[
                ("from", Some(&from_ms.to_string())),
                ("to", Some(&to_ms.to_string())),
                ("step", step.as_deref()),
                ("limit", step.is_none().then_some(READINGS_AT_ONCE)),
            ],
        );
        Self { path, step }
    }

    /// All answers, to the end.
    fn pages(&self, server: &Client) -> impl Iterator<Item = Result<Value, ClientError>> {
        let mut next = Some(self.path.clone());
        std::iter::from_fn(move || {
            let page = server.get(&next.take()?);
            if let Ok(page) = &page
                && let Some(after) = page["next"].as_str()
            {
                next = Some(format!("{}&after={}", self.path, escaped(after)));
            }
            Some(page)
        })
    }
}

/// A table of steps, or of readings.
enum Rows {
    Steps(TableInParts<6>),
    Readings(TableInParts<4>),
}

fn steps() -> TableInParts<6> {
    TableInParts::new([
        Column::Text("time"),
        Column::Number("readings"),
        Column::Number("min"),
        Column::Number("mean"),
        Column::Number("max"),
        Column::Number("last"),
    ])
}

fn readings() -> TableInParts<4> {
    TableInParts::new([
        Column::Text("time"),
        Column::Number("value"),
        Column::Text("kind"),
        Column::Text("status"),
    ])
}

impl Rows {
    fn part(&mut self, items: &[Value]) -> String {
        let zone = TimeZone::system();
        match self {
            Self::Steps(table) => table.part(items.iter().map(|item| step_row(item, &zone))),
            Self::Readings(table) => table.part(items.iter().map(|item| reading_row(item, &zone))),
        }
    }
}

fn step_row(item: &Value, zone: &TimeZone) -> [String; 6] {
    let mean = item["mean"].as_f64().map_or_else(|| "-".to_owned(), |mean| format!("{mean:.1}"));
    let [count, min, max, last] = ["count", "min", "max", "last"].map(|field| told(item, field));
    [clock(item, zone), count, min, mean, max, last]
}

fn reading_row(item: &Value, zone: &TimeZone) -> [String; 4] {
    [clock(item, zone), told(item, "value"), told(item, "kind"), told(item, "status")]
}

/// A time of long ago, to the millisecond.
fn clock(item: &Value, zone: &TimeZone) -> String {
    let time = item["time"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
    time.map_or_else(
        || "-".to_owned(),
        |time| time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S%.3f").to_string(),
    )
}

fn figures(server: &Client, matches: &ArgMatches) -> Done {
    let figures = server.get("/api/v1/storage/history").map_err(ask::failed)?;
    if matches.get_flag("json") {
        return Ok(ask::print_json(&figures)?);
    }
    let bytes = figures["bytes_per_reading"].as_f64();
    let bytes = bytes.map(|bytes| format!(", {bytes:.2} bytes per reading")).unwrap_or_default();
    let [sealed, waiting, files, oldest, raw, rollups, damaged] = [
        "readings_sealed",
        "readings_waiting",
        "files",
        "oldest",
        "raw_bytes",
        "rollup_bytes",
        "damaged_files",
    ]
    .map(|field| told(&figures, field));
    Ok(process::print(&format!(
        "{sealed} readings in {files} files, {waiting} in the log, the oldest of {oldest}\n\
         {raw} bytes of readings, {rollups} of roll-ups{bytes}; {damaged} files set aside\n"
    ))?)
}

/// The server may run or not: the folder is read beside it.
fn verify(matches: &ArgMatches) -> Done {
    if word(matches, "connect").is_some() {
        return Err(
            "`poe history verify` reads files: run it on the server's machine, with --data-dir".into()
        );
    }
    let data_dir = ask::data_dir(matches)?;
    if !data_dir.join("state.db").exists() && !data_dir.join("history").exists() {
        let folder = data_dir.display();
        return Err(
            format!("'{folder}' is no server's folder: it has neither a state.db nor a history").into()
        );
    }
    let report = poe_history::verify(&data_dir)?;
    if matches.get_flag("json") {
        ask::print_json(&json(&report))?;
    } else {
        process::print(&said(&report))?;
    }
    if report.is_sound() { Ok(()) } else { Err(findings(&report)) }
}

fn said(report: &Report) -> String {
    let Report { readings, minutes, hours, waiting, times_ms, compared, .. } = report;
    let time =
        |millis| Timestamp::from_millisecond(millis).map_or_else(|_| "-".to_owned(), |time| time.to_string());
    let times =
        times_ms.map(|(from, to)| format!(", from {} to {}", time(from), time(to))).unwrap_or_default();
    let end = if report.is_sound() { "whole" } else { "not as it should be" };
    format!(
        "history: {} readings in {} files, {} bytes{times}\n\
         {} waiting in {} segments of the log\n\
         roll-ups: {} minutes and {} hours in {} files; {compared} days and months compared\n\
         history: {end}\n",
        readings.rows,
        readings.files,
        readings.bytes,
        waiting.rows,
        waiting.files,
        minutes.rows,
        hours.rows,
        minutes.files + hours.files,
    )
}

fn json(report: &Report) -> Value {
    let level = |level: &LevelReport| serde_json::json!({ "files": level.files, "rows": level.rows, "bytes": level.bytes });
    serde_json::json!({
        "readings": level(&report.readings),
        "minutes": level(&report.minutes),
        "hours": level(&report.hours),
        "waiting": level(&report.waiting),
        "compared": report.compared,
        "findings": report.findings,
        "more_findings": report.more_findings,
    })
}

fn findings(report: &Report) -> Box<dyn Error> {
    let mut lines = report.findings.clone();
    if report.more_findings > 0 {
        lines.push(format!("and {} more", report.more_findings));
    }
    lines.join("\n").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn path(arguments: &[&str]) -> String {
        let matches = command().get_matches_from([&["history"], arguments].concat());
        Asked::new(&matches).path
    }

    #[test]
    fn without_a_step_a_screen_full_is_asked_for() {
        assert_eq!(
            path(&["10.0.0.7_8", "--from", "1970-01-02T00:00:00Z", "--to", "1970-01-03T00:00:00Z"]),
            "/api/v1/history/10.0.0.7_8?from=86400000&to=172800000&step=1h"
        );
        assert!(
            path(&["x", "--from", "1970-01-01T00:00:00Z", "--to", "1971-01-01T00:00:00Z"])
                .ends_with("step=30d")
        );
        assert!(path(&["x", "--step", "7m"]).ends_with("step=7m"));
        assert!(path(&["x", "--readings"]).ends_with("limit=10000"));
        let from = path(&["x"]);
        let from = from.split(['=', '&']).nth(1).unwrap().parse::<i64>().unwrap();
        assert_eq!(from % 3_600_000, 0, "whole hours, for which there are roll-ups");
    }

    #[test]
    fn a_time_is_a_moment_or_how_long_ago_it_was() {
        let ago = |text| Timestamp::now().as_second() - time(text).unwrap().as_second();
        for (text, seconds) in [("-30s", 30), ("-5m", 300), ("-24h", 86_400), ("-7d", 604_800)] {
            assert!((seconds..seconds + 5).contains(&ago(text)), "{text}");
        }
        assert_eq!(time("2026-03-29T14:00:00Z").unwrap().as_second(), 1_774_792_800);
        for text in ["-", "-5", "-h", "-5w", "-99999999999999999d", "5m"] {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_step_and_a_reading_are_rows() {
        let zone = TimeZone::UTC;
        let step = json!({ "time": "2026-03-29T14:00:00.000Z", "count": 9450, "min": 40, "max": 43, "mean": 41.25, "last": 42 });
        let reading = json!({ "time": "2026-03-29T14:00:00.380Z", "value": 210, "kind": "SMOKE", "status": "critical" });
        let tables = [
            steps().part([step_row(&step, &zone)].into_iter()),
            readings().part([reading_row(&reading, &zone)].into_iter()),
        ];
        expect_test::expect![[r#"
            time                     readings  min  mean  max  last
            2026-03-29 14:00:00.000      9450   40  41.2   43    42
            time                     value  kind   status
            2026-03-29 14:00:00.380    210  SMOKE  critical
        "#]]
        .assert_eq(&tables.concat());
    }
}
