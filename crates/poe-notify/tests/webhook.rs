//! Pages to servers that behave and to servers that misbehave.
#![allow(clippy::unwrap_used, reason = "a test may end like this")]

mod support;

use poe_building::{Class, Outcome, WebhookFormat};
use poe_notify::Reach;
use std::{
    fs,
    io::Write,
    net::TcpListener,
    sync::atomic::Ordering,
    thread,
    time::{Duration, Instant},
};
use support::{
    Desk, alarms, has,
    http::{Server, hang, status, yes},
    page, program, shaped, wait, webhook,
};

#[test]
fn a_page_arrives_with_its_key_and_is_confirmed() {
    let server = Server::start(|_, _, stream| yes(stream));
    let desk = Desk::new(vec![webhook("duty", &server.url)]);
    let mut page = page(5, "duty", Class::Alarm, "smoke");
    page.unsaved = true;
    desk.notifier.send(vec![page]);
    desk.wait_confirmed(1);
    let request = server.requests().remove(0);
    assert!(request.line.starts_with("POST /pages?token=s3cret HTTP/1.1"), "{}", request.line);
    assert_eq!(request.header("idempotency-key"), Some("10.89.21.188_5/smoke.critical/5"));
    assert_eq!(request.header("user-agent"), Some(concat!("poe/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("x-poe-signature"), None);
    let body = request.json();
    assert_eq!((body["site"].as_str(), body["unsaved"].as_bool()), (Some("Institute"), Some(true)));
    assert_eq!(body["pages"][0]["alarms"][0]["source_name"], "kitchen");
    let figures = desk.figures("duty");
    assert_eq!((figures.waiting, figures.sent, figures.failed, figures.dead), (0, 1, 0, 0));
    assert!(figures.last_success.is_some() && figures.last_error.is_none());
}

#[test]
fn a_thousand_alarms_at_once_are_through_in_a_moment_over_few_connections() {
    let server = Server::start(|_, _, stream| yes(stream));
    let desk = Desk::new(vec![webhook("duty", &server.url)]);
    let began = Instant::now();
    desk.notifier.send(alarms(0..1000, "duty"));
    desk.wait_confirmed(1000);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let mut confirmed = desk.confirmed();
    confirmed.sort_unstable();
    assert!(confirmed.iter().copied().eq(0..1000), "each once");
    assert!(server.connections.load(Ordering::Relaxed) <= 8);
    let pages: usize = server.requests().iter().map(|r| r.json()["pages"].as_array().unwrap().len()).sum();
    assert_eq!(pages, 1000);
}

#[test]
fn a_request_is_signed_by_the_secret_as_it_is_now() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    let server = Server::start(|_, _, stream| yes(stream));
    let path = secret.to_str().unwrap();
    let target = shaped("duty", &server.url, WebhookFormat::Json, Some(path.into()), None);
    let desk = Desk::new(vec![target]);
    desk.notifier.send(alarms([1], "duty"));
    let failure = desk.wait_failure();
    assert!(failure.contains("the secret_file cannot be used"), "{failure}");
    assert!(!failure.contains(path) && !failure.contains("No such file"), "everybody reads it: {failure}");
    fs::write(&secret, "Jefe\n").unwrap();
    desk.wait_confirmed(1);
    let request = server.requests().remove(0);
    let timestamp = request.header("x-poe-timestamp").unwrap().to_owned();
    let signature = request.header("x-poe-signature").unwrap().to_owned();
    assert!(support::now().as_secs_f64() - timestamp.parse::<f64>().unwrap() < 60.0);
    let Some(openssl) =
        program("openssl").filter(|_| has("signature", "openssl", program("openssl").is_some()))
    else {
        return;
    };
    let signed = folder.path().join("signed");
    fs::write(&signed, [timestamp.as_bytes(), b".", &request.body].concat()).unwrap();
    let expected = std::process::Command::new(openssl)
        .args(["dgst", "-sha256", "-hmac", "Jefe", "-r"])
        .arg(&signed)
        .output()
        .unwrap();
    let expected = String::from_utf8(expected.stdout).unwrap();
    assert_eq!(signature, format!("sha256={}", expected.split(' ').next().unwrap()));
}

#[test]
fn a_server_that_stumbles_gets_the_page_again_under_the_same_key() {
    let server = Server::start(|number, _, stream| match number {
        1 => status(stream, "500 Internal Server Error"),
        2 => false,
        _ => yes(stream),
    });
    let desk = Desk::new(vec![webhook("duty", &server.url)]);
    desk.notifier.send(alarms([1], "duty"));
    desk.wait_confirmed(1);
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|r| r.header("idempotency-key") == requests[0].header("idempotency-key")));
    assert!(requests.iter().all(|r| r.body == requests[0].body));
    let failure = desk.failures().remove(0);
    assert!(failure.contains("500 Internal Server Error: because"), "{failure}");
    assert!(!failure.contains("s3cret"), "an address may hold a token: {failure}");
}

