//! The log against a naive memory of what was given to it.

use super::{
    Log, Segment, Waiting,
    append::Failing,
    encode::Encoder,
    memory::{Bounds, Memory},
    record::{Bursts, HEADER_BYTES, Header, put_varint, varint_bytes, zigzag},
};
use crate::{
    Range,
    reading::{Reading, millis},
};
use poe_building::{NodeNo, Readings, Sample, SensorKey, Status, Time};
use poe_wire::SensorKind;
use proptest::{collection::vec, prelude::*, sample::Index};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::{Path, PathBuf},
    sync::Arc,
};

/// What one batch is made of: node, time in µs, and samples.
type Spoken = Vec<(u32, i64, Vec<Sample>)>;

/// What each sensor said, in order of arrival.
type Heard = BTreeMap<(IpAddr, u8), Vec<Reading>>;

/// Neither the numbers' order nor of one family.
fn address(node: NodeNo) -> IpAddr {
    match node.0 % 3 {
        0 => IpAddr::V6(Ipv6Addr::from_bits(0xfd00 << 112 | u128::from(1_000 - node.0))),
        1 => IpAddr::V6(Ipv4Addr::from_bits(0x0a00_0000 + node.0).to_ipv6_mapped()),
        _ => IpAddr::V4(Ipv4Addr::from_bits(0x0a00_1000 - node.0)),
    }
}

fn readings(spoken: &Spoken) -> Readings {
    let mut readings = Readings::default();
    for (node, time, samples) in spoken {
        readings.push(NodeNo(*node), Time(*time), samples.iter().copied());
    }
    readings
}

fn hear<'a>(batches: impl IntoIterator<Item = &'a Spoken>) -> Heard {
    let mut heard = Heard::new();
    for (node, time, samples) in batches.into_iter().flatten() {
        for sample in samples {
            let Sample { id, kind, value, status } = *sample;
            let reading = Reading { time_ms: millis(Time(*time)), value, kind, status };
            heard.entry((address(NodeNo(*node)), id)).or_default().push(reading);
        }
    }
    heard
}

/// Everything that the segments answer, asked in every way.
fn answers(waiting: &Waiting) -> Heard {
    let segments = waiting.segments();
    let whole = of_nodes(&segments, LOW, HIGH);
    let mut sums = BTreeMap::<IpAddr, u64>::new();
    for segment in &segments {
        let nodes = segment.nodes().unwrap();
        assert!(nodes.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(nodes.iter().map(|node| node.1).sum::<u64>(), segment.readings());
        nodes.iter().for_each(|(node, readings)| *sums.entry(*node).or_default() += readings);
    }
    let mut apart = Heard::new();
    for node in sums.keys() {
        apart.append(&mut of_nodes(&segments, *node, *node));
    }
    assert_eq!(whole, apart);
    for ((address, id), readings) in &whole {
        *sums.get_mut(address).unwrap() -= readings.len() as u64;
        assert_eq!(*readings, of_sensor(&segments, *address, *id, ALWAYS));
        let range = Range { from_ms: readings[0].time_ms, to_ms: readings[0].time_ms + 40 };
        let some: Vec<_> = readings.iter().copied().filter(|reading| range.holds(reading.time_ms)).collect();
        assert_eq!(some, of_sensor(&segments, *address, *id, range));
    }
    assert!(sums.values().all(|rest| *rest == 0));
    let times = segments.iter().filter_map(|segment| segment.times_ms());
    let times = times.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    let all = || whole.values().flatten().map(|reading| reading.time_ms);
    assert_eq!(times, all().min().zip(all().max()));
    whole
}

const LOW: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
const HIGH: IpAddr = IpAddr::V6(Ipv6Addr::from_bits(u128::MAX));
const ALWAYS: Range = Range { from_ms: i64::MIN, to_ms: i64::MAX };

fn of_nodes(segments: &[Arc<Segment>], first: IpAddr, last: IpAddr) -> Heard {
    let mut heard = Heard::new();
    for segment in segments {
        segment
            .of_nodes(first, last, &mut |sensor, reading| {
                heard.entry((sensor.address, sensor.id)).or_default().push(reading);
            })
            .unwrap();
    }
    heard
}

fn of_sensor(segments: &[Arc<Segment>], address: IpAddr, id: u8, range: Range) -> Vec<Reading> {
    let mut into = Vec::new();
    for segment in segments {
        segment.of_sensor(SensorKey { address, id }, range, &mut into).unwrap();
    }
    into
}

fn sample() -> impl Strategy<Value = Sample> {
    (0..5u8, 0..SensorKind::ALL.len(), any::<u8>(), 0..Status::ALL.len()).prop_map(
        |(id, kind, value, status)| Sample {
            id,
            kind: SensorKind::ALL[kind],
            value,
            status: Status::ALL[status],
        },
    )
}

fn time() -> impl Strategy<Value = i64> {
    prop_oneof![
        20 => 1_700_000_000_000_000..1_700_000_000_200_000i64,
        1 => -3_000_000..3_000_000i64,
        1 => prop_oneof![Just(i64::MIN), Just(i64::MAX)],
    ]
}

/// Batches that have readings.
fn batches(most: usize) -> impl Strategy<Value = Vec<Spoken>> {
    let burst = (0..12u32, time(), vec(sample(), 1..4));
    vec(vec(burst, 1..20), 1..most)
}

/// A folder whose log has some batches, in one segment, and where each ends.
fn written(batches: &[Spoken]) -> (tempfile::TempDir, PathBuf, Vec<usize>) {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, _) = Log::open(folder.path()).unwrap();
    let mut end = 0;
    let ends = batches
        .iter()
        .map(|batch| {
            end += log.append(&readings(batch), address).unwrap().bytes as usize;
            end
        })
        .collect();
    let path = folder.path().join("000000000001.log");
    (folder, path, ends)
}

