//! Five days that are long over, by a seed: what was said then, and what a question about it has to be answered with.

use poe_api::client::Client;
use serde_json::Value;
use std::{fmt::Write as _, fs, net::Ipv4Addr, ops::Range, path::Path};

/// 2025-02-26 22:00 UTC: two hours before midnight, and a month ends on the way.
pub const BEGIN_MS: i64 = 1_740_607_200_000;
/// 2025-03-02 03:00 UTC.
pub const END_MS: i64 = BEGIN_MS + 77 * HOUR_MS;
pub const HOUR_MS: i64 = 3_600_000;
/// The dates that they lie in.
pub const DATES: [&str; 5] = ["2025-02-26", "2025-02-27", "2025-02-28", "2025-03-01", "2025-03-02"];
/// The nodes, none of which is there today.
const NODES: [Ipv4Addr; 3] =
    [Ipv4Addr::new(10, 7, 0, 1), Ipv4Addr::new(10, 7, 0, 2), Ipv4Addr::new(10, 7, 0, 30)];
/// What the sensors of each node measure, by their numbers.
const SENSORS: [(u8, &str); 7] = [
    (0, "FIRE"),
    (1, "SMOKE"),
    (2, "MOTION"),
    (3, "HUMIDITY"),
    (4, "TEMPERATURE"),
    (17, "WATER"),
    (255, "TEMPERATURE"),
];
/// A node says everything about once in this time.
const BURST_MS: u64 = 60_000;

/// Numbers that are the same again for the same seed.
#[derive(Clone, Debug)]
pub struct Seeded(pub u64);

impl Seeded {
    /// A number below this.
    pub fn below(&mut self, end: u64) -> u64 {
        // The steps of SplitMix64, whose every seed is a good one.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// What a sensor said once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Said {
    pub time_ms: i64,
    pub node: Ipv4Addr,
    pub sensor: u8,
    pub kind: &'static str,
    pub value: u8,
}

/// How often a sensor said something, and what together.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Sum {
    pub count: u64,
    pub min: u8,
    pub max: u8,
    pub sum: u64,
}

/// A sensor and a range of time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    pub node: Ipv4Addr,
    pub sensor: u8,
    pub times_ms: Range<i64>,
}

/// What was said, by time.
#[derive(Debug)]
pub struct Past {
    pub said: Vec<Said>,
}

impl Past {
    pub fn new(seed: u64) -> Self {
        let mut seeded = Seeded(seed);
        let mut said = Vec::new();
        for (at, node) in NODES.into_iter().enumerate() {
            let mut values = SENSORS.map(|_| seeded.below(200) as u8);
            let mut time_ms = BEGIN_MS + seeded.below(BURST_MS) as i64;
            while time_ms < END_MS {
                // One of them was unplugged over a midnight.
                let hour = (time_ms - BEGIN_MS) / HOUR_MS;
                if at != 1 || !(20..29).contains(&hour) {
                    for ((sensor, kind), value) in SENSORS.into_iter().zip(&mut values) {
                        *value = value.wrapping_add(seeded.below(5) as u8).wrapping_sub(2);
                        said.push(Said { time_ms, node, sensor, kind, value: *value });
                    }
                }
                time_ms += (BURST_MS / 2 + seeded.below(BURST_MS)) as i64;
            }
        }
        said.sort_by_key(|said| said.time_ms);
        Self { said }
    }

    /// It in two parts, by turns.
    pub fn halves(&self) -> [Self; 2] {
        [0, 1].map(|half| {
            let of_half = |said: &&Said| said.time_ms.div_euclid(10_000) % 2 == half;
            Self { said: self.said.iter().filter(of_half).copied().collect() }
        })
    }

    /// As others would have kept it.
    pub fn write_csv(&self, file: &Path) {
        let mut text = "time,node,sensor,kind,value\n".to_owned();
        for Said { time_ms, node, sensor, kind, value } in &self.said {
            writeln!(text, "{time_ms},{node},{sensor},{kind},{value}").unwrap();
        }
        fs::write(file, text).unwrap();
    }

    /// Every sensor.
    pub fn sensors(&self) -> Vec<(Ipv4Addr, u8)> {
        let of_node = |node| SENSORS.map(|(sensor, _)| (node, sensor));
        NODES.into_iter().flat_map(of_node).collect()
    }

    /// The values that a question is about, by time.
    pub fn values(&self, question: &Question) -> Vec<u8> {
        let of_sensor = |said: &&Said| said.node == question.node && said.sensor == question.sensor;
        let in_time = |said: &&Said| question.times_ms.contains(&said.time_ms);
        self.said.iter().filter(of_sensor).filter(in_time).map(|said| said.value).collect()
    }

    /// What a question has to be answered with.
    pub fn sum(&self, question: &Question) -> Sum {
        let values = self.values(question);
        Sum {
            count: values.len() as u64,
            min: values.iter().copied().min().unwrap_or(0),
            max: values.iter().copied().max().unwrap_or(0),
            sum: values.iter().map(|value| u64::from(*value)).sum(),
        }
    }

    /// A sensor and a range, short or long, that begins and ends with whole hours, minutes, or anywhere.
    pub fn question(&self, seeded: &mut Seeded) -> Question {
        let whole = [1, 1, 60_000, HOUR_MS][seeded.below(4) as usize];
        let length = [90_000, HOUR_MS, 7 * HOUR_MS, END_MS - BEGIN_MS][seeded.below(4) as usize];
        let from = BEGIN_MS + seeded.below((END_MS - BEGIN_MS) as u64) as i64;
        let to = from + 1 + seeded.below(length as u64) as i64;
        let from = from - from % whole;
        let times_ms = from..(to - to % whole).max(from + whole);
        let (sensor, _) = SENSORS[seeded.below(SENSORS.len() as u64) as usize];
        Question { node: NODES[seeded.below(NODES.len() as u64) as usize], sensor, times_ms }
    }
}

impl Question {
    /// What the server answers from its history, in one step.
    #[track_caller]
    pub fn ask(&self, client: &Client) -> Sum {
        let Range { start, end } = self.times_ms;
        let Self { node, sensor, .. } = self;
        let step = end - start;
        let path = format!("/api/v1/history/{node}_{sensor}?from={start}&to={end}&step={step}ms");
        let answer = client.get(&path).unwrap();
        assert_eq!(answer["next"], Value::Null, "{answer}");
        let items = answer["items"].as_array().unwrap();
        assert!(items.len() <= 1, "{answer}");
        let Some(item) = items.first() else { return Sum::default() };
        let number = |name: &str| item[name].as_u64().unwrap();
        let count = number("count");
        Sum {
            count,
            min: number("min") as u8,
            max: number("max") as u8,
            sum: (item["mean"].as_f64().unwrap() * count as f64).round() as u64,
        }
    }

    /// The values that the server tells one by one, by time.
    #[track_caller]
    pub fn values(&self, client: &Client) -> Vec<u8> {
        let Range { start, end } = self.times_ms;
        let Self { node, sensor, .. } = self;
        let path = format!("/api/v1/history/{node}_{sensor}?from={start}&to={end}&limit=100000");
        let mut values = Vec::new();
        let mut after = String::new();
        loop {
            let answer = client.get(&format!("{path}{after}")).unwrap();
            let items = answer["items"].as_array().unwrap();
            values.extend(items.iter().map(|item| item["value"].as_u64().unwrap() as u8));
            match answer["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return values,
            }
        }
    }
}
