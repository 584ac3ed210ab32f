//! Backups put back: what is refused, what is put aside, and what a crash in between leaves.

use crate::{
    backups::members,
    sample::{commit, entries},
    support::House,
};
use poe_building::{LastRun, Time};
use poe_store::{DataFolder, Leftover, Origin, leftovers, restore, verify};
use poe_wire::SensorKind;
use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
};
use tar::{Builder, EntryType, Header};

/// A backup of a house with some entries, a row, a plan and a key.
fn sample() -> Vec<u8> {
    let house = House::new();
    let mut night = house.open().unwrap();
    night.record("10.0.0.7", 100, &[(3, SensorKind::Smoke, 41)]);
    commit(&mut night.store, &entries(1..=5));
    for (folder, name, content) in
        [("plans", "0a1b", "<svg/>"), ("tls", "server.key", "key"), ("tls", "ca.pem", "ca")]
    {
        fs::create_dir_all(house.data().join(folder)).unwrap();
        fs::write(house.data().join(folder).join(name), content).unwrap();
    }
    house.back_up()
}

fn refusal(house: &House, mut archive: &[u8], force: bool) -> String {
    let folder = DataFolder::lock(&house.data()).unwrap();
    let refused = restore(&folder, &house.table_file, &mut archive, force).unwrap_err().to_string();
    assert!(!refused.contains('\n'), "{refused}");
    refused
}

fn names(house: &House) -> Vec<String> {
    let entries = fs::read_dir(house.data()).unwrap().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_is_put_back_is_what_was_there_with_the_modes_of_a_server() {
    let house = House::new();
    let restored = house.put_back(&sample());
    assert_eq!((restored.manifest.last_seq, restored.aside), (5, None));
    assert_eq!(
        names(&house),
        ["journal.mark", "plans", "poe.db", "poe.lock", "restored.json", "state.db", "tls"]
    );
    let mode = |name: &str| fs::metadata(house.data().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(["state.db", "journal.mark", "plans/0a1b", "tls/server.key"].map(mode), [0o600; 4]);
    assert_eq!(["poe.db", "tls/ca.pem"].map(mode), [0o644; 2]);
    assert_eq!(["plans", "tls"].map(mode), [0o700, 0o755]);
    assert_eq!(verify(&house.data()).unwrap().finding, None);
    assert_eq!(house.value("10.0.0.7_3"), Some(41));
    let (_, known) = house.store();
    assert_eq!((known.journal_fault, known.sensors.len(), known.next.seq), (None, 1, 6));
    let origin = Origin::read(&house.data()).unwrap().unwrap();
    assert_eq!(origin.made.to_string(), restored.manifest.made);
    assert_eq!(known.last_run, LastRun::Restored(Time(origin.made.as_microsecond())));
    let (mut store, _) = house.store();
    commit(&mut store, &entries(6..=6));
    drop(store);
    let last_run = house.store().1.last_run;
    assert!(!matches!(last_run, LastRun::Restored(_)), "from now on the journal tells: {last_run:?}");
}

#[test]
fn what_is_there_is_put_aside_only_when_it_is_said_and_never_deleted() {
    let archive = sample();
    let house = House::new();
    let mut night = house.open().unwrap();
    night.record("10.0.0.9", 100, &[(1, SensorKind::Smoke, 99)]);
    commit(&mut night.store, &entries(1..=2));
    drop(night);
    fs::create_dir(house.data().join("tls")).unwrap();
    fs::write(house.data().join("tls/server.key"), "old key").unwrap();
    let refused = refusal(&house, &archive, false);
    for word in ["state.db", "poe.db", "tls", "--force"] {
        assert!(refused.contains(word), "{refused}");
    }
    assert_eq!(house.value("10.0.0.9_1"), Some(99));

    let mut aside = Vec::new();
    for _ in 0..2 {
        let folder = DataFolder::lock(&house.data()).unwrap();
        let restored = restore(&folder, &house.table_file, &mut &archive[..], true).unwrap();
        aside.push(restored.aside.unwrap());
    }
    assert_ne!(aside[0], aside[1], "within one second, too");
    assert_eq!(fs::read_to_string(aside[0].join("tls/server.key")).unwrap(), "old key");
    assert_eq!(fs::read_to_string(aside[1].join("tls/server.key")).unwrap(), "key");
    assert_eq!(fs::metadata(&aside[0]).unwrap().permissions().mode() & 0o777, 0o700);
    let old = House::new();
    fs::create_dir_all(old.data()).unwrap();
    for entry in fs::read_dir(&aside[0]).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), old.data().join(entry.file_name())).unwrap();
    }
    assert_eq!(verify(&old.data()).unwrap().entries, 2, "it can be put back as it was");
    assert_eq!(old.value("10.0.0.9_1"), Some(99));
    assert_eq!((house.value("10.0.0.9_1"), house.value("10.0.0.7_3")), (None, Some(41)));
    assert_eq!(
        leftovers(&house.data()).unwrap(),
        aside.into_iter().map(Leftover::BeforeRestore).collect::<Vec<_>>()
    );
}

