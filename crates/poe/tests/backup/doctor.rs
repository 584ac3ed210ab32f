//! `poe doctor`, before whom things are broken on purpose.

use crate::{
    counter::{Counter, wait_until_seen},
    done,
    support::{POE, Server, Setup, poe},
};
use std::{
    ffi::OsStr,
    fs,
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::{FileExt, PermissionsExt},
    path::Path,
    process::{Command, Stdio},
};

const NODE: Ipv4Addr = Ipv4Addr::new(127, 0, 34, 1);

/// What the doctor says: its exit status, and each check with its state, what was found and what to do.
struct Told {
    is_fine: bool,
    checks: Vec<[String; 4]>,
}

impl Told {
    /// Asks with these further arguments.
    #[track_caller]
    fn by(setup: &Setup, args: &[&str]) -> Self {
        let mut command = Command::new(POE);
        command.args(["doctor", "--json", "--data-dir"]).arg(setup.data_path());
        if !args.contains(&"--config") {
            command.env("POE_LISTEN", "127.0.0.1:0").env("POE_HTTP", "127.0.0.1:0");
        }
        let output = command.args(args).stdin(Stdio::null()).output().unwrap();
        let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let text =
            |check: &serde_json::Value, field: &str| check[field].as_str().unwrap_or_default().to_owned();
        let checks: Vec<_> = said["checks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|check| ["check", "state", "found", "cure"].map(|field| text(check, field)))
            .collect();
        assert_eq!(output.status.success(), said["ok"] == true);
        assert!(checks.iter().all(|[_, state, _, cure]| (state == "ok") == cure.is_empty()), "{checks:?}");
        Self { is_fine: output.status.success(), checks }
    }

    /// Some check of this name has this state, and these words.
    #[track_caller]
    fn has(&self, name: &str, state: &str, words: &str) -> &Self {
        let fits = |[check, its, found, cure]: &[String; 4]| {
            check == name && its == state && (found.contains(words) || cure.contains(words))
        };
        assert!(self.checks.iter().any(fits), "no {state} {name} with {words:?} in {:#?}", self.checks);
        self
    }

    #[track_caller]
    fn has_no_problem(&self) -> &Self {
        let problems: Vec<_> = self.checks.iter().filter(|check| check[1] == "problem").collect();
        assert!(self.is_fine && problems.is_empty(), "{problems:#?}");
        self
    }
}

fn told(setup: &Setup) -> Told {
    Told::by(setup, &[])
}

fn running() -> (Setup, Server) {
    let setup = Setup::new();
    let server = setup.start();
    let mut counter = Counter::connect(NODE, server.tcp());
    counter.count(9);
    wait_until_seen(&setup.db_path(), NODE, 9);
    (setup, server)
}

fn stopped() -> Setup {
    let (setup, mut server) = running();
    assert!(server.stop().success());
    setup
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_doctor_finds_nothing_wrong_with_a_server_that_is_well() {
    let setup = Setup::new();
    told(&setup).has_no_problem().has("data folder", "warning", "is not there yet");
    assert!(!setup.data_path().exists(), "a doctor makes nothing");

    let (setup, mut server) = running();
    let said = told(&setup);
    said.has_no_problem().has("server", "ok", &format!("process {} runs, and is ready", server.pid()));
    said.has("backup", "warning", "none was ever made").has(
        "addresses",
        "ok",
        // Beside that of HTTP, in the order of their ports.
        &server.tcp().to_string(),
    );
    said.has("journal", "ok", "whole").has("state.db", "ok", "sound").has("table", "ok", "sound");
    said.has("accounts", "warning", "poe user add");
    assert!(server.stop().success());
    told(&setup).has_no_problem().has("server", "ok", "none runs").has("addresses", "ok", "free");
    done(&setup, "backup", &[&setup.scratch().join("a.tar")]);
    told(&setup).has_no_problem().has("backup", "ok", "less than an hour old; it was made here");

    let text = done(&setup, "doctor", &[Path::new("--config"), &quiet(&setup)]);
    assert!(text.lines().last().unwrap().starts_with("0 problems, "), "{text}");
}

#[test]
fn a_doctor_says_nothing_of_addresses_that_the_server_has_not() {
    let (setup, server) = running();
    told(&setup).has_no_problem().has("exposure", "ok", "for this machine alone");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let config = setup.scratch().join("poe.toml");
    fs::write(&config, format!("listen = [\"{}\"]\nhttp = \"{free}\"\n", server.tcp())).unwrap();
    let said = Told::by(&setup, &["--config", config.to_str().unwrap()]);
    said.has("addresses", "warning", &format!("and not on {free}")).has("addresses", "warning", "--config");
}

#[test]
fn a_doctor_misses_the_pictures_of_plans_and_knows_where_data_came_from() {
    let (setup, mut server) = running();
    let backup = setup.scratch().join("a.tar");
    done(&setup, "backup", &[&backup]);
    assert!(server.stop().success());
    told(&setup).has("plans", "ok", "no picture is missing");
    rusqlite::Connection::open(setup.data_path().join("state.db"))
        .unwrap()
        .execute(
            "INSERT INTO plans (name, hash, format, width, height, bytes, version)
             VALUES ('cellar', zeroblob(32), 'svg', 1, 1, 9, 1)",
            [],
        )
        .unwrap();
    told(&setup).has("plans", "problem", "cellar");

    let other = Setup::new();
    done(&other, "restore", &[&backup]);
    told(&other).has_no_problem().has("backup", "ok", "less than an hour old; it was restored");
    assert!(other.start().stop().success());
    let journal = done(&other, "events", &[]);
    assert!(journal.contains("restored from a backup of 20"), "{journal}");
    assert!(!journal.contains("not stopped in order"), "a restore is no crash: {journal}");
    other.start().kill();
    assert!(other.start().stop().success());
    assert!(done(&other, "events", &[]).contains("not stopped in order"), "and a crash is one");
}

/// A file of settings with free ports.
fn quiet(setup: &Setup) -> std::path::PathBuf {
    let path = setup.scratch().join("poe.toml");
    fs::write(&path, "listen = [\"127.0.0.1:0\"]\nhttp = \"none\"\n").unwrap();
    path
}

#[test]
fn a_doctor_reads_the_settings_first() {
    let setup = Setup::new();
    let config = setup.scratch().join("poe.toml");
    fs::write(&config, "lisden = 4\n").unwrap();
    let said = Told::by(&setup, &["--config", config.to_str().unwrap()]);
    said.has("configuration", "problem", "lisden");
    assert_eq!(said.checks.len(), 1, "nothing else can be looked at");
    let said = Told::by(&setup, &["--config", "/nowhere/poe.toml"]);
    said.has("configuration", "problem", "/nowhere/poe.toml");
}

#[test]
fn a_doctor_sees_who_may_look_into_what() {
    let setup = stopped();
    chmod(&setup.data_path().join("state.db"), 0o644);
    told(&setup).has("permissions", "problem", "chmod go= ");
    chmod(&setup.data_path().join("state.db"), 0o600);
    chmod(setup.data_path(), 0o777);
    told(&setup).has("permissions", "problem", "mode 777");
    chmod(setup.data_path(), 0o755);
    chmod(&setup.db_path(), 0o600);
    told(&setup).has_no_problem().has("readers", "warning", "chmod 644");
    fs::create_dir(setup.data_path().join("tls")).unwrap();
    fs::write(setup.data_path().join("tls/ca.key"), "key").unwrap();
    chmod(&setup.data_path().join("tls/ca.key"), 0o640);
    told(&setup).has("permissions", "problem", "tls/ca.key");
}

#[test]
fn a_doctor_finds_what_is_damaged() {
    let setup = stopped();
    let flip = |name: &str, at: u64| {
        let file = fs::OpenOptions::new().read(true).write(true).open(setup.data_path().join(name)).unwrap();
        let mut page = [0; 512];
        file.read_exact_at(&mut page, at).unwrap();
        file.write_all_at(&page.map(|byte| byte ^ 0x5A), at).unwrap();
        page
    };
    let state = fs::read(setup.data_path().join("state.db")).unwrap();
    flip("state.db", 4_096);
    told(&setup).has("state.db", "problem", "damaged");
    fs::write(setup.data_path().join("state.db"), &state).unwrap();
    told(&setup).has_no_problem();
    rusqlite::Connection::open(setup.data_path().join("state.db"))
        .unwrap()
        .execute("UPDATE journal SET text = 'nothing' WHERE seq = 1", [])
        .unwrap();
    told(&setup).has("journal", "problem", "entry 1 was changed");
    fs::write(setup.data_path().join("state.db"), &state).unwrap();
    let mark = fs::read(setup.data_path().join("journal.mark")).unwrap();
    fs::remove_file(setup.data_path().join("journal.mark")).unwrap();
    told(&setup).has("journal", "problem", "the mark is missing");
    fs::write(setup.data_path().join("journal.mark"), mark).unwrap();
    fs::write(setup.db_path(), "a letter, and no database at all").unwrap();
    told(&setup).has("table", "problem", "poe.db");
    fs::remove_file(setup.db_path()).unwrap();
    told(&setup).has("table", "problem", "name the table's file with --db");
}

#[test]
fn a_doctor_finds_what_was_cut_short() {
    let setup = stopped();
    fs::create_dir(setup.data_path().join("backup.tmp")).unwrap();
    chmod(&setup.data_path().join("backup.tmp"), 0o700);
    told(&setup).has_no_problem().has("leftovers", "warning", "backup.tmp");
    assert!(setup.start().stop().success());
    told(&setup).has("leftovers", "ok", "none that matter");
}

#[test]
fn a_doctor_says_who_has_the_port() {
    let setup = stopped();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let config = setup.scratch().join("poe.toml");
    fs::write(&config, format!("listen = [\"{address}\"]\nhttp = \"none\"\n")).unwrap();
    let said = Told::by(&setup, &["--config", config.to_str().unwrap()]);
    said.has("addresses", "problem", &format!("tcp {address} is taken by process {}", std::process::id()));
}

#[test]
fn a_doctor_looks_at_the_certificate() {
    let setup = stopped();
    let config = setup.scratch().join("poe.toml");
    let exposed = "listen = [\"127.0.0.1:0\"]\nhttp = \"0.0.0.0:0\"\n";
    fs::write(&config, exposed).unwrap();
    let config = config.to_str().unwrap();
    let said = Told::by(&setup, &["--config", config]);
    said.has("exposure", "problem", "poe tls init");
    let made =
        poe([OsStr::new("tls"), OsStr::new("init"), OsStr::new("--data-dir"), setup.data_path().as_os_str()]);
    assert!(made.status.success(), "{}", made.stderr);
    let said = Told::by(&setup, &["--config", config]);
    said.has_no_problem().has("certificate", "ok", "is valid until").has("exposure", "ok", "by TLS");

    // One that has ended, by the hand of another authority, and one whose key is another's.
    let tls = setup.data_path().join("tls");
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
        .args(["-subj", "/CN=poe", "-days", "1", "-keyout", "server.key", "-out", "server.pem"])
        .current_dir(&tls)
        .stderr(Stdio::null())
        .status();
    if made.is_ok_and(|status| status.success()) {
        chmod(&tls.join("server.key"), 0o600);
        Told::by(&setup, &["--config", config]).has("certificate", "warning", "ends on");
    }
    fs::copy(tls.join("ca.key"), tls.join("server.key")).unwrap();
    Told::by(&setup, &["--config", config]).has("certificate", "problem", "do not go together");
    fs::write(tls.join("server.pem"), "nothing").unwrap();
    Told::by(&setup, &["--config", config]).has("certificate", "problem", "holds no certificate");
}

#[test]
fn a_doctor_counts_descriptors_as_the_server_has_them() {
    let setup = stopped();
    let said = Command::new("prlimit")
        .args(["--nofile=100:100", POE, "doctor", "--data-dir"])
        .arg(setup.data_path())
        .env("POE_LISTEN", "127.0.0.1:0")
        .env("POE_HTTP", "none")
        .output()
        .unwrap();
    let text = String::from_utf8(said.stdout).unwrap();
    assert!(text.contains("the system allows 100, and max_connections = 1024 needs 1072"), "{text}");
    assert!(!said.status.success() && text.contains("do: raise it with LimitNOFILE"), "{text}");
    assert_eq!(String::from_utf8(said.stderr).unwrap(), "error: there is a problem\n");
}

#[test]
fn a_doctor_finds_a_server_that_does_not_answer_and_two_that_share_a_table() {
    let (setup, server) = running();
    let other = Setup::new().db(setup.db_path());
    let mut second = other.start();
    let said = told(&setup);
    said.has("one server", "problem", &server.pid().to_string());
    said.has("one server", "problem", &second.pid().to_string());
    second.kill();
    told(&setup).has_no_problem();
    server.pause();
    told(&setup).has("server", "problem", "does not answer");
    server.resume();
}

#[test]
fn a_doctor_warns_of_data_in_memory() {
    let Ok(disk) = crate::ground::Disk::in_memory(16) else {
        crate::ground::has("a_doctor_warns_of_data_in_memory", "a disk of its own", false);
        return;
    };
    let setup = Setup::new().data_dir(disk.path().join("data"));
    assert!(setup.start().stop().success());
    told(&setup).has("disk", "problem", "is in memory").has("room", "problem", "MiB are free");
}
