//! The two databases: sound, of a schema that is known, with short logs, and each for the right readers.

use super::report::Check;
use poe::config::Config;
use poe_store::{OpenError, check_integrity, inspect};
use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// Four times what a log grows to while nobody keeps a transaction open.
const LONG_LOG_BYTES: u64 = 128 << 20;

pub(super) fn check(config: &Config) -> Vec<Check> {
    let state = config.data_dir.join("state.db");
    let table = config.db_path();
    vec![
        sound("state.db", &state, None),
        schema(&config.data_dir),
        sound("table", &table, Some(&config.table)),
        log(&[&state, &table]),
        readers(&table),
        users_of(&table),
    ]
}

fn sound(name: &'static str, path: &Path, table: Option<&str>) -> Check {
    if let Err(cause) = fs::metadata(path) {
        let cure =
            "name the table's file with --db; if it is lost, a start makes a new one, and nodes fill it";
        return Check::problem(name, format!("{}: {cause}", path.display()), cure);
    }
    match check_integrity(path, table) {
        Ok(None) => Check::ok(name, format!("{} is sound", path.display())),
        Ok(Some(damage)) => {
            let found = format!("{} is damaged: {damage}", path.display());
            Check::problem(
                name,
                found,
                "stop the server, keep the file, and restore the latest backup: `poe restore`",
            )
        }
        Err(cause) => {
            let found = format!("{} cannot be read: {cause}", path.display());
            Check::problem(name, found, "see whether it is a database, and whether you may read it")
        }
    }
}

fn schema(data_dir: &Path) -> Check {
    const NAME: &str = "schema";
    match inspect(data_dir) {
        Ok(found) if found.schema == found.schema_latest => {
            Check::ok(NAME, format!("version {}", found.schema))
        }
        Ok(found) => {
            let told = format!("version {}, and this program writes {}", found.schema, found.schema_latest);
            Check::warning(
                NAME,
                told,
                "start the server: it brings a copy up to date, and keeps the old file",
            )
        }
        Err(error @ OpenError::NewerSchema { .. }) => Check::problem(
            NAME,
            error.to_string(),
            "install the later program again, or restore an older backup",
        ),
        Err(error) => Check::problem(NAME, error.to_string(), "restore the latest backup: `poe restore`"),
    }
}

fn log(files: &[&PathBuf]) -> Check {
    const NAME: &str = "logs";
    let bytes = |path: &Path| {
        let mut name = path.as_os_str().to_owned();
        name.push("-wal");
        fs::metadata(name).map_or(0, |file| file.len())
    };
    let long: Vec<String> = files
        .iter()
        .filter(|path| bytes(path) > LONG_LOG_BYTES)
        .map(|path| format!("{}-wal has {} MiB", path.display(), bytes(path) >> 20))
        .collect();
    if long.is_empty() {
        return Check::ok(NAME, "they are short");
    }
    Check::warning(
        NAME,
        long.join("; "),
        "end the program that keeps a transaction open on the file: `fuser` names it",
    )
}

fn readers(table: &Path) -> Check {
    const NAME: &str = "readers";
    match fs::metadata(table) {
        Ok(file) if file.permissions().mode() & 0o044 == 0o044 => {
            Check::ok(NAME, "every user may read the table")
        }
        Ok(file) => {
            let found =
                format!("not every user may read {} (mode {:o})", table.display(), file.mode() & 0o777);
            Check::warning(
                NAME,
                found,
                format!("chmod 644 {}, if other programs shall read it", table.display()),
            )
        }
        Err(cause) => Check::warning(NAME, format!("{}: {cause}", table.display()), "see `table` above"),
    }
}

/// Two servers that write to one table take each other's values away, and no lock tells them of each other: each has a
/// data folder of its own.
fn users_of(table: &Path) -> Check {
    const NAME: &str = "one server";
    let Ok(file) = fs::metadata(table) else { return Check::ok(NAME, "there is no table yet") };
    let has_open = |process: &Path| {
        let descriptors = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
        descriptors
            .filter_map(|descriptor| fs::metadata(descriptor.path()).ok())
            .any(|open| (open.dev(), open.ino()) == (file.dev(), file.ino()))
    };
    let is_server = |process: &Path| {
        let line = fs::read(process.join("cmdline")).unwrap_or_default();
        let is_poe = fs::read_to_string(process.join("comm")).is_ok_and(|name| name.trim_end() == "poe");
        is_poe && line.split(|byte| *byte == 0).any(|word| word == b"serve")
    };
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let servers: Vec<String> = processes
        .map(|process| process.path())
        .filter(|process| is_server(process) && has_open(process))
        .filter_map(|process| Some(process.file_name()?.to_string_lossy().into_owned()))
        .collect();
    if servers.len() < 2 {
        return Check::ok(NAME, "no two servers write to the table");
    }
    let found = format!("the processes {} all write to {}", servers.join(", "), table.display());
    Check::problem(NAME, found, "stop all but one, or give each a table of its own with --db")
}
