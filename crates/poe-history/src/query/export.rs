//! Everything of some sensors, however much it is, piece by piece.

use crate::{History, Range, error::Result};
use bytes::Bytes;
use poe_building::SensorKey;
use std::sync::Arc;

/// What an export looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExportFormat {
    /// A line for each reading: `time,node,sensor,kind,value,status`, with a first line that says so.
    Csv,
    /// The schema of the files.
    Parquet,
}

/// An export under way.
#[derive(Debug)]
pub struct Export {}

impl Export {
    /// The next piece, some 64 KiB; nothing at the end. It may take the disk's time.
    ///
    /// # Errors
    /// As [`History::readings`]; the export has then ended.
    pub fn next_piece(&mut self) -> Result<Option<Bytes>> {
        todo!()
    }
}

impl History {
    /// Begins an export: of these sensors, or of all; by day, then by sensor, then by time.
    ///
    /// # Errors
    /// As [`History::readings`].
    pub fn export(
        self: &Arc<Self>,
        range: Range,
        wanted: Option<Vec<SensorKey>>,
        format: ExportFormat,
    ) -> Result<Export> {
        let _ = (range, wanted, format);
        todo!()
    }
}
