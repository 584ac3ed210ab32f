//! The disk fails at one moment: every sync and every write in turn.

use crate::{
    counter::{Counter, Seen, assert_sound, seen, wait_until_seen},
    flood::Flood,
    ground::has_program,
    support::{
        Ended, PATIENCE, Server, Setup,
        tamper::{injected, tampered},
    },
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    fs,
    net::Ipv4Addr,
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

const NODE: Ipv4Addr = Ipv4Addr::new(127, 0, 9, 1);
const OTHER: Ipv4Addr = Ipv4Addr::new(127, 0, 9, 2);
/// Far more than a short run has; the tests end when a run has fewer.
const MOMENTS_MAX: u32 = 300;

/// A short life: two nodes, some commits each looked at. What was seen never goes back.
#[track_caller]
fn live(server: &Server, from: u32) -> u32 {
    let file = server.setup().db_path();
    let mut counter = Counter::connect(NODE, server.tcp());
    counter.number = from;
    let mut latest = Seen { number: from, time: 0.0 };
    for round in 0..6 {
        counter.count(1);
        wait_until_seen(&file, NODE, counter.number);
        let now = seen(&file, NODE);
        assert!(now >= latest, "{latest:?}, then {now:?}");
        latest = now;
        if round == 2 {
            let mut other = Counter::connect(OTHER, server.tcp());
            other.number = from;
            other.count(1);
            wait_until_seen(&file, OTHER, from + 1);
        }
    }
    counter.number
}

/// One life with a fault in it, and one after it without.
#[track_caller]
fn check_one_fault(inject: &str, before: u32) -> bool {
    let setup = Setup::new();
    let mut number = 0;
    for _ in 0..before {
        let mut server = setup.start();
        number = live(&server, number);
        assert!(server.stop().success());
    }
    let (tampered, log) = tampered(&setup, inject);
    match tampered.try_start() {
        Ok(mut server) => {
            number = live(&server, number);
            assert_eq!(server.http_get("/healthz").0, 200);
            server.wait_for(|server| server.http_get("/readyz").0 == 200, PATIENCE);
            let status = server.stop();
            assert!(status.success(), "{inject}: {status}: {}", server.stderr());
        }
        Err(Ended { status, stderr, .. }) => {
            assert!(!status.success(), "{inject}: {stderr}");
            let line = stderr.lines().last().unwrap_or_default();
            assert!(line.starts_with("error: "), "{inject}: {stderr}");
        }
    }
    let hit = injected(&log);
    if setup.db_path().exists() {
        assert_sound(&setup.db_path());
    }
    let mut server = setup.start();
    let after = seen(&setup.db_path(), NODE).number;
    assert!(after >= number, "{inject}: {number} was seen, and then {after}");
    live(&server, number.max(after));
    assert!(server.stop().success());
    assert_sound(&setup.db_path());
    assert_sound(&setup.data_path().join("state.db"));
    hit
}

/// The fault at the first moment, at the second, and so on, until there is none left to fail.
#[track_caller]
fn check_every_moment(call: &str, error: &str, before: u32) {
    let next = AtomicU32::new(1);
    let work = || {
        loop {
            let moment = next.fetch_add(1, Relaxed);
            assert!(moment < MOMENTS_MAX, "there is no end");
            if !check_one_fault(&format!("{call}:error={error}:when={moment}"), before) {
                return moment;
            }
        }
    };
    let moments = thread::scope(|scope| {
        let workers = [scope.spawn(work), scope.spawn(work)];
        workers.map(|worker| worker.join().unwrap()).into_iter().min().unwrap()
    });
    eprintln!("{call}: {error} at {} moments", moments - 1);
    assert!(moments > 5, "{call} fails at {moments} moments only: is it still what SQLite uses?");
}

#[test]
fn no_failed_sync_costs_anything_that_was_seen() {
    if has_program("no_failed_sync_costs_anything_that_was_seen", "strace") {
        check_every_moment("fsync,fdatasync", "EIO", 1);
    }
}

#[test]
fn no_failed_sync_of_a_first_start_costs_anything_that_was_seen() {
    if has_program("no_failed_sync_of_a_first_start_costs_anything_that_was_seen", "strace") {
        check_every_moment("fsync,fdatasync", "EIO", 0);
    }
}

#[test]
fn no_failed_write_costs_anything_that_was_seen() {
    if has_program("no_failed_write_costs_anything_that_was_seen", "strace") {
        check_every_moment("pwrite64", "EIO", 1);
    }
}

#[test]
fn no_write_that_finds_the_disk_full_costs_anything_that_was_seen() {
    if has_program("no_write_that_finds_the_disk_full_costs_anything_that_was_seen", "strace") {
        check_every_moment("pwrite64", "ENOSPC", 1);
    }
}

/// The program is killed at its n-th write or sync, in any thread. What was seen before is there afterwards.
#[track_caller]
fn check_one_death(moment: u32, before: u32) -> bool {
    let setup = Setup::new();
    let mut number = 0;
    for _ in 0..before {
        let mut server = setup.start();
        number = live(&server, number);
        assert!(server.stop().success());
    }
    let calls = "fsync,fdatasync,pwrite64,ftruncate";
    let (tampered, _) = tampered(&setup, &format!("{calls}:signal=SIGKILL:when={moment}"));
    let mut latest = Seen { number, time: 0.0 };
    let died = match tampered.try_start() {
        Err(Ended { status, stderr, .. }) => {
            assert_eq!(status.signal(), Some(9), "{stderr}");
            true
        }
        Ok(mut server) => {
            let mut counter = Counter::connect(NODE, server.tcp());
            counter.number = number;
            // A little longer than the other tests live, so that a log is also written to and read again.
            let end = number + 12;
            while counter.number < end && counter.try_count() {
                let asked = Instant::now();
                while latest.number < counter.number && asked.elapsed() < Duration::from_millis(150) {
                    latest = seen(&setup.db_path(), NODE);
                }
            }
            number = counter.number;
            // It may have gone already.
            kill(Pid::from_raw(server.pid() as i32), Signal::SIGTERM).ok();
            server.wait().signal() == Some(9)
        }
    };
    let mut server = setup.start();
    if setup.db_path().exists() {
        let after = seen(&setup.db_path(), NODE);
        assert!(after >= latest, "killed at {moment}: {latest:?} was seen, and then {after:?}");
    }
    live(&server, number);
    assert!(server.stop().success());
    assert_sound(&setup.db_path());
    assert_sound(&setup.data_path().join("state.db"));
    died
}

#[track_caller]
fn check_every_death(before: u32) {
    let next = AtomicU32::new(1);
    let work = || {
        loop {
            let moment = next.fetch_add(1, Relaxed);
            assert!(moment < MOMENTS_MAX, "there is no end");
            if !check_one_death(moment, before) {
                return moment;
            }
        }
    };
    let moments = thread::scope(|scope| {
        let workers = [scope.spawn(work), scope.spawn(work)];
        workers.map(|worker| worker.join().unwrap()).into_iter().min().unwrap()
    });
    eprintln!("killed at {} moments", moments - 1);
    assert!(moments > 10, "killed at {moments} moments only");
}

#[test]
fn what_was_seen_survives_kill_9_at_every_write() {
    if has_program("what_was_seen_survives_kill_9_at_every_write", "strace") {
        check_every_death(1);
    }
}

#[test]
fn a_first_start_that_dies_at_any_write_leaves_what_the_next_one_takes() {
    if has_program("a_first_start_that_dies_at_any_write_leaves_what_the_next_one_takes", "strace") {
        check_every_death(0);
    }
}

#[test]
fn a_disk_that_fails_for_a_while_is_told_and_lived_through() {
    if !has_program("a_disk_that_fails_for_a_while_is_told_and_lived_through", "strace") {
        return;
    }
    let setup = Setup::new();
    let mut server = setup.start();
    let number = live(&server, 0);
    assert!(server.stop().success());
    let (tampered, log) = tampered(&setup, "fsync,fdatasync:error=EIO:when=4..12");
    let mut server = tampered.start();
    live(&server, number);
    assert!(injected(&log));
    assert!(server.metric("poe_commit_failures_total{cause=\"io\"}") >= 2.0);
    assert_eq!(server.metric("poe_commit_failures_total{cause=\"other\"}"), 0.0);
    let stderr = server.stderr();
    assert!(stderr.contains("nothing can be stored"), "{stderr}");
    assert!(stderr.contains("commits go on after"), "{stderr}");
    assert!(server.stop().success());
}

#[test]
fn a_stop_while_the_disk_fails_ends_in_time_and_says_what_was_not_stored() {
    if !has_program("a_stop_while_the_disk_fails_ends_in_time_and_says_what_was_not_stored", "strace") {
        return;
    }
    let setup = Setup::new();
    let mut server = setup.start();
    let number = live(&server, 0);
    assert!(server.stop().success());
    let (tampered, _) = tampered(&setup, "fsync,fdatasync:error=EIO:when=4+");
    let mut server = tampered.start();
    let mut counter = Counter::connect(NODE, server.tcp());
    counter.number = number;
    let begun = Instant::now();
    while server.metric("poe_commit_failures_total{cause=\"io\"}") < 3.0 {
        counter.count(1);
        thread::sleep(Duration::from_millis(20));
        assert!(begun.elapsed() < PATIENCE);
    }
    let before = seen(&setup.db_path(), NODE);

    let begun = Instant::now();
    let status = server.stop();
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(status.code(), Some(1));
    let stderr = server.stderr();
    let last = stderr.lines().last().unwrap_or_default();
    // Every sync fails, so that it may be either file whose turn it was.
    for word in ["error: ", "could not be stored", ".db", "disk I/O error"] {
        assert!(last.contains(word), "no {word:?} in {stderr}");
    }
    let server = setup.start();
    assert!(seen(&setup.db_path(), NODE) >= before);
    live(&server, counter.number);
}

#[test]
fn a_sync_that_takes_five_seconds_holds_nobody_up() {
    if !has_program("a_sync_that_takes_five_seconds_holds_nobody_up", "strace") {
        return;
    }
    let setup = Setup::new();
    let mut server = setup.start();
    let number = live(&server, 0);
    assert!(server.stop().success());
    let (tampered, _) = tampered(&setup, "fsync,fdatasync:delay_enter=5000000:when=5");
    let server = tampered.start();
    let mut counter = Counter::connect(NODE, server.tcp());
    counter.number = number;
    let mut slow = Duration::ZERO;
    let mut answers = Duration::ZERO;
    let begun = Instant::now();
    while slow < Duration::from_secs(4) {
        counter.count(1);
        let asked = Instant::now();
        assert_eq!(server.http_get("/healthz").0, 200);
        answers = answers.max(asked.elapsed());
        slow = Duration::from_secs_f64(server.metric("poe_commit_stalled_seconds"));
        let frames = server.metric("poe_frames_total{result=\"valid\"}");
        server.wait_for(|server| server.metric("poe_frames_total{result=\"valid\"}") >= frames, PATIENCE);
        assert!(begun.elapsed() < PATIENCE, "no sync was slow");
        thread::sleep(Duration::from_millis(10));
    }
    assert!(answers < Duration::from_secs(1), "{answers:?}");
    let expected = 3.0 * f64::from(counter.number - number);
    server.wait_for(
        |server| server.metric("poe_frames_total{result=\"valid\"}") >= expected,
        Duration::from_millis(900),
    );
    assert!(server.metric("poe_commit_stalled_seconds") > 3.0, "read while the disk stood still");
    wait_until_seen(&setup.db_path(), NODE, counter.number);
}

#[test]
fn a_stop_does_not_wait_for_a_disk_that_hangs() {
    if !has_program("a_stop_does_not_wait_for_a_disk_that_hangs", "strace") {
        return;
    }
    let setup = Setup::new();
    let mut server = setup.start();
    let number = live(&server, 0);
    assert!(server.stop().success());
    let (tampered, _) = tampered(&setup, "fsync,fdatasync:delay_enter=20000000:when=5+");
    let mut server = tampered.start();
    let mut counter = Counter::connect(NODE, server.tcp());
    counter.number = number;
    let begun = Instant::now();
    while server.metric("poe_commit_stalled_seconds") < 0.5 {
        counter.count(1);
        assert!(begun.elapsed() < PATIENCE, "no sync hangs");
        thread::sleep(Duration::from_millis(5));
    }
    server.signal(Signal::SIGTERM);
    server.check_told("could not be stored before the end: the disk does not answer");
    assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
    server.kill();
}

#[test]
fn a_failed_sync_while_somebody_reads_waits_for_the_reader_and_loses_nothing() {
    // What may not have reached the disk has to be written once more, and for that the log has to be empty.
    let name = "a_failed_sync_while_somebody_reads_waits_for_the_reader_and_loses_nothing";
    if !has_program(name, "strace") {
        return;
    }
    // Without a history, whose log is synced too, so that it is the table's turn.
    let setup = Setup::new().arg("--history=false");
    let mut server = setup.start();
    let number = live(&server, 0);
    assert!(server.stop().success());
    let (tampered, log) = tampered(&setup, "fsync,fdatasync:error=EIO:when=8");
    let mut server = tampered.start();
    let mut counter = Counter::connect(NODE, server.tcp());
    counter.number = number;
    counter.count(1);
    wait_until_seen(&setup.db_path(), NODE, counter.number);
    let reader = rusqlite::Connection::open(setup.db_path()).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM sensors").unwrap();
    let begun = Instant::now();
    while server.local_get("/readyz").0 == 200 {
        counter.count(1);
        thread::sleep(Duration::from_millis(20));
        assert!(begun.elapsed() < PATIENCE, "still ready: {}", server.stderr());
    }
    assert!(injected(&log));
    let (_, text) = server.local_get("/readyz");
    assert!(text.contains("poe.db") && text.contains("a reader holds on to it"), "{text}");
    assert_eq!(server.http_get("/healthz").0, 200);
    let before = seen(&setup.db_path(), NODE);
    reader.execute_batch("COMMIT").unwrap();
    wait_until_seen(&setup.db_path(), NODE, counter.number);
    assert!(seen(&setup.db_path(), NODE) >= before);
    server.wait_for(|server| server.http_get("/readyz").0 == 200, PATIENCE);
    assert!(server.stop().success());
    assert_sound(&setup.db_path());
}

#[test]
fn a_disk_that_fails_while_the_log_is_moved_costs_nothing_that_was_seen() {
    let name = "a_disk_that_fails_while_the_log_is_moved_costs_nothing_that_was_seen";
    if !has_program(name, "strace") {
        return;
    }
    let check = |inject: &str| {
        let setup = Setup::new();
        let mut server = setup.start();
        Flood::start(server.tcp(), 0).wait_until_seen(&setup.db_path());
        assert!(server.stop().success());
        let (tampered, log) = tampered(&setup, inject);
        let mut server = tampered.start();
        let mut flood = Flood::start(server.tcp(), 1);
        let length = || fs::metadata(setup.db_path().with_extension("db-wal")).map_or(0, |file| file.len());
        let begun = Instant::now();
        // The log has been long, and what moves it has met the fault.
        while length() < 16 << 20 || !thread_was_hit(&log, server.pid()) {
            flood.send();
            thread::sleep(Duration::from_millis(5));
            assert!(begun.elapsed() < PATIENCE * 2, "{inject}: {} bytes, {}", length(), server.stderr());
        }
        flood.wait_until_seen(&setup.db_path());
        server.wait_for(|server| server.http_get("/readyz").0 == 200, PATIENCE);
        server.kill();
        let server = setup.start();
        flood.wait_until_seen(&setup.db_path());
        drop(server);
        assert_sound(&setup.db_path());
    };
    thread::scope(|scope| {
        for inject in [
            "fsync,fdatasync:error=EIO:when=1",
            "fsync,fdatasync:error=EIO:when=2",
            "pwrite64:error=EIO:when=20",
        ] {
            scope.spawn(move || check(inject));
        }
    });
}

/// Whether the fault has hit another thread than the first two that ever write: the main one and the recorder.
fn thread_was_hit(log: &PathBuf, main: u32) -> bool {
    let text = fs::read_to_string(log).unwrap_or_default();
    let hit = |line: &&str| line.contains("(INJECTED)");
    let threads = text.lines().filter(hit).filter_map(|line| line.split(' ').next()?.parse::<u32>().ok());
    let mut writers = text.lines().filter_map(|line| line.split(' ').next()?.parse::<u32>().ok());
    let recorder = writers.find(|thread| *thread != main);
    threads.into_iter().any(|thread| thread != main && Some(thread) != recorder)
}
