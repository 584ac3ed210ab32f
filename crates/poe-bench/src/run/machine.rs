//! The machine that the figures were taken on.

use std::fs;
use std::path::Path;
use std::thread;

/// Its cores, kernel, memory and disk, in one line.
pub fn describe(dir: &Path) -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let cpu = after_colon("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown CPU".into());
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let memory_kib = after_colon("/proc/meminfo", "MemTotal")
        .and_then(|memory| memory.split(' ').next()?.parse().ok())
        .unwrap_or(0.0);
    let memory_gib = memory_kib / f64::from(1 << 20);
    let disk = file_system(dir).unwrap_or_else(|| "an unknown file system".into());
    format!("{cores} cores ({cpu}), {memory_gib:.1} GiB, Linux {}, data on {disk}", kernel.trim())
}

fn after_colon(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().into())
}

/// The type of the file system with the longest mount point above `dir`.
fn file_system(dir: &Path) -> Option<String> {
    let dir = dir.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    mounts
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ').skip(1);
            Some((fields.next()?, fields.next()?))
        })
        .filter(|(point, _)| dir.starts_with(point))
        .max_by_key(|(point, _)| point.len())
        .map(|(_, kind)| kind.into())
}
