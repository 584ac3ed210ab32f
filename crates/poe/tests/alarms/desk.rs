//! Somebody at the server's own machine: asks and orders over the local socket, as a program does.

use crate::support::{PATIENCE, Server, Setup};
use serde_json::Value;
use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

/// How often something is looked at.
pub const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Entries that are asked for at a time.
const PAGE: usize = 1_000;

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A header, by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// A place at the local socket of a data folder, whichever server it is that answers there.
#[derive(Clone, Debug)]
pub struct Desk {
    pub socket: PathBuf,
}

impl Desk {
    pub fn of(server: &Server) -> Self {
        Self::in_folder(server.setup())
    }

    pub fn in_folder(setup: &Setup) -> Self {
        Self { socket: setup.data_path().join("poe.sock") }
    }

    /// Asks for something, or fails as a connection does.
    pub fn try_ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> io::Result<Answer> {
        let mut stream = UnixStream::connect(&self.socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(request(method, path, headers, body).as_bytes())?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        let cut = || io::Error::new(io::ErrorKind::UnexpectedEof, "the answer is cut");
        let (head, body) = text.split_once("\r\n\r\n").ok_or_else(cut)?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(cut)?;
        Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
    }

    #[track_caller]
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.try_ask(method, path, headers, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// What is at a path.
    #[track_caller]
    pub fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, &[], "");
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    /// Gives an order that is carried out.
    #[track_caller]
    pub fn order(&self, path: &str, fields: &Value) -> Value {
        let answer = self.ask("POST", path, &[("Content-Type", "application/json")], &fields.to_string());
        assert!((200..300).contains(&answer.status), "{path}: {answer:?}");
        answer.json()
    }

    /// Tells an alarm something that needs no words: `acknowledge`, `silence`, `reset`, `unshelve`.
    #[track_caller]
    pub fn tell(&self, alarm: &Value, verb: &str) -> Value {
        let path = format!("/api/v1/alarms/{}/{verb}", alarm["id"]);
        let answer = self.ask("POST", &path, &[], "");
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    /// Puts a building file in force.
    #[track_caller]
    pub fn describe(&self, building: &str) -> Value {
        let answer = self.ask("PUT", "/api/v1/building", &[("Content-Type", "application/toml")], building);
        assert_eq!(answer.status, 200, "{building}\n{answer:?}");
        answer.json()
    }

    /// The alarms that are shown.
    #[track_caller]
    pub fn alarms(&self) -> Vec<Value> {
        items(self.get("/api/v1/alarms"))
    }

    /// The alarms that are shown and were raised by this rule.
    #[track_caller]
    pub fn alarms_of(&self, rule: &str) -> Vec<Value> {
        let mut alarms = self.alarms();
        alarms.retain(|alarm| alarm["rule"] == rule);
        alarms
    }

    /// The one alarm of this rule, waited for.
    #[track_caller]
    pub fn alarm(&self, rule: &str) -> Value {
        self.alarm_within(rule, PATIENCE)
    }

    /// The one alarm of this rule, waited for so long.
    #[track_caller]
    pub fn alarm_within(&self, rule: &str, longest: Duration) -> Value {
        let found = wait(longest, || {
            let alarms = self.alarms_of(rule);
            (!alarms.is_empty()).then_some(alarms)
        });
        let Some(mut found) = found else { panic!("no alarm {rule}: {:?}", self.alarms()) };
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    /// Waits until the alarm of this rule is in this state; `normal` if there is none any more.
    #[track_caller]
    pub fn wait_for_state(&self, rule: &str, state: &str, longest: Duration) {
        let is = || {
            let alarms = self.alarms_of(rule);
            if state == "normal" {
                alarms.is_empty()
            } else {
                alarms.iter().any(|alarm| alarm["state"] == state)
            }
        };
        let reached = wait(longest, || is().then_some(()));
        assert!(reached.is_some(), "{rule} is not {state}: {:?}", self.alarms());
    }

    /// The whole journal, or the entries of a kind.
    #[track_caller]
    pub fn entries(&self, kind: &str) -> Vec<Value> {
        let kind = if kind.is_empty() { String::new() } else { format!("&kind={kind}") };
        let mut all: Vec<Value> = Vec::new();
        loop {
            let after = all.last().map_or(0, |last| last["seq"].as_u64().unwrap());
            let page = items(self.get(&format!("/api/v1/events?after={after}&limit={PAGE}{kind}")));
            let is_last = page.len() < PAGE;
            all.extend(page);
            if is_last {
                return all;
            }
        }
    }

    /// The entries of this kind about this rule.
    #[track_caller]
    pub fn entries_of(&self, kind: &str, rule: &str) -> Vec<Value> {
        let mut entries = self.entries(kind);
        entries.retain(|entry| entry["rule"] == rule);
        entries
    }

    /// How a node is supervised: good, late or lost.
    #[track_caller]
    pub fn supervision(&self, node: &str) -> String {
        self.get(&format!("/api/v1/nodes/{node}"))["supervision"].as_str().unwrap().to_owned()
    }
}

/// Looks until there is something; `None` at the end of the time.
pub fn wait<T>(longest: Duration, look: impl Fn() -> Option<T>) -> Option<T> {
    let begun = Instant::now();
    loop {
        if let Some(seen) = look() {
            return Some(seen);
        }
        if begun.elapsed() >= longest {
            return None;
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// Looks until it is so; fails at the end of the time.
#[track_caller]
pub fn wait_until(what: &str, longest: Duration, is: impl Fn() -> bool) {
    assert!(wait(longest, || is().then_some(())).is_some(), "still not so after {longest:?}: {what}");
}

/// A request as HTTP/1.0 has it, so that the answer ends with the connection and comes in one piece.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut request = format!("{method} {path} HTTP/1.0\r\nHost: localhost\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        request.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    request + "\r\n" + body
}

#[track_caller]
fn items(mut page: Value) -> Vec<Value> {
    match page["items"].take() {
        Value::Array(items) => items,
        _ => panic!("no list: {page}"),
    }
}
