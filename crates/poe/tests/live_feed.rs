//! The live feed of a server that is killed again and again: whoever goes on where they were misses nothing.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

mod support;

use poe_api::client::Client;
use serde_json::Value;
use std::{collections::BTreeMap, io::Write, net::TcpStream, thread, time::Duration};
use support::{Server, Setup};

/// Flames of one run, each at a sensor of its own.
const FLAMES: u8 = 60;

fn client(server: &Server) -> Client {
    Client::local(server.setup().data_path().join("poe.sock"))
}

/// What an entry says, whoever tells it: when it was stored is found out later.
fn words(entry: &Value) -> String {
    format!("{} {} {}", entry["kind"], entry["source"], entry["text"])
}

#[test]
fn whoever_goes_on_where_they_were_misses_nothing_over_kills() {
    let mut server = Setup::new().args(["--http", "none"]).start();
    let mut told = BTreeMap::new();
    let mut seen = 0;
    for run in 0..3 {
        let address = server.tcp();
        let flames = thread::spawn(move || {
            let mut node = TcpStream::connect(address).unwrap();
            for flame in 0..FLAMES {
                // The server may be gone already.
                drop(node.write_all(&[1, run * FLAMES + flame, 0, 0]));
                thread::sleep(Duration::from_millis(3));
            }
        });
        let mut raised = 0;
        // The end of a server that was killed may be an error.
        for event in client(&server).follow(Some(seen)).unwrap().map_while(Result::ok) {
            let Some(id) = event.id else { continue };
            assert_eq!((event.kind.as_str(), &event.data["seq"]), ("event", &id.into()));
            assert!(told.insert(id, words(&event.data)).is_none(), "{id} was told twice");
            seen = id;
            raised += u32::from(event.data["kind"] == "alarm.raised");
            if raised == 20 {
                // In the middle of commits, and of what is on its way.
                server.kill();
            }
        }
        assert!(raised >= 20, "run {run}");
        flames.join().unwrap();
        server = server.setup().start();
    }
    let rest = client(&server).follow(Some(seen)).unwrap().map(Result::unwrap);
    let rest = rest.take_while(|event| event.kind != "snapshot");
    told.extend(rest.map(|event| (event.id.unwrap(), words(&event.data))));

    let mut journal = BTreeMap::new();
    let last = *told.last_key_value().unwrap().0;
    while journal.len() < last as usize {
        let page = client(&server).get(&format!("/api/v1/events?after={}&limit=100", journal.len())).unwrap();
        let items = page["items"].as_array().unwrap();
        assert!(!items.is_empty(), "{last} were told, and {} are stored", journal.len());
        journal.extend(items.iter().map(|entry| (entry["seq"].as_u64().unwrap(), words(entry))));
    }
    journal.retain(|seq, _| *seq <= last);
    assert_eq!(told, journal);
}
