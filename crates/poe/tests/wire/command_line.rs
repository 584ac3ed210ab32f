//! The program as people and service managers start it, ask it and stop it.

use crate::{
    node::{FIRE, Node, post},
    support::{Ended, Server, Setup, poe},
};
use nix::sys::signal::Signal;
use std::{
    fs,
    io::Write,
    net::{TcpListener, TcpStream, UdpSocket},
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, Instant},
};

/// A start that must fail, soon, and with one line.
#[track_caller]
fn refused(setup: &Setup) -> Ended {
    let begun = Instant::now();
    let Err(ended) = setup.try_start() else { panic!("it has started") };
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(!ended.status.success());
    assert!(ended.status.code().is_some(), "{ended:?}");
    assert!(ended.stderr.starts_with("error: "), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    ended
}

#[test]
fn a_second_server_on_the_same_folder_is_told_who_has_it() {
    let server = Server::start(&[]);
    let second = refused(server.setup());
    let who = format!("process {}", server.pid());
    assert!(second.stderr.contains(&who), "{}", second.stderr);
    Node::connect(&server, 2).time_to_row(&server, 1, 1);
    assert_eq!(server.http_get("/readyz").0, 200);
    assert_eq!(server.local_get("/healthz").0, 200);
}

#[test]
fn a_second_server_on_the_same_port_is_told_who_has_it() {
    let server = Server::start(&["--udp", "127.0.0.1:0"]);
    let who = format!("process {}", server.pid());
    let taken = [
        ("--listen", server.tcp().to_string()),
        ("--udp", server.udp().to_string()),
        ("--http", server.http().to_string()),
    ];
    for (flag, address) in taken {
        let second = refused(&Setup::new().args([flag, &address]));
        assert!(second.stderr.contains(&who), "{flag}: {}", second.stderr);
        assert!(second.stderr.contains(&address), "{flag}: {}", second.stderr);
    }
    Node::connect(&server, 2).time_to_row(&server, 1, 1);
}

#[test]
fn a_port_that_another_program_has_is_refused_on_every_protocol() {
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (tcp, udp) =
        (tcp.local_addr().map(|at| (tcp, at)).unwrap(), udp.local_addr().map(|at| (udp, at)).unwrap());
    let who = format!("process {}", std::process::id());
    for (flag, address) in [("--listen", tcp.1), ("--http", tcp.1), ("--udp", udp.1)] {
        let second = refused(&Setup::new().args([flag, &address.to_string()]));
        assert!(second.stderr.contains(&who), "{flag}: {}", second.stderr);
    }
}

#[test]
fn an_unknown_key_is_refused_with_its_path_and_line() {
    let setup = Setup::new();
    let file = setup.scratch().join("poe.toml");
    fs::write(&file, "# a building\nlog = \"info\"\nmax_conections = 3\n").unwrap();
    let ended = refused(&setup.clone().arg("--config").arg(&file));
    let place = format!("error: {}:3:1: unknown key 'max_conections'", file.display());
    assert!(ended.stderr.starts_with(&place), "{}", ended.stderr);
    assert!(ended.stderr.contains("max_connections"), "{}", ended.stderr);
    let checked = poe(["config", "check", "--config", file.to_str().unwrap()]);
    assert_eq!(checked.stderr, ended.stderr);
    assert!(!checked.status.success());
}

#[test]
fn a_bad_flag_is_refused_by_name() {
    for (args, told) in [
        (&["serve", "--lisen", "0.0.0.0:1"][..], "--lisen"),
        (&["serve", "--listen", "nowhere"], "--listen"),
        (&["serve", "--max-connections", "0"], "--max-connections"),
        (&["serve", "--max-connections", "-1"], "--max-connections"),
        (&["serve", "--allow", "300.0.0.0/8"], "--allow"),
        (&["serve", "--http", "0.0.0.0:0"], "--http"),
        (&["serve", "--config", "/nowhere/poe.toml"], "/nowhere/poe.toml"),
        (&["srve"], "srve"),
    ] {
        let ended = poe(args);
        assert!(!ended.status.success(), "{args:?}");
        assert!(ended.stderr.contains(told), "{args:?}: {}", ended.stderr);
    }
}

#[test]
fn the_example_configuration_is_right() {
    let setup = Setup::new();
    let file = setup.scratch().join("poe.toml");
    let example = poe(["config", "example"]);
    assert!(example.status.success());
    // Also with every setting given rather than left to its default.
    let given: String =
        example.stdout.lines().map(|line| line.strip_prefix("#").unwrap_or(line).to_owned() + "\n").collect();
    let is_setting = |line: &&str| {
        line.split_once(" = ")
            .is_some_and(|(key, _)| key.trim().chars().all(|c| c.is_ascii_lowercase() || c == '_'))
    };
    let given: String =
        given.lines().filter(is_setting).map(|line| line.trim_start().to_owned() + "\n").collect();
    assert!(given.contains("max_connections = "), "{given}");
    for text in [example.stdout, given] {
        fs::write(&file, &text).unwrap();
        let checked = poe(["config", "check", "--config", file.to_str().unwrap()]);
        assert!(checked.status.success(), "{text}\n{}", checked.stderr);
    }
}

#[test]
fn every_subcommand_has_its_help() {
    let mut seen = 0;
    let mut waiting = vec![Vec::<String>::new()];
    while let Some(command) = waiting.pop() {
        let help = poe(command.iter().map(String::as_str).chain(["--help"]));
        assert!(help.status.success(), "{command:?}: {}", help.stderr);
        assert!(help.stdout.contains("Usage: poe"), "{command:?}: {}", help.stdout);
        assert_eq!(help.stderr, "");
        seen += 1;
        let listed = help.stdout.lines().skip_while(|line| *line != "Commands:").skip(1);
        let names = listed.take_while(|line| line.starts_with("  ")).filter_map(|line| {
            let name = line.strip_prefix("  ")?.split(' ').next()?;
            (!name.is_empty() && name != "help").then(|| name.to_owned())
        });
        waiting.extend(names.map(|name| [&command[..], &[name]].concat()));
    }
    assert!(seen >= 7, "{seen}");
}

#[test]
fn without_http_the_local_socket_still_answers() {
    let mut server = Server::start(&["--http", "none"]);
    assert!(!server.stdout().contains("listening http"));
    assert_eq!(server.local_get("/healthz"), (200, "ok".to_owned()));
    Node::connect(&server, 2).time_to_row(&server, 1, 1);
    assert!(server.stop().success());
}

#[test]
fn http_tells_health_readiness_and_figures() {
    let server = Server::start(&[]);
    assert_eq!(server.http_get("/healthz"), (200, "ok".to_owned()));
    assert_eq!(server.http_get("/readyz"), (200, "ready".to_owned()));
    let (status, metrics) = server.http_get("/metrics");
    assert_eq!(status, 200);
    for name in [
        "poe_frames_total{",
        "poe_readings_total ",
        "poe_status_changes_total ",
        "poe_connections ",
        "poe_refused_total{",
        "poe_commit_seconds_count ",
    ] {
        assert!(metrics.lines().any(|line| line.starts_with(name)), "{name} in {metrics}");
    }
    assert_eq!(server.http_get("/nothing").0, 404);
}

#[test]
fn what_is_ours_is_for_its_owner_and_the_table_is_for_others() {
    let mut server = Server::start(&[]);
    Node::connect(&server, 2).time_to_row(&server, 1, 1);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let data = server.setup().data_path().to_owned();
    assert_eq!(mode(&data.join("poe.sock")), 0o600);
    assert_eq!(mode(&data.join("state.db")), 0o600);
    assert_eq!(mode(&data.join("poe.lock")), 0o600);
    assert_eq!(mode(&data.join("poe.db")), 0o644);
    assert_eq!(server.local_get("/readyz").0, 200);
    assert!(server.stop().success());
    assert!(!data.join("poe.sock").exists());
}

#[test]
fn a_stop_by_signal_exits_0_with_everything_stored() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let setup = Setup::new();
        let mut server = setup.start();
        let mut nodes: Vec<Node> = (2..12).map(|number| Node::connect(&server, number)).collect();
        server.check_metric("poe_connections", 10.0);
        for (node, value) in nodes.iter_mut().zip(0..) {
            let frames: Vec<u8> = (0..=255).flat_map(|id| post(id, FIRE, value)).collect();
            node.send(&frames);
        }
        // What the system has taken from the nodes counts, read or not.
        let begun = Instant::now();
        server.signal(signal);
        let status = server.wait();
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        assert_eq!(status.code(), Some(0), "{signal}");
        assert_eq!(server.table().len(), 2560);
        for (number, value) in (2..12).zip(0..) {
            assert_eq!(server.table()[&format!("127.0.0.{number}_255")].1, value);
        }
        // A restart knows it all.
        drop(server);
        let server = setup.start();
        server.check_metric("poe_sensors", 2560.0);
    }
}

#[test]
fn a_stop_waits_for_nobody_who_is_slow() {
    let mut server = Server::start(&[]);
    let _half_a_frame = {
        let mut node = Node::connect(&server, 2);
        node.send(&[1, 2]);
        node
    };
    let mut slow_client = TcpStream::connect(server.http()).unwrap();
    slow_client.write_all(b"GET /metrics HTT").unwrap();
    let begun = Instant::now();
    assert_eq!(server.stop().code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}
