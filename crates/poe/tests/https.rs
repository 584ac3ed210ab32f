//! HTTP beyond this machine: never in the clear by accident, and by TLS with one command.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

#[path = "wire/node.rs"]
#[allow(dead_code, reason = "this test uses its part of it")]
mod node;
mod support;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use node::Node;
use std::{
    collections::HashSet,
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};
use support::{Ended, POE, Server, Setup, ground::has_program, is_root, poe};

/// Runs a program to its end with these variables of the environment.
fn run(program: &str, args: &[&str], env: &[(&str, &str)]) -> Ended {
    let mut command = Command::new(program);
    let Output { status, stdout, stderr } =
        command.args(args).envs(env.iter().copied()).stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { status, stdout: text(stdout), stderr: text(stderr) }
}

/// Makes a certificate for the server of this setup, and tells what was said.
#[track_caller]
fn tls_init(setup: &Setup, more: &[&str]) -> String {
    let data_dir = setup.data_path().to_str().unwrap();
    let made = poe([&["tls", "init", "--data-dir", data_dir], more].concat());
    assert!(made.status.success(), "{}", made.stderr);
    assert_eq!(made.stderr, "");
    made.stdout
}

fn in_tls(setup: &Setup, name: &str) -> PathBuf {
    setup.data_path().join("tls").join(name)
}

/// Status and body of an answer over HTTPS, by a client that is not ours.
fn curl(server: &Server, host: &str, more: &[&str]) -> Result<String, String> {
    let ca = in_tls(server.setup(), "ca.pem");
    let url = format!("https://{host}:{}/healthz", server.http().port());
    let resolve = format!("{host}:{}:127.0.0.1", server.http().port());
    let args = ["-sS", "--max-time", "10", "--noproxy", "*", "--resolve", &resolve, "--cacert"];
    let args = [&args[..], &[ca.to_str().unwrap(), "-w", " %{http_code}", &url], more].concat();
    let ended = run("curl", &args, &[]);
    if ended.status.success() { Ok(ended.stdout) } else { Err(ended.stderr) }
}

/// The addresses, as hexadecimal digits, of the TCP sockets of IPv4 on which a process listens.
fn listening(pid: u32) -> Vec<String> {
    let sockets: HashSet<String> = fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .filter_map(|to| to.to_str()?.strip_prefix("socket:[")?.strip_suffix(']').map(str::to_owned))
        .collect();
    let table = fs::read_to_string("/proc/net/tcp").unwrap();
    let rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let own = rows.filter(|row| row[3] == "0A" && sockets.contains(row[9]));
    own.map(|row| row[1].split(':').next().unwrap().to_owned()).collect()
}

#[test]
fn a_server_that_nobody_told_otherwise_serves_http_on_loopback_alone() {
    let shown = poe(["config", "show"]);
    assert!(shown.stdout.contains("http = \"127.0.0.1:8080\""), "{}", shown.stdout);
    let server = Server::start(&["--listen", "0.0.0.0:0"]);
    assert!(server.stdout().contains("listening http 127.0.0.1:"), "{}", server.stdout());
    let mut listening = listening(server.pid());
    listening.sort();
    assert_eq!(listening, ["00000000", "0100007F"], "nodes from everywhere, and HTTP from here");
}

#[test]
fn beyond_loopback_it_is_refused_in_the_clear_with_the_reason_and_the_ways_out() {
    let setup = Setup::new().args(["--http", "0.0.0.0:0"]);
    let Err(ended) = setup.try_start() else { panic!("it has started") };
    let told = "error: --http: '0.0.0.0:0' can be reached from other machines, and passwords would cross the \
                network in the clear; make a certificate with `poe tls init`, name one with tls_cert and tls_key, \
                set behind_proxy if a proxy has the TLS, or write 127.0.0.1:0\n";
    assert_eq!((ended.stderr.as_str(), ended.stdout.as_str()), (told, ""));
    assert!(!ended.status.success());
    assert!(!setup.data_path().exists(), "it has touched nothing");

    let data_dir = setup.data_path().to_str().unwrap();
    let checked = poe(["config", "check", "--data-dir", data_dir, "--http", "0.0.0.0:0"]);
    assert_eq!(checked.stderr, told);
    tls_init(&setup, &[]);
    let checked = poe(["config", "check", "--data-dir", data_dir, "--http", "0.0.0.0:0"]);
    assert_eq!((checked.stdout.as_str(), checked.stderr.as_str()), ("ok\n", ""));
}

