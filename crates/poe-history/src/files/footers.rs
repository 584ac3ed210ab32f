//! Footers that have been read are kept, within a bound: nothing else is.

use super::{RawFile, RollupFile};
use crate::error::{HistoryError, Result};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// All footers together: those of two years of daily files of some two hundred sensors, so that a question about a year reads
/// none twice. When full, the one that was asked for longest ago gives way.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// The footers read last.
#[derive(Debug, Default)]
pub(crate) struct Footers {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    footers: HashMap<PathBuf, Footer>,
    bytes: usize,
    /// Counts what was asked.
    asked: u64,
}

#[derive(Debug)]
struct Footer {
    file: File,
    bytes: usize,
    asked: u64,
}

#[derive(Clone, Debug)]
enum File {
    Raw(Arc<RawFile>),
    Rollup(Arc<RollupFile>),
}

impl Footers {
    /// The footer of a file with readings. One whose CRC is not `crc` is damaged.
    pub(crate) fn raw(&self, path: &Path, crc: u32) -> Result<Arc<RawFile>> {
        if let Some(File::Raw(file)) = self.kept().find(path)
            && file.footer_crc() == crc
        {
            return Ok(file);
        }
        let file = Arc::new(RawFile::open(path)?);
        check(path, crc, file.footer_crc())?;
        let bytes = file.bytes();
        self.kept().keep(path, File::Raw(Arc::clone(&file)), bytes);
        Ok(file)
    }

    /// The footer of a file with roll-ups.
    pub(crate) fn rollup(&self, path: &Path, crc: u32) -> Result<Arc<RollupFile>> {
        if let Some(File::Rollup(file)) = self.kept().find(path)
            && file.footer_crc() == crc
        {
            return Ok(file);
        }
        let file = Arc::new(RollupFile::open(path)?);
        check(path, crc, file.footer_crc())?;
        let bytes = file.bytes();
        self.kept().keep(path, File::Rollup(Arc::clone(&file)), bytes);
        Ok(file)
    }

    /// Forgets a file that is gone.
    pub(crate) fn forget(&self, path: &Path) {
        self.kept().forget(path);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn check(path: &Path, expected: u32, found: u32) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(HistoryError::damaged(
        path,
        format!("its footer's CRC is {found:08x}, and {expected:08x} was written"),
    ))
}

impl Kept {
    fn find(&mut self, path: &Path) -> Option<File> {
        self.asked += 1;
        let footer = self.footers.get_mut(path)?;
        footer.asked = self.asked;
        Some(footer.file.clone())
    }

    fn keep(&mut self, path: &Path, file: File, bytes: usize) {
        self.forget(path);
        while self.bytes + bytes > BYTES_MAX
            && let Some(oldest) = self.footers.iter().min_by_key(|(_, footer)| footer.asked)
        {
            let path = oldest.0.clone();
            self.forget(&path);
        }
        self.asked += 1;
        self.bytes += bytes;
        self.footers.insert(path.to_owned(), Footer { file, bytes, asked: self.asked });
    }

    fn forget(&mut self, path: &Path) {
        if let Some(footer) = self.footers.remove(path) {
            self.bytes -= footer.bytes;
        }
    }
}
