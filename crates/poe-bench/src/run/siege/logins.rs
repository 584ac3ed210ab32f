//! Clients that guess passwords: of one user, and of names that nobody has, so that as many are hashed as can be.

use super::USER;
use super::kept::Kept;
use serde_json::json;
use std::net::SocketAddrV4;
use std::ops::AddAssign;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

const GUESSERS: u32 = 32;
/// 10,000 of all.
const TRIES_EACH: u32 = 313;
/// So that all of it takes about as long as the flames.
const EVERY: Duration = Duration::from_millis(125);
/// A try that waits in line longer than this is given up for the next, on another connection: the line is there to make
/// whoever is patient slow.
const ANSWER_MAX: Duration = Duration::from_millis(250);

/// How the tries were answered.
#[derive(Default)]
pub struct Answers {
    pub wrong: u64,
    pub turned_away: u64,
    pub cut: u64,
    pub let_in: u64,
}

impl AddAssign for Answers {
    fn add_assign(&mut self, other: Self) {
        self.wrong += other.wrong;
        self.turned_away += other.turned_away;
        self.cut += other.cut;
        self.let_in += other.let_in;
    }
}

pub fn begin(server: SocketAddrV4) -> Vec<JoinHandle<Answers>> {
    (0..GUESSERS).map(|guesser| thread::spawn(move || guess(server, guesser))).collect()
}

fn guess(server: SocketAddrV4, guesser: u32) -> Answers {
    let mut answers = Answers::default();
    let mut kept = Kept::new(server, ANSWER_MAX);
    // One after the other, not all in the same moment.
    let began = Instant::now() + EVERY * guesser / GUESSERS;
    for turn in 0..TRIES_EACH {
        thread::sleep((began + EVERY * turn).saturating_duration_since(Instant::now()));
        // A name that was not tried before is not turned away for its failures.
        let name = if turn % 2 == 0 { USER.to_owned() } else { format!("nobody-{guesser}-{turn}") };
        let body = json!({ "name": name, "password": format!("wrong horse {turn}") }).to_string();
        let length = body.len();
        let request = format!(
            "POST /api/v1/login HTTP/1.1\r\nHost: {server}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        match kept.ask(request.as_bytes()) {
            Some(401) => answers.wrong += 1,
            Some(200) => answers.let_in += 1,
            Some(_) => answers.turned_away += 1,
            None => answers.cut += 1,
        }
    }
    answers
}
