//! Sensors that fail: what they report in place of what is there.

use crate::seed::Random;
use poe_building::own;
use poe_wire::SensorKind;
use std::{fmt, str::FromStr};

/// A way in which a sensor fails. Each has a rule of its own on the server, and none of them looks like a fire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SensorFault {
    /// It goes on reporting the value that it read first.
    Stuck,
    /// It reports nothing but 0, as an input that nothing is connected to.
    Flat,
    /// It jumps over its first threshold and back with every reading, as a loose contact.
    Chatter,
    /// Now and then it gives no number, which a node sends as 0.
    NanZero,
    /// Its value leaves the byte at one end and comes back at the other.
    ByteWrap,
    /// It reports far more than its siblings, but less than any threshold.
    Outlier,
}

impl SensorFault {
    /// Every fault.
    pub const ALL: [Self; 6] =
        [Self::Stuck, Self::Flat, Self::Chatter, Self::NanZero, Self::ByteWrap, Self::Outlier];

    /// The word for it in scenarios.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stuck => "stuck",
            Self::Flat => "flat",
            Self::Chatter => "chatter",
            Self::NanZero => "nan_zero",
            Self::ByteWrap => "byte_wrap",
            Self::Outlier => "outlier",
        }
    }

    /// The server's rule that names it.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Stuck => own::HEALTH_STUCK,
            Self::Flat => own::HEALTH_FLAT,
            Self::Chatter => own::HEALTH_CHATTER,
            Self::NanZero => own::HEALTH_NAN_ZERO,
            Self::ByteWrap => own::HEALTH_BYTE_WRAP,
            Self::Outlier => own::HEALTH_OUTLIER,
        }
    }

    /// Whether this kind of sensor can fail like this. A flame detector that chatters is a flame that flickers, and a
    /// motion detector may rest for days.
    pub const fn fits(self, kind: SensorKind) -> bool {
        use SensorKind::{Humidity, Smoke, Temperature, Water};
        match self {
            Self::Stuck | Self::Chatter => matches!(kind, Smoke | Humidity | Temperature),
            Self::Flat | Self::Outlier => matches!(kind, Smoke),
            Self::NanZero => matches!(kind, Humidity | Temperature),
            Self::ByteWrap => matches!(kind, Temperature | Water),
        }
    }
}

impl fmt::Display for SensorFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for SensorFault {
    type Err = poe_building::UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|fault| fault.name() == word).ok_or(poe_building::UnknownWord)
    }
}

/// A missing number comes once in so many readings, and with the first.
const NAN_ONE_IN: u32 = 8;
/// A freezing sensor loses so much with every reading; a counter gains as much.
const WRAP_STEP: u8 = 3;
/// Where a freezing sensor stays: 16 degrees below zero.
const WRAP_FLOOR: u8 = 240;
/// A counter that is about to leave its byte begins here.
const WRAP_COUNT_FROM: u8 = 235;
/// Clean air reads 40 to 75, and the first threshold is 160.
const OUTLIER_FROM: u8 = 140;

/// A sensor that fails.
#[derive(Clone, Debug)]
pub(crate) struct Failing {
    fault: SensorFault,
    random: Random,
    readings: u64,
    /// What it reported last.
    last: u8,
}

impl Failing {
    pub(crate) fn new(fault: SensorFault, seed: u64) -> Self {
        Self { fault, random: Random::new(seed), readings: 0, last: 0 }
    }

    /// What the sensor reports where `value` is what there is to read.
    pub(crate) fn read(&mut self, kind: SensorKind, value: u8) -> u8 {
        let first = self.readings == 0;
        self.readings += 1;
        self.last = match self.fault {
            SensorFault::Stuck if first => value,
            SensorFault::Stuck => self.last,
            SensorFault::Flat => 0,
            SensorFault::Chatter if self.readings % 2 == 1 => over_first_threshold(kind),
            SensorFault::Chatter => value,
            SensorFault::NanZero if first || self.random.one_in(NAN_ONE_IN) => 0,
            SensorFault::NanZero => value,
            SensorFault::ByteWrap if kind == SensorKind::Water => match first {
                true => WRAP_COUNT_FROM,
                false => self.last.wrapping_add(WRAP_STEP),
            },
            SensorFault::ByteWrap if first => value,
            SensorFault::ByteWrap => colder(self.last),
            SensorFault::Outlier => OUTLIER_FROM + value % 10,
        };
        self.last
    }
}

/// What the default profile takes for a first sign.
fn over_first_threshold(kind: SensorKind) -> u8 {
    match kind {
        SensorKind::Smoke => 170,
        SensorKind::Temperature => 115,
        _ => 85,
    }
}

/// The next reading of a sensor that freezes. It never reads exactly 0, which would be a missing number.
fn colder(last: u8) -> u8 {
    match last {
        WRAP_FLOOR..=u8::MAX if last - WRAP_FLOOR < WRAP_STEP => WRAP_FLOOR + 1,
        0..=WRAP_STEP => u8::MAX,
        _ => last - WRAP_STEP,
    }
}