#[test]
fn a_server_that_is_down_gets_the_page_when_it_is_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let desk = Desk::new(vec![webhook("duty", &format!("http://{address}/?token=s3cret"))]);
    desk.notifier.send(alarms([1, 2], "duty"));
    let failure = desk.wait_failure();
    assert!(failure.contains("refused") && !failure.contains("s3cret"), "{failure}");
    assert!(desk.figures("duty").failing > 0);
    let server = Server::on(TcpListener::bind(address).unwrap(), |_, _, stream| yes(stream));
    desk.wait_confirmed(2);
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_server_that_hangs_delays_nobody_else_and_is_given_ten_seconds() {
    let hanging = Server::start(|_, _, _| hang());
    let dripping = Server::start(|_, _, stream| {
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: yes, and it goes on and on\r\n\r\n".iter().cycle() {
            if stream.write_all(&[*byte]).is_err() {
                break;
            }
            thread::sleep(Duration::from_millis(500));
        }
        false
    });
    let well = Server::start(|_, _, stream| yes(stream));
    let targets = vec![
        webhook("hanging", &hanging.url),
        webhook("dripping", &dripping.url),
        webhook("well", &well.url),
    ];
    let desk = Desk::new(targets);
    let began = Instant::now();
    for name in ["hanging", "dripping", "well"] {
        desk.notifier.send(alarms(0..20, name));
    }
    desk.wait_confirmed(20);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let told = |name: &str| desk.figures(name).last_error.is_some();
    wait("failures", || told("hanging") && told("dripping"), || desk.reports());
    assert!((9..15).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    assert!(
        desk.failures().iter().all(|failure| failure == "no answer within 10 s"),
        "{:?}",
        desk.failures()
    );
}

#[test]
fn redirects_are_not_followed_and_the_failure_says_so() {
    let other = Server::start(|_, _, stream| yes(stream));
    let to =
        format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", other.url);
    let server = Server::start(move |_, _, stream| stream.write_all(to.as_bytes()).is_ok());
    let desk = Desk::new(vec![webhook("duty", &server.url)]);
    desk.notifier.send(alarms([1], "duty"));
    let failure = desk.wait_failure();
    assert!(failure.contains("307") && failure.contains("redirects are not followed"), "{failure}");
    assert!(other.requests().is_empty());
}

#[test]
fn a_page_that_is_refused_holds_nobody_up() {
    let server = Server::start(|_, request, stream| {
        if request.text().contains("unwanted") { status(stream, "422 Unprocessable") } else { yes(stream) }
    });
    let desk = Desk::new(vec![webhook("duty", &server.url)]);
    let mut pages = alarms([2, 3], "duty");
    pages.insert(0, page(1, "duty", Class::Alarm, "unwanted"));
    desk.notifier.send(pages);
    desk.wait_confirmed(2);
    let dead = || desk.reports().into_iter().find(|report| matches!(report.outcome, Outcome::Dead(_)));
    wait("dead letter", || dead().is_some(), || desk.reports());
    let Outcome::Dead(reason) = dead().unwrap().outcome else { unreachable!() };
    assert!(reason.contains("refused 5 times") && reason.contains("422"), "{reason}");
    assert_eq!(server.requests().len(), 7);
}

#[test]
fn an_answer_without_end_is_cut_and_its_status_decides() {
    let server = Server::start(|_, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n");
        let junk = vec![b'x'; 1024 * 1024];
        while stream.write_all(&junk).is_ok() {}
        false
    });
    let desk = Desk::new(vec![webhook("duty", &server.url)]);
    let began = Instant::now();
    desk.notifier.send(alarms([1], "duty"));
    desk.wait_confirmed(1);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    desk.notifier.send(alarms([2], "duty"));
    desk.wait_confirmed(2);
}

#[test]
fn private_addresses_need_the_setting_which_the_refusal_names() {
    let server = Server::start(|_, _, stream| yes(stream));
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f.1"] {
        let target = webhook("duty", &format!("http://{host}:{}/", server.port));
        let desk = Desk::new(Vec::new());
        desk.notifier.set_targets("Institute".into(), vec![target], None, Reach::default());
        desk.notifier.send(alarms([1], "duty"));
        let failure = desk.wait_failure();
        assert!(failure.contains("`notify_allow`"), "{host}: {failure}");
    }
    assert_eq!(server.connections.load(Ordering::Relaxed), 0);
    let desk = Desk::new(vec![webhook("duty", &format!("http://localhost:{}/", server.port))]);
    desk.notifier.send(alarms([1], "duty"));
    desk.wait_confirmed(1);
}

#[test]
fn people_get_a_digest_of_a_flood_with_each_key() {
    let (ntfy, slack) = (
        Server::start(|_, _, s| yes(s)),
        Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    );
    let targets = vec![
        shaped("ntfy", &ntfy.url, WebhookFormat::Ntfy, None, None),
        shaped("slack", &slack.url, WebhookFormat::Slack, None, None),
    ];
    let desk = Desk::new(targets);
    desk.notifier.send(alarms(0..20, "ntfy"));
    desk.notifier.send(alarms(0..90, "slack"));
    desk.wait_confirmed(110);
    let request = ntfy.requests().remove(0);
    assert_eq!(request.header("title"), Some("20 alarms: smoke in the kitchen, ..."));
    assert_eq!(request.header("priority"), Some("5"));
    assert_eq!(request.header("idempotency-key").unwrap().len(), 64);
    let requests = slack.requests();
    assert_eq!(requests.len(), 1);
    for id in 0..90 {
        let key = format!("10.89.21.188_{id}/smoke.critical/5");
        assert!(requests[0].text().contains(&key) && (id >= 20 || request.text().contains(&key)), "{key}");
    }
}

#[test]
fn a_cap_alert_arrives_as_xml() {
    let server = Server::start(|_, _, stream| yes(stream));
    let desk = Desk::new(vec![shaped("cap", &server.url, WebhookFormat::Cap, None, None)]);
    desk.notifier.send(alarms(0..3, "cap"));
    desk.wait_confirmed(3);
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|r| r.header("content-type") == Some("application/cap+xml")));
    assert!(requests[0].text().contains("<category>Fire</category>"), "{}", requests[0].text());
}
