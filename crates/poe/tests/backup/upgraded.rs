//! A folder of an older program: brought up to date by the real one, which is killed on the way.

use crate::{
    done,
    ground::{self, Disk, has_program},
    killed::{STEPS_MAX, assert_serves, killed, with_number},
    support::{Setup, is_root},
};
use rusqlite::Connection;
use std::{fs, path::Path};

/// What the third schema has brought, taken away again.
const BACK_TO_THE_SECOND: &str = "
    ALTER TABLE nodes DROP COLUMN approved; ALTER TABLE model DROP COLUMN enrolment;
    DROP TABLE plan_zones; DROP TABLE plan_placements; DROP TABLE plans;
    DROP TABLE sessions; DROP TABLE tokens; DROP TABLE users;
    PRAGMA user_version = 2";

fn make_old(setup: &Setup) {
    let state = Connection::open(setup.data_path().join("state.db")).unwrap();
    state.execute_batch(BACK_TO_THE_SECOND).unwrap();
}

fn version(setup: &Setup, name: &str) -> i64 {
    let state = Connection::open(setup.data_path().join(name)).unwrap();
    state.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

#[test]
fn a_kill_at_any_step_of_an_upgrade_leaves_the_old_or_the_new() {
    if !has_program("a_kill_at_any_step_of_an_upgrade_leaves_the_old_or_the_new", "strace") {
        return;
    }
    for call in ["fsync", "fdatasync", "rename", "link", "unlink"] {
        let mut step = 1;
        loop {
            let setup = with_number(5);
            make_old(&setup);
            let building = setup.scratch().join("building.toml");
            fs::write(&building, "[site]\nname = \"house\"\n").unwrap();
            let inject = format!("{call}:signal=KILL:when={step}");
            let was_killed = killed(&setup, &inject, "building import", &[&building]);
            assert!([2, 3].contains(&version(&setup, "state.db")), "{inject}");
            assert!(done(&setup, "verify", &[]).ends_with("whole\n"), "{inject}");
            assert_serves(&setup, &[5], &inject);
            assert_eq!((version(&setup, "state.db"), version(&setup, "state.db.v2")), (3, 2), "{inject}");
            assert!(!setup.data_path().join("state.db.v2.2").exists(), "{inject}: it is kept once");
            if !was_killed {
                break;
            }
            step += 1;
            assert!(step < STEPS_MAX);
        }
    }
}

#[test]
fn a_backup_of_an_older_folder_leaves_it_as_it_is() {
    let setup = with_number(5);
    make_old(&setup);
    let file = setup.scratch().join("site.tar");
    done(&setup, "backup", &[&file]);
    assert_eq!(version(&setup, "state.db"), 2);
    let other = Setup::new();
    done(&other, "restore", &[&file]);
    assert_eq!(version(&other, "state.db"), 2);
    assert_serves(&other, &[5], "restored");
    assert_eq!(version(&other, "state.db"), 3);
    assert!(done(&setup, "doctor", &[Path::new("--json")]).contains("version 2, and this program writes 3"));
}

#[test]
fn an_upgrade_without_room_changes_nothing() {
    let name = "an_upgrade_without_room_changes_nothing";
    if !is_root(name) {
        return;
    }
    let Ok(disk) = Disk::in_memory(16) else {
        ground::has(name, "a disk of its own", false);
        return;
    };
    let setup = Setup::new().data_dir(disk.path().join("data"));
    assert!(setup.start().stop().success());
    make_old(&setup);
    let before = fs::read(setup.data_path().join("state.db")).unwrap();
    let filler = disk.fill();
    // SQLite has to open the old file, which takes some room.
    let file = fs::OpenOptions::new().write(true).open(disk.path().join("filler")).unwrap();
    file.set_len(file.metadata().unwrap().len() - (64 << 10)).unwrap();
    let refused = setup.try_start().unwrap_err();
    let told = "has schema version 2 and cannot be brought up to date: not enough room in ";
    assert!(refused.stderr.contains(told), "{}", refused.stderr);
    assert_eq!(fs::read(setup.data_path().join("state.db")).unwrap(), before);
    assert!(!setup.data_path().join("state.db.v2").exists());
    drop((filler, file));
    assert!(setup.start().stop().success());
    assert_eq!((version(&setup, "state.db"), version(&setup, "state.db.v2")), (3, 2));
}
