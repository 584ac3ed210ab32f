//! What a counting node must find of itself in the history: each number once, in order, and all that the table has shown.

use crate::counter::frames;
use poe_api::client::Client;
use serde_json::Value;
use std::net::Ipv4Addr;

/// A node's numbers, as far as they were found: they stay.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub node: Ipv4Addr,
    /// Of each of its three sensors the numbers whose parts were found, in order.
    found: [Vec<u32>; 3],
}

impl Ledger {
    pub fn new(node: Ipv4Addr) -> Self {
        Self { node, found: Default::default() }
    }

    /// Looks after a life of the server in which the node counted on from `after` and sent up to `sent`, and in which the
    /// table showed at least `shown`.
    #[track_caller]
    pub fn check(&mut self, client: &Client, after: u32, shown: u32, sent: u32) {
        for (sensor, found) in self.found.iter_mut().enumerate() {
            let told = values(client, self.node, sensor as u8);
            let part = |number: u32| frames(number)[4 * sensor + 3];
            let whose = format!("{}_{sensor}", self.node);
            assert!(
                told.len() >= found.len(),
                "{whose}: of {} readings {} are left",
                found.len(),
                told.len()
            );
            let (before, new) = told.split_at(found.len());
            for (value, number) in before.iter().zip(&*found) {
                assert_eq!(*value, part(*number), "{whose}: {number} is another");
            }
            let last = after + new.len() as u32;
            for (value, number) in new.iter().zip(after + 1..) {
                assert_eq!(*value, part(number), "{whose}: {number}, after {after} and up to {sent}");
            }
            assert!(new.is_empty() || last <= sent, "{whose}: {last} is there, and only {sent} was sent");
            assert!(last >= shown, "{whose}: the table has shown {shown}, and only {last} is there");
            found.extend(after + 1..=last);
        }
    }

    /// How many readings were found.
    pub fn len(&self) -> usize {
        self.found.iter().map(Vec::len).sum()
    }
}

/// Everything that the history has of a sensor, by time.
#[track_caller]
pub fn values(client: &Client, node: Ipv4Addr, sensor: u8) -> Vec<u8> {
    let path = format!("/api/v1/history/{node}_{sensor}?from=0&to=253370764800000&limit=100000");
    let mut values = Vec::new();
    let mut after = String::new();
    loop {
        let answer = client.get(&format!("{path}{after}")).unwrap();
        let items = answer["items"].as_array().unwrap();
        values.extend(items.iter().map(|item| item["value"].as_u64().unwrap() as u8));
        match answer["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
        assert_ne!(answer["items"], Value::Array(Vec::new()), "it does not go on");
    }
    values
}
