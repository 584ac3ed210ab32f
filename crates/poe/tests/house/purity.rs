//! What the two pure crates do not touch, and what no crate may do.

use crate::source::{Source, crates, none, read, root, rust};

/// The modules of `std` in which there is no clock, no disk, no network, no thread and no chance.
const PURE: [&str; 12] =
    ["borrow", "boxed", "cmp", "collections", "error", "fmt", "hash", "iter", "mem", "num", "rc", "str"];

/// What is pure in a module that as a whole is not: texts and rules that many hold and nobody changes.
const SHARED: [&str; 2] = ["sync::Arc;", "sync::LazyLock;"];

#[test]
fn the_building_sees_no_clock_no_disk_no_network_and_no_task() {
    let mut complaints = Vec::new();
    for source in rust("crates/poe-building/src") {
        complaints.extend(impure_imports(&source));
        for word in
            ["tokio", "async", "await", "rand", "Instant", "SystemTime", "println!", "eprintln!", "dbg!"]
        {
            complaints.extend(source.complaints(word, "the building is pure; let the caller bring it"));
        }
    }
    none(&complaints);
}

#[test]
fn the_wire_builds_without_an_operating_system() {
    let sources = rust("crates/poe-wire/src");
    let lib = sources.iter().find(|source| source.path.ends_with("/lib.rs")).expect("a crate has a lib.rs");
    assert!(lib.code.lines().any(|line| line == "#![no_std]"), "{} must say #![no_std]", lib.path);
    let mut complaints = Vec::new();
    for source in &sources {
        for word in ["std::", "alloc::", "extern crate"] {
            complaints.extend(source.complaints(word, "poe-wire has `core` and nothing else"));
        }
    }
    none(&complaints);
}

/// Where something is unsafe, for a reason that was measured and is told there.
const UNSAFE: [&str; 1] = ["crates/poe/src/memory.rs"];

#[test]
fn nothing_is_unsafe_but_what_is_named() {
    let mut complaints = Vec::new();
    for source in rust("crates").into_iter().chain(rust("fuzz/fuzz_targets")) {
        // This check has to name what it looks for.
        if source.path.ends_with("tests/house/purity.rs")
            || UNSAFE.iter().any(|path| source.path.ends_with(path))
        {
            continue;
        }
        // A browser's word for what it may do with styles is not ours.
        let source = Source { code: source.code.replace("'unsafe-inline'", ""), ..source };
        for word in ["unsafe", "unsafe_code"] {
            complaints.extend(source.complaints(word, "find a crate that does it, or a safe way"));
        }
    }
    for name in crates() {
        let manifest = read(&root().join("crates").join(&name).join("Cargo.toml"));
        if !manifest.contains("[lints]\nworkspace = true\n") {
            complaints.push(format!("crates/{name}/Cargo.toml: add `[lints]` with `workspace = true`"));
        }
    }
    none(&complaints);
}

/// A complaint for each path into `std` that leaves [`PURE`], also inside `use std::{..}`.
fn impure_imports(source: &Source) -> Vec<String> {
    let mut complaints = Vec::new();
    for (at, _) in source.code.match_indices("std::") {
        let after = &source.code[at + "std::".len()..];
        if SHARED.iter().any(|pure| after.starts_with(pure)) {
            continue;
        }
        for module in first_names(after) {
            if !PURE.contains(&module) {
                complaints.push(source.complaint(at, &format!("`std::{module}` is not known to be pure")));
            }
        }
    }
    complaints
}

/// The name that a path goes on with; the names, if a group in braces follows.
fn first_names(path: &str) -> Vec<&str> {
    let name = |text: &str| text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let Some(group) = path.strip_prefix('{') else { return vec![&path[..name(path)]] };
    let (mut names, mut depth, mut expected) = (Vec::new(), 0, true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => expected = true,
            c if expected && !c.is_whitespace() => {
                names.push(&group[at..at + name(&group[at..])]);
                expected = false;
            }
            _ => {}
        }
    }
    names
}

#[test]
fn a_group_of_imports_is_seen_through() {
    assert_eq!(first_names("time::Instant;"), ["time"]);
    assert_eq!(
        first_names("{collections::{BTreeMap, HashMap}, fmt,\n    time::Instant};\nfs"),
        ["collections", "fmt", "time"]
    );
}
