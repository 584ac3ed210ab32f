//! The notifier as a whole: its heartbeat, its end, and pages for nobody.
#![allow(clippy::unwrap_used, reason = "a test may end like this")]

mod support;

use poe_building::Outcome;
use poe_notify::Reach;
use std::{
    net::TcpListener,
    time::{Duration, Instant},
};
use support::{
    Desk, alarms, certificate, has,
    http::{Server, hang, status, yes},
    program, wait, webhook,
};

#[test]
fn tls_wants_a_certificate_that_it_can_trust() {
    let folder = tempfile::tempdir().unwrap();
    let test = "tls_wants_a_certificate_that_it_can_trust";
    if !has(test, "openssl", certificate(folder.path())) {
        return;
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut server = std::process::Command::new(program("openssl").unwrap())
        .args(["s_server", "-quiet", "-www", "-cert", "cert.pem", "-key", "key.pem", "-accept"])
        .arg(port.to_string())
        .current_dir(folder.path())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    wait("TLS server", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok(), || ());
    let url = format!("https://localhost:{port}/");
    let desk = Desk::new(Vec::new());
    let heartbeat = |ca_file: Option<&str>| poe_building::Heartbeat {
        url: url.as_str().into(),
        interval: Duration::from_secs(1),
        ca_file: ca_file.map(Into::into),
    };
    let set = |ca_file: Option<&str>| {
        let allow = vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        let reach = Reach { allow, ..Reach::default() };
        desk.notifier.set_targets("Institute".into(), Vec::new(), Some(heartbeat(ca_file)), reach);
    };
    set(None);
    let beat = || desk.notifier.heartbeat().unwrap();
    wait("failure", || beat().failed.is_some(), beat);
    let failed = beat().failed.unwrap();
    assert!(failed.contains("certificate"), "{failed}");
    set(Some(folder.path().join("ca.pem").to_str().unwrap()));
    wait("heartbeat", || beat().last_success.is_some(), beat);
    assert_eq!(beat().failed, None);
    server.kill().unwrap();
    server.wait().unwrap();
    wait("failure", || beat().failed.is_some(), beat);
}

#[test]
fn a_stop_is_quick_and_what_is_unsent_is_not_given_up() {
    let server = Server::start(|_, _, _| hang());
    let desk = Desk::new(vec![webhook("duty", &server.url)]);
    desk.notifier.send(alarms(0..50, "duty"));
    wait("requests", || !server.requests().is_empty(), || ());
    assert!(desk.notifier.is_running());
    let reports = desk.reports().len();
    let began = Instant::now();
    desk.notifier.stop();
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!(reports, 0);
}

#[test]
fn a_page_for_nobody_is_given_up() {
    let desk = Desk::new(Vec::new());
    desk.notifier.send(alarms([1], "nobody"));
    wait("report", || !desk.reports().is_empty(), || ());
    assert_eq!(desk.reports()[0].outcome, Outcome::Dead("there is no such target".into()));
}

#[test]
fn a_heartbeat_keeps_its_interval_and_says_when_it_fails() {
    let server = Server::start(|number, _, stream| match number {
        2 => status(stream, "503 Service Unavailable"),
        _ => yes(stream),
    });
    let desk = Desk::new(Vec::new());
    assert_eq!(desk.notifier.heartbeat(), None);
    let interval = Duration::from_secs(1);
    let heartbeat = poe_building::Heartbeat { url: server.url.as_str().into(), interval, ca_file: None };
    let allow = vec!["127.0.0.0/8".parse().unwrap()];
    let reach = Reach { allow, ..Reach::default() };
    desk.notifier.set_targets("Institute".into(), Vec::new(), Some(heartbeat), reach);
    let beat = || desk.notifier.heartbeat().unwrap();
    wait("failure", || beat().failed.is_some(), beat);
    assert!(beat().failed.unwrap().contains("503 Service Unavailable: because"));
    wait("success", || beat().failed.is_none(), beat);
    let requests = server.requests();
    assert!(requests[0].line.starts_with("GET "), "{}", requests[0].line);
    let span = requests[2].at - requests[0].at;
    assert!((1900..2600).contains(&span.as_millis()), "{span:?}");
}
