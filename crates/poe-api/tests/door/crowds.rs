//! More clients than there are places.

use std::collections::HashSet;
use std::io::{Read, Write};
use std::mem::MaybeUninit;
use std::net::{TcpStream, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use poe_api::{Limits, Settings};
use socket2::{Domain, SockAddr, Socket, Type};

use crate::{House, Said};

const REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Clients that have connected, or wait until they may, and do not wait for what they do.
fn crowd(house: &House, size: usize) -> Vec<Socket> {
    // Both ends are in this process.
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, most.min(8192), most).unwrap();
    let addr = SockAddr::from(house.addr);
    let connect = |_| {
        let client = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        client.set_nonblocking(true).unwrap();
        // Beyond the system's queue the connection stays in progress.
        let _ = client.connect(&addr);
        client
    };
    (0..size).map(connect).collect()
}

/// How many of the crowd are answered when each asks once and then stays, until `enough` are or the time is over.
fn answered(crowd: &[Socket], enough: usize, within: Duration) -> usize {
    let (mut asked, mut answered) = (HashSet::new(), HashSet::new());
    let begun = Instant::now();
    while answered.len() < enough && begun.elapsed() < within {
        for (number, client) in crowd.iter().enumerate() {
            if !asked.contains(&number) && client.send(REQUEST).is_ok() {
                asked.insert(number);
            }
            if client.recv(&mut [MaybeUninit::uninit(); 64]).is_ok_and(|got| got > 0) {
                answered.insert(number);
            }
        }
        thread::sleep(Duration::from_millis(20));
    }
    answered.len()
}

fn with_places(places: usize) -> House {
    let limits = Limits { connections_max: places, ..Limits::default() };
    House::open(Said::default(), Settings { limits, ..Settings::default() })
}

#[test]
fn a_thousand_clients_and_hundreds_that_stay_have_a_place_each() {
    const ALL: usize = 1_500;
    let house = House::calm();
    let crowd = crowd(&house, ALL);
    assert_eq!(answered(&crowd, ALL, Duration::from_secs(20)), ALL);
    assert_eq!(house.figure("poe_http_connections{door=\"network\"}"), ALL as u64);
    assert_eq!(house.figure("poe_http_displaced_total"), 0);
    assert_eq!(house.ask("GET", "/healthz").status, 200);
}

#[test]
fn a_crowd_that_stays_makes_room_for_others() {
    let house = with_places(100);
    let crowd = crowd(&house, 300);
    // Whoever was answered is idle, but not long enough to be closed.
    assert_eq!(answered(&crowd, 101, Duration::from_millis(1_000)), 100);
    assert_eq!(house.ask_local("GET", "/healthz").status, 200, "the local socket has places of its own");
    assert_eq!(answered(&crowd[100..], 200, Duration::from_secs(30)), 200);
    assert_eq!(house.figure("poe_http_connections{door=\"network\"}"), 100);
    assert!(house.figure("poe_http_displaced_total") >= 200);
    assert_eq!(house.ask("GET", "/healthz").status, 200);
}

#[test]
fn those_who_say_nothing_make_room_for_those_who_ask() {
    let house = with_places(20);
    let _silent: Vec<TcpStream> = (0..20).map(|_| house.tcp()).collect();
    let begun = Instant::now();
    assert_eq!(house.ask("GET", "/healthz").status, 200);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn one_machine_gets_its_share_of_the_places() {
    // The address by which this machine would go into the network, if it is in one.
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    let Ok(own) = socket.connect("192.0.2.1:9").and_then(|()| socket.local_addr()) else {
        eprintln!("skipped: one_machine_gets_its_share_of_the_places (needs a network)");
        return;
    };
    let limits = Limits { connections_per_address_max: 3, ..Limits::default() };
    let house = House::at(own.ip(), Said::default(), Settings { limits, ..Settings::default() });
    let ask = |stream: &mut TcpStream| {
        stream.write_all(REQUEST).unwrap();
        stream.read(&mut [0; 4096]).unwrap_or(0)
    };
    let mut first: Vec<TcpStream> = (0..3).map(|_| house.tcp()).collect();
    assert!(first.iter_mut().all(|stream| ask(stream) > 0));
    let mut fourth = house.tcp();
    assert_eq!(fourth.read(&mut [0; 16]).unwrap_or(0), 0, "it is closed at once");
    assert_eq!(house.figure("poe_http_refused_total{reason=\"address_cap\"}"), 1);
    assert_eq!(house.figure("poe_http_connections{door=\"network\"}"), 3);
    first.pop();
    let begun = Instant::now();
    while ask(&mut house.tcp()) == 0 {
        assert!(begun.elapsed() < Duration::from_secs(5));
    }

    let limits = Limits { connections_per_address_max: 3, ..Limits::default() };
    let settings = Settings { limits, behind_proxy: true, ..Settings::default() };
    let house = House::at(own.ip(), Said::default(), settings);
    let mut all: Vec<TcpStream> = (0..10).map(|_| house.tcp()).collect();
    assert!(all.iter_mut().all(|stream| ask(stream) > 0), "a proxy brings many");
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
    assert!(begun.elapsed() < Duration::from_secs(3));
    assert!(!house.local.exists());
    assert_eq!(idle.read(&mut [0; 16]).unwrap(), 0);
}

#[test]
fn a_stop_without_clients_is_immediate() {
    let house = House::calm();
    let begun = Instant::now();
    house.api.stop();
    assert!(begun.elapsed() < Duration::from_millis(900));
}
