//! The catalogue as a file: JSON, a line for each file, and a CRC in the last line.

use super::{Catalogue, Entry, Level};
use crate::files::Step;
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, sync::Arc};

/// The version of what this program writes. Others are refused, and the catalogue is then made anew.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Whole<'a> {
    version: u32,
    sealed_through: u64,
    next_set: u64,
    #[serde(borrow, default)]
    imports: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    entries: Vec<Line<'a>>,
}

#[derive(Serialize, Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    path: Cow<'a, str>,
    level: LevelName,
    from_ms: i64,
    to_ms: i64,
    rows: u64,
    bytes: u64,
    footer_crc: u32,
    set: u64,
    first_set: u64,
    daily: bool,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum LevelName {
    Raw,
    Minute,
    Hour,
}

const TAIL: &str = "],\"crc32\":\"";

/// The file's content.
pub(crate) fn print(catalogue: &Catalogue) -> Vec<u8> {
    let Catalogue { entries, sealed_through, next_set, imports } = catalogue;
    let mut text =
        format!("{{\"version\":{VERSION},\"sealed_through\":{sealed_through},\"next_set\":{next_set},")
            .into_bytes();
    text.extend_from_slice(b"\"imports\":");
    serde_json::to_writer(&mut text, imports).expect("text can be written to memory");
    text.extend_from_slice(b",\"entries\":[");
    for (number, entry) in entries.iter().enumerate() {
        text.extend_from_slice(if number == 0 { b"\n" } else { b",\n" });
        serde_json::to_writer(&mut text, &line(entry)).expect("numbers and text can be written to memory");
    }
    text.push(b'\n');
    let crc = crc32fast::hash(&text);
    text.extend_from_slice(format!("{TAIL}{crc:08x}\"}}\n").as_bytes());
    text
}

/// What the first bytes of a catalogue say of the log.
pub(super) fn sealed_through(begin: &[u8]) -> Option<u64> {
    let rest = std::str::from_utf8(begin)
        .ok()?
        .strip_prefix(&format!("{{\"version\":{VERSION},\"sealed_through\":"))?;
    rest.split_once(",\"next_set\":")?.0.parse().ok()
}

/// What was printed. It says what is wrong otherwise.
pub(crate) fn parse(text: &[u8]) -> Result<Catalogue, String> {
    let tail_length = TAIL.len() + "00000000\"}\n".len();
    let (body, tail) =
        text.split_at_checked(text.len().wrapping_sub(tail_length)).ok_or("it is too short")?;
    if tail != format!("{TAIL}{:08x}\"}}\n", crc32fast::hash(body)).as_bytes() {
        return Err("its CRC is not that of its content".to_owned());
    }
    let whole: Whole = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    if whole.version != VERSION {
        return Err(format!("it has version {}, and this program knows {VERSION}", whole.version));
    }
    let entries = whole.entries.into_iter().map(|line| Arc::new(entry(line))).collect();
    let imports = whole.imports.into_iter().map(Cow::into_owned).collect();
    Ok(Catalogue { entries, sealed_through: whole.sealed_through, next_set: whole.next_set, imports })
}

fn line(entry: &Entry) -> Line<'_> {
    let Entry { path, level, from_ms, to_ms, rows, bytes, footer_crc, set, first_set, daily } = entry;
    let level = match level {
        Level::Raw => LevelName::Raw,
        Level::Rollup(Step::Minute) => LevelName::Minute,
        Level::Rollup(Step::Hour) => LevelName::Hour,
    };
    let path = Cow::Borrowed(path.as_str());
    let (from_ms, to_ms, rows, bytes) = (*from_ms, *to_ms, *rows, *bytes);
    let (footer_crc, set, first_set, daily) = (*footer_crc, *set, *first_set, *daily);
    Line { path, level, from_ms, to_ms, rows, bytes, footer_crc, set, first_set, daily }
}

fn entry(line: Line<'_>) -> Entry {
    let Line { path, level, from_ms, to_ms, rows, bytes, footer_crc, set, first_set, daily } = line;
    let level = match level {
        LevelName::Raw => Level::Raw,
        LevelName::Minute => Level::Rollup(Step::Minute),
        LevelName::Hour => Level::Rollup(Step::Hour),
    };
    let path = path.into_owned();
    Entry { path, level, from_ms, to_ms, rows, bytes, footer_crc, set, first_set, daily }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(files: u64) -> Catalogue {
        let entries = (0..files)
            .map(|n| {
                Arc::new(Entry {
                    path: format!(
                        "history/date=2026-11-23/{n:08}-{n:08}-1795392000000-1795478399600-d.parquet"
                    ),
                    level: [Level::Raw, Level::Rollup(Step::Minute), Level::Rollup(Step::Hour)]
                        [n as usize % 3],
                    from_ms: n as i64 - 5,
                    to_ms: 7,
                    rows: n,
                    bytes: 2 * n,
                    footer_crc: u32::MAX,
                    set: n,
                    first_set: n,
                    daily: n % 2 == 0,
                })
            })
            .collect();
        let imports = (0..files).map(|n| format!("{n}-\"-1-2")).collect();
        Catalogue { entries, sealed_through: 77, next_set: files, imports }
    }

    #[test]
    fn what_is_printed_is_what_is_read() {
        for files in [0, 1, 2, 50] {
            let catalogue = some(files);
            let read = parse(&print(&catalogue)).unwrap();
            assert_eq!(sealed_through(&print(&catalogue)[..60]), Some(77));
            assert_eq!((read.entries, read.sealed_through, read.next_set), (catalogue.entries, 77, files));
        }
    }

    #[test]
    fn no_byte_can_change_or_be_missing_unnoticed() {
        let text = print(&some(3));
        for at in 0..text.len() {
            let mut broken = text.clone();
            broken[at] ^= 4;
            assert!(parse(&broken).is_err(), "{at}");
            assert!(parse(&text[..at]).is_err(), "{at}");
        }
    }

    /// `cargo test --release -p poe-history ten_years -- --ignored --nocapture`
    #[test]
    #[ignore = "a figure, and not a promise"]
    fn ten_years_are_read_in_no_time() {
        let text = print(&some(11_000));
        let began = std::time::Instant::now();
        assert_eq!(parse(&text).unwrap().entries.len(), 11_000);
        println!("{} bytes in {:?}", text.len(), began.elapsed());
    }
}
