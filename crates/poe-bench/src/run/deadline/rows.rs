//! What the page says of a night.

use super::night::{Flame, Night};
use super::sightings::Sighting;
use super::stages;
use crate::run::report::{Row, Target};
use crate::stats::Spread;
use std::time::Duration;

/// No alarm may take longer, in milliseconds.
const WORST_MS: f64 = 1_000.0;

/// What a target speaks of.
#[derive(Clone, Copy)]
pub enum Bound {
    P99(f64),
    Worst,
}

type Way = fn(&Flame) -> Option<Sighting>;

const CLIENT: Way = |flame| flame.client;
const WEBHOOK: Way = |flame| flame.webhook;

pub fn to_a_client(bar: &'static str, night: &Night, bound: Bound) -> Row {
    row(bar, night, CLIENT, bound)
}

pub fn to_a_webhook(bar: &'static str, night: &Night, bound: Bound) -> Row {
    row(bar, night, WEBHOOK, bound)
}

/// The slowest of all, whoever it came to.
pub fn slowest(bar: &'static str, night: &Night) -> Row {
    let (Ok(client), Ok(webhook)) = (latencies(night, CLIENT), latencies(night, WEBHOOK)) else {
        return Row::failed(bar, "some never came");
    };
    let [client, webhook] = [client, webhook].map(|latencies| Spread::of(&latencies).max);
    let figure = format!("{client:.1} ms to a client, {webhook:.1} ms to a webhook");
    Row::new(bar, figure, client.max(webhook), Target::AtMost(WORST_MS), " ms")
}

/// How far the server's stamps are from what the tester's clock says.
pub fn stamps(bar: &'static str, night: &Night, at_most_ms: f64) -> Row {
    let Some(own) = &night.own else { return Row::failed(bar, "the server has stored nothing") };
    let off = |stage| stages::milliseconds(night, stage).into_iter().map(f64::abs);
    let wrote = off(stages::WROTE_TO_RECEIVED).fold(0.0, f64::max);
    let answered = off(stages::ANSWERED_TO_NOTIFIED).fold(0.0, f64::max);
    let unstamped = night.flames.len() - off(stages::WROTE_TO_RECEIVED).count();
    if unstamped > 0 {
        return Row::failed(bar, &format!("{unstamped} of {} are not in the journal", night.flames.len()));
    }
    let figure = format!(
        "received {wrote:.0} ms from the write at most, notified {answered:.0} ms from the yes; \
         its own p99: stored {:.1} ms, notified {:.1} ms",
        own.stored_p99_ms, own.notified_p99_ms
    );
    Row::new(bar, figure, wrote, Target::AtMost(at_most_ms), " ms")
}

/// Whether nobody was told that it is stored when it was not.
pub fn unsaved(bar: &'static str, night: &Night) -> Row {
    let marked = |way: Way| night.flames.iter().filter_map(way).filter(|sighting| sighting.unsaved).count();
    let (all, client, webhook) = (night.flames.len(), marked(CLIENT), marked(WEBHOOK));
    let figure = format!("{client} of {all} to a client, {webhook} of {all} to a webhook");
    Row::new(bar, figure, client.min(webhook) as f64, Target::AtLeast(all as f64), "")
}

fn row(bar: &'static str, night: &Night, way: Way, bound: Bound) -> Row {
    let latencies = match latencies(night, way) {
        Ok(latencies) => latencies,
        Err(lost) => return Row::failed(bar, &format!("{lost} of {} never came", night.flames.len())),
    };
    let Spread { p50, p99, max, .. } = Spread::of(&latencies);
    let beside = match night.frames_per_s {
        few if few < 1e4 => String::new(),
        many => format!(" at {:.2} M frames/s", many / 1e6),
    };
    match bound {
        Bound::P99(target) => {
            let disk = Spread::of(&night.syncs);
            let disk =
                format!("; a bare fdatasync right after: p99 {:.1} ms (p50 {:.1})", disk.p99, disk.p50);
            let figure = format!("p99 {p99:.1} ms (p50 {p50:.1}, max {max:.1}){beside}{disk}");
            Row::new(bar, figure, p99, Target::AtMost(target), " ms")
        }
        Bound::Worst => {
            let figure = format!("at most {max:.0} ms (p50 {p50:.0}, p99 {p99:.0}){beside}");
            Row::new(bar, figure, max, Target::AtMost(WORST_MS), " ms")
        }
    }
}

/// From each write until it was seen, or how many never were.
fn latencies(night: &Night, way: Way) -> Result<Vec<Duration>, usize> {
    let seen = night.flames.iter().filter_map(|flame| Some(way(flame)?.at - flame.lit.at));
    let seen: Vec<Duration> = seen.collect();
    if seen.len() == night.flames.len() { Ok(seen) } else { Err(night.flames.len() - seen.len()) }
}
