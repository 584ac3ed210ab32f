//! Somebody who follows what happens, as the screen in a guard's room does.

use crate::{
    desk::{Desk, request, wait},
    support::PATIENCE,
};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Write},
    os::unix::net::UnixStream,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// One event, and when it came.
#[derive(Clone, Debug)]
pub struct Told {
    pub at: Instant,
    pub event: String,
    pub id: Option<u64>,
    pub data: Value,
}

/// One who follows, until the server ends or this is dropped.
pub struct Follower {
    told: Arc<Mutex<Vec<Told>>>,
    stream: UnixStream,
}

impl Follower {
    /// Follows, and has had the snapshot when this returns.
    #[track_caller]
    pub fn of(desk: &Desk) -> Self {
        let mut stream = UnixStream::connect(&desk.socket).unwrap();
        stream.write_all(request("GET", "/api/v1/live", &[], "").as_bytes()).unwrap();
        let told = Arc::new(Mutex::new(Vec::new()));
        let (into, from) = (Arc::clone(&told), stream.try_clone().unwrap());
        thread::spawn(move || read(from, &into));
        let follower = Self { told, stream };
        assert!(follower.wait_for(PATIENCE, |told| told.event == "snapshot").is_some(), "no snapshot");
        follower
    }

    /// The first event of this kind, waited for.
    pub fn wait_for(&self, longest: Duration, is: impl Fn(&Told) -> bool) -> Option<Told> {
        wait(longest, || self.told.lock().unwrap().iter().find(|told| is(told)).cloned())
    }

    /// An entry of this kind and rule, waited for.
    #[track_caller]
    pub fn entry(&self, kind: &str, rule: &str) -> Told {
        let is =
            |told: &Told| told.event == "event" && told.data["kind"] == kind && told.data["rule"] == rule;
        self.wait_for(PATIENCE, is).unwrap_or_else(|| panic!("no {kind} of {rule}: {:?}", self.told()))
    }

    /// Everything so far.
    pub fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap().clone()
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.stream.shutdown(std::net::Shutdown::Both).ok();
    }
}

fn read(from: UnixStream, into: &Mutex<Vec<Told>>) {
    let (mut event, mut id, mut data) = (String::new(), None, String::new());
    for line in BufReader::new(from).lines() {
        let Ok(line) = line else { return };
        if let Some(name) = line.strip_prefix("event: ") {
            name.clone_into(&mut event);
        } else if let Some(number) = line.strip_prefix("id: ") {
            id = number.parse().ok();
        } else if let Some(text) = line.strip_prefix("data: ") {
            data.push_str(text);
        } else if line.is_empty() && !data.is_empty() {
            let parsed = serde_json::from_str(&data).unwrap_or(Value::Null);
            data.clear();
            let told =
                Told { at: Instant::now(), event: std::mem::take(&mut event), id: id.take(), data: parsed };
            into.lock().unwrap().push(told);
        }
    }
}
