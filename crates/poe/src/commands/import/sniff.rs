//! What a file is that somebody imports: its content tells, whatever its name is.

use jiff::Timestamp;
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// What every file of SQLite begins with.
const SQLITE: &[u8] = b"SQLite format 3\0";
/// The beginning of a file: a header line is far shorter, and the packed readings that are looked at are in it.
const BEGIN_BYTES: u64 = 4_096;

/// The format of a file.
pub(super) fn guess(path: &Path) -> Result<&'static str, String> {
    let looked = look(path).map_err(|cause| format!("cannot read '{}': {cause}", path.display()));
    let (begin, bytes) = looked?;
    if begin.starts_with(SQLITE) {
        return Ok("table");
    }
    let is_named = |name: &str| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(name));
    // A file with this name has its header judged by who reads it, who says what is missing there.
    if is_csv(&begin) || is_named("csv") {
        return Ok("csv");
    }
    if poe_history::are_records(&begin, bytes, Timestamp::now().as_millisecond()) {
        return Ok("readings");
    }
    Err(format!(
        "what '{}' is its content does not tell: it does not begin as a file of SQLite, nor with a line that names the columns \
         of CSV (time, value, and node or ip_id), nor is it packed readings, of 13 bytes each and with times from 2000 on (it \
         has {bytes} bytes). Say it with --format",
        path.display()
    ))
}

/// The beginning of a file, and how many bytes it has.
fn look(path: &Path) -> io::Result<(Vec<u8>, u64)> {
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut begin = Vec::new();
    file.take(BEGIN_BYTES).read_to_end(&mut begin)?;
    Ok((begin, bytes))
}

/// Whether the first line names columns that readings have.
fn is_csv(begin: &[u8]) -> bool {
    let line = begin.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let Ok(line) = std::str::from_utf8(line) else { return false };
    let trimmed = |cell: &str| cell.trim().trim_matches('"').trim().to_ascii_lowercase();
    let names: Vec<String> = line.trim_start_matches('\u{feff}').split(',').map(trimmed).collect();
    let has = |name: &str| names.iter().any(|given| given == name);
    has("time") && has("value") && (has("node") || has("ip_id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(sensor: u32, time_ms: i64, value: u8) -> Vec<u8> {
        [&sensor.to_le_bytes()[..], &time_ms.to_le_bytes()[..], &[value]].concat()
    }

    #[test]
    fn a_file_tells_what_it_is_whatever_its_name_is() {
        let folder = tempfile::tempdir().unwrap();
        let guessed = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            guess(&path)
        };
        let records: Vec<u8> =
            (0..1_000).flat_map(|nth| record(nth % 42, 1_740_830_400_000 + i64::from(nth), 40)).collect();
        for name in ["day.bin", "day", "day.txt"] {
            assert_eq!(guessed(name, b"SQLite format 3\0..."), Ok("table"), "{name}");
            assert_eq!(guessed(name, b"time,node,sensor,kind,value\n"), Ok("csv"), "{name}");
            assert_eq!(
                guessed(name, b"\xef\xbb\xbf\"ip_id\",\"Sensor\", value ,TIME\r\n1"),
                Ok("csv"),
                "{name}"
            );
            assert_eq!(guessed(name, &records), Ok("readings"), "{name}");
            assert_eq!(guessed(name, &records[..13]), Ok("readings"), "{name}");
        }
        assert_eq!(guessed("a.CSV", b"nothing of ours"), Ok("csv"), "who reads it says what is missing");
    }

    #[test]
    fn a_file_that_is_none_of_them_is_not_taken_for_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        let early = record(1, 946_684_799_999, 40);
        let late = record(1, Timestamp::now().as_millisecond() + 2 * 86_400_000, 40);
        let seconds = record(1, 1_740_830_400, 40);
        let cut = &record(1, 1_740_830_400_000, 40)[..12];
        for bytes in [&[0; 13][..], b"", b"hello, world\n", &early, &late, &seconds, cut] {
            std::fs::write(&path, bytes).unwrap();
            let told = guess(&path).unwrap_err();
            assert!(
                told.contains("--format") && told.contains(&format!("has {} bytes", bytes.len())),
                "{told}"
            );
        }
    }
}
