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
        if path.file_name().is_none_or(|name| name != "Cargo.lock") {
            continue;
        }
        let registry = "\"registry+https://github.com/rust-lang/crates.io-index\"";
        for (number, line) in (1..).zip(read(&root().join(&path)).lines()) {
            if let Some(source) = line.trim().strip_prefix("source = ")
                && !source.starts_with(registry)
            {
                complaints.push(format!("{}:{number}: {source} is not the public registry", path.display()));
            }
        }
    }
    none(&complaints);
}

/// Where packages of the dashboard come from is for whoever builds it to say: what they are is told by their hashes.
#[test]
fn the_dashboard_names_no_registry() {
    let mut complaints = Vec::new();
    let files = in_git().into_iter().filter(|path| {
        path.file_name()
            .is_some_and(|name| [".npmrc", "package.json", "package-lock.json"].iter().any(|it| name == *it))
    });
    for path in files {
        for (number, line) in (1..).zip(read(&root().join(&path)).lines()) {
            for word in
                ["\"resolved\":", "registry=", "registry:", "registry\":", "://registry", "git+", "\"file:"]
            {
                if line.contains(word) {
                    let cure = "npm leaves it out by `omit-lockfile-registry-resolved` in web/.npmrc";
                    complaints.push(format!("{}:{number}: `{word}`: {cure}", path.display()));
                }
            }
        }
    }
    let lock: serde_json::Value = serde_json::from_str(&read(&root().join("web/package-lock.json"))).unwrap();
    for (path, package) in lock["packages"].as_object().unwrap() {
        if !path.is_empty() && !package["integrity"].as_str().is_some_and(|hash| hash.starts_with("sha512-"))
        {
            complaints.push(format!("web/package-lock.json: {path} has no hash"));
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
    let web = ["web/journeys", "web/public", "web/scripts", "web/src"];
    let parts = [".ci", "crates", "deploy", "docs", "scripts", "fuzz/corpus", "fuzz/fuzz_targets"]
        .into_iter()
        .chain(web);
    let below = parts.flat_map(|part| files(&root().join(part)));
    let web = [".npmrc", "index.html", "package.json", "package-lock.json", "vite.config.ts"]
        .map(|name| root().join("web").join(name));
    below
        .chain([root().join("Cargo.lock"), root().join("Cargo.toml"), root().join("Makefile")])
        .chain(web)
        .filter(|path| path.iter().all(|part| part != "node_modules"))
        .map(|path| path.strip_prefix(root()).map(Path::to_owned).unwrap_or(path))
        .collect()
}
