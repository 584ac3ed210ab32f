//! Answers: readings, buckets, exports.
//!
//! Each begins with one [`Moment`], in which every reading is in one place. What is in files is looked for by time in the
//! catalogue, then by sensor in a file's directory; what is not sealed yet is read from the log.

mod buckets;
mod choice;
mod csv;
mod day;
mod export;
mod merge;
mod readings;
mod slices;
mod sources;
mod sums;
#[cfg(test)]
mod tests;

pub use buckets::{Bucket, Buckets};
pub use export::{Export, ExportFormat, Wanted};
pub use readings::Readings;

use crate::{History, HistoryError, Range, error::Result, history::Moment, keeper::Entry};
use std::{io, sync::Arc, time::Instant};

/// How many damaged files one question gets past. With more than that the disk is going, and whoever asks should know.
const DAMAGED_MAX: usize = 16;

/// Moments that are told apart: some 280,000 years around 1970. Beyond them, sums of times could overflow.
const MOMENTS: Range = Range { from_ms: -8_640_000_000_000_000, to_ms: 8_640_000_000_000_000 };

impl Range {
    /// What both have.
    fn within(self, other: Self) -> Self {
        Self { from_ms: self.from_ms.max(other.from_ms), to_ms: self.to_ms.min(other.to_ms) }
    }

    fn is_empty(self) -> bool {
        self.from_ms >= self.to_ms
    }
}

impl History {
    /// Asks what there is now. A file that turns out to be damaged, or is gone, is set aside, and the question is asked again.
    fn ask<T>(&self, question: impl Fn(&Moment) -> Result<T>) -> Result<T> {
        for _ in 0..DAMAGED_MAX {
            let moment = self.now();
            match question(&moment) {
                Err(error) if self.put_aside(&moment, &error)? => {}
                answer => return answer,
            }
        }
        question(&self.now())
    }

    /// Sets the file aside that an error is about. Returns whether there was one.
    fn put_aside(&self, moment: &Moment, error: &HistoryError) -> Result<bool> {
        let (path, why) = match error {
            HistoryError::Damaged { path, why } => (path, why.clone()),
            HistoryError::Disk { path, cause, .. } if cause.kind() == io::ErrorKind::NotFound => {
                (path, "it is gone".to_owned())
            }
            _ => return Ok(false),
        };
        let is_it = |entry: &&Arc<Entry>| self.folders.path(&entry.path) == *path;
        let Some(entry) = moment.catalogue.entries.iter().find(is_it) else { return Ok(false) };
        self.catalogue.set_aside(entry, &why)?;
        self.footers.forget(path);
        Ok(true)
    }
}

fn is_over(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|deadline| Instant::now() >= deadline)
}
