//! How fast the log is: `cargo test --release -p poe-history log::speed -- --ignored --nocapture --test-threads 1`.
//! `SPEED_DIR` says where the files go.

use super::{Log, encode::Encoder};
use crate::Range;
use poe_building::{NodeNo, Readings, Sample, SensorKey, Status, Time};
use poe_wire::SensorKind;
use std::{
    hint::black_box,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::{Duration, Instant},
};

fn address(node: NodeNo) -> IpAddr {
    Ipv4Addr::from_bits(0x0a00_0000 + node.0.wrapping_mul(7_919) % 65_536).into()
}

/// A batch whose bursts have `burst` readings each, from the nodes in turn.
fn batch(number: u32, nodes: u32, readings: u32, burst: u32) -> Readings {
    let mut batch = Readings::default();
    for index in 0..readings / burst {
        let time = Time(1_700_000_000_000_000 + i64::from(number) * 40_000 + i64::from(index % 40) * 1_000);
        let sample = |id: u32| Sample {
            id: id as u8,
            kind: SensorKind::ALL[id as usize % 6],
            value: (index + id) as u8,
            status: Status::Normal,
        };
        let node = NodeNo((number * (readings / burst) + index) % nodes);
        batch.push(node, time, (0..burst).map(|id| sample(id % 21)));
    }
    batch
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(std::env::var("SPEED_DIR").unwrap_or("/tmp".into())).unwrap()
}

#[test]
#[ignore = "it measures"]
fn encoding() {
    let mut encoder = Encoder::default();
    for (nodes, readings, burst) in [
        (100, 5_000, 21),
        (100, 180_000, 21),
        (10_000, 42_000, 21),
        (100, 5_000, 1),
        (10_000, 5_000, 1),
        (10_000, 50_000, 1),
    ] {
        for (family, address) in [
            ("v4", address as fn(NodeNo) -> IpAddr),
            ("v6", |node| Ipv6Addr::from_bits(u128::from(node.0) << 40).into()),
        ] {
            let batch = batch(1, nodes, readings, burst);
            let rounds = 20_000_000 / readings;
            let begun = Instant::now();
            let mut bytes = 0;
            for _ in 0..rounds {
                bytes = black_box(encoder.encode(&batch, 1, address)).unwrap().1.len();
            }
            let ns = begun.elapsed().as_nanos() as f64 / (f64::from(rounds) * batch.len() as f64);
            let bytes = bytes as f64 / batch.len() as f64;
            println!(
                "{nodes} nodes, {readings} in bursts of {burst}, {family}: {ns:.2} ns, {bytes:.2} bytes a reading"
            );
        }
    }
}

#[test]
#[ignore = "it measures"]
fn appending() {
    let folder = folder();
    let (mut log, _waiting) = Log::open(folder.path()).unwrap();
    for readings in [5_000, 42_000, 180_000] {
        let batch = batch(1, 100, readings, 21);
        let mut times: Vec<Duration> = (0..500)
            .map(|_| {
                let begun = Instant::now();
                log.append(&batch, address).unwrap();
                begun.elapsed()
            })
            .collect();
        times.sort();
        println!("append of {readings}: p50 {:?}, p99 {:?}, max {:?}", times[250], times[494], times[499]);
    }
}

#[test]
#[ignore = "it measures"]
fn answering() {
    for nodes in [100, 1_000, 10_000] {
        let folder = folder();
        let (mut log, waiting) = Log::open(folder.path()).unwrap();
        for number in 0..1_500 {
            log.append(&batch(number, nodes, 4_000, 21), address).unwrap();
        }
        let sensor = SensorKey { address: address(NodeNo(nodes / 2)), id: 5 };
        let range = Range { from_ms: i64::MIN, to_ms: i64::MAX };
        for place in ["in memory", "from the file, first", "from the file, again"] {
            let segments = if place == "in memory" { waiting.segments() } else { reopen(folder.path()) };
            let ask = || {
                let mut into = Vec::new();
                let begun = Instant::now();
                for segment in &segments {
                    segment.of_sensor(sensor, range, &mut into).unwrap();
                }
                (begun.elapsed(), into.len())
            };
            let first = ask().0;
            let mut times: Vec<_> = (0..51).map(|_| ask()).collect();
            times.sort();
            println!(
                "{nodes} nodes, one sensor, {place}: first {first:?}, then {:?}, {} readings",
                times[25].0, times[25].1
            );
            let all: u64 = segments.iter().map(|segment| segment.readings()).sum();
            let addresses = segments[0].nodes().unwrap();
            for parts in [1, 20] {
                let begun = Instant::now();
                let mut sum = 0u64;
                for part in addresses.chunks(addresses.len().div_ceil(parts)) {
                    for segment in &segments {
                        segment
                            .of_nodes(part[0].0, part[part.len() - 1].0, &mut |key, reading| {
                                sum += u64::from(key.id) + u64::from(reading.value);
                            })
                            .unwrap();
                    }
                }
                black_box(sum);
                let speed = all as f64 / begun.elapsed().as_secs_f64() / 1e6;
                println!("{nodes} nodes, all in {parts} parts, {place}: {speed:.0} M readings/s");
            }
            let begun = Instant::now();
            black_box(segments[0].nodes().unwrap());
            println!("{nodes} nodes, their sums, {place}: {:?}", begun.elapsed());
        }
    }
}

fn reopen(folder: &std::path::Path) -> Vec<std::sync::Arc<super::Segment>> {
    Log::open(folder).unwrap().1.segments()
}

#[test]
#[ignore = "it measures"]
fn recovering() {
    let folder = folder();
    let (mut log, waiting) = Log::open(folder.path()).unwrap();
    for (number, readings) in [(1, 180_000), (2, 4_000)] {
        let batch = batch(number, 100, readings, 21);
        let mut bytes = 0;
        while bytes < 500_000_000 {
            bytes += log.append(&batch, address).unwrap().bytes;
        }
    }
    drop((log, waiting));
    for _ in 0..2 {
        let begun = Instant::now();
        let (_log, waiting) = Log::open(folder.path()).unwrap();
        let opened = begun.elapsed();
        let readings: u64 = waiting.segments().iter().map(|segment| segment.readings()).sum();
        println!("opened in {opened:?}, {readings} readings in 1 GB recovered in {:?}", begun.elapsed());
    }
}
