//! A process of its own, since it runs out of descriptors.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic, its helpers too")]

mod support;

use std::fs::File;
use std::io::Read;
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};
use nix::sys::time::TimeValLike;
use poe_api::{Api, Listeners, Metrics, Readiness, Server, Settings, bind_http};
use socket2::{Domain, Socket, Type};

struct Calm;

impl Server for Calm {
    fn disconnect(&self, _: std::net::IpAddr) -> u64 {
        0
    }

    fn stored_at(&self, _seq: u64) -> Option<poe_building::Time> {
        None
    }

    fn readiness(&self) -> Readiness {
        Readiness::default()
    }

    fn metrics(&self) -> Metrics {
        Metrics::default()
    }

    support::knows_nothing!();
}

fn cpu_ms() -> i64 {
    let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    usage.user_time().num_milliseconds() + usage.system_time().num_milliseconds()
}

#[test]
fn without_descriptors_the_door_waits_and_does_not_spin() {
    let http = bind_http("127.0.0.1:0".parse().unwrap()).unwrap();
    let addr = http.addr();
    let listeners = Listeners { http: vec![http], local: None };
    let api = Api::start(listeners, Settings::default(), Arc::new(Calm)).unwrap();

    let client = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, most.min(256), most).unwrap();
    let hoard: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();

    let spent_before = cpu_ms();
    client.connect(&addr.into()).unwrap();
    client.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    thread::sleep(Duration::from_millis(500));
    let spent_ms = cpu_ms() - spent_before;
    assert!(spent_ms < 100, "{spent_ms} ms of work in 500 ms");

    drop(hoard);
    let mut answer = String::new();
    TcpStream::from(OwnedFd::from(client)).read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    api.stop();
}
