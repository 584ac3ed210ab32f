//! Where the time of an alarm goes: the stages of its way, by the server's stamps and the tester's clock together.

use super::journal::Stamps;
use super::night::{Flame, Night};
use std::time::{SystemTime, UNIX_EPOCH};

/// A stage of the way, in milliseconds; nothing where a stamp is missing.
pub type Stage = fn(&Flame, &Stamps) -> Option<i64>;

pub const WROTE_TO_RECEIVED: Stage = |flame, stamps| Some(stamps.received - cut(flame.lit.time));
/// The server may have written its stamp before we have read our clock.
pub const ANSWERED_TO_NOTIFIED: Stage = |flame, stamps| Some(stamps.notified? - cut(flame.webhook?.time));

const STAGES: [(&str, Stage); 6] = [
    ("written to received", WROTE_TO_RECEIVED),
    ("received to decided", |_, stamps| Some(stamps.decided - stamps.received)),
    ("decided to committed", |_, stamps| Some(stamps.committed? - stamps.decided)),
    ("committed to client", |flame, stamps| Some(cut(flame.client?.time) - stamps.committed?)),
    ("committed to webhook's yes", |flame, stamps| Some(cut(flame.webhook?.time) - stamps.committed?)),
    ("yes to notified", ANSWERED_TO_NOTIFIED),
];

/// How long this stage took, for each flame of which the server has stored the stamps.
pub fn milliseconds(night: &Night, stage: Stage) -> Vec<f64> {
    let Some(own) = &night.own else { return Vec::new() };
    let took = |flame: &Flame| Some(stage(flame, own.stamps.get(&flame.lit.source)?)? as f64);
    night.flames.iter().filter_map(took).collect()
}

/// One line for each stage, for whoever watches the run. Stamps are cut to milliseconds, so that only means are exact.
pub fn tell(night: &Night) {
    for (name, stage) in STAGES {
        let mut took = milliseconds(night, stage);
        took.sort_by(f64::total_cmp);
        if let (Some(worst), Some(p99)) = (took.last(), took.get(took.len() * 99 / 100)) {
            let mean = took.iter().sum::<f64>() / took.len() as f64;
            eprintln!("  {name}: mean {mean:.2} ms, p99 {p99}, worst {worst}");
        }
    }
}

/// As the server writes its stamps.
fn cut(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}
