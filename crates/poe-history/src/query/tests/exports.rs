//! Exports that meet a damaged file: before anything was told they go on without it, afterwards they end with an error.

use super::{
    super::{Export, ExportFormat},
    HOUR,
    world::{BEGIN_MS, Kept, Said, World},
};
use crate::{HistoryError, Range, keeper::Level};
use std::fs;

const DAY: i64 = 24 * HOUR;
/// More than two pieces of CSV.
const MANY: i64 = 6_000;
const WHOLE: Range = Range { from_ms: i64::MIN, to_ms: i64::MAX };

/// Two days, each in a file of its own, with many readings.
fn two_days() -> World {
    let day = |nth: i64| {
        let said = |at: i64| Said { time_ms: BEGIN_MS + nth * DAY + at, sensor: 0, value: (at % 251) as u8 };
        (0..MANY).map(said).collect()
    };
    World::new(vec![day(0), day(1)], vec![], [u64::MAX; 3], 0)
}

/// What there is from this day on, or before it.
fn lines(world: &World, nth: i64) -> String {
    let day = BEGIN_MS.div_euclid(DAY) + nth;
    world.lines(Range { from_ms: day * DAY, to_ms: (day + 1) * DAY }, None)
}

/// Flips a bit of the file of a day, so far from its beginning.
fn damage(history: &Kept, nth: usize, at: impl Fn(usize) -> usize) {
    let catalogue = &history.now().catalogue;
    let raw: Vec<_> = catalogue.entries.iter().filter(|entry| entry.level == Level::Raw).collect();
    let path = history.folders.path(&raw[nth].path);
    let mut bytes = fs::read(&path).unwrap();
    let at = at(bytes.len());
    bytes[at] ^= 16;
    fs::write(&path, bytes).unwrap();
}

fn begin(history: &Kept, format: ExportFormat) -> Export {
    history.export(WHOLE, None, format).unwrap()
}

/// All that is told, to the end or to an error.
fn told(mut export: Export) -> (Vec<u8>, Option<HistoryError>) {
    let mut all = Vec::new();
    loop {
        match export.next_piece() {
            Ok(Some(piece)) => all.extend_from_slice(&piece),
            Ok(None) => return (all, None),
            Err(error) => return (all, Some(error)),
        }
    }
}

#[track_caller]
fn check_whole(export: Export, expected: &str) {
    let (text, error) = told(export);
    assert!(error.is_none(), "{error:?}");
    assert!(text == expected.as_bytes(), "{} bytes, not {}", text.len(), expected.len());
}

#[test]
fn an_export_that_meets_damage_at_its_beginning_goes_on_without_that_file() {
    let world = two_days();
    // In the data of the first day, which are read first.
    let history = world.history();
    damage(&history, 0, |length| length / 3);
    check_whole(begin(&history, ExportFormat::Csv), &lines(&world, 1));
    assert_eq!(history.catalogue.damaged_files(), 1);
    // As Parquet too, which has an end.
    let history = world.history();
    damage(&history, 0, |length| length / 3);
    let (file, error) = told(begin(&history, ExportFormat::Parquet));
    assert!(error.is_none() && file.starts_with(b"PAR1") && file.ends_with(b"PAR1"), "{error:?}");
}

#[test]
fn a_damaged_footer_of_a_later_day_is_met_before_anything_is_told() {
    let world = two_days();
    let history = world.history();
    damage(&history, 1, |length| length - 40);
    check_whole(begin(&history, ExportFormat::Csv), &lines(&world, 0));
}

#[test]
fn damage_that_is_met_later_ends_an_export_with_an_error_and_the_next_one_is_whole() {
    let world = two_days();
    let history = world.history();
    damage(&history, 1, |length| length / 3);
    let mut export = begin(&history, ExportFormat::Csv);
    assert!(export.next_piece().unwrap().is_some());
    let (_, error) = told(export);
    assert!(matches!(error, Some(HistoryError::Damaged { .. })), "{error:?}");
    check_whole(begin(&history, ExportFormat::Csv), &lines(&world, 0));
}