#[test]
fn behind_a_proxy_it_may_be_in_the_clear() {
    let server = Server::start(&["--http", "0.0.0.0:0", "--behind-proxy"]);
    assert!(server.stdout().contains("listening http 0.0.0.0:"), "{}", server.stdout());
    let (status, body) = server.http_get("/healthz");
    assert_eq!((status, body.as_str()), (200, "ok"));
}

#[test]
fn one_command_makes_a_certificate_that_other_programs_accept() {
    let test = "one_command_makes_a_certificate_that_other_programs_accept";
    if !has_program(test, "curl") || !has(test, "openssl", &["version"]) {
        return;
    }
    let setup = Setup::new().args(["--http", "0.0.0.0:0"]);
    let told = tls_init(&setup, &["--name", "poe.example", "--name", "10.0.0.7"]);
    assert!(told.contains("a new authority"), "{told}");

    let mode = |name: &str| fs::metadata(in_tls(&setup, name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(["ca.pem", "ca.key", "server.pem", "server.key"].map(mode), [0o644, 0o600, 0o644, 0o600]);

    let openssl = |args: &[&str]| {
        let ended = run("openssl", args, &[]);
        assert!(ended.status.success(), "{args:?}: {}{}", ended.stdout, ended.stderr);
        ended.stdout
    };
    let [ca, cert] = ["ca.pem", "server.pem"].map(|name| in_tls(&setup, name).to_str().unwrap().to_owned());
    let purpose = ["-x509_strict", "-purpose", "sslserver", "-verify_hostname", "poe.example"];
    openssl(&[&["verify", "-CAfile", &ca], &purpose[..], &[&cert]].concat());
    openssl(&["verify", "-CAfile", &ca, "-verify_ip", "10.0.0.7", &cert]);
    let print = openssl(&["x509", "-in", &ca, "-noout", "-fingerprint", "-sha256"]);
    let print = print.trim().split_once('=').unwrap().1;
    assert!(told.contains(&format!("SHA-256 {print}")), "{print} in {told}");
    let days = |days: u32| (days * 24 * 3600).to_string();
    openssl(&["x509", "-in", &cert, "-noout", "-checkend", &days(394)]);
    assert!(
        !run("openssl", &["x509", "-in", &cert, "-noout", "-checkend", &days(398)], &[]).status.success()
    );
    openssl(&["x509", "-in", &ca, "-noout", "-checkend", &days(3650)]);

    let server = setup.start();
    assert!(server.stdout().contains("listening https 0.0.0.0:"), "{}", server.stdout());
    for host in ["localhost", "127.0.0.1", "poe.example"] {
        for version in [&["--tls-max", "1.2"][..], &["--tlsv1.3"]] {
            assert_eq!(curl(&server, host, version), Ok("ok 200".to_owned()), "{host} {version:?}");
        }
    }
    assert!(curl(&server, "evil.example", &[]).unwrap_err().contains("evil.example"));

    // While it runs, another certificate of the same authority.
    let told = tls_init(&setup, &[]);
    assert!(told.contains("the authority, as before"), "{told}");
    assert!(told.contains("poe.example, 10.0.0.7"), "{told}");
    assert!(told.contains(print), "{told}");
    assert_eq!(curl(&server, "localhost", &[]), Ok("ok 200".to_owned()));
}

/// Whether a program of the system runs here, that has a word of its own for its version.
fn has(test: &str, program: &str, args: &[&str]) -> bool {
    support::ground::has(test, program, support::ground::run(program, args).is_ok())
}

#[test]
fn what_root_makes_belongs_to_the_servers_user() {
    if !is_root("what_root_makes_belongs_to_the_servers_user") {
        return;
    }
    let setup = Setup::new();
    fs::create_dir(setup.data_path()).unwrap();
    chown(setup.data_path(), Some(12_345), Some(54_321)).unwrap();
    tls_init(&setup, &[]);
    for name in ["", "ca.pem", "ca.key", "server.pem", "server.key"] {
        use std::os::unix::fs::MetadataExt;
        let found = fs::metadata(in_tls(&setup, name)).unwrap();
        assert_eq!((found.uid(), found.gid()), (12_345, 54_321), "{name}");
    }
}

#[test]
fn a_certificate_that_cannot_be_used_is_told_in_one_line() {
    let setup = Setup::new();
    tls_init(&setup, &[]);
    let (cert, ca_key) = (in_tls(&setup, "server.pem"), in_tls(&setup, "ca.key"));
    let refused = |cert: &Path, key: &Path| {
        let given = Setup::new().arg("--tls-cert").arg(cert).arg("--tls-key").arg(key);
        let Err(ended) = given.try_start() else { panic!("it has started") };
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
        ended.stderr
    };
    let told = refused(&cert, &ca_key);
    assert!(told.starts_with(&format!("error: certificate {} and key", cert.display())), "{told}");
    let told = refused(Path::new("/nowhere/cert.pem"), &ca_key);
    assert!(told.starts_with("error: cannot read /nowhere/cert.pem: No such file"), "{told}");
}

#[test]
fn a_key_that_everybody_can_read_is_a_warning() {
    let setup = Setup::new().args(["--http", "0.0.0.0:0"]);
    tls_init(&setup, &[]);
    let key = in_tls(&setup, "server.key");
    fs::set_permissions(&key, PermissionsExt::from_mode(0o604)).unwrap();
    setup.start().check_told(&format!("the key {} can be read by every user", key.display()));
}

#[test]
fn tls_init_says_what_is_wrong_with_a_name() {
    let setup = Setup::new();
    let data_dir = setup.data_path().to_str().unwrap();
    let refused = poe(["tls", "init", "--data-dir", data_dir, "--name", "https://poe.example"]);
    let told = "error: \"https://poe.example\" is neither a host name nor an address; write it like poe.example or 10.0.0.7\n";
    assert_eq!(refused.stderr, told);
    assert!(!setup.data_path().exists());
}

#[test]
fn commands_ask_over_the_network_by_token_and_authority() {
    let setup = Setup::new().args(["--http", "0.0.0.0:0"]);
    tls_init(&setup, &[]);
    let server = setup.start();
    let ca = in_tls(&setup, "ca.pem").to_str().unwrap().to_owned();
    let url = format!("https://localhost:{}", server.http().port());
    let token = [("POE_TOKEN", "poe_7_topsecret")];
    let asked = |args: &[&str], env: &[(&str, &str)]| {
        let ended = run(POE, args, env);
        assert!(!ended.status.success(), "{args:?}: {}", ended.stdout);
        assert!(!ended.stderr.contains("topsecret"), "{}", ended.stderr);
        ended.stderr
    };

    // The server is reached and trusted; that it knows no such token is its own answer.
    let told = asked(&["alarms", "--connect", &url, "--ca", &ca], &token);
    assert!(!told.contains("cannot reach") && !told.contains("not trusted"), "{told}");

    let other = Setup::new();
    tls_init(&other, &[]);
    let told =
        asked(&["alarms", "--connect", &url, "--ca", in_tls(&other, "ca.pem").to_str().unwrap()], &token);
    assert!(told.contains("is not trusted") && told.contains("--ca"), "{told}");

    let told = asked(&["zones", "--connect", "http://192.0.2.1:80"], &token);
    let reason = "everybody on the way could read the token; use https, or insist with --insecure-http";
    assert!(told.contains(reason), "{told}");

    let told = asked(&["zones", "--connect", "poe.example"], &[]);
    assert!(told.contains("write it like https://poe.example:8443"), "{told}");
    let told = asked(&["node", "retire", "10.0.0.7", "--connect", &url, "--data-dir", "x"], &[]);
    assert_eq!(told, "error: --connect and --data-dir mean two servers; leave one of them out\n");
    let told = asked(&["events", "--token-file", &ca], &[]);
    assert_eq!(told, "error: --token-file is for a server in the network; name it with --connect URL\n");
    let told = asked(&["notify", "--connect", &url, "--token-file", "/nowhere/token"], &[]);
    assert!(told.contains("cannot read the token in '/nowhere/token'"), "{told}");
    let told = asked(&["building", "export", "--connect", &url, "--token-file", &ca], &[]);
    assert!(told.contains("holds no token: it must be one word"), "{told}");
}

#[test]
fn a_thousand_http_clients_that_stay_delay_no_reading_and_lock_out_nobody_at_the_machine() {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, most.min(4096), most).unwrap();
    let server = Server::start(&[]);
    let mut node = Node::connect(&server, 2);
    node.time_to_row(&server, 1, 1);
    let memory_before = server.memory_bytes();
    let crowd: Vec<TcpStream> = (0..1_000)
        .map(|_| {
            let mut client = TcpStream::connect(server.http()).unwrap();
            client.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
            assert!(client.read(&mut [0; 1024]).unwrap() > 0);
            client
        })
        .collect();
    let slowest = (2..30).map(|value| node.time_to_row(&server, 1, value)).max().unwrap();
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    assert_eq!(server.local_get("/healthz").0, 200);
    let grown = server.memory_bytes().saturating_sub(memory_before);
    assert!(grown < 50 << 20, "{grown} bytes for {} clients", crowd.len());
    assert!(server.metric("poe_http_connections{door=\"network\"}") >= 1_000.0);
}
