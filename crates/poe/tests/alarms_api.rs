//! The commands that ask a server: what a person sees and does without a screen of ours, and what is left to see once
//! the server is stopped or killed.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

mod support;

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use rusqlite::Connection;
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
};
use support::{Ended, POE, Server, Setup};

const BUILDING: &str = r#"
site = { name = "campus" }
place = [
    { name = "house", kind = "building" },
    { name = "kitchen", kind = "zone", within = "house" },
]
node = [{ address = "127.0.0.1", name = "stove", place = "kitchen" }]
target = [
    { name = "siren", command = { run = ["/bin/true"] } },
    { name = "broken", command = { run = ["/bin/false"] } },
]
"#;

const FLAME: [u8; 4] = [1, 7, 0, 0];
const NO_FLAME: [u8; 4] = [1, 7, 0, 1];

/// A server with a building, and the node in its kitchen.
struct Desk {
    server: Server,
    node: TcpStream,
}

impl Desk {
    fn open() -> Self {
        let server = Setup::new().args(["--http", "none"]).start();
        let file = server.setup().scratch().join("building.toml");
        fs::write(&file, BUILDING).unwrap();
        let imported = ask(server.setup(), &["building", "import", file.to_str().unwrap()]);
        assert!(imported.stdout.starts_with("in force as version 1"), "{imported:?}");
        let node = TcpStream::connect(server.tcp()).unwrap();
        Self { server, node }
    }

    fn ask(&self, words: &[&str]) -> Ended {
        ask(self.server.setup(), words)
    }

    /// What a command says that succeeds.
    #[track_caller]
    fn told(&self, words: &[&str]) -> String {
        told(self.ask(words))
    }

    #[track_caller]
    fn json(&self, words: &[&str]) -> Value {
        serde_json::from_str(&self.told(words)).unwrap()
    }

    /// Waits until the latest entry about an alarm is of this kind: on a slow disk an order is done before it is stored.
    #[track_caller]
    fn stored(&self, kind: &str) {
        let last = || self.json(&["events", "--last", "1", "--kind", "alarm", "--json"])["items"][0].clone();
        self.server.wait_for(|_| last()["kind"] == kind, support::PATIENCE);
    }

    /// Sends a frame, and waits until there is such an alarm.
    fn frame(&mut self, frame: [u8; 4], state: &str) -> u64 {
        self.node.write_all(&frame).unwrap();
        let alarm = || self.json(&["alarms", "--class", "alarm", "--json"])["items"][0].clone();
        self.server.wait_for(|_| alarm()["state"] == state, support::PATIENCE);
        alarm()["id"].as_u64().unwrap()
    }
}

/// A command about the server of this setup, whether it runs or not.
fn ask(setup: &Setup, words: &[&str]) -> Ended {
    support::poe(words.iter().copied().chain(["--data-dir", setup.data_path().to_str().unwrap()]))
}

#[track_caller]
fn told(ended: Ended) -> String {
    assert!(ended.status.success(), "{ended:?}");
    ended.stdout
}

/// Somebody who runs `poe events --follow --json`.
struct Follower {
    child: Child,
    told: Receiver<Value>,
}

impl Follower {
    fn start(setup: &Setup, words: &[&str]) -> Self {
        let mut command = Command::new(POE);
        command.args(["events", "--follow", "--json", "--data-dir"]).arg(setup.data_path()).args(words);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (tell, told) = channel();
        thread::spawn(move || {
            // Ends, and closes the pipe, with the program or with the first line that nobody wants any more.
            while let Some(Ok(line)) = lines.next() {
                if tell.send(serde_json::from_str(&line).unwrap()).is_err() {
                    return;
                }
            }
        });
        Self { child, told }
    }

