//! Thresholds as data: which value of which kind has which status.

use crate::words::words;
use core::fmt;
use poe_wire::SensorKind;

/// What a value says about the sensor's surroundings.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Status {
    /// Nothing to do.
    Normal,
    /// A person should look.
    Warning,
    /// A person must act.
    Critical,
    /// The profile gives this value no meaning.
    Undefined,
}

impl Status {
    /// Every status, from quiet to loud, then the one without a meaning.
    pub const ALL: [Self; 4] = [Self::Normal, Self::Warning, Self::Critical, Self::Undefined];

    /// The word for it in the table's `status` column, on screens and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Undefined => "undefined",
        }
    }
}

words!(Status);

/// A set of thresholds, looked up by kind and value.
pub struct Profile {
    name: &'static str,
    statuses: [[Status; 256]; SensorKind::ALL.len()],
}

/// From this value up to the next step's, or to 255, the status is this.
struct Step(u8, Status);

impl Profile {
    /// The thresholds that the table's `status` column follows.
    pub const IIT_2022: &'static Self = {
        use Status::{Critical, Normal, Undefined, Warning};
        const PROFILE: Profile = Profile::new(
            "iit-2022",
            [
                (SensorKind::Fire, &[Step(0, Critical), Step(1, Normal)]),
                (SensorKind::Smoke, &[Step(0, Normal), Step(160, Warning), Step(200, Critical)]),
                (SensorKind::Motion, &[Step(0, Normal), Step(1, Critical), Step(2, Undefined)]),
                (SensorKind::Humidity, &[Step(0, Normal), Step(80, Critical)]),
                (SensorKind::Temperature, &[Step(0, Normal), Step(83, Critical)]),
                (SensorKind::Water, &[Step(0, Undefined)]),
            ],
        );
        static IN_PLACE: Profile = PROFILE;
        &IN_PLACE
    };

    /// The profile's name in configuration and on screens.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The status of a sensor of this kind that reads `value`.
    #[inline]
    pub const fn status(&self, kind: SensorKind, value: u8) -> Status {
        self.statuses[kind.byte() as usize][value as usize]
    }

    const fn new(name: &'static str, steps: [(SensorKind, &[Step]); SensorKind::ALL.len()]) -> Self {
        let mut statuses = [[Status::Undefined; 256]; SensorKind::ALL.len()];
        let mut at = 0;
        while at < steps.len() {
            let (kind, steps) = &steps[at];
            let mut step = 0;
            while step < steps.len() {
                let Step(from, status) = steps[step];
                let mut value = from as usize;
                while value < 256 {
                    statuses[kind.byte() as usize][value] = status;
                    value += 1;
                }
                step += 1;
            }
            at += 1;
        }
        Self { name, statuses }
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    #[test]
    fn the_thresholds_of_iit_2022() {
        let mut table = String::new();
        for kind in SensorKind::ALL {
            let mut from = 0;
            for value in 1..=256usize {
                let status = Profile::IIT_2022.status(kind, from as u8);
                if value == 256 || Profile::IIT_2022.status(kind, value as u8) != status {
                    writeln!(table, "{kind:11} {from:3}..={:3} {status}", value - 1).unwrap();
                    from = value;
                }
            }
        }
        expect_test::expect![[r#"
            FIRE          0..=  0 critical
            FIRE          1..=255 normal
            SMOKE         0..=159 normal
            SMOKE       160..=199 warning
            SMOKE       200..=255 critical
            MOTION        0..=  0 normal
            MOTION        1..=  1 critical
            MOTION        2..=255 undefined
            HUMIDITY      0..= 79 normal
            HUMIDITY     80..=255 critical
            TEMPERATURE   0..= 82 normal
            TEMPERATURE  83..=255 critical
            WATER         0..=255 undefined
        "#]]
        .assert_eq(&table);
    }
}
