//! The building against a naive model of the wire protocol, on random streams.

use poe_building::Scope;
use proptest::prelude::*;
use std::net::IpAddr;

#[path = "support/model.rs"]
mod support;
use support::Pair;

#[derive(Clone, Debug)]
enum Step {
    Open(u8),
    Send(usize, Vec<u8>),
    Reconnect(usize),
    Record(Scope),
}

/// Bytes that are frames more often than chance would have it.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let frame = prop_oneof![
        8 => (0u8..=1, 0u8..30, 0u8..6, any::<u8>()).prop_map(|(opt, id, kind, data)| vec![opt, id, kind, data]),
        1 => any::<[u8; 4]>().prop_map(Vec::from),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(frame, 0..50).prop_map(|frames| frames.concat())
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => any::<u8>().prop_map(Step::Open),
        6 => (any::<usize>(), bytes()).prop_map(|(line, bytes)| Step::Send(line, bytes)),
        1 => any::<usize>().prop_map(Step::Reconnect),
        1 => Just(Step::Record(Scope::Urgent)),
        1 => Just(Step::Record(Scope::All)),
    ]
}

proptest! {
    #[test]
    fn random_streams_give_what_the_model_gives(steps in prop::collection::vec(step(), 1..60)) {
        let mut pair = Pair::new();
        let mut lines = vec![pair.open(IpAddr::from([10, 0, 0, 0]))];
        for step in steps {
            match step {
                Step::Open(host) => lines.push(pair.open(IpAddr::from([10, 0, 0, host % 4]))),
                Step::Send(line, bytes) => {
                    let line = lines[line % lines.len()];
                    pair.send(line, &bytes);
                    // From here on the model, which does not judge, would hear more than the building.
                    if pair.closed(line) {
                        return Ok(());
                    }
                }
                Step::Reconnect(line) => _ = pair.reconnect(lines[line % lines.len()]),
                Step::Record(scope) => pair.record(scope),
            }
        }
        pair.record(Scope::All);
        prop_assert_eq!(&pair.table, &pair.model.sensors);
        prop_assert_eq!(pair.building.sensor_count(), pair.table.len());
    }
}
