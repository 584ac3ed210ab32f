//! The common node is the one of the wire protocol, and nothing is wrong where it stands.

use expect_test::expect;
use poe_sim::{BURST_BYTES, COMMON_NODE, CommonNode, SensorFault, misbehave};
use poe_wire::{Frame, FrameReader, Message, SensorKind};
use proptest::prelude::*;

#[test]
fn the_first_burst_of_a_seed_is_the_same_for_ever() {
    let frames = CommonNode::new(4711).frames().map(|frame| format!("{frame:?}")).join("\n");
    expect![[r#"
        01 00 00 01
        01 01 00 01
        01 02 00 01
        01 03 00 01
        01 04 00 01
        01 05 00 01
        01 06 00 01
        01 07 00 01
        01 08 01 39
        01 09 01 31
        01 0A 01 44
        01 0B 01 37
        01 0C 01 41
        01 0D 01 30
        01 0E 01 30
        01 0F 01 3C
        01 10 02 00
        01 11 03 29
        01 12 04 46
        01 13 04 46
        01 14 05 00"#]]
    .assert_eq(&frames);
}

#[test]
fn a_burst_is_its_frames() {
    let (mut one, mut same) = (CommonNode::new(1), CommonNode::new(1));
    for _ in 0..100 {
        assert_eq!(one.burst(), *same.frames().map(|frame| frame.0).as_flattened());
    }
}

#[test]
fn a_room_moves_and_drifts_within_a_day() {
    let mut node = CommonNode::new(7);
    let day: Vec<_> = (0..43_200).map(|_| node.burst()).collect();
    let spread = |id: usize| {
        let values = || day.iter().map(|burst| burst[4 * id + 3]);
        (values().min().unwrap(), values().max().unwrap())
    };
    let moving = day.iter().filter(|burst| burst[4 * 16 + 3] == 1).count();
    expect!["smoke (40, 64) humidity (35, 48) temperature (70, 76), 2815 bursts with motion"].assert_eq(
        &format!(
            "smoke {:?} humidity {:?} temperature {:?}, {moving} bursts with motion",
            spread(8),
            spread(17),
            spread(18),
        ),
    );
}

proptest! {
    #[test]
    fn every_frame_is_of_the_layout_and_alarms_nobody(seed: u64) {
        let mut node = CommonNode::new(seed);
        for frame in (0..2_000).flat_map(|_| node.frames().into_iter().enumerate()) {
            let (place, frame) = frame;
            let Ok(Message::Post { id, kind, value }) = frame.message() else {
                panic!("{frame:?} is no reading");
            };
            prop_assert_eq!((usize::from(id), kind), (place, COMMON_NODE[place]));
            let plausible = match kind {
                SensorKind::Fire => 1..=1,
                SensorKind::Smoke => 40..=75,
                SensorKind::Motion => 0..=1,
                SensorKind::Humidity => 35..=50,
                SensorKind::Temperature => 70..=76,
                SensorKind::Water => 0..=3,
            };
            prop_assert!(plausible.contains(&value), "{} {}", kind, value);
        }
    }

    #[test]
    fn pieces_are_the_stream_and_keep_to_their_length(seed: u64, longest in 1u16..200) {
        let burst = CommonNode::new(seed).burst();
        let pieces = misbehave::fragmented(&burst, longest, seed);
        prop_assert_eq!(pieces.concat(), burst);
        prop_assert!(pieces.iter().all(|piece| (1..=usize::from(longest)).contains(&piece.len())));
    }

    #[test]
    fn injected_frames_are_invalid_and_the_others_untouched(seed: u64, one_in in 1u32..10) {
        let stream = bursts(seed, 20);
        let spoilt = misbehave::with_invalid_frames(&stream, one_in, seed);
        let (valid, invalid): (Vec<Frame>, Vec<Frame>) =
            FrameReader::default().read(&spoilt).partition(|frame| frame.message().is_ok());
        prop_assert_eq!(valid.iter().flat_map(|frame| frame.0).collect::<Vec<_>>(), stream);
        prop_assert!(!invalid.is_empty());
    }
}

#[test]
fn a_shifted_stream_looks_as_valid_as_the_protocol_says() {
    let stream = bursts(3, 1_000);
    let valid_percent = [0, 1, 2, 3].map(|by| {
        let frames: Vec<_> = FrameReader::default().read(misbehave::shifted(&stream, by)).collect();
        let valid = frames.iter().filter(|frame| frame.message().is_ok()).count();
        (100.0 * valid as f64 / frames.len() as f64).round()
    });
    assert_eq!(valid_percent, [100.0, 10.0, 76.0, 26.0]);
}

fn bursts(seed: u64, count: usize) -> Vec<u8> {
    let mut node = CommonNode::new(seed);
    let stream: Vec<u8> = (0..count).flat_map(|_| node.burst()).collect();
    assert_eq!(stream.len(), count * BURST_BYTES);
    stream
}

#[test]
fn a_sensor_that_fails_is_the_only_one_that_reads_something_else() {
    for fault in SensorFault::ALL {
        let failing: Vec<u8> =
            (0..COMMON_NODE.len() as u8).filter(|id| fault.fits(COMMON_NODE[usize::from(*id)])).collect();
        assert!(!failing.is_empty(), "{fault}");
        let (mut sound, mut broken) = (CommonNode::new(4711), CommonNode::new(4711));
        failing.iter().for_each(|id| broken.fail(*id, fault));
        let mut differ = vec![false; COMMON_NODE.len()];
        for _ in 0..5_000 {
            for (id, (sound, broken)) in sound.frames().iter().zip(broken.frames()).enumerate() {
                differ[id] |= *sound != broken;
            }
        }
        for (id, differs) in differ.into_iter().enumerate() {
            assert_eq!(differs, failing.contains(&(id as u8)), "{fault}, sensor {id}");
        }
        failing.iter().for_each(|id| broken.mend(*id));
        assert_eq!(sound.frames(), broken.frames(), "{fault}");
    }
}

#[test]
fn every_fault_has_its_word_and_its_rule() {
    for fault in SensorFault::ALL {
        assert_eq!(fault.name().parse(), Ok(fault));
        assert_eq!(fault.rule(), format!("health.{fault}"));
    }
}
