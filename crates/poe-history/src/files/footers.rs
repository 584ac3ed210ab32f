//! Footers that have been read are kept, within a bound: nothing else is.

use super::{RawFile, RollupFile};
use crate::error::Result;
use std::{path::Path, sync::Arc};

/// The footers read last.
#[derive(Debug, Default)]
pub(crate) struct Footers {}

impl Footers {
    /// The footer of a file with readings. One whose CRC is not `crc` is damaged.
    pub(crate) fn raw(&self, path: &Path, crc: u32) -> Result<Arc<RawFile>> {
        let _ = (path, crc);
        todo!()
    }

    /// The footer of a file with roll-ups.
    pub(crate) fn rollup(&self, path: &Path, crc: u32) -> Result<Arc<RollupFile>> {
        let _ = (path, crc);
        todo!()
    }

    /// Forgets a file that is gone.
    pub(crate) fn forget(&self, path: &Path) {
        let _ = path;
    }
}