    #[track_caller]
    fn next(&self) -> Value {
        self.told.recv_timeout(support::PATIENCE).unwrap()
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn a_flame_is_seen_acknowledged_and_reset_by_commands_alone() {
    let mut desk = Desk::open();
    assert_eq!(desk.told(&["alarms"]), "no alarm: nothing asks for anybody\n");
    let id = desk.frame(FLAME, "unacknowledged").to_string();
    let list = desk.told(&["alarms", "--source", "kitchen"]);
    assert!(list.contains("flame") && list.contains("1 alarm, 1 unacknowledged, 0 kept quiet"), "{list}");
    let zones = desk.json(&["zones", "--json"]);
    assert_eq!(
        (&zones["items"][0]["name"], &zones["items"][0]["state"]),
        (&"kitchen".into(), &"unacknowledged".into())
    );

    let early = desk.ask(&["alarms", "reset", &id]);
    assert!(!early.status.success() && early.stderr.contains("the condition is still true"), "{early:?}");
    let said = desk.told(&["alarms", "ack", &id]);
    assert!(said.starts_with(&format!("alarm {id} is acknowledged: flame, 127.0.0.1_7")), "{said}");
    desk.frame(NO_FLAME, "latched_acknowledged");
    assert!(desk.told(&["alarms", "reset", &id]).contains("is normal"));
    assert_eq!(desk.told(&["alarms", "--class", "alarm"]), "no such alarm: nothing asks for anybody\n");
    let raised =
        desk.json(&["events", "--after", "0", "--kind", "alarm.raised", "--class", "alarm", "--json"]);
    assert_eq!(raised["items"].as_array().unwrap().len(), 1);
    let who =
        desk.json(&["events", "--last", "1", "--kind", "alarm.reset", "--json"])["items"][0]["who"].clone();
    assert_eq!(who["origin"], "socket");
}

#[test]
fn alarms_are_kept_quiet_and_raised_by_hand() {
    let desk = Desk::open();
    assert_eq!(desk.told(&["alarms", "suppressions"]), "nothing is kept quiet\n");
    desk.told(&["alarms", "out-of-service", "kitchen", "60", "new", "stove"]);
    let kept = desk.json(&["alarms", "suppressions", "--json"])["items"][0].clone();
    assert_eq!((&kept["source"], &kept["reason"]), (&"kitchen".into(), &"new stove".into()));
    desk.told(&["alarms", "in-service", &kept["id"].to_string()]);

    let raised = desk.told(&["alarms", "emergency", "public-safety", "kitchen", "it", "smells"]);
    assert!(raised.contains("it smells"), "{raised}");
    let nowhere = desk.ask(&["alarms", "emergency", "fire", "attic"]);
    assert!(!nowhere.status.success() && nowhere.stderr.starts_with("error: zone: "), "{nowhere:?}");
    let id = desk.json(&["alarms", "--class", "alarm", "--json"])["items"][0]["id"].to_string();
    assert!(desk.told(&["alarms", "shelve", &id, "5", "painters"]).contains("shelved"));
    assert!(desk.told(&["alarms", "unshelve", &id]).contains("is unacknowledged:"));
    assert!(desk.told(&["alarms", "silence", &id]).contains("unacknowledged, silent"));
}

#[test]
fn a_test_says_what_became_of_it() {
    let desk = Desk::open();
    let said = desk.told(&["notify", "test", "siren"]);
    assert!(said.starts_with("siren has it, after "), "{said}");
    let broken = desk.ask(&["notify", "test", "broken"]);
    assert!(!broken.status.success() && broken.stderr.contains("broken was not reached: "), "{broken:?}");
    let targets = desk.json(&["notify", "--json"]);
    assert_eq!((&targets["items"][0]["name"], &targets["items"][0]["sent"]), (&"siren".into(), &1.into()));
    assert!(!desk.ask(&["notify", "test", "nobody"]).status.success());
}

#[test]
fn whoever_follows_misses_nothing_over_a_kill() {
    let mut desk = Desk::open();
    let mut follower =
        Follower::start(desk.server.setup(), &["--after", "0", "--class", "alarm", "--kind", "alarm"]);
    let id = desk.frame(FLAME, "unacknowledged").to_string();
    let raised = follower.next();
    assert_eq!(raised["kind"], "alarm.raised");
    desk.told(&["alarms", "ack", &id]);
    desk.stored("alarm.acknowledged");
    desk.server.kill();
    let seen = raised["seq"].to_string();
    let ended = follower.child.wait().unwrap();
    assert_eq!(ended.code(), Some(1), "the end of the server is no end of what happens");

    desk.server = desk.server.setup().start();
    let follower =
        Follower::start(desk.server.setup(), &["--after", &seen, "--class", "alarm", "--kind", "alarm"]);
    let missed = follower.next();
    assert_eq!(missed["kind"], "alarm.acknowledged", "{missed}");
    desk.told(&["alarms", "silence", &id]);
    while follower.next()["kind"] != "alarm.silenced" {}
}

#[test]
fn whoever_follows_ends_when_nobody_wants_more() {
    let mut desk = Desk::open();
    let mistyped = desk.ask(&["events", "--follow", "--kind", "fire"]);
    assert!(mistyped.stderr.starts_with("error: kind: One of alarm, "), "{mistyped:?}");
    desk.frame(FLAME, "unacknowledged");
    desk.stored("alarm.raised");
    let mut named =
        Follower::start(desk.server.setup(), &["--last", "1", "--source", "stove", "--kind", "alarm"]);
    assert_eq!(named.next()["kind"], "alarm.raised");
    kill(Pid::from_raw(i32::try_from(named.child.id()).unwrap()), Signal::SIGINT).unwrap();
    assert!(named.child.wait().unwrap().success(), "by a signal");
    let around = ["--after", "0", "--source", "kitchen", "--kind", "alarm"];
    let mut around = Follower::start(desk.server.setup(), &around);
    assert_eq!(around.next()["kind"], "alarm.raised", "by a sensor that stands there");
    kill(Pid::from_raw(i32::try_from(around.child.id()).unwrap()), Signal::SIGINT).unwrap();
    assert!(around.child.wait().unwrap().success());

    let mut command = Command::new(POE);
    command.args(["events", "--follow", "--last", "1", "--data-dir"]).arg(desk.server.setup().data_path());
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    lines.read_line(&mut String::new()).unwrap();
    drop(lines);
    // At the next sign of life, and not only when something happens.
    assert!(child.wait().unwrap().success(), "by a closed pipe");
}

#[test]
fn a_stopped_server_has_left_all_to_see() {
    let mut desk = Desk::open();
    desk.frame(FLAME, "unacknowledged");
    assert!(desk.told(&["verify"]).ends_with(" entries, whole\n"));
    assert!(desk.server.stop().success());
    let events = desk.told(&["events", "--last", "1"]);
    assert!(events.contains("server.stopped"), "{events}");
    assert!(desk.told(&["events", "--source", "stove", "--kind", "alarm"]).contains("alarm.raised"));
    assert!(desk.told(&["events", "--source", "kitchen", "--kind", "alarm"]).contains("alarm.raised"));
    assert!(desk.told(&["building", "export"]).contains("campus"));
    assert!(desk.told(&["verify"]).ends_with(" entries, whole\n"));
    let gone = desk.ask(&["alarms"]);
    assert!(!gone.status.success() && gone.stderr.contains("start one with `poe serve`"), "{gone:?}");

    let state = Connection::open(desk.server.setup().data_path().join("state.db")).unwrap();
    state.execute("UPDATE journal SET text = 'toast' WHERE kind = 'alarm.raised'", []).unwrap();
    let tampered = desk.ask(&["verify"]);
    assert_eq!(tampered.status.code(), Some(1));
    assert!(
        tampered.stderr.starts_with("error: journal: entry ") && tampered.stderr.ends_with(" was changed\n"),
        "{tampered:?}"
    );
}

#[test]
fn where_there_is_no_server_every_command_says_so() {
    let setup = Setup::new();
    for words in [
        &["alarms"][..],
        &["events"],
        &["zones"],
        &["notify"],
        &["node", "retire", "x"],
        &["building", "export"],
    ] {
        let ended = ask(&setup, words);
        assert!(
            !ended.status.success() && ended.stderr.contains("no server answers at "),
            "{words:?}: {ended:?}"
        );
    }
}
