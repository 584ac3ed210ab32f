//! SIGTERM under load.

use crate::{
    counter::{Counter, Counting, assert_sound, seen},
    support::{Server, Setup, connect_from},
};
use nix::sys::signal::Signal;
use std::{
    io::Write,
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

#[test]
fn a_stop_serves_those_who_have_connected_and_are_not_greeted_yet() {
    const NODES: u8 = 250;
    let mut server = Server::start(&["--max-connections", "2000"]);
    server.pause();
    let nodes: Vec<_> = (1..=NODES)
        .flat_map(|last| (0..6).map(move |third| Ipv4Addr::new(127, 0, third, last)))
        .map(|address| {
            let mut node = connect_from(address, server.tcp());
            node.write_all(&[1, 3, 1, 77]).unwrap();
            node
        })
        .collect();
    server.signal(Signal::SIGTERM);
    server.resume();
    assert!(server.wait().success());
    assert_eq!(server.table().len(), nodes.len());
}
