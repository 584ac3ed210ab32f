//! What the server itself says of each alarm: the four stamps of its journal entry, and its own percentiles.

use crate::failure::{Doing, Failure};
use crate::run::client::Client;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::HashMap;

/// The most that the server gives at once.
const PAGE: usize = 1_000;

/// Milliseconds since 1970, as the server writes them: cut, not rounded.
#[derive(Clone, Copy)]
pub struct Stamps {
    pub received: i64,
    pub decided: i64,
    pub committed: Option<i64>,
    pub notified: Option<i64>,
}

/// The stamps of all alarms that were raised, by their source.
pub fn stamps(client: &Client) -> Result<HashMap<String, Stamps>, Failure> {
    let mut stamps = HashMap::new();
    let mut after = 0;
    loop {
        let page = client.get(&format!("/api/v1/events?kind=alarm.raised&limit={PAGE}&after={after}"))?;
        for entry in page["items"].as_array().into_iter().flatten() {
            let needed = |name| {
                stamp(&entry[name])?.ok_or_else(|| Failure::new(format!("an entry without {name}: {entry}")))
            };
            let read = Stamps {
                received: needed("received")?,
                decided: needed("decided")?,
                committed: stamp(&entry["committed"])?,
                notified: stamp(&entry["notified"])?,
            };
            if let Some(source) = entry["source"].as_str() {
                stamps.entry(source.to_owned()).or_insert(read);
            }
        }
        match page["next"].as_u64() {
            Some(next) => after = next,
            None => return Ok(stamps),
        }
    }
}

/// What the server's own measure says of alarms, such as the `p99_ms` of `received_to_committed`.
pub fn latency_ms(client: &Client, step: &str, figure: &str) -> Result<f64, Failure> {
    let latency = client.get("/api/v1/latency")?;
    latency["alarm"][step][figure]
        .as_f64()
        .ok_or_else(|| Failure::new(format!("no {figure} of {step} in {latency}")))
}

fn stamp(value: &Value) -> Result<Option<i64>, Failure> {
    let read = |text: &str| text.parse::<Timestamp>().doing(|| format!("read the time {text}"));
    value.as_str().map(read).transpose().map(|time| time.map(Timestamp::as_millisecond))
}
