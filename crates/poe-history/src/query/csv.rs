//! Readings as lines of CSV.

use crate::{keeper::names, reading::Reading};
use poe_building::SensorKey;

/// The first line.
pub(super) const HEADER: &[u8] = b"time,node,sensor,kind,value,status\n";

const DAY_MS: i64 = 86_400_000;

/// Writes lines, and keeps of one line what the next is likely to have too.
#[derive(Debug, Default)]
pub(super) struct Csv {
    /// The day that `date` is, counted from 1970-01-01.
    day: Option<i64>,
    /// As in `2026-11-23T`.
    date: String,
    /// Whose readings they are, as in `,10.0.0.7,3,`.
    sensor: String,
}

impl Csv {
    /// The sensor whose readings come next.
    pub(super) fn begin(&mut self, sensor: SensorKey) {
        self.sensor = format!(",{},{},", sensor.address, sensor.id);
    }

    /// Adds a line for each reading.
    pub(super) fn write(&mut self, readings: &[Reading], into: &mut Vec<u8>) {
        for reading in readings {
            let (day, of_day_ms) = (reading.time_ms.div_euclid(DAY_MS), reading.time_ms.rem_euclid(DAY_MS));
            if self.day != Some(day) {
                self.day = Some(day);
                self.date = format!("{}T", names::date(day));
            }
            into.extend_from_slice(self.date.as_bytes());
            into.extend_from_slice(&clock(of_day_ms as u32));
            into.extend_from_slice(self.sensor.as_bytes());
            into.extend_from_slice(reading.kind.name().as_bytes());
            into.push(b',');
            write_byte(reading.value, into);
            into.push(b',');
            into.extend_from_slice(reading.status.name().as_bytes());
            into.push(b'\n');
        }
    }
}

/// The time of day, as in `09:04:19.123Z`.
fn clock(of_day_ms: u32) -> [u8; 13] {
    let (seconds, millis) = (of_day_ms / 1_000, of_day_ms % 1_000);
    let (minutes, second) = (seconds / 60, seconds % 60);
    let (hour, minute) = (minutes / 60, minutes % 60);
    let digit = |number: u32| b'0' + (number % 10) as u8;
    [
        digit(hour / 10),
        digit(hour),
        b':',
        digit(minute / 10),
        digit(minute),
        b':',
        digit(second / 10),
        digit(second),
        b'.',
        digit(millis / 100),
        digit(millis / 10),
        digit(millis),
        b'Z',
    ]
}

fn write_byte(value: u8, into: &mut Vec<u8>) {
    let digits = [b'0' + value / 100, b'0' + value / 10 % 10, b'0' + value % 10];
    let shown = if value >= 100 {
        3
    } else if value >= 10 {
        2
    } else {
        1
    };
    into.extend_from_slice(&digits[3 - shown..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use poe_building::Status;
    use poe_wire::SensorKind;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_line_is_what_the_calendar_and_the_numbers_say(
            time_ms in -30_000_000_000_000i64..200_000_000_000_000, later_ms in 0..200_000_000i64, value: u8, id: u8,
        ) {
            let mut lines = Vec::new();
            let mut csv = Csv::default();
            let sensor = SensorKey { address: "10.0.0.7".parse().unwrap(), id };
            let reading = |time_ms| Reading { time_ms, value, kind: SensorKind::Smoke, status: Status::Normal };
            csv.begin(sensor);
            csv.write(&[reading(time_ms), reading(time_ms + later_ms)], &mut lines);
            let expected: String = [time_ms, time_ms + later_ms].into_iter().map(|time_ms| {
                let time = jiff::Timestamp::from_millisecond(time_ms).unwrap();
                format!("{time:.3},10.0.0.7,{id},SMOKE,{value},normal\n")
            }).collect();
            prop_assert_eq!(String::from_utf8(lines).unwrap(), expected);
        }
    }
}
