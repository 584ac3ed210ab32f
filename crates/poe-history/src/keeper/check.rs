//! Files that were written are read back before they count.

use super::{Level, set::NewFile, sum::Sum, work::Flow};
use crate::{
    HistoryError,
    files::{Directory, RawFile, RollupFile},
    reading::Reading,
};
use poe_building::SensorKey;
use std::{ops::Range, path::Path};

/// Rows that are read back at once: 256 KiB of readings.
const READ_BACK: u64 = 16_384;

/// Reads new files back and compares them with what was meant.
pub(super) fn check(files: &[NewFile], between: &mut dyn FnMut() -> Flow<()>) -> Flow<()> {
    for file in files {
        let (read, footer_crc) = match file.level {
            Level::Raw => read_raw(&RawFile::open(&file.part)?, &file.part, between)?,
            Level::Rollup(_) => {
                let found = RollupFile::open(&file.part)?;
                let mut sum = Sum::default();
                let mut reader = found.reader()?;
                each_piece(found.directory(), |_, rows, _| {
                    let mut rollups = Vec::new();
                    reader.read(rows, &mut rollups)?;
                    sum.rollups(&rollups);
                    between()
                })?;
                (sum, found.footer_crc())
            }
        };
        if (read, read.rows, footer_crc) != (file.sum, file.written.rows, file.written.footer_crc) {
            let why = "what is read is not what was written";
            return Err(HistoryError::damaged(&file.part, why).into());
        }
    }
    Ok(())
}

/// Reads all readings, and finds the file damaged if they are not in order.
pub(super) fn read_raw(
    file: &RawFile,
    path: &Path,
    between: &mut dyn FnMut() -> Flow<()>,
) -> Flow<(Sum, u32)> {
    let mut sum = Sum::default();
    let mut reader = file.reader()?;
    let mut readings: Vec<Reading> = Vec::new();
    let mut last_ms = i64::MIN;
    each_piece(file.directory(), |sensor, rows, begins| {
        if begins {
            sum.sensor(sensor);
            last_ms = i64::MIN;
        }
        readings.clear();
        let wanted = rows.end - rows.start;
        reader.read(rows, &mut readings)?;
        if readings.len() as u64 != wanted {
            return Err(HistoryError::damaged(path, "rows are missing").into());
        }
        for reading in &readings {
            if reading.time_ms < last_ms {
                return Err(HistoryError::damaged(path, "its readings are not in order").into());
            }
            last_ms = reading.time_ms;
        }
        sum.readings(&readings);
        between()
    })?;
    Ok((sum, file.footer_crc()))
}

/// Calls `take` with all rows of a file, sensor by sensor, a bounded number at a time; and with whether a sensor begins.
pub(super) fn each_piece(
    directory: &Directory,
    mut take: impl FnMut(SensorKey, Range<u64>, bool) -> Flow<()>,
) -> Flow<()> {
    for (sensor, rows) in directory.iter() {
        let mut from = rows.start;
        while from < rows.end {
            let to = rows.end.min(from + READ_BACK);
            take(sensor, from..to, from == rows.start)?;
            from = to;
        }
    }
    Ok(())
}
