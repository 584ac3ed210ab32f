//! The folder of a server that was stopped: copied, and put back elsewhere.

use crate::{
    counter::{Counter, seen, wait_until_seen},
    done,
    ground::{self, Disk},
    on, refused,
    support::{Setup, is_root, poe},
};
use std::{
    fs,
    net::Ipv4Addr,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

const NODE: Ipv4Addr = Ipv4Addr::new(127, 0, 31, 1);

/// A setup whose server has run, and has stored this number.
fn with_number(number: u32) -> Setup {
    let setup = Setup::new();
    let mut server = setup.start();
    let mut counter = Counter::connect(NODE, server.tcp());
    counter.count(number);
    wait_until_seen(&setup.db_path(), NODE, number);
    assert!(server.stop().success());
    setup
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}

#[test]
fn a_stopped_server_is_backed_up_and_lives_on_in_another_folder() {
    let setup = with_number(7);
    let to = setup.scratch().join("backups");
    fs::create_dir(&to).unwrap();
    let told = done(&setup, "backup", &[&to]);
    assert!(told.contains("1 nodes, 3 sensors, every entry up to "), "{told}");
    let made = files(&to);
    let [backup] = &made[..] else { panic!("{made:?}") };
    let name = backup.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("poe-backup-") && name.ends_with("Z.tar") && name.len() == 31, "{name}");
    assert_eq!(fs::metadata(backup).unwrap().permissions().mode() & 0o777, 0o600);

    let journal = done(&setup, "events", &[]);
    assert!(journal.contains("backup of "), "the journal tells of it: {journal}");

    let other = Setup::new();
    let told = done(&other, "restore", &[backup]);
    assert!(told.contains("3 sensors"), "{told}");
    assert!(done(&other, "verify", &[]).ends_with("entries, whole\n"));
    assert_eq!(seen(&other.db_path(), NODE).number, 7);
    let mut server = other.start();
    let mut counter = Counter::connect(NODE, server.tcp());
    counter.number = 7;
    counter.count(1);
    wait_until_seen(&other.db_path(), NODE, 8);
    let stderr = server.stderr();
    assert!(!stderr.contains("ERROR"), "{stderr}");
    assert!(server.stop().success());
}

#[test]
fn a_backup_replaces_no_file_by_accident() {
    let setup = with_number(1);
    let file = setup.scratch().join("site.tar");
    fs::write(&file, "precious").unwrap();
    assert!(
        refused(&setup, "backup", &[&file])
            .contains("is there already; name another file, or replace it with --force")
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    done(&setup, "backup", &[&file, Path::new("--force")]);
    done(&Setup::new(), "restore", &[&file]);
    let nowhere = setup.scratch().join("no/such/folder/site.tar");
    assert!(refused(&setup, "backup", &[&nowhere]).contains("there is no folder"));
    let nothing = Setup::new();
    assert!(refused(&nothing, "backup", &[&file]).contains("is there already"));
    assert!(refused(&nothing, "backup", &[&nothing.scratch().join("a.tar")]).contains("no server answers"));
}

#[test]
fn a_restore_is_refused_where_a_server_runs_or_something_is() {
    let setup = with_number(3);
    let file = setup.scratch().join("site.tar");
    done(&setup, "backup", &[&file]);
    let told = refused(&setup, "restore", &[&file]);
    assert!(
        told.contains("there is already") && told.contains("state.db") && told.contains("--force"),
        "{told}"
    );
    let mut server = setup.start();
    let told = refused(&setup, "restore", &[&file, Path::new("--force")]);
    assert!(told.contains("is in use by process"), "{told}");
    assert!(server.stop().success());
    let told = done(&setup, "restore", &[&file, Path::new("--force")]);
    assert!(told.contains("what was there is in") && told.contains("before-restore-"), "{told}");
    assert_eq!(seen(&setup.db_path(), NODE).number, 3);
    let cut = setup.scratch().join("cut.tar");
    fs::write(&cut, &fs::read(&file).unwrap()[..9_000]).unwrap();
    assert!(refused(&Setup::new(), "restore", &[&cut]).contains("cut.tar"));
    assert!(refused(&Setup::new(), "restore", &[&setup.scratch().join("none.tar")]).contains("No such file"));
}

#[test]
fn the_table_of_a_site_is_copied_from_where_it_is() {
    let setup = Setup::new();
    let setup = setup.clone().db(setup.scratch().join("site.db"));
    let mut server = setup.start();
    let mut counter = Counter::connect(NODE, server.tcp());
    counter.count(5);
    wait_until_seen(&setup.db_path(), NODE, 5);
    assert!(server.stop().success());
    let (file, db) = (setup.scratch().join("site.tar"), Path::new("--db"));
    let told = refused(&setup, "backup", &[&file]);
    assert!(told.contains("data/poe.db"), "the wrong file is named: {told}");
    done(&setup, "backup", &[&file, db, &setup.db_path()]);
    let other = Setup::new();
    let table = other.scratch().join("other.db");
    done(&other, "restore", &[&file, db, &table]);
    assert_eq!(seen(&table, NODE).number, 5);
}

#[test]
fn a_full_disk_refuses_a_backup_and_a_restore_and_keeps_nothing_of_them() {
    let name = "a_full_disk_refuses_a_backup_and_a_restore_and_keeps_nothing_of_them";
    if !is_root(name) {
        return;
    }
    let Ok(disk) = Disk::in_memory(4) else {
        ground::has(name, "a disk of its own", false);
        return;
    };
    let setup = with_number(2);
    let filler = disk.fill();
    let told = refused(&setup, "backup", &[&disk.path()]);
    assert!(told.contains("not enough room in") && told.contains("bytes are needed"), "{told}");
    let file = setup.scratch().join("site.tar");
    done(&setup, "backup", &[&file]);
    drop(filler);
    let small = Setup::new().data_dir(disk.path().join("data"));
    let told = refused(&small, "restore", &[&file]);
    assert!(told.contains("not enough room in") && told.contains("are kept free"), "{told}");
    assert_eq!(files(small.data_path()), [small.data_path().join("poe.lock")]);
    let served = Setup::new().data_dir(disk.path().join("other"));
    let mut server = served.start();
    assert!(server.stop().success());
    let told = refused(&served, "backup", &[&served.scratch().join("a.tar")]);
    assert!(told.contains("not enough room in"), "the server's own disk is not filled: {told}");
    assert!(!served.data_path().join("backup.tmp").exists());
}

#[test]
fn what_root_restores_belongs_to_the_server() {
    if !is_root("what_root_restores_belongs_to_the_server") {
        return;
    }
    let setup = with_number(2);
    let file = setup.scratch().join("site.tar");
    done(&setup, "backup", &[&file]);
    let other = Setup::new();
    fs::create_dir(other.data_path()).unwrap();
    // Root works there as the folder's owner, who has to find the way.
    fs::set_permissions(other.scratch(), fs::Permissions::from_mode(0o755)).unwrap();
    chown(other.data_path(), Some(4_711), Some(4_712)).unwrap();
    done(&other, "restore", &[&file]);
    for name in ["state.db", "journal.mark", "poe.db"] {
        let file = fs::metadata(other.data_path().join(name)).unwrap();
        assert_eq!((file.uid(), file.gid()), (4_711, 4_712), "{name}");
    }
}

#[test]
fn help_tells_how_to_keep_a_backup_safe() {
    let told = poe(["backup", "--help"]).stdout;
    assert!(told.contains("keep it as safe as the server"), "{told}");
    assert!(on(&Setup::new(), "backup", &[]).stderr.contains("<TO>"));
}
