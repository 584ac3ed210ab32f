//! Whatever bytes a folder of the history holds, it is opened, asked and looked through without a panic.

use poe_history::{History, Options, Range, Retention, verify};
use std::{fs, path::Path, sync::atomic::AtomicBool};
use tempfile::TempDir;

/// A file that the keeper would have given this name.
const RAW: &str = "history/date=2026-11-22/00000001-00000001-1795341600000-1795344719000.parquet";

/// The first byte says which file the others are.
pub fn fuzz(input: &[u8]) {
    let Some((which, bytes)) = input.split_first() else { return };
    let folder = TempDir::new().expect("there is a folder for temporary files");
    let file = match which % 3 {
        0 => "batches/000000000001.log",
        1 => "catalogue/catalogue.json",
        _ => RAW,
    };
    let file = folder.path().join(file);
    fs::create_dir_all(file.parent().expect("it lies in a folder")).expect("the folder is empty");
    fs::write(&file, bytes).expect("the folder is ours");
    look(folder.path());
}

fn look(folder: &Path) {
    // What is wrong is told, or is the error.
    let _ = verify(folder);
    let options = Options { data_dir: folder.to_owned(), retention: Retention::default() };
    let Ok((history, _log, _keeper, _notices)) = History::open(&options) else { return };
    let sensor = "127.0.0.1_8".parse().expect("it is a key");
    let always = Range { from_ms: i64::MIN, to_ms: i64::MAX };
    let _ = history.readings(sensor, always, 0, 1_000, None);
    let _ = history.buckets(sensor, Range { from_ms: 0, to_ms: 4_000_000_000_000 }, 3_600_000_000, None);
    let _ = history.figures();
    let _ = history.keep_now(&AtomicBool::new(false));
    let _ = history.readings(sensor, always, 0, 1_000, None);
}
