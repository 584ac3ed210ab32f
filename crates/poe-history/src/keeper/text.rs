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
    #[serde(default)]
    clock_ms: Option<i64>,
    #[serde(borrow, default)]
    leaving: Vec<Cow<'a, str>>,
    #[serde(borrow, default)]
    untold: Vec<Cow<'a, str>>,
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
    let Catalogue { entries, sealed_through, next_set, imports, clock_ms, leaving, untold } = catalogue;
    let mut text =
        format!("{{\"version\":{VERSION},\"sealed_through\":{sealed_through},\"next_set\":{next_set},")
            .into_bytes();
    let mut add = |name: &[u8], texts: &[String]| {
        text.extend_from_slice(name);
        serde_json::to_writer(&mut text, texts).expect("text can be written to memory");
    };
    add(b"\"imports\":", imports);
    add(b",\"leaving\":", leaving);
    add(b",\"untold\":", untold);
    if let Some(clock_ms) = clock_ms {
        text.extend_from_slice(format!(",\"clock_ms\":{clock_ms}").as_bytes());
    }
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

/// Numbers of segments are below this: no server begins one every second for a century.
pub(super) const SEGMENTS_MAX: u64 = u32::MAX as u64;

/// What a catalogue that is whole says of the log.
pub(super) fn sealed_through(text: &[u8]) -> Option<u64> {
    body(text).ok()?;
    let begin = text.get(..text.len().min(128))?;
    let rest = begin.strip_prefix(format!("{{\"version\":{VERSION},\"sealed_through\":").as_bytes())?;
    let digits = rest.split(|byte| *byte == b',').next()?;
    std::str::from_utf8(digits).ok()?.parse().ok().filter(|number| *number <= SEGMENTS_MAX)
}

/// What the CRC vouches for. It says what is wrong otherwise.
fn body(text: &[u8]) -> Result<&[u8], String> {
    let tail_length = TAIL.len() + "00000000\"}\n".len();
    let (body, tail) =
        text.split_at_checked(text.len().wrapping_sub(tail_length)).ok_or("it is too short")?;
    if tail != format!("{TAIL}{:08x}\"}}\n", crc32fast::hash(body)).as_bytes() {
        return Err("its CRC is not that of its content".to_owned());
    }
    Ok(body)
}

/// What was printed. It says what is wrong otherwise.
pub(crate) fn parse(text: &[u8]) -> Result<Catalogue, String> {
    body(text)?;
    let whole: Whole = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    if whole.version != VERSION {
        return Err(format!("it has version {}, and this program knows {VERSION}", whole.version));
    }
    let entries = whole.entries.into_iter().map(|line| Arc::new(entry(line))).collect();
    if whole.sealed_through > SEGMENTS_MAX {
        return Err(format!("no segment of the log has the number {}", whole.sealed_through));
    }
    let owned = |texts: Vec<Cow<'_, str>>| texts.into_iter().map(Cow::into_owned).collect();
    Ok(Catalogue {
        entries,
        sealed_through: whole.sealed_through,
        next_set: whole.next_set,
        imports: owned(whole.imports),
        clock_ms: whole.clock_ms,
        leaving: owned(whole.leaving),
        untold: owned(whole.untold),
    })
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
        let (leaving, untold) = (vec!["a".into()], vec!["two \"words\"".into()]);
        Catalogue {
            entries,
            sealed_through: 77,
            next_set: files,
            imports,
            clock_ms: Some(-3),
            leaving,
            untold,
        }
    }

    #[test]
    fn what_is_printed_is_what_is_read() {
        for files in [0, 1, 2, 50] {
            let catalogue = some(files);
            let read = parse(&print(&catalogue)).unwrap();
            assert_eq!(sealed_through(&print(&catalogue)), Some(77));
            assert_eq!((read.entries, read.sealed_through, read.next_set), (catalogue.entries, 77, files));
            assert_eq!(
                (read.clock_ms, read.leaving, read.untold),
                (Some(-3), catalogue.leaving, catalogue.untold)
            );
        }
    }

    #[test]
    fn no_byte_can_change_or_be_missing_unnoticed() {
        let text = print(&some(3));
        for at in 0..text.len() {
            let mut broken = text.clone();
            broken[at] ^= 4;
            assert!(parse(&broken).is_err(), "{at}");
            assert_eq!(sealed_through(&broken), None, "{at}");
            assert!(parse(&text[..at]).is_err(), "{at}");
        }
    }

    #[test]
    fn no_number_of_a_segment_is_believed_that_none_can_have() {
        let text = print(&Catalogue { sealed_through: SEGMENTS_MAX + 1, ..some(2) });
        assert_eq!(sealed_through(&text), None);
        assert!(parse(&text).is_err());
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
