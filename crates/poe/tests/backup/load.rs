//! A backup of a running server under full load.

use crate::{
    counter::{Counting, seen},
    done,
    flood::Flood,
    support::{PATIENCE, Server, Setup, connect_from, open_read_only},
};
use std::{
    fs,
    io::Write,
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
};

const NODE: Ipv4Addr = Ipv4Addr::new(127, 0, 33, 1);
const STOVE: Ipv4Addr = Ipv4Addr::new(127, 0, 33, 2);

/// The numbers of the alarms that a folder has, and its last entry.
fn alarms_and_end(setup: &Setup) -> (Vec<i64>, i64) {
    let state = open_read_only(&setup.data_path().join("state.db"));
    let alarms = state
        .prepare("SELECT id FROM alarms ORDER BY id")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let end = state.query_row("SELECT coalesce(max(seq), 0) FROM journal", [], |row| row.get(0)).unwrap();
    (alarms, end)
}

fn burn(server: &Server) {
    let mut stove = connect_from(STOVE, server.tcp());
    // A flame, and smoke.
    stove.write_all(&[1, 0, 0, 0, 1, 9, 1, 250]).unwrap();
}

#[test]
fn a_backup_under_full_load_holds_everything_that_was_visible() {
    let setup = Setup::new();
    let mut server = setup.start();
    let mut flood = Flood::start(server.tcp(), 0);
    flood.wait_until_seen(&setup.db_path());
    let stop = Arc::new(AtomicBool::new(false));
    let load = thread::spawn({
        let stop = Arc::clone(&stop);
        move || {
            while !stop.load(Relaxed) {
                flood.send();
            }
        }
    });
    let counting = Counting::start(NODE, server.tcp(), 0);
    burn(&server);
    server.wait_for(
        |_| !alarms_and_end(&setup).0.is_empty() && seen(&setup.db_path(), NODE).number > 50,
        PATIENCE,
    );

    let copy = Setup::new();
    for round in 0..3 {
        let (before, (alarms, end)) = (seen(&setup.db_path(), NODE), alarms_and_end(&setup));
        let file = setup.scratch().join(format!("{round}.tar"));
        let told = done(&setup, "backup", &[&file]);
        assert!(told.contains("sensors, every entry up to "), "{told}");
        if round > 0 {
            fs::remove_dir_all(copy.data_path()).unwrap();
        }
        done(&copy, "restore", &[&file]);
        assert!(done(&copy, "verify", &[]).ends_with("whole\n"));
        let (there, (copied, copied_end)) = (seen(&copy.db_path(), NODE), alarms_and_end(&copy));
        assert!(there.number >= before.number, "{before:?}, and in the copy {there:?}");
        assert!(alarms.iter().all(|alarm| copied.contains(alarm)), "{alarms:?}, and in the copy {copied:?}");
        assert!(copied_end >= end, "{end}, and in the copy {copied_end}");
    }
    stop.store(true, Relaxed);
    load.join().unwrap();
    drop(counting);
    assert!(alarms_and_end(&setup).1 > 0 && server.http_get("/readyz").0 == 200);
    assert!(!setup.data_path().join("backup.tmp").exists());
    let journal = done(&setup, "events", &[]);
    assert!(journal.contains("backup"), "the journal tells who made them: {journal}");
    assert!(server.stop().success());

    let mut again = copy.start();
    assert!(again.stop().success());
    let stderr = again.stderr();
    assert!(!stderr.contains("ERROR"), "{stderr}");
}
