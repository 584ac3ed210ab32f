//! CSV, as an export writes it, and as spreadsheets and other programs do.

use super::{
    Intake,
    cells::{Cell, Cells, Content, Whose},
};
use crate::error::{HistoryError, Result};
use csv::{ByteRecord, ReaderBuilder};
use std::io::Read;

/// A line that is longer is none of ours, and would fill the memory.
const LINE_BYTES_MAX: usize = 64 << 10;

/// Which column is what.
struct Columns {
    names: Vec<String>,
    whose: WhoseColumns,
    kind: usize,
    value: usize,
    time: usize,
    status: Option<usize>,
}

enum WhoseColumns {
    Key(usize),
    NodeAndSensor(usize, usize),
}

pub(super) fn read(from: &mut dyn Read, intake: &mut Intake<'_>) -> Result<()> {
    let from = Lines { from, since_line_end: 0 };
    // Whether a line has as many cells as the first is told in our words.
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(from);
    let mut record = ByteRecord::new();
    if !next(&mut reader, &mut record)? {
        return Err(wrong(1, "there is nothing in it; the first line has to name the columns"));
    }
    let columns = Columns::find(&record).map_err(|why| wrong(1, why))?;
    while next(&mut reader, &mut record)? {
        let line = record.position().map_or(0, csv::Position::line);
        let reading = columns.cells(&record).and_then(|cells| cells.reading(intake.profile));
        intake.take(line, reading)?;
    }
    Ok(())
}

fn next(reader: &mut csv::Reader<Lines<'_>>, record: &mut ByteRecord) -> Result<bool> {
    reader.read_byte_record(record).map_err(|cause| wrong(reader.position().line(), cause.to_string()))
}

fn wrong(line: u64, why: impl Into<String>) -> HistoryError {
    HistoryError::Import { place: format!("line {line}"), why: why.into() }
}

impl Columns {
    fn find(header: &ByteRecord) -> Result<Self, String> {
        let name = |cell: &[u8]| String::from_utf8_lossy(cell).trim().to_ascii_lowercase();
        let names: Vec<String> = header.iter().map(name).collect();
        let find = |wanted: &str| names.iter().position(|name| name == wanted);
        let whose = match (find("node"), find("sensor"), find("ip_id")) {
            (Some(node), Some(sensor), _) => Some(WhoseColumns::NodeAndSensor(node, sensor)),
            (_, _, key) => key.map(WhoseColumns::Key),
        };
        let kind = match &whose {
            // As in the table that a server keeps.
            Some(WhoseColumns::Key(_)) => find("kind").or_else(|| find("sensor")),
            _ => find("kind"),
        };
        let needed = |found: Option<usize>, what: &str| {
            found.ok_or_else(|| {
                let given = names.join(", ");
                format!(
                    "it names no column {what}; needed are time, node, sensor, kind and value (or ip_id, sensor, value and time), \
                     with or without status; it names {given}"
                )
            })
        };
        let (kind, value, time) =
            (needed(kind, "kind")?, needed(find("value"), "value")?, needed(find("time"), "time")?);
        let whose = whose.ok_or_else(|| needed(None, "node").expect_err("none was found"))?;
        let status = find("status");
        Ok(Self { whose, kind, value, time, status, names })
    }

    fn cells<'a>(&'a self, record: &'a ByteRecord) -> Result<Cells<'a>, String> {
        if record.len() != self.names.len() {
            return Err(format!("it has {} cells; the first line names {}", record.len(), self.names.len()));
        }
        let cell = |at: usize| {
            let content = std::str::from_utf8(&record[at]).map_or(Content::Text("\u{fffd}"), Content::Text);
            Cell { column: &self.names[at], content }
        };
        let whose = match self.whose {
            WhoseColumns::Key(key) => Whose::Key(cell(key)),
            WhoseColumns::NodeAndSensor(node, sensor) => Whose::NodeAndSensor(cell(node), cell(sensor)),
        };
        let (kind, value, time) = (cell(self.kind), cell(self.value), cell(self.time));
        Ok(Cells { whose, kind, value, time, status: self.status.map(cell) })
    }
}

/// Reads on as long as lines are of a length that a reading can have.
struct Lines<'a> {
    from: &'a mut dyn Read,
    since_line_end: usize,
}

impl Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.from.read(buffer)?;
        match buffer[..read].iter().rposition(|byte| *byte == b'\n') {
            Some(end) => self.since_line_end = read - end,
            None => self.since_line_end += read,
        }
        if self.since_line_end > LINE_BYTES_MAX {
            return Err(std::io::Error::other("a line is longer than 64 KiB: this is no CSV with readings"));
        }
        Ok(read)
    }
}