fn reopened(folder: &Path) -> Arc<Waiting> {
    Log::open(folder).unwrap().1
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_answer_is_what_was_given_whether_from_memory_or_from_the_file(
        batches in batches(12), records_bytes in 0..4_000usize, index_bytes in 0..4_000usize, cuts in vec(any::<bool>(), 12),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (mut log, waiting) = Log::open(folder.path()).unwrap();
        log.memory = Memory::bounded(Bounds { records_bytes, index_bytes });
        for (batch, cut) in batches.iter().zip(&cuts) {
            log.append(&readings(batch), address).unwrap();
            if *cut {
                waiting.cut();
                prop_assert!(waiting.segments().iter().all(|segment| segment.is_closed()));
            }
        }
        prop_assert_eq!(answers(&waiting), hear(&batches));
        prop_assert_eq!(answers(&reopened(folder.path())), hear(&batches));
        prop_assert!(waiting.damage().is_empty());
    }

    #[test]
    fn a_crash_at_any_byte_leaves_each_whole_batch_once_and_nothing_of_the_torn_one(
        batches in batches(8), cut in any::<Index>(), tail in prop_oneof![Just(vec![]), Just(vec![0; 5_000]), vec(any::<u8>(), 0..300)],
    ) {
        let (folder, path, ends) = written(&batches);
        let mut bytes = fs::read(&path).unwrap();
        bytes.truncate(cut.index(bytes.len() + 1));
        let whole = ends.iter().filter(|end| **end <= bytes.len()).count();
        bytes.extend(tail);
        fs::write(&path, &bytes).unwrap();
        let (mut log, waiting) = Log::open(folder.path()).unwrap();
        prop_assert_eq!(answers(&waiting), hear(&batches[..whole]));
        prop_assert!(waiting.damage().is_empty());
        // Life goes on, and what follows comes after it.
        log.append(&readings(&batches[0]), address).unwrap();
        let all = || batches[..whole].iter().chain([&batches[0]]);
        prop_assert_eq!(answers(&waiting), hear(all()));
        prop_assert_eq!(answers(&reopened(folder.path())), hear(all()));
    }

    #[test]
    fn a_damaged_batch_costs_only_itself_and_is_told(
        batches in batches(8), at in any::<Index>(), to in 1..=255u8, found_late in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (mut log, waiting) = Log::open(folder.path()).unwrap();
        log.memory = Memory::bounded(Bounds { records_bytes: 0, index_bytes: 0 });
        let ends: Vec<_> = batches
            .iter()
            .scan(0, |end, batch| {
                *end += log.append(&readings(batch), address).unwrap().bytes as usize;
                Some(*end)
            })
            .collect();
        let path = folder.path().join("000000000001.log");
        let mut bytes = fs::read(&path).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= to;
        fs::write(&path, &bytes).unwrap();
        let hit = ends.iter().position(|end| at < *end).unwrap();
        let rest = hear(batches.iter().enumerate().filter(|(index, _)| *index != hit).map(|(_, batch)| batch));
        if found_late {
            prop_assert_eq!(of_nodes(&waiting.segments(), LOW, HIGH), rest);
            prop_assert_eq!(waiting.damage().len(), 1);
        } else {
            let waiting = reopened(folder.path());
            prop_assert_eq!(answers(&waiting), rest);
            prop_assert_eq!(waiting.damage().len(), usize::from(hit + 1 < batches.len()));
        }
    }

    #[test]
    fn a_batch_given_again_after_a_failure_is_stored_once(
        batches in batches(8), failures in vec((0..8usize, prop_oneof![Just(Failing::Nothing), Just(Failing::Synced), (0..900usize).prop_map(Failing::Written)]), 1..4),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (mut log, waiting) = Log::open(folder.path()).unwrap();
        for (index, batch) in batches.iter().enumerate() {
            for (_, failing) in failures.iter().filter(|(at, _)| *at == index) {
                log.failing = Some(*failing);
                prop_assert!(log.append(&readings(batch), address).is_err());
                prop_assert_eq!(answers(&waiting), hear(&batches[..index]));
                // A crash now leaves it as a whole, or not at all.
                let left = answers(&reopened(folder.path()));
                prop_assert!(left == hear(&batches[..index]) || left == hear(&batches[..=index]));
            }
            log.append(&readings(batch), address).unwrap();
            prop_assert_eq!(answers(&reopened(folder.path())), hear(&batches[..=index]));
        }
        prop_assert_eq!(answers(&waiting), hear(&batches));
        let again = reopened(folder.path());
        prop_assert_eq!(answers(&again), hear(&batches));
        prop_assert!(again.damage().is_empty());
    }

    #[test]
    fn a_batch_that_has_grown_since_it_failed_replaces_what_the_disk_has_of_it(batches in batches(6)) {
        let folder = tempfile::tempdir().unwrap();
        let (mut log, _) = Log::open(folder.path()).unwrap();
        let mut grown = Spoken::new();
        for batch in &batches {
            grown.extend(batch.iter().cloned());
            log.failing = Some(Failing::Synced);
            prop_assert!(log.append(&readings(&grown), address).is_err());
        }
        log.append(&readings(&grown), address).unwrap();
        prop_assert_eq!(answers(&reopened(folder.path())), hear(&batches));
    }

    #[test]
    fn any_bytes_are_a_segment_of_some_kind(
        batches in batches(3), pieces in vec((any::<Index>(), any::<Index>(), vec(any::<u8>(), 0..40)), 0..5),
    ) {
        let (folder, path, _) = written(&batches);
        let mut bytes = fs::read(&path).unwrap();
        for (from, to, piece) in pieces {
            let (from, to) = (from.index(bytes.len() + 1), to.index(bytes.len() + 1));
            bytes.splice(from.min(to)..from.max(to), piece);
        }
        fs::write(&path, bytes).unwrap();
        answers(&reopened(folder.path()));
    }

    #[test]
    fn bytes_that_are_no_bursts_end_as_nonsense(base_ms in any::<i64>(), bytes in vec(any::<u8>(), 0..60)) {
        let mut bursts = Bursts { base_ms, bytes: &bytes };
        while let Ok(Some(_)) = bursts.next() {}
        prop_assert_eq!(Header::read(&bytes), None);
    }

    #[test]
    fn a_number_takes_the_bytes_that_are_reckoned(value in any::<i64>(), shift in 0..64u32) {
        let value = zigzag(value >> shift);
        prop_assert_eq!(put_varint(&mut [0; 10], value), varint_bytes(value));
    }
}

