//! The library, used from a program that has no async runtime.
#![allow(clippy::unwrap_used, reason = "a test may end like this")]

use poe::{Db, DbOptions, Notice, SensorKind, Status, Sys};
use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_secs(10);

fn start(folder: &Path) -> Sys {
    Sys::start("127.0.0.1:0", 1024, Db::open(folder.join("database.db")).unwrap()).unwrap()
}

fn send(address: SocketAddr, bytes: &[u8]) {
    TcpStream::connect(address).unwrap().write_all(bytes).unwrap();
}

fn until(mut met: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !met() {
        assert!(Instant::now() < deadline, "it did not happen within {PATIENCE:?}");
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_reading_is_shown_and_comes_back_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let sys = start(folder.path());
    assert!(sys.sensors().is_empty());
    send(sys.tcp_addresses()[0], &[1, 255, 0, 1, 1, 17, 3, 41]);
    until(|| sys.sensors().len() == 2);
    sys.stop().unwrap();

    let sys = start(folder.path());
    let sensors = sys.sensors();
    assert_eq!(sensors[0].ip_id, "127.0.0.1_17");
    assert_eq!(
        (sensors[0].kind, sensors[0].value, sensors[0].status),
        (SensorKind::Humidity, 41, Status::Normal)
    );
    assert_eq!(sensors[1].ip_id, "127.0.0.1_255");
    assert_eq!(sys.nodes().unwrap().len(), 1);
}

#[test]
fn what_is_accepted_before_a_stop_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let sys = start(folder.path());
    let mut node = TcpStream::connect(sys.tcp_addresses()[0]).unwrap();
    until(|| sys.connections().unwrap().len() == 1);
    for value in 0..=200 {
        node.write_all(&[1, 8, 1, value]).unwrap();
    }
    sys.stop().unwrap();
    assert_eq!(sys.sensors()[0].value, 200, "the last write came just before the stop");
}

#[test]
fn a_watcher_hears_what_happens() {
    let folder = tempfile::tempdir().unwrap();
    let sys = start(folder.path());
    let notices = sys.watch().unwrap();
    send(sys.tcp_addresses()[0], &[1, 3, 0, 1, 1, 3, 0, 0, 9, 9, 9, 9]);
    let mut heard = Vec::new();
    while !matches!(heard.last(), Some(Notice::Disconnected { .. })) {
        heard.push(notices.recv_timeout(PATIENCE).unwrap().notice);
    }
    let address = "127.0.0.1".parse().unwrap();
    assert!(matches!(heard[0], Notice::Connected { .. }));
    let flame =
        Notice::StatusChanged { address, id: 3, from: Some(Status::Normal), to: Status::Critical, value: 0 };
    assert!(heard.contains(&flame), "{heard:?}");
    assert!(heard.iter().any(|notice| matches!(notice, Notice::FrameInvalid { .. })));
}

#[test]
fn a_stopped_server_says_so_and_stops_only_once() {
    let folder = tempfile::tempdir().unwrap();
    let sys = start(folder.path());
    sys.stop().unwrap();
    assert_eq!(sys.connections().unwrap_err().to_string(), "the server has stopped");
    sys.stop().unwrap();
}

#[test]
fn a_dropped_server_gives_its_port_and_its_folder_back() {
    let folder = tempfile::tempdir().unwrap();
    let address = start(folder.path()).tcp_addresses()[0];
    let db = Db::open(folder.path().join("database.db")).unwrap();
    Sys::start(&address.to_string(), 10, db).unwrap();
}

#[test]
fn every_setting_can_be_given() {
    let folder = tempfile::tempdir().unwrap();
    let options = DbOptions {
        data_dir: folder.path().join("own"),
        file: folder.path().join("theirs.db"),
        table: "latest".to_owned(),
    };
    let sys = Sys::builder()
        .listen("127.0.0.1:0".parse().unwrap())
        .listen("[::1]:0".parse().unwrap())
        .udp("127.0.0.1:0".parse().unwrap())
        .connections(10, 2)
        .sensors(3)
        .commit_interval(Duration::from_millis(1))
        .start(Db::open_with(options).unwrap())
        .unwrap();
    send(sys.tcp_addresses()[1], &[1, 1, 1, 1, 1, 2, 1, 1]);
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.send_to(&[1, 1, 4, 70], sys.udp_addresses()[0]).unwrap();
    until(|| sys.sensors().len() == 3);
    send(sys.tcp_addresses()[0], &[1, 9, 1, 1, 1, 1, 4, 71]);
    until(|| sys.sensors().iter().any(|sensor| sensor.value == 71));
    assert_eq!(sys.sensors().len(), 3, "a fourth sensor is one too many");
}

#[test]
fn a_bad_address_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(folder.path().join("database.db")).unwrap();
    let refused = Sys::start("nowhere", 1024, db).unwrap_err().to_string();
    assert_eq!(refused, r#""nowhere" is not an address to listen on; write it like 0.0.0.0:1234"#);
}

/// Ends the example with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn the_example_runs() {
    let folder = tempfile::tempdir().unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_poe")).parent().unwrap();
    let mut example = Command::new(programs.join("examples/watch"));
    example.arg("127.0.0.1:0").arg(folder.path().join("database.db")).stdout(Stdio::piped());
    let mut example = Running(example.spawn().expect("`cargo test` builds the examples too"));
    let (sender, lines) = mpsc::channel();
    let out = BufReader::new(example.0.stdout.take().unwrap()).lines();
    thread::spawn(move || out.map_while(Result::ok).for_each(|line| drop(sender.send(line))));
    let listening = lines.recv_timeout(PATIENCE).unwrap();
    let address = listening.strip_prefix("listening on ").unwrap().parse().unwrap();
    send(address, &[1, 8, 1, 210]);
    assert_eq!(lines.recv_timeout(PATIENCE).unwrap(), "127.0.0.1_8 reads 210: critical");
}
