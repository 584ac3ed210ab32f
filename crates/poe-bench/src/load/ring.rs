//! What a node says: a ring of frames that all nodes share, so that sending costs no more than a copy.

use poe_wire::{FRAME_BYTES, OPT_POST, SensorKind};
use std::fmt;

/// What the frames hold, and how they are cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Pattern {
    /// Plausible readings of the common node
    Normal,
    /// As normal, without flames and motion: a building in which nothing happens
    Calm,
    /// Heat that comes and goes: every second reading raises an alarm or ends one
    Restless,
    /// Any four bytes
    Random,
    /// Frames of unknown operation or type
    Invalid,
    /// As normal, in writes of one to three bytes
    Fragmented,
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Normal => "normal",
            Self::Calm => "calm",
            Self::Restless => "restless",
            Self::Random => "random",
            Self::Invalid => "invalid",
            Self::Fragmented => "fragmented",
        })
    }
}

/// Whole rounds of all sensors of a node, with the beginning repeated at the end, so that a write that
/// starts in any place is one slice.
pub struct Ring {
    bytes: Vec<u8>,
    frames: usize,
    ids: usize,
}

impl Ring {
    /// About `frames` frames, from which slices of up to `slice_frames` can be cut.
    pub fn new(pattern: Pattern, ids: usize, frames: usize, slice_frames: usize) -> Self {
        let frames = ids * (frames / ids).max(1);
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
        let mut bytes: Vec<u8> =
            (0..frames).flat_map(|at| frame(pattern, (at % ids) as u8, dice.roll())).collect();
        let round: Vec<u8> = bytes.iter().copied().cycle().take(slice_frames * FRAME_BYTES).collect();
        bytes.extend(round);
        Self { bytes, frames, ids }
    }

    /// What comes after the first `sent` bytes, `len` bytes of it.
    pub fn slice(&self, sent: u64, len: usize) -> &[u8] {
        let at = (sent % (self.frames * FRAME_BYTES) as u64) as usize;
        &self.bytes[at..at + len]
    }

    /// The latest frame of each sensor, once a node has sent `frames` of them.
    pub fn latest(&self, frames: u64) -> impl Iterator<Item = [u8; FRAME_BYTES]> {
        let ids = self.ids as u64;
        (0..ids.min(frames)).map(move |sensor| {
            let last = (frames - 1 - sensor) / ids * ids + sensor;
            let at = (last % self.frames as u64) as usize * FRAME_BYTES;
            self.bytes[at..at + FRAME_BYTES].try_into().expect("the slice is one frame long")
        })
    }

    /// What each sensor has said altogether, once a node has sent `frames` frames.
    pub fn totals(&self, frames: u64) -> Vec<Total> {
        let (rounds, rest) = (frames / self.frames as u64, (frames % self.frames as u64) as usize);
        let mut totals = vec![Total::default(); self.ids];
        let (whole, _) = self.bytes.as_chunks::<FRAME_BYTES>();
        for (at, [.., value]) in whole[..self.frames].iter().enumerate() {
            let times = rounds + u64::from(at < rest);
            let total = &mut totals[at % self.ids];
            total.count += times;
            total.sum += times * u64::from(*value);
        }
        totals
    }
}

/// All that one sensor of a node has said.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Total {
    pub count: u64,
    /// Of the values.
    pub sum: u64,
}

/// Xorshift: repeatable, and fast enough never to matter.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

fn frame(pattern: Pattern, id: u8, roll: u64) -> [u8; FRAME_BYTES] {
    match pattern {
        Pattern::Random => (roll as u32).to_le_bytes(),
        Pattern::Invalid => {
            let opt = if roll & 1 == 0 { OPT_POST } else { 7 };
            [opt, id, 6 + (roll >> 8) as u8 % 250, (roll >> 16) as u8]
        }
        Pattern::Normal | Pattern::Fragmented => {
            let kind = kind_on_common_node(id);
            [OPT_POST, id, kind.byte(), reading(kind, roll >> 3)]
        }
        Pattern::Calm => {
            let kind = kind_on_common_node(id);
            [OPT_POST, id, kind.byte(), calm_reading(kind, roll >> 3)]
        }
        Pattern::Restless => {
            [OPT_POST, id, SensorKind::Temperature.byte(), if roll & 8 == 0 { 70 } else { 200 }]
        }
    }
}

fn kind_on_common_node(id: u8) -> SensorKind {
    match id % 21 {
        0..=7 => SensorKind::Fire,
        8..=15 => SensorKind::Smoke,
        16 => SensorKind::Motion,
        17 => SensorKind::Humidity,
        18 | 19 => SensorKind::Temperature,
        _ => SensorKind::Water,
    }
}

/// Mostly calm: a flame once in a thousand readings, motion once in fifty.
fn reading(kind: SensorKind, roll: u64) -> u8 {
    match kind {
        SensorKind::Fire => u8::from(!roll.is_multiple_of(1000)),
        SensorKind::Smoke => 40 + (roll % 17 + (roll >> 8) % 17) as u8,
        SensorKind::Motion => u8::from(roll.is_multiple_of(50)),
        SensorKind::Humidity => 35 + (roll % 3) as u8,
        SensorKind::Temperature => 70 + (roll % 3) as u8,
        SensorKind::Water => (roll % 5) as u8,
    }
}

fn calm_reading(kind: SensorKind, roll: u64) -> u8 {
    match kind {
        SensorKind::Fire => 1,
        SensorKind::Motion => 0,
        _ => reading(kind, roll),
    }
}

#[cfg(test)]
mod tests {
    use super::{Pattern, Ring, Total};

    #[test]
    fn a_slice_over_the_seam_goes_on_with_the_beginning() {
        let ring = Ring::new(Pattern::Normal, 21, 42, 21);
        assert_eq!(&ring.slice(41 * 4, 8)[4..], ring.slice(0, 4));
    }

    #[test]
    fn the_latest_frames_are_the_last_ones_sent() {
        let ring = Ring::new(Pattern::Normal, 21, 42, 21);
        let latest: Vec<_> = ring.latest(43).collect();
        assert_eq!(latest.len(), 21);
        assert_eq!(latest[0], ring.slice(0, 4));
        assert_eq!(latest[1], ring.slice(22 * 4, 4));
        assert_eq!(ring.latest(3).count(), 3);
        assert_eq!(ring.latest(0).count(), 0);
    }

    #[test]
    fn totals_are_those_of_all_frames_sent() {
        let ring = Ring::new(Pattern::Normal, 21, 42, 21);
        for frames in [0, 3, 21, 42, 1_000] {
            let mut counted = vec![Total::default(); 21];
            for at in 0..frames {
                let frame = ring.slice(at * 4, 4);
                let total = &mut counted[usize::from(frame[1])];
                total.count += 1;
                total.sum += u64::from(frame[3]);
            }
            assert_eq!(ring.totals(frames), counted, "{frames}");
        }
    }

    #[test]
    fn nothing_burns_in_a_calm_building() {
        let ring = Ring::new(Pattern::Calm, 21, 16_384, 1);
        let sensors = ring.bytes.as_chunks::<4>().0;
        assert!(sensors.iter().all(|[_, id, _, value]| *id > 7 || *value == 1));
    }
}
