//! The history's files in a backup: which of them belong together is known to who keeps them.

use crate::{backups::members, support::House};
use poe_store::{Backup, BackupError, DataFolder, restore};
use poe_wire::SensorKind;
use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
};

const FILES: [&str; 6] = [
    "batches/000007.log",
    "catalogue/catalogue.json",
    "history/date=2026-11-22/000001.parquet",
    "history/date=2026-11-23/000002.parquet",
    "rollups/hour/month=2026-11/000001.parquet",
    "rollups/minute/date=2026-11-22/00000001-00000002-1795392000000-1795478399600-d-s123456789-k3f-longer.parquet",
];

/// Puts a history there whose files tell their own names.
fn keep(folder: &Path) {
    for name in FILES {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, name).unwrap();
    }
}

fn house() -> House {
    let house = House::new();
    house.open().unwrap().record("10.0.0.7", 100, &[(3, SensorKind::Smoke, 41)]);
    house
}

fn back_up(house: &House, hold: impl FnOnce(&Path)) -> Vec<u8> {
    let backup = Backup::make(&house.source(), "0.0.0-test", |folder| {
        hold(folder);
        Ok(())
    });
    let (backup, mut archive) = (backup.unwrap(), Vec::new());
    backup.write(&mut archive).unwrap();
    assert_eq!(archive.len() as u64, backup.bytes());
    archive
}

#[test]
fn what_was_taken_hold_of_is_put_back_and_nothing_else() {
    let house = house();
    keep(&house.data());
    fs::write(house.data().join("history/date=2026-11-23/000003.parquet"), "not of this moment").unwrap();
    let archive = back_up(&house, |folder| {
        for name in FILES {
            fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
            fs::hard_link(house.data().join(name), folder.join(name)).unwrap();
        }
        fs::write(folder.join("history/date=2026-11-23/000009.parquet.new"), "half").unwrap();
        // What is replaced from now on is in the backup as it was.
        fs::remove_file(house.data().join(FILES[2])).unwrap();
    });
    let names = members(&archive).into_keys().filter(|name| name.contains('/')).collect::<Vec<_>>();
    assert_eq!(names, FILES);

    let copy = House::new();
    copy.put_back(&archive);
    let mode = |path: &str| fs::metadata(copy.data().join(path)).unwrap().mode() & 0o777;
    for name in FILES {
        assert_eq!(fs::read_to_string(copy.data().join(name)).unwrap(), name);
        assert_eq!(mode(name), if name.starts_with("batches") { 0o600 } else { 0o640 }, "{name}");
    }
    assert_eq!(
        [
            "catalogue",
            "history",
            "history/date=2026-11-22",
            "rollups/minute",
            "rollups/minute/date=2026-11-22"
        ]
        .map(mode),
        [0o750; 5]
    );
    assert_eq!(mode("batches"), 0o700);
    assert_eq!(copy.value("10.0.0.7_3"), Some(41));
}

#[test]
fn a_history_is_put_aside_as_a_whole_also_by_a_backup_without_one() {
    let house = house();
    let archive = back_up(&house, |_| ());
    keep(&house.data());
    let folder = DataFolder::lock(&house.data()).unwrap();
    let refused = restore(&folder, &house.table_file, &mut &archive[..], false).unwrap_err().to_string();
    assert!(refused.contains("history") && refused.contains("batches"), "{refused}");
    let restored = restore(&folder, &house.table_file, &mut &archive[..], true).unwrap();
    let aside = restored.aside.unwrap();
    for name in FILES {
        assert_eq!(fs::read_to_string(aside.join(name)).unwrap(), name);
        assert!(!house.data().join(name).exists());
    }
}

#[test]
fn a_history_that_was_changed_in_the_archive_is_refused() {
    let archive = back_up(&house(), keep);
    for name in FILES {
        // The content, since the name in the manifest and that of the member come before it.
        let at = archive.windows(name.len()).rposition(|window| window == name.as_bytes()).unwrap();
        let mut damaged = archive.clone();
        damaged[at + 2] ^= 1;
        let copy = House::new();
        let folder = DataFolder::lock(&copy.data()).unwrap();
        let refused = restore(&folder, &copy.table_file, &mut &damaged[..], false).unwrap_err().to_string();
        assert!(refused.contains(name) && refused.contains("it was changed"), "{refused}");
        assert!(!copy.data().join("history").exists() && !copy.data().join("state.db").exists());
    }
}

#[test]
fn a_history_that_cannot_be_taken_hold_of_is_told() {
    let house = house();
    let refused = Backup::make(&house.source(), "", |_| Err("the disk is gone".into())).unwrap_err();
    assert!(matches!(refused, BackupError::History(_)));
    assert_eq!(refused.to_string(), "cannot copy the history: the disk is gone");
    assert!(!house.data().join("backup.tmp").exists());
}

#[test]
fn the_table_is_not_put_among_the_files_of_the_history() {
    for folder in ["catalogue", "history", "history/date=2026-11-22", "rollups", "batches", "plans"] {
        let house = House::new();
        let path = house.data().join(folder);
        fs::create_dir_all(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let house = House { table_file: path.join("poe.db"), ..house };
        let refused = house.refusal();
        assert!(refused.contains("poe.db"), "{refused}");
        assert!(!house.table_file.exists());
    }
}
