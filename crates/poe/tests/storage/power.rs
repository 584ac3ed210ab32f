//! The power goes, and comes back.

use crate::{
    counter::{Counter, Counting, assert_sound, seen, wait_until_seen},
    ground::{Disk, has, has_program},
    support::{Setup, is_root},
};
use std::{
    net::Ipv4Addr,
    thread,
    time::{Duration, Instant},
};

#[test]
fn what_was_seen_survives_a_power_cut() {
    let name = "what_was_seen_survives_a_power_cut";
    if !is_root(name) || !has_program(name, "python3") {
        return;
    }
    let mut disk = match Disk::in_a_file(48) {
        Ok(disk) => disk,
        Err(why) => {
            has(name, &format!("a loop device with ext4: {}", why.trim()), false);
            return;
        }
    };
    let setup = Setup::new().data_dir(disk.path().join("data"));
    let node = Ipv4Addr::new(127, 0, 2, 1);
    let mut sent = 0;
    for time in 0..3 {
        let mut server = setup.start();
        let counting = Counting::start(node, server.tcp(), sent);
        let until = Instant::now() + Duration::from_millis(300 + 211 * time);
        while Instant::now() < until {
            thread::sleep(Duration::from_millis(10));
        }
        let before = seen(&setup.db_path(), node);
        disk.cut_power().unwrap();
        assert!(before.number > 10, "hardly any load: {before:?}");
        assert_eq!(server.http_get("/healthz").0, 200, "it goes on without its disk");
        server.kill();
        sent = counting.stop();
        disk.restore_power();

        let server = setup.start();
        let after = seen(&setup.db_path(), node);
        assert!(after >= before, "{before:?} was seen, and then {after:?}");
        assert_eq!(server.metric("poe_nodes"), 1.0);
        assert_sound(&setup.db_path());
        assert_sound(&setup.data_path().join("state.db"));
        let mut counter = Counter::connect(node, server.tcp());
        counter.number = sent;
        counter.count(1);
        sent = counter.number;
        wait_until_seen(&setup.db_path(), node, sent);
    }
}
