//! `kill -9`, again and again.

use crate::{
    counter::{Counter, Counting, Seen, assert_sound, seen, wait_until_seen},
    flood::Flood,
    support::{PATIENCE, Setup},
};
use std::{
    fs,
    net::Ipv4Addr,
    os::unix::fs::PermissionsExt,
    thread,
    time::{Duration, Instant},
};

/// How often the server dies.
const TIMES: u64 = 20;
/// A restart serves within this time.
const START_MAX: Duration = Duration::from_secs(2);

#[test]
fn others_may_read_the_table_whatever_the_umask() {
    let setup = Setup::new().prefix(["sh", "-c", "umask 077; exec \"$0\" \"$@\""]);
    let mut server = setup.start();
    let mut counter = Counter::connect(Ipv4Addr::new(127, 0, 1, 9), server.tcp());
    counter.count(1);
    wait_until_seen(&setup.db_path(), counter.address, 1);
    let mode = |name: &str| fs::metadata(setup.data_path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(""), 0o755);
    for name in ["poe.db", "poe.db-wal", "poe.db-shm"] {
        assert_eq!(mode(name), 0o644, "{name}");
    }
    for name in ["state.db", "state.db-wal", "state.db-shm", "poe.sock", "poe.lock"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    assert!(server.stop().success());
    assert_eq!((mode("poe.db"), mode("poe.db-wal"), mode("state.db")), (0o644, 0o644, 0o600));
}

#[test]
fn a_start_with_a_long_log_is_quick() {
    let setup = Setup::new();
    let mut server = setup.start();
    let mut flood = Flood::start(server.tcp(), 0);
    let log = setup.db_path().with_extension("db-wal");
    let begun = Instant::now();
    while fs::metadata(&log).map_or(0, |file| file.len()) < 12 << 20 {
        flood.send();
        thread::sleep(Duration::from_millis(5));
        assert!(begun.elapsed() < PATIENCE);
    }
    flood.wait_until_seen(&setup.db_path());
    server.kill();
    let begun = Instant::now();
    let server = setup.start();
    assert!(begun.elapsed() < START_MAX, "{:?}", begun.elapsed());
    flood.wait_until_seen(&setup.db_path());
    assert_eq!(server.metric("poe_nodes"), 16.0);
}

#[test]
fn what_was_seen_survives_kill_9_twenty_times_under_load() {
    let setup = Setup::new();
    let nodes: [Ipv4Addr; 3] = [1, 2, 3].map(|last| Ipv4Addr::new(127, 0, 1, last));
    let mut last_seen = [Seen::default(); 3];
    let mut sent = [0; 3];
    for time in 0..TIMES {
        let begun = Instant::now();
        let mut server = setup.start();
        assert!(begun.elapsed() < START_MAX, "start {time} took {:?}", begun.elapsed());
        for ((node, last_seen), sent) in nodes.into_iter().zip(last_seen).zip(sent) {
            if time > 0 {
                let now = seen(&setup.db_path(), node);
                assert!(
                    now.number >= last_seen.number && now.time >= last_seen.time,
                    "{last_seen:?}, then {now:?}"
                );
                assert!(now.number <= sent, "{now:?}, and only {sent} was sent");
            }
        }
        let stderr = server.stderr();
        assert!(!stderr.contains("WARN") && !stderr.contains("ERROR"), "{stderr}");

        let counting = [0, 1, 2].map(|no| Counting::start(nodes[no], server.tcp(), sent[no]));
        // Killed at another moment each time, also in the middle of its first commits.
        let until = Instant::now() + Duration::from_millis(10 + 17 * time);
        loop {
            last_seen = nodes.map(|node| seen(&setup.db_path(), node));
            if Instant::now() > until {
                break;
            }
            thread::sleep(Duration::from_millis(3));
        }
        server.kill();
        sent = counting.map(Counting::stop);
        if time % 5 == 4 {
            assert_sound(&setup.db_path());
            assert_sound(&setup.data_path().join("state.db"));
        }
    }
    assert!(last_seen.iter().all(|seen| seen.number > 100), "hardly any load: {last_seen:?}");

    let server = setup.start();
    let counting = [0, 1, 2].map(|no| Counting::start(nodes[no], server.tcp(), sent[no]));
    let begun = Instant::now();
    while counting.iter().zip(sent).any(|(counting, sent)| counting.sent() < sent + 10) {
        assert!(begun.elapsed() < PATIENCE, "the nodes do not get in again");
        thread::sleep(Duration::from_millis(1));
    }
    for (node, counting) in nodes.into_iter().zip(counting) {
        wait_until_seen(&setup.db_path(), node, counting.stop());
    }
    assert_eq!(server.metric("poe_nodes"), 3.0);
    assert_sound(&setup.db_path());
    assert_sound(&setup.data_path().join("state.db"));
}