#[test]
fn a_site_s_file_stays_on_its_disk() {
    let house = House::new();
    let house = House { table_file: house.folder.path().join("site.db"), ..house };
    fs::write(&house.table_file, "what was there").unwrap();
    fs::set_permissions(&house.table_file, fs::Permissions::from_mode(0o660)).unwrap();
    let folder = DataFolder::lock(&house.data()).unwrap();
    restore(&folder, &house.table_file, &mut &sample()[..], true).unwrap();
    assert_eq!(house.value("10.0.0.7_3"), Some(41));
    assert_eq!(fs::metadata(&house.table_file).unwrap().permissions().mode() & 0o777, 0o660, "as it was");
    let beside: Vec<PathBuf> =
        fs::read_dir(house.folder.path()).unwrap().flatten().map(|entry| entry.path()).collect();
    let aside =
        beside.iter().find(|path| path.to_string_lossy().contains("site.db.before-restore-")).unwrap();
    assert_eq!(fs::read_to_string(aside).unwrap(), "what was there");
}

type Given<'a> = (&'a str, EntryType, &'a [u8]);

/// An archive of these members, whatever they are called.
fn archive(members: &[Given<'_>]) -> Vec<u8> {
    let mut archive = Builder::new(Vec::new());
    for (name, kind, content) in members {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        if kind.is_symlink() {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_size(content.len() as u64);
        header.set_cksum();
        archive.append(&header, *content).unwrap();
    }
    archive.into_inner().unwrap()
}

#[test]
fn nothing_is_taken_from_an_archive_that_is_not_whole_and_right() {
    let house = House::new();
    let whole = sample();
    let check = |archive: &[u8], word: &str| {
        let refused = refusal(&house, archive, false);
        assert!(refused.contains(word), "{word:?} is not in {refused:?}");
        assert_eq!(names(&house), ["poe.lock"], "{refused}");
        assert!(fs::read_dir(house.folder.path()).unwrap().count() == 1, "nothing beside it either");
    };
    check(b"", "not a backup");
    check(&[7; 2_000], "not a backup");
    for cut in [100, 600, 3_000, 20_000, whole.len() / 2, whole.len() - 3_000] {
        refusal(&house, &whole[..cut], false);
        assert_eq!(names(&house), ["poe.lock"], "cut at {cut}");
    }
    for at in (whole.len() / 4..whole.len() - 2_048).step_by(whole.len() / 9) {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        refusal(&house, &flipped, false);
        assert_eq!(names(&house), ["poe.lock"], "flipped at {at}");
    }

    let members = members(&whole);
    let order = [
        "manifest.json",
        "table.db",
        "state.db",
        "journal.mark",
        "plans/0a1b",
        "tls/ca.pem",
        "tls/server.key",
    ];
    let all: Vec<_> = order.iter().map(|name| (*name, EntryType::Regular, &members[*name].1[..])).collect();
    house.put_back(&archive(&all));
    for name in ["state.db", "journal.mark", "restored.json", "poe.db", "plans", "tls"] {
        let path = house.data().join(name);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }
    check(&archive(&all[1..]), "not a backup");
    check(&archive(&all[..3]), "it is missing: the archive was cut off");
    let with = |change: &dyn Fn(&mut Vec<Given<'_>>)| {
        let mut members = all.clone();
        change(&mut members);
        archive(&members)
    };
    check(&with(&|members| members[4].0 = "plans/../../evil"), "something else is in its place");
    check(&with(&|members| members[4].1 = EntryType::Symlink), "something else is in its place");
    check(&with(&|members| members.push(("evil", EntryType::Regular, b"x"))), "more in it than its manifest");
    check(&with(&|members| members[4].2 = b"<svg>!"), "plans/0a1b: it was changed");

    let manifest = String::from_utf8(members["manifest.json"].1.clone()).unwrap();
    let rewritten = |from: &str, to: &str| {
        assert!(manifest.contains(from));
        let text = manifest.replace(from, to);
        with(&|members| members[0].2 = text.as_bytes().to_vec().leak())
    };
    check(&rewritten("plans/0a1b", "../../0a1b"), "which no backup has");
    check(&rewritten("plans/0a1b", "tls/ca.pem"), "which no backup has, or has once");
    check(&rewritten("table.db", "tls/tab"), "it names no table.db");
    check(&rewritten("\"schema\": 3", "\"schema\": 99"), "a later program, 0.0.0-test, made it");
    check(&rewritten("\"format\": 1", "\"format\": 2"), "a later program");
    check(&rewritten("\"schema\": 3", "\"schema\": 2"), "state.db in the backup is damaged: its schema");
    check(&rewritten("\"last_seq\": 5", "\"last_seq\": 6"), "its last entry is 5 and not 6");
    check(&rewritten("\"bytes\": 6", "\"bytes\": 7"), "its size is not the one");
    check(&rewritten("\"format\"", "\"farmat\""), "manifest cannot be understood");
}

#[test]
fn a_journal_that_was_rewritten_in_the_backup_is_found_out() {
    let house = House::new();
    let (mut store, _) = house.store();
    commit(&mut store, &entries(1..=9));
    store.close();
    rusqlite::Connection::open(house.state_file())
        .unwrap()
        .execute("UPDATE journal SET text = 'nothing happened' WHERE seq = 4", [])
        .unwrap();
    let refused = refusal(&House::new(), &house.back_up(), false);
    assert!(refused.contains("the journal: entry 4 was changed"), "{refused}");
}

#[test]
fn a_link_in_the_place_of_a_file_is_put_aside_as_it_is() {
    let house = House::new();
    fs::create_dir_all(house.data()).unwrap();
    let elsewhere = house.folder.path().join("precious");
    fs::write(&elsewhere, "precious").unwrap();
    symlink(&elsewhere, house.data().join("state.db")).unwrap();
    let folder = DataFolder::lock(&house.data()).unwrap();
    restore(&folder, &house.table_file, &mut &sample()[..], true).unwrap();
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "precious");
}

#[test]
fn what_was_unpacked_by_halves_goes_with_the_next_start() {
    let house = House::new();
    drop(house.store());
    let half = house.data().join("restoring-20260101T000000Z.tmp");
    let table = house.data().join("poe.db.restoring-20260101T000000Z");
    fs::create_dir(&half).unwrap();
    fs::write(half.join("state.db"), "half").unwrap();
    fs::write(&table, "half").unwrap();
    let plan = serde_json::json!({
        "stamp": "20260101T000000Z", "parts": [], "table_from": table, "table_to": house.table_file,
    });
    fs::write(half.join("restoring.json"), plan.to_string()).unwrap();
    assert_eq!(leftovers(&house.data()).unwrap(), [Leftover::CutShort(half.clone())]);
    drop(house.store());
    assert!(!half.exists() && !table.exists());

    // One that somebody has written to have other files deleted.
    let precious = house.folder.path().join("precious");
    fs::write(&precious, "precious").unwrap();
    fs::create_dir(&half).unwrap();
    let forged = plan.to_string().replace(table.to_str().unwrap(), precious.to_str().unwrap());
    fs::write(half.join("restoring.json"), forged).unwrap();
    drop(house.store());
    assert!(precious.exists() && !half.exists());
}

#[test]
fn what_root_restores_is_the_server_s_and_the_table_whose_it_was() {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: only root can give files away");
        return;
    }
    let (server, site) = (65_534, 4_711);
    let house = House::new();
    let house = House { table_file: house.folder.path().join("site/site.db"), ..house };
    fs::set_permissions(house.folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    for (path, owner) in [(house.data(), server), (house.folder.path().join("site"), site)] {
        fs::create_dir(&path).unwrap();
        chown(path, Some(owner), Some(owner)).unwrap();
    }
    fs::write(&house.table_file, "what was there").unwrap();
    chown(&house.table_file, Some(site), Some(server)).unwrap();
    let folder = DataFolder::lock(&house.data()).unwrap();
    restore(&folder, &house.table_file, &mut &sample()[..], true).unwrap();
    let owner_of = |path: &Path| fs::metadata(path).map(|file| (file.uid(), file.gid())).unwrap();
    assert_eq!(owner_of(&house.table_file), (site, server));
    let mut unseen = vec![house.data()];
    while let Some(path) = unseen.pop() {
        assert_eq!(owner_of(&path), (server, server), "{}", path.display());
        if path.is_dir() {
            unseen.extend(fs::read_dir(path).unwrap().flatten().map(|entry| entry.path()));
        }
    }
}
