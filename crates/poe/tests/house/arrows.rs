//! Which crate may depend on which: arrows point towards `poe-wire`, and heavy guests have one room each.

use crate::source::{crates, none, read, root};
use std::{env, process::Command};
use toml::de::{DeTable, DeValue};

/// Each of our crates and those of ours that it may use. A new arrow is a decision: it is written here.
const ARROWS: [(&str, &[&str]); 10] = [
    ("poe", &["poe-api", "poe-building", "poe-history", "poe-notify", "poe-sim", "poe-store", "poe-wire"]),
    ("poe-api", &["poe-building", "poe-history", "poe-store", "poe-web", "poe-wire"]),
    ("poe-bench", &["poe-building", "poe-wire"]),
    ("poe-building", &["poe-wire"]),
    ("poe-history", &["poe-building", "poe-wire"]),
    ("poe-notify", &["poe-building", "poe-wire"]),
    ("poe-sim", &["poe-building", "poe-wire"]),
    ("poe-store", &["poe-building", "poe-wire"]),
    ("poe-web", &[]),
    ("poe-wire", &[]),
];

/// Dependencies that only some crates may have. The benchmarks look at the table from outside, so they open it too.
const ROOMS: [(&str, &[&str]); 12] = [
    ("axum", &["poe-api"]),
    ("hyper", &["poe-api"]),
    ("hyper-util", &["poe-api"]),
    ("lettre", &["poe-notify"]),
    ("libsqlite3-sys", &["poe-store"]),
    ("parquet", &["poe-history"]),
    ("rcgen", &["poe-api"]),
    ("reqwest", &["poe-notify"]),
    ("rusqlite", &["poe-bench", "poe-history", "poe-store"]),
    ("rustls", &["poe-api", "poe-notify"]),
    ("tokio-rustls", &["poe-api"]),
    ("zstd", &["poe-history"]),
];

#[test]
fn our_crates_use_only_those_nearer_to_the_wire() {
    let mut complaints = Vec::new();
    for name in crates() {
        let Some((_, allowed)) = ARROWS.iter().find(|(of, _)| *of == name) else {
            complaints.push(format!("crates/{name}: say in ARROWS which of our crates it may use"));
            continue;
        };
        for used in dependencies(&name).iter().filter(|used| *used == "poe" || used.starts_with("poe-")) {
            if !allowed.contains(&used.as_str()) {
                complaints.push(format!("crates/{name}/Cargo.toml: {name} must not use {used}"));
            }
        }
    }
    none(&complaints);
}

#[test]
fn heavy_guests_stay_in_their_rooms() {
    let mut complaints = Vec::new();
    for name in crates() {
        let dependencies = dependencies(&name);
        for (guest, rooms) in ROOMS {
            if dependencies.iter().any(|used| used == guest) && !rooms.contains(&name.as_str()) {
                complaints.push(format!("crates/{name}/Cargo.toml: {guest} belongs to {}", rooms.join(", ")));
            }
        }
    }
    none(&complaints);
}

#[test]
fn the_wire_needs_nothing_and_the_building_only_the_wire() {
    assert_eq!(tree("poe-wire"), ["poe-wire"]);
    assert_eq!(tree("poe-building"), ["poe-building", "poe-wire"]);
}

/// Byte layouts of frames have one home. What a store, the history or a measurement writes to its own files is its own, and so are the
/// heads of pictures.
#[test]
fn only_the_wire_takes_bytes_apart() {
    const TAKING_APART: [&str; 7] = [
        "from_le_bytes",
        "from_be_bytes",
        "from_ne_bytes",
        "as_chunks::<4>",
        "as_chunks::<FRAME_BYTES>",
        "chunks_exact(4)",
        "chunks_exact(FRAME_BYTES)",
    ];
    let mut complaints = Vec::new();
    const WITH_FILES: [&str; 4] = ["poe-bench", "poe-history", "poe-store", "poe-wire"];
    for name in crates().iter().filter(|name| !WITH_FILES.contains(&name.as_str())) {
        let sources = crate::source::rust(&format!("crates/{name}/src"));
        for source in sources.iter().filter(|source| source.path != "crates/poe-api/src/plans/raster.rs") {
            for way in TAKING_APART {
                complaints.extend(source.complaints(way, "only poe-wire knows how bytes make a frame"));
            }
        }
    }
    none(&complaints);
}

/// The names in a crate's manifest of what its program or library needs; what its tests need is their own affair.
fn dependencies(name: &str) -> Vec<String> {
    let text = read(&root().join("crates").join(name).join("Cargo.toml"));
    let manifest = DeTable::parse(&text)
        .unwrap_or_else(|error| panic!("crates/{name}/Cargo.toml: {error}"))
        .into_inner();
    let mut names = Vec::new();
    let mut collect = |table: &DeTable<'_>| {
        for key in ["dependencies", "build-dependencies"] {
            if let Some(DeValue::Table(dependencies)) = table.get(key).map(toml::Spanned::get_ref) {
                names.extend(dependencies.keys().map(|name| name.get_ref().to_string()));
            }
        }
    };
    collect(&manifest);
    if let Some(DeValue::Table(targets)) = manifest.get("target").map(toml::Spanned::get_ref) {
        for target in targets.values() {
            if let DeValue::Table(target) = target.get_ref() {
                collect(target);
            }
        }
    }
    names
}

/// Everything that a crate pulls in when it is built, itself included.
fn tree(name: &str) -> Vec<String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--package", name, "--edges", "normal,build", "--all-features", "--prefix", "none"])
        .args(["--locked", "--offline", "--format", "{p}"])
        .current_dir(root())
        .output()
        .expect("these tests are run by cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("crates have plain names");
    let mut names: Vec<String> =
        lines.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}
