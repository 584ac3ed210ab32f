//! The code that every frame passes, with nothing around it.
//!
//! Time on a shared machine is noise; the number of instructions is not. This command is small and
//! repeatable, so that [`crate::instructions`] can count what it does.

use crate::failure::Failure;
use crate::load::{Pattern, Ring};
use poe_building::{Building, Changes, Input, Limits, Time};
use poe_wire::{FrameReader, Message};
use std::fmt;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};

/// The sensors of the common node, and the frames of its burst.
const BURST_FRAMES: usize = 21;
const BURST_BYTES: usize = BURST_FRAMES * 4;
/// Between two batches for the recorder: 50,000 frames a second.
const BURSTS_A_TICK: i64 = 100;

/// Take frames through the hot path and print nothing.
#[derive(clap::Args)]
pub struct HotPath {
    /// How many, rounded down to whole bursts of 21
    #[arg(long, default_value_t = 1_000_000)]
    frames: u64,
    /// How far
    #[arg(long, value_enum, default_value_t = Kind::Wire)]
    kind: Kind,
}

/// How far a frame is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Kind {
    /// From bytes to a message
    Wire,
    /// From bytes to a reading of a known sensor, its status, and what has to be written down
    Building,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::Wire, Self::Building];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wire => "wire",
            Self::Building => "building",
        })
    }
}

impl HotPath {
    #[expect(clippy::unnecessary_wraps, reason = "every command has this face")]
    pub fn run(&self) -> Result<(), Failure> {
        let ring = Ring::new(Pattern::Normal, BURST_FRAMES, 100 * BURST_FRAMES, BURST_FRAMES);
        let bursts = (0..self.frames / BURST_FRAMES as u64).map(|burst| burst * BURST_BYTES as u64);
        let bursts = bursts.map(|sent| black_box(ring.slice(sent, BURST_BYTES)));
        match self.kind {
            Kind::Wire => wire(bursts),
            Kind::Building => building(bursts),
        }
        Ok(())
    }
}

/// Bytes in, messages out.
fn wire<'ring>(bursts: impl Iterator<Item = &'ring [u8]>) {
    let mut reader = FrameReader::default();
    for burst in bursts {
        reader.read(burst).for_each(|frame| {
            if let Ok(Message::Post { value, .. }) = frame.message() {
                black_box(value);
            }
        });
    }
}

/// Bytes in, events out.
fn building<'ring>(bursts: impl Iterator<Item = &'ring [u8]>) {
    let mut building = Building::new(Limits::default());
    let mut session = building.open(IpAddr::V4(Ipv4Addr::new(10, 89, 21, 188)));
    let mut events = Vec::new();
    let mut changes = Changes::default();
    for (burst, second) in bursts.zip(0..) {
        let input = Input::Stream { session: &mut session, bytes: burst };
        building.handle(input, Time::from_secs(second), &mut events);
        black_box(&mut events).clear();
        // As the recorder takes them: with each tick, into memory that it gives back.
        if second % BURSTS_A_TICK == 0 {
            building.take_readings(&mut changes);
            black_box(&mut changes).readings.clear();
        }
    }
    black_box(&building);
}
