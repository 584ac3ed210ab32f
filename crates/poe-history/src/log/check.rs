//! The log looked through from end to end, beside whoever has it open.

use super::{append::numbers, recover};
use crate::error::{HistoryError, Result};
use std::{fs::File, io, path::Path};

/// What was found in one segment.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) readings: u64,
    pub(crate) bytes: u64,
    /// What is wrong with it, in words for people.
    pub(crate) findings: Vec<String>,
}

/// Reads every segment above this one. A batch that is being written, or was when the power went, is no fault.
pub(crate) fn check(folder: &Path, sealed_through: u64) -> Result<Vec<Checked>> {
    let mut checked = Vec::new();
    let segments = if folder.is_dir() { numbers(folder)? } else { Vec::new() };
    for (_, path) in segments.into_iter().filter(|(number, _)| *number > sealed_through) {
        let mut found = recover::Found::default();
        let mut look = || -> io::Result<u64> {
            let file = File::open(&path)?;
            recover::scan(&file, u64::MAX, &mut found)?;
            Ok(file.metadata()?.len())
        };
        let bytes = match look() {
            Ok(bytes) => bytes,
            // Sealed meanwhile.
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => continue,
            Err(cause) => return Err(HistoryError::disk("read", &path, cause)),
        };
        let damaged = found.damaged.iter();
        let findings = damaged.map(|range| {
            format!("{} is damaged: bytes {} to {} mean nothing", path.display(), range.start, range.end)
        });
        let readings = found.records.iter().map(|(_, header)| u64::from(header.readings)).sum();
        checked.push(Checked { readings, bytes, findings: findings.collect() });
    }
    Ok(checked)
}
