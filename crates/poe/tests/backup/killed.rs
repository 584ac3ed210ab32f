//! `kill -9` at every step of a backup and of a restore.

use crate::{
    counter::{Counter, seen, wait_until_seen},
    done,
    ground::has_program,
    support::{PATIENCE, POE, Setup, tamper::Tampering},
};
use std::{
    fs,
    net::Ipv4Addr,
    path::Path,
    process::{Command, Stdio},
};

const NODE: Ipv4Addr = Ipv4Addr::new(127, 0, 32, 1);
/// Far more than any of them has.
pub const STEPS_MAX: u32 = 60;

/// Runs a command on the folder of a setup until strace kills it. Returns false if it came to its end before.
pub fn killed(setup: &Setup, inject: &str, command: &str, args: &[&Path]) -> bool {
    let log = setup.scratch().join("strace.log");
    fs::remove_file(&log).ok();
    let call = inject.split(':').next().unwrap();
    Command::new("strace")
        .args(["-f", "-q", "-o"])
        .arg(&log)
        .args(["-e", &format!("trace={call}"), "-e", &format!("inject={inject}")])
        .arg(POE)
        .args(command.split(' '))
        .arg("--data-dir")
        .arg(setup.data_path())
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    fs::read_to_string(&log).unwrap().contains("killed by SIGKILL")
}

pub fn with_number(number: u32) -> Setup {
    let setup = Setup::new();
    let mut server = setup.start();
    let mut counter = Counter::connect(NODE, server.tcp());
    counter.count(number);
    wait_until_seen(&setup.db_path(), NODE, number);
    assert!(server.stop().success());
    setup
}

#[track_caller]
pub fn assert_serves(setup: &Setup, number: &[u32], what: &str) {
    let mut server = setup.start();
    assert!(number.contains(&seen(&setup.db_path(), NODE).number), "{what}");
    assert!(server.stop().success(), "{what}");
    assert!(done(setup, "verify", &[]).ends_with("whole\n"), "{what}");
    let names = fs::read_dir(setup.data_path()).unwrap().flatten().map(|entry| entry.file_name());
    let names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    let is_left = |name: &&String| name.starts_with("backup.tmp") || name.contains("restoring-");
    assert_eq!(names.iter().find(is_left), None, "{what}");
}

#[test]
fn a_kill_at_any_sync_of_a_backup_leaves_nothing_after_the_next_start() {
    if !has_program("a_kill_at_any_sync_of_a_backup_leaves_nothing_after_the_next_start", "strace") {
        return;
    }
    let setup = with_number(4);
    let file = setup.scratch().join("site.tar");
    for call in ["fsync", "fdatasync"] {
        let mut step = 1;
        while killed(&setup, &format!("{call}:signal=KILL:when={step}"), "backup", &[&file]) {
            assert_serves(&setup, &[4], &format!("{call} {step}"));
            fs::remove_file(&file).ok();
            step += 1;
            assert!(step < STEPS_MAX);
        }
        assert!(step > 1, "a backup without {call}");
        fs::remove_file(&file).unwrap();
    }
    done(&setup, "backup", &[&file]);
}

#[test]
fn a_server_that_is_killed_while_it_makes_a_backup_leaves_nothing_after_its_next_start() {
    let name = "a_server_that_is_killed_while_it_makes_a_backup_leaves_nothing_after_its_next_start";
    if !has_program(name, "strace") {
        return;
    }
    let setup = with_number(6);
    let mut server = setup.start();
    // Only copies are synced in this way: the recorder syncs data alone.
    let slow = Tampering::begin(&setup, server.pid(), "fsync:delay_enter=5000000");
    let file = setup.scratch().join("site.tar");
    let mut command = Command::new(POE);
    command.args(["backup", "--data-dir"]).arg(setup.data_path()).arg(&file);
    let backup = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    server.wait_for(|_| setup.data_path().join("backup.tmp/table.db").exists(), PATIENCE);
    server.kill();
    drop(slow);
    let said = backup.wait_with_output().unwrap();
    assert!(!said.status.success() && String::from_utf8(said.stderr).unwrap().starts_with("error: "));
    let left = fs::read_dir(setup.scratch()).unwrap().flatten().map(|entry| entry.file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().contains("site.tar")).collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(setup.data_path().join("backup.tmp").exists());
    assert_serves(&setup, &[6], "after the kill");
    done(&setup, "backup", &[&file]);
}

#[test]
fn a_kill_at_any_step_of_a_restore_leaves_the_old_or_the_new() {
    if !has_program("a_kill_at_any_step_of_a_restore_leaves_the_old_or_the_new", "strace") {
        return;
    }
    let new = with_number(9);
    let file = new.scratch().join("site.tar");
    done(&new, "backup", &[&file]);
    for call in ["rename", "fsync"] {
        let (mut step, mut found) = (1, Vec::new());
        loop {
            let setup = with_number(5);
            let inject = format!("{call}:signal=KILL:when={step}");
            if !killed(&setup, &inject, "restore", &[&file, Path::new("--force")]) {
                assert_eq!(seen(&setup.db_path(), NODE).number, 9);
                break;
            }
            assert_serves(&setup, &[5, 9], &inject);
            found.push(seen(&setup.db_path(), NODE).number);
            step += 1;
            assert!(step < STEPS_MAX);
        }
        assert!(found.is_sorted(), "once it is decided, it is: {found:?}");
        assert!(found.first() == Some(&5) && (call == "fsync" || found.last() == Some(&9)), "{found:?}");
    }
}