#[test]
fn a_record_whose_bytes_mean_nothing_is_lost_and_told_though_its_sums_are_right() {
    let folder = tempfile::tempdir().unwrap();
    let mut readings = Readings::default();
    let sample = Sample { id: 1, kind: SensorKind::Water, value: 5, status: Status::Normal };
    readings.push(NodeNo(2), Time(0), [sample; 3]);
    let mut encoder = Encoder::default();
    let (header, record) = encoder.encode(&readings, 1, address).unwrap();
    for at in HEADER_BYTES..record.len() {
        let mut record = record.to_vec();
        record[at] = 0xff;
        let header = Header { crc: crc32fast::hash(&record[HEADER_BYTES..]), ..header };
        header.write(record.first_chunk_mut().unwrap());
        fs::write(folder.path().join("000000000001.log"), record).unwrap();
        let waiting = reopened(folder.path());
        of_nodes(&waiting.segments(), LOW, HIGH);
        of_sensor(&waiting.segments(), address(NodeNo(2)), 1, ALWAYS);
        assert!(waiting.damage().len() <= 1);
    }
}

#[test]
fn a_segment_is_closed_as_soon_as_it_is_cut_and_removed_beneath_its_readers() {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, waiting) = Log::open(folder.path()).unwrap();
    log.memory = Memory::bounded(Bounds { records_bytes: 0, index_bytes: 0 });
    let batch =
        vec![(2, 5_000, vec![Sample { id: 1, kind: SensorKind::Water, value: 5, status: Status::Normal }])];
    waiting.cut();
    assert!(waiting.segments().is_empty());
    log.append(&readings(&batch), address).unwrap();
    assert!(!waiting.segments()[0].is_closed());
    waiting.remove(1).unwrap();
    assert_eq!(waiting.segments().len(), 1, "what may still grow is not removed");
    waiting.cut();
    log.append(&readings(&batch), address).unwrap();
    let before = waiting.segments();
    assert_eq!(
        before.iter().map(|segment| (segment.number(), segment.is_closed())).collect::<Vec<_>>(),
        [(1, true), (2, false)]
    );
    waiting.remove(1).unwrap();
    assert!(!folder.path().join("000000000001.log").exists());
    assert_eq!(of_nodes(&before, LOW, HIGH), hear([&batch, &batch]));
    assert_eq!(answers(&waiting), hear([&batch]));
    waiting.cut();
    waiting.remove(2).unwrap();
    let (mut log, waiting) = Log::open(folder.path()).unwrap();
    log.number_above(2);
    log.append(&readings(&batch), address).unwrap();
    assert_eq!(waiting.segments()[0].number(), 3, "a number that counts as sealed is not given again");
}

