//! SIGTERM under load.

use crate::{
    counter::{Counter, Counting, assert_sound, seen},
    support::Setup,
};
use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

#[test]
fn a_stop_under_load_stores_everything_that_had_arrived() {
    let setup = Setup::new();
    let mut number = 0;
    for time in 0..4 {
        let mut server = setup.start();
        let load: Vec<_> =
            (1..=8).map(|last| Counting::start(Ipv4Addr::new(127, 0, 6, last), server.tcp(), 0)).collect();
        let mut counter = Counter::connect(Ipv4Addr::new(127, 0, 5, 1), server.tcp());
        counter.number = number;
        // The last burst lies in the server's hands, read or not, when the signal comes.
        counter.count(1 + 3_000 * time);
        counter.wait_until_acknowledged();
        number = counter.number;

        let begun = Instant::now();
        let status = server.stop();
        assert!(status.success(), "{status}: {}", server.stderr());
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        assert_eq!(seen(&setup.db_path(), counter.address).number, number);
        drop(load);
        assert_sound(&setup.db_path());
    }
}
