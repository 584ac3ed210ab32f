//! Words that no file of the project may hold: where somebody's machine keeps things.

use crate::source::{files, none, read, root};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Cut in two, so that this file does not hold them either.
const PLACES: [&str; 3] = [concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/wo", "rk/")];

#[test]
fn no_file_tells_of_the_machine_it_was_written_on() {
    let mut complaints = Vec::new();
    for path in in_git() {
        // A file that is listed but removed has nothing to tell.
        let Ok(bytes) = fs::read(root().join(&path)) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        for (number, line) in (1..).zip(text.lines()) {
            for place in PLACES.iter().filter(|place| begins_a_path(line, place)) {
                complaints.push(format!("{}:{number}: `{place}` is a place on one machine", path.display()));
            }
        }
    }
    none(&complaints);
}

#[test]
fn every_dependency_comes_from_the_public_registry() {
    let mut complaints = Vec::new();
    for path in in_git() {
        let (key, registry) = match path.file_name().and_then(|name| name.to_str()) {
            Some("Cargo.lock") => ("source = ", "\"registry+https://github.com/rust-lang/crates.io-index\""),
            Some("package-lock.json") => ("\"resolved\": ", "\"https://registry.npmjs.org/"),
            _ => continue,
        };
        let lock = read(&root().join(&path));
        for (number, line) in (1..).zip(lock.lines()) {
            if let Some(source) = line.trim().strip_prefix(key)
                && !source.starts_with(registry)
            {
                complaints.push(format!("{}:{number}: {source} is not the public registry", path.display()));
            }
        }
    }
    none(&complaints);
}

/// Whether `place` stands in the line at the beginning of a path, not in the middle of one.
fn begins_a_path(line: &str, place: &str) -> bool {
    let within_path = |c: char| c.is_alphanumeric() || "._-/}".contains(c);
    line.match_indices(place).any(|(at, _)| !line[..at].ends_with(within_path))
}

/// The files that git holds or would take, from the root on; without git, all but what was built.
fn in_git() -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    if let Ok(listed) = listed
        && listed.status.success()
        && !listed.stdout.is_empty()
    {
        let names = String::from_utf8_lossy(&listed.stdout).into_owned();
        return names.split_terminator('\0').map(PathBuf::from).collect();
    }
    let parts = [".ci", "crates", "deploy", "docs", "scripts", "fuzz/corpus", "fuzz/fuzz_targets"];
    let below = parts.iter().flat_map(|part| files(&root().join(part)));
    below
        .chain([root().join("Cargo.lock"), root().join("Cargo.toml"), root().join("Makefile")])
        .map(|path| path.strip_prefix(root()).map(Path::to_owned).unwrap_or(path))
        .collect()
}
