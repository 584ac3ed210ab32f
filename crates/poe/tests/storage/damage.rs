//! Files that were damaged while nobody looked.

use crate::{
    counter::{Counter, seen, wait_until_seen},
    support::{PATIENCE, Setup, open_read_only},
};
use std::{
    fs,
    net::Ipv4Addr,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

const PAGE: u64 = 4_096;
const OLD: Ipv4Addr = Ipv4Addr::new(127, 0, 8, 1);
const NEW: Ipv4Addr = Ipv4Addr::new(127, 0, 8, 2);

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(ending);
    name.into()
}

/// The old node's values are in the files; the new one's, and newer ones of the old one, only in their logs.
fn killed_with_full_logs() -> Setup {
    let setup = Setup::new();
    let mut server = setup.start();
    let mut old = Counter::connect(OLD, server.tcp());
    old.count(5);
    wait_until_seen(&setup.db_path(), OLD, 5);
    assert!(server.stop().success());
    let mut server = setup.start();
    let mut old = Counter::connect(OLD, server.tcp());
    let mut new = Counter::connect(NEW, server.tcp());
    for number in 1..=5 {
        new.count(1);
        wait_until_seen(&setup.db_path(), NEW, number);
    }
    old.count(9);
    wait_until_seen(&setup.db_path(), OLD, 9);
    server.kill();
    setup
}

#[test]
fn a_log_that_was_cut_or_has_flipped_bits_never_empties_the_table() {
    let setup = killed_with_full_logs();
    let files = [setup.db_path(), setup.data_path().join("state.db")];
    let logs = [beside(&files[0], "-wal"), beside(&files[1], "-wal")];
    let keep: Vec<(&PathBuf, Vec<u8>)> =
        files.iter().chain(&logs).map(|path| (path, fs::read(path).unwrap())).collect();
    assert!(keep.iter().all(|(_, bytes)| bytes.len() > 1_000), "the logs are not full");

    for (log, file) in logs.iter().zip(&files) {
        let whole = fs::read(log).unwrap();
        let length = whole.len();
        let cuts = [1, 32, 33, length / 2, length - 1].map(|to| whole[..to].to_vec());
        // In the log's header, in a frame's header, in a page, in the last frame.
        let flips = [2, 9, 20, 40, 200, length / 2, length - 2_000].map(|at| {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            bytes
        });
        for (no, bytes) in cuts.into_iter().chain(flips).enumerate() {
            for (path, bytes) in &keep {
                fs::write(path, bytes).unwrap();
                fs::remove_file(beside(path, "-shm")).ok();
            }
            fs::write(log, bytes).unwrap();
            match setup.try_start() {
                Ok(mut server) => {
                    let old = seen(&setup.db_path(), OLD).number;
                    assert!(old == 5 || old == 9, "{no}: {old} of {}", log.display());
                    assert!(server.metric("poe_sensors") >= 3.0);
                    let mut counter = Counter::connect(OLD, server.tcp());
                    counter.number = 9;
                    counter.count(1);
                    wait_until_seen(&setup.db_path(), OLD, 10);
                    server.kill();
                }
                Err(ended) => {
                    assert!(!ended.status.success());
                    let line = ended.stderr.lines().last().unwrap_or_default().to_owned();
                    assert!(
                        line.contains(&*file.file_name().unwrap().to_string_lossy()),
                        "{no}: {}",
                        ended.stderr
                    );
                }
            }
        }
    }
}

#[test]
fn a_damaged_page_that_nobody_reads_is_found_in_the_background() {
    let setup = Setup::new();
    let mut server = setup.start();
    let mut counter = Counter::connect(OLD, server.tcp());
    counter.count(5);
    wait_until_seen(&setup.db_path(), OLD, 5);
    assert!(server.stop().success());
    let select = "SELECT rootpage FROM sqlite_schema WHERE type = 'index'";
    let page: u32 = open_read_only(&setup.db_path()).query_row(select, [], |row| row.get(0)).unwrap();
    let file = fs::OpenOptions::new().write(true).open(setup.db_path()).unwrap();
    file.write_all_at(&[0; PAGE as usize], u64::from(page - 1) * PAGE).unwrap();

    let server = setup.start();
    let mut counter = Counter::connect(OLD, server.tcp());
    counter.number = 5;
    server.wait_for(
        |server| {
            counter.wait_until_acknowledged();
            server.local_get("/readyz").0 == 503
        },
        PATIENCE,
    );
    let (_, text) = server.local_get("/readyz");
    for word in ["poe.db is damaged", "restore a backup"] {
        assert!(text.contains(word), "{text}");
    }
    counter.count(1);
    wait_until_seen(&setup.db_path(), OLD, 6);
}

#[test]
fn a_damaged_file_is_refused_in_one_line_and_left_as_it_is() {
    for (name, at, length) in
        [("poe.db", 100, PAGE - 100), ("state.db", 100, PAGE - 100), ("state.db", PAGE, PAGE)]
    {
        let setup = Setup::new();
        let mut server = setup.start();
        let mut counter = Counter::connect(OLD, server.tcp());
        counter.count(5);
        wait_until_seen(&setup.db_path(), OLD, 5);
        assert!(server.stop().success());
        let path = setup.data_path().join(name);
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.write_all_at(&vec![0; length as usize], at).unwrap();
        let before = fs::read(&path).unwrap();

        let ended = setup.try_start().unwrap_err();
        assert_eq!(ended.status.code(), Some(1));
        assert_eq!(ended.stdout, "");
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
        for word in ["error: ", name, "damaged", "left as it is"] {
            assert!(ended.stderr.contains(word), "no {word:?} in {}", ended.stderr);
        }
        assert!(fs::read(&path).unwrap() == before, "{name} was changed");
    }
}
