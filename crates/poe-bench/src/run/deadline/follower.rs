//! A client that follows what happens.

use super::sightings::{Sighting, Sightings};
use crate::failure::Failure;
use crate::run::client::{Client, Stream};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::thread;
use std::time::{Instant, SystemTime};

/// Notes when each alarm that is raised comes, until the server ends the stream.
pub fn follow(client: &Client) -> Result<Sightings, Failure> {
    let stream = client.follow()?;
    let sightings = Sightings::default();
    let noted = sightings.clone();
    thread::spawn(move || note_all(stream, &noted));
    Ok(sightings)
}

fn note_all(mut stream: BufReader<Stream>, sightings: &Sightings) {
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let (at, time) = (Instant::now(), SystemTime::now());
        let Some(data) = line.strip_prefix("data: ") else { continue };
        // The snapshot and the alarm's later states have no such kind.
        let Ok(entry) = serde_json::from_str::<Value>(data) else { continue };
        if entry["kind"] == "alarm.raised"
            && let Some(source) = entry["source"].as_str()
        {
            sightings.note(source, Sighting { at, time, unsaved: entry["committed"].is_null() });
        }
    }
}
