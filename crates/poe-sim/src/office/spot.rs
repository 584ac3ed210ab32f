//! The places of the office's nodes, and what it is like there.

use crate::COMMON_NODE;
use poe_wire::SensorKind;

/// Where a node is.
#[derive(Debug)]
pub(super) struct Spot {
    /// Its room.
    pub(super) room: &'static str,
    /// In degrees Fahrenheit, at night.
    pub(super) temperature: f64,
    /// By so much the people and the machines of a working day warm it.
    pub(super) warms_by: f64,
    /// In percent.
    pub(super) humidity: f64,
    /// In which part of the time somebody moves there on a working day.
    pub(super) bustle: f64,
    /// Whether somebody cooks there at noon.
    pub(super) cooks: bool,
    /// Whether water could run out there.
    pub(super) is_wet: bool,
}

impl Spot {
    /// The numbers of the sensors that its node has: the first of each kind of the common node.
    pub(super) fn sensors(&'static self) -> impl Iterator<Item = u8> {
        let first = move |id: &u8| {
            let kind = COMMON_NODE[usize::from(*id)];
            COMMON_NODE.iter().position(|other| *other == kind) == Some(usize::from(*id))
                && (kind != SensorKind::Water || self.is_wet)
        };
        (0..COMMON_NODE.len() as u8).filter(first)
    }
}

const ROOM: Spot = Spot {
    room: "",
    temperature: 68.0,
    warms_by: 4.0,
    humidity: 42.0,
    bustle: 0.03,
    cooks: false,
    is_wet: false,
};

pub(super) static SPOTS: [Spot; 16] = [
    Spot { room: "canteen", humidity: 46.0, bustle: 0.05, ..ROOM },
    Spot { room: "kitchen", warms_by: 6.0, humidity: 52.0, cooks: true, is_wet: true, ..ROOM },
    Spot { room: "workshop", temperature: 66.0, ..ROOM },
    Spot { room: "store", temperature: 64.0, warms_by: 1.5, bustle: 0.01, ..ROOM },
    Spot { room: "hall", temperature: 66.0, bustle: 0.08, ..ROOM },
    Spot { room: "reception", bustle: 0.04, ..ROOM },
    Spot { room: "corridor-0", temperature: 67.0, warms_by: 2.0, bustle: 0.08, ..ROOM },
    Spot { room: "stairs-0", temperature: 65.0, warms_by: 2.0, bustle: 0.05, ..ROOM },
    Spot { room: "office-west", warms_by: 5.0, bustle: 0.05, ..ROOM },
    Spot { room: "office-east", warms_by: 5.5, bustle: 0.05, ..ROOM },
    Spot { room: "ada", ..ROOM },
    Spot { room: "noether", ..ROOM },
    Spot { room: "quiet", bustle: 0.01, ..ROOM },
    Spot { room: "archive", temperature: 65.0, warms_by: 0.5, humidity: 48.0, bustle: 0.005, ..ROOM },
    Spot {
        room: "servers",
        temperature: 75.0,
        warms_by: 2.0,
        humidity: 36.0,
        bustle: 0.005,
        is_wet: true,
        ..ROOM
    },
    Spot { room: "corridor-1", temperature: 67.0, warms_by: 2.0, bustle: 0.08, ..ROOM },
];