#[test]
fn a_full_disk_does_not_gather_segments() {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, waiting) = Log::open(folder.path()).unwrap();
    let batch =
        vec![(2, 0, vec![Sample { id: 1, kind: SensorKind::Water, value: 5, status: Status::Normal }])];
    for whole in 0..3 {
        for _ in 0..20 {
            log.failing = Some(Failing::Nothing);
            assert!(log.append(&readings(&batch), address).is_err());
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), whole);
        log.append(&readings(&batch), address).unwrap();
    }
    assert_eq!(waiting.segments().len(), 3);
    assert_eq!(answers(&waiting), hear([&batch, &batch, &batch]));
}

#[test]
fn files_of_others_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["notes.txt", "1.log", "000000000001.log.bak", "999999999999.log", "+00000000001.log"] {
        fs::write(folder.path().join(name), "poe1").unwrap();
    }
    let (mut log, waiting) = Log::open(folder.path()).unwrap();
    assert!(waiting.segments().is_empty());
    log.append(&readings(&vec![(2, 0, vec![])]), address).unwrap();
    assert!(waiting.segments().is_empty(), "a batch without readings leaves no trace");
}

#[test]
fn who_asks_while_batches_come_sees_each_as_a_whole_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, waiting) = Log::open(folder.path()).unwrap();
    log.memory = Memory::bounded(Bounds { records_bytes: 1_000, index_bytes: 30_000 });
    std::thread::scope(|scope| {
        let recorder = scope.spawn(move || {
            for value in 0..=255 {
                let sample = Sample { id: 1, kind: SensorKind::Water, value, status: Status::Normal };
                log.append(&readings(&vec![(2, 0, vec![sample; 7])]), address).unwrap();
            }
        });
        let mut ends = BTreeSet::new();
        while !recorder.is_finished() {
            let heard = of_sensor(&waiting.segments(), address(NodeNo(2)), 1, ALWAYS);
            assert_eq!(heard.len() % 7, 0);
            assert!(heard.iter().enumerate().all(|(index, reading)| usize::from(reading.value) == index / 7));
            ends.insert(heard.len());
            if ends.len() % 5 == 0 {
                waiting.cut();
            }
        }
        recorder.join().unwrap();
    });
    assert_eq!(of_sensor(&waiting.segments(), address(NodeNo(2)), 1, ALWAYS).len(), 256 * 7);
}
