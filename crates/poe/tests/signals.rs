//! The program and whoever started it: signals, a service manager that listens for a sign of life, pipes that close.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

mod support;

use nix::sys::signal::Signal;
use std::{
    fs::OpenOptions,
    io::Write,
    net::{Ipv4Addr, TcpListener},
    os::unix::net::UnixDatagram,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};
use support::{PATIENCE, POE, Server, Setup, connect_from, poe};

/// A node sends a reading of water, and it comes to the table.
#[track_caller]
fn still_serves(server: &Server, value: u8) {
    let mut node = connect_from(Ipv4Addr::new(127, 0, 0, 2), server.tcp());
    node.write_all(&[1, 7, 5, value]).unwrap();
    let is_there = |server: &Server| server.row("127.0.0.2_7").is_some_and(|row| row.1 == i64::from(value));
    server.wait_for(is_there, PATIENCE);
}

#[test]
fn under_nohup_the_end_of_the_terminal_is_not_the_end_of_the_server() {
    let setup = Setup::new().prefix(["nohup"]).args(["--listen", "127.0.0.1:0", "--http", "none"]);
    let mut server = setup.start();
    still_serves(&server, 10);
    server.signal(Signal::SIGHUP);
    still_serves(&server, 20);
    assert_eq!(server.stop().code(), Some(0));
    // Of two signals that wait, the lower number would have come first.
    let said = server.stderr();
    assert!(said.contains("SIGTERM") && !said.contains("SIGHUP"), "{said}");
}

#[test]
fn without_nohup_the_end_of_the_terminal_stops_the_server_well() {
    let mut server = Setup::new().prefix(["env", "--default-signal=HUP"]).args(["--http", "none"]).start();
    still_serves(&server, 10);
    server.signal(Signal::SIGHUP);
    assert_eq!(server.wait().code(), Some(0));
}

/// What a service manager hears.
struct Manager(UnixDatagram);

impl Manager {
    fn next(&self) -> String {
        let mut heard = [0; 256];
        let count = self.0.recv(&mut heard).expect("the server gives a sign of life");
        String::from_utf8(heard[..count].to_vec()).unwrap().trim_end().to_owned()
    }
}

#[test]
fn a_service_manager_hears_of_the_start_the_life_and_the_end() {
    let setup = Setup::new();
    let path = setup.scratch().join("notify.sock");
    let manager = Manager(UnixDatagram::bind(&path).unwrap());
    manager.0.set_read_timeout(Some(PATIENCE)).unwrap();
    let setup = setup.prefix(["env", "-u", "WATCHDOG_PID"]).args(["--http", "none"]);
    let mut server = setup.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "600000").start();

    assert_eq!(manager.next(), "READY=1");
    let sign = || {
        let begun = Instant::now();
        assert_eq!(manager.next(), "WATCHDOG=1");
        begun.elapsed()
    };
    // By the clock alone a sign would come every 200 ms. Without a new round there is none, and an idle engine makes one
    // each second; what a start has to do brings more of them at first.
    let apart = Duration::from_millis(600);
    assert!((0..50).any(|_| sign() > apart), "signs come although the engine makes no round");

    server.signal(Signal::SIGTERM);
    let last = std::iter::repeat_with(|| manager.next()).find(|heard| heard != "WATCHDOG=1");
    assert_eq!(last.as_deref(), Some("STOPPING=1"));
    assert_eq!(server.wait().code(), Some(0));
}

/// Runs the program with a reader of its output that has gone before the first word.
fn without_reader(args: &[&str]) -> Output {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(POE);
    command.args(args).env("POE_UNKNOWN", "1").stdin(Stdio::null()).stdout(writer);
    command.output().unwrap()
}

#[test]
fn a_reader_who_has_seen_enough_ends_a_command_quietly() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().to_string()
    };
    for args in [
        &["config", "example"][..],
        &["config", "show"],
        &["config", "check"],
        &["simulate", "-p", "0", "--connect", &address],
    ] {
        let ended = without_reader(args);
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(0), "{args:?}: {said}");
        assert!(said.lines().all(|line| line.starts_with("warning: POE_UNKNOWN: ")), "{args:?}: {said}");
    }
}

#[test]
fn a_warning_that_nobody_reads_ends_nothing() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(POE);
    command.args(["config", "check"]).env("POE_UNKNOWN", "1").stdin(Stdio::null()).stderr(writer);
    let ended = command.stdout(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    assert_eq!((ended.status.code(), &ended.stdout[..]), (Some(0), &b"ok\n"[..]));
}

#[test]
fn a_full_disk_under_the_output_is_told() {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ended = Command::new(POE).args(["config", "example"]).stdout(full).output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.starts_with("error: could not print") && said.contains("No space left"), "{said}");
}

#[test]
fn nodes_that_have_nothing_to_send_miss_no_server() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().to_string()
    };
    let ended = poe(["simulate", "-p", "0", "-c", "3", "--connect", &address]);
    assert_eq!((ended.status.code(), ended.stderr.as_str()), (Some(0), ""));
    assert!(ended.stdout.starts_with("3 clients, 0 packets, 0 frames"), "{}", ended.stdout);
}
