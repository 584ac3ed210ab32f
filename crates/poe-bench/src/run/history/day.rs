//! The reference day on disk: what a reading costs, and whether each has kept its time.

use super::bytes_on_disk;
use super::generator::{Reference, Tally};
use super::stored::{Stored, number};
use crate::failure::{Doing, Failure};
use crate::run::client::Client;
use crate::run::lab::Lab;
use crate::run::report::{Row, Target};
use jiff::Timestamp;
use std::io::BufRead;

pub fn measure(lab: &Lab) -> Result<Vec<Row>, Failure> {
    let stored = Stored::of(lab, &Reference::ten_nodes(1))?;
    let Tally { count, .. } = stored.tally;
    let bytes = bytes_on_disk(&stored.data())?;
    let each = bytes as f64 / count as f64;
    let Stored { import_s, rest_s, .. } = stored;
    let figure = format!(
        "{each:.3} bytes: {:.2} MB for {count}; imported in {import_s:.1} s, at rest {rest_s:.0} s later",
        bytes as f64 / 1e6,
    );

    let server = lab.server(&stored.data(), 100)?;
    let exported = exported(&server.local)?;
    server.stop()?;
    let wrong = if exported == stored.tally { 0 } else { exported.count.abs_diff(count).max(1) };
    let same = if wrong == 0 { "the same" } else { "another" };
    Ok(vec![
        Row::new("a reading of the reference day on disk", figure, each, Target::AtMost(0.35), " bytes"),
        Row::new(
            "sensor, time and value of each, exported",
            format!("{} of {count} readings, {same} checksum", exported.count),
            wrong as f64,
            Target::AtMost(0.0),
            " wrong",
        ),
    ])
}

/// Everything that there is, as CSV.
fn exported(client: &Client) -> Result<Tally, Failure> {
    let doing = || "read the export".into();
    let mut lines = client.open("/api/v1/export?format=csv")?;
    let mut line = String::new();
    lines.read_line(&mut line).doing(doing)?;
    let columns: Vec<&str> = line.trim_end().split(',').collect();
    let place = |name| {
        let place = columns.iter().position(|column| *column == name);
        place.ok_or_else(|| Failure::new(format!("the export has no column {name}: {}", line.trim_end())))
    };
    let (time, node, sensor, value) = (place("time")?, place("node")?, place("sensor")?, place("value")?);
    let reading = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        let time = fields.get(time)?.parse::<Timestamp>().ok()?;
        let sensor = number(fields.get(node)?, fields.get(sensor)?)?;
        // A part of a millisecond would be a time that nobody has sent.
        (time.subsec_nanosecond() % 1_000_000 == 0).then_some(())?;
        Some((sensor, time.as_millisecond(), fields.get(value)?.parse().ok()?))
    };
    let mut tally = Tally::default();
    let mut line = String::new();
    while lines.read_line(&mut line).doing(doing)? > 0 {
        let unfit = || Failure::new(format!("{:?} is no reading", line.trim_end()));
        let (sensor, time_ms, value) = reading(line.trim_end()).ok_or_else(unfit)?;
        tally.add(sensor, time_ms, value);
        line.clear();
    }
    Ok(tally)
}
