//! More clients than there are places.

use std::collections::HashSet;
use std::io::{Read, Write};
use std::mem::MaybeUninit;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use poe_api::Limits;
use socket2::{Domain, SockAddr, Socket, Type};

use crate::House;

const REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

#[test]
fn a_thousand_clients_share_the_places_and_leave_the_door_open() {
    // Both ends are in this process.
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, most.min(4096), most).unwrap();
    let house = House::calm();
    let addr = SockAddr::from(house.addr);
    let crowd: Vec<Socket> = (0..1_000)
        .map(|_| {
            let client = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            client.set_nonblocking(true).unwrap();
            // Beyond the system's queue the connection stays in progress.
            let _ = client.connect(&addr);
            client
        })
        .collect();

    let most = Limits::default().connections_max;
    let (mut asked, mut answered) = (HashSet::new(), HashSet::new());
    let begun = Instant::now();
    let mut full = None;
    // Half a second after the last place is taken, nobody else has got one.
    while full.is_none_or(|full: Instant| full.elapsed() < Duration::from_millis(500)) {
        assert!(begun.elapsed() < Duration::from_secs(8), "only {} were answered", answered.len());
        for (number, client) in crowd.iter().enumerate() {
            if !asked.contains(&number) && client.send(REQUEST).is_ok() {
                asked.insert(number);
            }
            if client.recv(&mut [MaybeUninit::uninit(); 64]).is_ok_and(|got| got > 0) {
                answered.insert(number);
            }
        }
        if answered.len() >= most {
            full.get_or_insert_with(Instant::now);
        }
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(answered.len(), most);
    assert!(asked.len() > most, "nobody waited");

    assert_eq!(house.ask_local("GET", "/healthz").status, 200, "the local socket has places of its own");
    drop(crowd);
    assert_eq!(house.ask("GET", "/healthz").status, 200);
}

#[test]
fn a_stop_is_swift_whoever_is_connected() {
    let house = House::calm();
    let _silent = house.tcp();
    let mut halfway = house.unix();
    halfway.write_all(b"GET /hea").unwrap();
    let mut idle = house.tcp();
    idle.write_all(REQUEST).unwrap();
    assert!(idle.read(&mut [0; 4096]).unwrap() > 0);

    let begun = Instant::now();
    house.api.stop();
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert!(!house.local.exists());
    assert_eq!(idle.read(&mut [0; 16]).unwrap(), 0);
}

#[test]
fn a_stop_without_clients_is_immediate() {
    let house = House::calm();
    let begun = Instant::now();
    house.api.stop();
    assert!(begun.elapsed() < Duration::from_millis(400));
}
